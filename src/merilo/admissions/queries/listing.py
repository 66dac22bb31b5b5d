"""The list of applications and its counters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, DateField, F, OuterRef, QuerySet, Subquery, When

from merilo.admissions import rules
from merilo.admissions.models import Application, Referral
from merilo.admissions.rules import ApplicationState, ReferralState
from merilo.registry.access import Viewer

from .scope import DEAD_REFERRALS, REGION, scope

# The last day of the present step; nothing where no term runs.
DUE = Case(
    When(state=ApplicationState.COMPLETENESS_CHECK, then=F("completeness_due")),
    When(state=ApplicationState.AUTHENTICITY_CHECK, then=F("authenticity_due")),
    When(
        state=ApplicationState.REFERRED,
        then=Subquery(
            Referral.objects.filter(application_id=OuterRef("pk"))
            .exclude(state__in=(*DEAD_REFERRALS, ReferralState.UNUSED_NO_SHOW))
            .values("book_until")[:1]
        ),
    ),
    default=None,
    output_field=DateField(),
)


@dataclass(frozen=True)
class ListFilter:
    """What the list of applications shows: all parts must fit, empty parts do not matter."""

    states: tuple[str, ...] = ()
    grade: int | None = None
    due: str = ""  # "late", "today", "open" (a term runs)
    number: str = ""
    school_id: int | None = None
    territory_id: int | None = None
    open_only: bool = False


# What lists, exports and the API show of each application: no child among it.
SHOWN = (
    "number", "school_id", "grade", "category", "channel", "state", "state_since", "received_at",
    "submitted_on", "completeness_due", "authenticity_due", "full_set_on", "returns", "tested_on",
    "test_passed", "school__short_name",
)  # fmt: skip


def applications_list(viewer: Viewer, wanted: ListFilter, *, today: date) -> QuerySet[Application]:
    """The list; each row carries `due`, its present last day.

    The nearest term comes first, except in the long lists of a whole area, where nobody asked
    for terms: those begin with the newest, which an index gives at once.
    """
    found = (
        Application.objects.filter(scope(viewer))
        .select_related("school")
        .only(*SHOWN)
        .annotate(due=DUE)
    )
    if wanted.states:
        found = found.filter(state__in=wanted.states)
    if wanted.open_only:
        found = found.exclude(state__in=rules.END_STATES)
    if wanted.grade:
        found = found.filter(grade=wanted.grade)
    if wanted.school_id:
        found = found.filter(school_id=wanted.school_id)
    if wanted.territory_id:
        found = found.filter(school__territory_id=wanted.territory_id)
    if wanted.due == "late":
        found = found.filter(due__lt=today)
    elif wanted.due == "today":
        found = found.filter(due=today)
    elif wanted.due == "open":
        found = found.filter(due__gte=today)
    if wanted.number:
        found = found.filter(number__startswith=wanted.number.strip())
    if sorted_by_due(viewer, wanted):
        return found.order_by(F("due").asc(nulls_last=True), "-received_at", "-pk")
    return found.order_by("-received_at")


def sorted_by_due(viewer: Viewer, wanted: ListFilter) -> bool:
    """Whether the list begins with the nearest term."""
    return viewer.role not in REGION or bool(wanted.due or wanted.school_id or wanted.territory_id)


def counters_by_state(viewer: Viewer) -> dict[str, int]:
    """How many applications in scope are in each state."""
    rows = Application.objects.filter(scope(viewer)).values_list("state")
    return dict(rows.annotate(many=Count("*")).order_by())
