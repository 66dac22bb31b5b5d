"""The region's experts and who scores whom. Experts by number only."""

from typing import Annotated, Any

from ninja import Query, Router, Schema
from pydantic import Field

from merilo.foundation import clock
from merilo.mechanisms import actions
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.actions.assigning import ASSIGNING
from merilo.mechanisms.queries import expertise, experts
from merilo.mechanisms.queries.places import cycles_of
from merilo.mechanisms.rules.assignment import not_enough
from merilo.registry.queries import active_profile

from .door import reasons_of, served
from .mechanisms import TAG
from .shapes import Id, Reason, Ref, Short, Strict, Text, ref

__all__ = ["TAG", "router"]
router = Router()
OPERATE = ROLES["mechanisms.experts"]


class TieOut(Schema):
    id: int
    municipality: Ref


class ExpertOut(Schema):
    id: int
    directions: list[str]
    most_positions: int | None
    ties: list[TieOut]


class Experts(Schema):
    items: list[ExpertOut]


@served(
    router,
    "GET",
    "/mechanisms/experts",
    roles=OPERATE,
    answer=Experts,
    summary="Эксперты региона: номера и направления, без имён",
)
def mechanism_experts(request):
    rows = experts.listed(request.viewer).prefetch_related("ties__municipality")
    return {"items": [expert_out(one) for one in rows[:1000]]}


def expert_out(one: Any) -> dict[str, Any]:
    """Why an expert is tied to a municipality stays on the page: it is about a person."""
    return {
        "id": one.pk,
        "directions": one.directions,
        "most_positions": one.most_positions,
        "ties": [{"id": tie.pk, "municipality": ref(tie.municipality)} for tie in one.ties.all()],
    }


class CandidateOut(Schema):
    position_id: int
    works_at: Ref


class Candidates(Schema):
    items: list[CandidateOut]


@served(
    router,
    "GET",
    "/mechanisms/experts/candidates",
    roles=OPERATE,
    answer=Candidates,
    summary="Должности с ролью эксперта МУМ, которых нет в списке",
)
def expert_candidates(request):
    today = clock.today(request.viewer.timezone)
    rows = experts.people_to_include(request.viewer, today=today)
    return {
        "items": [
            {"position_id": one.pk, "works_at": ref(one.organisation)} for one in rows[:1000]
        ]
    }


Codes = Annotated[list[Short], Field(max_length=50)]
Most = Annotated[int, Field(ge=1, le=30_000)]


class TermsIn(Strict):
    directions: Codes = []
    most_positions: Most | None = None


class IncludeIn(TermsIn):
    position_id: Id


def listed_expert(request: Any, expert_id: int) -> dict[str, Any]:
    return expert_out(experts.experts_visible_to(request.viewer).get(pk=expert_id))


@served(
    router,
    "POST",
    "/mechanisms/experts",
    roles=OPERATE,
    answer=ExpertOut,
    status=201,
    summary="Включить эксперта в список региона",
)
def include_expert(request, said: IncludeIn):
    made = actions.include_expert(**said.dict(), actor=request.viewer, now=clock.now())
    return listed_expert(request, made.pk)


@served(
    router,
    "POST",
    "/mechanisms/experts/{expert_id}",
    roles=OPERATE,
    answer=ExpertOut,
    summary="Изменить, что эксперт берёт на себя",
)
def change_expert(request, expert_id: Id, said: TermsIn):
    actions.change_expert(
        expert_id=expert_id, **said.dict(), actor=request.viewer, now=clock.now()
    )
    return listed_expert(request, expert_id)


@served(
    router,
    "POST",
    "/mechanisms/experts/{expert_id}/exclude",
    roles=OPERATE,
    answer=ExpertOut,
    summary="Исключить эксперта из списка: новых назначений не будет",
)
def exclude_expert(request, expert_id: Id):
    actions.exclude_expert(expert_id=expert_id, actor=request.viewer, now=clock.now())
    return listed_expert(request, expert_id)


class TieIn(Strict):
    municipality_id: Id
    expert_id: Id | None = None
    note: Text = ""


@served(
    router,
    "POST",
    "/mechanisms/ties",
    roles=ROLES["mechanisms.declare_tie"],
    answer=TieOut,
    status=201,
    summary="Заявить о связи с муниципалитетом: эксперт — о своей, оператор — об эксперте",
)
def declare_tie(request, said: TieIn):
    made = actions.declare_tie(**said.dict(), actor=request.viewer, now=clock.now())
    return {"id": made.pk, "municipality": ref(made.municipality)}


class TieRemoved(Schema):
    tie_id: int


