"""At the door and in the rooms: admission, codes, variants, no-shows, annulment, the end."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from builders import OPENED, TODAY, a_person
from merilo import law
from merilo.admissions import actions as admissions
from merilo.admissions.models import Application, Referral
from merilo.admissions.rules import Category
from merilo.booking import actions as schedules
from merilo.booking import queries as booking
from merilo.booking.models import Booking, TestSession
from merilo.casework.models import Dispatch, Duty, Notice
from merilo.foundation.journal.models import JournalEntry
from merilo.law import Part, Refused
from merilo.registry import queries as registry
from merilo.registry.access import Forbidden
from merilo.registry.models import Room
from merilo.testday import actions, queries
from merilo.testday.models import Attempt, Incident, UniqueCode
from merilo.testday.rules import DayRole
from rules.reading import with_settings
from testday.builders_testday import (
    CERTIFICATE,
    a_booking,
    a_day,
    at,
    position,
    usual_duties,
    variants,
)

pytestmark = pytest.mark.django_db


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {reason.code for reason in refused.value.refusals}


# --- admission -------------------------------------------------------------------------------


def test_everything_missing_at_the_door_is_said_at_once(region):
    day = a_day(region)
    with pytest.raises(Refused) as refused:
        day.admit(
            day.bookings[0], child_document="", representative_document="", documents_agree=False
        )
    assert codes(refused) == {
        "testday.participant-not-identified",
        "testday.parent-not-identified",
        "testday.identity-differs",
    }
    assert not Attempt.objects.exists() and not UniqueCode.objects.exists()


def test_who_is_eighteen_that_day_comes_alone(region):
    adult = a_person("Взрослов", "Тимур", birth_date=date(2008, 3, 16))
    day = a_day(region, people=[{"grade": 11, "child": adult}])
    attempt = day.admit(day.bookings[0], representative_document="", representative_present=False)
    assert attempt.representative_document == ""


def test_a_parent_without_his_document_is_not_admitted_and_that_is_no_no_show(region):
    """TC-062: the booking ends with the reason; the case, school and МОУО are told it."""
    day = a_day(region)
    away, other = day.bookings
    with pytest.raises(Refused) as refused:
        day.admit(away, representative_document="")
    assert codes(refused) == {"testday.parent-not-identified"}
    actions.refuse_admission(
        booking_id=away.pk,
        why="no-parent-document",
        reasons=["testday.parent-not-identified"],
        note="Мать без паспорта",
        actor=day.org,
        now=at(9, 35),
    )
    with pytest.raises(Refused) as refused:
        actions.no_show(booking_id=away.pk, actor=day.org, now=at(9, 40))
    assert codes(refused) == {"testday.turned-away-came"}
    day.make_ready()
    attempt = day.admit(other)
    actions.brief(day_id=day.row.pk, actor=day.org, now=at(9, 50))
    actions.start_day(day_id=day.row.pk, actor=day.org, now=at(10))
    day.both_parts([attempt])
    actions.finish_day(day_id=day.row.pk, materials_collected=True, actor=day.org, now=at(13))
    away.refresh_from_db()
    assert (away.state, away.end_reason) == ("not_admitted", "no-parent-document")
    application = Application.objects.get(pk=away.referral.application_id)
    assert application.state == "referred", "another day may be booked at once"
    assert not Duty.objects.filter(kind__in=["report-no-show", "confirm-no-show"]).exists()
    told = Dispatch.objects.filter(about=f"booking:{away.pk}")
    assert {(one.kind, one.recipient) for one in told} == {
        ("not_admitted", region.school),
        ("not_admitted", region.mouo),
    }
    assert all("нет документа родителя" in one.label for one in told)
    facts = JournalEntry.objects.filter(event="attempt.refused").get().facts
    assert facts["why"] == "no-parent-document" and "Мать" not in str(facts)


def turn_away(day, booking, why="no-child-document"):
    actions.refuse_admission(
        booking_id=booking.pk, why=why, note="Без документа", actor=day.org, now=at(9, 35)
    )


def test_who_was_turned_away_may_come_back_the_same_day(region):
    day = a_day(region)
    turn_away(day, day.bookings[0])
    assert day.admit(day.bookings[0], now=at(9, 45)).state == "admitted"
    with pytest.raises(Refused) as refused:
        actions.close_refused(booking_id=day.bookings[0].pk, actor=day.org, now=at(9, 50))
    assert codes(refused) == {"testday.admitted-later"}


def test_a_day_whose_only_child_was_turned_away_owes_the_end_of_his_booking(region):
    """Nobody is tested, the day is never begun: the case does not wait for a result for ever."""
    day = a_day(region, people=[{"grade": 2}])
    with pytest.raises(Refused) as refused:
        actions.close_refused(booking_id=day.bookings[0].pk, actor=day.org, now=at(9))
    assert codes(refused) == {"testday.not-turned-away"}
    turn_away(day, day.bookings[0])
    subject = f"sessionday:{day.row.pk}"
    assert [d.kind for d in Duty.objects.filter(subject=subject)] == ["close-refused"]
    actions.close_refused(booking_id=day.bookings[0].pk, actor=day.org, now=at(11))
    assert Booking.objects.get().state == "not_admitted"
    assert Application.objects.get().state == "referred"
    assert not Duty.objects.filter(subject=subject).exists()


def test_who_was_turned_away_may_book_once_more_and_the_parent_is_told(region):
    day = a_day(region, people=[{"grade": 2}])
    turn_away(day, day.bookings[0])
    actions.close_refused(booking_id=day.bookings[0].pk, actor=day.org, now=at(11))
    assert "не допустили" in Notice.objects.get(template="not-admitted").body
    facts = booking.referral_facts(
        Referral.objects.get(), on=TODAY, profile=registry.active_profile()
    )
    assert facts.missed is not None and facts.missed.turned_away, "the rule can tell them apart"
    assert booking.changes_of(Referral.objects.get().pk) == 0, "не перенос по просьбе родителя"


def test_where_the_profile_wants_a_new_application_the_school_ends_the_case(region, monkeypatch):
    changed = {"booking.no_show_policy": "new_application_required"}
    profile = with_settings(registry.active_profile(), changed)
    monkeypatch.setattr(registry, "active_profile", lambda: profile)
    day = a_day(region, people=[{"grade": 2}])
    turn_away(day, day.bookings[0])
    actions.close_refused(booking_id=day.bookings[0].pk, actor=day.org, now=at(11))
    application = Application.objects.get()
    assert application.state == "not_admitted"
    duty = Duty.objects.get(kind="decide-not-admitted")
    assert duty.organisation_id == application.school_id
    admissions.close_after_no_show(
        application_id=application.pk, actor=region.viewer("school"), now=at(12)
    )
    application.refresh_from_db()
    assert application.state == "cancelled_not_booked"
    assert "не допустили" in Notice.objects.get(template="closed-after-not-admitted").body


def test_a_refusal_at_the_door_says_why(region):
    day = a_day(region)
    with pytest.raises(Refused) as refused:
        actions.refuse_admission(
            booking_id=day.bookings[0].pk, why="", note="  ", actor=day.org, now=at(9)
        )
    assert codes(refused) == {"testday.refusal-needs-reason", "testday.refusal-needs-note"}


def test_nobody_is_admitted_on_another_day(region):
    day = a_day(region)
    with pytest.raises(Refused) as refused:
        day.admit(day.bookings[0], now=at(9, day=TODAY + timedelta(days=1)))
    assert codes(refused) == {"testday.not-the-day"}


def test_admitted_twice_is_one_attempt(region):
    day = a_day(region)
    day.admit(day.bookings[0])
    with pytest.raises(Refused) as refused:
        day.admit(day.bookings[0])
    assert "testday.already-admitted" in codes(refused)
    assert Attempt.objects.count() == 1


def test_a_compatriot_takes_the_oral_part_only(region):
    day = a_day(region, people=[{"grade": 7, "category": Category.COMPATRIOT}])
    attempt = day.admit(day.bookings[0])
    assert attempt.form == "oral" and attempt.room_written is None
    assert attempt.variant_written is None


def test_another_organisation_does_not_see_the_booking(region):
    from builders import an_account, viewer_of
    from merilo.registry.access import Role

    day = a_day(region)
    stranger = viewer_of(an_account("stranger", region.far_school, Role.TESTING_ORG))
    with pytest.raises(Booking.DoesNotExist):
        actions.check_in(
            booking_id=day.bookings[0].pk, child_document=CERTIFICATE, actor=stranger, now=at(9)
        )
    with pytest.raises(Forbidden):
        actions.check_in(
            booking_id=day.bookings[0].pk,
            child_document=CERTIFICATE,
            actor=region.viewer("school"),
            now=at(9),
        )


# --- codes and variants ----------------------------------------------------------------------


def test_codes_count_for_each_school_and_grade_apart(region):
    day = a_day(
        region,
        people=[{"grade": 2}, {"grade": 2, "school": region.other_school}, {"grade": 1}],
    )
    assert [day.admit(one).code for one in day.bookings] == ["00102502", "00102602", "00102501"]


def test_a_retest_keeps_the_code_and_gets_other_variants(region):
    """TC-040, TC-038: other grade and school do not change the code."""
    first = a_day(region, people=[{"grade": 2}])
    attempt = first.start()[0]
    child = first.bookings[0].referral.application.child
    from testday.builders_testday import a_session

    session = a_session(region, held_on=date(2026, 7, 1), grades=(2, 3))
    booking = a_booking(
        region, session, grade=2, child=child, attempt_no=2, school=region.other_school
    )
    row = actions.open_day(session_id=session.pk, actor=first.org, now=at(9))
    actions.staff_day(
        day_id=row.pk,
        commission_id=first.row.commission_id,
        duties=usual_duties(region),
        staffing_order="",
        oral_scheme="live",
        actor=first.org,
        now=at(9),
    )
    again = first.admit(booking, now=at(9, day=date(2026, 7, 1)))
    assert again.code == attempt.code and again.attempt_no == 2
    assert again.variant_oral != attempt.variant_oral
    assert again.variant_written != attempt.variant_written
    with pytest.raises(Refused) as refused:
        actions.assign_variant(
            attempt_id=again.pk,
            part=Part.WRITTEN,
            number=attempt.variant_written.number,
            actor=first.org,
            now=at(9, day=date(2026, 7, 1)),
        )
    assert codes(refused) == {"testday.forbidden-variant"}


def test_a_room_may_be_chosen_at_the_door_and_one_variant_serves_the_day(region):
    day = a_day(region)
    first = day.admit(day.bookings[0], room_oral="102", room_written="101")
    assert (first.room_oral.number, first.room_written.number) == ("102", "101")
    second = day.admit(day.bookings[1])
    assert second.variant_oral == first.variant_oral, "меньше карточек печатать"


def test_a_number_once_used_is_never_given_again(region):
    old = a_person("Прежний", "Участник")
    UniqueCode.objects.create(
        code="00102502", person=old, school_code="025", grade=2, issued_at=at(1)
    )
    day = a_day(region)
    assert [day.admit(one).code for one in day.bookings] == ["00202502", "00302502"]


def test_a_school_without_a_code_is_told_at_the_door(region):
    region.school.exam_code = ""
    region.school.save()
    day = a_day(region)
    with pytest.raises(Refused) as refused:
        day.admit(day.bookings[0])
    assert codes(refused) == {"testday.bad-school-code"}


def test_one_room_hears_one_text_and_a_retest_takes_a_later_turn(region):
    """§8.1: where the child had the room's text before, he sits in another turn."""
    past = a_day(region, people=[{"grade": 2}])
    past.start()  # gets ПЧ-1
    child = past.bookings[0].referral.application.child
    from testday.builders_testday import a_session

    day_on = date(2026, 7, 1)
    session = a_session(region, held_on=day_on, grades=(2,))
    fresh = [a_booking(region, session, grade=2) for _ in range(2)]
    row = actions.open_day(session_id=session.pk, actor=past.org, now=at(9))
    actions.staff_day(
        day_id=row.pk,
        commission_id=past.row.commission_id,
        duties=usual_duties(region),
        staffing_order="",
        oral_scheme="live",
        actor=past.org,
        now=at(9),
    )
    for one in fresh:
        assert past.admit(one, now=at(9, day=day_on)).variant_written.number == "ПЧ-1"
    late = a_booking(region, session, grade=2, child=child, attempt_no=2)
    attempt = past.admit(late, now=at(9, 30, day=day_on))
    assert attempt.variant_written.number == "ПЧ-2" and attempt.written_slot == 2


