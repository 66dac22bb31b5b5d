"""Counts for DIF: for every item, who of equal total score got what, by group.

DIF asks whether people of equal ability but different groups do equally well on an item. Here equal
ability is equal total score on the same booklet: a stratum is booklet × score. The counts are all
Mantel-Haenszel, standardisation and logistic regression need, so their cost does not grow with the
number of works.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from merilo_psychometrics.design import Design
from merilo_psychometrics.errors import BadData, TooFewPersons, WrongSettings
from merilo_psychometrics.provenance import digest
from merilo_psychometrics.responses import Responses
from merilo_psychometrics.statistics import SufficientStatistics

Array = NDArray[np.float64]
Counts = NDArray[Any]


@dataclass(frozen=True, eq=False)
class MatchedCounts:
    """Works by group, matching score and score on the item, booklet by booklet.

    `booklets[b]` [groups, M + 1, C]: the columns of the item at position q of the booklet are
    `columns[b][q]` … `columns[b][q + 1]` − 1, one for every score 0 … full score. Rows are the
    item's own matching score: the total of the items in `anchor`, with the item itself added where
    it is not among them (Holland & Thayer 1988: an item belongs to its own criterion).
    """

    design: Design
    groups: tuple[str, ...]
    booklets: tuple[Counts, ...]
    columns: tuple[NDArray[np.int64], ...]
    anchor: tuple[str, ...]
    data: str

    def code(self, name: str) -> int:
        """Place of a group; raises `BadData` when there is none of this name."""
        if name not in self.groups:
            raise BadData(
                f"Нет группы «{name}»; есть: {', '.join(self.groups[:8])}.",
                f"No group {name!r}; there are {self.groups[:8]}.",
            )
        return self.groups.index(name)

    @cached_property
    def works(self) -> Array:
        """Works (or their weight) of every group, [groups]."""
        first = [b[:, :, c[0] : c[1]].sum(axis=(1, 2)) for b, c in zip(
            self.booklets, self.columns, strict=True)]  # fmt: skip
        return np.asarray(np.sum(first, axis=0), dtype=np.float64)

    def of_item(self, position: int) -> Array:
        """Groups × strata × scores of one item over its booklets; empty strata are left out."""
        width = self.design.items[position].max_score + 1
        parts = [np.zeros((len(self.groups), 0, width))]
        for booklet, counts, columns in zip(
            self.design.booklets, self.booklets, self.columns, strict=True
        ):
            for q in np.flatnonzero(booklet.items == position):
                part = counts[:, :, columns[q] : columns[q + 1]]
                parts.append(part[:, part.any(axis=(0, 2))])
        return np.concatenate(parts, axis=1, dtype=np.float64)


def matched_counts(
    data: Responses | Mapping[str, SufficientStatistics],
    grouping: str | None = None,
    *,
    anchor: Iterable[str] | None = None,
) -> MatchedCounts:
    """Count from responses, or take the counts of `statistics_by` (of data of any size).

    `anchor` names the items whose total is the matching score; without it, all items of the
    booklet. Counts of `statistics_by` are by the total of all items, so they take no anchor.
    Weighted works count with their weights.
    Raises `TooFewPersons`, `WrongSettings`.
    """
    if not isinstance(data, Responses):
        if anchor is not None:
            raise WrongSettings(
                "Якорь выбирают по ответам: в готовых подсчётах балл уже общий. Передайте ответы.",
                "Counts are by the whole total; an anchor needs responses.",
            )
        return _from_statistics(data)
    if grouping is None:
        raise WrongSettings("Назовите группировку (grouping).", "Name the grouping.")
    data.require_treated("matched_counts")
    design, groups = data.design, data.group_names(grouping)
    names = tuple(item.id for item in design.items) if anchor is None else tuple(anchor)
    inside = np.zeros(len(design.items), dtype=np.bool_)
    inside[design.positions(names)] = True
    tables, columns = [], []
    for booklet, block in zip(design.booklets, data.blocks, strict=True):
        places = np.concatenate([[0], np.cumsum(design.max_scores[booklet.items] + 1)])
        if not inside[booklet.items].any():
            raise WrongSettings(
                f"В варианте {booklet.id} нет ни одного якорного задания: уравнять участников не "
                "по чему. Добавьте якорь или исключите вариант.",
                f"Booklet {booklet.id} holds no anchor item.",
                booklets=[booklet.id],
            )
        weights = np.ones(len(block)) if block.weights is None else block.weights
        top = int(design.max_scores[booklet.items].sum())
        tables.append(
            _count(
                block.scores, block.groups[grouping], weights, inside[booklet.items], places,
                len(groups), top,
            )
        )  # fmt: skip
        columns.append(places)
    return MatchedCounts(design, groups, tuple(tables), tuple(columns), names, data.data_hash)


def _from_statistics(by_group: Mapping[str, SufficientStatistics]) -> MatchedCounts:
    groups = tuple(by_group)
    if len(groups) < 2:
        raise TooFewPersons(
            "Для сравнения нужны хотя бы две группы.", "Two groups at least are needed."
        )
    parts = list(by_group.values())
    design = parts[0].design
    tables = tuple(
        np.stack([part.booklets[n].item_counts for part in parts])
        for n in range(len(design.booklets))
    )
    columns = tuple(counts.columns for counts in parts[0].booklets)
    names = tuple(item.id for item in design.items)
    hashed = digest([part.counts_hash for part in parts])
    return MatchedCounts(design, groups, tables, columns, names, hashed)


@njit(cache=True, nogil=True)
def _count(scores, groups, weights, inside, columns, number, top):  # type: ignore[no-untyped-def]
    """Works by group × matching score × item score, [groups, top + 1, columns]."""
    counts = np.zeros((number, top + 1, columns[-1]))
    for work in range(scores.shape[0]):
        if groups[work] < 0:
            continue
        total = 0
        for item in range(scores.shape[1]):
            if inside[item]:
                total += scores[work, item]
        table = counts[groups[work]]
        for item in range(scores.shape[1]):
            own = total if inside[item] else total + scores[work, item]
            table[own, columns[item] + scores[work, item]] += weights[work]
    return counts
