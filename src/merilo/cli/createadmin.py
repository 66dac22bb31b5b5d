"""`merilo createadmin`: the first person who may sign in; he opens accounts for all others."""

from __future__ import annotations

import argparse
import getpass
import os
import secrets
import sys
from typing import Any

from .failure import CommandFailed

TITLE = "администратор"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Who, and in which organisation."""
    parser.add_argument("login", metavar="ЛОГИН", help="логин администратора")
    parser.add_argument("--email", default="", help="адрес для писем")
    parser.add_argument("--region", metavar="НАЗВАНИЕ", help="субъект РФ, если реестр ещё пуст")
    parser.add_argument(
        "--organisation", metavar="НАЗВАНИЕ", help="орган управления, если реестр ещё пуст"
    )


def run(options: argparse.Namespace) -> int:
    """Create the account with the role of administrator in the region's ministry."""
    from merilo.foundation import clock
    from merilo.registry.models import Account

    if Account.objects.filter(login=options.login).exists():
        raise CommandFailed(
            f"Логин «{options.login}» уже занят: возьмите другой или смените пароль на странице "
            "учётных записей."
        )
    password, made_up = _password()
    _check_password(password, options.login)
    create(options, password=password, now=clock.now())
    print(f"Администратор «{options.login}» заведён. Войдите и включите второй фактор.")
    if made_up:
        print(f"Пароль (показан один раз): {password}")
    return 0


def create(options: argparse.Namespace, *, password: str, now: Any) -> None:
    """Write account and position in one transaction; the journal notes both."""
    from django.conf import settings
    from django.db import transaction

    from merilo.foundation import clock
    from merilo.foundation.journal import recording
    from merilo.registry.access import Role, Viewer
    from merilo.registry.models import Account, Position

    system = Viewer.system(settings.TIME_ZONE)
    today = clock.today(settings.TIME_ZONE)
    with transaction.atomic(durable=True):
        ministry = _ministry(options, system=system, today=today, now=now)
        account = Account.objects.create_user(
            options.login, password, email=options.email, created_at=now
        )
        Position.objects.create(
            account=account, organisation=ministry, role=Role.ADMIN, title=TITLE, valid_from=today
        )
        recording.record(
            "account.created", actor=system, about=account, at=now, role=str(Role.ADMIN)
        )


def _ministry(options: argparse.Namespace, *, system: Any, today: Any, now: Any) -> Any:
    """Return the region's ministry; make it, with its region, in an empty registry."""
    from merilo.foundation.journal import recording
    from merilo.registry import queries, steps
    from merilo.registry.models import OrganisationFunction, Territory
    from merilo.registry.rules import Function, TerritoryKind, search_key

    found = queries.region_organisation(Function.MINISTRY, on=today)
    if found is not None:
        return found
    if not (options.region and options.organisation):
        raise CommandFailed(
            "В реестре ещё нет органа управления образованием: назовите его и субъект РФ, "
            'например --region "Приморский край" --organisation "Министерство образования '
            'Приморского края".'
        )
    territory = Territory.objects.create(
        code="region", name=options.region, kind=TerritoryKind.REGION, valid_from=today
    )
    ministry = steps.add_organisation(
        None,
        territory=territory,
        name=options.organisation,
        short_name=options.organisation[:120],
        sort_key=search_key(options.organisation)[:120],
        valid_from=today,
    )
    OrganisationFunction.objects.create(
        organisation=ministry, function=Function.MINISTRY, valid_from=today
    )
    recording.record("registry.created", actor=system, about=ministry, at=now)
    return ministry


def _password() -> tuple[str, bool]:
    """Take the password from MERILO_ADMIN_PASSWORD, ask for it twice, or make one up."""
    if given := os.environ.get("MERILO_ADMIN_PASSWORD"):
        return given, False
    if not sys.stdin.isatty():
        return secrets.token_urlsafe(12), True
    first = getpass.getpass("Пароль: ")
    if getpass.getpass("Ещё раз: ") != first:
        raise CommandFailed("Пароли не совпали: повторите команду.")
    return first, False


def _check_password(password: str, login: str) -> None:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from merilo.registry.models import Account

    try:
        validate_password(password, Account(login=login))
    except ValidationError as weak:
        raise CommandFailed("Такой пароль не годится: " + " ".join(weak.messages)) from weak
