"""Results: the score, the code, the deadlines, who may draw and send a result."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merilo import law
from merilo.law import Form, Mode, Part
from merilo.results.rules import (
    TRANSITIONS,
    WORDS,
    Consolidation,
    Marks,
    Release,
    ResultState,
    ScoreStatus,
    Told,
    overdue_marks,
    percent_of,
    reasons_against_consolidation,
    reasons_against_moving,
    reasons_against_release,
    result_deadlines,
    schedule_warnings,
    score,
    score_answer,
    specification_for,
)
from rules.reading import cases, codes, holds, profile_of

DAY = date(2025, 6, 6)
PRIMORYE = law.profile("primorye-2025")


def points_of(spec, oral=None, written=None):
    """So many criteria of each part done, in their order; None leaves the part out."""
    points = {}
    for part, done in ((Part.ORAL, oral), (Part.WRITTEN, written)):
        if done is not None:
            criteria = spec.part(part)
            points |= {one.code: int(index < done) for index, one in enumerate(criteria)}
    return points


def ask_score(profile, *, grade, form, test_on, oral=None, written=None, points=None, **more):
    form = Form(form)
    kept = Mode(more.pop("kept_mode")) if "kept_mode" in more else None
    spec = specification_for(grade, form, test_on=test_on, profile=profile, kept_mode=kept)
    marks = points_of(spec, oral, written) | (points or {})
    facts = Marks(grade, form, test_on, marks, kept_mode=kept, **more)
    answer = score_answer(facts, profile=profile)
    if answer.outcome["percent"] is not None:
        answer.outcome["percent"] = str(answer.outcome["percent"])
    return answer


def ask_overdue(profile, *, test_on, today, school_received_on=None, **told):
    deadlines = result_deadlines(
        test_on=test_on, school_received_on=school_received_on, profile=profile
    )
    return overdue_marks(deadlines, Told(**told), today=today, profile=profile)


ASK = {
    "score": ask_score,
    "deadlines": lambda profile, **facts: result_deadlines(profile=profile, **facts),
    "overdue": ask_overdue,
    "schedule": lambda profile, **facts: schedule_warnings(profile=profile, **facts),
}


@pytest.mark.parametrize("case", cases("results"))
def test_the_case(case):
    holds(ASK[case["ask"]](profile_of(case), **case["given"]), case["then"])


def test_each_delay_is_put_down_to_its_own_paragraph():
    told = {"test_on": DAY, "school_received_on": DAY, "today": date(2025, 6, 30)}
    cited = {one.code: one.source.paragraph for one in ask_overdue(PRIMORYE, **told)}
    assert cited == {
        f"results.late-to-{who}": PRIMORYE.value(f"results.{name}_wd", on=DAY).source.paragraph
        for who, name in (("school", "to_school"), ("mouo", "to_mouo"), ("parent", "parent"))
    }
    assert len(set(cited.values())) == 3


def test_every_state_has_its_row_and_its_words():
    assert TRANSITIONS.keys() == WORDS.keys() == set(ResultState)


def test_a_result_goes_back_to_calculation_only_before_release():
    back = [state for state in ResultState if ResultState.CALCULATED in TRANSITIONS[state]]
    assert back == [ResultState.CONSOLIDATED]
    assert codes(reasons_against_moving(ResultState.RELEASED, ResultState.CALCULATED)) == [
        "results.wrong-state"
    ]


@given(st.data())
def test_every_walk_of_a_result_can_still_become_final(data):
    state = ResultState.CALCULATED
    seen = [state]
    while TRANSITIONS[state] and len(seen) < 30:
        state = data.draw(st.sampled_from(sorted(TRANSITIONS[state])))
        assert not codes(reasons_against_moving(seen[-1], state))
        seen.append(state)
    if not TRANSITIONS[state]:
        assert state == ResultState.FINAL
        assert seen.index(ResultState.RELEASED) > seen.index(ResultState.CONSOLIDATED)
        assert ResultState.INFORMED in seen


SPECS = {
    (grade, form): law.specification(grade, form, on=date(2025, 11, 5))
    for grade in range(1, 12)
    for form in Form
    if (grade, form) != (1, Form.ORAL_WRITTEN)
}


@st.composite
def marked(draw):
    spec = SPECS[draw(st.sampled_from(sorted(SPECS)))]
    points = {one.code: draw(st.integers(0, one.max)) for one in spec.criteria}
    total = draw(st.integers(0, spec.written_max)) if spec.written_by_total else None
    return spec, points, total


@given(marked(), st.data())
def test_one_more_point_never_turns_a_pass_into_a_failure(case, data):
    spec, points, total = case
    before = score(spec, points, written_total=total)
    code = data.draw(st.sampled_from(spec.criteria)).code
    more = points | {code: spec.part(spec.criteria[0].part)[0].max}
    after = score(spec, more, written_total=total)
    assert before.status == after.status == ScoreStatus.SCORED
    assert after.total >= before.total
    assert after.passed or not before.passed
    assert after.passed is (after.reached_total and after.reached_oral)


@given(marked())
def test_failing_reasons_are_there_exactly_when_the_test_is_not_passed(case):
    spec, points, total = case
    found = score(spec, points, written_total=total)
    assert bool(found.failing) is not found.passed
    assert len(found.failing) == (not found.reached_total) + (not found.reached_oral)
    assert found.total == found.oral + (found.written or 0)


@given(marked(), st.data())
def test_a_missing_criterion_always_means_no_result(case, data):
    spec, points, total = case
    points[data.draw(st.sampled_from(spec.criteria)).code] = None
    found = score(spec, points, written_total=total)
    assert found.status == ScoreStatus.INCOMPLETE
    assert found.total is None and found.passed is None and found.level is None


@pytest.mark.parametrize("odd", [True, 1.0, "1", -1])
def test_only_whole_points_from_zero_up_are_taken(odd):
    spec = SPECS[1, Form.ORAL]
    found = score(spec, points_of(spec, oral=10) | {"Д1": odd})
    assert found.status == ScoreStatus.REFUSED


def test_a_code_given_twice_under_look_alike_letters_is_refused():
    spec = SPECS[1, Form.ORAL]
    found = score(spec, points_of(spec, oral=10) | {"M1": 1})
    assert codes(found.problems) == ["grading.criterion-twice"]


@pytest.mark.parametrize(
    ("points", "most", "decimals", "percent"),
    [(20, 22, 1, "90.9"), (1, 16, 1, "6.3"), (1, 8, 0, "13"), (10, 10, 1, "100.0")],
)
def test_per_cent_is_rounded_half_up(points, most, decimals, percent):
    assert percent_of(points, most, decimals) == Decimal(percent)


def consolidation(**change):
    facts = {
        "state": ResultState.CALCULATED,
        "form": Form.ORAL_WRITTEN,
        "score_status": ScoreStatus.SCORED,
        "signed": frozenset(Part),
        "marked": True,
        "code": "01509905",
        "by_commission": True,
    }
    return Consolidation(**facts | change)


def test_a_marked_signed_and_coded_result_is_consolidated():
    assert not codes(reasons_against_consolidation(consolidation()))


def test_everything_that_keeps_a_result_from_consolidation_is_said_at_once():
    facts = consolidation(
        state=ResultState.RELEASED,
        score_status=ScoreStatus.INCOMPLETE,
        signed=frozenset(),
        marked=False,
        code="",
        by_commission=False,
    )
    assert codes(reasons_against_consolidation(facts)) == [
        "results.attempt-not-marked",
        "results.no-code",
        "results.not-commission",
        "results.not-scored",
        "results.part-not-signed",
        "results.part-not-signed",
        "results.wrong-state",
    ]


def test_an_oral_form_needs_no_written_protocol_and_an_annulled_one_needs_none():
    oral = consolidation(form=Form.ORAL, signed=frozenset({Part.ORAL}))
    assert not codes(reasons_against_consolidation(oral))
    annulled = consolidation(score_status=ScoreStatus.ANNULLED, signed=frozenset(), marked=False)
    assert not codes(reasons_against_consolidation(annulled))


def release(**change):
    facts = {
        "state": ResultState.CONSOLIDATED,
        "test_on": DAY,
        "consolidated_by": "chair",
        "checked_by": "deputy",
        "identity_confirmed": True,
        "code": "01509905",
    }
    return Release(**facts | change)


def test_tc_089_a_second_person_confirms_whose_result_it_is():
    assert not codes(reasons_against_release(release(), profile=PRIMORYE))
    facts = release(
        checked_by="chair",
        identity_confirmed=False,
        code="",
        state=ResultState.CALCULATED,
        same_surname_that_day=2,
    )
    reasons = list(reasons_against_release(facts, profile=PRIMORYE))
    assert codes(reasons) == [
        "results.identity-not-confirmed",
        "results.no-code",
        "results.same-person-checks",
        "results.wrong-state",
    ]
    assert codes(reasons, warnings=True) == ["results.same-surname"]


def test_a_region_without_four_eyes_lets_one_person_send():
    alone = profile_of({"settings": {"results.four_eyes": False}})
    facts = release(checked_by="chair", identity_confirmed=False)
    assert not codes(reasons_against_release(facts, profile=alone))


@given(st.dates(date(2025, 5, 1), date(2026, 10, 30)), st.integers(0, 20))
def test_nobody_is_late_on_the_last_day_of_a_term(test_on, later):
    answer = result_deadlines(test_on=test_on, profile=PRIMORYE)
    last = answer.dates["to_school"]
    told = Told(to_school=last, to_mouo=last)
    assert not overdue_marks(answer, told, today=last, profile=PRIMORYE)
    assert PRIMORYE.days.between(test_on, last) == 3