@served(
    router,
    "POST",
    "/mechanisms/ties/{tie_id}/remove",
    roles=OPERATE,
    answer=TieRemoved,
    summary="Снять отметку о связи",
)
def remove_tie(request, tie_id: Id):
    actions.remove_tie(tie_id=tie_id, actor=request.viewer, now=clock.now())
    return {"tie_id": tie_id}


class PairOut(Schema):
    expert_id: int
    submission_id: int
    direction: str


class AssignedOut(PairOut):
    id: int
    third: bool
    state: str


class LoadOut(Schema):
    expert_id: int
    positions_to_mark: int


class AssignmentOut(Schema):
    cycle_id: int
    seed: str
    digest: str
    proposed: list[PairOut]
    loads: list[LoadOut]
    appointed: list[AssignedOut]
    reasons: list[Reason]


class AssignmentAsked(Strict):
    seed: Short = "1"


@served(
    router,
    "GET",
    "/mechanisms/cycles/{cycle_id}/assignment",
    roles=OPERATE,
    answer=AssignmentOut,
    summary="Назначение экспертов: кто назначен и что предлагается; ничего не меняется",
)
def assignment(request, cycle_id: Id, asked: Query[AssignmentAsked]):
    viewer = request.viewer
    today = clock.today(viewer.timezone)
    cycle = cycles_of(viewer).get(pk=cycle_id)
    plan = digest = None
    if cycle.state in ASSIGNING:
        proposed = experts.proposed(cycle, viewer, seed=asked.seed, on=today)
        plan, digest = proposed.plan, proposed.digest
    held = expertise.appointments_visible_to(viewer).filter(submission__cycle=cycle).order_by("pk")
    needed = expertise.policy_of(active_profile(), on=today).needed
    lacking = not_enough(
        experts.portions_to_score(cycle), experts.held_of(cycle, third=False), needed=needed
    )
    return {
        "cycle_id": cycle.pk,
        "seed": asked.seed,
        "digest": digest or "",
        "proposed": [
            {"expert_id": expert, "submission_id": submission, "direction": code}
            for expert, (submission, code) in (plan.appointments if plan else ())
        ],
        "loads": [
            {"expert_id": expert, "positions_to_mark": count}
            for expert, count in (plan.load if plan else {}).items()
        ],
        "appointed": [assigned_out(one) for one in held],
        "reasons": reasons_of([*(plan.reasons if plan else ()), *lacking]),
    }


def assigned_out(one: Any) -> dict[str, Any]:
    return {
        "id": one.pk,
        "expert_id": one.expert_id,
        "submission_id": one.submission_id,
        "direction": one.direction.code,
        "third": one.third,
        "state": one.state,
    }


class PlanIn(Strict):
    seed: Short
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Appointed(Schema):
    items: list[AssignedOut]
    warnings: list[Reason]


@served(
    router,
    "POST",
    "/mechanisms/cycles/{cycle_id}/assignment",
    roles=OPERATE,
    answer=Appointed,
    status=201,
    summary="Назначить по просмотренному предложению",
)
def appoint_by_plan(request, cycle_id: Id, said: PlanIn):
    made = actions.appoint_by_plan(
        cycle_id=cycle_id,
        seed=said.seed,
        digest=said.digest,
        actor=request.viewer,
        now=clock.now(),
    )
    return {"items": [assigned_out(one) for one in made], "warnings": []}


class AppointmentIn(Strict):
    expert_id: Id
    direction: Short
    third: bool = False


@served(
    router,
    "POST",
    "/mechanisms/submissions/{submission_id}/appointments",
    roles=OPERATE,
    answer=Appointed,
    status=201,
    summary="Назначить одного эксперта на направление",
)
def appoint_expert(request, submission_id: Id, said: AppointmentIn):
    found = expertise.submissions_to_score(request.viewer).get(pk=submission_id)
    direction = found.cycle.edition.criteria.get(code=said.direction)
    made, warnings = actions.appoint(
        expert_id=said.expert_id,
        submission_id=submission_id,
        direction_id=direction.pk,
        third=said.third,
        actor=request.viewer,
        now=clock.now(),
    )
    return {"items": [assigned_out(made)], "warnings": reasons_of(warnings)}


class Dismissed(Schema):
    appointment_id: int


@served(
    router,
    "POST",
    "/mechanisms/appointments/{appointment_id}/withdraw",
    roles=OPERATE,
    answer=Dismissed,
    summary="Снять назначение, пока баллов нет",
)
def dismiss_expert(request, appointment_id: Id):
    actions.dismiss(appointment_id=appointment_id, actor=request.viewer, now=clock.now())
    return {"appointment_id": appointment_id}
