"""What came of materials, and the operator's steps, through the interface: scopes, no names, no secrets."""

from __future__ import annotations

from datetime import timedelta

import pytest

from api.builders_api import System, a_token
from builders import NOW
from mechanisms.builders_expertise import (
    LATER,
    a_run,
    appointed,
    everything_scored,
    in_expertise,
)
from merilo.foundation.files import store
from merilo.mechanisms import actions
from merilo.mechanisms.actions import objecting
from merilo.mechanisms.models import Appointment, Document, Link, Visit
from merilo.mechanisms.rules import evidence
from merilo.mechanisms.rules.states import CycleState

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def as_(region, hold_clock):
    hold_clock(NOW)
    return lambda who: System(a_token(region, who))


def path(run, what: str, of: str = "mouo") -> str:
    return f"/mechanisms/submissions/{run.submissions[of].pk}/{what}"


def opened(run) -> Document:
    """The first link of the municipality was visited and opened."""
    link = Link.objects.filter(answer__submission=run.submissions["mouo"]).order_by("pk")[0]
    file = store.keep(
        b"%PDF-1.4 one", name="one.pdf", content_type="application/pdf", purpose="evidence",
        now=NOW, account_id=None,
    )  # fmt: skip
    document = Document.objects.create(
        sha256="a" * 64, fingerprint="a" * 64, kind="pdf", file=file, size=12, page_count=7,
        pages_are_exact=True, first_seen_at=NOW,
    )  # fmt: skip
    Visit.objects.create(
        address=evidence.spelling(link.url), key=evidence.address_key(link.url), at=NOW,
        outcome=evidence.Outcome.OPENED, status=200, document=document,
    )  # fmt: skip
    return document


def test_evidence_tells_the_last_visit_and_never_the_credentials(as_, region):
    run = a_run(region, state=CycleState.OPEN)
    document = opened(run)
    link = Link.objects.filter(answer__submission=run.submissions["mouo"]).order_by("pk")[0]
    Link.objects.filter(pk=link.pk).update(closed_access=True)
    actions.keep_secret(
        submission_id=run.submissions["mouo"].pk, link_id=link.pk,
        said={"login": "вход-5", "password": "Тайна-77"}, actor=run.viewer("mouo"),
        now=NOW - timedelta(days=7),
    )  # fmt: skip
    answer = as_("mouo").get(path(run, "evidence"))
    first, second, _third = answer.json()["items"]
    seen = first["last_visit"]
    assert (seen["visit_outcome"], seen["status"], seen["page_count"]) == ("opened", 200, 7)
    assert seen["sha256"] == document.sha256 and seen["visited_at"]
    assert second["last_visit"] is None and second["state"] == "not-visited"
    assert "Тайна" not in answer.content.decode() and "вход-5" not in answer.content.decode()


def test_evidence_of_a_draft_is_its_municipality_s_alone(as_, region):
    run = a_run(region, state=CycleState.OPEN)
    for who, status in (("mouo", 200), ("other_mouo", 404), ("ministry", 404), ("auditor", 404)):
        assert as_(who).get(path(run, "evidence")).status_code == status, who
    assert as_("school").get(path(run, "evidence")).status_code == 403


def test_marks_and_results_are_read_by_the_operator_and_their_own_municipality(as_, region):
    run = everything_scored(in_expertise(region))
    for what in ("marks", "result"):
        assert as_("mouo").get(path(run, what)).status_code == 404, "before objections"
    objecting.open_objections(cycle_id=run.cycle.pk, actor=run.viewer("ministry"), now=LATER)
    for what in ("marks", "result"):
        for who in ("mouo", "ministry", "rcoi", "auditor"):
            assert as_(who).get(path(run, what)).status_code == 200, (what, who)
        assert as_("other_mouo").get(path(run, what)).status_code == 404
        assert as_("mumexpert").get(path(run, what)).status_code == 403
    marks = as_("mouo").get(path(run, "marks"))
    assert [(one["code"], float(one["settled"]), one["most"]) for one in marks.json()["positions"]] == [
        ("1.1.1.1", 2, "4"), ("1.1.1.2", 2, "4"), ("1.3.1.1.1", 2, "3"),
    ]  # fmt: skip
    assert "Экспертов" not in marks.content.decode()


