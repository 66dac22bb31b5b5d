"""The administrator named from the machine itself: the first one finds an empty registry."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from merilo import law
from merilo.foundation.journal.recording import record
from merilo.law import Reason, Refusal
from merilo.law.refusal import _
from merilo.registry import access, queries, rules, steps
from merilo.registry.access import Role, Viewer, permit
from merilo.registry.models import Account, Organisation, OrganisationFunction, Territory
from merilo.registry.rules import Function, TerritoryKind

TITLE = "администратор"
NO_MINISTRY = Reason(
    "registry.no-ministry",
    _("В реестре ещё нет органа управления образованием. Назовите его и субъект РФ."),
)


def appoint_administrator(
    *,
    login: str,
    password: str,
    actor: Viewer,
    now: datetime,
    email: str = "",
    region: str = "",
    organisation: str = "",
) -> Account:
    """An administrator in the region's ministry; in an empty registry both are made as named.

    The password is his own, chosen at the terminal: it need not be changed at the first sign-in.
    """
    permit(actor, access.ROLES, "registry.found")
    with transaction.atomic(durable=True):
        today = steps.day_of(now)
        ministry = queries.region_organisation(Function.MINISTRY, on=today)
        law.refuse(_against_administrator(login, ministry, region, organisation))
        if ministry is None:
            ministry = _found(region, organisation, actor=actor, now=now)
        account = Account.objects.create_user(login, password, email=email, created_at=now)
        steps.give_position(account, ministry, Role.ADMIN, TITLE, today)
        record("account.created", actor=actor, about=account, at=now, role=str(Role.ADMIN))
    return account


def _against_administrator(
    login: str, ministry: Organisation | None, region: str, organisation: str
) -> Iterator[Refusal]:
    if not rules.is_login(login):
        yield rules.LOGIN_WRONG(login=login)
    elif Account.objects.filter(login=login).exists():
        yield rules.LOGIN_TAKEN(login=login)
    if ministry is None and not (region.strip() and organisation.strip()):
        yield NO_MINISTRY()


def _found(region: str, organisation: str, *, actor: Viewer, now: datetime) -> Organisation:
    """The region and its ministry. The code of the territory is unique: two founders make one."""
    today = steps.day_of(now)
    name = organisation.strip()
    territory = Territory.objects.create(
        code="region", name=region.strip(), kind=TerritoryKind.REGION, valid_from=today
    )
    ministry = steps.add_organisation(
        None,
        territory=territory,
        name=name,
        short_name=name[:120],
        sort_key=rules.search_key(name)[:120],
        valid_from=today,
    )
    OrganisationFunction.objects.create(
        organisation=ministry, function=Function.MINISTRY, valid_from=today
    )
    record("registry.created", actor=actor, about=ministry, at=now)
    return ministry
