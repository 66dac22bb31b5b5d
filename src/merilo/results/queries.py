"""Results as each organisation may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from merilo.admissions.models import Application, Referral
from merilo.booking.models import Booking
from merilo.registry.access import Role, Viewer
from merilo.testday.models import Attempt, SessionDay
from merilo.testday.queries import days_visible_to
from merilo.testday.rules import AttemptState, SessionDayState

from .models import ColumnMap, Result
from .rules import ResultState

# Once it left the testing organisation: what schools and those above may see.
SENT = frozenset(ResultState) - {ResultState.CALCULATED, ResultState.CONSOLIDATED}

INTERRUPTED = (AttemptState.INTERRUPTED_TECH, AttemptState.INTERRUPTED_PERSONAL)


def scope(viewer: Viewer) -> Q:
    """The results a viewer may see. One function for pages, exports, search and the API."""
    match viewer.role:
        case Role.SCHOOL:
            return Q(application__school_id=viewer.organisation_id, state__in=SENT)
        case Role.TESTING_ORG | Role.COMMISSION:
            return Q(attempt__day__session__testing_org_id=viewer.organisation_id)
        case Role.MOUO:
            return Q(
                application__school__path__startswith=viewer.organisation_path, state__in=SENT
            )
        case Role.RCOI | Role.MINISTRY | Role.AUDITOR:
            return Q(state__in=SENT)
        case Role.SYSTEM:
            return Q()
        case _:
            return Q(pk__in=[])


def results_visible_to(viewer: Viewer) -> QuerySet[Result]:
    """Results in scope with what a list shows, the newest first."""
    return (
        Result.objects.filter(scope(viewer))
        .select_related(
            "attempt__day__session__testing_org",
            "attempt__day__session__place",
            "attempt__variant_oral",
            "attempt__variant_written",
            "application__school",
        )
        .order_by("-held_on", "-pk")
    )


def result_with_person(viewer: Viewer, result_id: int) -> Result:
    """One result with the child it belongs to. Raises `Result.DoesNotExist`."""
    return (
        results_visible_to(viewer)
        .select_related("attempt__person", "application__child", "application__representative")
        .get(pk=result_id)
    )


def attempts_to_consolidate(viewer: Viewer, day_id: int) -> QuerySet[Attempt]:
    """All attempts of a day in the viewer's scope, with results where there are any."""
    day = days_visible_to(viewer).get(pk=day_id)
    return (
        Attempt.objects.filter(day=day)
        .select_related("result", "day__session", "application")
        .order_by("grade", "code")
    )


def waiting_to_consolidate(viewer: Viewer, day_id: int) -> list[tuple[int, str]]:
    """Attempts of a day that have no result yet, or one taken back: (id, code)."""
    return list(
        attempts_to_consolidate(viewer, day_id)
        .filter(Q(result=None) | Q(result__state=ResultState.CALCULATED))
        .exclude(state__in=INTERRUPTED)
        .values_list("pk", "code")
    )


def days_to_consolidate(viewer: Viewer) -> QuerySet[SessionDay]:
    """Finished days whose results are not all sent yet."""
    return (
        days_visible_to(viewer)
        .filter(
            state__in=[
                SessionDayState.FINISHED,
                SessionDayState.MARKING,
                SessionDayState.CONSOLIDATED,
            ]
        )
        .select_related("session__place", "session__testing_org")
        .order_by("session__held_on")
    )


def is_whole(day: SessionDay) -> bool:
    """Whether every attempt of the day has its result."""
    open_ones = Q(result=None) | Q(result__state=ResultState.CALCULATED)
    return (
        not Attempt.objects.filter(open_ones, day=day).exclude(state__in=INTERRUPTED).exists()
    )


def same_surname(result: Result) -> int:
    """How many other children of that surname were tested on that day at that organisation."""
    person = result.attempt.person
    return (
        Attempt.objects.filter(
            day__session__testing_org_id=result.attempt.day.session.testing_org_id,
            held_on=result.held_on,
            person__search_key__startswith=person.search_key.split(" ")[0] + " ",
        )
        .exclude(pk=result.attempt_id)
        .count()
    )


def results_of_case(application_id: int) -> QuerySet[Result]:
    return Result.objects.filter(application_id=application_id).order_by("held_on")


def column_map() -> ColumnMap | None:
    return ColumnMap.objects.order_by("-changed_at").first()


@dataclass(frozen=True)
class ParentStory:
    """All that a parent may see of his case, gathered for the status page."""

    application: Application
    referral: Referral | None
    booking: Booking | None
    no_shows: int
    result: Result | None


def case_of_parent(number: str, birth_date: date) -> Application | None:
    """The case of that application or referral number, if the child was born on that day."""
    number = number.strip().upper().replace(" ", "").lstrip("№")
    return (
        Application.objects.filter(Q(number=number) | Q(referrals__number__iexact=number))
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
        no_shows=sum(b.state == "no_show" for b in bookings),
        result=application.results.filter(state__in=told).order_by("-held_on").first(),
    )
