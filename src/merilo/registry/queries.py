"""Who is who, as of a day."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from merilo import law
from merilo.foundation.files import store

from . import access, imports
from .access import Role, Viewer, may
from .imports import RowPlan
from .models import (
    Account,
    ApiToken,
    ImportRun,
    Organisation,
    OrganisationFunction,
    Position,
    Room,
    Territory,
    TestingArea,
    TestingPlace,
)
from .rules import Function, search_key


def active_profile() -> law.Profile:
    """The law of the region this installation serves."""
    return law.profile(settings.PROFILE)


def open_on(day: date, prefix: str = "") -> Q:
    """In force on that day."""
    return Q(**{f"{prefix}valid_from__lte": day}) & (
        Q(**{f"{prefix}valid_to__isnull": True}) | Q(**{f"{prefix}valid_to__gte": day})
    )


def positions_of(account: Any, *, today: date) -> QuerySet[Position]:
    """The positions a person holds today, the oldest first."""
    return (
        Position.objects.filter(open_on(today), account=account)
        .select_related("organisation")
        .only(
            "account_id", "role", "title", "valid_from", "valid_to", "organisation__path",
            "organisation__short_name", "organisation__timezone",
        )
        .order_by("valid_from", "pk")
    )  # fmt: skip


def as_viewer(position: Position, account: Any) -> Viewer:
    organisation = position.organisation
    return Viewer(
        account_id=account.pk,
        position_id=position.pk,
        role=Role(position.role),
        organisation_id=organisation.pk,
        organisation_path=organisation.path,
        organisation_name=organisation.short_name,
        timezone=organisation.timezone or settings.TIME_ZONE,
        person_id=account.person_id,
        title=position.title,
    )


def viewer_of(account: Any, *, today: date, position_id: int | None = None) -> Viewer | None:
    """The person in the position he chose, or in his first one; None when he holds none."""
    positions = positions_of(account, today=today)
    return viewer_among(positions, account, position_id=position_id)


def viewer_among(
    positions: Iterable[Position], account: Any, *, position_id: int | None = None
) -> Viewer | None:
    """The same among positions that are at hand already."""
    if not account.is_active:
        return None
    held = list(positions)
    chosen = next((p for p in held if p.pk == position_id), None)
    position = chosen or (held[0] if held else None)
    return as_viewer(position, account) if position else None


def organisations_with(function: Function, *, on: date) -> QuerySet[Organisation]:
    """Organisations that do this on that day, in Russian alphabetical order."""
    return (
        Organisation.objects.filter(open_on(on), functions__function=function)
        .filter(open_on(on, "functions__"))
        .distinct()
        .order_by("sort_key")
    )


def below(viewer: Viewer, prefix: str = "") -> Q:
    """Organisations of the viewer's own and below."""
    return Q(**{f"{prefix}path__startswith": viewer.organisation_path})


def organisation_ids_below(viewer: Viewer) -> list[int]:
    """The viewer's own organisation and all below it, as they ever were."""
    return list(Organisation.objects.filter(below(viewer)).values_list("pk", flat=True))


def with_function(organisation: Organisation, function: Function, *, on: date) -> bool:
    return organisation.functions.filter(open_on(on), function=function).exists()


def above_with(organisation: Organisation, function: Function, *, on: date) -> Organisation | None:
    """The nearest organisation above that does this: a school's МОУО, the region's ministry."""
    ids = [int(part) for part in organisation.path.split("/") if part]
    return (
        Organisation.objects.filter(open_on(on), pk__in=ids, functions__function=function)
        .filter(open_on(on, "functions__"))
        .order_by("-path")
        .first()
    )


def region_organisation(function: Function, *, on: date) -> Organisation | None:
    """The region's one ministry or РЦОИ."""
    return organisations_with(function, on=on).first()


def testing_orgs_of(school_id: int, *, on: date) -> list[Organisation]:
    """Testing organisations assigned to a school by nearness."""
    areas = TestingArea.objects.filter(open_on(on), school_id=school_id).select_related(
        "testing_org"
    )
    return [area.testing_org for area in areas]


