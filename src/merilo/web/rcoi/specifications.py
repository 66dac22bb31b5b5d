"""Pages: scoring specifications — shipped and loaded; load one after a dry run. /specifications/"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merilo import law
from merilo.foundation import clock, documents
from merilo.foundation.documents import TemplateColumn
from merilo.foundation.tables import TableRow, read_table
from merilo.grading import actions, queries
from merilo.grading.access import ROLES
from merilo.law import (
    Form,
    Mode,
    Part,
    Refused,
    ScoringSpec,
    normalise_criterion_code,
    shipped_specifications,
    specification_as_data,
)
from merilo.law.scoring import THRESHOLDS, SpecStatus
from merilo.registry.access import may
from merilo.web import refusals
from merilo.web.papers import as_download
from merilo.web.routes import page

SALT = "merilo.specification"
LARGEST = 512 * 1024
PART, TASK, CODE, MOST = "Часть", "Задание", "Критерий", "Максимум"
PARTS = {"устная": Part.ORAL, "письменная": Part.WRITTEN}
TEMPLATE = (
    TemplateColumn(
        heading=PART,
        example="письменная",
        help="Устная или письменная",
        required=True,
        allowed=tuple(PARTS),
    ),
    TemplateColumn(heading=TASK, example="5", help="Номер задания, число", required=True),
    TemplateColumn(
        heading=CODE, example="З5", help="Код критерия: русская буква и номер", required=True
    ),
    TemplateColumn(
        heading=MOST, example="1", help="Наибольший балл по критерию, число", required=True
    ),
)
NEEDED = {
    "id": lazy("id — короткий номер спецификации"),
    "grades": lazy("grades — список классов"),
    "form": lazy("form — oral или oral_written"),
    "status": lazy("status — confirmed"),
    "valid_from": lazy("valid_from — дата начала действия, ГГГГ-ММ-ДД"),
    "oral": lazy("oral — критерии устной части"),
    "thresholds": lazy("thresholds — пороги"),
}


@page(roles=ROLES["grading.read_specifications"])
@require_GET
def specifications(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "rcoi/specifications.html",
        {
            "shipped": [view_of(spec) for spec in shipped_specifications()],
            "loaded": [
                {"row": row, "spec": view_of(queries.as_specification(row))}
                for row in queries.specifications()
            ],
            "may_load": may(request.viewer, ROLES, "grading.load_specification"),
        },
    )


def spans(grades: tuple[int, ...]) -> str:
    """«2–5», «1, 10»: neighbours are told together."""
    found: list[list[int]] = []
    for grade in sorted(grades):
        if found and found[-1][-1] == grade - 1:
            found[-1].append(grade)
        else:
            found.append([grade])
    return ", ".join(f"{one[0]}–{one[-1]}" if len(one) > 1 else str(one[0]) for one in found)


def view_of(spec: ScoringSpec) -> dict[str, Any]:
    return {
        "it": spec,
        "grades": spans(spec.grades),
        "form": _("устная") if spec.form == Form.ORAL else _("устная и письменная"),
        "literal": spec.mode == Mode.LITERAL_ORDER_FORM,
        "confirmed": spec.status == SpecStatus.CONFIRMED,
        "by_total": spec.written_by_total,
        "oral": spec.part(Part.ORAL),
        "written": spec.part(Part.WRITTEN),
    }


@page(roles=ROLES["grading.read_specifications"])
@require_GET
def specification_json(request: HttpRequest, spec_id: str) -> HttpResponse:
    """A specification as the file that may be changed and loaded under another number."""
    found = next((one for one in shipped_specifications() if one.id == spec_id), None)
    found = found or next((s for s in queries.loaded_specifications() if s.id == spec_id), None)
    if found is None:
        raise Http404
    content = json.dumps(specification_as_data(found), ensure_ascii=False, indent=2)
    return as_download(content.encode(), "application/json", f"{found.id}.json")


@page(roles=ROLES["grading.load_specification"])
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    content = documents.import_template_xlsx(TEMPLATE, title="Критерии спецификации")
    return as_download(content, documents.XLSX, "kriterii.xlsx")


class LoadForm(forms.Form):
    file = forms.FileField(
        label=lazy("Файл спецификации"),
        help_text=lazy("JSON целиком, или таблица критериев XLSX либо CSV по шаблону."),
    )
    source = forms.CharField(
        label=lazy("Откуда спецификация"),
        max_length=300,
        help_text=lazy("Например, письмо Рособрнадзора от 01.02.2026 № 01-15."),
    )
    spec_id = forms.SlugField(
        label=lazy("Номер спецификации"),
        max_length=60,
        required=False,
        help_text=lazy("Латинские буквы, цифры и дефис: grade-2-2026. Для JSON — из файла."),
    )
    grades = forms.CharField(
        label=lazy("Классы"),
        max_length=40,
        required=False,
        help_text=lazy("Номера через запятую: 2, 3, 4, 5."),
    )
    valid_from = forms.DateField(label=lazy("Действует с"), required=False)
    total_min = forms.IntegerField(
        label=lazy("Минимум всего"), min_value=1, max_value=200, required=False
    )
    oral_min = forms.IntegerField(
        label=lazy("Минимум за устную часть"), min_value=1, max_value=200, required=False
    )
    oral_minutes = forms.IntegerField(
        label=lazy("Минут на устную часть"), min_value=1, max_value=300, required=False
    )
    written_minutes = forms.IntegerField(
        label=lazy("Минут на письменную часть"), min_value=1, max_value=300, required=False
    )
    act = forms.ChoiceField(label=lazy("Акт, где указаны пороги"), required=False)
    paragraph = forms.CharField(label=lazy("Пункт акта"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["act"].choices = [("", "—")] + [
            (one.id, one.short or one.title) for one in law.acts().values()
        ]

    def clean_grades(self) -> list[int]:
        said = self.cleaned_data["grades"].replace(",", " ").split()
        if any(not one.isdecimal() or not 1 <= int(one) <= 11 for one in said):
            raise forms.ValidationError(_("Классы — числа от 1 до 11 через запятую."))
        return sorted({int(one) for one in said})

    def data_of_file(self) -> dict[str, Any] | None:
        """The specification in the file as data; None with errors where it cannot be read."""
        upload = self.cleaned_data["file"]
        if upload.size > LARGEST:
            self.add_error("file", _("Файл больше 512 КБ: это не спецификация."))
            return None
        content = upload.read()
        if upload.name.lower().endswith(".json") or content.lstrip()[:1] == b"{":
            return self._json(content)
        return self._table(upload.name, content)

    def _json(self, content: bytes) -> dict[str, Any] | None:
        try:
            data = json.loads(content.decode("utf-8-sig"))
        except (UnicodeDecodeError, ValueError, RecursionError):
            self.add_error(
                "file", _("Это не JSON в кодировке UTF-8. Скачайте образец и заполните.")
            )
            return None
        for problem in problems_of(data):
            self.add_error("file", problem)
        return None if self.errors else data

    def _table(self, name: str, content: bytes) -> dict[str, Any] | None:
        for field in (
            "spec_id",
            "grades",
            "valid_from",
            "total_min",
            "oral_min",
            "act",
            "paragraph",
        ):
            if not self.cleaned_data.get(field):
                self.add_error(field, _("Для таблицы критериев заполните это поле."))
        try:
            rows = read_table(name, content, headings=[c.heading for c in TEMPLATE])
        except Refused as refused:
            for one in refused.refusals:
                self.add_error("file", refusals.sentence(one))
            return None
        parts = self._parts(rows)
        return None if self.errors else self._whole(parts)

    def _parts(self, rows: list[TableRow]) -> dict[str, dict[str, dict[str, int]]]:
        parts: dict[str, dict[str, dict[str, int]]] = {str(Part.ORAL): {}, str(Part.WRITTEN): {}}
        seen: dict[str, int] = {}
        for row in rows:
            for problem in self._problems(row, seen):
                self.add_error(
                    "file", _("Строка %(n)s: %(what)s") % {"n": row.number, "what": problem}
                )
            part = PARTS.get(row.cells[PART].lower())
            if part and row.cells[TASK].isdecimal() and row.cells[MOST].isdecimal():
                task = parts[str(part)].setdefault(str(int(row.cells[TASK])), {})
                task[normalise_criterion_code(row.cells[CODE])] = int(row.cells[MOST])
        return parts

    def _problems(self, row: TableRow, seen: dict[str, int]) -> Iterator[str]:
        if row.cells[PART].lower() not in PARTS:
            yield _("часть — «устная» или «письменная».")
        if not row.cells[TASK].isdecimal() or not 1 <= int(row.cells[TASK]) <= 99:
            yield _("номер задания — число от 1 до 99.")
        if not row.cells[MOST].isdecimal() or not 1 <= int(row.cells[MOST]) <= 99:
            yield _("максимум — целое число не меньше 1.")
        code = normalise_criterion_code(row.cells[CODE])
        if not code or len(code) > 6:
            yield _("код критерия — русская буква и номер, например З5.")
        elif code in seen:
            yield _("критерий %(code)s уже есть в строке %(n)s.") % {"code": code, "n": seen[code]}
        else:
            seen[code] = row.number

    def _whole(self, parts: dict[str, Any]) -> dict[str, Any]:
        said = self.cleaned_data
        oral, written = (
            sum(most for task in parts[part].values() for most in task.values())
            for part in (str(Part.ORAL), str(Part.WRITTEN))
        )
        values = {
            "total_max": oral + written,
            "total_min": said["total_min"],
            "oral_max": oral,
            "oral_min": said["oral_min"],
            "written_max": written,
        }
        return {
            "id": said["spec_id"],
            "grades": said["grades"],
            "form": str(Form.ORAL_WRITTEN if written else Form.ORAL),
            "status": str(SpecStatus.CONFIRMED),
            "valid_from": said["valid_from"].isoformat(),
            "oral_minutes": said["oral_minutes"],
            "written_minutes": said["written_minutes"],
            "note": said["source"],
            "thresholds": {
                name: {
                    "value": value,
                    "act": said["act"],
                    "paragraph": said["paragraph"],
                    "certainty": "A",
                }
                for name, value in values.items()
            },
            **parts,
        }


def problems_of(data: Any) -> Iterator[str]:
    """Everything that is missing or of a wrong kind in the JSON, each in a sentence."""
    if not isinstance(data, dict):
        yield _("В файле должна быть одна спецификация: объект JSON в фигурных скобках.")
        return
    if missing := [str(words) for key, words in NEEDED.items() if key not in data]:
        yield _("Не хватает: %(what)s.") % {"what": "; ".join(missing)}
    if not isinstance(data.get("id", ""), str) or len(str(data.get("id", ""))) > 60:
        yield _("id — строка не длиннее 60 знаков.")
    grades = data.get("grades", [])
    if not isinstance(grades, list) or any(type(grade) is not int for grade in grades):
        yield _("grades — список чисел, например [2, 3].")
    if data.get("form", Form.ORAL) not in list(Form):
        yield _("form — oral (устная) или oral_written (устная и письменная).")
    yield from _problems_of_criteria(data)
    yield from _problems_of_thresholds(data.get("thresholds", {}))


def _problems_of_criteria(data: Mapping[str, Any]) -> Iterator[str]:
    for part in Part:
        tasks = data.get(part) or {}
        fine = isinstance(tasks, dict) and all(
            str(task).isdecimal()
            and isinstance(codes, dict)
            and all(type(most) is int for most in codes.values())
            for task, codes in tasks.items()
        )
        if not fine:
            yield _(
                '%(part)s — задания с критериями и наибольшими баллами, например {"5": {"З5": 1}}.'
            ) % {"part": str(part)}


def _problems_of_thresholds(thresholds: Any) -> Iterator[str]:
    if not isinstance(thresholds, dict):
        yield _("thresholds — пороги с именами: %(names)s.") % {"names": ", ".join(THRESHOLDS)}
        return
    for name in THRESHOLDS:
        entry = thresholds.get(name)
        if not isinstance(entry, dict) or {"value", "act", "paragraph", "certainty"} - set(entry):
            yield _("thresholds.%(name)s — нужны value, act, paragraph и certainty.") % {
                "name": name
            }
        elif entry["act"] not in law.acts():
            yield _("thresholds.%(name)s: акта «%(act)s» нет в списке актов.") % {
                "name": name,
                "act": str(entry["act"])[:60],
            }


@page(roles=ROLES["grading.load_specification"])
@require_http_methods(["GET", "POST"])
def load(request: HttpRequest) -> HttpResponse:
    """A dry run first: what would be loaded is shown whole, nothing is written."""
    form = LoadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.data_of_file()
        if data is not None:
            try:
                spec = actions.check_specification(data=data, actor=request.viewer)
            except Refused as refused:
                refusals.show(refused, form)
            else:
                kept = {"data": specification_as_data(spec), "source": form.cleaned_data["source"]}
                return render(
                    request,
                    "rcoi/specification_preview.html",
                    {
                        "spec": view_of(spec),
                        "source": kept["source"],
                        "payload": signing.dumps(kept, salt=SALT, compress=True),
                    },
                )
    return render(request, "rcoi/specification_load.html", {"form": form})


@page(roles=ROLES["grading.load_specification"])
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Load what the dry run showed."""
    try:
        kept = signing.loads(request.POST.get("payload", ""), salt=SALT, max_age=3600)
    except signing.BadSignature:
        messages.error(request, _("Проверка устарела. Загрузите файл ещё раз."))
        return redirect("specification-load")
    try:
        row = actions.load_specification(
            data=kept["data"], source=kept["source"], actor=request.viewer, now=clock.now()
        )
    except Refused as refused:
        refusals.flash(request, refused)
        return redirect("specification-load")
    messages.success(request, _("Спецификация %(id)s загружена.") % {"id": row.spec_id})
    return redirect("specifications")


@page(roles=ROLES["grading.load_specification"])
@require_POST
def withdraw(request: HttpRequest, specification_id: int) -> HttpResponse:
    try:
        row = actions.withdraw_specification(
            specification_id=specification_id, actor=request.viewer, now=clock.now()
        )
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    messages.success(request, _("Спецификация %(id)s отозвана.") % {"id": row.spec_id})
    return redirect("specifications")
