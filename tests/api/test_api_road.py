"""The road of a case through the interface alone, and what a repeated request does."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from api.builders_api import NEW, System, a_token
from booking.builders_booking import TEST_DAY, a_no_show, a_session
from builders import NOW, an_organisation
from grading.builders_grading import LATER, a_day, an_attempt, marks
from merilo.admissions.models import Application, Referral
from merilo.booking.models import Booking
from merilo.casework.models import Notice
from merilo.foundation import clock
from merilo.law import Part
from merilo.registry.rules import Function
from results.builders_results import second_clerk, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_(region, hold_clock):
    hold_clock(NOW)

    def system(who: str) -> System:
        return System(a_token(region, who))

    return system


def good(answer, status: int = 200) -> dict:
    assert answer.status_code == status, answer.content.decode()
    return answer.json()


def a_referred(school: System) -> dict:
    """From a new application to the referral in the parent's hands."""
    case = good(school.post("/applications", NEW), 201)
    path = f"/applications/{case['id']}"
    documents = [{"kind": one["kind"], "state": "accepted"} for one in case["documents"]]
    good(school.post(f"{path}/documents", {"documents": documents}))
    good(school.post(f"{path}/full-set"))
    good(school.post(f"{path}/register-check", {"outcome": "clear"}))
    case = good(school.post(f"{path}/referral"), 201)
    assert case["referral"]["state"] == "issued"
    return good(
        school.post(
            f"{path}/referral/delivery", {"received_on": "2026-03-16", "evidence": "signature"}
        )
    )


def test_a_case_goes_from_application_to_booking_and_back_to_no_booking(as_, region):
    school, testing = as_("school"), as_("testing_org")
    session = a_session(region)
    case = a_referred(school)
    assert (case["state"], case["referral"]["book_until"]) == ("referred", "2026-03-25")
    free = good(testing.get("/sessions", free_only="true"))
    assert [(one["id"], one["free"]) for one in free["items"]] == [(session.pk, 10)]
    body = {
        "referral_id": case["referral"]["id"],
        "session_id": session.pk,
        "in_person": "representative",
        "identity_document": "паспорт",
    }
    booked = good(testing.post("/bookings", body), 201)
    assert (booked["held_on"], booked["state"]) == (str(TEST_DAY), "confirmed")
    assert good(school.get(f"/applications/{case['id']}"))["state"] == "awaiting_result"
    ended = good(testing.post(f"/bookings/{booked['id']}/cancel", {"reason": "болезнь"}))
    assert ended["state"] == "cancelled"
    withdrawn = school.post(
        f"/applications/{case['id']}/decision", {"decision": "withdraw", "note": "уехали"}
    )
    assert good(withdrawn)["state"] == "withdrawn"


def test_a_booking_nobody_came_for_is_refused_with_its_paragraph(as_, region):
    session = a_session(region)
    case = a_referred(as_("school"))
    body = {
        "referral_id": case["referral"]["id"],
        "session_id": session.pk,
        "in_person": "nobody",
        "identity_document": "",
    }
    answer = as_("testing_org").post("/bookings", body)
    assert answer.status_code == 409
    assert any(one["act"] and one["paragraph"] for one in answer.json()["reasons"])
    assert not Booking.objects.exists()


def test_the_ministry_changes_the_place_by_the_interface_too(as_, region):
    lyceum = an_organisation(
        "Лицей № 2", region.far_school.territory, region.other_mouo, Function.TESTING_ORG
    )
    case = a_referred(as_("school"))
    path = f"/applications/{case['id']}/referral/elsewhere"
    body = {"testing_org_id": lyceum.pk, "note": "нет мест"}
    assert as_("school").post(path, body).status_code == 403
    moved = good(as_("ministry").post(path, body), 201)
    assert moved["referral"]["testing_org"] == "Лицей № 2"
    assert (moved["referral"]["state"], moved["referral"]["book_until"]) == ("issued", None)
    refused = as_("ministry").post(path, body)
    assert refused.status_code == 409
    assert "booking.elsewhere-same" in refused.content.decode()


def test_a_mouo_confirms_the_reason_of_a_no_show_by_the_interface_too(as_, region):
    referral = a_no_show(region)
    path = f"/applications/{referral.application_id}/no-show"
    body = {"reason": "respectful", "comment": "справка", "confirmed_on": "2026-04-13"}
    early = as_("mouo").post(path, body)
    assert early.status_code == 409
    assert "admissions.no-show-confirmed-in-future" in early.content.decode()
    clock.freeze(NOW + timedelta(days=28))
    assert good(as_("mouo").post(path, body))["state"] == "referred"
    assert as_("other_mouo").post(path, body).status_code == 404


def test_the_same_key_registers_one_application_and_books_one_seat(as_, region):
    school, testing = as_("school"), as_("testing_org")
    made = {
        good(school.post("/applications", NEW, Idempotency_Key="k-1"), 201)["id"] for _ in range(3)
    }
    assert len(made) == Application.objects.count() == 1
    Application.objects.all()
    case_path = f"/applications/{made.pop()}"
    documents = [
        {"kind": one["kind"], "state": "accepted"}
        for one in good(school.get(case_path))["documents"]
    ]
    good(school.post(f"{case_path}/documents", {"documents": documents}))
    good(school.post(f"{case_path}/full-set"))
    good(school.post(f"{case_path}/register-check", {"outcome": "clear"}))
    good(school.post(f"{case_path}/referral"), 201)
    case = good(
        school.post(
            f"{case_path}/referral/delivery",
            {"received_on": "2026-03-16", "evidence": "signature"},
        )
    )
    session = a_session(region)
    body = {
        "referral_id": case["referral"]["id"],
        "session_id": session.pk,
        "in_person": "representative",
        "identity_document": "паспорт",
    }
    booked = {
        good(testing.post("/bookings", body, Idempotency_Key="k-1"), 201)["id"] for _ in range(3)
    }
    session.refresh_from_db()
    assert (len(booked), session.taken) == (1, 1)