def test_expected_retests_decide_the_variant_of_the_whole_room(region):
    """Known before the first is admitted: the variant everybody may take is taken."""
    past = a_day(region, people=[{"grade": 2}])
    past.start()
    child = past.bookings[0].referral.application.child
    from testday.builders_testday import a_session

    day_on = date(2026, 7, 1)
    session = a_session(region, held_on=day_on, grades=(2,))
    fresh = a_booking(region, session, grade=2)
    again = a_booking(region, session, grade=2, child=child, attempt_no=2)
    row = actions.open_day(session_id=session.pk, actor=past.org, now=at(9))
    actions.staff_day(
        day_id=row.pk,
        commission_id=past.row.commission_id,
        duties=usual_duties(region),
        staffing_order="",
        oral_scheme="live",
        actor=past.org,
        now=at(9),
    )
    attempts = [past.admit(one, now=at(9, day=day_on)) for one in (fresh, again)]
    assert {a.variant_written.number for a in attempts} == {"ПЧ-2"}
    assert {a.written_slot for a in attempts} == {1}


def test_two_grades_never_share_a_written_room_at_one_time(region):
    """TC-060."""
    day = a_day(region, people=[{"grade": 3}, {"grade": 4}])
    attempts = day.start()
    assert {(a.room_written.number, a.written_slot) for a in attempts} == {("102", 1), ("102", 2)}
    ids = [a.pk for a in attempts]
    with pytest.raises(Refused) as refused:
        actions.start_part(attempt_ids=ids, part=Part.WRITTEN, actor=day.org, now=at(10))
    assert "testday.mixed-grades" in codes(refused)
    actions.start_part(attempt_ids=ids[:1], part=Part.WRITTEN, actor=day.org, now=at(10))
    with pytest.raises(Refused):
        actions.start_part(attempt_ids=ids[1:], part=Part.WRITTEN, actor=day.org, now=at(10, 5))


