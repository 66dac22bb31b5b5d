"""Page of a МОУО: why the child did not come, and what follows. /applications/12/no-show/"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from merilo.admissions import access, actions, queries, rules
from merilo.admissions.rules import AfterNoShow, NoShowReason
from merilo.foundation import clock
from merilo.law import Refused
from merilo.web.case.case import found, frame
from merilo.web.refusals import show
from merilo.web.routes import page
from merilo.web.school.new import named

from .scope import profile


class Confirm(forms.Form):
    reason = forms.ChoiceField(label=lazy("Причина неявки"), widget=forms.RadioSelect)
    comment = forms.CharField(
        label=lazy("Чем подтверждена"),
        help_text=lazy(
            "Например: «справка из больницы», «звонок родителя». Без диагноза и без имён. Это увидят "
            "только МОУО и школа."
        ),
        max_length=300,
    )
    confirmed_on = forms.DateField(
        label=lazy("Когда установлена"),
        help_text=lazy("День, когда вы узнали причину: не раньше дня неявки."),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = named(rules.NO_SHOW_REASON_NAMES)


@page(roles=access.ROLES["admissions.confirm_no_show"])
@require_http_methods(["GET", "POST"])
def no_show_reason(request: HttpRequest, application_id: int) -> HttpResponse:
    application = found(request, application_id)
    absence = queries.last_absence(application.pk)
    if absence is None:
        raise Http404
    form = Confirm(
        request.POST if request.method == "POST" else None,
        initial={"confirmed_on": clock.today(request.viewer.timezone)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.confirm_no_show(
                application_id=application.pk,
                reason=NoShowReason(form.cleaned_data["reason"]),
                comment=form.cleaned_data["comment"],
                confirmed_on=form.cleaned_data["confirmed_on"],
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            show(refused, form)
        else:
            messages.success(request, _("Причина неявки подтверждена. Школе и пункту сообщено."))
            return redirect("application-no-show", application_id=application.pk)
    missed = queries.no_show_facts_of(absence)
    follows, value = rules.after_no_show(missed, profile())
    unjustified = profile().value("booking.no_show_unjustified", on=missed.missed_on)
    return render(
        request,
        "testday/no_show_reason.html",
        frame(request, application)
        | {
            "absence": absence,
            "times": missed.times,
            "form": form,
            "waits": follows == AfterNoShow.WAIT,
            "reason": _(rules.NO_SHOW_REASON_NAMES[missed.reason]) if missed.reason else "",
            "follows": FOLLOWS[follows],
            "law_value": value,
            "unjustified": unjustified,
            "unjustified_ends": unjustified.value != "rebook",
        },
        status=422 if form.errors else 200,
    )


FOLLOWS: dict[AfterNoShow, Any] = {
    AfterNoShow.WAIT: lazy("Записать ребёнка снова можно после подтверждения причины."),
    AfterNoShow.REBOOK: lazy("Родитель может записать ребёнка на другой день."),
    AfterNoShow.ENDS_BY_POLICY: lazy("После неявки нужно новое заявление: школа закончит дело."),
    AfterNoShow.ENDS_MISSED_AGAIN: lazy(
        "Это вторая неявка, записать снова нельзя: школа закончит дело."
    ),
    AfterNoShow.ENDS_UNJUSTIFIED: lazy(
        "Причина неуважительная, записать снова нельзя: школа закончит дело."
    ),
}
