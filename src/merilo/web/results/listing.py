"""Page: the results in the viewer's scope, and the collecting form as XLSX. /results/"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET

from merilo.casework import queries as casework
from merilo.foundation import clock, documents
from merilo.foundation.journal.recording import record
from merilo.registry import queries as registry
from merilo.registry.access import Role, may
from merilo.results import queries, rules
from merilo.results.access import ROLES
from merilo.results.rules import ResultState
from merilo.web.lists import EXPORT_LIMIT, export, paginate, wants_export
from merilo.web.papers import as_download
from merilo.web.routes import page

from . import collecting
from .scope import (
    HOW,
    OUTCOMES,
    PASSED,
    READERS,
    STATE_KINDS,
    outcome_of,
    today_of,
)


class ResultsFilter(forms.Form):
    number = forms.CharField(label=lazy("Номер или код"), required=False, max_length=20)
    outcome = forms.ChoiceField(
        label=lazy("Итог"),
        required=False,
        choices=[("", lazy("любой")), *((key, lazy(w)) for key, (w, _k) in OUTCOMES.items())],
    )
    state = forms.ChoiceField(
        label=lazy("Состояние"),
        required=False,
        choices=[("", lazy("любое")), *((s.value, lazy(rules.WORDS[s])) for s in ResultState)],
    )
    grade = forms.ChoiceField(
        label=lazy("Класс"),
        required=False,
        choices=[("", lazy("любой")), *((n, n) for n in range(1, 12))],
    )
    since = forms.DateField(label=lazy("Тест с"), required=False)
    until = forms.DateField(label=lazy("Тест по"), required=False)
    todo = forms.BooleanField(label=lazy("Только ждущие меня"), required=False)


def chosen_results(request: HttpRequest, form: ResultsFilter) -> Any:
    """The results of the page by its filters; what cannot be understood filters nothing."""
    viewer = request.viewer
    form.is_valid()
    said = getattr(form, "cleaned_data", {})
    found = queries.results_visible_to(viewer)
    if said.get("todo"):
        if viewer.role == Role.MOUO:
            found = queries.not_forwarded(viewer)
        elif viewer.role == Role.SCHOOL:
            found = found.filter(state=ResultState.RELEASED)
        elif viewer.role == Role.TESTING_ORG:
            found = found.filter(state__in=[ResultState.CALCULATED, ResultState.CONSOLIDATED])
    if number := said.get("number", "").strip():
        found = queries.numbered(found, number)
    match said.get("outcome"):
        case "annulled":
            found = found.filter(annulled=True)
        case "passed" | "failed" as outcome:
            found = found.filter(annulled=False, passed=outcome == PASSED)
    if said.get("state"):
        found = found.filter(state=said["state"])
    if said.get("grade"):
        found = found.filter(grade=said["grade"])
    if said.get("since"):
        found = found.filter(held_on__gte=said["since"])
    if said.get("until"):
        found = found.filter(held_on__lte=said["until"])
    return found


def chosen_without_result(request: HttpRequest, form: ResultsFilter) -> Any:
    """Those booked of whom there is no result; none where the filter asks for results alone."""
    form.is_valid()
    said = form.cleaned_data
    found = queries.booked_without_result(request.viewer, today=today_of(request))
    if said.get("outcome") or said.get("state") or said.get("todo"):
        return found.none()
    if number := said.get("number", "").strip():
        found = queries.bookings_numbered(found, number)
    if said.get("grade"):
        found = found.filter(referral__grade=said["grade"])
    if said.get("since"):
        found = found.filter(session__held_on__gte=said["since"])
    if said.get("until"):
        found = found.filter(session__held_on__lte=said["until"])
    return found


@page(roles=READERS)
@require_GET
def results(request: HttpRequest) -> HttpResponse:
    viewer, today = request.viewer, today_of(request)
    form = ResultsFilter(request.GET)
    found = chosen_results(request, form)
    if wants_export(request):
        return _export(request, found)
    shown = paginate(request, queries.as_listed(found))
    rows = list(shown.object_list)
    handed = queries.dispatches_of(rows)
    shown.object_list = [
        row_of(row, handed.get(row.pk, {}), role=viewer.role, today=today) for row in rows
    ]
    return render(
        request,
        "results/results.html",
        {
            "page": shown,
            "form": form,
            "filtered": any(value for key, value in request.GET.items() if key != "page"),
            "of_school": viewer.role == Role.SCHOOL,
            "of_org": viewer.role == Role.TESTING_ORG,
            "may_forward": may(viewer, ROLES, "results.forward"),
            "may_export": may(viewer, ROLES, "results.export"),
            "may_map": may(viewer, ROLES, "results.column_map"),
        },
    )


def row_of(row: Any, handed: dict[str, Any], *, role: Role, today: Any) -> dict[str, Any]:
    """A line of the list: what the viewer owes on it and until when."""
    words, kind = outcome_of(row)
    due = done = None
    late = False
    if role == Role.SCHOOL:
        due, done = row.parent_due, row.informed_at
    elif role == Role.TESTING_ORG:
        due, done = row.school_due, row.released_at
        late = any(
            handed[kind].sent_late
            for kind in ("result_to_school", "result_to_mouo")
            if kind in handed
        )
    elif role == Role.MOUO and (passed_on := handed.get("result_to_rcoi")):
        due, done, late = passed_on.due_on, passed_on.sent_at, passed_on.sent_late
    profile = registry.active_profile()
    return {
        "it": row,
        "outcome": words,
        "kind": kind,
        "points": queries.points_of(row),
        "state": _(rules.WORDS[ResultState(row.state)]),
        "state_kind": STATE_KINDS.get(ResultState(row.state), "wait"),
        "due": due,
        "done": done,
        "late": late,
        "left": casework.working_days_left(due, today=today, profile=profile),
        "forwarded": handed.get("result_to_rcoi"),
    }


def _export(request: HttpRequest, found: Any) -> HttpResponse:
    return export(
        request,
        "results",
        title=_("Результаты"),
        columns=[
            (_("Заявление"), lambda row: row.application.number),
            (_("Код"), lambda row: row.attempt.code),
            (_("Школа"), lambda row: row.application.school.short_name),
            (_("Тестирующая организация"), lambda r: r.attempt.day.session.testing_org.short_name),
            (_("День"), lambda row: row.held_on),
            (_("Класс"), lambda row: row.grade),
            (_("Устная часть"), lambda row: None if row.annulled else row.oral_sum),
            (_("Письменная часть"), lambda row: None if row.annulled else row.written_sum),
            (_("Всего"), lambda row: None if row.annulled else row.total),
            (_("Итог"), lambda row: outcome_of(row)[0]),
            (_("Состояние"), lambda row: _(rules.WORDS[ResultState(row.state)])),
            (_("Передан"), lambda row: row.released_at),
            (_("Родителю сообщено"), lambda row: row.informed_at),
            (_("Как сообщено"), lambda r: _(HOW[r.informed_how]) if r.informed_how else ""),
        ],
        rows=found[:EXPORT_LIMIT],
    )


@page(roles=ROLES["results.export"])
@require_GET
def collecting_form(request: HttpRequest) -> HttpResponse:
    """The collecting form with the columns the region chose. It names children: it is noted."""
    found = queries.with_everything(chosen_results(request, ResultsFilter(request.GET)))
    rows = [collecting.of_result(one) for one in found[:EXPORT_LIMIT]]
    without = chosen_without_result(request, ResultsFilter(request.GET))
    rows += [collecting.of_booking(one) for one in without[: EXPORT_LIMIT - len(rows)]]
    rows.sort(key=lambda line: line.session.held_on, reverse=True)
    columns = collecting.columns_of(queries.column_map(), rows)
    content = documents.results_table_xlsx(
        [documents.Column(key=one.key, heading=one.heading, kind=one.kind) for one in columns],
        [{one.key: one.value(line) for one in columns} for line in rows],
        title="Форма сбора сведений",
    )
    record(
        "result.exported",
        actor=request.viewer,
        about="list:collecting-form",
        at=clock.now(),
        rows=len(rows),
        columns=[column.key for column in columns],
    )
    return as_download(content, documents.XLSX, "forma-sbora-svedenij.xlsx")
