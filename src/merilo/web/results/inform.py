"""Page: the school tells the parent the result. /results/12/inform/"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from merilo.casework import queries as casework
from merilo.foundation import clock
from merilo.law import Refused
from merilo.registry import queries as registry
from merilo.results import actions, queries
from merilo.results.access import ROLES
from merilo.web import refusals
from merilo.web.routes import page

from .scope import result_or_404, today_of


class InformForm(forms.Form):
    how = forms.ChoiceField(label=lazy("Как сообщить"), widget=forms.RadioSelect)
    on_portal = forms.BooleanField(
        label=lazy("Результат размещён в личном кабинете портала (ЕПГУ или РПГУ)"),
        required=False,
    )

    def __init__(self, application: Any, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        ways = []
        if application.notify_email:
            words = _("электронной почтой на %(to)s") % {"to": application.notify_email}
            ways.append(("email", words))
        if application.notify_address:
            ways.append(
                ("post", _("письмом по адресу: %(to)s") % {"to": application.notify_address})
            )
        if application.has_portal_account:
            ways.append(("portal", _("в личном кабинете портала")))
        ways.append(("hand", _("уведомление вручено лично под подпись")))
        self.fields["how"].choices = ways
        self.fields["how"].initial = ways[0][0]


@page(roles=ROLES["results.inform"])
@require_http_methods(["GET", "POST"])
def inform(request: HttpRequest, result_id: int) -> HttpResponse:
    result = result_or_404(request, result_id)
    application, today = result.application, today_of(request)
    form = InformForm(application, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.inform_parent(
                result_id=result_id,
                how=form.cleaned_data["how"],
                on_portal=form.cleaned_data["on_portal"],
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            refusals.show(refused, form)
        else:
            messages.success(request, _("Отмечено: родителю сообщено."))
            return redirect("result", result_id)
    profile = registry.active_profile()
    return render(
        request,
        "results/inform.html",
        {
            "form": form,
            "result": result,
            "letter": queries.letter_of(result)[1],
            "left": casework.working_days_left(result.parent_due, today=today, profile=profile),
            "source": profile.value("results.parent_wd", on=result.held_on),
        },
    )
