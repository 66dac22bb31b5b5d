"""A parent who chose English reads English; the Russian of a decision stands below, named as such."""

from __future__ import annotations

import contextlib
import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils.translation import override

from admissions.builders_admissions import (
    a_checked,
    a_delivered_referral,
    a_referral,
    a_tested,
    an_application,
    mark_all,
)
from booking import builders_booking as seats
from builders import NOW, Region, an_organisation, put
from grading.builders_grading import a_day
from merilo.admissions import actions
from merilo.admissions.models import Application
from merilo.admissions.rules import (
    LETTERS,
    OFFICIAL,
    SUBJECTS,
    ApplicationState,
    Category,
    DocumentState,
    NoShowReason,
    Training,
    UnreliableReason,
)
from merilo.booking import actions as booking
from merilo.booking.models import TestSession
from merilo.casework.models import Notice
from merilo.registry import queries as registry
from merilo.registry.access import Viewer
from merilo.registry.models import Organisation, Person, TestingPlace
from merilo.registry.rules import Function
from merilo.results import queries as results_queries
from merilo.web.parent import words
from results.builders_results import sent
from rules.reading import with_settings

pytestmark = pytest.mark.django_db

RUSSIAN = re.compile("[а-яё]+", re.IGNORECASE)
QUOTE = re.compile("«[^»]*»")
NUMBER = re.compile(r"Н-[\d-]+")
DIVIDER = "———"
FOR_INFORMATION = "Translation for information. The official text is in Russian"
EN = {"language": "en"}


def names() -> list[str]:
    """What is written as it is in every language: names of organisations, places, streets."""
    found = set(TestingPlace.objects.values_list("name", "address"))
    found |= set(Organisation.objects.values_list("name", "short_name"))
    found |= set(Organisation.objects.values_list("address", "phone"))
    return sorted({one for row in found for one in row if one}, key=len, reverse=True)


def russian_in(text: str) -> list[str]:
    """Cyrillic words of a text that are no name, no number of a paper and no quotation."""
    for name in names():
        text = text.replace(name, "")
    return RUSSIAN.findall(NUMBER.sub("", QUOTE.sub("", text)))


def who(region: Region) -> dict:
    return {"actor": region.viewer("school"), "now": NOW}


def refused_unreliable(region):
    case = an_application(region, **EN)
    mark_all(region, case)
    actions.confirm_full_set(application_id=case.pk, **who(region))
    actions.refuse_unreliable(
        application_id=case.pk,
        reasons=[*UnreliableReason],
        note="справка поддельная",
        **who(region),
    )


def returned(region):
    case = an_application(region, **EN)
    mark_all(region, case, DocumentState.MISSING)
    actions.return_incomplete(application_id=case.pk, note="нет перевода", **who(region))


def exempted(region):
    case = an_application(region, category=Category.EXEMPT_TRANSFER, grade=5, **EN)
    mark_all(region, case)
    actions.confirm_full_set(application_id=case.pk, **who(region))
    actions.exempt(application_id=case.pk, **who(region))


def revoked(region):
    case = a_referral(region, **EN).application
    actions.revoke_referral(application_id=case.pk, note="ошибка в классе", **who(region))


def annulled(region):
    referral = a_delivered_referral(region, **EN)
    actions.annul_not_booked(
        referral_id=referral.pk, actor=Viewer.system(), now=NOW + timedelta(days=12)
    )


def withdrawn(region):
    actions.withdraw(application_id=an_application(region, **EN).pk, **who(region))


def enrolled(region):
    actions.enrol(application_id=a_tested(region, passed=True, **EN).pk, **who(region))


def refused_test_failed(region):
    case = a_tested(region, passed=False, **EN)
    actions.refuse_test_failed(application_id=case.pk, note="ждём весной", **who(region))
    actions.offer_training(
        application_id=case.pk, choice=Training.OFFERED, note="Центр «Речь»", **who(region)
    )


def no_places(region):
    case = a_checked(region, **EN)
    actions.refuse_no_places(application_id=case.pk, note="все классы полны", **who(region))


@contextlib.contextmanager
def policy(value):
    """The law of the region with another consequence of a no-show."""
    plain = registry.active_profile
    changed = {"booking.no_show_policy": value}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "active_profile", lambda: with_settings(plain(), changed))
        yield


def missed(region, *, turned_away=""):
    referral = seats.a_referral(region)
    Application.objects.filter(pk=referral.application_id).update(language="en")
    session = TestSession.objects.filter(held_on=seats.TEST_DAY).first() or seats.a_session(region)
    made = seats.book(region, referral, session).booking
    seats.miss(region, made, turned_away=turned_away)
    return made.referral.application_id


def no_show(region):
    case = missed(region)
    actions.confirm_no_show(
        application_id=case,
        reason=NoShowReason.RESPECTFUL,
        comment="справка",
        confirmed_on=seats.TEST_DAY,
        actor=region.viewer("mouo"),
        now=NOW + timedelta(days=30),
    )


def no_show_books_again(region):
    with policy("rebook_within_same_referral"):
        missed(region)


def turned_away_books_again(region):
    missed(region, turned_away="no-parent-document")


