"""Appeals: the window, what is accepted, the vote, what follows."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merilo import law
from merilo.appeals.rules import (
    FORMULAS,
    TRANSITIONS,
    WORDS,
    AppealFacts,
    AppealKind,
    AppealState,
    Ballot,
    Outcome,
    Subject,
    Vote,
    appeal_window,
    consider_due,
    inform_due,
    materials_due,
    quorum,
    reasons_against_accepting,
    reasons_against_closing_protocol,
    reasons_against_hearing,
    reasons_against_materials,
    reasons_against_membership,
    reasons_against_moving,
    reasons_against_outcome,
    reply_due,
    vote,
    what_follows,
)
from rules.reading import cases, codes, holds, profile_of

DAY = date(2025, 6, 11)
PRIMORYE = law.profile("primorye-2025")


def ask_accept(profile, *, kind="points", subjects=("points",), **change):
    facts = {
        "submitted_on": date(2025, 6, 17),
        "test_on": date(2025, 6, 4),
        "official_on": DAY,
        "received_on": DAY,
        "tasks": {5: "ответ верен"},
        "without_applicant": True,
        "known_tasks": range(1, 16),
    }
    appeal = AppealFacts(
        kind=AppealKind(kind), subjects=frozenset(map(Subject, subjects)), **facts | change
    )
    return reasons_against_accepting(appeal, profile=profile)


def ask_vote(profile, *, chair=None, **facts):
    return vote(Ballot(chair=chair and Vote(chair), **facts), on=DAY, profile=profile)


def of_day(rule):
    return lambda profile, **facts: rule(on=DAY, profile=profile, **facts)


def plain(rule):
    return lambda profile, **facts: rule(profile=profile, **facts)


ASK = {
    "window": plain(appeal_window),
    "accept": ask_accept,
    "quorum": of_day(quorum),
    "vote": ask_vote,
    "outcome": lambda profile, outcome, **facts: reasons_against_outcome(
        Outcome(outcome), on=DAY, profile=profile, **facts
    ),
    "follows": of_day(what_follows),
    "membership": lambda _profile, **facts: reasons_against_membership(**facts),
    "hearing": of_day(reasons_against_hearing),
    "protocol": of_day(reasons_against_closing_protocol),
    "materials_due": plain(materials_due),
    "reply_due": plain(reply_due),
    "consider_due": plain(consider_due),
    "inform_due": plain(inform_due),
    "materials": of_day(reasons_against_materials),
}


@pytest.mark.parametrize("case", cases("appeals"))
def test_the_case(case):
    holds(ASK[case["ask"]](profile_of(case), **case["given"]), case["then"])


def test_every_state_and_outcome_has_its_row_and_its_words():
    assert TRANSITIONS.keys() == WORDS.keys() == set(AppealState)
    assert FORMULAS.keys() == set(Outcome)


@given(st.data())
def test_every_walk_of_an_appeal_ends_unaccepted_or_final_and_never_skips_the_vote(data):
    state, walk = AppealState.SUBMITTED, [AppealState.SUBMITTED]
    while TRANSITIONS[state]:
        to = data.draw(st.sampled_from(sorted(TRANSITIONS[state])))
        assert not codes(reasons_against_moving(state, to))
        state = to
        walk.append(state)
    if state == AppealState.FINAL:
        assert walk.index(AppealState.DECIDED) > walk.index(AppealState.HEARD)
    else:
        assert walk == [AppealState.SUBMITTED, AppealState.NOT_ACCEPTED]


def test_a_final_appeal_is_not_reopened():
    reopened = reasons_against_moving(AppealState.FINAL, AppealState.SUBMITTED)
    assert codes(reopened) == ["appeals.wrong-state"]


@pytest.mark.parametrize(
    ("members", "needed"), [(3, 2), (4, 2), (5, 3), (6, 3), (7, 4), (8, 4), (9, 5)]
)
def test_half_of_the_members_rounded_up_is_a_quorum(members, needed):
    assert quorum(members, members, on=DAY, profile=PRIMORYE).outcome["needed"] == needed


@given(st.integers(1, 15), st.integers(0, 15))
def test_one_member_more_never_breaks_a_quorum(members, present):
    present = min(present, members - 1)
    before = quorum(members, present, on=DAY, profile=PRIMORYE)
    after = quorum(members, present + 1, on=DAY, profile=PRIMORYE)
    assert after.allowed or not before.allowed
    assert quorum(members, members, on=DAY, profile=PRIMORYE).allowed


@given(
    st.integers(0, 8),
    st.integers(0, 8),
    st.integers(0, 8),
    st.sampled_from([None, *Vote]),
    st.integers(0, 4),
)
def test_nothing_is_adopted_without_a_lawful_majority_or_the_chair(yes, no, quiet, chair, away):
    ballot = Ballot(yes + no + quiet + away, yes + no + quiet, yes, no, quiet, chair)
    answer = vote(ballot, on=DAY, profile=PRIMORYE)
    adopted, by = answer.outcome["adopted"], answer.outcome["by"]
    assert (adopted is None) is not answer.allowed
    if adopted and by == "majority":
        assert 2 * yes > ballot.present
    if by == "chair":
        assert yes == no and adopted is (chair == Vote.FOR)
    if by == "majority" and not adopted:
        assert 2 * yes <= ballot.present


def test_a_paragraph_is_cited_from_the_act_that_governs():
    federal = law.profile("federal")
    for profile, act in ((PRIMORYE, "order-23a-566"), (federal, "letter-03-608")):
        reasons = list(ask_accept(profile, subjects=["method"], received_on=date(2025, 6, 16)))
        found = next(one for one in reasons if one.code == "appeals.about-criteria")
        assert found.source.act.id == act
