"""The schedule and the bookings, as each role may see them."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncMonth

from merilo.admissions.models import Referral
from merilo.admissions.rules import (
    ApplicationState,
    ReferralState,
    number_as_issued,
)
from merilo.booking import access
from merilo.booking.models import Booking, Schedule, TestSession
from merilo.booking.rules import BookingState, ScheduleState, SessionState
from merilo.registry.access import Role, Viewer, may
from merilo.registry.models import TestingArea

SEES_ALL = (Role.MINISTRY, Role.RCOI, Role.AUDITOR)


# --- the schedule --------------------------------------------------------------------------------


def schedules_visible_to(viewer: Viewer) -> QuerySet[Schedule]:
    """Drafts are the ministry's; the approved ones are for everybody who works with them."""
    if not may(viewer, access.ROLES, "booking.read_schedule"):
        return Schedule.objects.none()
    schedules = Schedule.objects.order_by("-year", "-created_at", "-pk")
    if viewer.role == Role.MINISTRY:
        return schedules
    return schedules.filter(state=ScheduleState.APPROVED)


def with_counts(schedules: QuerySet[Schedule]) -> QuerySet[Schedule]:
    """Each schedule with its days, places and taken places, and its first and last day."""
    counted = ~Q(sessions__state=SessionState.CANCELLED)
    return schedules.annotate(
        days=Count("sessions", filter=counted),
        places=Sum("sessions__capacity", filter=counted, default=0),
        taken=Sum("sessions__taken", filter=counted, default=0),
        first_on=Min("sessions__held_on", filter=counted),
        last_on=Max("sessions__held_on", filter=counted),
    )


def all_sessions() -> QuerySet[TestSession]:
    return TestSession.objects.select_related(
        "schedule", "place", "testing_org", "testing_org__territory"
    ).order_by("held_on", "starts_at", "pk")


def published_sessions(viewer: Viewer) -> QuerySet[TestSession]:
    """Every day of the approved schedules: they are published, so each role may read them all."""
    if not may(viewer, access.ROLES, "booking.read_schedule"):
        return TestSession.objects.none()
    return (
        all_sessions()
        .filter(schedule__state=ScheduleState.APPROVED)
        .exclude(state=SessionState.CANCELLED)
    )


def sessions_visible_to(viewer: Viewer) -> QuerySet[TestSession]:
    """The days the viewer works with: of his organisation, below him, or all of them."""
    if viewer.role == Role.MINISTRY:
        return all_sessions()
    approved = all_sessions().filter(schedule__state=ScheduleState.APPROVED)
    if viewer.role in SEES_ALL:
        return approved
    if viewer.role == Role.MOUO:
        return approved.filter(testing_org__path__startswith=viewer.organisation_path)
    if viewer.role in (Role.TESTING_ORG, Role.COMMISSION):
        return approved.filter(testing_org_id=viewer.organisation_id)
    if viewer.role == Role.SCHOOL:
        serving = TestingArea.objects.filter(school_id=viewer.organisation_id)
        return approved.filter(testing_org__in=serving.values("testing_org_id"))
    return TestSession.objects.none()


def of_days(sessions: QuerySet[TestSession], when: str, *, today: date) -> QuerySet[TestSession]:
    """Days ahead (""), the past ones with the newest first ("past"), or all of them ("all")."""
    if when == "past":
        return sessions.filter(held_on__lt=today).order_by("-held_on", "-starts_at", "-pk")
    return sessions if when == "all" else sessions.filter(held_on__gte=today)


def with_free_places(sessions: QuerySet[TestSession]) -> QuerySet[TestSession]:
    return sessions.filter(taken__lt=F("capacity"), state=SessionState.PLANNED)


def sessions_of_schedule(viewer: Viewer, schedule_id: int) -> QuerySet[TestSession]:
    return sessions_visible_to(viewer).filter(schedule_id=schedule_id)


def capacity_by_month(viewer: Viewer) -> list[dict[str, Any]]:
    """Places and taken places: one row for a month and a municipality, in the order of both."""
    rows = (
        published_sessions(viewer)
        .filter(state=SessionState.PLANNED)
        .order_by()
        .annotate(month=TruncMonth("held_on"))
        .values("month", "testing_org__territory_id", "testing_org__territory__name")
        .annotate(days=Count("pk"), places=Sum("capacity"), taken=Sum("taken"))
        .order_by("testing_org__territory__name", "month")
    )
    return [
        {
            "month": row["month"],
            "territory": row["testing_org__territory__name"],
            "days": row["days"],
            "places": row["places"],
            "taken": row["taken"],
            "free": row["places"] - row["taken"],
        }
        for row in rows
    ]


