"""Booking: who may take which seat and when; what a schedule may hold."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merilo import law
from merilo.admissions.rules import (
    ApplicationState,
    Category,
    NoShowFacts,
    NoShowReason,
    ReferralState,
)
from merilo.booking import rules
from merilo.booking.rules import (
    BookingState,
    CaseFacts,
    DayFacts,
    InPerson,
    PlaceFacts,
    ReferralFacts,
    ScheduleState,
    SessionFacts,
    SessionState,
)
from rules.reading import cases, codes, holds, profile_of

PRIMORYE = law.profile("primorye-2025")
FEDERAL = law.profile("federal")
RECEIVED = date(2025, 4, 25)


def a_referral(**fields) -> ReferralFacts:
    state = ReferralState(fields.pop("state", "delivered"))
    category = Category(fields.pop("category", "GENERAL"))
    failed_on = tuple(fields.pop("failed_on", ()))
    if "missed" in fields:
        missed = {"missed_on": date(2025, 5, 6)} | fields["missed"]
        if "reason" in missed:
            missed["reason"] = NoShowReason(missed["reason"])
        fields["missed"] = NoShowFacts(**missed)
    return ReferralFacts(
        **{
            "state": state,
            "received_on": RECEIVED,
            "grade": 2,
            "category": category,
            "testing_org": 1,
            "attempt_no": 1,
            "of_age": False,
            "failed_on": failed_on,
        }
        | fields
    )


def case_facts(given) -> CaseFacts:
    """A case with a delivered referral to the first organisation, nobody booked."""
    referral = given.get("referral", "delivered")
    return CaseFacts(
        state=ApplicationState(given.get("state", "referred")),
        referral=ReferralState(referral) if referral else None,
        category=Category(given.get("category", "GENERAL")),
        grade=2,
        testing_org=1,
        booked_on=given.get("booked_on"),
        special_needs=given.get("special_needs", False),
    )


def a_session(**fields) -> SessionFacts:
    state = SessionState(fields.pop("state", "planned"))
    grades = frozenset(fields.pop("grades", range(1, 12)))
    next_days = tuple(fields.pop("next_days", ()))
    return SessionFacts(
        **{
            "held_on": date(2025, 6, 6),
            "grades": grades,
            "testing_org": 1,
            "free_places": 3,
            "state": state,
            "next_days": next_days,
        }
        | fields
    )


def ask(case):
    profile, facts = profile_of(case), dict(case["given"])
    match case["ask"]:
        case "book":
            return rules.reasons_against_booking(
                a_referral(**facts.get("referral", {})),
                a_session(**facts.get("session", {})),
                booked_on=facts.get("booked_on", RECEIVED + timedelta(days=3)),
                in_person=InPerson(facts.get("in_person", "representative")),
                identity_seen=facts.get("identity_seen", True),
                profile=profile,
            )
        case "change":
            state = BookingState(facts.pop("state", "confirmed"))
            facts = {"changes": 0} | facts
            return rules.reasons_against_change(state, **facts, profile=profile)
        case "cancel":
            return rules.reasons_against_cancelling(
                BookingState.CONFIRMED, **facts, profile=profile
            )
        case "day":
            grades = tuple(facts.pop("grades", (1, 2)))
            day = DayFacts(
                **({"held_on": date(2025, 6, 6), "grades": grades, "capacity": 12} | facts)
            )
            return rules.reasons_against_day(day, today=date(2025, 5, 5), profile=profile)
        case "additional":
            facts["schedule"] = ScheduleState(facts.get("schedule", "approved"))
            if "replaced" in facts:
                facts["replaced"] = SessionState(facts["replaced"])
            facts = {"by_ministry": True, "reason": "авария"} | facts
            return rules.reasons_against_additional_date(
                **facts, on=date(2025, 6, 6), profile=profile
            )
        case "elsewhere":
            return rules.reasons_against_replacing(
                case_facts(facts), on=date(2026, 3, 16), profile=profile
            )
        case "place":
            place = {"testing_org": 2, "listed": True, "free_days": 3} | facts.get("place", {})
            return rules.reasons_against_place(
                case_facts(facts),
                PlaceFacts(**place),
                note=facts.get("note", "авария"),
                on=date(2026, 3, 16),
                profile=profile,
            )
        case "approve":
            state = ScheduleState(facts.pop("state", "draft"))
            facts = {"sessions": 3, "order_ref": "№ 1"} | facts
            return rules.reasons_against_approving(**facts, state=state)


@pytest.mark.parametrize("case", cases("booking"))
def test_case(case):
    holds(ask(case), case["then"])


def test_every_refusal_of_a_number_of_law_names_its_paragraph():
    reasons = rules.reasons_against_booking(
        a_referral(failed_on=[date(2025, 5, 20)]),
        a_session(held_on=date(2025, 5, 14), testing_org=2),
        booked_on=date(2025, 5, 13),
        in_person=InPerson.NOBODY,
        profile=PRIMORYE,
    )
    found = {one.code: one.source for one in reasons}
    for code in (
        "booking.not-in-person",
        "booking.window-closed",
        "booking.too-early",
        "booking.retest-too-early",
        "booking.other-testing-org",
        "materials.no-reserve-kit",
    ):
        assert found[code] is not None, code
        assert found[code].paragraph


# --- the schedule --------------------------------------------------------------------------------


def edited(**fields):
    return codes(
        rules.reasons_against_editing(
            **{
                "schedule": ScheduleState.DRAFT,
                "state": SessionState.PLANNED,
                "moved": False,
                "capacity": 5,
                "taken": 0,
                "grades": frozenset({1, 2}),
                "booked_grades": frozenset(),
                "state_name": "по расписанию",
            }
            | fields
        )
    )


def test_what_may_be_changed_in_a_day():
    assert edited() == []
    assert edited(moved=True) == []
    assert edited(moved=True, schedule=ScheduleState.APPROVED) == ["booking.day-is-fixed"]
    assert edited(taken=6) == ["booking.capacity-below-taken"]
    assert edited(booked_grades=frozenset({2, 3})) == ["booking.grades-booked"]
    assert edited(state=SessionState.POSTPONED) == ["booking.session-not-planned"]


def test_an_ordinary_day_enters_a_draft_only():
    assert codes(rules.reasons_against_adding(ScheduleState.DRAFT)) == []
    assert codes(rules.reasons_against_adding(ScheduleState.APPROVED)) == [
        "booking.schedule-approved"
    ]


def removed(state=SessionState.PLANNED, schedule=ScheduleState.DRAFT, taken=0):
    return codes(
        rules.reasons_against_removing(state, schedule, taken=taken, state_name="перенесён")
    )


def test_a_day_is_taken_out_of_a_draft_only():
    assert removed() == []
    assert removed(schedule=ScheduleState.APPROVED, taken=2) == [
        "booking.day-is-fixed",
        "booking.session-still-booked",
    ]
    assert removed(SessionState.CANCELLED) == ["booking.session-not-planned"]


def postponed(state=SessionState.PLANNED, reason="авария"):
    return codes(
        rules.reasons_against_postponing(
            state, reason, state_name="снят", on=date(2025, 6, 6), profile=PRIMORYE
        )
    )


def test_a_day_is_postponed_once_and_with_a_reason():
    assert postponed() == []
    assert postponed(reason="") == ["booking.postponing-needs-reason"]
    assert postponed(SessionState.POSTPONED) == ["booking.session-not-planned"]


def noted(approved_on, noted_on, on, today=date(2025, 6, 6)):
    return codes(rules.reasons_against_noting(approved_on, noted_on, on=on, today=today))


def test_publication_and_the_letter_are_noted_once_after_the_order():
    first, later = date(2025, 6, 2), date(2025, 6, 4)
    assert noted(first, None, later) == []
    assert noted(first, later, later) == ["booking.already-noted"]
    assert noted(None, None, later) == ["booking.schedule-not-approved"]
    assert noted(later, None, first) == ["booking.noted-before-approval"]
    assert noted(first, None, date(2025, 6, 7)) == ["booking.noted-before-approval"]


def test_an_order_of_tomorrow_does_not_approve():
    today = date(2025, 6, 6)
    assert codes(rules.reasons_against_order_date(today, today=today)) == []
    assert codes(rules.reasons_against_order_date(date(2025, 6, 7), today=today)) == [
        "booking.order-in-future"
    ]


def test_tc128_the_federal_ministry_is_told_within_three_working_days():
    due, value = rules.minpros_due(date(2025, 6, 6), PRIMORYE)
    assert (due, value.value) == (date(2025, 6, 11), 3)
    due, value = rules.publication_due(date(2025, 6, 6), PRIMORYE)
    assert due == date(2025, 6, 11)


def test_every_booking_is_decided_under_the_values_it_was_asked_by():
    names = [v.name for v in rules.values_of_booking(a_referral(), RECEIVED, PRIMORYE)]
    assert names == [
        "booking.min_lead_wd",
        "booking.in_person",
        "booking.place",
        "materials.policy",
        "booking.window_wd",
    ]
    again = a_referral(failed_on=[date(2025, 1, 1)], received_on=None)
    names = [v.name for v in rules.values_of_booking(again, RECEIVED, PRIMORYE)]
    assert names[-2:] == ["retest.min_months", "retest.base"]


def test_a_reserve_kit_is_needed_before_the_materials_of_the_request():
    assert rules.needs_reserve_kit(date(2025, 6, 19), date(2025, 7, 8), 2, profile=PRIMORYE)
    assert not rules.needs_reserve_kit(date(2025, 6, 17), date(2025, 7, 8), 2, profile=PRIMORYE)


# --- states --------------------------------------------------------------------------------------


def test_every_state_has_words_and_a_row_of_transitions():
    for states, transitions, names in (
        (ScheduleState, rules.SCHEDULE_TRANSITIONS, rules.SCHEDULE_NAMES),
        (SessionState, rules.SESSION_TRANSITIONS, rules.SESSION_NAMES),
        (BookingState, rules.TRANSITIONS, rules.STATE_NAMES),
    ):
        assert set(transitions) == set(names) == set(states)
    assert set(rules.IN_PERSON_NAMES) == set(InPerson)


def test_only_a_live_booking_changes_and_whoever_came_or_not_keeps_the_seat():
    for state, to in rules.TRANSITIONS.items():
        assert bool(to) == (state in (BookingState.CONFIRMED, BookingState.CHECKED_IN))
    assert rules.TRANSITIONS[BookingState.CHECKED_IN] == {BookingState.RESCHEDULED}, "R1.3.4"
    assert {
        BookingState.CONFIRMED,
        BookingState.CHECKED_IN,
        BookingState.NO_SHOW,
        BookingState.NOT_ADMITTED,
    } == rules.HOLDS_SEAT


def test_duties_have_a_title_and_a_page():
    for title, page in rules.DUTY_TITLES.values():
        assert title and page


# --- properties ----------------------------------------------------------------------------------

days = st.dates(date(2025, 4, 21), date(2026, 11, 30))


@given(days)
def test_the_earliest_day_is_so_many_working_days_away(booked_on):
    earliest, lead = rules.earliest_by_notice(booked_on, PRIMORYE)
    assert PRIMORYE.days.between(booked_on, earliest) == lead.value
    assert PRIMORYE.days.is_working(earliest)


@given(days, st.integers(0, 40))
def test_booking_later_never_gives_an_earlier_day(booked_on, later):
    then = min(booked_on + timedelta(days=later), date(2026, 11, 30))
    first, _ = rules.earliest_by_notice(booked_on, PRIMORYE)
    second, _ = rules.earliest_by_notice(then, PRIMORYE)
    assert first <= second


@given(days)
def test_without_a_lead_time_the_day_of_booking_is_day_zero(booked_on):
    earliest, lead = rules.earliest_by_notice(booked_on, FEDERAL)
    assert lead.value == 0
    assert earliest == booked_on


@given(days, st.integers(1, 60), st.integers(0, 3), st.booleans())
def test_a_later_day_of_the_same_kind_is_never_refused_where_an_earlier_one_is_not(
    booked_on, ahead, kits, failed
):
    """More waiting never hurts: materials, lead and retest only ask for patience."""
    referral = a_referral(
        received_on=booked_on, failed_on=[booked_on - timedelta(days=60)] if failed else []
    )

    def against(day):
        return codes(
            rules.reasons_against_session(
                referral,
                a_session(held_on=day, free_reserve_kits=kits),
                booked_on=booked_on,
                profile=PRIMORYE,
            )
        )

    day = booked_on + timedelta(days=ahead)
    if not against(day):
        assert not against(day + timedelta(days=1))
