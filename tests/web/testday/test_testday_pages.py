"""The pages of a test day, from the list to the protocol, as the testing organisation uses them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from builders import TODAY, an_account
from merilo.booking.models import Booking
from merilo.foundation.journal.models import JournalEntry
from merilo.registry import queries as registry
from merilo.registry.access import Forbidden, Role
from merilo.testday import actions, queries
from merilo.testday.models import Attempt, Incident, SessionDay
from merilo.web.testday import papers
from testday.builders_testday import (
    CERTIFICATE,
    PASSPORT,
    a_booking,
    a_day,
    a_session,
    at,
    position,
    variants,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def org(client, region, hold_clock):
    hold_clock(at(9))
    client.force_login(region.accounts["testing_org"])
    return client


def page(client, name, *args, **data):
    return client.get(reverse(name, args=args), data)


def post(client, name, *args, follow=True, **data):
    return client.post(reverse(name, args=args), data, follow=follow)


def text(answer) -> str:
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


def test_a_day_is_run_from_the_list_to_the_protocol_by_pages_alone(org, region, hold_clock):
    session = a_session(region, grades=(1, 2))
    booking, little = a_booking(region, session), a_booking(region, session, grade=1)
    variants(2)
    variants(1, written=())

    people = {who: position(region, who) for who in ("chair", "conductor", "conductor2", "expert")}
    members = {f"member_{one.pk}": "on" for one in people.values()}
    years = {f"years_{one.pk}": "5" for one in people.values()}
    answer = post(
        org,
        "commission-new",
        order_ref="приказ № 7",
        approved_on="15.01.2026",
        chair=people["chair"].pk,
        **members,
        **years,
        **{f"qualified_{one.pk}": "on" for one in people.values()},
    )
    assert "Комиссия утверждена" in text(answer)

    assert "16 марта" in text(page(org, "days"))
    answer = post(org, "day-open", session.pk)
    day = SessionDay.objects.get()
    assert "Начать пока нельзя" in text(answer)

    room, second = (str(one.pk) for one in region.rooms)
    roles = {
        "chair": ("chair", ""),
        "conductor": ("oral_conductor", room),
        "conductor2": ("written_conductor", second),
        "expert": ("expert", room),
    }
    data = {}
    for who, (role, where) in roles.items():
        data |= {f"role_{people[who].pk}_0": role, f"room_{people[who].pk}_0": where}
    answer = post(
        org,
        "day-staff",
        day.pk,
        commission=day.commission_id or "",
        staffing_order="№ 3",
        oral_scheme="both",
        **data,
    )
    assert "Обязанности распределены" in text(answer)
    for what in ("audio", "video", "rooms", "printed"):
        post(org, "day-ready", day.pk, what=what)
    answer = post(org, "day-present", day.pk, present=[one.pk for one in people.values()])
    assert "1 причина" in text(answer), "только инструктаж"

    hold_clock(at(9, 30))
    answer = post(org, "day-checkin", day.pk, q=booking.referral.number)
    assert booking.referral.application.child.full_name in text(answer)
    answer = post(
        org,
        "day-checkin-one",
        day.pk,
        booking.pk,
        child_document=CERTIFICATE,
        representative_document="вид на жительство",
    )
    assert "Допущен" in text(answer) and "00102502" in text(answer)
    post(
        org,
        "day-checkin-one",
        day.pk,
        little.pk,
        child_document=CERTIFICATE,
        representative_document="вид на жительство",
    )
    answer = post(org, "day-brief", day.pk)
    assert "Всё готово" in text(answer)
    hold_clock(at(10))
    answer = post(org, "day-start", day.pk)
    assert "Тестирование начато" in text(answer) and "00102502" in text(answer)

    ids = list(Attempt.objects.order_by("pk").values_list("pk", flat=True))
    post(org, "day-rooms-act", day.pk, ids=ids, part="oral", what="start")
    hold_clock(at(10, 20))
    post(org, "day-rooms-act", day.pk, ids=ids, part="oral", what="finish")
    answer = post(org, "day-rooms-act", day.pk, ids=ids[:1], part="written", what="start")
    assert "читают 2 раза" in text(answer)
    hold_clock(at(11))
    post(org, "day-rooms-act", day.pk, ids=ids[:1], part="written", what="finish")
    answer = post(org, "day-finish", day.pk, materials_collected="on", cards_without_name="0")
    assert "протокол № 1/2026" in text(page(org, "day", day.pk))
    answer = page(org, "day-protocol", day.pk)
    assert answer.content.startswith(b"%PDF")
    assert page(org, "day-blanks", day.pk).content.startswith(b"%PDF")
    assert "Документы дня" in text(page(org, "day-finish", day.pk))


def test_every_page_of_a_day_is_there(org, region):
    day = a_day(region, people=[{"grade": 2}, {"grade": 1}])
    for name in (
        "day",
        "day-staff",
        "day-checkin",
        "day-rooms",
        "day-incidents",
        "day-print",
        "day-finish",
    ):
        answer = page(org, name, day.row.pk)
        assert answer.status_code == 200, name
    assert page(org, "commissions").status_code == 200
    assert page(org, "days", when="past").status_code == 200


def test_what_keeps_the_day_from_starting_is_shown_all_at_once_with_paragraphs(org, region):
    day = a_day(region)
    shown = text(page(org, "day", day.row.pk))
    for words in (
        "аудиозапись не проверена",
        "видеозапись не проверена",
        "не изолирована",
        "Не отмечен инструктаж",
        "распечатаны критерии",
        "На месте нет председателя",
    ):
        assert words in shown
    assert "п. 6.2 Порядка" in shown
    assert "disabled>Начать тестирование" in shown
    answer = post(org, "day-start", day.row.pk)
    assert day.again().state == "staffed" and "видеозапись не проверена" in text(answer)


def test_search_by_surname_is_typed_not_addressed_and_is_noted(org, region):
    day = a_day(region, people=[{"last_name": "Абдуллаев"}, {"last_name": "Абдуллаева"}])
    answer = post(org, "day-checkin", day.row.pk, q="абдул")
    assert "Абдуллаева Тимур" in text(answer)
    assert JournalEntry.objects.filter(event="search.by-name", facts__found=2).exists()
    assert JournalEntry.objects.filter(event="person.viewed").count() == 2
    assert "Проверьте номер" in text(post(org, "day-checkin", day.row.pk, q="Никто"))


def test_the_scanned_address_of_a_referral_finds_the_child(org, region):
    day = a_day(region)
    number = day.bookings[0].referral.number
    answer = post(org, "day-checkin", day.row.pk, q=f"http://localhost/status/?number={number}")
    assert "Что предъявлено" in text(answer)


def test_no_document_of_the_parent_is_red_with_words_and_can_be_written_down(org, region):
    """TC-062."""
    day = a_day(region)
    booking = day.bookings[0]
    answer = post(org, "day-checkin-one", day.row.pk, booking.pk, child_document=CERTIFICATE)
    assert answer.status_code == 409
    assert 'name="why" value="no-parent-document"' in text(answer)
    assert 'class="checkin red"' in text(answer) and "Не допущен" in text(answer)
    assert "не предъявил свой документ" in text(answer)
    post(
        org,
        "day-checkin-refuse",
        day.row.pk,
        booking.pk,
        codes=["testday.parent-not-identified"],
        why="no-parent-document",
        note="Мать без паспорта",
    )
    shown = text(page(org, "day-checkin", day.row.pk))
    assert "нет документа родителя" in shown and "Закрыть запись по направлению" in shown
    incident = Incident.objects.get()
    assert incident.kind == "not-admitted" and incident.facts["booking"] == booking.pk
    assert Booking.objects.get(pk=booking.pk).state == "confirmed"
    answer = post(
        org,
        "day-checkin-one",
        day.row.pk,
        booking.pk,
        child_document=CERTIFICATE,
        representative_document=PASSPORT.replace("паспорт", "вид на жительство"),
    )
    assert 'class="checkin green"' in text(answer)


def test_the_check_in_counts_those_who_did_not_come(org, region):
    day = a_day(region)
    assert "<b>0</b>неявка" in text(page(org, "day-checkin", day.row.pk))
    post(org, "day-checkin-absent", day.row.pk, day.bookings[0].pk)
    assert "<b>1</b>неявка" in text(page(org, "day-checkin", day.row.pk))


def test_a_document_that_differs_is_yellow(org, region):
    day = a_day(region)
    answer = post(
        org,
        "day-checkin-one",
        day.row.pk,
        day.bookings[0].pk,
        child_document=CERTIFICATE,
        representative_document="вид на жительство",
        documents_differ="on",
    )
    assert 'class="checkin yellow"' in text(answer) and "Нужна проверка" in text(answer)


def test_only_the_chair_gets_the_form_of_annulment(client, region, hold_clock):
    """TC-065."""
    hold_clock(at(10))
    day = a_day(region)
    attempt = day.start()[0]
    client.force_login(region.accounts["testing_org"])
    shown = text(page(client, "attempt-annul", attempt.pk))
    assert "только председатель комиссии" in shown and "<textarea" not in shown
    answer = post(client, "attempt-annul", attempt.pk, reason="F17_DEVICE", note="телефон")
    assert Attempt.objects.get(pk=attempt.pk).state == "briefed"
    assert answer.status_code == 400 or answer.status_code == 200

    client.force_login(region.accounts["chair"])
    shown = text(page(client, "attempt-annul", attempt.pk))
    assert "Средства связи" in shown and "R74_TALK" in shown
    post(client, "attempt-annul", attempt.pk, reason="F17_DEVICE", note="Зазвонил телефон")
    attempt.refresh_from_db()
    assert attempt.state == "annulled" and attempt.annulled_by == position(region, "chair")


def test_a_stranger_finds_no_day_and_no_attempt(client, region, hold_clock):
    hold_clock(at(10))
    day = a_day(region)
    attempt = day.start()[0]
    stranger = an_account("stranger", region.far_school, Role.TESTING_ORG)
    client.force_login(stranger)
    for name in ("day", "day-checkin", "day-rooms", "day-finish", "day-protocol"):
        assert page(client, name, day.row.pk).status_code == 404, name
    assert page(client, "attempt", attempt.pk).status_code == 404
    client.force_login(region.accounts["school"])
    assert page(client, "day", day.row.pk).status_code == 403


def test_a_recording_is_kept_played_by_parts_and_hidden_from_others(client, region, hold_clock):
    from merilo.web.testday.attempt import a_sound

    hold_clock(at(10, 10))
    day = a_day(region)
    attempt = day.start()[0]
    day.both_parts([attempt])
    client.force_login(region.accounts["testing_org"])
    sound = a_sound(0.5)
    from django.core.files.uploadedfile import SimpleUploadedFile

    post(client, "attempt-recording", attempt.pk, sound=SimpleUploadedFile("x.wav", sound))
    attempt.refresh_from_db()
    assert attempt.audio and attempt.audio.name == f"{attempt.code}.wav"
    address = reverse("file", args=[attempt.audio.pk])
    whole = client.get(address)
    assert b"".join(whole.streaming_content) == sound and whole["Accept-Ranges"] == "bytes"
    part = client.get(address, headers={"range": "bytes=100-199"})
    assert part.status_code == 206 and b"".join(part.streaming_content) == sound[100:200]
    assert part["Content-Range"] == f"bytes 100-199/{len(sound)}"
    tail = client.get(address, headers={"range": "bytes=-10"})
    assert b"".join(tail.streaming_content) == sound[-10:]
    beyond = client.get(address, headers={"range": f"bytes={len(sound)}-"})
    assert beyond.status_code == 416
    assert JournalEntry.objects.filter(event="file.read").count() == 1
    for who in ("school", "ministry", "mouo"):
        client.force_login(region.accounts[who])
        assert client.get(address).status_code == 404, who


def test_what_is_not_a_sound_is_refused_in_words(org, region):
    from django.core.files.uploadedfile import SimpleUploadedFile

    day = a_day(region)
    attempt = day.start()[0]
    day.both_parts([attempt])
    answer = post(
        org, "attempt-recording", attempt.pk, sound=SimpleUploadedFile("x.wav", b"MZ nothing")
    )
    assert answer.status_code == 400 and "не соответствует" in text(answer)


def test_a_no_show_reaches_the_mouo_which_tells_rcoi(client, region, hold_clock):
    hold_clock(at(11))
    day = a_day(region)
    booking = day.bookings[0]
    client.force_login(region.accounts["testing_org"])
    assert "Неявка отмечена" in text(post(client, "day-checkin-absent", day.row.pk, booking.pk))
    client.force_login(region.accounts["mouo"])
    assert "нужно сообщить" in text(page(client, "no-shows"))
    assert "Передать сведения" in text(page(client, "no-show", booking.pk))
    assert "передано" in text(post(client, "no-show", booking.pk))
    client.force_login(region.accounts["other_mouo"])
    assert page(client, "no-show", booking.pk).status_code == 404


def test_who_was_turned_away_is_told_apart_from_who_did_not_come(org, region, hold_clock):
    """The check-in page, the end of the day and its protocol say it and why."""
    hold_clock(at(11))
    day = a_day(region, people=[{"grade": 2}, {"grade": 2}, {"grade": 2}])
    away, gone, refused_later = day.bookings
    for one in (away, refused_later):
        post(
            org,
            "day-checkin-refuse",
            day.row.pk,
            one.pk,
            why="no-child-document",
            note="Ничего не предъявили",
        )
    assert "Неявка отмечена" in text(post(org, "day-checkin-absent", day.row.pk, gone.pk))
    assert "Запись закрыта" in text(post(org, "day-checkin-close", day.row.pk, away.pk))
    away.refresh_from_db()
    assert away.state == "not_admitted"
    shown = text(page(org, "day-checkin", day.row.pk))
    assert shown.count("нет документа участника") >= 2
    shown = text(page(org, "day-finish", day.row.pk))
    assert "Не допущены: 1." in shown and "неявкой это не считается" in shown
    view = queries.day_view(day.again(), profile=registry.active_profile())
    printed = papers.protocol(view)
    assert [one.reason for one in printed.not_admitted] == ["нет документа участника"] * 2
    assert len(printed.no_shows) == 1
    assert page(org, "day-protocol", day.row.pk).content.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("when", "said", "not_said"),
    [
        (at(9, day=TODAY - timedelta(days=1)), ["записаны"], ["пришли", "неявка"]),
        (at(10), ["записаны на сегодня", "пришли", "ещё не пришли"], ["были записаны"]),
        (at(9, day=TODAY + timedelta(days=1)), ["были записаны", "пришли", "не отмечены"], []),
    ],
)
def test_the_numbers_of_a_day_read_right_before_on_and_after_it(
    org, region, hold_clock, when, said, not_said
):
    day = a_day(region)
    day.admit(day.bookings[0])
    hold_clock(when)
    counters = text(page(org, "day", day.row.pk)).split("Готовность по часам")[0]
    assert all(words in counters for words in said)
    assert not any(words in counters for words in not_said)


def test_who_only_marks_reads_when_and_where_the_day_is_and_no_more(client, region, hold_clock):
    hold_clock(at(9))
    day = a_day(region)
    attempt = day.admit(day.bookings[0])
    client.force_login(region.accounts["expert"])
    shown = text(page(client, "day", day.row.pk))
    assert "Готовность по часам" in shown
    assert "Аудитории</a>" not in shown and "Отметить присутствие" not in shown
    for name in ("day-rooms", "day-incidents", "day-print", "day-finish", "day-checkin"):
        answer = page(client, name, day.row.pk)
        assert answer.status_code == 403 and "Проверка работ" in text(answer)
    assert page(client, "attempt", attempt.pk).status_code == 403
    with pytest.raises(Forbidden):
        actions.brief(day_id=day.row.pk, actor=region.viewer("expert"), now=at(9))
    with pytest.raises(Forbidden):
        actions.annul(
            attempt_id=attempt.pk,
            reason_code="F17_HINT",
            note="Подсказка",
            actor=region.viewer("expert"),
            now=at(9),
        )


def test_the_print_plan_of_grade_one_has_nothing_written(org, region):
    """TC-054, TC-056: two grades, two plans."""
    day = a_day(region, people=[{"grade": 1}, {"grade": 2}, {"grade": 2}])
    shown = text(page(org, "day-print", day.row.pk))
    first, second = shown.split("<h3>2 класс")
    assert "письменн" not in first.split("<h3>1 класс")[1].lower()
    assert "Протокол оценивания письменной части" in second


@pytest.mark.parametrize("name", ["day", "day-checkin", "day-rooms", "day-print", "day-finish"])
def test_a_page_of_a_day_asks_as_much_for_many_people_as_for_one(org, region, name):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    day = a_day(region, people=[{"grade": 2}])
    for more in (0, 2, 8):
        for _one in range(more):
            booking = a_booking(region, day.session)
            day.admit(booking)
        page(org, name, day.row.pk)
        with CaptureQueriesContext(connection) as seen:
            assert page(org, name, day.row.pk).status_code == 200
        counts.append(len(seen))
    assert counts[1] == counts[2], counts
