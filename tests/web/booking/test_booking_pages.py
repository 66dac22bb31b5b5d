"""The pages a testing organisation books by, and the schedule everybody reads."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from booking.builders_booking import (
    NEXT_TEST_DAY,
    TEST_DAY,
    a_booking,
    a_referral,
    a_schedule,
    a_session,
    book,
    referrals,
)
from builders import NOW, an_account
from merilo.booking.models import Booking
from merilo.booking.rules import BookingState
from merilo.foundation.journal.models import JournalEntry
from merilo.registry.access import Role


@pytest.fixture
def clerk(client, region, hold_clock):
    hold_clock(NOW)
    client.force_login(region.accounts["testing_org"])
    return client


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_the_clerk_finds_a_referral_and_is_taken_to_its_days(clerk, region):
    referral = a_referral(region)
    answer = clerk.get(reverse("booking"), {"number": "№ Н-025-00000"})
    assert answer.url == reverse("booking-referral", args=[referral.pk])


def test_an_unknown_number_says_what_may_be_wrong(clerk, region):
    a_referral(region, testing_org=region.far_school)
    said = text(clerk.get(reverse("booking"), {"number": "Н-025-00000"}))
    assert "Направления с таким номером в вашу организацию нет" in said


def test_those_who_have_not_come_yet_are_listed_by_their_term(clerk, region):
    a_referral(region)
    said = text(clerk.get(reverse("booking")))
    assert "Н-025-00000" in said
    assert "7 раб. дней" in said
    assert "Каримов" not in said


@pytest.mark.parametrize("count", [1, 3, 60])
def test_the_list_asks_the_database_the_same_few_times(
    clerk, region, count, django_assert_max_num_queries
):
    referrals(region, count)
    clerk.get(reverse("booking"))
    with django_assert_max_num_queries(12):
        clerk.get(reverse("booking"))


def test_every_day_stands_with_its_reason_and_paragraph(clerk, region):
    a_session(region, date(2026, 3, 20))
    a_session(region, TEST_DAY)
    said = text(clerk.get(reverse("booking-referral", args=[a_referral(region).pk])))
    assert "10 апреля" in said
    assert "Тестирование бывает не раньше чем через 7 рабочих дней после записи" in said
    assert "п. 3.3" in said
    assert "Каримов" not in said


def visit(session, **fields):
    return {
        "session": session.pk,
        "in_person": "representative",
        "identity_document": "паспорт",
        "request_key": "key-1",
    } | fields


def test_where_no_day_can_be_taken_it_says_so_and_whom_to_ask(clerk, region):
    referral = a_referral(region)
    a_session(region, date(2026, 3, 20))
    shown = text(clerk.get(reverse("booking-referral", args=[referral.pk])))
    assert "Пока нельзя записать ни на один день" in shown
    assert "попросите министерство о дополнительной дате" in shown
    assert "не раньше чем через 7 рабочих дней" in shown
    assert "Кто пришёл" not in shown and "identity_document" not in shown


def test_booking_ends_on_a_page_to_print(clerk, region):
    session, referral = a_session(region), a_referral(region)
    url = reverse("booking-referral", args=[referral.pk])

    answer = clerk.post(url, visit(session), follow=True)

    booking = Booking.objects.get()
    assert answer.redirect_chain[0][0] == reverse("booking-made", args=[booking.pk])
    said = text(answer)
    assert "10 апреля 2026, пятница, 10:00" in said
    assert "ул. Светланская, 1" in said
    assert "документ, удостоверяющий личность ребёнка" in said
    assert booking.identity_document == "паспорт"

    again = clerk.post(url, visit(session))  # the form sent twice
    assert again.url == reverse("booking-made", args=[booking.pk])
    assert Booking.objects.count() == 1


def test_a_second_tab_that_chose_another_day_is_told_that_it_was_not_booked(clerk, region):
    referral = a_referral(region)
    first, other = a_session(region, TEST_DAY), a_session(region, NEXT_TEST_DAY)
    book(region, referral, first)
    url = reverse("booking-referral", args=[referral.pk])
    said = {"in_person": "representative", "identity_document": "паспорт"}
    told = "Запись уже есть: другой день не записан."
    assert told in text(clerk.post(url, said | {"session": other.pk}, follow=True))
    assert told not in text(clerk.post(url, said | {"session": first.pk}, follow=True))
    assert Booking.objects.get().session == first


def test_a_refused_booking_keeps_what_was_typed_and_says_why(clerk, region):
    session = a_session(region, capacity=1)
    a_session(region, NEXT_TEST_DAY)
    first, second = referrals(region, 2)
    url = reverse("booking-referral", args=[second.pk])
    clerk.get(url)
    book(region, first, session)

    said = text(clerk.post(url, visit(session, identity_document="вид на жительство")))

    assert "мест больше нет. Ближайшие дни со свободными местами: 17 апреля 2026" in said
    assert "вид на жительство" in said


def test_nothing_chosen_is_asked_for_in_words(clerk, region):
    a_session(region)
    url = reverse("booking-referral", args=[a_referral(region).pk])
    said = text(clerk.post(url, {"request_key": "k"}))
    assert "Выберите день из списка" in said


def test_a_foreign_referral_is_not_there(clerk, region):
    referral = a_referral(region, testing_org=region.far_school)
    assert clerk.get(reverse("booking-referral", args=[referral.pk])).status_code == 404


def test_a_booking_is_moved_and_cancelled_on_its_pages(clerk, region):
    booking = a_booking(region)
    later = a_session(region, NEXT_TEST_DAY)

    answer = clerk.post(reverse("booking-move", args=[booking.pk]), visit(later), follow=True)
    assert "17 апреля 2026" in text(answer)

    moved = Booking.objects.get(state=BookingState.CONFIRMED)
    page = clerk.get(reverse("booking-cancel", args=[moved.pk]))
    assert page.status_code == 200
    answer = clerk.post(
        reverse("booking-cancel", args=[moved.pk]), {"reason": "болезнь"}, follow=True
    )
    assert "Запись отменена, место освобождено" in text(answer)
    assert not Booking.objects.filter(state=BookingState.CONFIRMED).exists()


def test_a_move_that_is_not_allowed_says_why_instead_of_offering_days(clerk, region, hold_clock):
    booking = a_booking(region)
    hold_clock(NOW + timedelta(days=3))
    said = text(clerk.get(reverse("booking-move", args=[booking.pk])))
    assert "Перенести запись нельзя" in said
    assert "18 марта 2026" in said


def test_the_printed_page_shows_no_name_and_the_name_is_journaled_when_asked(clerk, region):
    booking = a_booking(region)
    page = clerk.get(reverse("booking-made", args=[booking.pk]))
    assert "Каримов" not in text(page)
    assert not JournalEntry.objects.filter(event="person.viewed").exists()

    url = reverse("application-person", args=[booking.referral.application_id])
    shown = clerk.post(url, headers={"HX-Request": "true"})
    assert "Каримов" in text(shown)
    assert JournalEntry.objects.filter(event="person.viewed").count() == 1


@pytest.mark.parametrize(
    ("who", "opens"),
    [("school", False), ("testing_org", True), ("mouo", True), ("rcoi", False), ("auditor", True)],
)
def test_the_schedule_is_read_by_each_role(client, region, hold_clock, who, opens):
    hold_clock(NOW)
    session = a_session(region, grades=[1, 3, 4, 5], capacity=7)
    a_session(region, NEXT_TEST_DAY, schedule=a_schedule(approved=False))
    client.force_login(region.accounts[who])

    said = text(client.get(reverse("schedule")))
    assert "10 апреля 2026" in said
    assert "1, 3–5" in said
    assert "17 апреля" not in said

    answer = client.get(reverse("schedule-session", args=[session.pk]))
    assert (answer.status_code == 200) == opens


def test_the_schedule_is_exported_as_it_is_shown(clerk, region):
    a_session(region)
    answer = clerk.get(reverse("schedule"), {"format": "xlsx"})
    assert answer["Content-Type"].startswith("application/vnd.openxmlformats")
    assert JournalEntry.objects.filter(event="list.exported").exists()


@pytest.mark.parametrize("count", [1, 3, 60])
def test_participants_are_listed_by_numbers_in_the_same_few_queries(
    clerk, region, count, django_assert_max_num_queries
):
    session = a_session(region, capacity=count)
    for one in referrals(region, count):
        Booking.objects.create(
            referral=one,
            session=session,
            state=BookingState.CONFIRMED,
            booked_at=NOW,
            in_person="representative",
        )
    url = reverse("schedule-session", args=[session.pk])
    clerk.get(url)
    with django_assert_max_num_queries(12):
        said = text(clerk.get(url))
    assert "Н-025-00000" in said
    assert "Каримов" not in said


def test_a_stranger_sees_no_participants(client, region, hold_clock):
    hold_clock(NOW)
    session = a_session(region)
    client.force_login(an_account("far_to", region.far_school, Role.TESTING_ORG))
    assert client.get(reverse("schedule-session", args=[session.pk])).status_code == 404


def test_the_case_page_shows_the_booking_in_its_course(client, region, hold_clock):
    hold_clock(NOW)
    booking = a_booking(region)
    client.force_login(region.accounts["school"])
    said = text(client.get(reverse("application", args=[booking.referral.application_id])))
    assert "Запись на тестирование: 10 апреля 2026" in said
    assert "Тестирование 10 апреля 2026, 10:00" in said

    client.force_login(region.accounts["testing_org"])
    said = text(client.get(reverse("application", args=[booking.referral.application_id])))
    assert "Открыть запись" in said
