"""A law folder of our own: synthetic profiles are read beside the shipped ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from merilo.law import profiles, scoring, working_days

CACHES = (
    profiles.acts,
    profiles.definitions,
    profiles.profile,
    scoring.shipped_specifications,
    working_days.calendar,
)

WriteLaw = Callable[[dict[str, str]], Path]


def forget_the_law() -> None:
    for cache in CACHES:
        cache.cache_clear()


@pytest.fixture
def write_law(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WriteLaw]:
    """Write files by path into a folder that is read after the shipped law."""

    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        monkeypatch.setenv("MERILO_LAW_DIR", str(tmp_path))
        forget_the_law()
        return tmp_path

    forget_the_law()
    yield write
    monkeypatch.undo()
    forget_the_law()
