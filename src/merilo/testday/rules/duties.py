"""What a test day makes people owe, from the schedule to the end of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from merilo.law.refusal import _

from .states import SessionDayState

# kind -> (title, name of the page that takes the subject's id)
DUTY_TITLES: dict[str, tuple[str, str]] = {
    "staff-day": (_("Распределить комиссию на день тестирования"), "day-staff"),
    "prepare-day": (_("Подготовить день тестирования"), "day"),
    "run-day": (_("Провести тестирование"), "day"),
    "note-arrivals": (_("Отметить неявку"), "day-checkin"),
    "close-refused": (_("Закрыть запись: участник не допущен"), "day-checkin"),
    "finish-day": (_("Завершить день и оформить протокол"), "day"),
    "report-no-show": (_("Сообщить РЦОИ о неявке"), "no-show"),
}


@dataclass(frozen=True)
class DayOwing:
    """What a day's duties depend on. `expected`: neither arrival nor absence is noted.

    `turned_away`: how many of the booked came and were not admitted, and their booking is open.
    `came`: how many were admitted, at whatever hour.
    """

    state: SessionDayState
    test_on: date
    ready: bool
    expected: int
    running: int
    came: int = 1
    turned_away: int = 0


def duties_of(day: DayOwing, *, today: date) -> tuple[str, ...]:
    """The kinds of duty the testing organisation has on that day, each until the test day.

    A day to which nobody came, or for which nobody was booked, is not held: once it is here, it
    owes nothing but an end to the bookings of those turned away.
    """
    not_begun = day.state in (SessionDayState.PLANNED, SessionDayState.STAFFED)
    if not_begun and today >= day.test_on and not day.expected and not day.came:
        return ("close-refused",) if day.turned_away else ()
    if day.state == SessionDayState.PLANNED:
        return ("staff-day",)
    if day.state == SessionDayState.STAFFED:
        if today < day.test_on:
            return () if day.ready else ("prepare-day",)
        return ("run-day",) if day.ready else ("prepare-day", "run-day")
    if day.state == SessionDayState.RUNNING:
        if day.running:
            return ("run-day",)
        return ("note-arrivals",) if day.expected else ("finish-day",)
    return ()
