"""Days of the schedule with their free places, and bookings."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from ninja import Query, Router, Schema
from pydantic import Field

from merilo.admissions import actions as admissions
from merilo.admissions.access import ROLES as ADMISSIONS
from merilo.admissions.rules import NoShowReason
from merilo.booking import actions, queries, rules
from merilo.booking.access import ROLES
from merilo.foundation import clock

from .applications import CaseOut, case_out
from .door import reasons_of, request_key, served
from .shapes import (
    Day,
    Grade,
    Id,
    IdempotencyKey,
    Page,
    Reason,
    Ref,
    Short,
    Strict,
    Text,
    page_of,
    ref,
)

TAG = "Расписание и запись"
router = Router()


class When(StrEnum):
    AHEAD = ""
    PAST = "past"
    ALL = "all"


class SessionsAsked(Page):
    when: When = When.AHEAD
    grade: Grade | None = None
    testing_org_id: Id | None = None
    free_only: bool = False


class SessionOut(Schema):
    id: int
    testing_org: Ref
    place: str
    address: str
    held_on: date
    starts_at: Annotated[str, Field(description="ЧЧ:ММ, местное время")]
    grades: list[int]
    capacity: int
    free: int
    accessible: bool
    state: str
    results_official_on: date | None


class Sessions(Schema):
    items: list[SessionOut]
    count: int


def session_out(row: Any) -> dict[str, Any]:
    names = "held_on grades capacity free state results_official_on"
    return {
        "id": row.pk,
        "testing_org": ref(row.testing_org),
        "place": row.place.name,
        "address": row.place.address,
        "accessible": row.place.accessible,
        "starts_at": f"{row.starts_at:%H:%M}",
    } | {name: getattr(row, name) for name in names.split()}


@served(
    router,
    "GET",
    "/sessions",
    roles=ROLES["booking.read_schedule"],
    answer=Sessions,
    summary="Дни тестирования и свободные места",
)
def sessions(request, asked: Query[SessionsAsked]):
    today = clock.today(request.viewer.timezone)
    rows = queries.of_days(queries.sessions_visible_to(request.viewer), asked.when, today=today)
    if asked.grade:
        rows = rows.filter(grades__contains=[asked.grade])
    if asked.testing_org_id:
        rows = rows.filter(testing_org_id=asked.testing_org_id)
    if asked.free_only:
        rows = queries.with_free_places(rows)
    shown, count = page_of(rows, asked)
    return {"items": [session_out(row) for row in shown], "count": count}


class BookingsAsked(Page):
    state: rules.BookingState | None = None
    session_id: Id | None = None


class BookingOut(Schema):
    id: int
    referral_id: int
    referral: str
    application_id: int
    application: str
    session_id: int
    held_on: date
    grade: int
    state: str
    booked_at: datetime
    in_person: str


class BookedOut(BookingOut):
    warnings: list[Reason]


class Bookings(Schema):
    items: list[BookingOut]
    count: int


def booking_out(row: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "referral_id": row.referral_id,
        "referral": row.referral.number,
        "application_id": row.referral.application_id,
        "application": row.referral.application.number,
        "session_id": row.session_id,
        "held_on": row.session.held_on,
        "grade": row.referral.grade,
        "state": row.state,
        "booked_at": row.booked_at,
        "in_person": row.in_person,
    }


@served(
    router,
    "GET",
    "/bookings",
    roles=ROLES["booking.read"],
    answer=Bookings,
    summary="Записи на тестирование",
)
def bookings(request, asked: Query[BookingsAsked]):
    rows = queries.bookings_visible_to(request.viewer)
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.session_id:
        rows = rows.filter(session_id=asked.session_id)
    shown, count = page_of(rows, asked)
    return {"items": [booking_out(row) for row in shown], "count": count}


class BookingIn(Strict):
    referral_id: Id
    session_id: Id
    in_person: rules.InPerson
    identity_document: Annotated[Short, Field(description="Вид документа, не номер")]


@served(
    router,
    "POST",
    "/bookings",
    roles=ROLES["booking.book"],
    answer=BookedOut,
    status=201,
    summary="Записать по направлению",
)
def book(request, said: BookingIn, idempotency_key: IdempotencyKey = ""):
    done = actions.book(
        **said.dict(),
        request_key=request_key(request, idempotency_key),
        actor=request.viewer,
        now=clock.now(),
    )
    row = queries.bookings_visible_to(request.viewer).get(pk=done.booking.pk)
    return booking_out(row) | {"warnings": reasons_of(done.warnings)}


class CancelIn(Strict):
    reason: Text = ""


@served(
    router,
    "POST",
    "/bookings/{booking_id}/cancel",
    roles=ROLES["booking.cancel"],
    answer=BookingOut,
    summary="Отменить запись по просьбе родителя",
)
def cancel_booking(request, booking_id: Id, said: CancelIn):
    actions.cancel_booking(
        booking_id=booking_id, reason=said.reason[:200], actor=request.viewer, now=clock.now()
    )
    return booking_out(queries.bookings_visible_to(request.viewer).get(pk=booking_id))


class ElsewhereIn(Strict):
    testing_org_id: Id
    note: Text


@served(
    router,
    "POST",
    "/applications/{application_id}/referral/elsewhere",
    roles=ROLES["booking.refer_elsewhere"],
    answer=CaseOut,
    status=201,
    summary="Выдать новое направление в другую тестирующую организацию",
)
def refer_elsewhere(request, application_id: Id, said: ElsewhereIn):
    actions.refer_elsewhere(
        application_id=application_id,
        testing_org_id=said.testing_org_id,
        note=said.note,
        actor=request.viewer,
        now=clock.now(),
    )
    return case_out(request, application_id)


class NoShowReasonIn(Strict):
    reason: NoShowReason
    comment: Text
    confirmed_on: Day


@served(
    router,
    "POST",
    "/applications/{application_id}/no-show",
    roles=ADMISSIONS["admissions.confirm_no_show"],
    answer=CaseOut,
    summary="МОУО подтверждает причину неявки",
)
def confirm_no_show(request, application_id: Id, said: NoShowReasonIn):
    admissions.confirm_no_show(
        application_id=application_id,
        reason=said.reason,
        comment=said.comment,
        confirmed_on=said.confirmed_on,
        actor=request.viewer,
        now=clock.now(),
    )
    return case_out(request, application_id)
