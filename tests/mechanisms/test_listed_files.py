"""R2: several documents behind one link. The files of a page are brought, named and bounded."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from builders import NOW, Region
from fetching import papers
from mechanisms.builders_evidence import SITE, Network, materials
from merilo.foundation import fetching
from merilo.foundation.fetching import CannotRead
from merilo.mechanisms import actions
from merilo.mechanisms.models import Attachment, Document, Link, Visit
from merilo.mechanisms.queries import evidence
from merilo.mechanisms.rules.evidence import Condition, Outcome
from merilo.mechanisms.rules.then_and_now import Difference
from merilo.registry.access import Viewer

CLOCK = Viewer.system("Asia/Vladivostok")
PAGE = {"url": f"{SITE}/docs", "document_name": "Программа мониторинга"}
ORDER, PLAN = papers.pdf("Приказ", "Пункт"), papers.word("Цели", "Меры")
TABLE = papers.sheets(Показатели=[["Показатель", "Доля"], ["Охват", 0.5]])

pytestmark = pytest.mark.django_db


@pytest.fixture
def network() -> Network:
    body = papers.site(
        '<a href="/order.pdf">Приказ № 5</a><a href="/plan.docx">Программа мониторинга (Word)</a>'
        '<a href="/table.xlsx">Показатели</a><a href="/gone.pdf">Старый</a>'
        '<a href="/form.pdf">Закрытый</a><a href="https://other.example/x.pdf">Чужой</a>'
    )
    login = papers.site('<input type="password">')
    return Network(
        **{"docs": body, "order.pdf": ORDER, "plan.docx": PLAN, "table.xlsx": TABLE,
           "form.pdf": login}
    )  # fmt: skip


def visit(network: Network, submission, now=NOW) -> Visit:
    return actions.visit_address(
        address=PAGE["url"], pages=[2], submission_id=submission.pk, actor=CLOCK, now=now,
        go=network.go,
    )  # fmt: skip


def shown(region: Region, who: str = "mouo") -> evidence.Evidence:
    return evidence.evidence_behind(region.viewer(who), Link.objects.get().pk, on=NOW.date())


def test_every_file_is_kept_with_its_own_state_and_the_named_one_is_picked_out(region, network):
    submission = materials(region, {**PAGE, "pages": "2"})
    made = visit(network, submission)
    rows = list(made.attachments.values_list("words", "outcome", "document__kind"))
    assert rows == [
        ("Программа мониторинга (Word)", Outcome.OPENED, "docx"),
        ("Приказ № 5", Outcome.OPENED, "pdf"),
        ("Показатели", Outcome.OPENED, "xlsx"),
        ("Старый", Outcome.GONE, None),
        ("Закрытый", Outcome.LOGIN, None),
    ]
    assert "https://other.example/x.pdf" not in network.asked
    order = made.attachments.get(seq=2).document
    assert (order.page_count, len(order.sha256)) == (2, 64)
    assert order.pages.exclude(picture=None).count() == 2
    found = shown(region)
    assert found.named.words == "Программа мониторинга (Word)"
    assert found.document() == found.named.document and found.document(2) == order
    assert found.document(4) is None and found.document(99) is None
    assert found.condition is Condition.OK


def test_a_page_without_a_named_file_is_shown_itself(region, network):
    submission = materials(region, {**PAGE, "document_name": "Справка"})
    visit(network, submission)
    found = shown(region)
    assert found.named is None and found.document().kind == "html"


def test_pages_of_a_sheet_are_shown_whatever_pages_were_named(region, network):
    document = visit(network, materials(region, PAGE)).attachments.get(seq=3).document
    assert [page.cells for page in evidence.pages_shown(document, "7")] == [
        [["Показатель", "Доля"], ["Охват", "0,5"]]
    ]


def test_what_was_submitted_holds_its_files_and_a_changed_file_is_told(region, network):
    submission = materials(region, PAGE, state="submitted", submitted_at=NOW)
    visit(network, submission)
    actions.keep_exhibits(submission_id=submission.pk, actor=CLOCK, now=NOW)
    network.put("plan.docx", papers.word("Другое"))
    visit(network, submission, now=NOW + timedelta(days=1))
    found = shown(region)
    assert found.difference is Difference.CHANGED
    assert found.document().pages.first().text == "Цели"


def test_a_file_of_a_page_is_for_ever(region, network):
    visit(network, materials(region, PAGE))
    with pytest.raises(DatabaseError), transaction.atomic():
        Attachment.objects.update(words="")


def test_a_page_seen_before_still_leads_to_its_files(region, network):
    submission = materials(region, PAGE)
    first, second = visit(network, submission), visit(network, submission, now=NOW + timedelta(1))
    assert first.document == second.document
    assert second.attachments.count() == first.attachments.count() == 5
    assert Document.objects.count() == 4


def test_a_document_kept_whole_before_is_taken_apart_when_it_can_be(region, network):
    document = visit(network, materials(region, PAGE)).attachments.get(seq=3).document
    document.pages.all().delete()
    Document.objects.filter(pk=document.pk).update(kind="office")
    visit(
        network,
        materials(
            region, PAGE, who="other_mouo", cycle=Link.objects.first().answer.submission.cycle
        ),
    )
    document.refresh_from_db()
    assert document.kind == "xlsx" and document.pages.count() == 1


def test_the_most_pages_of_a_text_are_kept_by_the_value_of_the_law(region):
    long = papers.word("Строка. " * 200)
    made = actions.visit_address(
        address=f"{SITE}/a.docx", actor=CLOCK, now=NOW, go=Network(**{"a.docx": long}).go
    )
    assert made.document.page_count == 1
    assert made.document.pages_at_most == 5  # forty short lines and a few, at ten a page


def test_a_text_kept_before_its_bound_was_counted_gets_it_at_the_next_visit():
    network = Network(**{"a.docx": papers.word("Цели")})
    at = {"address": f"{SITE}/a.docx", "actor": CLOCK, "go": network.go}
    document = actions.visit_address(now=NOW, **at).document
    Document.objects.update(pages_at_most=None)
    actions.visit_address(now=NOW + timedelta(days=1), **at)
    document.refresh_from_db()
    assert document.pages_at_most == 1 and document.pages.count() == 1


def test_a_reading_that_fails_now_takes_nothing_from_what_was_read_before(monkeypatch):
    network = Network(**{"a.docx": papers.word("Цели")})
    at = {"address": f"{SITE}/a.docx", "actor": CLOCK, "go": network.go}
    document = actions.visit_address(now=NOW, **at).document
    Document.objects.update(pages_at_most=None)

    def heavy(*_said, **_more):
        raise CannotRead(CannotRead.HEAVY)

    monkeypatch.setattr(fetching, "read", heavy)
    assert actions.visit_address(now=NOW + timedelta(days=1), **at).outcome == Outcome.HEAVY
    document.refresh_from_db()
    assert document.trouble == "" and document.pages.first().text == "Цели"
