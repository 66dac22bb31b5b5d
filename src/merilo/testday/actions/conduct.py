"""While the day runs: start, briefing, parts, recordings, interruptions, annulment."""

from __future__ import annotations

from collections.abc import Iterable
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
from merilo.law import Form, Part, Refusal, decided_under
from merilo.materials.models import Variant
from merilo.registry import queries as registry
from merilo.registry.access import Viewer, permit
from merilo.registry.rules import Function
from merilo.testday import access, queries, rules, steps
from merilo.testday.models import Attempt, Incident, SessionDay
from merilo.testday.rules import AttemptState, SessionDayState


def start_day(*, day_id: int, actor: Viewer, now: datetime) -> SessionDay:
    """Begin the test. Raises `Refused` with everything that is not ready, at once."""
    permit(actor, access.ROLES, "testday.conduct")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        day = steps.lock_day(day_id, actor)
        view = queries.day_view(day, profile=profile)
        law.refuse(
            rules.reasons_against_start(
                queries.day_facts(view),
                today=steps.day_where(day.session.testing_org, now),
                profile=profile,
            )
        )
        steps.move_day(day, SessionDayState.RUNNING, started_at=now)
        record(
            "day.started", actor=actor, about=day, at=now, people=len(view.people),
            present=sorted({a.position_id for a in view.assignments if a.present}),
        )
        steps.refresh_duties(day, now=now)
    return day


def brief(*, day_id: int, actor: Viewer, now: datetime) -> int:
    """The briefing was held for all who came and were not briefed yet. Hands back how many."""
    permit(actor, access.ROLES, "testday.conduct")
    with transaction.atomic(durable=True):
        day = steps.lock_day(day_id, actor)
        if day.state not in (SessionDayState.STAFFED, SessionDayState.RUNNING):
            law.refuse([rules.DAY_NOT_OPEN(state=rules.DAY_WORDS[SessionDayState(day.state)])])
        waiting = list(
            day.attempts.select_for_update().filter(state=AttemptState.ADMITTED).order_by("pk")
        )
        if not waiting:
            law.refuse([rules.NOBODY_TO_BRIEF()])
        for attempt in waiting:
            steps.move_attempt(attempt, AttemptState.BRIEFED, now=now, briefed_at=now)
            record(
                "attempt.briefed", actor=actor, about=attempt, at=now,
                case_id=attempt.application_id,
            )
        if day.briefed_at is None:
            day.briefed_at = now
            day.save(update_fields=["briefed_at"])
            record("day.readiness", actor=actor, about=day, at=now, what="briefing", ready=True)
        steps.refresh_duties(day, now=now)
    return len(waiting)


RUNNING = {Part.ORAL: AttemptState.ORAL_RUNNING, Part.WRITTEN: AttemptState.WRITTEN_RUNNING}
DONE = {Part.ORAL: AttemptState.ORAL_DONE, Part.WRITTEN: AttemptState.WRITTEN_DONE}


def start_part(
    *, attempt_ids: Iterable[int], part: Part, actor: Viewer, now: datetime
) -> tuple[Refusal, ...]:
    """Begin a part for one person or for a room at once. Hands back what to remind of.

    All or none: whoever writes together in a room hears one text and is of one grade.
    """
    permit(actor, access.ROLES, "testday.conduct")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        day, attempts = _lock_attempts(attempt_ids, actor)
        if day.state != SessionDayState.RUNNING:
            law.refuse([rules.DAY_NOT_RUNNING(state=rules.DAY_WORDS[SessionDayState(day.state)])])
        shown: list[Refusal] = []
        if part == Part.WRITTEN:
            shown += law.refuse(_against_writing_together(day, attempts, profile))
        for attempt in attempts:
            _move(attempt, RUNNING[part], now, **{f"{part}_started_at": now})
            record(
                "attempt.part-started", actor=actor, about=attempt, at=now,
                case_id=attempt.application_id, part=str(part),
            )
        if part == Part.WRITTEN:
            for grade in sorted({attempt.grade for attempt in attempts}):
                shown += rules.reminders(
                    grade, form=Form.ORAL_WRITTEN, on=day.session.held_on, profile=profile
                )
        steps.refresh_duties(day, now=now)
    return tuple({(one.code, str(one.facts)): one for one in shown}.values())


