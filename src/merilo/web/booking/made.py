"""Page: a booking that was made — to print, to move, to cancel. /booking/made/5/"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from merilo.booking import actions, queries, rules
from merilo.booking.access import ROLES
from merilo.foundation import clock
from merilo.law import CalendarNotPublished, Refused
from merilo.registry import queries as registry
from merilo.web.refusals import show
from merilo.web.routes import page

STATE_KINDS = {
    rules.BookingState.CONFIRMED: "ok",
    rules.BookingState.CHECKED_IN: "ok",
    rules.BookingState.NO_SHOW: "late",
    rules.BookingState.NOT_ADMITTED: "late",
    rules.BookingState.RESCHEDULED: "soon",
    rules.BookingState.CHANGED_BY_PARENT: "wait",
    rules.BookingState.CANCELLED: "wait",
}


class Cancel(forms.Form):
    reason = forms.CharField(
        label=lazy("Почему отменяют"),
        help_text=lazy("Коротко, без имён: болезнь, переезд, передумали."),
        max_length=200,
    )


def _found(request: HttpRequest, booking_id: int) -> Any:
    try:
        return queries.bookings_visible_to(request.viewer).get(pk=booking_id)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing


@page(roles=ROLES["booking.read"])
@require_GET
def made(request: HttpRequest, booking_id: int) -> HttpResponse:
    booking = _found(request, booking_id)
    state = rules.BookingState(booking.state)
    return render(
        request,
        "booking/made.html",
        {
            "booking": booking,
            "session": booking.session,
            "application": booking.referral.application,
            "state": {"words": _(booking.state_name), "kind": STATE_KINDS[state]},
            "live": state == rules.BookingState.CONFIRMED,
            "in_person": _(rules.IN_PERSON_NAMES[rules.InPerson(booking.in_person)]),
            "bring": [_(one) for one in rules.WHAT_TO_BRING],
            "mine": request.viewer.role in ROLES["booking.change"],
        },
    )


@page(roles=ROLES["booking.cancel"])
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, booking_id: int) -> HttpResponse:
    booking = _found(request, booking_id)
    form = Cancel(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.cancel_booking(
                booking_id=booking.pk,
                reason=form.cleaned_data["reason"],
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            show(refused, form)
        else:
            messages.success(request, _("Запись отменена, место освобождено."))
            return redirect("booking-made", booking_id=booking.pk)
    return render(
        request,
        "booking/cancel.html",
        {
            "booking": booking,
            "session": booking.session,
            "form": form,
            "reasons": _against_cancelling(request, booking),
        },
    )


def _against_cancelling(request: HttpRequest, booking: Any) -> tuple[Any, ...]:
    """What stops it or follows from it, told before the button is pressed."""
    try:
        return tuple(
            rules.reasons_against_cancelling(
                rules.BookingState(booking.state),
                session_on=booking.session.held_on,
                today=clock.today(request.viewer.timezone),
                profile=registry.active_profile(),
                received_on=booking.referral.received_on,
            )
        )
    except CalendarNotPublished:
        return ()
