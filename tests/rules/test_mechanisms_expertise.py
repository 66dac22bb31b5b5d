"""What an expert's mark must hold, what is taken off, and when marks may be seen."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merilo.mechanisms.rules.expertise import (
    APPOINTMENT_TRANSITIONS,
    APPOINTMENT_WORDS,
    DEDUCTION_WORDS,
    EXCLUSION_WORDS,
    AppointmentState,
    DeductionCode,
    Exclusion,
    Floor,
    MarkFacts,
    PositionFacts,
    amounts_of,
    net_points,
    reasons_against_finishing,
    reasons_against_mark,
    reasons_against_marking,
    reasons_against_net,
    sees_marks_of_others,
    typed_points,
)
from rules.reading import codes
from rules.values_of_mechanisms import value

OF_THREE = PositionFacts("1.1.1", Decimal(3), links=(7, 8))


def mark(points, comment="", **more):
    return MarkFacts(Decimal(points) if isinstance(points, int) else points, comment, **more)


def wrong(position, given):
    return codes(reasons_against_mark(position, given))


def test_every_word_has_its_sentence():
    assert DEDUCTION_WORDS.keys() == set(DeductionCode)
    assert EXCLUSION_WORDS.keys() == set(Exclusion)
    assert APPOINTMENT_TRANSITIONS.keys() == APPOINTMENT_WORDS.keys() == set(AppointmentState)


@pytest.mark.parametrize("points", [1, 2])
def test_a_middle_mark_needs_no_comment(points):
    assert not wrong(OF_THREE, mark(points))


@pytest.mark.parametrize("points", [0, 3])
def test_nothing_and_everything_must_be_explained(points):
    assert wrong(OF_THREE, mark(points)) == ["mechanisms.comment-at-extreme"]
    assert wrong(OF_THREE, mark(points, "  ")) == ["mechanisms.comment-at-extreme"]
    assert not wrong(OF_THREE, mark(points, "Нет приказа, есть только проект."))


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "mechanisms.mark-missing"),
        ("два", "mechanisms.mark-not-whole"),
        ("1,5", "mechanisms.mark-not-whole"),
        ("4", "mechanisms.mark-out-of-range"),
        ("-1", "mechanisms.mark-out-of-range"),
    ],
)
def test_points_outside_the_scale_are_refused(typed, reason):
    assert wrong(OF_THREE, mark(typed_points(typed), "Объяснено.")) == [reason]


def test_a_maximum_that_is_not_whole_can_itself_be_given():
    position = PositionFacts("2.1.1", Decimal("1.5"), links=(1,))
    assert not wrong(position, mark(typed_points("1,5"), "Всё есть."))
    assert wrong(position, mark(typed_points("0,5"))) == ["mechanisms.mark-not-whole"]


def test_a_deduction_must_be_explained_even_at_a_middle_mark():
    found = list(reasons_against_mark(OF_THREE, mark(2, deductions=["D5", "D4"])))
    assert codes(found) == ["mechanisms.comment-at-deduction"]
    assert "D4, D5" in found[0].sentence()
    assert found[0].source.act.id == "mum-2022"


def test_only_the_six_grounds_of_the_source_take_points_off():
    assert wrong(OF_THREE, mark(2, "Так.", deductions=["D7"])) == ["mechanisms.unknown-deduction"]


def test_case_133_d6_belongs_to_the_track_of_abilities_alone():
    given = mark(2, "Нет анкет потребностей.", deductions=["D6"])
    assert wrong(OF_THREE, given) == ["mechanisms.d6-elsewhere"]
    abilities = PositionFacts("1.3.1", Decimal(3), links=(7,), abilities_track=True)
    assert not wrong(abilities, given)


def test_what_is_not_applicable_gets_no_mark_at_all():
    position = PositionFacts("1.1.1", Decimal(3), not_applicable=True)
    assert wrong(position, mark(9)) == ["mechanisms.not-applicable"]


def test_case_123_and_125_a_position_with_no_counted_link_gets_nothing():
    all_out = {7: "N1", 8: "N2"}
    found = list(reasons_against_mark(OF_THREE, mark(2, excluded=all_out)))
    assert codes(found) == ["mechanisms.nothing-assessed"]
    assert "не подлежат" in str(found[0].source)
    assert not wrong(OF_THREE, mark(0, "Только новости.", excluded=all_out))


def test_case_124_a_news_page_with_an_order_counts_if_the_expert_leaves_it():
    assert not wrong(OF_THREE, mark(2, excluded={7: "N1"}))


def test_a_position_without_links_gets_nothing():
    found = list(reasons_against_mark(PositionFacts("1.1.1", Decimal(3)), mark(1)))
    assert codes(found) == ["mechanisms.nothing-assessed"]
    assert "документы и материалы" in str(found[0].source)


def test_a_link_is_left_out_only_on_the_grounds_of_the_source_and_only_its_own():
    assert wrong(OF_THREE, mark(2, excluded={7: "N3"})) == ["mechanisms.unknown-exclusion"]
    assert wrong(OF_THREE, mark(2, excluded={70: "N1"})) == ["mechanisms.strange-link"]


def test_all_that_is_wrong_is_said_at_once():
    given = mark(4, deductions=["D6", "D9"], excluded={70: "N3"})
    assert len(wrong(OF_THREE, given)) == 6


def test_marks_are_put_only_in_expertise_and_before_the_expert_is_done():
    assert not codes(reasons_against_marking(AppointmentState.OPEN, in_expertise=True))
    assert codes(reasons_against_marking(AppointmentState.DONE, in_expertise=False)) == [
        "mechanisms.finished-already",
        "mechanisms.not-in-expertise",
    ]


def test_the_work_is_finished_when_every_position_that_applies_is_marked():
    positions = [OF_THREE, PositionFacts("1.1.2", Decimal(1), not_applicable=True)]
    assert codes(reasons_against_finishing(positions, [])) == ["mechanisms.unmarked"]
    assert not codes(reasons_against_finishing(positions, ["1.1.1"]))


def test_a_ground_confirmed_on_the_map_but_taken_nowhere_is_warned_of():
    found = list(reasons_against_finishing([], [], confirmed=["D4", "D5"], taken=["D5"]))
    assert not codes(found) and codes(found, warnings=True) == ["mechanisms.confirmed-not-taken"]
    assert found[0].facts["deductions"] == ["D4"]


@given(st.lists(st.sampled_from(AppointmentState), max_size=4))
def test_nobody_sees_the_others_marks_until_all_are_done(states):
    everybody = bool(states) and AppointmentState.OPEN not in states
    assert sees_marks_of_others(states) is everybody


def test_a_ground_without_an_amount_takes_nothing_and_says_so():
    net = net_points(Decimal(2), ["D5"], amounts=amounts_of(None), floor=None)
    assert (net.points, net.taken, net.unpriced) == (2, 0, ("D5",))
    found = list(reasons_against_net("1.1.1", net, amounts=None, floor=None))
    assert codes(found, warnings=True) == ["mechanisms.amount-not-set"] and not codes(found)


def test_the_region_s_amounts_are_taken_off_each_ground_once():
    amounts = amounts_of(value("mechanisms_expertise.deduction_amounts", {"D5": 0.5, "D4": 1}))
    net = net_points(Decimal(3), ["D5", "D4", "D5"], amounts=amounts, floor=None)
    assert net.points == Decimal("1.5") and not net.unpriced
    assert not list(reasons_against_net("1.1.1", net, amounts=None, floor=None))


def test_case_135_points_below_zero_ask_for_an_explicit_floor():
    amounts = {"D5": Decimal(3)}
    net = net_points(Decimal(1), ["D5"], amounts=amounts, floor=None)
    assert net.points is None
    assert codes(reasons_against_net("1.1.1", net, amounts=None, floor=None)) == [
        "mechanisms.floor-not-set"
    ]
    assert net_points(Decimal(1), ["D5"], amounts=amounts, floor=Floor.ZERO).points == 0
    assert net_points(Decimal(1), ["D5"], amounts=amounts, floor=Floor.NONE).points == -2


@given(
    st.integers(0, 20),
    st.lists(st.sampled_from(DeductionCode)),
    st.dictionaries(st.sampled_from(DeductionCode), st.integers(0, 9).map(Decimal)),
    st.sampled_from([Floor.ZERO, Floor.NONE, None]),
)
def test_points_only_fall_and_never_by_what_has_no_amount(gross, grounds, amounts, floor):
    net = net_points(Decimal(gross), grounds, amounts=amounts, floor=floor)
    assert set(net.unpriced) == set(grounds) - set(amounts)
    assert net.points is None or net.points <= gross
    if floor == Floor.ZERO:
        assert net.points is not None and net.points >= 0