def test_a_second_written_room_takes_the_second_grade(region):
    third = Room.objects.create(
        place=region.place, number="103", workplaces=5, audio=True, video=True, valid_from=OPENED
    )
    duties = [
        *usual_duties(region),
        actions.DutyOfDay(position(region, "expert2").pk, DayRole.WRITTEN_CONDUCTOR, third.pk),
    ]
    day = a_day(region, people=[{"grade": 3}, {"grade": 4}], duties=duties)
    rooms = {day.admit(one).room_written.number for one in day.bookings}
    assert rooms == {"102", "103"}


# --- no-show ---------------------------------------------------------------------------------


def test_a_no_show_is_told_to_school_and_mouo_and_the_mouo_owes_rcoi(region):
    day = a_day(region)
    booking = day.bookings[0]
    actions.no_show(booking_id=booking.pk, actor=day.org, now=at(11))
    assert Booking.objects.get(pk=booking.pk).state == "no_show"
    assert Referral.objects.get(pk=booking.referral_id).state == "unused_no_show"
    assert Application.objects.get(pk=booking.referral.application_id).state == "no_show"
    told = set(Dispatch.objects.values_list("recipient__short_name", flat=True))
    assert told == {"СОШ № 25", "МОУО Владивостока"}
    duty = Duty.objects.get(kind="report-no-show")
    assert duty.organisation == region.mouo and duty.due_on == TODAY

    for _twice in range(2):
        actions.report_no_show(booking_id=booking.pk, actor=region.viewer("mouo"), now=at(12))
    assert Dispatch.objects.filter(recipient=region.rcoi).count() == 1
    assert not Duty.objects.filter(kind="report-no-show").exists()
    with pytest.raises(Booking.DoesNotExist):
        actions.report_no_show(
            booking_id=booking.pk, actor=region.viewer("other_mouo"), now=at(12)
        )


