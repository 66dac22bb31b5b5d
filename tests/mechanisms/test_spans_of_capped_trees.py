"""Spans are counted by the tree of the points: caps, weights and what does not apply, in each draw."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mechanisms.builders_mechanisms import position
from merilo.mechanisms.rules.results import Scored, standings
from merilo.mechanisms.rules.tree import Edition, Kind, Node, Renormalisation
from merilo.mechanisms.rules.worth import worth_of

D = Decimal


def direction(code: str, size: int, *, cap: int | None = None, weight: str = "1") -> Node:
    positions = tuple(position(f"{code}.{one}", 10) for one in range(size))
    return Node(
        code, Kind.DIRECTION, "Н", children=positions, weight=D(weight),
        cap=None if cap is None else D(cap),
    )  # fmt: skip


def edition(*blocks: Node, rule: Renormalisation = Renormalisation.NONE) -> Edition:
    return Edition("caps", 2026, "С пределами", blocks, renormalisation=rule)


def block(code: str, *children: Node, cap: int | None = None) -> Node:
    return Node(code, Kind.BLOCK, "Б", children=children, cap=None if cap is None else D(cap))


def scored(tree: Edition, share: dict[str, int], *, apart: int = 2, absent=frozenset()) -> Scored:
    """Points of positions by the block they stand in, with two experts `apart` points apart."""
    points = {
        node.code: D(share[node.code[0]]) for node in tree.walk() if node.kind is Kind.POSITION
    }
    half = D(apart) / 2
    blind = {code: (value - half, value + half) for code, value in points.items()}
    return Scored(1, points, blind, absent)


def test_a_capped_block_never_yields_a_span_above_its_cap():
    """Forty points stand under a cap of ten beside a block of ninety: they are a tenth at most."""
    tree = edition(
        block("1", direction("1.1", 4), cap=10),
        block("2", direction("2.1", 9)),
    )
    [found] = standings(tree, [scored(tree, {"1": 9, "2": 0}, apart=0)], seed=3)
    assert found.percent == pytest.approx(10)
    assert found.percents.low == found.percents.high == pytest.approx(10)
    [noisy] = standings(tree, [scored(tree, {"1": 3, "2": 0})], seed=3)
    assert (
        noisy.percents.high <= 10 + 100 * 9 / 100
    )  # the cap, and what noise gives the other block


def test_a_cap_at_a_direction_bounds_every_draw_too():
    tree = edition(block("1", direction("1.1", 4, cap=10), direction("1.2", 3)))
    points = {f"1.1.{n}": D(10) for n in range(4)} | {f"1.2.{n}": D(0) for n in range(3)}
    given = Scored(1, points, {code: (value, value) for code, value in points.items()})
    [found] = standings(tree, [given], seed=3)
    assert found.percent == found.percents.high == pytest.approx(25)


def test_a_block_with_nothing_under_it_brings_nothing_and_hides_nothing():
    tree = edition(block("1", direction("1.1", 4)), Node("2", Kind.BLOCK, "Пустой"))
    [found] = standings(tree, [scored(tree, {"1": 5})], seed=3)
    assert found.percent == pytest.approx(50)


def test_without_the_cap_the_same_draws_go_higher():
    free = edition(block("1", direction("1.1", 4)), block("2", direction("2.1", 9)))
    [found] = standings(free, [scored(free, {"1": 9, "2": 0}, apart=0)], seed=3)
    assert found.percent > 25


# How fast the machine is at this moment is not what these tests are about.
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
caps = st.none() | st.integers(1, 60)
weights = st.sampled_from(["0.5", "1", "2"])


@calm
@given(
    rule=st.sampled_from(list(Renormalisation)),
    bounds=st.tuples(caps, caps, caps),
    heavy=st.tuples(weights, weights),
    marks=st.tuples(*[st.integers(0, 10)] * 7),
    out=st.sets(st.integers(0, 6), max_size=7),
)
def test_the_percent_of_a_standing_is_the_percent_of_the_points(rule, bounds, heavy, marks, out):
    first = direction("1.1", 3, cap=bounds[1], weight=heavy[0])
    second = direction("1.2", 2, weight=heavy[1])
    tree = edition(
        block("1", first, second, cap=bounds[0]), block("2", direction("2.1", 2), cap=bounds[2]),
        rule=rule,
    )  # fmt: skip
    codes = [node.code for node in tree.walk() if node.kind is Kind.POSITION]
    points = {code: D(mark) for code, mark in zip(codes, marks, strict=True)}
    absent = frozenset(codes[place] for place in out)
    points |= dict.fromkeys(absent, D(0))
    worths = worth_of(tree, points, absent)
    roots = [worths[root.code] for root in tree.roots]
    most = sum((one.maximum for one in roots if one.maximum is not None), D(0))
    expected = 100 * sum(one.points for one in roots) / most if most else D(0)
    [found] = standings(tree, [Scored(1, points, absent=absent)], seed=1)
    assert found.percent == pytest.approx(float(expected))


@calm
@given(cap=st.integers(1, 30), marks=st.tuples(*[st.integers(0, 10)] * 6))
def test_no_draw_of_a_capped_whole_goes_above_a_hundred_percent(cap, marks):
    tree = edition(block("1", direction("1.1", 6), cap=cap))
    points = {f"1.1.{place}": D(mark) for place, mark in enumerate(marks)}
    blind = {code: (D(0), D(10)) for code in points}
    [found] = standings(tree, [Scored(1, points, blind)], seed=1, draws=20)
    assert 0 <= found.percents.low <= found.percents.high <= 100
    again = standings(replace(tree, code="same"), [Scored(1, points, blind)], seed=1, draws=20)
    assert again == [found]
