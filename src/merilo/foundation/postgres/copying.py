"""The programs that copy a database out and in: found, and told where to sign in."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from .binaries import candidates
from .places import ServerProblem


def program(name: str, server_major: int) -> Path:
    """Return `pg_dump` or `pg_restore` of the server's own version, else the next one above it.

    Raises `ServerProblem` when there is none: an older program cannot read a newer server, and a
    much newer one speaks to it of settings that it does not know.
    """
    found: dict[int, Path] = {}
    for place in candidates():
        if not (place / name).exists():
            continue
        told = subprocess.run(
            [place / name, "--version"], capture_output=True, text=True, check=False
        )
        version = re.search(r"(\d+)(\.\d+)?", told.stdout)
        if version and int(version[1]) >= server_major:
            found.setdefault(int(version[1]), place / name)
    if found:
        return found[min(found)]
    raise ServerProblem(
        f"Не найдена программа {name} версии {server_major} или новее: установите клиент "
        f"PostgreSQL {server_major} или укажите каталог его программ в MERILO_POSTGRES_BIN."
    )


def sign_in(url: str) -> dict[str, str]:
    """Return the environment of libpq for a database URL.

    Not the command line: the list of processes would show the password to everybody.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    found = {
        "PGHOST": options.pop("host", None) or unquote(parts.hostname or ""),
        "PGPORT": options.pop("port", None) or (str(parts.port) if parts.port else ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        **{f"PG{name.upper()}": value for name, value in options.items()},
    }
    return {name: value for name, value in found.items() if value}
