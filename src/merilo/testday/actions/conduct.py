"""While the day runs: its start, the briefing, the parts for one or for a whole room."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from merilo import law
from merilo.foundation import jobs
from merilo.foundation.journal.recording import record
from merilo.law import Form, Part, Refusal
from merilo.registry import queries as registry
from merilo.registry.access import Viewer, permit
from merilo.registry.steps import day_at
from merilo.testday import access, queries, rules, steps
from merilo.testday.models import Attempt, SessionDay
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
                today=day_at(day.session.testing_org, now),
                profile=profile,
            )
        )
        steps.move_day(day, SessionDayState.RUNNING, started_at=now)
        record(
            "day.started",
            actor=actor,
            about=day,
            at=now,
            people=len(view.people),
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
                "attempt.briefed",
                actor=actor,
                about=attempt,
                at=now,
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
                "attempt.part-started",
                actor=actor,
                about=attempt,
                at=now,
                case_id=attempt.application_id,
                part=str(part),
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
                "attempt.part-finished",
                actor=actor,
                about=attempt,
                at=now,
                case_id=attempt.application_id,
                part=str(part),
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


def _lock_attempts(attempt_ids: Iterable[int], actor: Viewer) -> tuple[SessionDay, list[Attempt]]:
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
