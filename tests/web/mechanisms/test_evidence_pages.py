"""Pages of kept documents: the list of links, the document at its pages, its pictures and file."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from builders import NOW, Region
from fetching import papers
from mechanisms.builders_evidence import SITE, Network, materials
from merilo.foundation.journal.models import JournalEntry
from merilo.mechanisms import actions
from merilo.mechanisms.models import Link
from merilo.registry.access import Viewer

CLOCK = Viewer.system("Asia/Vladivostok")
ORDER = {
    "url": f"{SITE}/order.pdf",
    "pages": "2–3",
    "document_name": "Приказ о мониторинге",
    "comment": "Пункт 2 называет показатели.",
}
PAPER = papers.pdf("Цели", "Показатели", "Меры", "Выводы")

pytestmark = pytest.mark.django_db


@pytest.fixture
def given(region: Region, hold_clock):
    hold_clock(NOW + timedelta(days=3))
    site = {"url": f"{SITE}/news", "document_name": "Лента"}
    gone = {"url": f"{SITE}/gone.pdf", "document_name": "Справка"}
    submission = materials(region, ORDER, site, gone, state="submitted", submitted_at=NOW)
    network = Network(**{"order.pdf": PAPER, "news": papers.site("<p>Праздник</p>", "Новости")})
    for link in Link.objects.all():
        actions.visit_address(address=link.url, actor=CLOCK, now=NOW, go=network.go)
    actions.keep_exhibits(submission_id=submission.pk, actor=CLOCK, now=NOW)
    return submission


def as_(region: Region, who: str) -> Client:
    client = Client()
    client.force_login(region.accounts[who])
    return client


def shown(region: Region, name: str, *arguments: int, who: str = "mouo", query: str = "") -> str:
    answer = as_(region, who).get(reverse(name, args=arguments) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def link(seq: int) -> int:
    return Link.objects.get(seq=seq).pk


def test_the_list_says_of_every_link_whether_it_opens_and_why_it_may_not_count(region, given):
    page = shown(region, "mechanisms-evidence", given.pk)
    for words in ("открывается", "похоже, не оценивается", "не открывается", "Лента", "новостная"):
        assert words in page
    assert "в документе 4" in page


def test_the_list_is_narrowed_by_a_state_in_the_address(region, given):
    page = shown(region, "mechanisms-evidence", given.pk, query="?state=excluded")
    assert "Лента" in page and "Приказ о мониторинге" not in page


def test_the_document_opens_at_the_pages_given_for_expertise(region, given):
    page = shown(region, "mechanisms-document", link(1))
    assert 'id="page-2"' in page and 'id="page-3"' in page and 'id="page-1"' not in page
    assert "Показатели" in page and "Пункт 2 называет показатели" in page
    other = shown(region, "mechanisms-document", link(1), query="?page=4")
    assert "Выводы" in other and 'id="page-2"' not in other


def test_a_page_of_a_site_is_shown_as_words_only(region, given):
    page = shown(region, "mechanisms-document", link(2))
    assert "Праздник" in page and "<img" not in page.split("<main")[1]


def test_a_link_that_never_opened_says_so(region, given):
    assert "Документ не сохранён" in shown(region, "mechanisms-document", link(3))
    assert (
        as_(region, "mouo").get(reverse("mechanisms-original", args=[link(3)])).status_code == 404
    )


def test_case_144_the_page_says_what_became_of_the_document(region, given):
    actions.visit_address(
        address=ORDER["url"], actor=CLOCK, now=NOW + timedelta(days=2), go=Network().go
    )
    page = shown(region, "mechanisms-document", link(1))
    assert "При представлении материалов ссылка открывалась, теперь — нет" in page
    assert 'id="page-2"' in page


def test_a_picture_is_a_picture_and_nothing_else(region, given):
    answer = as_(region, "ministry").get(reverse("mechanisms-page", args=[link(1), 2]))
    assert answer["Content-Type"] == "image/webp" and answer.content[8:12] == b"WEBP"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    missing = as_(region, "mouo").get(reverse("mechanisms-page", args=[link(1), 40]))
    assert missing.status_code == 404


def test_the_original_is_saved_and_never_opened_and_the_journal_notes_it(region, given):
    for seq, body in ((1, PAPER), (2, None)):
        answer = as_(region, "rcoi").get(reverse("mechanisms-original", args=[link(seq)]))
        assert answer["Content-Disposition"].startswith("attachment")
        assert "sandbox" in answer["Content-Security-Policy"]
        assert body is None or answer.content == body
    assert JournalEntry.objects.filter(event="file.read").count() == 2


@pytest.mark.parametrize("who", ["other_mouo", "mumexpert"])
def test_materials_of_others_do_not_exist(region, given, who):
    client = as_(region, who)
    for name, arguments in (
        ("mechanisms-evidence", [given.pk]),
        ("mechanisms-document", [link(1)]),
        ("mechanisms-page", [link(1), 2]),
        ("mechanisms-original", [link(1)]),
    ):
        assert client.get(reverse(name, args=arguments)).status_code == 404


def test_the_button_puts_the_links_before_the_worker(region, given):
    client = as_(region, "mouo")
    answer = client.post(reverse("mechanisms-visit-now", args=[given.pk]), follow=True)
    assert "поставлена в очередь" in answer.content.decode()
    jobs = ProcrastinateJob.objects.filter(
        task_name="visit_evidence", args__submission_id=given.pk
    )
    assert jobs.count() == 1


def test_with_no_links_the_page_and_the_button_say_so(region, hold_clock):
    hold_clock(NOW)
    submission = materials(region)
    assert "Ссылок пока нет" in shown(region, "mechanisms-evidence", submission.pk)
    answer = as_(region, "mouo").post(
        reverse("mechanisms-visit-now", args=[submission.pk]), follow=True
    )
    assert "проверять нечего" in answer.content.decode()
