"""Pages: commissions approved by the local acts of the testing organisation. /commissions/"""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merilo.foundation import clock
from merilo.law import Refused
from merilo.registry.access import Role
from merilo.testday import actions, queries
from merilo.web import refusals
from merilo.web.routes import page

from .scope import today

ORG = frozenset({Role.TESTING_ORG})


@page(roles=ORG)
@require_GET
def commissions(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "testday/commissions.html",
        {
            "commissions": [
                {
                    "row": one,
                    "members": sorted(
                        (
                            {
                                "name": queries.name_of(member.position),
                                "title": member.position.title,
                                "chair": member.is_chair,
                                "years": member.experience_years,
                                "qualified": member.qualified,
                            }
                            for member in one.members.all()
                        ),
                        key=lambda member: (not member["chair"], member["name"]),
                    ),
                }
                for one in queries.commissions_of(request.viewer)
            ]
        },
    )


class CommissionForm(forms.Form):
    order_ref = forms.CharField(
        label=gettext_lazy("Локальный акт о составе комиссии"),
        help_text=gettext_lazy("Например, «приказ № 14 от 15.01.2026»."),
        max_length=120,
    )
    approved_on = forms.DateField(
        label=gettext_lazy("Дата акта"), help_text=gettext_lazy("Например, 15.01.2026.")
    )
    chair = forms.TypedChoiceField(
        label=gettext_lazy("Председатель"), coerce=int, empty_value=None
    )

    def __init__(self, *args, staff, **kwargs):
        super().__init__(*args, **kwargs)
        self.staff = staff
        self.fields["chair"].choices = [
            ("", _("выберите из состава")),
            *((one.pk, queries.name_of(one)) for one in staff),
        ]
        for one in staff:
            self.fields[f"member_{one.pk}"] = forms.BooleanField(
                label=queries.name_of(one), required=False
            )
            self.fields[f"years_{one.pk}"] = forms.IntegerField(
                label=_("Опыт, лет: %(who)s") % {"who": queries.name_of(one)},
                required=False,
                min_value=0,
                max_value=70,
            )
            self.fields[f"qualified_{one.pk}"] = forms.BooleanField(
                label=_("Соответствует требованиям: %(who)s") % {"who": queries.name_of(one)},
                required=False,
                initial=True,
            )

    def rows(self):
        return [
            {
                "position": one,
                "name": queries.name_of(one),
                "member": self[f"member_{one.pk}"],
                "years": self[f"years_{one.pk}"],
                "qualified": self[f"qualified_{one.pk}"],
            }
            for one in self.staff
        ]

    def members(self) -> list[actions.Membership]:
        data = self.cleaned_data
        chair = data.get("chair")
        return [
            actions.Membership(
                one.pk,
                is_chair=one.pk == chair,
                experience_years=data.get(f"years_{one.pk}"),
                qualified=bool(data.get(f"qualified_{one.pk}")),
            )
            for one in self.staff
            if data.get(f"member_{one.pk}") or one.pk == chair
        ]


@page(roles=ORG)
@require_http_methods(["GET", "POST"])
def new_commission(request: HttpRequest) -> HttpResponse:
    now = today(request)
    staff = [
        one
        for one in queries.staff_of(request.viewer.organisation_id, on=now)
        if one.role in (Role.COMMISSION, Role.TESTING_ORG)
    ]
    form = CommissionForm(request.POST or None, staff=staff, initial={"approved_on": now})
    if request.method == "POST" and form.is_valid():
        try:
            _commission, warnings = actions.approve_commission(
                order_ref=form.cleaned_data["order_ref"],
                approved_on=form.cleaned_data["approved_on"],
                members=form.members(),
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            refusals.show(refused, form)
        else:
            messages.success(request, _("Комиссия утверждена."))
            refusals.flash(request, warnings)
            return redirect("commissions")
    return render(
        request, "testday/commission.html", {"form": form}, status=400 if form.errors else 200
    )


@page(roles=ORG)
@require_POST
def dissolve(request: HttpRequest, commission_id: int) -> HttpResponse:
    if not queries.commissions_of(request.viewer).filter(pk=commission_id).exists():
        raise Http404
    actions.dissolve_commission(
        commission_id=commission_id,
        dissolved_on=today(request),
        actor=request.viewer,
        now=clock.now(),
    )
    messages.success(request, _("Комиссия упразднена с сегодняшнего дня."))
    return redirect("commissions")
