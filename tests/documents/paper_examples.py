"""Forms with invented people and schools, for the tests of the papers and for looking at them."""

from dataclasses import replace
from datetime import date, time
from decimal import Decimal

from merilo.foundation import documents as d

SCHOOL = d.Organisation(
    name="МБОУ «Средняя общеобразовательная школа № 25 города Находки»",
    address="692904, Приморский край, г. Находка, ул. Кедровая, д. 7",
    phone="8 (4236) 00-00-25",
    email="school25@example.org",
    above="Управление образования администрации Находкинского городского округа",
)
TESTING_ORG = d.Organisation(
    name="МБОУ «Средняя общеобразовательная школа № 4»",
    address="г. Находка, ул. Сосновая, д. 12",
    phone="8 (4236) 00-00-04",
)
HEAD = d.Signatory(position="Директор", name="А. А. Петрова")
DATES = tuple(
    d.TestDate(day=one, note=note)
    for one, note in (
        (date(2026, 4, 7), "мест: 6"),
        (date(2026, 4, 14), "мест: 12"),
        (date(2026, 4, 21), ""),
        (date(2026, 4, 28), ""),
        (date(2026, 5, 12), ""),
        (date(2026, 5, 19), ""),
    )
)

REFERRAL = d.Referral(
    number="25-0431",
    issued_on=date(2026, 3, 16),
    school=SCHOOL,
    full_name="Рахимова Зарина Фарруховна",
    birth_date=date(2017, 9, 3),
    id_document="свидетельство о рождении I-АА № 000000",
    grade=2,
    oral_only=False,
    testing_org=TESTING_ORG,
    book_within_wd=7,
    book_until=date(2026, 3, 26),
    received_on=date(2026, 3, 17),
    received_how="лично",
    lead_wd=7,
    miss_consequence="заявление о приёме на обучение аннулируется.",
    status_url="https://merilo.example.org/status",
    signatory=HEAD,
    dates=DATES,
    law="Порядок проведения тестирования (приказ министерства образования Приморского края "
    "от 21.04.2025 № пр.23а-566, приложение 1), п. 3.1–3.3, 4.5.2",
)

ORAL_1 = (("Задание 1", "Д1 Д2 Д3"), ("Задание 2", "М1 М2"), ("Задание 3", "Ч1 Ч2 Ч3"),
          ("Задание 4", "П1 П2"))  # fmt: skip
ORAL_10 = (("Задание 1", "Д1 Д2"), ("Задание 2", "М1 М2 М3"), ("Задание 3", "Ч1 Ч2 Ч3"),
           ("Задание 4", "П1 П2"))  # fmt: skip
WRITTEN_10 = (
    *((f"Задание {n}", f"З{n}") for n in (5, 6, 7, 8)),
    ("Задание 9", "И1 И2 И3 И4"),
    *((f"Задание {n}", f"З{n}") for n in range(10, 16)),
)


def tasks(layout, wrong=(), marked=True):
    """Tasks with one point for every criterion but the wrong ones."""
    return tuple(
        d.Task(
            title=title,
            criteria=tuple(
                d.Criterion(
                    code=code,
                    points=(0 if code in wrong else 1) if marked else None,
                    max_points=1,
                )
                for code in codes.split()
            ),
        )
        for title, codes in layout
    )


