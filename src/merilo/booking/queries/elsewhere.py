"""Where else a child may be tested: the testing organisations of the region with their days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import F

from merilo.admissions import queries as admissions
from merilo.admissions.models import Application
from merilo.admissions.rules import ApplicationState, Category, ReferralState
from merilo.booking import rules
from merilo.booking.models import Booking, TestSession
from merilo.booking.rules import BookingState, ScheduleState, SessionState
from merilo.registry import queries as registry
from merilo.registry.models import Organisation
from merilo.registry.rules import Function


@dataclass(frozen=True)
class OtherPlace:
    """A testing organisation: how near to the school, and the days ahead that have places."""

    organisation: Organisation
    same_municipality: bool
    days: tuple[date, ...]
    places: int
    accessible: bool

    def facts(self) -> rules.PlaceFacts:
        return rules.PlaceFacts(
            self.organisation.pk,
            listed=True,
            free_days=len(self.days),
            accessible=self.accessible,
        )


def case_facts(application: Application) -> rules.CaseFacts:
    """Where the case and its live referral stand, for the rules of replacing the referral."""
    referral = admissions.live_referral(application.pk)
    live = (
        Booking.objects.filter(referral=referral, state=BookingState.CONFIRMED)
        .select_related("session")
        .first()
        if referral
        else None
    )
    return rules.CaseFacts(
        state=ApplicationState(application.state),
        referral=ReferralState(referral.state) if referral else None,
        category=Category(application.category),
        grade=application.grade,
        testing_org=referral.testing_org_id if referral else None,
        booked_on=live.session.held_on if live else None,
        special_needs=bool(application.special_needs),
    )


def other_places(
    application: Application, *, without: int | None, today: date
) -> list[OtherPlace]:
    """Every other testing organisation of the day: those of the school's municipality first."""
    sessions: dict[int, list[TestSession]] = {}
    for session in (
        TestSession.objects.filter(
            schedule__state=ScheduleState.APPROVED,
            state=SessionState.PLANNED,
            held_on__gt=today,
            taken__lt=F("capacity"),
            grades__contains=[application.grade],
        )
        .select_related("place")
        .order_by("held_on", "starts_at", "pk")
    ):
        sessions.setdefault(session.testing_org_id, []).append(session)
    found = []
    for organisation in registry.organisations_with(Function.TESTING_ORG, on=today).select_related(
        "territory"
    ):
        if organisation.pk == without:
            continue
        ahead = sessions.get(organisation.pk, [])
        found.append(
            OtherPlace(
                organisation,
                organisation.territory_id == application.school.territory_id,
                tuple(session.held_on for session in ahead),
                sum(session.free for session in ahead),
                any(session.place.accessible for session in ahead),
            )
        )
    return sorted(found, key=lambda one: not one.same_municipality)


def place_facts(application: Application, testing_org_id: int, *, today: date) -> rules.PlaceFacts:
    """The chosen organisation; one that is no testing organisation today is not listed."""
    for place in other_places(application, without=None, today=today):
        if place.organisation.pk == testing_org_id:
            return place.facts()
    return rules.PlaceFacts(testing_org_id, listed=False, free_days=0)


def postponed_session_of(application_id: int) -> int | None:
    """The put-off day on whose additional date the child waits; to be locked before the case."""
    last = (
        Booking.objects.filter(
            referral__application_id=application_id, referral__state=ReferralState.BOOKED
        )
        .order_by("-booked_at", "-pk")
        .first()
    )
    return last.session_id if last and last.state == BookingState.RESCHEDULED else None
