"""Protocols of the day and of the marking: a frozen form in, the bytes of a PDF out."""

from collections.abc import Iterable

from . import wording
from .agreement import check_protocol
from .forms import Contradiction, DayProtocol, MarkProtocol
from .typesetting import typeset
from .wording import clock_time, day, day_in_words, numbered


def mark_protocol_pdf(form: MarkProtocol) -> bytes:
    """«Протокол проверки ответов», one part of one participant (Порядок, п. 8.1), A4."""
    return mark_protocols_pdf([form])


def mark_protocols_pdf(forms: Iterable[MarkProtocol]) -> bytes:
    """Several protocols, each from a new page: the blanks of a whole day in one file."""
    printed = list(forms)
    if not printed:
        raise Contradiction("There is not one protocol to print.")
    title = "Протокол проверки ответов участника тестирования"
    if len(printed) > 1:
        title = f"Протоколы проверки ответов участников тестирования ({len(printed)})"
    return typeset(
        "mark_protocol",
        {
            "title": title,
            "footer": "",  # every page is a paper of its own
            "date": max(form.checked_on or form.test_date for form in printed).isoformat(),
            "protocols": [_mark_protocol(form) for form in printed],
        },
    )


def _mark_protocol(form: MarkProtocol) -> dict[str, object]:
    check_protocol(form)
    part = "устная" if form.part == "oral" else "письменная"
    genitive = "устной" if form.part == "oral" else "письменной"
    tasks = [
        {
            "title": task.title,
            "rows": [
                {
                    "code": row.code,
                    "max": "" if row.max_points is None else str(row.max_points),
                    "points": "" if form.blank or row.points is None else str(row.points),
                }
                for row in task.criteria
            ],
        }
        for task in form.tasks
    ]
    note = ""
    if not tasks:
        empty = {"code": "", "max": "", "points": ""}
        rows = form.empty_rows if form.blank else 0
        tasks = [{"title": "", "rows": [dict(empty)]} for _ in range(rows)]
        note = (
            f"Спецификация {genitive} части для {form.grade} класса не загружена: "
            "критерии вписываются от руки по критериям оценивания комплекта."
            if form.blank
            else f"Спецификация {genitive} части для {form.grade} класса не загружена: "
            "внесена только сумма баллов."
        )
    if form.version > 1:
        subtitle = f"Версия {form.version}. Причина: {form.version_reason}"
    else:
        subtitle = "Бланк для заполнения" if form.blank else ""
    total_max = form.total_max
    return {
        "part": part,
        "subtitle": subtitle,
        "head": [
            ("Тестирующая организация", form.testing_org),
            ("Пункт прохождения тестирования (ППТ)", form.place),
            ("Дата тестирования", day(form.test_date)),
            ("Фамилия, имя, отчество участника", form.full_name),
            *wording.known(("Уникальный код участника", form.unique_code)),
            ("Класс", str(form.grade)),
            ("Номер аудитории", form.room),
            ("Номер варианта", form.variant),
            *wording.known(("Схема проверки", form.scheme)),
        ],
        "tasks": tasks,
        "for_pen": form.blank,
        "total_label": f"Общее количество баллов за выполнение заданий {genitive} части",
        "total_max": "" if total_max is None else str(total_max),
        "total": "" if form.blank else wording.points(form.total),
        "note": note,
        "expert": "" if form.blank else form.expert,
        "checked_on": "" if form.blank else day(form.checked_on),
    }


def day_protocol_pdf(form: DayProtocol) -> bytes:
    """«Протокол проведения тестирования» of one place and day (Порядок, п. 7), A4 landscape."""
    title = f"Протокол проведения тестирования {numbered(form.number, form.test_date)}"

    def span(start: object, end: object) -> str:
        return f"{start or '__:__'} – {end or '__:__'}" if start or end else ""

    def decided(by: str, at: str) -> str:
        return f"{by}, {at}" if at else by

    return typeset(
        "day_protocol",
        {
            "title": title,
            "footer": title,
            "date": form.test_date.isoformat(),
            "author": form.testing_org,
            "numbered": numbered(form.number, form.test_date),
            "place": wording.known(
                ("Тестирующая организация", form.testing_org),
                ("ППТ", form.place),
                ("Адрес", form.place_address),
                ("Дата тестирования", day_in_words(form.test_date)),
            ),
            "times": wording.known(
                ("Инструктаж участников", clock_time(form.briefing_at) or "__:__"),
                (
                    "Устная часть",
                    span(clock_time(form.oral_started_at), clock_time(form.oral_finished_at)),
                ),
                (
                    "Письменная часть",
                    span(
                        clock_time(form.written_started_at), clock_time(form.written_finished_at)
                    ),
                ),
                ("Проверка устных ответов", form.scheme),
            ),
            "appointed_by": f"Состав утверждён: {form.appointed_by}" if form.appointed_by else "",
            "commission": [{"name": m.name, "duty": m.duty} for m in form.commission],
            "participants": [
                {
                    "code": p.code,
                    "full_name": p.full_name,
                    "grade": str(p.grade),
                    "form": "УЧ" if p.oral_only else "УЧ и ПЧ",
                    "variant_oral": p.variant_oral,
                    "variant_written": wording.DASH if p.oral_only else p.variant_written,
                    "room_oral": p.room_oral,
                    "room_written": wording.DASH if p.oral_only else p.room_written,
                    "arrived_at": clock_time(p.arrived_at),
                    "documents": p.documents,
                    "outcome": p.outcome,
                }
                for p in form.participants
            ],
            "counts": {
                "came": str(len(form.participants)),
                "missed": str(len(form.no_shows)),
                "refused": str(len(form.not_admitted)),
                "annulled": str(len(form.annulments)),
            },
            "no_shows": [
                {
                    "code": p.code,
                    "full_name": p.full_name,
                    "grade": str(p.grade),
                    "referral": numbered(p.referral_number),
                    "school": p.school,
                }
                for p in form.no_shows
            ],
            "not_admitted": [
                {
                    "full_name": p.full_name,
                    "grade": str(p.grade),
                    "referral": numbered(p.referral_number),
                    "school": p.school,
                    "reason": p.reason,
                }
                for p in form.not_admitted
            ],
            "annulments": [
                {
                    "code": a.code,
                    "full_name": a.full_name,
                    "reason_code": a.reason_code,
                    "reason": f"{a.reason} ({a.law})" if a.law else a.reason,
                    "decided": decided(a.decided_by, clock_time(a.decided_at)),
                }
                for a in form.annulments
            ],
            "incidents": [
                {"at": clock_time(i.at), "words": i.words, "measures": i.measures}
                for i in form.incidents
            ],
        },
    )
