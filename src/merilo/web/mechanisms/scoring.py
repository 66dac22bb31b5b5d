"""Page: score one position by keyboard, its document beside. /mechanisms/expertise/7/31/"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merilo.foundation import clock
from merilo.law import Refused
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.actions import scoring as actions
from merilo.mechanisms.queries import cycle_map, evidence
from merilo.mechanisms.queries import expertise as queries
from merilo.mechanisms.queries.expertise import Sheet, SheetRow
from merilo.mechanisms.rules.cycle import GAP_WORDS
from merilo.mechanisms.rules.expertise import (
    DEDUCTION_WORDS,
    EXCLUSION_WORDS,
    AppointmentState,
    DeductionCode,
    Exclusion,
    MarkFacts,
    typed_points,
)
from merilo.mechanisms.rules.states import SubmissionState
from merilo.registry import queries as registry
from merilo.web import refusals
from merilo.web.routes import page

from .document import shown_beside
from .words import is_id

SCORE = ROLES["mechanisms.score"]
KEYS_UP_TO = 9  # one key a mark; more points are typed as a number


class MarkForm(forms.Form):
    points = forms.CharField(label=lazy("Балл"), required=False, max_length=8)
    comment = forms.CharField(
        label=lazy("Комментарий"),
        help_text=lazy("Обязателен при крайнем балле и при снятии. Назовите документ и страницу."),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        max_length=4000,
    )
    deductions = forms.MultipleChoiceField(
        label=lazy("Снятие баллов"),
        choices=[(str(code), str(code)) for code in DeductionCode],
        required=False,
    )


def own_sheet(request: HttpRequest, appointment_id: int) -> Sheet:
    """The viewer's own appointment with its positions."""
    found = queries.appointments_visible_to(request.viewer).get(pk=appointment_id)
    return queries.sheet_of(found)


