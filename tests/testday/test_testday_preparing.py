"""The commission, the duties, what was made ready, and what keeps the day from starting."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from builders import NOW, TODAY
from merilo.booking.rules import SessionState
from merilo.casework.models import Duty
from merilo.foundation.journal.models import JournalEntry
from merilo.law import Refused
from merilo.registry import queries as registry
from merilo.registry.access import Forbidden
from merilo.testday import actions, queries
from merilo.testday.models import Commission, DayAssignment, Incident, SessionDay
from merilo.testday.rules import DayRole, OralScheme
from testday.builders_testday import (
    a_booking,
    a_commission,
    a_day,
    a_session,
    at,
    position,
    usual_duties,
    variants,
)

pytestmark = pytest.mark.django_db


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {reason.code for reason in refused.value.refusals}


def test_a_commission_of_two_is_not_approved(region):
    with pytest.raises(Refused) as refused:
        a_commission(region, ("chair", "expert"))
    assert codes(refused) == {"testday.commission-too-small"}
    assert not Commission.objects.exists()


def test_little_experience_and_doubts_are_told_but_do_not_stop(region):
    people = [position(region, who).pk for who in ("chair", "conductor", "expert")]
    _row, warnings = actions.approve_commission(
        order_ref="приказ № 1",
        approved_on=date(2026, 1, 15),
        members=[
            actions.Membership(people[0], is_chair=True, experience_years=10),
            actions.Membership(people[1], experience_years=1),
            actions.Membership(people[2], qualified=False),
        ],
        actor=region.viewer("testing_org"),
        now=NOW,
    )
    assert [one.code for one in warnings] == ["testday.little-experience", "testday.not-qualified"]


def test_every_fault_of_an_order_is_named_at_once(region):
    a_commission(region)
    foreign = region.accounts["school"].positions.get().pk
    with pytest.raises(Refused) as refused:
        actions.approve_commission(
            order_ref="приказ № 14",
            approved_on=date(2026, 1, 15),
            members=[actions.Membership(foreign), actions.Membership(foreign)],
            actor=region.viewer("testing_org"),
            now=NOW,
        )
    assert codes(refused) == {
        "testday.order-taken",
        "testday.commission-too-small",
        "testday.chair-not-member",
        "testday.member-twice",
        "testday.not-of-the-organisation",
    }


def test_a_member_of_the_commission_may_not_approve_it(region):
    with pytest.raises(Forbidden):
        actions.approve_commission(
            order_ref="1", approved_on=TODAY, members=[], actor=region.viewer("chair"), now=NOW
        )


def test_a_dissolved_commission_is_not_given_a_later_day(region):
    session = a_session(region)
    commission = a_commission(region)
    org = region.viewer("testing_org")
    actions.dissolve_commission(
        commission_id=commission.pk, dissolved_on=TODAY, actor=org, now=NOW
    )
    day = actions.open_day(session_id=session.pk, actor=org, now=NOW)
    with pytest.raises(Refused) as refused:
        actions.staff_day(
            day_id=day.pk,
            commission_id=commission.pk,
            duties=[],
            staffing_order="",
            oral_scheme=OralScheme.LIVE,
            actor=org,
            now=NOW,
        )
    assert codes(refused) == {"testday.commission-dissolved"}


def test_opening_a_day_twice_gives_the_same_day(region):
    session, org = (
        a_session(region, held_on=TODAY + timedelta(days=4)),
        region.viewer("testing_org"),
    )
    first = actions.open_day(session_id=session.pk, actor=org, now=NOW)
    assert actions.open_day(session_id=session.pk, actor=org, now=NOW) == first
    assert Duty.objects.get().kind == "staff-day"


def test_a_day_that_has_come_with_nobody_booked_owes_nothing(region):
    session, org = (
        a_session(region, held_on=TODAY + timedelta(days=4)),
        region.viewer("testing_org"),
    )
    day = actions.open_day(session_id=session.pk, actor=org, now=NOW)
    assert Duty.objects.count() == 1
    actions.look_again(day_id=day.pk, actor=org, now=NOW + timedelta(days=4))
    assert not Duty.objects.exists()


def test_the_clock_opens_the_days_that_come_near_and_no_others(region):
    near = a_session(region, held_on=TODAY + timedelta(days=4))
    a_session(region, held_on=TODAY + timedelta(days=40))
    gone = a_session(region, held_on=TODAY + timedelta(days=5))
    gone.state = SessionState.CANCELLED
    gone.save()
    assert actions.open_upcoming_days(now=NOW) == 1
    assert actions.open_upcoming_days(now=NOW) == 0
    assert SessionDay.objects.get().session == near


def test_days_that_come_near_are_counted_where_the_region_is(region):
    a_session(region, held_on=TODAY + timedelta(days=15))
    noon = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
    assert actions.open_upcoming_days(now=noon) == 0
    # 15:00 UTC is one in the morning of the next day in Vladivostok.
    assert actions.open_upcoming_days(now=noon + timedelta(hours=3)) == 1


def test_a_day_the_ministry_put_off_is_owed_by_nobody(region):
    day = a_day(region)
    day.session.state = SessionState.POSTPONED
    day.session.save()
    assert Duty.objects.filter(subject=f"sessionday:{day.row.pk}").exists()
    assert actions.open_upcoming_days(now=NOW) == 1
    assert day.again().state == "postponed_tech"
    assert not Duty.objects.filter(subject=f"sessionday:{day.row.pk}").exists()
    assert actions.open_upcoming_days(now=NOW) == 0


def test_an_incomplete_list_of_duties_is_kept_and_the_day_stays_planned(region):
    day = a_day(region, duties=[])
    assert day.row.state == "planned"
    assert Duty.objects.get(subject=f"sessionday:{day.row.pk}").kind == "staff-day"


def test_the_expert_of_his_own_conversation_is_refused(region):
    """TC-058."""
    session = a_session(region)
    a_booking(region, session)
    org = region.viewer("testing_org")
    day = actions.open_day(session_id=session.pk, actor=org, now=NOW)
    commission = a_commission(region)
    room = region.rooms[0].pk
    both = position(region, "conductor").pk
    duties = [
        *usual_duties(region),
        actions.DutyOfDay(both, DayRole.EXPERT, room),
    ]
    with pytest.raises(Refused) as refused:
        actions.staff_day(
            day_id=day.pk,
            commission_id=commission.pk,
            duties=duties,
            staffing_order="",
            oral_scheme=OralScheme.LIVE,
            actor=org,
            now=NOW,
        )
    assert codes(refused) == {"testday.expert-conducts"}
    assert not DayAssignment.objects.exists()


def test_duties_of_the_commission_go_to_its_members_only(region):
    session, org = a_session(region), region.viewer("testing_org")
    day = actions.open_day(session_id=session.pk, actor=org, now=NOW)
    commission = a_commission(region, ("chair", "conductor", "expert"))
    with pytest.raises(Refused) as refused:
        actions.staff_day(
            day_id=day.pk,
            commission_id=commission.pk,
            duties=usual_duties(region),
            staffing_order="",
            oral_scheme=OralScheme.LIVE,
            actor=org,
            now=NOW,
        )
    assert codes(refused) == {"testday.not-in-commission"}, "техник не член комиссии, и это можно"


def test_a_day_of_grade_one_needs_no_conductor_of_the_written_part(region):
    """TC-059."""
    day = a_day(region, people=[{"grade": 1}], duties=usual_duties(region, written=False))
    assert day.row.state == "staffed"
    day.start()
    assert day.again().state == "running"


def test_the_day_does_not_start_with_two_of_the_commission_at_the_place(region):
    """TC-057."""
    day = a_day(region)
    day.make_ready()
    attempt = day.admit(day.bookings[0])
    actions.brief(day_id=day.row.pk, actor=day.org, now=at(9, 40))
    actions.note_present(
        day_id=day.row.pk,
        actor=day.org,
        now=at(9, 45),
        position_ids=[position(region, "chair").pk, position(region, "conductor").pk],
    )
    with pytest.raises(Refused) as refused:
        actions.start_day(day_id=day.row.pk, actor=day.chair, now=at(10))
    assert "testday.commission-too-small" in codes(refused)
    assert day.again().state == "staffed" and attempt.state == "admitted"


def test_nothing_ready_gives_every_reason_at_once(region):
    day = a_day(region)
    with pytest.raises(Refused) as refused:
        actions.start_day(day_id=day.row.pk, actor=day.org, now=at(10, day=date(2026, 3, 15)))
    assert codes(refused) >= {
        "testday.not-the-day",
        "testday.no-chair",
        "testday.commission-too-small",
        "testday.role-missing",
        "testday.audio-not-tested",
        "testday.video-not-tested",
        "testday.room-not-isolated",
        "testday.not-printed",
        "testday.not-briefed",
    }


def test_a_broken_video_device_keeps_the_day_from_starting(region):
    """TC-068."""
    day = a_day(region)
    day.make_ready()
    day.admit(day.bookings[0])
    actions.brief(day_id=day.row.pk, actor=day.org, now=at(9, 40))
    actions.mark_ready(day_id=day.row.pk, what="video", ready=False, actor=day.org, now=at(9, 50))
    with pytest.raises(Refused) as refused:
        actions.start_day(day_id=day.row.pk, actor=day.org, now=at(10))
    assert codes(refused) == {"testday.video-not-tested"}
    assert "смените аудиторию или перенесите день" in str(refused.value)


def test_a_child_with_special_needs_and_no_equipped_place_keeps_the_day_from_starting(region):
    """TC-069."""
    for room in region.rooms:
        room.accessible = False
        room.save()
    day = a_day(region, people=[{"grade": 2, "special_needs": "колясочник"}])
    view = queries.day_view(day.row, profile=registry.active_profile())
    reasons = queries.reasons_against_start(view, today=TODAY, profile=registry.active_profile())
    assert "testday.no-accessible-place" in {reason.code for reason in reasons}


def test_who_made_ready_and_when_is_known(region):
    day = a_day(region)
    actions.mark_ready(
        day_id=day.row.pk, what="audio", actor=region.viewer("chair"), now=at(8, 40)
    )
    made = queries.who_made_ready(day.again())
    assert made["audio"]["by"] == "chair" and made["audio"]["at"] == at(8, 40)


def test_a_replacement_on_the_day_is_written_down_with_its_reason(region):
    day = a_day(region)
    row = day.row.assignments.get(role=DayRole.EXPERT)
    with pytest.raises(Refused):
        actions.replace_on_day(
            assignment_id=row.pk,
            position_id=position(region, "expert2").pk,
            why=" ",
            actor=day.org,
            now=at(8),
        )
    actions.replace_on_day(
        assignment_id=row.pk,
        position_id=position(region, "expert2").pk,
        why="Заболела",
        actor=day.org,
        now=at(8),
    )
    row.refresh_from_db()
    assert row.position == position(region, "expert2") and row.present
    assert Incident.objects.get().text == "Заболела"


def test_a_member_sees_only_the_days_he_works_on(region):
    mine = a_day(region)
    other = a_session(region, held_on=TODAY + timedelta(days=7))
    actions.open_day(session_id=other.pk, actor=region.viewer("testing_org"), now=NOW)
    seen = queries.days_visible_to(region.viewer("chair"))
    assert [day.pk for day in seen] == [mine.row.pk]
    assert queries.days_visible_to(region.viewer("testing_org")).count() == 2
    assert queries.days_visible_to(region.viewer("mouo")).count() == 2
    assert not queries.days_visible_to(region.viewer("other_mouo")).exists()
    assert not queries.days_visible_to(region.viewer("school")).exists()


def test_the_print_plan_counts_as_the_act_does(region):
    """Grade 2: one conductor of each part, one expert, two children; §8.3."""
    day = a_day(region, people=[{"grade": 2}, {"grade": 2}, {"grade": 1}])
    profile = registry.active_profile()
    view = queries.day_view(day.row, profile=profile)
    plans = {plan.grade: plan for plan in queries.print_plans(view, profile=profile)}
    assert plans[1].total == 2 + 1 + 2 + 2 + 1 + 1
    assert plans[2].total == 2 + 1 + 2 + 2 + 2 + 1 + 2 + 2 + 1 + 2 + 2
    assert all(row.part != "written" for row in plans[1].rows)


def test_only_one_variant_in_stock_and_used_before_is_seen_before_the_day(region):
    """TC-039."""
    early = a_day(region, people=[{"grade": 3}], stock=False)
    variants(3, oral=("УЧ-7",), written=("ПЧ-7",))
    early.start()
    child = early.bookings[0].referral.application.child
    session = a_session(region, held_on=date(2026, 7, 1), grades=(3,))
    a_booking(region, session, grade=3, child=child, attempt_no=2)
    day = actions.open_day(session_id=session.pk, actor=early.org, now=NOW)
    profile = registry.active_profile()
    gaps = queries.variant_gaps(queries.day_view(day, profile=profile), profile=profile)
    assert {gap.code for gap in gaps} == {"testday.no-variant-left"} and len(gaps) == 2


def test_acts_of_preparing_stand_in_the_journal(region):
    day = a_day(region)
    day.make_ready()
    events = list(JournalEntry.objects.values_list("event", flat=True))
    assert events.count("day.readiness") == 5
    assert {"commission.approved", "day.staffed"} <= set(events)
