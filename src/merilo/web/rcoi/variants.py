"""Page: the register of variants — numbers and listening texts, never the content. /variants/"""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST

from merilo.foundation import clock
from merilo.law import Part, Refused
from merilo.materials import actions, queries
from merilo.materials.access import ROLES
from merilo.registry.access import may
from merilo.web.lists import export, paginate, wants_export
from merilo.web.refusals import flash, show
from merilo.web.routes import page

PART_WORDS = {Part.ORAL: lazy("устная"), Part.WRITTEN: lazy("письменная")}
GRADES = [(n, str(n)) for n in range(1, 12)]


class NewVariant(forms.Form):
    grade = forms.TypedChoiceField(label=lazy("Класс"), coerce=int, choices=GRADES)
    part = forms.ChoiceField(
        label=lazy("Часть"),
        choices=[(str(part), words) for part, words in PART_WORDS.items()],
        widget=forms.RadioSelect,
    )
    number = forms.CharField(
        label=lazy("Номер варианта"), help_text=lazy("Например, ПЧ-03."), max_length=20
    )
    listening_text = forms.CharField(
        label=lazy("Текст для аудирования"),
        help_text=lazy(
            "Номер или название. Нужен письменной части: в аудитории читают один текст."
        ),
        max_length=40,
        required=False,
    )
    received_on = forms.DateField(label=lazy("Получен"))
    valid_to = forms.DateField(label=lazy("Действует до"), required=False)


class VariantFilter(forms.Form):
    grade = forms.TypedChoiceField(
        label=lazy("Класс"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", lazy("любой")), *GRADES],
    )
    part = forms.ChoiceField(
        label=lazy("Часть"),
        required=False,
        choices=[("", lazy("любая")), *((str(p), words) for p, words in PART_WORDS.items())],
    )


@page(roles=ROLES["materials.read_variants"])
@require_http_methods(["GET", "POST"])
def variants(request: HttpRequest) -> HttpResponse:
    today = clock.today(request.viewer.timezone)
    registers = may(request.viewer, ROLES, "materials.register")
    form = NewVariant(request.POST or None, initial={"received_on": today})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions.register_variant(
                **(said | {"part": Part(said["part"])}), actor=request.viewer, now=clock.now()
            )
        except Refused as refused:
            show(refused, form)
        else:
            messages.success(request, _("Вариант внесён в реестр."))
            return redirect("variants")
    chosen = VariantFilter(request.GET or None)
    found = queries.variants_visible_to(request.viewer)
    if chosen.is_valid():
        if chosen.cleaned_data["grade"]:
            found = found.filter(grade=chosen.cleaned_data["grade"])
        if chosen.cleaned_data["part"]:
            found = found.filter(part=chosen.cleaned_data["part"])
    if wants_export(request):
        return export(
            request,
            "variants",
            title=_("Реестр вариантов"),
            columns=[
                (_("Класс"), lambda one: one.grade),
                (_("Часть"), lambda one: str(PART_WORDS[Part(one.part)])),
                (_("Номер"), lambda one: one.number),
                (_("Текст для аудирования"), lambda one: one.listening_text),
                (_("Получен"), lambda one: one.received_on),
                (_("Действует до"), lambda one: one.valid_to),
            ],
            rows=found,
        )
    shown = paginate(request, found)
    for one in shown.object_list:
        one.part_words = PART_WORDS[Part(one.part)]
        one.live = one.received_on <= today and (one.valid_to is None or one.valid_to >= today)
    return render(
        request,
        "rcoi/variants.html",
        {"page": shown, "filter": chosen, "form": form, "registers": registers},
    )


@page(roles=ROLES["materials.register"])
@require_POST
def end(request: HttpRequest, variant_id: int) -> HttpResponse:
    """Out of use from tomorrow."""
    try:
        actions.end_variant(
            variant_id=variant_id,
            valid_to=clock.today(request.viewer.timezone),
            actor=request.viewer,
            now=clock.now(),
        )
    except Refused as refused:
        flash(request, refused)
    else:
        messages.success(request, _("Вариант больше не выдаётся."))
    return redirect("variants")
