"""One child from the application to the informed parent: what stands, and who owes what, at each step."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from documents.paper_reading import docx_text, pdf_text
from journeys.builders_road import CHILD, STEPS, Road, drive, vl, walk
from merilo.casework.models import Dispatch, Duty, Notice
from merilo.foundation.journal import recording
from merilo.foundation.journal.events import EVENTS
from merilo.foundation.journal.models import JournalEntry
from merilo.law import Part

pytestmark = pytest.mark.django_db

EXPERTS_MARK = {"mark-oral", "mark-written"}
BOTH_EXPERTS = {"expert": EXPERTS_MARK, "expert2": EXPERTS_MARK}
# After each step: the state of the application, and «Мои дела» of everybody who has anything to do.
AFTER = {
    "schedule_approved": ("", {}),
    "registered": ("completeness_check", {"school": {"check-completeness"}}),
    "documents_full": ("authenticity_check", {"school": {"check-authenticity"}}),
    "referred": ("referred", {"school": {"confirm-delivery"}}),
    "delivered": ("referred", {}),  # it is the parent's turn
    "booked": ("awaiting_result", {}),
    "day_opened": ("awaiting_result", {"testing_org": {"staff-day"}}),
    "day_staffed": ("awaiting_result", {"testing_org": {"prepare-day"}}),
    "day_ready": ("awaiting_result", {"testing_org": {"run-day"}, "chair": {"run-day"}}),
    "admitted": ("awaiting_result", {"testing_org": {"run-day"}, "chair": {"run-day"}}),
    "started": ("awaiting_result", {"testing_org": {"run-day"}, "chair": {"run-day"}}),
    "parts_taken": ("awaiting_result", {"testing_org": {"finish-day"}} | BOTH_EXPERTS),
    "day_finished": ("awaiting_result", BOTH_EXPERTS),
    "marked": (
        "awaiting_result",
        {"testing_org": {"consolidate-result"}, "chair": {"consolidate-result"}},
    ),
    "consolidated": ("awaiting_result", {"testing_org": {"release-result"}}),
    "released": (
        "passed",
        {"school": {"inform-parent", "decide-admission"}, "mouo": {"forward-to-rcoi"}},
    ),
    "informed": ("passed", {"school": {"decide-admission"}, "mouo": {"forward-to-rcoi"}}),
    "forwarded": ("passed", {"school": {"decide-admission"}}),
    "enrolled": ("enrolled", {}),
}
FAILED_ENDS = {
    "released": (
        "failed",
        {
            "school": {"inform-parent", "decide-admission", "offer-training"},
            "mouo": {"forward-to-rcoi"},
        },
    ),
    "informed": (
        "failed",
        {"school": {"decide-admission", "offer-training"}, "mouo": {"forward-to-rcoi"}},
    ),
    "forwarded": ("failed", {"school": {"decide-admission", "offer-training"}}),
}


def state_of(road: Road) -> str:
    return str(road.fresh("application").state) if road.application else ""


def events(road: Road) -> list[str]:
    rows = JournalEntry.objects.filter(case_id=road.application.pk).order_by("pk")
    return list(rows.values_list("event", flat=True))


def test_t4_after_each_decision_the_case_is_in_exactly_the_queues_the_rules_say(region):
    seen = {name: (state_of(road), road.queues()) for name, road in walk(region)}
    assert seen == AFTER


def test_a_failed_test_adds_the_offer_of_training_and_nothing_else(region):
    failed = {"points": {Part.ORAL: 9, Part.WRITTEN: 8}}
    for name, road in walk(region, **failed):
        expected = (AFTER | FAILED_ENDS)[name]
        assert (name, state_of(road), road.queues()) == (name, *expected)
        if name == "forwarded":
            break
    road.refused()
    assert (state_of(road), road.queues()) == (
        "refused_test_failed",
        {"school": {"note-training"}},
    )  # the letter of refusal offers the training; the parent's choice is still to be noted


def test_a_first_grader_takes_the_oral_part_only_and_the_road_is_the_same(region):
    road = drive(region, grade=1)
    assert road.result.total == 10 and road.result.written_sum is None
    assert state_of(road) == "enrolled" and road.queues() == {}


def test_each_duty_names_its_term_or_says_why_there_is_none(region):
    terms = {}
    for name, _road in walk(region):
        for duty in Duty.objects.all():
            terms.setdefault(duty.kind, duty.due_on)
            assert "Неповторим" not in duty.label + duty.detail, name
    assert str(terms["check-completeness"]) == "2026-03-23"  # 5 working days
    assert str(terms["release-result"]) == "2026-04-15"  # 3 working days after the test
    assert str(terms["inform-parent"]) == "2026-04-16"  # 3 working days after the school has it
    assert terms["decide-admission"] is None  # the acts give no term


def test_what_is_handed_over_reaches_each_organisation_once_with_its_proof(region):
    road = drive(region)
    sent = {
        (one.kind, one.sender.short_name, one.recipient.short_name): one
        for one in Dispatch.objects.filter(case_id=road.application.pk)
    }
    to = {(kind, recipient) for kind, _sender, recipient in sent}
    assert {
        ("result_to_school", "СОШ № 25"),
        ("result_to_mouo", "МОУО Владивостока"),
        ("result_to_rcoi", "РЦОИ"),
    } <= to
    copies = {recipient for kind, recipient in to if kind.startswith("referral")}
    assert copies == {"Гимназия № 1", "МОУО Владивостока"}
    assert not any(one.sent_late for one in sent.values())
    received = sent["result_to_school", "Гимназия № 1", "СОШ № 25"]
    assert received.received_by == region.accounts["school"]


def test_the_parent_gets_each_letter_once_and_no_letter_names_anybody(region, mailoutbox):
    road = drive(region)
    letters = Notice.objects.filter(case_id=road.application.pk).order_by("pk")
    assert [one.template for one in letters] == [
        "application-registered", "application-full-set", "referral-issued", "booking-window",
        "booking-made", "result", "application-enrolled",
    ]  # fmt: skip
    assert {one.state for one in letters} == {"sent"}
    assert len(mailoutbox) == letters.count()
    for letter in mailoutbox:
        assert CHILD not in letter.subject and CHILD not in letter.body
        assert letter.to == ["parent@example.org"]


def test_every_act_is_in_the_journal_and_the_journal_holds_together(region):
    road = drive(region)
    acts = [
        "application.registered", "application.full-set", "application.register-checked",
        "referral.issued", "referral.delivered", "booking.made", "attempt.admitted",
        "attempt.briefed", "protocol.signed", "result.consolidated", "result.released",
        "result.informed", "application.enrolled",
    ]  # fmt: skip
    told = [event for event in events(road) if event in acts]
    assert list(dict.fromkeys(told)) == acts
    assert set(events(road)) <= set(EVENTS)
    assert list(recording.verify()) == []
    assert not JournalEntry.objects.filter(facts__icontains="Неповторим").exists()


def test_the_printed_notice_says_the_points_and_opening_it_is_noted(region, client, hold_clock):
    road = drive(region, "informed", points={Part.ORAL: 9, Part.WRITTEN: 10})
    hold_clock(vl(4, 14, 12))
    client.force_login(region.accounts["school"])
    printed = client.get(reverse("result-notice", args=[road.result.pk]))
    assert printed["Content-Type"] == "application/pdf"
    text = pdf_text(printed.content)
    assert CHILD in text and "Гимназия № 1" in text
    assert re.search(r"\b19\b", text) and re.search(r"\b9\b", text)
    office = docx_text(client.get(reverse("result-notice-docx", args=[road.result.pk])).content)
    assert CHILD in office and "19" in office
    views = JournalEntry.objects.filter(event="person.viewed", case_id=road.application.pk)
    assert views.filter(actor=region.accounts["school"]).exists()


def test_the_parent_reads_on_the_status_page_where_the_case_stands(region, client, hold_clock):
    words = {
        "registered": "Школа проверяет, все ли документы есть",
        "documents_full": "Школа проверяет документы",
        "delivered": "Запишитесь на тестирование",
        "booked": "Тестирование 10\xa0апреля 2026 в 10:00",
        "marked": "Ждём результат",
        "released": "Результат пришёл в школу",
        "informed": "Тестирование пройдено",
        "enrolled": "Ребёнок принят в школу",
    }
    hours = {"marked": vl(4, 11)}
    for name, road in walk(region):
        if name not in words:
            continue
        session = client.session
        session["status_case"] = road.application.pk
        session["status_until"] = vl(12, 1).timestamp()
        session.save()
        hold_clock(hours.get(name, vl(3, 17)))
        page = client.get(reverse("status-case")).content.decode()
        assert words[name] in page, (name, re.findall(r"big-answer.*", page))
        assert CHILD not in page


def test_no_step_may_be_taken_twice(region):
    """The second click of an impatient person changes nothing and says why."""
    from django.core.exceptions import ObjectDoesNotExist

    from merilo.law import Refused

    repeatable = {"schedule_approved", "informed", "forwarded", "day_opened", "day_ready"}
    road = Road(region)
    for step in STEPS:
        step(road)
        if step.__name__ in repeatable | {"registered"}:
            continue
        before = (state_of(road), road.queues(), JournalEntry.objects.count())
        with pytest.raises((Refused, ObjectDoesNotExist)):
            step(road)
            pytest.fail(f"{step.__name__} was done twice")
        assert (state_of(road), road.queues(), JournalEntry.objects.count()) == before
