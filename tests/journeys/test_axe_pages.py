"""Every page of the road, as its own person sees it, in a browser: readable by everybody, no page
too wide at 360 px, no word of the browser about the content policy."""

from __future__ import annotations

import pytest
from django.test import Client

from access.route_table import Route, address, our_routes, visible
from access.test_access_matrix import OWN_PEOPLE, STAGES, said
from journeys.builders_road import STEPS, Road
from web.browsing import a_browser, open_tab, session_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# The moments that between them show every page, and no more: each costs a minute of a build.
MOMENTS = ("registered", "documents_full", "booked", "day_opened", "admitted", "day_finished",
           "marked", "consolidated", "enrolled")  # fmt: skip


@pytest.fixture(autouse=True)
def pages_and_database_in_one_thread(monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def whose(route: Route, road: Road) -> str | None:
    """The first of the people whose page this is, now."""
    for login in OWN_PEOPLE:
        viewer = road.viewer(login)
        if route.public or (viewer.role in route.roles and visible(route, viewer, road)):
            return login
    return None


def axe_says(tab) -> list[tuple[str, str]]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(tab, options={"runOnly": RULES, "resultTypes": ["violations"]})
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found.response["violations"]]


def test_no_page_of_the_road_shuts_anybody_out(region, live_server, hold_clock):
    wrong: list[tuple[str, int, object]] = []
    opened: set[str] = set()
    road = Road(region)
    with a_browser() as browser:
        tabs = {}
        for step in STEPS:
            hold_clock(None)
            step(road)
            if step.__name__ not in MOMENTS:
                continue
            hold_clock(STAGES[step.__name__])
            for route in our_routes():
                login = whose(route, road)
                if route.name in opened or login is None:
                    continue
                client = Client(raise_request_exception=False)
                client.force_login(region.accounts[login])
                answer = client.get(address(route, road))
                if answer.status_code != 200 or "<html" not in said(answer):
                    continue
                opened.add(route.name)
                if login not in tabs:
                    session = session_of(region.accounts[login])
                    tabs[login] = open_tab(browser, live_server.url, session)
                tab = tabs[login]
                tab.goto(address(route, road))
                for width in (1280, 360):
                    tab.set_viewport_size({"width": width, "height": 800})
                    for violation in axe_says(tab):
                        wrong.append((route.name, width, violation))
                    if (over := tab.evaluate(TOO_WIDE)) > 0:
                        wrong.append((route.name, width, f"{over} px too wide"))
                tab.set_viewport_size({"width": 1280, "height": 800})
                if tab.wrong:
                    wrong.append((route.name, 0, list(tab.wrong)))
                    tab.wrong.clear()
    assert wrong == []
    assert len(opened) > 50
