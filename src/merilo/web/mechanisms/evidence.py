"""Page: what stands behind the links of the materials. /mechanisms/materials/…/evidence/"""

from __future__ import annotations

from collections import Counter

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from merilo.foundation import clock
from merilo.law import Refused
from merilo.mechanisms import actions
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.queries import evidence as queries
from merilo.mechanisms.rules.closed import ACCESS_WORDS
from merilo.mechanisms.rules.evidence import (
    CONDITION_WORDS,
    OUTCOME_WORDS,
    Condition,
    Outcome,
)
from merilo.mechanisms.rules.then_and_now import Difference
from merilo.registry.access import may
from merilo.web import refusals
from merilo.web.routes import page

KINDS = {
    Condition.NOT_VISITED: "wait",
    Condition.OK: "ok",
    Condition.WARN: "soon",
    Condition.EXCLUDED: "late",
    Condition.BY_EXPERT: "wait",
    Condition.UNREACHABLE: "late",
}


@page(roles=ROLES["mechanisms.read_evidence"])
@require_GET
def evidence(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Every link with the state of its document, in the order of the form."""
    viewer = request.viewer
    submission = queries.readable_by(viewer).get(pk=submission_id)
    found = queries.evidence_of(submission, on=clock.today(viewer.timezone))
    counts = Counter(one.condition for one in found)
    chosen = request.GET.get("state", "")
    return render(
        request,
        "mechanisms/evidence.html",
        {
            "submission": submission,
            "rows": [row_of(one) for one in found if chosen in ("", one.condition)],
            "chosen": chosen,
            "total": len(found),
            "counters": [
                (kind, _(CONDITION_WORDS[kind]), KINDS[kind], counts[kind])
                for kind in Condition
                if counts[kind]
            ],
            "may_visit": may(viewer, ROLES, "mechanisms.visit"),
        },
    )


def row_of(one: queries.Evidence) -> dict[str, object]:
    """A link as the list and the page of its document show it."""
    changed = one.difference not in (None, Difference.SAME, Difference.UNKNOWN)
    return {
        "it": one,
        "condition": _(one.condition_name),
        "kind": KINDS[one.condition],
        "difference": _(one.difference_name) if changed else "",
        "outcome": _(OUTCOME_WORDS[one.last.outcome]) if one.last else "",
        "document": one.document(),
        "files": one.attachments,
        "named": one.named,
        "access": _(ACCESS_WORDS[one.last.access]) if one.last and one.last.access else "",
        "behind_form": one.last is not None and one.last.outcome == Outcome.LOGIN,
    }


@page(roles=ROLES["mechanisms.visit"])
@require_POST
def visit_now(request: HttpRequest, submission_id: int) -> HttpResponse:
    try:
        actions.ask_to_visit(submission_id=submission_id, actor=request.viewer, now=clock.now())
    except Refused as refused:
        refusals.flash(request, refused)
    else:
        messages.success(
            request,
            _("Проверка ссылок поставлена в очередь. Обновите страницу через несколько минут."),
        )
    return redirect("mechanisms-evidence", submission_id)
