"""Pages: load the days of a schedule from a table, first as a trial. /schedules/3/import/"""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from merilo.booking import actions
from merilo.booking.access import ROLES
from merilo.booking.imports import HEADINGS, TEMPLATE
from merilo.foundation import clock
from merilo.foundation.documents import XLSX, import_template_xlsx
from merilo.law import Refused
from merilo.web.ministry.schedule import found
from merilo.web.papers import as_download
from merilo.web.refusals import show
from merilo.web.routes import page


class Upload(forms.Form):
    table = forms.FileField(
        label=lazy("Таблица с днями"),
        help_text=lazy("XLSX или CSV. Сначала проверьте: при проверке ничего не записывается."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )


@page(roles=ROLES["booking.schedule"])
@require_http_methods(["GET", "POST"])
def sessions_import(request: HttpRequest, schedule_id: int) -> HttpResponse:
    schedule = found(request, schedule_id)
    form = Upload(request.POST or None, request.FILES or None)
    report = None
    if request.method == "POST" and form.is_valid():
        table = form.cleaned_data["table"]
        try:
            report = actions.import_sessions(
                schedule_id=schedule.pk,
                name=table.name,
                content=table.read(settings.UPLOAD_LIMIT_BYTES),
                dry_run=request.POST.get("do") != "write",
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            show(refused, form)
        else:
            if report.created:
                messages.success(request, _("Добавлено дней: %(n)s.") % {"n": report.created})
                return redirect("schedules-one", schedule_id=schedule.pk)
    return render(
        request,
        "ministry/sessions_import.html",
        {
            "schedule": schedule,
            "form": form,
            "report": report,
            "headings": HEADINGS,
            "rows": [
                {"row": row, "cells": [row.cells[heading] for heading in HEADINGS]}
                for row in (report.rows if report else ())
            ],
        },
    )


@page(roles=ROLES["booking.schedule"])
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    content = import_template_xlsx(TEMPLATE, title=_("Дни тестирования"))
    return as_download(content, XLSX, "test-days.xlsx")
