"""The gate of the interface: no token, a wrong role, a foreign record; every error in words."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, timedelta

import pytest
from ninja import Schema

from admissions.builders_admissions import a_referral, an_application
from api.builders_api import NEW, System, a_token
from booking.builders_booking import a_booking
from builders import NOW, TODAY
from grading.builders_grading import a_day
from merilo.admissions import queries as admissions
from merilo.api.door import api
from merilo.api.urls import MODULES, urlpatterns
from merilo.booking import queries as booking
from merilo.casework import queries as casework
from merilo.foundation.journal.models import JournalEntry
from merilo.registry import actions, queries
from merilo.registry.access import Role
from merilo.registry.models import ApiToken
from merilo.results import queries as results
from merilo.testday import queries as testday
from results.builders_results import sent

pytestmark = pytest.mark.django_db

WHO = (
    "school",
    "far_school",
    "testing_org",
    "expert",
    "mouo",
    "other_mouo",
    "rcoi",
    "ministry",
    "auditor",
    "admin",
)
PROBLEM = "application/problem+json"


@pytest.fixture
def as_(region, hold_clock):
    """The system of somebody, the clock held."""
    hold_clock(NOW)
    made: dict[str, System] = {}

    def system(who: str) -> System:
        return made.setdefault(who, System(a_token(region, who)))

    return system


def operations():
    for _prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                yield path, operation


def reads_problem(answer, status: int) -> dict:
    assert answer.status_code == status, answer.content.decode()
    assert answer.headers["Content-Type"] == PROBLEM
    body = json.loads(answer.content)
    assert set(body) == {"type", "title", "status", "detail", "reasons"}
    assert body["status"] == status
    assert body["detail"]
    return body


def test_every_operation_names_its_roles_and_asks_for_a_token():
    found = list(operations())
    assert len(found) > 25
    for path, operation in found:
        assert operation.auth_callbacks, path
        roles = operation.view_func.roles
        assert roles, path
        assert Role.SYSTEM not in roles, path


def test_every_role_table_is_kept_at_the_door(as_, region):
    """Every operation under every token: a role outside its table gets 403, and nothing happens."""
    for path, operation in operations():
        address = path.replace("{part}", "oral").replace("{name}", "may-book")
        address = address.replace("{edition}", "mum-2022")
        address = re.sub(r"\{\w+_id\}", "999999", address)
        for who in ("school", "testing_org", "expert", "rcoi", "auditor", "admin"):
            if region.viewer(who).role in operation.view_func.roles:
                continue
            [method] = operation.methods
            system = as_(who)
            if method == "GET":
                reads_problem(system.get(address), 403)
                continue
            # The body is read before the role is asked, so it may be refused for its shape.
            answer = system.post(address, {})
            assert answer.status_code in (403, 422), (path, who)


@pytest.mark.parametrize("token", [None, "", "mrl_nonsense", "x" * 5000])
def test_without_a_good_token_nothing_is_told(db, region, token):
    answer = System(token).get("/me")
    reads_problem(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_session_of_the_pages_is_no_token(client, region):
    client.force_login(region.accounts["school"])
    assert client.get("/api/v1/me").status_code == 401


def test_a_token_says_whose_it_is_and_its_use_is_noted(as_, region):
    answer = as_("school").get("/me")
    assert "no-store" in answer.headers["Cache-Control"]
    me = answer.json()
    assert (me["role"], me["organisation_id"]) == ("school", region.school.pk)
    assert me["today"] == "2026-03-16"
    assert ApiToken.objects.get().last_used_at == NOW


def test_a_revoked_an_ended_and_an_orphaned_token_are_refused(as_, region, hold_clock):
    school, mouo, rcoi = as_("school"), as_("mouo"), as_("rcoi")
    admin = region.viewer("admin")
    token = ApiToken.objects.get(position__account=region.accounts["school"])
    actions.revoke_token(token_id=token.pk, actor=admin, now=NOW)
    reads_problem(school.get("/me"), 401)
    actions.deactivate_account(account_id=region.accounts["mouo"].pk, actor=admin, now=NOW)
    reads_problem(mouo.get("/me"), 401)
    assert rcoi.get("/me").status_code == 200
    hold_clock(NOW + timedelta(days=400))
    reads_problem(rcoi.get("/me"), 401)


def test_a_stranger_of_an_application_finds_nothing_by_any_operation(as_, region):
    mine = an_application(region)
    case = f"/applications/{mine.pk}"
    for who in ("other_school", "far_school", "other_mouo", "testing_org"):
        reads_problem(as_(who).get(case), 404)
    for who in ("other_school", "far_school"):
        stranger = as_(who)
        bodies = {
            "/documents": {"documents": [{"kind": "kinship", "state": "accepted"}]},
            "/full-set": {},
            "/register-check": {"outcome": "clear"},
            "/return": {},
            "/referral": {},
            "/referral/delivery": {"received_on": "2026-03-16", "evidence": "signature"},
            "/decision": {"decision": "withdraw"},
        }
        for path, body in bodies.items():
            reads_problem(stranger.post(case + path, body), 404)
    assert as_("mouo").get(case).status_code == 200
    mine.refresh_from_db()
    assert mine.state == "completeness_check"


def test_a_stranger_of_a_booking_and_of_a_result_finds_nothing(as_, region):
    booking_made = a_booking(region)
    result = sent(a_day(region), 1, oral=9)
    an_other = {"reason": "нет"}
    reads_problem(as_("school").post(f"/bookings/{booking_made.pk}/cancel", an_other), 403)
    for who in ("other_school", "far_school", "other_mouo"):
        reads_problem(as_(who).get(f"/results/{result.pk}"), 404)
    reads_problem(as_("far_school").post(f"/results/{result.pk}/inform", {"how": "hand"}), 404)


def test_lists_show_each_role_what_its_pages_show_and_not_a_row_more(as_, region):
    """The leak test: the interface and the pages ask the same question of the same scope (T50)."""
    an_application(region)
    an_application(region, who="far_school", child={"last_name": "Ли", "id_doc_number": "ZZ 1"})
    a_referral(region, child={"last_name": "Садыков", "id_doc_number": "ZZ 2"})
    a_booking(region)
    made = a_day(region)
    sent(made, 1, oral=9)
    sent(made, 1, oral=9, school=region.far_school)
    scopes = {
        "/applications": admissions.applications_visible_to,
        "/bookings": booking.bookings_visible_to,
        "/attempts": testday.attempts_visible_to,
        "/results": results.results_visible_to,
        "/days": testday.days_visible_to,
        "/duties": casework.duties_of,
        "/dispatches": casework.dispatches_to,
        "/organisations": lambda viewer: queries.organisations_list(
            viewer, queries.OrganisationFilter(on=TODAY)
        ),
    }
    seen = 0
    for path, scope in scopes.items():
        for who in WHO:
            viewer = region.viewer(who)
            answer = as_(who).get(path, limit=100)
            if answer.status_code == 403:
                continue
            told = {one["id"] for one in answer.json()["items"]}
            assert told == set(scope(viewer).values_list("pk", flat=True)), (path, who)
            assert answer.json()["count"] == len(told)
            seen += len(told)
    assert seen > 50


def test_no_list_and_no_case_tells_a_name(as_, region):
    a_referral(region)
    a_booking(region)
    result = sent(a_day(region), 1, oral=9, last_name="Каримов")
    case = result.application_id
    for path in (
        "/applications",
        f"/applications/{case}",
        "/bookings",
        "/attempts",
        "/results",
        f"/results/{result.pk}",
        "/dispatches",
        "/duties",
    ):
        for who in WHO:
            assert "Карим" not in as_(who).get(path).content.decode(), (path, who)
    assert not JournalEntry.objects.filter(event="person.viewed", facts__where="api").exists()


def test_a_name_is_told_to_those_who_need_it_and_the_journal_knows(as_, region):
    mine = an_application(region)
    asked = {"with_person": "true"}
    told = as_("school").get(f"/applications/{mine.pk}", **asked).json()
    assert told["child"]["last_name"] == "Каримов"
    entry = JournalEntry.objects.get(event="person.viewed", facts__where="api")
    assert (entry.about, entry.case_id) == (f"person:{mine.child_id}", mine.pk)
    reads_problem(as_("ministry").get(f"/applications/{mine.pk}", **asked), 403)
    assert JournalEntry.objects.filter(event="access.denied").exists()


def test_an_expert_never_learns_the_case_behind_a_code(as_, region):
    sent(a_day(region), 1, oral=9)
    items = as_("expert").get("/attempts").json()["items"]
    assert items and all(one["application_id"] is None for one in items)


def test_a_refusal_has_every_reason_with_its_act_and_paragraph(as_):
    late = NEW | {"consent_to_test": False, "submitted_on": "2026-04-30"}
    body = reads_problem(as_("school").post("/applications", late), 409)
    assert len(body["reasons"]) >= 2
    for reason in body["reasons"]:
        assert set(reason) == {"code", "sentence", "act", "paragraph"}
        assert reason["sentence"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/applications", NEW | {"surplus": 1}),
        ("/applications", NEW | {"grade": 12}),
        ("/applications", NEW | {"submitted_on": "2026-02-31"}),
        ("/applications", NEW | {"child": {"last_name": "\x00", "first_name": "А"}}),
        ("/applications", [1]),
        ("/applications/1/decision", {"decision": "expel"}),
        ("/applications/99999999999999999999/full-set", {}),
    ],
)
def test_a_wrong_shape_is_named_by_its_field(as_, path, body):
    problem = reads_problem(as_("school").post(path, body), 422)
    assert problem["reasons"][0]["code"].startswith("api.")
    assert "Поле «" in problem["detail"]


@pytest.mark.parametrize(
    "asked", [{"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 10**20}, {"surprise": 1}]
)
def test_parameters_of_lists_are_bounded(as_, asked):
    reads_problem(as_("school").get("/applications", **asked), 422)


def test_what_is_no_json_no_address_and_no_method_is_a_problem_too(as_, client):
    school = as_("school")
    sent_raw = school.client.post(
        "/api/v1/applications", b"{broken", content_type="application/json", headers=school.headers
    )
    reads_problem(sent_raw, 400)
    reads_problem(school.get("/nothing"), 404)
    reads_problem(client.get("/api/"), 404)
    wrong_method = school.client.delete("/api/v1/applications", headers=school.headers)
    reads_problem(wrong_method, 405)


def test_a_token_that_calls_too_often_is_told_when_to_come_again(as_, hold_clock, settings):
    settings.API_CALLS_A_MINUTE = 3
    school = as_("school")
    hold_clock(NOW + timedelta(seconds=50))
    assert [school.get("/me").status_code for _ in range(3)] == [200] * 3
    answer = school.get("/me")
    assert reads_problem(answer, 429)["type"] == "urn:merilo:problem:too-many"
    assert answer.headers["Retry-After"] == "10"
    assert as_("mouo").get("/me").status_code == 200, "the limit is of one token"
    hold_clock(NOW + timedelta(seconds=60))
    assert school.get("/me").status_code == 200


def test_zero_takes_the_limit_off(as_, settings):
    settings.API_CALLS_A_MINUTE = 0
    assert [as_("school").get("/me").status_code for _ in range(5)] == [200] * 5


def test_bad_tokens_are_counted_by_address_and_good_ones_of_it_still_pass(as_, settings):
    settings.API_BAD_TOKENS_A_MINUTE = 2
    for token in ("mrl_guess", None):
        reads_problem(System(token).get("/me"), 401)
    stopped = System("mrl_another").get("/me")
    reads_problem(stopped, 429)
    assert stopped.headers["Retry-After"] == "60"
    assert as_("school").get("/me").status_code == 200
    elsewhere = System("mrl_guess").client.get("/api/v1/me", REMOTE_ADDR="203.0.113.7")
    reads_problem(elsewhere, 401)


def test_only_the_interface_hangs_below_its_address():
    assert [str(one.pattern) for one in urlpatterns] == ["v1/", "^(?P<path>.*)$"]


def test_the_description_is_in_the_language_that_is_asked_for(client):
    """Russian by itself; in English nothing of it is left but values that are Russian."""

    def words(part) -> list[str]:
        if isinstance(part, list):
            return [word for one in part for word in words(one)]
        if not isinstance(part, dict):
            return []
        own = [part[key] for key in ("summary", "description") if isinstance(part.get(key), str)]
        return own + [word for one in part.values() for word in words(one)]

    russian = client.get("/api/v1/openapi.json").json()
    english = client.get("/api/v1/openapi.json", headers={"Accept-Language": "en"}).json()
    assert "Зарегистрировать заявление" in words(russian)
    left = {said for said in words(english) if re.search("[а-яё]", said)}
    assert left == set()


def test_two_shapes_never_share_a_name():
    """The description keeps shapes by name: of two of one name it would show one for both."""
    names = Counter(
        name
        for module in MODULES
        for name, shape in vars(module).items()
        if isinstance(shape, type)
        and issubclass(shape, Schema)
        and shape.__module__ == module.__name__
    )
    assert [name for name, times in names.items() if times > 1] == []


def test_the_description_is_open_and_complete(client):
    schema = client.get("/api/v1/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    described = {
        (path.removeprefix("/api/v1"), method.upper())
        for path, of_path in schema["paths"].items()
        for method in of_path
    }
    assert described == {(path, method) for path, op in operations() for method in op.methods}
    for of_path in schema["paths"].values():
        for operation in of_path.values():
            assert operation["security"]
            assert PROBLEM in operation["responses"]["409"]["content"]
            assert "Retry-After" in operation["responses"]["429"]["headers"]


def test_a_page_of_a_list_is_cut_and_counted(as_, region):
    for number in range(3):
        an_application(
            region,
            child={
                "last_name": f"Ли{number}",
                "id_doc_number": f"ZZ {number}",
                "birth_date": date(2017, 5, number + 1),
            },
        )
    first = as_("school").get("/applications", limit=2).json()
    rest = as_("school").get("/applications", limit=2, offset=2).json()
    assert (len(first["items"]), len(rest["items"]), first["count"]) == (2, 1, 3)
