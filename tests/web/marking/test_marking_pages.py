"""Pages of the expert: blind, one after another, nothing lost."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from builders import NOW
from grading.builders_grading import LATER, a_day, an_attempt, marks
from merilo.foundation.journal.models import JournalEntry
from merilo.grading import actions
from merilo.grading.models import MarkProtocol
from merilo.grading.rules import ProtocolState
from merilo.law import Part
from merilo.testday.models import Attempt
from merilo.testday.rules import AttemptState

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(region, hold_clock):
    hold_clock(LATER)
    return a_day(region)


@pytest.fixture
def expert(region, client: Client) -> Client:
    client.force_login(region.accounts["expert"])
    return client


def take(made, attempt, part=Part.ORAL, who="expert"):
    return actions.open_protocol(
        attempt_id=attempt.pk, part=part, actor=made.region.viewer(who), now=NOW
    )


def typed(attempt, got, total=None, part=Part.ORAL) -> dict[str, str]:
    points = {f"p_{code}": str(value) for code, value in marks(attempt, part, got).items()}
    return points | {"total": str(got if total is None else total)}


def test_the_list_shows_codes_and_how_far_the_expert_is(made, expert):
    done, waits = an_attempt(made), an_attempt(made)
    protocol = take(made, done)
    expert.post(reverse("marking-protocol", args=[protocol.pk]), typed(done, 9))
    html = expert.get("/marking/").content.decode()
    assert done.code in html and waits.code in html
    assert "1 из 2" in html
    assert "Следующая работа" in html


def test_the_next_work_opens_with_one_button_and_signing_opens_the_one_after(made, expert):
    first, second = an_attempt(made), an_attempt(made)
    answer = expert.post("/marking/next/", follow=True)
    protocol = MarkProtocol.objects.get()
    assert answer.redirect_chain[-1][0] == f"/marking/protocols/{protocol.pk}/"
    answer = expert.post(answer.redirect_chain[-1][0], typed(first, 9), follow=True)
    other = MarkProtocol.objects.get(state=ProtocolState.DRAFT)
    assert {protocol.attempt_id, other.attempt_id} == {first.pk, second.pk}
    assert answer.redirect_chain[-1][0] == f"/marking/protocols/{other.pk}/"
    answer = expert.post(f"/marking/protocols/{other.pk}/", typed(second, 10), follow=True)
    assert "Проверено всё, что ждало вас" in answer.content.decode()


def test_what_keeps_a_protocol_from_being_signed_is_said_and_what_was_typed_stays(made, expert):
    attempt = an_attempt(made)
    url = reverse("marking-protocol", args=[take(made, attempt).pk])
    answer = expert.post(url, typed(attempt, 8, total=9))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "В бланке сумма 9, а по критериям выходит 8" in html
    assert html.count("checked") == 10
    assert 'value="9"' in html


def test_a_refused_signature_keeps_the_points_for_who_leaves_the_page(made, expert):
    attempt = an_attempt(made)
    protocol = take(made, attempt)
    url = reverse("marking-protocol", args=[protocol.pk])
    for total in ("9", "nine"):
        assert expert.post(url, typed(attempt, 8, total=total)).status_code == 422
        assert expert.get(url).content.decode().count("checked") == 10
    protocol.refresh_from_db()
    assert protocol.state == ProtocolState.DRAFT and protocol.typed_total == 9


def test_every_missing_criterion_is_named(made, expert):
    attempt = an_attempt(made)
    url = reverse("marking-protocol", args=[take(made, attempt).pk])
    points = typed(attempt, 9)
    del points["p_Д2"], points["p_М1"]
    html = expert.post(url, points).content.decode()
    assert "Не выставлены баллы: Д2, М1" in html


def test_autosave_keeps_what_is_typed_and_refuses_what_cannot_be(made, expert):
    attempt = an_attempt(made)
    protocol = take(made, attempt)
    url = reverse("marking-save", args=[protocol.pk])
    answer = expert.post(url, {"p_Д1": "1", "total": ""}, headers={"X-Autosave": "1"})
    assert answer.json() == {"saved_at": "14:00"}
    protocol.refresh_from_db()
    assert protocol.points["Д1"] == 1
    for wrong in ({"p_Д1": "2"}, {"p_Д1": "один"}, {"p_З5": "1"}, {"total": "много"}):
        answer = expert.post(url, wrong)
        assert answer.status_code == 422 and answer.json()["reasons"]
    protocol.refresh_from_db()
    assert protocol.points["Д1"] == 1


def test_skipping_gives_an_untouched_work_back_and_keeps_a_begun_one(made, expert):
    for _ in range(3):
        an_attempt(made)
    expert.post("/marking/next/")
    untouched = MarkProtocol.objects.get()
    expert.post(reverse("marking-skip", args=[untouched.pk]))
    begun = MarkProtocol.objects.get()
    assert begun.attempt_id != untouched.attempt_id
    expert.post(reverse("marking-save", args=[begun.pk]), {"p_Д1": "1"})
    answer = expert.post(reverse("marking-skip", args=[begun.pk]), follow=True)
    assert "отложена: баллы сохранены" in answer.content.decode()
    assert MarkProtocol.objects.filter(pk=begun.pk, state=ProtocolState.DRAFT).exists()


def test_the_link_of_a_duty_shows_the_work_first_and_opens_ones_own_at_once(made, expert):
    attempt = an_attempt(made, 2)
    url = reverse("marking-written", args=[attempt.pk])
    assert "Взять в проверку" in expert.get(url).content.decode()
    protocol = MarkProtocol.objects.filter(part="written")
    assert not protocol.exists()
    assert expert.post(url).url == f"/marking/protocols/{protocol.get().pk}/"
    assert expert.get(url).url == f"/marking/protocols/{protocol.get().pk}/"


def test_a_work_of_another_expert_is_not_shown(made, expert):
    attempt = an_attempt(made)
    protocol = take(made, attempt, who="expert2")
    assert (
        "проверяет другой эксперт" in expert.get(f"/marking/{attempt.pk}/oral/").content.decode()
    )
    for name in ("marking-protocol", "marking-version"):
        assert expert.get(reverse(name, args=[protocol.pk])).status_code == 404
    for name in ("marking-save", "marking-skip", "marking-protocol"):
        assert expert.post(reverse(name, args=[protocol.pk]), {}).status_code == 404


def test_a_part_that_is_not_over_cannot_be_taken(made, expert):
    attempt = an_attempt(made, 2, state=AttemptState.ORAL_DONE)
    html = expert.get(f"/marking/{attempt.pk}/written/").content.decode()
    assert "ещё не закончил" in html and "Взять в проверку" not in html


def test_without_a_specification_there_is_one_field_for_the_written_part(made, expert):
    attempt = an_attempt(made, 2)
    protocol = take(made, attempt, Part.WRITTEN)
    url = reverse("marking-protocol", args=[protocol.pk])
    html = expert.get(url).content.decode()
    assert "Сумма за письменную часть" in html
    assert "data-criterion" not in html
    expert.post(url, {"total": "9"})
    protocol.refresh_from_db()
    assert (protocol.state, protocol.part_total) == (ProtocolState.SIGNED, 9)


def test_grade_10_is_reminded_of_the_summary_and_grade_9_is_not(made, expert):
    pages = {}
    for grade in (9, 10):
        protocol = take(made, an_attempt(made, grade), Part.WRITTEN)
        pages[grade] = expert.get(reverse("marking-protocol", args=[protocol.pk]))
    assert "изложение" in pages[10].content.decode()
    assert "изложение" not in pages[9].content.decode()


def test_a_new_version_asks_for_a_reason_and_shows_the_old_one(made, expert):
    attempt = an_attempt(made)
    protocol = take(made, attempt)
    page = reverse("marking-protocol", args=[protocol.pk])
    expert.post(page, typed(attempt, 9))
    url = reverse("marking-version", args=[protocol.pk])
    refused = expert.post(url, {"why": "relistening", "explanation": "Плохо слышно"})
    assert "аудиозаписи ответа нет" in refused.content.decode()
    answer = expert.post(
        url, {"why": "technical_error", "explanation": "Описка в П2"}, follow=True
    )
    html = answer.content.decode()
    assert "Версия 2 протокола" in html and "Описка в П2" in html
    new = MarkProtocol.objects.get(version=2)
    expert.post(reverse("marking-protocol", args=[new.pk]), typed(attempt, 10))
    html = expert.get(reverse("marking-protocol", args=[new.pk])).content.decode()
    assert "П2: 0 → 1" in html


# --- blindness -------------------------------------------------------------------------------


def every_page(expert: Client, attempt, protocols) -> list[str]:
    urls = ["/marking/", "/marking/?days=all", f"/marking/{attempt.pk}/oral/"]
    for protocol in protocols:
        urls += [
            reverse("marking-protocol", args=[protocol.pk]),
            reverse("marking-version", args=[protocol.pk]),
        ]
    return [expert.get(url, follow=True).content.decode() for url in urls]


def test_no_page_of_marking_names_the_child_the_school_or_the_other_parts_marks(made, expert):
    attempt = an_attempt(made, 10, last_name="Абдурахмонова", first_name="Гулшан")
    oral = take(made, attempt, Part.ORAL)
    expert.post(reverse("marking-protocol", args=[oral.pk]), typed(attempt, 7))
    written = take(made, attempt, Part.WRITTEN)
    pages = every_page(expert, attempt, [oral, written])
    application = attempt.application
    for html in pages:
        for secret in (
            "Абдурахмонова",
            "Гулшан",
            application.school.short_name,
            application.number,
            attempt.person.id_doc_number,
            application.notify_email,
            "Каримова",
        ):
            assert secret not in html, secret
    written_page = expert.get(reverse("marking-protocol", args=[written.pk])).content.decode()
    assert "Д1" not in written_page and ">7<" not in written_page
    saved = expert.post(reverse("marking-save", args=[written.pk]), {"p_З5": "1"})
    assert set(saved.json()) == {"saved_at"}


# --- scope -----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["school", "mouo", "rcoi", "ministry", "auditor", "testing_org"])
def test_tc125_nobody_but_the_commission_opens_marking_and_the_try_is_noted(
    made, client, region, who
):
    protocol = take(made, an_attempt(made))
    client.force_login(region.accounts[who])
    for url in ("/marking/", reverse("marking-protocol", args=[protocol.pk])):
        assert client.get(url).status_code == 403
    assert JournalEntry.objects.filter(event="access.denied").count() == 2


def test_a_member_of_another_day_sees_no_work_of_this_one(made, client, region):
    attempt = an_attempt(made)
    protocol = take(made, attempt)
    client.force_login(region.accounts["tech"])
    assert attempt.code not in client.get("/marking/").content.decode()
    assert client.get(f"/marking/{attempt.pk}/oral/").status_code == 404
    assert client.post(f"/marking/{attempt.pk}/oral/").status_code == 404
    assert client.get(reverse("marking-protocol", args=[protocol.pk])).status_code == 404


def test_the_list_asks_the_database_as_much_for_a_hundred_works_as_for_one(
    made, expert, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert expert.get("/marking/").status_code == 200
        return len(seen)

    counts = []
    for total in (1, 3, 100):
        while Attempt.objects.count() < total:
            an_attempt(made, 2)
        counts.append(asked())
    assert len(set(counts)) == 1, counts
