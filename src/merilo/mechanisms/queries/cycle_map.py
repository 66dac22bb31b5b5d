"""The map of a track's management cycle as drawn, with its gaps and what was decided of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from merilo.mechanisms.access import ROLES
from merilo.mechanisms.models import (
    Appointment,
    ChainLink,
    ChainNode,
    Criterion,
    Link,
    Ruling,
    Submission,
)
from merilo.mechanisms.rules.cycle import JUDGED, Gap, Judgement, NodeFacts, TrackMap, gaps
from merilo.mechanisms.rules.states import SubmissionState
from merilo.mechanisms.rules.tree import Component
from merilo.registry.access import Role, Viewer, may

from .places import Place, cycles_of, places_of, tracks_of


def maps_visible_to(viewer: Viewer) -> QuerySet[Submission]:
    """Submissions whose maps the viewer may look at: a municipality's own, an expert's appointed."""
    found = Submission.objects.select_related("organisation", "cycle__edition")
    if not may(viewer, ROLES, "mechanisms.read_map"):
        return found.none()
    if viewer.role == Role.MOUO:
        return found.filter(organisation_id=viewer.organisation_id)
    if viewer.role == Role.MECHANISMS_EXPERT:
        return found.filter(appointments__expert__position_id=viewer.position_id).distinct()
    return found.filter(cycle__in=cycles_of(viewer)).exclude(
        state__in=(SubmissionState.DRAFT, SubmissionState.SELF_CHECKED)
    )


@dataclass(frozen=True)
class Drawn:
    """One track's map: its parts, its arrows, its gaps; `rulings` of one expert only."""

    track: Criterion
    abilities_track: bool
    nodes: tuple[ChainNode, ...]
    arrows: tuple[ChainLink, ...]
    gaps: tuple[Gap, ...]
    rulings: tuple[Ruling, ...] = ()  # those in force
    versions: tuple[Ruling, ...] = ()  # every one, in their order

    def ruling_on(self, gap: Gap) -> Ruling | None:
        wanted = gap.node.id if gap.node else None
        return next(
            (one for one in self.rulings if one.kind == gap.kind and one.node_id == wanted), None
        )

    def history_of(self, ruling: Ruling | None) -> list[Ruling]:
        """What was decided before and now; empty while it was decided once."""
        if ruling is None:
            return []
        found = [one for one in self.versions if _candidate(one) == _candidate(ruling)]
        return found if len(found) > 1 else []


def track_map(
    submission: Submission, track_id: int, *, appointment: Appointment | None = None
) -> Drawn | None:
    """The map of a track; None where the edition has no such track.

    With an `appointment` what its expert called ineffective counts, and his rulings are shown.
    """
    places = places_of(submission.cycle.edition_id)
    track = next((one for one in tracks_of(places) if one.pk == track_id), None)
    if track is None:
        return None
    nodes = ChainNode.objects.filter(submission=submission, track=track)
    versions = _versions(appointment, track=track) if appointment else []
    return _drawn(track, places, tuple(nodes), tuple(_arrows(nodes)), versions)


def maps_of(submission: Submission) -> list[Drawn]:
    """The maps of every track, in the order of the form: as many questions for ten as for one."""
    places = places_of(submission.cycle.edition_id)
    nodes: dict[int, list[ChainNode]] = defaultdict(list)
    for node in ChainNode.objects.filter(submission=submission):
        nodes[node.track_id].append(node)
    arrows: dict[int, list[ChainLink]] = defaultdict(list)
    for arrow in _arrows(ChainNode.objects.filter(submission=submission)):
        arrows[arrow.here.track_id].append(arrow)
    return [
        _drawn(track, places, tuple(nodes[track.pk]), tuple(arrows[track.pk]), [])
        for track in tracks_of(places)
    ]


def _arrows(nodes: QuerySet[ChainNode]) -> QuerySet[ChainLink]:
    found = ChainLink.objects.filter(here__in=nodes.order_by().values("pk"))
    return found.select_related("here", "to").order_by("pk")


def _drawn(
    track: Criterion,
    places: Mapping[int, Place],
    nodes: tuple[ChainNode, ...],
    arrows: tuple[ChainLink, ...],
    versions: list[Ruling],
) -> Drawn:
    abilities = any(
        place.abilities_track for place in places.values() if place.track.pk == track.pk
    )
    rulings = tuple(_in_force(versions))
    drawn = TrackMap(
        tuple(_facts(one, rulings) for one in nodes),
        frozenset((one.here_id, one.to_id) for one in arrows),
        abilities_track=abilities,
    )
    return Drawn(track, abilities, nodes, arrows, tuple(gaps(drawn)), rulings, tuple(versions))


def _versions(appointment: Appointment, **which: object) -> list[Ruling]:
    found = Ruling.objects.filter(appointment=appointment, **which)
    return list(found.order_by("version", "pk"))


def _candidate(ruling: Ruling) -> tuple[int, int | None, str]:
    return ruling.track_id, ruling.node_id, ruling.kind


def _in_force(versions: list[Ruling]) -> list[Ruling]:
    return list({_candidate(one): one for one in versions}.values())


def _facts(node: ChainNode, rulings: tuple[Ruling, ...]) -> NodeFacts:
    return NodeFacts(
        id=node.pk,
        kind=Component(node.component),
        title=node.title,
        from_schools=node.from_schools,
        needs=node.needs,
        called=frozenset(
            JUDGED[Judgement(one.kind)]
            for one in rulings
            if one.node_id == node.pk and one.confirmed and one.kind in set(Judgement)
        ),
    )


def tracks_to_draw(submission: Submission) -> list[Criterion]:
    """The tracks of a submission's edition, in the order of the form."""
    return tracks_of(places_of(submission.cycle.edition_id))


def links_of_track(submission: Submission, track_id: int) -> QuerySet[Link]:
    """The documents given for the positions of a track: a part of the cycle stands in one."""
    positions = [
        key
        for key, place in places_of(submission.cycle.edition_id).items()
        if place.track.pk == track_id
    ]
    return Link.objects.filter(
        answer__submission=submission, answer__criterion__in=positions
    ).order_by("answer__criterion__seq", "seq")


def confirmed_grounds(appointment: Appointment) -> set[str]:
    """Grounds of deduction an expert confirmed on the maps of his direction."""
    return {one.code for one in _in_force(_versions(appointment)) if one.confirmed}
