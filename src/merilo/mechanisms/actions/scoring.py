"""An expert puts marks on the positions of an appointment and says that he is done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from merilo import law
from merilo.foundation.journal.recording import record
from merilo.law import Refusal
from merilo.mechanisms import access
from merilo.mechanisms.models import Appointment, Mark
from merilo.mechanisms.queries.cycle_map import confirmed_grounds
from merilo.mechanisms.queries.expertise import Policy, policy_of, sheet_of, table_of
from merilo.mechanisms.rules import expertise as rules
from merilo.mechanisms.rules.expertise import AppointmentState, MarkFacts
from merilo.mechanisms.rules.harmonisation import (
    Round,
    Standing,
    reasons_against_third_finishing,
)
from merilo.mechanisms.rules.states import SubmissionState
from merilo.mechanisms.steps.expertise import keep_mark, own_appointment, settle
from merilo.registry.access import Viewer, permit
from merilo.registry.queries import active_profile
from merilo.registry.steps import day_at


def save_mark(
    *, appointment_id: int, criterion_id: int, mark: MarkFacts, actor: Viewer, now: datetime
) -> Mark:
    """Keep a mark of one position, whole: what is wrong with it is refused at once."""
    permit(actor, access.ROLES, "mechanisms.score")
    with transaction.atomic(durable=True):
        appointment = own_appointment(appointment_id, actor)
        row = sheet_of(appointment).row(criterion_id)
        wrong: list[Refusal] = list(
            rules.reasons_against_marking(
                AppointmentState(appointment.state),
                in_expertise=appointment.submission.state == SubmissionState.IN_EXPERTISE,
            )
        )
        if row is None:
            law.refuse([*wrong, rules.STRANGE_POSITION(code="")])
            raise AssertionError
        law.refuse([*wrong, *rules.reasons_against_mark(row.facts, mark)])
        policy = policy_of(active_profile(), on=day_at(actor, now))
        kept = keep_mark(
            appointment,
            criterion_id,
            Round.THIRD if appointment.third else Round.BLIND,
            mark,
            policy,
            now=now,
        )
        record(
            "mechanisms.marked", actor=actor, about=kept, at=now,
            position=row.code, round=kept.round,
        )  # fmt: skip
    return kept


def finish(
    *, appointment_id: int, actor: Viewer, now: datetime
) -> tuple[Appointment, tuple[Refusal, ...]]:
    """Say that all positions are marked. From now on the marks do not change.

    When the last expert of the direction is done, the marks are compared.
    """
    permit(actor, access.ROLES, "mechanisms.score")
    with transaction.atomic(durable=True):
        appointment = own_appointment(appointment_id, actor)
        submission = appointment.submission
        policy = policy_of(active_profile(), on=day_at(actor, now))
        sheet = sheet_of(appointment)
        marks = [row.mark for row in sheet.rows if row.mark is not None]
        warnings = law.refuse(
            [
                *rules.reasons_against_marking(
                    AppointmentState(appointment.state),
                    in_expertise=submission.state == SubmissionState.IN_EXPERTISE,
                ),
                *rules.reasons_against_finishing(
                    [row.facts for row in sheet.rows],
                    [row.code for row in sheet.rows if row.mark is not None],
                    confirmed=confirmed_grounds(appointment),
                    taken=[code for mark in marks for code in mark.grounds],
                ),
                *_reasons_of_third(appointment, policy),
            ]
        )
        appointment.marks.filter(state=AppointmentState.OPEN).update(state=AppointmentState.DONE)
        appointment.state, appointment.done_at = AppointmentState.DONE, now
        appointment.save(update_fields=["state", "done_at"])
        record("mechanisms.finished", actor=actor, about=appointment, at=now)
        settle(submission, policy, actor=actor, now=now)
    return appointment, warnings


def _reasons_of_third(appointment: Appointment, policy: Policy) -> list[Refusal]:
    if not appointment.third:
        return []
    table = table_of(appointment.submission, policy, direction_id=appointment.direction_id)
    standings: Mapping[str, Standing] = {row.code: row.compared.standing for row in table.rows}
    return list(reasons_against_third_finishing(standings))
