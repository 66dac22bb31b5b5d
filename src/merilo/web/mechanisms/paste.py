"""Page: links pasted from a spreadsheet, looked at before they are kept.

/mechanisms/materials/7/paste/
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from merilo.foundation import clock
from merilo.law import Refusal, Refused
from merilo.mechanisms import actions, queries
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.rules.form import LinkFacts
from merilo.registry import queries as registry
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
MOST = (60, 2000, 500, 20, 200, 4000, 500, 2000)  # characters of each
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

    read: list[tuple[str, LinkFacts]]  # what could be read, right or wrong

    def clean_rows(self) -> list[tuple[str, LinkFacts]]:
        self.read, wrong = [], []
        try:
            lines = list(enumerate(_lines(self.cleaned_data["rows"]), start=1))
        except csv.Error as unreadable:  # a cell without end
            raise forms.ValidationError(
                _("Таблицу не прочесть: одна из ячеек слишком длинная. Проверьте кавычки в ней.")
            ) from unreadable
        if len(lines) > MOST_ROWS:
            raise forms.ValidationError(
                _("Строк больше %(most)s. Вставляйте частями.") % {"most": MOST_ROWS}
            )
        for number, cells in lines:
            if any(cells) and not _is_heading(cells):
                wrong += _wrong(number, cells)
                self.read.append(_row(number, cells))
        if not self.read:
            wrong.append(_("Вставьте хотя бы одну строку."))
        if wrong:
            raise forms.ValidationError(wrong)
        return self.read


def _lines(said: str) -> Iterator[list[str]]:
    """Cells of each line; a program may end its lines as it likes."""
    plain = said.replace("\r\n", "\n").replace("\r", "\n")
    for cells in csv.reader(StringIO(plain), delimiter="\t"):
        yield [cell.strip() for cell in cells]


def _is_heading(cells: list[str]) -> bool:
    """The heading row, copied along with the rest."""
    return cells[0].casefold() in ("код позиции", str(COLUMNS[0]).casefold())


def _wrong(number: int, cells: list[str]) -> Iterator[str]:
    """What cannot be kept at all in one line: the same bounds as of the fields of the form."""
    count = cells[3] if len(cells) > 3 else ""
    if count and not _is_count(count):
        yield _("Строка %(row)s: «%(said)s» — не число страниц. Напишите число или ничего.") % {
            "row": number,
            "said": count[:20],
        }
    for name, most, cell in zip(COLUMNS, MOST, cells, strict=False):
        if len(cell) > most:
            yield _(
                "Строка %(row)s: ячейка «%(name)s» слишком длинная, можно до %(most)s знаков. "
                "Проверьте порядок столбцов."
            ) % {"row": number, "name": name, "most": most}


def _is_count(said: str) -> bool:
    return said.isdecimal() and len(said) < 6 and int(said) > 0


def _row(number: int, cells: list[str]) -> tuple[str, LinkFacts]:
    code, url, name, count, pages, comment, document, measure = (cells + [""] * 8)[:8]
    return code, LinkFacts(
        row=number,
        url=url,
        document_name=name,
        page_count=int(count) if _is_count(count) else None,
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
    refused: Refused | None = None
    if request.method == "POST" and form.is_valid() and request.POST.get("do") == "write":
        try:
            count = actions.paste_links(
                submission_id=submission.pk,
                rows=form.cleaned_data["rows"],
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as wrong:
            refused = wrong
        else:
            messages.success(request, _("Ссылок добавлено: %(n)s.") % {"n": count})
            return redirect("mechanisms-form", submission_id=submission.pk)
    preview = _looked_at(request, submission, form, refused) if request.method == "POST" else None
    return render(
        request,
        "mechanisms/paste.html",
        {"submission": submission, "form": form, "columns": COLUMNS, "preview": preview},
        status=422 if form.errors else 200,
    )


def _looked_at(
    request: HttpRequest, submission: Any, form: PasteForm, refused: Refused | None
) -> list[dict[str, Any]]:
    """The lines with what the form would say of each; what stops the writing stands on top."""
    rows = getattr(form, "read", [])
    pasting = queries.forms.pasting_of(
        submission, rows, registry.active_profile(), today=clock.today(request.viewer.timezone)
    )
    show(refused or pasting.stops, form)
    told: dict[int, list[Refusal]] = {}
    for line, reason in pasting.said:
        told.setdefault(line, []).append(reason)
    return [
        {"code": code, "link": link, "told": told.get(link.row, [])}
        for code, link in rows
        if not link.is_empty
    ]
