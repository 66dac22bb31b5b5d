"""Words and small parts the pages of the registry share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.utils.translation import gettext as _

from merilo.admissions import queries as admissions
from merilo.admissions.rules import ReferralState
from merilo.booking import queries as booking
from merilo.registry import queries, rules
from merilo.registry.access import ROLE_NAMES, Role, Viewer
from merilo.registry.rules import Function

OPEN_REFERRALS = (ReferralState.ISSUED, ReferralState.DELIVERED, ReferralState.BOOKED)


def found(read: Callable[[], Any]) -> Any:
    """What a query reads; to whom it is not there, the page is not there."""
    try:
        return read()
    except ObjectDoesNotExist as missing:
        raise Http404 from missing


def functions_in_words(functions: Iterable[Function]) -> str:
    return ", ".join(_(rules.FUNCTION_NAMES[Function(one)]) for one in functions)


def role_choices() -> list[tuple[str, str]]:
    return [(str(role), _(ROLE_NAMES[role])) for role in Role if role != Role.SYSTEM]


def function_choices() -> list[tuple[str, str]]:
    return [(str(one), _(words)) for one, words in rules.FUNCTION_NAMES.items()]


def territory_choices() -> list[tuple[str, str]]:
    """Municipalities with their kind: two may share a name."""
    return [
        (str(one.pk), f"{one.name} ({_(rules.TERRITORY_NAMES[rules.TerritoryKind(one.kind)])})")
        for one in queries.municipalities()
    ]


def organisation_choices(viewer: Viewer, *, on: date, function: str = "") -> list[tuple[str, str]]:
    """Organisations of a day in scope, for a list to choose from."""
    wanted = queries.OrganisationFilter(on=on, function=function)
    rows = queries.organisations_list(viewer, wanted)
    return [(str(one.pk), f"{one.short_name} ({one.territory.name})") for one in rows]


def open_work_since(today: date) -> Callable[[int], Mapping[str, int]]:
    """What is still open at an organisation: asked by the action before it closes it."""

    def open_work(organisation_id: int) -> Mapping[str, int]:
        system = Viewer.system()
        cases = admissions.applications_list(
            system,
            admissions.ListFilter(school_id=organisation_id, open_only=True),
            today=today,
        )
        referrals = admissions.referrals_visible_to(system).filter(
            testing_org_id=organisation_id, state__in=OPEN_REFERRALS
        )
        return {
            _("открытые заявления"): cases.count(),
            _("направления без результата"): referrals.count(),
            _("дни тестирования впереди"): booking.days_ahead(
                organisation_id, today=today
            ).count(),
        }

    return open_work


def open_days_at(organisation_id: int, today: date) -> Callable[[int], Mapping[str, int]]:
    """Days planned in a place, asked before the place closes."""

    def open_work(place_id: int) -> Mapping[str, int]:
        days = booking.days_ahead(organisation_id, today=today).filter(place_id=place_id)
        return {_("дни тестирования впереди"): days.count()}

    return open_work
