"""Page: one protocol — digits only, the sum typed by hand, Enter signs. /marking/protocols/7/"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from merilo.foundation import clock
from merilo.grading import actions, queries
from merilo.grading.access import ROLES
from merilo.grading.rules import PART_WORDS, VERSION_WORDS, WORDS, ProtocolState, VersionReason
from merilo.law import Form, Part, Refused, ScoringSpec
from merilo.registry import queries as registry
from merilo.testday.rules import SUMMARY_TASK, AttemptState, reminders
from merilo.web import refusals
from merilo.web.routes import page

from .works import DONE, TAKEN, open_next, state_of

PREFIX = "p_"


class Sum(forms.Form):
    """The sum the expert adds up and writes himself, as in the paper form."""

    total = forms.IntegerField(
        label=gettext_lazy("Сумма баллов"),
        required=False,
        min_value=0,
        max_value=999,
        error_messages={"invalid": gettext_lazy("Сумма — целое число, например 9.")},
    )


def typed_points(data: Mapping[str, Any]) -> dict[str, Any]:
    """Points by criterion code as typed: numbers, or the text itself where it is no number."""
    found: dict[str, Any] = {}
    for name in data:
        if name.startswith(PREFIX) and len(name) <= 12:
            value = str(data[name]).strip()[:10]
            found[name.removeprefix(PREFIX)] = int(value) if value.isdecimal() else value or None
    return found


def own_draft(request: HttpRequest, protocol_id: int):
    """The viewer's protocol, or nothing at all."""
    try:
        return queries.protocol_of(request.viewer, protocol_id)
    except ObjectDoesNotExist as wrong:
        raise Http404 from wrong


@page(roles=ROLES["grading.mark"])
@require_http_methods(["GET", "POST"])
def protocol(request: HttpRequest, protocol_id: int) -> HttpResponse:
    found = own_draft(request, protocol_id)
    mine = found.expert_id == request.viewer.position_id
    open_draft = (
        mine
        and found.state == ProtocolState.DRAFT
        and found.attempt.state != AttemptState.ANNULLED
    )
    if request.method == "POST":
        if not mine:
            raise Http404
        return sign(request, found)
    if not open_draft:
        return render(request, "marking/signed.html", signed_context(found, mine))
    form = Sum(initial={"total": found.typed_total})
    return render(request, "marking/protocol.html", draft_context(request, found, form))


