"""Page of the ministry: the region's list of experts, with their ties and load. /mechanisms/experts/"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST

from merilo.foundation import clock
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.actions import experts as actions
from merilo.mechanisms.queries import experts as queries
from merilo.registry import queries as registry
from merilo.registry.rules import Function
from merilo.web.routes import page

from .expertise import TieForm

OPERATE = ROLES["mechanisms.experts"]


class Terms(forms.Form):
    """What an expert takes on."""

    directions = forms.CharField(
        label=lazy("Направления"),
        help_text=lazy("Коды через пробел, например «1.1 2.3». Пусто — любые."),
        required=False,
        max_length=300,
    )
    most_positions = forms.IntegerField(
        label=lazy("Не больше позиций"), required=False, min_value=1, max_value=30_000
    )

    def as_terms(self) -> dict[str, Any]:
        said = self.cleaned_data
        codes = said["directions"].replace(",", " ").split()
        return {"directions": codes, "most_positions": said["most_positions"]}


class Include(Terms):
    position = forms.TypedChoiceField(label=lazy("Кого включить"), coerce=int)
    field_order = ["position", "directions", "most_positions"]

    def __init__(self, *args: Any, people: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["position"].choices = [
            ("", _("выберите")),
            *((one.pk, f"{name_of(one)} ({one.title})") for one in people),
        ]


def name_of(position: Any) -> str:
    """Whom the operator sees in the lists of experts; where he works is told beside it."""
    person = position.account.person
    return person.initials if person else position.account.login


@page(roles=OPERATE)
@require_http_methods(["GET", "POST"])
def experts(request: HttpRequest) -> HttpResponse:
    viewer, today = request.viewer, clock.today(request.viewer.timezone)
    people = list(queries.people_to_include(viewer, today=today))
    form = Include(request.POST if request.method == "POST" else None, people=people)
    if request.method == "POST" and form.is_valid():
        actions.include_expert(
            position_id=form.cleaned_data["position"],
            actor=viewer,
            now=clock.now(),
            **form.as_terms(),
        )
        messages.success(request, _("Эксперт включён в список."))
        return redirect("mechanisms-experts")
    listed = list(queries.listed(viewer).prefetch_related("ties__municipality"))
    municipal = dict(
        registry.organisations_with(Function.MOUO, on=today).values_list("pk", "short_name")
    )
    facts = {one.id: one for one in queries.facts_of(listed, on=today)}
    rows = [
        {
            "it": one,
            "name": name_of(one.position),
            "own": [municipal[key] for key in facts[one.pk].own if key in municipal],
            "ties": list(one.ties.all()),
            "runs": facts[one.pk].runs_the_cycle,
        }
        for one in listed
    ]
    return render(
        request,
        "mechanisms/experts.html",
        {"rows": rows, "form": form, "people": people},
        status=422 if form.errors else 200,
    )


@page(roles=OPERATE)
@require_http_methods(["GET", "POST"])
def expert(request: HttpRequest, expert_id: int) -> HttpResponse:
    """One expert: what he takes on, whom he must not score."""
    viewer, today = request.viewer, clock.today(request.viewer.timezone)
    found = queries.listed(viewer).get(pk=expert_id)
    posted = request.POST if request.method == "POST" else None
    tying = posted is not None and "municipality" in posted
    terms = Terms(
        None if tying else posted,
        initial={
            "directions": " ".join(found.directions),
            "most_positions": found.most_positions,
        },
    )
    tie = TieForm(posted if tying else None, today=today)
    if posted is not None and (tie if tying else terms).is_valid():
        if tying:
            actions.declare_tie(
                expert_id=expert_id, actor=viewer, now=clock.now(),
                municipality_id=tie.cleaned_data["municipality"], note=tie.cleaned_data["note"],
            )  # fmt: skip
        else:
            actions.change_expert(
                expert_id=expert_id, actor=viewer, now=clock.now(), **terms.as_terms()
            )
        messages.success(request, _("Сохранено."))
        return redirect("mechanisms-expert", expert_id)
    return render(
        request,
        "mechanisms/expert.html",
        {
            "expert": found,
            "name": name_of(found.position),
            "terms": terms,
            "tie": tie,
            "ties": found.ties.select_related("municipality"),
        },
        status=422 if terms.errors or tie.errors else 200,
    )


@page(roles=OPERATE)
@require_POST
def exclude(request: HttpRequest, expert_id: int) -> HttpResponse:
    actions.exclude_expert(expert_id=expert_id, actor=request.viewer, now=clock.now())
    messages.success(request, _("Эксперт исключён из списка: новых назначений у него не будет."))
    return redirect("mechanisms-experts")


@page(roles=OPERATE)
@require_POST
def untie(request: HttpRequest, tie_id: int) -> HttpResponse:
    actions.remove_tie(tie_id=tie_id, actor=request.viewer, now=clock.now())
    messages.success(request, _("Отметка о связи снята."))
    return redirect("mechanisms-experts")
