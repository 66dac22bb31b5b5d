"""Criteria of evaluations as the sources print them, by year. Trees are read by `mechanisms`."""

from __future__ import annotations

from functools import cache
from typing import Any

from .errors import InvalidLaw
from .files import law_folders, read_yaml
from .profiles import acts

KEYS = {"code", "year", "title", "act", "paragraph", "renormalisation", "note", "criteria"}
MATCH_KEYS = {"earlier", "later", "note", "matches"}


@cache
def shipped_criteria() -> tuple[dict[str, Any], ...]:
    """Each edition as its file says it, the earliest first. Raises `InvalidLaw`."""
    found = []
    for folder in law_folders():
        for path in sorted((folder / "criteria").glob("*.yaml")):
            data = read_yaml(path)
            if "criteria" not in data:
                continue
            if set(data) - KEYS or KEYS - {"note"} - set(data):
                raise InvalidLaw(f"{path}: an edition has {', '.join(sorted(KEYS))}")
            if data["act"] not in acts():
                raise InvalidLaw(f"{path}: act {data['act']!r} is not listed in acts.yaml")
            found.append(data)
    return tuple(sorted(found, key=lambda one: (one["year"], one["code"])))


@cache
def shipped_matches() -> tuple[dict[str, Any], ...]:
    """What criteria of a year were called in an earlier one. Raises `InvalidLaw`."""
    found = []
    for folder in law_folders():
        for path in sorted((folder / "criteria").glob("*.yaml")):
            data = read_yaml(path)
            if "criteria" in data:
                continue
            if set(data) - MATCH_KEYS or MATCH_KEYS - {"note"} - set(data):
                raise InvalidLaw(f"{path}: a mapping has {', '.join(sorted(MATCH_KEYS))}")
            found.append(data)
    return tuple(found)