def _move(attempt: Attempt, to: AttemptState, now: datetime, **fields) -> None:
    steps.move_attempt(attempt, to, now=now, **fields)


def _against_writing_together(
    day: SessionDay, attempts: list[Attempt], profile: law.Profile
) -> list[Refusal]:
    """What is wrong in each written room once these people start beside those who write there."""
    writing = day.attempts.filter(state=AttemptState.WRITTEN_RUNNING).select_related(
        "room_written", "variant_written"
    )
    together = {a.pk: a for a in [*writing, *attempts]}.values()
    past = queries.past_attempts({a.person_id for a in attempts})
    rooms: dict[str, list[Attempt]] = {}
    for attempt in together:
        room = attempt.room_written.number if attempt.room_written else ""
        rooms.setdefault(room, []).append(attempt)
    found: list[Refusal] = []
    for room, people in rooms.items():
        if not any(one in attempts for one in people):
            continue
        seats = [
            rules.Seat(
                participant=one.code,
                grade=one.grade,
                variant=one.variant_written
                and rules.Variant(one.variant_written.number, one.variant_written.listening_text),
                forbidden=rules.forbidden_variants(
                    [p for p in past.get(one.person_id, ()) if p.test_on < day.session.held_on],
                    grade=one.grade,
                    part=Part.WRITTEN,
                    on=day.session.held_on,
                    profile=profile,
                ),
            )
            for one in people
        ]
        found += rules.room_variants(
            room, seats, part=Part.WRITTEN, on=day.session.held_on, profile=profile
        ).reasons
    return found


def finish_part(
    *, attempt_ids: Iterable[int], part: Part, actor: Viewer, now: datetime
) -> tuple[Refusal, ...]:
    """End a part for one person or a room at once. Longer than allowed is told, not forbidden."""
    permit(actor, access.ROLES, "testday.conduct")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        day, attempts = _lock_attempts(attempt_ids, actor)
        for attempt in attempts:
            _move(attempt, DONE[part], now, **{f"{part}_finished_at": now})
            record(
                "attempt.part-finished", actor=actor, about=attempt, at=now,
                case_id=attempt.application_id, part=str(part),
            )
        told = [
            reason
            for attempt in attempts
            for reason in rules.reasons_against_duration(
                oral_minutes=_minutes(attempt.oral_started_at, attempt.oral_finished_at),
                written_minutes=_minutes(attempt.written_started_at, attempt.written_finished_at),
                on=day.session.held_on,
                profile=profile,
            )
        ]
        steps.refresh_duties(day, now=now)
        jobs.defer("owe_marking", day_id=day.pk)
    return tuple(told)


def _minutes(since: datetime | None, until: datetime | None) -> int | None:
    return round((until - since).total_seconds() / 60) if since and until else None


def _lock_attempts(
    attempt_ids: Iterable[int], actor: Viewer
) -> tuple[SessionDay, list[Attempt]]:
    """Attempts of one day, locked after the day. Raises `DoesNotExist` for a foreign one."""
    wanted = sorted(set(attempt_ids))
    visible = queries.attempts_visible_to(actor).filter(pk__in=wanted)
    days = set(visible.values_list("day_id", flat=True))
    if not wanted or len(days) != 1:
        raise Attempt.DoesNotExist
    day = steps.lock_day(days.pop(), actor)
    attempts = list(
        visible.select_for_update(of=("self",))
        .select_related("room_written", "variant_written")
        .order_by("pk")
    )
    if len(attempts) != len(wanted):
        raise Attempt.DoesNotExist
    return day, attempts


