"""The columns of the collecting form R1.П2: what may be printed, and what the region chose.

The printed columns of the form are not published (testing.md §9.2): this is a superset to choose
from, and never called the official form. Headings are Russian: it is a paper of the region. Every
child booked for a day has a line, also who did not come, was not admitted or has no result yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import override

from merilo.admissions.rules import CATEGORY_NAMES, ApplicationState, Category
from merilo.booking.rules import BookingState
from merilo.law import Form, in_words
from merilo.results.rules import WORDS, ResultState
from merilo.testday.rules import (
    ATTEMPT_WORDS,
    TURNED_AWAY_WORDS,
    AfterInterruption,
    AttemptState,
    TurnedAway,
)

APPEALED = (
    ResultState.UNDER_APPEAL,
    ResultState.AMENDED_UP,
    ResultState.AMENDED_DOWN,
    ResultState.CONFIRMED,
)
CRITERIA = "criteria"


@dataclass(frozen=True)
class Line:
    """A line of the form: a result, or a child booked for the day of whom there is none."""

    application: Any
    person: Any
    session: Any
    grade: int
    attempt_no: int
    form: str
    attempt: Any = None
    result: Any = None
    booking: Any = None  # where there is no result


def of_result(result: Any) -> Line:
    attempt = result.attempt
    return Line(
        result.application,
        attempt.person,
        attempt.day.session,
        result.grade,
        attempt.attempt_no,
        result.form,
        attempt,
        result,
    )


def of_booking(booking: Any) -> Line:
    referral = booking.referral
    attempt = getattr(booking, "attempt", None)
    return Line(
        referral.application,
        attempt.person if attempt else referral.application.child,
        booking.session,
        referral.grade,
        referral.attempt_no,
        attempt.form if attempt else referral.form,
        attempt,
        booking=booking,
    )


@dataclass(frozen=True)
class FormColumn:
    key: str
    heading: str
    value: Callable[[Line], Any]
    kind: str = "text"


def yes_no(value: Any) -> str:
    return "" if value is None else "да" if value else "нет"


def region_of(territory: Any) -> str:
    return territory.parent.name if territory.parent else territory.name


def document_words(person: Any) -> str:
    return f"{person.id_doc_type} {person.id_doc_number}".strip()


def category_of(line: Line) -> str:
    with override("ru"):
        return in_words(CATEGORY_NAMES[Category(line.application.category)])


def appeal_of(line: Line) -> str:
    if line.result is None:
        return ""
    return WORDS[ResultState(line.result.state)] if line.result.state in APPEALED else "нет"


DECISIONS = {
    ApplicationState.ENROLLED: "принят",
    ApplicationState.REFUSED_TEST_FAILED: "отказ: тестирование не пройдено",
}
BROKEN_OFF = (AttemptState.INTERRUPTED_TECH, AttemptState.INTERRUPTED_PERSONAL)


def variant_of(part: str) -> Callable[[Line], str]:
    def value(line: Line) -> str:
        variant = getattr(line.attempt, f"variant_{part}", None)
        return variant.number if variant else ""

    return value


def of_the_result(name: str) -> Callable[[Line], Any]:
    return lambda line: getattr(line.result, name, None)


def unless_annulled(name: str) -> Callable[[Line], Any]:
    def value(line: Line) -> Any:
        return None if line.result is None or line.result.annulled else getattr(line.result, name)

    return value


def is_annulled(line: Line) -> bool:
    """By the chair's decision, whether the result of it is drawn and sent already or not."""
    if line.result is not None:
        return line.result.annulled
    return line.attempt is not None and line.attempt.state == AttemptState.ANNULLED


def was(state: BookingState) -> Callable[[Line], bool]:
    return lambda line: line.booking is not None and line.booking.state == state


is_no_show, is_refused = was(BookingState.NO_SHOW), was(BookingState.NOT_ADMITTED)


def refusal_of(line: Line) -> str:
    if not is_refused(line):
        return "нет"
    return TURNED_AWAY_WORDS.get(line.booking.end_reason, TURNED_AWAY_WORDS[TurnedAway.OTHER])


def interruption_of(line: Line) -> str:
    if line.attempt is None:
        return "нет"
    if line.attempt.interrupted_then == AfterInterruption.MARKED_AS_DONE:
        return ATTEMPT_WORDS[AttemptState.INTERRUPTED_PERSONAL]
    return ATTEMPT_WORDS[line.attempt.state] if line.attempt.state in BROKEN_OFF else "нет"


def outcome_of(line: Line) -> str:  # noqa: PLR0911 - one answer for each way a day ends
    """How the day ended for the child: every line says it, so that the form can be counted."""
    if is_annulled(line):
        return "результат аннулирован"
    if line.result is not None:
        return "тестирование пройдено" if line.result.passed else "тестирование не пройдено"
    if is_no_show(line):
        return "неявка"
    if is_refused(line):
        return f"не допущен: {refusal_of(line)}"
    if line.attempt is None:
        return "явка не отмечена"
    if line.attempt.state in BROKEN_OFF:
        return interruption_of(line)
    return "результата ещё нет"


