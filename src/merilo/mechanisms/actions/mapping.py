"""Draw the map of the management cycle; decide on its gaps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from merilo import law
from merilo.foundation.journal.recording import record
from merilo.law import Refusal
from merilo.mechanisms import access
from merilo.mechanisms.models import ChainLink, ChainNode, Link, Ruling, Submission
from merilo.mechanisms.queries.cycle_map import maps_visible_to, track_map, tracks_to_draw
from merilo.mechanisms.rules import cycle as rules
from merilo.mechanisms.rules.cycle import CANDIDATE_FOR, JUDGED, GapKind, Judgement
from merilo.mechanisms.rules.expertise import AppointmentState, reasons_against_marking
from merilo.mechanisms.rules.states import CycleState, SubmissionState
from merilo.mechanisms.rules.tree import Component
from merilo.mechanisms.steps.expertise import lock_submission, own_appointment
from merilo.registry.access import Viewer, permit

DRAWING = (SubmissionState.DRAFT, SubmissionState.SELF_CHECKED)


@dataclass(frozen=True)
class Part:
    """A part of the cycle as typed."""

    component: Component
    title: str
    link_id: int | None = None
    from_schools: bool = False
    needs: bool = False


def add_part(
    *,
    submission_id: int,
    track_id: int,
    part: Part,
    after_id: int | None = None,
    actor: Viewer,
    now: datetime,
) -> ChainNode:
    """Put a part on the map of a track, and join it to the one it follows."""
    permit(actor, access.ROLES, "mechanisms.draw")
    with transaction.atomic(durable=True):
        submission = _own(submission_id, actor)
        track = next(one for one in tracks_to_draw(submission) if one.pk == track_id)
        open_now = _open(submission)
        wrong = list(rules.reasons_against_node(part.title, open_now=open_now))
        here = _node(submission, after_id) if after_id else None
        if here is not None:
            wrong += _reasons_of_arrow(here, Component(part.component), track_id, False, open_now)
        law.refuse(wrong)
        node = ChainNode.objects.create(
            submission=submission, track=track, **_fields(part, submission)
        )
        if here is not None:
            ChainLink.objects.create(here=here, to=node)
        record(
            "mechanisms.map-changed", actor=actor, about=submission, at=now,
            track=track.code, part=part.component,
        )  # fmt: skip
    return node


def change_part(
    *, submission_id: int, node_id: int, part: Part, actor: Viewer, now: datetime
) -> ChainNode:
    """Say anew what a part is; its place in the cycle stays."""
    permit(actor, access.ROLES, "mechanisms.draw")
    with transaction.atomic(durable=True):
        submission = _own(submission_id, actor)
        node = _node(submission, node_id)
        law.refuse(rules.reasons_against_node(part.title, open_now=_open(submission)))
        for name, value in _fields(part, submission).items():
            if name != "component":
                setattr(node, name, value)
        node.save()
        record(
            "mechanisms.map-changed", actor=actor, about=submission, at=now, part=node.component
        )
    return node


def remove_part(*, submission_id: int, node_id: int, actor: Viewer, now: datetime) -> None:
    """Take a part off the map with its arrows."""
    permit(actor, access.ROLES, "mechanisms.draw")
    with transaction.atomic(durable=True):
        submission = _own(submission_id, actor)
        node = _node(submission, node_id)
        law.refuse(rules.reasons_against_node(node.title, open_now=_open(submission)))
        record(
            "mechanisms.map-changed", actor=actor, about=submission, at=now, part=node.component
        )
        node.delete()


def join(
    *, submission_id: int, here_id: int, to_id: int, actor: Viewer, now: datetime
) -> ChainLink:
    """Draw an arrow from an earlier part of the cycle to a later one."""
    permit(actor, access.ROLES, "mechanisms.draw")
    with transaction.atomic(durable=True):
        submission = _own(submission_id, actor)
        here, to = _node(submission, here_id), _node(submission, to_id)
        joined = ChainLink.objects.filter(here=here, to=to).exists()
        law.refuse(
            _reasons_of_arrow(
                here, Component(to.component), to.track_id, joined, _open(submission)
            )
        )
        arrow = ChainLink.objects.create(here=here, to=to)
        record("mechanisms.map-changed", actor=actor, about=submission, at=now, part=to.component)
    return arrow


def part_from(*, submission_id: int, arrow_id: int, actor: Viewer, now: datetime) -> None:
    """Take an arrow away."""
    permit(actor, access.ROLES, "mechanisms.draw")
    with transaction.atomic(durable=True):
        submission = _own(submission_id, actor)
        arrow = ChainLink.objects.get(pk=arrow_id, here__submission=submission)
        if not _open(submission):
            law.refuse([rules.MAP_CLOSED()])
        record("mechanisms.map-changed", actor=actor, about=submission, at=now)
        arrow.delete()


def rule_on(
    *,
    appointment_id: int,
    track_id: int,
    kind: GapKind | Judgement,
    node_id: int | None,
    confirmed: bool,
    explanation: str,
    actor: Viewer,
    now: datetime,
) -> Ruling:
    """An expert decides on a candidate, or calls an indicator harmful or ineffective."""
    permit(actor, access.ROLES, "mechanisms.score")
    with transaction.atomic(durable=True):
        appointment = own_appointment(appointment_id, actor)
        wrong: list[Refusal] = list(
            reasons_against_marking(
                AppointmentState(appointment.state),
                in_expertise=appointment.submission.state == SubmissionState.IN_EXPERTISE,
            )
        )
        if isinstance(kind, Judgement):
            node = _node(appointment.submission, node_id)
            wrong += rules.reasons_against_judging(
                Component(node.component), explanation=explanation
            )
            code = JUDGED[kind]
        else:
            drawn = track_map(appointment.submission, track_id, appointment=appointment)
            found = drawn.gaps if drawn else ()
            wrong += rules.reasons_against_ruling(found, kind, node_id, explanation=explanation)
            code = CANDIDATE_FOR.get(kind)
        law.refuse(wrong)
        candidate = {
            "appointment": appointment, "track_id": track_id, "node_id": node_id, "kind": kind,
        }  # fmt: skip
        last = Ruling.objects.filter(**candidate).aggregate(last=Max("version"))["last"] or 0
        ruling = Ruling.objects.create(
            **candidate,
            code=code,
            confirmed=confirmed,
            explanation=explanation.strip(),
            version=last + 1,
            ruled_at=now,
        )
        record(
            "mechanisms.ruled", actor=actor, about=ruling, at=now,
            ground=str(code), confirmed=confirmed,
        )  # fmt: skip
    return ruling


def _own(submission_id: int, actor: Viewer) -> Submission:
    maps_visible_to(actor).get(pk=submission_id)
    return lock_submission(submission_id)


def _open(submission: Submission) -> bool:
    return submission.cycle.state == CycleState.OPEN and submission.state in DRAWING


def _node(submission: Submission, node_id: int | None) -> ChainNode:
    return ChainNode.objects.get(pk=node_id, submission=submission)


def _fields(part: Part, submission: Submission) -> dict[str, object]:
    link = None
    if part.link_id:
        link = Link.objects.get(pk=part.link_id, answer__submission=submission)
    return {
        "component": part.component,
        "title": part.title.strip()[:500],
        "link": link,
        "from_schools": part.from_schools,
        "needs": part.needs,
    }


def _reasons_of_arrow(
    here: ChainNode, to: Component, track_id: int, joined: bool, open_now: bool
) -> list[Refusal]:
    return list(
        rules.reasons_against_arrow(
            Component(here.component),
            to,
            one_track=here.track_id == track_id,
            joined=joined,
            open_now=open_now,
        )
    )
