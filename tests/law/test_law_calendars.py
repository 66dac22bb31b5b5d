"""The shipped working-day calendars against a second source, day by day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import holidays
import pytest
import yaml

from merilo.law import CalendarNotPublished, InvalidLaw, calendar

from .conftest import WriteLaw

FOLDER = Path(calendar.__wrapped__.__code__.co_filename).parent / "calendar" / "ru"
YEARS = (2025, 2026)


@pytest.mark.parametrize("year", YEARS)
def test_every_day_agrees_with_the_holidays_library(year: int) -> None:
    days, second = calendar("ru"), holidays.RU(years=year)
    day = date(year, 1, 1)
    while day.year == year:
        # The library does not list the one working Saturday, which the decree of 2025 makes.
        expected = second.is_working_day(day) or day == date(2025, 11, 1)
        assert days.is_working(day) is expected, day
        day += timedelta(days=1)


@pytest.mark.parametrize("year", YEARS)
def test_the_year_has_the_247_working_days_of_the_production_calendar(year: int) -> None:
    days = (date(year, 1, 1) + timedelta(days=number) for number in range(365))
    assert sum(calendar("ru").is_working(day) for day in days) == 247


@pytest.mark.parametrize("year", YEARS)
def test_every_day_says_why_and_by_which_act(year: int) -> None:
    for note in calendar("ru").notes:
        assert note.why and note.source
        moved = "перенос" in note.why or note.working
        assert moved is not ("ст. 112" in note.source and "перенос" not in note.why)


def test_moved_days_name_the_decree_of_their_year() -> None:
    for note in calendar("ru").notes:
        if "Постановление" in note.source:
            assert {2025: "N 1335", 2026: "N 1466"}[note.day.year] in note.source


@pytest.mark.parametrize("year", [2024, 2027])
def test_a_year_that_is_not_published_is_refused_in_one_sentence(year: int) -> None:
    with pytest.raises(CalendarNotPublished, match=rf"на {year} год ещё не загружен") as refusal:
        calendar("ru").is_working(date(year, 3, 16))
    assert refusal.value.year == year
    assert not (FOLDER / f"{year}.yaml").exists()


def test_a_term_that_runs_into_an_unpublished_year_is_refused() -> None:
    with pytest.raises(CalendarNotPublished):
        calendar("ru").after(date(2026, 12, 28), 5)


def test_the_calendar_ends_with_its_last_published_year() -> None:
    assert calendar("ru").last_day == date(2026, 12, 31)


GOOD = {
    "checked_against": "вторым источником",
    "days_off": [{"day": date(2031, 5, 1), "why": "праздник", "source": "акт"}],
    "working_weekends": [],
}


def written(**changes: object) -> str:
    return str(yaml.safe_dump(GOOD | changes, allow_unicode=True))


def day(on: object) -> dict[str, object]:
    return {"day": on, "why": "почему", "source": "акт"}


def test_a_region_adds_days_off_of_its_own(write_law: WriteLaw) -> None:
    write_law({"calendar/ru/25/2026.yaml": written(days_off=[day(date(2026, 10, 16))])})
    assert calendar("ru").is_working(date(2026, 10, 16))
    assert not calendar("ru/25").is_working(date(2026, 10, 16))
    assert calendar("ru/25").years == calendar("ru").years


def test_a_published_year_can_be_added(write_law: WriteLaw) -> None:
    write_law({"calendar/ru/2031.yaml": written()})
    assert not calendar("ru").is_working(date(2031, 5, 1))
    assert calendar("ru").is_working(date(2031, 5, 2))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (written(days_off=[day(date(2030, 5, 1))]), "2030-05-01 is not a day of 2031"),
        (written(days_off=[day("2031-05-32")]), "2031-05-32 is not a day of 2031"),
        (written(days_off=[day(date(2031, 5, 3))]), "wrong part of the week"),
        (written(working_weekends=[day(date(2031, 5, 6))]), "wrong part of the week"),
        (written(days_off=[day(date(2031, 5, 1))] * 2), "2031-05-01 is listed twice"),
        (written(days_off=[{"day": date(2031, 5, 1)}]), "why and source"),
        ("days_off: []\nworking_weekends: []\n", "checked_against"),
        ("[", "not YAML"),
        ("- 1\n", "not a list"),
    ],
)
def test_a_malformed_calendar_is_refused_by_name(
    write_law: WriteLaw, text: str, complaint: str
) -> None:
    write_law({"calendar/ru/2031.yaml": text})
    with pytest.raises(InvalidLaw, match=r"2031\.yaml") as refusal:
        calendar("ru")
    assert complaint in str(refusal.value)


def test_a_calendar_file_is_named_by_its_year(write_law: WriteLaw) -> None:
    write_law({"calendar/ru/next.yaml": written()})
    with pytest.raises(InvalidLaw, match=r"next\.yaml"):
        calendar("ru")


def test_an_unknown_calendar_is_refused() -> None:
    with pytest.raises(InvalidLaw, match="нет|no working-day calendar"):
        calendar("mars")
