"""Working days as published for each year: moved days off and working Saturdays included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from .errors import CalendarNotPublished, InvalidLaw
from .files import law_folders, read_yaml

ONE_DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True)
class DayNote:
    """Why a day differs from the plain week, and where that is written."""

    day: date
    working: bool
    why: str
    source: str


@dataclass(frozen=True)
class WorkingDays:
    """A calendar of the published years. Asked about any other year, it refuses."""

    id: str
    years: frozenset[int]
    days_off: frozenset[date]
    working_weekends: frozenset[date]
    notes: tuple[DayNote, ...] = ()

    def is_working(self, day: date) -> bool:
        if day.year not in self.years:
            raise CalendarNotPublished(day.year)
        if day.weekday() >= SATURDAY:
            return day in self.working_weekends
        return day not in self.days_off

    def after(self, start: date, count: int) -> date:
        """The `count`-th working day after `start`; `start` itself is day 0.

        `count` 0 gives `start`, working or not. Source: the acts' own wording «после дня».
        """
        if count < 0:
            raise ValueError(f"working days are counted forward, not {count}")
        day = start
        while count:
            day += ONE_DAY
            count -= self.is_working(day)
        return day

    def between(self, start: date, end: date) -> int:
        """Working days in (start, end]; negative when `end` is before `start`."""
        if end < start:
            return -self.between(end, start)
        return sum(self.is_working(day) for day in _days(start + ONE_DAY, end))

    def on_or_after(self, day: date) -> date:
        while not self.is_working(day):
            day += ONE_DAY
        return day

    def on_or_before(self, day: date) -> date:
        while not self.is_working(day):
            day -= ONE_DAY
        return day

    @property
    def last_day(self) -> date:
        return date(max(self.years), 12, 31)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += ONE_DAY


def add_months(day: date, months: int) -> date:
    """The same day `months` later; the last day of that month where the day does not exist."""
    month_index = day.year * 12 + day.month - 1 + months
    year, month = divmod(month_index, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(first_of_next - ONE_DAY, date(year, month + 1, 1) + timedelta(days=day.day - 1))


def add_years(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 28 February."""
    return add_months(day, 12 * years)


def _read_year(path: Path) -> tuple[int, list[DayNote], list[DayNote]]:
    data = read_yaml(path)
    try:
        year = int(path.stem)
        off = [DayNote(d["day"], False, d["why"], d["source"]) for d in data["days_off"]]
        on = [DayNote(d["day"], True, d["why"], d["source"]) for d in data["working_weekends"]]
        data["checked_against"]  # noqa: B018 - a calendar without a second source is refused
    except (KeyError, TypeError, ValueError) as wrong:
        raise InvalidLaw(
            f"{path}: a calendar is days_off, working_weekends and checked_against, each day with "
            f"why and source ({wrong!r})"
        ) from wrong
    seen: set[date] = set()
    for note in [*off, *on]:
        if type(note.day) is not date or note.day.year != year:
            raise InvalidLaw(f"{path}: {note.day} is not a day of {year}")
        if (note.day.weekday() >= SATURDAY) is not note.working:
            raise InvalidLaw(f"{path}: {note.day} falls on the wrong part of the week")
        if note.day in seen:
            raise InvalidLaw(f"{path}: {note.day} is listed twice")
        seen.add(note.day)
    return year, off, on


@cache
def calendar(calendar_id: str = "ru") -> WorkingDays:
    """The calendar with that id; «ru/25» is «ru» with the added days off of region 25."""
    years: set[int] = set()
    off: list[DayNote] = []
    on: list[DayNote] = []
    parts = calendar_id.split("/")
    for depth in range(1, len(parts) + 1):
        for folder in law_folders():
            for path in sorted((folder / "calendar" / Path(*parts[:depth])).glob("*.yaml")):
                year, more_off, more_on = _read_year(path)
                if depth == 1:
                    years.add(year)
                off += more_off
                on += more_on
    if not years:
        raise InvalidLaw(f"there is no working-day calendar {calendar_id!r}")
    return WorkingDays(
        calendar_id,
        frozenset(years),
        frozenset(note.day for note in off),
        frozenset(note.day for note in on),
        tuple(sorted([*off, *on], key=lambda note: note.day)),
    )
