"""Pages: «Правила и сроки» — every value with its act and paragraph, and how a date was counted."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from merilo import law
from merilo.foundation import clock
from merilo.law import CalendarNotPublished, NoSuchParameter, NotInForce
from merilo.registry import queries as registry
from merilo.web.routes import page

GROUPS = {
    "admissions": gettext_lazy("Приём заявлений и документов"),
    "booking": gettext_lazy("Запись на тестирование"),
    "retest": gettext_lazy("Повторное тестирование"),
    "materials": gettext_lazy("Диагностические материалы"),
    "testday": gettext_lazy("День тестирования"),
    "scoring": gettext_lazy("Оценивание"),
    "results": gettext_lazy("Результаты"),
    "appeals": gettext_lazy("Апелляции"),
    "records": gettext_lazy("Хранение"),
    "reports": gettext_lazy("Отчётность"),
    "schedule": gettext_lazy("Расписание и публикация"),
}


class OnDay(forms.Form):
    on = forms.DateField(label=gettext_lazy("На дату"), required=False)


def _values(profile: law.Profile, on: date):
    for name in profile.names():
        try:
            yield law.definition(name), profile.value(name, on=on)
        except NotInForce:
            continue


@page(public=True)
@require_GET
def rulebook(request: HttpRequest) -> HttpResponse:
    profile = registry.active_profile()
    form = OnDay(request.GET or None)
    on = clock.today(profile.timezone)
    if form.is_valid() and form.cleaned_data["on"]:
        on = form.cleaned_data["on"]
    rows = list(_values(profile, on))
    groups = [
        (GROUPS.get(name, name), list(these))
        for name, these in groupby(rows, key=lambda row: row[0].name.split(".")[0])
    ]
    return render(
        request,
        "law/rulebook.html",
        {
            "profile": profile,
            "on": on,
            "form": form,
            "groups": groups,
            "years": sorted(profile.days.years),
            "laxer": profile.laxer_than_norm(on),
        },
    )


@page(public=True)
@require_GET
def rule(request: HttpRequest, name: str) -> HttpResponse:
    profile = registry.active_profile()
    try:
        meaning = law.definition(name)
    except NoSuchParameter:
        raise Http404 from None
    on = clock.today(profile.timezone)
    try:
        current = profile.value(name, on=on)
    except NotInForce:
        current = None
    return render(
        request,
        "law/rule.html",
        {
            "meaning": meaning,
            "current": current,
            "history": profile.values.get(name, ()),
            "profile": profile,
            "on": on,
        },
    )


class CountForm(forms.Form):
    start = forms.DateField(label=gettext_lazy("Событие"))
    days = forms.IntegerField(label=gettext_lazy("Рабочих дней"), min_value=0, max_value=60)


@page(public=True)
@require_GET
def counting(request: HttpRequest) -> HttpResponse:
    """How a term was counted, day by day."""
    profile = registry.active_profile()
    form = CountForm(request.GET or None)
    rows, end, missing = [], None, ""
    if form.is_valid():
        start, count = form.cleaned_data["start"], form.cleaned_data["days"]
        why = {note.day: note for note in profile.days.notes}
        try:
            end = profile.days.after(start, count)
            number, day = 0, start
            while day <= end:
                working = profile.days.is_working(day)
                number += working and day != start
                rows.append(
                    (day, working, number if working and day != start else None, why.get(day))
                )
                day += timedelta(days=1)
        except CalendarNotPublished as unknown:
            missing = str(unknown)
    return render(
        request, "law/counting.html", {"form": form, "rows": rows, "end": end, "missing": missing}
    )


@page(public=True)
@require_GET
def production_calendar(request: HttpRequest, year: int) -> HttpResponse:
    days = registry.active_profile().days
    if year not in days.years:
        return render(
            request,
            "law/calendar.html",
            {
                "year": year,
                "missing": str(CalendarNotPublished(year)),
                "years": sorted(days.years),
            },
            status=404,
        )
    return render(
        request,
        "law/calendar.html",
        {
            "year": year,
            "years": sorted(days.years),
            "notes": [note for note in days.notes if note.day.year == year],
            "working": sum(
                days.is_working(date(year, 1, 1) + timedelta(days=n))
                for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)
            ),
            "title": _("Рабочие дни %(year)s года") % {"year": year},
        },
    )
