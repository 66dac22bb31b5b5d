"""The test day: readiness, the door, rooms and variants, annulment, the end of the day."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merilo import law
from merilo.law import Form, Part
from merilo.testday.rules import (
    ATTEMPT_TRANSITIONS,
    ATTEMPT_WORDS,
    DAY_NOT_OPEN,
    DAY_TRANSITIONS,
    DAY_WORDS,
    PARENT_NOT_IDENTIFIED,
    PARTICIPANT_NOT_IDENTIFIED,
    PROHIBITIONS,
    ROLE_WORDS,
    TURNED_AWAY_WORDS,
    Assignment,
    AttemptEnd,
    AttemptState,
    CheckIn,
    DayFacts,
    DayRole,
    OralScheme,
    PastAttempt,
    Place,
    Room,
    Seat,
    SessionDayState,
    TurnedAway,
    Variant,
    choose_variant,
    forbidden_variants,
    interruption_answer,
    is_unsuccessful,
    may_annul,
    next_states,
    no_show_answer,
    parts_of,
    prohibitions,
    reasons_against_admission,
    reasons_against_attempt_moving,
    reasons_against_closing,
    reasons_against_closing_refused,
    reasons_against_day_moving,
    reasons_against_duration,
    reasons_against_finishing,
    reasons_against_no_show,
    reasons_against_rooms,
    reasons_against_start,
    reminders,
    room_variants,
    turned_away_for,
)
from rules.reading import cases, codes, holds, profile_of

DAY = date(2025, 6, 6)
PRIMORYE = law.profile("primorye-2025")
STAFF = [["Ким", "chair"], ["Лим", "oral_conductor"], ["Пак", "expert"]]


def day_of(*, staff=STAFF, room=None, places=(("oral", "5"),), state="staffed", **facts):
    return DayFacts(
        DAY,
        assignments=tuple(
            Assignment(person, DayRole(role), *([*rest[1:2]] or [True]), *rest[:1], *rest[2:])
            for person, role, *rest in staff
        ),
        rooms=(Room(**{"number": "5", "workplaces": 10} | (room or {})),),
        places=tuple(Place(Part(part), *rest) for part, *rest in places),
        state=SessionDayState(state),
        **{"printed": True, "briefed": True} | facts,
    )


def ask_start(profile, *, today=DAY, **facts):
    return reasons_against_start(day_of(**facts), today=today, profile=profile)


def ask_rooms(profile, **facts):
    return reasons_against_rooms(day_of(**facts), profile=profile)


def ask_admission(profile, *, today=DAY, day_state="running", **facts):
    person = CheckIn(
        DAY,
        day_state=SessionDayState(day_state),
        **{
            "born_on": date(2016, 2, 29),
            "booking_is_live": True,
            "participant_document": "свидетельство о рождении",
            "parent_document": "паспорт",
        }
        | facts,
    )
    return reasons_against_admission(person, today=today, profile=profile)


def ask_room(profile, *, part, seats):
    people = [
        Seat(who, grade, Variant(*rest[:2]) if rest else None, frozenset(*rest[2:]))
        for who, grade, *rest in seats
    ]
    return room_variants("5", people, part=Part(part), on=DAY, profile=profile)


def ask_forbidden(profile, *, part, history):
    past = [
        PastAttempt(on, grade, {Part.ORAL: oral, Part.WRITTEN: written}, AttemptEnd(end))
        for on, grade, oral, written, end in history
    ]
    return sorted(forbidden_variants(past, grade=3, part=Part(part), on=DAY, profile=profile))


def ask_choose(profile, *, available, **facts):
    stock = [Variant(*one) for one in available]
    answer = choose_variant(stock, on=DAY, profile=profile, **facts)
    if answer.outcome["variant"]:
        answer.outcome["variant"] = answer.outcome["variant"].code
    return answer


def ask_annul(profile, *, state, **facts):
    return may_annul(state=AttemptState(state), on=DAY, profile=profile, **facts)


def ask_finish(_profile, *, state, attempts, **facts):
    read = [(AttemptState(now), Form(form), taken) for now, form, taken in attempts]
    return reasons_against_finishing(SessionDayState(state), read, **facts)


def ask_close(_profile, *, state, form, scheme, **facts):
    return reasons_against_closing(
        AttemptState(state), form=Form(form), scheme=OralScheme(scheme), **facts
    )


ASK = {
    "start": ask_start,
    "rooms": ask_rooms,
    "admission": ask_admission,
    "no_show": lambda profile, **facts: reasons_against_no_show(test_on=DAY, **facts),
    "closing_refused": lambda profile, **facts: reasons_against_closing_refused(**facts),
    "interruption": lambda profile, **facts: interruption_answer(on=DAY, profile=profile, **facts),
    "after_no_show": lambda profile, **facts: no_show_answer(profile=profile, **facts),
    "room": ask_room,
    "forbidden": ask_forbidden,
    "choose": ask_choose,
    "annul": ask_annul,
    "duration": lambda profile, **facts: reasons_against_duration(
        on=DAY, profile=profile, **facts
    ),
    "remind": lambda profile, grade, form: reminders(
        grade, form=Form(form), on=DAY, profile=profile
    ),
    "finish": ask_finish,
    "close": ask_close,
}


@pytest.mark.parametrize("case", cases("testday"))
def test_the_case(case):
    holds(ASK[case["ask"]](profile_of(case), **case["given"]), case["then"])


def test_the_first_known_reason_at_the_door_names_the_refusal():
    parent = PARENT_NOT_IDENTIFIED()
    child = PARTICIPANT_NOT_IDENTIFIED()
    other = DAY_NOT_OPEN(state="идёт")
    assert turned_away_for([other, child, parent]) == TurnedAway.NO_CHILD_DOCUMENT
    assert turned_away_for([parent]) == TurnedAway.NO_PARENT_DOCUMENT
    assert turned_away_for([other]) == turned_away_for([]) == TurnedAway.OTHER
    assert TURNED_AWAY_WORDS.keys() == set(TurnedAway)


def test_every_state_and_role_has_its_row_and_its_words():
    assert DAY_TRANSITIONS.keys() == DAY_WORDS.keys() == set(SessionDayState)
    assert ATTEMPT_TRANSITIONS.keys() == ATTEMPT_WORDS.keys() == set(AttemptState)
    assert ROLE_WORDS.keys() == set(DayRole)


def test_a_day_is_postponed_only_before_it_runs():
    before = {
        state
        for state, following in DAY_TRANSITIONS.items()
        if SessionDayState.POSTPONED_TECH in following
    }
    assert before == {SessionDayState.PLANNED, SessionDayState.STAFFED}
    assert codes(
        reasons_against_day_moving(SessionDayState.RUNNING, SessionDayState.POSTPONED_TECH)
    ) == ["testday.wrong-state"]


def test_only_a_failed_or_annulled_attempt_starts_the_wait_for_a_retest():
    assert [end for end in AttemptEnd if is_unsuccessful(end)] == [
        AttemptEnd.FAILED,
        AttemptEnd.ANNULLED,
    ]


@pytest.mark.parametrize("profile_id", law.profile_ids())
def test_every_prohibition_of_a_profile_has_words_and_a_paragraph(profile_id):
    known = prohibitions(on=date(2026, 3, 16), profile=law.profile(profile_id))
    assert known and set(known) <= set(PROHIBITIONS)
    assert all(one.words and one.paragraph for one in known.values())


def test_a_prohibition_that_a_region_added_is_shown_by_its_code():
    own = profile_of({"settings": {"testday.prohibitions": ["X_SPRAY"]}})
    assert prohibitions(on=DAY, profile=own)["X_SPRAY"].words == "X_SPRAY"


@given(st.sampled_from(list(Form)), st.data())
def test_every_walk_of_an_attempt_takes_each_part_of_its_form_once(form, data):
    state, taken, walk = AttemptState.ADMITTED, [], [AttemptState.ADMITTED]
    while following := next_states(state, form=form, taken=taken):
        to = data.draw(st.sampled_from(sorted(following)))
        assert not codes(reasons_against_attempt_moving(state, to, form=form, taken=taken))
        if to in (AttemptState.ORAL_DONE, AttemptState.WRITTEN_DONE):
            taken.append(Part.ORAL if to == AttemptState.ORAL_DONE else Part.WRITTEN)
        state = to
        walk.append(state)
    assert len(taken) == len(set(taken))
    if AttemptState.MARKED in walk and AttemptState.INTERRUPTED_PERSONAL in walk:
        assert taken, "проверяют то, что сделано"
    elif AttemptState.MARKED in walk:
        assert sorted(taken) == sorted(parts_of(form))
    assert form != Form.ORAL or AttemptState.WRITTEN_RUNNING not in walk
    assert state in {
        AttemptState.CONSOLIDATED,
        AttemptState.ANNULLED,
        AttemptState.INTERRUPTED_TECH,
        AttemptState.INTERRUPTED_PERSONAL,
    }


@given(st.sampled_from(list(SessionDayState)), st.sampled_from(list(SessionDayState)))
def test_a_day_goes_only_where_its_table_says(state, to):
    assert bool(codes(reasons_against_day_moving(state, to))) is (to not in DAY_TRANSITIONS[state])


@given(
    st.lists(st.sampled_from(["В1", "В2", "В3"]), max_size=4),
    st.sets(st.sampled_from(["В1", "В2", "В3"])),
    st.sampled_from(["", "Т1"]),
)
def test_a_chosen_variant_is_never_a_forbidden_one(stock, forbidden, room_text):
    variants = [Variant(code, f"Т{code[1]}") for code in stock]
    answer = choose_variant(
        variants, forbidden=forbidden, room_text=room_text, on=DAY, profile=PRIMORYE
    )
    found = answer.outcome["variant"]
    fitting = [
        one
        for one in variants
        if one.code not in forbidden and room_text in ("", one.listening_text)
    ]
    assert found == (fitting[0] if fitting else None)
    assert answer.allowed is bool(fitting)


@given(st.lists(st.tuples(st.integers(2, 4), st.sampled_from(["Т1", "Т2"])), max_size=5))
def test_a_written_room_takes_one_grade_and_one_text(people):
    seats = [Seat(str(i), grade, Variant("В", text)) for i, (grade, text) in enumerate(people)]
    answer = room_variants("5", seats, part=Part.WRITTEN, on=DAY, profile=PRIMORYE)
    one_grade = len({grade for grade, _text in people}) <= 1
    one_text = len({text for _grade, text in people}) <= 1
    assert answer.allowed is (one_grade and one_text)
