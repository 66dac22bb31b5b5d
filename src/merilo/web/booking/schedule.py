"""Pages: the approved schedule for those who work by it, and one day of it. /schedule/"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET

from merilo.booking import queries, rules
from merilo.booking.access import ROLES
from merilo.foundation import clock
from merilo.registry.access import Role
from merilo.web.booking.made import STATE_KINDS
from merilo.web.lists import export, paginate, wants_export
from merilo.web.routes import page

SESSION_KINDS = {
    rules.SessionState.PLANNED: "info",
    rules.SessionState.POSTPONED: "soon",
    rules.SessionState.CANCELLED: "wait",
}


class ScheduleFilter(forms.Form):
    when = forms.ChoiceField(
        label=lazy("Дни"),
        required=False,
        choices=[("", lazy("впереди")), ("past", lazy("прошедшие")), ("all", lazy("все"))],
    )
    grade = forms.TypedChoiceField(
        label=lazy("Класс"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", lazy("любой")), *((n, str(n)) for n in range(1, 12))],
    )
    free = forms.BooleanField(label=lazy("Есть места"), required=False)
    all = forms.BooleanField(label=lazy("Весь регион"), required=False)


@page(roles=ROLES["booking.read_schedule"])
@require_GET
def schedule(request: HttpRequest) -> HttpResponse:
    viewer, today = request.viewer, clock.today(request.viewer.timezone)
    form = ScheduleFilter(request.GET or None)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = (
        queries.published_sessions(viewer)
        if chosen.get("all")
        else queries.sessions_visible_to(viewer).filter(
            schedule__state=rules.ScheduleState.APPROVED
        )
    ).exclude(state=rules.SessionState.CANCELLED)
    found = queries.of_days(found, chosen.get("when") or "", today=today)
    if chosen.get("grade"):
        found = found.filter(grades__contains=[chosen["grade"]])
    if chosen.get("free"):
        found = queries.with_free_places(found)
    if wants_export(request):
        return export(
            request,
            "schedule",
            title=_("Расписание тестирования"),
            columns=[
                (_("Дата"), lambda one: one.held_on),
                (_("Начало"), lambda one: f"{one.starts_at:%H:%M}"),
                (_("Тестирующая организация"), lambda one: one.testing_org.short_name),
                (_("Пункт"), lambda one: one.place.name),
                (_("Адрес"), lambda one: one.place.address),
                (_("Классы"), lambda one: grades_words(one.grades)),
                (_("Мест"), lambda one: one.capacity),
                (_("Занято"), lambda one: one.taken),
                (_("Дата результатов"), lambda one: one.results_official_on),
                (_("Состояние"), lambda one: _(one.state_name)),
            ],
            rows=found,
        )
    shown = paginate(request, found)
    for one in shown.object_list:
        dress(one)
    return render(
        request,
        "booking/schedule.html",
        {
            "form": form,
            "page": shown,
            "opens": viewer.role in (Role.TESTING_ORG, Role.MOUO, Role.AUDITOR, Role.MINISTRY),
        },
    )


def dress(session: Any) -> Any:
    """Words for the row of a day."""
    session.words = _(session.state_name)
    session.kind = SESSION_KINDS[rules.SessionState(session.state)]
    session.grades_words = grades_words(session.grades)
    return session


def grades_words(grades: list[int]) -> str:
    """«1, 3–5»: runs of grades together."""
    runs: list[list[int]] = []
    for grade in sorted(grades):
        if runs and grade == runs[-1][1] + 1:
            runs[-1][1] = grade
        else:
            runs.append([grade, grade])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in runs)


@page(roles=ROLES["booking.read"] - {Role.SCHOOL})
@require_GET
def session(request: HttpRequest, session_id: int) -> HttpResponse:
    """Who is expected on a day: numbers and grades; a name only when it is asked for."""
    viewer = request.viewer
    try:
        found = queries.sessions_visible_to(viewer).get(pk=session_id)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    bookings = queries.participants_of(found.pk).filter(
        pk__in=queries.bookings_visible_to(viewer).values("pk")
    )
    shown = paginate(request, bookings, per_page=100)
    for one in shown.object_list:
        one.words = _(one.state_name)
        one.kind = STATE_KINDS[rules.BookingState(one.state)]
    return render(
        request,
        "booking/session.html",
        {
            "session": dress(found),
            "page": shown,
            "reveals": viewer.role in (Role.TESTING_ORG, Role.MOUO, Role.AUDITOR),
            "waiting": queries.waiting_for_new_day(found.pk).count()
            if found.state == rules.SessionState.POSTPONED
            else 0,
        },
    )
