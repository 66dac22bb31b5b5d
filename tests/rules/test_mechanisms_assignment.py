"""Who scores whose materials: conflicts of interest, balance, and what is left open."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merilo.mechanisms.rules.assignment import (
    ExpertFacts,
    Portion,
    not_enough,
    pairs_met,
    plan,
    reasons_against_appointment,
    reasons_against_dismissal,
)
from rules.reading import codes
from rules.values_of_mechanisms import value

ARSENYEV = Portion(1, "1.1", 10, "Арсеньев", 6)

# How fast the machine is at this moment is not what these tests are about.
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def portions_of(count, directions=("1.1", "1.2", "2.3"), size=5):
    return [
        Portion(number, code, 100 + number, f"МО {number}", size)
        for number in range(count)
        for code in directions
    ]


def shares(made):
    """The experts of every portion of a plan."""
    found = {}
    for expert, key in made.appointments:
        found.setdefault(key, []).append(expert)
    return found


def test_an_expert_without_ties_may_score_anybody():
    assert not codes(reasons_against_appointment(ExpertFacts(1), ARSENYEV))


def test_an_expert_never_scores_his_own_municipality():
    own = ExpertFacts(1, own=frozenset({10}))
    assert codes(reasons_against_appointment(own, ARSENYEV)) == ["mechanisms.own-municipality"]


def test_a_declared_tie_keeps_the_expert_away():
    tied = ExpertFacts(1, ties=frozenset({10}))
    assert codes(reasons_against_appointment(tied, ARSENYEV)) == ["mechanisms.declared-tie"]


def test_a_specialist_scores_only_his_directions():
    expert = ExpertFacts(1, directions=frozenset({"2.3"}))
    assert codes(reasons_against_appointment(expert, ARSENYEV)) == ["mechanisms.other-subject"]


def test_nobody_is_appointed_twice_to_one_portion():
    found = reasons_against_appointment(ExpertFacts(1), ARSENYEV, appointed=[1, 2])
    assert codes(found) == ["mechanisms.appointed-already"]


def test_case_25_a_regional_coordinator_who_also_scores_is_warned_of():
    found = list(reasons_against_appointment(ExpertFacts(1, runs_the_cycle=True), ARSENYEV))
    assert codes(found) == []
    assert codes(found, warnings=True) == ["mechanisms.runs-the-cycle"]


def test_who_has_marked_is_not_taken_off():
    assert codes(reasons_against_dismissal(marks=1)) == ["mechanisms.marked-already"]
    assert codes(reasons_against_dismissal(marks=0, rulings=2)) == ["mechanisms.ruled-already"]
    assert not codes(reasons_against_dismissal(marks=0))


def test_every_portion_gets_two_different_experts_and_the_load_is_even():
    made = plan(portions_of(6), [ExpertFacts(n) for n in range(1, 5)], needed=2, seed="2026")
    assert all(len(set(experts)) == 2 for experts in shares(made).values())
    assert len(shares(made)) == 18
    assert made.spread <= 5 and not made.reasons


def test_the_same_seed_makes_the_same_plan_and_another_seed_may_not():
    experts = [ExpertFacts(n) for n in range(1, 6)]
    first, again, other = (plan(portions_of(5), experts, needed=2, seed=s) for s in "aab")
    assert first == again
    assert first.appointments != other.appointments


def test_pairs_change_so_that_all_experts_can_be_compared():
    made = plan(portions_of(8), [ExpertFacts(n) for n in range(1, 5)], needed=2, seed="x")
    met = pairs_met(shares(made).values())
    assert len(met) == 6  # everybody met everybody


def test_what_is_appointed_already_is_kept_and_only_the_gaps_are_filled():
    portions = portions_of(1)
    held = {portions[0].key: frozenset({1, 2}), portions[1].key: frozenset({3})}
    made = plan(portions, [ExpertFacts(n) for n in (1, 2, 3)], needed=2, held=held)
    new = shares(made)
    assert portions[0].key not in new
    assert len(new[portions[1].key]) == 1 and 3 not in new[portions[1].key]
    assert len(new[portions[2].key]) == 2


def test_a_portion_nobody_may_take_is_named_with_the_number_found():
    portions = [ARSENYEV]
    made = plan(portions, [ExpertFacts(1), ExpertFacts(2, own=frozenset({10}))], needed=2)
    assert codes(made.reasons) == ["mechanisms.too-few-experts"]
    assert made.reasons[0].facts["found"] == 1


def test_an_expert_who_left_the_list_still_counts_where_he_was_appointed():
    made = plan([ARSENYEV], [], needed=2, held={ARSENYEV.key: frozenset({9})})
    assert made.reasons[0].facts["found"] == 1
    assert made.spread == 0 and not made.appointments


def test_the_limit_an_expert_named_is_kept_while_others_can_take_the_work():
    experts = [ExpertFacts(1, most=5), *(ExpertFacts(n) for n in (2, 3))]
    made = plan(portions_of(3), experts, needed=2)
    assert made.load[1] <= 5 and not made.reasons


def test_where_nobody_else_is_there_the_limit_is_passed_and_said():
    made = plan(portions_of(2), [ExpertFacts(1, most=5), ExpertFacts(2)], needed=2)
    assert codes(made.reasons, warnings=True) == ["mechanisms.load-exceeded"]
    assert made.reasons[0].facts == {"load": 30, "most": 5}


def test_who_runs_the_cycle_gets_work_last():
    experts = [ExpertFacts(1, runs_the_cycle=True), *(ExpertFacts(n) for n in (2, 3, 4))]
    assert plan(portions_of(4), experts, needed=2).load[1] == 0


def test_the_expertise_does_not_begin_while_a_portion_has_one_expert():
    needed = value("mechanisms_expertise.experts_per_position", 2)
    held = {ARSENYEV.key: frozenset({1})}
    assert codes(not_enough([ARSENYEV], held, needed=needed)) == [
        "mechanisms.experts-not-appointed"
    ]
    held = {ARSENYEV.key: frozenset({1, 2})}
    assert not codes(not_enough([ARSENYEV], held, needed=needed))


def one_direction(*municipality_and_size):
    return [
        Portion(number, "1.1", municipality, f"МО {municipality}", size)
        for number, (municipality, size) in enumerate(municipality_and_size)
    ]


def test_a_portion_is_handed_on_when_that_evens_the_load():
    experts = [
        ExpertFacts(0, own=frozenset({1})),
        ExpertFacts(1, most=6),
        ExpertFacts(2, own=frozenset({2})),
        ExpertFacts(3, own=frozenset({3}), most=6),
    ]
    made = plan(one_direction((3, 4), (1, 5)), experts, needed=2, seed="s")
    assert dict(made.load) == {0: 4, 1: 5, 2: 4, 3: 5}


def test_nothing_is_handed_to_who_runs_the_cycle_however_idle_he_is():
    experts = [ExpertFacts(0, own=frozenset({2}), runs_the_cycle=True), ExpertFacts(1)]
    made = plan(one_direction((2, 5), (3, 3)), experts, needed=1)
    assert dict(made.load) == {0: 0, 1: 8}


def test_nothing_is_handed_to_an_expert_beyond_the_limit_he_named():
    experts = [ExpertFacts(0, most=6), ExpertFacts(1)]
    made = plan(one_direction((3, 5), (3, 4), (3, 3)), experts, needed=1, seed="s")
    assert dict(made.load) == {0: 4, 1: 8}


@calm
@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 12)), min_size=1, max_size=12),
    st.lists(
        st.tuples(st.frozensets(st.integers(1, 4), max_size=2), st.integers(0, 40) | st.none()),
        min_size=1,
        max_size=6,
    ),
    st.integers(1, 3),
)
def test_no_plan_ever_breaks_a_conflict_or_appoints_twice(sizes, people, needed):
    portions = [
        Portion(n, "1.1", municipality, "МО", size) for n, (municipality, size) in enumerate(sizes)
    ]
    experts = [ExpertFacts(n, own=own, most=most) for n, (own, most) in enumerate(people)]
    made = plan(portions, experts, needed=needed)
    by_key = {portion.key: portion for portion in portions}
    load = Counter()
    for expert, key in made.appointments:
        assert by_key[key].municipality not in experts[expert].own
        load[expert] += by_key[key].size
    assert len(set(made.appointments)) == len(made.appointments)
    assert all(made.load[one.id] == load[one.id] for one in experts)
    for portion in portions:
        free = sum(portion.municipality not in one.own for one in experts)
        assert len(shares(made).get(portion.key, [])) == min(free, needed)


@calm
@given(st.integers(1, 9), st.integers(2, 7), st.integers(1, 8))
def test_without_conflicts_the_loads_differ_by_one_portion_at_most(count, people, size):
    experts = [ExpertFacts(n) for n in range(people)]
    made = plan(portions_of(count, size=size), experts, needed=2)
    assert made.spread <= size
