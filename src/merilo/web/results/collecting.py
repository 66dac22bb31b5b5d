"""The columns of the collecting form R1.П2: what may be printed, and what the region chose.

The printed columns of the form are not published (testing.md §9.2): this is a superset to choose
from, and never called the official form. Headings are Russian: it is a paper of the region.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import override

from merilo.admissions.rules import CATEGORY_NAMES, ApplicationState, Category
from merilo.law import Form, in_words
from merilo.results.rules import WORDS, ResultState

APPEALED = (
    ResultState.UNDER_APPEAL,
    ResultState.AMENDED_UP,
    ResultState.AMENDED_DOWN,
    ResultState.CONFIRMED,
)
CRITERIA = "criteria"


@dataclass(frozen=True)
class FormColumn:
    key: str
    heading: str
    value: Callable[[Any], Any]
    kind: str = "text"


def yes_no(value: Any) -> str:
    return "" if value is None else "да" if value else "нет"


def region_of(territory: Any) -> str:
    return territory.parent.name if territory.parent else territory.name


def document_words(person: Any) -> str:
    return f"{person.id_doc_type} {person.id_doc_number}".strip()


def category_of(result: Any) -> str:
    with override("ru"):
        return in_words(CATEGORY_NAMES[Category(result.application.category)])


def appeal_of(result: Any) -> str:
    return WORDS[ResultState(result.state)] if result.state in APPEALED else "нет"


DECISIONS = {
    ApplicationState.ENROLLED: "принят",
    ApplicationState.REFUSED_TEST_FAILED: "отказ: тестирование не пройдено",
}


def variant_of(part: str) -> Callable[[Any], str]:
    def value(result: Any) -> str:
        variant = getattr(result.attempt, f"variant_{part}")
        return variant.number if variant else ""

    return value


def unless_annulled(name: str) -> Callable[[Any], Any]:
    return lambda result: None if result.annulled else getattr(result, name)


def _session(result: Any) -> Any:
    return result.attempt.day.session


# Every column there is, in the order of the printed papers; the heading is only proposed.
COLUMNS: tuple[FormColumn, ...] = (
    FormColumn("region", "Субъект", lambda r: region_of(r.application.school.territory)),
    FormColumn(
        "municipality", "Муниципальное образование", lambda r: r.application.school.territory.name
    ),
    FormColumn(
        "testing_org", "Тестирующая организация", lambda r: _session(r).testing_org.short_name
    ),
    FormColumn("place", "ППТ", lambda r: _session(r).place.name),
    FormColumn("school", "Направившая школа", lambda r: r.application.school.short_name),
    FormColumn("test_on", "Дата тестирования", lambda r: r.held_on, "date"),
    FormColumn("code", "Уникальный код", lambda r: r.attempt.code),
    FormColumn("grade", "Класс", lambda r: r.grade, "number"),
    FormColumn("attempt_no", "Номер попытки", lambda r: r.attempt.attempt_no, "number"),
    FormColumn("category", "Категория", category_of),
    FormColumn(
        "form",
        "Форма тестирования",
        lambda r: "устная" if r.form == Form.ORAL else "устная и письменная",
    ),
    FormColumn("full_name", "ФИО", lambda r: r.attempt.person.full_name),
    FormColumn("birth_date", "Дата рождения", lambda r: r.attempt.person.birth_date, "date"),
    FormColumn(
        "citizenship",
        "Гражданство",
        lambda r: (
            "без гражданства" if r.attempt.person.stateless else r.attempt.person.citizenship
        ),
    ),
    FormColumn(
        "document", "Документ, удостоверяющий личность", lambda r: document_words(r.attempt.person)
    ),
    FormColumn("variant_oral", "Вариант УЧ", variant_of("oral")),
    FormColumn("variant_written", "Вариант ПЧ", variant_of("written")),
    FormColumn(CRITERIA, "Баллы по критериям", lambda r: "", "number"),
    FormColumn("oral_sum", "Сумма ПБ за УЧ", unless_annulled("oral_sum"), "number"),
    FormColumn("written_sum", "Сумма ПБ за ПЧ", unless_annulled("written_sum"), "number"),
    FormColumn("total", "Общее количество ПБ", unless_annulled("total"), "number"),
    FormColumn("percent", "Процент от макс. количества ПБ", unless_annulled("percent"), "number"),
    FormColumn("reached_total", "Достижение мин. ПБ", lambda r: yes_no(r.reached_total)),
    FormColumn("reached_oral", "Достижение мин. ПБ за УЧ", lambda r: yes_no(r.reached_oral)),
    FormColumn("passed", "Успешность", lambda r: yes_no(r.passed)),
    FormColumn("annulled", "Аннулирован", lambda r: yes_no(r.annulled)),
    FormColumn("no_show", "Неявка", lambda r: "нет"),
    FormColumn("appeal", "Апелляция", appeal_of),
    FormColumn(
        "decision",
        "Решение о зачислении",
        lambda r: DECISIONS.get(ApplicationState(r.application.state), ""),
    ),
)
BY_KEY = {column.key: column for column in COLUMNS}


def columns_of(kept: Any, results: Sequence[Any]) -> list[FormColumn]:
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
            columns += criteria_columns(results)
        else:
            columns.append(
                FormColumn(
                    known.key, entry.get("heading") or known.heading, known.value, known.kind
                )
            )
    return columns


def criteria_columns(results: Iterable[Any]) -> list[FormColumn]:
    """A column for each criterion met in these results, the oral ones first."""
    codes: dict[str, None] = {}
    for part in ("oral", "written"):
        for result in results:
            for task in (result.spec.get(part) or {}).values():
                codes |= dict.fromkeys(task)
    return [FormColumn(f"{CRITERIA}:{code}", code, points_of(code), "number") for code in codes]


def points_of(code: str) -> Callable[[Any], Any]:
    return lambda result: None if result.annulled else result.points.get(code)
