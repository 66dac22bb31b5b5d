"""The tree of criteria of one year: block → direction → track → component → position.

Any depth is allowed: the federal archive states points for directions and names few positions, a
region's own edition goes down to every position. A node states its points itself or is worth the
sum of what stands under it; where it does both, both must agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from merilo import law
from merilo.law import Reason, Refusal, Source
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

    @property
    def is_scored(self) -> bool:
        """Whether experts give points here; the form asks for links in the same places."""
        return self.kind is Kind.POSITION


@dataclass(frozen=True)
class Edition:
    """The criteria of a year, whole."""

    code: str
    year: int
    title: str
    roots: tuple[Node, ...]
    renormalisation: Renormalisation = Renormalisation.NONE
    federal: bool = False
    source: str = ""
    note: str = ""

    def walk(self) -> Iterator[Node]:
        for root in self.roots:
            yield from root.walk()

    @cached_property
    def by_code(self) -> dict[str, Node]:
        return {node.code: node for node in self.walk()}

    @cached_property
    def parent_of(self) -> dict[str, Node | None]:
        found: dict[str, Node | None] = {root.code: None for root in self.roots}
        found |= {child.code: node for node in self.walk() for child in node.children}
        return found

    def above(self, code: str) -> Iterator[Node]:
        """The nodes over this one, the nearest first."""
        over = self.parent_of[code]
        while over is not None:
            yield over
            over = self.parent_of[over.code]

    def shape_of(self, code: str) -> Shape | None:
        """The shape of the track a node stands in."""
        node = self.by_code[code]
        return next((one.shape for one in (node, *self.above(code)) if one.shape), None)

    @cached_property
    def total(self) -> Decimal | None:
        return _sum(maximum(root) for root in self.roots)


def _sum(values: Iterator[Decimal | None]) -> Decimal | None:
    """The sum, or None where one of them is not known or there are none."""
    found = list(values)
    known = [value for value in found if value is not None]
    return sum(known, Decimal(0)) if found and len(known) == len(found) else None


def sum_below(node: Node) -> Decimal | None:
    """What stands under a node is worth together; None where a part of it is not stated."""
    total = _sum(
        None if (most := maximum(child)) is None else most * child.weight
        for child in node.children
    )
    return total if total is None or node.cap is None else min(total, node.cap)


def maximum(node: Node) -> Decimal | None:
    """The most points a node can bring; None where the source does not state it."""
    return node.points if node.points is not None else sum_below(node)


# --- what a tree may not be ---------------------------------------------------------------------

EDITION_EMPTY = Reason(
    "mechanisms.edition-empty", _("В критериях нет ни одной строки. Загрузите дерево критериев.")
)
CODE_MISSING = Reason(
    "mechanisms.code-missing", _("У критерия «%(title)s» нет кода. Дайте ему код, например 1.2.3.")
)
CODE_TWICE = Reason(
    "mechanisms.code-twice", _("Код %(code)s встречается %(count)s раза. Код даётся один раз.")
)
TITLE_MISSING = Reason(
    "mechanisms.title-missing", _("У критерия %(code)s нет наименования. Напишите его.")
)
ORDER_WRONG = Reason(
    "mechanisms.order-wrong",
    _("%(code)s (%(kind)s) не может стоять внутри %(above)s (%(above_kind)s). Порядок: блок, "
      "направление, трек, компонент, позиция."),
)  # fmt: skip
SUM_DIFFERS = Reason(
    "mechanisms.sum-differs",
    _("У %(code)s указано %(stated)s баллов, а строки под ним дают %(sum)s. Исправьте одно из "
      "двух."),
)  # fmt: skip
POINTS_MISSING = Reason(
    "mechanisms.points-missing",
    _("У позиции %(code)s нет баллов. Без них её нельзя оценить: укажите наибольший балл."),
)
NEGATIVE = Reason(
    "mechanisms.points-negative",
    _(
        "У %(code)s балл, предел или вес меньше допустимого. Баллы не меньше нуля, вес больше нуля."
    ),
)
NO_POSITIONS = Reason(
    "mechanisms.no-positions",
    _("В критериях нет ни одной позиции оценивания: муниципалитету нечего заполнять. Загрузите "
      "файл критериев своего региона."),
)  # fmt: skip
PLACE_OF_SHAPE = Reason(
    "mechanisms.place-of-shape",
    _("У %(code)s указан вид трека или компонент цикла, но это %(kind)s. Вид бывает у трека, "
      "компонент цикла — у компонента."),
)  # fmt: skip


def tree_source() -> Source:
    """The act behind the shape of the tree."""
    return law.cite("mum-2022", "форма сбора первичных данных")


def reasons_against_tree(edition: Edition) -> Iterator[Refusal]:
    """Whether a tree holds together: codes, order of kinds, sums, places of shapes."""
    source = tree_source()
    nodes = list(edition.walk())
    if not nodes:
        yield EDITION_EMPTY(source)
    for code, count in Counter(node.code for node in nodes if node.code).items():
        if count > 1:
            yield CODE_TWICE(source, code=code, count=count)
    for root in edition.roots:
        yield from _reasons_against_node(root, None, source)


def _reasons_against_node(node: Node, over: Node | None, source: Source) -> Iterator[Refusal]:
    if not node.code:
        yield CODE_MISSING(source, title=node.title)
    if not node.title:
        yield TITLE_MISSING(source, code=node.code)
    if over is not None and not _may_stand_in(node.kind, over.kind):
        yield ORDER_WRONG(
            source,
            code=node.code,
            kind=KIND_NAMES[node.kind],
            above=over.code,
            above_kind=KIND_NAMES[over.kind],
        )
    if (node.shape and node.kind is not Kind.TRACK) or (
        node.component and node.kind is not Kind.COMPONENT
    ):
        yield PLACE_OF_SHAPE(source, code=node.code, kind=KIND_NAMES[node.kind])
    if min(node.points or 0, node.cap or 0) < 0 or node.weight <= 0:
        yield NEGATIVE(source, code=node.code)
    below = sum_below(node)
    if node.points is not None and below is not None and below != node.points:
        yield SUM_DIFFERS(source, code=node.code, stated=node.points, sum=below)
    for child in node.children:
        yield from _reasons_against_node(child, node, source)


def _may_stand_in(kind: Kind, above: Kind) -> bool:
    """Deeper kinds stand in higher ones; a component may be divided into components."""
    return RANK[kind] > RANK[above] or kind is above is Kind.COMPONENT


def reasons_against_using(edition: Edition) -> Iterator[Refusal]:
    """Whether a cycle may stand on the edition: it has positions, and each can be scored."""
    yield from reasons_against_tree(edition)
    positions = [node for node in edition.walk() if node.is_scored]
    if not positions:
        yield NO_POSITIONS(tree_source())
    for node in positions:
        if node.points is None:
            yield POINTS_MISSING(tree_source(), code=node.code)
