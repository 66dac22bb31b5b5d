"""What a run may take over of the clusters of the run before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from merilo.mechanisms.models import ClusterMember, Cycle

from .results import dimensions_of


@dataclass(frozen=True)
class Earlier:
    """An earlier run; in each dimension this run lacks, the cluster of every organisation."""

    cycle: Cycle
    dimensions: Mapping[str, Mapping[int, str]]


def clusters_to_copy(cycle: Cycle) -> Earlier | None:
    """The newest run before this one that has clusters; None where it has nothing to add."""
    earlier = (
        Cycle.objects.filter(
            region_id=cycle.region_id,
            created_at__lt=cycle.created_at,
            submissions__clusters__isnull=False,
        )
        .order_by("-created_at", "-pk")
        .first()
    )
    if earlier is None:
        return None
    there = {one.casefold() for one in dimensions_of(cycle)}
    found: dict[str, dict[int, str]] = defaultdict(dict)
    rows = ClusterMember.objects.filter(submission__cycle=earlier).order_by("dimension", "pk")
    for dimension, organisation, cluster in rows.values_list(
        "dimension", "submission__organisation_id", "cluster"
    ):
        if dimension.casefold() not in there:
            found[dimension][organisation] = cluster
    return Earlier(earlier, dict(found)) if found else None
