"""When materials may be changed and submitted, and how a region's run moves on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from mechanisms.builders_mechanisms import region
from merilo.mechanisms.rules import submission as rules
from merilo.mechanisms.rules.states import (
    CYCLE_NAMES,
    CYCLE_TRANSITIONS,
    EDITION_NAMES,
    EDITION_TRANSITIONS,
    SUBMISSION_NAMES,
    SUBMISSION_TRANSITIONS,
    CycleState,
    EditionState,
    SubmissionState,
)
from rules.reading import codes

LAST = date(2026, 3, 31)
NEXT = LAST + timedelta(days=1)
DRAFT, CHECKED, GIVEN = (
    SubmissionState.DRAFT,
    SubmissionState.SELF_CHECKED,
    SubmissionState.SUBMITTED,
)


def cycle(state=CycleState.OPEN, **more):
    return rules.CycleFacts("Самооценка 2026", state, LAST, **more)


def short(found):
    return [one.removeprefix("mechanisms.") for one in codes(found)]


def test_the_last_day_is_a_day_of_filling_and_the_next_one_is_not():
    assert short(rules.reasons_against_filling(cycle(), DRAFT, today=LAST)) == []
    assert short(rules.reasons_against_filling(cycle(), DRAFT, today=NEXT)) == ["day-passed"]


@pytest.mark.parametrize("state", [one for one in CycleState if one is not CycleState.OPEN])
def test_nothing_is_filled_in_a_cycle_that_is_not_open(state):
    assert short(rules.reasons_against_filling(cycle(state), DRAFT, today=LAST)) == [
        "cycle-not-open"
    ]


def test_what_was_submitted_is_changed_only_when_taken_back():
    assert short(rules.reasons_against_filling(cycle(), GIVEN, today=LAST)) == [
        "already-submitted"
    ]
    assert short(rules.reasons_against_taking_back(cycle(), GIVEN, today=LAST)) == []
    assert short(rules.reasons_against_taking_back(cycle(), DRAFT, today=LAST)) == [
        "not-submitted"
    ]
    assert short(rules.reasons_against_taking_back(cycle(), GIVEN, today=NEXT)) == ["day-passed"]


def test_only_a_checked_form_is_submitted():
    assert short(rules.reasons_against_submitting(cycle(), DRAFT, today=LAST)) == ["not-checked"]
    assert short(rules.reasons_against_submitting(cycle(), CHECKED, today=LAST)) == []


def test_who_saves_over_an_unseen_change_is_told():
    assert short(rules.reasons_against_stale("1.1", seen=2, now_at=2)) == []
    assert short(rules.reasons_against_stale("1.1", seen=2, now_at=3)) == ["stale-answer"]


def test_last_year_s_form_comes_only_into_an_empty_one():
    def told(found=True, counterparts=3, answers=0):
        return short(
            rules.reasons_against_last_year(
                found=found, counterparts=counterparts, answers=answers
            )
        )

    assert told() == []
    assert told(found=False, counterparts=0) == ["no-last-year"]
    assert told(counterparts=0) == ["no-counterparts"]
    assert told(answers=1) == ["form-not-empty"]


def test_a_cycle_has_a_title_and_a_day_ahead():
    for title, day, wanted in (
        ("Цикл", LAST, []),
        (" ", LAST, ["title-needed"]),
        ("Цикл", LAST - timedelta(days=1), ["submit-by-past"]),
    ):
        found = rules.reasons_against_cycle(region(), title=title, submit_by=day, today=LAST)
        assert short(found) == wanted


@pytest.mark.parametrize("state", CycleState)
def test_the_last_day_moves_until_the_expertise_begins(state):
    found = rules.reasons_against_other_last_day(
        state, title="Самооценка", submit_by=LAST, today=LAST
    )
    taking = state in (CycleState.PREPARING, CycleState.OPEN, CycleState.CLOSED)
    assert codes(found) == ([] if taking else ["mechanisms.intake-is-over"])


@pytest.mark.parametrize(
    ("state", "to", "today", "more", "wanted"),
    [
        ("preparing", "open", LAST, {}, []),
        ("preparing", "open", NEXT, {}, ["submit-by-past"]),
        ("preparing", "final", LAST, {}, ["wrong-move"]),
        ("open", "closed", LAST, {}, ["still-time"]),
        ("open", "closed", NEXT, {}, []),
        ("closed", "open", NEXT, {}, ["submit-by-past"]),
        ("closed", "expertise", NEXT, {}, ["nothing-submitted"]),
        ("closed", "expertise", NEXT, {"submitted": 1}, []),
        ("expertise", "objections", NEXT, {"unscored": 2}, ["not-all-scored"]),
        ("expertise", "objections", NEXT, {}, []),
        ("objections", "final", NEXT, {"objected": 1}, ["objections-open"]),
        ("objections", "final", NEXT, {}, []),
        ("final", "open", LAST, {}, ["wrong-move"]),
    ],
)
def test_a_run_moves_only_where_it_may(state, to, today, more, wanted):
    found = rules.reasons_against_moving(
        cycle(CycleState(state), **more), CycleState(to), today=today
    )
    assert short(found) == wanted


def test_criteria_under_a_cycle_are_not_loaded_anew():
    assert short(rules.reasons_against_edition(region(), taken=False)) == []
    assert short(rules.reasons_against_edition(region(title=""), taken=True)) == [
        "edition-exists",
        "title-needed",
    ]
    frozen = rules.reasons_against_edition(region(), taken=True, state=EditionState.FROZEN)
    assert short(frozen) == ["edition-frozen"]


@pytest.mark.parametrize(
    ("table", "names", "states"),
    [
        (CYCLE_TRANSITIONS, CYCLE_NAMES, CycleState),
        (SUBMISSION_TRANSITIONS, SUBMISSION_NAMES, SubmissionState),
        (EDITION_TRANSITIONS, EDITION_NAMES, EditionState),
    ],
)
def test_every_state_has_a_name_and_a_way(table, names, states):
    assert set(table) == set(names) == set(states)
    assert {to for many in table.values() for to in many} <= set(states)
