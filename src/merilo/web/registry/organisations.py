"""Pages: the register of organisations as of a day, /organisations/; a new one; its correction."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from merilo.foundation import clock
from merilo.law import Refused
from merilo.registry import access, actions, queries, rules
from merilo.registry.access import may
from merilo.registry.rules import Function, Ownership
from merilo.web.lists import EXPORT_LIMIT, export, paginate, wants_export
from merilo.web.refusals import show
from merilo.web.routes import page

from .words import (
    found,
    function_choices,
    functions_in_words,
    organisation_choices,
    territory_choices,
)


class Filter(forms.Form):
    text = forms.CharField(label=lazy("Название, код или ИНН"), required=False, max_length=100)
    territory = forms.ChoiceField(label=lazy("Муниципалитет"), required=False)
    function = forms.ChoiceField(label=lazy("Функция"), required=False)
    on = forms.DateField(label=lazy("На дату"), required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["territory"].choices = [("", _("любой")), *territory_choices()]
        self.fields["function"].choices = [("", _("любая")), *function_choices()]


@page(roles=access.ROLES["registry.read"])
@require_GET
def organisations(request: HttpRequest) -> HttpResponse:
    viewer, today = request.viewer, clock.today(request.viewer.timezone)
    form = Filter(request.GET)
    form.is_valid()
    said = form.cleaned_data
    on = said.get("on") or today
    rows = queries.organisations_list(
        viewer,
        queries.OrganisationFilter(
            on=on,
            territory_id=int(said["territory"]) if said.get("territory") else None,
            function=said.get("function", ""),
            text=said.get("text", ""),
        ),
    )
    if wants_export(request):
        rows = rows[:EXPORT_LIMIT]
        held = queries.functions_on([row.pk for row in rows], on=on)
        return export(
            request,
            "organisations",
            title=_("Организации"),
            columns=[
                (_("Краткое наименование"), lambda row: row.short_name),
                (_("Полное наименование"), lambda row: row.name),
                (_("Муниципалитет"), lambda row: row.territory.name),
                (_("Функции"), lambda row: functions_in_words(held.get(row.pk, ()))),
                (_("Код ГИА и ВПР"), lambda row: row.exam_code),
                (_("ИНН"), lambda row: row.inn),
                (_("Адрес"), lambda row: row.address),
            ],
            rows=rows,
        )
    shown = paginate(request, rows)
    held = queries.functions_on([row.pk for row in shown.object_list], on=on)
    shown.object_list = [
        {"it": row, "functions": functions_in_words(held.get(row.pk, ()))}
        for row in shown.object_list
    ]
    return render(
        request,
        "registry/organisations.html",
        {
            "page": shown,
            "form": form,
            "on": on,
            "past": on != today,
            "filtered": any(said.get(name) for name in said),
            "may_edit": may(viewer, access.ROLES, "registry.edit"),
        },
    )


class OrganisationForm(forms.Form):
    name = forms.CharField(label=lazy("Полное наименование"), max_length=300)
    short_name = forms.CharField(
        label=lazy("Краткое наименование"),
        max_length=120,
        help_text=lazy("Так организация видна в списках и на бумагах: «СОШ № 25»."),
    )
    territory = forms.ChoiceField(label=lazy("Муниципалитет"))
    exam_code = forms.CharField(
        label=lazy("Код ГИА и ВПР"),
        max_length=3,
        required=False,
        help_text=lazy("Три цифры. Без него школа не может регистрировать заявления."),
    )
    inn = forms.CharField(label=lazy("ИНН"), max_length=12, required=False)
    ownership = forms.ChoiceField(label=lazy("Форма собственности"))
    address = forms.CharField(label=lazy("Адрес"), max_length=300, required=False)
    phone = forms.CharField(label=lazy("Телефон"), max_length=60, required=False)
    email = forms.EmailField(label=lazy("Электронная почта"), required=False)
    head = forms.CharField(label=lazy("Руководитель"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["territory"].choices = [("", _("выберите")), *territory_choices()]
        self.fields["ownership"].choices = [
            (str(one), _(words)) for one, words in rules.OWNERSHIP_NAMES.items()
        ]
        self.fields["ownership"].initial = str(Ownership.MUNICIPAL)

    def details(self) -> actions.Details:
        said = self.cleaned_data
        names = ("name", "short_name", "exam_code", "inn", "address", "phone", "email", "head")
        return actions.Details(
            **{name: said[name] for name in names},
            territory_id=int(said["territory"]),
            ownership=Ownership(said["ownership"]),
        )


class NewOrganisation(OrganisationForm):
    parent = forms.ChoiceField(label=lazy("Кому подчинена"))
    functions = forms.MultipleChoiceField(
        label=lazy("Функции"), widget=forms.CheckboxSelectMultiple
    )
    valid_from = forms.DateField(
        label=lazy("Действует с"), help_text=lazy("Например, 01.09.2026.")
    )
    basis = forms.CharField(
        label=lazy("Основание"),
        max_length=200,
        required=False,
        help_text=lazy("Приказ о перечне тестирующих организаций, устав."),
    )

    def __init__(self, *args: Any, parents: list[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["parent"].choices = [("", _("выберите")), *parents]
        self.fields["functions"].choices = function_choices()
        self.order_fields(["parent", "name", "short_name", "territory", "functions"])


@page(roles=access.ROLES["registry.edit"])
@require_http_methods(["GET", "POST"])
def organisation_new(request: HttpRequest) -> HttpResponse:
    viewer, today = request.viewer, clock.today(request.viewer.timezone)
    form = NewOrganisation(
        request.POST or None,
        parents=organisation_choices(viewer, on=today, function=Function.MINISTRY)
        + organisation_choices(viewer, on=today, function=Function.MOUO),
        initial={"valid_from": today},
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = actions.add_organisation(
                parent_id=int(said["parent"]),
                details=form.details(),
                functions=frozenset(Function(one) for one in said["functions"]),
                valid_from=said["valid_from"],
                basis=said["basis"],
                actor=viewer,
                now=clock.now(),
            )
        except Refused as refused:
            show(refused, form)
        else:
            messages.success(request, _("Организация внесена в реестр."))
            return redirect("organisation", organisation_id=made.pk)
    return render(
        request,
        "registry/organisation_new.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


@page(roles=access.ROLES["registry.edit"])
@require_http_methods(["GET", "POST"])
def organisation_edit(request: HttpRequest, organisation_id: int) -> HttpResponse:
    it = found(lambda: queries.organisation_of(request.viewer, organisation_id))
    names = ("name", "short_name", "exam_code", "inn", "ownership", "address", "phone", "email")
    form = OrganisationForm(
        request.POST or None,
        initial={name: getattr(it, name) for name in (*names, "head")}
        | {"territory": str(it.territory_id)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_organisation(
                organisation_id=it.pk,
                details=form.details(),
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            show(refused, form)
        else:
            messages.success(request, _("Запись исправлена."))
            return redirect("organisation", organisation_id=it.pk)
    return render(
        request,
        "registry/organisation_edit.html",
        {"form": form, "it": it},
        status=422 if form.errors else 200,
    )
