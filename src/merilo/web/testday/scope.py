"""The day a page is about, and the frame the pages of one day share."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.timezone import make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from merilo import law
from merilo.foundation import clock
from merilo.registry import queries as registry
from merilo.registry.access import Forbidden, Role
from merilo.testday import queries, rules
from merilo.testday.rules import SessionDayState

CONDUCT = frozenset({Role.TESTING_ORG, Role.COMMISSION})

TABS = (
    ("day", N_("Подготовка и начало")),
    ("day-checkin", N_("Приём участников")),
    ("day-rooms", N_("Аудитории")),
    ("day-incidents", N_("События")),
    ("day-print", N_("Печать")),
    ("day-finish", N_("Завершение")),
)

STATE_KINDS = {
    SessionDayState.PLANNED: "wait",
    SessionDayState.STAFFED: "info",
    SessionDayState.RUNNING: "soon",
    SessionDayState.POSTPONED_TECH: "late",
}


def profile() -> law.Profile:
    return registry.active_profile()


def today(request: HttpRequest):
    return clock.today(request.viewer.timezone)


def day_or_404(request: HttpRequest, day_id: int):
    """The day in the viewer's scope; to a stranger there is none."""
    day = queries.days_visible_to(request.viewer).filter(pk=day_id).first()
    if day is None:
        raise Http404
    return day


def day_to_conduct(request: HttpRequest, day_id: int):
    """The day for a page of its conduct; those who only mark that day are refused."""
    day = day_or_404(request, day_id)
    must_conduct(request, day)
    return day


def must_conduct(request: HttpRequest, day) -> None:
    if not queries.conducts(request.viewer, day):
        raise Forbidden([rules.EXPERT_SEES_CODES()])


def attempt_or_404(request: HttpRequest, attempt_id: int):
    attempt = (
        queries.attempts_visible_to(request.viewer)
        .select_related(
            "day__session__testing_org",
            "day__session__place",
            "application",
            "person",
            "room_oral",
            "room_written",
            "variant_oral",
            "variant_written",
            "audio",
            "annulled_by__account__person",
        )
        .filter(pk=attempt_id)
        .first()
    )
    if attempt is None:
        raise Http404
    must_conduct(request, attempt.day)
    return attempt


def starts_at(day) -> datetime:
    """When the day begins, in the time of the testing organisation."""
    return make_aware(datetime.combine(day.session.held_on, day.session.starts_at))


def frame(request: HttpRequest, day, current: str) -> dict[str, Any]:
    """What the head of every page of a day shows."""
    state = SessionDayState(day.state)
    conducts = queries.conducts(request.viewer, day)
    return {
        "day": day,
        "session": day.session,
        "state_words": _(rules.DAY_WORDS[state]),
        "state_kind": STATE_KINDS.get(state, "ok"),
        "starts_at": starts_at(day),
        "tabs": [
            {"url": reverse(name, args=[day.pk]), "title": _(title), "current": name == current}
            for name, title in TABS
            if name == "day" or conducts
        ],
        "conducts": conducts,
        "running": state == SessionDayState.RUNNING,
        "over": state
        in (
            SessionDayState.FINISHED,
            SessionDayState.MARKING,
            SessionDayState.CONSOLIDATED,
            SessionDayState.REPORTED,
        ),
    }


def refused_words(booking: Any) -> str:
    """Why a booking ended at the door, in words."""
    known = rules.TURNED_AWAY_WORDS.get(booking.end_reason)
    return _(known or rules.TURNED_AWAY_WORDS[rules.TurnedAway.OTHER])


def before(moment: datetime, minutes: int) -> datetime:
    return moment - timedelta(minutes=minutes)
