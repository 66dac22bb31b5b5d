"""Page: choose a day for a referral — every day with the reason why not. /booking/17/

The same page moves a booking to another day: /booking/made/5/move/
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from merilo.admissions import rules as admissions
from merilo.booking import actions, queries, rules
from merilo.booking.access import ROLES
from merilo.casework import queries as casework
from merilo.foundation import clock
from merilo.law import Form, Refused
from merilo.registry import queries as registry
from merilo.web.refusals import flash, show
from merilo.web.routes import page

FORM_WORDS = {
    Form.ORAL: lazy("устная"),
    Form.ORAL_WRITTEN: lazy("устная и письменная"),
}


class Visit(forms.Form):
    """Who came and chose which day."""

    session = forms.TypedChoiceField(label=lazy("День"), coerce=int)
    in_person = forms.ChoiceField(
        label=lazy("Кто пришёл"),
        widget=forms.RadioSelect,
    )
    identity_document = forms.CharField(
        label=lazy("Какой документ предъявил"),
        help_text=lazy("Только вид документа: паспорт, вид на жительство. Номер не записывайте."),
        max_length=60,
        error_messages={"required": lazy(rules.IDENTITY_NOT_SEEN.text)},
    )
    request_key = forms.CharField(widget=forms.HiddenInput, max_length=60, required=False)

    def __init__(self, *args: Any, choice: queries.Choice, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["in_person"].choices = [
            (key, _(words))
            for key, words in rules.IN_PERSON_NAMES.items()
            if key == rules.InPerson.REPRESENTATIVE
            or (key == rules.InPerson.ADULT_APPLICANT and choice.facts.of_age)
        ]
        self.fields["session"].choices = [(day.session.pk, day.session.pk) for day in choice.days]
        self.fields["session"].error_messages = {
            "required": _("Выберите день из списка."),
            "invalid_choice": _("Этого дня уже нет в списке. Выберите другой."),
        }


@page(roles=ROLES["booking.book"])
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, referral_id: int) -> HttpResponse:
    try:
        referral = queries.referrals_to(request.viewer).get(pk=referral_id)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    live = queries.live_booking_of(referral.pk)
    if live is not None:
        if request.POST.get("session", str(live.session_id)) != str(live.session_id):
            messages.warning(request, _("Запись уже есть: другой день не записан."))
        return redirect("booking-made", booking_id=live.pk)
    return _page(request, referral, None)


@page(roles=ROLES["booking.change"])
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, booking_id: int) -> HttpResponse:
    try:
        booking = queries.bookings_visible_to(request.viewer).get(pk=booking_id)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    referral = queries.referrals_to(request.viewer).get(pk=booking.referral_id)
    return _page(request, referral, booking)


def _page(request: HttpRequest, referral: Any, moving: Any) -> HttpResponse:
    today = clock.today(request.viewer.timezone)
    choice = queries.choice_for(
        referral, today=today, profile=registry.active_profile(), moving=moving
    )
    form = Visit(request.POST or None, choice=choice, initial={"request_key": uuid4().hex})
    if request.method == "POST" and form.is_valid():
        try:
            made = _take(request, referral, moving, form)
        except Refused as refused:
            show(refused, form)
            choice = queries.choice_for(
                referral, today=today, profile=registry.active_profile(), moving=moving
            )
        else:
            flash(request, made.warnings)
            return redirect("booking-made", booking_id=made.booking.pk)
    return render(
        request,
        "booking/choose.html",
        {
            "referral": referral,
            "application": referral.application,
            "moving": moving,
            "choice": choice,
            "no_day": bool(choice.days) and not any(one.allowed for one in choice.days),
            "months": _by_month(choice.days, chosen=form["session"].value()),
            "form": form,
            "law_value": registry.active_profile().value("booking.min_lead_wd", on=today),
            "left": casework.working_days_left(
                referral.book_until, today=today, profile=registry.active_profile()
            ),
            "form_words": FORM_WORDS[Form(referral.form)],
            "category": _(
                admissions.CATEGORY_NAMES[admissions.Category(referral.application.category)]
            ),
            "postponed": choice.facts.postponed,
            "bring": [_(one) for one in rules.WHAT_TO_BRING],
        },
    )


def _take(request: HttpRequest, referral: Any, moving: Any, form: Visit) -> actions.Booked:
    said = form.cleaned_data
    fields = {
        "session_id": said["session"],
        "in_person": rules.InPerson(said["in_person"]),
        "identity_document": said["identity_document"],
        "request_key": said["request_key"],
        "actor": request.viewer,
        "now": clock.now(),
    }
    if moving is not None:
        return actions.change_booking(booking_id=moving.pk, **fields)
    return actions.book(referral_id=referral.pk, **fields)


def _by_month(days: tuple[queries.DayChoice, ...], *, chosen: Any) -> list[dict[str, Any]]:
    """Days under the names of their months, each with what its row says."""
    months: list[dict[str, Any]] = []
    for day in days:
        first = day.session.held_on.replace(day=1)
        if not months or months[-1]["first"] != first:
            months.append({"first": first, "days": []})
        months[-1]["days"].append(
            {
                "choice": day,
                "session": day.session,
                "chosen": str(chosen) == str(day.session.pk),
            }
        )
    return months
