"""Pages of a МОУО: no-shows of its applicants, told on to РЦОИ. /no-shows/"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from merilo.casework import queries as casework
from merilo.foundation import clock
from merilo.registry.access import Role
from merilo.testday import actions, queries, rules
from merilo.web.lists import paginate
from merilo.web.routes import page

from .scope import profile

MOUO = frozenset({Role.MOUO})


@page(roles=MOUO)
@require_GET
def no_shows(request: HttpRequest) -> HttpResponse:
    shown = paginate(request, queries.no_shows_to_report(request.viewer))
    owed = set(
        casework.duties_of(request.viewer)
        .filter(kind="report-no-show", subject__in=[f"noshow:{one.pk}" for one in shown])
        .values_list("subject", flat=True)
    )
    shown.object_list = [
        {"booking": one, "owed": f"noshow:{one.pk}" in owed} for one in shown.object_list
    ]
    return render(request, "testday/no_shows.html", {"page": shown})


@page(roles=MOUO)
@require_http_methods(["GET", "POST"])
def no_show(request: HttpRequest, booking_id: int) -> HttpResponse:
    booking = queries.no_shows_to_report(request.viewer).filter(pk=booking_id).first()
    if booking is None:
        raise Http404
    if request.method == "POST":
        actions.report_no_show(booking_id=booking.pk, actor=request.viewer, now=clock.now())
        messages.success(request, _("Сведения о неявке переданы в РЦОИ."))
        return redirect("no-shows")
    return render(
        request,
        "testday/no_show.html",
        {
            "booking": booking,
            "answer": rules.no_show_answer(test_on=booking.session.held_on, profile=profile()),
            "sent": [
                one
                for one in casework.dispatches_of_case(booking.referral.application_id)
                if one.kind == "no_show" and one.about == f"booking:{booking.pk}"
            ],
        },
    )
