"""Pages: the schedules of the region, and how many places there are. /schedules/"""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from merilo.booking import actions, queries, rules
from merilo.booking.access import ROLES
from merilo.foundation import clock
from merilo.web.lists import export, paginate, wants_export
from merilo.web.routes import page

SCHEDULE_KINDS = {rules.ScheduleState.DRAFT: "wait", rules.ScheduleState.APPROVED: "ok"}


class NewSchedule(forms.Form):
    title = forms.CharField(
        label=lazy("Название"),
        help_text=lazy("Например, «Расписание тестирования, весна 2026 года»."),
        max_length=200,
    )
    year = forms.IntegerField(label=lazy("Год"), min_value=2025, max_value=2100)


@page(roles=ROLES["booking.schedule"])
@require_http_methods(["GET", "POST"])
def schedules(request: HttpRequest) -> HttpResponse:
    today = clock.today(request.viewer.timezone)
    form = NewSchedule(request.POST or None, initial={"year": today.year})
    if request.method == "POST" and form.is_valid():
        made = actions.create_schedule(**form.cleaned_data, actor=request.viewer, now=clock.now())
        messages.success(request, _("Расписание создано. Добавьте в него дни."))
        return redirect("schedules-one", schedule_id=made.pk)
    shown = paginate(request, queries.with_counts(queries.schedules_visible_to(request.viewer)))
    for one in shown.object_list:
        state = rules.ScheduleState(one.state)
        one.words, one.kind = _(rules.SCHEDULE_NAMES[state]), SCHEDULE_KINDS[state]
    return render(request, "ministry/schedules.html", {"form": form, "page": shown})


@page(roles=ROLES["booking.schedule"])
@require_GET
def capacity(request: HttpRequest) -> HttpResponse:
    """Places by month and municipality: where people have nowhere to go."""
    rows = queries.capacity_by_month(request.viewer)
    if wants_export(request):
        return export(
            request,
            "capacity",
            title=_("Места по месяцам и муниципалитетам"),
            columns=[
                (_("Муниципалитет"), lambda one: one["territory"]),
                (_("Месяц"), lambda one: one["month"]),
                (_("Дней"), lambda one: one["days"]),
                (_("Мест"), lambda one: one["places"]),
                (_("Занято"), lambda one: one["taken"]),
                (_("Свободно"), lambda one: one["free"]),
            ],
            rows=rows,
        )
    months = sorted({row["month"] for row in rows})
    return render(
        request,
        "ministry/capacity.html",
        {"months": months, "territories": _matrix(rows, months)},
    )


def _matrix(rows: list[dict[str, Any]], months: list[date]) -> list[dict[str, Any]]:
    """A line for each municipality, a cell for each month; the colour says how full it is."""
    cells = {(row["territory"], row["month"]): row for row in rows}
    names = sorted({row["territory"] for row in rows})
    return [
        {
            "name": name,
            "cells": [_cell(cells.get((name, month))) for month in months],
        }
        for name in names
    ]


def _cell(row: dict[str, Any] | None) -> dict[str, Any]:
    if row is None:
        return {"kind": "wait", "row": None}
    share = row["taken"] / row["places"] if row["places"] else 1
    return {"kind": "late" if share >= 1 else "soon" if share >= 0.8 else "ok", "row": row}
