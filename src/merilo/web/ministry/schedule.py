"""Page: one schedule — its days, the order that approves it, what is owed after. /schedules/3/"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from merilo.booking import actions, queries, rules
from merilo.booking.access import ROLES
from merilo.foundation import clock
from merilo.law import Refused
from merilo.web.booking.schedule import dress
from merilo.web.lists import paginate
from merilo.web.ministry.schedules import SCHEDULE_KINDS
from merilo.web.refusals import flash, show
from merilo.web.routes import page


class Approve(forms.Form):
    order_ref = forms.CharField(
        label=lazy("Приказ"),
        help_text=lazy("Номер и дата, например «№ 23а-566 от 21.04.2025»."),
        max_length=120,
    )
    approved_on = forms.DateField(label=lazy("Дата приказа"))


class Noted(forms.Form):
    on = forms.DateField(label=lazy("Когда сделано"))


def found(request: HttpRequest, schedule_id: int) -> Any:
    try:
        return queries.schedules_visible_to(request.viewer).get(pk=schedule_id)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing


@page(roles=ROLES["booking.schedule"])
@require_http_methods(["GET", "POST"])
def schedule(request: HttpRequest, schedule_id: int) -> HttpResponse:
    one = found(request, schedule_id)
    today = clock.today(request.viewer.timezone)
    approve = Approve(initial={"approved_on": today})
    noted = Noted(initial={"on": today})
    if request.method == "POST":
        do = request.POST.get("do", "")
        if do == "approve":
            approve = Approve(request.POST)
            if approve.is_valid() and _approved(request, one, approve):
                return redirect("schedules-one", schedule_id=one.pk)
        else:
            noted = Noted(request.POST)
            if noted.is_valid() and _noted(request, one, noted, do):
                return redirect("schedules-one", schedule_id=one.pk)
    shown = paginate(request, queries.sessions_of_schedule(request.viewer, one.pk))
    for session in shown.object_list:
        dress(session)
    state = rules.ScheduleState(one.state)
    return render(
        request,
        "ministry/schedule.html",
        {
            "schedule": one,
            "state": {"words": _(rules.SCHEDULE_NAMES[state]), "kind": SCHEDULE_KINDS[state]},
            "draft": state == rules.ScheduleState.DRAFT,
            "approve": approve,
            "noted": noted,
            "page": shown,
        },
    )


def _approved(request: HttpRequest, one: Any, form: Approve) -> bool:
    try:
        actions.approve_schedule(
            schedule_id=one.pk, **form.cleaned_data, actor=request.viewer, now=clock.now()
        )
    except Refused as refused:
        show(refused, form)
        return False
    messages.success(
        request,
        _(
            "Расписание утверждено: на его дни можно записывать. Осталось опубликовать приказ и "
            "сообщить в Минпросвещения."
        ),
    )
    return True


def _noted(request: HttpRequest, one: Any, form: Noted, do: str) -> bool:
    act = actions.note_published if do == "published" else actions.note_minpros_informed
    try:
        act(
            schedule_id=one.pk,
            on=form.cleaned_data["on"],
            actor=request.viewer,
            now=clock.now(),
        )
    except Refused as refused:
        flash(request, refused)
        return True
    messages.success(request, _("Отмечено."))
    return True
