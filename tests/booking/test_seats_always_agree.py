"""Whatever people do in whatever order: taken seats are the live bookings, never above capacity."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking.builders_booking import TEST_DAY, a_session, book, referrals
from builders import NOW
from merilo.booking import actions, queries, rules, steps
from merilo.booking.models import Booking, Schedule, TestSession
from merilo.booking.rules import BookingState, InPerson, SessionState
from merilo.law import Refused
from merilo.materials.models import ReserveKit
from merilo.registry.access import Viewer

PEOPLE, DAYS, KITS = 5, 3, 2
STATES = {str(state) for state in BookingState}

acts = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "book",
                "book",
                "book",
                "change",
                "cancel",
                "postpone",
                "replace",
                "smaller",
                "came",
                "no_show",
                "revoke",
            ]
        ),
        st.integers(0, PEOPLE - 1),
        st.integers(0, DAYS - 1),
    ),
    min_size=1,
    max_size=14,
)


class World:
    """Five people, three days (one of them before the materials, so that it needs kits)."""

    def __init__(self, region):
        self.region = region
        self.days = [
            a_session(region, date(2026, 3, 27), capacity=2),
            a_session(region, TEST_DAY, capacity=2),
            a_session(region, date(2026, 4, 17), capacity=1),
        ]
        self.people = referrals(region, PEOPLE)
        ReserveKit.objects.create(testing_org=region.testing_org, grade=2, free=KITS)
        self.clerk = region.viewer("testing_org")
        self.ministry = region.viewer("ministry")

    def live(self, person):
        return queries.live_booking_of(self.people[person].pk)

    def do(self, act, person, day):
        with suppress(Refused):  # a refusal changes nothing: the check after it proves that
            getattr(self, act)(person, day)

    def book(self, person, day):
        book(self.region, self.people[person], self.days[day])

    def change(self, person, day):
        if live := self.live(person):
            actions.change_booking(
                booking_id=live.pk,
                session_id=self.days[day].pk,
                in_person=InPerson.REPRESENTATIVE,
                identity_document="паспорт",
                actor=self.clerk,
                now=NOW,
            )

    def cancel(self, person, day):
        if live := self.live(person):
            actions.cancel_booking(booking_id=live.pk, reason="", actor=self.clerk, now=NOW)

    def postpone(self, person, day):
        actions.postpone_session(
            session_id=self.days[day].pk, reason="авария", actor=self.ministry, now=NOW
        )

    def replace(self, person, day):
        actions.add_additional_date(
            schedule_id=Schedule.objects.get().pk,
            testing_org_id=self.region.testing_org.pk,
            place_id=self.region.place.pk,
            held_on=date(2026, 6, 1) + timedelta(days=TestSession.objects.count()),
            starts_at=self.days[day].starts_at,
            grades=[2],
            capacity=1,
            reason="авария",
            replaces_id=self.days[day].pk,
            actor=self.ministry,
            now=NOW,
        )

    def smaller(self, person, day):
        session = TestSession.objects.get(pk=self.days[day].pk)
        actions.edit_session(
            session_id=session.pk,
            place_id=session.place_id,
            held_on=session.held_on,
            starts_at=session.starts_at,
            grades=session.grades,
            capacity=max(session.capacity - 1, 1),
            actor=self.ministry,
            now=NOW,
        )

    def came(self, person, day):
        self._end(person, BookingState.CHECKED_IN)

    def no_show(self, person, day):
        self._end(person, BookingState.NO_SHOW)

    def _end(self, person, state):
        if live := self.live(person):
            steps.end_booking(live, state, now=NOW)

    def revoke(self, person, day):
        type(self.people[0]).objects.filter(pk=self.people[person].pk).update(state="revoked")
        actions.free_ended_seats(actor=Viewer.system(), now=NOW)

    def check(self):
        kits = 0
        for session in TestSession.objects.all():
            held = Booking.objects.filter(session=session, state__in=rules.HOLDS_SEAT)
            assert session.taken == held.count() <= session.capacity
            assert (
                session.state == SessionState.PLANNED
                or session.taken == held.exclude(state=BookingState.CONFIRMED).count()
            )
            kits += held.filter(uses_reserve_kit=True).count()
        assert ReserveKit.objects.get().free + kits == KITS
        for person in self.people:
            mine = Booking.objects.filter(referral=person)
            assert mine.filter(state=BookingState.CONFIRMED).count() <= 1
            for one in mine:
                assert one.state in STATES
                assert (one.ended_at is None) == (one.state == BookingState.CONFIRMED)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=acts)
def test_seats_bookings_and_kits_agree_after_every_act(region, acts):
    beginning = transaction.savepoint()
    try:
        world = World(region)
        for act in acts:
            world.do(*act)
            world.check()
    finally:
        transaction.savepoint_rollback(beginning)
