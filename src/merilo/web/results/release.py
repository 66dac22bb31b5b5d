"""Page: the second pair of eyes — whose result is it, then send. /results/days/5/release/"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from merilo.foundation import clock
from merilo.foundation.journal.recording import record_view
from merilo.law import Refusal, Refused
from merilo.registry.access import Role
from merilo.results import actions, queries
from merilo.web.routes import page

from .days import day_or_404
from .scope import outcome_of, result_or_404


@page(roles={Role.TESTING_ORG})
@require_http_methods(["GET", "POST"])
def release(request: HttpRequest, day_id: int) -> HttpResponse:
    day = day_or_404(request, day_id)
    refused: dict[int, tuple[Refusal, ...]] = {}
    if request.method == "POST":
        sent = 0
        for result_id in request.POST.getlist("ids")[:500]:
            if not result_id.isdecimal():
                continue
            result = result_or_404(request, int(result_id))
            try:
                actions.release(
                    result_id=result.pk,
                    identity_confirmed=True,
                    actor=request.viewer,
                    now=clock.now(),
                )
            except Refused as reasons:
                refused[result.pk] = reasons.refusals
            else:
                sent += 1
        if sent:
            messages.success(
                request,
                ngettext(
                    "Передан %(n)s результат: выписка — школе, сведения — МОУО.",
                    "Передано результатов: %(n)s. Выписки — школам, сведения — МОУО.",
                    sent,
                )
                % {"n": sent},
            )
        elif not refused:
            messages.error(
                request,
                _("Ничего не отмечено. Сверьте каждого участника с работой и отметьте сверку."),
            )
        if sent and not refused:
            return redirect("results-day", day_id)
    return render(request, "results/release.html", context_of(request, day, refused))


def context_of(
    request: HttpRequest, day: Any, refused: dict[int, tuple[Refusal, ...]]
) -> dict[str, Any]:
    """Names are shown here because the task is to compare them; each showing is noted."""
    results = list(queries.to_release(request.viewer, day.pk))
    same = queries.namesakes(results)
    for result in results:
        record_view(
            actor=request.viewer,
            about=result,
            at=clock.now(),
            case_id=result.application_id,
            where="release",
        )
    own = request.viewer.account_id
    rows = [
        {
            "it": result,
            "person": result.attempt.person,
            "points": queries.points_of(result),
            "outcome": outcome_of(result),
            "same": same[result.pk],
            "mine": result.consolidated_by_id == own,
            "reasons": refused.get(result.pk, ()),
        }
        for result in results
    ]
    return {
        "day": day,
        "session": day.session,
        "rows": rows,
        "drawn_by_me": any(row["mine"] for row in rows),
        "all_mine": bool(rows) and all(row["mine"] for row in rows),
    }
