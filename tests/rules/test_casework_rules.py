"""How near a term is, as «Мои дела» shows it."""

from datetime import date

import pytest

from merilo.casework.rules import Urgency, term, urgency
from merilo.law import CalendarNotPublished

MONDAY = date(2026, 3, 16)


@pytest.mark.parametrize(
    ("due_on", "left", "expected"),
    [
        (None, None, Urgency.NO_TERM),
        (date(2026, 3, 13), -1, Urgency.LATE),
        (MONDAY, 0, Urgency.TODAY),
        (date(2026, 3, 17), 1, Urgency.SOON),
        (date(2026, 3, 18), 2, Urgency.LATER),
        # A year whose working days are not published: the day is known, how many are left is not.
        (date(2027, 1, 12), None, Urgency.LATER),
    ],
)
def test_a_term_is_late_today_soon_or_later(due_on, left, expected):
    assert urgency(due_on, MONDAY, left) is expected


def test_a_term_nobody_can_count_yet_keeps_the_reason():
    def compute():
        raise CalendarNotPublished(2027)

    known = term(compute)
    assert known.due_on is None
    assert "2027" in known.unknown
