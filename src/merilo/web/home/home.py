"""Page: «Мои дела» — what I must do, until when, and why. /"""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib import import_module

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from merilo import law
from merilo.casework import queries
from merilo.casework.queries import DueDuty
from merilo.casework.rules import Urgency
from merilo.foundation import clock
from merilo.law.sources import Source
from merilo.registry import queries as registry
from merilo.web import addresses
from merilo.web.lists import export, paginate, wants_export
from merilo.web.routes import EVERYONE, page

CONTEXTS = ("casework", "admissions", "booking", "testday", "grading", "results", "mechanisms")
FILTERS: dict[str, tuple[Urgency, ...]] = {
    "late": (Urgency.LATE,),
    "soon": (Urgency.TODAY, Urgency.SOON),
    "later": (Urgency.LATER,),
    "no_term": (Urgency.NO_TERM,),
}


@cache
def titles() -> dict[str, tuple[str, str]]:
    """The title and the page of every kind of duty, as the contexts name them."""
    found: dict[str, tuple[str, str]] = {}
    for context in CONTEXTS:
        found |= getattr(import_module(f"merilo.{context}.rules"), "DUTY_TITLES", {})
    return found


class Row:
    """One duty as it is shown: what, on what, until when, why."""

    def __init__(self, due: DueDuty, known: dict[str, tuple[str, str]]):
        self.duty = due.duty
        self.left = due.working_days_left
        self.urgency = due.urgency
        title, url_name = known.get(self.duty.kind, (self.duty.kind, ""))
        self.title = _(title)
        self.url = address(url_name, self.duty.subject)
        act = law.acts().get(self.duty.act)
        self.source = Source(act, self.duty.paragraph) if act else None


def address(url_name: str, subject: str) -> str:
    """The page where a duty is done; the case page where it has no page of its own."""
    number = subject.partition(":")[2]
    where = [int(number)] if number else []  # «letters»: of the organisation, not of one row
    for name in (url_name, "application"):
        try:
            return addresses.address(name, *where)
        except NoReverseMatch:
            continue
    return ""


@page(roles=EVERYONE)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    viewer, today = request.viewer, clock.today(request.viewer.timezone)
    profile = registry.active_profile()
    counters = queries.counters_of(viewer, today=today, profile=profile)
    chosen = request.GET.get("due", "")
    duties = queries.duties_of(viewer)
    if chosen in FILTERS:
        duties = _only(duties, FILTERS[chosen], today, profile)
    known = titles()
    if wants_export(request):
        rows = [
            Row(due, known) for due in queries.with_urgency(duties, today=today, profile=profile)
        ]
        return export(
            request,
            "duties",
            title=_("Мои дела"),
            columns=[
                (_("Что сделать"), lambda row: row.title),
                (_("Дело"), lambda row: row.duty.label),
                (_("Срок"), lambda row: row.duty.due_on),
                (_("Основание"), lambda row: str(row.source or "")),
            ],
            rows=rows,
        )
    shown = paginate(request, duties)
    shown.object_list = [
        Row(due, known)
        for due in queries.with_urgency(shown.object_list, today=today, profile=profile)
    ]
    return render(
        request,
        "home/home.html",
        {
            "page": shown,
            "counters": counters,
            "soon": counters["today"] + counters["soon"],
            "chosen": chosen,
            "incoming": queries.not_received_yet(viewer),
            "total": sum(counters.values()),
        },
    )


def _only(duties, wanted: tuple[Urgency, ...], today: date, profile: law.Profile):
    """The duties of an urgency, by the days that have it."""
    if Urgency.NO_TERM in wanted:
        return duties.filter(due_on=None)
    if Urgency.LATE in wanted:
        return duties.filter(due_on__lt=today)
    days = set(duties.order_by().values_list("due_on", flat=True)) - {None}
    fitting = [
        day
        for day in days
        if queries.urgency(
            day, today, queries.working_days_left(day, today=today, profile=profile)
        )
        in wanted
    ]
    return duties.filter(due_on__in=fitting)


@page(roles=EVERYONE)
@require_POST
def switch_position(request: HttpRequest) -> HttpResponse:
    """Work in another of one's positions."""
    wanted = request.POST.get("position", "")
    held = registry.positions_of(request.user, today=clock.today(settings.TIME_ZONE))
    if wanted.isdigit() and held.filter(pk=wanted).exists():
        request.session["position_id"] = int(wanted)
    return redirect("home")
