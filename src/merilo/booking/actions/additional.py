"""A day that does not take place, and the additional date instead of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time

from django.db import transaction

from merilo import law
from merilo.admissions import steps as admissions
from merilo.booking import access, queries, rules, steps
from merilo.booking.models import Booking, Schedule, TestSession
from merilo.booking.rules import BookingState, InPerson, ScheduleState, SessionState
from merilo.foundation.journal.recording import record
from merilo.registry import queries as registry
from merilo.registry.access import Role, Viewer, permit
from merilo.registry.models import TestingPlace
from merilo.registry.steps import day_at

from .schedules import Changed, against_day, day_facts, said_of, write_session


def postpone_session(*, session_id: int, reason: str, actor: Viewer, now: datetime) -> TestSession:
    """Put a day off for technical reasons. Everybody booked is told; nobody loses the referral."""
    permit(actor, access.ROLES, "booking.postpone")
    with transaction.atomic(durable=True):
        session = steps.lock_session(session_id)
        law.refuse(
            rules.reasons_against_postponing(
                SessionState(session.state),
                reason,
                state_name=session.state_name,
                on=session.held_on,
                profile=registry.active_profile(),
            )
        )
        session.state = SessionState.POSTPONED
        session.cancelled_reason = reason.strip()[:300]
        session.changed_on = day_at(actor, now)
        session.save(update_fields=["state", "cancelled_reason", "changed_on"])
        people = []
        for booking in _live_bookings(session):
            application, _ = steps.lock_referral(booking.referral_id)
            booking.session = session
            people.append((booking, application))
        for booking, application in people:
            steps.end_booking(
                booking, BookingState.RESCHEDULED, now=now, reason=session.cancelled_reason
            )
            steps.tell_postponed(booking, application, actor=actor, now=now)
        record(
            "session.postponed",
            actor=actor,
            about=session,
            at=now,
            bookings=len(people),
            reason=session.cancelled_reason,
        )
        session.refresh_from_db(fields=["taken"])
        steps.refresh_session_duties(session, now=now)
    return session


def _live_bookings(session: TestSession) -> list[Booking]:
    """In the order of applications, so that two actions lock people in the same order."""
    return list(
        Booking.objects.filter(session=session, state=BookingState.CONFIRMED)
        .select_related("referral")
        .order_by("referral__application_id")
    )


def add_additional_date(
    *,
    schedule_id: int,
    testing_org_id: int,
    place_id: int,
    held_on: date,
    starts_at: time,
    grades: Iterable[int],
    capacity: int,
    reason: str,
    actor: Viewer,
    now: datetime,
    replaces_id: int | None = None,
    results_official_on: date | None = None,
) -> Changed:
    """Set an additional date (R1.3.4) and move to it whoever waits since the day it replaces."""
    permit(actor, access.ROLES, "booking.additional_date")
    with transaction.atomic(durable=True):
        schedule = Schedule.objects.select_for_update().get(pk=schedule_id)
        replaced = steps.lock_session(replaces_id) if replaces_id else None
        waiting = list(queries.waiting_for_new_day(replaced.pk)) if replaced else []
        place = TestingPlace.objects.get(pk=place_id)
        today = day_at(actor, now)
        facts = day_facts(
            place=place,
            testing_org_id=testing_org_id,
            held_on=held_on,
            starts_at=starts_at,
            grades={*grades, *(one.referral.grade for one in waiting)},
            capacity=capacity,
            results_official_on=results_official_on,
        )
        warnings = law.refuse(
            [
                *rules.reasons_against_additional_date(
                    actor.role == Role.MINISTRY,
                    reason,
                    on=today,
                    profile=registry.active_profile(),
                    schedule=ScheduleState(schedule.state),
                    replaced=SessionState(replaced.state) if replaced else None,
                    capacity=capacity,
                    waiting=len(waiting),
                ),
                *against_day(facts, starts_at, today=today),
            ]
        )
        session = write_session(
            schedule,
            place,
            facts,
            starts_at,
            testing_org_id=testing_org_id,
            warnings=warnings,
            is_additional=True,
            additional_reason=reason.strip()[:300],
            replaces=replaced,
            changed_on=today,
        )
        moved = _move_waiting(waiting[:capacity], session, actor=actor, now=now)
        record(
            "session.additional",
            actor=actor,
            about=session,
            at=now,
            moved=moved,
            replaces=replaces_id,
            reason=session.additional_reason,
            **said_of(session),
        )
        steps.refresh_session_duties(session, now=now)
        if replaced is not None:
            steps.refresh_session_duties(replaced, now=now)
    return Changed(session, warnings, moved)


def _move_waiting(
    waiting: list[Booking], session: TestSession, *, actor: Viewer, now: datetime
) -> int:
    """Give a seat of the new day to each who waits: no new lead time, no new visit."""
    ordered = sorted(waiting, key=lambda one: one.referral.application_id)
    people = [(one, *steps.lock_referral(one.referral_id)) for one in ordered]
    for before, application, referral in people:
        booking = steps.take_seat(
            referral,
            session,
            in_person=InPerson(before.in_person),
            identity_document=before.identity_document,
            actor=actor,
            now=now,
            under=(
                registry.active_profile().value(
                    "booking.additional_date_by", on=session.changed_on or session.held_on
                ),
            ),
            moved_from=before,
        )
        steps.note_moved(booking, before, application, actor=actor, now=now)
        steps.tell_booked(booking, application, actor=actor, now=now, moved=True)
        admissions.refresh_duties(application, now=now)
    return len(people)
