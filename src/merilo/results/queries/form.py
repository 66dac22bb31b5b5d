"""The other lines of the collecting form: whoever was booked and has no result."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from merilo.booking.models import Booking
from merilo.booking.rules import BookingState
from merilo.registry import queries as registry
from merilo.registry.access import Role, Viewer
from merilo.results.models import Result
from merilo.testday.rules import normalise_code

from .drawn import scope


def booked_without_result(viewer: Viewer, *, today: date) -> QuerySet[Booking]:
    """Bookings whose day has come and of which the viewer sees no result, in his scope.

    Who changed his mind before the day is not of that day; whoever came is, however it ended.
    """
    match viewer.role:
        case Role.TESTING_ORG:
            mine = Q(session__testing_org_id=viewer.organisation_id)
        case Role.MOUO:
            mine = registry.below(viewer, "referral__application__school__")
        case Role.RCOI | Role.MINISTRY:
            mine = Q()
        case _:
            return Booking.objects.none()
    of_the_day = (
        Q(state__in=(BookingState.NO_SHOW, BookingState.NOT_ADMITTED))
        | Q(attempt__isnull=False)
        | Q(state=BookingState.CONFIRMED, session__held_on__lt=today)
    )
    seen = Result.objects.filter(scope(viewer), attempt__booking=OuterRef("pk"))
    return (
        Booking.objects.filter(mine, of_the_day)
        .exclude(Exists(seen))
        .select_related(
            "attempt__person",
            "attempt__variant_oral",
            "attempt__variant_written",
            "session__place",
            "session__testing_org",
            "referral__application__child",
            "referral__application__school__territory__parent",
        )
        .order_by("-session__held_on", "-pk")
    )


def bookings_numbered(found: QuerySet[Booking], number: str) -> QuerySet[Booking]:
    """By the number of the application from its beginning, or by the whole unique code."""
    return found.filter(
        Q(referral__application__number__startswith=number)
        | Q(attempt__code=normalise_code(number))
    )
