"""Page: the end of the day and its summary. /days/5/finish/"""

from __future__ import annotations

from collections import Counter

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from merilo.foundation import clock
from merilo.law import Form, Refused
from merilo.testday import actions, queries, rules
from merilo.testday.rules import AttemptState, SessionDayState
from merilo.web import refusals
from merilo.web.routes import page

from .scope import CONDUCT, day_to_conduct, frame, profile


class FinishForm(forms.Form):
    materials_collected = forms.BooleanField(
        label=gettext_lazy("Все материалы собраны и пересчитаны"), required=False
    )
    cards_without_name = forms.IntegerField(
        label=gettext_lazy("Сколько карточек осталось без фамилии, имени, отчества"),
        help_text=gettext_lazy("Проверьте каждую карточку письменной части до объявления конца."),
        min_value=0,
        max_value=500,
        initial=0,
    )


@page(roles=CONDUCT)
@require_http_methods(["GET", "POST"])
def finish(request: HttpRequest, day_id: int) -> HttpResponse:
    day = day_to_conduct(request, day_id)
    form = FinishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.finish_day(
                day_id=day.pk,
                materials_collected=form.cleaned_data["materials_collected"],
                cards_without_name=form.cleaned_data["cards_without_name"],
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            refusals.show(refused, form)
        else:
            messages.success(request, _("День завершён. Протокол готов к печати."))
            return redirect("day-finish", day.pk)
    view = queries.day_view(day, profile=profile())
    states = Counter(AttemptState(one.state) for one in view.attempts)
    turned_away = queries.turned_away(day)
    unmarked = [one for one in view.waiting if one.booking.pk not in turned_away]
    to_close = len(view.waiting) - len(unmarked)
    running = [
        (AttemptState(a.state), Form(a.form), queries.parts_taken(a)) for a in view.attempts
    ]
    open_reasons = tuple(
        rules.reasons_against_finishing(
            SessionDayState(day.state),
            running,
            unmarked_arrivals=len(unmarked),
            materials_collected=True,
        )
    )
    return render(
        request,
        "testday/finish.html",
        frame(request, day, "day-finish")
        | {
            "form": form,
            "open_reasons": open_reasons,
            "booked": len(view.booked),
            "came": len(view.attempts),
            "absent": len(view.no_shows),
            "turned_away": to_close + len(view.not_admitted),
            "to_close": to_close,
            "annulled": states[AttemptState.ANNULLED],
            "interrupted": states[AttemptState.INTERRUPTED_TECH]
            + states[AttemptState.INTERRUPTED_PERSONAL],
            "without_sound": sum(
                a.oral_finished_at is not None and a.audio_id is None for a in view.attempts
            ),
            "incidents": day.incidents.count(),
        },
        status=400 if form.errors else 200,
    )
