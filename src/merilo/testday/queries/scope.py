"""Which sessions, days and attempts a person may see; the commission of a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from merilo.admissions.models import Absence
from merilo.booking.models import Booking, TestSession
from merilo.booking.rules import BookingState, SessionState
from merilo.foundation.files.models import StoredFile
from merilo.registry import queries as registry
from merilo.registry.access import Role, Viewer, may
from merilo.registry.models import Position
from merilo.testday import access
from merilo.testday.models import (
    Attempt,
    Commission,
    CommissionMember,
    DayAssignment,
    SessionDay,
)
from merilo.testday.rules import AttemptState, DayRole, SessionDayState

ALIVE = (BookingState.CONFIRMED, BookingState.CHECKED_IN)


ENDED = (
    AttemptState.MARKED,
    AttemptState.CONSOLIDATED,
    AttemptState.ANNULLED,
    AttemptState.INTERRUPTED_TECH,
    AttemptState.INTERRUPTED_PERSONAL,
)


def sessions_held_by(viewer: Viewer) -> QuerySet[TestSession]:
    """The sessions a person may work on or watch; a commission member only those of his days."""
    sessions = TestSession.objects.select_related("testing_org", "place")
    if viewer.role == Role.TESTING_ORG:
        return sessions.filter(testing_org_id=viewer.organisation_id)
    if viewer.role == Role.COMMISSION:
        assigned = DayAssignment.objects.filter(
            day__session=OuterRef("pk"), position_id=viewer.position_id
        )
        member = CommissionMember.objects.filter(
            commission__days__session=OuterRef("pk"), position_id=viewer.position_id
        )
        return sessions.filter(testing_org_id=viewer.organisation_id).filter(
            Exists(assigned) | Exists(member)
        )
    if viewer.role == Role.RCOI:
        return sessions
    if may(viewer, access.ROLES, "testday.read") or viewer.role == Role.SYSTEM:
        return sessions.filter(registry.below(viewer, "testing_org__"))
    return sessions.none()


def sees_names(viewer: Viewer, day: SessionDay) -> bool:
    """Who only marks that day knows works by their codes; the others know the children."""
    if viewer.role != Role.COMMISSION:
        return may(viewer, access.ROLES, "testday.read_person")
    duties = day.assignments.filter(position_id=viewer.position_id)
    return duties.exclude(role=DayRole.EXPERT).exists()


def conducts(viewer: Viewer, day: SessionDay) -> bool:
    """Whether a member of the commission has more to do that day than to mark.

    Who only marks, or has no duty at all, may read when and where the day is, and no more.
    """
    return viewer.role != Role.COMMISSION or sees_names(viewer, day)


def days_visible_to(viewer: Viewer) -> QuerySet[SessionDay]:
    return SessionDay.objects.filter(session__in=sessions_held_by(viewer)).select_related(
        "session__testing_org", "session__place", "commission"
    )


def attempts_visible_to(viewer: Viewer) -> QuerySet[Attempt]:
    """Attempts of the days one works on; for schools and above, those of their applicants."""
    attempts = Attempt.objects.select_related("day__session__testing_org", "application")
    if viewer.role in access.CONDUCT:
        return attempts.filter(day__session__in=sessions_held_by(viewer))
    if viewer.role == Role.SCHOOL:
        return attempts.filter(application__school_id=viewer.organisation_id)
    if viewer.role in (Role.RCOI, Role.SYSTEM):
        return attempts
    if may(viewer, access.ROLES, "testday.read"):
        return attempts.filter(
            registry.below(viewer, "application__school__")
            | registry.below(viewer, "day__session__testing_org__")
        )
    return attempts.none()


def attempts_of_case(viewer: Viewer, application_id: int) -> QuerySet[Attempt]:
    """The attempts of one case in the viewer's scope; `place` names the testing organisation."""
    return (
        attempts_visible_to(viewer)
        .filter(application_id=application_id)
        .select_related(None)
        .annotate(place=F("day__session__testing_org__short_name"))
        .order_by("held_on", "pk")
    )


def file_visible_to(viewer: Viewer, file_id: Any) -> tuple[StoredFile, int] | None:
    """A sound or a work with its case, for those who conduct and mark that day."""
    if not may(viewer, access.ROLES, "testday.read_files"):
        return None
    owner = attempts_visible_to(viewer).filter(Q(audio_id=file_id) | Q(work_id=file_id)).first()
    return (StoredFile.objects.get(pk=file_id), owner.application_id) if owner else None


def upcoming(viewer: Viewer, *, since: date, until: date | None = None) -> QuerySet[TestSession]:
    """Sessions of the approved schedule from that day on, whether their day is opened or not."""
    sessions = sessions_held_by(viewer).filter(held_on__gte=since, state=SessionState.PLANNED)
    if until:
        sessions = sessions.filter(held_on__lte=until)
    return sessions.order_by("held_on", "starts_at", "pk")


def days_left_open() -> QuerySet[SessionDay]:
    """Days not begun whose session the ministry postponed or took out of the schedule."""
    return SessionDay.objects.filter(
        state__in=(SessionDayState.PLANNED, SessionDayState.STAFFED)
    ).exclude(session__state=SessionState.PLANNED)


def commissions_of(viewer: Viewer) -> QuerySet[Commission]:
    return (
        Commission.objects.filter(testing_org_id=viewer.organisation_id)
        .prefetch_related("members__position__account__person")
        .order_by("-approved_on", "-pk")
    )


def is_chair(viewer: Viewer, day: SessionDay) -> bool:
    """Whether the person is the chair of that day: by the duties of the day, present or not."""
    return (
        viewer.position_id is not None
        and day.assignments.filter(position_id=viewer.position_id, role=DayRole.CHAIR).exists()
    )


def no_shows_to_report(viewer: Viewer) -> QuerySet[Booking]:
    """No-shows of the municipality's applicants."""
    return (
        Booking.objects.filter(
            registry.below(viewer, "referral__application__school__"), state=BookingState.NO_SHOW
        )
        .select_related("session__testing_org", "referral__application__school")
        .order_by("-ended_at", "-pk")
    )


def absences_of(bookings: Iterable[Booking]) -> dict[tuple[int, date], Absence]:
    """What the МОУО said of each no-show, by referral and day; asked once for a whole page."""
    rows = Absence.objects.filter(referral__in=[one.referral_id for one in bookings])
    return {(row.referral_id, row.missed_on): row for row in rows}


def confirmed_absences(application_id: int) -> QuerySet[Absence]:
    return (
        Absence.objects.filter(application_id=application_id, confirmed_at__isnull=False)
        .select_related("mouo")
        .order_by("confirmed_at")
    )


def last_attempt_of_case(application_id: int) -> Attempt | None:
    """The attempt the case hangs on, whoever looks: only its state and day are told."""
    return (
        Attempt.objects.filter(application_id=application_id)
        .select_related("day")
        .order_by("held_on", "pk")
        .last()
    )


def staff_of(organisation_id: int, *, on: date) -> list[Position]:
    """Everybody with a position in the organisation on that day, by name."""
    positions = (
        Position.objects.filter(registry.open_on(on), organisation_id=organisation_id)
        .select_related("account__person")
        .order_by("account__person__search_key", "account__login", "pk")
    )
    return list(positions)


def name_of(position: Position | None) -> str:
    """A worker's name as protocols write it, or the login where the registry has no person."""
    if position is None:
        return ""
    person = position.account.person
    return person.initials if person else position.account.login
