"""Where our own server keeps things and whose account runs it."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pwd
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SYSTEM_PLACE = Path("/var/lib/merilo")


class ServerProblem(Exception):
    """The server cannot run; the text is a sentence for the person, with what to do."""


@dataclass(frozen=True)
class Account:
    """The operating-system account that runs the server."""

    uid: int
    gid: int
    name: str

    def as_user(self) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def home() -> Path:
    """Return the directory of everything Merilo keeps on this machine."""
    if given := os.environ.get("MERILO_HOME"):
        return Path(given).expanduser().resolve()
    clone = Path(__file__).resolve().parents[4]
    if (clone / "pyproject.toml").exists() and (clone / "merilo").exists():
        return clone / ".merilo"
    if os.geteuid() == 0:
        return SYSTEM_PLACE / "home"
    share = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(share) / "merilo"


def secret(name: str) -> str:
    """Return a secret kept in MERILO_HOME/secrets; make it on first use (safe for two callers)."""
    path = home() / "secrets" / name
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.parent.chmod(0o700)
            draft = path.with_name(f".{name}.{secrets.token_hex(4)}")
            with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48) + "\n")
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)  # the first caller wins, the others read its value
            draft.unlink()
        return path.read_text().strip()
    except PermissionError as problem:
        raise belongs_to_another(path) from problem


def place_key() -> str:
    return hashlib.sha256(str(home()).encode()).hexdigest()[:12]


def socket_dir(test: bool) -> Path:
    # Under /tmp whatever TMPDIR says: a socket path may not be longer than 107 bytes.
    return Path("/tmp") / f"merilo-{place_key()}{'-test' if test else ''}"


def data_dir(account: Account, test: bool) -> Path:
    """Return the data directory: in the home, or in /var/lib where root's home is closed."""
    name = "postgres-test" if test else "postgres"
    inside = home() / name
    if os.geteuid() != 0 or _can_enter(inside.parent, account):
        return inside
    return SYSTEM_PLACE / place_key() / name


def _can_enter(folder: Path, account: Account) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    return run_as(["/bin/sh", "-c", 'cd "$1"', "sh", folder], account).returncode == 0


def account_for(test: bool) -> Account:
    """Return who runs the server: the caller; for root, the owner of the data or nobody."""
    if os.geteuid() != 0:
        try:
            entry = pwd.getpwuid(os.geteuid())
        except KeyError as problem:
            raise ServerProblem(
                f"У пользователя {os.geteuid()} нет имени в системе, и PostgreSQL под ним не "
                "запустится: добавьте его в /etc/passwd или укажите свою базу в DATABASE_URL."
            ) from problem
        return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)
    inside = home() / ("postgres-test" if test else "postgres")
    candidates: list[int | str] = ["nobody", "postgres"]
    if inside.exists() and inside.stat().st_uid != 0:
        candidates.insert(0, inside.stat().st_uid)
    for candidate in candidates:
        with contextlib.suppress(KeyError):
            found = pwd.getpwuid(candidate) if isinstance(candidate, int) else None
            entry = found or pwd.getpwnam(str(candidate))
            return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)
    raise ServerProblem(
        "PostgreSQL не запускается от root, а пользователя nobody в системе нет: "
        "запустите Мерило от обычного пользователя."
    )


def belongs_to_another(path: Path) -> ServerProblem:
    held = next((p for p in (path, *path.parents) if _owner_of(p) is not None), Path("/"))
    return ServerProblem(
        f"Каталог {home()} принадлежит пользователю {_owner_of(held)}: запустите Мерило от его "
        "имени или укажите свой каталог в MERILO_HOME."
    )


def _owner_of(path: Path) -> str | None:
    try:
        uid = path.stat().st_uid
    except OSError:
        return None
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


@contextlib.contextmanager
def lock(test: bool) -> Iterator[None]:
    path = home() / f"postgres{'-test' if test else ''}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = open(path, "w")  # noqa: SIM115 - lives as long as the lock
    except PermissionError as problem:
        raise belongs_to_another(path) from problem
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def make_socket_dir(socket: Path, account: Account) -> None:
    with contextlib.suppress(FileExistsError):
        socket.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(socket, account.uid, account.gid)
    found = socket.lstat()
    if socket.is_symlink() or found.st_uid != account.uid or found.st_mode & 0o077:
        raise ServerProblem(
            f"Каталог {socket} принадлежит не пользователю {account.name} или открыт для других: "
            "удалите его и запустите команду снова."
        )


def run_as(command: list[Any], account: Account) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs as the account, without the caller's PG* settings."""
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": "/"}
    try:
        return subprocess.run(
            [str(part) for part in command],
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            **account.as_user(),
        )
    except OSError as problem:
        # 126 is the shell's status for "found, but may not be run".
        return subprocess.CompletedProcess(command, 126, stdout=str(problem))
