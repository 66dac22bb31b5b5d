"""No page is open by forgetting: each says whom it serves, and each address can be tried."""

from __future__ import annotations

import pytest

from access.route_table import PLAIN, THINGS, Route, all_routes, our_routes
from merilo.registry.access import Role
from merilo.web.routes import THIRD_PARTY

ROUTES = our_routes()
PUBLIC = {
    # What a person without an account may open. A new line here is a decision, not a habit.
    "help",
    "help-page",
    "mechanisms-open-data",
    "mechanisms-years",  # the federal archive: maxima of criteria, nobody's result
    "interface",  # as open as the description it reads
    "interface-operation",
    "status",
    "status-code",
    "status-case",
    "status-leave",
    "rulebook",
    "rule",
    "counting",
    "production-calendar",
    "styleguide",
    "demo-accounts",
    "demo-letters",
    "demo-clock",
}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_page_declares_its_roles_or_is_public(route: Route):
    assert route.name, f"{route.view} has no name"
    assert hasattr(route.view, "roles"), f"{route.name}: write @page(roles=…) above the view"
    assert route.public or route.roles, f"{route.name}: @page() without roles serves nobody"
    assert Role.SYSTEM not in route.roles, f"{route.name}: the clock opens no pages"


def test_what_is_open_to_everybody_is_written_down():
    assert {route.name for route in ROUTES if route.public} <= PUBLIC


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_the_matrix_knows_an_object_for_each_argument(route: Route):
    unknown = set(route.arguments) - set(THINGS) - set(PLAIN)
    assert not unknown, f"tell tests/access/route_table.py where {unknown} comes from"


def test_names_of_pages_are_given_once():
    names = [(*route.namespaces, route.name) for route in all_routes() if route.ours]
    assert len(names) == len(set(names))


def test_no_view_of_ours_gives_up_the_csrf_check():
    assert not [route.name for route in ROUTES if getattr(route.view, "csrf_exempt", False)]


@pytest.mark.parametrize("name", ["forgotten", None])
def test_an_unmarked_view_is_refused(rf, name):
    from types import SimpleNamespace

    from django.contrib.auth.models import AnonymousUser

    from merilo.web.routes import ViewerMiddleware

    def forgotten(request):
        raise AssertionError("a view without @page was run")

    request = rf.get("/forgotten/")
    request.viewer, request.user = None, AnonymousUser()
    request.resolver_match = SimpleNamespace(
        url_name=name, view_name=name or "", namespace="", namespaces=[], route="forgotten/"
    )
    answer = ViewerMiddleware(forgotten).process_view(request, forgotten, (), {})
    assert answer.status_code == 403


def test_no_page_of_ours_borrows_the_name_of_a_package():
    """Names of packages pass the gate: a page of ours with such a name would pass unseen."""
    borrowed = [
        route.name
        for route in all_routes()
        if route.name.startswith(THIRD_PARTY) and route.view.__module__.startswith("merilo.")
    ]
    assert borrowed == []
