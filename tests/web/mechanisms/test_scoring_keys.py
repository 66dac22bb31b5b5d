"""An expert scores beside the document without a mouse, in a real browser, wide and narrow."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import transaction

from mechanisms.builders_expertise import LATER, in_expertise, scored
from merilo.foundation.files import store
from merilo.mechanisms.models import Appointment, Document, DocumentPage, Mark, Visit
from merilo.mechanisms.rules.evidence import address_key, spelling
from web.browsing import a_browser, open_tab, session_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PICTURES = os.environ.get("MERILO_PICTURES")  # a folder, to look at the pages with one's own eyes


def in_browser(walk):
    """Walk in a thread of its own: the driver's loop would keep this one from the database."""

    def run():
        with a_browser() as browser:
            return walk(browser)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def look(tab, name):
    if PICTURES:
        tab.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.fixture
def run(region, hold_clock):
    hold_clock(LATER)
    return in_expertise(region)


def test_a_direction_is_scored_by_keys_alone(live_server, run, region):
    session = session_of(region.accounts["mumexpert"])
    appointment = run.appointment("mumexpert", "1.1").pk
    first, second = run.criteria["1.1.1.1"].pk, run.criteria["1.1.1.2"].pk

    def walk(browser):
        tab = open_tab(browser, live_server.url, session)
        tab.goto(f"/mechanisms/expertise/{appointment}/{first}/")
        tab.wait_for_selector("form[data-scoring]")
        look(tab, "position-1280")
        tab.keyboard.press("0")
        tab.keyboard.press("Shift+5")
        tab.keyboard.press("c")
        tab.keyboard.type("Стр. 2: показателя нет.")
        tab.keyboard.press("Control+Enter")
        tab.wait_for_url(f"**/{second}/")
        tab.keyboard.press("3")
        tab.keyboard.press("Enter")
        tab.wait_for_url(f"**/expertise/{appointment}/")
        assert "Оценены все позиции" in tab.content()
        look(tab, "sheet-1280")
        return tab.wrong

    assert in_browser(walk) == []
    marks = {one.criterion_id: one for one in Mark.objects.all()}
    assert (marks[first].points, marks[first].grounds) == (0, ["D5"])
    assert marks[first].comment == "Стр. 2: показателя нет."
    assert marks[second].points == 3


def kept_behind(link):
    """A document of four pages of words, as a visit would have kept it."""
    with transaction.atomic():
        file = store.keep(
            b"%PDF-1.4\n%%EOF\n", name="order.pdf", content_type="application/pdf",
            purpose="mechanisms-evidence", now=LATER, account_id=None,
        )  # fmt: skip
    document = Document.objects.create(
        sha256="a" * 64, fingerprint="a" * 64, kind="pdf", file=file, size=file.size,
        page_count=4, pages_are_exact=True, first_seen_at=LATER,
    )  # fmt: skip
    for number, words in enumerate(("Цели", "Показатели", "Меры", "Выводы"), start=1):
        DocumentPage.objects.create(document=document, number=number, text=words)
    Visit.objects.create(
        address=spelling(link.url), key=address_key(link.url), at=LATER, outcome="opened",
        status=200, document=document,
    )  # fmt: skip


def test_the_kept_document_stands_beside_the_mark_at_the_pages_given(live_server, run, region):
    position = run.criteria["1.1.1.1"].pk
    kept_behind(run.submissions["mouo"].answers.get(criterion=position).links.get())
    session = session_of(region.accounts["mumexpert"])
    appointment = run.appointment("mumexpert", "1.1").pk

    def walk(browser):
        tab = open_tab(browser, live_server.url, session)
        tab.goto(f"/mechanisms/expertise/{appointment}/{position}/")
        tab.wait_for_selector("#evidence .paper-page")
        look(tab, "position-with-document-1280")
        pages = tab.evaluate("[...document.querySelectorAll('.paper-page')].map(one => one.id)")
        beside = tab.evaluate(
            "document.querySelector('#evidence').getBoundingClientRect().right <="
            " document.querySelector('.scoring-form').getBoundingClientRect().left"
        )
        return pages, beside, tab.wrong

    assert in_browser(walk) == (["page-2", "page-3"], True, [])


def test_keys_walk_between_positions_and_leave_a_field(live_server, run, region):
    session = session_of(region.accounts["mumexpert"])
    appointment = run.appointment("mumexpert", "1.1").pk
    first, second = run.criteria["1.1.1.1"].pk, run.criteria["1.1.1.2"].pk

    def walk(browser):
        tab = open_tab(browser, live_server.url, session)
        tab.goto(f"/mechanisms/expertise/{appointment}/{first}/")
        tab.wait_for_selector("form[data-scoring]")
        tab.keyboard.press("j")
        tab.wait_for_url(f"**/{second}/")
        tab.keyboard.press("k")
        tab.wait_for_url(f"**/{first}/")
        tab.keyboard.press("d")
        assert tab.evaluate("document.activeElement.id") == "evidence"
        tab.keyboard.press("c")
        tab.keyboard.press("2")  # in the comment a digit is a digit
        tab.keyboard.press("Escape")
        tab.keyboard.press("1")
        return tab.evaluate(
            "[document.querySelector('[name=comment]').value,"
            " document.querySelector('[name=points]:checked').value]"
        )

    assert in_browser(walk) == ["2", "1"]


def test_the_pages_fit_a_phone_and_a_desk(live_server, run, region):
    scored(run, "mumexpert", "1.1", 1)
    scored(run, "mumexpert2", "1.1", 3)
    own = run.appointment("mumexpert", "1.1").pk
    other = run.appointment("mumexpert", "1.3").pk
    position, track = run.criteria["1.3.1.1.1"].pk, run.criteria["1.3.1"].pk
    submission, cycle = run.submissions["mouo"].pk, run.cycle.pk
    expert = {
        "works": "/mechanisms/expertise/",
        "sheet": f"/mechanisms/expertise/{own}/",
        "position": f"/mechanisms/expertise/{other}/{position}/",
        "harmonising": f"/mechanisms/expertise/{own}/harmonising/",
        "map-ruling": f"/mechanisms/expertise/{other}/map/{track}/",
        "ties": "/mechanisms/expertise/ties/",
    }
    operator = {
        "experts": "/mechanisms/experts/",
        "assignment": f"/mechanisms/cycles/{cycle}/assignment/",
        "agreement": f"/mechanisms/cycles/{cycle}/agreement/",
        "marks": f"/mechanisms/submissions/{submission}/marks/",
        "map": f"/mechanisms/submissions/{submission}/map/{track}/",
    }
    people = {
        session_of(region.accounts["mumexpert"]): expert,
        session_of(region.accounts["ministry"]): operator,
    }

    def walk(browser):
        wide = []
        for session, pages in people.items():
            for width in (1280, 390):
                tab = open_tab(browser, live_server.url, session, width=width)
                for name, address in pages.items():
                    assert tab.goto(address).status == 200, name
                    look(tab, f"{name}-{width}")
                    if tab.evaluate(TOO_WIDE) > 0:
                        wide.append((name, width))
                    assert tab.wrong == []
        return wide

    assert in_browser(walk) == []
    assert Appointment.objects.filter(state="done").count() == 2
