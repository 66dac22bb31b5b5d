"""A name stands where the task needs it: never in a log, an address, a subject line, the journal."""

from __future__ import annotations

import json
import logging
import re

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from access.route_table import address, all_routes, guarded_routes, our_routes
from builders import NOW
from journeys.builders_road import CHILD, PARENT, drive, vl
from merilo.casework.models import Dispatch, Duty, Notice
from merilo.foundation.journal.models import JournalEntry

pytestmark = pytest.mark.django_db

NAMES = (CHILD, PARENT, CHILD.upper(), "neposvtorimov")
NEW = {
    "request_key": "one-click",
    "channel": "EPGU",
    "submitted_on": "16.03.2026",
    "grade": "2",
    "category": "GENERAL",
    "last_name": CHILD,
    "first_name": "Тимур",
    "birth_date": "20.05.2017",
    "citizenship": "Таджикистан",
    "id_doc_type": "паспорт",
    "id_doc_number": "A 7654399",
    "parent_last_name": PARENT,
    "parent_first_name": "Рустам",
    "notify_email": "parent@example.org",
    "language": "ru",
    "consent_to_test": "on",
}


def test_no_log_line_holds_a_name(region, caplog, hold_clock):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)  # SQL is no log of ours
    for name in ("merilo", "django.request", "django.security", "procrastinate"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    road = drive(region, "informed")
    hold_clock(vl(4, 14, 13))
    school = Client(raise_request_exception=False)
    school.force_login(region.accounts["school"])
    for route in guarded_routes():
        if "application_id" in route.arguments or not route.arguments:
            school.get(address(route, road))
    hold_clock(NOW)
    school.post(reverse("application-new"), NEW)  # asks about the same child
    school.post(reverse("application-new"), NEW | {"birth_date": "31.02.2017"})
    school.post(reverse("search"), {"words": CHILD})
    logging.getLogger("merilo").debug("the capture works")
    lines = [record.getMessage() + str(record.exc_text or "") for record in caplog.records]
    assert "the capture works" in lines
    assert not [line for line in lines if any(name in line for name in NAMES)]


def test_letters_lists_and_the_journal_hold_no_name(region, mailoutbox):
    drive(region)
    assert mail.outbox
    texts = [letter.subject for letter in mail.outbox]
    texts += list(Notice.objects.values_list("subject", flat=True))
    texts += [f"{d.label} {d.detail}" for d in Duty.objects.all()]
    texts += list(Dispatch.objects.values_list("label", flat=True))
    texts += [
        json.dumps(e.facts, ensure_ascii=False) + e.about for e in JournalEntry.objects.all()
    ]
    assert not [text for text in texts if any(name in text for name in NAMES)]


def test_no_address_has_a_place_for_a_name():
    """Addresses are logged by every server on the way: numbers, codes and kinds only."""
    named = {"name": {"rule", "help-page"}}  # of a parameter of the law, of a page of help
    for route in our_routes():
        for argument in route.arguments:
            if re.search(r"name|surname|person$|birth", argument):
                assert route.name in named.get(argument, ()), route


def test_a_search_by_name_is_never_an_address(region, client, hold_clock):
    hold_clock(NOW)
    client.force_login(region.accounts["school"])
    page = client.get(reverse("search")).content.decode()
    for form in re.findall(r"<form\b.*?</form>", page, flags=re.S):
        if re.search(r'name="(last_name|first_name|name|birth_date)"', form):
            assert re.search(r'method="post"', form, flags=re.I), "names are sent by POST"


def test_every_answer_keeps_scripts_and_frames_out(region, client, hold_clock):
    hold_clock(NOW)
    client.force_login(region.accounts["school"])
    client.raise_request_exception = False
    wrong = []
    for route in all_routes():
        if route.arguments or route.name in ("set_language",) or "api" in route.namespaces:
            continue
        answer = client.get(reverse(":".join((*route.namespaces, route.name))))
        if "html" not in answer.get("Content-Type", ""):
            continue
        policy = answer.get("Content-Security-Policy", "")
        if "default-src 'self'" not in policy or "unsafe" in policy:
            wrong.append((route.name, answer.status_code, "CSP"))
        if "frame-ancestors 'none'" not in policy or answer.get("X-Frame-Options") != "DENY":
            wrong.append((route.name, answer.status_code, "frames"))
        if answer.get("X-Content-Type-Options") != "nosniff":
            wrong.append((route.name, answer.status_code, "nosniff"))
        if answer.get("Referrer-Policy") != "same-origin":
            wrong.append((route.name, answer.status_code, "referrer"))
    assert wrong == []
    missing = client.get("/there-is-no-such-page/")
    assert missing.status_code == 404 and missing["Content-Security-Policy"]


def test_the_policy_of_content_allows_nothing_from_elsewhere():
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    for directive, sources in policy.items():
        for source in sources:
            assert str(source).strip("'") in {"self", "none", "data:"}, directive
    assert "data:" not in policy["script-src"]
