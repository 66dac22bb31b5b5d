"""What the data look like and where they are: described here, read elsewhere.

`where` is a file, a folder or a pattern (`results/*.parquet`) of Parquet, CSV/TSV or XLSX, or a
database: `postgresql://user@host/base`, `sqlite:///path.db`, `duckdb:///path.db`. `table` names
the sheet of a workbook, or the table or SELECT of a database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from merilo_psychometrics.design import Item
from merilo_psychometrics.errors import BadData, WrongSettings


@dataclass(frozen=True)
class Wide:
    """One row a work, one column an item.

    `items` are all columns that have no other use unless named. An empty cell means not given; but
    with a `booklet` column it means omitted where anybody of the booklet answered the item.
    """

    where: str | Path
    person: str | None = "person"
    items: tuple[str, ...] | None = None
    booklet: str | None = None
    weight: str | None = None
    groups: tuple[str, ...] = ()
    table: str | None = None

    def columns(self) -> list[str]:
        """Columns that are not items."""
        named = [self.person, self.booklet, self.weight, *self.groups]
        return [name for name in named if name is not None]


@dataclass(frozen=True)
class Long:
    """One row a response: person, item, score or answer. What has no row was not given.

    With a `booklet` column an item that has no row, or an empty score, is omitted where anybody of
    the booklet answered it. `weight` and `groups` must not change inside a work.
    """

    where: str | Path
    person: str = "person"
    item: str = "item"
    score: str = "score"
    booklet: str | None = None
    weight: str | None = None
    groups: tuple[str, ...] = ()
    table: str | None = None

    def columns(self) -> list[str]:
        """All columns to read."""
        named = [self.person, self.item, self.score, self.booklet, self.weight, *self.groups]
        return [name for name in named if name is not None]


Source = Wide | Long


@dataclass(frozen=True)
class Coding:
    """Values that stand for a missing response, as text: `omitted=("9",)`.

    What is neither a score, nor an answer of the scoring rule, nor named here is an error.
    """

    omitted: tuple[str, ...] = ()
    not_reached: tuple[str, ...] = ()
    not_administered: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        named = [*self.omitted, *self.not_reached, *self.not_administered]
        if len(set(named)) != len(named):
            raise WrongSettings(
                "Один код пропуска назван в двух ролях.", "A code of missing has two roles."
            )


@dataclass(frozen=True, eq=False)
class ScoringRules:
    """Which answer gives which score: `{"q1": {"A": 0, "B": 1}}`.

    `otherwise` is the score of an answer a rule does not list (0 for open answers); None makes it
    an error. `domains` gives items their part of the content.
    """

    scores: Mapping[str, Mapping[str, int]]
    otherwise: int | None = None
    domains: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "scores", MappingProxyType(dict(self.scores)))

    def item(self, name: str) -> Item:
        """The item with its answers; raises `BadData` for an item without a rule."""
        rule = self.scores.get(name)
        if rule is None:
            raise BadData(
                f"Для задания {name} нет правила оценивания. Добавьте его или исключите задание.",
                f"No scoring rule for item {name}.",
                items=[name],
            )
        allowed = {0, *rule.values()} | ({self.otherwise} if self.otherwise is not None else set())
        answers = tuple((str(answer), int(score)) for answer, score in rule.items())
        return Item(name, tuple(sorted(allowed)), answers, self.domains.get(name))


def key(answers: Mapping[str, str], options: Iterable[str] = ()) -> ScoringRules:
    """Rules from a key of right answers: one point for the right one, none for any other.

    Name the `options` to see every distractor in the analysis; an answer beyond them is an error.
    """
    listed = list(options)
    rules = {name: {**dict.fromkeys(listed, 0), right: 1} for name, right in answers.items()}
    return ScoringRules(rules, otherwise=None if listed else 0)


Blank = Literal["not administered", "omitted"]
