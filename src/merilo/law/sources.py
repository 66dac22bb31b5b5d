"""An act, a paragraph in it, and a value that stands there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class Rank(StrEnum):
    """How strong an act is. The order of precedence is `PRECEDENCE`."""

    FEDERAL_NORM = "federal_norm"
    REGIONAL_ACT = "regional_act"
    FEDERAL_RECOMMENDATION = "federal_recommendation"
    PUBLISHED = "published"  # an authority's published statement: not an act, but the best known
    OFFICE_DEFAULT = "office_default"


PRECEDENCE = tuple(Rank)


class Certainty(StrEnum):
    """A stated in the act; B two independent sources; C one source or an inference; D unknown."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


@dataclass(frozen=True)
class Act:
    id: str
    title: str
    short: str
    rank: Rank
    number: str = ""
    adopted: date | None = None
    published: str = ""
    in_force_until: date | None = None  # where the act itself, or a known later one, says so


@dataclass(frozen=True)
class Source:
    act: Act
    paragraph: str

    def __str__(self) -> str:
        return f"{self.act.short}, {self.paragraph}" if self.paragraph else self.act.short


@dataclass(frozen=True)
class Value:
    """A value of a parameter in force in a profile from a date, with everything that proves it."""

    name: str
    value: Any
    unit: str
    since: date
    until: date | None
    source: Source
    certainty: Certainty
    reading: str
    profile: str
    note: str = ""

    def as_record(self) -> dict[str, Any]:
        """The form kept with a decision, so that it can be answered for years later."""
        return {
            "value": plain(self.value),
            "act": self.source.act.id,
            "paragraph": self.source.paragraph,
            "since": self.since.isoformat(),
            "certainty": str(self.certainty),
            "profile": self.profile,
        }


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value


def decided_under(*values: Value | None) -> dict[str, dict[str, Any]]:
    """The values a decision rests on, by parameter name, ready to be stored beside it."""
    return {value.name: value.as_record() for value in values if value is not None}
