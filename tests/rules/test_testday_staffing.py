"""Who is in the commission, who sits where, which variant goes first, what the day owes."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merilo import law
from merilo.law import Form
from merilo.testday.rules import (
    DUTY_TITLES,
    Assignment,
    Comer,
    DayOwing,
    DayRole,
    Member,
    OpenRoom,
    Seating,
    SessionDayState,
    Variant,
    duties_of,
    in_order_of_use,
    reasons_against_approving,
    reasons_against_duties,
    seat,
)
from rules.reading import codes

DAY = date(2025, 6, 6)
PRIMORYE = law.profile("primorye-2025")
WHOLE = (Member("Ким", 1, is_chair=True), Member("Лим", 2), Member("Пак", 3))


def approving(members=WHOLE, order="12-ОД", **more):
    return list(
        reasons_against_approving(order, members, on=DAY, profile=PRIMORYE, **more)
    )


def test_a_commission_of_three_with_one_chair_is_approved():
    assert not approving()


def test_everything_wrong_with_a_commission_is_said_at_once():
    wrong = approving((Member("Лим", 2, works_here=False), Member("Лим", 2)), order=" ")
    assert codes(wrong) == [
        "testday.chair-not-member",
        "testday.commission-too-small",
        "testday.member-twice",
        "testday.no-order",
        "testday.not-of-the-organisation",
    ]
    assert codes(approving(order_taken=True)) == ["testday.order-taken"]


def test_what_is_only_recommended_of_an_expert_is_a_warning():
    members = (*WHOLE, Member("Цой", 4, qualified=False, experience_years=2))
    warned = approving((*members, Member("Ли", 5, experience_years=3)))
    assert not codes(warned)
    assert codes(warned, warnings=True) == ["testday.little-experience", "testday.not-qualified"]


def duties(*rows, state=SessionDayState.PLANNED):
    read = [(Assignment(person, role, room=room), member) for person, role, room, member in rows]
    return codes(reasons_against_duties(read, state=state))


def test_duties_of_members_in_rooms_are_taken_and_helpers_need_not_be_members():
    assert not duties(
        ("Ким", DayRole.CHAIR, "", True),
        ("Лим", DayRole.ORAL_CONDUCTOR, "5", True),
        ("Пак", DayRole.EXPERT, "5", True),
        ("Хан", DayRole.TECH, "", False),
    )


def test_tc_058_nobody_is_set_to_mark_the_conversation_he_leads():
    assert duties(
        ("Лим", DayRole.ORAL_CONDUCTOR, "5", True), ("Лим", DayRole.EXPERT, "5", True)
    ) == ["testday.expert-conducts"]
    assert not duties(
        ("Лим", DayRole.ORAL_CONDUCTOR, "5", True), ("Лим", DayRole.EXPERT, "6", True)
    )


def test_two_chairs_an_outsider_and_a_conductor_without_a_room_are_refused():
    assert duties(
        ("Ким", DayRole.CHAIR, "", True),
        ("Лим", DayRole.CHAIR, "", True),
        ("Но", DayRole.WRITTEN_CONDUCTOR, "", False),
    ) == ["testday.chair-twice", "testday.not-in-commission", "testday.room-needed"]


@pytest.mark.parametrize("state", list(SessionDayState))
def test_duties_are_changed_until_the_day_is_over(state):
    is_open = state in ("planned", "staffed", "running")
    assert duties(state=state) == ([] if is_open else ["testday.staffing-closed"])


@pytest.mark.parametrize(
    ("state", "today", "ready", "expected", "running", "owed"),
    [
        ("planned", DAY, False, 5, 0, ("staff-day",)),
        ("staffed", date(2025, 6, 5), True, 5, 0, ()),
        ("staffed", date(2025, 6, 5), False, 5, 0, ("prepare-day",)),
        ("staffed", DAY, True, 5, 0, ("run-day",)),
        ("staffed", DAY, False, 5, 0, ("prepare-day", "run-day")),
        ("running", DAY, True, 2, 3, ("run-day",)),
        ("running", DAY, True, 2, 0, ("note-arrivals",)),
        ("running", DAY, True, 0, 0, ("finish-day",)),
        ("reported", DAY, True, 0, 0, ()),
    ],
)
def test_a_day_owes_what_its_state_asks_for(state, today, ready, expected, running, owed):
    day = DayOwing(SessionDayState(state), DAY, ready, expected, running)
    assert duties_of(day, today=today) == owed
    assert set(owed) <= set(DUTY_TITLES)


def test_a_variant_that_most_people_may_still_get_goes_first():
    stock = [Variant("В1"), Variant("В2"), Variant("В3")]
    order = in_order_of_use(stock, wanted_by=[{"В1", "В2"}, {"В1"}])
    assert [one.code for one in order] == ["В3", "В2", "В1"]


WRITTEN = Form.ORAL_WRITTEN


def test_a_grade_is_seated_together_and_another_grade_apart():
    found = seat(
        [Comer(1, 3, WRITTEN), Comer(2, 3, WRITTEN), Comer(3, 4, WRITTEN), Comer(4, 1, Form.ORAL)],
        [OpenRoom("5", 10), OpenRoom("6", 10)],
    )
    assert found[1].written == found[2].written == "5"
    assert found[3].written == "6"
    assert found[4].written == ""


def test_when_the_rooms_are_full_the_rest_write_later():
    found = seat([Comer(key, 3, WRITTEN) for key in range(3)], [OpenRoom("5", 2)])
    assert [found[key].slot for key in range(3)] == [1, 1, 2]


def test_a_child_who_needs_it_gets_the_equipped_room_and_others_are_kept_out_of_it():
    rooms = [OpenRoom("5", 10, accessible_places=1), OpenRoom("6", 10)]
    found = seat([Comer(1, 3, WRITTEN), Comer(2, 4, WRITTEN, needs_accessible=True)], rooms)
    assert found[2].written == found[2].oral == "5"
    assert found[1].written == "6"


def test_without_an_equipped_place_he_is_seated_all_the_same_for_the_checklist_to_tell():
    found = seat([Comer(1, 3, WRITTEN, needs_accessible=True)], [OpenRoom("5", 10)])
    assert found[1] == Seating("5", "5", 1)


def test_without_rooms_for_a_part_the_place_stays_empty():
    assert seat([Comer(1, 3, WRITTEN)], []) == {1: Seating("", "", 1)}
    only_oral = seat([Comer(1, 3, WRITTEN)], [OpenRoom("5", 1, for_written=False)])
    assert only_oral == {1: Seating("5", "", 1)}


def test_those_already_seated_keep_their_places():
    kept = {1: Seating("6", "6", 2), 2: Seating("", "нет такой", 1)}
    found = seat(
        [Comer(1, 3, WRITTEN), Comer(2, 3, WRITTEN), Comer(3, 3, WRITTEN), Comer(4, 3, WRITTEN)],
        [OpenRoom("5", 1), OpenRoom("6", 1)],
        seated=kept,
    )
    assert {key: found[key] for key in kept} == kept
    assert len({(found[key].written, found[key].slot) for key in (1, 3, 4)}) == 3


@given(
    st.lists(st.tuples(st.integers(2, 4), st.booleans()), max_size=12),
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 1)), min_size=1, max_size=3),
)
def test_no_sitting_is_crowded_or_mixes_grades(people, rooms):
    comers = [Comer(key, grade, WRITTEN, need) for key, (grade, need) in enumerate(people)]
    opened = [OpenRoom(str(i), places, good) for i, (places, good) in enumerate(rooms)]
    found = seat(comers, opened)
    assert found.keys() == {one.key for one in comers}
    size = {room.number: room.workplaces for room in opened}
    sittings = Counter((place.written, place.slot) for place in found.values())
    grades = {}
    for one in comers:
        place = found[one.key]
        grades.setdefault((place.written, place.slot), set()).add(one.grade)
    assert all(count <= size[room] for (room, _slot), count in sittings.items())
    assert all(len(one) == 1 for one in grades.values())
