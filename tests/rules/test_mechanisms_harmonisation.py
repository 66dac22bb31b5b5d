"""From two blind marks to one: agreement, harmonisation, the third expert, objections."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merilo import law
from merilo.mechanisms.rules.harmonisation import (
    BASIS_WORDS,
    OBJECTION_TRANSITIONS,
    OBJECTION_WORDS,
    STANDING_WORDS,
    Basis,
    Given,
    ObjectionFacts,
    ObjectionState,
    Settled,
    Standing,
    compare,
    day_is_over,
    in_dispute,
    last_day_to_object,
    reasons_against_deciding,
    reasons_against_ending_early,
    reasons_against_final,
    reasons_against_harmonising,
    reasons_against_objection,
    reasons_against_scored,
    reasons_against_third_finishing,
    reasons_against_third_mark,
)
from rules.reading import codes
from rules.values_of_mechanisms import value

MOST = Decimal(4)
MAY_NOT_LOWER = value("mechanisms_expertise.objection_may_lower", False)
MAY_LOWER = value("mechanisms_expertise.objection_may_lower", True)
MEDIAN = value("mechanisms_expertise.third_expert_rule", "median")
THIRD = value("mechanisms_expertise.third_expert_rule", "third")


def of(expert, points, *grounds):
    return Given(expert, Decimal(points), frozenset(grounds))


def both(first, second, **more):
    marks = [of(1, *first), of(2, *second)]
    return compare(marks, all_done=more.pop("all_done", True), most=MOST, **more)


def test_every_word_has_its_sentence():
    assert STANDING_WORDS.keys() == set(Standing)
    assert BASIS_WORDS.keys() == set(Basis)
    assert OBJECTION_TRANSITIONS.keys() == OBJECTION_WORDS.keys() == set(ObjectionState)


def test_while_one_expert_works_nothing_is_compared():
    assert both([2], [2], all_done=False).standing == Standing.BLIND
    assert compare([of(1, 2)], all_done=True, most=MOST).standing == Standing.BLIND


def test_equal_marks_settle_the_position():
    found = both([2, "D5"], [2, "D5"])
    assert found.settled == Settled(Decimal(2), frozenset({"D5"}), Basis.AGREED)


def test_marks_differ_when_only_the_grounds_of_deduction_do():
    found = both([2, "D5"], [2])
    assert (found.standing, found.difference) == (Standing.DIFFERS, 0)


def test_two_who_come_to_one_mark_have_harmonised_it():
    found = both([1], [3], harmonised=[of(1, 3)])
    assert found.settled == Settled(Decimal(3), frozenset(), Basis.HARMONISED)
    assert found.difference == 2  # as it was in the blind round
    assert both([1], [3], harmonised=[of(1, 2)]).standing == Standing.DIFFERS
    assert both([1], [3], harmonised=[of(1, 2), of(2, 2)]).standing == Standing.SETTLED


def test_the_third_expert_comes_when_the_two_give_up():
    assert both([1], [3], given_up=True).standing == Standing.THIRD


def test_no_share_is_guessed_but_one_that_is_set_calls_the_third_at_once():
    half = value("mechanisms_expertise.third_expert_share", 0.5)
    assert both([0], [4]).standing == Standing.DIFFERS
    assert both([1], [3], third_share=half).standing == Standing.THIRD
    assert both([1], [2], third_share=half).standing == Standing.DIFFERS
    assert both([2], [2, "D1"], third_share=half).standing == Standing.DIFFERS


def test_by_default_the_third_mark_stands():
    for rule in (None, THIRD):
        found = both([1], [3], given_up=True, third=of(3, 0, "D2"), third_rule=rule)
        assert found.settled == Settled(Decimal(0), frozenset({"D2"}), Basis.THIRD)


def test_by_the_median_the_middle_mark_stands_with_the_grounds_most_name():
    found = both([1, "D5"], [4], given_up=True, third=of(3, 2, "D5", "D2"), third_rule=MEDIAN)
    assert found.settled == Settled(Decimal(2), frozenset({"D5"}), Basis.THIRD)


@given(
    st.lists(
        st.builds(of, st.integers(1, 9), st.integers(0, 4), st.sampled_from(["D1", "D5"])),
        min_size=2,
        max_size=3,
        unique_by=lambda one: one.expert,
    )
)
def test_a_settled_mark_is_always_one_somebody_gave(marks):
    found = compare(marks, all_done=True, most=MOST)
    if found.settled:
        assert all(one.verdict == marks[0].verdict for one in marks)
        assert found.settled.points == marks[0].points
    else:
        assert found.standing == Standing.DIFFERS


def test_harmonising_is_for_what_differs_and_the_third_for_what_waits_for_him():
    assert not codes(reasons_against_harmonising("1.1.1", Standing.DIFFERS))
    assert codes(reasons_against_harmonising("1.1.1", Standing.BLIND)) == [
        "mechanisms.nothing-to-harmonise"
    ]
    assert not codes(reasons_against_third_mark("1.1.1", Standing.THIRD, marked_blind=False))
    assert codes(reasons_against_third_mark("1.1.1", Standing.SETTLED, marked_blind=True)) == [
        "mechanisms.no-third-needed",
        "mechanisms.third-is-one-of-two",
    ]


def test_the_third_is_not_done_while_a_position_may_still_come_to_him():
    standings = {"1": Standing.DIFFERS, "2": Standing.THIRD}
    assert codes(reasons_against_third_finishing(standings)) == ["mechanisms.harmonising-still"]
    assert not codes(reasons_against_third_finishing({"2": Standing.THIRD}))


def wish(**more):
    facts = {"code": "1.1.1", "text": "На стр. 4 есть анализ.", "settled": True, "open_now": True}
    return ObjectionFacts(**facts | more)


def test_a_municipality_may_object_to_a_settled_mark():
    assert not list(reasons_against_objection(wish()))


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"open_now": False}, "mechanisms.no-objections-now"),
        ({"settled": False}, "mechanisms.nothing-to-object"),
        ({"one_is_filed": True}, "mechanisms.objection-there"),
        ({"late_after": date(2026, 3, 19)}, "mechanisms.objection-late"),
        ({"text": " "}, "mechanisms.no-explanation"),
    ],
)
def test_an_objection_is_refused(facts, reason):
    assert codes(reasons_against_objection(wish(**facts))) == [reason]


def test_new_links_in_an_objection_are_warned_of():
    found = list(reasons_against_objection(wish(text="Смотрите https://пример.рф/приказ.pdf")))
    assert not codes(found) and codes(found, warnings=True) == ["mechanisms.new-evidence"]


def decide(to, after, *, state=ObjectionState.FILED, explanation="Анализ есть.", lower=None):
    before = Settled(Decimal(2), frozenset({"D5"}), Basis.AGREED)
    return codes(
        reasons_against_deciding(
            state,
            to,
            explanation=explanation,
            before=before,
            after=Settled(Decimal(after[0]), frozenset(after[1:]), Basis.OBJECTION),
            may_lower=lower or MAY_NOT_LOWER,
        )
    )


def test_an_objection_is_granted_by_more_points_or_fewer_deductions():
    assert not decide(ObjectionState.GRANTED, [3, "D5"])
    assert not decide(ObjectionState.GRANTED, [2])


def test_an_objection_that_changes_nothing_is_dismissed_not_granted():
    assert decide(ObjectionState.GRANTED, [2, "D5"]) == ["mechanisms.objection-changes-nothing"]
    assert not decide(ObjectionState.DISMISSED, [2, "D5"])


def test_an_objection_does_not_lower_the_mark_unless_the_region_lets_it():
    assert decide(ObjectionState.GRANTED, [1, "D5"]) == ["mechanisms.objection-lowers"]
    assert decide(ObjectionState.GRANTED, [3, "D1"]) == ["mechanisms.objection-lowers"]
    assert not decide(ObjectionState.GRANTED, [1, "D5"], lower=MAY_LOWER)


def test_an_objection_is_decided_once_and_with_an_explanation():
    done = ObjectionState.DISMISSED
    assert decide(ObjectionState.DISMISSED, [2, "D5"], state=done, explanation="") == [
        "mechanisms.no-explanation",
        "mechanisms.objection-decided",
    ]


def test_the_expertise_ends_when_every_position_is_settled():
    standings = {"1.1.1": Standing.SETTLED, "1.1.2": Standing.THIRD}
    assert codes(reasons_against_scored(standings)) == ["mechanisms.not-settled"]
    assert not codes(reasons_against_scored({"1.1.1": Standing.SETTLED}))


def test_the_result_is_final_when_every_objection_is_decided():
    filed = [("1.1.1", ObjectionState.FILED), ("1.1.2", ObjectionState.GRANTED)]
    assert codes(reasons_against_final(filed)) == ["mechanisms.objections-undecided"]
    assert not codes(reasons_against_final(filed[1:]))


def test_only_what_needs_a_person_is_in_dispute():
    compared = {
        "1": both([1], [1]),
        "2": both([1], [2]),
        "3": both([1], [2], given_up=True),
        "4": both([1], [2], all_done=False),
    }
    assert in_dispute(compared) == ["2", "3"]


def test_no_term_of_objections_is_guessed_and_one_that_is_set_is_counted_in_working_days():
    days, opened = law.calendar(), date(2026, 3, 19)
    term = value("mechanisms.objection_wd", 3)
    assert last_day_to_object(opened, None, days) is None
    last = last_day_to_object(opened, term, days)
    assert last == date(2026, 3, 24), "over a weekend"
    assert not day_is_over(last, today=last) and day_is_over(last, today=date(2026, 3, 25))
    assert not day_is_over(None, today=date(2030, 1, 1))


def test_a_cycle_does_not_end_before_the_last_day_that_was_told():
    last = date(2026, 3, 24)
    assert codes(reasons_against_ending_early(last, today=last)) == ["mechanisms.still-objecting"]
    assert not codes(reasons_against_ending_early(last, today=date(2026, 3, 25)))
    assert not codes(reasons_against_ending_early(None, today=last))
