"""Appoint experts to portions, by the proposed plan or by hand, and begin the expertise."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from merilo import law
from merilo.casework import steps as casework
from merilo.foundation.journal.recording import record
from merilo.law import Reason, Refusal
from merilo.law.refusal import _
from merilo.mechanisms import access
from merilo.mechanisms.models import Appointment, Criterion, Cycle, Expert, Submission
from merilo.mechanisms.queries import experts as queries
from merilo.mechanisms.queries.expertise import policy_of, table_of
from merilo.mechanisms.queries.places import places_of
from merilo.mechanisms.rules import assignment as rules
from merilo.mechanisms.rules.expertise import AppointmentState
from merilo.mechanisms.rules.states import CYCLE_NAMES, CycleState, SubmissionState
from merilo.mechanisms.steps.expertise import lock_submission, refresh_duties
from merilo.registry.access import Viewer, permit
from merilo.registry.queries import active_profile
from merilo.registry.steps import day_at

PLAN_CHANGED = Reason(
    "mechanisms.plan-changed",
    _(
        "Пока вы смотрели, список экспертов или материалов изменился. Посмотрите новое предложение."
    ),
)
NOT_ASSIGNING = Reason(
    "mechanisms.not-assigning",
    _("Экспертов назначают после закрытия приёма и во время экспертизы. Сейчас цикл «%(state)s»."),
)
NOTHING_TO_SCORE = Reason(
    "mechanisms.nothing-to-score",
    _("Ни один муниципалитет не представил материалы: экспертизу начинать не с чем."),
)
NO_DISPUTE = Reason(
    "mechanisms.no-dispute",
    _("Третий эксперт нужен, когда двое не договорились. По этому направлению спора нет."),
)
ASSIGNING = (CycleState.CLOSED, CycleState.EXPERTISE)


def appoint_by_plan(
    *, cycle_id: int, seed: str, digest: str, actor: Viewer, now: datetime
) -> list[Appointment]:
    """Make the appointments of the plan that was looked at, or refuse if it would differ now."""
    permit(actor, access.ROLES, "mechanisms.experts")
    with transaction.atomic(durable=True):
        cycle = _cycle(cycle_id, actor, lock=True)
        law.refuse(_reasons_of_time(cycle))
        proposed = queries.proposed(cycle, actor, seed=seed, on=day_at(actor, now))
        if proposed.digest != digest:
            law.refuse([PLAN_CHANGED()])
        directions = {
            place.direction.code: place.direction for place in places_of(cycle.edition_id).values()
        }
        made = [
            _appoint(expert, submission, directions[code], actor=actor, now=now)
            for expert, (submission, code) in proposed.plan.appointments
        ]
        _refresh(cycle, actor, now)
    return made


def appoint(
    *,
    expert_id: int,
    submission_id: int,
    direction_id: int,
    third: bool = False,
    actor: Viewer,
    now: datetime,
) -> tuple[Appointment, tuple[Refusal, ...]]:
    """One appointment by hand; a third expert only where there is a dispute."""
    permit(actor, access.ROLES, "mechanisms.experts")
    with transaction.atomic(durable=True):
        cycle_id = Submission.objects.values_list("cycle_id", flat=True).get(pk=submission_id)
        cycle = _cycle(cycle_id, actor, lock=True)
        submission = lock_submission(submission_id)
        expert = queries.listed(actor).get(pk=expert_id)
        (facts,) = queries.facts_of([expert], on=day_at(actor, now))
        direction = _direction(cycle, direction_id)
        portion = next(
            (
                one
                for one in queries.portions_of([submission], places_of(cycle.edition_id))
                if one.direction == direction.code
            ),
            None,
        )
        if portion is None:  # a block, a position, or a direction none of which applies
            raise Criterion.DoesNotExist
        held = queries.held_of(cycle)
        warnings = law.refuse(
            [
                *_reasons_of_time(cycle),
                *_reasons_of_dispute(submission, direction_id, third),
                *rules.reasons_against_appointment(
                    facts, portion, appointed=held.get(portion.key, frozenset())
                ),
            ]
        )
        made = _appoint(
            expert.pk, submission.pk, direction, third=third, actor=actor, now=now,
        )  # fmt: skip
        _refresh(cycle, actor, now, only=submission)
    return made, warnings


def dismiss(*, appointment_id: int, actor: Viewer, now: datetime) -> None:
    """Take an expert off a portion he has not marked yet."""
    permit(actor, access.ROLES, "mechanisms.experts")
    with transaction.atomic(durable=True):
        appointment = Appointment.objects.select_related("submission__cycle", "direction").get(
            pk=appointment_id, submission__cycle__region_id=actor.organisation_id
        )
        submission = lock_submission(appointment.submission_id)
        law.refuse(
            rules.reasons_against_dismissal(
                marks=appointment.marks.count(), rulings=appointment.rulings.count()
            )
        )
        record(
            "mechanisms.dismissed", actor=actor, about=submission, at=now,
            expert=appointment.expert_id, direction=appointment.direction.code,
        )  # fmt: skip
        casework.replace_duties(appointment, [])
        appointment.delete()
        _refresh(submission.cycle, actor, now, only=submission)


def begin_expertise(*, cycle_id: int, actor: Viewer, now: datetime) -> Cycle:
    """From closed to expertise, once every portion has its experts."""
    permit(actor, access.ROLES, "mechanisms.experts")
    with transaction.atomic(durable=True):
        cycle = _cycle(cycle_id, actor, lock=True)
        needed = policy_of(active_profile(), on=day_at(actor, now)).needed
        portions = queries.portions_to_score(cycle)
        wrong = [] if portions else [NOTHING_TO_SCORE()]
        if cycle.state != CycleState.CLOSED:
            wrong.append(NOT_ASSIGNING(state=CYCLE_NAMES[CycleState(cycle.state)]))
        held = queries.held_of(cycle, third=False)
        law.refuse([*wrong, *rules.not_enough(portions, held, needed=needed)])
        cycle.state = CycleState.EXPERTISE
        cycle.save(update_fields=["state"])
        for one in cycle.submissions.select_for_update().filter(state=SubmissionState.SUBMITTED):
            one.state = SubmissionState.IN_EXPERTISE
            one.save(update_fields=["state"])
        record("mechanisms.expertise-begun", actor=actor, about=cycle, at=now)
        _refresh(cycle, actor, now)
    return cycle


def _cycle(cycle_id: int, actor: Viewer, *, lock: bool = False) -> Cycle:
    found = Cycle.objects.filter(region_id=actor.organisation_id)
    return (found.select_for_update() if lock else found).get(pk=cycle_id)


def _direction(cycle: Cycle, direction_id: int) -> Criterion:
    return Criterion.objects.get(pk=direction_id, edition_id=cycle.edition_id)


def _reasons_of_time(cycle: Cycle) -> list[Refusal]:
    if cycle.state in ASSIGNING:
        return []
    return [NOT_ASSIGNING(state=CYCLE_NAMES[CycleState(cycle.state)])]


def _reasons_of_dispute(submission: Submission, direction_id: int, third: bool) -> list[Refusal]:
    if not third:
        return []
    places = places_of(submission.cycle.edition_id)
    disputes = submission.disputes.values_list("criterion_id", flat=True)
    if any(places[one].direction.pk == direction_id for one in disputes):
        return []
    return [NO_DISPUTE()]


def _appoint(
    expert_id: int,
    submission_id: int,
    direction: Criterion,
    *,
    third: bool = False,
    actor: Viewer,
    now: datetime,
) -> Appointment:
    made = Appointment.objects.create(
        expert=Expert.objects.get(pk=expert_id),
        submission_id=submission_id,
        direction=direction,
        third=third,
        state=AppointmentState.OPEN,
        appointed_at=now,
        appointed_by_id=actor.account_id,
    )
    record(
        "mechanisms.appointed", actor=actor, about=made, at=now,
        expert=expert_id, direction=direction.code, third=third,
    )  # fmt: skip
    return made


def _refresh(
    cycle: Cycle, actor: Viewer, now: datetime, *, only: Submission | None = None
) -> None:
    """Duties of everybody who scores in the cycle, or one submission of it."""
    policy = policy_of(active_profile(), on=day_at(actor, now))
    submissions = [only] if only else cycle.submissions.select_related("organisation", "cycle")
    for one in submissions:
        refresh_duties(table_of(one, policy), now=now)
