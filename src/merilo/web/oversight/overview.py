"""Page: «Обзор» — how the cases of a municipality or the region stand, what is overdue. /overview/"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from merilo.foundation import clock
from merilo.registry.access import Role
from merilo.results import queries
from merilo.web.lists import export, wants_export
from merilo.web.routes import page

READERS = frozenset({Role.MOUO, Role.RCOI, Role.MINISTRY, Role.AUDITOR})

ON_TOP = ("checking", "referred", "awaiting", "passed", "failed")


@page(roles=READERS)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    today = clock.today(request.viewer.timezone)
    rows = queries.funnel_by_municipality(request.viewer, today=today)
    columns = queries.FUNNEL
    if wants_export(request):
        return export(
            request,
            "overview",
            title=_("Обзор"),
            columns=[
                (_("Муниципалитет"), lambda row: row["name"]),
                *[
                    (_(title), lambda row, key=key: row["counts"][key])
                    for key, title, _states in columns
                ],
                (_("Просрочено дел"), lambda row: row["late"]),
                (_("Без движения более полугода"), lambda row: row["aged"]),
            ],
            rows=rows,
        )
    for row in rows:
        row["cells"] = [row["counts"][key] for key, _title, _states in columns]
    shown = [
        (title, sum(row["counts"][key] for row in rows))
        for key, title, _states in columns
        if key in ON_TOP
    ]
    return render(
        request,
        "oversight/overview.html",
        {
            "rows": rows,
            "columns": columns,
            "shown": shown,
            "late": sum(row["late"] for row in rows),
            "aged": sum(row["aged"] for row in rows),
        },
    )
