"""The schedule and the bookings, as each role may see them; what may be booked for a referral."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncMonth

from merilo.admissions import queries as admissions
from merilo.admissions.models import Referral
from merilo.admissions.rules import (
    ApplicationState,
    Category,
    ReferralState,
    age_on,
)
from merilo.booking import access, rules
from merilo.booking.models import Booking, Schedule, TestSession
from merilo.booking.rules import BookingState, ScheduleState, SessionState
from merilo.law import CalendarNotPublished, Profile, Refusal
from merilo.materials import queries as materials
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


def _sessions() -> QuerySet[TestSession]:
    return TestSession.objects.select_related(
        "schedule", "place", "testing_org", "testing_org__territory"
    ).order_by("held_on", "starts_at", "pk")


def published_sessions(viewer: Viewer) -> QuerySet[TestSession]:
    """Every day of the approved schedules: they are published, so each role may read them all."""
    if not may(viewer, access.ROLES, "booking.read_schedule"):
        return TestSession.objects.none()
    return (
        _sessions()
        .filter(schedule__state=ScheduleState.APPROVED)
        .exclude(state=SessionState.CANCELLED)
    )


def sessions_visible_to(viewer: Viewer) -> QuerySet[TestSession]:
    """The days the viewer works with: of his organisation, below him, or all of them."""
    if viewer.role == Role.MINISTRY:
        return _sessions()
    approved = _sessions().filter(schedule__state=ScheduleState.APPROVED)
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
    """All bookings on a case, the first one first."""
    return (
        Booking.objects.filter(referral__application_id=application_id)
        .select_related("session", "session__place")
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
    number = re.sub(r"^[№#\s]+", "", text)
    if not number or viewer.role != Role.TESTING_ORG:
        return None
    return referrals_to(viewer).filter(Q(number__iexact=number) | Q(qr_token=text)).first()


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


def referral_facts(referral: Referral, *, on: date, profile: Profile) -> rules.ReferralFacts:
    """What the rules of booking need to know of a referral on that day."""
    application = referral.application
    bookings = list(referral.bookings.select_related("session").order_by("booked_at", "pk"))
    live = next((b for b in bookings if b.state == BookingState.CONFIRMED), None)
    born = application.child.birth_date
    adult = profile.value("admissions.adult_age", on=on)
    return rules.ReferralFacts(
        state=ReferralState(referral.state),
        received_on=referral.received_on,
        grade=referral.grade,
        category=Category(application.category),
        testing_org=referral.testing_org_id,
        attempt_no=referral.attempt_no,
        of_age=born is not None and age_on(born, on) >= adult.value,
        special_needs=bool(application.special_needs),
        booked_on=live.session.held_on if live else None,
        failed_on=admissions.failed_on(application.child_id, without=application.pk),
        replaced_by=_replacement(referral),
        missed=admissions.no_show_facts(application.pk)
        if any(b.state in (BookingState.NO_SHOW, BookingState.NOT_ADMITTED) for b in bookings)
        else None,
        same_application_failed=application.state
        in (ApplicationState.FAILED, ApplicationState.REFUSED_TEST_FAILED),
        postponed=bool(bookings) and bookings[-1].state == BookingState.RESCHEDULED,
        not_before=referral.earliest_test_on,
    )


def _replacement(referral: Referral) -> tuple[str, str] | None:
    """Number and organisation of the referral that took the place of this one."""
    if referral.state != ReferralState.REVOKED:
        return None
    new = Referral.objects.filter(replaces=referral).select_related("testing_org").first()
    return (new.number, new.testing_org.short_name) if new else None


def changes_of(referral_id: int) -> int:
    """How many times the parent has moved or cancelled already."""
    return Booking.objects.filter(
        referral_id=referral_id,
        state__in=(BookingState.CHANGED_BY_PARENT, BookingState.CANCELLED),
    ).count()


@dataclass(frozen=True)
class DayChoice:
    """A day of the schedule with everything that speaks against it, or warns, for one referral."""

    session: TestSession
    against: tuple[Refusal, ...]
    warnings: tuple[Refusal, ...]

    @property
    def allowed(self) -> bool:
        return not self.against


@dataclass(frozen=True)
class Choice:
    """What may be booked: reasons against any day at all, then each day with its own reasons."""

    facts: rules.ReferralFacts
    against: tuple[Refusal, ...]
    days: tuple[DayChoice, ...]
    missing_law: str = ""  # the calendar that is not published, in words

    @property
    def allowed(self) -> bool:
        return not (self.against or self.missing_law) and any(d.allowed for d in self.days)


def days_ahead(testing_org_id: int, *, today: date) -> QuerySet[TestSession]:
    """Days of the approved schedule after today, the nearest first."""
    return _sessions().filter(
        testing_org_id=testing_org_id,
        schedule__state=ScheduleState.APPROVED,
        state=SessionState.PLANNED,
        held_on__gt=today,
    )


def choice_for(
    referral: Referral,
    *,
    today: date,
    profile: Profile,
    limit: int = 120,
    moving: Booking | None = None,
) -> Choice:
    """Every day ahead with its reasons. `moving`: the live booking that would be given up."""
    facts = referral_facts(referral, on=today, profile=profile)
    sessions = days_ahead(referral.testing_org_id, today=today)
    if moving is not None:
        sessions = sessions.exclude(pk=moving.session_id)
    loaded = list(sessions[:limit])
    kits = materials.free_kits_of(referral.testing_org_id).get(referral.grade, 0)
    days: list[DayChoice] = []
    try:
        against = _against_any_day(referral, facts, moving, today=today, profile=profile)
        for session in loaded:
            stop, warn = _split(
                rules.reasons_against_session(
                    facts, session.facts(free_reserve_kits=kits), booked_on=today, profile=profile
                )
            )
            days.append(DayChoice(session, stop, warn))
    except CalendarNotPublished as missing:
        return Choice(facts, (), tuple(days), str(missing))
    return Choice(facts, against, _offer_others(days))


def _offer_others(days: list[DayChoice]) -> tuple[DayChoice, ...]:
    """Beside «full», name the first days that may be taken instead."""
    open_days = tuple(day.session.held_on for day in days if day.allowed)[:3]
    if not open_days:
        return tuple(days)
    return tuple(
        replace(
            day,
            against=tuple(
                rules.SESSION_FULL(held_on=day.session.held_on, next_days=open_days)
                if one.reason is rules.ALL_FULL
                else one
                for one in day.against
            ),
        )
        for day in days
    )


def _against_any_day(
    referral: Referral,
    facts: rules.ReferralFacts,
    moving: Booking | None,
    *,
    today: date,
    profile: Profile,
) -> tuple[Refusal, ...]:
    if moving is None:
        return _split(rules.reasons_against_referral(facts, booked_on=today, profile=profile))[0]
    return _split(
        rules.reasons_against_change(
            BookingState(moving.state),
            changes=changes_of(referral.pk),
            session_on=moving.session.held_on,
            today=today,
            profile=profile,
        )
    )[0]


def next_free_days(
    referral: Referral,
    facts: rules.ReferralFacts,
    *,
    today: date,
    profile: Profile,
    count: int = 3,
) -> tuple[date, ...]:
    """The first days that this referral could take now."""
    kits = materials.free_kits_of(referral.testing_org_id).get(referral.grade, 0)
    found: list[date] = []
    for session in days_ahead(referral.testing_org_id, today=today).filter(
        taken__lt=F("capacity"), grades__contains=[referral.grade]
    )[:60]:
        about = session.facts(free_reserve_kits=kits)
        stop, _ = _split(
            rules.reasons_against_session(facts, about, booked_on=today, profile=profile)
        )
        if not stop:
            found.append(session.held_on)
        if len(found) == count:
            break
    return tuple(found)


def _split(reasons: Iterable[Refusal]) -> tuple[tuple[Refusal, ...], tuple[Refusal, ...]]:
    every = tuple(reasons)
    return (
        tuple(one for one in every if not one.is_warning),
        tuple(one for one in every if one.is_warning),
    )


# --- for the clock -------------------------------------------------------------------------------


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
