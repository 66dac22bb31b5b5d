"""One attempt: another variant, its recording, its breaking off, its annulment; events."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from merilo import law
from merilo.admissions import steps as admissions
from merilo.admissions.rules import ReferralState
from merilo.booking import steps as booking_steps
from merilo.booking.models import Booking
from merilo.booking.rules import BookingState
from merilo.casework.steps import hand_over
from merilo.foundation import jobs
from merilo.foundation.files import store
from merilo.foundation.journal.recording import record
from merilo.law import Form, Part, decided_under
from merilo.materials.models import Variant
from merilo.registry import queries as registry
from merilo.registry.access import Viewer, permit
from merilo.registry.rules import Function
from merilo.registry.steps import day_at
from merilo.testday import access, queries, rules, steps
from merilo.testday.models import Attempt, Incident
from merilo.testday.rules import AfterInterruption, AttemptState


def assign_variant(
    *, attempt_id: int, part: Part, number: str, actor: Viewer, now: datetime
) -> Attempt:
    """Give another variant before the part begins; never one the child had before."""
    permit(actor, access.ROLES, "testday.conduct")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        attempt = steps.lock_attempt(attempt_id, actor, conducting=True)
        day = attempt.day
        started = attempt.oral_started_at if part == Part.ORAL else attempt.written_started_at
        if started or part not in rules.parts_of(Form(attempt.form)):
            law.refuse([rules.PART_BEGUN(part=rules.PART_WORDS[part])])
        variant = Variant.objects.filter(
            grade=attempt.grade, part=part, number=number.strip()
        ).first()
        if variant is None:
            law.refuse([rules.NO_SUCH_VARIANT(number=number, grade=attempt.grade)])
        past = [
            p
            for p in queries.past_attempts([attempt.person_id]).get(attempt.person_id, ())
            if p.test_on < day.session.held_on
        ]
        forbidden = rules.forbidden_variants(
            past, grade=attempt.grade, part=part, on=day.session.held_on, profile=profile
        )
        beside = []
        if part == Part.WRITTEN:
            beside = list(
                day.attempts.filter(
                    room_written=attempt.room_written, written_slot=attempt.written_slot
                )
                .exclude(pk=attempt.pk)
                .exclude(state__in=queries.ENDED)
                .select_related("variant_written")
            )
        seats = [
            rules.Seat(
                attempt.code,
                attempt.grade,
                rules.Variant(variant.number, variant.listening_text),
                forbidden,
            ),
            *(
                rules.Seat(
                    one.code,
                    one.grade,
                    rules.Variant(one.variant_written.number, one.variant_written.listening_text),
                )
                for one in beside
                if one.variant_written
            ),
        ]
        room = attempt.room_written if part == Part.WRITTEN else attempt.room_oral
        answer = rules.room_variants(
            room.number if room else "—", seats, part=part, on=day.session.held_on, profile=profile
        )
        law.refuse(answer.reasons)
        setattr(attempt, f"variant_{part}", variant)
        attempt.decided_under = {**attempt.decided_under, **decided_under(*answer.decided_under)}
        attempt.save(update_fields=[f"variant_{part}", "decided_under"])
        record(
            "attempt.seated",
            actor=actor,
            about=attempt,
            at=now,
            case_id=attempt.application_id,
            part=str(part),
            variant=variant.number,
        )
    return attempt


def attach_recording(
    *, attempt_id: int, name: str, content: bytes, actor: Viewer, now: datetime
) -> Attempt:
    """Keep the sound of the oral answer. An earlier recording stays kept, the newer one counts."""
    permit(actor, access.ROLES, "testday.conduct")
    content_type = store.check(name, content, store.SOUNDS)
    with transaction.atomic(durable=True):
        attempt = steps.lock_attempt(attempt_id, actor, conducting=True)
        if attempt.oral_started_at is None:
            law.refuse([rules.ORAL_NOT_BEGUN()])
        before = attempt.audio_id
        attempt.audio = store.keep(
            content,
            name=f"{attempt.code}{_extension(name)}",
            content_type=content_type,
            purpose="oral-answer",
            now=now,
            account_id=actor.account_id,
        )
        attempt.save(update_fields=["audio"])
        record(
            "attempt.recorded",
            actor=actor,
            about=attempt,
            at=now,
            case_id=attempt.application_id,
            file=str(attempt.audio_id),
            sha256=attempt.audio.sha256,
            before=str(before or ""),
        )
    return attempt


def _extension(name: str) -> str:
    return f".{name.rsplit('.', 1)[-1].lower()}"


def interrupt(
    *, attempt_id: int, technical: bool, note: str, actor: Viewer, now: datetime
) -> Attempt:
    """Stop an attempt for technical or personal reasons; what follows is the law's answer."""
    permit(actor, access.ROLES, "testday.conduct")
    profile = registry.active_profile()
    to = AttemptState.INTERRUPTED_TECH if technical else AttemptState.INTERRUPTED_PERSONAL
    with transaction.atomic(durable=True):
        attempt = steps.lock_attempt(attempt_id, actor, conducting=True)
        if not note.strip():
            law.refuse([rules.INTERRUPTION_NEEDS_NOTE()])
        begun = [p for p in Part if getattr(attempt, f"{p}_started_at")]
        answer = rules.interruption_answer(
            technical=technical, begun=bool(begun), on=attempt.held_on, profile=profile
        )
        then = answer.outcome["then"]
        ended = {}
        if then == AfterInterruption.MARKED_AS_DONE:  # a part that was running ends here
            ended = {
                f"{part}_finished_at": now
                for part in begun
                if getattr(attempt, f"{part}_finished_at") is None
            }
        steps.move_attempt(
            attempt,
            to,
            now=now,
            interrupted_then=then,
            decided_under={**attempt.decided_under, **decided_under(*answer.decided_under)},
            **ended,
        )
        record(
            "attempt.interrupted",
            actor=actor,
            about=attempt,
            at=now,
            case_id=attempt.application_id,
            technical=technical,
            then=str(then),
        )
        steps.add_incident(
            attempt.day, str(to).replace("_", "-"), note, actor=actor, now=now, attempt=attempt
        )
        if then == AfterInterruption.ADDITIONAL_DATE:
            _wait_for_another_day(attempt, note=rules.ATTEMPT_WORDS[to], actor=actor, now=now)
        steps.refresh_duties(attempt.day, now=now)
        jobs.defer("owe_marking", day_id=attempt.day_id)
    return attempt


