"""What marking and results add to the course of a case, and to the card «сейчас»."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from merilo.registry.access import Role
from merilo.results import queries
from merilo.results.rules import ResultState
from merilo.web.case.course import Course
from merilo.web.case.now import Now
from merilo.web.case.timeline import TimelineStep
from merilo.web.refusals import sentence
from merilo.web.templatetags.merilo import day_month, moment

from .scope import HOW, READERS


def steps(course: Course) -> list[TimelineStep]:
    """A row for each result: drawn, told to school and МОУО, told to the parent."""
    if course.viewer.role not in READERS:
        return []
    found: list[TimelineStep] = []
    for result in course.results:
        url = reverse("result", args=[result.pk])
        found.append(
            TimelineStep(
                _title(result),
                _note(result),
                "done" if result.passed else "stopped",
                result.consolidated_at,
                url,
                items=tuple(
                    sentence(one, with_source=False) for one in queries.score_of(result).failing
                ),
            )
        )
        if result.released_at:
            found.append(
                TimelineStep(
                    _("Результат передан школе и МОУО"),
                    moment(result.released_at),
                    at=result.released_at,
                )
            )
        if result.informed_at:
            found.append(
                TimelineStep(
                    _("Родителю сообщён результат"),
                    f"{moment(result.informed_at)} · {_(HOW[result.informed_how])}",
                    at=result.informed_at,
                )
            )
    return found


def _title(result: Any) -> str:
    if result.annulled:
        return _("Результат тестирования аннулирован")
    return _("Тестирование пройдено") if result.passed else _("Тестирование не пройдено")


def _note(result: Any) -> str:
    parts = [day_month(result.held_on)]
    if points := queries.points_of(result):
        parts.append(points)
    return " · ".join(parts)


def now(course: Course) -> Now | None:
    """What is owed on the result, while it is owed."""
    viewer = course.viewer
    if viewer.role not in (Role.SCHOOL, Role.TESTING_ORG) or not course.results:
        return None
    result = course.results[-1]
    if viewer.role == Role.SCHOOL and result.state == ResultState.RELEASED:
        return Now(
            _("Сообщить родителю результат"),
            _("%(outcome)s. Сообщить нужно до %(day)s.")
            % {
                "outcome": _title(result),
                "day": day_month(result.parent_due) if result.parent_due else "—",
            },
            _("Сообщить родителю"),
            reverse("result-inform", args=[result.pk]),
        )
    if viewer.role == Role.TESTING_ORG and result.state == ResultState.CONSOLIDATED:
        return Now(
            _("Сверить и передать результат"),
            _("Комиссия свела результат. Второй сотрудник сверяет личность и передаёт его."),
            _("Сверить и передать"),
            reverse("results-release", args=[result.attempt.day_id]),
        )
    return None
