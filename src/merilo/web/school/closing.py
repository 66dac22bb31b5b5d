"""Pages: documents sent again, /applications/12/resubmit/; withdrawal, /applications/12/withdraw/"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from merilo.admissions import access, actions, queries, rules
from merilo.foundation import clock
from merilo.law import Refused
from merilo.web.case.case import found, frame
from merilo.web.refusals import show
from merilo.web.routes import page


class Resubmission(forms.Form):
    submitted_on = forms.DateField(
        label=lazy("Когда поступили документы"),
        help_text=lazy("От этого дня снова идут пять рабочих дней проверки."),
    )
    provided = forms.MultipleChoiceField(
        label=lazy("Что прислали"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, documents: list[Any], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["provided"].choices = [
            (one.kind, _(rules.DOCUMENT_NAMES[rules.DocumentKind(one.kind)]))
            for one in documents
            if one.state != rules.DocumentState.ACCEPTED
        ]


class Withdrawal(forms.Form):
    note = forms.CharField(
        label=lazy("Чем подтверждено желание заявителя"),
        help_text=lazy("Например: заявление об отзыве через портал от 12.03.2026."),
        max_length=300,
    )


@page(roles=access.ROLES["admissions.resubmit"])
@require_http_methods(["GET", "POST"])
def resubmit(request: HttpRequest, application_id: int) -> HttpResponse:
    application = found(request, application_id)
    form = Resubmission(
        request.POST or None,
        documents=queries.documents_visible(request.viewer, application),
        initial={"submitted_on": clock.today(request.viewer.timezone)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.resubmit(
                application_id=application.pk,
                submitted_on=form.cleaned_data["submitted_on"],
                provided=[rules.DocumentKind(one) for one in form.cleaned_data["provided"]],
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            show(refused, form)
        else:
            messages.success(request, _("Документы приняты. Проверьте полноту комплекта."))
            return redirect("application-documents", application_id=application.pk)
    return render(
        request,
        "school/resubmit.html",
        frame(request, application) | {"form": form},
        status=422 if form.errors else 200,
    )


@page(roles=access.ROLES["admissions.withdraw"])
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, application_id: int) -> HttpResponse:
    application = found(request, application_id)
    form = Withdrawal(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw(
                application_id=application.pk,
                note=form.cleaned_data["note"],
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            show(refused, form)
        else:
            messages.success(request, _("Заявление отозвано."))
            return redirect("application", application_id=application.pk)
    return render(
        request,
        "school/withdraw.html",
        frame(request, application) | {"form": form},
        status=422 if form.errors else 200,
    )
