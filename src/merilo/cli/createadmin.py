"""`merilo createadmin`: the first person who may sign in; he opens accounts for all others."""

from __future__ import annotations

import argparse
import getpass
import os
import secrets
import sys
from typing import Any

from .failure import CommandFailed


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
    from django.conf import settings

    from merilo.foundation import clock
    from merilo.law import Refused
    from merilo.registry import actions
    from merilo.registry.access import Viewer

    password, made_up = _password()
    _check_password(password, options.login)
    try:
        actions.appoint_administrator(
            login=options.login,
            password=password,
            email=options.email,
            region=options.region or "",
            organisation=options.organisation or "",
            actor=Viewer.system(settings.TIME_ZONE),
            now=clock.now(),
        )
    except Refused as refused:
        raise CommandFailed(_in_words(refused)) from refused
    print(f"Администратор «{options.login}» заведён. Войдите и включите второй фактор.")
    if made_up:
        print(f"Пароль (показан один раз): {password}")
    return 0


def _in_words(refused: Any) -> str:
    """Every reason; where the registry is empty, also how the command names the ministry."""
    said = [one.sentence() for one in refused.refusals]
    if any(one.code == "registry.no-ministry" for one in refused.refusals):
        said.append(
            'Например: --region "Приморский край" --organisation "Министерство образования '
            'Приморского края".'
        )
    return " ".join(said)


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