def places_of(organisation_id: int, *, on: date) -> QuerySet[TestingPlace]:
    return TestingPlace.objects.filter(open_on(on), organisation_id=organisation_id).order_by(
        "name"
    )


def testing_places(*, on: date) -> QuerySet[TestingPlace]:
    """All places of testing of the region, by organisation in alphabetical order."""
    return (
        TestingPlace.objects.filter(open_on(on))
        .select_related("organisation")
        .order_by("organisation__sort_key", "name")
    )


def rooms_of(place_id: int, *, on: date) -> QuerySet[Room]:
    return Room.objects.filter(open_on(on), place_id=place_id).order_by("number")


def account_by_login(login: str) -> Account | None:
    return Account.objects.filter(login=login).first()


# --- the pages of the registry -------------------------------------------------------------------


def organisations_visible_to(viewer: Viewer) -> QuerySet[Organisation]:
    """The register as a role may read it: the region's bodies all, a МОУО its own and below."""
    if not may(viewer, access.ROLES, "registry.read"):
        return Organisation.objects.none()
    found = Organisation.objects.select_related("territory", "parent").order_by("sort_key", "pk")
    return found if viewer.role == Role.RCOI else found.filter(below(viewer))


@dataclass(frozen=True)
class OrganisationFilter:
    """What the list shows: all parts must fit, empty parts do not matter."""

    on: date
    territory_id: int | None = None
    function: str = ""
    text: str = ""
    closed: bool = False  # also those that have ended by the day


def organisations_list(viewer: Viewer, wanted: OrganisationFilter) -> QuerySet[Organisation]:
    """The organisations of a day, in Russian alphabetical order."""
    found = organisations_visible_to(viewer)
    found = (
        found.filter(valid_from__lte=wanted.on)
        if wanted.closed
        else found.filter(open_on(wanted.on))
    )
    if wanted.territory_id:
        found = found.filter(
            Q(territory_id=wanted.territory_id) | Q(territory__parent_id=wanted.territory_id)
        )
    if wanted.function:
        held = OrganisationFunction.objects.filter(open_on(wanted.on), function=wanted.function)
        found = found.filter(pk__in=held.values("organisation_id"))
    if text := wanted.text.strip():
        found = found.filter(
            Q(sort_key__contains=search_key(text))
            | Q(name__icontains=text)
            | Q(exam_code=text[:3] if len(text) == 3 else "no")
            | Q(inn=text)
        )
    return found


def functions_on(organisation_ids: Iterable[int], *, on: date) -> dict[int, list[Function]]:
    """The functions of organisations on a day, by organisation."""
    held: dict[int, list[Function]] = {}
    rows = (
        OrganisationFunction.objects.filter(
            open_on(on), organisation_id__in=list(organisation_ids)
        )
        .order_by("pk")
        .values_list("organisation_id", "function")
    )
    for organisation_id, function in rows:
        held.setdefault(organisation_id, []).append(Function(function))
    return held


def organisation_of(viewer: Viewer, organisation_id: int) -> Organisation:
    """One organisation in the viewer's scope. Raises `Organisation.DoesNotExist`."""
    return organisations_visible_to(viewer).get(pk=organisation_id)


@dataclass(frozen=True)
class OrganisationRecord:
    """An organisation with all that hangs on it, ended things included."""

    it: Organisation
    functions: list[OrganisationFunction]
    places: list[TestingPlace]
    served_by: list[TestingArea]
    serves: list[TestingArea]
    below: list[Organisation]


def record_of(viewer: Viewer, organisation_id: int) -> OrganisationRecord:
    """All that the page of an organisation shows. Raises `Organisation.DoesNotExist`."""
    it = organisation_of(viewer, organisation_id)
    return OrganisationRecord(
        it=it,
        functions=list(it.functions.order_by("valid_from", "pk")),
        places=list(it.places.prefetch_related("rooms").order_by("name", "pk")),
        served_by=list(it.testing_areas.select_related("testing_org").order_by("valid_from")),
        serves=list(
            it.serves.select_related("school", "school__territory").order_by("school__sort_key")
        ),
        below=list(it.below.order_by("sort_key")[:300]),
    )


def municipalities() -> QuerySet[Territory]:
    return Territory.objects.order_by("name", "kind")


