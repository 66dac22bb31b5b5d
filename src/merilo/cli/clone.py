"""The clone of the repository: checks run only there, an installed Merilo has no tests."""

from __future__ import annotations

from pathlib import Path

from .failure import CommandFailed


def find_clone() -> Path:
    """Return the root of the repository this code runs from."""
    root = Path(__file__).resolve().parents[3]
    if not (root / "tests").is_dir() or not (root / "pyproject.toml").exists():
        raise CommandFailed(
            "Проверки запускаются из клона репозитория: git clone …, затем ./merilo test"
        )
    return root
