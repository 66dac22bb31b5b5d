"""At the door: who is admitted, who is not, who did not come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from merilo import law
from merilo.admissions import steps as admissions
from merilo.admissions.models import Application
from merilo.admissions.rules import ReferralState
from merilo.booking import steps as booking_steps
from merilo.booking.models import Booking
from merilo.booking.rules import BookingState
from merilo.casework.steps import hand_over, replace_duties
from merilo.foundation.journal.recording import record
from merilo.law import Part, decided_under
from merilo.registry import queries as registry
from merilo.registry.access import Viewer, permit
from merilo.registry.rules import Function
from merilo.registry.steps import day_at
from merilo.testday import access, queries, rules, steps
from merilo.testday.models import Attempt, Incident, SessionDay
from merilo.testday.rules import AttemptState, SessionDayState


def check_in(
    *,
    booking_id: int,
    child_document: str,
    representative_document: str = "",
    representative_present: bool = True,
    documents_agree: bool = True,
    room_oral: str = "",
    room_written: str = "",
    actor: Viewer,
    now: datetime,
) -> Attempt:
    """Admit a child: identity checked, code, rooms and variants given. Raises `Refused` with all.

    Documents are the words of the list the clerk chose from («свидетельство о рождении»).
    """
    permit(actor, access.ROLES, "testday.check_in")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        day, booking, application = _lock(booking_id, actor)
        session = day.session
        law.refuse(
            rules.reasons_against_admission(
                rules.CheckIn(
                    test_on=session.held_on,
                    born_on=application.child.birth_date or session.held_on,
                    booking_is_live=booking.state == BookingState.CONFIRMED,
                    participant_document=child_document.strip(),
                    parent_document=representative_document.strip(),
                    parent_present=representative_present,
                    documents_agree=documents_agree,
                    already_admitted=booking.state == BookingState.CHECKED_IN,
                    day_state=SessionDayState(day.state),
                ),
                today=day_at(session.testing_org, now),
                profile=profile,
            )
        )
        view = queries.day_view(day, profile=profile)
        one = next(p for p in view.people if p.booking.pk == booking.pk)
        if room_oral or room_written:
            one = _seated(one, room_oral, room_written)
        variants, seating = steps.choose_variants(view, one, profile=profile)
        code, under = steps.code_for(
            application.child,
            receiving_school=application.school,
            testing_org=session.testing_org,
            grade=booking.referral.grade,
            on=session.held_on,
            now=now,
            profile=profile,
        )
        attempt = Attempt.objects.create(
            booking=booking,
            application=application,
            person=application.child,
            day=day,
            held_on=session.held_on,
            grade=booking.referral.grade,
            form=one.form,
            attempt_no=booking.referral.attempt_no,
            code=code,
            state=AttemptState.ADMITTED,
            state_since=now,
            checked_in_at=now,
            checked_in_by_id=actor.account_id,
            child_document=child_document.strip(),
            representative_document=representative_document.strip(),
            room_oral=steps.seat_of(seating.oral, view),
            room_written=steps.seat_of(seating.written, view),
            written_slot=seating.slot,
            variant_oral=variants.get(Part.ORAL),
            variant_written=variants.get(Part.WRITTEN),
            decided_under=decided_under(
                *under, profile.value("retest.variants_exclude", on=session.held_on)
            ),
        )
        booking_steps.end_booking(booking, BookingState.CHECKED_IN, now=now)
        if booking.referral.state != ReferralState.USED:
            admissions.move_referral(booking.referral, ReferralState.USED, now=now)
        record(
            "attempt.admitted",
            actor=actor,
            about=attempt,
            at=now,
            case_id=application.pk,
            document=attempt.child_document,
            representative_document=attempt.representative_document,
            room_oral=seating.oral,
            room_written=seating.written,
            turn=seating.slot,
            variants={str(part): row.number for part, row in variants.items()},
        )
        admissions.refresh_duties(application, now=now)
        steps.refresh_duties(day, now=now, view=view.with_attempt(attempt))
    return attempt


def _lock(booking_id: int, actor: Viewer) -> tuple[SessionDay, Booking, Application]:
    """The day, the booking and the case, locked in this order, in the scope of the actor."""
    booking = (
        Booking.objects.only("session_id", "referral")
        .select_related("referral")
        .get(pk=booking_id, session__in=queries.sessions_held_by(actor))
    )
    days = queries.days_visible_to(actor).select_for_update(of=("self",))
    day = days.filter(session_id=booking.session_id).first()
    if day is None:  # the door is the first to touch this day
        SessionDay.objects.get_or_create(session_id=booking.session_id)
        day = days.get(session_id=booking.session_id)
    steps.must_conduct(actor, day)
    application = admissions.lock_application(booking.referral.application_id)
    booking = (
        Booking.objects.select_for_update(of=("self",))
        .select_related("referral", "session")
        .get(pk=booking_id)
    )
    return day, booking, application


def _seated(one: queries.Expected, oral: str, written: str) -> queries.Expected:
    seating = rules.Seating(
        oral or one.seating.oral, written or one.seating.written, one.seating.slot
    )
    return queries.Expected(one.booking, one.attempt, one.form, seating)


def refuse_admission(
    *,
    booking_id: int,
    why: str,
    note: str,
    actor: Viewer,
    now: datetime,
    reasons: Sequence[str] = (),
) -> Incident:
    """Write down that somebody was turned away at the door and why (TC-062).

    `why` is a code of `rules.TurnedAway`, `reasons` are the codes the check gave. He may still be
    admitted later that day; it is no no-show.
    """
    permit(actor, access.ROLES, "testday.check_in")
    with transaction.atomic(durable=True):
        day, booking, application = _lock(booking_id, actor)
        if booking.state == BookingState.CHECKED_IN:
            law.refuse([rules.ALREADY_ADMITTED()])
        if booking.state != BookingState.CONFIRMED:
            law.refuse([rules.BOOKING_NOT_LIVE()])
        missing = [] if why in set(rules.TurnedAway) else [rules.REFUSAL_NEEDS_REASON()]
        if not note.strip():
            missing.append(rules.REFUSAL_NEEDS_NOTE())
        law.refuse(missing)
        incident = steps.add_incident(
            day,
            "not-admitted",
            note,
            actor=actor,
            now=now,
            booking=booking.pk,
            application=application.pk,
            why=str(why),
            reasons=list(reasons),
        )
        record(
            "attempt.refused",
            actor=actor,
            about=booking,
            at=now,
            case_id=application.pk,
            why=str(why),
            reasons=list(reasons),
        )
        steps.refresh_duties(day, now=now)
    return incident


def close_refused(*, booking_id: int, actor: Viewer, now: datetime) -> Booking:
    """End the booking of somebody turned away who will not come back that day.

    The end of the day does this for all of them; this one serves a day that is not held.
    """
    permit(actor, access.ROLES, "testday.check_in")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        day, booking, application = _lock(booking_id, actor)
        why = queries.turned_away(day).get(booking.pk)
        law.refuse(
            rules.reasons_against_closing_refused(
                booking_is_live=booking.state == BookingState.CONFIRMED,
                admitted=booking.state == BookingState.CHECKED_IN,
                turned_away=why is not None,
            )
        )
        steps.end_unattended(
            day, booking, application, turned_away=why, actor=actor, now=now, profile=profile
        )
        steps.refresh_duties(day, now=now)
    return booking


def no_show(*, booking_id: int, actor: Viewer, now: datetime) -> Booking:
    """Note that a child did not come; the school and its МОУО are told, the МОУО tells РЦОИ."""
    permit(actor, access.ROLES, "testday.check_in")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        day, booking, application = _lock(booking_id, actor)
        session = day.session
        today = day_at(session.testing_org, now)
        law.refuse(
            rules.reasons_against_no_show(
                test_on=session.held_on,
                today=today,
                booking_is_live=booking.state == BookingState.CONFIRMED,
                admitted=booking.state == BookingState.CHECKED_IN,
                turned_away=booking.pk in queries.turned_away(day),
            )
        )
        steps.end_unattended(day, booking, application, actor=actor, now=now, profile=profile)
        record(
            "attempt.no-show",
            actor=actor,
            about=booking,
            at=now,
            case_id=application.pk,
            held_on=session.held_on.isoformat(),
        )
        steps.refresh_duties(day, now=now)
    return booking


def report_no_show(*, booking_id: int, actor: Viewer, now: datetime) -> None:
    """The МОУО hands the no-show on to РЦОИ; doing it twice changes nothing."""
    permit(actor, access.ROLES, "testday.report_no_show")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        booking = (
            queries.no_shows_to_report(actor).select_for_update(of=("self",)).get(pk=booking_id)
        )
        application = booking.referral.application
        held_on = booking.session.held_on
        answer = rules.no_show_answer(test_on=held_on, profile=profile)
        mouo = registry.above_with(application.school, Function.MOUO, on=held_on)
        rcoi = registry.region_organisation(Function.RCOI, on=held_on)
        if rcoi is None:
            law.refuse([rules.NO_RCOI()])
        hand_over(
            "no_show",
            about=booking,
            sender=mouo or actor.organisation_id,
            recipient=rcoi,
            label=admissions.case_label(application),
            actor=actor,
            now=now,
            today=day_at(mouo or application.school, now),
            case_id=application.pk,
            due_on=answer.dates["report_until"],
            under=answer.decided_under,
        )
        replace_duties(f"noshow:{booking.pk}", [], case_id=application.pk)
