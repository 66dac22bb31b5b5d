"""What may be booked for a referral: every day ahead with its reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import F, QuerySet

from merilo.admissions import queries as admissions
from merilo.admissions.models import Referral
from merilo.admissions.rules import (
    ApplicationState,
    Category,
    ReferralState,
    age_on,
)
from merilo.booking import rules
from merilo.booking.models import Booking, TestSession
from merilo.booking.rules import BookingState, ScheduleState, SessionState
from merilo.law import CalendarNotPublished, Profile, Refusal
from merilo.materials import queries as materials

from .listing import all_sessions


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
    return all_sessions().filter(
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
