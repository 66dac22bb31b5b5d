"""Page: links pasted from a spreadsheet, looked at before they are kept.

/mechanisms/materials/7/paste/
"""

from __future__ import annotations

import csv
from io import StringIO

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from merilo.foundation import clock
from merilo.law import Refused
from merilo.mechanisms import actions
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.rules.form import LinkFacts
from merilo.web.refusals import show
from merilo.web.routes import page

from .form import found

COLUMNS = (
    lazy("Код позиции"),
    lazy("Ссылка на документ"),
    lazy("Наименование документа"),
    lazy("Страниц в документе"),
    lazy("Страницы для экспертизы"),
    lazy("Комментарий"),
    lazy("Региональный документ"),
    lazy("Региональная мера"),
)
LARGEST = 400_000  # characters
MOST_ROWS = 2_000


class PasteForm(forms.Form):
    rows = forms.CharField(
        label=lazy("Строки таблицы"),
        help_text=lazy("Скопируйте ячейки в таблице и вставьте сюда: столбцы — в порядке ниже."),
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        max_length=LARGEST,
        strip=False,
    )

    def clean_rows(self) -> list[tuple[str, LinkFacts]]:
        found_rows = []
        lines = csv.reader(StringIO(self.cleaned_data["rows"]), delimiter="\t")
        for number, cells in enumerate(lines, start=1):
            if number > MOST_ROWS:
                raise forms.ValidationError(
                    _("Строк больше %(most)s. Вставляйте частями.") % {"most": MOST_ROWS}
                )
            if any(cell.strip() for cell in cells):
                found_rows.append(_row(number, [cell.strip() for cell in cells]))
        if not found_rows:
            raise forms.ValidationError(_("Вставьте хотя бы одну строку."))
        return found_rows


def _row(number: int, cells: list[str]) -> tuple[str, LinkFacts]:
    code, url, name, count, pages, comment, document, measure = (cells + [""] * 8)[:8]
    if count and not (count.isdecimal() and 0 < int(count) < 100_000):
        raise forms.ValidationError(
            _("Строка %(row)s: «%(said)s» — не число страниц. Напишите число или ничего.")
            % {"row": number, "said": count[:20]}
        )
    if len(url) > 2000 or len(name) > 500 or len(document) > 500 or len(pages) > 200:
        raise forms.ValidationError(
            _("Строка %(row)s: одна из ячеек слишком длинная. Проверьте порядок столбцов.")
            % {"row": number}
        )
    return code, LinkFacts(
        row=number,
        url=url,
        document_name=name,
        page_count=int(count) if count else None,
        pages=pages,
        comment=comment,
        regional_document=document,
        regional_measure=measure,
    )


@page(roles=ROLES["mechanisms.fill"])
@require_http_methods(["GET", "POST"])
def paste(request: HttpRequest, submission_id: int) -> HttpResponse:
    submission = found(request, submission_id)
    form = PasteForm(request.POST or None)
    preview = None
    if request.method == "POST" and form.is_valid():
        rows = form.cleaned_data["rows"]
        if request.POST.get("do") != "write":
            preview = rows
        else:
            try:
                count = actions.paste_links(
                    submission_id=submission.pk, rows=rows, actor=request.viewer, now=clock.now()
                )
            except Refused as refused:
                show(refused, form)
            else:
                messages.success(request, _("Ссылок добавлено: %(n)s.") % {"n": count})
                return redirect("mechanisms-form", submission_id=submission.pk)
    return render(
        request,
        "mechanisms/paste.html",
        {"submission": submission, "form": form, "columns": COLUMNS, "preview": preview},
        status=422 if form.errors else 200,
    )
