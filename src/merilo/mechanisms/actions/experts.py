"""The region's list of experts: who is on it, what they score, whom they must not."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from merilo.foundation.journal.recording import record
from merilo.mechanisms import access
from merilo.mechanisms.models import Expert, Tie
from merilo.mechanisms.queries.experts import experts_visible_to, people_to_include
from merilo.registry.access import Role, Viewer, permit
from merilo.registry.queries import organisations_with
from merilo.registry.rules import Function
from merilo.registry.steps import day_at


def include_expert(
    *,
    position_id: int,
    directions: Collection[str] = (),
    most_positions: int | None = None,
    actor: Viewer,
    now: datetime,
) -> Expert:
    """Put a person with the expert's role on the list; one who left comes back to his row."""
    permit(actor, access.ROLES, "mechanisms.experts")
    with transaction.atomic(durable=True):
        position = people_to_include(actor, today=day_at(actor, now)).get(pk=position_id)
        expert, _made = Expert.objects.update_or_create(
            position=position,
            defaults={
                "region_id": actor.organisation_id,
                "directions": sorted(directions),
                "most_positions": most_positions,
                "included_at": now,
                "excluded_at": None,
            },
        )
        record("mechanisms.expert-included", actor=actor, about=expert, at=now)
    return expert


def change_expert(
    *,
    expert_id: int,
    directions: Collection[str],
    most_positions: int | None,
    actor: Viewer,
    now: datetime,
) -> Expert:
    """What an expert takes on from now; what he has already stays his."""
    permit(actor, access.ROLES, "mechanisms.experts")
    with transaction.atomic(durable=True):
        expert = _locked(expert_id, actor)
        expert.directions, expert.most_positions = sorted(directions), most_positions
        expert.save(update_fields=["directions", "most_positions"])
        record("mechanisms.expert-changed", actor=actor, about=expert, at=now)
    return expert


def exclude_expert(*, expert_id: int, actor: Viewer, now: datetime) -> Expert:
    """Take an expert off the list: no new work. What he was appointed to is decided apart."""
    permit(actor, access.ROLES, "mechanisms.experts")
    with transaction.atomic(durable=True):
        expert = _locked(expert_id, actor)
        expert.excluded_at = now
        expert.save(update_fields=["excluded_at"])
        record("mechanisms.expert-excluded", actor=actor, about=expert, at=now)
    return expert


def declare_tie(
    *, municipality_id: int, actor: Viewer, now: datetime, expert_id: int | None = None, note=""
) -> Tie:
    """An expert names a municipality he must not score; the operator may do it for him."""
    permit(actor, access.ROLES, "mechanisms.declare_tie")
    with transaction.atomic(durable=True):
        expert = _own_or(expert_id, actor)
        municipality = organisations_with(Function.MOUO, on=day_at(actor, now)).get(
            pk=municipality_id
        )
        tie, made = Tie.objects.get_or_create(
            expert=expert,
            municipality=municipality,
            defaults={
                "note": note.strip()[:300],
                "declared_at": now,
                "declared_by_id": actor.account_id,
            },
        )
        if made:
            record(
                "mechanisms.tie-declared", actor=actor, about=expert, at=now,
                municipality=municipality.pk,
            )  # fmt: skip
    return tie


def remove_tie(*, tie_id: int, actor: Viewer, now: datetime) -> None:
    """Only the operator lifts a tie: an expert does not undo his own word."""
    permit(actor, access.ROLES, "mechanisms.experts")
    with transaction.atomic(durable=True):
        tie = Tie.objects.select_for_update().get(
            pk=tie_id, expert__region_id=actor.organisation_id
        )
        record(
            "mechanisms.tie-removed", actor=actor, about=tie.expert, at=now,
            municipality=tie.municipality_id,
        )  # fmt: skip
        tie.delete()


def _locked(expert_id: int, actor: Viewer) -> Expert:
    found = experts_visible_to(actor).select_for_update(of=("self",))
    return found.get(pk=expert_id, excluded_at=None)


def _own_or(expert_id: int | None, actor: Viewer) -> Expert:
    """An expert declares for himself alone; the operator names the expert."""
    found = experts_visible_to(actor).filter(excluded_at=None)
    if actor.role == Role.MECHANISMS_EXPERT:
        return found.get(position_id=actor.position_id)
    return found.get(pk=expert_id)
