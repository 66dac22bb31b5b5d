"""Page: the day, hour by hour, up to the big «Начать». /days/5/"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from merilo.foundation import clock
from merilo.law import Refusal, Refused
from merilo.registry.access import Role
from merilo.testday import actions, queries, rules
from merilo.testday.rules import DayRole, SessionDayState
from merilo.web import refusals
from merilo.web.routes import page

from .scope import CONDUCT, before, day_or_404, day_to_conduct, frame, profile, starts_at, today

# Which line of the checklist a reason belongs to.
LINES: dict[str, tuple[Any, ...]] = {
    "printed": (rules.NOT_PRINTED,),
    "audio": (rules.AUDIO_NOT_TESTED,),
    "video": (rules.VIDEO_NOT_TESTED,),
    "rooms": (rules.ROOM_NOT_ISOLATED,),
    "seats": (
        rules.NO_ROOM,
        rules.UNKNOWN_ROOM,
        rules.NOT_ENOUGH_WORKPLACES,
        rules.NO_ACCESSIBLE_PLACE,
        rules.NOBODY_BOOKED,
        rules.NO_VARIANT_LEFT,
    ),
    "people": (
        rules.NO_CHAIR,
        rules.COMMISSION_TOO_SMALL,
        rules.ROLE_MISSING,
        rules.EXPERT_CONDUCTS,
        rules.COMMISSION_AT_MINIMUM,
        rules.EXPERT_ALSO_CONDUCTS,
        rules.LITTLE_EXPERIENCE,
    ),
    "briefing": (rules.NOT_BRIEFED,),
}


@dataclass
class Line:
    """One line of the checklist: when, what, who, whether it is done and what is in the way."""

    key: str
    at: datetime | None
    title: str
    owner: str
    done: bool
    note: str = ""
    url: str = ""
    link: str = ""
    mark: str = ""  # what `mark_ready` takes
    reasons: list[Refusal] = field(default_factory=list)

    @property
    def grouped(self) -> list[tuple[Any, list[Refusal]]]:
        """The reasons under their paragraphs, each paragraph said once."""
        by_source: dict[Any, list[Refusal]] = {}
        for reason in self.reasons:
            by_source.setdefault(str(reason.source or ""), []).append(reason)
        return [(these[0].source, these) for these in by_source.values()]

    @property
    def state(self) -> str:
        if any(not reason.is_warning for reason in self.reasons):
            return "late"
        return "ok" if self.done else "wait"


@page(roles=CONDUCT)
@require_GET
def day(request: HttpRequest, day_id: int) -> HttpResponse:
    row = day_or_404(request, day_id)
    law = profile()
    view = queries.day_view(row, profile=law)
    reasons = queries.reasons_against_start(view, today=today(request), profile=law)
    blocking = [reason for reason in reasons if not reason.is_warning]
    in_lines = {one for these in LINES.values() for one in map(id, these)}
    return render(
        request,
        "testday/day.html",
        frame(request, row, "day")
        | {
            "lines": lines(request, view, reasons, law),
            "blocking": blocking,
            "other": [reason for reason in blocking if id(reason.reason) not in in_lines],
            "warnings": [reason for reason in reasons if reason.is_warning],
            "may_start": queries.conducts(request.viewer, row)
            and row.state in (SessionDayState.PLANNED, SessionDayState.STAFFED),
            "duties": duties(view),
            "to_brief": row.briefed_at is None or view.in_states(rules.AttemptState.ADMITTED),
            "grades": queries.counts_by_grade(view),
            "counts": counts(view, today(request)),
            "is_org": request.viewer.role == Role.TESTING_ORG,
        },
    )


def counts(view, on) -> list[tuple[int, str, str]]:
    """How many and of what: booked before the day, who came on it, how it ended after it."""
    booked, came = len(view.booked), len(view.attempts)
    if on < view.day.session.held_on:
        return [(booked, _("записаны"), "")]
    refused = queries.turned_away(view.day)
    waiting = sum(one.booking.pk not in refused for one in view.waiting)
    turned_away = len(view.not_admitted) + len(view.waiting) - waiting
    shown = [
        (booked, _("были записаны"), ""),
        (came, _("пришли"), "ok"),
        (turned_away, _("не допущены"), "late"),
        (len(view.no_shows), _("неявка"), "late"),
    ]
    if on == view.day.session.held_on:
        shown[0] = (booked, _("записаны на сегодня"), "")
    if waiting:
        words = _("ещё не пришли") if on == view.day.session.held_on else _("не отмечены")
        shown.insert(2, (waiting, words, "soon"))
    return [one for one in shown if one[0] or not one[2]]


def lines(request: HttpRequest, view, reasons: Iterable[Refusal], law) -> list[Line]:
    """The checklist in the order of the day; times count back from the beginning."""
    row = view.day
    begins = starts_at(row)
    made = queries.who_made_ready(row)
    by_line = {
        key: [reason for reason in reasons if reason.reason in these]
        for key, these in LINES.items()
    }
    staffing = list(
        rules.reasons_against_commission(
            queries.day_facts(view, everyone_present=True), profile=law
        )
    )
    key_time = law.value("materials.key_time", on=row.session.held_on)
    key_at = make_aware(datetime.combine(row.session.held_on, key_time.value))
    came = len(view.attempts)
    refused = queries.turned_away(row)
    here = sum(one.present for one in view.assignments)
    if any(not reason.is_warning for reason in staffing):
        by_line["people"] = []  # said once, in the line of the staffing
    is_org = request.viewer.role == Role.TESTING_ORG
    return [
        Line(
            "staff",
            None,
            _("Комиссия и обязанности на день"),
            _("ответственный ТО"),
            bool(view.assignments) and row.state != SessionDayState.PLANNED,
            note=row.staffing_order,
            url=reverse("day-staff", args=[row.pk]) if is_org else "",
            link=_("Распределить") if not view.assignments else _("Изменить"),
            reasons=staffing,
        ),
        Line(
            "seats",
            None,
            _("Рассадка, места и варианты"),
            _("ответственный ТО"),
            not by_line["seats"],
            note=ngettext("%d участник", "%d участников", len(view.people)) % len(view.people),
            url=reverse("day-rooms", args=[row.pk]),
            link=_("Аудитории"),
            reasons=by_line["seats"],
        ),
        ready(
            "printed",
            max(key_at, before(begins, 120)),
            _("Критерии и бланки распечатаны в присутствии комиссии"),
            _("технический специалист"),
            made,
            row,
            by_line,
            url=reverse("day-print", args=[row.pk]),
            link=_("План печати"),
        ),
        ready(
            "audio",
            before(begins, 60),
            _("Аудиозапись проверена пробной записью"),
            _("технический специалист"),
            made,
            row,
            by_line,
        ),
        ready(
            "video",
            before(begins, 60),
            _("Видеозапись проверена"),
            _("технический специалист"),
            made,
            row,
            by_line,
        ),
        ready(
            "rooms",
            before(begins, 60),
            _("Аудитории изолированы, рабочие места готовы"),
            _("ответственный ТО"),
            made,
            row,
            by_line,
        ),
        Line(
            "people",
            before(begins, 45),
            _("Комиссия на месте"),
            _("председатель"),
            bool(here) and not by_line["people"],
            note=_("отмечены на месте: %(here)s из %(all)s")
            % {"here": here, "all": len(view.assignments)},
            reasons=by_line["people"],
        ),
        Line(
            "arrivals",
            before(begins, 40),
            _("Приём участников: личность и документы"),
            _("организаторы"),
            bool(view.people) and all(one.booking.pk in refused for one in view.waiting),
            note=_("допущены: %(came)s из %(all)s") % {"came": came, "all": len(view.people)},
            url=reverse("day-checkin", args=[row.pk]),
            link=_("К приёму"),
        ),
        Line(
            "briefing",
            before(begins, 10),
            _("Инструктаж: порядок, форма, продолжительность"),
            _("проводящие"),
            row.briefed_at is not None,
            note=_("проведён") if row.briefed_at else "",
            reasons=by_line["briefing"],
        ),
    ]


def ready(
    what: str,
    at: datetime,
    title: str,
    owner: str,
    made,
    row,
    by_line,
    *,
    url: str = "",
    link: str = "",
) -> Line:
    stamp = getattr(row, actions.READY_FIELDS[what])
    note = ""
    if stamp:
        note = _("отмечено в %(at)s, %(who)s") % {
            "at": localtime(stamp).strftime("%H:%M"),
            "who": made.get(what, {}).get("by", ""),
        }
    return Line(
        what,
        at,
        title,
        owner,
        stamp is not None,
        note=note,
        url=url,
        link=link,
        mark=what,
        reasons=by_line[what],
    )


def duties(view) -> list[dict[str, Any]]:
    """Who does what today, in the order of the order."""
    order = list(DayRole)
    return [
        {
            "id": one.pk,
            "position": one.position_id,
            "name": view.names[one.position_id],
            "role": _(rules.ROLE_WORDS[DayRole(one.role)]),
            "room": one.room.number if one.room else "",
            "present": one.present,
        }
        for one in sorted(view.assignments, key=lambda a: (order.index(DayRole(a.role)), a.pk))
    ]


@page(roles=CONDUCT)
@require_POST
def mark_ready(request: HttpRequest, day_id: int) -> HttpResponse:
    day_to_conduct(request, day_id)
    what = request.POST.get("what", "")
    if what in actions.READY_FIELDS:
        try:
            actions.mark_ready(
                day_id=day_id,
                what=what,
                ready=request.POST.get("ready") != "no",
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            refusals.flash(request, refused)
    return redirect(reverse("day", args=[day_id]) + f"#{what}")


@page(roles=CONDUCT)
@require_POST
def note_present(request: HttpRequest, day_id: int) -> HttpResponse:
    row = day_to_conduct(request, day_id)
    actions.note_present(
        day_id=row.pk,
        position_ids=[int(one) for one in request.POST.getlist("present") if one.isdigit()],
        actor=request.viewer,
        now=clock.now(),
    )
    messages.success(request, _("Присутствие отмечено."))
    return redirect("day", row.pk)


@page(roles=CONDUCT)
@require_POST
def brief(request: HttpRequest, day_id: int) -> HttpResponse:
    row = day_to_conduct(request, day_id)
    try:
        count = actions.brief(day_id=row.pk, actor=request.viewer, now=clock.now())
    except Refused as refused:
        refusals.flash(request, refused)
    else:
        messages.success(
            request,
            _("Инструктаж отмечен. Участников: %(count)s.") % {"count": count},
        )
    return redirect(request.POST.get("back") == "rooms" and "day-rooms" or "day", row.pk)


@page(roles=CONDUCT)
@require_POST
def start(request: HttpRequest, day_id: int) -> HttpResponse:
    row = day_to_conduct(request, day_id)
    try:
        actions.start_day(day_id=row.pk, actor=request.viewer, now=clock.now())
    except Refused as refused:
        refusals.flash(request, refused)
        return redirect("day", row.pk)
    messages.success(request, _("Тестирование начато. Ведите его из аудиторий."))
    return redirect("day-rooms", row.pk)
