"""The ministry changes the place of testing from the page of the case; the school prints the paper."""

from __future__ import annotations

import pytest
from django.urls import reverse

from admissions.builders_admissions import a_delivered_referral, an_application
from booking.builders_booking import a_schedule, a_session, book
from builders import NOW, OPENED, an_organisation
from documents.paper_reading import pdf_text
from merilo.admissions.models import Referral
from merilo.booking import actions
from merilo.registry.models import TestingPlace
from merilo.registry.rules import Function

pytestmark = pytest.mark.django_db


@pytest.fixture
def lyceum(region):
    org = an_organisation(
        "Лицей № 2", region.far_school.territory, region.other_mouo, Function.TESTING_ORG
    )
    place = TestingPlace.objects.create(
        organisation=org, name="ППТ Лицей № 2", address="Находка", valid_from=OPENED
    )
    a_schedule()
    a_session(region, testing_org=org, place=place)
    return org


@pytest.fixture
def as_(client, region, hold_clock):
    hold_clock(NOW)

    def sign_in(who):
        client.force_login(region.accounts[who])
        return client

    return sign_in


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_the_case_page_of_the_ministry_leads_to_the_form_and_the_form_to_a_new_referral(
    as_, region, lyceum
):
    old = a_delivered_referral(region)
    url = reverse("application-elsewhere", args=[old.application_id])
    case = as_("ministry").get(reverse("application", args=[old.application_id]))
    assert url in text(case) and "Сменить тестирующую организацию" in text(case)

    form = text(as_("ministry").get(url))
    assert "Лицей № 2 — ближайший день 10 апреля, всего 10 мест" in form.replace("\xa0", " ")
    assert "В других муниципалитетах" in form
    assert "п. 3.2 Порядка" in form and "п. 3.1 Порядка" in form

    answer = as_("ministry").post(url, {"testing_org": "", "note": ""})
    assert answer.status_code == 422
    assert "прочтут родитель, школа и обе организации" in text(answer)
    answer = as_("ministry").post(url, {"testing_org": lyceum.pk, "note": "нет мест"}, follow=True)
    new = Referral.objects.get(replaces=old)
    assert f"Выдано направление № {new.number}" in text(answer)
    assert "Министерство сменило тестирующую организацию" in text(answer)


def test_why_the_ministry_may_not_is_read_on_the_case_page(as_, region, lyceum):
    old = a_delivered_referral(region)
    book(region, old, a_session(region))
    case = text(as_("ministry").get(reverse("application", args=[old.application_id])))
    url = reverse("application-elsewhere", args=[old.application_id])
    assert url not in case and "сначала тестирующая организация отменяет запись" in case
    page = as_("ministry").get(url)
    assert "сейчас нельзя" in text(page) and "<select" not in text(page)


def test_without_a_referral_nothing_is_offered_and_the_page_says_why(as_, region, lyceum):
    application = an_application(region)
    case = text(as_("ministry").get(reverse("application", args=[application.pk])))
    assert "Сменить тестирующую организацию" not in case
    page = as_("ministry").get(reverse("application-elsewhere", args=[application.pk]))
    assert "Действующего направления нет" in text(page)


def test_the_school_prints_the_new_referral_and_the_parent_reads_of_it(as_, region, lyceum):
    old = a_delivered_referral(region)
    new = actions.refer_elsewhere(
        application_id=old.application_id,
        testing_org_id=lyceum.pk,
        note="нет мест",
        actor=region.viewer("ministry"),
        now=NOW,
    ).referral
    school = as_("school")
    page = text(school.get(reverse("application-referral", args=[old.application_id])))
    assert f"Взамен направления № {old.number}" in page and "Отметить вручение" in page
    home = text(school.get(reverse("home")))
    assert "Подтвердить вручение направления" in home

    paper = school.get(reverse("application-referral-paper", args=[old.application_id]))
    printed = " ".join(pdf_text(paper.content).split())
    assert new.number in printed and "Лицей № 2" in printed
    assert f"взамен направления № {old.number}" in printed

    session = school.session
    session["status_case"] = old.application_id
    session["status_until"] = NOW.timestamp() + 60
    session.save()
    status = text(school.get(reverse("status-case")))
    assert "Место тестирования изменилось" in status and "Лицей № 2" in status
