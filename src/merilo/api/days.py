"""Test days, who came, and the marks of the experts. Codes only, nobody's name."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from ninja import Query, Router, Schema
from pydantic import Field

from merilo.foundation import clock
from merilo.grading import actions as grading
from merilo.grading import queries as grading_queries
from merilo.grading.access import ROLES as GRADING
from merilo.law import Part
from merilo.registry.access import Role
from merilo.testday import actions, queries, rules
from merilo.testday.access import ROLES

from .door import reasons_of, served
from .shapes import Id, Page, Points, Reason, Ref, Short, Strict, page_of, ref

TAG = "День тестирования и проверка"
router = Router()


class DaysAsked(Page):
    state: rules.SessionDayState | None = None


class DayOut(Schema):
    id: int
    session_id: int
    testing_org: Ref
    place: str
    held_on: date
    state: str
    started_at: datetime | None
    finished_at: datetime | None


class Days(Schema):
    items: list[DayOut]
    count: int


@served(
    router,
    "GET",
    "/days",
    roles=ROLES["testday.read"],
    answer=Days,
    summary="Проведённые и идущие дни",
)
def days(request, asked: Query[DaysAsked]):
    rows = queries.days_visible_to(request.viewer).order_by("-session__held_on", "-pk")
    if asked.state:
        rows = rows.filter(state=asked.state)
    shown, count = page_of(rows, asked)
    items = [
        {
            "id": row.pk,
            "session_id": row.session_id,
            "testing_org": ref(row.session.testing_org),
            "place": row.session.place.name,
            "held_on": row.session.held_on,
            "state": row.state,
            "started_at": row.started_at,
            "finished_at": row.finished_at,
        }
        for row in shown
    ]
    return {"items": items, "count": count}


class AttemptsAsked(Page):
    day_id: Id | None = None
    state: rules.AttemptState | None = None


class AttemptOut(Schema):
    id: int
    code: str
    day_id: int
    held_on: date
    grade: int
    form: str
    attempt_no: int
    state: str
    checked_in_at: datetime
    application_id: int | None


class Attempts(Schema):
    items: list[AttemptOut]
    count: int


def attempt_out(row: Any, viewer: Any) -> dict[str, Any]:
    names = "code day_id held_on grade form attempt_no state checked_in_at"
    # A marker knows a work by its code alone: the number of the case would lead to the school.
    case = None if viewer.role == Role.COMMISSION else row.application_id
    return {"id": row.pk, "application_id": case} | {
        name: getattr(row, name) for name in names.split()
    }


@served(
    router,
    "GET",
    "/attempts",
    roles=ROLES["testday.read"] | {Role.SCHOOL},
    answer=Attempts,
    summary="Участия",
)
def attempts(request, asked: Query[AttemptsAsked]):
    rows = queries.attempts_visible_to(request.viewer).order_by("-held_on", "-pk")
    if asked.day_id:
        rows = rows.filter(day_id=asked.day_id)
    if asked.state:
        rows = rows.filter(state=asked.state)
    shown, count = page_of(rows, asked)
    return {"items": [attempt_out(row, request.viewer) for row in shown], "count": count}


class CheckInIn(Strict):
    booking_id: Id
    child_document: Annotated[Short, Field(description="Вид документа, не номер")]
    representative_document: Short = ""
    representative_present: bool
    documents_agree: bool


@served(
    router,
    "POST",
    "/check-ins",
    roles=ROLES["testday.check_in"],
    answer=AttemptOut,
    status=201,
    summary="Допустить участника",
)
def check_in(request, said: CheckInIn):
    made = actions.check_in(**said.dict(), actor=request.viewer, now=clock.now())
    return attempt_out(made, request.viewer)


class WorkOut(Schema):
    attempt_id: int
    code: str
    grade: int
    part: str
    held_on: date
    state: str | None
    mine: bool
    taken: bool
    ready: bool


class Works(Schema):
    items: list[WorkOut]


@served(
    router,
    "GET",
    "/works",
    roles=GRADING["grading.mark"],
    answer=Works,
    summary="Работы, которые ждут этого эксперта",
)
def works(request):
    rows = grading_queries.works_of(request.viewer, open_only=True)[:500]
    return {"items": [{n: getattr(one, n) for n in WorkOut.model_fields} for one in rows]}


class PartName(StrEnum):
    ORAL = "oral"
    WRITTEN = "written"


class SignIn(Strict):
    points: Annotated[
        dict[Annotated[str, Field(min_length=1, max_length=10)], Points | None],
        Field(max_length=60, description="Баллы по кодам критериев"),
    ]
    typed_total: Annotated[Points | None, Field(description="Сумма, посчитанная экспертом")] = None


class Signed(Schema):
    protocol_id: int
    attempt_id: int
    part: str
    version: int
    state: str
    points: dict[str, int | None]
    typed_total: int | None
    signed_at: datetime
    warnings: list[Reason]


@served(
    router,
    "POST",
    "/attempts/{attempt_id}/marks/{part}",
    roles=GRADING["grading.mark"],
    answer=Signed,
    status=201,
    summary="Подписать протокол проверки",
)
def sign_marks(request, attempt_id: Id, part: PartName, said: SignIn):
    by = {"actor": request.viewer, "now": clock.now()}
    protocol = grading.open_protocol(attempt_id=attempt_id, part=Part(part.value), **by)
    protocol, warnings = grading.sign(
        protocol_id=protocol.pk, points=said.points, typed_total=said.typed_total, **by
    )
    names = "attempt_id part version state points typed_total signed_at"
    return {"protocol_id": protocol.pk, "warnings": reasons_of(warnings)} | {
        name: getattr(protocol, name) for name in names.split()
    }
