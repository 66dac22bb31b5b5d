"""The clock: what runs when, and that running it again does no harm."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from asgiref.sync import async_to_sync
from django.core import mail
from django.db import connection
from django.urls import reverse
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from booking.builders_booking import a_booking, a_referral
from builders import NOW, put
from merilo.admissions import actions as admissions
from merilo.admissions.models import Application, Referral
from merilo.admissions.rules import ReferralState
from merilo.booking import rules as booking
from merilo.casework.models import Duty, Notice
from merilo.casework.rules import NoticeState
from merilo.foundation.journal.models import JournalAnchor, JournalEntry
from merilo.workers import tasks, terms
from merilo.workers.schedule import SCHEDULE

LATER = NOW + timedelta(days=10)


def test_every_line_of_the_table_is_a_task_that_runs_by_its_cron():
    app.perform_import_paths()
    registered = {
        (periodic.task.name, periodic.cron)
        for periodic in app.periodic_registry.periodic_tasks.values()
    }
    for line in SCHEDULE:
        assert (line.task, line.cron) in registered
        assert line.what


def test_the_tasks_that_actions_ask_for_exist():
    app.perform_import_paths()
    assert "send_notice" in app.tasks


def test_unbooked_applications_end_and_the_second_run_finds_nothing(region, hold_clock):
    a_referral(region)
    hold_clock(LATER)
    assert tasks.expire_unbooked() == 1
    assert tasks.expire_unbooked() == 0
    assert Referral.objects.get().state == ReferralState.EXPIRED


def test_seats_of_revoked_referrals_are_freed_once(region, hold_clock):
    hold_clock(NOW)
    a_booking(region)
    Referral.objects.update(state=ReferralState.REVOKED)
    assert tasks.free_ended_seats() == 1
    assert tasks.free_ended_seats() == 0


def test_a_letter_is_sent_once_however_often_its_job_runs(region, hold_clock):
    hold_clock(NOW)
    a_booking(region)
    notice = Notice.objects.get()
    jobs = ProcrastinateJob.objects.filter(task_name="send_notice", args__notice_id=notice.pk)
    assert jobs.count() == 1

    assert tasks.send_notice(notice.pk) is True
    assert tasks.send_notice(notice.pk) is False

    notice.refresh_from_db()
    assert notice.state == NoticeState.SENT
    assert [letter.to for letter in mail.outbox] == [["parent@example.org"]]
    assert mail.outbox[0].subject == "Запись на тестирование: 10 апреля 2026"


def test_a_letter_whose_job_was_lost_goes_with_the_next_round(region, hold_clock):
    hold_clock(NOW)
    a_booking(region)
    assert tasks.send_waiting_letters() == 0  # its own job has its turn first
    hold_clock(NOW + timedelta(minutes=15))
    assert tasks.send_waiting_letters() == 1
    assert tasks.send_waiting_letters() == 0


def test_t41_letters_not_sent_for_a_day_raise_an_alarm_that_goes_when_they_are_sent(
    region, hold_clock, client
):
    hold_clock(NOW)
    a_booking(region)
    assert tasks.flag_unsent_letters() == 0

    hold_clock(NOW + timedelta(days=1, minutes=1))
    assert tasks.flag_unsent_letters() == 1
    assert tasks.flag_unsent_letters() == 1
    duty = Duty.objects.get(kind="letters-not-sent")
    assert duty.organisation_id == region.school.pk
    assert duty.label == "Не ушло писем: 1"
    client.force_login(region.accounts["school"])
    listed = reverse("notices-unsent")
    assert listed in client.get(reverse("home")).content.decode()
    shown = client.get(listed).content.decode()
    assert "письма, которые не уходят" in shown and "1 уведомление" in shown.replace("\xa0", " ")

    tasks.send_waiting_letters()
    tasks.flag_unsent_letters()
    assert not Duty.objects.filter(kind="letters-not-sent").exists()


def test_terms_without_a_calendar_are_counted_when_it_is_published(
    region, hold_clock, monkeypatch
):
    from merilo.law import CalendarNotPublished, WorkingDays

    referral = a_referral(region, received_on=datetime(2026, 3, 16).date(), book_until=None)
    application = referral.application
    put(
        Application.objects.filter(pk=application.pk),
        state="completeness_check",
        completeness_due=None,
    )
    plain = WorkingDays.is_working

    def unpublished(self, day):
        raise CalendarNotPublished(day.year)

    monkeypatch.setattr(WorkingDays, "is_working", unpublished)
    hold_clock(NOW)
    admissions.refresh_terms(application_id=application.pk, actor=tasks.the_clock(), now=NOW)
    assert "календарь" in Duty.objects.get(kind="check-completeness").due_unknown

    assert tasks.refresh_unknown_terms() == 1  # asked again, still unknown
    assert Duty.objects.get(kind="check-completeness").due_on is None

    monkeypatch.setattr(WorkingDays, "is_working", plain)
    assert tasks.refresh_unknown_terms() == 1
    duty = Duty.objects.get(kind="check-completeness")
    assert str(duty.due_on) == "2026-03-23"
    application.refresh_from_db()
    assert str(application.completeness_due) == "2026-03-23"
    referral.refresh_from_db()
    assert str(referral.book_until) == "2026-03-25"
    assert tasks.refresh_unknown_terms() == 0


def test_subjects_of_other_contexts_are_left_to_them(region, hold_clock):
    hold_clock(NOW)
    Duty.objects.create(
        subject="strange:1",
        kind="x",
        organisation=region.school,
        role="school",
        label="x",
        since=NOW,
        due_unknown="календаря нет",
    )
    assert terms.refresh_terms(actor=tasks.the_clock(), now=NOW) == 0


def test_the_journal_is_anchored_once_a_day_outside_the_database(
    region, hold_clock, settings, tmp_path
):
    settings.MERILO_HOME = tmp_path
    hold_clock(NOW)
    path = tasks.anchor_journal()
    assert tasks.anchor_journal() == path
    mark = JournalAnchor.objects.get()
    kept = json.loads((tmp_path / "anchors" / "2026-03-16.json").read_text())
    assert kept["digest"] == mark.digest
    assert kept["heads"] == mark.heads
    assert JournalEntry.objects.filter(event="journal.anchored").count() == 1

    hold_clock(NOW + timedelta(days=1))
    assert tasks.anchor_journal() != path
    assert JournalAnchor.objects.count() == 2


def test_expired_sessions_are_forgotten(db, hold_clock):
    from django.contrib.sessions.models import Session

    Session.objects.create(
        session_key="old", session_data="x", expire_date=datetime(2020, 1, 1, tzinfo=UTC)
    )
    hold_clock(NOW)
    tasks.forget_expired()
    assert not Session.objects.exists()


def test_expired_codes_of_the_cache_table_are_forgotten(db, settings, hold_clock):
    from merilo.workers.forgetting import forget

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE codes_of_test (cache_key text, value text, expires timestamptz)"
        )
        for key, expires in (("old", NOW - timedelta(hours=1)), ("live", LATER)):
            cursor.execute("INSERT INTO codes_of_test VALUES (%s, 'x', %s)", [key, expires])
        settings.CACHES = {
            "default": {
                "BACKEND": "django.core.cache.backends.db.DatabaseCache",
                "LOCATION": "codes_of_test",
            }
        }
        assert forget(now=NOW) == 1
        cursor.execute("SELECT cache_key FROM codes_of_test")
        assert cursor.fetchall() == [("live",)]


# --- stalled jobs --------------------------------------------------------------------------------


class Manager:
    """A job manager with one job whose worker died."""

    def __init__(self):
        self.stalled, self.retried = ["job 7"], []

    async def get_stalled_jobs(self, *, seconds_since_heartbeat):
        assert seconds_since_heartbeat == tasks.STALLED_AFTER
        return self.stalled

    async def retry_job(self, job):
        self.retried.append(job)
        self.stalled = []


def test_a_job_whose_worker_died_is_put_back_once():
    manager = Manager()
    assert async_to_sync(tasks.put_back)(manager) == 1
    assert async_to_sync(tasks.put_back)(manager) == 0
    assert manager.retried == ["job 7"]


def test_a_job_left_by_a_dead_worker_is_put_back_on_the_real_queue(db):
    """On the real queue: claimed by a worker that is gone, then put back by its heartbeat."""
    app.perform_import_paths()
    job = app.configure_task("send_notice").defer(notice_id=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) "
            "VALUES (now() - interval '1 hour') RETURNING id"
        )
        worker = cursor.fetchone()[0]
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s",
            [worker, job],
        )
    assert async_to_sync(tasks.put_back)(app.job_manager) == 1
    assert ProcrastinateJob.objects.get(pk=job).status == "todo"
    assert async_to_sync(tasks.put_back)(app.job_manager) == 0


def test_a_booking_state_never_changes_by_the_clock_alone(region, hold_clock):
    hold_clock(NOW)
    made = a_booking(region)
    hold_clock(LATER)
    for line in SCHEDULE:
        if line.task not in ("retry_stalled", "anchor_journal"):
            app.tasks[line.task].func(timestamp=0)
    made.refresh_from_db()
    assert made.state == booking.BookingState.CONFIRMED


def test_a_database_without_the_cache_table_has_nothing_to_forget(db, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "nowhere_to_be_found",
        }
    }
    from merilo.workers.forgetting import forget

    assert forget(now=NOW) == 0
