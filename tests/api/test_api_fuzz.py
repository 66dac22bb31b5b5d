"""The interface against its own description: what the description allows never breaks it."""

from __future__ import annotations

import traceback

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from admissions.builders_admissions import a_referral, an_application
from api.builders_api import a_token
from booking.builders_booking import a_session
from builders import NOW
from grading.builders_grading import a_day
from merilo.api.door import api
from merilo.wsgi import application
from results.builders_results import sent

pytestmark = [pytest.mark.django_db, pytest.mark.api_fuzz]

EXAMPLES = 4  # of each operation: about 140 in all
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
WHO = {
    "school": "school",
    "testing_org": "testing_org",
    "commission": "expert",
    "mouo": "mouo",
    "rcoi": "rcoi",
    "ministry": "ministry",
    "auditor": "auditor",
    "mechanisms_expert": "mumexpert",
    "admin": "admin",
}


@pytest.fixture
def switches(request):
    """pytest-django's `settings`; the name is taken by hypothesis here."""
    return request.getfixturevalue("settings")


@pytest.fixture(autouse=True)
def one_connection():
    """A request does not hang up the connection of the test, as with Django's own client."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def test_whatever_the_description_allows_is_answered_as_described(region, hold_clock, switches):
    hold_clock(NOW)
    switches.API_CALLS_A_MINUTE = 0  # the clock is held: all calls fall into one minute
    an_application(region)
    a_referral(region, child={"last_name": "Ли", "id_doc_number": "ZZ 2"})
    a_session(region)
    sent(a_day(region), 1, oral=9)
    tokens = {role: a_token(region, who) for role, who in WHO.items()}
    schema = schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", application
    )  # loads the addresses
    roles = {
        operation.view_func.__name__: sorted(operation.view_func.roles)
        for _prefix, router in api._routers
        for view in router.path_operations.values()
        for operation in view.operations
    }
    tried, wrong = 0, []
    for found in schema.get_all_operations():
        operation = found.ok()
        name = operation.definition.raw["operationId"]
        headers = {"Authorization": f"Bearer {tokens[roles[name][0]]}"}

        try:
            tried += try_out(operation, headers)
        except Exception as broken:  # noqa: BLE001 - all broken operations are told at once
            told = traceback.format_exception(broken)
            wrong.append(f"{name}: {''.join(told)[-1500:]}")
    assert not wrong, "\n\n".join(wrong)
    assert tried > 100


def try_out(operation, headers: dict[str, str]) -> int:
    """Send what the description of one operation allows; how many requests it were."""
    tried = []

    @settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def holds(case):
        tried.append(case)
        case.call_and_validate(headers=headers, checks=CHECKS)

    holds()
    return len(tried)
