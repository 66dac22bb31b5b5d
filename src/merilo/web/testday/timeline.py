"""What a test day adds to the course of a case: came, was tested, was annulled, did not come."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from merilo.law import Form
from merilo.registry.access import Viewer
from merilo.testday import queries, rules
from merilo.testday.rules import AttemptState
from merilo.web.case.timeline import TimelineStep

from .scope import CONDUCT


def steps(viewer: Viewer, application: Any) -> list[TimelineStep]:
    """Steps of every attempt of the case that the viewer may see, and of its no-shows."""
    found = []
    for attempt in queries.attempts_of_case(viewer, application.pk):
        url = reverse("attempt", args=[attempt.pk]) if viewer.role in CONDUCT else ""
        found.append(
            TimelineStep(
                _("Явился на тестирование"),
                note=_("%(place)s, код %(code)s") % {"place": attempt.place, "code": attempt.code},
                at=attempt.checked_in_at,
                url=url,
            )
        )
        found.append(_outcome(attempt, url))
    for booking in queries.no_shows_of_case(application.pk):
        found.append(
            TimelineStep(
                _("Не явился на тестирование"),
                note=booking.place,
                state="stopped",
                at=booking.ended_at,
            )
        )
    return found


def _outcome(attempt: Any, url: str) -> TimelineStep:
    """How the attempt ended, or what is going on now."""
    state = AttemptState(attempt.state)
    words = _(rules.ATTEMPT_WORDS[state])
    if state == AttemptState.ANNULLED:
        return TimelineStep(
            _("Результат аннулирован председателем комиссии"),
            note=_(rules.PROHIBITIONS[attempt.annulled_reason].words)
            if attempt.annulled_reason in rules.PROHIBITIONS
            else "",
            state="stopped",
            at=attempt.annulled_at,
            url=url,
        )
    if state in rules.STOPPED:
        return TimelineStep(
            _("Тестирование: %(state)s") % {"state": words},
            state="stopped",
            at=attempt.state_since,
            url=url,
        )
    if set(rules.parts_of(Form(attempt.form))) <= queries.parts_taken(attempt):
        finished = max(filter(None, (attempt.oral_finished_at, attempt.written_finished_at)))
        return TimelineStep(_("Все части тестирования завершены"), at=finished, url=url)
    return TimelineStep(
        _("Тестирование: %(state)s") % {"state": words},
        state="here",
        at=attempt.state_since,
        url=url,
    )
