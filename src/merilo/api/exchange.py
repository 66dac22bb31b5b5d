"""What other organisations handed over, and what is owed."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from ninja import Query, Router, Schema

from merilo.casework import actions, queries
from merilo.casework.access import ROLES
from merilo.foundation import clock
from merilo.registry import queries as registry

from .door import served
from .shapes import Id, Page, Ref, page_of, ref

TAG = "Передача сведений и дела"
router = Router()


class Way(StrEnum):
    IN = "in"
    OUT = "out"


class DispatchesAsked(Page):
    way: Way = Way.IN
    waiting: bool = False


class DispatchOut(Schema):
    id: int
    kind: str
    about: str
    label: str
    case_id: int | None
    sender: Ref
    recipient: Ref
    due_on: date | None
    sent_at: datetime | None
    sent_late: bool
    received_at: datetime | None


class Dispatches(Schema):
    items: list[DispatchOut]
    count: int


def dispatch_out(row: Any) -> dict[str, Any]:
    names = "kind about label case_id due_on sent_at sent_late received_at"
    return {"id": row.pk, "sender": ref(row.sender), "recipient": ref(row.recipient)} | {
        name: getattr(row, name) for name in names.split()
    }


@served(
    router,
    "GET",
    "/dispatches",
    roles=ROLES["casework.dispatches"],
    answer=Dispatches,
    summary="Переданные сведения",
)
def dispatches(request, asked: Query[DispatchesAsked]):
    read = queries.dispatches_to if asked.way == Way.IN else queries.dispatches_from
    rows = read(request.viewer)
    if asked.waiting:
        rows = rows.filter(received_at=None)
    shown, count = page_of(rows, asked)
    return {"items": [dispatch_out(row) for row in shown], "count": count}


@served(
    router,
    "POST",
    "/dispatches/{dispatch_id}/receive",
    roles=ROLES["casework.receive"],
    answer=DispatchOut,
    summary="Подтвердить получение",
)
def receive_dispatch(request, dispatch_id: Id):
    return dispatch_out(
        actions.receive(dispatch_id=dispatch_id, actor=request.viewer, now=clock.now())
    )


class DutyOut(Schema):
    id: int
    kind: str
    subject: str
    case_id: int | None
    label: str
    since: datetime
    due_on: date | None
    working_days_left: int | None
    urgency: str
    act: str
    paragraph: str


class Duties(Schema):
    items: list[DutyOut]
    count: int


@served(
    router,
    "GET",
    "/duties",
    roles=ROLES["casework.duties"],
    answer=Duties,
    summary="Мои дела по сроку",
)
def duties(request, page: Query[Page]):
    shown, count = page_of(queries.duties_of(request.viewer), page)
    due = queries.with_urgency(
        shown,
        today=clock.today(request.viewer.timezone),
        profile=registry.active_profile(),
    )
    names = "kind subject case_id label since due_on act paragraph"
    items = [
        {
            "id": one.duty.pk,
            "urgency": one.urgency,
            "working_days_left": one.working_days_left,
        }
        | {name: getattr(one.duty, name) for name in names.split()}
        for one in due
    ]
    return {"items": items, "count": count}
