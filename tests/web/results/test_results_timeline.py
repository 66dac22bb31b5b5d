"""What results add to the case page: a row each, with both reasons of a failure apart."""

from __future__ import annotations

import pytest

from grading.builders_grading import LATER, a_day
from merilo.results import actions
from merilo.web.case.course import Course
from merilo.web.results import timeline
from results.builders_results import drawn, sent

pytestmark = pytest.mark.django_db


def test_a_failed_test_says_what_was_missing_in_total_and_in_the_oral_part(region):
    result = sent(a_day(region), 10, oral=8, written=13)
    step, told = timeline.steps(Course.of(region.viewer("school"), result.application))
    assert (step.title, step.state) == ("Тестирование не пройдено", "stopped")
    assert "21 из 24" in step.note
    assert len(step.items) == 2
    assert "Набрано 21 из 24" in step.items[0]
    assert "За устную часть набрано 8 из 10" in step.items[1]
    assert told.title == "Результат передан школе и МОУО"


def test_a_result_that_has_not_left_the_organisation_is_no_row_for_the_school(region):
    result = drawn(a_day(region), oral=9)
    assert timeline.steps(Course.of(region.viewer("school"), result.application)) == []
    assert len(timeline.steps(Course.of(region.viewer("testing_org"), result.application))) == 1


def test_the_card_names_what_is_owed_next_and_by_whom(region):
    made = a_day(region)
    result = drawn(made, oral=9)
    org, school = region.viewer("testing_org"), region.viewer("school")
    assert timeline.now(Course.of(org, result.application)).button == "Сверить и передать"
    assert timeline.now(Course.of(school, result.application)) is None
    result = sent(made, oral=9)
    assert timeline.now(Course.of(school, result.application)).button == "Сообщить родителю"
    actions.inform_parent(result_id=result.pk, how="hand", actor=school, now=LATER)
    assert timeline.now(Course.of(school, result.application)) is None
    rows = timeline.steps(Course.of(school, result.application))
    assert "вручено лично" in rows[-1].note
