"""Page: the marks of a submission — all of them for the operator, the settled ones for the municipality."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merilo.foundation import clock
from merilo.foundation.documents import DOCX, PDF
from merilo.law import Refused
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.actions import objecting as actions
from merilo.mechanisms.queries import evidence, experts
from merilo.mechanisms.queries import expertise as queries
from merilo.mechanisms.rules.expertise import DEDUCTION_WORDS, DeductionCode, typed_points
from merilo.mechanisms.rules.harmonisation import (
    BASIS_WORDS,
    OBJECTION_WORDS,
    STANDING_WORDS,
    Basis,
    ObjectionState,
    Standing,
    day_is_over,
)
from merilo.mechanisms.rules.states import CycleState, SubmissionState
from merilo.registry import queries as registry
from merilo.registry.access import Role
from merilo.web import refusals
from merilo.web.papers import as_download
from merilo.web.routes import page

from .experts import name_of
from .protocol import protocol_docx, protocol_pdf

READ = ROLES["mechanisms.read_scores"]
BEFORE_MARKS = (SubmissionState.DRAFT, SubmissionState.SELF_CHECKED, SubmissionState.SUBMITTED)


def table_for(request: HttpRequest, submission: Any) -> queries.Table:
    policy = queries.policy_of(registry.active_profile(), on=clock.today(request.viewer.timezone))
    return queries.table_of(submission, policy)


@page(roles=READ)
@require_GET
def marks(request: HttpRequest, submission_id: int) -> HttpResponse:
    viewer = request.viewer
    submission = queries.scores_visible_to(viewer).get(pk=submission_id)
    table = table_for(request, submission)
    operator = viewer.role == Role.MINISTRY
    over = day_is_over(submission.cycle.object_by, today=clock.today(viewer.timezone))
    objections = {
        one.criterion_id: one
        for one in queries.objections_visible_to(viewer).filter(submission=submission)
    }
    rows = [row_of(one, table, objections) for one in table.rows]
    third = {one.direction_id for one in table.appointments if one.third}
    waits = {
        one.place.direction.pk: (
            one.place.direction,
            {known.expert_id for known in table.experts_of(one.place.direction.pk)},
        )
        for one in table.rows
        if one.compared.standing == Standing.THIRD and one.place.direction.pk not in third
    }
    listed = experts.listed(viewer) if operator and waits else ()
    choices = [(one.pk, name_of(one.position)) for one in listed]
    return render(
        request,
        "mechanisms/marks.html",
        {
            "submission": submission,
            "rows": rows,
            "sees_marks": viewer.role != Role.MOUO,
            "operator": operator,
            "mine": viewer.role == Role.MOUO,
            "may_object": viewer.role == Role.MOUO
            and submission.cycle.state == CycleState.OBJECTIONS
            and not over,
            "cycle": submission.cycle,
            "objecting": submission.cycle.state == CycleState.OBJECTIONS,
            "over": over,
            "settled": all(one["settled"] for one in rows),
            "begun": submission.state not in BEFORE_MARKS,
            "waits": [
                (direction, [(key, name) for key, name in choices if key not in busy])
                for direction, busy in waits.values()
            ],
            "total": sum((one["net"] for one in rows if one["net"] is not None), Decimal(0)),
            "most": sum((one.facts.most for one in table.rows), Decimal(0)),
            "whole": all(one["net"] is not None for one in rows),
        },
    )


def row_of(row: queries.TableRow, table: queries.Table, objections: Any) -> dict[str, Any]:
    objection = objections.get(row.place.position.pk)
    settled = row.settled
    return {
        "row": row,
        "state": STANDING_WORDS[row.compared.standing],
        "settled": settled,
        "basis": BASIS_WORDS[Basis(settled.basis)] if settled else "",
        "net": settled.net if settled else None,
        "kind": "ok" if settled else "soon",
        "objection": objection,
        "objection_state": OBJECTION_WORDS[ObjectionState(objection.state)] if objection else "",
        "open": objection is not None and objection.state == ObjectionState.FILED,
        "comments": row.settled_comments,
    }


class ObjectionForm(forms.Form):
    text = forms.CharField(
        label=lazy("Что, по-вашему, оценено неверно"),
        help_text=lazy("Назовите документ и страницу из поданной формы."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=4000,
    )


@page(roles=ROLES["mechanisms.object"])
@require_http_methods(["GET", "POST"])
def object_to(request: HttpRequest, submission_id: int, criterion_id: int) -> HttpResponse:
    submission = queries.scores_visible_to(request.viewer).get(pk=submission_id)
    row = table_for(request, submission).row(criterion_id)
    if row is None:
        raise Http404
    form = ObjectionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _filed, warnings = actions.file_objection(
                submission_id=submission_id,
                criterion_id=criterion_id,
                text=form.cleaned_data["text"],
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            refusals.show(refused, form)
        else:
            messages.success(request, _("Возражение подано."))
            refusals.flash(request, warnings)
            return redirect("mechanisms-marks", submission_id)
    return render(
        request,
        "mechanisms/object_to.html",
        {"submission": submission, "row": row, "form": form, "comments": row.settled_comments},
        status=422 if form.errors else 200,
    )


@page(roles=ROLES["mechanisms.object"])
@require_POST
def withdraw(request: HttpRequest, objection_id: int) -> HttpResponse:
    found = queries.objections_visible_to(request.viewer).get(pk=objection_id)
    try:
        actions.withdraw_objection(
            objection_id=objection_id, actor=request.viewer, now=clock.now()
        )
    except Refused as refused:
        refusals.flash(request, refused)
    else:
        messages.success(request, _("Возражение отозвано."))
    return redirect("mechanisms-marks", found.submission_id)


class DecisionForm(forms.Form):
    grant = forms.ChoiceField(
        label=lazy("Решение"),
        choices=[("yes", lazy("удовлетворить")), ("no", lazy("отклонить"))],
        widget=forms.RadioSelect,
    )
    points = forms.CharField(
        label=lazy("Новый балл"),
        help_text=lazy("Нужен, если возражение удовлетворяется."),
        required=False,
        max_length=8,
    )
    deductions = forms.MultipleChoiceField(
        label=lazy("Основания снятия, которые остаются"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    explanation = forms.CharField(
        label=lazy("Объяснение для муниципалитета"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
    )

    def __init__(self, *args: Any, row: queries.TableRow, **kwargs: Any):
        super().__init__(*args, **kwargs)
        codes = [
            one for one in DeductionCode if one != DeductionCode.D6 or row.facts.abilities_track
        ]
        self.fields["deductions"].choices = [  # type: ignore[attr-defined]
            (str(one), f"{one}: {_(DEDUCTION_WORDS[one])}") for one in codes
        ]


@page(roles=ROLES["mechanisms.experts"])
@require_http_methods(["GET", "POST"])
def objection(request: HttpRequest, objection_id: int) -> HttpResponse:
    found = queries.objections_visible_to(request.viewer).get(pk=objection_id)
    row = table_for(request, found.submission).row(found.criterion_id)
    if row is None or row.settled is None:
        raise Http404
    form = DecisionForm(
        request.POST if request.method == "POST" else None,
        row=row,
        initial={
            "points": f"{row.settled.points.normalize():f}",
            "deductions": row.settled.deductions,
        },
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions.decide_objection(
                objection_id=objection_id,
                grant=said["grant"] == "yes",
                points=typed_points(said["points"]),
                deductions=said["deductions"],
                explanation=said["explanation"],
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            refusals.show(refused, form)
        else:
            messages.success(request, _("Решение по возражению записано."))
            return redirect("mechanisms-marks", found.submission_id)
    return render(
        request,
        "mechanisms/objection.html",
        {
            "objection": found,
            "row": row,
            "form": form,
            "state": OBJECTION_WORDS[ObjectionState(found.state)],
            "open": found.state == ObjectionState.FILED,
            "given_links": evidence.links_of(found.submission_id).filter(
                answer__criterion=found.criterion_id
            ),
        },
        status=422 if form.errors else 200,
    )


@page(roles=READ)
@require_GET
def protocol(request: HttpRequest, submission_id: int, kind: str) -> HttpResponse:
    """The protocol of the expertise as a file; it names no expert."""
    submission = queries.scores_visible_to(request.viewer).get(pk=submission_id)
    table = table_for(request, submission)
    today = clock.today(request.viewer.timezone)
    if any(one.settled is None for one in table.rows):
        messages.error(request, _("Протокола пока нет: балл установлен не у всех позиций."))
        return redirect("mechanisms-marks", submission.pk)
    told = {
        "today": today,
        "tz": request.viewer.timezone,
        "history": request.viewer.role != Role.MOUO,
    }
    if kind == "docx":
        content, media = protocol_docx(table, **told), DOCX
    elif kind == "pdf":
        content, media = protocol_pdf(table, **told), PDF
    else:
        raise Http404
    return as_download(content, media, f"mum-protocol-{submission.pk}.{kind}")
