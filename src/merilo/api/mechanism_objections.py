"""Objections of municipalities to settled marks, and the operator's decisions."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Query, Router, Schema
from pydantic import Field

from merilo.foundation import clock
from merilo.mechanisms import actions
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.queries import expertise as queries
from merilo.mechanisms.rules.expertise import DeductionCode, typed_points
from merilo.mechanisms.rules.harmonisation import ObjectionState

from .door import reasons_of, served
from .mechanisms import TAG
from .shapes import Id, Page, Reason, Ref, Short, Strict, page_of, ref

__all__ = ["TAG", "router"]
router = Router()
Words = Annotated[str, Field(max_length=4000, pattern=r"^[^\x00]*$")]


class ObjectionOut(Schema):
    id: int
    submission_id: int
    municipality: Ref
    code: str
    state: str
    objection_text: str
    filed_at: datetime
    explanation: str


class Objections(Schema):
    items: list[ObjectionOut]
    count: int


def objection_out(one: Any) -> dict[str, Any]:
    return {
        "id": one.pk,
        "submission_id": one.submission_id,
        "municipality": ref(one.submission.organisation),
        "code": one.criterion.code,
        "state": one.state,
        "objection_text": one.text,
        "filed_at": one.filed_at,
        "explanation": one.explanation,
    }


class ObjectionsAsked(Page):
    state: ObjectionState | None = None


@served(
    router,
    "GET",
    "/mechanisms/objections",
    roles=ROLES["mechanisms.read_scores"],
    answer=Objections,
    summary="Возражения муниципалитетов",
)
def objections(request, asked: Query[ObjectionsAsked]):
    rows = queries.objections_visible_to(request.viewer)
    if asked.state:
        rows = rows.filter(state=asked.state)
    shown, count = page_of(rows, asked)
    return {"items": [objection_out(one) for one in shown], "count": count}


class ObjectionIn(Strict):
    criterion_id: Id
    objection_text: Words


class Filed(ObjectionOut):
    warnings: list[Reason]


def again(request: Any, objection_id: int) -> dict[str, Any]:
    return objection_out(queries.objections_visible_to(request.viewer).get(pk=objection_id))


@served(
    router,
    "POST",
    "/mechanisms/submissions/{submission_id}/objections",
    roles=ROLES["mechanisms.object"],
    answer=Filed,
    status=201,
    summary="Возразить против балла позиции",
)
def file_objection(request, submission_id: Id, said: ObjectionIn):
    made, warnings = actions.file_objection(
        submission_id=submission_id,
        criterion_id=said.criterion_id,
        text=said.objection_text,
        actor=request.viewer,
        now=clock.now(),
    )
    return again(request, made.pk) | {"warnings": reasons_of(warnings)}


@served(
    router,
    "POST",
    "/mechanisms/objections/{objection_id}/withdraw",
    roles=ROLES["mechanisms.object"],
    answer=ObjectionOut,
    summary="Отозвать возражение",
)
def withdraw_objection(request, objection_id: Id):
    actions.withdraw_objection(objection_id=objection_id, actor=request.viewer, now=clock.now())
    return again(request, objection_id)


class ObjectionDecisionIn(Strict):
    grant: bool
    given: Short = ""
    deductions: Annotated[list[DeductionCode], Field(max_length=6)] = []
    explanation: Words


@served(
    router,
    "POST",
    "/mechanisms/objections/{objection_id}/decide",
    roles=ROLES["mechanisms.experts"],
    answer=ObjectionOut,
    summary="Удовлетворить возражение с новым баллом или отклонить",
)
def decide_objection(request, objection_id: Id, said: ObjectionDecisionIn):
    actions.decide_objection(
        objection_id=objection_id,
        grant=said.grant,
        points=typed_points(said.given),
        deductions=[str(code) for code in said.deductions],
        explanation=said.explanation,
        actor=request.viewer,
        now=clock.now(),
    )
    return again(request, objection_id)
