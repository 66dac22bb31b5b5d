"""Page: which columns the collecting form has, in what order and words. /column-map/"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from merilo.foundation import clock
from merilo.law import Refused
from merilo.results import actions, queries
from merilo.results.access import ROLES
from merilo.web import refusals
from merilo.web.results.collecting import COLUMNS
from merilo.web.routes import page

NAME = "Форма сбора сведений"
HEADING_LIMIT = 120


@page(roles=ROLES["results.column_map"])
@require_http_methods(["GET", "POST"])
def column_map(request: HttpRequest) -> HttpResponse:
    kept = queries.column_map()
    if request.method == "POST":
        try:
            actions.set_column_map(
                name=NAME, columns=chosen(request.POST), actor=request.viewer, now=clock.now()
            )
        except Refused as refused:
            refusals.flash(request, refused)
        else:
            messages.success(request, _("Состав формы сохранён."))
            return redirect("column-map")
        rows = rows_of({"columns": chosen(request.POST)})
    else:
        rows = rows_of({"columns": kept.columns} if kept else None)
    return render(request, "rcoi/column_map.html", {"rows": rows, "kept": kept})


def chosen(said: Mapping[str, Any]) -> list[dict[str, str]]:
    """The ticked columns by their numbers; equal or missing numbers keep the order of the page."""
    picked = []
    for place, column in enumerate(COLUMNS):
        if said.get(f"use_{column.key}"):
            number = str(said.get(f"order_{column.key}", "")).strip()
            order = int(number) if number.isdecimal() and len(number) < 5 else 9999
            heading = " ".join(str(said.get(f"heading_{column.key}", "")).split())
            entry = {"key": column.key, "heading": heading[:HEADING_LIMIT] or column.heading}
            picked.append((order, place, entry))
    return [entry for _order, _place, entry in sorted(picked, key=lambda one: one[:2])]


def rows_of(kept: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Every column there is: the chosen ones first, in their order."""
    used = {
        entry["key"]: (n, entry["heading"])
        for n, entry in enumerate(
            kept["columns"] if kept else [{"key": c.key, "heading": c.heading} for c in COLUMNS], 1
        )
    }
    rows = [
        {
            "key": column.key,
            "proposed": column.heading,
            "used": column.key in used,
            "order": used[column.key][0] if column.key in used else "",
            "heading": used[column.key][1] if column.key in used else column.heading,
        }
        for column in COLUMNS
    ]
    return sorted(rows, key=lambda row: row["order"] or 9999)
