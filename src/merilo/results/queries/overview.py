"""What is told beside the results: the parent's story, the funnel of a municipality."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q

from merilo.admissions.models import Application, Referral
from merilo.admissions.rules import END_STATES, ApplicationState
from merilo.booking.models import Booking
from merilo.booking.rules import BookingState
from merilo.casework.models import Duty
from merilo.law.refusal import _
from merilo.registry.access import Role, Viewer
from merilo.registry.rules import search_key
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
        no_shows=sum(b.state == BookingState.NO_SHOW for b in bookings),
        not_admitted=next((b for b in bookings if b.state == BookingState.NOT_ADMITTED), None),
        interrupted=application.attempts.filter(
            state__in=(AttemptState.INTERRUPTED_TECH, AttemptState.INTERRUPTED_PERSONAL)
        )
        .order_by("-held_on", "-pk")
        .first(),
        result=application.results.filter(state__in=told).order_by("-held_on").first(),
    )


_A = ApplicationState
# What each column counts: applications by the step they stand on; nothing is counted by hand.
FUNNEL: tuple[tuple[str, str, frozenset[ApplicationState]], ...] = (
    (
        "checking",
        _("Проверка документов"),
        frozenset({_A.COMPLETENESS_CHECK, _A.AUTHENTICITY_CHECK}),
    ),
    ("returned", _("Возвращено"), frozenset({_A.RETURNED_INCOMPLETE})),
    ("refused", _("Отказ без теста"), frozenset({_A.REFUSED_UNRELIABLE, _A.REFUSED_NO_PLACES})),
    ("referred", _("Направлены"), frozenset({_A.REFERRED})),
    ("not_booked", _("Не записались"), frozenset({_A.CANCELLED_NOT_BOOKED})),
    ("awaiting", _("Ждут теста или результата"), frozenset({_A.AWAITING_RESULT})),
    ("no_show", _("Не явились"), frozenset({_A.NO_SHOW})),
    ("not_admitted", _("Не допущены"), frozenset({_A.NOT_ADMITTED})),
    ("passed", _("Сдали"), frozenset({_A.PASSED, _A.ENROLLED})),
    ("failed", _("Не сдали"), frozenset({_A.FAILED, _A.REFUSED_TEST_FAILED, _A.REAPPLIED})),
    ("exempt", _("Без теста"), frozenset({_A.NO_TEST_REQUIRED})),
    ("withdrawn", _("Отозваны"), frozenset({_A.WITHDRAWN})),
)
AGED = timedelta(days=183)


def funnel_by_municipality(viewer: Viewer, *, today: date) -> list[dict[str, Any]]:
    """Applications by municipality and step, overdue duties and cases without movement.

    Counts only: nobody is named, and no case can be opened from here.
    """
    below = viewer.organisation_path
    if viewer.role in (Role.RCOI, Role.AUDITOR, Role.MINISTRY):
        below = "/"
    step_of = {str(state): key for key, _title, states in FUNNEL for state in states}
    rows: dict[int, dict[str, Any]] = {}

    def row(territory_id: int, name: str, kind: str) -> dict[str, Any]:
        return rows.setdefault(
            territory_id,
            {
                "name": name,
                "kind": kind,
                "counts": dict.fromkeys((key for key, _t, _s in FUNNEL), 0),
                "late": 0,
                "aged": 0,
            },
        )

    where = ("school__territory_id", "school__territory__name", "school__territory__kind")
    cases = Application.objects.filter(school__path__startswith=below)
    for *place, state, many in cases.values_list(*where, "state").annotate(Count("pk")):
        row(*place)["counts"][step_of[state]] += many
    old = cases.exclude(state__in=END_STATES).filter(state_since__date__lt=today - AGED)
    for *place, many in old.values_list(*where).annotate(Count("pk")):
        row(*place)["aged"] += many
    late = (
        Duty.objects.filter(organisation__path__startswith=below, due_on__lt=today)
        .values_list(
            "organisation__territory_id", "organisation__territory__name",
            "organisation__territory__kind",
        )
        .annotate(Count("pk"))
    )  # fmt: skip
    for *place, many in late:
        if place[2] != "region":
            row(*place)["late"] += many
    return sorted(rows.values(), key=lambda one: (search_key(one["name"]), one["kind"]))
