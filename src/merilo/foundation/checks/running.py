"""Integrity checks as data: each a query that finds what must not be, with why and the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from django.db import connection

DATA = Path(__file__).parent / "data"
KEYS = {"title", "severity", "sql", "why", "remedy"}
SHOWN = 5


@dataclass(frozen=True)
class Check:
    name: str
    title: str
    severity: str  # "severe" or "warning"
    sql: str
    why: str
    remedy: str


@dataclass(frozen=True)
class Finding:
    """What a check found: how many rows and the first few of them."""

    check: Check
    count: int
    first: tuple[str, ...]


@cache
def checks() -> tuple[Check, ...]:
    """Every check, in the order of the files."""
    found = []
    for path in sorted(DATA.glob("*.yaml")):
        for name, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            if set(entry) != KEYS or entry["severity"] not in ("severe", "warning"):
                raise ValueError(f"{path}: {name}: a check has exactly {sorted(KEYS)}")
            found.append(Check(f"{path.stem}.{name}", **{k: entry[k].strip() for k in KEYS}))
    return tuple(found)


def run(check: Check) -> Finding:
    """Run one check; its query only ever reads."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) OVER (), * FROM ({check.sql}) found LIMIT {SHOWN}")
        rows = cursor.fetchall()
    if not rows:
        return Finding(check, 0, ())
    return Finding(check, rows[0][0], tuple(" ".join(str(v) for v in row[1:]) for row in rows))


def findings() -> Iterator[Finding]:
    for check in checks():
        yield run(check)
