"""Pages: days whose results are to be drawn; «Свести результаты» of one day. /results/days/5/"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from merilo.foundation import clock
from merilo.grading import queries as grading
from merilo.grading.rules import PART_WORDS, ProtocolState
from merilo.grading.rules import WORDS as PROTOCOL_WORDS
from merilo.law import Form, Refusal, Refused
from merilo.results import actions, queries, rules
from merilo.results.rules import ResultState
from merilo.testday.queries import parts_to_mark
from merilo.testday.rules import ATTEMPT_WORDS, DAY_WORDS, AttemptState, SessionDayState, parts_of
from merilo.web import refusals
from merilo.web.lists import paginate
from merilo.web.routes import page

from .scope import DRAW, STATE_KINDS, outcome_of

SIGNED = (ProtocolState.SIGNED, ProtocolState.LOCKED)


@page(roles=DRAW)
@require_GET
def days(request: HttpRequest) -> HttpResponse:
    shown = paginate(request, queries.days_to_consolidate(request.viewer))
    for day in shown.object_list:
        day.words = _(DAY_WORDS[SessionDayState(day.state)])
        day.left = day.people - day.drawn
    return render(request, "results/days.html", {"page": shown})


def day_or_404(request: HttpRequest, day_id: int) -> Any:
    try:
        return queries.day_of_results(request.viewer, day_id)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing


@page(roles=DRAW)
@require_http_methods(["GET", "POST"])
def day(request: HttpRequest, day_id: int) -> HttpResponse:
    """The table of attempts; POST draws every result that is ready and says why the rest is not."""
    found = day_or_404(request, day_id)
    waiting: dict[str, tuple[Refusal, ...]] = {}
    if request.method == "POST":
        done, waiting = actions.consolidate_day(
            day_id=day_id, actor=request.viewer, now=clock.now()
        )
        if done:
            messages.success(
                request,
                ngettext("Сведён %(n)s результат.", "Сведено результатов: %(n)s.", len(done))
                % {"n": len(done)},
            )
        if not waiting:
            return redirect("results-day", day_id)
    return render(request, "results/day.html", context_of(request, found, waiting))


def context_of(
    request: HttpRequest, day: Any, waiting: dict[str, tuple[Refusal, ...]]
) -> dict[str, Any]:
    attempts = list(queries.attempts_to_consolidate(request.viewer, day.pk))
    live = grading.live_protocols([one.pk for one in attempts])
    rows = [row_of(one, live.get(one.pk, {}), waiting.get(one.code, ())) for one in attempts]
    return {
        "day": day,
        "session": day.session,
        "rows": rows,
        "total": len(rows),
        "drawn": sum(row["drawn"] for row in rows),
        "unsent": sum(row["unsent"] for row in rows),
        "ready": sum(row["ready"] for row in rows),
        "waiting": bool(waiting),
    }


def row_of(attempt: Any, protocols: Any, reasons: tuple[Refusal, ...]) -> dict[str, Any]:
    """A line: what each part came to, what is missing, whether the result is drawn."""
    result = getattr(attempt, "result", None)
    drawn = result is not None and result.state != ResultState.CALCULATED
    annulled = attempt.state == AttemptState.ANNULLED
    to_mark = parts_to_mark(attempt)
    interrupted = not annulled and not to_mark
    parts = []
    for part in to_mark or parts_of(Form(attempt.form)):
        protocol = protocols.get(part)
        signed = bool(protocol and protocol.state in SIGNED)
        parts.append(
            {
                "part": _(PART_WORDS[part]),
                "total": protocol.typed_total if signed and not annulled else None,
                "state": _(PROTOCOL_WORDS[ProtocolState(protocol.state)])
                if protocol
                else _("протокола нет"),
                "signed": signed,
                "pk": protocol.pk if signed else None,
            }
        )
    return {
        "it": attempt,
        "result": result,
        "parts": parts,
        "drawn": drawn,
        "unsent": bool(result and result.state == ResultState.CONSOLIDATED),
        "ready": not drawn and not interrupted and (annulled or all(p["signed"] for p in parts)),
        "stopped": _(ATTEMPT_WORDS[AttemptState(attempt.state)])
        if annulled or attempt.interrupted_then
        else "",
        "points": queries.points_of(result) if drawn else "",
        "outcome": outcome_of(result) if drawn else None,
        "state": _(rules.WORDS[ResultState(result.state)]) if result else "",
        "state_kind": STATE_KINDS.get(result.state, "wait") if result else "wait",
        "reasons": reasons,
    }


@page(roles=DRAW)
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, attempt_id: int) -> HttpResponse:
    """The link of a duty leads to the day; POST draws this one result."""
    try:
        found = queries.day_of_attempt(request.viewer, attempt_id)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    if request.method == "POST":
        try:
            actions.consolidate(attempt_id=attempt_id, actor=request.viewer, now=clock.now())
        except Refused as refused:
            refusals.flash(request, refused)
        else:
            messages.success(request, _("Результат сведён."))
    return redirect("results-day", found.pk)