def test_a_no_show_is_not_noted_before_the_day_nor_of_who_came(region):
    day = a_day(region)
    with pytest.raises(Refused) as refused:
        actions.no_show(
            booking_id=day.bookings[0].pk, actor=day.org, now=at(11, day=TODAY - timedelta(days=1))
        )
    assert codes(refused) == {"testday.not-missing-yet"}
    day.admit(day.bookings[1])
    with pytest.raises(Refused) as refused:
        actions.no_show(booking_id=day.bookings[1].pk, actor=day.org, now=at(11))
    assert codes(refused) == {"testday.came"}


# --- conduct ---------------------------------------------------------------------------------


def test_parts_begin_only_while_the_day_runs(region):
    day = a_day(region)
    attempt = day.admit(day.bookings[0])
    with pytest.raises(Refused) as refused:
        actions.start_part(attempt_ids=[attempt.pk], part=Part.ORAL, actor=day.org, now=at(10))
    assert codes(refused) == {"testday.day-not-running"}


def test_who_came_late_is_briefed_apart(region):
    day = a_day(region)
    day.make_ready()
    first, late = day.bookings
    day.admit(first)
    actions.brief(day_id=day.row.pk, actor=day.org, now=at(9, 50))
    actions.start_day(day_id=day.row.pk, actor=day.org, now=at(10))
    attempt = day.admit(late, now=at(10, 5))
    with pytest.raises(Refused):
        actions.start_part(attempt_ids=[attempt.pk], part=Part.ORAL, actor=day.org, now=at(10, 6))
    assert actions.brief(day_id=day.row.pk, actor=day.org, now=at(10, 8)) == 1
    actions.start_part(attempt_ids=[attempt.pk], part=Part.ORAL, actor=day.org, now=at(10, 9))
    with pytest.raises(Refused):
        actions.brief(day_id=day.row.pk, actor=day.org, now=at(10, 10))
    assert day.again().briefed_at == at(9, 50), "первый инструктаж открыл день"


