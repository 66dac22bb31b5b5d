"""Draw the result of an attempt or of a day; take one back before it is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from merilo import law
from merilo.foundation.journal.recording import record
from merilo.grading import queries as grading_queries
from merilo.grading import steps as grading
from merilo.grading.models import MarkProtocol
from merilo.grading.rules import (
    NewVersion,
    ProtocolState,
    VersionReason,
    reasons_against_new_version,
)
from merilo.law import Form, Part, Refusal, decided_under, specification_as_data
from merilo.registry.access import Role, Viewer, permit
from merilo.registry.queries import active_profile
from merilo.registry.steps import next_number
from merilo.results import access, queries, rules, steps
from merilo.results.models import Result
from merilo.results.rules import Consolidation, ResultState
from merilo.testday import queries as testday_queries
from merilo.testday import steps as testday
from merilo.testday.models import Attempt, SessionDay
from merilo.testday.rules import (
    DAY_TRANSITIONS,
    AfterInterruption,
    AttemptState,
    SessionDayState,
    parts_of,
)


def consolidate(*, attempt_id: int, actor: Viewer, now: datetime) -> Result:
    """Draw the result of one attempt from its signed protocols, by the law of its day."""
    permit(actor, access.ROLES, "results.consolidate")
    with transaction.atomic(durable=True):
        attempt = testday.lock_attempt(attempt_id, actor)
        result = _consolidate(attempt, actor, now)
        _close_day_when_whole(attempt.day)
    return result


def consolidate_day(
    *, day_id: int, actor: Viewer, now: datetime
) -> tuple[list[Result], dict[str, tuple[Refusal, ...]]]:
    """Consolidate all that is ready; the rest comes back by code with its reasons."""
    permit(actor, access.ROLES, "results.consolidate")
    done: list[Result] = []
    waiting: dict[str, tuple[Refusal, ...]] = {}
    for attempt_id, code in queries.waiting_to_consolidate(actor, day_id):
        try:
            done.append(consolidate(attempt_id=attempt_id, actor=actor, now=now))
        except law.Refused as refused:
            waiting[code] = refused.refusals
    return done, waiting


def _consolidate(attempt: Attempt, actor: Viewer, now: datetime) -> Result:
    earlier = Result.objects.filter(attempt=attempt).first()
    protocols = grading_queries.live_protocols([attempt.pk]).get(attempt.pk, {})
    spec = grading_queries.specification_signed(
        protocols.values()
    ) or grading_queries.specification_of(attempt.grade, attempt.form, attempt.held_on)
    profile = active_profile()
    annulled = attempt.state == AttemptState.ANNULLED
    points: dict[str, Any] = {}
    for protocol in protocols.values():
        points |= {code: value for code, value in protocol.points.items() if value is not None}
    not_taken: frozenset[Part] = frozenset()
    if attempt.interrupted_then == AfterInterruption.MARKED_AS_DONE:
        not_taken = frozenset(parts_of(Form(attempt.form))) - testday_queries.parts_taken(attempt)
    for part in not_taken:  # what was not done has no points
        points |= {criterion.code: 0 for criterion in spec.part(part)}
    written = protocols.get(Part.WRITTEN)
    by_total = written.part_total if written and spec.written_by_total else None
    if Part.WRITTEN in not_taken and spec.written_by_total:
        by_total = 0
    score = rules.score(spec, points, written_total=by_total, annulled=annulled)
    law.refuse(
        [
            *rules.reasons_against_consolidation(
                Consolidation(
                    state=ResultState(earlier.state) if earlier else ResultState.CALCULATED,
                    form=Form(attempt.form),
                    score_status=score.status,
                    signed=frozenset(
                        part
                        for part, protocol in protocols.items()
                        if protocol.state in grading.SIGNED
                    )
                    | not_taken,
                    marked=attempt.state in (AttemptState.MARKED, AttemptState.CONSOLIDATED),
                    code=attempt.code,
                    by_commission=actor.role == Role.TESTING_ORG
                    or testday_queries.is_chair(actor, attempt.day),
                )
            ),
            *score.problems,
        ]
    )
    decimals = profile.value("scoring.percent_decimals", on=attempt.held_on)
    mode = profile.value("scoring.mode", on=attempt.held_on)
    fields: dict[str, Any] = {
        "application_id": attempt.application_id,
        "held_on": attempt.held_on,
        "grade": attempt.grade,
        "form": attempt.form,
        "spec_id": spec.id,
        "mode": spec.mode,
        "spec": specification_as_data(spec),
        "points": points,
        "oral_sum": score.oral,
        "written_sum": score.written,
        "total": score.total,
        "percent": score.percent(decimals=decimals.value),
        "reached_total": score.reached_total,
        "reached_oral": score.reached_oral,
        "annulled": annulled,
        "passed": bool(score.passed),
        "state": ResultState.CONSOLIDATED,
        "consolidated_at": now,
        "consolidated_by_id": actor.account_id,
        "official_on": attempt.day.session.results_official_on,
        "decided_under": decided_under(mode, decimals, *spec.values(attempt.grade, profile.id)),
    }
    if earlier:
        for name, value in fields.items():
            setattr(earlier, name, value)
        earlier.save()
        result = earlier
    else:
        number = next_number(f"commission:{attempt.day.session.testing_org_id}:{now.year}")
        result = Result.objects.create(
            attempt=attempt,
            testing_org_id=attempt.day.session.testing_org_id,
            commission_protocol=f"{number}/{attempt.held_on.year}",
            **fields,
        )
    grading.lock_protocols(attempt, actor=actor, now=now)
    if attempt.state == AttemptState.MARKED:
        testday.move_attempt(attempt, AttemptState.CONSOLIDATED, now=now)
    grading.refresh_duties(attempt, now=now, drawn=True)
    steps.refresh_duties(result, now=now)
    record(
        "result.consolidated",
        actor=actor,
        about=result,
        at=now,
        case_id=attempt.application_id,
        specification=spec.id,
        passed=result.passed,
    )
    return result


def _close_day_when_whole(day: SessionDay) -> None:
    """The day is consolidated when every attempt has its result."""
    if not queries.is_whole(day):
        return
    for to in (SessionDayState.MARKING, SessionDayState.CONSOLIDATED):
        if to in DAY_TRANSITIONS[SessionDayState(day.state)]:
            testday.move_day(day, to)


def correct(
    *, result_id: int, part: Part, explanation: str, actor: Viewer, now: datetime
) -> MarkProtocol:
    """Before release: take a result back because a protocol is wrong. The old version is kept."""
    permit(actor, access.ROLES, "results.correct")
    with transaction.atomic(durable=True):
        result = steps.lock_result_after_day(result_id, actor)
        steps.move(result, ResultState.CALCULATED)
        protocol = (
            MarkProtocol.objects.select_related("attempt")
            .exclude(state=ProtocolState.SUPERSEDED)
            .get(attempt_id=result.attempt_id, part=part)
        )
        law.refuse(
            reasons_against_new_version(
                NewVersion(
                    why=VersionReason.TECHNICAL_ERROR,
                    part=part,
                    state=ProtocolState(protocol.state),
                    explanation=explanation,
                )
            )
        )
        new = grading.begin_version(
            protocol,
            VersionReason.TECHNICAL_ERROR,
            explanation=explanation,
            actor=actor,
            now=now,
        )
        record(
            "result.reopened",
            actor=actor,
            about=result,
            at=now,
            case_id=result.application_id,
            part=str(part),
        )
        grading.refresh_duties(result.attempt, now=now)
        steps.refresh_duties(result, now=now)
    return new
