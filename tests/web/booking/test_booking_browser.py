"""Booking in a real browser: by keys alone, warnings that come while one types, nothing axe minds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from booking.builders_booking import (
    NEXT_TEST_DAY,
    TEST_DAY,
    a_referral,
    a_schedule,
    a_session,
    book,
    referrals,
)
from builders import NOW
from merilo.booking import actions
from merilo.booking.models import Booking
from merilo.materials.models import ReserveKit, Variant
from web.browsing import a_browser, open_tab, session_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(autouse=True)
def at_noon(hold_clock):
    hold_clock(NOW)


def in_browser(walk):
    """Walk in a thread of its own: the driver's loop would keep this one from the database."""

    def run():
        with a_browser() as browser:
            return walk(browser)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def test_a_seat_is_taken_by_keys_alone(live_server, region):
    a_session(region)
    referral = a_referral(region)
    session = session_of(region.accounts["testing_org"])

    def walk(browser):
        tab = open_tab(browser, live_server.url, session)
        tab.goto("/booking/")
        assert tab.evaluate("document.activeElement.name") == "number"
        tab.keyboard.type(referral.number)
        tab.keyboard.press("Enter")
        tab.wait_for_selector("input[name=session]")
        tab.focus("input[name=session]")
        tab.keyboard.press("Space")
        tab.keyboard.press("Tab")
        tab.keyboard.press("Space")
        tab.keyboard.press("Tab")
        tab.keyboard.type("паспорт")
        tab.keyboard.press("Enter")
        tab.wait_for_selector("text=Памятка для родителя")
        assert "10 апреля 2026" in tab.inner_text("h1").replace("\xa0", " ")

    in_browser(walk)
    assert Booking.objects.get().identity_document == "паспорт"


def test_the_ministry_reads_warnings_while_it_fills_a_day(live_server, region):
    schedule = a_schedule(approved=False)
    session = session_of(region.accounts["ministry"])

    def walk(browser):
        tab = open_tab(browser, live_server.url, session)
        tab.goto(f"/schedules/{schedule.pk}/add/")
        tab.select_option("#id_place", str(region.place.pk))
        for name, value in (("held_on", "11.04.2026"), ("starts_at", "10:00")):
            tab.fill(f"#id_{name}", value)
        tab.fill("#id_capacity", "99")
        tab.check("#id_grades_0", force=True)
        tab.wait_for_selector("#day-check >> text=выходной или праздничный день")
        assert "рабочих мест" in tab.inner_text("#day-check")

    in_browser(walk)


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_have_no_axe_violation_and_fit(live_server, region, width):
    ReserveKit.objects.create(testing_org=region.testing_org, grade=2, free=2)
    Variant.objects.create(grade=2, part="oral", number="УЧ-1", received_on=date(2026, 3, 1))
    full = a_session(region, date(2026, 4, 9), capacity=1)
    a_session(region, date(2026, 3, 20))
    a_session(region, date(2026, 3, 27))
    day = a_session(region, TEST_DAY, results_official_on=date(2026, 4, 15))
    a_session(region, NEXT_TEST_DAY, grades=[1])
    late = a_session(region, date(2026, 4, 14))
    draft = a_session(region, date(2026, 9, 12), schedule=a_schedule(approved=False))
    people = referrals(region, 4)
    book(region, people[0], full)
    made = book(region, people[1], day).booking
    book(region, people[2], late)
    actions.postpone_session(
        session_id=late.pk, reason="авария", actor=region.viewer("ministry"), now=NOW
    )
    approved, in_draft = day.schedule_id, draft.schedule_id
    pages = {
        "testing_org": [
            "/booking/",
            "/booking/?number=77",
            f"/booking/{people[3].pk}/",
            f"/booking/made/{made.pk}/",
            f"/booking/made/{made.pk}/move/",
            f"/booking/made/{made.pk}/cancel/",
            "/schedule/",
            f"/schedule/{day.pk}/",
        ],
        "ministry": [
            "/schedules/",
            "/schedules/capacity/",
            f"/schedules/{approved}/",
            f"/schedules/{in_draft}/",
            f"/schedules/{in_draft}/add/",
            f"/schedules/{in_draft}/import/",
            f"/schedules/days/{day.pk}/",
            f"/schedules/days/{late.pk}/",
            f"/schedules/{approved}/additional/?replaces={late.pk}",
        ],
        "rcoi": ["/variants/", "/reserve/"],
    }
    sessions = {who: session_of(region.accounts[who]) for who in pages}

    def walk(browser):
        from axe_playwright_python.sync_playwright import Axe

        for who, addresses in pages.items():
            tab = open_tab(browser, live_server.url, sessions[who], width=width)
            for address in addresses:
                tab.goto(address)
                found = Axe().run(tab).response["violations"]
                assert [(address, one["id"], one["nodes"][0]["html"]) for one in found] == []
                assert tab.evaluate(TOO_WIDE) == 0, address
            assert tab.wrong == []

    in_browser(walk)
