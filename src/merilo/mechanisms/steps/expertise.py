"""Parts of actions on marks; each requires an open transaction and the submission locked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db.models import Max

from merilo.casework import steps as casework
from merilo.casework.rules import DutyFacts
from merilo.foundation.journal.recording import record
from merilo.law import decided_under
from merilo.mechanisms.models import (
    Appointment,
    Deduction,
    Dispute,
    LeftOut,
    Mark,
    Settlement,
    Submission,
)
from merilo.mechanisms.queries.expertise import Policy, Table, TableRow, table_of
from merilo.mechanisms.rules.expertise import (
    AppointmentState,
    Floor,
    MarkFacts,
    Net,
    amounts_of,
    net_points,
)
from merilo.mechanisms.rules.harmonisation import Round, Settled, Standing
from merilo.mechanisms.rules.states import SubmissionState
from merilo.registry.access import Role, Viewer
from merilo.registry.steps import in_transaction


def lock_submission(submission_id: int) -> Submission:
    """A submission, locked: every change of its marks comes after another."""
    in_transaction()
    Submission.objects.select_for_update().get(pk=submission_id)
    return Submission.objects.select_related("cycle__edition", "organisation").get(
        pk=submission_id
    )


def own_appointment(appointment_id: int, actor: Viewer) -> Appointment:
    """The actor's appointment, its submission locked. Raises `Appointment.DoesNotExist`."""
    mine = Appointment.objects.filter(pk=appointment_id, expert__position_id=actor.position_id)
    submission = lock_submission(mine.values_list("submission_id", flat=True).get())
    appointment = mine.select_related("expert", "direction").get()
    appointment.submission = submission
    return appointment


def keep_mark(
    appointment: Appointment,
    criterion_id: int,
    round_: Round,
    mark: MarkFacts,
    policy: Policy,
    *,
    now: datetime,
) -> Mark:
    """Write a mark with its grounds and the links it leaves out.

    A proposal of the harmonisation is a version of its own; in the other rounds the mark that is
    not finished yet is written over.
    """
    in_transaction()
    where = {"appointment": appointment, "criterion_id": criterion_id, "round": round_}
    said = {
        "points": Decimal(mark.points or 0),
        "comment": mark.comment.strip(),
        "saved_at": now,
    }
    if round_ == Round.HARMONISED:
        last = Mark.objects.filter(**where).aggregate(last=Max("version"))["last"] or 0
        kept = Mark.objects.create(**where, **said, version=last + 1)
    else:
        kept, _made = Mark.objects.update_or_create(**where, defaults=said)
        kept.deductions.all().delete()
        kept.left_out.all().delete()
    amounts = amounts_of(policy.amounts)
    Deduction.objects.bulk_create(
        Deduction(mark=kept, code=code, amount=amounts.get(code))
        for code in sorted(set(mark.deductions))
    )
    LeftOut.objects.bulk_create(
        LeftOut(mark=kept, link_id=link, code=code) for link, code in mark.excluded.items()
    )
    return kept


def net_of(points, deductions: Iterable[str], policy: Policy) -> Net:
    """The points after deductions by what the region has set."""
    return net_points(
        points,
        list(deductions),
        amounts=amounts_of(policy.amounts),
        floor=Floor(policy.floor.value) if policy.floor else None,
    )


def stand(
    submission: Submission, criterion_id: int, settled: Settled, policy: Policy, *, now: datetime
) -> Settlement:
    """Make this the mark of the position that stands; the one before is kept as a version."""
    in_transaction()
    before = Settlement.objects.filter(
        submission=submission, criterion_id=criterion_id, superseded_at=None
    ).first()
    if before is not None:
        before.superseded_at = now
        before.save(update_fields=["superseded_at"])
    net = net_of(settled.points, settled.deductions, policy)
    return Settlement.objects.create(
        submission=submission,
        criterion_id=criterion_id,
        version=before.version + 1 if before else 1,
        basis=settled.basis,
        points=settled.points,
        deductions=sorted(settled.deductions),
        unpriced=list(net.unpriced),
        net=net.points,
        decided_under=decided_under(policy.third_rule, policy.amounts, policy.floor),
        settled_at=now,
    )


def settle(submission: Submission, policy: Policy, *, actor: Viewer, now: datetime) -> Table:
    """Write down every position that came to one mark, and every one that waits for the third.

    When no position is left the submission is scored. Duties follow.
    """
    in_transaction()
    table = table_of(submission, policy)
    changed = False
    for row in table.rows:
        settled = row.compared.settled
        if settled is not None and row.settled is None:
            changed = True
            made = stand(submission, row.place.position.pk, settled, policy, now=now)
            record(
                "mechanisms.settled", actor=actor, about=made, at=now,
                position=row.code, basis=str(settled.basis),
            )  # fmt: skip
        elif row.compared.standing == Standing.THIRD and row.dispute is None:
            changed = True
            Dispute.objects.create(
                submission=submission, criterion_id=row.place.position.pk, raised_at=now
            )
            record("mechanisms.disputed", actor=actor, about=submission, at=now, position=row.code)
    if changed:
        table = table_of(submission, policy)
    if submission.state == SubmissionState.IN_EXPERTISE and all(
        row.settled is not None for row in table.rows
    ):
        submission.state = SubmissionState.SCORED
        submission.save(update_fields=["state"])
        record("mechanisms.scored", actor=actor, about=submission, at=now)
    refresh_duties(table, now=now)
    return table


# ── Duties ───────────────────────────────────────────────────────────────────────────────────


def refresh_duties(table: Table, *, now: datetime) -> None:
    """What experts owe on a submission, and what waits for the region's operator."""
    in_transaction()
    submission = table.submission
    for appointment in table.appointments:
        rows = [one for one in table.rows if one.place.direction.pk == appointment.direction_id]
        kinds = list(_owed(appointment, rows, submission.state))
        casework.replace_duties(
            appointment, [_duty(kind, appointment, submission, now) for kind in kinds]
        )
    third = {one.direction_id for one in table.appointments if one.third}
    waits = {
        one.place.direction.pk
        for one in table.rows
        if one.compared.standing == Standing.THIRD and one.place.direction.pk not in third
    }
    casework.replace_duties(
        f"mechanism-marks:{submission.pk}",
        [
            DutyFacts(
                kind="mechanisms-appoint-third",
                organisation_id=submission.cycle.region_id,
                role=Role.MINISTRY,
                label=submission.organisation.short_name,
                detail=submission.cycle.title[:200],
                since=now,
            )
        ]
        if waits
        else [],
    )


def _owed(appointment: Appointment, rows: list[TableRow], state: str) -> Iterable[str]:
    if state != SubmissionState.IN_EXPERTISE:
        return
    if appointment.state == AppointmentState.OPEN:
        yield "mechanisms-score"
    elif not appointment.third and any(one.compared.standing == Standing.DIFFERS for one in rows):
        yield "mechanisms-harmonise"


def _duty(kind: str, appointment: Appointment, submission: Submission, now: datetime) -> DutyFacts:
    return DutyFacts(
        kind=kind,
        organisation_id=submission.cycle.region_id,
        role=Role.MECHANISMS_EXPERT,
        position_id=appointment.expert.position_id,
        label=f"{submission.organisation.short_name}, {appointment.direction.code}",
        detail=submission.cycle.title[:200],
        since=now,
    )
