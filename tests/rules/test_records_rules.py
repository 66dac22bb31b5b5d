"""Storage: how long the materials of a test are kept, and when they may be destroyed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merilo import law
from merilo.records.rules import (
    HOLD_WORDS,
    TRANSITIONS,
    Hold,
    StorageState,
    Stored,
    reasons_against_destruction,
    retention,
)
from rules.reading import cases, holds, profile_of

PRIMORYE = law.profile("primorye-2025")


def ask_retention(profile, *, hold=None, **facts):
    return retention(hold=hold and Hold(hold), profile=profile, **facts)


def ask_destroy(profile, *, today, hold=None, **facts):
    stored = Stored(hold=hold and Hold(hold), **facts)
    return reasons_against_destruction(stored, today=today, profile=profile)


ASK = {"retention": ask_retention, "destroy": ask_destroy}


@pytest.mark.parametrize("case", cases("records"))
def test_the_case(case):
    holds(ASK[case["ask"]](profile_of(case), **case["given"]), case["then"])


def test_every_state_and_hold_has_its_row_and_its_words():
    assert TRANSITIONS.keys() == set(StorageState)
    assert HOLD_WORDS.keys() == set(Hold)
    reached = frozenset().union(*TRANSITIONS.values())
    assert reached == set(StorageState) - {StorageState.ACTIVE}


def test_a_needless_destruction_is_put_down_to_the_value_that_does_not_ask_for_it():
    federal = law.profile("federal")
    day = date(2025, 6, 6)
    reasons = ask_destroy(federal, test_on=day, today=date(2026, 6, 7), act="1")
    assert [one.source for one in reasons] == [
        federal.value("records.destroy_after", on=day).source
    ]


@given(
    st.dates(date(2025, 4, 21), date(2030, 12, 31)),
    st.dates(date(2025, 4, 21), date(2035, 12, 31)),
    st.sampled_from([None, *Hold]),
)
def test_nothing_is_destroyed_within_two_years_or_during_a_dispute(test_on, today, hold):
    answer = retention(test_on=test_on, hold=hold, today=today, profile=PRIMORYE)
    assert answer.dates["keep_until"] == law.add_years(test_on, 2)
    if answer.allowed:
        assert hold is None and today > answer.dates["keep_until"]
    assert (answer.outcome["state"] == StorageState.DUE) is answer.allowed
