"""The page of one case: what to do now, its course, the child; for everyone who may look."""

from __future__ import annotations

import pytest
from django.urls import reverse

from admissions.builders_admissions import (
    a_checked,
    a_delivered_referral,
    a_referral,
    a_tested,
    an_application,
    mark_all,
)
from builders import NOW, put
from merilo.admissions import actions
from merilo.admissions.models import Application
from merilo.admissions.rules import ApplicationState as S
from merilo.admissions.rules import Category, DocumentState
from merilo.foundation.journal.models import JournalEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_as(client, region, hold_clock):
    """Open the case page of an application as somebody; gives the text of the page."""
    hold_clock(NOW)

    def read(application: Application, who: str = "school", name: str = "application") -> str:
        client.force_login(region.accounts[who])
        answer = client.get(reverse(name, args=[application.pk]), follow=True)
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode()

    return read


@pytest.mark.parametrize("state", list(S))
def test_every_state_opens_for_every_reader(region, open_as, state):
    application = a_delivered_referral(region).application
    put(Application.objects.filter(pk=application.pk), state=state)
    for who in ("school", "testing_org", "chair", "mouo", "ministry", "auditor"):
        assert application.number in open_as(application, who)
    for name in ("documents", "authenticity", "referral", "decision", "resubmit", "withdraw"):
        open_as(application, "school", f"application-{name}")


def test_a_new_case_says_what_to_do_and_why_no_referral_yet(region, open_as):
    application = an_application(region)
    mark_all(region, application, medical=DocumentState.MISSING)
    page = open_as(application)
    assert "Проверить полноту документов" in page
    assert "замечаний: 1" in page
    assert "Почему нельзя выдать направление." in page
    assert "пр.23а-566" in page
    assert "Сроки при лучшем ходе" in page and "25\xa0марта" in page


def test_a_returned_case_repeats_what_the_parent_was_told(region, open_as):
    application = an_application(region)
    mark_all(region, application, medical=DocumentState.MISSING)
    actions.return_incomplete(
        application_id=application.pk, actor=region.viewer("school"), now=NOW
    )
    page = open_as(application)
    assert "Ждём документы от родителя" in page
    assert "Нет документа: Медицинское заключение" in page


def test_the_course_shows_done_now_and_ahead(region, open_as):
    page = open_as(a_referral(region).application)
    assert "Комплект документов полный" in page
    assert "Копия направления → Гимназия № 1" in page
    assert "Подтвердить вручение направления" in page
    assert 'aria-current="step"' in page
    assert "Решение о приёме" in page


def test_the_main_button_is_one_and_the_readers_have_none(region, open_as):
    application = a_checked(region)
    assert open_as(application).count("Проверить и выдать направление") == 1
    for who in ("mouo", "ministry"):
        page = open_as(application, who)
        assert "Проверить и выдать направление" not in page
        assert "Действует школа: СОШ № 25." in page


def test_an_exempt_child_is_not_sent_for_a_referral(region, open_as):
    application = a_checked(region, category=Category.EXEMPT_BELARUS)
    page = open_as(application)
    assert "Оформить без тестирования" in page
    assert "тестирование не требуется" in page
    assert "Сроки при лучшем ходе" not in page


def test_a_closed_case_leads_to_the_next_one(region, open_as):
    first = a_tested(region, passed=False)
    actions.refuse_test_failed(application_id=first.pk, actor=region.viewer("school"), now=NOW)
    second = an_application(region, same_child_as=first.child_id)
    assert reverse("application", args=[second.pk]) in open_as(first)
    assert first.number in open_as(second)


def test_who_may_not_read_names_is_not_offered_to(region, open_as, client):
    application = a_delivered_referral(region).application
    reveal = reverse("application-person", args=[application.pk])
    assert reveal in open_as(application, "testing_org")
    assert reveal not in open_as(application, "ministry")
    assert client.post(reveal).status_code == 403


def test_the_name_is_shown_without_scripts_too_and_every_view_is_noted(region, open_as, client):
    application = an_application(region)
    open_as(application)
    assert not JournalEntry.objects.filter(event="person.viewed").exists()
    page = client.post(reverse("application-person", args=[application.pk])).content.decode()
    assert "Каримов Тимур" in page
    entry = JournalEntry.objects.get(event="person.viewed")
    assert (entry.case_id, entry.kind) == (application.pk, "view")


def test_the_journal_of_the_case_speaks_in_sentences(region, open_as):
    page = open_as(a_referral(region).application)
    assert "Направление выдано" in page and "Заявление зарегистрировано" in page


def test_a_year_without_a_calendar_does_not_break_the_page(client, region, hold_clock):
    from datetime import UTC, datetime

    hold_clock(NOW)
    application = an_application(region)
    hold_clock(datetime(2026, 12, 28, 1, 0, tzinfo=UTC))
    client.force_login(region.accounts["school"])
    page = client.get(reverse("application", args=[application.pk])).content.decode()
    assert application.number in page and "2027" in page
    assert client.get(reverse("applications")).status_code == 200
