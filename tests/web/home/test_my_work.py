"""«Мои дела»: what others handed over and nobody has confirmed is seen by who should confirm it."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.messages import ERROR, WARNING
from django.contrib.messages.storage.base import Message
from django.db import transaction
from django.template.loader import render_to_string

from booking.builders_booking import a_session
from builders import NOW, TODAY
from merilo.casework import actions
from merilo.casework.models import Dispatch, Duty
from merilo.casework.steps import hand_over
from merilo.foundation import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def home_of(client, region, hold_clock):
    hold_clock(NOW)

    def read(who: str) -> str:
        client.force_login(region.accounts[who])
        return client.get("/").content.decode()

    return read


def handed_over(region) -> Dispatch:
    with transaction.atomic():
        return hand_over(
            "referral_copy",
            about="referral:1",
            sender=region.school.pk,
            recipient=region.testing_org.pk,
            label="Направление № Н-025-0001, 2 класс",
            actor=region.viewer("school"),
            now=NOW,
            today=TODAY,
            case_id=None,
        )


def test_what_came_in_is_shown_until_its_receipt_is_confirmed(region, home_of):
    dispatch = handed_over(region)
    assert "Подтвердить получение сведений: 1" in home_of("testing_org")
    actions.receive(dispatch_id=dispatch.pk, actor=region.viewer("testing_org"), now=NOW)
    assert "Подтвердить получение" not in home_of("testing_org")


@pytest.mark.parametrize("who", ["school", "chair", "auditor", "mouo"])
def test_it_is_nobody_elses_business(region, home_of, who):
    handed_over(region)
    assert "Подтвердить получение" not in home_of(who)


@pytest.mark.parametrize(("who", "offered"), [("school", True), ("chair", False)])
def test_the_foot_of_a_page_offers_the_journal_to_those_who_may_read_it(home_of, who, offered):
    foot = home_of(who).split('<footer class="foot">')[1]
    assert ('href="/journal/"' in foot) is offered


def test_who_is_signed_out_in_the_middle_comes_back_to_the_page_in_hand(client, region):
    answer = client.post("/days/1/ready/", headers={"referer": "http://testserver/days/1/?a=b"})
    assert answer["Location"] == "/accounts/login/?next=/days/1/%3Fa%3Db"
    assert "последнее действие не выполнено" in client.get(answer["Location"]).content.decode()
    foreign = client.post("/days/1/ready/", headers={"referer": "https://evil.example/x"})
    assert foreign["Location"] == "/accounts/login/?next=/"
    piece = client.post("/days/1/ready/", headers={"hx-request": "true"})
    assert piece["HX-Redirect"] == "/accounts/login/?next=/"


def test_reasons_that_came_together_stand_in_one_box(rf):
    said = [Message(ERROR, "Первое."), Message(ERROR, "Второе."), Message(WARNING, "Третье.")]
    html = render_to_string("messages.html", {"messages": said})
    assert html.count("Не получилось") == html.count("Обратите внимание") == 1
    assert "<li>Первое.</li><li>Второе.</li>" in html and "<p>Третье.</p>" in html


def test_moving_the_clock_of_a_demonstration_puts_the_coming_days_before_their_people(
    client, region, hold_clock, settings, tmp_path, monkeypatch
):
    monkeypatch.setenv("MERILO_CLOCK_FILE", str(tmp_path / "clock"))
    settings.DEMO = True
    clock.freeze(NOW)
    a_session(region, date(2026, 3, 27))
    client.post("/demo/clock/", {"days": "7"})
    assert Duty.objects.filter(kind="staff-day", organisation=region.testing_org).exists()


@pytest.mark.parametrize(("who", "opens"), [("rcoi", False), ("mouo", True)])
def test_what_was_handed_over_leads_to_the_case_only_where_the_case_opens(
    region, home_of, client, who, opens
):
    with transaction.atomic():
        hand_over(
            "referral_copy",
            about="referral:1",
            sender=region.school.pk,
            recipient=getattr(region, who).pk,
            label="Направление № Н-025-0001, 2 класс",
            actor=region.viewer("school"),
            now=NOW,
            today=TODAY,
            case_id=7,
        )
    home_of(who)
    for page in ("/exchange/", "/journal/"):
        listed = client.get(page).content.decode()
        assert opens or "/applications/7/" not in listed
    assert ("/applications/7/" in client.get("/exchange/").content.decode()) is opens
