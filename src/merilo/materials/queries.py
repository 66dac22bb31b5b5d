"""Which variants there are, and where reserve kits lie."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from merilo.law import Part
from merilo.registry.access import Role, Viewer, may

from . import access
from .models import ReserveKit, Variant


def variants_visible_to(viewer: Viewer) -> QuerySet[Variant]:
    """The register of variants: numbers and listening texts, never the content."""
    if not may(viewer, access.ROLES, "materials.read_variants"):
        return Variant.objects.none()
    return Variant.objects.order_by("grade", "part", "number")


def variants_for(grade: int, part: Part | str, *, on: date) -> QuerySet[Variant]:
    """The variants that may be given out on that day, in the order they are to be taken."""
    return Variant.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=on),
        grade=grade,
        part=str(part),
        received_on__lte=on,
    ).order_by("number")


def reserve_visible_to(viewer: Viewer) -> QuerySet[ReserveKit]:
    """Kits beside the monthly request: all of them, those below, or one's own."""
    if not may(viewer, access.ROLES, "materials.read_reserve"):
        return ReserveKit.objects.none()
    kits = ReserveKit.objects.select_related("testing_org", "testing_org__territory").order_by(
        "testing_org__sort_key", "grade"
    )
    if viewer.role in (Role.RCOI, Role.MINISTRY, Role.AUDITOR):
        return kits
    if viewer.role == Role.MOUO:
        return kits.filter(testing_org__path__startswith=viewer.organisation_path)
    return kits.filter(testing_org_id=viewer.organisation_id)


def free_kits_of(testing_org_id: int) -> dict[int, int]:
    """Free reserve kits of a testing organisation by grade."""
    return dict(
        ReserveKit.objects.filter(testing_org_id=testing_org_id).values_list("grade", "free")
    )