GRADE_10 = d.ResultNotice(
    testing_org=TESTING_ORG.name,
    test_date=date(2026, 4, 14),
    grade=10,
    full_name="Рахимов Фаррух Саидович",
    id_document="паспорт иностранного гражданина AB 0000000",
    oral=d.Part(variant="УЧ-103", tasks=tasks(ORAL_10, {"Ч2"}), total=9, total_max=10),
    written=d.Part(variant="ПЧ-211", tasks=tasks(WRITTEN_10, {"З13"}), total=13, total_max=14),
    total=22,
    total_max=24,
    percent=Decimal(22) / Decimal(24) * 100,
    total_min=22,
    oral_min=9,
    total_reached=True,
    oral_reached=True,
    passed=True,
    number="10-0007",
    issued_on=date(2026, 4, 17),
    unique_code="01509910",
    next_steps=(
        "Школа сообщит решение о приёме по адресу, указанному в заявлении.",
        "Апелляцию можно подать до 20.04.2026 включительно в апелляционную комиссию.",
    ),
    signatory=HEAD,
)
ORDER_FORM = replace(GRADE_10, as_order_form=True)
GRADE_1 = replace(
    GRADE_10,
    grade=1,
    full_name="Рахимова Зарина Фарруховна",
    oral=d.Part(tasks=tasks(ORAL_1, {"Ч3", "М2"}), total=8, total_max=10),
    written=None,
    total=8,
    total_max=10,
    percent=Decimal(80),
    total_min=9,
    oral_min=9,
    total_reached=False,
    oral_reached=False,
    passed=False,
    unique_code="01509901",
    next_steps=("Пройти тестирование повторно можно не ранее 14.07.2026, по новому заявлению.",),
)
GRADE_2 = replace(
    GRADE_10,
    grade=2,
    written=d.Part(variant="ПЧ-011", total=9, total_max=10),
    total=18,
    total_max=20,
    percent=Decimal(90),
    total_min=18,
    unique_code="01509902",
)
LITERAL_5 = replace(GRADE_10, grade=5, as_order_form=True)
ORAL_ONLY_7 = replace(
    GRADE_10, grade=7, written=None, total=9, total_max=10, percent=Decimal(90), total_min=9
)
ANNULMENT = d.Annulment(
    reason_code="F17_DEVICE",
    reason="пользование средствами связи во время письменной части",
    law="Порядок, п. 7.4, 7.5",
    decided_on=date(2026, 4, 14),
    decided_by="председатель комиссии И. И. Сидорова",
)
ANNULLED = replace(
    GRADE_10, passed=False, annulment=ANNULMENT, total_reached=False, oral_reached=False,
    next_steps=("Пройти тестирование повторно можно не ранее 14.07.2026, по новому заявлению.",),
)  # fmt: skip

LONG_NAME = (
    "Абдурахманбердиева-Нурмухаммедсаидова Гульнорабегимхон-Муниравваройхон "
    "Мухаммадабдулазизхаджиевна оглы кызы фон Гогенцоллерн-Зигмаринген"
)

EXTRACT = d.Extract(
    number="В-17",
    issued_on=date(2026, 4, 16),
    protocol_number="4/2026",
    protocol_date=date(2026, 4, 15),
    testing_org=TESTING_ORG,
    school=SCHOOL.name,
    place="ППТ 0404, г. Находка, ул. Сосновая, д. 12",
    test_date=date(2026, 4, 14),
    full_name=GRADE_10.full_name,
    birth_date=date(2009, 6, 21),
    grade=10,
    unique_code="01509910",
    referral_number="25-0432",
    referral_date=date(2026, 3, 16),
    oral=GRADE_10.oral,
    written=GRADE_10.written,
    total=22,
    total_max=24,
    percent=GRADE_10.percent,
    total_min=22,
    oral_min=9,
    passed=True,
    signatory=d.Signatory(position="Председатель комиссии", name="И. И. Сидорова"),
    law="Порядок проведения тестирования, п. 4.4.6",
)

PROTOCOL_ORAL = d.MarkProtocol(
    part="oral",
    testing_org=TESTING_ORG.name,
    place="ППТ 0404",
    test_date=date(2026, 4, 14),
    full_name=GRADE_10.full_name,
    grade=10,
    room="12",
    variant="УЧ-103",
    tasks=tasks(ORAL_10, {"Ч2"}),
    total=9,
    total_max=10,
    expert="Морозова Ольга Игоревна",
    checked_on=date(2026, 4, 15),
    unique_code="01509910",
    scheme="во время устного ответа",
)
PROTOCOL_WRITTEN = replace(
    PROTOCOL_ORAL, part="written", variant="ПЧ-211", tasks=tasks(WRITTEN_10, {"З13"}), total=13,
    total_max=14, scheme="", version=2, version_reason="техническая ошибка при вводе",
)  # fmt: skip
BLANK = replace(PROTOCOL_WRITTEN, blank=True, version=1, version_reason="", room="", variant="")
BLANK_UNKNOWN = replace(BLANK, grade=5, tasks=(), total_max=10)

COMMISSION = (
    d.CommissionMember(name="Сидорова Ирина Ивановна", duty="Председатель комиссии"),
    d.CommissionMember(name="Кузнецов Пётр Андреевич", duty="Проводит устную часть"),
    d.CommissionMember(name="Морозова Ольга Игоревна", duty="Эксперт: устная и письменная части"),
    d.CommissionMember(name="Егорова Анна Львовна", duty="Проводит письменную часть"),
)