def test_grade_ten_is_reminded_of_task_nine_and_grade_nine_is_not(region):
    """TC-071."""
    day = a_day(region, people=[{"grade": 9}, {"grade": 10}])
    nine, ten = sorted(day.start(), key=lambda one: one.grade)
    first = actions.start_part(attempt_ids=[nine.pk], part=Part.WRITTEN, actor=day.org, now=at(10))
    actions.finish_part(attempt_ids=[nine.pk], part=Part.WRITTEN, actor=day.org, now=at(10, 40))
    second = actions.start_part(
        attempt_ids=[ten.pk], part=Part.WRITTEN, actor=day.org, now=at(10, 45)
    )
    assert [one.code for one in first] == ["testday.read-twice"]
    assert [one.code for one in second] == ["testday.read-twice", "testday.summary-task"]


def test_briefing_is_not_counted_but_81_minutes_are_told(region):
    """TC-063, TC-064."""
    day = a_day(region, people=[{"grade": 2}])
    attempt = day.start()[0]
    ids = [attempt.pk]
    actions.start_part(attempt_ids=ids, part=Part.ORAL, actor=day.org, now=at(10))
    assert not actions.finish_part(attempt_ids=ids, part=Part.ORAL, actor=day.org, now=at(10, 20))
    actions.start_part(attempt_ids=ids, part=Part.WRITTEN, actor=day.org, now=at(10, 30))
    told = actions.finish_part(attempt_ids=ids, part=Part.WRITTEN, actor=day.org, now=at(11, 31))
    assert [one.code for one in told] == ["testday.too-long"]
    assert Attempt.objects.get().state == "written_done", "сказано, но не запрещено"


@pytest.mark.parametrize("who", ["testing_org", "conductor"])
def test_only_the_chair_of_the_day_annuls(region, who):
    """TC-065."""
    day = a_day(region)
    attempt = day.start()[0]
    with pytest.raises(Refused) as refused:
        actions.annul(
            attempt_id=attempt.pk,
            reason_code="F17_DEVICE",
            note="Телефон",
            actor=region.viewer(who),
            now=at(10),
        )
    assert codes(refused) == {"testday.only-chair"}


def test_an_expert_of_the_day_does_not_even_reach_the_annulment(region):
    day = a_day(region)
    attempt = day.start()[0]
    with pytest.raises(Forbidden):
        actions.annul(
            attempt_id=attempt.pk,
            reason_code="F17_DEVICE",
            note="Телефон",
            actor=region.viewer("expert"),
            now=at(10),
        )


def test_an_annulment_names_a_known_violation_and_describes_it(region):
    day = a_day(region)
    attempt = day.start()[0]
    with pytest.raises(Refused) as refused:
        actions.annul(attempt_id=attempt.pk, reason_code="X", note="", actor=day.chair, now=at(10))
    assert codes(refused) == {"testday.unknown-prohibition", "testday.annulment-needs-note"}
    actions.annul(
        attempt_id=attempt.pk, reason_code="R74_TALK", note="Разговор", actor=day.chair, now=at(10)
    )
    attempt.refresh_from_db()
    assert attempt.state == "annulled" and attempt.annulled_at == at(10)
    assert "testday.prohibitions" in attempt.decided_under
    with pytest.raises(Refused):
        actions.start_part(attempt_ids=[attempt.pk], part=Part.ORAL, actor=day.org, now=at(10, 1))


