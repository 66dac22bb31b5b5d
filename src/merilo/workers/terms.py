"""Terms that had no production calendar when they began: count them once it is published."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from merilo.admissions import actions as admissions
from merilo.booking import actions as booking
from merilo.casework import queries as casework
from merilo.law import LawError, Refused
from merilo.registry.access import Viewer


def refresh_terms(*, actor: Viewer, now: datetime) -> int:
    """Refresh every subject whose duty says that its calendar was missing; how many were."""
    done = 0
    for subject in casework.subjects_without_term():
        kind, _, number = subject.partition(":")
        refresh = REFRESH.get(kind)
        if refresh is None:
            continue
        try:
            refresh(int(number), actor, now)
        except (LawError, Refused):
            continue  # still unknown: the duty goes on saying which calendar is missing
        done += 1
    return done


REFRESH: dict[str, Callable[[int, Viewer, datetime], object]] = {
    "application": lambda number, actor, now: admissions.refresh_terms(
        application_id=number, actor=actor, now=now
    ),
    "schedule": lambda number, actor, now: booking.refresh_schedule_terms(
        schedule_id=number, actor=actor, now=now
    ),
    "testsession": lambda number, actor, now: booking.refresh_session_terms(
        session_id=number, actor=actor, now=now
    ),
}
