"""Book a seat for a referral, move the booking, cancel it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from merilo import law
from merilo.admissions import steps as admissions
from merilo.admissions.models import Application, Referral
from merilo.admissions.rules import ApplicationState, ReferralState
from merilo.booking import access, queries, rules, steps
from merilo.booking.models import Booking, TestSession
from merilo.booking.rules import BookingState, InPerson
from merilo.foundation.journal.recording import record
from merilo.law import Profile, Refusal
from merilo.materials import steps as materials
from merilo.registry import queries as registry
from merilo.registry.access import Viewer, permit
from merilo.registry.steps import day_at


@dataclass(frozen=True)
class Booked:
    """A booking and what the clerk must be told about it."""

    booking: Booking
    warnings: tuple[Refusal, ...]


def book(
    *,
    referral_id: int,
    session_id: int,
    in_person: InPerson,
    identity_document: str,
    actor: Viewer,
    now: datetime,
    request_key: str = "",
) -> Booked:
    """Take a seat. The same `request_key` again gives the same booking and takes nothing.

    Raises `Refused` with every reason at once; `DoesNotExist` for a referral to another
    testing organisation.
    """
    permit(actor, access.ROLES, "booking.book")
    with transaction.atomic(durable=True):
        session = steps.lock_session(session_id)
        application, referral = _own_referral(referral_id, actor)
        if done := _made_before(request_key, referral):
            return done
        today = day_at(session.testing_org, now)
        profile = registry.active_profile()
        facts = queries.referral_facts(referral, on=today, profile=profile)
        reserve = not facts.postponed and rules.needs_reserve_kit(
            today, session.held_on, referral.grade, profile=profile
        )
        about = _session_facts(session, referral, facts, today, profile, reserve=reserve)
        warnings = law.refuse(
            rules.reasons_against_booking(
                facts,
                about,
                booked_on=today,
                in_person=in_person,
                identity_seen=bool(identity_document.strip()),
                profile=profile,
            )
        )
        before = _postponed_booking(referral) if facts.postponed else None
        booking = steps.take_seat(
            referral,
            session,
            in_person=in_person,
            identity_document=identity_document.strip()[:60],
            actor=actor,
            now=now,
            under=rules.values_of_booking(facts, today, profile),
            warnings=warnings,
            request_key=request_key,
            moved_from=before,
            uses_reserve_kit=reserve,
        )
        _put_on_the_road(application, referral, actor=actor, now=now)
        record(
            "booking.made",
            actor=actor,
            about=booking,
            at=now,
            case_id=application.pk,
            session=session.pk,
            held_on=str(session.held_on),
            in_person=str(in_person),
            reserve_kit=reserve,
            warnings=[one.code for one in warnings],
        )
        steps.tell_booked(booking, application, actor=actor, now=now)
        admissions.refresh_duties(application, now=now)
        if before is not None:
            steps.refresh_session_duties(before.session, now=now)
    return Booked(booking, warnings)


def _own_referral(referral_id: int, actor: Viewer) -> tuple[Application, Referral]:
    application, referral = steps.lock_referral(referral_id)
    if referral.testing_org_id != actor.organisation_id:
        raise Referral.DoesNotExist
    return application, referral


def _made_before(request_key: str, referral: Referral) -> Booked | None:
    """The booking this very request made already, when a form is sent twice."""
    if not request_key:
        return None
    booking = Booking.objects.filter(request_key=request_key, referral=referral).first()
    return Booked(booking, ()) if booking else None


def _session_facts(
    session: TestSession,
    referral: Referral,
    facts: rules.ReferralFacts,
    today: date,
    profile: Profile,
    *,
    reserve: bool,
) -> rules.SessionFacts:
    kits = materials.lock_kits(session.testing_org_id, referral.grade) if reserve else 0
    offered: tuple[date, ...] = ()
    if session.free < 1:
        offered = queries.next_free_days(referral, facts, today=today, profile=profile)
    return session.facts(free_reserve_kits=kits, next_days=offered)


def _put_on_the_road(
    application: Application, referral: Referral, *, actor: Viewer, now: datetime
) -> None:
    """Referral booked, case waiting for its result. After a postponed day both are so already."""
    if referral.state != ReferralState.BOOKED:
        admissions.move_referral(referral, ReferralState.BOOKED, now=now)
    if application.state != ApplicationState.AWAITING_RESULT:
        admissions.move(application, ApplicationState.AWAITING_RESULT, actor=actor, now=now)


def _postponed_booking(referral: Referral) -> Booking | None:
    return (
        Booking.objects.select_related("session", "session__testing_org")
        .filter(referral=referral, state=BookingState.RESCHEDULED)
        .order_by("-booked_at", "-pk")
        .first()
    )


def change_booking(
    *,
    booking_id: int,
    session_id: int,
    in_person: InPerson,
    identity_document: str,
    actor: Viewer,
    now: datetime,
    request_key: str = "",
) -> Booked:
    """Move a booking to another day because the parent asks for it, as far as settings allow."""
    permit(actor, access.ROLES, "booking.change")
    with transaction.atomic(durable=True):
        held = _held_session(booking_id, actor)
        before_session, session = steps.lock_sessions(held, session_id)
        booking = queries.bookings_visible_to(actor).get(pk=booking_id)
        application, referral = _own_referral(booking.referral_id, actor)
        if done := _made_before(request_key, referral):
            return done
        booking.refresh_from_db(fields=["state"])
        today = day_at(session.testing_org, now)
        profile = registry.active_profile()
        facts = queries.referral_facts(referral, on=today, profile=profile)
        reserve = rules.needs_reserve_kit(today, session.held_on, referral.grade, profile=profile)
        about = _session_facts(session, referral, facts, today, profile, reserve=reserve)
        reasons = [
            *rules.reasons_against_person(
                of_age=facts.of_age,
                in_person=in_person,
                identity_seen=bool(identity_document.strip()),
                on=today,
                profile=profile,
            ),
            *rules.reasons_against_change(
                BookingState(booking.state),
                changes=queries.changes_of(referral.pk),
                session_on=before_session.held_on,
                today=today,
                profile=profile,
            ),
            *rules.reasons_against_session(facts, about, booked_on=today, profile=profile),
        ]
        if session.pk == before_session.pk:
            reasons = [rules.SAME_DAY()]
        warnings = law.refuse(reasons)
        steps.end_booking(
            booking, BookingState.CHANGED_BY_PARENT, now=now, reason="по просьбе родителя"
        )
        moved = steps.take_seat(
            referral,
            session,
            in_person=in_person,
            identity_document=identity_document.strip()[:60],
            actor=actor,
            now=now,
            under=rules.values_of_booking(facts, today, profile),
            warnings=warnings,
            request_key=request_key,
            moved_from=booking,
            uses_reserve_kit=reserve,
        )
        steps.note_moved(moved, booking, application, actor=actor, now=now)
        steps.tell_booked(moved, application, actor=actor, now=now, moved=True)
        admissions.refresh_duties(application, now=now)
    return Booked(moved, warnings)


def _held_session(booking_id: int, actor: Viewer) -> int:
    """Which session to lock first. Raises `DoesNotExist` for a stranger's booking."""
    return (
        queries.bookings_visible_to(actor).values_list("session_id", flat=True).get(pk=booking_id)
    )


