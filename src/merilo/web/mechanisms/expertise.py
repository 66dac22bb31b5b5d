"""Page: an expert's directions — what waits, what is done, where to agree. /mechanisms/expertise/"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from merilo.foundation import clock
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.actions import experts as actions
from merilo.mechanisms.queries import expertise as queries
from merilo.mechanisms.queries import experts as lists
from merilo.mechanisms.rules.expertise import APPOINTMENT_WORDS, AppointmentState
from merilo.mechanisms.rules.states import SubmissionState
from merilo.registry import queries as registry
from merilo.registry.rules import Function
from merilo.web.lists import paginate
from merilo.web.routes import page


@page(roles=ROLES["mechanisms.score"])
@require_GET
def expertise(request: HttpRequest) -> HttpResponse:
    works = list(queries.works_of(request.viewer))
    sizes = queries.sizes_of(works)
    rows = [row_of(one, sizes[one.pk]) for one in works]
    return render(
        request,
        "mechanisms/expertise.html",
        {
            "page": paginate(request, rows),
            "done": sum(one.state == AppointmentState.DONE for one in works),
            "own": len(works),
            "next": next((row for row in rows if row["waits"]), None),
            "me": lists.expert_of(request.viewer),
        },
    )


def row_of(appointment: Any, positions: int) -> dict[str, object]:
    """An appointment as the list shows it, with the one thing to do about it."""
    scoring = appointment.submission.state == SubmissionState.IN_EXPERTISE
    return {
        "it": appointment,
        "state": APPOINTMENT_WORDS[AppointmentState(appointment.state)],
        "kind": "ok" if appointment.state == AppointmentState.DONE else "soon",
        "marked": appointment.marked,
        "positions": positions,
        "waits": scoring and appointment.state == AppointmentState.OPEN,
        "scoring": scoring,
    }


class TieForm(forms.Form):
    municipality = forms.TypedChoiceField(label=lazy("Муниципалитет"), coerce=int)
    note = forms.CharField(
        label=lazy("Почему"),
        help_text=lazy("Например: «работал там до 2024 года». Имён родственников не пишите."),
        max_length=300,
        required=False,
    )

    def __init__(self, *args: Any, today: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        known = registry.organisations_with(Function.MOUO, on=today)
        self.fields["municipality"].choices = [
            ("", _("выберите")),
            *((one.pk, one.short_name) for one in known),
        ]


@page(roles=ROLES["mechanisms.score"])
@require_http_methods(["GET", "POST"])
def ties(request: HttpRequest) -> HttpResponse:
    """An expert names the municipalities he must not score."""
    today = clock.today(request.viewer.timezone)
    form = TieForm(request.POST if request.method == "POST" else None, today=today)
    if request.method == "POST" and form.is_valid():
        actions.declare_tie(
            municipality_id=form.cleaned_data["municipality"],
            note=form.cleaned_data["note"],
            actor=request.viewer,
            now=clock.now(),
        )
        messages.success(request, _("Записано. Материалы этого муниципалитета вам не дадут."))
        return redirect("mechanisms-ties")
    me = lists.expert_of(request.viewer)
    (facts,) = lists.facts_of([me], on=today) if me else (None,)
    own = registry.organisations_with(Function.MOUO, on=today).filter(
        pk__in=facts.own if facts else ()
    )
    return render(
        request,
        "mechanisms/ties.html",
        {
            "form": form,
            "me": me,
            "own": own,
            "ties": me.ties.select_related("municipality") if me else (),
        },
        status=422 if form.errors else 200,
    )
