"""Page of the operator: which municipality stands in which cluster. /mechanisms/cycles/2/clusters/"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from merilo.foundation import clock
from merilo.law import Refused
from merilo.mechanisms import actions, queries
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.rules.states import CycleState
from merilo.web.refusals import flash, show
from merilo.web.routes import page


class ClustersForm(forms.Form):
    """The name of a dimension, and a free word for each municipality."""

    dimension = forms.CharField(
        label=lazy("По чему делим"),
        help_text=lazy("Например, «тип муниципалитета»."),
        max_length=80,
    )

    def __init__(self, *args: Any, submissions: list[Any], members: dict[int, str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.submissions = submissions
        for one in submissions:
            self.fields[f"s{one.pk}"] = forms.CharField(
                label=one.organisation.short_name,
                max_length=80,
                required=False,
                initial=members.get(one.pk, ""),
                widget=forms.TextInput(attrs={"list": "clusters", "class": "govuk-input"}),
            )

    @property
    def of_municipalities(self) -> list[forms.BoundField]:
        return [self[f"s{one.pk}"] for one in self.submissions]

    @property
    def said(self) -> dict[int, str]:
        return {one.pk: self.cleaned_data[f"s{one.pk}"] for one in self.submissions}


@page(roles=ROLES["mechanisms.clusters"])
@require_http_methods(["GET", "POST"])
def clusters(request: HttpRequest, cycle_id: int) -> HttpResponse:
    """One dimension at a time: `?by=` an existing one, without it a new one."""
    cycle = queries.scope.cycles_visible_to(request.viewer).get(pk=cycle_id)
    by = request.GET.get("by", "")[:80]
    members = queries.results.members_of(cycle, by) if by else {}
    rows = queries.scope.submissions_visible_to(request.viewer).filter(cycle=cycle)
    form = ClustersForm(
        request.POST if request.method == "POST" else None,
        initial={"dimension": by},
        submissions=list(rows.order_by("organisation__sort_key")),
        members=members,
    )
    if request.method == "POST" and request.POST.get("do") == "copy":
        return _copy(request, cycle_id)
    if request.method == "POST" and form.is_valid():
        dimension = form.cleaned_data["dimension"]
        try:
            kept, warnings = actions.arrange_clusters(
                cycle_id=cycle_id, dimension=dimension, said=form.said, actor=request.viewer,
                now=clock.now(),
            )  # fmt: skip
        except Refused as refused:
            show(refused, form)
        else:
            messages.success(
                request, _("Кластеры сохранены.") if kept else _("Деление на кластеры снято.")
            )
            flash(request, warnings)
            again = "?" + urlencode({"by": " ".join(dimension.split())}) if kept else ""
            return redirect(request.path + again)
    return render(
        request,
        "mechanisms/clusters.html",
        {
            "cycle": cycle,
            "form": form,
            "by": by,
            "dimensions": queries.results.dimensions_of(cycle),
            "names": sorted(set(members.values())),
            "settled": cycle.state == CycleState.FINAL,
            "earlier": queries.clusters.clusters_to_copy(cycle)
            if rows and cycle.state != CycleState.FINAL
            else None,
        },
        status=422 if form.errors else 200,
    )


def _copy(request: HttpRequest, cycle_id: int) -> HttpResponse:
    """Everything the run before divided by and this one does not, as it was."""
    try:
        copied, warnings = actions.copy_clusters(
            cycle_id=cycle_id, actor=request.viewer, now=clock.now()
        )
    except Refused as refused:
        flash(request, refused)
        return redirect(request.path)
    messages.success(
        request, _("Деления взяты из прежнего цикла. Проверьте, кто в каком кластере.")
    )
    flash(request, warnings)
    return redirect(request.path + "?" + urlencode({"by": copied[0]}))