def day_participants(count):
    return tuple(
        d.DayParticipant(
            code=f"{n:03}09902",
            full_name=f"Назарова Мадина Рустамовна {n}" if n != 3 else LONG_NAME,
            grade=2,
            oral_only=n % 5 == 0,
            variant_oral=f"УЧ-{100 + n}",
            variant_written="ПЧ-011",
            room_oral="12",
            room_written="14",
            arrived_at=time(8, 40),
            documents="свидетельство о рождении; паспорт родителя",
            outcome="прошёл обе части" if n != 7 else "аннулировано",
        )
        for n in range(1, count + 1)
    )


DAY = d.DayProtocol(
    number="4/2026",
    test_date=date(2026, 4, 14),
    testing_org=TESTING_ORG.name,
    place="ППТ 0404",
    place_address=TESTING_ORG.address,
    commission=COMMISSION,
    participants=day_participants(30),
    no_shows=(
        d.NoShow(full_name="Ким Аркадий", grade=2, referral_number="25-0440",
                 school=SCHOOL.name, code="03109902"),
    ),
    annulments=(
        d.DayAnnulment(code="00709902", full_name="Назарова Мадина Рустамовна 7",
                       reason_code="F17_DEVICE", reason=ANNULMENT.reason, law=ANNULMENT.law,
                       decided_by="Сидорова И. И.", decided_at=time(10, 5)),
    ),
    incidents=(
        d.Incident(at=time(9, 50), words="На четыре минуты отключилось освещение.",
                   measures="Время письменной части продлено на четыре минуты."),
    ),
    briefing_at=time(8, 55),
    oral_started_at=time(9, 5),
    oral_finished_at=time(9, 40),
    written_started_at=time(9, 45),
    written_finished_at=time(10, 25),
    scheme="во время устного ответа, с повторным прослушиванием",
    appointed_by="приказ школы от 10.03.2026 № 14",
)  # fmt: skip

TO_PARENT = ("Рахимову С. Ф.", "г. Находка, ул. Тихая, д. 3, кв. 8")
RETURN = d.ReturnLetter(
    school=SCHOOL,
    number="01-18/112",
    issued_on=date(2026, 3, 10),
    addressee=TO_PARENT,
    application_number="25-0431",
    application_date=date(2026, 3, 5),
    full_name="Рахимова Зарина Фарруховна",
    grade=2,
    defects=(
        d.Defect(document="Миграционная карта ребёнка", problem="срок истёк 30.01.2026",
                 remedy="приложить действующий документ"),
        d.Defect(document="Подтверждение изучения русского языка", problem="не представлено",
                 remedy="приложить, если ребёнок изучал русский язык за рубежом"),
        d.Defect(document="Свидетельство о рождении", problem="нет заверенного перевода",
                 remedy="приложить перевод, заверенный нотариально"),
    ),
    signatory=HEAD,
    law="Порядок приёма на обучение (приказ Минпросвещения России от 02.09.2020 № 458)",
    contact="Исполнитель: секретарь Н. В. Орлова, 8 (4236) 00-00-25",
)  # fmt: skip
REFUSAL = d.RefusalLetter(
    school=SCHOOL,
    number="01-18/140",
    issued_on=date(2026, 4, 20),
    addressee=TO_PARENT,
    application_number="25-0431",
    application_date=date(2026, 3, 5),
    full_name="Рахимова Зарина Фарруховна",
    grade=2,
    reasons=(
        d.RefusalReason(words="Тестирование на знание русского языка не пройдено.",
                        law="Порядок проведения тестирования, п. 2.1"),
        d.RefusalReason(words="В школе нет свободных мест во 2 классе."),
    ),
    signatory=HEAD,
    what_next=(
        "Ребёнку предложено дополнительное обучение русскому языку; перечень организаций "
        "приложен.",
    ),
    attachments=("Уведомление о результатах тестирования.", "Перечень организаций."),
)  # fmt: skip
LETTER = d.Letter(
    organisation=TESTING_ORG,
    number="12",
    issued_on=date(2026, 4, 1),
    addressee=("Директору МБОУ «СОШ № 25»", "А. А. Петровой"),
    title="О неявке участника тестирования",
    paragraphs=(
        "Сообщаем о неявке на тестирование 14.04.2026 участника по направлению № 25-0440.",
    ),
    items=("Участник записан лично 20.03.2026.", "О причинах неявки сведений нет."),
    closing=("Просим уточнить причину неявки.",),
    law="Порядок проведения тестирования, п. 4.4.7",
    signatory=HEAD,
)
