"""What a test day adds to the course of a case, for those who may see it."""

from __future__ import annotations

import pytest

from merilo.testday import actions
from merilo.web.testday.timeline import steps
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
        return [(s.title, s.state) for s in steps(region.viewer(who), attempt.application)]

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
    assert [s.title for s in steps(region.viewer("school"), application)] == [
        "Не явился на тестирование"
    ]
    attempt = day.admit(broken)
    actions.interrupt(
        attempt_id=attempt.pk, technical=True, note="Свет", actor=day.org, now=at(10)
    )
    last = steps(region.viewer("school"), attempt.application)[-1]
    assert last.state == "stopped" and "техническим" in last.title
