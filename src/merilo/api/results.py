"""Results: drawn, released, told to the parent."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from ninja import Query, Router, Schema

from merilo.foundation import clock
from merilo.foundation.journal.recording import record_view
from merilo.registry.access import permit
from merilo.results import actions, queries, rules
from merilo.results.access import ROLES

from .applications import PersonOut
from .door import reasons_of, served
from .shapes import Grade, Id, Page, Reason, Ref, Strict, page_of, ref

TAG = "Результаты"
router = Router()


class ResultsAsked(Page):
    state: rules.ResultState | None = None
    grade: Grade | None = None
    passed: bool | None = None


class ResultOut(Schema):
    id: int
    attempt_id: int
    code: str
    testing_org: Ref
    school: Ref
    application_id: int
    held_on: date
    grade: int
    form: str
    oral_sum: int | None
    written_sum: int | None
    total: int | None
    percent: float | None
    passed: bool
    annulled: bool
    state: str
    official_on: date | None
    released_at: datetime | None
    school_due: date | None
    parent_due: date | None
    informed_at: datetime | None
    informed_how: str


class OneResultOut(ResultOut):
    points: dict[str, int | None]
    specification: str
    child: PersonOut | None
    warnings: list[Reason]


class Results(Schema):
    items: list[ResultOut]
    count: int


def result_out(row: Any) -> dict[str, Any]:
    names = (
        "attempt_id application_id held_on grade form oral_sum written_sum total passed annulled "
        "state official_on released_at school_due parent_due informed_at informed_how"
    )
    return {
        "id": row.pk,
        "code": row.attempt.code,
        "testing_org": ref(row.attempt.day.session.testing_org),
        "school": ref(row.application.school),
        "percent": None if row.percent is None else float(row.percent),
    } | {name: getattr(row, name) for name in names.split()}


def one_out(request: Any, result_id: int, *, with_person: bool = False, warnings=()) -> Any:
    """One result with its points; the child only when asked for, and then journalled."""
    viewer, child = request.viewer, None
    if with_person:
        permit(viewer, ROLES, "results.read_person")
        row = queries.result_with_person(viewer, result_id)
        person = row.attempt.person
        record_view(
            actor=viewer, about=person, at=clock.now(), case_id=row.application_id, where="api"
        )
        child = {name: getattr(person, name) for name in PersonOut.model_fields}
    else:
        row = queries.results_visible_to(viewer).get(pk=result_id)
    return result_out(row) | {
        "points": row.points,
        "specification": row.spec_id,
        "child": child,
        "warnings": reasons_of(warnings),
    }


@served(
    router, "GET", "/results", roles=ROLES["results.read"], answer=Results, summary="Результаты"
)
def results(request, asked: Query[ResultsAsked]):
    rows = queries.results_visible_to(request.viewer)
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.grade:
        rows = rows.filter(grade=asked.grade)
    if asked.passed is not None:
        rows = rows.filter(passed=asked.passed)
    shown, count = page_of(rows, asked)
    return {"items": [result_out(row) for row in shown], "count": count}


@served(
    router,
    "GET",
    "/results/{result_id}",
    roles=ROLES["results.read"],
    answer=OneResultOut,
    summary="Результат с баллами",
)
def result(request, result_id: Id, with_person: bool = False):
    return one_out(request, result_id, with_person=with_person)


class DrawIn(Strict):
    attempt_id: Id


@served(
    router,
    "POST",
    "/results",
    roles=ROLES["results.consolidate"],
    answer=OneResultOut,
    status=201,
    summary="Свести результат по подписанным протоколам",
)
def consolidate(request, said: DrawIn):
    made = actions.consolidate(attempt_id=said.attempt_id, actor=request.viewer, now=clock.now())
    return one_out(request, made.pk)


class ReleaseIn(Strict):
    identity_confirmed: bool


@served(
    router,
    "POST",
    "/results/{result_id}/release",
    roles=ROLES["results.release"],
    answer=OneResultOut,
    summary="Передать школе и МОУО",
)
def release(request, result_id: Id, said: ReleaseIn):
    done, warnings = actions.release(
        result_id=result_id,
        identity_confirmed=said.identity_confirmed,
        actor=request.viewer,
        now=clock.now(),
    )
    return one_out(request, done.pk, warnings=warnings)


class Way(StrEnum):
    EMAIL = "email"
    POST = "post"
    PORTAL = "portal"
    HAND = "hand"


class InformIn(Strict):
    how: Way
    on_portal: bool = False


@served(
    router,
    "POST",
    "/results/{result_id}/inform",
    roles=ROLES["results.inform"],
    answer=OneResultOut,
    summary="Сообщить родителю",
)
def inform(request, result_id: Id, said: InformIn):
    actions.inform_parent(
        result_id=result_id,
        how=said.how.value,
        on_portal=said.on_portal,
        actor=request.viewer,
        now=clock.now(),
    )
    return one_out(request, result_id)
