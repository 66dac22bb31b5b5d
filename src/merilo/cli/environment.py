"""What a command works in: the home, the secrets, the database, Django."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from merilo.foundation import postgres

from .failure import CommandFailed

SECRETS = ("MERILO_SECRET_KEY", "MERILO_FILES_KEY")
_resolved: dict[str, str] = {}


def use_home() -> Path:
    """Return the home of this machine, made if needed; children and settings see the same one."""
    home = postgres.home()
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise CommandFailed(
            f"Нельзя создать каталог {home}: укажите другой в MERILO_HOME."
        ) from problem
    os.environ["MERILO_HOME"] = str(home)
    return home


def has_own_server() -> bool:
    """Say whether the database is ours to start and stop (no DATABASE_URL was given)."""
    return not os.environ.get("DATABASE_URL")


def url(role: str) -> str:
    """Return the database URL for `app` or `owner`, given or of our own server."""
    if role in _resolved:
        return _resolved[role]
    if given := os.environ.get("DATABASE_URL"):
        return (os.environ.get("MERILO_OWNER_DATABASE_URL") or given) if role == "owner" else given
    return postgres.default_url(role)


def ensure_secrets(*, one_machine: bool = False) -> None:
    """Make the secrets of a single machine; a region's servers must be given theirs."""
    for name in SECRETS:
        kept = use_home() / "secrets" / name.lower()
        if os.environ.get(name) or os.environ.get(f"{name}_FILE") or kept.exists():
            continue
        if not (one_machine or has_own_server()):
            raise CommandFailed(
                f"Не задан секрет {name}: положите его в файл и укажите путь в {name}_FILE "
                f"(создать: openssl rand -base64 48). Он нужен один на все машины региона."
            )
        postgres.secret(name.lower())


def connect(role: str) -> None:
    """Start our own server when it is ours, and make Django ready under that role."""
    home = use_home()
    ensure_secrets()
    if has_own_server():
        postgres.ensure_running()
        if (home / "clock").exists():  # a demonstration lives here: its clock may be moved
            os.environ.setdefault("MERILO_CLOCK_FILE", str(home / "clock"))
    _resolved.update({name: url(name) for name in ("app", "owner")})
    os.environ["DATABASE_URL"] = url(role)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "merilo.settings")
    import django

    django.setup()


def command_name() -> str:
    """How the person calls this command: ./merilo in a clone, merilo when installed."""
    return os.environ.get("MERILO_COMMAND") or "merilo"


def role_of(database_url: str) -> str:
    """Return the role a database URL signs in with."""
    return unquote(urlsplit(database_url).username or "")


def app_role_beside_owner() -> str | None:
    """Return the application's role when it is not the owner itself, else None."""
    app = role_of(url("app"))
    return app if app != role_of(url("owner")) else None
