"""Who is who, as of a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from merilo import law

from .access import Role, Viewer
from .models import Account, Organisation, Position, Room, TestingArea, TestingPlace
from .rules import Function


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
        .select_related("organisation", "organisation__territory")
        .order_by("valid_from", "pk")
    )


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
    if not account.is_active:
        return None
    positions = list(positions_of(account, today=today))
    chosen = next((p for p in positions if p.pk == position_id), None)
    position = chosen or (positions[0] if positions else None)
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
