"""Many people want the same seats at the same moment: real parallel connections, real locks."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import F

import builders
from booking.builders_booking import (
    NEXT_TEST_DAY,
    a_referral,
    a_session,
    referrals,
)
from builders import NOW
from merilo.booking import actions
from merilo.booking.models import Booking, TestSession
from merilo.booking.rules import BookingState, InPerson
from merilo.law import Refused
from merilo.materials.models import ReserveKit

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=False)

CONNECTIONS = 48  # open at once; the others of the two hundred wait for one, as behind a pool


@pytest.fixture
def crowd(transactional_db):
    """The region, with real commits; the letters' jobs are left out: they are not what is tried."""
    return builders.a_region()


@pytest.fixture(autouse=True)
def no_jobs(monkeypatch):
    from merilo.foundation import jobs

    monkeypatch.setattr(jobs, "defer", lambda *args, **kwargs: None)


def at_once(tasks: Iterable[Callable[[], Any]], threads: int) -> list[Any]:
    """Run the tasks in parallel, each on its own connection; results or exceptions, in no order."""
    tasks = list(tasks)
    gate, room = threading.Barrier(threads), threading.Semaphore(CONNECTIONS)
    share = [tasks[n::threads] for n in range(threads)]
    results: list[Any] = []

    def work(mine: list[Callable[[], Any]]) -> None:
        gate.wait(timeout=30)
        for task in mine:
            with room:
                try:
                    results.append(task())
                except Exception as wrong:  # noqa: BLE001 - judged by the test
                    results.append(wrong)
                finally:
                    connections.close_all()

    workers = [threading.Thread(target=work, args=(mine,), daemon=True) for mine in share]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert len(results) == len(tasks), "some bookings never came back: a ring of locks?"
    return results


def booking_of(region, actor, referral, session, **fields) -> Callable[[], Any]:
    return lambda: actions.book(
        referral_id=referral.pk,
        session_id=session.pk,
        in_person=InPerson.REPRESENTATIVE,
        identity_document="паспорт",
        actor=actor,
        now=NOW,
        **fields,
    )


def assert_seats_agree() -> None:
    for session in TestSession.objects.all():
        live = Booking.objects.filter(session=session, state=BookingState.CONFIRMED).count()
        assert session.taken == live <= session.capacity


def outcome(one: Any) -> str:
    if isinstance(one, Refused):
        return one.refusals[0].code
    if isinstance(one, Exception):
        return repr(one)
    return "booked"


def test_two_hundred_want_the_last_seat_and_one_gets_it(crowd):
    session = a_session(crowd, capacity=1)
    a_session(crowd, NEXT_TEST_DAY, capacity=300)
    people = referrals(crowd, 200)
    actor = crowd.viewer("testing_org")

    results = at_once((booking_of(crowd, actor, one, session) for one in people), threads=200)

    assert Counter(map(outcome, results)) == {"booked": 1, "booking.session-full": 199}
    told = {str(one) for one in results if isinstance(one, Refused)}
    assert told == {
        "На 10 апреля 2026 мест больше нет. Ближайшие дни со свободными местами: 17 апреля 2026."
    }
    assert_seats_agree()


def test_sixteen_clerks_book_sixty_people_on_thirty_seats(crowd):
    session = a_session(crowd, capacity=30)
    people = referrals(crowd, 60)
    actor = crowd.viewer("testing_org")

    results = at_once((booking_of(crowd, actor, one, session) for one in people), threads=16)

    assert Counter(map(outcome, results)) == {"booked": 30, "booking.all-sessions-full": 30}
    assert_seats_agree()


def test_two_clerks_book_one_referral_on_two_days_and_one_wins(crowd):
    days = [a_session(crowd), a_session(crowd, NEXT_TEST_DAY)]
    referral = a_referral(crowd)
    actor = crowd.viewer("testing_org")

    results = at_once((booking_of(crowd, actor, referral, day) for day in days), threads=2)

    assert Counter(map(outcome, results)) == {"booked": 1, "booking.already-booked": 1}
    assert_seats_agree()


def test_one_form_sent_eight_times_at_once_books_once(crowd):
    session, referral = a_session(crowd), a_referral(crowd)
    actor = crowd.viewer("testing_org")

    results = at_once(
        (booking_of(crowd, actor, referral, session, request_key="form-7") for _ in range(8)),
        threads=8,
    )

    assert Counter(map(outcome, results)) == {"booked": 8}
    assert len({one.booking.pk for one in results}) == 1
    assert_seats_agree()


def test_people_who_swap_two_days_do_not_wait_in_a_ring(crowd):
    first, second = a_session(crowd, capacity=16), a_session(crowd, NEXT_TEST_DAY, capacity=16)
    actor = crowd.viewer("testing_org")
    people = referrals(crowd, 16)
    booked = [
        booking_of(crowd, actor, one, (first, second)[n % 2])().booking
        for n, one in enumerate(people)
    ]

    def move(booking):
        to = second if booking.session_id == first.pk else first
        return lambda: actions.change_booking(
            booking_id=booking.pk,
            session_id=to.pk,
            in_person=InPerson.REPRESENTATIVE,
            identity_document="паспорт",
            actor=actor,
            now=NOW,
        )

    results = at_once(map(move, booked), threads=16)

    assert Counter(map(outcome, results)) == {"booked": 16}
    assert_seats_agree()


def test_two_kits_serve_two_people_whatever_days_they_choose(crowd):
    kit = ReserveKit.objects.create(testing_org=crowd.testing_org, grade=2, free=2)
    days = [a_session(crowd, date(2026, 3, 26 + n)) for n in range(2)]
    actor = crowd.viewer("testing_org")
    people = referrals(crowd, 8)

    results = at_once(
        (booking_of(crowd, actor, one, days[n % 2]) for n, one in enumerate(people)), threads=8
    )

    assert Counter(map(outcome, results)) == {"booked": 2, "materials.no-reserve-kit": 6}
    kit.refresh_from_db()
    assert kit.free == 0
    assert_seats_agree()


def test_postponing_a_day_while_people_book_it_loses_nobody(crowd):
    session = a_session(crowd, capacity=40)
    actor, ministry = crowd.viewer("testing_org"), crowd.viewer("ministry")
    tasks = [booking_of(crowd, actor, one, session) for one in referrals(crowd, 20)]
    tasks.insert(
        10,
        lambda: actions.postpone_session(
            session_id=session.pk, reason="авария", actor=ministry, now=NOW
        ),
    )

    results = at_once(tasks, threads=8)

    counted = Counter(map(outcome, results))
    assert set(counted) <= {"booked", "booking.not-in-schedule"}
    assert not Booking.objects.filter(state=BookingState.CONFIRMED).exists()
    assert_seats_agree()


def test_the_database_itself_refuses_to_sell_a_seat_twice(crowd):
    from django.db import IntegrityError

    session = a_session(crowd, capacity=1)
    TestSession.objects.filter(pk=session.pk).update(taken=1)
    with pytest.raises(IntegrityError, match="session_not_oversold"):
        TestSession.objects.filter(pk=session.pk).update(taken=F("taken") + 1)
    connection.close()
