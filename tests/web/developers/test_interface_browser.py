"""The pages of the interface in a browser: readable by everybody, wrapped on a telephone."""

from __future__ import annotations

import pytest
from django.urls import reverse

from journeys.test_axe_pages import TOO_WIDE, axe_says
from web.browsing import a_browser, open_tab, session_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
PAGES = [("interface", []), ("interface-operation", ["register_application"])]
PAGES += [("interface-operation", ["law_ask"]), ("help-page", ["school"])]


@pytest.fixture(autouse=True)
def pages_and_database_in_one_thread(monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_pages_shut_nobody_out(region, live_server, language):
    wrong = []
    session = session_of(region.accounts["admin"]) if language == "ru" else "nobody"
    with a_browser() as browser:
        tab = open_tab(browser, live_server.url, session)
        tab.context.add_cookies(
            [{"name": "django_language", "value": language, "url": live_server.url}]
        )
        for name, arguments in PAGES:
            tab.goto(reverse(name, args=arguments))
            for width in (1280, 1024, 700, 360):
                tab.set_viewport_size({"width": width, "height": 800})
                wrong += [(name, width, violation) for violation in axe_says(tab)]
                if (over := tab.evaluate(TOO_WIDE)) > 0:
                    wrong.append((name, width, f"{over} px too wide"))
        wrong += tab.wrong
    assert wrong == []
