"""Pages of a МОУО: no-shows of its applicants, told on to РЦОИ. /no-shows/"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from merilo.admissions.rules import NO_SHOW_REASON_NAMES, NoShowReason
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
    owed = _open_duties(request, shown.object_list)
    known = queries.absences_of(shown.object_list)
    shown.object_list = [
        {
            "booking": one,
            "owed": f"noshow:{one.pk}" in owed,
            "reason": _reason(one, known, owed),
        }
        for one in shown.object_list
    ]
    return render(request, "testday/no_shows.html", {"page": shown})


def _open_duties(request: HttpRequest, bookings: list[Any]) -> set[str]:
    """What of these no-shows still waits for the МОУО: subjects of its duties."""
    subjects = [f"noshow:{one.pk}" for one in bookings]
    subjects += [f"application:{one.referral.application_id}" for one in bookings]
    return set(
        casework.duties_of(request.viewer)
        .filter(kind__in=("report-no-show", "confirm-no-show"), subject__in=subjects)
        .values_list("subject", flat=True)
    )


def _reason(booking: Any, known: dict[Any, Any], owed: set[str]) -> dict[str, str]:
    """What is known of the reason, in words, and how urgent the tag is."""
    absence = known.get((booking.referral_id, booking.session.held_on))
    if absence is not None and absence.reason:
        reason = NoShowReason(absence.reason)
        kind = "ok" if reason == NoShowReason.RESPECTFUL else "late"
        return {"words": _(NO_SHOW_REASON_NAMES[reason]), "kind": kind}
    if absence is not None and f"application:{booking.referral.application_id}" in owed:
        return {"words": _("нужно подтвердить"), "kind": "soon"}
    return {"words": "—", "kind": ""}


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
