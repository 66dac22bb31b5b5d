"""Applications and referrals as each role may see them, and where a child may be known already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)

from merilo.casework.models import Dispatch
from merilo.registry import queries as registry
from merilo.registry.access import Role, Viewer, may
from merilo.registry.models import Organisation, Person
from merilo.registry.rules import Function, search_key

from . import access, rules
from .models import Absence, Application, ApplicationDocument, Decision, Referral
from .rules import ApplicationState, ReferralState

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
    text = number.strip().upper().lstrip("№ ").removeprefix("N ")
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


@dataclass(frozen=True)
class Duplicate:
    """A person who may be the same child: why, and under which application he is known."""

    person_id: int
    why: str  # "document", "name"
    application_id: int
    number: str
    state: str
    school_id: int
    school: str
    grade: int


def possible_duplicates(
    person: rules.PersonFacts, *, without_person: int | None = None, limit: int = 10
) -> list[Duplicate]:
    """Children known anywhere in the region who may be this one, the newest application first.

    Gives numbers and schools only, never names: the other school's data stay with it.
    """
    alike = Q(pk__in=())
    if person.document_number:
        alike |= Q(child__id_doc_number=person.document_number)
    if person.birth_date:
        alike |= Q(child__birth_date=person.birth_date, child__name_key=person.name_key)
    rows = Application.objects.filter(alike).select_related("school", "child")
    if without_person:
        rows = rows.exclude(child_id=without_person)
    found = []
    for row in rows.order_by("-received_at", "-pk")[:limit]:
        why = rules.likeness(person, person_facts(row.child))
        if why:
            found.append(
                Duplicate(
                    row.child_id,
                    why,
                    row.pk,
                    row.number,
                    row.state,
                    row.school_id,
                    row.school.short_name,
                    row.grade,
                )
            )
    return found


def person_facts(person: Person) -> rules.PersonFacts:
    return rules.PersonFacts(person.name_key, person.birth_date, person.id_doc_number)


def last_application_of(person_id: int) -> Application | None:
    """The child's newest application that no later one is linked to."""
    return (
        Application.objects.filter(child_id=person_id, next__isnull=True)
        .order_by("-received_at", "-pk")
        .first()
    )


@dataclass(frozen=True)
class PastTest:
    """A finished test of a child: its day, grade and outcome."""

    tested_on: date
    grade: int
    passed: bool
    application_id: int


def past_tests_of(person_id: int, *, without: int | None = None) -> list[PastTest]:
    """All tests of a child under any application, oldest first. A no-show is not among them."""
    rows = Application.objects.filter(child_id=person_id, tested_on__isnull=False)
    if without:
        rows = rows.exclude(pk=without)
    return [
        PastTest(row.tested_on, row.grade, bool(row.test_passed), row.pk)
        for row in rows.order_by("tested_on", "pk")
    ]


def failed_on(person_id: int, *, without: int | None = None) -> tuple[date, ...]:
    """Days of the child's unsuccessful tests, oldest first: the retest guard counts from them."""
    tests: Iterable[PastTest] = past_tests_of(person_id, without=without)
    return tuple(test.tested_on for test in tests if not test.passed)


def unbooked_after_term(*, today: date) -> QuerySet[Referral]:
    """Delivered referrals whose term of booking has run out: the clock annuls them."""
    return Referral.objects.filter(state=ReferralState.DELIVERED, book_until__lt=today).order_by(
        "book_until", "pk"
    )
