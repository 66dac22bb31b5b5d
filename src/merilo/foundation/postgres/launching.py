"""Make the data directory, start the server, tell a live one from a dead one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from .places import SYSTEM_PLACE, Account, ServerProblem, belongs_to_another, place_key, run_as

START_PATIENCE_S = 30

SETTINGS = """
# Written by Merilo.
listen_addresses = ''
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 200
timezone = 'UTC'
log_timezone = 'UTC'
jit = off
# Small machines and containers with a tiny /dev/shm: a parallel plan costs more than it brings.
max_parallel_workers_per_gather = 0
"""
TEST_SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
"""
ACCESS = """\
local  all  postgres  peer  map=merilo
local  all  all       scram-sha-256
"""


def major_of(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None
    except PermissionError as problem:
        raise belongs_to_another(data) from problem


def running_pid(data: Path) -> int | None:
    """Return the pid of the live server on this data; remove a pid file left by a dead one."""
    pid_file = data / "postmaster.pid"
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return None
    except PermissionError as problem:
        raise belongs_to_another(data) from problem
    pid = int(lines[0]) if lines and lines[0].strip().isdigit() else 0
    try:
        command_line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return None
    if str(data).encode() not in command_line:
        # The number went to another program, e.g. after a restart of a container; PostgreSQL
        # itself would take that program for its predecessor and refuse to start.
        pid_file.unlink(missing_ok=True)
        return None
    return pid if len(lines) > 7 and lines[7].strip() == "ready" else None


def _initialise(data: Path, binaries: Path, account: Account, test: bool) -> None:
    """Make the data directory whole or not at all."""
    draft = data.with_name(data.name + ".draft")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.rmtree(data, ignore_errors=True)  # without PG_VERSION: a copy that was cut off
    draft.mkdir(parents=True, mode=0o700)
    if os.geteuid() == 0:
        for parent in (SYSTEM_PLACE, SYSTEM_PLACE / place_key()):
            if parent in draft.parents:
                parent.chmod(0o755)
        os.chown(draft, account.uid, account.gid)
    version = subprocess.run([binaries / "postgres", "-V"], capture_output=True, text=True)
    major = int(re.search(r"\d+", version.stdout)[0])  # type: ignore[index]
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else []
    done = run_as(
        [binaries / "initdb", "-D", draft, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"]
        + [*builtin, "--auth=peer", "--no-instructions", *(["-N"] if test else [])],
        account,
    )
    if done.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        raise ServerProblem(
            f"Не удалось создать базу данных в {data}: {_last_line(done.stdout)}. Проверьте место "
            "на диске и права на каталог или укажите другой в MERILO_HOME."
        )
    with (draft / "postgresql.conf").open("a") as conf:
        conf.write(SETTINGS + (TEST_SETTINGS if test else ""))
    (draft / "pg_hba.conf").write_text(ACCESS)
    names = sorted({account.name, "root"})
    (draft / "pg_ident.conf").write_text("".join(f"merilo {name} postgres\n" for name in names))
    draft.rename(data)


def start(data: Path, socket: Path, binaries: Path, account: Account, test: bool) -> int:
    if major_of(data) is None:
        _initialise(data, binaries, account, test)
    log = data / "server.log"
    command = [binaries / "pg_ctl", "-D", data, "-w", "-s", "-t", START_PATIENCE_S, "-l", log]
    deadline = time.monotonic() + START_PATIENCE_S
    while True:
        before = log.stat().st_size if log.exists() else 0
        done = run_as([*command, "-o", f"-k {socket}", "start"], account)
        if done.returncode == 0 and (pid := running_pid(data)):
            return pid
        said = done.stdout
        if log.exists():
            said += log.read_bytes()[before:].decode(errors="replace")
        # Children of a killed server live for about a second and hold its memory and lock file.
        leftovers = "lock file" in said or "shared memory block" in said
        if not leftovers or time.monotonic() > deadline:
            raise ServerProblem(
                f"База данных не запустилась: {_last_line(said)}. Журнал сервера: {log}"
            )
        time.sleep(0.3)


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    told = [line for line in lines if "FATAL" in line or "error:" in line]
    return (told or lines or ["без объяснения"])[-1].strip().rstrip(".")