def test_keys_of_two_schools_do_not_meet(as_):
    one = good(as_("school").post("/applications", NEW, Idempotency_Key="same"), 201)
    child = NEW["child"] | {"last_name": "Ли", "id_doc_number": "B 1", "birth_date": "2017-01-02"}
    other = good(
        as_("far_school").post("/applications", NEW | {"child": child}, Idempotency_Key="same"),
        201,
    )
    assert one["id"] != other["id"]


def test_a_second_referral_is_refused_and_the_first_one_stands(as_):
    school = as_("school")
    case = a_referred(school)
    again = school.post(f"/applications/{case['id']}/referral")
    assert again.status_code == 409
    assert Referral.objects.count() == 1


def test_an_incomplete_set_goes_back_with_all_its_defects(as_):
    school = as_("school")
    case = good(school.post("/applications", NEW), 201)
    refused = school.post(f"/applications/{case['id']}/full-set")
    assert refused.status_code == 409
    assert len(refused.json()["reasons"]) > 3
    returned = good(school.post(f"/applications/{case['id']}/return", {"note": "нет справки"}))
    assert returned["state"] == "returned_incomplete"


def test_marks_are_signed_and_the_result_is_drawn_released_received_and_told(
    as_, region, hold_clock
):
    made = a_day(region)
    attempt = an_attempt(made, 1)
    second_clerk(made)
    hold_clock(LATER)
    expert, testing, school = as_("expert"), as_("testing_org"), as_("school")
    work = good(expert.get("/works"))["items"][0]
    assert (work["attempt_id"], work["code"]) == (attempt.pk, attempt.code)
    points = marks(attempt, Part.ORAL, 9)
    wrong = expert.post(f"/attempts/{attempt.pk}/marks/oral", {"points": points, "typed_total": 5})
    assert wrong.status_code == 409
    signed = good(
        expert.post(f"/attempts/{attempt.pk}/marks/oral", {"points": points, "typed_total": 9}),
        201,
    )
    assert signed["state"] == "signed"
    result = good(testing.post("/results", {"attempt_id": attempt.pk}), 201)
    assert (result["total"], result["passed"]) == (9, True)
    alone = testing.post(f"/results/{result['id']}/release", {"identity_confirmed": True})
    assert alone.status_code == 409
    released = good(
        as_("testing_org_2").post(f"/results/{result['id']}/release", {"identity_confirmed": True})
    )
    assert released["state"] == "released"
    dispatch = good(school.get("/dispatches", waiting="true"))["items"][0]
    got = good(school.post(f"/dispatches/{dispatch['id']}/receive"))
    assert got["received_at"]
    told = good(school.post(f"/results/{result['id']}/inform", {"how": "email"}))
    assert told["informed_how"] == "email"
    assert Notice.objects.get(template="result").attachment is not None
    enrolled = good(
        school.post(f"/applications/{result['application_id']}/decision", {"decision": "enrol"})
    )
    assert enrolled["state"] == "enrolled"


def test_duties_carry_their_term_and_paragraph(as_):
    school = as_("school")
    good(school.post("/applications", NEW), 201)
    [duty] = good(school.get("/duties"))["items"]
    assert duty["due_on"] == "2026-03-23"
    assert duty["working_days_left"] == 5
    assert duty["act"] and duty["paragraph"]


def test_the_law_answers_with_values_and_reasons(as_):
    school = as_("school")
    values = good(school.get("/law/values", name="booking."))["items"]
    assert {"booking.min_lead_wd"} <= {one["name"] for one in values}
    assert all(one["act"] and one["paragraph"] for one in values)
    for question in good(school.get("/law/questions"))["items"]:
        answer = good(
            school.post(f"/law/questions/{question['name']}", {"facts": question["example"]})
        )
        assert answer["decided_under"] or answer["reasons"] or answer["outcome"] or answer["dates"]
    wrong = school.post("/law/questions/may-book", {"facts": {"nothing": 1}})
    assert wrong.status_code == 409
    assert "неизвестный факт" in wrong.json()["detail"]
    assert school.post("/law/questions/nothing", {"facts": {}}).status_code == 404


def test_the_schedule_before_and_after_today(as_, region):
    a_session(region, held_on=date(2026, 3, 2))
    ministry = as_("ministry")
    assert good(ministry.get("/sessions"))["count"] == 0
    assert good(ministry.get("/sessions", when="past"))["count"] == 1
    assert good(ministry.get("/sessions", when="all", grade=3))["count"] == 1


def test_a_sent_result_is_read_with_its_points(as_, region):
    result = sent(a_day(region), 1, oral=9)
    told = good(as_("mouo").get(f"/results/{result.pk}"))
    assert sum(told["points"].values()) == 9
    assert told["child"] is None
    named = good(as_("mouo").get(f"/results/{result.pk}", with_person="true"))
    assert named["child"]["last_name"]
