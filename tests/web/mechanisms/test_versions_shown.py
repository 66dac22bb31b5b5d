"""What was proposed and decided before is shown to those who may see it: pages and the protocol."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.urls import reverse
from docx import Document
from pypdf import PdfReader

from builders import NOW
from mechanisms.builders_expertise import everything_scored, in_expertise, proposed, scored
from mechanisms.test_cycle_map import rule_on, with_indicator
from merilo.mechanisms.actions import objecting
from merilo.mechanisms.models import ChainNode
from merilo.mechanisms.rules.cycle import GapKind
from web.mechanisms.test_expertise_pages import page, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _now(hold_clock):
    hold_clock(NOW)


@pytest.fixture
def disputed(region):
    """Marks of 1.1 differ; both experts have proposed, the first one twice."""
    run = in_expertise(region)
    scored(run, "mumexpert", "1.1", 1)
    scored(run, "mumexpert2", "1.1", 3)
    for who, points in (("mumexpert", 0), ("mumexpert2", 2), ("mumexpert", 4)):
        proposed(run, who, "1.1.1.1", points)
    return run


def test_the_harmonisation_shows_every_proposal_and_which_are_in_force(disputed, region):
    appointment = disputed.appointment("mumexpert", "1.1").pk
    seen = page(signed_in(region, "mumexpert"), "mechanisms-harmonising", appointment)
    history = seen.split("История предложений")[1].split("</details>")[0]
    assert history.startswith(": 3") and history.count("действует") == 2
    assert history.count("Вы:") == 2 and history.count("Второй эксперт:") == 1
    assert region.accounts["mumexpert2"].person.last_name not in seen


def test_the_protocol_tells_the_way_to_one_mark_and_names_nobody(disputed, region):
    proposed(disputed, "mumexpert2", "1.1.1.1", 4)
    for who in ("mumexpert", "mumexpert2"):
        proposed(disputed, who, "1.1.1.2", 2)
        scored(disputed, who, "1.3", 2)
    client, submission = signed_in(region, "ministry"), disputed.submissions["mouo"].pk
    docx = client.get(reverse("mechanisms-protocol", args=[submission, "docx"]))
    told = "\n".join(one.text for one in Document(BytesIO(docx.content)).paragraphs)
    assert "Предложения при согласовании" in told
    assert told.count("эксперт 1:") == 3  # twice at the first position, once at the second
    assert told.count("(действует)") == 4
    assert region.accounts["mumexpert"].person.last_name not in told


def test_the_municipality_reads_a_protocol_without_the_proposals(region):
    run = in_expertise(region)
    scored(run, "mumexpert", "1.1", 1)
    scored(run, "mumexpert2", "1.1", 3)
    for code in ("1.1.1.1", "1.1.1.2"):
        for who in ("mumexpert", "mumexpert2"):
            proposed(run, who, code, 2)
    for who in ("mumexpert", "mumexpert2"):
        scored(run, who, "1.3", 2)
        for code in ("1.1", "1.3"):
            scored(run, who, code, 2, of="other_mouo")
    objecting.open_objections(cycle_id=run.cycle.pk, actor=run.viewer("ministry"), now=NOW)
    at = [run.submissions["mouo"].pk, "pdf"]
    texts = {}
    for who in ("mouo", "ministry"):
        pdf = signed_in(region, who).get(reverse("mechanisms-protocol", args=at))
        pages = PdfReader(BytesIO(pdf.content)).pages
        texts[who] = " ".join(" ".join(one.extract_text() for one in pages).split())
    assert "Предложения при согласовании" in texts["ministry"]
    assert "Предложения" not in texts["mouo"] and "1.1.1.1" in texts["mouo"]


def test_without_a_harmonisation_there_is_no_history(region):
    run = everything_scored(in_expertise(region))
    at = [run.submissions["mouo"].pk, "docx"]
    docx = signed_in(region, "ministry").get(reverse("mechanisms-protocol", args=at))
    told = "\n".join(one.text for one in Document(BytesIO(docx.content)).paragraphs)
    assert "Предложения" not in told


def test_the_map_shows_the_expert_his_earlier_decisions_and_nobody_else(region):
    run = with_indicator(region)
    survey = ChainNode.objects.get(title="Опрос школ")
    rule_on(run, "mumexpert", GapKind.OUTSIDE_CYCLE, survey, True, "Стр. 4.")
    track = run.criteria["1.3.1"].pk
    at = (run.appointment("mumexpert", "1.3").pk, track)
    once = page(signed_in(region, "mumexpert"), "mechanisms-map-ruling", *at)
    assert "Прежние решения" not in once
    rule_on(run, "mumexpert", GapKind.OUTSIDE_CYCLE, survey, False, "Стр. 5.")
    seen = page(signed_in(region, "mumexpert"), "mechanisms-map-ruling", *at)
    history = seen.split("Прежние решения")[1].split("</details>")[0]
    assert "подтверждено. Стр. 4." in history and "отклонено. Стр. 5." in history
    other = (run.appointment("mumexpert2", "1.3").pk, track)
    assert "Прежние" not in page(signed_in(region, "mumexpert2"), "mechanisms-map-ruling", *other)
