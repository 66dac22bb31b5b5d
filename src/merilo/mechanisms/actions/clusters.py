"""Name the clusters of a dimension, say who stands in which, or take them from the cycle before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from merilo import law
from merilo.foundation.journal.recording import record
from merilo.law import Refusal, Refused
from merilo.mechanisms import access
from merilo.mechanisms.models import ClusterMember, Cycle
from merilo.mechanisms.queries.clusters import clusters_to_copy
from merilo.mechanisms.rules import clusters as rules
from merilo.mechanisms.rules.states import CycleState
from merilo.mechanisms.steps.materials import lock_cycle
from merilo.registry.access import Viewer, permit


def arrange_clusters(
    *, cycle_id: int, dimension: str, said: Mapping[int, str], actor: Viewer, now: datetime
) -> tuple[dict[int, str], tuple[Refusal, ...]]:
    """Put the whole dimension in place of the one there was; a dimension without clusters is gone.

    `said`: the cluster of each submission; an empty word takes it out of all.
    """
    permit(actor, access.ROLES, "mechanisms.clusters")
    with transaction.atomic(durable=True):
        cycle = lock_cycle(cycle_id, actor)
        dimension = " ".join(dimension.split())
        own = set(cycle.submissions.values_list("pk", flat=True))
        found = rules.in_one_spelling({one: said[one] for one in said if one in own})
        warnings = law.refuse(
            rules.reasons_against_clusters(
                CycleState(cycle.state), dimension=dimension, clusters=found
            )
        )
        _put(cycle, dimension, found, actor=actor, now=now)
    return found, warnings


def copy_clusters(
    *, cycle_id: int, actor: Viewer, now: datetime
) -> tuple[list[str], tuple[Refusal, ...]]:
    """Take over the dimensions of the cycle before that this one lacks; which they were.

    A municipality stands where it stood. One that had no place there, or is new, has none here.
    """
    permit(actor, access.ROLES, "mechanisms.clusters")
    with transaction.atomic(durable=True):
        cycle = lock_cycle(cycle_id, actor)
        earlier = clusters_to_copy(cycle)
        if earlier is None:
            raise Refused([rules.NOTHING_TO_COPY()])
        own = dict(cycle.submissions.values_list("organisation_id", "pk"))
        warnings: list[Refusal] = []
        for dimension, clusters in earlier.dimensions.items():
            found = {own[one]: clusters[one] for one in clusters if one in own}
            told = law.refuse(
                rules.reasons_against_clusters(
                    CycleState(cycle.state), dimension=dimension, clusters=found
                )
            )
            warnings += [one for one in told if one not in warnings]
            _put(cycle, dimension, found, actor=actor, now=now, copied_from=earlier.cycle.pk)
    return list(earlier.dimensions), tuple(warnings)


def _put(
    cycle: Cycle,
    dimension: str,
    found: Mapping[int, str],
    *,
    actor: Viewer,
    now: datetime,
    **facts: int,
) -> None:
    ClusterMember.objects.filter(submission__cycle=cycle, dimension__iexact=dimension).delete()
    ClusterMember.objects.bulk_create(
        ClusterMember(submission_id=one, dimension=dimension, cluster=cluster)
        for one, cluster in found.items()
    )
    record(
        "mechanisms.clusters-arranged", actor=actor, about=cycle, at=now, dimension=dimension,
        clusters=dict(Counter(found.values())), **facts,
    )  # fmt: skip
