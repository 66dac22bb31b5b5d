"""Points of a municipality and shares of the criteria: what is a part of what.

A direction is a share of its block, a block is a share of the whole; the whole is a share of nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from .tree import Edition, Kind, Node, Renormalisation, maximum

# --- percents -----------------------------------------------------------------------------------

TENTH = Decimal("0.1")


def percent(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """A share in percent to one decimal, half up as the source rounds; None without a base."""
    if part is None or not whole:
        return None
    return (part * 100 / whole).quantize(TENTH, ROUND_HALF_UP)


@dataclass(frozen=True)
class Share:
    """How much of what stands above it a node is: of the block, of the whole."""

    node: Node
    maximum: Decimal | None
    counted: Decimal | None  # by ordinary rounding
    printed: Decimal | None  # as the source shows it
    base: str  # code of the node it is a share of; empty for the whole

    @property
    def differs(self) -> bool:
        return self.printed is not None and self.printed != self.counted


def shares(edition: Edition) -> list[Share]:
    """Blocks as shares of the whole, directions as shares of their block: no other base.

    The row of the whole has no share. Sums of shares are not forced to be 100.
    """
    found = []
    for block in edition.roots:
        found.append(_share(block, edition.total, ""))
        found += [
            _share(child, maximum(block), block.code)
            for child in block.children
            if child.kind is Kind.DIRECTION
        ]
    return found


def _share(node: Node, whole: Decimal | None, base: str) -> Share:
    most = maximum(node)
    counted = percent(most, whole)
    printed = counted if node.printed_percent is None else node.printed_percent
    return Share(node, most, counted, printed, base)


# --- points, with what does not apply -----------------------------------------------------------


@dataclass(frozen=True)
class Worth:
    """Points given and the most that could be given. No maximum: nothing under it applies."""

    points: Decimal
    maximum: Decimal | None

    @property
    def percent(self) -> Decimal | None:
        return percent(self.points, self.maximum)


Below = list[tuple[Node, Worth]]


def worth_of(
    edition: Edition, marks: Mapping[str, Decimal], absent: Set[str] = frozenset()
) -> dict[str, Worth]:
    """Every node with its points and its maximum, by the edition's rule for what does not apply.

    `marks` are points of positions; a position without a mark has brought none. `absent` are codes
    that do not apply, with everything under them.
    """
    found: dict[str, Worth] = {}
    for root in edition.roots:
        _weigh(root, marks, absent, edition.renormalisation, found)
    return found


def _weigh(
    node: Node,
    marks: Mapping[str, Decimal],
    absent: Set[str],
    rule: Renormalisation,
    found: dict[str, Worth],
) -> Worth:
    if node.code in absent:
        for one in node.walk():
            stays = maximum(one) if rule is Renormalisation.NONE else None
            found[one.code] = Worth(Decimal(0), stays)
    elif not node.children:
        found[node.code] = Worth(marks.get(node.code, Decimal(0)), maximum(node))
    else:
        below = [(child, _weigh(child, marks, absent, rule, found)) for child in node.children]
        points = sum((worth.points * child.weight for child, worth in below), Decimal(0))
        if node.cap is not None:
            points = min(points, node.cap)
        found[node.code] = _renormalised(node, points, below, rule)
    return found[node.code]


def _renormalised(node: Node, points: Decimal, below: Below, rule: Renormalisation) -> Worth:
    whole = maximum(node)
    if rule is Renormalisation.NONE or any(maximum(child) is None for child, _worth in below):
        return Worth(points, whole)
    left = sum(
        (worth.maximum * child.weight for child, worth in below if worth.maximum is not None),
        Decimal(0),
    )
    if node.cap is not None:
        left = min(left, node.cap)
    if whole is None or not left:
        return Worth(Decimal(0), None)  # nothing under it applies, so it does not apply itself
    if rule is Renormalisation.WITHIN_PARENT:
        return Worth(points * whole / left, whole)
    return Worth(points, left)