# --- bookings ------------------------------------------------------------------------------------


def bookings_visible_to(viewer: Viewer) -> QuerySet[Booking]:
    """Bookings of the testing organisation, of the school's own applications, of those below."""
    if not may(viewer, access.ROLES, "booking.read"):
        return Booking.objects.none()
    bookings = Booking.objects.select_related(
        "referral",
        "referral__application",
        "referral__application__school",
        "session",
        "session__place",
        "session__testing_org",
    ).order_by("session__held_on", "session__starts_at", "pk")
    if viewer.role in (Role.MINISTRY, Role.AUDITOR):
        return bookings
    if viewer.role == Role.MOUO:
        path = viewer.organisation_path
        return bookings.filter(
            Q(session__testing_org__path__startswith=path)
            | Q(referral__application__school__path__startswith=path)
        )
    if viewer.role == Role.SCHOOL:
        return bookings.filter(referral__application__school_id=viewer.organisation_id)
    return bookings.filter(session__testing_org_id=viewer.organisation_id)


def participants_of(session_id: int) -> QuerySet[Booking]:
    """Who is expected on the day, by grade. Ask it only for a session the viewer may see."""
    return (
        Booking.objects.filter(session_id=session_id)
        .select_related("referral", "referral__application", "referral__application__school")
        .order_by(F("state").asc(), "referral__grade", "booked_at", "pk")
    )


def live_booking_of(referral_id: int) -> Booking | None:
    return (
        Booking.objects.filter(referral_id=referral_id, state=BookingState.CONFIRMED)
        .select_related("session", "session__place", "session__testing_org")
        .first()
    )


def bookings_of_case(application_id: int) -> QuerySet[Booking]:
    """All bookings on a case, the first one first, with what its page tells of each."""
    return (
        Booking.objects.filter(referral__application_id=application_id)
        .select_related("session__place", "session__testing_org")
        .only(
            *("referral_id", "state", "booked_at", "ended_at", "end_reason", "warnings"),
            *("session__held_on", "session__starts_at"),
            *("session__place__name", "session__place__address"),
            "session__testing_org__short_name",
        )
        .order_by("booked_at", "pk")
    )


def waiting_for_new_day(session_id: int) -> QuerySet[Booking]:
    """Bookings of a postponed day whose people have no new day yet, the first to book first."""
    last = Booking.objects.filter(referral_id=OuterRef("referral_id")).order_by(
        "-booked_at", "-pk"
    )
    return (
        Booking.objects.filter(
            session_id=session_id,
            state=BookingState.RESCHEDULED,
            referral__state=ReferralState.BOOKED,
            pk=Subquery(last.values("pk")[:1]),
        )
        .select_related("referral", "referral__application")
        .order_by("booked_at", "pk")
    )


# --- what may be booked --------------------------------------------------------------------------


def referral_for(viewer: Viewer, scanned: str) -> Referral | None:
    """The referral to this testing organisation by its number or by the text of its QR code."""
    text = scanned.strip()
    asked = parse_qs(urlsplit(text).query).get("number")
    text = asked[0] if asked else text.rstrip("/").rsplit("/", 1)[-1]
    number = number_as_issued(text)
    if not number or viewer.role != Role.TESTING_ORG:
        return None
    return referrals_to(viewer).filter(Q(number=number) | Q(qr_token=text)).first()


def waiting_to_book(viewer: Viewer) -> QuerySet[Referral]:
    """Referrals to this organisation that may still be booked, the nearest term first."""
    referrals = referrals_to(viewer).filter(
        Q(state=ReferralState.DELIVERED)
        | Q(
            state=ReferralState.UNUSED_NO_SHOW,
            application__state=ApplicationState.REFERRED,
        )
    )
    return referrals.order_by(F("book_until").asc(nulls_last=True), "pk")


def referrals_to(viewer: Viewer) -> QuerySet[Referral]:
    """The referrals a testing organisation was given."""
    return Referral.objects.filter(testing_org_id=viewer.organisation_id).select_related(
        "application", "application__child", "application__school", "testing_org"
    )


def seats_of_ended_cases() -> QuerySet[Booking]:
    """Live bookings of referrals that were revoked or whose application was withdrawn."""
    return (
        Booking.objects.filter(state=BookingState.CONFIRMED)
        .filter(
            Q(referral__state__in=(ReferralState.REVOKED, ReferralState.EXPIRED))
            | Q(referral__application__state=ApplicationState.WITHDRAWN)
        )
        .order_by("pk")
    )
