"""Page: days of testing of my organisation. /days/"""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from merilo.foundation import clock
from merilo.testday import actions, queries, rules
from merilo.testday.rules import SessionDayState
from merilo.web.lists import paginate
from merilo.web.routes import page

from .scope import CONDUCT, STATE_KINDS, must_conduct, today

PAST = "past"


class DaysFilter(forms.Form):
    when = forms.ChoiceField(
        label=gettext_lazy("Показать"),
        choices=[
            ("", gettext_lazy("сегодня и позже")),
            (PAST, gettext_lazy("прошедшие")),
        ],
        required=False,
    )


@page(roles=CONDUCT)
@require_GET
def days(request: HttpRequest) -> HttpResponse:
    form = DaysFilter(request.GET or None)
    past = form.is_valid() and form.cleaned_data["when"] == PAST
    now = today(request)
    found = queries.sessions_held_by(request.viewer).select_related("day__commission")
    if past:
        found = found.filter(held_on__lt=now).order_by("-held_on", "-starts_at", "-pk")
    else:
        found = queries.upcoming(request.viewer, since=now).select_related("day__commission")
    shown = paginate(request, found)
    shown.object_list = [row(session, now) for session in shown.object_list]
    return render(
        request,
        "testday/days.html",
        {
            "page": shown,
            "past": past,
            "ahead": not past,
        },
    )


def row(session, now) -> dict[str, object]:
    day = getattr(session, "day", None)
    state = SessionDayState(day.state) if day else SessionDayState.PLANNED
    return {
        "session": session,
        "day": day,
        "is_today": session.held_on == now,
        "state": _(rules.DAY_WORDS[state]),
        "kind": STATE_KINDS.get(state, "ok"),
        "commission": day.commission.order_ref if day and day.commission else "",
    }


@page(roles=CONDUCT)
@require_POST
def open_day(request: HttpRequest, session_id: int) -> HttpResponse:
    """Make the day of a session and go to its checklist."""
    if not queries.sessions_held_by(request.viewer).filter(pk=session_id).exists():
        raise Http404
    day = actions.open_day(session_id=session_id, actor=request.viewer, now=clock.now())
    must_conduct(request, day)
    return redirect("day", day.pk)
