"""The noun of marking: who marked whose work on which item, and what mark they gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from merilo_psychometrics.design import Item, require_distinct
from merilo_psychometrics.errors import (
    BadData,
    DuplicateResponse,
    NotIdentified,
    ScoreOutsideRule,
    WrongSettings,
    listed,
)
from merilo_psychometrics.provenance import digest


class UnlinkedRaters(NotIdentified):
    """Parts of the marking share no work, so severities cannot be compared between them."""

    def __init__(self, parts: Sequence[Sequence[str]]) -> None:
        said = "; ".join(f"{n}) {listed(part)}" for n, part in enumerate(parts, 1))
        super().__init__(
            f"Эксперты не связаны общими работами и распадаются на {len(parts)} части: {said}. "
            "Строгость между частями не сравнить. Дайте экспертам разных частей общие работы "
            "(на общие задания) или оценивайте части по отдельности.",
            f"The raters fall into {len(parts)} parts without common works: {said}. Let raters of "
            "different parts mark common works on common items, or estimate the parts one by one.",
        )
        self.raters = tuple(name for part in parts for name in part)
        self.parts = tuple(tuple(part) for part in parts)


class ExtremeRater(NotIdentified):
    """A rater gave everybody the lowest mark, or everybody the highest."""

    def __init__(self, raters: Sequence[str]) -> None:
        super().__init__(
            f"Эксперты {listed(raters)} всем поставили одну и ту же крайнюю оценку: строгость не "
            "оценить. Исключите их (without_raters) и разберите их работы отдельно.",
            f"Raters {listed(raters)} gave everybody the same extreme mark; leave them out "
            "(without_raters).",
        )
        self.raters = tuple(raters)


@dataclass(frozen=True, eq=False)
class Ratings:
    """Marks in long form, all arrays [ratings].

    `person`, `item`, `rater`, `period` (int32) are positions in `persons`, `items`, `raters`,
    `periods`; `score` (int16) is one of the scores of the item. `periods` is empty when time was not
    given; its order is the order of time.
    """

    persons: tuple[Any, ...]
    items: tuple[Item, ...]
    raters: tuple[str, ...]
    person: NDArray[np.int32]
    item: NDArray[np.int32]
    rater: NDArray[np.int32]
    score: NDArray[np.int16]
    periods: tuple[str, ...] = ()
    period: NDArray[np.int32] | None = None

    def __len__(self) -> int:
        return len(self.score)

    @property
    def data_hash(self) -> str:
        """SHA-256 of items, raters and every mark; the order of the marks counts."""
        names = [[item.id, list(item.scores)] for item in self.items]
        held = [] if self.period is None else [list(self.periods), self.period]
        return digest([names, list(self.raters), self.person, self.item, self.rater, self.score,
                       *held])  # fmt: skip

    def where(self, rows: NDArray[np.bool_]) -> Ratings:
        """Keep some marks; persons, items and raters nobody needs then are dropped."""
        person, persons = _repacked(self.person[rows], self.persons)
        item, items = _repacked(self.item[rows], self.items)
        rater, raters = _repacked(self.rater[rows], self.raters)
        period = None if self.period is None else self.period[rows]
        return replace(
            self, persons=persons, items=items, raters=raters, person=person, item=item,
            rater=rater, score=self.score[rows], period=period,
        )  # fmt: skip

    def without_raters(self, names: Sequence[str]) -> Ratings:
        """Leave raters out with all their marks."""
        return self.where(~np.isin(self.rater, self._positions(names)))

    def only_raters(self, names: Sequence[str]) -> Ratings:
        """Keep the marks of these raters."""
        return self.where(np.isin(self.rater, self._positions(names)))

    def _positions(self, names: Sequence[str]) -> list[int]:
        unknown = [name for name in names if name not in self.raters]
        if unknown:
            raise WrongSettings(
                f"Нет экспертов {listed(unknown)}.", f"No raters {listed(unknown)}."
            )
        return [self.raters.index(name) for name in names]

    def by_rater(self, item: str | None = None) -> NDArray[np.float64]:
        """Table of marks, [works, raters], NaN where the rater did not mark.

        A work is a person on an item; with `item` only that one. Periods are not told apart.
        """
        rows = np.ones(len(self), dtype=bool)
        if item is not None:
            known = [one.id for one in self.items]
            if item not in known:
                raise WrongSettings(f"Нет задания {item}.", f"No item {item}.", items=[item])
            rows = self.item == known.index(item)
        works = self.person[rows].astype(np.int64) * len(self.items) + self.item[rows]
        _, place = np.unique(works, return_inverse=True)
        table = np.full((int(place.max(initial=-1)) + 1, len(self.raters)), np.nan)
        table[place, self.rater[rows]] = self.score[rows]
        return table


def _repacked(codes: NDArray[np.int32], names: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    used, packed = np.unique(codes, return_inverse=True)
    return packed.astype(np.int32), tuple(names[n] for n in used)


def _whole(scores: ArrayLike) -> NDArray[np.int16]:
    """Marks as whole numbers; text that is a number is one."""
    marks = np.asarray(scores)
    known = np.array([_number(mark) for mark in marks.tolist()], dtype=float)
    wrong = ~((known == np.floor(known)) & (np.abs(known) <= np.iinfo(np.int16).max))
    if wrong.any():
        named = (
            "—" if mark is None or mark != mark else str(mark) for mark in marks[wrong].tolist()
        )
        names = list(dict.fromkeys(named))
        raise BadData(
            f"Оценки должны быть целыми, а встретились: {listed(names)}. Исправьте их; пропусков в "
            "длинной таблице нет — нет и строки.",
            f"Marks must be whole numbers, not {listed(names)}; a missing mark has no row.",
        )
    return known.astype(np.int16)


def _number(mark: object) -> float:
    try:
        return float(mark)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")


def make_ratings(
    persons: ArrayLike,
    raters: ArrayLike,
    scores: ArrayLike,
    *,
    items: ArrayLike | None = None,
    scales: Mapping[str, Item] | Sequence[Item] | None = None,
    periods: ArrayLike | None = None,
) -> Ratings:
    """Make ratings from columns of equal length; without `items` everything is one item "1".

    `scales` gives the items with their scores; otherwise the scores of an item are 0 … the highest
    seen. Raises `DuplicateResponse` when a rater marked one work twice (in one period),
    `ScoreOutsideRule`, `BadData`.
    """
    marks = _whole(scores)
    item_column = np.full(len(marks), "1") if items is None else np.asarray(items).astype(str)
    columns = [np.asarray(persons), item_column, np.asarray(raters).astype(str)]
    columns += [] if periods is None else [np.asarray(periods)]
    if any(len(column) != len(marks) for column in columns) or not len(marks):
        raise BadData(
            "Столбцы оценок разной длины или пусты.", "The columns differ in length or are empty."
        )
    named, codes = [], []
    for column in columns:
        labels, inverse = np.unique(column, return_inverse=True)
        named.append(labels.tolist())
        codes.append(inverse.astype(np.int32))
    known = {}
    if scales is not None:
        listed_items = list(scales.values()) if isinstance(scales, Mapping) else list(scales)
        require_distinct(listed_items)
        known = {item.id: item for item in listed_items}
    full = []
    for place, name in enumerate(named[1]):
        highest = int(marks[codes[1] == place].max())
        full.append(known.get(name, Item(name, tuple(range(max(1, highest) + 1)))))
    wrong = sorted({
        f"{item.id} — {mark}"
        for place, item in enumerate(full)
        for mark in np.unique(marks[codes[1] == place]).tolist()
        if mark not in item.scores
    })  # fmt: skip
    if wrong:
        raise ScoreOutsideRule(
            f"Оценки, которых шкала задания не знает (задание — оценка): {listed(wrong)}.",
            f"Marks outside the scale (item — mark): {listed(wrong)}.",
            items=sorted({text.split(" — ")[0] for text in wrong}),
        )
    key = np.stack(codes, axis=1)
    _, first, times = np.unique(key, axis=0, return_index=True, return_counts=True)
    if (times > 1).any():
        row = key[first[np.argmax(times)]]
        who = f"{named[2][row[2]]} — {named[0][row[0]]}, {named[1][row[1]]}"
        raise DuplicateResponse(
            f"Эксперт дважды оценил одно и то же (эксперт — работа, задание): {who}. Оставьте одну "
            "оценку или назовите периоды (periods).",
            f"A rater marked one work twice: {who}; keep one mark or give periods.",
            items=[named[1][row[1]]],
        )
    return Ratings(
        tuple(named[0]),
        tuple(full),
        tuple(named[2]),
        codes[0],
        codes[1],
        codes[2],
        marks,
        tuple(str(name) for name in named[3]) if periods is not None else (),
        codes[3] if periods is not None else None,
    )
