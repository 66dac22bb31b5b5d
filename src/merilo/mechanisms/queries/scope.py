"""Whose materials a person may see."""

from __future__ import annotations

from django.db.models import QuerySet

from merilo.mechanisms import access
from merilo.mechanisms.models import Submission
from merilo.registry import queries as registry
from merilo.registry.access import Role, Viewer, may


def submissions_visible_to(viewer: Viewer) -> QuerySet[Submission]:
    """A municipality sees its own materials, the region's bodies those of all its municipalities."""
    submissions = Submission.objects.select_related("cycle", "organisation", "territory")
    if not may(viewer, access.ROLES, "mechanisms.read"):
        return submissions.none()
    if viewer.role == Role.RCOI:
        return submissions
    return submissions.filter(registry.below(viewer, "organisation__"))


def readable_by(viewer: Viewer) -> QuerySet[Submission]:
    """Materials whose links may be read: a draft is the municipality's own until it is given."""
    found = submissions_visible_to(viewer)
    return (
        found if viewer.role == Role.MOUO else found.exclude(state__in=("draft", "self_checked"))
    )
