"""The evidence worker on the database: what it keeps, what it fixes, what it shows later."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.utils import DatabaseError, IntegrityError
from procrastinate.contrib.django.models import ProcrastinateJob

from builders import NOW, Region
from fetching import papers
from mechanisms.builders_evidence import SITE, Network, a_cycle, materials
from merilo.foundation.fetching import Failure
from merilo.foundation.files import store
from merilo.foundation.journal.models import JournalEntry
from merilo.law import Refused
from merilo.mechanisms import actions
from merilo.mechanisms.models import Document, Exhibit, Link, Submission, Visit
from merilo.mechanisms.queries import evidence, visits
from merilo.mechanisms.rules.evidence import Condition, Outcome
from merilo.mechanisms.rules.then_and_now import Difference
from merilo.registry.access import Forbidden, Viewer
from merilo.workers import evidence as worker
from merilo.workers import tasks

CLOCK = Viewer.system("Asia/Vladivostok")
DAY = timedelta(days=1)
PAPER = papers.pdf("Цели", "Показатели", "Меры")
ORDER = {"url": f"{SITE}/order.pdf", "pages": "2", "document_name": "Приказ"}

pytestmark = pytest.mark.django_db


def visit(network: Network, url: str = ORDER["url"], now=NOW, **more) -> Visit:
    return actions.visit_address(address=url, actor=CLOCK, now=now, go=network.go, **more)


def look(submission: Submission) -> list[evidence.Evidence]:
    submission.refresh_from_db()
    return evidence.evidence_of(submission, on=NOW.date())


def test_a_visit_keeps_the_document_its_text_and_pictures_of_its_pages():
    seen = visit(Network(**{"order.pdf": PAPER}))
    document = seen.document
    assert (seen.outcome, seen.status, document.page_count) == (Outcome.OPENED, 200, 3)
    assert store.read(document.file) == PAPER
    assert [page.text for page in document.pages.all()] == ["Цели", "Показатели", "Меры"]
    assert all(store.read(page.picture)[8:12] == b"WEBP" for page in document.pages.all())


def test_one_document_behind_many_addresses_is_kept_once():
    network = Network(**{"order.pdf": PAPER, "copy.pdf": PAPER})
    one, other = visit(network), visit(network, f"{SITE}/copy.pdf")
    assert one.document == other.document and Document.objects.count() == 1


def test_pages_named_later_are_drawn_at_the_next_visit():
    network = Network(**{"order.pdf": papers.pdf(*map(str, range(1, 31)))})
    document = visit(network).document
    drawn = document.pages.exclude(picture=None)
    assert sorted(drawn.values_list("number", flat=True)) == list(range(1, 21))
    visit(network, pages=[25])
    assert drawn.filter(number=25).exists() and not drawn.filter(number=26).exists()


def test_a_page_of_a_site_keeps_its_words_and_the_files_it_leads_to():
    body = papers.site('<p>Приказы</p><a href="docs/1.pdf">Приказ 1</a><a href="/b">Назад</a>')
    document = visit(Network(docs=body), f"{SITE}/docs").document
    assert document.files_linked == [[f"{SITE}/docs/1.pdf", "Приказ 1"]]
    assert document.fingerprint != document.sha256


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (papers.locked_pdf(), Outcome.LOCKED),
        (b"%PDF-1.7 broken", Outcome.BROKEN),
        (papers.site('<input type="password">'), Outcome.LOGIN),
    ],
)
def test_what_came_but_cannot_be_read_is_kept_and_said_each_time(body: bytes, outcome: Outcome):
    network = Network(a=body)
    for _time in range(2):
        seen = visit(network, f"{SITE}/a")
        assert seen.outcome == outcome and seen.document is not None


def test_a_link_that_gives_nothing_is_noted_with_its_reason():
    network = Network()
    network.fails = Failure.PRIVATE
    seen = visit(network)
    assert (seen.outcome, seen.document, seen.final_address) == (Outcome.PRIVATE, None, "")


def test_only_the_clock_visits(region: Region):
    with pytest.raises(Forbidden):
        actions.visit_address(address=SITE, actor=region.viewer("mouo"), now=NOW)


def test_the_journal_and_the_visit_are_for_ever_and_the_journal_holds_no_address():
    seen = visit(Network(**{"order.pdf": PAPER}))
    entry = JournalEntry.objects.get(event="evidence.visited")
    assert SITE not in str(entry.facts)
    with pytest.raises(DatabaseError), transaction.atomic():
        Visit.objects.filter(pk=seen.pk).update(outcome="gone")
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.create(address="a", key="k", at=NOW, outcome="opened")


# --- from the form to the worker ------------------------------------------------------------------


def test_an_address_of_many_rows_is_visited_once_with_all_its_pages(region: Region):
    submission = materials(
        region, ORDER, {**ORDER, "url": f"{SITE}/order.pdf#p", "pages": "5–7"}, {"url": ""}
    )
    assert visits.addresses_of(submission.pk) == {ORDER["url"]: frozenset({2, 5, 6, 7})}


def test_the_municipality_asks_for_a_visit_and_asking_twice_waits_once(region: Region):
    submission = materials(region, ORDER)
    for _time in range(2):
        actions.ask_to_visit(submission_id=submission.pk, actor=region.viewer("mouo"), now=NOW)
    jobs = ProcrastinateJob.objects.filter(task_name="visit_evidence")
    # Work of tests that commit may wait there too.
    assert jobs.filter(args={"submission_id": submission.pk}).count() == 1


def test_another_municipality_cannot_ask(region: Region):
    submission = materials(region, ORDER)
    with pytest.raises(Submission.DoesNotExist):
        actions.ask_to_visit(
            submission_id=submission.pk, actor=region.viewer("other_mouo"), now=NOW
        )


def test_an_empty_form_has_nothing_to_visit(region: Region):
    submission = materials(region, {"url": ""})
    with pytest.raises(Refused):
        actions.ask_to_visit(submission_id=submission.pk, actor=region.viewer("mouo"), now=NOW)


def test_the_worker_goes_through_the_materials_and_the_night_spares_what_was_just_visited(
    region: Region, hold_clock, monkeypatch
):
    network = Network(**{"order.pdf": PAPER})
    monkeypatch.setitem(actions.visit_address.__kwdefaults__, "go", network.go)
    submission = materials(region, ORDER, {"url": f"{SITE}/gone.pdf"})
    hold_clock(NOW)
    assert tasks.visit_evidence(submission.pk) == 2
    assert tasks.visit_all_evidence() == 0
    hold_clock(NOW + DAY)
    assert tasks.visit_all_evidence() == 2
    submission.answers.all().delete()
    hold_clock(NOW + 3 * DAY)
    assert tasks.visit_all_evidence() == 0


def test_materials_with_a_final_result_are_not_visited_any_more(region: Region):
    cycle = a_cycle(region)
    materials(region, ORDER, state="final", submitted_at=NOW, cycle=cycle)
    living = materials(region, ORDER, who="other_mouo", cycle=cycle)
    assert list(evidence.submissions_to_look_at()) == [living.pk]


# --- then and now -----------------------------------------------------------------------------


def test_case_144_a_link_dead_at_the_assessment_shows_what_was_submitted_and_when(region: Region):
    network = Network(**{"order.pdf": PAPER})
    submission = materials(region, ORDER, state="submitted", submitted_at=NOW)
    visit(network, now=NOW + timedelta(minutes=5))
    assert actions.keep_exhibits(submission_id=submission.pk, actor=CLOCK, now=NOW + DAY) == 1
    network.drop("order.pdf")
    visit(network, now=NOW + 9 * DAY)
    [found] = look(submission)
    assert found.difference is Difference.DIED and found.condition is Condition.OK
    assert found.shown.at == NOW + timedelta(minutes=5) and found.shown.document is not None
    assert found.last.outcome == Outcome.GONE


def test_a_document_changed_after_the_submission_is_shown_as_it_was(region: Region):
    network = Network(**{"order.pdf": PAPER})
    submission = materials(region, ORDER, state="submitted", submitted_at=NOW)
    visit(network, now=NOW)
    actions.keep_exhibits(submission_id=submission.pk, actor=CLOCK, now=NOW)
    network.put("order.pdf", papers.pdf("Другое"))
    visit(network, now=NOW + DAY)
    [found] = look(submission)
    assert found.difference is Difference.CHANGED
    assert found.shown.document.page_count == 3


def test_an_exhibit_is_fixed_once_and_a_new_submission_has_its_own(region: Region):
    network = Network(**{"order.pdf": PAPER})
    submission = materials(region, ORDER, state="submitted", submitted_at=NOW)
    visit(network, now=NOW)
    for count in (1, 0):
        done = actions.keep_exhibits(submission_id=submission.pk, actor=CLOCK, now=NOW)
        assert done == count
    Submission.objects.update(submitted_at=NOW + DAY)
    visit(network, now=NOW + DAY)
    actions.keep_exhibits(submission_id=submission.pk, actor=CLOCK, now=NOW + DAY)
    assert Exhibit.objects.count() == 2
    [found] = look(submission)
    assert found.submitted.at == NOW + DAY


def test_a_draft_has_no_exhibits(region: Region):
    submission = materials(region, ORDER)
    visit(Network(**{"order.pdf": PAPER}))
    assert actions.keep_exhibits(submission_id=submission.pk, actor=CLOCK, now=NOW) == 0


def test_a_site_that_is_down_when_the_materials_come_is_asked_again(region: Region):
    network = Network()
    submission = materials(region, ORDER, state="submitted", submitted_at=NOW)
    visit(network, now=NOW)
    actions.keep_exhibits(submission_id=submission.pk, actor=CLOCK, now=NOW)
    assert not Exhibit.objects.exists()
    actions.keep_exhibits(submission_id=submission.pk, actor=CLOCK, now=NOW + 2 * DAY)
    assert Exhibit.objects.get().visit.outcome == Outcome.GONE


def test_counted_pages_come_from_the_document_and_not_from_the_municipality(region: Region):
    network = Network(**{"order.pdf": PAPER, "plan.docx": papers.word("а", "б")})
    submission = materials(
        region, {**ORDER, "page_count": 99}, {"url": f"{SITE}/plan.docx"}, {"url": f"{SITE}/no"}
    )
    for url in (ORDER["url"], f"{SITE}/plan.docx", f"{SITE}/no"):
        visit(network, url)
    assert visits.counted_pages(submission.pk) == {Link.objects.get(seq=1).pk: 3}


def test_pages_beyond_the_end_and_repeats_are_told_row_by_row(region: Region):
    network = Network(**{"order.pdf": PAPER})
    rows = ({**ORDER, "pages": "2–9"}, {"url": f"{SITE}/order.pdf#page=1", "pages": "1"})
    submission = materials(region, *rows)
    visit(network)
    first, second = look(submission)
    assert [reason.code for reason in first.reasons] == ["mechanisms.beyond-the-end"]
    assert [reason.code for reason in second.reasons] == ["mechanisms.same-document-twice"]


def test_a_row_nobody_visited_says_so(region: Region):
    [found] = look(materials(region, ORDER))
    assert (found.condition, found.shown, found.difference) == (Condition.NOT_VISITED, None, None)


def test_the_page_of_a_row_is_given_in_scope_only(region: Region):
    materials(region, ORDER, state="submitted", submitted_at=NOW)
    materials(region, who="other_mouo", cycle=a_cycle(region, 2025))
    visit(Network(**{"order.pdf": PAPER}))
    link = Link.objects.get()
    for who in ("mouo", "ministry", "rcoi", "auditor"):
        page = evidence.page_behind(region.viewer(who), link.pk, 2, on=NOW.date())
        assert page.text == "Показатели"
    assert evidence.page_behind(region.viewer("mouo"), link.pk, 9, on=NOW.date()) is None
    for who in ("other_mouo", "school", "mumexpert"):
        with pytest.raises(Link.DoesNotExist):
            evidence.page_behind(region.viewer(who), link.pk, 2, on=NOW.date())


def test_the_rows_of_a_draft_are_the_municipality_s_own(region: Region):
    materials(region, ORDER)
    link = Link.objects.get()
    assert evidence.evidence_behind(region.viewer("mouo"), link.pk, on=NOW.date()).link == link
    with pytest.raises(Link.DoesNotExist):
        evidence.evidence_behind(region.viewer("ministry"), link.pk, on=NOW.date())


def test_the_pages_named_are_the_pages_shown(region: Region):
    document = visit(Network(**{"order.pdf": papers.pdf(*"абвгд")})).document
    assert [page.number for page in evidence.pages_shown(document, "2, 4–5")] == [2, 4, 5]
    assert [page.number for page in evidence.pages_shown(document, "")] == [1, 2, 3]


def test_the_worker_returns_how_many_it_visited(region: Region, monkeypatch, hold_clock):
    monkeypatch.setitem(actions.visit_address.__kwdefaults__, "go", Network().go)
    hold_clock(NOW)
    submission = materials(region, ORDER)
    assert worker.visit_materials(submission.pk, actor=CLOCK) == 1
