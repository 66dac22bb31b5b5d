"""Pages: the form of primary data of a municipality — by tracks, kept as it is typed.

/mechanisms/materials/7/, /mechanisms/materials/7/part/1.1.1/
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from merilo.foundation import clock
from merilo.law import Refusal, Refused
from merilo.mechanisms import actions, queries
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.rules.form import (
    AnswerFacts,
    LinkFacts,
    reasons_against_answer,
    takes_answer,
)
from merilo.mechanisms.rules.states import CycleState, SubmissionState
from merilo.mechanisms.rules.tree import COMPONENT_NAMES, Kind, Shape, Special
from merilo.registry import queries as registry
from merilo.registry.access import may, permit
from merilo.web import refusals
from merilo.web.routes import page

from .words import SUBMISSION_KINDS


class LinkForm(forms.Form):
    """A row of the form: the columns of «форма сбора первичных данных»."""

    use_required_attribute = False

    url = forms.CharField(
        label=lazy("Ссылка на документ"), required=False, max_length=2000,
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    document_name = forms.CharField(
        label=lazy("Наименование документа"), required=False, max_length=500
    )
    page_count = forms.IntegerField(
        label=lazy("Страниц в документе"), required=False, min_value=1, max_value=99_999
    )
    pages = forms.CharField(
        label=lazy("Страницы для экспертизы"), required=False, max_length=200,
        widget=forms.TextInput(attrs={"placeholder": "3–5, 8"}),
    )  # fmt: skip
    comment = forms.CharField(
        label=lazy("Комментарий: как позиция представлена на этих страницах"), required=False,
        max_length=4000, widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    regional_document = forms.CharField(
        label=lazy("Региональный документ, на который ссылается муниципальный"), required=False,
        max_length=500,
    )  # fmt: skip
    regional_measure = forms.CharField(
        label=lazy("Конкретная региональная мера"), required=False, max_length=2000
    )
    closed_access = forms.BooleanField(
        label=lazy("Закрытый доступ: страница открывается по логину и паролю"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not self.is_bound:  # a draft may lack anything, yet none of the columns is a mere extra
            for field in self.fields.values():
                field.required = True

    def facts(self, row: int) -> LinkFacts:
        return LinkFacts(row=row, **self.cleaned_data)


def found(request: HttpRequest, submission_id: int) -> Any:
    """The materials, if this person may read what stands in them."""
    rows = queries.scope.readable_by(request.viewer)
    submission = rows.filter(pk=submission_id).first()
    if submission is None:
        raise Http404
    return submission


def may_fill(request: HttpRequest, submission: Any) -> bool:
    """Whether to draw fields and not only words."""
    return (
        may(request.viewer, ROLES, "mechanisms.fill")
        and submission.state in (SubmissionState.DRAFT, SubmissionState.SELF_CHECKED)
        and _taken_now(request, submission.cycle)
    )


def _taken_now(request: HttpRequest, cycle: Any) -> bool:
    """Whether materials are still taken today."""
    today = clock.today(request.viewer.timezone)
    return cycle.state == CycleState.OPEN and today <= cycle.submit_by


# --- the whole form -----------------------------------------------------------------------------


@page(roles=ROLES["mechanisms.read"])
@require_http_methods(["GET", "POST"])
def overview(request: HttpRequest, submission_id: int) -> HttpResponse:
    submission = found(request, submission_id)
    reasons: tuple[Refusal, ...] = ()
    if request.method == "POST":
        permit(request.viewer, ROLES, "mechanisms.fill")
        answer = _act(request, submission)
        if isinstance(answer, HttpResponse):
            return answer
        reasons = answer
        submission.refresh_from_db()
    edition = queries.criteria.edition_of(submission.cycle.edition)
    answers = queries.forms.facts_of(submission)
    progress = queries.forms.progress_of(edition, answers)
    parts = {node.code for node in queries.forms.parts_of(edition)}
    last_year = queries.forms.last_year_of(submission) if not answers else None
    whole = [progress[root.code] for root in edition.roots]
    context = {
        "submission": submission,
        "cycle": submission.cycle,
        "state": _(submission.state_name),
        "kind": SUBMISSION_KINDS[SubmissionState(submission.state)],
        "rows": [
            {
                "node": node,
                "progress": progress[node.code],
                "is_part": node.code in parts,
                "level": sum(1 for _over in edition.above(node.code)),
            }
            for node in edition.walk()
            if node.code in parts or node.kind in (Kind.BLOCK, Kind.DIRECTION)
        ],
        "position_count": sum(one.positions for one in whole),
        "done": sum(one.filled + one.absent for one in whole),
        "editable": may_fill(request, submission),
        "may_take_back": may(request.viewer, ROLES, "mechanisms.fill")
        and submission.state == SubmissionState.SUBMITTED
        and _taken_now(request, submission.cycle),
        "last_year": last_year,
        "carried_to": last_year and queries.forms.counterparts_of(last_year, submission),
        "refusals": _linked(submission, edition, [one for one in reasons if not one.is_warning]),
        "warnings": _by_kind(
            _linked(submission, edition, [one for one in reasons if one.is_warning])
        ),
    }
    status = 422 if context["refusals"] else 200
    return render(request, "mechanisms/form.html", context, status=status)


def _act(request: HttpRequest, submission: Any) -> HttpResponse | tuple[Refusal, ...]:
    """Check, submit, take back, carry over: a redirect, or what the form still lacks."""
    told = {"submission_id": submission.pk, "actor": request.viewer, "now": clock.now()}
    do = request.POST.get("do", "")
    try:
        match do:
            case "check":
                checked = actions.self_check(**told)
                if checked.passed:
                    messages.success(
                        request, _("Самопроверка пройдена: материалы можно представить.")
                    )
                return checked.reasons
            case "submit":
                actions.submit(**told)
                messages.success(request, _("Материалы представлены."))
            case "back":
                actions.take_back(**told)
                messages.success(request, _("Материалы снова в черновике."))
            case "carry":
                count = actions.carry_over(**told)
                messages.success(
                    request,
                    _("Перенесено позиций: %(n)s. Проверьте ссылки и страницы.") % {"n": count},
                )
            case _:
                raise Http404
    except Refused as refused:
        return refused.refusals
    return redirect("mechanisms-form", submission_id=submission.pk)


def _linked(submission: Any, edition: Any, reasons: Iterable[Refusal]) -> list[dict[str, Any]]:
    """Reasons with the address of the very field each is about."""
    pages: dict[str, str] = {}
    for part_node in queries.forms.parts_of(edition):
        url = reverse("mechanisms-form-part", args=[submission.pk, part_node.code])
        pages |= {node.code: url for node in part_node.walk()}
    ids = {one.code: one.pk for one in submission.cycle.edition.criteria.all()}
    return [
        {"reason": one, "url": f"{pages[code]}#{field_id(ids[code], one)}"}
        if (code := str(one.facts.get("code", ""))) in pages
        else {"reason": one, "url": ""}
        for one in reasons
    ]


def _by_kind(linked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Warnings of one kind together, under the paragraph they share."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for one in linked:
        kinds.setdefault(one["reason"].code, []).append(one)
    return [{"source": many[0]["reason"].source, "rows": many} for many in kinds.values()]


# --- a track: positions with their rows ---------------------------------------------------------


def field_id(criterion_id: int, reason: Refusal) -> str:
    """The id of what the reason is about: a field of a row, or the whole position."""
    row, field = reason.facts.get("row"), reason.facts.get("field")
    return f"p{criterion_id}_{row}-{field}" if row and field else f"p{criterion_id}"


@page(roles=ROLES["mechanisms.read"])
@require_http_methods(["GET"])
def part(request: HttpRequest, submission_id: int, code: str) -> HttpResponse:
    submission = found(request, submission_id)
    return show_part(request, submission, code)


def show_part(
    request: HttpRequest,
    submission: Any,
    code: str,
    typed: dict[str, AnswerFacts] | None = None,
    refused: Iterable[Refusal] = (),
) -> HttpResponse:
    edition = queries.criteria.edition_of(submission.cycle.edition)
    parts = queries.forms.parts_of(edition)
    place = next((n for n, node in enumerate(parts) if node.code == code), None)
    if place is None:
        raise Http404
    rules = queries.forms.law_of(submission.cycle, registry.active_profile())
    answers = {one.criterion.code: one for one in queries.forms.answers_of(submission)}
    ids = {one.code: one.pk for one in submission.cycle.edition.criteria.all()}
    editable = may_fill(request, submission)
    cards = [
        _card(
            node,
            edition,
            answers.get(node.code),
            ids[node.code],
            rules,
            (typed or {}),
            editable=editable,
        )
        for node in parts[place].walk()
        if takes_answer(edition, node.code)
    ]
    refused = list(refused)
    return render(
        request,
        "mechanisms/part.html",
        {
            "submission": submission,
            "part": parts[place],
            "over": list(edition.above(code))[::-1],
            "cards": cards,
            "before": parts[place - 1] if place else None,
            "after": parts[place + 1] if place + 1 < len(parts) else None,
            "number": place + 1,
            "count": len(parts),
            "editable": editable,
            "refused": [
                {"reason": one, "url": f"#{field_id(ids.get(str(one.facts.get('code')), 0), one)}"}
                for one in refused
            ],
            "limit": rules.links.value,
            "limit_value": rules.links,
            "save_url": reverse("mechanisms-form-save", args=[submission.pk]),
        },
        status=422 if refused else 200,
    )


def _card(
    node, edition, answer, criterion_id: int, rules, typed, *, editable: bool
) -> dict[str, Any]:
    said = typed.get(node.code) or (
        queries.forms.answer_facts(answer) if answer else AnswerFacts(node.code)
    )
    kept = {link.seq: link for link in answer.links.all()} if answer else {}
    by_row = {link.row: link for link in said.links}
    rows = range(1, max([rules.links.value, *by_row]) + 1)
    filled = max((row for row, link in by_row.items() if not link.is_empty), default=0)
    shape_a = edition.shape_of(node.code) is Shape.REGIONAL and node.kind is Kind.POSITION
    return {
        "node": node,
        "id": criterion_id,
        "component": next(
            (COMPONENT_NAMES[o.component] for o in edition.above(node.code) if o.component), ""
        ),
        "shape_a": shape_a,
        "is_position": node.kind is Kind.POSITION,
        "proves_absence": Special.ABSENCE_PROVED in node.special,
        "version": answer.version if answer else 0,
        "answer": answer,
        "saved_at": answer.changed_at if answer else None,
        "said": said,
        "rows": [
            {
                "link": kept.get(row),
                "drawn": _drawn_row(
                    criterion_id, row, by_row.get(row), kept.get(row), shape_a, row > filled + 1
                )
                if editable
                else "",
            }
            for row in rows
        ],
        "reasons": told(
            criterion_id, reasons_against_answer(edition, said, rules) if answer else ()
        ),
    }


SLOT = re.compile(r"⟦(\w+)⟧")


def _drawn_row(
    criterion_id: int, number: int, said: LinkFacts | None, kept: Any, shape_a: bool, spare: bool
) -> str:
    """The fields of one row. A page has dozens of rows that differ by nothing but their values."""
    said = said or LinkFacts(row=number)
    values = {name: getattr(said, name) for name in LinkForm.base_fields}
    values |= {"criterion": criterion_id, "access": _drawn_access(kept) if kept else ""}
    blank = _blank_row(number, shape_a, spare, said.closed_access, get_language() or "")
    return mark_safe(SLOT.sub(lambda slot: _filled(values[slot[1]]), blank))


def _filled(value: Any) -> str:
    return conditional_escape("" if value is None else value)


@lru_cache(maxsize=256)
def _blank_row(number: int, shape_a: bool, spare: bool, closed: bool, _language: str) -> str:
    """A row with a slot where each value goes: drawing a field is dear, filling it is not."""
    form = LinkForm(
        initial={name: f"⟦{name}⟧" for name in LinkForm.base_fields} | {"closed_access": closed},
        prefix=str(number),
        auto_id="p⟦criterion⟧_%s",
    )
    row = {"number": number, "form": form, "shape_a": shape_a, "spare": spare}
    return render_to_string("mechanisms/link_row.html", {"row": row})


def _drawn_access(link: Any) -> str:
    """What is kept to open a closed page, and the way to it."""
    has_secret = queries.forms.has_secret(link)
    if not (has_secret or link.closed_access):
        return ""
    return render_to_string(
        "mechanisms/link_access.html", {"link": link, "has_secret": has_secret}
    )


def told(criterion_id: int, reasons: Iterable[Refusal]) -> list[dict[str, Any]]:
    """Reasons as the page and its script show them."""
    return [
        {
            "text": refusals.sentence(one, with_source=False),
            "source": str(one.source or ""),
            "warning": one.is_warning,
            "field": field_id(criterion_id, one),
        }
        for one in reasons
    ]
