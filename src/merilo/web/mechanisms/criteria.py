"""Pages: criteria by year — the federal archive, the region's own; load, look, take away.

/mechanisms/criteria/
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as N_
from django.views.decorators.http import require_GET, require_http_methods

from merilo.foundation import clock
from merilo.foundation.documents import XLSX, TemplateColumn, import_template_xlsx
from merilo.foundation.tables import read_table
from merilo.law import Refused
from merilo.mechanisms import actions, queries
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.rules.case_exchange import as_case, from_case
from merilo.mechanisms.rules.exchange import CriteriaRow, nodes_from_rows, rows_of
from merilo.mechanisms.rules.states import EditionState
from merilo.mechanisms.rules.tree import (
    COMPONENT_NAMES,
    KIND_NAMES,
    RENORMALISATION_NAMES,
    SHAPE_NAMES,
    Edition,
    Renormalisation,
    Shape,
    Special,
    maximum,
)
from merilo.mechanisms.rules.worth import shares
from merilo.registry.access import may
from merilo.web.lists import export, wants_export
from merilo.web.papers import as_download
from merilo.web.refusals import show
from merilo.web.routes import page

from .words import EDITION_KINDS, EDITION_WORDS

LARGEST = 4 * 2**20
KINDS = {words: str(kind) for kind, words in KIND_NAMES.items()}
COMPONENTS = {words: str(one) for one, words in COMPONENT_NAMES.items()}
HEADINGS = {
    "code": "Код", "kind": "Вид", "title": "Наименование", "parent": "Внутри", "points": "Баллы",
    "cap": "Предел", "weight": "Вес", "shape": "Вид трека", "component": "Компонент цикла",
    "special": "Особое правило", "may_not_apply": "Может не применяться",
    "printed_percent": "Доля как напечатана", "note": "Примечание",
}  # fmt: skip
NEEDED = ("code", "kind", "title", "parent", "points")
TEMPLATE = (
    TemplateColumn(heading="Код", example="1.1.1", required=True, help=N_("Один раз в таблице")),
    TemplateColumn(
        heading="Вид", example="трек", required=True, allowed=tuple(KINDS),
        help=N_("Блок, направление, трек, компонент или позиция"),
    ),
    TemplateColumn(heading="Наименование", example="Объективность оценки", required=True,
                   help=N_("Как в критериях региона")),
    TemplateColumn(heading="Внутри", example="1.1", help=N_("Код строки выше; у блока пусто")),
    TemplateColumn(heading="Баллы", example="5", help=N_("Наибольший балл; у позиции нужен")),
    TemplateColumn(heading="Предел", example="", help=N_("Не больше этого за всё, что внутри")),
    TemplateColumn(heading="Вес", example="",
                   help=N_("Во сколько раз балл строки считается выше; обычно 1")),
    TemplateColumn(heading="Вид трека", example="A", allowed=tuple(Shape),
                   help=N_("A — региональный цикл, B — собственный; только у трека")),
    TemplateColumn(heading="Компонент цикла", example="", allowed=tuple(COMPONENTS),
                   help=N_("Только у компонента")),
    TemplateColumn(heading="Особое правило", example="", allowed=tuple(Special),
                   help=N_("R4 — отсутствие школ подтверждают документы; D6 — нужны данные")),
    TemplateColumn(heading="Может не применяться", example="", allowed=("да", "нет"),
                   help=N_("да или нет")),
    TemplateColumn(heading="Доля как напечатана", example="", help=N_("Только если расходится с расчётом")),
    TemplateColumn(heading="Примечание", example="", help=N_("Любой текст")),
)  # fmt: skip


class LoadForm(forms.Form):
    code = forms.SlugField(
        label=lazy("Код редакции"), max_length=60,
        help_text=lazy("Латинские буквы, цифры и дефис: region-2026."),
    )  # fmt: skip
    title = forms.CharField(label=lazy("Название"), max_length=300)
    year = forms.IntegerField(label=lazy("Год"), min_value=2020, max_value=2100)
    source = forms.CharField(
        label=lazy("Чем утверждены"), max_length=300, required=False,
        help_text=lazy("Например, приказ министерства от 01.02.2026 № 10."),
    )  # fmt: skip
    renormalisation = forms.ChoiceField(
        label=lazy("Что делать с баллами, когда позиция не применима"),
        choices=[(str(one), lazy(words)) for one, words in RENORMALISATION_NAMES.items()],
    )
    file = forms.FileField(
        label=lazy("Файл критериев"),
        help_text=lazy("XLSX или CSV по шаблону, или пакет IMS CASE в JSON."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.json"}),
    )
    again = forms.BooleanField(
        label=lazy("Заменить черновик с этим кодом, если он есть"), required=False
    )


@page(roles=ROLES["mechanisms.read_criteria"])
@require_GET
def editions(request: HttpRequest) -> HttpResponse:
    own = [
        {
            "it": row,
            "words": _(EDITION_WORDS[EditionState(row.state)]),
            "kind": EDITION_KINDS[EditionState(row.state)],
        }
        for row in queries.criteria.editions_visible_to(request.viewer)
    ]
    return render(
        request,
        "mechanisms/editions.html",
        {
            "archive": queries.criteria.shipped(),
            "own": own,
            "may_load": may(request.viewer, ROLES, "mechanisms.criteria"),
        },
    )


@page(roles=ROLES["mechanisms.read_criteria"])
@require_GET
def edition(request: HttpRequest, edition: str) -> HttpResponse:
    found = queries.criteria.edition_by_code(edition)
    if found is None:
        raise Http404
    if request.GET.get("format") == "case":
        package = as_case(found, changed_at=clock.now())
        content = json.dumps(package, ensure_ascii=False, indent=2)
        return as_download(content.encode(), "application/json", f"{found.code}.json")
    if wants_export(request):
        return export(
            request,
            f"criteria-{found.code}",
            title=found.title,
            columns=[(words, _cell(name)) for name, words in HEADINGS.items()],
            rows=rows_of(found.roots),
        )
    parts = {one.node.code: one for one in shares(found)}
    rows = [
        {
            "node": node,
            "level": sum(1 for _over in found.above(node.code)),
            "kind": _(KIND_NAMES[node.kind]),
            "shape": _(SHAPE_NAMES[node.shape]) if node.shape else "",
            "maximum": maximum(node),
            "share": parts.get(node.code),
        }
        for node in found.walk()
    ]
    return render(
        request,
        "mechanisms/edition.html",
        {
            "edition": found,
            "rows": rows,
            "rule": _(RENORMALISATION_NAMES[found.renormalisation]),
            "sums": _sums(found),
        },
    )


def _sums(found: Edition) -> list[dict[str, Any]]:
    """What the printed shares of the directions of each block come to: not always a hundred."""
    parts = shares(found)
    return [
        {
            "block": block,
            "sum": sum(one.printed or Decimal(0) for one in parts if one.base == block.code),
        }
        for block in found.roots
        if any(one.base == block.code for one in parts)
    ]


def _cell(name: str):
    words = {
        "kind": {value: shown for shown, value in KINDS.items()},
        "component": {value: shown for shown, value in COMPONENTS.items()},
    }.get(name, {})
    return lambda row: words.get(row[name], row[name])


@page(roles=ROLES["mechanisms.criteria"])
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    content = import_template_xlsx(TEMPLATE, title=_("Критерии"))
    return as_download(content, XLSX, "criteria.xlsx")


@page(roles=ROLES["mechanisms.criteria"])
@require_http_methods(["GET", "POST"])
def load(request: HttpRequest) -> HttpResponse:
    form = LoadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.load_edition(
                edition=_read(form.cleaned_data),
                again=form.cleaned_data["again"],
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            show(refused, form)
        else:
            messages.success(request, _("Критерии загружены. Теперь на них можно открыть цикл."))
            return redirect("mechanisms-edition", edition=row.code)
    status = 422 if form.errors else 200
    return render(request, "mechanisms/edition_load.html", {"form": form}, status=status)


def _read(said: dict[str, Any]) -> Edition:
    """The edition of the file; what the form says of it stands over what the file says."""
    content = said["file"].read(LARGEST)
    head = {name: said[name] for name in ("code", "year", "title", "source")}
    rule = Renormalisation(said["renormalisation"])
    if said["file"].name.lower().endswith(".json"):
        package = _json(content)
        roots = from_case(package, code=said["code"], year=said["year"]).roots
    else:
        table = read_table(
            said["file"].name, content, headings=[HEADINGS[name] for name in NEEDED],
            optional=[HEADINGS[name] for name in HEADINGS if name not in NEEDED],
        )  # fmt: skip
        roots = nodes_from_rows(CriteriaRow(row.number, _cells(row.cells)) for row in table)
    return Edition(**head, roots=roots, renormalisation=rule)


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _cells(cells: dict[str, str]) -> dict[str, str]:
    """The words of the table as the exchange knows them."""
    found = {name: cells.get(heading, "") for name, heading in HEADINGS.items()}
    kind, component = found["kind"].strip().lower(), found["component"].strip().lower()
    found["kind"] = KINDS.get(kind, kind)
    found["component"] = COMPONENTS.get(component, component)
    return found
