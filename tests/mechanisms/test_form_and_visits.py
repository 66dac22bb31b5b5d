"""What the visits saw is asked again when the form is checked and submitted (cases 118–121)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from builders import NOW, Region
from fetching import papers
from mechanisms.builders_evidence import SITE, Network, materials
from merilo.demo.evidence import build_evidence
from merilo.demo.evidence import go as in_the_demonstration
from merilo.foundation.fetching import Failure, Kind, NotVisited
from merilo.law import Refused
from merilo.mechanisms import actions
from merilo.mechanisms.models import Exhibit, Visit
from merilo.registry.access import Viewer
from merilo.workers import evidence as worker

CLOCK = Viewer.system("Asia/Vladivostok")
ORDER = {"url": f"{SITE}/order.pdf", "document_name": "Приказ", "comment": "Пункт 2."}

pytestmark = pytest.mark.django_db


def checked(
    region: Region, body: bytes | None, failure: Failure = Failure.GONE, **row
) -> set[str]:
    """Codes that the self-check gives once the only link was visited."""
    submission = materials(region, {**ORDER, **row})
    network = Network(**({"order.pdf": body} if body else {}))
    network.fails = failure
    actions.visit_address(address=ORDER["url"], actor=CLOCK, now=NOW, go=network.go)
    done = actions.self_check(submission_id=submission.pk, actor=region.viewer("mouo"), now=NOW)
    return {one.code for one in done.reasons}


def test_case_118_twelve_counted_pages_without_numbers_are_refused_whatever_was_typed(region):
    paper = papers.pdf(*map(str, range(12)))
    assert "mechanisms.pages-missing" in checked(region, paper, page_count=1)


def test_case_119_one_counted_page_needs_no_number(region):
    codes = checked(region, papers.pdf("Приказ"), page_count=40)
    assert not codes & {"mechanisms.pages-missing", "mechanisms.pages-unknown"}


def test_pages_beyond_the_counted_end_are_refused_once(region):
    codes = checked(region, papers.pdf("а", "б"), pages="2–9", page_count=40)
    assert "mechanisms.pages-beyond" in codes and "mechanisms.beyond-the-end" not in codes


def test_case_121_a_link_that_turned_out_to_be_closed_stops_the_submission(region):
    assert "mechanisms.closed-without-secret" in checked(region, None, Failure.CLOSED)


def test_a_link_to_a_private_network_stops_the_submission(region):
    assert "mechanisms.link-wrong" in checked(region, None, Failure.PRIVATE)


def test_what_a_visit_saw_stops_the_submission_itself(region):
    submission = materials(region, ORDER, state="self_checked")
    network = Network()
    network.fails = Failure.WRONG_KIND
    actions.visit_address(address=ORDER["url"], actor=CLOCK, now=NOW, go=network.go)
    with pytest.raises(Refused) as refused:
        actions.submit(submission_id=submission.pk, actor=region.viewer("mouo"), now=NOW)
    assert [one.code for one in refused.value.refusals] == ["mechanisms.link-wrong"]


def test_submitting_sends_the_worker_to_the_links(region):
    submission = materials(region, {**ORDER, "page_count": 1}, state="self_checked")
    actions.submit(submission_id=submission.pk, actor=region.viewer("mouo"), now=NOW)
    jobs = ProcrastinateJob.objects.filter(task_name="visit_evidence")
    # Work of tests that commit may wait there too.
    assert jobs.filter(args={"submission_id": submission.pk}).count() == 1


# --- the demonstration ---------------------------------------------------------------------------


def test_the_demonstration_makes_its_documents_and_visits_nobody(region, settings, hold_clock):
    rows = [
        {"url": f"https://uo.example/documents/{name}", "pages": "2"}
        for name in ("prikaz-11.pdf", "prikaz-12.pdf", "spravka-3.pdf")
    ]
    submission = materials(region, *rows, state="submitted", submitted_at=NOW)
    build_evidence([submission], clock=CLOCK, anchor=NOW + timedelta(days=9))
    assert Visit.objects.count() == 3 and Exhibit.objects.exists()
    settings.DEMO = True
    hold_clock(NOW + timedelta(days=9))
    assert worker.visit_materials(submission.pk, actor=CLOCK) == 0
    assert Visit.objects.count() == 3


def test_the_invented_network_has_documents_news_closed_and_dead_links():
    site = "https://uo.example"
    assert in_the_demonstration(f"{site}/documents/programma-10.pdf").kind is Kind.PDF
    assert in_the_demonstration(f"{site}/news/otkrytie").kind is Kind.PAGE
    for path, failure in (("closed", Failure.CLOSED), ("unknown", Failure.GONE)):
        with pytest.raises(NotVisited) as failed:
            in_the_demonstration(f"{site}/{path}")
        assert failed.value.failure is failure
