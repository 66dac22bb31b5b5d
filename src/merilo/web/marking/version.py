"""Page: a new version of a signed protocol, with the reason. /marking/protocols/7/version/"""

from __future__ import annotations

from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from merilo.foundation import clock
from merilo.grading import actions, queries
from merilo.grading.access import ROLES
from merilo.grading.rules import PART_WORDS, VersionReason
from merilo.law import Part, Refused
from merilo.web import refusals
from merilo.web.routes import page


class VersionForm(forms.Form):
    why = forms.ChoiceField(
        label=gettext_lazy("Причина новой версии"),
        widget=forms.RadioSelect,
        choices=[
            (VersionReason.RELISTENING, gettext_lazy("повторное прослушивание записи")),
            (VersionReason.TECHNICAL_ERROR, gettext_lazy("техническая ошибка")),
        ],
    )
    explanation = forms.CharField(
        label=gettext_lazy("Что исправляется и почему"),
        max_length=500,
        widget=forms.Textarea,
        help_text=gettext_lazy("Без имён и фамилий. Прежняя версия сохраняется."),
    )


@page(roles=ROLES["grading.new_version"])
@require_http_methods(["GET", "POST"])
def version(request: HttpRequest, protocol_id: int) -> HttpResponse:
    try:
        found = queries.protocol_of(request.viewer, protocol_id)
    except ObjectDoesNotExist as wrong:
        raise Http404 from wrong
    if found.expert_id != request.viewer.position_id:
        raise Http404
    form = VersionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            new = actions.new_version(
                protocol_id=protocol_id,
                why=VersionReason(form.cleaned_data["why"]),
                explanation=form.cleaned_data["explanation"],
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            refusals.show(refused, form)
        else:
            return redirect("marking-protocol", new.pk)
    return render(
        request,
        "marking/version.html",
        {"form": form, "protocol": found, "part": PART_WORDS[Part(found.part)]},
    )
