"""Objections of municipalities to settled marks, their decisions, and the end of a cycle."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from merilo import law
from merilo.casework import steps as casework
from merilo.casework.rules import DutyFacts
from merilo.foundation.journal.recording import record
from merilo.law import Reason, Refusal
from merilo.law.refusal import _
from merilo.mechanisms import access
from merilo.mechanisms.models import Cycle, Objection, Settlement, Submission
from merilo.mechanisms.queries.expertise import (
    Policy,
    objections_visible_to,
    policy_of,
    scores_visible_to,
    table_of,
)
from merilo.mechanisms.rules import harmonisation as rules
from merilo.mechanisms.rules.expertise import MarkFacts, reasons_against_mark, reasons_against_net
from merilo.mechanisms.rules.harmonisation import Basis, ObjectionState, Settled
from merilo.mechanisms.rules.states import CYCLE_NAMES, CycleState, SubmissionState
from merilo.mechanisms.steps.expertise import lock_submission, net_of, stand
from merilo.registry.access import Role, Viewer, permit
from merilo.registry.queries import active_profile
from merilo.registry.steps import day_at

NOT_THIS_CYCLE_STATE = Reason(
    "mechanisms.not-this-cycle-state",
    _("Цикл сейчас «%(state)s»: этого шага ещё или уже нет. Обновите страницу."),
)


def open_objections(*, cycle_id: int, actor: Viewer, now: datetime) -> Cycle:
    """The expertise is over: municipalities read their marks and may object."""
    permit(actor, access.ROLES, "mechanisms.experts")
    with transaction.atomic(durable=True):
        cycle = _cycle(cycle_id, actor, CycleState.EXPERTISE)
        today, profile = day_at(actor, now), active_profile()
        policy = policy_of(profile, on=today)
        wrong: list[Refusal] = []
        for one in cycle.submissions.filter(state=SubmissionState.IN_EXPERTISE):
            table = table_of(one, policy)
            wrong += rules.reasons_against_scored(
                {f"{one.organisation}: {row.code}": row.compared.standing for row in table.rows}
            )
        law.refuse(wrong)
        term = profile.value_if_any("mechanisms.objection_wd", on=today)
        cycle.state = CycleState.OBJECTIONS
        cycle.object_by = rules.last_day_to_object(today, term, profile.days)
        cycle.decided_under |= law.decided_under(term)
        cycle.save(update_fields=["state", "object_by", "decided_under"])
        record(
            "mechanisms.objections-opened", actor=actor, about=cycle, at=now,
            until=cycle.object_by.isoformat() if cycle.object_by else "",
        )  # fmt: skip
    return cycle


def file_objection(
    *, submission_id: int, criterion_id: int, text: str, actor: Viewer, now: datetime
) -> tuple[Objection, tuple[Refusal, ...]]:
    """The municipality asks to look at a mark again."""
    permit(actor, access.ROLES, "mechanisms.object")
    with transaction.atomic(durable=True):
        scores_visible_to(actor).get(pk=submission_id)
        submission = lock_submission(submission_id)
        settled = _standing(submission, criterion_id)
        code = settled.criterion.code if settled else ""
        cycle = submission.cycle
        over = rules.day_is_over(cycle.object_by, today=day_at(actor, now))
        warnings = law.refuse(
            rules.reasons_against_objection(
                rules.ObjectionFacts(
                    code=code,
                    text=text,
                    settled=settled is not None,
                    open_now=cycle.state == CycleState.OBJECTIONS,
                    late_after=cycle.object_by if over else None,
                    one_is_filed=submission.objections.filter(
                        criterion_id=criterion_id, state=ObjectionState.FILED
                    ).exists(),
                )
            )
        )
        objection = Objection.objects.create(
            submission=submission,
            criterion_id=criterion_id,
            text=text.strip(),
            state=ObjectionState.FILED,
            filed_at=now,
            filed_by_id=actor.account_id,
        )
        if submission.state == SubmissionState.SCORED:
            submission.state = SubmissionState.OBJECTED
            submission.save(update_fields=["state"])
        record("mechanisms.objected", actor=actor, about=objection, at=now, position=code)
        _refresh(objection, now)
    return objection, warnings


def withdraw_objection(*, objection_id: int, actor: Viewer, now: datetime) -> Objection:
    """The municipality takes its objection back."""
    permit(actor, access.ROLES, "mechanisms.object")
    with transaction.atomic(durable=True):
        objection = _objection(objection_id, actor)
        if objection.state != ObjectionState.FILED:
            state = rules.OBJECTION_WORDS[ObjectionState(objection.state)]
            law.refuse([rules.OBJECTION_DECIDED(state=state)])
        _decide(objection, ObjectionState.WITHDRAWN, "", actor, now)
    return objection


def decide_objection(
    *,
    objection_id: int,
    grant: bool,
    points: Decimal | str | None,
    deductions: Collection[str],
    explanation: str,
    actor: Viewer,
    now: datetime,
) -> Objection:
    """Grant an objection with a new mark, or dismiss it; both with an explanation."""
    permit(actor, access.ROLES, "mechanisms.experts")
    with transaction.atomic(durable=True):
        objection = _objection(objection_id, actor)
        submission = objection.submission
        policy = policy_of(active_profile(), on=day_at(actor, now))
        standing = _standing(submission, objection.criterion_id)
        assert standing is not None  # an objection is taken only to a settled mark
        before = Settled(standing.points, frozenset(standing.deductions), Basis(standing.basis))
        after = before
        wrong: list[Refusal] = []
        if grant:
            row = table_of(submission, policy).row(objection.criterion_id)
            assert row is not None
            mark = MarkFacts(points, explanation, tuple(deductions))
            wrong += reasons_against_mark(row.facts, mark)
            if isinstance(points, Decimal):
                after = Settled(points, frozenset(deductions), Basis.OBJECTION)
        to = ObjectionState.GRANTED if grant else ObjectionState.DISMISSED
        if not wrong or not grant:
            wrong += rules.reasons_against_deciding(
                ObjectionState(objection.state),
                to,
                explanation=explanation,
                before=before,
                after=after,
                may_lower=policy.may_lower,
            )
        law.refuse(wrong)
        if grant:
            stand(submission, objection.criterion_id, after, policy, now=now)
        _decide(objection, to, explanation, actor, now)
    return objection


def close_objections(*, actor: Viewer, now: datetime) -> int:
    """Note where the last day of objections is over; how many cycles. Nothing is taken after it
    anyway: the rule looks at the day itself and does not wait for the clock."""
    permit(actor, access.ROLES, "mechanisms.clock")
    with transaction.atomic(durable=True):
        waiting = Cycle.objects.filter(
            state=CycleState.OBJECTIONS, object_by__isnull=False, objections_closed_at=None
        )
        found = waiting.select_for_update(of=("self",)).select_related("region").order_by("pk")
        over = [
            one for one in found if rules.day_is_over(one.object_by, today=day_at(one.region, now))
        ]
        for cycle in over:
            cycle.objections_closed_at = now
            cycle.save(update_fields=["objections_closed_at"])
            record("mechanisms.objections-closed", actor=actor, about=cycle, at=now)
    return len(over)


def finalise(*, cycle_id: int, actor: Viewer, now: datetime) -> tuple[Cycle, tuple[Refusal, ...]]:
    """Close the cycle: every result is final, with deductions as the region prices them today."""
    permit(actor, access.ROLES, "mechanisms.experts")
    with transaction.atomic(durable=True):
        cycle = _cycle(cycle_id, actor, CycleState.OBJECTIONS)
        policy = policy_of(active_profile(), on=day_at(actor, now))
        submissions = list(
            cycle.submissions.select_for_update(of=("self",))
            .select_related("organisation")
            .filter(state__in=(SubmissionState.SCORED, SubmissionState.OBJECTED))
        )
        wrong = [*rules.reasons_against_ending_early(cycle.object_by, today=day_at(actor, now))]
        for one in submissions:
            wrong += rules.reasons_against_final(
                (f"{one.organisation}: {code}", ObjectionState(state))
                for code, state in one.objections.values_list("criterion__code", "state")
            )
            wrong += _price(one, policy, now)
        warnings = law.refuse(wrong)
        for one in submissions:
            one.state = SubmissionState.FINAL
            one.save(update_fields=["state"])
        cycle.state = CycleState.FINAL
        cycle.save(update_fields=["state"])
        record("mechanisms.finalised", actor=actor, about=cycle, at=now)
    return cycle, warnings


def _price(submission: Submission, policy: Policy, now: datetime) -> list[Refusal]:
    """Count the points after deductions anew where what the region has set has changed since."""
    wrong: list[Refusal] = []
    for one in submission.settlements.filter(superseded_at=None).select_related("criterion"):
        net = net_of(one.points, one.deductions, policy)
        wrong += reasons_against_net(
            f"{submission.organisation}: {one.criterion.code}",
            net,
            amounts=policy.amounts,
            floor=policy.floor,
        )
        if (net.points, list(net.unpriced)) != (one.net, one.unpriced):
            settled = Settled(one.points, frozenset(one.deductions), Basis(one.basis))
            stand(submission, one.criterion_id, settled, policy, now=now)
    return wrong


def _cycle(cycle_id: int, actor: Viewer, wanted: CycleState) -> Cycle:
    cycle = Cycle.objects.select_for_update().get(pk=cycle_id, region_id=actor.organisation_id)
    if cycle.state != wanted:
        law.refuse([NOT_THIS_CYCLE_STATE(state=CYCLE_NAMES[CycleState(cycle.state)])])
    return cycle


def _objection(objection_id: int, actor: Viewer) -> Objection:
    """The objection in the actor's scope, its submission locked."""
    found = objections_visible_to(actor)
    submission = lock_submission(
        found.values_list("submission_id", flat=True).get(pk=objection_id)
    )
    objection = found.get(pk=objection_id)
    objection.submission = submission
    return objection