def _wait_for_another_day(attempt: Attempt, *, note: str, actor: Viewer, now: datetime) -> None:
    """The same referral waits for the additional date of the ministry; the school is told."""
    session = booking_steps.lock_session(attempt.day.session_id)
    application = admissions.lock_application(attempt.application_id)
    booking = (
        Booking.objects.select_for_update(of=("self",))
        .select_related("referral", "session")
        .get(pk=attempt.booking_id)
    )
    booking_steps.end_booking(booking, BookingState.RESCHEDULED, now=now, reason=note)
    admissions.move_referral(booking.referral, ReferralState.BOOKED, now=now)
    ministry = registry.region_organisation(Function.MINISTRY, on=session.held_on)
    for recipient in filter(None, (ministry, application.school)):
        hand_over(
            str(attempt.state),
            about=attempt,
            sender=session.testing_org_id,
            recipient=recipient,
            label=admissions.case_label(application),
            actor=actor,
            now=now,
            today=day_at(attempt.day.session.testing_org, now),
            case_id=application.pk,
        )
    booking_steps.refresh_session_duties(session, now=now)
    admissions.refresh_duties(application, now=now)


def annul(
    *, attempt_id: int, reason_code: str, note: str, actor: Viewer, now: datetime
) -> Attempt:
    """The chair of that day annuls an attempt for a violation of the region's list (F.18, R1.7.5).

    The case is moved by the results, once the commission draws them.
    """
    permit(actor, access.ROLES, "testday.annul")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        attempt = steps.lock_attempt(attempt_id, actor, conducting=True)
        answer = rules.may_annul(
            by_chair_of_the_day=queries.is_chair(actor, attempt.day),
            code=reason_code,
            state=AttemptState(attempt.state),
            on=attempt.held_on,
            profile=profile,
        )
        reasons = list(answer.reasons)
        if not note.strip():
            reasons.append(rules.ANNULMENT_NEEDS_NOTE())
        law.refuse(reasons)
        steps.move_attempt(
            attempt,
            AttemptState.ANNULLED,
            now=now,
            annulled_reason=reason_code,
            annulled_note=note.strip()[:500],
            annulled_at=now,
            annulled_by_id=actor.position_id,
            decided_under={**attempt.decided_under, **decided_under(*answer.decided_under)},
        )
        record(
            "attempt.annulled",
            actor=actor,
            about=attempt,
            at=now,
            case_id=attempt.application_id,
            reason=reason_code,
        )
        steps.refresh_duties(attempt.day, now=now)
        jobs.defer("owe_marking", day_id=attempt.day_id)
    return attempt


def add_incident(
    *,
    day_id: int,
    kind: str,
    text: str,
    attempt_id: int | None = None,
    actor: Viewer,
    now: datetime,
) -> Incident:
    """Write an event into the log of the day; it goes into the protocol word for word."""
    permit(actor, access.ROLES, "testday.conduct")
    with transaction.atomic(durable=True):
        day = steps.lock_day(day_id, actor)
        if not text.strip():
            law.refuse([rules.INCIDENT_NEEDS_TEXT()])
        attempt = day.attempts.get(pk=attempt_id) if attempt_id else None
        return steps.add_incident(day, kind, text, actor=actor, now=now, attempt=attempt)
