"""Every act of the pages of МУМ has its operation, with the same rights and the same rules."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from api.builders_api import System, a_token
from builders import NOW
from mechanisms.builders_expertise import LATER, a_run, everything_scored, in_expertise, scored
from mechanisms.builders_mechanisms import DURING, GOOD, SHARED
from mechanisms.builders_mechanisms import a_run as an_open_run
from mechanisms.builders_mechanisms import region as criteria
from mechanisms.test_cycle_map import with_indicator
from merilo.api import urls  # noqa: F401 - every operation is made
from merilo.api.door import api
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.actions import objecting
from merilo.mechanisms.models import AccessSecret, Cycle, Expert, Link
from merilo.mechanisms.rules.case_exchange import as_case
from merilo.mechanisms.rules.states import CycleState

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def as_(region, hold_clock):
    hold_clock(NOW)
    return lambda who: System(a_token(region, who))


def codes(answer):
    assert answer.status_code == 409, answer.content
    return [one["code"].removeprefix("mechanisms.") for one in answer.json()["reasons"]]


# --- which act has which operation ---------------------------------------------------------------

# Acts of `mechanisms.actions` that no operation does, and why.
ON_PAGES_ONLY = {
    "show_secret": "a password is in no answer: its page shows it once, to few, and keeps no copy",
    "begin_expertise": "move_cycle",
    "open_objections": "move_cycle",
    "finalise": "move_cycle",
}
OF_THE_SYSTEM = {"close_objections", "forget_secrets", "keep_exhibits", "visit_address"}
OF_ANOTHER_NAME = {
    "appoint": "appoint_expert", "dismiss": "dismiss_expert", "finish": "finish_appointment",
    "give_up": "give_up_position", "join": "join_parts", "keep_secret": "keep_access",
    "load_edition": "load_criteria", "match_editions": "match_criteria", "rule_on": "rule_on_gap",
    "save_mark": "put_mark", "self_check": "check",
}  # fmt: skip


def operations():
    return {
        operation.view_func.__name__: operation.view_func.roles
        for _prefix, router in api._routers
        for view in router.path_operations.values()
        for operation in view.operations
    }


def test_every_act_has_its_operation_with_the_roles_of_the_act():
    import inspect

    from merilo.mechanisms import actions

    served = operations()
    lacking, strange = [], []
    for name in actions.__all__:
        act = getattr(actions, name)
        if not inspect.isfunction(act) or name in ON_PAGES_ONLY or name in OF_THE_SYSTEM:
            continue
        operation = OF_ANOTHER_NAME.get(name, name)
        asked = re.search(r'permit\(actor, access\.ROLES, "([\w.]+)"\)', inspect.getsource(act))
        if operation not in served:
            lacking.append(name)
        elif asked and served[operation] != ROLES[asked[1]]:
            strange.append(name)
    assert (lacking, strange) == ([], [])


# --- the yearly run ------------------------------------------------------------------------------


def test_a_cycle_is_made_and_its_last_day_changed(as_, region):
    run, operator = an_open_run(region), as_("ministry")
    said = {"edition": "region-2026", "title": "Осенний цикл", "submit_by": "2026-04-30"}
    assert as_("mouo").post("/mechanisms/cycles", said).status_code == 403
    made = operator.post("/mechanisms/cycles", said)
    assert made.status_code == 201
    assert (made.json()["state"], made.json()["object_by"]) == ("preparing", None)
    address = f"/mechanisms/cycles/{run.cycle.pk}/last-day"
    assert as_("rcoi").post(address, {"submit_by": "2026-05-05"}).status_code == 403
    changed = operator.post(address, {"submit_by": "2026-05-05"}).json()
    assert changed["submit_by"] == "2026-05-05"
    assert codes(operator.post(address, {"submit_by": "2020-01-01"})) == ["submit-by-past"]
    unknown = said | {"edition": "none"}
    assert operator.post("/mechanisms/cycles", unknown).status_code == 404


def test_the_last_step_tells_its_warnings(as_, region, hold_clock):
    run = everything_scored(in_expertise(region))
    hold_clock(LATER)
    address = f"/mechanisms/cycles/{run.cycle.pk}/move"
    operator = as_("ministry")
    hold_clock(LATER)
    assert operator.post(address, {"to": "objections"}).json()["warnings"] == []
    done = operator.post(address, {"to": "final"}).json()
    assert (done["state"], done["warnings"]) == ("final", [])


def test_a_deduction_without_an_amount_is_told_at_the_end(as_, region, hold_clock):
    run = in_expertise(region)
    for of in run.submissions:
        for direction in ("1.1", "1.3"):
            for who in ("mumexpert", "mumexpert2"):
                grounds = ("D5",) if (of, direction) == ("mouo", "1.1") else ()
                scored(run, who, direction, 2, *grounds, of=of)
    operator = as_("ministry")
    hold_clock(LATER)
    objecting.open_objections(cycle_id=run.cycle.pk, actor=run.viewer("ministry"), now=LATER)
    done = operator.post(f"/mechanisms/cycles/{run.cycle.pk}/move", {"to": "final"}).json()
    assert {one["code"] for one in done["warnings"]} == {"mechanisms.amount-not-set"}
    assert done["state"] == "final"
    late = operator.post(
        f"/mechanisms/cycles/{run.cycle.pk}/last-day", {"submit_by": "2026-12-01"}
    )
    assert codes(late) == ["intake-is-over"]


def test_clusters_are_arranged_and_taken_from_the_cycle_before(as_, region):
    run, operator = an_open_run(region), as_("ministry")
    address = f"/mechanisms/cycles/{run.cycle.pk}/clusters"
    body = {"dimension": " тип ", "clusters": {str(run.form.pk): "городские", "999999": "чужой"}}
    kept = operator.post(address, body).json()
    assert kept["dimensions"] == ["тип"]
    assert [one["cluster"] for one in kept["items"]].count("городские") == 1
    assert [one["code"] for one in kept["warnings"]] == ["mechanisms.cluster-of-one"]
    assert {one["cluster"] for one in operator.get(address, dimension="тип").json()["items"]} == {
        "городские", "",
    }  # fmt: skip
    assert as_("mouo").get(address).status_code == 403
    assert as_("rcoi").post(address, body).status_code == 403
    later = Cycle.objects.get(pk=run.cycle.pk)
    second = a_run(region)
    Cycle.objects.filter(pk=second.cycle.pk).update(created_at=later.created_at + timedelta(1))
    copied = operator.post(f"/mechanisms/cycles/{second.cycle.pk}/clusters/copy").json()
    assert copied["dimensions"] == ["тип"]
    again = operator.post(f"/mechanisms/cycles/{second.cycle.pk}/clusters/copy")
    assert codes(again) == ["clusters-nothing-to-copy"]


# --- experts -------------------------------------------------------------------------------------


def test_the_list_of_experts_is_kept_by_numbers(as_, region):
    run, operator = a_run(region), as_("ministry")
    one = run.experts["mumexpert"]
    address = f"/mechanisms/experts/{one.pk}"
    changed = operator.post(address, {"directions": ["1.1"], "most_positions": 5}).json()
    assert (changed["directions"], changed["most_positions"]) == (["1.1"], 5)
    assert as_("mumexpert").post(address, {}).status_code == 403
    assert operator.get("/mechanisms/experts/candidates").json()["items"] == []
    operator.post(f"{address}/exclude")
    (candidate,) = operator.get("/mechanisms/experts/candidates").json()["items"]
    assert candidate["position_id"] == one.position_id
    back = operator.post("/mechanisms/experts", {"position_id": one.position_id})
    assert (back.status_code, back.json()["id"]) == (201, one.pk)
    assert Expert.objects.get(pk=one.pk).excluded_at is None


def test_an_expert_declares_his_own_tie_and_the_operator_lifts_it(as_, region):
    run = a_run(region)
    expert, operator = as_("mumexpert"), as_("ministry")
    foreign = run.experts["mumexpert2"].pk
    body = {"municipality_id": region.mouo.pk, "expert_id": foreign, "note": "работал там"}
    tie = expert.post("/mechanisms/ties", body)
    assert tie.status_code == 201 and tie.json()["municipality"]["id"] == region.mouo.pk
    listed = {
        one["id"]: one["ties"] for one in operator.get("/mechanisms/experts").json()["items"]
    }
    own = run.experts["mumexpert"].pk
    assert len(listed[own]) == 1 and listed[foreign] == [], "an expert speaks for himself alone"
    assert "работал" not in operator.get("/mechanisms/experts").content.decode()
    gone = f"/mechanisms/ties/{tie.json()['id']}/remove"
    assert expert.post(gone).status_code == 403
    assert operator.post(gone).status_code == 200


# --- the form ------------------------------------------------------------------------------------


def test_links_are_given_by_the_hundred_and_all_or_none(as_, region, hold_clock):
    run, mouo = an_open_run(region), as_("mouo")
    hold_clock(DURING)
    address = f"/mechanisms/submissions/{run.form.pk}"
    good = {"code": "1.2.1.1.2", "url": GOOD.url, "document_name": "Приказ", "page_count": 1}
    assert mouo.post(f"{address}/links", {"rows": [good, good]}).json()["count"] == 2
    wrong = mouo.post(f"{address}/links", {"rows": [good, good | {"code": "9"}]})
    assert wrong.status_code == 409 and Link.objects.count() == 2
    assert codes(mouo.post(f"{address}/carry-over")), "there is no last year"
    foreign = as_("other_mouo").post(f"{address}/links", {"rows": [good]})
    assert foreign.status_code == 404
    assert as_("ministry").post(f"{address}/links", {"rows": [good]}).status_code == 403
    assert as_("mouo").post(f"{address}/visit").status_code == 201


def test_submitted_materials_are_taken_back(as_, region, hold_clock):
    run, mouo = an_open_run(region), as_("mouo")
    hold_clock(DURING)
    run.fill()
    run.submit()
    back = mouo.post(f"/mechanisms/submissions/{run.form.pk}/take-back")
    assert back.json()["state"] == "draft"


def test_case_122_a_password_goes_in_and_never_comes_out(as_, region, hold_clock):
    run, mouo = an_open_run(region), as_("mouo")
    hold_clock(DURING)
    run.save("1.1.2.1", SHARED)
    link = Link.objects.get()
    address = f"/mechanisms/submissions/{run.form.pk}/links/{link.pk}/access"
    kept = mouo.post(address, {"login": "uo", "password": "тайна"})
    assert kept.status_code == 201 and "тайна" not in kept.content.decode()
    assert bytes(AccessSecret.objects.get().sealed)
    whole = mouo.get(f"/mechanisms/submissions/{run.form.pk}").content.decode()
    assert "тайна" not in whole and '"closed_access": true' in whole
    assert as_("other_mouo").post(address, {"login": "x"}).status_code == 404
    assert as_("mumexpert").post(address, {"login": "x"}).status_code == 403
    assert codes(mouo.post(address, {})) == ["secret-empty"]


# --- the map -------------------------------------------------------------------------------------


def test_a_map_is_drawn_and_its_gap_decided(as_, region):
    run = a_run(region, state=CycleState.OPEN)
    mouo, track = as_("mouo"), run.criteria["1.3.1"].pk
    address = f"/mechanisms/submissions/{run.submissions['mouo'].pk}"
    parts = f"{address}/maps/{track}/parts"
    goal = mouo.post(parts, {"component": "goals", "title": "Цель"}).json()
    body = {"component": "indicators", "title": "Доля", "after_id": goal["id"]}
    indicator = mouo.post(parts, body).json()
    seen = mouo.get(f"{address}/maps/{track}").json()
    assert len(seen["map_parts"]) == 2 and len(seen["arrows"]) == 1
    assert {"D5", "D6"} <= {one["candidate"] for one in seen["found_gaps"]}
    renamed = mouo.post(
        f"{address}/parts/{indicator['id']}", {"component": "indicators", "title": "Доля школ"}
    )
    assert renamed.json()["title"] == "Доля школ"
    arrow = seen["arrows"][0]["id"]
    assert mouo.post(f"{address}/arrows/{arrow}/remove").status_code == 200
    joined = mouo.post(f"{address}/arrows", {"here": goal["id"], "leads_to": indicator["id"]})
    assert joined.status_code == 201
    assert mouo.post(f"{address}/parts/{goal['id']}/remove").status_code == 200
    (listed,) = [
        one for one in mouo.get(f"{address}/maps").json()["items"] if one["track_id"] == track
    ]
    assert listed["parts"] == 1 and listed["gaps"] > 0
    assert as_("other_mouo").get(f"{address}/maps/{track}").status_code == 404
    assert as_("ministry").post(parts, body).status_code == 403


def test_an_expert_decides_of_a_gap_for_himself(as_, region):
    run = with_indicator(region)
    expert, track = as_("mumexpert"), run.criteria["1.3.1"].pk
    own = run.appointment("mumexpert", "1.3").pk
    address = f"/mechanisms/appointments/{own}/maps/{track}/rulings"
    seen = expert.get(f"/mechanisms/submissions/{run.submissions['mouo'].pk}/maps/{track}").json()
    gap = next(one for one in seen["found_gaps"] if one["candidate"] == "D4")
    body = {
        "kind": gap["kind"], "part_id": gap["part_id"], "confirmed": True,
        "explanation": "Опрос ничему не служит.",
    }  # fmt: skip
    made = expert.post(address, body)
    assert (made.status_code, made.json()["candidate"]) == (201, "D4")
    other = run.appointment("mumexpert2", "1.3").pk
    foreign = f"/mechanisms/appointments/{other}/maps/{track}/rulings"
    assert expert.post(foreign, body).status_code == 404


# --- harmonisation and objections ----------------------------------------------------------------


def test_two_experts_come_to_one_mark_by_the_interface(as_, region):
    run = in_expertise(region)
    scored(run, "mumexpert", "1.1", 1)
    own = run.appointment("mumexpert", "1.1").pk
    expert = as_("mumexpert")
    address = f"/mechanisms/appointments/{own}/harmonising"
    assert expert.get(address).json() == {"id": own, "seen": False, "positions": []}
    scored(run, "mumexpert2", "1.1", 3)
    first, second = expert.get(address).json()["positions"]
    assert (first["own_mark"]["given"], first["other_marks"][0]["given"]) == ("1", "3")
    assert "Экспертов" not in expert.get(address).content.decode()
    body = {"given": "3", "comment": "Стр. 2: пункт 1."}
    after = expert.post(f"{address}/{first['id']}", body)
    assert after.status_code == 201 and after.json()["positions"][0]["standing"] == "settled"
    told = expert.post(f"{address}/{second['id']}/third", {"reason": "Спорим о странице."}).json()
    assert told["positions"][1]["standing"] == "third"
    foreign = run.appointment("mumexpert2", "1.1").pk
    assert expert.get(f"/mechanisms/appointments/{foreign}/harmonising").status_code == 404


def test_an_objection_is_filed_withdrawn_and_decided(as_, region, hold_clock):
    run = everything_scored(in_expertise(region))
    objecting.open_objections(cycle_id=run.cycle.pk, actor=run.viewer("ministry"), now=LATER)
    mouo, operator = as_("mouo"), as_("ministry")
    hold_clock(LATER)
    address = f"/mechanisms/submissions/{run.submissions['mouo'].pk}/objections"
    body = {"criterion_id": run.criteria["1.1.1.1"].pk, "objection_text": "Стр. 3 не учтена."}
    filed = mouo.post(address, body)
    assert (filed.status_code, filed.json()["state"]) == (201, "filed")
    one = f"/mechanisms/objections/{filed.json()['id']}"
    assert as_("other_mouo").post(f"{one}/withdraw").status_code == 404
    assert mouo.post(f"{one}/decide", {"grant": True, "explanation": "Да."}).status_code == 403
    assert mouo.post(f"{one}/withdraw").json()["state"] == "withdrawn"
    again = mouo.post(address, body).json()
    said = {"grant": True, "given": "3", "explanation": "Показатель есть на странице 3."}
    decided = operator.post(f"/mechanisms/objections/{again['id']}/decide", said)
    assert decided.json()["state"] == "granted"
    listed = operator.get("/mechanisms/objections", state="granted").json()
    assert (listed["count"], listed["items"][0]["code"]) == (1, "1.1.1.1")
    assert as_("other_mouo").get("/mechanisms/objections").json()["count"] == 0


# --- criteria ------------------------------------------------------------------------------------


def test_criteria_are_loaded_as_a_package_and_matched_with_another_year(as_, region):
    operator = as_("ministry")
    package = as_case(criteria(), changed_at=NOW)
    said = {
        "edition": "kray-2026", "year": 2026, "title": "Критерии края", "package": package,
        "renormalisation": "none",
    }  # fmt: skip
    made = operator.post("/mechanisms/criteria", said)
    assert made.status_code == 201, made.content
    assert (made.json()["code"], float(made.json()["maximum"])) == ("kray-2026", 50)
    assert codes(operator.post("/mechanisms/criteria", said)) == ["edition-exists"]
    assert (
        operator.post("/mechanisms/criteria", said | {"in_place_of_draft": True}).status_code
        == 201
    )
    assert operator.post("/mechanisms/archive").json() == {"count": 2}
    rows = [{"earlier": "1.1", "later": "1.1"}, {"later": "1.2", "note": "не было"}]
    matched = operator.post(
        "/mechanisms/criteria/kray-2026/matches", {"earlier_edition": "mum-2022", "rows": rows}
    )
    assert matched.json() == {"edition": "kray-2026", "count": 2}
    items = operator.get("/mechanisms/criteria/kray-2026/matches").json()["items"]
    assert sorted((one["earlier"], one["later"]) for one in items) == [("", "1.2"), ("1.1", "1.1")]
    assert as_("mouo").post("/mechanisms/criteria", said).status_code == 403
    broken = said | {"edition": "x", "package": package | {"CFItems": [{"identifier": 5}]}}
    assert operator.post("/mechanisms/criteria", broken).status_code == 409


def test_an_act_of_the_map_asks_the_same_rule(as_, region):
    run = in_expertise(region)
    mouo = as_("mouo")
    address = f"/mechanisms/submissions/{run.submissions['mouo'].pk}/maps"
    late = mouo.post(
        f"{address}/{run.criteria['1.3.1'].pk}/parts", {"component": "goals", "title": "Цель"}
    )
    assert late.status_code == 409