def assign_variant(
    *, attempt_id: int, part: Part, number: str, actor: Viewer, now: datetime
) -> Attempt:
    """Give another variant before the part begins; never one the child had before."""
    permit(actor, access.ROLES, "testday.conduct")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        attempt = steps.lock_attempt(attempt_id, actor)
        day = attempt.day
        started = attempt.oral_started_at if part == Part.ORAL else attempt.written_started_at
        if started or part not in rules.parts_of(Form(attempt.form)):
            law.refuse([rules.PART_BEGUN(part=rules.PART_WORDS[part])])
        variant = (
            Variant.objects.filter(grade=attempt.grade, part=part, number=number.strip()).first()
        )
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
                attempt.code, attempt.grade,
                rules.Variant(variant.number, variant.listening_text), forbidden,
            ),
            *(
                rules.Seat(
                    one.code, one.grade,
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
        attempt.decided_under = {
            **attempt.decided_under, **decided_under(*answer.decided_under)
        }
        attempt.save(update_fields=[f"variant_{part}", "decided_under"])
        record(
            "attempt.seated", actor=actor, about=attempt, at=now,
            case_id=attempt.application_id, part=str(part), variant=variant.number,
        )
    return attempt


def attach_recording(
    *, attempt_id: int, name: str, content: bytes, actor: Viewer, now: datetime
) -> Attempt:
    """Keep the sound of the oral answer. An earlier recording stays kept, the newer one counts."""
    permit(actor, access.ROLES, "testday.conduct")
    content_type = store.check(name, content, store.SOUNDS)
    with transaction.atomic(durable=True):
        attempt = steps.lock_attempt(attempt_id, actor)
        if attempt.oral_started_at is None:
            law.refuse([rules.ORAL_NOT_BEGUN()])
        before = attempt.audio_id
        attempt.audio = store.keep(
            content, name=f"{attempt.code}{_extension(name)}", content_type=content_type,
            purpose="oral-answer", now=now, account_id=actor.account_id,
        )
        attempt.save(update_fields=["audio"])
        record(
            "attempt.recorded", actor=actor, about=attempt, at=now,
            case_id=attempt.application_id, file=str(attempt.audio_id),
            sha256=attempt.audio.sha256, before=str(before or ""),
        )
    return attempt


def _extension(name: str) -> str:
    return f".{name.rsplit('.', 1)[-1].lower()}"


def interrupt(
    *, attempt_id: int, technical: bool, note: str, actor: Viewer, now: datetime
) -> Attempt:
    """Stop an attempt: for technical reasons (an additional date follows) or personal ones."""
    permit(actor, access.ROLES, "testday.conduct")
    to = AttemptState.INTERRUPTED_TECH if technical else AttemptState.INTERRUPTED_PERSONAL
    with transaction.atomic(durable=True):
        attempt = steps.lock_attempt(attempt_id, actor)
        if not note.strip():
            law.refuse([rules.INTERRUPTION_NEEDS_NOTE()])
        steps.move_attempt(attempt, to, now=now)
        record(
            "attempt.interrupted", actor=actor, about=attempt, at=now,
            case_id=attempt.application_id, technical=technical,
        )
        steps.add_incident(
            attempt.day, str(to).replace("_", "-"), note, actor=actor, now=now, attempt=attempt
        )
        if technical:
            _wait_for_another_day(attempt, actor=actor, now=now)
        steps.refresh_duties(attempt.day, now=now)
        jobs.defer("owe_marking", day_id=attempt.day_id)
    return attempt


def _wait_for_another_day(attempt: Attempt, *, actor: Viewer, now: datetime) -> None:
    """The same referral waits for the additional date of the ministry (R1.3.4)."""
    session = booking_steps.lock_session(attempt.day.session_id)
    application = admissions.lock_application(attempt.application_id)
    booking = (
        Booking.objects.select_for_update(of=("self",))
        .select_related("referral", "session")
        .get(pk=attempt.booking_id)
    )
    booking_steps.end_booking(
        booking, BookingState.RESCHEDULED, now=now, reason="прервано по техническим причинам"
    )
    admissions.move_referral(booking.referral, ReferralState.BOOKED, now=now)
    ministry = registry.region_organisation(Function.MINISTRY, on=session.held_on)
    if ministry:
        hand_over(
            "interrupted_tech",
            about=attempt,
            sender=session.testing_org_id,
            recipient=ministry,
            label=admissions.case_label(application),
            actor=actor,
            now=now,
            today=steps.day_where(attempt.day.session.testing_org, now),
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
        attempt = steps.lock_attempt(attempt_id, actor)
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
            "attempt.annulled", actor=actor, about=attempt, at=now,
            case_id=attempt.application_id, reason=reason_code,
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
        return steps.add_incident(
            day, kind, text, actor=actor, now=now, attempt=attempt
        )
