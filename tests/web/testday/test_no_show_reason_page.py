"""After a no-show: the МОУО's page, what the school, the testing organisation and the parent read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from booking.builders_booking import a_booking, a_no_show
from builders import NOW
from merilo.admissions import actions
from merilo.admissions.models import Absence, Application
from merilo.admissions.rules import NoShowReason
from merilo.registry import queries as registry
from rules.reading import with_settings

pytestmark = pytest.mark.django_db

AFTER = NOW + timedelta(days=28)
SAID = {"reason": "respectful", "comment": "справка", "confirmed_on": "13.04.2026"}


@pytest.fixture
def as_(client, region, hold_clock):
    hold_clock(AFTER)

    def sign_in(who):
        client.force_login(region.accounts[who])
        return client

    return sign_in


def text(response) -> str:
    return " ".join(response.content.decode().split())


def page(client, name, *args) -> str:
    return text(client.get(reverse(name, args=args)))


def status(client, referral) -> str:
    session = client.session
    session["status_case"] = referral.application_id
    session["status_until"] = AFTER.timestamp() + 60
    session.save()
    return page(client, "status-case")


def test_the_duty_leads_the_mouo_to_the_page_and_the_page_to_the_next_booking(as_, region):
    referral = a_no_show(region)
    url = reverse("application-no-show", args=[referral.application_id])
    mouo = as_("mouo")
    home = page(mouo, "home")
    assert "Подтвердить причину неявки" in home and url in home
    assert "нужно подтвердить" in page(mouo, "no-shows")
    assert url in page(mouo, "application", referral.application_id)

    shown = page(mouo, "application-no-show", referral.application_id)
    assert "Подтвердить причину" in shown and "последствия неявки актами не названы" in shown
    wrong = mouo.post(url, SAID | {"confirmed_on": "20.04.2026"})
    assert wrong.status_code == 422 and "ещё не наступил" in text(wrong)
    assert mouo.post(url, {}).status_code == 422
    answer = text(mouo.post(url, SAID, follow=True))
    assert "Причина неявки подтверждена" in answer
    assert "Родитель может записать ребёнка на другой день" in answer
    assert "нужно подтвердить" not in page(mouo, "no-shows")
    assert "Подтвердить причину неявки" not in page(mouo, "home")


def test_a_case_without_a_no_show_has_no_such_page(as_, region):
    made = a_booking(region)
    url = reverse("application-no-show", args=[made.referral.application_id])
    assert as_("mouo").get(url).status_code == 404
    assert as_("other_mouo").get(url).status_code == 404


def test_everybody_reads_what_is_waited_for(as_, region):
    referral = a_no_show(region)
    case = referral.application_id
    school = as_("school")
    assert "Ждём, пока МОУО подтвердит причину неявки" in page(school, "application", case)
    decision = page(school, "application-decision", case)
    assert "МОУО подтверждает её причину" in decision and "Закрыть дело" not in decision
    told = status(school, referral)
    assert "Сообщите причину в управление образования: МОУО Владивостока" in told
    centre = as_("testing_org")
    assert "Причина неявки ещё не подтверждена" in page(centre, "application", case)
    assert "Причина неявки ещё не подтверждена" in page(centre, "booking-referral", referral.pk)
    assert "неявка" in page(as_("ministry"), "application", case)


def confirm(region, referral, reason):
    actions.confirm_no_show(
        application_id=referral.application_id,
        reason=reason,
        comment="справка из поликлиники",
        confirmed_on=AFTER.date(),
        actor=region.viewer("mouo"),
        now=AFTER,
    )


def test_after_a_respectful_reason_the_parent_is_sent_to_book_with_the_same_referral(as_, region):
    referral = a_no_show(region)
    confirm(region, referral, NoShowReason.RESPECTFUL)
    assert "Запишитесь на другой день" in status(as_("school"), referral)
    assert "Ждём повторной записи" in page(as_("school"), "application", referral.application_id)
    for who in ("school", "mouo", "auditor"):  # the term of booking does not run again
        shown = page(as_(who), "application", referral.application_id)
        assert "просрочено" not in shown and "25 марта 2026" not in shown
    assert "просрочено" not in page(as_("school"), "applications")
    for who, reads in (("school", True), ("mouo", True), ("testing_org", False)):
        case = page(as_(who), "application", referral.application_id)
        assert "Причина неявки: уважительная" in case
        assert ("справка из поликлиники" in case) is reads


def test_after_an_unjustified_reason_the_school_ends_the_case_on_its_page(as_, region):
    referral = a_no_show(region)
    confirm(region, referral, NoShowReason.UNJUSTIFIED)
    told = status(as_("school"), referral)
    assert "причина неуважительная" in told and "новое заявление" in told
    shown = page(as_("mouo"), "application-no-show", referral.application_id)
    assert "Причина неуважительная, записать снова нельзя" in shown
    assert "Закончить дело после неявки" in page(as_("school"), "home")
    assert "Закончить дело" in page(as_("school"), "application", referral.application_id)
    url = reverse("application-decision", args=[referral.application_id])
    assert "Закрыть дело" in text(as_("school").get(url))
    assert "Дело закрыто" in text(as_("school").post(url, {"do": "close"}, follow=True))
    assert Application.objects.get().state == "cancelled_not_booked"


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ("new_application_required", "По правилам региона после неявки нужно новое заявление"),
        ("rebook_within_same_referral", "Запишитесь на другой день"),
    ],
)
def test_the_parent_reads_what_the_policy_of_the_region_means(
    as_, region, monkeypatch, policy, says
):
    changed = with_settings(registry.active_profile(), {"booking.no_show_policy": policy})
    monkeypatch.setattr(registry, "active_profile", lambda: changed)
    referral = a_no_show(region)
    assert says in status(as_("school"), referral)
    assert Absence.objects.get().reason == ""