def accounts_visible_to(viewer: Viewer) -> QuerySet[Account]:
    """Accounts with a position in the viewer's scope, and those that have none at all."""
    if not may(viewer, access.ROLES, "registry.accounts"):
        return Account.objects.none()
    return (
        Account.objects.filter(below(viewer, "positions__organisation__") | Q(positions=None))
        .select_related("person")
        .prefetch_related("positions__organisation")
        .distinct()
        .order_by("login")
    )


def accounts_list(
    viewer: Viewer, *, today: date, text: str = "", role: str = "", off: bool = False
) -> QuerySet[Account]:
    """Accounts by login; `text` is a beginning of a login or a name of an organisation."""
    found = accounts_visible_to(viewer)
    if not off:
        found = found.filter(is_active=True)
    if role:
        held = Position.objects.filter(open_on(today), role=role)
        found = found.filter(pk__in=held.values("account_id"))
    if text := text.strip():
        named = Position.objects.filter(organisation__sort_key__contains=search_key(text))
        found = found.filter(
            Q(login__startswith=text.lower())
            | Q(person__search_key__startswith=search_key(text))
            | Q(pk__in=named.values("account_id"))
        )
    return found


def account_of(viewer: Viewer, account_id: int) -> Account:
    """One account in scope. Raises `Account.DoesNotExist`."""
    return accounts_visible_to(viewer).get(pk=account_id)


def open_positions(viewer: Viewer, *, today: date) -> QuerySet[Position]:
    """Positions in scope that hold today: a token works in the name of one of them."""
    if not may(viewer, access.ROLES, "registry.tokens"):
        return Position.objects.none()
    return (
        Position.objects.filter(
            open_on(today), below(viewer, "organisation__"), account__is_active=True
        )
        .select_related("organisation", "account")
        .order_by("organisation__sort_key", "account__login", "pk")
    )


def tokens_visible_to(viewer: Viewer) -> QuerySet[ApiToken]:
    if not may(viewer, access.ROLES, "registry.tokens"):
        return ApiToken.objects.none()
    return (
        ApiToken.objects.filter(below(viewer, "position__organisation__"))
        .select_related("position__organisation", "position__account")
        .order_by("-created_at", "-pk")
    )


def token_hash(token: str) -> str:
    """What is kept of a token. It is long and random, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_and_viewer(token: str, *, today: date) -> tuple[ApiToken, Viewer] | None:
    """Who a token speaks for today; None for one that is unknown, revoked or has run out."""
    found = (
        ApiToken.objects.filter(
            open_on(today, "position__"),
            token_hash=token_hash(token),
            revoked_at=None,
            expires_on__gte=today,
            position__account__is_active=True,
        )
        .select_related("position__organisation", "position__account")
        .first()
    )
    return (found, as_viewer(found.position, found.position.account)) if found else None


def import_runs(viewer: Viewer) -> QuerySet[ImportRun]:
    """Imports of people of one's own scope, the newest first; read by those who import."""
    if not may(viewer, access.ROLES, "registry.import"):
        return ImportRun.objects.none()
    return (
        ImportRun.objects.filter(by__in=accounts_visible_to(viewer).order_by().values("pk"))
        .select_related("by", "file")
        .order_by("-at", "-pk")
    )


def plans_of_file(
    kind: str, name: str, content: bytes, viewer: Viewer, *, today: date
) -> list[RowPlan]:
    """What each row of a file would do to the register of this day."""
    rows = imports.read_file(imports.KINDS[kind], name, content)
    return imports.PLANNERS[kind](kind, rows, imports.World(viewer.organisation_path, on=today))


def plans_of_run(viewer: Viewer, run: ImportRun, *, today: date) -> list[RowPlan]:
    """The rows of a trial of one's own that waits for a word; none after that."""
    if not run.dry_run or run.file is None or run.by_id != viewer.account_id:
        return []
    return plans_of_file(run.kind, run.file_name, store.read(run.file), viewer, today=today)


def errors_of(plans: Sequence[RowPlan]) -> list[str]:
    """All that is wrong in the rows of a file, in their order."""
    return [error for plan in plans for error in plan.errors]
