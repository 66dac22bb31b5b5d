"""`merilo check-code`: style, layers, types, migrations, generated documents."""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from merilo.foundation import postgres

from . import environment
from .clone import find_clone
from .failure import CommandFailed


class Check(NamedTuple):
    """One program to run, what it looks at, and what to do when it is not content."""

    name: str
    command: list[str]
    remedy: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def run(options: argparse.Namespace) -> int:
    """Run all checks, show every failure at once; 1 when there is any."""
    root = find_clone()
    environment.use_home()
    found = failures([*quick_checks(root), *slow_checks(root)], root, speak=True)
    if found:
        print("\n" + "\n\n".join(found), file=sys.stderr)
        return 1
    return 0


def quick_checks(root: Path) -> list[Check]:
    """Checks of a few seconds, without a database."""
    python = [sys.executable, "-P", "-m"]
    code = ["src", "tests", "merilo"]
    return [
        Check("ruff: правила", [*python, "ruff", "check", "--output-format=concise", *code],
              "исправить: ruff check --fix src tests merilo"),
        Check("ruff: вид", [*python, "ruff", "format", "--check", "--output-format=concise", *code],
              "исправить: ruff format src tests merilo"),
        Check("слои", [sys.executable, "-c", "from importlinter.cli import lint_imports_command;"
                       "lint_imports_command()", "--no-cache", "--no-logo"],
              "импорт нарушает порядок слоёв, правила в pyproject.toml"),
    ]  # fmt: skip


def slow_checks(root: Path) -> list[Check]:
    """Types of law and rules, forgotten migrations, documents printed from the sources."""
    python = [sys.executable, "-P", "-m"]
    rules = sorted(str(path.relative_to(root)) for path in root.glob("src/merilo/*/rules*"))
    checks = [
        Check("mypy: нормы и правила", [*python, "mypy", "src/merilo/law", *rules],
              "исправьте типы"),
        Check("миграции", [*python, "django", "makemigrations", "--check", "--dry-run"],
              "создать: python -m django makemigrations"),
    ]  # fmt: skip
    checks.append(
        Check(
            "покрытие норм и правил",
            [*python, "pytest", "-q", "tests/law", "tests/rules", "tests/mechanisms"]
            + [
                "-m",
                "not django_db",
                "--cov",
                "--cov-config=tests/coverage_of_rules.ini",
                "--cov-report=term",
            ],
            "нормы и правила доказываются целиком: допишите случаи в tests/law, tests/rules, "
            "tests/mechanisms",
        )
    )
    if importlib.util.find_spec("merilo.cli.docs"):
        checks.append(
            Check("документы", [*python, "merilo", "docs", "--check"],
                  "напечатать заново: ./merilo docs")
        )  # fmt: skip
    return checks


def failures(checks: list[Check], root: Path, *, speak: bool = False) -> list[str]:
    """Run the checks; return what each discontented one said, with the remedy."""
    found = []
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "merilo.settings"}
    for check in checks:
        if check.name == "миграции":
            environ |= _database_for_migrations()
        done = subprocess.run(
            check.command, cwd=root, env=environ, capture_output=True, text=True, check=False
        )
        if done.returncode == 1 and f"No module named {check.name}" in done.stderr:
            raise CommandFailed("Нет пакетов для проверок: запускайте из клона, ./merilo test")
        if speak:
            print(f"{check.name}: {'ок' if done.returncode == 0 else 'НЕТ'}", flush=True)
        if done.returncode:
            said = (done.stdout + done.stderr).strip()
            found.append(f"{said}\nНе прошло: {check.name} ({check.remedy}).")
    return found


def _database_for_migrations() -> dict[str, str]:
    """Django compares migrations with a database; an empty one of the test server will do."""
    environment.ensure_secrets()
    if not environment.has_own_server():
        return {}
    postgres.ensure_running(test=True)
    return {"DATABASE_URL": postgres.default_url("owner", "postgres", test=True)}
