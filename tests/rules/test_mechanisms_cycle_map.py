"""The map of the management cycle: where its chain is broken, and what a break may cost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from merilo.mechanisms.rules.cycle import (
    CANDIDATE_FOR,
    GAP_WORDS,
    JUDGED,
    ORDER,
    GapKind,
    Judgement,
    NodeFacts,
    TrackMap,
    gaps,
    reasons_against_arrow,
    reasons_against_judging,
    reasons_against_node,
    reasons_against_ruling,
)
from merilo.mechanisms.rules.expertise import DeductionCode
from merilo.mechanisms.rules.tree import Component
from rules.reading import codes


def drawn(nodes, arrows, **more):
    """A map from «id: kind» and pairs; extra facts of a node stand after its kind."""
    return TrackMap(
        tuple(
            NodeFacts(number, kind[0], str(number), **(kind[1] if len(kind) > 1 else {}))
            for number, kind in nodes.items()
        ),
        frozenset(arrows),
        **more,
    )


def found(nodes, arrows, **more):
    return [
        (gap.kind, gap.node.id if gap.node else None) for gap in gaps(drawn(nodes, arrows, **more))
    ]


WHOLE = {number: (kind,) for number, kind in enumerate(Component, start=1)}
CHAIN = [(number, number + 1) for number in range(1, len(WHOLE))]


def test_every_gap_has_its_words_and_its_ground_is_one_of_d3_to_d6():
    assert GAP_WORDS.keys() == set(GapKind)
    assert set(CANDIDATE_FOR.values()) == {
        DeductionCode.D3,
        DeductionCode.D4,
        DeductionCode.D5,
        DeductionCode.D6,
    }


def test_a_whole_chain_has_no_gaps():
    assert found(WHOLE, CHAIN) == []


def test_an_empty_map_tells_nothing():
    assert found({}, [], abilities_track=True) == []


def test_case_131_an_indicator_without_monitoring_is_a_candidate_for_d5():
    nodes = {1: (Component.GOALS,), 2: (Component.INDICATORS,)}
    (gap,) = gaps(drawn(nodes, [(1, 2)]))
    assert gap.kind == GapKind.INDICATOR_WITHOUT_MONITORING
    assert gap.candidate == DeductionCode.D5
    assert gap.source.act.id == "mum-2022"


def test_case_131_monitoring_without_an_indicator_is_a_candidate_for_d5():
    nodes = {1: (Component.MONITORING,), 2: (Component.ANALYSIS,), 3: (Component.MEASURES,)}
    kinds = [gap.kind for gap in gaps(drawn(nodes, [(1, 2), (2, 3)])) if gap.candidate == "D5"]
    assert kinds == [GapKind.MONITORING_WITHOUT_INDICATOR, GapKind.ANALYSIS_WITHOUT_INDICATOR]


def test_case_132_a_survey_of_schools_outside_the_cycle_is_a_candidate_for_d4():
    nodes = WHOLE | {20: (Component.METHODS, {"from_schools": True})}
    assert found(nodes, CHAIN) == [(GapKind.OUTSIDE_CYCLE, 20)]
    assert found(nodes, [*CHAIN, (2, 20)]) == []


def test_case_133_the_track_of_abilities_without_needs_data_is_a_candidate_for_d6():
    assert found(WHOLE, CHAIN, abilities_track=True) == [(GapKind.NO_NEEDS_DATA, None)]
    with_needs = WHOLE | {4: (Component.MONITORING, {"needs": True})}
    assert found(with_needs, CHAIN, abilities_track=True) == []


def test_what_follows_an_indicator_called_ineffective_is_a_candidate_for_d3():
    called = WHOLE | {2: (Component.INDICATORS, {"called": frozenset({DeductionCode.D2})})}
    assert found(called, CHAIN) == [
        (GapKind.INEFFECTIVE_MONITORED, 4),
        (GapKind.INEFFECTIVE_MONITORED, 5),
    ]


def test_a_measure_without_decision_and_effect_breaks_the_cycle_but_costs_nothing():
    nodes = {1: (Component.MEASURES,)}
    breaks = gaps(drawn(nodes, []))
    assert [gap.kind for gap in breaks] == [
        GapKind.MEASURE_WITHOUT_DECISION,
        GapKind.MEASURE_WITHOUT_EFFECT,
    ]
    assert all(gap.candidate is None and gap.source is None for gap in breaks)


def test_the_middle_of_a_chain_may_be_longer_or_shorter():
    nodes = {number: WHOLE[number] for number in (1, 2, 4, 5, 7, 8, 9)}
    arrows = [(1, 2), (2, 4), (4, 5), (5, 7), (7, 8), (8, 9)]
    assert found(nodes, arrows) == []


@given(st.sets(st.tuples(st.integers(1, 9), st.integers(1, 9)), max_size=30))
def test_more_arrows_never_make_more_gaps(arrows):
    before = set(found(WHOLE, arrows))
    assert set(found(WHOLE, arrows | set(CHAIN))) <= before


def test_a_part_needs_a_name_and_an_open_form():
    assert not codes(reasons_against_node("Доля школ", open_now=True))
    assert codes(reasons_against_node(" ", open_now=False)) == [
        "mechanisms.cycle-closed",
        "mechanisms.cycle-no-title",
    ]


def arrow(here, to, *, one_track=True, joined=False, open_now=True):
    return codes(
        reasons_against_arrow(here, to, one_track=one_track, joined=joined, open_now=open_now)
    )


@given(st.sampled_from(Component), st.sampled_from(Component))
def test_an_arrow_leads_from_an_earlier_part_to_a_later_one(here, to):
    forward = ORDER.index(here) < ORDER.index(to)
    assert arrow(here, to) == ([] if forward else ["mechanisms.cycle-backwards"])


def test_parts_are_joined_once_inside_one_track_while_the_form_is_open():
    ends = Component.GOALS, Component.INDICATORS
    assert arrow(*ends, one_track=False, joined=True, open_now=False) == [
        "mechanisms.cycle-closed",
        "mechanisms.cycle-joined-already",
        "mechanisms.cycle-other-track",
    ]


def test_a_person_decides_on_what_is_there_and_says_why():
    there = gaps(drawn({1: (Component.INDICATORS,)}, []))
    kind = GapKind.INDICATOR_WITHOUT_MONITORING
    assert not codes(reasons_against_ruling(there, kind, 1, explanation="Нет формы сбора."))
    assert codes(reasons_against_ruling(there, kind, 2, explanation="")) == [
        "mechanisms.not-a-candidate",
        "mechanisms.ruling-unexplained",
    ]


def test_a_break_that_costs_nothing_is_not_ruled_on():
    there = gaps(drawn({1: (Component.INDICATORS,)}, []))
    assert (GapKind.INDICATOR_WITHOUT_GOAL, 1) in [(one.kind, one.node.id) for one in there]
    found_ = reasons_against_ruling(there, GapKind.INDICATOR_WITHOUT_GOAL, 1, explanation="Так.")
    assert codes(found_) == ["mechanisms.not-a-candidate"]


def test_only_an_indicator_is_called_ineffective_and_by_an_explained_word():
    assert JUDGED.keys() == set(Judgement)
    assert not codes(reasons_against_judging(Component.INDICATORS, explanation="Нечего решать."))
    assert codes(reasons_against_judging(Component.GOALS, explanation="")) == [
        "mechanisms.not-an-indicator",
        "mechanisms.ruling-unexplained",
    ]


def test_a_missing_whole_is_ruled_on_without_a_node():
    there = gaps(drawn(WHOLE, CHAIN, abilities_track=True))
    kind = GapKind.NO_NEEDS_DATA
    assert not codes(reasons_against_ruling(there, kind, None, explanation="Анкет нет."))
