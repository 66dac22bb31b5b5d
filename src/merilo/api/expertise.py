"""Expertise of municipal mechanisms: an expert's own work. Nobody's name.

Marks of the other expert are told in the harmonisation alone, when both are done.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import Http404
from ninja import Router, Schema
from pydantic import Field

from merilo.foundation import clock
from merilo.mechanisms import actions
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.queries import expertise as queries
from merilo.mechanisms.rules.expertise import (
    AppointmentState,
    DeductionCode,
    Exclusion,
    MarkFacts,
    sees_marks_of_others,
    typed_points,
)
from merilo.registry.queries import active_profile

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


class BesideOut(Schema):
    given: str
    comment: str
    deductions: list[str]


class ComparedOut(Schema):
    id: int
    code: str
    title: str
    most: str
    standing: str
    own_mark: BesideOut | None
    other_marks: list[BesideOut]
    settled: Decimal | None


class HarmonisingOut(Schema):
    id: int
    seen: bool
    positions: list[ComparedOut]


@served(
    router,
    "GET",
    "/mechanisms/appointments/{appointment_id}/harmonising",
    roles=SCORE,
    answer=HarmonisingOut,
    summary="Свои и чужие баллы рядом, когда закончили оба; без имён",
)
def harmonising(request, appointment_id: Id):
    return compared_out(request, appointment_id)


def compared_out(request: Any, appointment_id: int) -> dict[str, Any]:
    mine = queries.appointments_visible_to(request.viewer).get(pk=appointment_id)
    if mine.third:
        raise Http404
    policy = queries.policy_of(active_profile(), on=clock.today(request.viewer.timezone))
    table = queries.table_of(mine.submission, policy, direction_id=mine.direction_id)
    first = [one for one in table.experts_of(mine.direction_id) if not one.third]
    seen = sees_marks_of_others([AppointmentState(one.state) for one in first])
    return {
        "id": mine.pk,
        "seen": seen,
        "positions": [compared_row(row, mine, first) for row in table.rows] if seen else [],
    }


def compared_row(row: queries.TableRow, mine: Any, first: list[Any]) -> dict[str, Any]:
    others = [row.newest_of(one.pk) for one in first if one.pk != mine.pk]
    return {
        "id": row.place.position.pk,
        "code": row.code,
        "title": row.place.position.title,
        "most": f"{row.facts.most.normalize():f}",
        "standing": row.compared.standing,
        "own_mark": mark_out(row.newest_of(mine.pk)),
        "other_marks": [mark_out(one) for one in others if one],
        "settled": row.settled.points if row.settled else None,
    }


def mark_out(mark: Any) -> dict[str, Any] | None:
    if mark is None:
        return None
    return {
        "given": f"{mark.points.normalize():f}",
        "comment": mark.comment,
        "deductions": mark.grounds,
    }


class ProposalIn(Strict):
    given: Short
    comment: Annotated[str, Field(max_length=4000, pattern=r"^[^\x00]*$")] = ""
    deductions: Annotated[list[DeductionCode], Field(max_length=6)] = []


@served(
    router,
    "POST",
    "/mechanisms/appointments/{appointment_id}/harmonising/{criterion_id}",
    roles=SCORE,
    answer=HarmonisingOut,
    status=201,
    summary="Предложить балл при согласовании",
)
def propose_mark(request, appointment_id: Id, criterion_id: Id, said: ProposalIn):
    actions.propose_mark(
        appointment_id=appointment_id,
        criterion_id=criterion_id,
        mark=MarkFacts(
            typed_points(said.given), said.comment, [str(code) for code in said.deductions]
        ),
        actor=request.viewer,
        now=clock.now(),
    )
    return compared_out(request, appointment_id)


class GiveUpIn(Strict):
    reason: Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")]


@served(
    router,
    "POST",
    "/mechanisms/appointments/{appointment_id}/harmonising/{criterion_id}/third",
    roles=SCORE,
    answer=HarmonisingOut,
    status=201,
    summary="Не договорились: передать позицию третьему эксперту",
)
def give_up_position(request, appointment_id: Id, criterion_id: Id, said: GiveUpIn):
    actions.give_up(
        appointment_id=appointment_id,
        criterion_id=criterion_id,
        why=said.reason,
        actor=request.viewer,
        now=clock.now(),
    )
    return compared_out(request, appointment_id)
