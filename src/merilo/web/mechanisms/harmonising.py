"""Page: two experts come to one mark, position by position. /mechanisms/expertise/7/harmonising/"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from merilo.foundation import clock
from merilo.law import Refused
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.actions import harmonising as actions
from merilo.mechanisms.queries import expertise as queries
from merilo.mechanisms.rules.expertise import (
    DEDUCTION_WORDS,
    AppointmentState,
    DeductionCode,
    MarkFacts,
    sees_marks_of_others,
    typed_points,
)
from merilo.mechanisms.rules.harmonisation import BASIS_WORDS, STANDING_WORDS, Basis, Standing
from merilo.registry import queries as registry
from merilo.web.routes import page

SCORE = ROLES["mechanisms.score"]


@page(roles=SCORE)
@require_GET
def harmonising(request: HttpRequest, appointment_id: int) -> HttpResponse:
    return _shown(request, appointment_id)


@dataclass(frozen=True)
class Typed:
    """What was sent for a position and refused: it is shown again, not typed again."""

    criterion_id: int
    refused: Refused
    points: str | None = None
    comment: str | None = None
    deductions: list[str] | None = None
    why: str = ""


def _shown(request: HttpRequest, appointment_id: int, typed: Typed | None = None) -> HttpResponse:
    mine = queries.appointments_visible_to(request.viewer).get(pk=appointment_id)
    if mine.third:
        raise Http404
    policy = queries.policy_of(registry.active_profile(), on=clock.today(request.viewer.timezone))
    table = queries.table_of(mine.submission, policy, direction_id=mine.direction_id)
    first = [one for one in table.experts_of(mine.direction_id) if not one.third]
    rows = [row_of(one, mine, first) for one in table.rows]
    for row in rows:
        again = typed if typed and typed.criterion_id == row["row"].place.position.pk else None
        row["typed"], row["chosen"] = again, row["mine"].grounds if row["mine"] else []
        if again and again.deductions is not None:
            row["chosen"] = again.deductions
    differing = [row for row in rows if row["standing"] == Standing.DIFFERS]
    return render(
        request,
        "mechanisms/harmonising.html",
        {
            "appointment": mine,
            "seen": sees_marks_of_others([AppointmentState(one.state) for one in first]),
            "differing": differing,
            "rest": [row for row in rows if row["standing"] != Standing.DIFFERS],
            "typed": typed,
        },
        status=422 if typed else 200,
    )


def row_of(row: queries.TableRow, mine: Any, first: list[Any]) -> dict[str, Any]:
    """A position with my mark and the other's; nobody's name."""
    blind = {one.appointment_id: one for one in row.blind}
    basis = row.settled.basis if row.settled else ""
    others = [row.newest_of(one.pk) for one in first if one.pk != mine.pk]
    return {
        "row": row,
        "standing": row.compared.standing,
        "state": STANDING_WORDS[row.compared.standing],
        "basis": BASIS_WORDS[Basis(basis)] if basis else "",
        "blind": blind.get(mine.pk),
        "mine": row.newest_of(mine.pk),
        "others": [one for one in others if one],
        "history": [
            (
                _("Вы") if one.appointment_id == mine.pk else _("Второй эксперт"),
                one,
                one in row.harmonised,
            )
            for one in row.proposals
        ],
        "grounds": [
            (str(code), DEDUCTION_WORDS[code])
            for code in DeductionCode
            if code != DeductionCode.D6 or row.facts.abilities_track
        ],
    }


@page(roles=SCORE)
@require_POST
def propose(request: HttpRequest, appointment_id: int, criterion_id: int) -> HttpResponse:
    points, comment = request.POST.get("points", "")[:8], request.POST.get("comment", "")[:4000]
    deductions = request.POST.getlist("deductions")
    try:
        actions.propose_mark(
            appointment_id=appointment_id,
            criterion_id=criterion_id,
            mark=MarkFacts(typed_points(points), comment, deductions),
            actor=request.viewer,
            now=clock.now(),
        )
    except Refused as refused:
        typed = Typed(criterion_id, refused, points, comment, deductions)
        return _shown(request, appointment_id, typed)
    messages.success(request, _("Предложение записано."))
    return redirect("mechanisms-harmonising", appointment_id)


@page(roles=SCORE)
@require_POST
def give_up(request: HttpRequest, appointment_id: int, criterion_id: int) -> HttpResponse:
    why = request.POST.get("why", "")[:2000]
    try:
        actions.give_up(
            appointment_id=appointment_id,
            criterion_id=criterion_id,
            why=why,
            actor=request.viewer,
            now=clock.now(),
        )
    except Refused as refused:
        return _shown(request, appointment_id, Typed(criterion_id, refused, why=why))
    messages.success(request, _("Позиция передана третьему эксперту."))
    return redirect("mechanisms-harmonising", appointment_id)
