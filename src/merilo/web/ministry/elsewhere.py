"""Page of the ministry: send a child to another testing organisation. /applications/12/elsewhere/"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from merilo.admissions.rules import END_STATES, ApplicationState, ReferralState
from merilo.booking import actions, rules
from merilo.booking.access import ROLES
from merilo.booking.queries.elsewhere import OtherPlace, case_facts, other_places
from merilo.foundation import clock
from merilo.law import Refused
from merilo.registry import queries as registry
from merilo.registry.access import may
from merilo.web.case.case import found, frame
from merilo.web.case.course import Course
from merilo.web.case.now import Now, of_others
from merilo.web.refusals import flash, show
from merilo.web.routes import page
from merilo.web.templatetags.merilo import day_month, plural


class Elsewhere(forms.Form):
    testing_org = forms.TypedChoiceField(label=lazy("Куда направить"), coerce=int)
    note = forms.CharField(
        label=lazy("Почему меняют место"),
        help_text=lazy(
            "Например: «в гимназии нет места, оборудованного для ребёнка с ОВЗ». Без имён и диагнозов: "
            "это прочтут родитель, школа и обе организации."
        ),
        max_length=300,
        error_messages={"required": lazy(rules.NEEDS_WORDS.text)},
    )

    def __init__(self, *args: Any, places: list[OtherPlace], **kwargs: Any):
        super().__init__(*args, **kwargs)
        near = [one for one in places if one.same_municipality]
        far = [one for one in places if not one.same_municipality]
        groups = [(_("В муниципалитете школы"), near), (_("В других муниципалитетах"), far)]
        self.fields["testing_org"].choices = [
            ("", _("выберите")),
            *(
                (title, [(one.organisation.pk, _offer(one)) for one in some])
                for title, some in groups
                if some
            ),
        ]


def _offer(place: OtherPlace) -> str:
    """An organisation in the list, with what can be booked there."""
    name = place.organisation.short_name
    if not place.days:
        return _("%(name)s — свободных дней нет") % {"name": name}
    return _("%(name)s — ближайший день %(day)s, всего %(places)s") % {
        "name": name,
        "day": day_month(place.days[0]),
        "places": plural(place.places, _("место|места|мест")),
    }


@page(roles=ROLES["booking.refer_elsewhere"])
@require_http_methods(["GET", "POST"])
def elsewhere(request: HttpRequest, application_id: int) -> HttpResponse:
    application = found(request, application_id)
    today, profile = clock.today(request.viewer.timezone), registry.active_profile()
    case = case_facts(application)
    against = tuple(rules.reasons_against_replacing(case, on=today, profile=profile))
    places = other_places(application, without=case.testing_org, today=today)
    form = Elsewhere(request.POST if request.method == "POST" else None, places=places)
    if request.method == "POST" and form.is_valid():
        try:
            done = actions.refer_elsewhere(
                application_id=application.pk,
                testing_org_id=form.cleaned_data["testing_org"],
                note=form.cleaned_data["note"],
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            show(refused, form)
        else:
            flash(request, done.warnings)
            messages.success(
                request,
                _("Выдано направление № %(number)s. Школа вручит его, родителю уйдёт письмо.")
                % {"number": done.referral.number},
            )
            return redirect("application", application_id=application.pk)
    return render(
        request,
        "ministry/elsewhere.html",
        frame(request, application)
        | {
            "against": against,
            "form": form,
            "place_law": profile.value("booking.place", on=today),
            "window": profile.value("booking.window_wd", on=today),
        },
        status=422 if form.errors else 200,
    )


def now(course: Course) -> Now | None:
    """On the page of a case: the ministry may change the place, or reads why it may not."""
    application, referral = course.application, course.referral
    state = ApplicationState(application.state)
    if not may(course.viewer, ROLES, "booking.refer_elsewhere") or state in END_STATES:
        return None
    if referral is None or referral.state in (ReferralState.EXPIRED, ReferralState.REVOKED):
        return None
    said = of_others(application, referral, state)
    against = tuple(
        rules.reasons_against_replacing(
            case_facts(application),
            on=clock.today(course.viewer.timezone),
            profile=registry.active_profile(),
        )
    )
    if against:
        return Now(
            said.title,
            said.text,
            why=_("Почему нельзя сменить тестирующую организацию"),
            reasons=against,
            kind="",
        )
    return Now(
        said.title,
        said.text,
        _("Сменить тестирующую организацию"),
        reverse("application-elsewhere", args=[application.pk]),
        kind="",
        button_kind="quiet",
    )
