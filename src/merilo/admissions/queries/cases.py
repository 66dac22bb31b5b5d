"""One case: its documents, referral, absences, decisions; where it is found."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from merilo.admissions import access, rules
from merilo.admissions.models import Absence, Application, ApplicationDocument, Decision, Referral
from merilo.admissions.rules import ReferralState
from merilo.casework.models import Dispatch
from merilo.registry import queries as registry
from merilo.registry.access import Viewer, may
from merilo.registry.models import Organisation
from merilo.registry.rules import Function, search_key

from .scope import DEAD_REFERRALS, applications_visible_to, referrals_visible_to


def documents_visible(viewer: Viewer, application: Application) -> list[ApplicationDocument]:
    """The documents of an application in scope, for the roles that read documents."""
    if not may(viewer, access.ROLES, "admissions.read_documents"):
        return []
    return documents_in_order(application)


def documents_in_order(application: Application) -> list[ApplicationDocument]:
    """The documents as the law lists them."""
    order = {str(kind): place for place, kind in enumerate(rules.DocumentKind)}
    rows = application.documents.select_related("file", "checked_by")
    return sorted(rows, key=lambda row: order[row.kind])


def document_of(viewer: Viewer, application_id: int, kind: str) -> ApplicationDocument:
    """One document for the roles that read documents. Raises `DoesNotExist`."""
    if not may(viewer, access.ROLES, "admissions.read_documents"):
        raise ApplicationDocument.DoesNotExist
    return ApplicationDocument.objects.select_related("file").get(
        application__in=applications_visible_to(viewer).values("pk"),
        application_id=application_id,
        kind=kind,
    )


def file_visible_to(viewer: Viewer, file_id: Any) -> tuple[Any, int] | None:
    """The scan of a document with its case, for the roles that read documents."""
    if not may(viewer, access.ROLES, "admissions.read_documents"):
        return None
    document = (
        ApplicationDocument.objects.select_related("file")
        .filter(application__in=applications_visible_to(viewer).values("pk"), file_id=file_id)
        .first()
    )
    return (document.file, document.application_id) if document else None


def referral_of(viewer: Viewer, application_id: int) -> Referral | None:
    """The last referral of an application in scope, live or not."""
    found = referrals_visible_to(viewer).filter(application_id=application_id)
    return found.order_by("-issued_at", "-pk").first()


def referral_in(viewer: Viewer, application: Application) -> Referral | None:
    """The same for an application at hand: it is not read again."""
    found = referrals_visible_to(viewer).filter(application=application).select_related(None)
    referral = found.select_related("testing_org").order_by("-issued_at", "-pk").first()
    if referral is not None:
        referral.application = application
    return referral


def live_referral(application_id: int) -> Referral | None:
    return (
        Referral.objects.filter(application_id=application_id)
        .exclude(state__in=DEAD_REFERRALS)
        .select_related("testing_org")
        .first()
    )


def copies_sent_to(referral: Referral) -> frozenset[str]:
    """Who has the copy of the referral: «testing_org», «mouo»."""
    recipients = Dispatch.objects.filter(
        kind=rules.COPY_KIND, about=f"referral:{referral.pk}", sent_at__isnull=False
    ).values_list("recipient_id", flat=True)
    return frozenset(
        "testing_org" if recipient == referral.testing_org_id else "mouo"
        for recipient in recipients
    )


def last_absence(application_id: int) -> Absence | None:
    """The last day of testing the child missed, with what the МОУО said of it."""
    return (
        Absence.objects.filter(application_id=application_id)
        .select_related("mouo", "referral__testing_org")
        .order_by("-missed_on", "-pk")
        .first()
    )


def no_show_facts(application_id: int) -> rules.NoShowFacts | None:
    """What the rules need to know of the last no-show; None where there was none."""
    last = last_absence(application_id)
    return no_show_facts_of(last) if last else None


def no_show_facts_of(last: Absence) -> rules.NoShowFacts:
    return rules.NoShowFacts(
        missed_on=last.missed_on,
        times=Absence.objects.filter(application_id=last.application_id).count(),
        reason=rules.NoShowReason(last.reason) if last.reason else None,
        turned_away=bool(last.turned_away),
        mouo=last.mouo_id is not None,
    )


def decisions_of(application: Application) -> QuerySet[Decision]:
    return application.decisions.order_by("made_at", "pk")


def mouo_of(school: Organisation, *, on: date) -> Organisation | None:
    """The school's МОУО: above it in the tree, or for a private school that of its territory."""
    return (
        registry.above_with(school, Function.MOUO, on=on)
        or registry.organisations_with(Function.MOUO, on=on)
        .filter(territory_id=school.territory_id)
        .first()
    )


def search_by_number(viewer: Viewer, number: str) -> QuerySet[Application]:
    """Applications in scope whose number, or whose referral's number, begins so."""
    text = rules.number_as_issued(number)
    if not text:
        return Application.objects.none()
    return (
        applications_visible_to(viewer)
        .filter(
            Q(number__startswith=text)
            | Exists(
                Referral.objects.filter(application_id=OuterRef("pk"), number__startswith=text)
            )
        )
        .order_by("-received_at")
    )


def search_by_name(viewer: Viewer, name: str) -> QuerySet[Application]:
    """Applications in scope whose child's name begins so. The caller journals the search."""
    key = search_key(name)
    if len(key) < 2 or not may(viewer, access.ROLES, "admissions.read_person"):
        return Application.objects.none()
    return (
        applications_visible_to(viewer)
        .filter(child__search_key__startswith=key)
        .order_by("child__search_key", "-received_at")
    )


def unbooked_after_term(*, today: date) -> QuerySet[Referral]:
    """Delivered referrals whose term of booking has run out: the clock annuls them."""
    return Referral.objects.filter(state=ReferralState.DELIVERED, book_until__lt=today).order_by(
        "book_until", "pk"
    )
