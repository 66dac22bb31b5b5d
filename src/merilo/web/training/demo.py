"""Pages of a demonstration only: its clock, its letters, its accounts. /demo/"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from merilo.booking import actions as booking
from merilo.casework import queries as casework
from merilo.foundation import clock
from merilo.law import CalendarNotPublished
from merilo.registry import queries as registry
from merilo.registry.access import Viewer
from merilo.testday import actions as testday
from merilo.web.lists import paginate
from merilo.web.refusals import words
from merilo.web.routes import page

from .people import PASSWORD, PEOPLE


class ClockForm(forms.Form):
    days = forms.TypedChoiceField(
        label=gettext_lazy("Перевести часы вперёд"),
        coerce=int,
        choices=[
            (1, gettext_lazy("на следующий рабочий день, 9:00")),
            (3, gettext_lazy("на три рабочих дня")),
            (7, gettext_lazy("на семь рабочих дней: к первому возможному дню тестирования")),
        ],
        widget=forms.RadioSelect,
        initial=1,
    )


@page(demo=True)
@require_http_methods(["GET", "POST"])
def demo_clock(request: HttpRequest) -> HttpResponse:
    """Let time pass: terms run out, test days come. Only forwards, and only here."""
    form = ClockForm(request.POST or None)
    zone = ZoneInfo(settings.TIME_ZONE)
    now = clock.now().astimezone(zone)
    if request.method == "POST" and form.is_valid():
        try:
            day = registry.active_profile().days.after(now.date(), form.cleaned_data["days"])
        except CalendarNotPublished as missing:
            form.add_error(None, str(missing))
        else:
            clock.move(datetime.combine(day, time(9), zone) - now)
            booking.expire_due(actor=Viewer.system(), now=clock.now())
            testday.open_upcoming_days(now=clock.now())
            messages.success(
                request, _("Теперь в демонстрации %(day)s, 9:00.") % {"day": words(day)}
            )
            return redirect("demo-clock")
    return render(
        request, "training/clock.html", {"form": form, "now": now, "tomorrow": timedelta(days=1)}
    )


@page(demo=True)
@require_GET
def demo_letters(request: HttpRequest) -> HttpResponse:
    """The letters of the demonstration, as the parents would get them."""
    return render(
        request, "training/letters.html", {"page": paginate(request, casework.letters(), 20)}
    )


@page(demo=True)
@require_GET
def demo_accounts(request: HttpRequest) -> HttpResponse:
    """Who may be tried, and what to try first."""
    return render(request, "training/accounts.html", {"people": PEOPLE, "password": PASSWORD})
