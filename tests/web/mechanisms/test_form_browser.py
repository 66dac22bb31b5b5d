"""The form of primary data in a real browser: keys, autosave, reasons while typing, two people."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from merilo.mechanisms.models import Answer, Link
from web.browsing import a_browser, open_tab, session_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def clerk(region):
    return session_of(region.accounts["mouo"])


def in_browser(walk):
    """Walk in a thread of its own: the driver's loop would keep this one from the database."""

    def go():
        with a_browser() as browser:
            return walk(browser)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(go).result()


def position(tab, code):
    return tab.locator(f"form[data-answer]:has(input[name=code][value='{code}'])")


def wait_saved(form):
    form.locator("[data-saved].ok").wait_for(timeout=20_000)
    return form.locator("[data-saved]").inner_text()


def test_a_position_is_filled_by_keys_kept_by_itself_and_told_what_it_lacks(
    live_server, run, clerk
):
    page = f"/mechanisms/materials/{run.form.pk}/part/1.2.1/"

    def walk(browser):
        tab = open_tab(browser, live_server.url, clerk)
        tab.goto(page)
        form = position(tab, "1.2.1.1.2")
        form.locator("[name='1-url']").focus()
        for text in ("https://uo.example/p.pdf", "Приказ № 12", "12"):
            tab.keyboard.type(text)
            tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement.name") == "1-pages"
        link = form.locator("[data-reasons] .late a")
        link.wait_for(timeout=20_000)
        assert "Укажите страницы" in link.inner_text()
        assert wait_saved(form) == "сохранено 10:00"
        assert form.locator("[name='1-pages']").get_attribute("aria-invalid") == "true"
        form.locator("[name='1-comment']").focus()
        link.focus()
        tab.keyboard.press("Enter")
        assert tab.evaluate("document.activeElement.name") == "1-pages"
        tab.keyboard.type("3–5")
        form.locator("[data-reasons] .late").wait_for(state="detached", timeout=20_000)
        assert form.locator("[name=version]").input_value() == "2"
        tab.reload()
        assert position(tab, "1.2.1.1.2").locator("[name='1-pages']").input_value() == "3–5"
        assert tab.wrong == []
        return True

    assert in_browser(walk)
    assert Link.objects.get().page_count == 12
    assert Answer.objects.get().version == 2


def test_a_colleague_s_change_is_not_overwritten_unseen(live_server, run, clerk):
    page = f"/mechanisms/materials/{run.form.pk}/part/1.2.1/"

    def walk(browser):
        mine, hers = (open_tab(browser, live_server.url, clerk) for _ in range(2))
        for tab in (mine, hers):
            tab.goto(page)
        form = position(hers, "1.2.1.1.2")
        form.locator("[name='1-document_name']").fill("Её приказ")
        wait_saved(form)
        form = position(mine, "1.2.1.1.2")
        form.locator("[name='1-document_name']").fill("Мой приказ")
        form.locator("[data-reasons] .late").wait_for(timeout=20_000)
        assert "изменил другой сотрудник" in form.locator("[data-reasons]").inner_text()
        return True

    assert in_browser(walk)
    assert Link.objects.get().document_name == "Её приказ"


@pytest.mark.parametrize("width", [1280, 390])
def test_the_form_fits_its_window_and_a_reason_leads_to_its_field(live_server, run, clerk, width):
    def walk(browser):
        tab = open_tab(browser, live_server.url, clerk, width=width)
        tab.goto(f"/mechanisms/materials/{run.form.pk}/part/1.2.1/")
        assert tab.evaluate(TOO_WIDE) <= 0
        form = position(tab, "1.2.1.1.2")
        form.locator("[name='1-url']").fill("не адрес")
        wait_saved(form)
        tab.goto(f"/mechanisms/materials/{run.form.pk}/")
        assert tab.evaluate(TOO_WIDE) <= 0
        tab.locator("button[value=check]").click()
        tab.wait_for_selector(".govuk-error-summary")
        assert "govuk-error-summary" in tab.evaluate("document.activeElement.className")
        tab.locator(".govuk-error-summary a").first.click()
        tab.wait_for_url("**/part/1.2.1/**")
        assert tab.evaluate("document.activeElement.name") == "1-url"
        assert tab.wrong == []
        return True

    assert in_browser(walk)
