"""Items, booklets, and what links them.

A *booklet* (вариант) is a set of items given together; what a person was not given is missing by
design and carries no information. Booklets without a chain of common items stand on scales that
cannot be compared: `Design.parts` finds them.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .errors import MeasurementError, UnknownItem, UnlinkedBooklets, WrongSettings

# A score lives in an int8 beside the three codes of missing.
HIGHEST_SCORE = 126


@dataclass(frozen=True)
class Item:
    """One task with the scores it can give.

    `scores` are all scores the rule allows, from 0 up; gaps are allowed (0, 2, 3). `responses`,
    when known, are the answers as they were written with the score of each: the options of a
    choice item, the distractors among them. `domain` is the part of the content it belongs to.
    """

    id: str
    scores: tuple[int, ...] = (0, 1)
    responses: tuple[tuple[str, int], ...] = ()
    domain: str | None = None

    def __post_init__(self) -> None:
        rising = all(map(operator.lt, self.scores, self.scores[1:]))
        if not (self.scores and self.scores[0] == 0 and rising) or len(self.scores) < 2:
            raise WrongSettings(
                f"Баллы задания {self.id} заданы как {self.scores}: нужен возрастающий ряд от нуля, "
                "хотя бы из двух баллов.",
                f"Scores of item {self.id} must rise from 0, got {self.scores}.",
                items=[self.id],
            )
        if self.scores[-1] > HIGHEST_SCORE:
            raise WrongSettings(
                f"За задание {self.id} можно получить {self.scores[-1]} баллов, а движок считает до "
                f"{HIGHEST_SCORE}. Разделите задание на критерии.",
                f"Item {self.id}: the highest score is {self.scores[-1]} > {HIGHEST_SCORE}.",
                items=[self.id],
            )

    @property
    def max_score(self) -> int:
        """The full score."""
        return self.scores[-1]


@dataclass(frozen=True)
class Stage:
    """One module of a multi-stage booklet and the scores that led on from it.

    `items` are positions in the booklet. A person went on from this stage when the score — of the
    whole test so far (`cumulative`), or of this module alone — lay in [lowest, highest].
    """

    items: tuple[int, ...]
    lowest: int
    highest: int
    cumulative: bool = True


@dataclass(frozen=True, eq=False)
class Booklet:
    """A set of items given together, in the order they were given.

    `items` holds positions in `Design.items`. `stages` is empty for a linear booklet; for a path
    of a multi-stage test the stages cover the items in order, the last one leading nowhere.
    """

    id: str
    items: NDArray[np.int32]
    stages: tuple[Stage, ...] = ()

    def __post_init__(self) -> None:
        items = np.ascontiguousarray(self.items, dtype=np.int32)
        items.flags.writeable = False
        object.__setattr__(self, "items", items)
        if len(np.unique(items)) != len(items) or not len(items):
            raise WrongSettings(
                f"Вариант {self.id} пуст или содержит одно задание дважды.",
                f"Booklet {self.id} is empty or holds an item twice.",
                booklets=[self.id],
            )
        covered = [position for stage in self.stages for position in stage.items]
        if self.stages and covered != list(range(len(items))):
            raise WrongSettings(
                f"Этапы варианта {self.id} не покрывают его задания по порядку.",
                f"The stages of booklet {self.id} do not cover its items in order.",
                booklets=[self.id],
            )


@dataclass(frozen=True, eq=False)
class Design:
    """All items and booklets of a measurement."""

    items: tuple[Item, ...]
    booklets: tuple[Booklet, ...]

    @cached_property
    def index(self) -> dict[str, int]:
        """Position of an item by its name."""
        return {item.id: position for position, item in enumerate(self.items)}

    @cached_property
    def max_scores(self) -> NDArray[np.int64]:
        """Full score of every item, [items]."""
        return np.array([item.max_score for item in self.items], dtype=np.int64)

    @cached_property
    def given(self) -> NDArray[np.bool_]:
        """Which item stands in which booklet, [booklets, items]."""
        table = np.zeros((len(self.booklets), len(self.items)), dtype=bool)
        for row, booklet in enumerate(self.booklets):
            table[row, booklet.items] = True
        return table

    def max_score(self, booklet: int) -> int:
        """Full score of a booklet."""
        return int(self.max_scores[self.booklets[booklet].items].sum())

    def positions(self, names: Iterable[str]) -> NDArray[np.int32]:
        """Positions of items by name; raises `UnknownItem`."""
        wanted = list(names)
        unknown = [name for name in wanted if name not in self.index]
        if unknown:
            raise UnknownItem(unknown)
        return np.array([self.index[name] for name in wanted], dtype=np.int32)

    def parts(self, *, anchored: Iterable[str] = ()) -> tuple[tuple[str, ...], ...]:
        """Group the booklets into parts linked by common items; one part: all is connected.

        Items with fixed parameters (`anchored`) link whatever holds them.
        """
        if len(self.booklets) == 1:
            return ((self.booklets[0].id,),)
        items = len(self.items)
        parent = list(range(items + 1))

        def root(node: int) -> int:
            while parent[node] != node:
                parent[node] = parent[parent[node]]
                node = parent[node]
            return node

        for position in self.positions(anchored):
            parent[root(int(position))] = root(items)
        for booklet in self.booklets:
            first = root(int(booklet.items[0]))
            for position in booklet.items[1:]:
                parent[root(int(position))] = first
        found: dict[int, list[str]] = {}
        for booklet in self.booklets:
            found.setdefault(root(int(booklet.items[0])), []).append(booklet.id)
        return tuple(tuple(names) for names in found.values())

    def require_connected(self, *, anchored: Iterable[str] = ()) -> None:
        """Raise `UnlinkedBooklets`, naming the parts, unless everything hangs together."""
        parts = self.parts(anchored=anchored)
        if len(parts) > 1:
            raise UnlinkedBooklets(parts)


def linear(items: Sequence[Item], booklet: str = "1") -> Design:
    """A design of one booklet with all items."""
    require_distinct(items)
    return Design(tuple(items), (Booklet(booklet, np.arange(len(items), dtype=np.int32)),))


def require_distinct(items: Sequence[Item]) -> None:
    """Raise unless every item has its own name."""
    counted = Counter(item.id for item in items)
    twice = sorted(name for name, times in counted.items() if times > 1)
    if twice:
        raise MeasurementError(
            f"Задания названы одинаково: {', '.join(twice)}. Дайте каждому своё имя.",
            f"Items share a name: {', '.join(twice)}.",
            items=twice,
        )
