"""What a test day adds to the course of a case, for those who may see it."""

from __future__ import annotations

import pytest

from builders import TODAY
from merilo import law
from merilo.admissions.models import Application
from merilo.casework.models import Duty
from merilo.law import Part
from merilo.registry import queries as registry
from merilo.results.queries import parent_story
from merilo.testday import actions
from merilo.web.case.course import Course
from merilo.web.case.now import now_of
from merilo.web.parent.words import now_words, steps_of
from merilo.web.testday.timeline import steps
from rules.reading import with_settings
from testday.builders_testday import a_day, at

pytestmark = pytest.mark.django_db


def test_the_course_of_a_case_tells_how_the_day_went(region):
    day = a_day(region, people=[{"grade": 1}, {"grade": 2}, {"grade": 2}])
    whole, annulled, running = day.start()
    day.both_parts([whole])
    actions.annul(
        attempt_id=annulled.pk,
        reason_code="F17_DEVICE",
        note="Телефон",
        actor=day.chair,
        now=at(10, 5),
    )

    def titles(attempt, who="school"):
        return [
            (s.title, s.state) for s in steps(Course.of(region.viewer(who), attempt.application))
        ]

    assert titles(whole) == [
        ("Явился на тестирование", "done"),
        ("Все части тестирования завершены", "done"),
    ]
    assert titles(annulled)[1] == ("Результат аннулирован председателем комиссии", "stopped")
    assert titles(running)[1] == ("Тестирование: инструктаж проведён", "here")
    assert titles(whole, "far_school") == []


def test_a_no_show_and_a_break_stop_the_course(region):
    day = a_day(region)
    gone, broken = day.bookings
    actions.no_show(booking_id=gone.pk, actor=day.org, now=at(11))
    application = gone.referral.application
    assert [s.title for s in steps(Course.of(region.viewer("school"), application))] == [
        "Не явился на тестирование"
    ]
    attempt = day.admit(broken)
    actions.interrupt(
        attempt_id=attempt.pk, technical=True, note="Свет", actor=day.org, now=at(10)
    )
    last = steps(Course.of(region.viewer("school"), attempt.application))[-1]
    assert last.state == "stopped" and "техническим" in last.title


def now_for(region, who, application):
    application = Application.objects.get(pk=application.pk)
    return now_of(Course.of(region.viewer(who), application), today=TODAY)


def broken_off(region, *, technical=False):
    day = a_day(region)
    attempt = day.start()[0]
    actions.start_part(attempt_ids=[attempt.pk], part=Part.ORAL, actor=day.org, now=at(10, 5))
    actions.interrupt(
        attempt_id=attempt.pk, technical=technical, note="Ушёл", actor=day.org, now=at(10, 20)
    )
    attempt.refresh_from_db()
    return attempt


@pytest.mark.parametrize("technical", [False, True])
def test_a_test_broken_off_says_to_everybody_whose_move_it_is(region, technical):
    """The ministry: its duty, its button; school, testing organisation and parent are told so."""
    attempt = broken_off(region, technical=technical)
    words = "техническим" if technical else "личным"
    assert Duty.objects.get(kind="set-additional-date").organisation == region.ministry
    said = now_for(region, "ministry", attempt.application)
    assert said.button == "Назначить дополнительную дату"
    assert said.url.endswith(f"/{attempt.day.session_id}/")
    said = now_for(region, "school", attempt.application)
    assert words in said.title and "назначит министерство" in said.text and not said.button
    said = now_for(region, "testing_org", attempt.application)
    assert "Министерство назначит дополнительную дату" in said.text
    assert words in steps(Course.of(region.viewer("school"), attempt.application))[-1].title
    story = parent_story(attempt.application_id)
    told = now_words(story, TODAY)
    assert "прервано: ждите новую дату" in told.title and "назначит министерство" in told.text
    assert [one["state"] for one in steps_of(story)] == ["done", "done", "here", "next", "next"]


def test_where_what_was_done_is_marked_the_case_says_so(region, monkeypatch):
    chosen = with_settings(
        registry.active_profile(), {"testday.interrupted_personal": "marked_as_done"}
    )
    monkeypatch.setattr(law, "profile", lambda _name: chosen)
    attempt = broken_off(region)
    said = now_for(region, "school", attempt.application)
    assert "личным причинам" in said.title and "Эксперты проверяют" in said.text
    last = steps(Course.of(region.viewer("school"), attempt.application))[-1]
    assert (last.state, last.note) == ("stopped", "проверяется то, что сделано")
    assert (
        "проверяют то, что сделано" in now_words(parent_story(attempt.application_id), TODAY).title
    )


def test_who_was_turned_away_reads_why_and_may_book_again(region):
    """Case page, parent's page: not a no-show, the reason, another day may be booked at once."""
    day = a_day(region, people=[{"grade": 2}])
    booking = day.bookings[0]
    application = booking.referral.application
    actions.refuse_admission(
        booking_id=booking.pk,
        why="no-child-document",
        note="Без документов",
        actor=day.org,
        now=at(9, 35),
    )
    actions.close_refused(booking_id=booking.pk, actor=day.org, now=at(11))
    application.refresh_from_db()
    for who in ("school", "mouo"):
        assert "может записаться на другой день" in now_for(region, who, application).text
    last = steps(Course.of(region.viewer("school"), application))[-1]
    assert last.title == "Не допущен к тестированию: нет документа участника"
    told = now_words(parent_story(application.pk), TODAY)
    assert told.title == "Запишитесь на другой день"
    assert "Ребёнка не допустили к тестированию: нет документа участника" in told.text
    assert "не пришёл" not in told.title + told.text
