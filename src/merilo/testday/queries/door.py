"""What the door, the log and the print plan of a day ask for."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.db.models import QuerySet

from merilo import law
from merilo.booking.models import Booking
from merilo.foundation.journal.models import JournalEntry
from merilo.foundation.journal.recording import subject
from merilo.law import Form
from merilo.materials import rules as materials
from merilo.registry.rules import search_key
from merilo.testday.models import (
    Incident,
    SessionDay,
)
from merilo.testday.rules import DayRole

from .day import DayView, Expected, bookings_of
from .scope import ALIVE


def print_plans(view: DayView, *, profile: law.Profile) -> tuple[materials.PrintPlan, ...]:
    """What to print, for each grade and form of the day apart (F.13)."""
    return tuple(
        materials.print_plan(grade, form, counts, on=view.day.session.held_on, profile=profile)
        for (grade, form), counts in sorted(print_counts(view).items())
    )


def print_counts(view: DayView) -> dict[tuple[int, Form], materials.Counts]:
    """The people of each grade; conductors and experts of the whole day work with every grade."""
    roles = defaultdict(set)
    for one in view.assignments:
        roles[one.role].add(one.position_id)
    people: dict[int, list[Form]] = defaultdict(list)
    for one in view.people:
        people[one.booking.referral.grade].append(one.form)
    found = {}
    for grade, forms in people.items():
        written = sum(form != Form.ORAL for form in forms)
        found[grade, Form.ORAL_WRITTEN if written else Form.ORAL] = materials.Counts(
            oral_conductors=len(roles[DayRole.ORAL_CONDUCTOR]) or 1,
            written_conductors=(len(roles[DayRole.WRITTEN_CONDUCTOR]) or 1) if written else 0,
            experts=len(roles[DayRole.EXPERT]) or 1,
            oral_participants=len(forms),
            written_participants=written,
        )
    return found


def incidents_of(day: SessionDay) -> QuerySet[Incident]:
    return day.incidents.select_related("attempt", "by__person").order_by("at", "pk")


def find_at_door(day: SessionDay, typed: str) -> list[Booking]:
    """Bookings of the day by the number of the referral, typed or scanned, or by the surname."""
    typed = typed.strip()
    if "number=" in typed:  # what a scanner reads from the referral: the address with the number
        typed = parse_qs(urlsplit(typed).query).get("number", [""])[0]
    if not typed:
        return []
    here = bookings_of(day.session_id).filter(state__in=ALIVE)
    by_number = list(here.filter(referral__number__iexact=typed))
    key = search_key(typed)
    return by_number or list(
        here.filter(referral__application__child__search_key__startswith=key)[:20]
    )


def booking_at_door(day: SessionDay, booking_id: int) -> Booking | None:
    return (
        bookings_of(day.session_id)
        .select_related(
            "referral__application__child",
            "referral__application__school",
            "referral__application__representative",
        )
        .filter(pk=booking_id)
        .first()
    )


def next_expected(view: DayView, after: int | None = None) -> Expected | None:
    """Who is checked in next: the one after `after` in the list, then the first who waits."""
    order = [one.booking.pk for one in view.people]
    start = order.index(after) + 1 if after in order else 0
    turn = view.people[start:] + view.people[:start]
    return next((one for one in turn if one.attempt is None), None)


def who_made_ready(day: SessionDay) -> dict[str, dict[str, Any]]:
    """The last mark of each thing that was made ready: by whom and when, from the journal."""
    entries = (
        JournalEntry.objects.filter(about=subject(day), event="day.readiness")
        .select_related("actor__person")
        .order_by("at", "pk")
    )
    return {
        entry.facts.get("what", ""): {
            "at": entry.at,
            "by": (
                entry.actor.person.initials
                if entry.actor and entry.actor.person
                else entry.actor.login
                if entry.actor
                else ""
            ),
        }
        for entry in entries
    }
