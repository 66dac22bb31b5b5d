"""Results of a cycle: points with their maximum, and how surely one municipality stands above another.

Places are not given. Experts differ and another choice of positions would give other sums, so both
are drawn again many times (bootstrap), and what is shown is the span of places and the groups whose
order the draws confirm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from math import ceil, floor, inf
from random import Random
from statistics import fmean

from .tree import Edition, Kind, Node, Renormalisation, maximum

DRAWS = 500
LEVEL = 0.95  # of the spans
FEWEST_POSITIONS = 2  # one position drawn again is always itself


@dataclass(frozen=True)
class Scored:
    """What is known of one municipality: the points that stand, and the blind marks under them."""

    municipality: int
    points: Mapping[str, Decimal]  # of positions, as settled
    blind: Mapping[str, Sequence[Decimal]] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()  # codes that do not apply


@dataclass(frozen=True)
class Span:
    """Between which bounds a value lies in `LEVEL` of the draws."""

    low: float
    high: float


@dataclass(frozen=True)
class Place:
    """A municipality among the others: percent of its maximum, spans, the group it stands in."""

    municipality: int
    percent: float
    percents: Span | None = None
    places: Span | None = None  # 1 is the highest; None where it cannot be counted
    group: int = 1


@dataclass(frozen=True)
class _Row:
    """A position of one municipality, ready to be drawn."""

    points: float
    most: float
    noise: tuple[float, ...]  # what other experts of the same kind would have changed
    absent: bool = False  # it does not apply: it can bring nothing


@dataclass(frozen=True)
class Draws:
    """The percent of each municipality, and what the recounts made of it; without recounts, empty."""

    percents: Mapping[int, float]
    drawn: Mapping[int, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Mean:
    """Several municipalities together, each counted once, however large it is."""

    municipalities: int
    percent: float
    percents: Span | None


def standings(
    edition: Edition, scored: Sequence[Scored], *, seed: int, draws: int = DRAWS
) -> list[Place]:
    """Every municipality with its spans, the highest first. One seed gives one answer."""
    return places(draws_of(edition, scored, seed=seed, draws=draws))


def draws_of(
    edition: Edition, scored: Sequence[Scored], *, seed: int, draws: int = DRAWS
) -> Draws:
    """Percents and their recounts.

    Without two positions and two experts there is nothing to draw: percents come without spans.
    """
    rows = {one.municipality: _rows(edition, one) for one in scored}
    trees = {one.municipality: _tree(edition, one.absent) for one in scored}
    percents = {name: _percent(trees[name], _undrawn(table)) for name, table in rows.items()}
    drawable = len(_positions(edition)) >= FEWEST_POSITIONS and all(
        any(len(marks) > 1 for marks in one.blind.values()) for one in scored
    )
    drawn = _draw(edition, rows, trees, Random(seed), draws) if drawable else {}
    return Draws(percents, drawn)


def places(found: Draws, *, within: Set[int] | None = None) -> list[Place]:
    """Municipalities among all, or among those of `within` alone, the highest first."""
    percents = found.percents
    names = set(percents) if within is None else set(percents) & within
    order = sorted(names, key=lambda name: (-percents[name], name))
    if not found.drawn:
        return [Place(name, percents[name]) for name in order]
    drawn = {name: found.drawn[name] for name in order}
    groups = _groups(order, _confirmed(order, drawn))
    ranks = _ranks(drawn)
    return [
        Place(name, percents[name], span(drawn[name]), span(ranks[name]), groups[name])
        for name in order
    ]


def mean_of(found: Draws, within: Set[int]) -> Mean | None:
    """The mean percent of some municipalities with its span; None where none of them is scored."""
    names = sorted(set(found.percents) & within)
    if not names:
        return None
    drawn = [
        fmean(one) for one in zip(*(found.drawn.get(name, ()) for name in names), strict=True)
    ]
    return Mean(
        len(names), fmean(found.percents[name] for name in names), span(drawn) if drawn else None
    )


# --- sums of a tree as `worth` counts them, of what was drawn -------------------------------------


@dataclass(frozen=True)
class _Knot:
    """A node whose sum is bounded or shared out, with the positions that stand under it freely and
    the knots that do not: a draw counts only the sums that can differ from a plain one."""

    weight: float = 1.0
    cap: float = inf
    positions: tuple[tuple[str, float], ...] = ()  # with their weights in the sum
    below: tuple[_Knot, ...] = ()


@dataclass(frozen=True)
class _Tree:
    """The knots of the roots, and the rule for what does not apply."""

    rule: Renormalisation
    roots: tuple[_Knot, ...]


def _tree(edition: Edition, absent: Set[str]) -> _Tree:
    shares = edition.renormalisation is Renormalisation.WITHIN_PARENT and bool(absent)
    roots = tuple(_knot(root, 1.0, shares) for root in edition.roots)
    return _Tree(edition.renormalisation, roots)


def _knot(node: Node, weight: float, shares: bool) -> _Knot:
    if not node.children:
        return _Knot(weight, inf, tuple(_plain(node, 1.0)))
    positions: list[tuple[str, float]] = []
    below = []
    for child in node.children:
        if child.children and (shares or any(one.cap is not None for one in child.walk())):
            below.append(_knot(child, float(child.weight), shares))
        else:
            positions += _plain(child, float(child.weight))
    cap = inf if node.cap is None else float(node.cap)
    return _Knot(weight, cap, tuple(positions), tuple(below))


def _plain(node: Node, weight: float) -> Iterator[tuple[str, float]]:
    """The positions of a node that bounds nothing, with their weights in what stands above it."""
    if node.kind is Kind.POSITION and maximum(node):
        yield node.code, weight
    for child in node.children:
        yield from _plain(child, weight * float(child.weight))


Drawn = Mapping[str, tuple[float, float, float]]  # points, the most that applies, the most of all
NOTHING = (0.0, 0.0, 0.0)


def _percent(tree: _Tree, drawn: Drawn) -> float:
    sums = [_sum(root, tree.rule, drawn) for root in tree.roots]
    most = sum(left for _points, left, _whole in sums)
    return 100 * sum(points for points, _left, _whole in sums) / most if most else 0.0


def _sum(knot: _Knot, rule: Renormalisation, drawn: Drawn) -> tuple[float, float, float]:
    """Points, maximum of what applies and maximum of all; caps bound each of them."""
    points = left = whole = 0.0
    for code, weight in knot.positions:
        one = drawn.get(code, NOTHING)
        points, left, whole = (
            points + one[0] * weight,
            left + one[1] * weight,
            whole + one[2] * weight,
        )
    for below in knot.below:
        one = _sum(below, rule, drawn)
        points, left, whole = (
            points + one[0] * below.weight,
            left + one[1] * below.weight,
            whole + one[2] * below.weight,
        )
    points, left, whole = min(points, knot.cap), min(left, knot.cap), min(whole, knot.cap)
    if rule is Renormalisation.NONE:
        return points, whole, whole
    if rule is Renormalisation.WITHIN_PARENT and 0 < left < whole:
        return points * whole / left, whole, whole
    return points, left, whole


def _rows(edition: Edition, one: Scored) -> dict[str, _Row]:
    found = {}
    for code in _positions(edition):
        most = float(maximum(edition.by_code[code]) or 0)
        if code in one.absent:
            found[code] = _Row(0.0, most, (0.0,), absent=True)
        else:
            points = float(one.points.get(code, Decimal(0)))
            found[code] = _Row(points, most, _noise(one.blind.get(code, ())))
    return found


def _positions(edition: Edition) -> list[str]:
    return [node.code for node in edition.walk() if node.kind is Kind.POSITION and maximum(node)]


def _noise(marks: Sequence[Decimal]) -> tuple[float, ...]:
    """How far the mean of experts drawn again is from their mean, for every way to draw them."""
    if len(marks) < 2:
        return (0.0,)
    values = [float(mark) for mark in marks]
    middle = fmean(values)
    return tuple(fmean(chosen) - middle for chosen in product(values, repeat=len(values)))


def _undrawn(rows: Mapping[str, _Row]) -> Drawn:
    return {
        code: (row.points, 0.0 if row.absent else row.most, row.most) for code, row in rows.items()
    }


def _draw(
    edition: Edition,
    rows: Mapping[int, Mapping[str, _Row]],
    trees: Mapping[int, _Tree],
    chance: Random,
    draws: int,
) -> dict[int, list[float]]:
    """Percents of every draw. Positions are drawn within their direction, the same for all; the
    sums are bounded at every node as those of the points are."""
    strata = _strata(edition)
    drawn: dict[int, list[float]] = {name: [] for name in rows}
    for _number in range(draws):
        codes = [
            code for stratum in strata for code in chance.choices(stratum, k=len(stratum))
        ]  # fmt: skip
        for name, table in rows.items():
            sums: dict[str, tuple[float, float, float]] = {}
            for code in codes:
                row = table[code]
                shift = row.noise[int(chance.random() * len(row.noise))]
                points, left, whole = sums.get(code, NOTHING)
                sums[code] = (
                    points + min(max(row.points + shift, 0.0), row.most),
                    left if row.absent else left + row.most,
                    whole + row.most,
                )
            drawn[name].append(_percent(trees[name], sums))
    return drawn


def _strata(edition: Edition) -> list[list[str]]:
    """Positions by direction. Those of a direction with one position are drawn together with others:
    alone they would always be themselves, and the span would look surer than it is."""
    directions: dict[str, list[str]] = {}
    for code in _positions(edition):
        above = [one for one in edition.above(code) if one.kind is Kind.DIRECTION]
        directions.setdefault(above[0].code if above else "", []).append(code)
    strata = [codes for codes in directions.values() if len(codes) >= FEWEST_POSITIONS]
    alone = [code for codes in directions.values() if len(codes) == 1 for code in codes]
    if len(alone) >= FEWEST_POSITIONS or not strata:
        return [*strata, alone] if alone else strata
    return [[*strata[0], *alone], *strata[1:]]


def span(values: Sequence[float]) -> Span:
    """The middle part of the values that holds `LEVEL` of them."""
    ordered = sorted(values)
    tail = (1 - LEVEL) / 2
    last = len(ordered) - 1
    return Span(ordered[floor(tail * last)], ordered[ceil((1 - tail) * last)])


def _ranks(drawn: Mapping[int, Sequence[float]]) -> dict[int, list[float]]:
    """The place in every draw; equal percents share the best place."""
    ranks: dict[int, list[float]] = {name: [] for name in drawn}
    for values in zip(*drawn.values(), strict=True):
        ordered = sorted(values, reverse=True)
        for name, value in zip(drawn, values, strict=True):
            ranks[name].append(1 + ordered.index(value))
    return ranks


def _confirmed(
    order: Sequence[int], drawn: Mapping[int, Sequence[float]]
) -> dict[tuple[int, int], bool]:
    """Whether the first of a pair is above the second in nearly all draws."""
    enough = 1 - (1 - LEVEL) / 2
    found = {}
    for place, one in enumerate(order):
        for other in order[place + 1 :]:
            wins = sum(a > b for a, b in zip(drawn[one], drawn[other], strict=True))
            found[one, other] = wins >= enough * len(drawn[one])
    return found


def _groups(order: Sequence[int], above: Mapping[tuple[int, int], bool]) -> dict[int, int]:
    """Numbers of groups: a new one begins where the first of the group is surely above."""
    groups: dict[int, int] = {}
    number, first = 1, None
    for name in order:
        if first is None:
            first = name
        elif above[first, name]:
            number, first = number + 1, name
        groups[name] = number
    return groups


# --- what is shown to everybody -----------------------------------------------------------------


@dataclass(frozen=True)
class OpenRow:
    """A line of open data: one municipality (or a cluster of them) in one direction."""

    unit: str
    direction: str
    schools: int  # how many organisations stand behind the number
    percent: Decimal | None


HIDDEN = None


def disclosed(rows: Sequence[OpenRow], *, fewest: int) -> list[OpenRow]:
    """The same rows with the numbers of small units taken out.

    A unit with fewer schools than `fewest` would speak of single schools. Where exactly one unit
    of a direction would be hidden, the next smallest goes with it: otherwise the region's total
    and the rest would give the one away.
    """
    small = {row.unit for row in rows if row.schools < fewest}
    units = sorted({(row.schools, row.unit) for row in rows})
    if len(small) == 1 and len(units) > 1:
        small.add(next(unit for _count, unit in units if unit not in small))
    return [
        OpenRow(row.unit, row.direction, row.schools, HIDDEN) if row.unit in small else row
        for row in rows
    ]