def test_an_interruption_needs_words_and_goes_into_the_log(region):
    day = a_day(region)
    attempt = day.start()[0]
    with pytest.raises(Refused):
        actions.interrupt(
            attempt_id=attempt.pk, technical=True, note="", actor=day.org, now=at(10)
        )
    actions.interrupt(
        attempt_id=attempt.pk, technical=True, note="Нет света", actor=day.org, now=at(10)
    )
    attempt.refresh_from_db()
    assert attempt.state == "interrupted_tech"
    assert Incident.objects.get().attempt == attempt
    booking = Booking.objects.get(pk=attempt.booking_id)
    assert booking.state == "rescheduled" and booking.referral.state == "booked", (
        "ждёт дополнительной даты по тому же направлению"
    )
    told = Dispatch.objects.filter(kind="interrupted_tech")
    assert {one.recipient for one in told} == {region.ministry, region.school}
    view = queries.day_view(day.again(), profile=registry.active_profile())
    assert attempt in view.attempts, "в протоколе дня он остаётся"
    assert TestSession.objects.get().taken == 1


def break_off(day, attempt):
    actions.interrupt(
        attempt_id=attempt.pk, technical=False, note="Температура", actor=day.org, now=at(10, 20)
    )
    attempt.refresh_from_db()


def test_who_left_for_his_own_reasons_waits_for_the_additional_date_of_the_ministry(region):
    """The acts are silent: by default he is tested on another day by the same referral."""
    day = a_day(region)
    attempt = day.start()[0]
    break_off(day, attempt)
    assert (attempt.state, attempt.interrupted_then) == ("interrupted_personal", "additional_date")
    assert attempt.decided_under["testday.interrupted_personal"]["value"] == "additional_date"
    booked = Booking.objects.get(pk=attempt.booking_id)
    assert (booked.state, booked.referral.state) == ("rescheduled", "booked")
    assert Duty.objects.get(kind="set-additional-date").organisation == region.ministry
    told = Dispatch.objects.filter(kind="interrupted_personal")
    assert {one.recipient for one in told} == {region.ministry, region.school}
    assert day.bookings[0] in booking.waiting_for_new_day(day.session.pk)


def test_the_additional_date_takes_him_along_and_he_is_admitted_again(region):
    """From the break to the second day: the case never stands still without an owner."""
    day = a_day(region)
    attempt = day.start()[0]
    break_off(day, attempt)
    again_on = date(2026, 4, 10)
    schedules.add_additional_date(
        schedule_id=day.session.schedule_id,
        testing_org_id=region.testing_org.pk,
        place_id=region.place.pk,
        held_on=again_on,
        starts_at=time(10),
        grades=[2],
        capacity=5,
        reason="Тестирование было прервано",
        replaces_id=day.session.pk,
        actor=region.viewer("ministry"),
        now=at(12),
    )
    assert not Duty.objects.filter(kind="set-additional-date").exists()
    moved = Booking.objects.get(referral=attempt.booking.referral, state="confirmed")
    assert moved.session.held_on == again_on
    row = actions.open_day(session_id=moved.session_id, actor=day.org, now=at(12))
    actions.staff_day(
        day_id=row.pk,
        commission_id=day.row.commission_id,
        duties=usual_duties(region),
        staffing_order="",
        oral_scheme="live",
        actor=day.org,
        now=at(12),
    )
    second = day.admit(moved, now=at(9, 30, day=again_on))
    assert (second.code, second.application_id) == (attempt.code, attempt.application_id)
    assert second.variant_oral != attempt.variant_oral, "прежний вариант ему не дают"


@pytest.fixture
def marks_what_was_done(monkeypatch):
    """A region that decided so."""
    chosen = with_settings(
        registry.active_profile(), {"testday.interrupted_personal": "marked_as_done"}
    )
    monkeypatch.setattr(law, "profile", lambda _name: chosen)


def test_a_region_may_have_what_was_done_marked(region, marks_what_was_done):
    day = a_day(region)
    attempt = day.start()[0]
    actions.start_part(attempt_ids=[attempt.pk], part=Part.ORAL, actor=day.org, now=at(10, 5))
    break_off(day, attempt)
    assert attempt.interrupted_then == "marked_as_done"
    assert attempt.oral_finished_at == at(10, 20), "начатая часть на этом закончилась"
    assert attempt.written_finished_at is None
    assert queries.parts_to_mark(attempt) == (Part.ORAL,)
    assert Booking.objects.get(pk=attempt.booking_id).state == "checked_in"
    assert not Dispatch.objects.exists()


