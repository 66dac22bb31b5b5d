"""«Уведомление о результатах тестирования» as rows, the same for the PDF and the DOCX."""

from . import wording
from .agreement import check_result
from .forms import Part, ResultNotice
from .wording import day, numbered

ORAL_HEADING = (
    "Результаты оценивания выполнения заданий {part} части тестирования в соответствии "
    "с критериями (первичные баллы)"
)
LEGEND = "ПБ — первичный балл, УЧ — устная часть, ПЧ — письменная часть."


def notice_view(form: ResultNotice) -> dict[str, object]:
    """Rows in the order and the words of the act; no points at all for an annulled attempt.

    Raises `Contradiction` where the values do not tell one story.
    """
    check_result(form)
    annulled = form.annulment is not None
    layout = "1 класс" if form.grade == 1 else "2–11 класс"
    heading = "" if form.as_order_form else numbered(form.number, form.issued_on)
    title = f"Уведомление о результатах тестирования ({layout})"
    return {
        "title": title,
        "footer": f"Уведомление о результатах тестирования {heading}".strip(),
        "author": form.testing_org,
        "date": (form.issued_on or form.test_date).isoformat(),
        "layout": layout,
        "numbered": heading,
        "head": _head(form),
        "blocks": [] if annulled else _blocks(form),
        "result": [] if annulled else _result(form),
        "annulment": _annulment(form),
        "legend": "" if form.as_order_form or annulled else LEGEND,
        "next_steps": [] if form.as_order_form else list(form.next_steps),
        "signatory": None
        if form.as_order_form or form.signatory is None
        else {"position": form.signatory.position, "name": form.signatory.name},
    }


def _head(form: ResultNotice) -> list[tuple[str, str]]:
    rows = [
        ("Наименование тестирующей организации", form.testing_org),
        ("Дата тестирования", day(form.test_date)),
        ("Класс поступления", str(form.grade)),
        ("ФИО участника тестирования", form.full_name),
        ("Серия и номер документа, удостоверяющего личность", form.id_document),
    ]
    if form.unique_code and not form.as_order_form:
        rows.append(("Уникальный код участника", form.unique_code))
    return rows


def _blocks(form: ResultNotice) -> list[dict[str, object]]:
    if form.grade == 1:
        # The layout of grade 1 has neither a row for the variant nor capitals in the heading.
        heading = ORAL_HEADING.format(part="устной")
        missing = _not_loaded(form, "устной", "УЧ")
        return [{"heading": heading, "rows": _rows(form.oral, variant="", missing=missing)}]
    oral: dict[str, object] = {
        "heading": ORAL_HEADING.format(part="УСТНОЙ"),
        "rows": _rows(form.oral, variant="Вариант УЧ", missing=_not_loaded(form, "устной", "УЧ")),
    }
    written_heading = ORAL_HEADING.format(part="ПИСЬМЕННОЙ")
    if form.written is None:
        words = "Письменная часть не проводилась: тестирование проходит только в устной форме."
        rows: list[dict[str, object]] = [{"kind": "note", "title": words}]
    else:
        missing = _not_loaded(form, "письменной", "ПЧ")
        rows = _rows(form.written, variant="Вариант ПЧ", missing=missing)
    return [oral, {"heading": written_heading, "rows": rows}]


def _not_loaded(form: ResultNotice, part: str, letters: str) -> str:
    return (
        f"Спецификация {part} части для {form.grade} класса не загружена: баллы по критериям "
        f"не приводятся, указана только сумма ПБ за {letters}."
    )


def _rows(part: Part, *, variant: str, missing: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    if variant:
        value = part.variant or wording.DASH
        rows.append({"kind": "variant", "title": variant, "value": value})
    for task in part.tasks:
        for place, criterion in enumerate(task.criteria):
            rows.append(
                {
                    "kind": "mark",
                    "title": task.title if place == 0 else "",
                    "span": len(task.criteria) if place == 0 else 0,
                    "code": criterion.code,
                    "value": wording.points(criterion.points),
                }
            )
    if not part.tasks:
        rows.append({"kind": "note", "title": missing})
    return rows


def _result(form: ResultNotice) -> list[tuple[str, str]]:
    total = wording.points(form.total)
    percent = wording.percent(form.percent)
    passed = (
        "Успешность прохождения тестирования (да\u00a0/\u00a0нет)",
        wording.yes_or_no(form.passed),
    )
    oral_reached = (
        f"Достижение {form.oral_min} ПБ за УЧ",
        wording.yes_or_no(form.oral_reached),
    )
    if form.grade == 1:
        return [
            (f"Общее количество ПБ (из {form.total_max})", total),
            ("Процент от максимального количества ПБ", percent),
            oral_reached,
            passed,
        ]
    written = form.written.total if form.written is not None else None
    return [
        ("Сумма ПБ за УЧ", wording.points(form.oral.total)),
        ("Сумма ПБ за ПЧ", wording.points(written)),
        ("Общее количество ПБ", total),
        ("Процент от макс. количества ПБ", percent),
        (
            f"Достижение {form.total_min} ПБ (мин. ПБ успешности)",
            wording.yes_or_no(form.total_reached),
        ),
        oral_reached,
        passed,
    ]


def _annulment(form: ResultNotice) -> list[tuple[str, str]] | None:
    if form.annulment is None:
        return None
    found = form.annulment
    rows = [
        ("Причина", found.reason),
        ("Код основания", found.reason_code),
        ("Основание", found.law),
        ("Решение принял", found.decided_by),
        ("Дата решения", day(found.decided_on)),
        ("Успешность прохождения тестирования (да\u00a0/\u00a0нет)", wording.yes_or_no(False)),
    ]
    return [row for row in rows if row[1]]
