"""Two experts come to one mark, or say that they cannot."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from merilo import law
from merilo.foundation.journal.recording import record
from merilo.law import Refusal
from merilo.mechanisms import access
from merilo.mechanisms.models import Appointment, Dispute, Mark
from merilo.mechanisms.queries.expertise import Policy, TableRow, policy_of, table_of
from merilo.mechanisms.rules import expertise, harmonisation
from merilo.mechanisms.rules.expertise import MarkFacts
from merilo.mechanisms.rules.harmonisation import Round
from merilo.mechanisms.steps.expertise import keep_mark, own_appointment, settle
from merilo.registry.access import Viewer, permit
from merilo.registry.queries import active_profile
from merilo.registry.steps import day_at


def propose_mark(
    *, appointment_id: int, criterion_id: int, mark: MarkFacts, actor: Viewer, now: datetime
) -> Mark:
    """Offer a mark for a position that differs. When both offer the same, it stands."""
    permit(actor, access.ROLES, "mechanisms.score")
    with transaction.atomic(durable=True):
        appointment = own_appointment(appointment_id, actor)
        policy = policy_of(active_profile(), on=day_at(actor, now))
        row, wrong = _row(appointment, criterion_id, policy)
        law.refuse([*wrong, *expertise.reasons_against_mark(row.facts, mark)])
        kept = keep_mark(appointment, criterion_id, Round.HARMONISED, mark, policy, now=now)
        record("mechanisms.proposed", actor=actor, about=kept, at=now, position=row.code)
        settle(appointment.submission, policy, actor=actor, now=now)
    return kept


def give_up(
    *, appointment_id: int, criterion_id: int, why: str, actor: Viewer, now: datetime
) -> Dispute:
    """Say that the two do not agree on a position: the third expert decides it."""
    permit(actor, access.ROLES, "mechanisms.score")
    with transaction.atomic(durable=True):
        appointment = own_appointment(appointment_id, actor)
        policy = policy_of(active_profile(), on=day_at(actor, now))
        row, wrong = _row(appointment, criterion_id, policy)
        if not why.strip():
            wrong.append(harmonisation.NO_EXPLANATION())
        law.refuse(wrong)
        dispute = Dispute.objects.create(
            submission=appointment.submission,
            criterion_id=criterion_id,
            raised_by=appointment,
            why=why.strip(),
            raised_at=now,
        )
        record(
            "mechanisms.disputed", actor=actor, about=appointment.submission, at=now,
            position=row.code,
        )  # fmt: skip
        settle(appointment.submission, policy, actor=actor, now=now)
    return dispute


def _row(
    appointment: Appointment, criterion_id: int, policy: Policy
) -> tuple[TableRow, list[Refusal]]:
    """The position of the expert's direction and what speaks against touching it."""
    table = table_of(appointment.submission, policy, direction_id=appointment.direction_id)
    row = table.row(criterion_id)
    if row is None or appointment.third:
        law.refuse([expertise.STRANGE_POSITION(code="")])
        raise AssertionError
    return row, list(harmonisation.reasons_against_harmonising(row.code, row.compared.standing))
