"""Which applications and referrals each role may see."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from merilo.admissions.models import Application, Referral
from merilo.admissions.rules import ReferralState
from merilo.registry.access import Role, Viewer

REGION = frozenset({Role.MINISTRY, Role.AUDITOR, Role.ADMIN, Role.MOUO})
DEAD_REFERRALS = (ReferralState.EXPIRED, ReferralState.REVOKED)


def scope(viewer: Viewer, prefix: str = "") -> Q:
    """Whose applications this person may see; the one place that says so.

    A school its own; a testing organisation and its commission those with a live referral to it;
    a МОУО and the region's bodies the schools below them; РЦОИ none.
    """
    if viewer.role == Role.SYSTEM:
        return Q()
    if viewer.role == Role.SCHOOL:
        return Q(**{f"{prefix}school_id": viewer.organisation_id})
    if viewer.role in (Role.TESTING_ORG, Role.COMMISSION):
        return Q(
            Exists(
                Referral.objects.filter(
                    application_id=OuterRef(f"{prefix}pk"),
                    testing_org_id=viewer.organisation_id,
                ).exclude(state__in=DEAD_REFERRALS)
            )
        )
    if viewer.role in REGION and viewer.organisation_path.count("/") == 2:
        return Q()  # the top of the tree: all of the region, no need to compare paths
    if viewer.role in REGION:
        return Q(**{f"{prefix}school__path__startswith": viewer.organisation_path})
    return Q(pk__in=())


def applications_visible_to(viewer: Viewer) -> QuerySet[Application]:
    return Application.objects.filter(scope(viewer)).select_related("school", "child")


def referrals_visible_to(viewer: Viewer) -> QuerySet[Referral]:
    """Referrals of the applications in scope; to a testing organisation only its own live ones."""
    referrals = Referral.objects.select_related(
        "application", "application__school", "application__child", "testing_org"
    )
    if viewer.role in (Role.TESTING_ORG, Role.COMMISSION):
        return referrals.filter(testing_org_id=viewer.organisation_id).exclude(
            state__in=DEAD_REFERRALS
        )
    return referrals.filter(scope(viewer, "application__"))


# Of the applications before and after, a page needs the number, the school and the state.
WIDE = tuple(
    field.name
    for field in Application._meta.concrete_fields
    if field.name not in ("id", "number", "school", "state", "previous")
)


def case_of(viewer: Viewer, application_id: int) -> Application:
    """One application with its child and representative. Raises `Application.DoesNotExist`."""
    return (
        applications_visible_to(viewer)
        .select_related("representative", "previous", "next")
        .defer(*(f"{beside}__{name}" for beside in ("previous", "next") for name in WIDE))
        .get(pk=application_id)
    )


def made_by_request(viewer: Viewer, request_key: str) -> Application | None:
    """The application of the viewer's school that this very request made before."""
    if not request_key:
        return None
    return Application.objects.filter(request_key=full_key(viewer, request_key)).first()


def full_key(viewer: Viewer, request_key: str) -> str:
    """A request's key within the organisation: no school can meet another's."""
    return f"{viewer.organisation_id}:{request_key}"[:60]
