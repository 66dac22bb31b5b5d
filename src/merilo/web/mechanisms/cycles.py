"""Pages: the region's yearly runs, and one run with every municipality in it. /mechanisms/"""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from merilo.foundation import clock
from merilo.law import Refusal, Refused
from merilo.mechanisms import actions, queries
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.queries.scope import GIVEN
from merilo.mechanisms.rules.harmonisation import day_is_over, reasons_against_ending_early
from merilo.mechanisms.rules.states import CYCLE_TRANSITIONS, CycleState, SubmissionState
from merilo.mechanisms.rules.submission import TAKES_MATERIALS, reasons_against_moving
from merilo.registry.access import Role, Viewer, may, permit
from merilo.web.lists import export, paginate, wants_export
from merilo.web.refusals import flash, show
from merilo.web.routes import page

from .words import CYCLE_KINDS, NOT_GIVEN, SUBMISSION_KINDS

MOVES = {
    CycleState.OPEN: lazy("Открыть приём материалов"),
    CycleState.CLOSED: lazy("Закрыть приём"),
    CycleState.EXPERTISE: lazy("Начать экспертизу"),
    CycleState.OBJECTIONS: lazy("Принимать возражения"),
    CycleState.FINAL: lazy("Завершить цикл"),
}


class NewCycle(forms.Form):
    title = forms.CharField(
        label=lazy("Название"), max_length=200,
        help_text=lazy("Например, «Самооценка муниципальных механизмов, 2026 год»."),
    )  # fmt: skip
    edition = forms.ModelChoiceField(None, label=lazy("Критерии"), empty_label=None)
    submit_by = forms.DateField(
        label=lazy("Последний день приёма материалов"),
        help_text=lazy("Включительно, например 31.03.2026."),
    )

    def __init__(self, *args: Any, editions: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["edition"].queryset = editions  # type: ignore[attr-defined]


class LastDay(forms.Form):
    submit_by = forms.DateField(label=lazy("Последний день приёма материалов"))


@page(roles=ROLES["mechanisms.read_criteria"])
@require_http_methods(["GET", "POST"])
def cycles(request: HttpRequest) -> HttpResponse:
    form = None
    if may(request.viewer, ROLES, "mechanisms.cycle"):
        own = queries.criteria.editions_visible_to(request.viewer)
        form = NewCycle(request.POST or None, editions=own)
    if request.method == "POST":
        permit(request.viewer, ROLES, "mechanisms.cycle")
        if form is not None and form.is_valid():
            said = form.cleaned_data
            try:
                cycle = actions.create_cycle(
                    edition_id=said["edition"].pk, title=said["title"],
                    submit_by=said["submit_by"], actor=request.viewer, now=clock.now(),
                )  # fmt: skip
            except Refused as refused:
                show(refused, form)
            else:
                messages.success(request, _("Цикл создан. Откройте приём, когда всё готово."))
                return redirect("mechanisms-cycle", cycle_id=cycle.pk)
    shown = paginate(
        request, queries.scope.with_counts(queries.scope.cycles_visible_to(request.viewer))
    )
    own_forms = {}
    if request.viewer.role == Role.MOUO:
        own_forms = {
            one.cycle_id: one for one in queries.scope.submissions_visible_to(request.viewer)
        }
    for one in shown.object_list:
        one.words, one.kind = _(one.state_name), CYCLE_KINDS[CycleState(one.state)]
        one.own = own_forms.get(one.pk)
    return render(
        request,
        "mechanisms/cycles.html",
        {"page": shown, "form": form, "is_municipality": request.viewer.role == Role.MOUO},
        status=422 if form is not None and form.errors else 200,
    )


@page(roles=ROLES["mechanisms.read_criteria"])
@require_http_methods(["GET", "POST"])
def cycle(request: HttpRequest, cycle_id: int) -> HttpResponse:
    found = queries.scope.cycles_visible_to(request.viewer).filter(pk=cycle_id).first()
    if found is None:
        raise Http404
    runs = may(request.viewer, ROLES, "mechanisms.cycle")
    day_form = LastDay(request.POST if request.POST.get("do") == "day" else None,
                       initial={"submit_by": found.submit_by})  # fmt: skip
    if request.method == "POST":
        permit(request.viewer, ROLES, "mechanisms.cycle")
        if _act(request, found, day_form):
            return redirect("mechanisms-cycle", cycle_id=found.pk)
    rows = _rows(request, found)
    if wants_export(request):
        return export(
            request,
            "mechanisms-cycle",
            title=found.title,
            columns=[
                (_("Муниципалитет"), lambda one: one["it"].organisation.short_name),
                (_("Состояние"), lambda one: one["words"]),
                (_("Представлено"), lambda one: one["it"].submitted_at),
            ],
            rows=rows,
        )
    moves = list(CYCLE_TRANSITIONS[CycleState(found.state)]) if runs else []
    too_early = (
        found.state == CycleState.OPEN and clock.today(request.viewer.timezone) <= found.submit_by
    )
    unscored = (
        runs and found.state == CycleState.EXPERTISE and queries.forms.cycle_facts(found).unscored
    )
    against = _against_the_end(found, request.viewer) if runs else []
    return render(
        request,
        "mechanisms/cycle.html",
        {
            "cycle": found,
            "words": _(found.state_name),
            "kind": CYCLE_KINDS[CycleState(found.state)],
            "rows": rows,
            "counts": _counts(rows),
            "runs": runs,
            "unscored": unscored,
            "against": against,
            "moves": []
            if too_early or unscored or against
            else [(str(to), MOVES[to]) for to in sorted(moves)],
            "too_early": runs and too_early,
            "day_form": day_form if runs and found.state in TAKES_MATERIALS else None,
            "over": day_is_over(found.object_by, today=clock.today(request.viewer.timezone)),
            "is_municipality": request.viewer.role == Role.MOUO,
        },
    )  # fmt: skip


def _against_the_end(found: Any, viewer: Viewer) -> list[Refusal]:
    """Why a run whose objections are taken may not end today."""
    if found.state != CycleState.OBJECTIONS:
        return []
    today = clock.today(viewer.timezone)
    return [
        *reasons_against_ending_early(found.object_by, today=today),
        *reasons_against_moving(queries.forms.cycle_facts(found), CycleState.FINAL, today=today),
    ]


def _act(request: HttpRequest, found: Any, day_form: LastDay) -> bool:
    """Move the run or change its last day; whether the page is to be shown afresh."""
    told = {"cycle_id": found.pk, "actor": request.viewer, "now": clock.now()}
    do, to = request.POST.get("do"), request.POST.get("to", "")
    if do == "day" and not day_form.is_valid():
        return False
    if do != "day" and to not in set(CycleState):
        raise Http404
    try:
        if do == "day":
            actions.change_last_day(submit_by=day_form.cleaned_data["submit_by"], **told)
            messages.success(request, _("Последний день приёма изменён."))
        else:
            _moved, warnings = actions.move_cycle(to=CycleState(to), **told)
            messages.success(request, _("Цикл перешёл на следующий шаг."))
            flash(request, warnings)
    except Refused as refused:
        flash(request, refused)
    return True


def _rows(request: HttpRequest, found: Any) -> list[dict[str, Any]]:
    rows = queries.scope.submissions_visible_to(request.viewer).filter(cycle=found)
    readable = set(
        queries.scope.readable_by(request.viewer).filter(cycle=found).values_list("pk", flat=True)
    )
    intake = found.state in (CycleState.PREPARING, CycleState.OPEN)
    return [
        {
            "it": one,
            "words": _(one.state_name if intake or one.state in GIVEN else NOT_GIVEN),
            "kind": SUBMISSION_KINDS[SubmissionState(one.state)],
            "readable": one.pk in readable,
        }
        for one in rows.order_by("organisation__sort_key")
    ]


def _counts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many municipalities stand in each state, in the order of the road."""
    order = list(SubmissionState)
    by_road = sorted(rows, key=lambda one: order.index(SubmissionState(one["it"].state)))
    counted = Counter((one["words"], one["kind"]) for one in by_road)
    return [{"words": words, "kind": kind, "n": n} for (words, kind), n in counted.items()]
