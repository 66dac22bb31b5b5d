"""Closed pages: the worker opens them with the municipality's password, for its materials alone."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO

import pytest
from django.conf import settings
from django.db import connection

from builders import NOW, Region
from fetching import papers
from mechanisms.builders_evidence import SITE, Network, a_cycle, materials
from merilo.foundation.fetching import Access, Failure, NotVisited, Use, Visited
from merilo.foundation.files.sealing import seal
from merilo.foundation.journal.models import JournalEntry
from merilo.mechanisms import actions
from merilo.mechanisms.models import AccessSecret, Link, Submission, Visit
from merilo.mechanisms.queries import evidence
from merilo.mechanisms.rules.evidence import Condition, Outcome
from merilo.mechanisms.rules.then_and_now import Difference
from merilo.registry import queries as registry
from merilo.registry.access import Viewer
from merilo.workers import evidence as worker
from rules.reading import with_settings

CLOCK = Viewer.system("Asia/Vladivostok")
URL = f"{SITE}/closed.pdf"
ROW = {"url": URL, "document_name": "Приказ", "closed_access": True}
PAPER = papers.pdf("Приказ")
LOGIN, PASSWORD = "uo-login-77", "uo-password-77"

pytestmark = pytest.mark.django_db


class Closed(Network):
    """A site that opens to the password; remembers what it was offered."""

    def __init__(self):
        super().__init__(**{"closed.pdf": PAPER})
        self.offered: list[Access | None] = []

    def go(self, address: str, *, access: Access | None = None, limits=None) -> Visited:
        self.offered.append(access)
        if access is None:
            raise NotVisited(Failure.CLOSED, 401)
        if (access.login, access.password) != (LOGIN, PASSWORD):
            raise NotVisited(Failure.CLOSED, 401, Use.REFUSED)
        found = super().go(address)
        return Visited(**{**vars(found), "access": Use.TAKEN})


@pytest.fixture
def run(region: Region):
    return a_cycle(region, NOW.year)


@pytest.fixture
def given(region: Region, run) -> Submission:
    submission = materials(region, ROW, cycle=run)
    say(region, Link.objects.get())
    return submission


def say(region: Region, link: Link, **said: str) -> AccessSecret:
    return actions.keep_secret(
        submission_id=link.answer.submission_id, link_id=link.pk,
        said={"login": LOGIN, "password": PASSWORD, **said}, actor=region.viewer("mouo"), now=NOW,
    )  # fmt: skip


def visit(site: Network, submission: Submission | None, now=NOW) -> Visit:
    return actions.visit_address(
        address=URL, submission_id=submission.pk if submission else None, actor=CLOCK, now=now,
        go=site.go,
    )  # fmt: skip


def row(submission: Submission, seq: int = 1) -> evidence.Evidence:
    submission.refresh_from_db()
    return evidence.evidence_of(submission, on=NOW.date())[seq - 1]


def test_a_closed_page_is_opened_with_the_password_and_said_so(given):
    made = visit(Closed(), given)
    assert (made.outcome, made.access, made.opened_for) == (Outcome.OPENED, Use.TAKEN, given)
    found = row(given)
    assert found.condition is Condition.OK and found.document().sha256 == made.document.sha256


def test_an_address_in_another_spelling_is_the_same_closed_page(given):
    site = Closed()
    actions.visit_address(
        address="HTTPS://UO.example/closed.pdf#page=2", submission_id=given.pk, actor=CLOCK,
        now=NOW, go=site.go,
    )  # fmt: skip
    assert site.offered[-1] is not None and Visit.objects.get().opened_for == given


def test_the_password_is_told_with_the_server_it_was_given_for(given, region):
    site = Closed()
    link = Link.objects.get()
    Link.objects.filter(pk=link.pk).update(url=URL.replace("uo.example", "thief.example"))
    visit(site, given)  # the address is not of these materials any more
    assert site.offered == [None]
    actions.visit_address(
        address=URL.replace("uo.example", "thief.example"), submission_id=given.pk, actor=CLOCK,
        now=NOW, go=site.go,
    )  # fmt: skip
    assert site.offered[-1].home.host == "uo.example"  # the thief is a stranger to it


def test_a_password_sealed_before_the_address_was_kept_is_left_to_the_expert(given):
    secret = AccessSecret.objects.get()
    old = json.dumps({"link": secret.link_id, "login": LOGIN, "password": PASSWORD}).encode()
    secret.sealed = b"".join(seal(BytesIO(old), settings.FILES_KEY))
    secret.save()
    site = Closed()
    assert visit(site, given).outcome == Outcome.CLOSED and site.offered == [None]
    assert row(given).condition is Condition.BY_EXPERT


@pytest.mark.parametrize(
    "said", [{"password": ""}, {"login": "", "password": "", "other": "ключ"}]
)
def test_without_a_password_there_is_nothing_a_machine_could_say(given, region, said):
    say(region, Link.objects.get(), **said)
    site = Closed()
    visit(site, given)
    assert site.offered == [None]


def test_a_password_whose_day_has_passed_or_that_was_forgotten_is_not_used(given, region):
    site, until = Closed(), AccessSecret.objects.get().expires_on
    last = NOW + (until - NOW.date())
    visit(site, given, now=last)
    assert site.offered[-1] is not None
    visit(site, given, now=last + timedelta(days=1))
    assert site.offered[-1] is None
    AccessSecret.objects.update(forgotten_at=NOW, sealed=b"")
    assert visit(site, given).outcome == Outcome.CLOSED and site.offered[-1] is None
    assert [one.code for one in row(given).reasons] == ["mechanisms.closed-without-secret"]


def test_a_wrong_password_is_told_to_the_municipality(given, region):
    say(region, Link.objects.get(), password="wrong")
    made = visit(Closed(), given)
    assert made.access == Use.REFUSED
    assert [one.code for one in row(given).reasons] == ["mechanisms.access-refused"]


def test_nothing_goes_over_an_open_line_unless_the_region_s_profile_says_so(given, monkeypatch):
    site = Closed()
    visit(site, given)
    assert site.offered[-1].over_open_line is False
    insists = with_settings(registry.active_profile(), {"mechanisms.secret_over_open_line": True})
    monkeypatch.setattr(registry, "active_profile", lambda: insists)
    visit(site, given)
    assert site.offered[-1].over_open_line is True


def test_what_one_password_opened_is_not_shown_to_another_who_names_the_address(
    given, region, run
):
    other = materials(region, {**ROW, "closed_access": False}, who="other_mouo", cycle=run)
    site = Closed()
    visit(site, given)
    visit(site, other)
    assert site.offered[-1] is None
    found = row(other)
    assert found.last.outcome == Outcome.CLOSED and found.document() is None
    assert row(given).document() is not None  # and the visit without a password hides nothing


def test_an_address_that_became_closed_is_shown_as_it_was_until_it_is_visited_anew(region, run):
    submission = materials(region, {**ROW, "closed_access": False}, cycle=run)
    visit(Network(**{"closed.pdf": PAPER}), submission)
    say(region, Link.objects.get())
    assert row(submission).document() is not None and row(submission).last.opened_for is None
    site = Closed()
    visit(site, submission)
    visit(site, None, now=NOW + timedelta(days=1))
    assert row(submission).last.opened_for == submission


def test_rows_of_the_same_materials_share_what_one_of_them_opens(region, run, hold_clock):
    hold_clock(NOW)
    submission = materials(region, ROW, {**ROW, "closed_access": False}, cycle=run)
    say(region, Link.objects.get(seq=1))
    site = Closed()
    assert worker_visits(submission, site) == 1
    assert row(submission, 2).document() is not None


def worker_visits(submission: Submission, site: Network) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(actions.visit_address.__kwdefaults__, "go", site.go)
        return worker.visit_materials(submission.pk, actor=CLOCK)


def test_the_night_spares_a_closed_page_that_was_just_visited(given, hold_clock):
    hold_clock(NOW)
    site = Closed()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(actions.visit_address.__kwdefaults__, "go", site.go)
        for done in (1, 0):
            assert done == worker.visit_materials(
                given.pk, actor=CLOCK, unless_visited_in=timedelta(hours=20)
            )


def test_a_closed_document_is_fixed_when_the_materials_come(region, run):
    submission = materials(region, ROW, cycle=run)
    say(region, Link.objects.get())
    Submission.objects.filter(pk=submission.pk).update(state="self_checked")
    Submission.objects.filter(pk=submission.pk).update(state="submitted", submitted_at=NOW)
    visit(Closed(), None)  # somebody else's visit without a password
    visit(Closed(), submission)
    assert actions.keep_exhibits(submission_id=submission.pk, actor=CLOCK, now=NOW) == 1
    network = Closed()
    network.drop("closed.pdf", Failure.NO_ANSWER)
    visit(network, submission, now=NOW + timedelta(days=1))
    assert row(submission).difference is Difference.DIED and row(submission).document()


def test_a_page_with_a_login_form_is_no_document(given):
    page = papers.site('<form><input type="password"></form>', "Вход")
    visit(Network(**{"closed.pdf": page}), given)
    found = row(given)
    assert found.condition is Condition.BY_EXPERT and found.document() is None
    assert [one.code for one in found.reasons] == ["mechanisms.behind-a-form"]


def test_neither_the_journal_nor_any_table_holds_the_password(given):
    visit(Closed(), given)
    entry = JournalEntry.objects.get(event="mechanisms.secret-used")
    assert entry.facts["result"] == "taken"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            text = "".join(said for (said,) in cursor.fetchall())
            assert PASSWORD not in text and LOGIN not in text
