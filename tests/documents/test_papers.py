"""Referral, extract, protocols and letters: every field the acts name is on the paper."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from paper_examples import (
    ANNULMENT,
    BLANK,
    BLANK_UNKNOWN,
    DAY,
    EXTRACT,
    LETTER,
    LONG_NAME,
    ORAL_10,
    PROTOCOL_ORAL,
    PROTOCOL_WRITTEN,
    REFERRAL,
    REFUSAL,
    RETURN,
    day_participants,
    tasks,
)
from paper_reading import pdf_last_page, pdf_pages, pdf_text
from pypdf import PdfReader

from merilo.foundation import documents as d
from merilo.foundation.documents.wording import into_grade, of_working_days

PAPERS = {
    "referral": lambda: d.referral_pdf(REFERRAL),
    "extract": lambda: d.extract_pdf(EXTRACT),
    "mark protocol": lambda: d.mark_protocol_pdf(PROTOCOL_ORAL),
    "day protocol": lambda: d.day_protocol_pdf(DAY),
    "return": lambda: d.return_letter_pdf(RETURN),
    "refusal": lambda: d.refusal_letter_pdf(REFUSAL),
    "letter": lambda: d.letter_pdf(LETTER),
}


@pytest.mark.parametrize("name", PAPERS)
def test_every_paper_is_tagged_titled_and_speaks_russian(name):
    reader = PdfReader(BytesIO(PAPERS[name]()))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].startswith("ru")
    assert reader.metadata.title
    assert "pdfuaid" in root["/Metadata"].get_data().decode()


@pytest.mark.parametrize("name", PAPERS)
def test_the_fonts_travel_inside_the_file(name):
    for page in PdfReader(BytesIO(PAPERS[name]())).pages:
        for font in page["/Resources"]["/Font"].values():
            below = font.get_object()["/DescendantFonts"][0].get_object()
            descriptor = below["/FontDescriptor"].get_object()
            assert "/FontFile2" in descriptor or "/FontFile3" in descriptor
            assert "+PT" in descriptor["/FontName"]


def test_several_people_may_print_at_once():
    forms = [replace(PROTOCOL_ORAL, full_name=f"Участник {n}") for n in range(12)]
    with ThreadPoolExecutor(4) as pool:
        texts = [pdf_text(data) for data in pool.map(d.mark_protocol_pdf, forms)]
    assert all(f"Участник {n} " in text for n, text in enumerate(texts))


def test_rows_of_a_specification_are_gathered_under_their_tasks():
    gathered = d.tasks_from([(8, "З8", 1, 1), (9, "И1", 1, 0), (9, "И2", 2, None)])
    assert [(task.title, [row.code for row in task.criteria]) for task in gathered] == [
        ("Задание 8", ["З8"]),
        ("Задание 9", ["И1", "И2"]),
    ]
    assert gathered[1].criteria[1] == d.Criterion(code="И2", max_points=2, points=None)


# --- referral ---------------------------------------------------------------------------------


def test_a_referral_says_where_by_when_and_what_happens_otherwise():
    text = pdf_text(d.referral_pdf(REFERRAL))
    for phrase in (
        "№ 25-0431 от 16.03.2026",
        "Средняя общеобразовательная школа № 25",
        "Рахимова Зарина Фарруховна",
        "03.09.2017",
        "свидетельство о рождении I-АА № 000000",
        "устная и письменная",
        "Средняя общеобразовательная школа № 4",
        "г. Находка, ул. Сосновая, д. 12",
        "8 (4236) 00-00-04",
        "до 26.03.2026 включительно",
        "7 рабочих дней после получения уведомления (17.03.2026)",
        "не ранее чем через 7 рабочих дней после записи",
        "Записаться нужно лично",
        "заявление о приёме на обучение аннулируется",
        "документ, удостоверяющий личность родителя",
        "07.04.2026",
        "19.05.2026",
        "Отметка о получении уведомления",
        "п. 3.1–3.3, 4.5.2",
    ):
        assert phrase in text
    assert pdf_pages(d.referral_pdf(REFERRAL)) == 1


def test_before_the_receipt_is_known_a_referral_prints_the_term_and_no_date():
    form = replace(REFERRAL, book_until=None, received_on=None, received_how="", dates=())
    text = pdf_text(d.referral_pdf(form))
    assert "в течение 7 рабочих дней после получения этого уведомления" in text
    assert "26.03.2026" not in text
    assert "Даты назовёт тестирующая организация" in text


def test_a_repeated_referral_says_so_and_names_the_earliest_date():
    form = replace(REFERRAL, attempt_no=2, retest_not_before=date(2026, 7, 14), oral_only=True)
    text = pdf_text(d.referral_pdf(form))
    assert "повторное" in text
    assert "не ранее 14.07.2026" in text
    assert "устная и письменная" not in text


def test_the_code_on_a_referral_holds_the_page_and_the_number_and_no_name():
    payload = d.referral_qr_payload(REFERRAL)
    assert payload == "https://merilo.example.org/status?number=25-0431"
    assert "Рахимова" not in payload
    odd = replace(REFERRAL, number="25/7 & 8")
    assert d.referral_qr_payload(odd).endswith("?number=25%2F7+%26+8")


def test_a_referral_with_thirty_dates_and_a_very_long_name_stays_whole():
    dates = tuple(d.TestDate(day=date(2026, 5, day), note="мест: 12") for day in range(1, 31))
    form = replace(REFERRAL, dates=dates, full_name=LONG_NAME, place="ППТ 0404")
    text = pdf_text(d.referral_pdf(form))
    assert all(one.day.strftime("%d.%m.%Y") in text for one in dates)
    assert "Зигмаринген" in text
    assert "фамилия, инициалы получателя" in text


# --- extract ----------------------------------------------------------------------------------


def test_an_extract_gives_the_sums_the_minimums_and_the_conclusion():
    text = pdf_text(d.extract_pdf(EXTRACT))
    for phrase in (
        "№ В-17 от 16.04.2026", "№ 4/2026 от 15.04.2026", "14 апреля 2026 г.",
        "01509910", "№ 25-0432 от 16.03.2026", "9 из 10", "13 из 14", "22 из 24", "91,7 %",
        "22 / 9", "Уровень знания русского языка достаточный", "Выписка верна",
    ):  # fmt: skip
        assert phrase in text


def test_an_extract_of_an_annulled_attempt_gives_the_reason_and_no_points():
    form = replace(EXTRACT, annulment=ANNULMENT, passed=False)
    text = pdf_text(d.extract_pdf(form))
    assert "аннулированы" in text
    assert ANNULMENT.reason in text
    for hidden in ("баллов", "22", "91,7", "УЧ-103"):
        assert hidden not in text


def test_an_extract_of_an_oral_only_attempt_has_no_written_row():
    form = replace(
        EXTRACT, written=None, total=9, total_max=10, total_min=9, attempt_no=2, grade=7
    )
    text = pdf_text(d.extract_pdf(form))
    assert "письменную" not in text
    assert "повторное" in text


# --- protocols --------------------------------------------------------------------------------


def test_a_mark_protocol_has_every_field_of_the_act():
    text = pdf_text(d.mark_protocol_pdf(PROTOCOL_ORAL))
    for phrase in (
        "устная часть", "Средняя общеобразовательная школа № 4", "ППТ 0404",
        "Рахимов Фаррух Саидович", "Класс 10", "Номер аудитории 12", "Номер варианта УЧ-103",
        "Задание 4", "П2", "Общее количество баллов за выполнение заданий устной части 10 9",
        "Морозова Ольга Игоревна", "подпись", "15.04.2026", "во время устного ответа",
    ):  # fmt: skip
        assert phrase in text
    assert "Версия" not in text


def test_a_later_version_of_a_protocol_names_its_number_and_reason():
    text = pdf_text(d.mark_protocol_pdf(PROTOCOL_WRITTEN))
    assert "Версия 2. Причина: техническая ошибка при вводе" in text
    with pytest.raises(d.Contradiction, match="why"):
        d.mark_protocol_pdf(replace(PROTOCOL_WRITTEN, version_reason=""))


def test_a_blank_holds_the_rows_and_none_of_the_marks():
    text = pdf_text(d.mark_protocol_pdf(BLANK))
    assert "Бланк для заполнения" in text
    assert "З15" in text
    assert "Морозова" not in text
    assert "15.04.2026" not in text
    assert "письменной части 14 Эксперт" in text


def test_a_blank_without_a_specification_leaves_rows_for_the_pen():
    text = pdf_text(d.mark_protocol_pdf(BLANK_UNKNOWN))
    assert "Спецификация письменной части для 5 класса не загружена" in text
    filled = replace(
        BLANK_UNKNOWN, blank=False, total=9, expert="Морозова О. И.", checked_on=date(2026, 4, 15)
    )
    assert "внесена только сумма баллов" in pdf_text(d.mark_protocol_pdf(filled))


def test_a_protocol_without_an_expert_or_with_a_wrong_sum_is_not_printed():
    for broken in (
        replace(PROTOCOL_ORAL, expert=""),
        replace(PROTOCOL_ORAL, checked_on=None),
        replace(PROTOCOL_ORAL, total=10),
        replace(PROTOCOL_ORAL, tasks=tasks(ORAL_10, marked=False), total=0),
    ):
        with pytest.raises(d.Contradiction):
            d.mark_protocol_pdf(broken)


def test_the_blanks_of_a_day_come_in_one_file_a_page_each():
    blanks = [replace(BLANK, full_name=f"Участник {n}") for n in range(1, 13)]
    data = d.mark_protocols_pdf(blanks)
    assert pdf_pages(data) == 12
    assert "Участник 12" in pdf_text(data)
    with pytest.raises(d.Contradiction):
        d.mark_protocols_pdf([])


def test_a_day_protocol_of_thirty_participants_lists_them_all_and_repeats_its_headings():
    data = d.day_protocol_pdf(DAY)
    text = pdf_text(data)
    assert all(f"{n:03}09902" in text for n in range(1, 32))
    # On every page the table of participants runs over; the last page is of what follows it.
    assert text.count("Предъявленные документы") == pdf_pages(data) - 1 >= 2
    for phrase in (
        "№ 4/2026 от 14.04.2026", "Инструктаж участников 08:55", "09:05 – 09:40",
        "09:45 – 10:25", "Председатель комиссии", "Проводит письменную часть",
        "Ким Аркадий", "№ 25-0440", "F17_DEVICE", "пользование средствами связи",
        "Сидорова И. И., 10:05", "отключилось освещение", "не явилось: 1",
        "приказ школы от 10.03.2026 № 14", "свидетельство о рождении; паспорт родителя",
    ):  # fmt: skip
        assert phrase in text


def test_a_quiet_day_says_that_nothing_happened():
    quiet = replace(
        DAY, participants=(), no_shows=(), annulments=(), incidents=(), appointed_by="",
        oral_finished_at=None, written_started_at=None, written_finished_at=None,
        briefing_at=None, scheme="",
    )  # fmt: skip
    text = pdf_text(d.day_protocol_pdf(quiet))
    assert "Участников не было" in text
    assert "Решений об аннулировании не принималось" in text
    assert "09:05 – __:__" in text
    assert "Письменная часть" not in text


def test_an_oral_only_participant_has_no_written_variant_in_the_day_protocol():
    one = replace(day_participants(1)[0], oral_only=True)
    text = pdf_text(d.day_protocol_pdf(replace(DAY, participants=(one,), no_shows=())))
    assert "ПЧ-011" not in text


# --- letters ----------------------------------------------------------------------------------


def test_a_return_lists_every_defect_at_once():
    text = pdf_text(d.return_letter_pdf(RETURN))
    for defect in RETURN.defects:
        assert defect.document in text
        assert defect.problem in text
        assert defect.remedy in text
    assert "№ 25-0431 от 05.03.2026" in text
    assert "во 2 класс" in text
    assert "Срок повторной подачи не ограничен" in text
    with pytest.raises(d.Contradiction):
        d.return_letter_pdf(replace(RETURN, defects=()))


def test_forty_defects_break_over_pages_with_the_headings_repeated():
    many = tuple(
        d.Defect(document=f"Документ {n}", problem="не представлен, " * 6) for n in range(40)
    )
    data = d.return_letter_pdf(replace(RETURN, defects=many, reapply=""))
    assert pdf_pages(data) > 1
    text = pdf_text(data)
    assert "Документ 39" in text
    assert text.count("Что сделать") >= pdf_pages(data) - 1
    assert "Директор" in pdf_last_page(data)
    assert "Основание:" in pdf_last_page(data)  # a signature never stands alone on a page


def test_a_refusal_names_each_reason_with_its_norm():
    text = pdf_text(d.refusal_letter_pdf(REFUSAL))
    assert "Причины отказа: 1. Тестирование" in text
    assert "Порядок проведения тестирования, п. 2.1" in text
    assert "нет свободных мест" in text
    assert "Перечень организаций" in text
    one = replace(REFUSAL, reasons=REFUSAL.reasons[:1])
    assert "Причина отказа:" in pdf_text(d.refusal_letter_pdf(one))
    with pytest.raises(d.Contradiction):
        d.refusal_letter_pdf(replace(REFUSAL, reasons=()))


def test_a_plain_letter_keeps_its_order():
    text = pdf_text(d.letter_pdf(LETTER))
    places = [
        text.index(phrase)
        for phrase in (
            "Директору МБОУ", "О неявке участника", "Сообщаем", "1. Участник записан",
            "2. О причинах", "Просим уточнить", "Основание:", "А. А. Петрова",
        )
    ]  # fmt: skip
    assert places[1:] == sorted(places[1:])


def test_working_days_and_grades_agree_in_russian():
    assert [of_working_days(n).replace("\u00a0", " ") for n in (1, 2, 7, 11, 21)] == [
        "1 рабочего дня", "2 рабочих дней", "7 рабочих дней", "11 рабочих дней",
        "21 рабочего дня",
    ]  # fmt: skip
    assert into_grade(2).startswith("во 2")
    assert into_grade(11).startswith("в 11")


def test_letters_of_other_alphabets_are_printed():
    name = "Əliyeva Günəl, Nguyễn Thị Hồng, Қуанышбекұлы Әділ, Ғуломов Ҷамшед"
    assert name in pdf_text(d.mark_protocol_pdf(replace(PROTOCOL_ORAL, full_name=name)))