def _standing(submission: Submission, criterion_id: int) -> Settlement | None:
    return (
        submission.settlements.filter(criterion_id=criterion_id, superseded_at=None)
        .select_related("criterion")
        .first()
    )


def _decide(
    objection: Objection, to: ObjectionState, explanation: str, actor: Viewer, now: datetime
) -> None:
    """Write the decision; a submission without open objections is scored again."""
    objection.state, objection.explanation = to, explanation.strip()
    objection.decided_at, objection.decided_by_id = now, actor.account_id
    objection.save(update_fields=["state", "explanation", "decided_at", "decided_by"])
    submission = objection.submission
    if not submission.objections.filter(state=ObjectionState.FILED).exists():
        submission.state = SubmissionState.SCORED
        submission.save(update_fields=["state"])
    record(
        "mechanisms.objection-decided", actor=actor, about=objection, at=now,
        position=objection.criterion.code, decision=str(to),
    )  # fmt: skip
    _refresh(objection, now)


def _refresh(objection: Objection, now: datetime) -> None:
    """The operator owes a decision on every open objection."""
    duty = DutyFacts(
        kind="mechanisms-decide-objection",
        organisation_id=objection.submission.cycle.region_id,
        role=Role.MINISTRY,
        label=f"{objection.submission.organisation.short_name}, {objection.criterion.code}"[:120],
        detail=objection.submission.cycle.title[:200],
        since=now,
    )
    is_open = objection.state == ObjectionState.FILED
    casework.replace_duties(objection, [duty] if is_open else [])