@page(roles=SCORE)
@require_GET
def sheet(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """All positions of a direction: what is marked, what is left, the end of the work."""
    found = own_sheet(request, appointment_id)
    left = [row for row in found.to_mark if row.mark is None]
    return render(
        request,
        "mechanisms/sheet.html",
        {
            "sheet": found,
            "appointment": found.appointment,
            "left": left,
            "next": left[0] if left else None,
            "to_mark": len(found.to_mark),
            "marked": len(found.to_mark) - len(left),
            "open": is_open(found),
            "tracks": {row.place.track.pk: row.place.track for row in found.rows}.values(),
        },
    )


def is_open(found: Sheet) -> bool:
    """Whether marks may still be put."""
    appointment = found.appointment
    return (
        appointment.state == AppointmentState.OPEN
        and appointment.submission.state == SubmissionState.IN_EXPERTISE
    )


@page(roles=SCORE)
@require_http_methods(["GET", "POST"])
def position(request: HttpRequest, appointment_id: int, criterion_id: int) -> HttpResponse:
    found = own_sheet(request, appointment_id)
    row = found.row(criterion_id)
    if row is None or row.facts.not_applicable:
        raise Http404
    form = MarkForm(
        request.POST if request.method == "POST" else None,
        initial={"comment": row.mark.comment, "deductions": row.mark.grounds}
        if row.mark
        else None,
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_mark(
                appointment_id=appointment_id,
                criterion_id=criterion_id,
                mark=typed_mark(form.cleaned_data, request.POST),
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            refusals.show(refused, form)
        else:
            return after(request, found, row)
    context = position_context(request, found, row, form)
    return render(request, "mechanisms/position.html", context, status=422 if form.errors else 200)


def typed_mark(cleaned: Mapping[str, Any], data: Mapping[str, str]) -> MarkFacts:
    """The mark as it was typed; links that do not count come as link_12=N1."""
    excluded = {
        int(name.removeprefix("link_")): str(data[name])[:2]
        for name in data
        if name.startswith("link_") and is_id(name.removeprefix("link_")) and data[name]
    }
    return MarkFacts(
        typed_points(cleaned["points"]), cleaned["comment"], cleaned["deductions"], excluded
    )


def after(request: HttpRequest, found: Sheet, row: SheetRow) -> HttpResponse:
    """On to the next position without a mark; to the whole sheet when there is none."""
    rows = found.to_mark
    here = rows.index(row)
    left = [one for one in (*rows[here + 1 :], *rows[:here]) if one.mark is None]
    if left:
        return redirect("mechanisms-position", found.appointment.pk, left[0].place.position.pk)
    messages.success(request, _("Оценены все позиции. Посмотрите на них ещё раз и завершите."))
    return redirect("mechanisms-scoring", found.appointment.pk)


def position_context(
    request: HttpRequest, found: Sheet, row: SheetRow, form: MarkForm
) -> dict[str, Any]:
    rows = found.to_mark
    here = rows.index(row)
    mark = row.mark
    typed = request.POST if form.is_bound else None
    chosen = form["points"].value() if typed else (f"{mark.points.normalize():f}" if mark else "")
    out = {one.link_id: one.code for one in mark.left_out.all()} if mark else {}
    most = row.facts.most
    grounds = deductions(row, form, typed)
    links = [
        (link, (typed.get(f"link_{link.pk}", "") if typed else out.get(link.pk, "")))
        for link in row.links
    ]
    return {
        "form": form,
        "row": row,
        "appointment": found.appointment,
        "open": is_open(found),
        "most": most,
        "keys": most == most.to_integral_value() and most <= KEYS_UP_TO,
        "points": chosen or "",
        "deductions": grounds,
        "taken": [one["code"] for one in grounds if one["checked"]],
        "given_links": links,
        "left_out": sum(bool(chosen) for _link, chosen in links),
        "exclusions": [(str(one), EXCLUSION_WORDS[one]) for one in Exclusion],
        "number": here + 1,
        "count": len(rows),
        "marked": sum(one.mark is not None for one in rows),
        "before": rows[here - 1] if here else None,
        "following": rows[here + 1] if here + 1 < len(rows) else None,
        "gaps": candidates(found, row),
        "papers": [
            shown_beside(one, {})
            for one in (
                evidence.evidence_behind(
                    request.viewer, link.pk, on=clock.today(request.viewer.timezone)
                )
                for link in row.links
                if link.url
            )
        ],
        "amounts": queries.policy_of(
            registry.active_profile(), on=clock.today(request.viewer.timezone)
        ).amounts,
    }


def deductions(row: SheetRow, form: MarkForm, typed: Any) -> list[dict[str, Any]]:
    """The grounds that may be named here, each with its key."""
    if typed is not None:
        chosen = set(typed.getlist("deductions"))
    else:
        chosen = set(row.mark.grounds) if row.mark else set()
    return [
        {"code": str(code), "words": DEDUCTION_WORDS[code], "checked": str(code) in chosen}
        for code in DeductionCode
        if code != DeductionCode.D6 or row.facts.abilities_track
    ]


def candidates(found: Sheet, row: SheetRow) -> list[dict[str, Any]]:
    """Gaps of the map of this track that may cost points, with what the expert decided of them."""
    drawn = cycle_map.track_map(
        found.appointment.submission, row.place.track.pk, appointment=found.appointment
    )
    return [
        {
            "code": gap.candidate,
            "words": GAP_WORDS[gap.kind],
            "title": gap.node.title if gap.node else "",
            "ruling": drawn.ruling_on(gap) if drawn else None,
        }
        for gap in (drawn.gaps if drawn else ())
        if gap.candidate
    ]


@page(roles=SCORE)
@require_POST
def finish(request: HttpRequest, appointment_id: int) -> HttpResponse:
    try:
        done, warnings = actions.finish(
            appointment_id=appointment_id, actor=request.viewer, now=clock.now()
        )
    except ObjectDoesNotExist as wrong:
        raise Http404 from wrong
    except Refused as refused:
        refusals.flash(request, refused)
        return redirect("mechanisms-scoring", appointment_id)
    messages.success(
        request,
        _("Спорные позиции решены.")
        if done.third
        else _("Оценка направления завершена. Когда закончит и второй эксперт, баллы сравнят."),
    )
    refusals.flash(request, warnings)
    return redirect("mechanisms-expertise")
