"""Commissions, duties, seats and what a day makes people owe."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from merilo import law
from merilo.law import Form
from merilo.testday.rules import (
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

DAY = date(2026, 3, 16)
PRIMORYE = law.profile("primorye-2025")


def codes(reasons) -> list[str]:
    return [reason.code for reason in reasons]


def members(*names: str, chair: str = "Орлова", **same) -> list[Member]:
    return [Member(name, key, is_chair=name == chair, **same) for key, name in enumerate(names)]


def test_three_with_a_chair_by_an_order_are_a_commission():
    people = members("Орлова", "Белова", "Гусев", experience_years=3)
    assert not codes(reasons_against_approving("№ 14", people, on=DAY, profile=PRIMORYE))


def test_a_commission_without_order_chair_or_third_member_is_told_all_of_it():
    people = members("Орлова", "Белова", chair="")
    assert codes(reasons_against_approving(" ", people, on=DAY, profile=PRIMORYE)) == [
        "testday.no-order",
        "testday.commission-too-small",
        "testday.chair-not-member",
    ]


def test_one_order_is_one_commission():
    people = members("Орлова", "Белова", "Гусев")
    found = reasons_against_approving("№ 14", people, order_taken=True, on=DAY, profile=PRIMORYE)
    assert codes(found) == ["testday.order-taken"]


def test_strangers_and_doubles_are_named_and_advice_is_only_advice():
    people = [
        *members("Орлова", "Белова", "Гусев", "Ли", qualified=False, experience_years=2),
        Member("Белова", 1, works_here=False),
    ]
    found = list(reasons_against_approving("№ 14", people, on=DAY, profile=PRIMORYE))
    assert codes(r for r in found if not r.is_warning) == [
        "testday.member-twice",
        "testday.not-of-the-organisation",
    ]
    assert set(codes(r for r in found if r.is_warning)) == {
        "testday.not-qualified",
        "testday.little-experience",
    }


def duty(person: str, role: DayRole, room: str = "", member: bool = True):
    return Assignment(person, role, room=room), member


@pytest.mark.parametrize(
    "state", [SessionDayState.PLANNED, SessionDayState.STAFFED, SessionDayState.RUNNING]
)
def test_duties_may_be_given_until_the_end_of_the_day(state):
    given = [
        duty("Орлова", DayRole.CHAIR),
        duty("Белова", DayRole.ORAL_CONDUCTOR, "101"),
        duty("Гусев", DayRole.EXPERT, "101"),
        duty("Белова", DayRole.EXPERT, "102"),
        duty("Ли", DayRole.TECH, member=False),
    ]
    assert not codes(reasons_against_duties(given, state=state))


def test_duties_that_nobody_may_have_are_refused_together():
    given = [
        duty("Орлова", DayRole.CHAIR),
        duty("Гусев", DayRole.CHAIR),
        duty("Белова", DayRole.ORAL_CONDUCTOR, "101"),
        duty("Белова", DayRole.EXPERT, "101"),
        duty("Ли", DayRole.EXPERT, member=False),
        duty("Гусев", DayRole.WRITTEN_CONDUCTOR),
    ]
    assert codes(reasons_against_duties(given, state=SessionDayState.FINISHED)) == [
        "testday.staffing-closed",
        "testday.chair-twice",
        "testday.expert-conducts",
        "testday.not-in-commission",
        "testday.room-needed",
    ]


# --- seats -----------------------------------------------------------------------------------

BOTH, ORAL = Form.ORAL_WRITTEN, Form.ORAL


def comers(*grades: int, form: Form = BOTH) -> list[Comer]:
    return [Comer(key, grade, form) for key, grade in enumerate(grades)]


def test_a_grade_sits_together_and_two_grades_apart():
    rooms = [OpenRoom("101", 10), OpenRoom("102", 10)]
    seats = seat(comers(2, 3, 2, 3), rooms)
    assert {seats[k].written for k in (0, 2)} == {"101"}
    assert {seats[k].written for k in (1, 3)} == {"102"}
    assert {one.slot for one in seats.values()} == {1}


def test_more_grades_than_rooms_take_turns():
    seats = seat(comers(2, 3, 4), [OpenRoom("101", 10)])
    assert [seats[k].slot for k in range(3)] == [1, 2, 3]


def test_a_full_room_opens_a_second_turn():
    seats = seat(comers(2, 2, 2), [OpenRoom("101", 2)])
    assert sorted(one.slot for one in seats.values()) == [1, 1, 2]


def test_oral_people_are_spread_and_have_no_written_place():
    rooms = [OpenRoom("101", 5, for_written=False), OpenRoom("102", 5, for_written=False)]
    seats = seat(comers(1, 1, 1, 1, form=ORAL), rooms)
    assert sorted(one.oral for one in seats.values()) == ["101", "101", "102", "102"]
    assert all(one.written == "" for one in seats.values())


def test_who_needs_an_equipped_place_gets_it_and_the_others_leave_it_free():
    rooms = [OpenRoom("101", 5, accessible_places=1), OpenRoom("102", 5)]
    people = [Comer(1, 2, BOTH), Comer(2, 3, BOTH, needs_accessible=True)]
    seats = seat(people, rooms)
    assert seats[2] == Seating("101", "101") and seats[1].written == "102"


def test_without_any_equipped_place_he_is_seated_and_the_checklist_says_the_rest():
    seats = seat([Comer(1, 2, BOTH, needs_accessible=True)], [OpenRoom("101", 5)])
    assert seats[1] == Seating("101", "101")


def test_without_an_open_room_the_place_is_empty():
    assert seat(comers(2), [])[0] == Seating("", "")


def test_who_sits_already_keeps_his_place_and_counts():
    rooms = [OpenRoom("101", 2), OpenRoom("102", 2)]
    sitting = {0: Seating("102", "102", 1), 9: Seating("101", "", 1)}
    seats = seat([*comers(2, 3), Comer(9, 1, ORAL)], rooms, seated=sitting)
    assert seats[0] == sitting[0] and seats[9] == sitting[9]
    assert seats[1].written == "101"


def test_a_place_in_a_room_no_longer_open_is_kept():
    seats = seat(comers(2, 2), [OpenRoom("101", 5)], seated={0: Seating("7", "7", 1)})
    assert seats[0].written == "7" and seats[1].written == "101"


# --- duties ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "today", "ready", "expected", "running", "owed"),
    [
        (SessionDayState.PLANNED, date(2026, 3, 10), False, 5, 0, ("staff-day",)),
        (SessionDayState.STAFFED, date(2026, 3, 10), False, 5, 0, ("prepare-day",)),
        (SessionDayState.STAFFED, date(2026, 3, 10), True, 5, 0, ()),
        (SessionDayState.STAFFED, DAY, False, 5, 0, ("prepare-day", "run-day")),
        (SessionDayState.STAFFED, DAY, True, 5, 0, ("run-day",)),
        (SessionDayState.RUNNING, DAY, True, 1, 4, ("run-day",)),
        (SessionDayState.RUNNING, DAY, True, 1, 0, ("note-arrivals",)),
        (SessionDayState.RUNNING, DAY, True, 0, 0, ("finish-day",)),
        (SessionDayState.FINISHED, DAY, True, 0, 0, ()),
    ],
)
def test_what_the_testing_organisation_owes(state, today, ready, expected, running, owed):
    day = DayOwing(state, DAY, ready, expected, running)
    assert duties_of(day, today=today) == owed


def test_the_variant_most_may_take_comes_first():
    stock = [Variant("1"), Variant("2"), Variant("3")]
    order = in_order_of_use(stock, wanted_by=[{"1"}, {"1", "2"}, set()])
    assert [one.code for one in order] == ["3", "2", "1"]


@pytest.mark.parametrize("state", [SessionDayState.PLANNED, SessionDayState.STAFFED])
def test_a_day_to_which_nobody_came_owes_nothing_once_it_is_here(state):
    day = DayOwing(state, DAY, ready=False, expected=0, running=0, came=0)
    assert duties_of(day, today=DAY - timedelta(days=1)) != ()
    assert duties_of(day, today=DAY) == ()
    refused = DayOwing(state, DAY, ready=False, expected=0, running=0, came=0, turned_away=1)
    assert duties_of(refused, today=DAY) == ("close-refused",)
