"""The ministry draws up a schedule, approves it, and changes it as the order allows."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from booking.builders_booking import (
    NEXT_TEST_DAY,
    TEST_DAY,
    a_booking,
    a_referral,
    a_schedule,
    a_session,
    book,
)
from builders import NOW, TODAY, an_account, viewer_of
from merilo.admissions.rules import ApplicationState, ReferralState
from merilo.booking import actions, queries
from merilo.booking.models import Booking, Schedule, TestSession
from merilo.booking.rules import BookingState, ScheduleState, SessionState
from merilo.casework.models import Duty, Notice
from merilo.law import Refused
from merilo.registry.access import Forbidden, Role


def codes(refused) -> set[str]:
    return {one.code for one in refused.value.refusals}


def add(region, schedule, **fields):
    return actions.add_session(
        **{
            "schedule_id": schedule.pk,
            "testing_org_id": region.testing_org.pk,
            "place_id": region.place.pk,
            "held_on": TEST_DAY,
            "starts_at": time(10, 0),
            "grades": [1, 2],
            "capacity": 12,
            "actor": region.viewer("ministry"),
            "now": NOW,
        }
        | fields
    )


def edit(region, session, **fields):
    return actions.edit_session(
        **{
            "session_id": session.pk,
            "place_id": session.place_id,
            "held_on": session.held_on,
            "starts_at": session.starts_at,
            "grades": session.grades,
            "capacity": session.capacity,
            "actor": region.viewer("ministry"),
            "now": NOW,
        }
        | fields
    )


def approve(region, schedule, **fields):
    return actions.approve_schedule(
        **{
            "schedule_id": schedule.pk,
            "order_ref": "№ 23а-200 от 13.03.2026",
            "approved_on": date(2026, 3, 13),
            "actor": region.viewer("ministry"),
            "now": NOW,
        }
        | fields
    )


def test_a_schedule_is_drawn_up_and_approved_by_an_order(region):
    schedule = actions.create_schedule(
        year=2026, title="Весна 2026", actor=region.viewer("ministry"), now=NOW
    )
    assert add(region, schedule).warnings == ()

    approve(region, schedule)

    schedule.refresh_from_db()
    assert schedule.state == ScheduleState.APPROVED
    assert schedule.order_ref == "№ 23а-200 от 13.03.2026"
    duties = {d.kind: d.due_on for d in Duty.objects.filter(subject=f"schedule:{schedule.pk}")}
    assert duties == {
        "publish-schedule": date(2026, 3, 18),
        "inform-minpros": date(2026, 3, 18),  # TC-128: three working days
    }


def test_an_empty_schedule_or_one_without_an_order_is_not_approved(region):
    with pytest.raises(Refused) as refused:
        approve(region, a_schedule(approved=False), order_ref=" ", approved_on=date(2026, 3, 20))
    assert codes(refused) == {
        "booking.schedule-empty",
        "booking.order-needed",
        "booking.order-in-future",
    }


def test_a_schedule_is_not_approved_twice(region):
    a_session(region)
    with pytest.raises(Refused) as refused:
        approve(region, Schedule.objects.get())
    assert "booking.schedule-approved" in codes(refused)


def test_the_duties_of_a_schedule_go_when_they_are_noted(region):
    schedule = a_schedule(approved=False)
    add(region, schedule)
    approve(region, schedule)
    ministry = region.viewer("ministry")

    with pytest.raises(Refused) as refused:
        actions.note_published(
            schedule_id=schedule.pk, on=date(2026, 3, 12), actor=ministry, now=NOW
        )
    assert codes(refused) == {"booking.noted-before-approval"}

    actions.note_published(schedule_id=schedule.pk, on=TODAY, actor=ministry, now=NOW)
    actions.note_minpros_informed(schedule_id=schedule.pk, on=TODAY, actor=ministry, now=NOW)
    assert not Duty.objects.exists()

    with pytest.raises(Refused) as refused:
        actions.note_published(schedule_id=schedule.pk, on=TODAY, actor=ministry, now=NOW)
    assert codes(refused) == {"booking.already-noted"}


def test_a_doubtful_day_is_accepted_with_warnings_that_are_kept(region):
    changed = add(
        region,
        a_schedule(approved=False),
        held_on=date(2026, 4, 11),  # TC-030: a Saturday is allowed when the schedule says so
        capacity=40,
        results_official_on=date(2026, 4, 15),
    )
    told = {one.code for one in changed.warnings}
    assert told == {
        "booking.day-off",
        "booking.more-than-workplaces",
        "booking.appeal-window-may-expire",
    }
    assert {one["code"] for one in changed.session.warnings} == told


def test_everything_wrong_in_a_day_is_said_at_once(region):
    schedule = a_schedule(approved=False)
    add(region, schedule, held_on=date(2026, 4, 10))
    with pytest.raises(Refused) as refused:
        add(
            region,
            schedule,
            held_on=date(2026, 3, 16),
            grades=[0, 12],
            capacity=0,
            testing_org_id=region.far_school.pk,
            results_official_on=date(2026, 3, 13),
        )
    assert codes(refused) == {
        "booking.no-grades",
        "booking.no-capacity",
        "booking.place-of-others",
        "booking.day-in-past",
        "booking.results-before-test",
    }
    with pytest.raises(Refused) as refused:
        add(region, schedule)
    assert codes(refused) == {"booking.session-twice"}


def test_a_day_in_a_year_without_a_calendar_is_accepted_with_a_warning(region):
    changed = add(region, a_schedule(approved=False), held_on=date(2027, 2, 1))
    assert [one.code for one in changed.warnings] == ["booking.calendar-not-published"]


def test_an_approved_schedule_takes_no_ordinary_day(region):
    with pytest.raises(Refused) as refused:
        add(region, a_schedule())
    assert codes(refused) == {"booking.schedule-approved"}


def test_places_never_go_below_those_taken(region):
    session = a_session(region, capacity=3)
    for _ in range(2):
        book(region, a_referral(region), session)

    with pytest.raises(Refused) as refused:
        edit(region, session, capacity=1)
    assert codes(refused) == {"booking.capacity-below-taken"}

    assert edit(region, session, capacity=2).session.capacity == 2


def test_a_grade_with_bookings_stays_and_an_approved_day_keeps_its_date(region):
    booking = a_booking(region)
    with pytest.raises(Refused) as refused:
        edit(region, booking.session, grades=[1], held_on=NEXT_TEST_DAY)
    assert codes(refused) == {"booking.grades-booked", "booking.day-is-fixed"}


def test_tc128_a_change_of_an_approved_day_is_told_to_the_federal_ministry(region):
    session = a_session(region, grades=[1, 2])
    edit(region, session, capacity=20)
    assert not Duty.objects.exists()  # places are ours to count: the order does not name them

    changed = edit(region, session, grades=[1, 2, 3]).session
    duty = Duty.objects.get(kind="inform-minpros-of-date")
    assert duty.due_on == date(2026, 3, 19)

    actions.note_minpros_informed(
        session_id=changed.pk, on=TODAY, actor=region.viewer("ministry"), now=NOW
    )
    assert not Duty.objects.exists()


def test_a_draft_day_may_be_moved_and_taken_out(region):
    session = a_session(region, schedule=a_schedule(approved=False))
    assert edit(region, session, held_on=NEXT_TEST_DAY).session.held_on == NEXT_TEST_DAY

    actions.remove_session(session_id=session.pk, actor=region.viewer("ministry"), now=NOW)
    assert TestSession.objects.get().state == SessionState.CANCELLED

    with pytest.raises(Refused) as refused:
        actions.remove_session(session_id=session.pk, actor=region.viewer("ministry"), now=NOW)
    assert codes(refused) == {"booking.session-not-planned"}
    with pytest.raises(Refused) as refused:
        edit(region, TestSession.objects.get())
    assert codes(refused) == {"booking.session-not-planned"}


def test_an_approved_day_is_postponed_not_taken_out(region):
    booking = a_booking(region)
    with pytest.raises(Refused) as refused:
        actions.remove_session(
            session_id=booking.session_id, actor=region.viewer("ministry"), now=NOW
        )
    assert codes(refused) == {"booking.day-is-fixed", "booking.session-still-booked"}


# --- postponing and the additional date ----------------------------------------------------------


def postpone(region, session, reason="затоплен пункт", now=NOW):
    return actions.postpone_session(
        session_id=session.pk, reason=reason, actor=region.viewer("ministry"), now=now
    )


def additional(region, replaced=None, *, who="ministry", now=NOW, **fields):
    return actions.add_additional_date(
        **{
            "schedule_id": Schedule.objects.get().pk,
            "testing_org_id": region.testing_org.pk,
            "place_id": region.place.pk,
            "held_on": date(2026, 4, 14),
            "starts_at": time(10, 0),
            "grades": [2],
            "capacity": 5,
            "reason": "затоплен пункт",
            "replaces_id": replaced.pk if replaced else None,
            "actor": region.viewer(who),
            "now": now,
        }
        | fields
    )


def test_tc026_people_of_a_postponed_day_are_moved_without_a_new_wait(region):
    session = a_session(region)
    bookings = [a_booking(region, session) for _ in range(3)]
    day_before = NOW + timedelta(
        days=24
    )  # 9 April: neither seven working days nor the term are left

    postpone(region, session, now=day_before)

    session.refresh_from_db()
    assert (session.state, session.taken) == (SessionState.POSTPONED, 0)
    assert {b.state for b in Booking.objects.all()} == {BookingState.RESCHEDULED}
    letters = Notice.objects.filter(template="booking-postponed")
    assert letters.count() == 3
    assert "затоплен пункт" in letters[0].body
    duty = Duty.objects.get(kind="set-additional-date")
    assert duty.detail == "Ждут новой даты: 3"
    assert Duty.objects.filter(kind="inform-minpros-of-date").get().due_on == date(2026, 4, 14)

    changed = additional(region, session, now=day_before)

    assert changed.moved == 3
    assert changed.session.is_additional
    live = Booking.objects.filter(state=BookingState.CONFIRMED)
    assert {b.session_id for b in live} == {changed.session.pk}
    assert {b.moved_from_id for b in live} == {b.pk for b in bookings}
    assert {b.referral.state for b in live} == {ReferralState.BOOKED}
    assert {b.referral.application.state for b in live} == {ApplicationState.AWAITING_RESULT}
    assert Notice.objects.filter(template="booking-moved").count() == 3
    assert not Duty.objects.filter(kind="set-additional-date").exists()
    assert changed.session.replaces_id == session.pk


def test_the_clock_does_not_annul_those_who_wait_for_a_new_day(region):
    session = a_session(region)
    booking = a_booking(region, session)
    postpone(region, session)

    from merilo.registry.access import Viewer

    later = NOW + timedelta(days=40)
    assert actions.expire_due(actor=Viewer.system(), now=later) == 0
    booking.referral.refresh_from_db()
    assert booking.referral.state == ReferralState.BOOKED


def test_one_who_waits_may_choose_an_ordinary_day_himself(region):
    session = a_session(region)
    booking = a_booking(region, session)
    other = a_session(region, NEXT_TEST_DAY)
    week_before = NOW + timedelta(days=28)
    postpone(region, session, now=week_before)

    made = book(region, booking.referral, other, now=week_before)

    assert made.booking.moved_from_id == booking.pk
    assert not Duty.objects.filter(kind="set-additional-date").exists()


def test_those_who_do_not_fit_go_on_waiting(region):
    session = a_session(region)
    first, second = (a_booking(region, session) for _ in range(2))
    postpone(region, session)

    changed = additional(region, session, capacity=1)

    assert changed.moved == 1
    assert "booking.not-all-fit" in {one.code for one in changed.warnings}
    assert Booking.objects.get(state=BookingState.CONFIRMED).referral_id == first.referral_id
    assert list(queries.waiting_for_new_day(session.pk)) == [Booking.objects.get(pk=second.pk)]
    assert Duty.objects.get(kind="set-additional-date").detail == "Ждут новой даты: 1"


@pytest.mark.parametrize("who", ["mouo", "rcoi", "testing_org", "school"])
def test_tc027_only_the_ministry_sets_an_additional_date(region, who):
    a_schedule()
    with pytest.raises(Forbidden):
        additional(region, who=who)


def test_an_additional_date_needs_a_reason_and_an_approved_schedule(region):
    session = a_session(region, schedule=a_schedule(approved=False))
    with pytest.raises(Refused) as refused:
        additional(region, session, reason=" ")
    assert codes(refused) == {
        "booking.additional-date-needs-reason",
        "booking.schedule-not-approved",
        "booking.nothing-to-replace",
    }


def test_an_additional_date_may_stand_for_no_day_at_all(region):
    a_schedule()
    changed = additional(region)
    assert (changed.moved, changed.session.replaces_id) == (0, None)
    actions.note_minpros_informed(
        session_id=changed.session.pk, on=TODAY, actor=region.viewer("ministry"), now=NOW
    )
    assert not Duty.objects.exists()


def test_postponing_needs_a_reason_and_happens_once(region):
    session = a_session(region)
    with pytest.raises(Refused) as refused:
        postpone(region, session, reason="  ")
    assert codes(refused) == {"booking.postponing-needs-reason"}
    postpone(region, session)
    with pytest.raises(Refused) as refused:
        postpone(region, session)
    assert codes(refused) == {"booking.session-not-planned"}


# --- who sees what -------------------------------------------------------------------------------


def test_a_draft_is_seen_by_the_ministry_alone(region):
    a_session(region, schedule=a_schedule(approved=False))
    for who in ("school", "testing_org", "mouo", "rcoi", "auditor", "chair"):
        viewer = region.viewer(who)
        assert not queries.schedules_visible_to(viewer).exists(), who
        assert not queries.sessions_visible_to(viewer).exists(), who
        assert not queries.published_sessions(viewer).exists(), who
    ministry = region.viewer("ministry")
    assert queries.schedules_visible_to(ministry).count() == 1
    assert queries.sessions_visible_to(ministry).count() == 1


def test_the_approved_schedule_is_read_by_all_and_worked_with_by_its_own(region):
    session = a_session(region)
    seen = {
        who: queries.sessions_visible_to(region.viewer(who)).count()
        for who in (
            "school",
            "far_school",
            "testing_org",
            "chair",
            "mouo",
            "other_mouo",
            "rcoi",
            "ministry",
            "auditor",
            "admin",
        )
    }
    assert seen == {
        "school": 1,
        "far_school": 1,
        "testing_org": 1,
        "chair": 1,
        "mouo": 1,
        "other_mouo": 0,
        "rcoi": 1,
        "ministry": 1,
        "auditor": 1,
        "admin": 0,
    }
    assert list(queries.published_sessions(region.viewer("other_mouo"))) == [session]
    stranger = viewer_of(an_account("far_to", region.far_school, Role.TESTING_ORG))
    assert not queries.sessions_visible_to(stranger).exists()


def test_capacity_is_added_up_by_month_and_municipality(region):
    a_session(region, capacity=10, taken=0)
    a_session(region, NEXT_TEST_DAY, capacity=5)
    a_session(region, date(2026, 5, 15), capacity=7)
    rows = queries.capacity_by_month(region.viewer("ministry"))
    assert [(r["month"], r["territory"], r["days"], r["places"], r["free"]) for r in rows] == [
        (date(2026, 4, 1), "Владивостокский", 2, 15, 15),
        (date(2026, 5, 1), "Владивостокский", 1, 7, 7),
    ]
