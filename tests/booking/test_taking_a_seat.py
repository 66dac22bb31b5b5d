"""A parent comes with a referral and takes a seat; what follows from it, and what stops it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from booking.builders_booking import (
    NEXT_TEST_DAY,
    TEST_DAY,
    a_booking,
    a_no_show,
    a_referral,
    a_schedule,
    a_session,
    book,
    referrals,
)
from builders import NOW, TODAY, put
from merilo.admissions import actions as admissions
from merilo.admissions.models import Application, Referral
from merilo.admissions.rules import ApplicationState, NoShowReason, ReferralState
from merilo.booking import actions, queries
from merilo.booking.models import Booking, TestSession
from merilo.booking.rules import BookingState, InPerson, SessionState
from merilo.casework.models import Notice
from merilo.foundation.journal.models import JournalEntry
from merilo.law import Refused
from merilo.materials.models import ReserveKit
from merilo.registry.access import Forbidden


def codes(refused) -> set[str]:
    return {one.code for one in refused.value.refusals}


def test_booking_takes_a_seat_and_the_case_waits_for_its_result(region):
    session = a_session(region, capacity=3)
    referral = a_referral(region)

    made = book(region, referral, session)

    session.refresh_from_db()
    referral.refresh_from_db()
    assert session.taken == 1
    assert made.booking.state == BookingState.CONFIRMED
    assert referral.state == ReferralState.BOOKED
    assert referral.application.state == ApplicationState.AWAITING_RESULT
    assert made.booking.decided_under["booking.min_lead_wd"]["value"] == 7
    entry = JournalEntry.objects.get(event="booking.made")
    assert entry.case_id == referral.application_id
    assert entry.facts["in_person"] == "representative"


def test_the_parent_is_told_the_day_the_address_and_what_to_bring(region):
    a_booking(region)

    letter = Notice.objects.get(template="booking-made")
    assert letter.subject == "Запись на тестирование: 10 апреля 2026"
    assert "10 апреля 2026, начало в 10:00" in letter.body
    assert "ул. Светланская, 1" in letter.body
    assert "документ, удостоверяющий личность ребёнка" in letter.body
    assert "Каримов" not in letter.subject + letter.body


def test_the_letter_speaks_the_language_of_the_application_without_breaking_on_percent(region):
    region.place.address = "ул. 100%-ная, 1"
    region.place.save()

    a_booking(region)

    assert "ул. 100%-ная, 1" in Notice.objects.get(template="booking-made").body


@pytest.mark.parametrize("in_person", [InPerson.NOBODY])
def test_tc020_a_booking_by_telephone_is_refused(region, in_person):
    with pytest.raises(Refused) as refused:
        book(region, a_referral(region), a_session(region), in_person=in_person)
    assert codes(refused) == {"booking.not-in-person"}


def test_nobody_is_booked_without_a_document_shown(region):
    with pytest.raises(Refused) as refused:
        book(region, a_referral(region), a_session(region), identity_document=" ")
    assert codes(refused) == {"booking.identity-not-seen"}


def test_tc016_the_seventh_working_day_after_receipt_is_not_late(region):
    referral = a_referral(region)
    on_the_last_day = NOW + timedelta(days=9)  # 25 March 2026
    session = a_session(region, date(2026, 5, 8))

    assert book(region, referral, session, now=on_the_last_day).booking.pk

    with pytest.raises(Refused) as refused:
        book(region, a_referral(region), session, now=on_the_last_day + timedelta(days=1))
    assert codes(refused) == {"booking.window-closed"}


def test_tc019_without_a_confirmed_receipt_nothing_is_booked(region):
    referral = a_referral(
        region, received_on=None, evidence="", book_until=None, state=ReferralState.ISSUED
    )

    with pytest.raises(Refused) as refused:
        book(region, referral, a_session(region))
    assert codes(refused) == {"booking.referral-not-delivered"}


def test_tc021_six_working_days_are_too_few_and_seven_are_enough(region):
    ReserveKit.objects.create(testing_org=region.testing_org, grade=2, free=5)
    referral = a_referral(region)
    sixth, seventh = a_session(region, date(2026, 3, 24)), a_session(region, date(2026, 3, 25))

    with pytest.raises(Refused) as refused:
        book(region, referral, sixth)
    assert codes(refused) == {"booking.too-early"}
    assert "25 марта 2026" in str(refused.value)

    assert book(region, referral, seventh).booking.pk


def test_tc022_a_day_of_a_draft_schedule_cannot_be_booked(region):
    session = a_session(region, schedule=a_schedule(approved=False))

    with pytest.raises(Refused) as refused:
        book(region, a_referral(region), session)
    assert codes(refused) == {"booking.not-in-schedule"}


def test_tc023_another_testing_organisation_cannot_be_chosen(region):
    elsewhere = a_session(region, testing_org=region.far_school)

    with pytest.raises(Refused) as refused:
        book(region, a_referral(region), elsewhere)
    assert "booking.other-testing-org" in codes(refused)


def test_a_referral_to_another_organisation_does_not_exist_for_this_one(region):
    referral = a_referral(region, testing_org=region.far_school)

    with pytest.raises(Referral.DoesNotExist):
        book(region, referral, a_session(region))


def test_tc025_a_booking_before_the_18th_enters_this_months_request(region):
    made = book(region, a_referral(region), a_session(region, date(2026, 4, 8)))

    assert not made.booking.uses_reserve_kit
    assert made.warnings == ()


def test_a_day_before_the_materials_takes_a_reserve_kit_and_says_so(region):
    kit = ReserveKit.objects.create(testing_org=region.testing_org, grade=2, free=1)
    session = a_session(region, date(2026, 3, 27))

    made = book(region, a_referral(region), session)

    kit.refresh_from_db()
    assert kit.free == 0
    assert made.booking.uses_reserve_kit
    assert [one.code for one in made.warnings] == ["materials.reserve-kit-needed"]
    assert made.booking.warnings[0]["code"] == "materials.reserve-kit-needed"

    with pytest.raises(Refused) as refused:
        book(region, a_referral(region), session)
    assert codes(refused) == {"materials.no-reserve-kit"}


def test_a_child_with_special_needs_is_booked_with_a_warning_where_no_place_is_equipped(region):
    region.place.accessible = False
    region.place.save()
    referral = a_referral(region)
    referral.application.special_needs = "коляска"
    referral.application.save()

    made = book(region, referral, a_session(region))

    assert [one["code"] for one in made.booking.warnings] == ["booking.no-accessible-place"]


def test_c06_a_short_window_of_appeal_is_told_when_booking(region):
    session = a_session(region, results_official_on=date(2026, 4, 15))

    made = book(region, a_referral(region), session)

    assert [one.code for one in made.warnings] == ["booking.appeal-window-short"]


def test_tc028_a_second_booking_on_one_referral_is_refused(region):
    referral = a_referral(region)
    book(region, referral, a_session(region))

    with pytest.raises(Refused) as refused:
        book(region, referral, a_session(region, NEXT_TEST_DAY))
    assert codes(refused) == {"booking.already-booked"}
    assert TestSession.objects.get(held_on=NEXT_TEST_DAY).taken == 0


def test_the_same_request_sent_twice_books_once(region):
    referral, session = a_referral(region), a_session(region)

    first = book(region, referral, session, request_key="form-1")
    again = book(region, referral, session, request_key="form-1")

    session.refresh_from_db()
    assert again.booking.pk == first.booking.pk
    assert session.taken == 1
    assert Notice.objects.count() == 1


def test_tc029_a_full_day_offers_the_next_ones(region):
    session = a_session(region, capacity=1)
    a_session(region, NEXT_TEST_DAY)
    a_session(region, date(2026, 4, 24), grades=[9])
    a_session(region, date(2026, 5, 15))
    first, second = referrals(region, 2)
    book(region, first, session)

    with pytest.raises(Refused) as refused:
        book(region, second, session)
    assert codes(refused) == {"booking.session-full"}
    assert "17 апреля 2026, 15 мая 2026" in str(refused.value)


def test_when_every_day_is_full_the_ministry_is_named(region):
    session = a_session(region, capacity=1)
    first, second = referrals(region, 2)
    book(region, first, session)

    with pytest.raises(Refused) as refused:
        book(region, second, session)
    assert codes(refused) == {"booking.all-sessions-full"}
    assert "министерство" in str(refused.value)


def test_tc033_a_failed_test_is_not_repeated_on_the_same_application(region):
    referral = a_referral(region, state=ReferralState.USED)
    put(Application.objects.filter(pk=referral.application_id), state=ApplicationState.FAILED)

    with pytest.raises(Refused) as refused:
        book(region, referral, a_session(region))
    assert "booking.retest-needs-application" in codes(refused)


def test_f23_three_months_after_an_unsuccessful_test_on_an_earlier_application(region):
    failed, again = referrals(region, 2)
    put(
        Application.objects.filter(pk=failed.application_id),
        state=ApplicationState.REFUSED_TEST_FAILED,
        tested_on=date(2026, 2, 20),
        test_passed=False,
    )

    with pytest.raises(Refused) as refused:
        book(region, again, a_session(region))
    assert codes(refused) == {"booking.retest-too-early"}
    assert "20 мая 2026" in str(refused.value)

    assert book(region, again, a_session(region, date(2026, 5, 20))).booking.pk


def test_the_day_named_in_the_referral_is_kept_even_when_the_failure_is_not_known_here(region):
    referral = a_referral(region, earliest_test_on=date(2026, 5, 1))

    with pytest.raises(Refused) as refused:
        book(region, referral, a_session(region))
    assert codes(refused) == {"booking.before-day-of-referral"}


@pytest.mark.parametrize("who", ["school", "mouo", "ministry", "rcoi", "chair"])
def test_only_the_testing_organisation_books(region, who):
    with pytest.raises(Forbidden):
        actions.book(
            referral_id=1,
            session_id=1,
            in_person=InPerson.REPRESENTATIVE,
            identity_document="паспорт",
            actor=region.viewer(who),
            now=NOW,
        )


# --- no-show -------------------------------------------------------------------------------------


def test_tc043_after_a_no_show_one_may_book_once_more_without_waiting_three_months(region):
    session = a_session(region, capacity=2)
    referral = a_no_show(region, session)
    session.refresh_from_db()
    assert session.taken == 1  # the seat was used up by not coming

    later = NOW + timedelta(days=30)  # after the term of booking: it does not run again
    again = a_session(region, date(2026, 5, 15))
    with pytest.raises(Refused) as refused:
        book(region, referral, again, now=later)
    assert codes(refused) == {"booking.rebook-not-decided"}

    admissions.confirm_no_show(
        application_id=referral.application_id,
        reason=NoShowReason.RESPECTFUL,
        comment="справка",
        confirmed_on=TEST_DAY,
        actor=region.viewer("mouo"),
        now=later,
    )
    made = book(region, referral, again, now=later)

    referral.refresh_from_db()
    assert made.booking.state == BookingState.CONFIRMED
    assert referral.state == ReferralState.BOOKED
    assert referral.application.state == ApplicationState.AWAITING_RESULT


# --- moving and cancelling -----------------------------------------------------------------------


def change(region, booking, session, now=NOW, **fields):
    return actions.change_booking(
        **{
            "booking_id": booking.pk,
            "session_id": session.pk,
            "in_person": InPerson.REPRESENTATIVE,
            "identity_document": "паспорт",
            "actor": region.viewer("testing_org"),
            "now": now,
        }
        | fields
    )


def test_a_parent_may_move_the_booking_once(region):
    booking = a_booking(region)
    later = a_session(region, NEXT_TEST_DAY)

    moved = change(region, booking, later)

    booking.refresh_from_db()
    assert booking.state == BookingState.CHANGED_BY_PARENT
    assert moved.booking.moved_from_id == booking.pk
    assert list(TestSession.objects.order_by("held_on").values_list("taken", flat=True)) == [0, 1]
    assert Notice.objects.filter(template="booking-moved").count() == 1

    with pytest.raises(Refused) as refused:
        change(region, moved.booking, booking.session)
    assert codes(refused) == {"booking.change-limit"}


def test_moving_gives_the_reserve_kit_back(region):
    kit = ReserveKit.objects.create(testing_org=region.testing_org, grade=2, free=1)
    booking = a_booking(region, a_session(region, date(2026, 3, 27)))
    kit.refresh_from_db()
    assert kit.free == 0
    with pytest.raises(Refused) as refused:
        change(region, booking, a_session(region))
    assert codes(refused) == {"booking.change-after-request"}


def test_after_the_monthly_request_a_booking_is_neither_moved_nor_cancelled(region):
    booking = a_booking(region)
    after_the_18th = NOW + timedelta(days=3)

    with pytest.raises(Refused) as refused:
        change(region, booking, a_session(region, date(2026, 5, 15)), now=after_the_18th)
    assert codes(refused) == {"booking.change-after-request"}
    with pytest.raises(Refused) as refused:
        cancel(region, booking, now=after_the_18th)
    assert codes(refused) == {"booking.change-after-request"}


def test_moving_to_the_same_day_is_said_plainly(region):
    booking = a_booking(region)
    with pytest.raises(Refused) as refused:
        change(region, booking, booking.session)
    assert codes(refused) == {"booking.same-session"}


def test_moving_needs_a_visit_too(region):
    booking = a_booking(region)
    with pytest.raises(Refused) as refused:
        change(region, booking, a_session(region, NEXT_TEST_DAY), in_person=InPerson.NOBODY)
    assert codes(refused) == {"booking.not-in-person"}


def cancel(region, booking, now=NOW):
    return actions.cancel_booking(
        booking_id=booking.pk, reason="болезнь", actor=region.viewer("testing_org"), now=now
    )


def test_cancelling_frees_the_seat_and_the_referral_waits_again(region):
    booking = a_booking(region)

    cancel(region, booking)

    booking.refresh_from_db()
    session, referral = booking.session, booking.referral
    assert (booking.state, booking.end_reason) == (BookingState.CANCELLED, "болезнь")
    assert session.taken == 0
    assert referral.state == ReferralState.DELIVERED
    assert referral.application.state == ApplicationState.REFERRED
    assert "25 марта 2026" in Notice.objects.get(template="booking-cancelled").body

    with pytest.raises(Refused) as refused:
        cancel(region, booking)
    assert "booking.not-live" in codes(refused)


def test_a_strangers_booking_does_not_exist(region):
    booking = a_booking(region)
    from builders import an_account, viewer_of
    from merilo.registry.access import Role

    stranger = viewer_of(an_account("far_to", region.far_school, Role.TESTING_ORG))
    with pytest.raises(Booking.DoesNotExist):
        actions.cancel_booking(booking_id=booking.pk, reason="", actor=stranger, now=NOW)
    assert not queries.bookings_visible_to(stranger).exists()


def test_each_role_sees_its_own_bookings(region):
    booking = a_booking(region)

    def seen(who):
        return list(queries.bookings_visible_to(region.viewer(who)))

    for who in ("testing_org", "school", "mouo", "ministry", "auditor"):
        assert seen(who) == [booking], who
    for who in ("other_school", "far_school", "other_mouo", "rcoi", "chair", "admin"):
        assert seen(who) == [], who


# --- the list of days ----------------------------------------------------------------------------


def choice(region, referral, today=TODAY):
    from merilo.registry.queries import active_profile

    referral = queries.referrals_to(region.viewer("testing_org")).get(pk=referral.pk)
    return queries.choice_for(referral, today=today, profile=active_profile())


def test_each_day_says_why_it_cannot_be_chosen(region):
    a_session(region, date(2026, 3, 20))
    a_session(region, TEST_DAY)
    a_session(region, NEXT_TEST_DAY, grades=[1])
    a_session(region, date(2026, 4, 24), state=SessionState.POSTPONED)
    a_session(region, date(2026, 5, 15), schedule=a_schedule(approved=False))

    days = choice(region, a_referral(region)).days

    assert [day.session.held_on for day in days] == [date(2026, 3, 20), TEST_DAY, NEXT_TEST_DAY]
    assert [day.allowed for day in days] == [False, True, False]
    assert {one.code for one in days[0].against} == {
        "booking.too-early",
        "materials.no-reserve-kit",
    }
    assert all(one.source for one in days[0].against)
    assert [one.code for one in days[2].against] == ["booking.grade-not-tested"]


def test_a_year_without_a_calendar_is_said_instead_of_guessed(region):
    a_session(region, date(2027, 2, 1))
    referral = a_referral(region, received_on=date(2026, 12, 28), book_until=date(2026, 12, 31))
    told = choice(region, referral, today=date(2026, 12, 29))
    assert "2027" in told.missing_law


@pytest.mark.parametrize("count", [1, 3, 40])
def test_the_list_of_days_asks_the_database_the_same_few_times(
    region, django_assert_num_queries, count
):
    for n in range(count):
        a_session(region, TEST_DAY + timedelta(days=n))
    referral = a_referral(region)
    with django_assert_num_queries(6):
        choice(region, referral)


@pytest.mark.parametrize(
    "scanned",
    [
        "Н-025-00000",
        " № Н-025-00000 ",
        "н-025-00000",
        "h-025-00000",
        "H–025–OOOOO",  # noqa: RUF001 - a Latin keyboard and a clever one
        "token-025-00000",
        "https://merilo.example/r/token-025-00000/",
        "https://merilo.example/status/?number=%D0%9D-025-00000",
    ],
)
def test_a_referral_is_found_by_its_number_or_by_its_qr_code(region, scanned):
    referral = a_referral(region)
    assert queries.referral_for(region.viewer("testing_org"), scanned) == referral
    assert queries.referral_for(region.viewer("school"), scanned) is None
