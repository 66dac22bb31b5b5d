"""Page: reserve kits of the testing organisations by grade. /reserve/"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from merilo.foundation import clock
from merilo.law import Refused
from merilo.materials import actions, queries
from merilo.materials.access import ROLES
from merilo.registry import queries as registry
from merilo.registry.access import may
from merilo.registry.rules import Function
from merilo.web.lists import paginate
from merilo.web.refusals import show
from merilo.web.routes import page


class Kits(forms.Form):
    testing_org = forms.TypedChoiceField(label=lazy("Тестирующая организация"), coerce=int)
    grade = forms.TypedChoiceField(
        label=lazy("Класс"), coerce=int, choices=[(n, str(n)) for n in range(1, 12)]
    )
    free = forms.IntegerField(label=lazy("Свободных комплектов"), min_value=0, max_value=10_000)

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["testing_org"].choices = [
            ("", _("выберите")),
            *((one.pk, one.short_name) for one in organisations),
        ]


@page(roles=ROLES["materials.read_reserve"])
@require_http_methods(["GET", "POST"])
def reserve(request: HttpRequest) -> HttpResponse:
    today = clock.today(request.viewer.timezone)
    counts = may(request.viewer, ROLES, "materials.reserve")
    form = None
    if counts:
        form = Kits(
            request.POST or None,
            organisations=registry.organisations_with(Function.TESTING_ORG, on=today),
        )
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            try:
                actions.set_reserve(
                    testing_org_id=said["testing_org"],
                    grade=said["grade"],
                    free=said["free"],
                    actor=request.viewer,
                    now=clock.now(),
                    today=today,
                )
            except Refused as refused:
                show(refused, form)
            else:
                messages.success(request, _("Остаток записан."))
                return redirect("reserve")
    shown = paginate(request, queries.reserve_visible_to(request.viewer))
    value = registry.active_profile().value("materials.policy", on=today)
    return render(request, "rcoi/reserve.html", {"page": shown, "form": form, "policy": value})
