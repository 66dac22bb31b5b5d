"""Letters over real SMTP: they arrive, failures are tried again by growing pauses, a person sees."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.urls import reverse

from booking.builders_booking import a_booking
from builders import NOW, put
from grading.builders_grading import a_day
from merilo.casework.models import Duty, Notice
from merilo.casework.rules import PAUSES, Failure, NoticeState
from merilo.foundation.journal.models import JournalEntry
from merilo.workers import tasks
from results.builders_results import sent
from workers.mail_server import mail_server

pytestmark = pytest.mark.django_db
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture
def post(settings):
    with mail_server() as server:
        settings.EMAIL_BACKEND, settings.EMAIL_USE_TLS = SMTP, False
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield server


@pytest.fixture
def letter(region, hold_clock) -> Notice:
    hold_clock(NOW)
    a_booking(region)
    return Notice.objects.get()


def test_a_letter_arrives_whole_and_once(post, letter):
    assert tasks.send_notice(letter.pk) is True
    assert tasks.send_notice(letter.pk) is False
    [arrived] = post.letters
    assert arrived["To"] == "parent@example.org"
    assert arrived["Subject"].strip() == letter.subject
    assert arrived["Message-ID"] == f"<notice-{letter.pk}@merilo>"
    assert arrived.get_content().replace("\r\n", "\n").strip() == letter.body.strip()


def test_the_notice_of_a_result_travels_with_its_paper_and_no_header_names_the_child(
    post, region, client, hold_clock
):
    hold_clock(NOW)
    result = sent(a_day(region), 1, oral=9, last_name="Каримов")
    hold_clock(result.released_at)
    client.force_login(region.accounts["school"])
    client.post(reverse("result-inform", args=[result.pk]), {"how": "email"})
    assert tasks.send_notice(Notice.objects.get(template="result").pk) is True
    [arrived] = post.letters
    [paper] = arrived.iter_attachments()
    assert paper.get_content_type() == "application/pdf"
    assert paper.get_content().startswith(b"%PDF")
    assert paper.get_filename() == f"uvedomlenie-{result.application.number}.pdf"
    assert result.application.number in arrived["Subject"]
    assert "Каримов" not in str(list(arrived.items())) + paper.get_filename()


def test_a_server_that_is_busy_is_asked_again_by_growing_pauses(post, letter, hold_clock):
    post.data = "451 come later"
    assert tasks.send_notice(letter.pk) is False
    letter.refresh_from_db()
    assert (letter.state, letter.failure) == (NoticeState.FAILED, Failure.SERVER)
    assert letter.next_try_at == NOW + PAUSES[0]
    assert tasks.send_waiting_letters() == 0, "the pause is not over"

    waited = []
    while letter.next_try_at:
        waited.append(letter.next_try_at - letter.claimed_at)
        hold_clock(letter.next_try_at)
        tasks.send_waiting_letters()
        letter.refresh_from_db()
    assert waited == list(PAUSES) == sorted(waited)
    assert letter.tries == len(PAUSES) + 1
    assert not post.letters


def test_when_the_server_is_well_again_the_letter_goes_by_itself_once(post, letter, hold_clock):
    post.recipient = "450 mailbox busy"
    tasks.send_notice(letter.pk)
    post.recipient = "250 fine"
    hold_clock(NOW + PAUSES[0])
    assert tasks.send_waiting_letters() == 1
    assert tasks.send_waiting_letters() == 0
    letter.refresh_from_db()
    assert (letter.state, letter.failure, letter.error) == (NoticeState.SENT, "", "")
    assert len(post.letters) == 1
    events = JournalEntry.objects.filter(about=f"notice:{letter.pk}").order_by("pk")
    assert [one.event for one in events] == ["notice.queued", "notice.failed", "notice.sent"]


def test_no_server_at_all_is_a_failure_that_passes(post, letter, settings):
    with mail_server() as gone:
        port = gone.port
    settings.EMAIL_PORT = port
    tasks.send_notice(letter.pk)
    letter.refresh_from_db()
    assert (letter.failure, letter.next_try_at) == (Failure.SERVER, NOW + PAUSES[0])


@pytest.mark.parametrize(
    ("recipient", "data", "failure"),
    [
        ("550 no such mailbox", "250 kept", Failure.ADDRESS),
        ("250 fine", "554 not wanted", Failure.REFUSED),
    ],
)
def test_a_final_refusal_is_put_before_the_school_at_once_and_never_repeated(
    post, letter, client, region, hold_clock, recipient, data, failure
):
    post.recipient, post.data = recipient, data
    tasks.send_notice(letter.pk)
    letter.refresh_from_db()
    assert (letter.failure, letter.next_try_at) == (failure, None)

    assert tasks.flag_unsent_letters() == 1
    assert Duty.objects.get(kind="letters-not-sent").organisation_id == region.school.pk
    client.force_login(region.accounts["school"])
    shown = client.get(reverse("notices")).content.decode()
    assert "Почтовый сервер" in shown
    assert "Отправить ещё раз" in shown

    hold_clock(NOW + timedelta(days=3))
    assert tasks.send_waiting_letters() == 0
    post.recipient, post.data = "250 fine", "250 kept"
    client.post(reverse("notices-act", args=[letter.pk, "again"]))
    assert tasks.send_notice(letter.pk) is True


def test_the_page_tells_when_the_next_try_is(post, letter, client, region):
    post.data = "451 come later"
    tasks.send_notice(letter.pk)
    client.force_login(region.accounts["school"])
    shown = client.get(reverse("notices")).content.decode()
    assert "Следующая попытка" in shown and "451" in shown


def test_a_letter_whose_worker_died_is_shown_and_not_sent_twice(post, letter, hold_clock):
    put(Notice.objects.all(), state=NoticeState.CLAIMED, claimed_at=NOW)
    hold_clock(NOW + timedelta(minutes=59))
    tasks.send_waiting_letters()
    letter.refresh_from_db()
    assert letter.state == NoticeState.CLAIMED
    hold_clock(NOW + timedelta(minutes=61))
    tasks.send_waiting_letters()
    letter.refresh_from_db()
    assert (letter.state, letter.failure) == (NoticeState.FAILED, Failure.CUT_OFF)
    assert letter.next_try_at is None
    assert not post.letters


def test_a_slow_worker_that_was_thought_dead_still_says_that_it_sent(
    post, letter, hold_clock, monkeypatch
):
    """While one worker talks to a slow server for over an hour, the round looks for dead ones."""
    plain = EmailMessage.send

    def slowly(message, **options):
        hold_clock(NOW + timedelta(minutes=61))
        tasks.send_waiting_letters()
        letter.refresh_from_db()
        assert letter.failure == Failure.CUT_OFF
        return plain(message, **options)

    monkeypatch.setattr(EmailMessage, "send", slowly)
    assert tasks.send_notice(letter.pk) is True
    letter.refresh_from_db()
    assert (letter.state, letter.failure, letter.next_try_at) == (NoticeState.SENT, "", None)
    assert len(post.letters) == 1


def test_in_a_demonstration_letters_lie_in_a_folder(letter, settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    assert tasks.send_notice(letter.pk) is True
    [kept] = tmp_path.iterdir()
    assert f"<notice-{letter.pk}@merilo>" in kept.read_text()


def test_a_corrected_address_is_used_for_what_has_not_gone(post, letter, region):
    from merilo.admissions import actions

    post.recipient = "550 no such mailbox"
    tasks.send_notice(letter.pk)
    actions.change_contacts(
        application_id=letter.case_id,
        notify_email="right@example.org",
        notify_address="",
        notify_phone="",
        language="ru",
        actor=region.viewer("school"),
        now=NOW,
    )
    letter.refresh_from_db()
    assert (letter.state, letter.address) == (NoticeState.QUEUED, "right@example.org")
    post.recipient = "250 fine"
    assert tasks.send_notice(letter.pk) is True
    assert post.letters[0]["To"] == "right@example.org"
