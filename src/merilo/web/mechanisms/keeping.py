"""Page: what is typed about one position, kept without a button or by one.

/mechanisms/materials/7/save/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from merilo.foundation import clock
from merilo.law import Refused
from merilo.mechanisms import actions, queries
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.rules.form import AnswerFacts, LinkFacts
from merilo.web.routes import page

from .form import LinkForm, found, show_part, told

MOST_ROWS = 20  # rows one answer may send; how many are allowed is the rule's to say
ROW = re.compile(r"(\d{1,2})-url")


class AnswerForm(forms.Form):
    code = forms.CharField(max_length=60)
    version = forms.IntegerField(min_value=0)
    not_applicable = forms.BooleanField(required=False)
    reason = forms.CharField(required=False, max_length=2000)


def typed_rows(data: QueryDict) -> tuple[list[LinkFacts], list[forms.Form]]:
    """The rows that were sent, and the forms of those that cannot be read."""
    numbers = sorted({int(hit[1]) for name in data if (hit := ROW.fullmatch(name))})
    rows, wrong = [], []
    for number in numbers[:MOST_ROWS]:
        form = LinkForm(data, prefix=str(number))
        if form.is_valid():
            rows.append(form.facts(number))
        else:
            wrong.append(form)
    return rows, wrong


@page(roles=ROLES["mechanisms.fill"])
@require_POST
def save(request: HttpRequest, submission_id: int) -> HttpResponse:
    """What is typed about one position, kept without a button or by one."""
    submission = found(request, submission_id)
    by_script = request.headers.get("X-Autosave") == "1"
    form = AnswerForm(request.POST)
    rows, wrong = typed_rows(request.POST)
    if not form.is_valid() or wrong:
        said = list(_unreadable(submission, form, wrong))
        if by_script:
            return JsonResponse({"reasons": said}, status=422)
        for one in said:
            messages.error(request, one["text"])
        return redirect("mechanisms-form", submission_id=submission.pk)
    answer = AnswerFacts(
        form.cleaned_data["code"], tuple(rows), form.cleaned_data["not_applicable"],
        form.cleaned_data["reason"],
    )  # fmt: skip
    try:
        kept = actions.save_answer(
            submission_id=submission.pk,
            said=answer,
            seen_version=form.cleaned_data["version"],
            actor=request.viewer,
            now=clock.now(),
        )
    except ObjectDoesNotExist as nothing:
        raise Http404 from nothing
    except Refused as refused:
        return _refused(request, submission, answer, refused, by_script)
    criterion_id = kept.answer.criterion_id
    if by_script:
        return JsonResponse(
            {
                "saved_at": f"{localtime(clock.now()):%H:%M}",
                "version": kept.answer.version,
                "reasons": told(criterion_id, kept.reasons),
            }
        )
    messages.success(request, _("Позиция %(code)s сохранена.") % {"code": answer.code})
    url = reverse("mechanisms-form-part", args=[submission.pk, _part_of(submission, answer.code)])
    return redirect(f"{url}#p{criterion_id}")


def _unreadable(
    submission: Any, form: AnswerForm, wrong: list[forms.Form]
) -> Iterator[dict[str, Any]]:
    """What cannot be read at all, each with its row, its field and the way to it."""
    code = str(form.data.get("code", ""))
    place = submission.cycle.edition.criteria.filter(code=code).first()
    for one in (form, *wrong):
        for name, errors in one.errors.items():
            row, where = one.prefix, ""
            if row:
                where = _("%(code)s, строка %(row)s, «%(field)s»: ") % {
                    "code": code,
                    "row": row,
                    "field": one.fields[name].label,
                }
            field = f"p{place.pk}_{row}-{name}" if row and place else ""
            for error in errors:
                yield {"text": f"{where}{error}", "source": "", "warning": False, "field": field}


def _part_of(submission: Any, code: str) -> str:
    """The page of the form on which a position stands."""
    edition = queries.criteria.edition_of(submission.cycle.edition)
    for node in queries.forms.parts_of(edition):
        if any(one.code == code for one in node.walk()):
            return node.code
    raise Http404


def _refused(
    request: HttpRequest, submission: Any, answer: AnswerFacts, refused: Refused, by_script: bool
) -> HttpResponse:
    place = submission.cycle.edition.criteria.filter(code=answer.code).first()
    if by_script:
        reasons = told(place.pk if place else 0, refused.refusals)
        return JsonResponse({"reasons": reasons}, status=422)
    code = _part_of(submission, answer.code)
    return show_part(request, submission, code, {answer.code: answer}, refused.refusals)
