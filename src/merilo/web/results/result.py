"""Page: one result — points, thresholds, terms, what was handed to whom. /results/12/"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merilo.foundation import clock
from merilo.grading.rules import PART_WORDS, VERSION_WORDS, ProtocolState, VersionReason
from merilo.grading.rules import WORDS as PROTOCOL_WORDS
from merilo.law import Form, Part, Refused
from merilo.registry import queries as registry
from merilo.registry.access import Role, may
from merilo.results import actions, queries, rules
from merilo.results.access import ROLES
from merilo.results.rules import ResultState
from merilo.testday.rules import parts_of
from merilo.web import refusals
from merilo.web.exchange.dispatches import KINDS
from merilo.web.routes import page

from .papers import fits_order_form
from .scope import (
    HOW,
    READERS,
    STATE_KINDS,
    late_marks,
    outcome_of,
    result_or_404,
    today_of,
)


@page(roles=READERS)
@require_GET
def result(request: HttpRequest, result_id: int) -> HttpResponse:
    found, viewer = result_or_404(request, result_id), request.viewer
    spec, score = queries.spec_of(found), queries.score_of(found)
    handed = queries.dispatches_of([found]).get(found.pk, {})
    loaded = registry.active_profile()
    state = ResultState(found.state)
    org = viewer.role == Role.TESTING_ORG
    return render(
        request,
        "results/result.html",
        {
            "result": found,
            "application": found.application,
            "attempt": found.attempt,
            "session": found.attempt.day.session,
            "outcome": outcome_of(found),
            "points": queries.points_of(found),
            "spec": spec,
            "failing": score.failing,
            "warnings": rules.literal_form_warning(spec, found.grade, test_on=found.held_on),
            "tables": tables_of(found, spec),
            "state": _(rules.WORDS[state]),
            "state_kind": STATE_KINDS.get(state, "wait"),
            "late": late_marks(found, handed, today=today_of(request)),
            "handed": [
                {"it": one, "title": KINDS.get(one.kind, one.kind)}
                for one in sorted(handed.values(), key=lambda d: (d.sent_at, d.pk))
            ],
            "to_me": next(
                (
                    one
                    for one in handed.values()
                    if one.recipient_id == viewer.organisation_id and one.received_at is None
                ),
                None,
            ),
            "informed_how": _(HOW[found.informed_how]) if found.informed_how else "",
            "appeal_until": rules.appeal_closes_on(
                official_on=found.official_on, received_on=None, profile=loaded
            ),
            "may_print": viewer.role in (Role.SCHOOL, Role.TESTING_ORG) and state in queries.SENT,
            "order_form": fits_order_form(found),
            "may_inform": may(viewer, ROLES, "results.inform") and state == ResultState.RELEASED,
            "may_send": org and state == ResultState.CONSOLIDATED,
            "may_draw": org and state == ResultState.CALCULATED,
            "may_forward": may(viewer, ROLES, "results.forward")
            and "result_to_rcoi" not in handed,
            "protocols": protocols_of(found) if org else [],
        },
    )


def tables_of(found: Any, spec: Any) -> list[dict[str, Any]]:
    """The points of each part by criterion; none for an annulled attempt."""
    if found.annulled:
        return []
    sums = {Part.ORAL: found.oral_sum, Part.WRITTEN: found.written_sum}
    most = {Part.ORAL: spec.oral_max, Part.WRITTEN: spec.written_max}
    return [
        {
            "title": _(PART_WORDS[part]),
            "sum": sums[part],
            "most": most[part],
            "least": spec.oral_min if part == Part.ORAL else None,
            "rows": [(one, found.points.get(one.code)) for one in spec.part(part)],
        }
        for part in parts_of(Form(found.form))
    ]


def protocols_of(found: Any) -> list[dict[str, Any]]:
    return [
        {
            "it": one,
            "part": _(PART_WORDS[Part(one.part)]),
            "state": _(PROTOCOL_WORDS[ProtocolState(one.state)]),
            "why": _(VERSION_WORDS[VersionReason(one.version_reason)]),
            "printable": one.state != ProtocolState.DRAFT,
        }
        for one in queries.protocols_of(found)
    ]


@page(roles=ROLES["results.correct"])
@require_POST
def again(request: HttpRequest, result_id: int) -> HttpResponse:
    """Draw a corrected result once more."""
    found = result_or_404(request, result_id)
    try:
        actions.consolidate(attempt_id=found.attempt_id, actor=request.viewer, now=clock.now())
    except Refused as refused:
        refusals.flash(request, refused)
    else:
        messages.success(request, _("Результат сведён заново."))
    return redirect("result", result_id)


class CorrectForm(forms.Form):
    part = forms.ChoiceField(label=lazy("Какой протокол исправить"), widget=forms.RadioSelect)
    explanation = forms.CharField(
        label=lazy("Что перепутано или ошибочно"),
        widget=forms.Textarea,
        max_length=500,
        help_text=lazy("Без имён. Прежняя версия протокола сохранится."),
    )

    def __init__(self, form: str, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["part"].choices = [
            (part.value, _(PART_WORDS[part])) for part in parts_of(Form(form))
        ]


@page(roles=ROLES["results.correct"])
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, result_id: int) -> HttpResponse:
    found = result_or_404(request, result_id)
    if found.annulled:
        raise Http404
    form = CorrectForm(found.form, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.correct(
                result_id=result_id,
                part=Part(form.cleaned_data["part"]),
                explanation=form.cleaned_data["explanation"],
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            refusals.show(refused, form)
        else:
            messages.success(
                request,
                _("Результат возвращён. Эксперт получил новую версию протокола."),
            )
            return redirect("result", result_id)
    return render(request, "results/correct.html", {"form": form, "result": found})
