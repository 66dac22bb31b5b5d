"""Marking by keys in a real browser: fourteen strokes for a work of ten criteria, never more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from grading.builders_grading import LATER, a_day, an_attempt
from merilo.grading.models import MarkProtocol
from merilo.grading.rules import ProtocolState
from web.browsing import a_browser, open_tab, session_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
BUDGET = 14
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def expert(region, hold_clock):
    """The session of an expert whose day has two works of grade 1."""
    hold_clock(LATER)
    made = a_day(region)
    for _ in range(2):
        an_attempt(made)
    return session_of(region.accounts["expert"])


def in_browser(walk, *args):
    """Walk in a thread of its own: the driver's loop would keep this one from the database."""

    def run():
        with a_browser() as browser:
            return walk(browser, *args)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def first_work(browser, address, session):
    tab = open_tab(browser, address, session)
    tab.goto("/marking/")
    tab.get_by_role("button", name="Следующая работа").click()
    tab.wait_for_selector("form[data-marking]")
    return tab


def press(tab, keys: str) -> int:
    """Press each key once; the count is what a person's hands do."""
    for key in keys.split():
        tab.keyboard.press(key)
    return len(keys.split())


def test_a_work_is_marked_summed_and_signed_within_fourteen_strokes(live_server, expert):
    def walk(browser):
        tab = first_work(browser, live_server.url, expert)
        first = tab.url
        strokes = [press(tab, "1 1 1 1 1 1 1 1 1 0") + press(tab, "9 Enter")]
        tab.wait_for_url(lambda url: url != first and "protocols" in url)
        strokes.append(press(tab, "1 1 1 1 1 1 1 1 1 1") + press(tab, "1 0 Enter"))
        tab.wait_for_url("**/marking/")
        assert "Проверено всё" in tab.content()
        assert tab.wrong == []
        return strokes

    assert max(in_browser(walk)) <= BUDGET
    signed = MarkProtocol.objects.filter(state=ProtocolState.SIGNED)
    assert sorted(signed.values_list("typed_total", flat=True)) == [9, 10]


def test_enter_goes_to_what_is_missing_instead_of_signing(live_server, expert):
    def walk(browser):
        tab = first_work(browser, live_server.url, expert)
        press(tab, "1 ArrowDown 1 Enter")
        assert tab.evaluate("document.activeElement.name") == "p_Д2"
        press(tab, "1 ArrowDown 1 1 1 1 1 1 1")
        assert tab.evaluate("document.activeElement.id") == "id_total"
        press(tab, "Enter")
        tab.wait_for_selector(".govuk-error-summary")
        assert "Не введена сумма" in tab.content()

    in_browser(walk)
    assert MarkProtocol.objects.get().state == ProtocolState.DRAFT


def test_a_key_beyond_the_scale_does_nothing_and_backspace_takes_back(live_server, expert):
    def walk(browser):
        tab = first_work(browser, live_server.url, expert)
        press(tab, "7 1 Backspace")
        assert tab.locator("input:checked").count() == 0
        assert tab.evaluate("document.activeElement.name") == "p_Д1"

    in_browser(walk)


def test_a_wrong_sum_brings_the_work_back_with_everything_typed(live_server, expert):
    def walk(browser):
        tab = first_work(browser, live_server.url, expert)
        press(tab, "1 1 1 1 1 1 1 1 0 0 9 Enter")
        tab.wait_for_selector(".govuk-error-summary")
        assert "по критериям выходит 8" in tab.content()
        assert tab.locator("input:checked").count() == 10
        tab.fill("#id_total", "8")
        tab.locator("#id_total").press("Enter")
        tab.wait_for_function("!document.querySelector('.govuk-error-summary')")

    in_browser(walk)
    assert MarkProtocol.objects.filter(state=ProtocolState.SIGNED).count() == 1


def test_what_is_typed_is_kept_without_a_button(live_server, expert):
    def walk(browser):
        tab = first_work(browser, live_server.url, expert)
        with tab.expect_response("**/save/") as answer:
            press(tab, "1 0 1")
        assert answer.value.status == 200
        tab.wait_for_function(
            "document.querySelector('[data-saved]').textContent.includes('14:00')"
        )

    in_browser(walk)
    assert list(MarkProtocol.objects.get().points.values())[:3] == [1, 0, 1]


@pytest.mark.parametrize("width", [1280, 360])
def test_the_marking_screens_have_no_axe_violation(live_server, expert, width):
    def walk(browser):
        from axe_playwright_python.sync_playwright import Axe

        tab = open_tab(browser, live_server.url, expert, width=width)
        tab.goto("/marking/")
        for step in ("list", "work"):
            found = Axe().run(tab).response["violations"]
            assert [(step, one["id"], one["nodes"][0]["html"]) for one in found] == []
            assert tab.evaluate(TOO_WIDE) == 0
            if step == "list":
                tab.get_by_role("button", name="Следующая работа").click()
                tab.wait_for_selector("form[data-marking]")
        assert tab.wrong == []

    in_browser(walk)
