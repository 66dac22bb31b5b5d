"""The map of a track's management cycle: drawn by the municipality, its gaps decided by experts."""

from enum import StrEnum
from typing import Annotated, Any

from django.http import Http404
from ninja import Router, Schema
from pydantic import Field

from merilo.foundation import clock
from merilo.mechanisms import actions
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.queries import cycle_map as queries
from merilo.mechanisms.rules.cycle import GapKind, Judgement
from merilo.mechanisms.rules.tree import Component

from .door import served
from .mechanisms import TAG, Line, Long
from .shapes import Id, Strict

__all__ = ["TAG", "router"]
router = Router()
READ = ROLES["mechanisms.read_map"]
DRAW = ROLES["mechanisms.draw"]
# A gap the program finds, or what an expert says of an indicator: one list of words for both.
Ruled = StrEnum("Ruled", {one.name: one.value for one in (*GapKind, *Judgement)})


class TrackOut(Schema):
    track_id: int
    code: str
    title: str
    parts: int
    gaps: int


class Tracks(Schema):
    submission_id: int
    items: list[TrackOut]


@served(
    router,
    "GET",
    "/mechanisms/submissions/{submission_id}/maps",
    roles=READ,
    answer=Tracks,
    summary="Карты управленческого цикла по трекам",
)
def cycle_maps(request, submission_id: Id):
    found = queries.maps_visible_to(request.viewer).get(pk=submission_id)
    return {
        "submission_id": found.pk,
        "items": [
            {
                "track_id": one.track.pk,
                "code": one.track.code,
                "title": one.track.title,
                "parts": len(one.nodes),
                "gaps": len(one.gaps),
            }
            for one in queries.maps_of(found)
        ],
    }


class PartOut(Schema):
    id: int
    component: str
    title: str
    link_id: int | None
    from_schools: bool
    needs: bool


class ArrowOut(Schema):
    id: int
    here: int
    leads_to: int


class GapOut(Schema):
    kind: str
    part_id: int | None
    candidate: str


class TrackMapOut(Schema):
    submission_id: int
    track_id: int
    map_parts: list[PartOut]
    arrows: list[ArrowOut]
    found_gaps: list[GapOut]


def map_out(request: Any, submission_id: int, track_id: int) -> dict[str, Any]:
    submission = queries.maps_visible_to(request.viewer).get(pk=submission_id)
    drawn = queries.track_map(submission, track_id)
    if drawn is None:
        raise Http404
    return {
        "submission_id": submission.pk,
        "track_id": drawn.track.pk,
        "map_parts": [part_out(one) for one in drawn.nodes],
        "arrows": [
            {"id": one.pk, "here": one.here_id, "leads_to": one.to_id} for one in drawn.arrows
        ],
        "found_gaps": [
            {
                "kind": one.kind,
                "part_id": one.node.id if one.node else None,
                "candidate": one.candidate or "",
            }
            for one in drawn.gaps
        ],
    }


def part_out(one: Any) -> dict[str, Any]:
    names = "component title link_id from_schools needs"
    return {"id": one.pk} | {name: getattr(one, name) for name in names.split()}


@served(
    router,
    "GET",
    "/mechanisms/submissions/{submission_id}/maps/{track_id}",
    roles=READ,
    answer=TrackMapOut,
    summary="Карта одного трека: части, связи и найденные разрывы",
)
def cycle_map(request, submission_id: Id, track_id: Id):
    return map_out(request, submission_id, track_id)


class PartIn(Strict):
    component: Component
    title: Line
    link_id: Id | None = None
    from_schools: bool = False
    needs: bool = False

    def as_part(self) -> actions.Part:
        return actions.Part(**self.dict(include=set(PartIn.model_fields)))


class NewPartIn(PartIn):
    after_id: Id | None = None


@served(
    router,
    "POST",
    "/mechanisms/submissions/{submission_id}/maps/{track_id}/parts",
    roles=DRAW,
    answer=PartOut,
    status=201,
    summary="Добавить часть цикла на карту",
)
def add_part(request, submission_id: Id, track_id: Id, said: NewPartIn):
    made = actions.add_part(
        submission_id=submission_id,
        track_id=track_id,
        part=said.as_part(),
        after_id=said.after_id,
        actor=request.viewer,
        now=clock.now(),
    )
    return part_out(made)


@served(
    router,
    "POST",
    "/mechanisms/submissions/{submission_id}/parts/{part_id}",
    roles=DRAW,
    answer=PartOut,
    summary="Изменить часть карты",
)
def change_part(request, submission_id: Id, part_id: Id, said: PartIn):
    changed = actions.change_part(
        submission_id=submission_id,
        node_id=part_id,
        part=said.as_part(),
        actor=request.viewer,
        now=clock.now(),
    )
    return part_out(changed)


class Taken(Schema):
    submission_id: int


@served(
    router,
    "POST",
    "/mechanisms/submissions/{submission_id}/parts/{part_id}/remove",
    roles=DRAW,
    answer=Taken,
    summary="Убрать часть с карты вместе со связями",
)
def remove_part(request, submission_id: Id, part_id: Id):
    actions.remove_part(
        submission_id=submission_id, node_id=part_id, actor=request.viewer, now=clock.now()
    )
    return {"submission_id": submission_id}


class ArrowIn(Strict):
    here: Id
    leads_to: Id


@served(
    router,
    "POST",
    "/mechanisms/submissions/{submission_id}/arrows",
    roles=DRAW,
    answer=ArrowOut,
    status=201,
    summary="Связать две части карты",
)
def join_parts(request, submission_id: Id, said: ArrowIn):
    made = actions.join(
        submission_id=submission_id,
        here_id=said.here,
        to_id=said.leads_to,
        actor=request.viewer,
        now=clock.now(),
    )
    return {"id": made.pk, "here": made.here_id, "leads_to": made.to_id}


@served(
    router,
    "POST",
    "/mechanisms/submissions/{submission_id}/arrows/{arrow_id}/remove",
    roles=DRAW,
    answer=Taken,
    summary="Убрать связь с карты",
)
def part_from(request, submission_id: Id, arrow_id: Id):
    actions.part_from(
        submission_id=submission_id, arrow_id=arrow_id, actor=request.viewer, now=clock.now()
    )
    return {"submission_id": submission_id}


class RulingIn(Strict):
    kind: Ruled
    part_id: Id | None = None
    confirmed: bool
    explanation: Annotated[Long, Field(min_length=1)]


class RulingOut(Schema):
    kind: str
    candidate: str
    part_id: int | None
    confirmed: bool


@served(
    router,
    "POST",
    "/mechanisms/appointments/{appointment_id}/maps/{track_id}/rulings",
    roles=ROLES["mechanisms.score"],
    answer=RulingOut,
    status=201,
    summary="Решить о разрыве карты или о показателе: основание снятия или нет",
)
def rule_on_gap(request, appointment_id: Id, track_id: Id, said: RulingIn):
    kinds: dict[str, GapKind | Judgement] = {str(one): one for one in (*GapKind, *Judgement)}
    made = actions.rule_on(
        appointment_id=appointment_id,
        track_id=track_id,
        kind=kinds[said.kind],
        node_id=said.part_id,
        confirmed=said.confirmed,
        explanation=said.explanation,
        actor=request.viewer,
        now=clock.now(),
    )
    return {
        "kind": made.kind,
        "candidate": made.code,
        "part_id": made.node_id,
        "confirmed": made.confirmed,
    }