def sign(request: HttpRequest, found: Any) -> HttpResponse:
    form = Sum(request.POST)
    points = typed_points(request.POST)
    if form.is_valid():
        try:
            _signed, warnings = actions.sign(
                protocol_id=found.pk,
                points=points,
                typed_total=form.cleaned_data["total"],
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            keep(request, found, points, form.cleaned_data["total"])
            refusals.show(refused, form)
        else:
            messages.success(
                request,
                _("Протокол работы %(code)s подписан.") % {"code": found.attempt.code},
            )
            refusals.flash(request, warnings)
            return open_next(request, (found.attempt_id, found.part))
    else:
        keep(request, found, points, found.typed_total)
    context = draft_context(request, found, form, points)
    return render(request, "marking/protocol.html", context, status=422)


def keep(
    request: HttpRequest, found: Any, points: Mapping[str, Any], typed_total: int | None
) -> None:
    """What a refused signature holds stays in the draft: who leaves now finds it again."""
    with suppress(Refused):
        actions.save_points(
            protocol_id=found.pk,
            points=points,
            typed_total=typed_total,
            actor=request.viewer,
            now=clock.now(),
        )


@page(roles=ROLES["grading.mark"])
@require_POST
def save(request: HttpRequest, protocol_id: int) -> HttpResponse:
    """What is typed so far, kept without a button."""
    form = Sum(request.POST)
    if not form.is_valid():
        return JsonResponse({"reasons": form.errors.get("total", [])}, status=422)
    try:
        actions.save_points(
            protocol_id=protocol_id,
            points=typed_points(request.POST),
            typed_total=form.cleaned_data["total"],
            actor=request.viewer,
            now=clock.now(),
        )
    except ObjectDoesNotExist as wrong:
        raise Http404 from wrong
    except Refused as refused:
        reasons = [refusals.sentence(one) for one in refused.refusals]
        return JsonResponse({"reasons": reasons}, status=422)
    return JsonResponse({"saved_at": f"{localtime(clock.now()):%H:%M}"})


@page(roles=ROLES["grading.mark"])
@require_POST
def skip(request: HttpRequest, protocol_id: int) -> HttpResponse:
    """Leave the work: an untouched one goes back to all experts, a begun one stays one's own."""
    found = own_draft(request, protocol_id)
    try:
        actions.put_back(protocol_id=protocol_id, actor=request.viewer, now=clock.now())
    except ObjectDoesNotExist as wrong:
        raise Http404 from wrong
    except Refused:
        messages.info(
            request,
            _("Работа %(code)s отложена: баллы сохранены, она ждёт вас в списке.")
            % {"code": found.attempt.code},
        )
    return open_next(request, (found.attempt_id, found.part))


def file_url(file_id: Any) -> str:
    """Where a stored file is read; "" while there is none."""
    if not file_id:
        return ""
    try:
        return reverse("file", args=[file_id])
    except NoReverseMatch:
        return ""


def draft_context(
    request: HttpRequest, found: Any, form: Sum, points: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    spec, part, attempt = queries.spec_of(found), Part(found.part), found.attempt
    typed = found.points if points is None else points
    works = queries.works_of(request.viewer, open_days=True)
    rows = [
        {
            "code": one.code,
            "name": f"{PREFIX}{one.code}",
            "task": _("Задание %(number)s") % {"number": one.task},
            "hint": _("от 0 до %(most)s") % {"most": one.max} if one.max > 1 else "",
            "max": one.max,
            "value": typed.get(one.code),
            "missing": bool(form.is_bound and typed.get(one.code) is None),
        }
        for one in spec.part(part)
    ]
    states = [state_of(work) for work in works]
    return common(found, spec) | {
        "form": form,
        "rows": rows,
        "most": spec.oral_max if part == Part.ORAL else spec.written_max,
        "left": sum(row["value"] is None for row in rows),
        "done": states.count(DONE),
        "own": len(states) - states.count(TAKEN),
        "audio": file_url(attempt.audio_id) if part == Part.ORAL else "",
        "work": file_url(attempt.work_id) if part == Part.WRITTEN else "",
        "reminders": reminders_of(attempt) if part == Part.WRITTEN else (),
    }


def reminders_of(attempt: Any) -> list[Any]:
    """What matters to who marks: the task of the grade that is told by the act."""
    profile = registry.active_profile()
    said = reminders(attempt.grade, form=Form(attempt.form), on=attempt.held_on, profile=profile)
    return [one for one in said if one.reason is SUMMARY_TASK]


def common(found: Any, spec: ScoringSpec) -> dict[str, Any]:
    """What both faces of the protocol show: code, part, variant, version. Nobody's name."""
    attempt = found.attempt
    oral = found.part == Part.ORAL
    variant = attempt.variant_oral if oral else attempt.variant_written
    return {
        "protocol": found,
        "attempt": attempt,
        "part": PART_WORDS[Part(found.part)],
        "oral": oral,
        "variant": variant.number if variant else "",
        "spec": spec,
        "version_reason": VERSION_WORDS[VersionReason(found.version_reason)],
    }


def signed_context(found: Any, mine: bool) -> dict[str, Any]:
    spec = queries.spec_of(found)
    part = Part(found.part)
    history = [
        {
            "version": one,
            "why": VERSION_WORDS[VersionReason(one.version_reason)],
            "state": WORDS[ProtocolState(one.state)],
            "total": one.typed_total,
            "changed": changes(before, one),
        }
        for before, one in pairs(queries.versions_of(found.attempt_id, found.part))
    ]
    return common(found, spec) | {
        "state": WORDS[ProtocolState(found.state)],
        "rows": [(one, found.points.get(one.code)) for one in spec.part(part)],
        "history": history,
        "may_change": mine and found.state == ProtocolState.SIGNED,
        "annulled": found.attempt.state == AttemptState.ANNULLED,
    }


def pairs(versions):
    """Each version with the one before it."""
    before = None
    for one in versions:
        yield before, one
        before = one


def changes(before: Any, after: Any) -> str:
    """Which criteria a version changed: «Д2: 0 → 1»."""
    if before is None:
        return ""
    return ", ".join(
        f"{code}: {before.points.get(code)} → {value}"
        for code, value in after.points.items()
        if before.points.get(code) != value
    )
