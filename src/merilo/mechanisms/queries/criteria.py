"""Editions of criteria: those of the federal archive from the law folder, the region's own."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

from django.db.models import QuerySet

from merilo import law
from merilo.mechanisms import access
from merilo.mechanisms.models import CriteriaEdition, CriteriaMatch, Criterion
from merilo.mechanisms.rules.exchange import edition_from_data
from merilo.mechanisms.rules.tree import Component, Edition, Kind, Node, Renormalisation, Shape
from merilo.registry.access import Viewer, may


@cache
def shipped() -> tuple[Edition, ...]:
    """The federal archive, the latest year first."""
    found = [
        edition_from_data(data, source=str(law.cite(data["act"], data["paragraph"])))
        for data in law.shipped_criteria()
    ]
    return tuple(sorted(found, key=lambda one: -one.year))


def editions_visible_to(viewer: Viewer) -> QuerySet[CriteriaEdition]:
    """The region's own editions, the latest first."""
    if not may(viewer, access.ROLES, "mechanisms.read_criteria"):
        return CriteriaEdition.objects.none()
    return CriteriaEdition.objects.filter(federal=False).order_by("-year", "-pk")


def kept_editions(viewer: Viewer) -> QuerySet[CriteriaEdition]:
    """What may be mapped: the region's own and, once it is kept, the federal archive."""
    if not may(viewer, access.ROLES, "mechanisms.criteria"):
        return CriteriaEdition.objects.none()
    return CriteriaEdition.objects.order_by("-year", "code")


def edition_of(row: CriteriaEdition) -> Edition:
    """The whole tree of an edition, read in one query."""
    below: dict[int | None, list[Criterion]] = defaultdict(list)
    for one in row.criteria.order_by("seq"):
        below[one.parent_id].append(one)
    return Edition(
        code=row.code,
        year=row.year,
        title=row.title,
        roots=tuple(_node(one, below) for one in below[None]),
        renormalisation=Renormalisation(row.renormalisation),
        federal=row.federal,
        source=row.source,
        note=row.note,
    )


def _node(row: Criterion, below: dict[int | None, list[Criterion]]) -> Node:
    return Node(
        code=row.code,
        kind=Kind(row.kind),
        title=row.title,
        points=row.points,
        cap=row.cap,
        weight=row.weight,
        shape=Shape(row.shape) if row.shape else None,
        component=Component(row.component) if row.component else None,
        special=frozenset(row.special),
        may_not_apply=row.may_not_apply,
        printed_percent=row.printed_percent,
        note=row.note,
        children=tuple(_node(child, below) for child in below[row.pk]),
    )


def edition_by_code(code: str) -> Edition | None:
    """An edition of the archive or of the region."""
    found = next((one for one in shipped() if one.code == code), None)
    if found is not None:
        return found
    row = CriteriaEdition.objects.filter(code=code).first()
    return edition_of(row) if row else None


def matches_into(edition: CriteriaEdition) -> QuerySet[CriteriaMatch]:
    """What the criteria of this edition were called earlier."""
    return (
        CriteriaMatch.objects.filter(later_edition=edition)
        .select_related("earlier", "later", "earlier_edition")
        .order_by("earlier_edition__year", "later__seq", "earlier__seq")
    )
