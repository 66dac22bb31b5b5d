"""How days and months are counted: the worked examples, and what holds for every day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from merilo.law import WorkingDays, add_months, add_years, calendar, profile

CASES = Path(__file__).parent / "cases"
days_of_law = st.dates(date(2025, 1, 1), date(2026, 10, 1))
counts = st.integers(0, 40)


def cases(name: str) -> list[Any]:
    return list(yaml.safe_load((CASES / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize("case", cases("working_days.yaml"), ids=lambda case: case["name"])
def test_a_term_in_working_days(case: dict[str, Any]) -> None:
    law_of = profile(case.get("profile", "primorye-2025"))
    term = law_of.value(case["parameter"], on=case["from"])
    assert law_of.days.after(case["from"], term.value) == case["until"]


@pytest.mark.parametrize("case", cases("months.yaml"), ids=str)
def test_a_term_in_months(case: dict[str, Any]) -> None:
    assert add_months(case["from"], case["months"]) == case["until"]


def test_two_years_of_storage_from_29_february_end_on_28_february() -> None:
    assert add_years(date(2024, 2, 29), 2) == date(2026, 2, 28)


@given(days_of_law, counts)
def test_counting_forward_and_back_agree(start: date, count: int) -> None:
    days = calendar("ru")
    end = days.after(start, count)
    assert days.between(start, end) == count
    assert days.between(end, start) == -count
    assert count == 0 or days.is_working(end)


@given(days_of_law, st.integers(0, 60))
def test_every_working_day_after_the_start_is_counted_once(start: date, ahead: int) -> None:
    days = calendar("ru")
    end = days.on_or_after(start + timedelta(days=ahead))
    if end > start:
        assert days.after(start, days.between(start, end)) == end


@given(days_of_law, counts, st.dates(date(2025, 1, 1), date(2026, 12, 31)))
def test_a_day_off_more_never_shortens_a_term(start: date, count: int, extra: date) -> None:
    days = calendar("ru")
    more = WorkingDays(
        "ru with one day off more",
        days.years,
        days.days_off | {extra},
        days.working_weekends - {extra},
    )
    assert more.after(start, count) >= days.after(start, count)


@given(days_of_law)
def test_the_nearest_working_days_enclose_the_day(day: date) -> None:
    days = calendar("ru")
    if day > date(2025, 1, 9):
        before, after = days.on_or_before(day), days.on_or_after(day)
        assert before <= day <= after
        assert days.is_working(before) and days.is_working(after)
        assert days.between(before, after) == (before != after)


def test_no_term_runs_backwards() -> None:
    with pytest.raises(ValueError, match="forward"):
        calendar("ru").after(date(2026, 3, 16), -1)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(-60, 60))
def test_months_keep_the_day_or_take_the_last_of_the_month(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@given(
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.integers(0, 60),
)
def test_a_later_failure_never_gives_an_earlier_retest(one: date, two: date, months: int) -> None:
    first, second = sorted((one, two))
    assert add_months(first, months) <= add_months(second, months)
