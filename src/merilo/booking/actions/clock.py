"""What time itself brings about: unbooked applications end, abandoned seats are freed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from merilo.admissions import actions as admissions
from merilo.admissions import queries as admissions_queries
from merilo.booking import access, queries, steps
from merilo.booking.models import Schedule, TestSession
from merilo.booking.rules import BookingState
from merilo.foundation.journal.recording import record
from merilo.law import Refused
from merilo.registry.access import Viewer, permit
from merilo.registry.steps import day_at


def expire_due(*, actor: Viewer, now: datetime) -> int:
    """Annul what was not booked in its term, one case a transaction; how many ended.

    A case that may not be annulled (the profile says so, or it was booked this moment) stays.
    """
    permit(actor, access.ROLES, "booking.clock")
    today = day_at(actor, now)
    ended = 0
    due = admissions_queries.unbooked_after_term(today=today)
    for referral_id in list(due.values_list("pk", flat=True)):
        try:
            done = admissions.annul_not_booked(referral_id=referral_id, actor=actor, now=now)
        except Refused:
            continue
        ended += done is not None
    return ended


def free_ended_seats(*, actor: Viewer, now: datetime) -> int:
    """Free the seats of referrals that were revoked and of applications that were withdrawn."""
    permit(actor, access.ROLES, "booking.clock")
    freed = 0
    for booking_id, session_id in list(
        queries.seats_of_ended_cases().values_list("pk", "session_id")
    ):
        with transaction.atomic(durable=True):
            steps.lock_session(session_id)
            booking = queries.seats_of_ended_cases().filter(pk=booking_id).first()
            if booking is None:
                continue
            application, _ = steps.lock_referral(booking.referral_id)
            steps.end_booking(booking, BookingState.CANCELLED, now=now, reason="дело завершено")
            record(
                "booking.cancelled",
                actor=actor,
                about=booking,
                at=now,
                case_id=application.pk,
                session=session_id,
            )
            freed += 1
    return freed


def refresh_schedule_terms(*, schedule_id: int, actor: Viewer, now: datetime) -> Schedule:
    """Give a day to the duties of a schedule that had none: a calendar may be published by now."""
    permit(actor, access.ROLES, "booking.clock")
    with transaction.atomic(durable=True):
        schedule = Schedule.objects.select_for_update().get(pk=schedule_id)
        steps.refresh_schedule_duties(schedule, now=now)
    return schedule


def refresh_session_terms(*, session_id: int, actor: Viewer, now: datetime) -> TestSession:
    """The same for one changed day."""
    permit(actor, access.ROLES, "booking.clock")
    with transaction.atomic(durable=True):
        session = steps.lock_session(session_id)
        steps.refresh_session_duties(session, now=now)
    return session
