"""Marking: what a protocol holds before it is signed, and when it gets a new version."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merilo import law
from merilo.grading.rules import (
    TRANSITIONS,
    VERSION_WORDS,
    WORDS,
    Expert,
    NewVersion,
    ProtocolState,
    Sheet,
    Taking,
    VersionReason,
    normalise_points,
    part_total,
    reasons_against_moving,
    reasons_against_new_version,
    reasons_against_sheet,
    reasons_against_signing,
)
from merilo.law import Form, Part
from merilo.testday.rules import OralScheme
from rules.reading import cases, codes, holds, profile_of

DAY = date(2025, 6, 6)


def spec_of(grade):
    form = Form.ORAL if grade == 1 else Form.ORAL_WRITTEN
    return law.specification(grade, form, on=DAY)


def ask_sign(profile, *, grade=1, part="oral", done=9, points=None, typed_total=9, **more):
    spec, part = spec_of(grade), Part(part)
    marks = {}
    if done is not None:
        marks = {one.code: int(place < done) for place, one in enumerate(spec.part(part))}
    expert = {"name": "Ким Анна Львовна", "checked_on": DAY, "is_expert_that_day": True}
    taking = {"test_on": DAY} | more.get("taking", {})
    taking["scheme"] = OralScheme(taking.get("scheme", "live"))
    return reasons_against_signing(
        spec,
        Sheet(
            part,
            marks | (points or {}),
            typed_total,
            ProtocolState(more.get("state", "draft")),
        ),
        expert=Expert(**expert | more.get("expert", {})),
        taking=Taking(**taking),
        profile=profile,
    )


def ask_version(_profile, *, why, part, state, **facts):
    wish = NewVersion(VersionReason(why), Part(part), ProtocolState(state), **facts)
    return reasons_against_new_version(wish)


ASK = {"sign": ask_sign, "version": ask_version}


@pytest.mark.parametrize("case", cases("grading"))
def test_the_case(case):
    holds(ASK[case["ask"]](profile_of(case), **case["given"]), case["then"])


def test_every_state_and_reason_has_its_row_and_its_words():
    assert TRANSITIONS.keys() == WORDS.keys() == set(ProtocolState)
    assert VERSION_WORDS.keys() == set(VersionReason)


@given(st.data())
def test_a_protocol_is_never_changed_in_place_once_signed(data):
    state, seen = ProtocolState.DRAFT, []
    while TRANSITIONS[state]:
        seen.append(state)
        state = data.draw(st.sampled_from(sorted(TRANSITIONS[state])))
        assert not codes(reasons_against_moving(seen[-1], state))
        assert state != ProtocolState.DRAFT
    assert state == ProtocolState.SUPERSEDED


@given(st.sampled_from(range(1, 12)), st.sampled_from(list(Part)), st.data())
def test_the_true_sum_is_the_only_sum_that_can_be_signed(grade, part, data):
    spec = spec_of(grade)
    criteria = spec.part(part)
    if not criteria:
        return
    points = {one.code: data.draw(st.integers(0, one.max)) for one in criteria}
    typed = data.draw(st.integers(0, spec.total_max))
    wrong = codes(reasons_against_sheet(spec, Sheet(part, points, typed)))
    assert wrong == ([] if typed == sum(points.values()) else ["grading.total-differs"])
    assert part_total(spec, part, points) == sum(points.values())


@given(st.permutations(["Д1", "М1", "Ч1", "З10"]))
def test_look_alike_codes_are_put_right_in_any_order(order):
    typed = {"Д1": " д1 ", "М1": "M1", "Ч1": "41", "З10": "310"}
    found, twice = normalise_points({typed[code]: place for place, code in enumerate(order)})
    assert list(found) == list(order) and not twice
