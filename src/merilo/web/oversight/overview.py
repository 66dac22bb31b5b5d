"""Page: «Обзор» — how the cases of a municipality or the region stand, what is overdue. /overview/"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from merilo.admissions import access as admissions
from merilo.admissions.rules import ApplicationState
from merilo.foundation import clock
from merilo.registry.access import Role, may
from merilo.results import queries
from merilo.web.lists import export, wants_export
from merilo.web.routes import page

READERS = frozenset({Role.MOUO, Role.RCOI, Role.MINISTRY, Role.AUDITOR})
ON_TOP = ("checking", "referred", "awaiting", "passed", "failed")


def where(key: str, states: frozenset[ApplicationState]) -> str:
    """The address of the applications on one step."""
    (state,) = states if len(states) == 1 else (f"step-{key}",)
    return f"{reverse('applications')}?state={state}"


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
    # Who may open cases sees the list behind each number; РЦОИ sees numbers only.
    opens = may(request.viewer, admissions.ROLES, "admissions.read")
    behind = {key: where(key, states) for key, _title, states in columns} if opens else {}
    for row in rows:
        row["cells"] = [
            (many, f"{behind[key]}&territory={row['id']}" if opens and many else "")
            for key, many in row["counts"].items()
        ]
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
