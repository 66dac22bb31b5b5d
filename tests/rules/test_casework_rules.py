"""How near a term is, as «Мои дела» shows it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from merilo.casework.rules import FINAL, PAUSES, Failure, Urgency, next_try, term, urgency
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


NOON = datetime(2026, 3, 16, 12, tzinfo=UTC)


def again(failure=Failure.SERVER, *, tries=1, template="result", passed=timedelta()):
    then = next_try(failure, tries=tries, template=template, created_at=NOON, now=NOON + passed)
    return then and then - NOON - passed


def test_a_failure_that_may_pass_is_tried_again_by_growing_pauses_and_then_no_more():
    pauses = [again(tries=tries) for tries in range(1, len(PAUSES) + 2)]
    assert pauses == [*PAUSES, None]
    assert list(PAUSES) == sorted(set(PAUSES))


@pytest.mark.parametrize("failure", list(Failure))
def test_only_a_person_can_mend_a_final_failure(failure):
    assert (again(failure) is None) == (failure in FINAL)


def test_a_code_that_will_have_run_out_is_not_sent_again():
    assert again(template="status-code", passed=timedelta(minutes=10)) == PAUSES[0]
    assert again(template="status-code", passed=timedelta(minutes=11)) is None
    assert again(template="result", passed=timedelta(minutes=11)) == PAUSES[0]
