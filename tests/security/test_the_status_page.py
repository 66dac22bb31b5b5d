"""The parent's page: a code of five tries, once, for twenty minutes; and nothing told to strangers."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from admissions.builders_admissions import an_application
from booking.builders_booking import a_referral
from builders import NOW
from merilo.admissions.models import Application
from merilo.casework.models import Notice
from merilo.foundation.codes import one_time
from merilo.foundation.codes.models import OneTimeCode
from merilo.law import Refused
from merilo.results.queries import parent_story
from merilo.web.parent.words import steps_of

pytestmark = pytest.mark.django_db
SUBJECT = "status:1"


@pytest.fixture(autouse=True)
def no_counts():
    cache.clear()
    yield
    cache.clear()


def wrong_of(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def use(code: str, now=NOW) -> bool:
    try:
        one_time.use(SUBJECT, code, now=now)
    except Refused:
        return False
    return True


def test_a_code_works_once(db):
    code = one_time.make(SUBJECT, now=NOW)
    assert use(code)
    assert not use(code)


def test_a_code_ends_after_twenty_minutes(db):
    code = one_time.make(SUBJECT, now=NOW)
    assert not use(code, NOW + timedelta(minutes=20))


def test_five_wrong_tries_end_a_code(db):
    code = one_time.make(SUBJECT, now=NOW)
    for _ in range(5):
        assert not use(wrong_of(code))
    assert not use(code), "the right code came sixth"


def test_a_new_code_ends_the_old_one(db):
    old = one_time.make(SUBJECT, now=NOW)
    new = one_time.make(SUBJECT, now=NOW + timedelta(minutes=1))
    assert old == new or not use(old, NOW + timedelta(minutes=2))
    assert use(new, NOW + timedelta(minutes=2))


def test_a_code_opens_its_own_case_only(db):
    code = one_time.make(SUBJECT, now=NOW)
    with pytest.raises(Refused):
        one_time.use("status:2", code, now=NOW)


def test_a_code_is_not_kept_plainly(db):
    code = one_time.make(SUBJECT, now=NOW)
    assert code not in OneTimeCode.objects.get().code_hash


def test_no_more_than_five_codes_an_hour(db):
    for minute in range(5):
        one_time.make(SUBJECT, now=NOW + timedelta(minutes=minute))
    with pytest.raises(Refused):
        one_time.make(SUBJECT, now=NOW + timedelta(minutes=6))


def ask(client, number: str, birth_date: str = "20.05.2017"):
    return client.post(reverse("status"), {"number": number, "birth_date": birth_date})


def test_nobody_learns_whether_a_case_exists(region, client, hold_clock):
    hold_clock(NOW)
    application = an_application(region)
    pages = []
    for number, born in (
        (application.number, "20.05.2017"),
        (application.number, "21.05.2017"),
        ("025-9999", "20.05.2017"),
    ):
        client.logout()
        answer = ask(client, number, born)
        assert (answer.status_code, answer["Location"]) == (302, reverse("status-code"))
        page = client.get(reverse("status-code")).content.decode()
        wrong = client.post(reverse("status-code"), {"code": "000000"}).content.decode()
        pages.append([without_token(page), without_token(wrong)])
    assert pages[0] == pages[1] == pages[2]
    assert Notice.objects.filter(template="status-code").count() == 1


def without_token(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)


def test_numbers_cannot_be_tried_in_rows(region, client, hold_clock):
    hold_clock(NOW)
    answers = [ask(client, f"025-{n:04}").status_code for n in range(21)]
    assert answers[:20] == [302] * 20
    assert answers[20] == 429


def test_the_page_closes_after_half_an_hour(region, client, hold_clock):
    hold_clock(NOW)
    application = an_application(region)
    ask(client, application.number)
    letter = Notice.objects.get(template="status-code")
    code = letter.body.split()[1]
    assert client.post(reverse("status-code"), {"code": code})["Location"] == reverse(
        "status-case"
    )
    assert client.get(reverse("status-case")).status_code == 200
    hold_clock(NOW + timedelta(minutes=31))
    assert client.get(reverse("status-case")).status_code == 302


def test_a_parent_with_a_latin_keyboard_gets_the_code(region, client, hold_clock):
    hold_clock(NOW)
    referral = a_referral(region)
    born = referral.application.child.birth_date
    ask(client, referral.number.replace("Н", "h").replace("-", "–"), f"{born:%d.%m.%Y}")  # noqa: RUF001
    assert Notice.objects.filter(template="status-code").count() == 1


@pytest.mark.parametrize("address", ["", "parent@example.org"])
def test_the_school_prints_a_code_and_the_parent_opens_the_page_with_it(
    region, client, hold_clock, address
):
    hold_clock(NOW)
    application = an_application(region, notify_email=address, notify_address="ул. Лесная, 1")
    client.force_login(region.accounts["school"])
    printing = reverse("application-status-code", args=[application.pk])
    case = client.get(reverse("application", args=[application.pk])).content.decode()
    assert f'action="{printing}"' in case
    paper = client.post(printing).content.decode()
    code = re.search(r'big-code num">(\d{6})<', paper)[1]
    client.logout()
    ask(client, application.number)  # with an e-mail a letter goes too: the paper still holds
    assert client.post(reverse("status-code"), {"code": code})["Location"] == reverse(
        "status-case"
    )


def test_a_session_that_asked_nothing_sees_nothing(client, db):
    assert client.get(reverse("status-case"))["Location"] == reverse("status")
    assert client.get(reverse("status-code"))["Location"] == reverse("status")


@pytest.mark.parametrize("state", ["withdrawn", "refused_no_places"])
def test_a_case_that_ended_before_the_test_is_not_said_to_have_been_tested(region, state):
    application = an_application(region)
    Application.objects.update(state=state)
    told = steps_of(parent_story(application.pk))
    assert [(one["title"], one["state"]) for one in told] == [
        ("Документы", "done"),
        ("Решение школы", "stopped"),
    ]
