"""Run our own PostgreSQL on one machine: the only place that knows where its programs come from.

The server of a region is an ordinary one, given by DATABASE_URL; then nothing here is used.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from .binaries import find_binaries
from .launching import major_of, running_pid, start
from .places import (
    ServerProblem,
    account_for,
    data_dir,
    home,
    lock,
    make_socket_dir,
    run_as,
    secret,
    socket_dir,
)
from .roles import APP, DATABASE, OWNER, grant_app_role, prepare_roles, superuser

__all__ = [
    "DATABASE",
    "Server",
    "ServerProblem",
    "default_url",
    "ensure_running",
    "grant_app_role",
    "home",
    "recreate_database",
    "secret",
    "status",
    "stop",
]


@dataclass(frozen=True)
class Server:
    """A running server: where it keeps data and where it listens."""

    data: Path
    socket: Path
    binaries: Path
    pid: int


def default_url(role: str = "app", database: str = DATABASE, *, test: bool = False) -> str:
    """Return the URL of our own server for `app` or `owner`; starts nothing."""
    user = {"app": APP, "owner": OWNER}[role]
    password = secret(f"postgres-{role}")
    return f"postgresql://{user}:{password}@/{database}?host={quote(str(socket_dir(test)))}"


def ensure_running(*, test: bool = False) -> Server:
    """Start our server unless it runs. Safe for two callers at once and after a crash."""
    with lock(test):
        account = account_for(test)
        data = data_dir(account, test)
        socket = socket_dir(test)
        binaries = find_binaries(account, major_of(data))
        make_socket_dir(socket, account)
        try:
            pid = running_pid(data) or start(data, socket, binaries, account, test)
        except ServerProblem:
            if not test:
                raise
            shutil.rmtree(data)  # runs without fsync: after a power cut it may be beyond repair
            pid = start(data, socket, binaries, account, test)
        server = Server(data, socket, binaries, pid)
        prepare_roles(socket, pid, test)
        return server


def status(*, test: bool = False) -> Server | None:
    """Return the server when it runs, else None."""
    if not home().exists():
        return None
    account = account_for(test)
    data = data_dir(account, test)
    pid = running_pid(data)
    if pid is None:
        return None
    return Server(data, socket_dir(test), find_binaries(account, major_of(data)), pid)


def stop(*, test: bool = False) -> bool:
    """Stop our server; return False when it was not running."""
    if not home().exists():
        return False
    with lock(test):
        server = status(test=test)
        if server is None:
            return False
        done = run_as(
            [server.binaries / "pg_ctl", "-D", server.data, "-m", "fast", "-w", "-s", "stop"],
            account_for(test),
        )
        if done.returncode != 0:
            raise ServerProblem(f"База данных не остановилась: {done.stdout.strip()}")
        return True


def recreate_database(name: str = DATABASE, *, test: bool = False) -> None:
    """Drop the database with everything in it and make an empty one. Our own server only."""
    with superuser(ensure_running(test=test).socket) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" OWNER {OWNER}')
