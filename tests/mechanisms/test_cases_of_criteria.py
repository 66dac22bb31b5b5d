"""Criteria by year: the numbers of the source, and cases 136–141 of the table of cases."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechanisms.builders_mechanisms import federal, position, region
from merilo import law
from merilo.mechanisms.rules.tree import (
    Component,
    Edition,
    Kind,
    Node,
    Renormalisation,
    Shape,
    maximum,
    reasons_against_tree,
    reasons_against_using,
)
from merilo.mechanisms.rules.worth import Worth, percent, shares, worth_of
from rules.reading import codes

D = Decimal
# code: points and printed percents of 2022 and of 2021, as the source prints them
PRINTED = {
    "1": (244, "55.2", 480, "53.2"),
    "1.1": (25, "10.2", 149, "31.0"),
    "1.2": (15, "6.1", 66, "13.7"),
    "1.3": (49, "20.1", 147, "30.6"),
    "1.4": (155, "63.5", 118, "24.6"),
    "2": (198, "44.8", 422, "46.8"),
    "2.1": (20, "10.1", 91, "21.6"),
    "2.2": (86, "43.4", 100, "23.7"),
    "2.3": (72, "36.4", 148, "35.1"),
    "2.4": (20, "10.1", 83, "19.7"),
}


@pytest.mark.parametrize(("year", "total", "place"), [(2022, 442, 0), (2021, 902, 2)])
def test_every_number_of_the_source_is_there(year, total, place):
    edition = federal(year)
    assert edition.total == total
    found = {share.node.code: (share.maximum, share.printed) for share in shares(edition)}
    assert found == {code: (row[place], D(row[place + 1])) for code, row in PRINTED.items()}
    assert codes(reasons_against_tree(edition)) == []


def test_the_eight_directions_are_the_same_in_both_years_and_only_one_grew():
    old, new = federal(2021), federal(2022)
    directions = [n.code for n in new.walk() if n.kind is Kind.DIRECTION]
    assert len(directions) == 8
    assert [old.by_code[code].title for code in directions] == [
        new.by_code[code].title for code in directions
    ]
    grew = [c for c in directions if maximum(new.by_code[c]) > maximum(old.by_code[c])]
    assert grew == ["1.4"]
    assert new.total - old.total == -460


def test_case_136_the_archive_shows_13_7_as_printed_and_the_calculator_13_8():
    share = next(one for one in shares(federal(2021)) if one.node.code == "1.2")
    assert (share.printed, share.counted, share.differs) == (D("13.7"), D("13.8"), True)
    assert "13,75" in share.node.note and "13,7" in share.node.note
    others = [one for one in shares(federal(2021)) if one.node.code != "1.2"]
    assert not any(one.differs for one in others + shares(federal(2022)))


def test_case_137_sums_of_direction_percents_are_not_forced_to_a_hundred():
    def total(year, block):
        return sum(one.printed for one in shares(federal(year)) if one.base == block)

    sums = [str(total(year, block)) for year in (2022, 2021) for block in ("1", "2")]
    assert sums == ["99.9", "100.0", "99.9", "100.1"]


def test_case_139_the_row_of_the_whole_has_no_percent():
    edition = federal(2022)
    assert {one.base for one in shares(edition)} == {"", "1", "2"}
    assert [one.node.code for one in shares(edition) if one.base == ""] == ["1", "2"]


def test_case_141_the_edition_says_that_its_points_are_maxima_and_not_a_result():
    for year in (2021, 2022):
        assert "максимум баллов критериев" in federal(year).note


def test_a_direction_is_never_a_share_of_the_whole():
    share = next(one for one in shares(federal(2022)) if one.node.code == "1.4")
    assert share.base == "1"
    assert share.counted == percent(D(155), D(244)) != percent(D(155), D(442))


def test_the_archive_names_only_what_the_source_names():
    edition = federal(2022)
    tracks = [node for node in edition.walk() if node.kind is Kind.TRACK]
    assert [node.code for node in tracks] == ["1.1.1", "1.2.1", "1.3.1", "2.3.1"]
    assert [node.shape for node in tracks] == [Shape.REGIONAL, None, None, Shape.MUNICIPAL]
    assert sum(node.is_scored for node in edition.walk()) == 4
    assert edition.shape_of("1.1.1.1.2") is Shape.REGIONAL
    assert edition.shape_of("2.3.1.1.1") is Shape.MUNICIPAL
    assert edition.shape_of("1.4") is None
    # so no municipality can be scored by it: the region loads its own positions with points
    assert set(codes(reasons_against_using(edition))) == {"mechanisms.points-missing"}


def test_mapping_of_years_names_existing_criteria_and_says_where_there_is_no_counterpart():
    for match in law.shipped_matches():
        old, new = federal(int(match["earlier"][-4:])), federal(int(match["later"][-4:]))
        named = {one["later"] for one in match["matches"]}
        assert {
            n.code for n in new.walk() if n.kind in (Kind.BLOCK, Kind.DIRECTION, Kind.TRACK)
        } == named
        for one in match["matches"]:
            assert one["earlier"] is None or one["earlier"] in old.by_code
        assert any(one["earlier"] is None and one["note"] for one in match["matches"])


# --- what does not apply ------------------------------------------------------------------------

FULL = {"1.1.1.1": D(5), "1.1.1.2": D(4), "1.1.2.1": D(10), "1.2.1.1.2": D(9)}


def test_without_renormalisation_the_maximum_stays():
    found = worth_of(region(), FULL, {"1.1.1"})
    assert found["1.1"] == Worth(D(10), D(25))
    assert found["1.1.1"] == Worth(D(0), D(15))
    assert found["1.1.1.2"] == Worth(D(0), D(10))
    assert found["1"] == Worth(D(19), D(50))


def test_what_does_not_apply_may_leave_the_maximum():
    found = worth_of(region(Renormalisation.OUT_OF_MAXIMUM), FULL, {"1.1.1"})
    assert found["1.1"] == Worth(D(10), D(10))
    assert found["1.1.1"] == found["1.1.1.1"] == Worth(D(0), None)
    assert found["1"] == Worth(D(19), D(35))
    assert found["1.1.1"].percent is None and found["1.1"].percent == 100


def test_its_points_may_go_to_its_neighbours():
    found = worth_of(region(Renormalisation.WITHIN_PARENT), FULL, {"1.2.1.1.1"})
    assert found["1.2.1.1"] == Worth(D(15), D(25))  # 9 of 15 is 15 of 25
    assert found["1.2"] == Worth(D(15), D(25))
    assert found["1"] == Worth(D(34), D(50))


@pytest.mark.parametrize("rule", [Renormalisation.OUT_OF_MAXIMUM, Renormalisation.WITHIN_PARENT])
def test_where_nothing_applies_the_node_itself_does_not(rule):
    found = worth_of(region(rule), FULL, {"1.2.1.1.1", "1.2.1.1.2"})
    assert found["1.2"] == Worth(D(0), None)
    assert found["1"].maximum == (25 if rule is Renormalisation.OUT_OF_MAXIMUM else 50)


def test_points_that_the_source_does_not_state_are_not_renormalised():
    edition = replace(federal(2022), renormalisation=Renormalisation.OUT_OF_MAXIMUM)
    assert worth_of(edition, {}, {"1.2.1"})["1.2"] == Worth(D(0), D(15))


def test_a_cap_holds_points_and_maximum_and_a_weight_multiplies_them():
    capped = Node(
        "1", Kind.TRACK, "Трек", cap=D(8),
        children=(position("1.1", 5, weight=D(2)), position("1.2", 5)),
    )  # fmt: skip
    for rule in Renormalisation:
        edition = Edition("c", 2026, "С пределом", (capped,), rule)
        assert edition.total == 8
        assert worth_of(edition, {"1.1": D(5), "1.2": D(5)})["1"] == Worth(D(8), D(8))
        assert worth_of(edition, {"1.1": D(1)})["1"] == Worth(D(2), D(8))


positions = st.lists(st.integers(0, 20), min_size=1, max_size=5)


@given(
    worths=st.lists(positions, min_size=1, max_size=4),
    data=st.data(),
    rule=st.sampled_from(Renormalisation),
)
def test_points_never_exceed_the_maximum_whatever_does_not_apply(worths, data, rule):
    tracks = tuple(
        Node(str(n), Kind.TRACK, "Трек", children=tuple(
            position(f"{n}.{k}", worth) for k, worth in enumerate(line, 1)))
        for n, line in enumerate(worths, 1)
    )  # fmt: skip
    edition = Edition("x", 2026, "X", tracks, rule)
    scored = [node for node in edition.walk() if node.is_scored]
    marks = {n.code: D(data.draw(st.integers(0, int(n.points)))) for n in scored}
    absent = data.draw(st.sets(st.sampled_from([node.code for node in edition.walk()])))
    found = worth_of(edition, marks, absent)
    assert set(found) == set(edition.by_code)
    for worth in found.values():
        assert worth.points >= 0
        assert worth.maximum is None or worth.points <= worth.maximum + D("1e-20")


# --- what a tree may not be ---------------------------------------------------------------------


def tree(*nodes: Node) -> Edition:
    return Edition("x", 2026, "X", nodes)


@pytest.mark.parametrize(
    ("edition", "code"),
    [
        (tree(), "edition-empty"),
        (tree(position("1"), position("1")), "code-twice"),
        (tree(position("")), "code-missing"),
        (tree(replace(position("1"), title="")), "title-missing"),
        (tree(replace(position("1"), children=(Node("2", Kind.BLOCK, "Б"),))), "order-wrong"),
        (tree(Node("1", Kind.TRACK, "Т", D(9), children=(position("1.1"),))), "sum-differs"),
        (tree(position("1", -1)), "points-negative"),
        (tree(replace(position("1"), weight=D(0))), "points-negative"),
        (tree(replace(position("1"), cap=D(-1))), "points-negative"),
        (tree(replace(position("1"), shape=Shape.REGIONAL)), "place-of-shape"),
        (tree(replace(position("1"), component=Component.GOALS)), "place-of-shape"),
    ],
)
def test_a_tree_that_contradicts_itself_is_refused(edition, code):
    assert codes(reasons_against_tree(edition)) == [f"mechanisms.{code}"]


def test_a_component_may_be_divided_into_components():
    inner = Node("1.1.1", Kind.COMPONENT, "Сбор", children=(position("1.1.1.1"),))
    outer = Node("1.1", Kind.COMPONENT, "Мониторинг", children=(inner,))
    assert codes(reasons_against_using(tree(Node("1", Kind.TRACK, "Т", children=(outer,))))) == []


def test_a_cycle_needs_positions_with_points():
    assert codes(reasons_against_using(region())) == []
    assert codes(reasons_against_using(tree(position("1", None)))) == ["mechanisms.points-missing"]
    empty = tree(Node("1", Kind.TRACK, "Т"))
    assert codes(reasons_against_using(empty)) == ["mechanisms.no-positions"]
