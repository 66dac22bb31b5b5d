"""Every page of the route table × every person of the region: who gets in, who is turned away.

The expected answers are not written by hand: they follow from the roles each view declares and
from the scope functions of the contexts. One case is the object; the people around it are its own
school, the other schools, the МОУО above and beside, the testing organisation of the case and a
foreign one, the commission, the region's bodies.
"""

from __future__ import annotations

import pytest
from django.conf import settings
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import reverse

from access.route_table import (
    Route,
    address,
    all_routes,
    guarded_routes,
    our_routes,
    visible,
    with_strangers,
)
from journeys.builders_road import CHILD, PARENT, STEPS, Road, drive, vl
from merilo.foundation.journal.models import JournalEntry
from merilo.registry.access import Role

pytestmark = pytest.mark.django_db

# Roles that the acts give no need of a child's name on any page.
NEVER_SEE_NAMES = {Role.MINISTRY, Role.ADMIN}
# Stages at which pages are opened by their own people: between them every page shows itself.
STAGES = {
    "registered": vl(3, 16, 10, 30),
    "documents_full": vl(3, 16, 11, 30),
    "booked": vl(3, 17, 11),
    "day_opened": vl(4, 6, 11),
    "admitted": vl(4, 10, 9, 40),
    "day_finished": vl(4, 10, 13, 30),
    "marked": vl(4, 10, 15),
    "consolidated": vl(4, 10, 16, 30),
    "forwarded": vl(4, 14, 13),
    "enrolled": vl(4, 15, 11),
}
# Pages that answer 404 although role and scope fit, with the reason.
NO_SUCH_THING = {
    "file": "no file has this number here; test_files_follow_their_case proves the scope",
    "application-document-file": "no scan was loaded for the document",
    "specification-withdraw": "no specification of the region's own was loaded",
    "application-letter": "no decision yet",
    "no-show": "the child came",
    "application-no-show": "the child came",
    "demo-clock": "not a demonstration",
} | {
    route.name: "no cycle of mechanisms on this road; tests/web/mechanisms proves the scope"
    for route in our_routes()
    if route.name.startswith("mechanisms-") and route.arguments
}


# One person for each way of standing to the case.
OWN_PEOPLE = (
    "school", "testing_org", "chair", "expert", "mouo", "rcoi", "ministry", "auditor", "admin",
    "mumexpert",
)  # fmt: skip
STRANGERS = ("other_school", "far_school", "other_mouo", "foreign_org", "foreign_expert")

# Of a commission only some people have these, by their duty that day: to the others 404.
BY_DUTY = {
    "marking-oral": "experts mark",
    "marking-written": "experts mark",
    "marking-version": "whose protocol it is",
    "results-day": "the chair draws results",
    "consolidate": "the chair draws results",
}


@pytest.fixture
def people(region):
    """A signed-in client for each of them."""
    with_strangers(region)
    clients = {}
    for login in OWN_PEOPLE + STRANGERS:
        clients[login] = Client(raise_request_exception=False)
        clients[login].force_login(region.accounts[login])
    return clients


def may_never(login: str, viewer) -> bool:
    """Whether no page at all may show this person a name: an expert marks codes."""
    return login == "expert" or viewer.role in NEVER_SEE_NAMES


def told(lines) -> str:
    return "\n".join(map(str, lines))


def said(answer) -> str:
    if answer.streaming or "html" not in answer.get("Content-Type", ""):
        return ""
    return answer.content.decode()


def views_by(account) -> int:
    return JournalEntry.objects.filter(kind="view", actor=account).count()


def test_a_stranger_to_the_system_is_sent_to_the_door(region):
    road, somebody = drive(region, "informed"), Client(raise_request_exception=False)
    door = resolve_url(settings.LOGIN_URL)
    wrong = {}
    for route in guarded_routes():
        answer = somebody.get(address(route, road))
        if answer.status_code != 302 or not answer["Location"].startswith(door):
            wrong[route.name] = answer.status_code
    assert not wrong, told(wrong.items())


