"""Materials: the monthly cycle, the request, the archive and its key, the print plan."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merilo import law
from merilo.law import Form
from merilo.materials.rules import (
    STEP_WORDS,
    Contact,
    Counts,
    Opening,
    RequestRow,
    Step,
    archive_lead,
    copies_in_all,
    cycle_of,
    earliest_test_by_materials,
    key_release,
    material_cycle,
    may_open_archive,
    print_plan,
    print_plans,
    reasons_against_request,
    request_sent_for,
    request_timing,
)
from rules.reading import cases, holds, profile_of

PRIMORYE = law.profile("primorye-2025")
LOCAL = ZoneInfo("Asia/Vladivostok")
TEST_ON = date(2025, 6, 18)
CONTACT = {
    "name": "Ким А. Л.",
    "position": "секретарь",
    "phone": "+7 (423) 240-00-00",
    "email": "kim@school.example",
}


def at(text):
    moment = datetime.fromisoformat(text.replace(" +", "+"))
    return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)


def ask_cycle_of(profile, *, month):
    cycle = cycle_of(tuple(month), profile)
    return [
        cycle.mouo_until,
        cycle.rcoi_until,
        cycle.ministry_until,
        cycle.materials_by,
        cycle.first_test_on,
    ]


def ask_request(profile, *, rows, scheduled=(date(2025, 7, 8),)):
    usual = {"org": "Лицей", "test_on": date(2025, 7, 8), "total": 5, "copies": 5}
    usual |= {"by_grade": {1: 3, 10: 2}, "contact": CONTACT}
    rows = [usual | row for row in rows]
    read = [RequestRow(**row | {"contact": Contact(**row["contact"])}) for row in rows]
    return reasons_against_request(
        read, month=(2025, 6), scheduled={("Лицей", day) for day in scheduled}, profile=profile
    )


def ask_archive(profile, *, test_start, received_at=None):
    received = at(received_at) if received_at else None
    return archive_lead(at(test_start), received_at=received, profile=profile)


def ask_key(profile, *, published_at=None, now=None, tz=None):
    return key_release(
        TEST_ON,
        at(published_at) if published_at else None,
        now=datetime.fromisoformat(now) if now else None,
        tz=ZoneInfo(tz) if tz else None,
        profile=profile,
    )


def ask_open(profile, **change):
    wish = {"by_testing_org": True, "own": True, "received": True, "key_published": True}
    return may_open_archive(Opening(TEST_ON, **wish | change), profile=profile)


def ask_print(profile, *, grade, form, counts, **more):
    plan = print_plan(grade, Form(form), Counts(*counts), on=TEST_ON, profile=profile, **more)
    return plan.total


ASK = {
    "cycle": lambda profile, **facts: material_cycle(profile=profile, **facts),
    "cycle_of": ask_cycle_of,
    "sent_for": lambda profile, session_on: request_sent_for(session_on, profile),
    "timing": lambda profile, step, month, **facts: request_timing(
        Step(step), tuple(month), profile=profile, **facts
    ),
    "request": ask_request,
    "archive": ask_archive,
    "key": ask_key,
    "open": ask_open,
    "print": ask_print,
}


@pytest.mark.parametrize("case", cases("materials"))
def test_the_case(case):
    holds(ASK[case["ask"]](profile_of(case), **case["given"]), case["then"])


def test_every_step_has_its_words():
    assert STEP_WORDS.keys() == set(Step)


def test_tc_056_two_grades_of_a_day_have_two_plans():
    grades = {
        2: (Form.ORAL_WRITTEN, Counts(2, 1, 3, 5, 5)),
        1: (Form.ORAL, Counts(1, 0, 2, 3, 0)),
    }
    plans = print_plans(grades, on=TEST_ON, profile=PRIMORYE)
    assert [(plan.grade, plan.total) for plan in plans] == [(1, 12), (2, 37)]
    assert copies_in_all(plans) == 49


def test_tc_054_the_plan_of_an_oral_form_names_no_written_item():
    plan = print_plan(1, Form.ORAL, Counts(9, 9, 9, 9, 9), on=TEST_ON, profile=PRIMORYE)
    assert {row.part for row in plan.rows} == {"oral", "both"}


counts = st.builds(Counts, *[st.integers(0, 30)] * 5)


@given(counts, counts, st.sampled_from(list(Form)))
def test_a_plan_for_more_people_is_the_sum_of_the_plans(one, other, form):
    both = Counts(*(a + b for a, b in zip(vars(one).values(), vars(other).values(), strict=True)))
    totals = [
        print_plan(3, form, people, on=TEST_ON, profile=PRIMORYE).total
        for people in (one, other, both)
    ]
    assert totals[0] + totals[1] == totals[2]


bookings = st.dates(date(2025, 4, 21), date(2026, 11, 30))


@given(bookings, st.integers(0, 40))
def test_booking_later_never_brings_materials_sooner(booked_on, later):
    first = earliest_test_by_materials(booked_on, profile=PRIMORYE)
    second = earliest_test_by_materials(
        min(booked_on + timedelta(days=later), date(2026, 11, 30)), profile=PRIMORYE
    )
    assert booked_on < first <= second


@given(st.dates(date(2025, 4, 21), date(2026, 9, 30)), st.integers(1, 90))
def test_a_booking_made_before_the_request_of_a_day_has_materials_for_it(booked_on, later):
    test_on = booked_on + timedelta(days=later)
    in_time = booked_on <= request_sent_for(test_on, PRIMORYE)
    assert in_time is (test_on >= earliest_test_by_materials(booked_on, profile=PRIMORYE))
