"""The test day in a real browser: check-in by keys alone, no page too wide, no axe violation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from merilo.law import Part
from merilo.testday import actions
from merilo.testday.models import Attempt
from testday.builders_testday import a_day, at
from web.browsing import a_browser, open_tab, session_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def in_browser(walk, *args):
    """Walk in a thread of its own: the driver's loop would keep this one from the database."""

    def run():
        with a_browser() as browser:
            return walk(browser, *args)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def test_a_child_is_admitted_by_keys_alone_and_the_next_one_is_in_focus(
    live_server, region, hold_clock
):
    hold_clock(at(9, 30))
    day = a_day(region, people=[{"last_name": "Абдуллаев"}, {"last_name": "Ким"}])
    session = session_of(region.accounts["testing_org"])

    def walk(browser):
        tab = open_tab(browser, live_server.url, session)
        tab.goto(f"/days/{day.row.pk}/check-in/")
        tab.keyboard.type("абдул")
        tab.keyboard.press("Enter")
        tab.wait_for_selector("#id_child_document")
        assert tab.evaluate("document.activeElement.id") == "id_child_document"
        for key in ("ArrowDown", "Tab", "ArrowDown", "Enter"):
            tab.keyboard.press(key)
        if not tab.query_selector(".checkin"):
            tab.get_by_role("button", name="Допустить").press("Enter")
        tab.wait_for_selector(".checkin.green")
        assert "Допущен" in tab.inner_text("h1")
        assert tab.evaluate("document.activeElement.innerText") == "Следующий по списку"
        tab.keyboard.press("Enter")
        tab.wait_for_selector("#id_child_document")
        assert "Ким" in tab.inner_text("h1")
        tab.get_by_role("button", name="Допустить").press("Enter")
        tab.wait_for_selector(".checkin.red")
        assert tab.evaluate("document.activeElement.innerText") == "Исправить и проверить снова"

    in_browser(walk)
    assert Attempt.objects.count() == 1


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_of_a_day_have_no_axe_violation_and_fit(live_server, region, hold_clock, width):
    hold_clock(at(9, 30))
    day = a_day(region, people=[{"grade": 2}, {"grade": 2}, {"grade": 1}])
    pk, booking = day.row.pk, day.bookings[0].pk
    before = [
        "/days/",
        f"/days/{pk}/",
        f"/days/{pk}/staff/",
        f"/days/{pk}/check-in/",
        f"/days/{pk}/check-in/{booking}/",
        f"/days/{pk}/print-plan/",
        "/commissions/",
        "/commissions/new/",
    ]
    session = session_of(region.accounts["testing_org"])

    def walk(browser, addresses):
        from axe_playwright_python.sync_playwright import Axe

        tab = open_tab(browser, live_server.url, session, width=width)
        for address in addresses:
            tab.goto(address)
            found = Axe().run(tab).response["violations"]
            assert [(address, one["id"], one["nodes"][0]["html"]) for one in found] == []
            assert tab.evaluate(TOO_WIDE) == 0, address
        assert tab.wrong == []

    in_browser(walk, before)
    attempts = day.start()
    actions.start_part(attempt_ids=[attempts[2].pk], part=Part.ORAL, actor=day.org, now=at(10, 1))
    hold_clock(at(10, 5))
    running = [
        f"/days/{pk}/check-in/{booking}/done/",
        f"/days/{pk}/rooms/",
        f"/days/{pk}/incidents/",
        f"/days/{pk}/finish/",
        f"/attempts/{attempts[2].pk}/",
        f"/attempts/{attempts[2].pk}/annul/",
    ]
    in_browser(walk, running)