def no_show_ends(region):
    with policy("new_application_required"):
        for why in ("", "no-parent-document"):
            case = missed(region, turned_away=why)
            actions.close_after_no_show(application_id=case, note="звонили", **who(region))


def elsewhere(region):
    other = an_organisation(
        "Лицей № 2", region.far_school.territory, region.other_mouo,
        Function.TESTING_ORG, exam_code="302", address="Находка",
    )  # fmt: skip
    actor = region.viewer("ministry")
    booking.refer_elsewhere(
        application_id=a_delivered_referral(region, **EN).application_id,
        testing_org_id=other.pk, note="ремонт здания", actor=actor, now=NOW,
    )  # fmt: skip


ROADS = [
    refused_unreliable, returned, exempted, revoked, annulled, withdrawn, enrolled,
    refused_test_failed, no_places, no_show, no_show_books_again, turned_away_books_again,
    no_show_ends, elsewhere,
]  # fmt: skip


@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.__name__)
def test_no_letter_of_a_road_has_a_russian_word_but_names_and_quotes(region, road):
    road(region)
    letters = Notice.objects.all()
    assert letters
    for letter in letters:
        told, _, official = letter.body.partition(DIVIDER)
        assert letter.language == "en"
        assert not russian_in(letter.subject), letter.subject
        assert not russian_in(told), told
        assert (letter.template in OFFICIAL) == bool(official) == (FOR_INFORMATION in told)
        if official:
            assert official.strip().startswith("Official text in Russian:")
            assert "Здравствуйте!" in official and RUSSIAN.search(official)


def test_the_roads_bring_every_letter_there_is(region):
    for number, road in enumerate(ROADS):
        before = set(Notice.objects.values_list("pk", flat=True))
        road(region)
        put(Application.objects.all(), state=ApplicationState.WITHDRAWN)
        Person.objects.update(name_key=f"{number}", id_doc_number="")
        assert set(Notice.objects.values_list("pk", flat=True)) - before
    told = set(Notice.objects.values_list("template", flat=True))
    assert set(LETTERS) <= told


def test_every_letter_has_a_subject_and_both_are_english():
    from django.utils.translation import gettext

    assert set(SUBJECTS) == set(LETTERS) >= OFFICIAL
    with override("en"):
        for text in (*LETTERS.values(), *SUBJECTS.values()):
            assert not RUSSIAN.search(gettext(text)), text


def test_a_russian_letter_is_not_said_twice(region):
    an_application(region)
    letter = Notice.objects.get()
    assert DIVIDER not in letter.body
    assert letter.subject.endswith("получено")
    assert "16 марта 2026" in letter.body and "г.." not in letter.body


def test_letters_of_a_booking_are_english(region):
    session = seats.a_session(region)
    referral = seats.a_referral(region)
    Application.objects.update(language="en")
    made = seats.book(region, seats.Referral.objects.get(pk=referral.pk), session).booking
    booking.cancel_booking(
        booking_id=made.pk, reason="заболел", actor=region.viewer("testing_org"), now=NOW
    )
    seats.book(region, seats.Referral.objects.get(pk=referral.pk), session)
    booking.postpone_session(
        session_id=session.pk,
        reason="затоплен пункт",
        actor=region.viewer("ministry"),
        now=NOW,
    )
    letters = Notice.objects.order_by("pk")
    assert {one.template for one in letters} == {
        "booking-made", "booking-cancelled", "booking-postponed",
    }  # fmt: skip
    for letter in letters:
        assert not russian_in(letter.subject + letter.body), letter.body
        assert DIVIDER not in letter.body
    assert "10 April 2026" in letters[0].subject


@pytest.mark.parametrize("oral", [9, 0])
def test_the_letter_with_the_notice_says_that_the_russian_is_official(
    region, client, hold_clock, oral
):
    hold_clock(NOW)
    result = sent(a_day(region), 1, oral=oral)
    Application.objects.update(language="en")
    hold_clock(result.released_at)
    client.force_login(region.accounts["school"])
    client.post(reverse("result-inform", args=[result.pk]), {"how": "email"})
    letter = Notice.objects.get(template="result")
    told, _, official = letter.body.partition(DIVIDER)
    assert not russian_in(letter.subject + told), told
    assert FOR_INFORMATION in told
    assert "Уведомление о результатах приложено" in official
    assert letter.attachment.content_type == "application/pdf"


def test_the_code_of_the_status_page_is_sent_in_english(region, client, hold_clock):
    hold_clock(NOW)
    case = an_application(region, **EN)
    client.post(reverse("status"), {"number": case.number, "birth_date": "20.05.2017"})
    letter = Notice.objects.get(template="status-code")
    assert not russian_in(letter.subject + letter.body)


@pytest.mark.parametrize("state", list(ApplicationState))
def test_the_status_page_is_english_in_every_state(region, state):
    booked = seats.a_booking(region)
    case = booked.referral.application
    put(Application.objects.filter(pk=case.pk), state=state)
    for booking_state in ("confirmed", "cancelled"):
        put(type(booked).objects.all(), state=booking_state)
        with override("en"):
            story = results_queries.parent_story(case.pk)
            now = words.now_words(story, date(2026, 3, 20))
            steps = [step["title"] for step in words.steps_of(story)]
            assert not russian_in(" ".join([str(now.title), str(now.text), *steps])), state
