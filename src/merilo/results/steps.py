"""Parts of actions on results; each requires an open transaction."""

from __future__ import annotations

from datetime import datetime

from merilo import law
from merilo.admissions.steps import case_label, day_of
from merilo.casework import steps as casework
from merilo.casework.models import Dispatch
from merilo.casework.rules import DutyFacts, Term
from merilo.law import CalendarNotPublished, Value
from merilo.registry.access import Role, Viewer
from merilo.registry.queries import active_profile
from merilo.registry.steps import in_transaction
from merilo.testday.models import SessionDay

from . import queries, rules
from .models import Result
from .rules import ResultState


def lock_result(result_id: int, actor: Viewer) -> Result:
    """The result, locked, in the scope of the actor. Raises `Result.DoesNotExist`."""
    in_transaction()
    mine = queries.results_visible_to(actor).filter(pk=result_id).order_by().values("pk")
    return (
        Result.objects.select_for_update(of=("self",))
        .select_related("attempt__day__session__testing_org", "attempt__person", "application")
        .get(pk__in=mine)
    )


def lock_result_after_day(result_id: int, actor: Viewer) -> Result:
    """The result, locked after its day as drawing does, so that the two never wait for each other."""
    in_transaction()
    mine = queries.results_visible_to(actor).order_by().filter(pk=result_id)
    SessionDay.objects.select_for_update().get(pk=mine.values_list("attempt__day_id").get()[0])
    return lock_result(result_id, actor)


def move(result: Result, to: ResultState, **fields) -> None:
    """Put the result on its next step, or refuse."""
    in_transaction()
    law.refuse(rules.reasons_against_moving(ResultState(result.state), to))
    result.state = to
    for name, value in fields.items():
        setattr(result, name, value)
    result.save(update_fields=["state", *fields])


def deadline(result: Result, name: str, **known) -> Term:
    """A term of `results.rules.result_deadlines`, or why it cannot be told."""
    value_of = {
        "to_school": "results.to_school_wd",
        "to_mouo": "results.to_mouo_wd",
        "mouo_to_rcoi": "results.mouo_to_rcoi_wd",
        "parent": "results.parent_wd",
    }[name]
    profile = active_profile()
    try:
        answer = rules.result_deadlines(test_on=result.held_on, profile=profile, **known)
    except CalendarNotPublished as missing:
        return Term(None, str(missing)[:200])
    value: Value | None = next((v for v in answer.decided_under if v.name == value_of), None)
    return Term(answer.dates[name], "", value)


def refresh_duties(result: Result, *, now: datetime) -> None:
    """What is owed on a result: send it, pass it on, tell the parent."""
    in_transaction()
    application = result.application
    duties: list[DutyFacts] = []
    label = case_label(application)
    outcome = "аннулирован" if result.annulled else ("сдан" if result.passed else "не сдан")
    detail = f"{result.grade} класс, тест {outcome}"

    def owe(kind: str, organisation_id: int, role: Role, until: Term) -> None:
        duties.append(
            DutyFacts(
                kind=kind,
                organisation_id=organisation_id,
                role=role,
                label=label,
                detail=detail,
                since=now,
                due_on=until.due_on,
                due_unknown=until.unknown,
                source=until.value,
            )
        )

    if result.state == ResultState.CALCULATED:
        owe(
            "reconsolidate-result",
            result.attempt.day.session.testing_org_id,
            Role.TESTING_ORG,
            deadline(result, "to_school"),
        )
    if result.state == ResultState.CONSOLIDATED:
        owe(
            "release-result",
            result.attempt.day.session.testing_org_id,
            Role.TESTING_ORG,
            deadline(result, "to_school"),
        )
    if result.state == ResultState.RELEASED:
        owe("inform-parent", application.school_id, Role.SCHOOL, _parent_term(result))
    sent = Dispatch.objects.filter(about=f"result:{result.pk}", kind="result_to_mouo").first()
    passed_on = Dispatch.objects.filter(about=f"result:{result.pk}", kind="result_to_rcoi")
    if sent and sent.sent_at and not passed_on.exists():
        owe(
            "forward-to-rcoi",
            sent.recipient_id,
            Role.MOUO,
            deadline(result, "mouo_to_rcoi", mouo_received_on=_day(result, sent.sent_at)),
        )
    casework.replace_duties(result, duties, case_id=application.pk)


def _parent_term(result: Result) -> Term:
    if result.received_at is None:
        return Term(None)
    return deadline(result, "parent", school_received_on=_day(result, result.received_at))


def _day(result: Result, moment: datetime):
    return day_of(result.application, moment)
