"""The region's yearly run: made on frozen criteria, opened, closed, moved to its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction

from merilo import law
from merilo.foundation.journal.recording import record
from merilo.law import Refusal, decided_under
from merilo.mechanisms import access, queries
from merilo.mechanisms.models import CriteriaEdition, Cycle, Submission
from merilo.mechanisms.rules import submission as rules
from merilo.mechanisms.rules.form import FORM_PARAMETERS
from merilo.mechanisms.rules.states import CycleState, SubmissionState
from merilo.mechanisms.steps import editions, materials, secrets
from merilo.registry import queries as registry
from merilo.registry.access import Viewer, permit
from merilo.registry.rules import Function
from merilo.registry.steps import day_at

from .assigning import begin_expertise
from .objecting import finalise, open_objections

Moved = tuple[Cycle, tuple[Refusal, ...]]  # the run at its new step, and what is to be told
BY_MARKS: dict[CycleState, Callable[[int, Viewer, datetime], Moved]] = {
    CycleState.EXPERTISE: lambda cycle, actor, now: (
        begin_expertise(cycle_id=cycle, actor=actor, now=now),
        (),
    ),
    CycleState.OBJECTIONS: lambda cycle, actor, now: (
        open_objections(cycle_id=cycle, actor=actor, now=now),
        (),
    ),
    CycleState.FINAL: lambda cycle, actor, now: finalise(cycle_id=cycle, actor=actor, now=now),
}


def create_cycle(
    *, edition_id: int, title: str, submit_by: date, actor: Viewer, now: datetime
) -> Cycle:
    """A run on these criteria; from now on they do not change."""
    permit(actor, access.ROLES, "mechanisms.cycle")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        row = CriteriaEdition.objects.select_for_update().get(pk=edition_id)
        today = day_at(actor, now)
        law.refuse(
            rules.reasons_against_cycle(
                queries.criteria.edition_of(row), title=title, submit_by=submit_by, today=today
            )
        )
        editions.freeze(row, now=now)
        cycle = Cycle.objects.create(
            region_id=actor.organisation_id,
            edition=row,
            year=row.year,
            title=title.strip(),
            state=CycleState.PREPARING,
            submit_by=submit_by,
            created_at=now,
            created_by_id=actor.account_id,
            decided_under=decided_under(*(profile.value(n, on=today) for n in FORM_PARAMETERS)),
        )
        record(
            "mechanisms.cycle-created", actor=actor, about=cycle, at=now, edition=row.code,
            submit_by=submit_by.isoformat(),
        )  # fmt: skip
    return cycle


def change_last_day(*, cycle_id: int, submit_by: date, actor: Viewer, now: datetime) -> Cycle:
    """Another last day of materials, for everybody."""
    permit(actor, access.ROLES, "mechanisms.cycle")
    with transaction.atomic(durable=True):
        cycle = materials.lock_cycle(cycle_id, actor)
        law.refuse(
            rules.reasons_against_other_last_day(
                CycleState(cycle.state),
                title=cycle.title,
                submit_by=submit_by,
                today=day_at(actor, now),
            )
        )
        was, cycle.submit_by = cycle.submit_by, submit_by
        cycle.save(update_fields=["submit_by"])
        secrets.move_days(cycle, submit_by - was)
        record(
            "mechanisms.cycle-changed", actor=actor, about=cycle, at=now, was=was.isoformat(),
            becomes=submit_by.isoformat(),
        )  # fmt: skip
        _refresh(cycle, now=now)
    return cycle


def move_cycle(*, cycle_id: int, to: CycleState, actor: Viewer, now: datetime) -> Moved:
    """The next step of the run. Opening gives every municipality its empty form.

    The steps that stand on experts and marks are actions of their own.
    """
    permit(actor, access.ROLES, "mechanisms.cycle")
    if to in BY_MARKS:
        return BY_MARKS[to](cycle_id, actor, now)
    with transaction.atomic(durable=True):
        cycle = materials.lock_cycle(cycle_id, actor)
        today = day_at(actor, now)
        warnings = law.refuse(
            rules.reasons_against_moving(queries.forms.cycle_facts(cycle), to, today=today)
        )
        was, cycle.state = cycle.state, to
        cycle.closed_at = now if to is CycleState.CLOSED else cycle.closed_at
        cycle.save(update_fields=["state", "closed_at"])
        record(
            "mechanisms.cycle-moved", actor=actor, about=cycle, at=now, was=str(was),
            becomes=str(to),
        )  # fmt: skip
        if to is CycleState.OPEN:
            _give_forms(cycle, today=today, now=now)
        _refresh(cycle, now=now)
    return cycle, warnings


def _give_forms(cycle: Cycle, *, today: date, now: datetime) -> None:
    """A form for each МОУО of the region that has none; the day of opening decides who is one."""
    has = set(cycle.submissions.values_list("organisation_id", flat=True))
    found = registry.organisations_with(Function.MOUO, on=today)
    Submission.objects.bulk_create(
        Submission(
            cycle=cycle, organisation=one, territory_id=one.territory_id,
            state=SubmissionState.DRAFT, started_at=now, changed_at=now,
        )
        for one in found.filter(path__startswith=cycle.region.path)
        if one.pk not in has
    )  # fmt: skip


def _locked(cycle: Cycle):
    return (
        Submission.objects.select_for_update(of=("self",))
        .filter(cycle=cycle)
        .select_related("cycle")
        .order_by("pk")
    )


def _refresh(cycle: Cycle, *, now: datetime) -> None:
    for submission in _locked(cycle):
        materials.refresh_duties(submission, now=now)
