"""Know the demonstration that runs from a home: one at a time, held by a lock."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from .failure import CommandFailed

STOP_PATIENCE_S = 30


@contextlib.contextmanager
def held(home: Path) -> Iterator[bool]:
    """Hold the lock of the one demonstration; yields False when another one holds it."""
    try:
        handle = open(home / "demo.lock", "a")  # noqa: SIM115 - lives as long as the lock
    except PermissionError as problem:
        raise CommandFailed(
            f"Каталог {home} принадлежит другому пользователю: запустите от его имени или "
            "укажите свой в MERILO_HOME."
        ) from problem
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        try:
            yield True
        finally:
            (home / "demo.json").unlink(missing_ok=True)


def tell(home: Path, url: str | None) -> None:
    """Leave word for a second run: who runs, and at which address once it answers."""
    draft = home / "demo.json.draft"
    draft.write_text(json.dumps({"pid": os.getpid(), "url": url}))
    draft.replace(home / "demo.json")


def told(home: Path) -> dict[str, str | int | None]:
    """Read what the running demonstration told; empty when it told nothing yet."""
    try:
        return dict(json.loads((home / "demo.json").read_text()))
    except (OSError, ValueError):
        return {}


def stop(home: Path) -> bool:
    """Ask the running demonstration to end and wait for it; False when none runs."""
    with held(home) as free:
        if free:
            return False
    pid = told(home).get("pid")
    if not isinstance(pid, int):
        raise CommandFailed("Демонстрация ещё запускается: подождите немного и повторите.")
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_PATIENCE_S
    while time.monotonic() < deadline:
        with held(home) as free:
            if free:
                return True
        time.sleep(0.2)
    raise CommandFailed(f"Демонстрация не остановилась за {STOP_PATIENCE_S} с: процесс {pid}.")
