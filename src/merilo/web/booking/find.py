"""Page: «Запись» — find the referral the parent brought; who still has to come. /booking/"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET

from merilo.admissions.rules import ReferralState
from merilo.booking import queries
from merilo.booking.access import ROLES
from merilo.casework import queries as casework
from merilo.foundation import clock
from merilo.registry import queries as registry
from merilo.web.lists import paginate
from merilo.web.routes import page


class Find(forms.Form):
    number = forms.CharField(
        label=lazy("Номер направления"),
        help_text=lazy("Например, Н-025-0117. Можно отсканировать QR-код с направления."),
        max_length=400,
    )


@page(roles=ROLES["booking.book"])
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    form = Find(request.GET if "number" in request.GET else None)
    if form.is_valid():
        referral = queries.referral_for(request.viewer, form.cleaned_data["number"])
        if referral is not None:
            return redirect("booking-referral", referral_id=referral.pk)
        form.add_error(
            "number",
            lazy(
                "Направления с таким номером в вашу организацию нет. Проверьте номер; если он "
                "верен, родителю нужна другая тестирующая организация: она указана в направлении."
            ),
        )
    today = clock.today(request.viewer.timezone)
    shown = paginate(request, queries.waiting_to_book(request.viewer))
    profile = registry.active_profile()
    rows: list[dict[str, Any]] = [
        {
            "referral": one,
            "left": casework.working_days_left(one.book_until, today=today, profile=profile),
            "again": one.state == ReferralState.UNUSED_NO_SHOW,
        }
        for one in shown.object_list
    ]
    return render(request, "booking/find.html", {"form": form, "page": shown, "rows": rows})
