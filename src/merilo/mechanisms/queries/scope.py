"""Whose cycles and materials a viewer may see."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from merilo.mechanisms import access
from merilo.mechanisms.models import Cycle, Submission
from merilo.mechanisms.rules.states import CycleState, SubmissionState
from merilo.registry.access import Role, Viewer, may
from merilo.registry.queries import below

GIVEN = [one for one in SubmissionState if one not in ("draft", "self_checked")]


def cycles_visible_to(viewer: Viewer) -> QuerySet[Cycle]:
    """The region's runs; one that is being prepared is the operator's alone."""
    if not may(viewer, access.ROLES, "mechanisms.read_criteria"):
        return Cycle.objects.none()
    found = Cycle.objects.select_related("edition", "region").order_by("-year", "-pk")
    if viewer.role == Role.MINISTRY:
        return found.filter(below(viewer, "region__"))
    return found.exclude(state=CycleState.PREPARING)


def with_counts(cycles: QuerySet[Cycle]) -> QuerySet[Cycle]:
    given = Q(submissions__state__in=GIVEN)
    return cycles.annotate(
        municipalities=Count("submissions"), submitted=Count("submissions", filter=given)
    )


def submissions_visible_to(viewer: Viewer) -> QuerySet[Submission]:
    """A municipality sees its own; those who look at the region see what exists of each.

    What stands in a draft is read through `readable_by`, not through this list.
    """
    if not may(viewer, access.ROLES, "mechanisms.read"):
        return Submission.objects.none()
    return (
        Submission.objects.filter(below(viewer, "organisation__"))
        if viewer.role != Role.RCOI
        else Submission.objects.all()
    ).select_related("cycle", "cycle__edition", "organisation", "territory")


def readable_by(viewer: Viewer) -> QuerySet[Submission]:
    """Materials whose links may be read: a draft is the municipality's own until it is given."""
    found = submissions_visible_to(viewer)
    return found if viewer.role == Role.MOUO else found.filter(state__in=GIVEN)
