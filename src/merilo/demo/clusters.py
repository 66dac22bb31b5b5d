"""Clusters of the demonstration: by the kind of the municipality and by the number of its schools."""

from __future__ import annotations

from datetime import datetime

from merilo.mechanisms import actions
from merilo.mechanisms.models import Cycle
from merilo.registry.rules import TerritoryKind

from .region import MUNICIPALITIES, World

KINDS = {
    TerritoryKind.URBAN_DISTRICT: "городские округа",
    TerritoryKind.MUNICIPAL_OKRUG: "муниципальные округа",
    TerritoryKind.MUNICIPAL_DISTRICT: "муниципальные районы",
}
MANY_SCHOOLS = 5


def divide(cycle: Cycle, world: World, now: datetime) -> None:
    """Two ways at once: no federal rule says which of them is right."""
    forms = list(cycle.submissions.select_related("territory"))
    schools = {(name, kind): count for name, kind, _town, count, _tests in MUNICIPALITIES}
    kinds = {one.pk: KINDS[TerritoryKind(one.territory.kind)] for one in forms}
    sizes = {
        one.pk: "пять школ и больше"
        if schools[one.territory.name, TerritoryKind(one.territory.kind)] >= MANY_SCHOOLS
        else "до четырёх школ"
        for one in forms
    }
    for dimension, said in (("тип муниципалитета", kinds), ("число школ", sizes)):
        actions.arrange_clusters(
            cycle_id=cycle.pk, dimension=dimension, said=said, actor=world.ministry, now=now
        )