# Every column there is, in the order of the printed papers; the heading is only proposed.
COLUMNS: tuple[FormColumn, ...] = (
    FormColumn("region", "Субъект", lambda r: region_of(r.application.school.territory)),
    FormColumn(
        "municipality", "Муниципальное образование", lambda r: r.application.school.territory.name
    ),
    FormColumn(
        "testing_org", "Тестирующая организация", lambda r: r.session.testing_org.short_name
    ),
    FormColumn("place", "ППТ", lambda r: r.session.place.name),
    FormColumn("school", "Направившая школа", lambda r: r.application.school.short_name),
    FormColumn("test_on", "Дата тестирования", lambda r: r.session.held_on, "date"),
    FormColumn("code", "Уникальный код", lambda r: r.attempt.code if r.attempt else ""),
    FormColumn("grade", "Класс", lambda r: r.grade, "number"),
    FormColumn("attempt_no", "Номер попытки", lambda r: r.attempt_no, "number"),
    FormColumn("category", "Категория", category_of),
    FormColumn(
        "form",
        "Форма тестирования",
        lambda r: "устная" if r.form == Form.ORAL else "устная и письменная",
    ),
    FormColumn("full_name", "ФИО", lambda r: r.person.full_name),
    FormColumn("birth_date", "Дата рождения", lambda r: r.person.birth_date, "date"),
    FormColumn(
        "citizenship",
        "Гражданство",
        lambda r: "без гражданства" if r.person.stateless else r.person.citizenship,
    ),
    FormColumn(
        "document", "Документ, удостоверяющий личность", lambda r: document_words(r.person)
    ),
    FormColumn("variant_oral", "Вариант УЧ", variant_of("oral")),
    FormColumn("variant_written", "Вариант ПЧ", variant_of("written")),
    FormColumn(CRITERIA, "Баллы по критериям", lambda r: "", "number"),
    FormColumn("oral_sum", "Сумма ПБ за УЧ", unless_annulled("oral_sum"), "number"),
    FormColumn("written_sum", "Сумма ПБ за ПЧ", unless_annulled("written_sum"), "number"),
    FormColumn("total", "Общее количество ПБ", unless_annulled("total"), "number"),
    FormColumn("percent", "Процент от макс. количества ПБ", unless_annulled("percent"), "number"),
    FormColumn(
        "reached_total", "Достижение мин. ПБ", lambda r: yes_no(of_the_result("reached_total")(r))
    ),
    FormColumn(
        "reached_oral",
        "Достижение мин. ПБ за УЧ",
        lambda r: yes_no(of_the_result("reached_oral")(r)),
    ),
    FormColumn("passed", "Успешность", lambda r: yes_no(of_the_result("passed")(r))),
    FormColumn("annulled", "Аннулирован", lambda r: yes_no(is_annulled(r))),
    FormColumn("no_show", "Неявка", lambda r: yes_no(is_no_show(r))),
    FormColumn("not_admitted", "Не допущен", refusal_of),
    FormColumn("interrupted", "Прервано", interruption_of),
    FormColumn("outcome", "Итог участия", outcome_of),
    FormColumn("appeal", "Апелляция", appeal_of),
    FormColumn(
        "decision",
        "Решение о зачислении",
        lambda r: DECISIONS.get(ApplicationState(r.application.state), ""),
    ),
)
BY_KEY = {column.key: column for column in COLUMNS}


def columns_of(kept: Any, lines: Sequence[Line]) -> list[FormColumn]:
    """The columns the region chose in its order and words; all of them until it chose."""
    chosen = (
        kept.columns if kept else [{"key": one.key, "heading": one.heading} for one in COLUMNS]
    )
    columns: list[FormColumn] = []
    for entry in chosen:
        known = BY_KEY.get(entry["key"])
        if known is None:
            continue
        if known.key == CRITERIA:
            columns += criteria_columns(lines)
        else:
            columns.append(
                FormColumn(
                    known.key, entry.get("heading") or known.heading, known.value, known.kind
                )
            )
    return columns


def criteria_columns(lines: Iterable[Line]) -> list[FormColumn]:
    """A column for each criterion met in these results, the oral ones first."""
    codes: dict[str, None] = {}
    for part in ("oral", "written"):
        for line in lines:
            spec = line.result.spec if line.result else {}
            for task in (spec.get(part) or {}).values():
                codes |= dict.fromkeys(task)
    return [FormColumn(f"{CRITERIA}:{code}", code, points_of(code), "number") for code in codes]


def points_of(code: str) -> Callable[[Line], Any]:
    def value(line: Line) -> Any:
        points = unless_annulled("points")(line)
        return points.get(code) if points else None

    return value