def test_each_page_opens_for_its_role_in_its_scope_and_for_nobody_else(region, people, hold_clock):
    """GET as everybody; then T7: POST as everybody who may not, which must change nothing."""
    road = drive(region, "forwarded")
    hold_clock(STAGES["forwarded"])
    wrong, denied = [], 0
    for route in guarded_routes():
        url = address(route, road)
        for login, client in people.items():
            viewer, account = region.viewer(login), region.accounts[login]
            mine = visible(route, viewer, road)
            if viewer.role not in route.roles:
                expected, denied = {403}, denied + 1
            elif not mine:
                expected = {404, 403}
            else:
                expected = {200, 302, 405, 409}
                of_others = viewer.role == Role.COMMISSION and route.name in BY_DUTY
                if route.name in NO_SUCH_THING or of_others:
                    expected |= {404}
            views = views_by(account)
            answer = client.get(url)
            status, page = answer.status_code, said(answer)
            if status not in expected and not (status == 405 and not mine):
                wrong.append((route.name, login, status, f"expected {sorted(expected)}"))
            shown = CHILD in page or PARENT in page
            if shown and (status != 200 or may_never(login, viewer)):
                wrong.append((route.name, login, status, "shows a name"))
            if status == 200 and "no-store" not in answer.get("Cache-Control", ""):
                wrong.append((route.name, login, "stays in the browser after the person leaves"))
            if shown and views_by(account) == views:
                wrong.append((route.name, login, status, "shows a name and does not note it"))
            if viewer.role not in route.roles or not mine:
                before = acts()
                status = client.post(url, {}).status_code
                if status not in {403, 404, 405} or acts() != before:
                    wrong.append((route.name, login, status, "took a POST"))
    assert not wrong, told(wrong)
    assert JournalEntry.objects.filter(event="access.denied").count() >= denied


def test_every_page_shows_itself_to_its_own_people_somewhere_on_the_road(
    region, people, hold_clock
):
    """Own role, own object: no page breaks at any stage, and each opens at least once."""
    opened: set[str] = set()
    broken = []
    road = Road(region)
    own = {login: client for login, client in people.items() if login in OWN_PEOPLE}
    for step in STEPS:
        hold_clock(None)
        step(road)
        if step.__name__ not in STAGES:
            continue
        hold_clock(STAGES[step.__name__])
        for route in guarded_routes():
            if not route.arguments and route.name in opened:
                continue
            for login, client in own.items():
                viewer = region.viewer(login)
                if viewer.role not in route.roles or not visible(route, viewer, road):
                    continue
                answer = client.get(address(route, road))
                if answer.status_code in (200, 405):
                    opened.add(route.name)
                elif answer.status_code not in (302, 404, 409):
                    broken.append((step.__name__, route.name, login, answer.status_code))
                if may_never(login, viewer) and CHILD in said(answer):
                    broken.append((step.__name__, route.name, login, "shows a name"))
    assert not broken, told(broken)
    never = {route.name for route in guarded_routes()} - opened - set(NO_SUCH_THING)
    assert never <= REDIRECTS, "these pages never opened for anybody"


# Addresses that do one thing and send on; days are added to drafts only, and this one is approved.
REDIRECTS = {"marking-next", "marking-oral", "marking-written", "consolidate", "schedules-add"}


def acts() -> int:
    return JournalEntry.objects.filter(kind="act").count()


def test_no_form_is_taken_without_its_token(region, hold_clock):
    road = drive(region, "informed")
    hold_clock(vl(4, 14, 13))
    wrong = []
    before = acts()
    for route in our_routes():
        who = next((n for n, a in region.accounts.items() if fits(route, region, n)), "school")
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        client.force_login(region.accounts[who])
        status = client.post(address(route, road), {}).status_code
        if status != 403:
            wrong.append((route.name, who, status))
    assert not wrong, told(wrong)
    assert acts() == before


def fits(route: Route, region, login: str) -> bool:
    return route.public or region.viewer(login).role in route.roles


def test_a_denied_attempt_says_who_does_it_and_is_kept(region, client, hold_clock):
    hold_clock(vl(3, 16))
    client.force_login(region.accounts["expert"])
    answer = client.get(reverse("application-new"))
    assert answer.status_code == 403
    entry = JournalEntry.objects.get(event="access.denied")
    assert (entry.actor, entry.about, entry.kind) == (
        region.accounts["expert"],
        "page:application-new",
        "denied",
    )


def test_files_follow_their_case(region, people, hold_clock):
    from merilo.foundation.files import store

    road = drive(region, "documents_full")
    hold_clock(STAGES["documents_full"])
    kept = store.keep(
        b"%PDF-1.4 scan", name="scan.pdf", content_type="application/pdf", purpose="document",
        now=vl(3, 16), account_id=region.accounts["school"].pk,
    )  # fmt: skip
    road.application.documents.filter(kind="kinship").update(file=kept)
    opened = {
        login
        for login, client in people.items()
        if client.get(reverse("file", args=[kept.pk])).status_code == 200
    }
    assert opened == {"school", "mouo"}
    assert JournalEntry.objects.filter(event__in=["file.read", "person.viewed"]).count() >= 2


def test_the_packages_keep_their_own_gates():
    """What we did not write and did not guard is known by name."""
    strangers = {
        route.name
        for route in all_routes()
        if not route.ours
        and not route.view.__module__.startswith("merilo.")
        and not route.namespaces
    }
    assert {name.split("_")[0] for name in strangers} <= {"account", "mfa", "set"}
