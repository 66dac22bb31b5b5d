"""Schedules, days and referrals ready to be booked."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.db import transaction

from builders import NOW, TODAY, Region, a_person
from merilo.admissions import steps as road
from merilo.admissions.models import Application, Referral
from merilo.admissions.rules import ApplicationState, Category, Channel, ReferralState
from merilo.booking import actions, steps
from merilo.booking.models import Booking, Schedule, TestSession
from merilo.booking.rules import BookingState, InPerson, ScheduleState, SessionState
from merilo.law import Form
from merilo.registry import queries as registry
from merilo.registry.rules import Function

# Booked on 16 March, asked for by 18 March, materials by 5 April: the first test is on 6 April.
TEST_DAY = date(2026, 4, 10)
NEXT_TEST_DAY = date(2026, 4, 17)


def a_schedule(*, approved: bool = True, year: int = 2026) -> Schedule:
    return Schedule.objects.create(
        year=year,
        title=f"Расписание на {year} год",
        order_ref="№ 23а-100 от 02.02.2026" if approved else "",
        state=ScheduleState.APPROVED if approved else ScheduleState.DRAFT,
        approved_on=date(2026, 2, 2) if approved else None,
        created_at=NOW,
    )


def a_session(
    region: Region, held_on: date = TEST_DAY, *, schedule: Schedule | None = None, **fields: Any
) -> TestSession:
    return TestSession.objects.create(
        **{
            "schedule": schedule or Schedule.objects.first() or a_schedule(),
            "testing_org": region.testing_org,
            "place": region.place,
            "held_on": held_on,
            "starts_at": time(10, 0),
            "grades": list(range(1, 12)),
            "capacity": 10,
            "state": SessionState.PLANNED,
        }
        | fields
    )


def referrals(region: Region, count: int, *, grade: int = 2, **fields: Any) -> list[Referral]:
    """Delivered today, written straight into the tables: many at once for tests of many people."""
    child = a_person(birth_date=date(2017, 5, 20))
    first = Application.objects.count()
    applications = Application.objects.bulk_create(
        Application(
            number=f"025-{first + n:05}",
            school=region.school,
            child=child,
            channel=Channel.EPGU,
            submitted_on=TODAY,
            received_at=NOW,
            grade=grade,
            category=Category.GENERAL,
            consent_to_test=True,
            notify_email="parent@example.org",
            state=ApplicationState.REFERRED,
            state_since=NOW,
        )
        for n in range(count)
    )
    return Referral.objects.bulk_create(
        Referral(
            **{
                "number": f"Н-{application.number}",
                "application": application,
                "testing_org": region.testing_org,
                "grade": grade,
                "form": Form.ORAL_WRITTEN,
                "issued_at": NOW,
                "received_on": TODAY,
                "evidence": "signature",
                "book_until": date(2026, 3, 25),
                "state": ReferralState.DELIVERED,
                "state_since": NOW,
                "qr_token": f"token-{application.number}",
            }
            | fields
        )
        for application in applications
    )


def a_referral(region: Region, **fields: Any) -> Referral:
    return referrals(region, 1, **fields)[0]


def book(
    region: Region,
    referral: Referral,
    session: TestSession,
    *,
    now: datetime = NOW,
    in_person: InPerson = InPerson.REPRESENTATIVE,
    identity_document: str = "паспорт",
    **fields: Any,
) -> actions.Booked:
    return actions.book(
        referral_id=referral.pk,
        session_id=session.pk,
        in_person=in_person,
        identity_document=identity_document,
        actor=region.viewer("testing_org"),
        now=now,
        **fields,
    )


def a_booking(region: Region, session: TestSession | None = None, **fields: Any) -> Booking:
    return book(region, a_referral(region, **fields), session or a_session(region)).booking


def a_no_show(
    region: Region, session: TestSession | None = None, *, turned_away: str = "", **fields: Any
) -> Referral:
    """Booked and not come, or turned away at the door: as the test day leaves it."""
    booking = a_booking(region, session, **fields)
    miss(region, booking, turned_away=turned_away)
    return booking.referral


def miss(region: Region, booking: Booking, *, turned_away: str = "", now: datetime = NOW) -> None:
    """The child did not come on the day of that booking, or was not admitted."""
    state = BookingState.NOT_ADMITTED if turned_away else BookingState.NO_SHOW
    with transaction.atomic():
        application, referral = steps.lock_referral(booking.referral_id)
        steps.end_booking(booking, state, now=now)
        road.move_referral(referral, ReferralState.UNUSED_NO_SHOW, now=now)
        road.note_absence(
            referral,
            application,
            missed_on=booking.session.held_on,
            turned_away=turned_away,
            mouo=registry.above_with(application.school, Function.MOUO, on=TODAY),
            actor=region.viewer("testing_org"),
            now=now,
        )
        road.refresh_duties(application, now=now)