def cancel_booking(*, booking_id: int, reason: str, actor: Viewer, now: datetime) -> Booking:
    """Give the seat back because the parent asks for it. The term of booking does not restart."""
    permit(actor, access.ROLES, "booking.cancel")
    with transaction.atomic(durable=True):
        session = steps.lock_session(_held_session(booking_id, actor))
        booking = queries.bookings_visible_to(actor).get(pk=booking_id)
        application, referral = _own_referral(booking.referral_id, actor)
        booking.refresh_from_db(fields=["state"])
        today = day_at(session.testing_org, now)
        warnings = law.refuse(
            rules.reasons_against_cancelling(
                BookingState(booking.state),
                session_on=session.held_on,
                today=today,
                profile=registry.active_profile(),
                received_on=referral.received_on,
            )
        )
        steps.end_booking(
            booking,
            BookingState.CANCELLED,
            now=now,
            reason=reason.strip() or "по просьбе родителя",
        )
        admissions.move_referral(referral, ReferralState.DELIVERED, now=now)
        admissions.move(application, ApplicationState.REFERRED, actor=actor, now=now)
        record(
            "booking.cancelled",
            actor=actor,
            about=booking,
            at=now,
            case_id=application.pk,
            session=session.pk,
            warnings=[one.code for one in warnings],
        )
        still_open = referral.book_until if not warnings else None
        steps.tell_cancelled(booking, application, actor=actor, now=now, book_until=still_open)
        admissions.refresh_duties(application, now=now)
    return booking
