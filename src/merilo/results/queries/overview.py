"""What is told beside the results: the parent's story, the funnel of a municipality."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from merilo.admissions.models import Application, Referral
from merilo.admissions.rules import number_as_issued
from merilo.booking.models import Booking
from merilo.booking.rules import BookingState
from merilo.results.models import Result
from merilo.results.rules import ResultState
from merilo.testday.models import Attempt
from merilo.testday.rules import AttemptState


@dataclass(frozen=True)
class ParentStory:
    """All that a parent may see of his case, gathered for the status page."""

    application: Application
    referral: Referral | None
    booking: Booking | None
    no_shows: int
    not_admitted: Booking | None  # the last booking that ended at the door
    interrupted: Attempt | None  # broken off, and nothing came of it yet
    result: Result | None


def case_of_parent(number: str, birth_date: date) -> Application | None:
    """The case of that application or referral number, if the child was born on that day."""
    number = number_as_issued(number)
    return (
        Application.objects.filter(Q(number=number) | Q(referrals__number=number))
        .filter(child__birth_date=birth_date)
        .select_related("school")
        .distinct()
        .first()
    )


def parent_story(application_id: int) -> ParentStory:
    """What happened so far, for the parent himself; a result only after the school has told it."""
    application = Application.objects.select_related("school").get(pk=application_id)
    referral = (
        application.referrals.exclude(state__in=["revoked"])
        .select_related("testing_org")
        .order_by("-issued_at")
        .first()
    )
    bookings = list(
        referral.bookings.select_related("session__place").order_by("-booked_at")
        if referral
        else ()
    )
    told = [ResultState.INFORMED, ResultState.UNDER_APPEAL, ResultState.FINAL]
    told += [ResultState.AMENDED_UP, ResultState.AMENDED_DOWN, ResultState.CONFIRMED]
    return ParentStory(
        application=application,
        referral=referral,
        booking=next((b for b in bookings if b.state in ("confirmed", "checked_in")), None),
        no_shows=sum(b.state == BookingState.NO_SHOW for b in bookings),
        not_admitted=next((b for b in bookings if b.state == BookingState.NOT_ADMITTED), None),
        interrupted=application.attempts.filter(
            state__in=(AttemptState.INTERRUPTED_TECH, AttemptState.INTERRUPTED_PERSONAL)
        )
        .order_by("-held_on", "-pk")
        .first(),
        result=application.results.filter(state__in=told).order_by("-held_on").first(),
    )
