"""Name the clusters of a dimension and say which municipality stands in which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from merilo import law
from merilo.foundation.journal.recording import record
from merilo.law import Refusal
from merilo.mechanisms import access
from merilo.mechanisms.models import ClusterMember
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
        ClusterMember.objects.filter(submission__cycle=cycle, dimension__iexact=dimension).delete()
        ClusterMember.objects.bulk_create(
            ClusterMember(submission_id=one, dimension=dimension, cluster=cluster)
            for one, cluster in found.items()
        )
        record(
            "mechanisms.clusters-arranged", actor=actor, about=cycle, at=now, dimension=dimension,
            clusters=dict(Counter(found.values())),
        )  # fmt: skip
    return found, warnings