def test_every_percent_names_its_base(as_, region):
    run = everything_scored(in_expertise(region))
    objecting.open_objections(cycle_id=run.cycle.pk, actor=run.viewer("ministry"), now=LATER)
    told = as_("mouo").get(path(run, "result")).json()
    assert (float(told["whole"]["earned"]), float(told["whole"]["maximum"])) == (6, 11)
    lines = {one["code"]: one for one in told["lines"]}
    assert (lines["1.1"]["base"], float(lines["1.1"]["percent"])) == ("1.1", 50)
    assert (lines["1.1"]["share"]["base"], float(lines["1.1"]["share"]["percent"])) == ("1", 72.7)
    assert (lines["1"]["share"]["base"], lines["1.1.1"]["share"]) == ("", None)


def test_results_of_a_cycle_give_spans_and_no_places(as_, region):
    run = everything_scored(in_expertise(region))
    objecting.open_objections(cycle_id=run.cycle.pk, actor=run.viewer("ministry"), now=LATER)
    address = f"/mechanisms/cycles/{run.cycle.pk}/results"
    rows = as_("ministry").get(address).json()["items"]
    assert [(one["place_low"], one["place_high"], one["group"]) for one in rows] == [
        (1, 1, 1), (1, 1, 1),
    ]  # fmt: skip
    assert as_("mouo").get(address).status_code == 403
    assert as_("ministry").get("/mechanisms/cycles/999999/results").status_code == 404


def test_the_operator_looks_at_an_assignment_and_makes_it(as_, region):
    run, operator = a_run(region), as_("ministry")
    address = f"/mechanisms/cycles/{run.cycle.pk}/assignment"
    seen = operator.get(address, seed="7").json()
    assert len(seen["proposed"]) == 8 and seen["appointed"] == []
    assert Appointment.objects.count() == 0
    assert "Экспертов" not in operator.get(address).content.decode()
    stale = operator.post(address, {"seed": "7", "digest": "0" * 64})
    assert (stale.status_code, stale.json()["reasons"][0]["code"]) == (
        409, "mechanisms.plan-changed",
    )  # fmt: skip
    made = operator.post(address, {"seed": "7", "digest": seen["digest"]})
    assert made.status_code == 201 and len(made.json()["items"]) == 8
    after = operator.get(address).json()
    assert (len(after["appointed"]), after["proposed"], after["reasons"]) == (8, [], [])
    assert {one["id"] for one in operator.get("/mechanisms/experts").json()["items"]} == {
        one.pk for one in run.experts.values()
    }
    for who in ("mouo", "rcoi", "mumexpert"):
        assert as_(who).get(address).status_code == 403, who


def test_one_expert_is_appointed_by_hand_and_withdrawn(as_, region):
    run, operator = appointed(a_run(region)), as_("ministry")
    address = path(run, "appointments")
    body = {"expert_id": run.experts["mumexpert3"].pk, "direction": "1.1"}
    made = operator.post(address, body)
    assert made.status_code == 201
    (one,) = made.json()["items"]
    assert (one["direction"], one["third"], one["state"]) == ("1.1", False, "open")
    assert operator.post(address, body).status_code == 409, "twice"
    gone = f"/mechanisms/appointments/{one['id']}/withdraw"
    assert as_("mumexpert").post(gone).status_code == 403
    assert operator.post(gone).json() == {"appointment_id": one["id"]}
    assert operator.post(gone).status_code == 404


@pytest.mark.parametrize("code", ["1", "1.1.1.1", "9"])
def test_what_is_no_direction_is_not_there_to_appoint_to(as_, region, code):
    run = a_run(region)
    body = {"expert_id": run.experts["mumexpert"].pk, "direction": code}
    assert as_("ministry").post(path(run, "appointments"), body).status_code == 404


def test_a_cycle_is_moved_by_the_same_rules_as_on_its_page(as_, region):
    run, operator = appointed(a_run(region)), as_("ministry")
    address = f"/mechanisms/cycles/{run.cycle.pk}/move"
    early = operator.post(address, {"to": "objections"})
    assert early.json()["reasons"][0]["code"] == "mechanisms.not-this-cycle-state"
    moved = operator.post(address, {"to": "expertise"}).json()
    assert (moved["id"], moved["state"], moved["submitted"]) == (run.cycle.pk, "expertise", 2)
    assert operator.post(address, {"to": "nowhere"}).status_code == 422
    assert operator.post("/mechanisms/cycles/999999/move", {"to": "final"}).status_code == 404
    assert as_("rcoi").post(address, {"to": "objections"}).status_code == 403
