"""Pages: files of the register, /imports/; a trial with every row and every mistake; its word."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from merilo.foundation import clock
from merilo.foundation.documents import XLSX, import_template_xlsx
from merilo.foundation.tables import LARGEST
from merilo.law import Refused
from merilo.registry import access, actions, queries
from merilo.registry.imports import KINDS, Outcome
from merilo.web.lists import paginate
from merilo.web.papers import as_download
from merilo.web.refusals import flash, show
from merilo.web.routes import page

from .words import found

OUTCOMES = {
    Outcome.CREATED: (lazy("будет создана"), "info"),
    Outcome.CHANGED: (lazy("изменится"), "soon"),
    Outcome.UNCHANGED: (lazy("без изменений"), "ok"),
    Outcome.WRONG: (lazy("ошибка"), "late"),
}
SHOWN_ERRORS = 500


class Upload(forms.Form):
    kind = forms.ChoiceField(label=lazy("Что в файле"))
    file = forms.FileField(
        label=lazy("Файл"),
        help_text=lazy("XLSX или CSV до 10 МБ и до 100 000 строк. Сначала — только проверка."),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.id, _(kind.title)) for kind in KINDS.values()]


@page(roles=access.ROLES["registry.import"])
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    form = Upload(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            run = actions.check_import(
                kind=form.cleaned_data["kind"],
                file_name=sent.name,
                content=sent.read(LARGEST + 1),  # one byte too many is enough to refuse it
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            show(refused, form)
        else:
            return redirect("import-run", run_id=run.pk)
    shown = paginate(request, queries.import_runs(request.viewer))
    shown.object_list = [
        {"it": run, "kind": _(KINDS[run.kind].title) if run.kind in KINDS else run.kind}
        for run in shown.object_list
    ]
    kinds = [
        {"it": kind, "title": _(kind.title), "about": _(kind.about)} for kind in KINDS.values()
    ]
    return render(
        request,
        "registry/imports.html",
        {"form": form, "page": shown, "kinds": kinds},
        status=422 if form.errors else 200,
    )


@page(roles=access.ROLES["registry.import"])
@require_GET
def import_template(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in KINDS:
        raise Http404
    it = KINDS[kind]
    return as_download(import_template_xlsx(it.columns, title=_(it.title)), XLSX, f"{kind}.xlsx")


@page(roles=access.ROLES["registry.import"])
@require_http_methods(["GET", "POST"])
def import_run(request: HttpRequest, run_id: int) -> HttpResponse:
    viewer, today = request.viewer, clock.today(request.viewer.timezone)
    run = found(lambda: queries.import_runs(viewer).get(pk=run_id))
    if request.method == "POST":
        try:
            done = found(
                lambda: actions.confirm_import(run_id=run.pk, actor=viewer, now=clock.now())
            )
        except Refused as refused:
            flash(request, refused)
            return redirect("import-run", run_id=run.pk)
        messages.success(request, _("Файл загружен целиком."))
        return redirect("import-run", run_id=done.pk)
    plans = queries.plans_of_run(viewer, run, today=today)
    errors = queries.errors_of(plans) if plans else run.errors
    only = request.GET.get("only", "")
    counts = {str(outcome): 0 for outcome in Outcome}
    for plan in plans:
        counts[str(plan.outcome)] += 1
    wanted = [plan for plan in plans if only not in counts or plan.outcome == only]
    number = request.GET.get("page", "1")
    shown = Paginator(wanted, 100).get_page(number if number.isdigit() else 1)
    shown.object_list = [
        {"it": plan, "words": OUTCOMES[plan.outcome][0], "kind": OUTCOMES[plan.outcome][1]}
        for plan in shown.object_list
    ]
    return render(
        request,
        "registry/import_run.html",
        {
            "run": run,
            "kind": _(KINDS[run.kind].title) if run.kind in KINDS else run.kind,
            "page": shown,
            "trial": bool(plans),
            "errors": errors[:SHOWN_ERRORS],
            "more_errors": max(len(errors) - SHOWN_ERRORS, 0),
            "chips": [
                {
                    "outcome": str(outcome),
                    "title": words,
                    "many": counts[str(outcome)],
                    "current": only == outcome,
                }
                for outcome, (words, _kind) in OUTCOMES.items()
                if counts[str(outcome)]
            ],
            "may_confirm": bool(plans)
            and not errors
            and counts["created"] + counts["changed"] > 0,
        },
    )
