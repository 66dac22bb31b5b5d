"""Municipal mechanisms through the interface: the same scope, the same refusals, no passwords."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from api.builders_api import System, a_token
from mechanisms.builders_mechanisms import DURING, GOOD
from merilo.mechanisms import actions
from merilo.mechanisms.models import Link
from merilo.mechanisms.queries import scope

pytestmark = pytest.mark.django_db
OWN = "1.2.1.1.2"


@pytest.fixture
def as_(region):
    return lambda who: System(a_token(region, who))


def body(**more):
    link = {k: v for k, v in asdict(GOOD).items() if k != "has_secret"}
    return {"code": OWN, "seen_version": 0, "links": [link]} | more


def test_a_form_is_filled_checked_and_submitted(as_, run):
    mouo, case = as_("mouo"), f"/mechanisms/submissions/{run.form.pk}"
    kept = mouo.post(f"{case}/answers", body(links=[{"row": 1, "url": GOOD.url}])).json()
    assert [one["code"] for one in kept["reasons"]] == ["mechanisms.document-name-missing"]
    assert kept["reasons"][0]["act"] == "mum-2022" and kept["version"] == 1
    stale = mouo.post(f"{case}/answers", body())
    assert stale.status_code == 409
    assert stale.json()["reasons"][0]["code"] == "mechanisms.stale-answer"
    assert mouo.post(f"{case}/submit").status_code == 409
    mouo.post(f"{case}/answers", body(seen_version=1))
    checked = mouo.post(f"{case}/check").json()
    assert (checked["check_passed"], checked["state"]) == (True, "self_checked")
    assert mouo.post(f"{case}/submit").json()["state"] == "submitted"
    whole = as_("ministry").get(case).json()
    assert whole["answers"][0]["links"][0]["url"] == GOOD.url


def test_each_token_sees_what_its_pages_show(as_, run, region):
    for who in ("mouo", "other_mouo", "ministry", "rcoi", "auditor"):
        answer = as_(who).get("/mechanisms/submissions")
        told = {one["id"] for one in answer.json()["items"]}
        assert told == set(
            scope.submissions_visible_to(region.viewer(who)).values_list("pk", flat=True)
        )
        status = 200 if who == "mouo" else 404
        assert as_(who).get(f"/mechanisms/submissions/{run.form.pk}").status_code == status
    asked = as_("ministry").get("/mechanisms/submissions", cycle_id=run.cycle.pk, state="draft")
    assert asked.json()["count"] == 2
    assert as_("school").get("/mechanisms/submissions").status_code == 403
    assert as_("other_mouo").post(
        f"/mechanisms/submissions/{run.form.pk}/answers", body()
    ).status_code == 404  # fmt: skip


def test_criteria_and_cycles_are_told(as_, run):
    expert = as_("mumexpert")
    items = expert.get("/mechanisms/criteria").json()["items"]
    assert [(one["code"], float(one["maximum"])) for one in items] == [
        ("region-2026", 50), ("mum-2022", 442), ("mum-2021", 902),
    ]  # fmt: skip
    package = expert.get("/mechanisms/criteria/mum-2021").json()
    assert len(package["CFItems"]) == 10
    assert expert.get("/mechanisms/criteria/none").status_code == 404
    (cycle,) = expert.get("/mechanisms/cycles", state="open").json()["items"]
    assert (cycle["edition"], cycle["municipalities"], cycle["submitted"]) == ("region-2026", 2, 0)


def test_case_122_credentials_are_in_no_answer(as_, run):
    run.save(OWN, GOOD)
    actions.keep_secret(
        submission_id=run.form.pk, link_id=Link.objects.get().pk, said={"password": "Тайна-77"},
        actor=run.mouo, now=DURING,
    )  # fmt: skip
    said = as_("mouo").get(f"/mechanisms/submissions/{run.form.pk}").content.decode()
    assert "Тайна" not in said and '"closed_access": true' in said.replace(":true", ": true")
