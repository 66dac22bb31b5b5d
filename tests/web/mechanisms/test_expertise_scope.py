"""Every page of the expertise, opened by everybody: one's own, and nothing of anybody else's."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from builders import NOW
from mechanisms.builders_expertise import everything_scored, in_expertise
from merilo.mechanisms.actions import file_objection, open_objections
from merilo.registry.access import Role

pytestmark = pytest.mark.django_db(transaction=True)
OPERATOR, READERS = {"ministry"}, {"ministry", "rcoi", "auditor"}


def pages(run, filed):
    """Each page with its arguments and who may open it."""
    own = run.appointment("mumexpert", "1.1").pk
    submission, position = run.submissions["mouo"].pk, run.criteria["1.1.1.1"].pk
    track = run.criteria["1.1.1"].pk
    return [
        ("mechanisms-scoring", [own], {"mumexpert"}),
        ("mechanisms-position", [own, position], {"mumexpert"}),
        ("mechanisms-harmonising", [own], {"mumexpert"}),
        ("mechanisms-map-ruling", [own, track], {"mumexpert"}),
        ("mechanisms-experts", [], OPERATOR),
        ("mechanisms-expert", [run.experts["mumexpert"].pk], OPERATOR),
        ("mechanisms-assignment", [run.cycle.pk], OPERATOR),
        ("mechanisms-agreement", [run.cycle.pk], OPERATOR),
        ("mechanisms-objection", [filed.pk], OPERATOR),
        ("mechanisms-marks", [submission], READERS | {"mouo"}),
        ("mechanisms-protocol", [submission, "pdf"], READERS | {"mouo"}),
        ("mechanisms-object", [submission, position], {"mouo"}),
        ("mechanisms-maps", [submission], READERS | {"mouo", "mumexpert", "mumexpert2"}),
        ("mechanisms-map", [submission, track], READERS | {"mouo", "mumexpert", "mumexpert2"}),
    ]


def test_each_page_opens_for_its_people_and_for_nobody_else(region, hold_clock):
    hold_clock(NOW)
    run = everything_scored(in_expertise(region))
    open_objections(cycle_id=run.cycle.pk, actor=run.viewer("ministry"), now=NOW)
    filed, _warnings = file_objection(
        submission_id=run.submissions["mouo"].pk, criterion_id=run.criteria["1.1.1.1"].pk,
        text="Нет.", actor=run.viewer("mouo"), now=NOW,
    )  # fmt: skip
    wrong = []
    for login, account in region.accounts.items():
        client = Client()
        client.force_login(account)
        for name, args, people in pages(run, filed):
            status = client.get(reverse(name, args=args)).status_code
            if (status == 200) is not (login in people) or status not in (200, 403, 404):
                wrong.append((login, name, status))
    assert wrong == []
    assert region.viewer("mumexpert").role == Role.MECHANISMS_EXPERT


def test_what_only_takes_a_post_is_refused_to_strangers(region, hold_clock):
    hold_clock(NOW)
    run = in_expertise(region)
    own = run.appointment("mumexpert", "1.1").pk
    submission, position = run.submissions["mouo"].pk, run.criteria["1.1.1.1"].pk
    direction, track = run.criteria["1.1"].pk, run.criteria["1.1.1"].pk
    posts = [
        ("mechanisms-finish", [own], {"mumexpert"}),
        ("mechanisms-propose", [own, position], {"mumexpert"}),
        ("mechanisms-give-up", [own, position], {"mumexpert"}),
        ("mechanisms-assignment-move", [run.cycle.pk], OPERATOR),
        ("mechanisms-appoint", [submission, direction], OPERATOR),
        ("mechanisms-map-change", [submission, track], {"mouo"}),
    ]
    wrong = []
    for login, account in region.accounts.items():
        client = Client()
        client.force_login(account)
        for name, args, people in posts:
            status = client.post(reverse(name, args=args)).status_code
            # An empty proposal is refused in its form: 422 says so to the one whose form it is.
            if (status in (302, 422)) is not (login in people) or status in (200, 405, 500):
                wrong.append((login, name, status))
    assert wrong == []