def test_of_who_began_nothing_there_is_nothing_to_mark(region, marks_what_was_done):
    day = a_day(region)
    attempt = day.start()[0]
    break_off(day, attempt)
    assert attempt.interrupted_then == "additional_date"
    assert queries.parts_to_mark(attempt) == ()


def test_a_variant_is_not_changed_once_the_part_has_begun(region):
    day = a_day(region)
    attempt = day.start()[0]
    actions.start_part(attempt_ids=[attempt.pk], part=Part.ORAL, actor=day.org, now=at(10))
    with pytest.raises(Refused) as refused:
        actions.assign_variant(
            attempt_id=attempt.pk, part=Part.ORAL, number="УЧ-2", actor=day.org, now=at(10)
        )
    assert codes(refused) == {"testday.part-begun"}
    with pytest.raises(Refused) as refused:
        actions.assign_variant(
            attempt_id=attempt.pk, part=Part.WRITTEN, number="нет", actor=day.org, now=at(10)
        )
    assert codes(refused) == {"testday.no-such-variant"}
    with pytest.raises(Refused) as refused:
        actions.assign_variant(
            attempt_id=attempt.pk, part=Part.WRITTEN, number="ПЧ-2", actor=day.org, now=at(10)
        )
    assert codes(refused) == {"testday.two-listening-texts"}, "сосед уже слушает другой текст"


def test_a_grade_without_any_registered_variant_is_admitted_and_filled_in_by_hand(region):
    day = a_day(region, stock=False)
    attempt = day.start()[0]
    assert attempt.variant_oral is None
    variants(2)
    actions.assign_variant(
        attempt_id=attempt.pk, part=Part.ORAL, number="УЧ-2", actor=day.org, now=at(10)
    )
    assert Attempt.objects.get(pk=attempt.pk).variant_oral.number == "УЧ-2"


# --- the end ---------------------------------------------------------------------------------


def test_the_end_is_not_announced_while_anything_is_open(region):
    """TC-070: cards without a name are mended first."""
    day = a_day(region, people=[{"grade": 2}, {"grade": 2}, {"grade": 2}])
    day.make_ready()
    attempts = [day.admit(one) for one in day.bookings[:2]]
    actions.brief(day_id=day.row.pk, actor=day.org, now=at(9, 50))
    actions.start_day(day_id=day.row.pk, actor=day.org, now=at(10))
    with pytest.raises(Refused) as refused:
        actions.finish_day(
            day_id=day.row.pk,
            materials_collected=False,
            cards_without_name=2,
            actor=day.org,
            now=at(12),
        )
    assert codes(refused) == {
        "testday.still-running",
        "testday.not-arrived-open",
        "testday.not-collected",
        "testday.card-without-name",
    }
    day.both_parts(attempts)
    assert {d.kind for d in Duty.objects.filter(subject=f"sessionday:{day.row.pk}")} == {
        "note-arrivals"
    }
    actions.no_show(booking_id=day.bookings[2].pk, actor=day.org, now=at(12))
    assert {d.kind for d in Duty.objects.filter(subject=f"sessionday:{day.row.pk}")} == {
        "finish-day"
    }
    actions.finish_day(day_id=day.row.pk, materials_collected=True, actor=day.org, now=at(13))
    assert day.again().state == "finished"


def test_schools_see_the_attempts_of_their_children_and_no_others(region):
    day = a_day(region, people=[{"grade": 2}, {"grade": 2, "school": region.other_school}])
    day.start()
    assert queries.attempts_visible_to(region.viewer("school")).count() == 1
    assert queries.attempts_visible_to(region.viewer("far_school")).count() == 0
    assert queries.attempts_visible_to(region.viewer("expert")).count() == 2
    assert queries.attempts_visible_to(region.viewer("mouo")).count() == 2
    assert queries.attempts_visible_to(region.viewer("other_mouo")).count() == 0


def test_admitting_a_child_reads_nothing_twice(region, django_assert_max_num_queries):
    """The door is the busiest place of the day: the figure may fall, not grow unnoticed."""
    day = a_day(region)
    day.make_ready()
    day.admit(day.bookings[0])
    with django_assert_max_num_queries(29):  # two of them the savepoint of the test itself
        day.admit(day.bookings[1])
