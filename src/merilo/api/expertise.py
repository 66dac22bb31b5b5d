"""Expertise of municipal mechanisms: an expert's own work. Nobody's name, no mark of another expert."""

from datetime import datetime
from typing import Annotated

from django.http import Http404
from ninja import Router, Schema
from pydantic import Field

from merilo.foundation import clock
from merilo.mechanisms import actions
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.queries import expertise as queries
from merilo.mechanisms.rules.expertise import (
    DeductionCode,
    Exclusion,
    MarkFacts,
    typed_points,
)

from .door import reasons_of, served
from .shapes import Id, Reason, Ref, Short, Strict, ref

TAG = "Экспертиза муниципальных механизмов (МУМ)"
router = Router()
SCORE = ROLES["mechanisms.score"]


class AppointmentOut(Schema):
    id: int
    submitter: Ref
    direction: str
    third: bool
    state: str
    marked: int


class Appointments(Schema):
    items: list[AppointmentOut]


@served(
    router,
    "GET",
    "/mechanisms/appointments",
    roles=SCORE,
    answer=Appointments,
    summary="Направления, назначенные эксперту",
)
def appointments(request):
    return {
        "items": [
            {
                "id": one.pk,
                "submitter": ref(one.submission.organisation),
                "direction": one.direction.code,
                "third": one.third,
                "state": one.state,
                "marked": one.marked,
            }
            for one in queries.works_of(request.viewer)[:500]
        ]
    }


class PositionOut(Schema):
    id: int
    code: str
    title: str
    most: str
    given: str | None
    comment: str
    deductions: list[str]


class SheetOut(Schema):
    id: int
    state: str
    positions: list[PositionOut]


@served(
    router,
    "GET",
    "/mechanisms/appointments/{appointment_id}",
    roles=SCORE,
    answer=SheetOut,
    summary="Позиции направления и свои баллы",
)
def appointment(request, appointment_id: Id):
    found = queries.appointments_visible_to(request.viewer).get(pk=appointment_id)
    return {
        "id": found.pk,
        "state": found.state,
        "positions": [position_out(row) for row in queries.sheet_of(found).to_mark],
    }


def position_out(row: queries.SheetRow) -> dict[str, object]:
    mark = row.mark
    return {
        "id": row.place.position.pk,
        "code": row.code,
        "title": row.place.position.title,
        "most": f"{row.facts.most.normalize():f}",
        "given": f"{mark.points.normalize():f}" if mark else None,
        "comment": mark.comment if mark else "",
        "deductions": mark.grounds if mark else [],
    }


class PositionMarkIn(Strict):
    given: Short
    comment: Annotated[str, Field(max_length=4000, pattern=r"^[^\x00]*$")] = ""
    deductions: Annotated[list[DeductionCode], Field(max_length=6)] = []
    excluded: Annotated[
        dict[Annotated[str, Field(pattern=r"^[0-9]{1,9}$")], Exclusion], Field(max_length=5)
    ] = {}


@served(
    router,
    "POST",
    "/mechanisms/appointments/{appointment_id}/marks/{criterion_id}",
    roles=SCORE,
    answer=PositionOut,
    status=201,
    summary="Поставить балл позиции",
)
def put_mark(request, appointment_id: Id, criterion_id: Id, said: PositionMarkIn):
    actions.save_mark(
        appointment_id=appointment_id,
        criterion_id=criterion_id,
        mark=MarkFacts(
            typed_points(said.given),
            said.comment,
            [str(code) for code in said.deductions],
            {int(link): str(code) for link, code in said.excluded.items()},
        ),
        actor=request.viewer,
        now=clock.now(),
    )
    found = queries.appointments_visible_to(request.viewer).get(pk=appointment_id)
    row = queries.sheet_of(found).row(criterion_id)
    if row is None:
        raise Http404
    return position_out(row)


class Finished(Schema):
    id: int
    state: str
    done_at: datetime | None
    warnings: list[Reason]


@served(
    router,
    "POST",
    "/mechanisms/appointments/{appointment_id}/finish",
    roles=SCORE,
    answer=Finished,
    status=201,
    summary="Завершить оценку направления",
)
def finish_appointment(request, appointment_id: Id):
    done, warnings = actions.finish(
        appointment_id=appointment_id, actor=request.viewer, now=clock.now()
    )
    return {
        "id": done.pk,
        "state": done.state,
        "done_at": done.done_at,
        "warnings": reasons_of(warnings),
    }
