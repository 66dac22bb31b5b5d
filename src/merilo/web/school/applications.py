"""Page: the applications in the viewer's scope, with filters in the address. /applications/"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET

from merilo.admissions import access, queries, rules
from merilo.admissions.rules import ApplicationState
from merilo.casework import queries as casework
from merilo.foundation import clock
from merilo.registry import queries as registry
from merilo.registry.access import Role, may
from merilo.registry.rules import TERRITORY_NAMES, TerritoryKind
from merilo.results.queries import FUNNEL
from merilo.web.case.case import STATE_KINDS
from merilo.web.case.timeline import capital
from merilo.web.lists import export, paginate, wants_export
from merilo.web.routes import page

DUE = (
    ("", lazy("любой")),
    ("late", lazy("просрочен")),
    ("today", lazy("сегодня")),
    ("open", lazy("идёт")),
)


# Steps of the overview that hold several states: a number there opens the list behind it.
STEPS = {f"step-{key}": (title, states) for key, title, states in FUNNEL if len(states) > 1}
OF_REGION = frozenset({Role.MINISTRY, Role.AUDITOR})


class Filter(forms.Form):
    number = forms.CharField(label=lazy("Номер"), required=False, max_length=20)
    state = forms.ChoiceField(label=lazy("Состояние"), required=False)
    grade = forms.ChoiceField(label=lazy("Класс"), required=False)
    due = forms.ChoiceField(label=lazy("Срок"), required=False, choices=DUE)
    territory = forms.ChoiceField(label=lazy("Муниципалитет"), required=False)

    def __init__(self, *args: Any, of_region: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if of_region:
            self.fields["territory"].choices = [
                ("", _("любой")),
                *(
                    (place.pk, f"{place.name}, {_(TERRITORY_NAMES[TerritoryKind(place.kind)])}")
                    for place in registry.municipalities()
                    if place.kind != TerritoryKind.REGION
                ),
            ]
        else:
            del self.fields["territory"]
        self.fields["state"].choices = [
            ("", _("открытые")),
            ("all", _("все")),
            *((str(state), _(rules.STATE_NAMES[state])) for state in ApplicationState),
            *(
                (step, _("Шаг: %(step)s") % {"step": _(title)})
                for step, (title, _s) in STEPS.items()
            ),
        ]
        self.fields["grade"].choices = [("", _("любой"))] + [(n, n) for n in range(1, 12)]

    def wanted(self) -> queries.ListFilter:
        """The filter of the list; what cannot be understood filters nothing."""
        self.is_valid()
        said = getattr(self, "cleaned_data", {})
        state = said.get("state", "")
        number = said.get("number", "").strip()
        return queries.ListFilter(
            states=states_of(state),
            grade=int(said["grade"]) if said.get("grade") else None,
            due=said.get("due", ""),
            number=number,
            territory_id=int(said["territory"]) if said.get("territory") else None,
            open_only=not state and not number,
        )


def states_of(chosen: str) -> tuple[str, ...]:
    """The states behind a choice: one, those of a step of the overview, or none for all."""
    if chosen in STEPS:
        return tuple(sorted(map(str, STEPS[chosen][1])))
    return (chosen,) if chosen and chosen != "all" else ()


@page(roles=access.READ)
@require_GET
def applications(request: HttpRequest) -> HttpResponse:
    viewer, today = request.viewer, clock.today(request.viewer.timezone)
    form = Filter(request.GET, of_region=viewer.role in OF_REGION)
    wanted = form.wanted()
    rows = queries.applications_list(viewer, wanted, today=today)
    if wants_export(request):
        return _export(request, rows)
    if wanted.number and (only := rows.filter(number=wanted.number).first()):
        return redirect("application", application_id=only.pk)
    shown = paginate(request, rows)
    profile = registry.active_profile()
    shown.object_list = [
        {
            "it": row,
            "state": _(rules.STATE_NAMES[ApplicationState(row.state)]),
            "kind": STATE_KINDS[ApplicationState(row.state)],
            "left": casework.working_days_left(row.due, today=today, profile=profile),
        }
        for row in shown.object_list
    ]
    counters = queries.counters_by_state(viewer)
    return render(
        request,
        "school/applications.html",
        {
            "page": shown,
            "form": form,
            "chips": [
                {
                    "state": str(state),
                    "title": capital(_(rules.STATE_NAMES[state])),
                    "many": counters[state],
                    "current": (str(state),) == wanted.states,
                }
                for state in ApplicationState
                if counters.get(state)
            ],
            "open": sum(many for state, many in counters.items() if state not in rules.END_STATES),
            "total": sum(counters.values()),
            "filtered": bool(wanted != queries.ListFilter(open_only=True)),
            "by_due": queries.sorted_by_due(viewer, wanted),
            "of_school": viewer.role == Role.SCHOOL,
            "may_register": may(viewer, access.ROLES, "admissions.register"),
        },
    )


def _export(request: HttpRequest, rows: Any) -> HttpResponse:
    return export(
        request,
        "applications",
        title=_("Заявления"),
        columns=[
            (_("Номер"), lambda row: row.number),
            (_("Школа"), lambda row: row.school.short_name),
            (_("Класс"), lambda row: row.grade),
            (_("Подано"), lambda row: row.submitted_on),
            (_("Способ подачи"), lambda row: _(rules.CHANNEL_NAMES[rules.Channel(row.channel)])),
            (_("Категория"), lambda row: _(rules.CATEGORY_NAMES[rules.Category(row.category)])),
            (_("Состояние"), lambda row: _(rules.STATE_NAMES[ApplicationState(row.state)])),
            (_("Срок"), lambda row: row.due),
            (_("Возвратов"), lambda row: row.returns),
        ],
        rows=rows,
    )
