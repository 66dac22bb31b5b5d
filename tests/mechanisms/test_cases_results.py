"""Cases 136–141 and §10.2: two years side by side; results without places."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from mechanisms.builders_mechanisms import federal, position, region
from merilo import law
from merilo.mechanisms.rules.comparison import sums_of_percents, whole_compared, years_compared
from merilo.mechanisms.rules.results import OpenRow, Scored, Span, disclosed, span, standings
from merilo.mechanisms.rules.tree import Edition, Kind, Node, Renormalisation
from merilo.mechanisms.rules.worth import Worth, worth_of

D = Decimal
SAME = [
    (code, code) for code in ("1", "1.1", "1.2", "1.3", "1.4", "2", "2.1", "2.2", "2.3", "2.4")
]
CHANGES = {
    "1": -236, "1.1": -124, "1.2": -51, "1.3": -98, "1.4": 37,
    "2": -224, "2.1": -71, "2.2": -14, "2.3": -76, "2.4": -63,
}  # fmt: skip


def archive():
    return years_compared(federal(2021), federal(2022), SAME)


def by_code(rows):
    return {row.later.codes[0]: row for row in rows if row.later}


def test_section_10_2_changes_of_the_maximum_are_those_of_the_table():
    found = by_code(archive())
    assert {code: int(found[code].change_of_maximum) for code in CHANGES} == CHANGES
    grew = [code for code, change in CHANGES.items() if change > 0]
    assert grew == ["1.4"]


def test_section_10_2_the_later_whole_is_49_percent_of_the_earlier():
    assert whole_compared(federal(2021), federal(2022)) == D("49.0")
    assert federal(2022).total - federal(2021).total == -460


def test_case_136_the_archive_shows_the_printed_13_7_beside_the_counted_13_8():
    share = by_code(archive())["1.2"].earlier.share
    assert (share.printed, share.counted, share.differs) == (D("13.7"), D("13.8"), True)
    others = [row.earlier.share for row in archive() if row.earlier and row.earlier.share]
    assert [one.node.code for one in others if one.differs] == ["1.2"]


def test_case_137_sums_of_percents_are_not_forced_to_be_100():
    assert sums_of_percents(federal(2022)) == {"1": D("99.9"), "2": D("100.0")}
    assert sums_of_percents(federal(2021)) == {"1": D("99.9"), "2": D("100.1")}


def test_case_139_the_whole_has_no_percent():
    assert all(row.later.codes[0] != "" for row in archive() if row.later)
    assert by_code(archive())["1"].later.share.base == ""
    assert by_code(archive())["1.1"].later.share.base == "1"


def test_case_140_points_of_two_years_come_with_the_notice_of_a_different_maximum():
    row = by_code(archive())["1.1"]
    [notice] = row.notices
    assert notice.code == "mechanisms.different-maximum" and not row.is_comparable
    assert "149" in notice.sentence() and "25" in notice.sentence()


def test_equal_maxima_may_be_subtracted_and_say_nothing():
    edition = federal(2022)
    row = by_code(years_compared(edition, edition, SAME))["1.1"]
    assert row.is_comparable and row.notices == ()


def test_the_shipped_mapping_says_which_tracks_have_no_counterpart():
    shipped = law.shipped_matches()[0]
    matches = [(one["earlier"], one["later"]) for one in shipped["matches"]]
    found = by_code(years_compared(federal(2021), federal(2022), matches))
    assert [one.code for one in found["1.1.1"].notices] == ["mechanisms.no-earlier-counterpart"]
    assert found["1.1.1"].earlier is None and found["1.1.1"].change_of_maximum is None


def test_what_nobody_mapped_is_said_and_not_guessed():
    rows = years_compared(federal(2021), federal(2022), [("1", "1"), ("1.4", None)])
    said = {(row.later or row.earlier).codes[0]: row.notices[0].code for row in rows}
    assert said["2.2"] == "mechanisms.not-mapped"
    left = {row.earlier.codes[0]: row.notices[0].code for row in rows if row.later is None}
    assert left["1.4"] == "mechanisms.no-later-counterpart"
    assert left["2"] == "mechanisms.not-mapped"


# --- a region's own years ------------------------------------------------------------------------


def test_directions_that_were_joined_are_added_up():
    rows = years_compared(
        region(),
        region(),
        [("1.1", "1.2"), ("1.2", "1.2"), ("1", "1")],
        worths=(
            {"1.1": Worth(D(10), D(25)), "1.2": Worth(D(5), D(25)), "1": Worth(D(15), D(50))},
            {"1.2": Worth(D(20), D(25))},
        ),
    )
    row = by_code(rows)["1.2"]
    assert row.earlier.codes == ("1.1", "1.2") and row.earlier.share is None
    assert row.earlier.worth == Worth(D(15), D(50)) and row.earlier.done == D("30.0")
    assert row.later.done == D("80.0")
    assert [one.code for one in row.notices] == [
        "mechanisms.joined", "mechanisms.different-maximum",
    ]  # fmt: skip
    assert by_code(rows)["1"].later.worth is None and by_code(rows)["1"].later.done is None


def test_a_maximum_the_source_does_not_state_is_not_compared():
    bare = Node("9", Kind.BLOCK, "Блок", children=(Node("9.1", Kind.DIRECTION, "Без баллов"),))
    edition = Edition("x", 2024, "Без баллов", (bare,))
    row = by_code(years_compared(edition, edition, [("9", "9"), ("9.1", "9.1")]))["9.1"]
    assert row.change_of_maximum is None and row.notices == () and not row.is_comparable
    assert sums_of_percents(edition) == {}


# --- standings -----------------------------------------------------------------------------------

POSITIONS = {"1.1.1.1": 5, "1.1.1.2": 10, "1.1.2.1": 10, "1.2.1.1.1": 10, "1.2.1.1.2": 15}


def scored(
    name: int, share: str, *, apart: int = 1, absent: frozenset[str] = frozenset()
) -> Scored:
    """A municipality with this share of every maximum, its two experts `apart` points apart."""
    points = {code: D(share) * most for code, most in POSITIONS.items()}
    blind = {code: (value - D(apart) / 2, value + D(apart) / 2) for code, value in points.items()}
    return Scored(name, points, blind, absent)


def test_places_that_the_draws_confirm_make_groups():
    found = standings(region(), [scored(2, "0.2"), scored(1, "0.9")], seed=7)
    assert [(one.municipality, one.group) for one in found] == [(1, 1), (2, 2)]
    assert found[0].places == Span(1, 1) and found[1].places == Span(2, 2)
    assert found[0].percent == pytest.approx(90)
    assert found[0].percents.low <= 90 <= found[0].percents.high


def test_municipalities_the_draws_cannot_tell_apart_stand_in_one_group():
    found = standings(region(), [scored(1, "0.51", apart=4), scored(2, "0.5", apart=4)], seed=7)
    assert {one.group for one in found} == {1}
    assert found[0].places == Span(1, 2)


def test_one_seed_gives_one_answer():
    given = [scored(1, "0.6", apart=3), scored(2, "0.5", apart=3), scored(3, "0.4", apart=3)]
    assert standings(region(), given, seed=3) == standings(region(), given, seed=3)


def test_one_expert_or_one_position_gives_no_spans():
    alone = Scored(1, {"1.1.1.1": D(5)}, {"1.1.1.1": (D(5),)})
    [found] = standings(region(), [alone], seed=1)
    assert found.places is None and found.percents is None and found.percent == pytest.approx(10)
    small = replace(region(), roots=(Node("1", Kind.BLOCK, "Б", children=(position("1.1"),)),))
    [found] = standings(small, [Scored(1, {"1.1": D(5)}, {"1.1": (D(4), D(5))})], seed=1)
    assert found.places is None and found.percent == 100


def test_what_does_not_apply_counts_neither_for_nor_against():
    """Where the criteria say so; where they say that the maximum stays, it costs its points."""
    absent = frozenset({"1.1.1.1", "1.1.1.2"})
    out = replace(region(), renormalisation=Renormalisation.OUT_OF_MAXIMUM)
    [found] = standings(out, [scored(1, "0.5", absent=absent)], seed=1)
    assert found.percent == pytest.approx(50)
    [found] = standings(region(), [scored(1, "0.5", absent=absent)], seed=1)
    assert found.percent == pytest.approx(35)
    nothing = scored(1, "0.5", absent=frozenset(POSITIONS))
    [found] = standings(out, [nothing], seed=1)
    assert found.percent == 0 and found.percents == Span(0, 0)


def test_positions_outside_of_any_direction_are_drawn_together():
    block = Node("1", Kind.BLOCK, "Б", children=(position("1.1"), position("1.2")))
    edition = Edition("flat", 2026, "Плоские", (block,))
    marks = {"1.1": (D(1), D(2)), "1.2": (D(3), D(4))}
    [found] = standings(edition, [Scored(1, {"1.1": D(2), "1.2": D(3)}, marks)], seed=1)
    assert found.places == Span(1, 1)


@pytest.mark.parametrize("sizes", [(1, 1), (2, 1), (2, 1, 1)])
def test_a_direction_with_one_position_does_not_make_the_span_look_surer(sizes: tuple[int, ...]):
    directions = tuple(
        Node(
            f"1.{number}", Kind.DIRECTION, "Н",
            children=tuple(position(f"1.{number}.{one}", 10) for one in range(size)),
        )
        for number, size in enumerate(sizes)
    )  # fmt: skip
    edition = Edition("odd", 2026, "Неровные", (Node("1", Kind.BLOCK, "Б", children=directions),))
    codes = [node.code for node in edition.walk() if node.kind is Kind.POSITION]
    points = {code: D(10 * (place % 2)) for place, code in enumerate(codes)}
    marks = {code: (value, value) for code, value in points.items()}
    [found] = standings(edition, [Scored(1, points, marks)], seed=5)
    assert found.percents.low < found.percent < found.percents.high


def test_a_span_holds_the_middle_of_the_values():
    assert span([float(one) for one in range(101)]) == Span(2, 98)


def test_points_of_the_whole_agree_with_the_percent_of_the_standing():
    edition, given = region(), scored(1, "0.5")
    worth = worth_of(edition, dict(given.points))
    assert worth["1"].percent == D("50.0")


# --- open data ---------------------------------------------------------------------------------


def row(unit: str, schools: int) -> OpenRow:
    return OpenRow(unit, "1.1", schools, D("50.0"))


def hidden(*rows: OpenRow) -> set[str]:
    return {one.unit for one in disclosed(rows, fewest=5) if one.percent is None}


def test_numbers_of_small_units_are_taken_out_and_never_of_one_alone():
    big, middle = row("Город", 40), row("Район", 7)
    small, tiny = row("Посёлок", 3), row("Остров", 1)
    assert hidden(big, middle) == set()
    assert hidden(big, small, tiny) == {"Посёлок", "Остров"}
    assert hidden(big, middle, tiny) == {"Остров", "Район"}
    assert hidden(tiny) == {"Остров"}
