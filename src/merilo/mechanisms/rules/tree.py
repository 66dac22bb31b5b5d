"""The tree of criteria of one year: block → direction → track → component → position.

Any depth is allowed: the federal archive states points for directions and names few positions, a
region's own edition goes down to every position. A node states its points itself or is worth the
sum of what stands under it; where it does both, both must agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from merilo.law.refusal import _


class Kind(StrEnum):
    BLOCK = "block"
    DIRECTION = "direction"
    TRACK = "track"
    COMPONENT = "component"
    POSITION = "position"


KIND_NAMES: dict[Kind, str] = {
    Kind.BLOCK: _("блок"),
    Kind.DIRECTION: _("направление оценки"),
    Kind.TRACK: _("трек"),
    Kind.COMPONENT: _("компонент управленческого цикла"),
    Kind.POSITION: _("позиция оценивания"),
}
RANK = {kind: number for number, kind in enumerate(Kind)}


class Shape(StrEnum):
    """The two shapes of a track."""

    REGIONAL = "A"  # municipal measures inside the region's management cycle
    MUNICIPAL = "B"  # the municipality's own cycle, from goals to the effect


SHAPE_NAMES: dict[Shape, str] = {
    Shape.REGIONAL: _("меры муниципалитета в региональном управленческом цикле"),
    Shape.MUNICIPAL: _("собственный управленческий цикл муниципалитета"),
}


class Component(StrEnum):
    """The steps of the management cycle, in its order; after the last comes the first again."""

    GOALS = "goals"
    INDICATORS = "indicators"
    METHODS = "methods"
    MONITORING = "monitoring"
    ANALYSIS = "analysis"
    RECOMMENDATIONS = "recommendations"
    MEASURES = "measures"
    DECISIONS = "decisions"
    EFFECT = "effect"


COMPONENT_NAMES: dict[Component, str] = {
    Component.GOALS: _("цели и задачи"),
    Component.INDICATORS: _("показатели"),
    Component.METHODS: _("методы сбора информации"),
    Component.MONITORING: _("мониторинг"),
    Component.ANALYSIS: _("анализ"),
    Component.RECOMMENDATIONS: _("адресные рекомендации"),
    Component.MEASURES: _("меры"),
    Component.DECISIONS: _("управленческие решения"),
    Component.EFFECT: _("анализ эффективности принятых мер"),
}


class Special(StrEnum):
    """A rule of the act that is about one node only; the tree says which."""

    ABSENCE_PROVED = "R4"  # no such schools: documents that confirm it stand in the links
    NEEDS_DATA = "D6"  # realised without data on pupils' needs: points are taken off


class Renormalisation(StrEnum):
    """What happens to the maximum where a position does not apply; the edition states it."""

    NONE = "none"  # the maximum stays: what does not apply brings no points
    OUT_OF_MAXIMUM = "out_of_maximum"  # its points leave the maximum of every node above it
    WITHIN_PARENT = "within_parent"  # its points are shared out among its neighbours, by points


RENORMALISATION_NAMES: dict[Renormalisation, str] = {
    Renormalisation.NONE: _("максимум не меняется"),
    Renormalisation.OUT_OF_MAXIMUM: _("баллы позиции исключаются из максимума"),
    Renormalisation.WITHIN_PARENT: _("баллы позиции распределяются между соседними"),
}


@dataclass(frozen=True)
class Node:
    """A criterion with everything under it."""

    code: str
    kind: Kind
    title: str
    points: Decimal | None = None
    cap: Decimal | None = None  # no more than this, whatever stands below
    weight: Decimal = Decimal(1)  # how a point of this node counts in the node above
    shape: Shape | None = None
    component: Component | None = None
    special: frozenset[str] = frozenset()
    may_not_apply: bool = False
    printed_percent: Decimal | None = None  # as the source prints it, where it differs
    note: str = ""
    children: tuple[Node, ...] = ()

    def walk(self) -> Iterator[Node]:
        """This node and everything below, in the order of the form."""
        yield self
        for child in self.children:
            yield from child.walk()
