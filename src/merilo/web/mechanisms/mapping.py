"""Page: what criteria were called a year before, from a table. /mechanisms/criteria/mapping/"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from merilo.foundation import clock
from merilo.foundation.tables import read_table
from merilo.law import Refused
from merilo.mechanisms import actions, queries
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.actions.criteria import MatchRow
from merilo.web.refusals import show
from merilo.web.routes import page

EARLIER, LATER, NOTE = "Код раньше", "Код теперь", "Примечание"


class MappingForm(forms.Form):
    earlier = forms.ModelChoiceField(None, label=lazy("Прежняя редакция"), empty_label=None)
    later = forms.ModelChoiceField(None, label=lazy("Новая редакция"), empty_label=None)
    file = forms.FileField(
        label=lazy("Таблица соответствий"),
        help_text=lazy(
            "XLSX или CSV: «Код раньше», «Код теперь», «Примечание». Пустая ячейка — соответствия "
            "нет; один код может стоять в нескольких строках."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    def __init__(self, *args: Any, editions: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name in ("earlier", "later"):
            self.fields[name].queryset = editions  # type: ignore[attr-defined]


@page(roles=ROLES["mechanisms.criteria"])
@require_http_methods(["GET", "POST"])
def mapping(request: HttpRequest) -> HttpResponse:
    if request.method == "POST" and request.POST.get("do") == "archive":
        actions.keep_archive(actor=request.viewer, now=clock.now())
        messages.success(request, _("Федеральный архив сохранён: с ним можно сопоставлять."))
        return redirect("mechanisms-criteria-mapping")
    editions = queries.criteria.kept_editions(request.viewer)
    form = MappingForm(request.POST or None, request.FILES or None, editions=editions)
    if request.method == "POST" and form.is_valid():
        try:
            count = actions.match_editions(
                earlier_id=form.cleaned_data["earlier"].pk,
                later_id=form.cleaned_data["later"].pk,
                rows=_rows(form.cleaned_data["file"]),
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            show(refused, form)
        else:
            messages.success(request, _("Соответствий загружено: %(n)s.") % {"n": count})
            return redirect("mechanisms-criteria-mapping")
    shown = [
        {"edition": one, "matches": list(queries.criteria.matches_into(one))} for one in editions
    ]
    return render(
        request,
        "mechanisms/mapping.html",
        {
            "form": form,
            "shown": [one for one in shown if one["matches"]],
            "archive_kept": any(one.federal for one in editions),
            "editions": editions,
        },
        status=422 if form.errors else 200,
    )


def _rows(file: Any) -> list[MatchRow]:
    table = read_table(
        file.name, file.read(settings.UPLOAD_LIMIT_BYTES), headings=[EARLIER, LATER],
        optional=[NOTE],
    )  # fmt: skip
    return [
        MatchRow(row.number, row.cells[EARLIER], row.cells[LATER], row.cells[NOTE])
        for row in table
    ]
