"""Parts of actions that touch the registry; each requires an open transaction."""

from __future__ import annotations

from datetime import date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from .access import Role, Viewer
from .models import Account, Counter, Organisation, OrganisationFunction, Person, Position
from .queries import below, open_on
from .rules import Function
from .rules import search_key as as_searched


def in_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a step runs inside an action's transaction")


def next_number(scope: str) -> int:
    """The next serial number of a scope: no gaps on rollback, no doubles under concurrency."""
    in_transaction()
    table = connection.ops.quote_name(Counter._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS c (scope, value) VALUES (%s, 1) "
            "ON CONFLICT (scope) DO UPDATE SET value = c.value + 1 RETURNING c.value",
            [scope],
        )
        return int(cursor.fetchone()[0])


def add_organisation(parent: Organisation | None, **fields) -> Organisation:
    """A new organisation with its place in the tree."""
    in_transaction()
    # The path holds the row's own number, so it is known only after the row is there.
    organisation = Organisation(parent=parent, path=f"new-{uuid4().hex}", **fields)
    organisation.save()
    organisation.path = f"{parent.path if parent else '/'}{organisation.pk}/"
    organisation.save(update_fields=["path"])
    return organisation


def add_person(*, name_key: str, search_key: str, **fields) -> Person:
    in_transaction()
    return Person.objects.create(name_key=name_key, search_key=search_key, **fields)


def lock_organisation(organisation_id: int, actor: Viewer) -> Organisation:
    """The organisation, locked, in the actor's scope. Raises `Organisation.DoesNotExist`."""
    in_transaction()
    return Organisation.objects.filter(below(actor)).select_for_update().get(pk=organisation_id)


def lock_account(account_id: int, actor: Viewer) -> Account:
    """The account, locked: in scope is one whose every position is, or that has none.

    Raises `Account.DoesNotExist`.
    """
    in_transaction()
    account = Account.objects.select_for_update().get(pk=account_id)
    if account.positions.exclude(below(actor, "organisation__")).exists():
        raise Account.DoesNotExist
    return account


def functions_of(organisation: Organisation, *, on: date) -> frozenset[Function]:
    held = OrganisationFunction.objects.filter(open_on(on), organisation=organisation)
    return frozenset(Function(one) for one in held.values_list("function", flat=True))


def day_of(now: datetime) -> date:
    """The day it is in the region."""
    return now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def day_at(where: Organisation | Viewer, now: datetime) -> date:
    """The day it is where they are; without a zone of their own they live by the region's."""
    return now.astimezone(ZoneInfo(where.timezone or settings.TIME_ZONE)).date()


def add_account(
    *, login: str, last_name: str, first_name: str, patronymic: str, email: str, now: datetime
) -> Account:
    """An account with its person and no password yet: nobody can sign in by it."""
    key = as_searched(last_name, first_name, patronymic)
    person = add_person(
        name_key=key[:120],
        search_key=key,
        last_name=last_name.strip(),
        first_name=first_name.strip(),
        patronymic=patronymic.strip(),
    )
    return Account.objects.create_user(login, None, email=email, person=person, created_at=now)


def give_position(
    account: Account, organisation: Organisation, role: Role, title: str, valid_from: date
) -> Position:
    in_transaction()
    return Position.objects.create(
        account=account,
        organisation=organisation,
        role=role,
        title=title.strip(),
        valid_from=valid_from,
    )
