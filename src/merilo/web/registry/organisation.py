"""Page: one organisation — what it does, its places and rooms, whom it serves. /organisations/7/"""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from merilo.foundation import clock
from merilo.law import Refused
from merilo.registry import access, actions, queries, rules
from merilo.registry.access import may
from merilo.registry.rules import Function, RoomFacts
from merilo.web.refusals import show
from merilo.web.routes import page

from .words import (
    found,
    function_choices,
    open_days_at,
    open_work_since,
    organisation_choices,
)


class GiveFunction(forms.Form):
    function = forms.ChoiceField(label=lazy("Функция"))
    valid_from = forms.DateField(label=lazy("С какого дня"))
    basis = forms.CharField(
        label=lazy("Основание"), max_length=200, help_text=lazy("Номер и дата приказа.")
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["function"].choices = function_choices()


class Area(forms.Form):
    testing_org = forms.ChoiceField(label=lazy("Тестирующая организация"))
    valid_from = forms.DateField(label=lazy("С какого дня"))
    basis = forms.CharField(label=lazy("Основание"), max_length=200, required=False)

    def __init__(self, *args: Any, organisations: list[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["testing_org"].choices = organisations


class Place(forms.Form):
    name = forms.CharField(label=lazy("Название пункта"), max_length=200)
    address = forms.CharField(label=lazy("Адрес"), max_length=300)
    accessible = forms.BooleanField(label=lazy("Доступен для детей с ОВЗ"), required=False)
    valid_from = forms.DateField(label=lazy("С какого дня"))


class Room(forms.Form):
    place = forms.ChoiceField(label=lazy("Пункт"))
    number = forms.CharField(label=lazy("Аудитория"), max_length=20)
    workplaces = forms.IntegerField(label=lazy("Рабочих мест"), min_value=1, max_value=500)
    for_oral = forms.BooleanField(label=lazy("Для устной части"), required=False, initial=True)
    for_written = forms.BooleanField(
        label=lazy("Для письменной части"), required=False, initial=True
    )
    audio = forms.BooleanField(label=lazy("Есть аудиозапись"), required=False)
    video = forms.BooleanField(label=lazy("Есть видеозапись"), required=False)
    isolated = forms.BooleanField(label=lazy("Изолирована"), required=False, initial=True)
    accessible = forms.BooleanField(label=lazy("Есть место для ОВЗ"), required=False)
    valid_from = forms.DateField(label=lazy("С какого дня"))

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = places

    def facts(self) -> RoomFacts:
        names = ("number", "workplaces", "for_oral", "for_written", "audio", "video")
        return RoomFacts(
            **{name: self.cleaned_data[name] for name in (*names, "isolated", "accessible")}
        )


class Ending(forms.Form):
    what = forms.ChoiceField(label=lazy("Что закончить"))
    until = forms.DateField(
        label=lazy("Последний день"), help_text=lazy("Например, 31.08.2026. Этот день ещё входит.")
    )

    def __init__(self, *args: Any, things: list[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = [("", _("выберите")), *things]


@page(roles=access.ROLES["registry.read"])
@require_http_methods(["GET", "POST"])
def organisation(request: HttpRequest, organisation_id: int) -> HttpResponse:
    viewer, today = request.viewer, clock.today(request.viewer.timezone)
    record = found(lambda: queries.record_of(viewer, organisation_id))
    editor = may(viewer, access.ROLES, "registry.edit")
    task = request.POST.get("task", "") if editor else ""
    tasks = _forms(record, viewer, today, task, request.POST) if editor else {}
    if task in tasks and tasks[task].is_valid():
        try:
            done = found(lambda: _do(request, task, tasks[task], record, today))
        except Refused as refused:
            show(refused, tasks[task])
        else:
            messages.success(request, done)
            return redirect("organisation", organisation_id=record.it.pk)
    return render(
        request,
        "registry/organisation.html",
        {
            "it": record.it,
            "record": record,
            "functions": [
                {
                    "it": one,
                    "title": _(rules.FUNCTION_NAMES[Function(one.function)]),
                    "open": one.period().holds(today),
                }
                for one in record.functions
            ],
            "ownership": _(rules.OWNERSHIP_NAMES[rules.Ownership(record.it.ownership)]),
            "kind": _(rules.TERRITORY_NAMES[rules.TerritoryKind(record.it.territory.kind)]),
            "tasks": tasks,
            **{f"broken_{name}": name == task for name in tasks},
            "may_edit": editor,
            "is_school": any(one.function == Function.SCHOOL for one in record.functions),
            "tests": any(one.function == Function.TESTING_ORG for one in record.functions),
        },
        status=422 if request.method == "POST" else 200,
    )


def _forms(
    record: queries.OrganisationRecord, viewer: Any, today: date, task: str, sent: Any
) -> dict[str, forms.Form]:
    """The forms that fit this organisation; the one that was sent is filled."""

    def make(name: str, form: type[forms.Form], **more: Any) -> forms.Form:
        initial = {"valid_from": today, "until": today}
        return form(sent if task == name else None, prefix=name, initial=initial, **more)

    holds = {one.function for one in record.functions if one.period().holds(today)}
    made = {"give": make("give", GiveFunction)}
    if Function.SCHOOL in holds:
        testing = organisation_choices(viewer, on=today, function=Function.TESTING_ORG)
        made["area"] = make("area", Area, organisations=testing)
    if Function.TESTING_ORG in holds:
        made["place"] = make("place", Place)
        places = [(str(one.pk), one.name) for one in record.places if one.valid_to is None]
        if places:
            made["room"] = make("room", Room, places=places)
    made["end"] = make("end", Ending, things=_open_things(record))
    return made


def _open_things(record: queries.OrganisationRecord) -> list[tuple[str, str]]:
    """All that has no last day yet, in words."""
    things = [
        (f"function:{one.pk}", _("функция: ") + _(rules.FUNCTION_NAMES[Function(one.function)]))
        for one in record.functions
        if one.valid_to is None
    ]
    for area in record.served_by:
        if area.valid_to is None:
            things.append((f"area:{area.pk}", _("закрепление: ") + area.testing_org.short_name))
    for place in record.places:
        if place.valid_to is None:
            things.append((f"place:{place.pk}", _("пункт: ") + place.name))
        for room in place.rooms.all():
            if room.valid_to is None:
                things.append((f"room:{room.pk}", _("аудитория: ") + f"{room} ({place.name})"))
    if record.it.valid_to is None:
        things.append(("organisation:0", _("вся организация")))
    return things


def _do(
    request: HttpRequest,
    task: str,
    form: Any,
    record: queries.OrganisationRecord,
    today: date,
) -> str:
    """Call the action of a task; the sentence that tells it is done."""
    said, organisation_id = form.cleaned_data, record.it.pk
    by: dict[str, Any] = {"actor": request.viewer, "now": clock.now()}
    if task == "give":
        actions.give_function(
            organisation_id=organisation_id,
            **said | {"function": Function(said["function"])},
            **by,
        )
        return _("Функция назначена.")
    if task == "area":
        actions.assign_testing_area(
            school_id=organisation_id,
            testing_org_id=int(said["testing_org"]),
            valid_from=said["valid_from"],
            basis=said["basis"],
            **by,
        )
        return _("Школа закреплена.")
    if task == "place":
        actions.add_place(organisation_id=organisation_id, **said, **by)
        return _("Пункт внесён.")
    if task == "room":
        actions.add_room(
            place_id=int(said["place"]), room=form.facts(), valid_from=said["valid_from"], **by
        )
        return _("Аудитория внесена.")
    return _end(said["what"], said["until"], organisation_id, today, by)


def _end(what: str, until: date, organisation_id: int, today: date, by: dict[str, Any]) -> str:
    """End one of the open things; `what` was chosen from `_open_things`."""
    kind, _colon, number = what.partition(":")
    pk = int(number)
    if kind == "function":
        actions.end_function(function_id=pk, until=until, open_work=open_work_since(today), **by)
        return _("Функция прекращена вместе с её ролями.")
    if kind == "area":
        actions.end_testing_area(area_id=pk, until=until, **by)
        return _("Закрепление прекращено.")
    if kind == "place":
        actions.close_place(
            place_id=pk, until=until, open_work=open_days_at(organisation_id, today), **by
        )
        return _("Пункт закрыт вместе с аудиториями.")
    if kind == "room":
        actions.close_room(room_id=pk, until=until, **by)
        return _("Аудитория закрыта.")
    actions.close_organisation(
        organisation_id=organisation_id, until=until, open_work=open_work_since(today), **by
    )
    return _("Организация закрыта: функции, должности и ключи доступа кончаются в тот же день.")
