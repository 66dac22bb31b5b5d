"""Where every position of an edition stands: its direction, its track, its part of the cycle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from merilo.mechanisms.models import Answer, Criterion, Cycle, Link
from merilo.mechanisms.rules.tree import Kind, Special
from merilo.registry.access import Viewer


@dataclass(frozen=True)
class Place:
    """A position with what stands above it; a tree without directions begins at its root."""

    position: Criterion
    direction: Criterion
    track: Criterion
    component: str
    abilities_track: bool  # D6 is about this track alone
    path: tuple[int, ...] = ()  # itself and whatever stands above it, upwards


def places_of(edition_id: int) -> dict[int, Place]:
    """The positions of an edition that bring points, by id, in the order of the form."""
    rows = {one.pk: one for one in Criterion.objects.filter(edition_id=edition_id).order_by("seq")}
    found = {}
    for one in rows.values():
        if one.kind != Kind.POSITION or one.points is None:
            continue
        above = [one]
        while above[-1].parent_id is not None:
            above.append(rows[above[-1].parent_id])
        direction = _nearest(above, Kind.DIRECTION) or above[-1]
        found[one.pk] = Place(
            position=one,
            direction=direction,
            track=_nearest(above, Kind.TRACK) or direction,
            component=next((up.component for up in above if up.component), ""),
            abilities_track=any(Special.NEEDS_DATA in up.special for up in above),
            path=tuple(up.pk for up in above),
        )
    return found


def _nearest(above: list[Criterion], kind: Kind) -> Criterion | None:
    return next((one for one in above if one.kind == kind), None)


ToldAbsent = Mapping[int, Mapping[int, Answer]]


def told_absent(submissions: Iterable[int]) -> ToldAbsent:
    """Answers «не применимо» by submission and criterion, of positions and of what is above."""
    found: dict[int, dict[int, Answer]] = {one: {} for one in submissions}
    rows = Answer.objects.filter(submission__in=found, not_applicable=True)
    for one in rows.select_related("criterion").prefetch_related("links"):
        found[one.submission_id][one.criterion_id] = one
    return found


def silence_of(place: Place, told: Mapping[int, Answer]) -> Answer | None:
    """What took a position out of the expertise: it is not scored and does not count.

    R4 does not: that there are no such schools is proved by documents, and they are scored.
    """
    said = (told[key] for key in place.path if key in told)
    return next((one for one in said if not _is_proved(one)), None)


def links_of(place: Place, answer: Answer | None, told: Mapping[int, Answer]) -> tuple[Link, ...]:
    """The documents a position is scored by: its own and, by R4, those that confirm the absence."""
    above = (told[key] for key in place.path[1:] if key in told)
    proofs = (link for one in above if _is_proved(one) for link in one.links.all())
    return (*(answer.links.all() if answer else ()), *proofs)


def _is_proved(answer: Answer) -> bool:
    return Special.ABSENCE_PROVED in answer.criterion.special


def tracks_of(places: dict[int, Place]) -> list[Criterion]:
    """The tracks that have positions, in the order of the form."""
    return list({place.track.pk: place.track for place in places.values()}.values())


def cycles_of(viewer: Viewer):
    """The yearly runs of the viewer's region, the newest first."""
    above = [int(part) for part in viewer.organisation_path.split("/") if part]
    return (
        Cycle.objects.filter(region_id__in=above)
        .select_related("edition", "region")
        .order_by("-year", "-pk")
    )
