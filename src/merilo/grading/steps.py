"""Parts of actions on protocols; each requires an open transaction."""

from __future__ import annotations

from datetime import datetime

from merilo.casework import steps as casework
from merilo.casework.rules import DutyFacts, term
from merilo.foundation.journal.recording import record
from merilo.registry.access import Role, Viewer
from merilo.registry.queries import active_profile
from merilo.registry.steps import in_transaction
from merilo.testday.models import Attempt
from merilo.testday.queries import parts_to_mark
from merilo.testday.rules import AttemptState, DayRole

from .models import MarkProtocol
from .rules import ProtocolState, VersionReason

SIGNED = (ProtocolState.SIGNED, ProtocolState.LOCKED)


def lock_protocols(attempt: Attempt, *, actor: Viewer, now: datetime) -> list[MarkProtocol]:
    """After consolidation nothing in the signed protocols changes any more."""
    in_transaction()
    protocols = list(
        MarkProtocol.objects.select_for_update(of=("self",)).filter(
            attempt=attempt, state=ProtocolState.SIGNED
        )
    )
    for protocol in protocols:
        protocol.state = ProtocolState.LOCKED
        protocol.locked_at = now
        protocol.save(update_fields=["state", "locked_at"])
        record(
            "protocol.locked", actor=actor, about=protocol, at=now, case_id=attempt.application_id
        )
    return protocols


def begin_version(
    old: MarkProtocol, why: VersionReason, *, explanation: str, actor: Viewer, now: datetime
) -> MarkProtocol:
    """Supersede a protocol by a new draft with the same points; the sum is typed anew."""
    in_transaction()
    old.state = ProtocolState.SUPERSEDED
    old.save(update_fields=["state"])
    protocol = MarkProtocol.objects.create(
        attempt_id=old.attempt_id,
        part=old.part,
        version=old.version + 1,
        version_reason=why,
        expert_id=old.expert_id,
        state=ProtocolState.DRAFT,
        points=old.points,
        part_total=old.part_total,
        spec_id=old.spec_id,
        explanation=explanation.strip()[:500],
        saved_at=now,
    )
    record(
        "protocol.new-version",
        actor=actor,
        about=protocol,
        at=now,
        case_id=old.attempt.application_id,
        why=str(why),
        version=protocol.version,
    )
    return protocol


def refresh_duties(attempt: Attempt, *, now: datetime, drawn: bool = False) -> None:
    """Each part that waits for marking is owed by its expert, or by every expert of the day.

    What needs no more marking waits for the commission, unless its result is `drawn`.
    """
    in_transaction()
    live = {
        protocol.part: protocol
        for protocol in attempt.protocols.exclude(state=ProtocolState.SUPERSEDED)
    }
    duties: list[DutyFacts] = []
    profile = active_profile()

    def due():
        days = profile.value("results.to_school_wd", on=attempt.held_on)
        return profile.days.after(attempt.held_on, days.value), days

    until = term(due)
    parts = () if attempt.state == AttemptState.ANNULLED else parts_to_mark(attempt)
    for part in parts:
        protocol = live.get(str(part))
        finished = getattr(attempt, f"{part}_finished_at") is not None
        if not finished or (protocol and protocol.state in SIGNED):
            continue
        experts = (
            [protocol.expert_id]
            if protocol
            else list(
                attempt.day.assignments.filter(role=DayRole.EXPERT).values_list(
                    "position_id", flat=True
                )
            )
        )
        duties += [
            DutyFacts(
                kind=f"mark-{part}",
                organisation_id=attempt.day.session.testing_org_id,
                role=Role.COMMISSION,
                position_id=position,
                label=f"Работа {attempt.code}",
                detail=f"{attempt.grade} класс",
                since=now,
                due_on=until.due_on,
                due_unknown=until.unknown,
                source=until.value,
            )
            for position in sorted(set(experts))
        ]
    ready = attempt.state in (AttemptState.MARKED, AttemptState.ANNULLED)
    if ready and not duties and not drawn:
        # The commission draws the result: its chair, or a clerk of the organisation for it.
        chairs = attempt.day.assignments.filter(role=DayRole.CHAIR)
        owing = [(Role.TESTING_ORG, None)]
        owing += [(Role.COMMISSION, chair.position_id) for chair in chairs]
        duties += [
            DutyFacts(
                kind="consolidate-result",
                organisation_id=attempt.day.session.testing_org_id,
                role=role,
                position_id=position,
                label=f"Работа {attempt.code}",
                detail=f"{attempt.grade} класс",
                since=now,
                due_on=until.due_on,
                due_unknown=until.unknown,
                source=until.value,
            )
            for role, position in owing
        ]
    casework.replace_duties(attempt, duties, case_id=attempt.application_id)
