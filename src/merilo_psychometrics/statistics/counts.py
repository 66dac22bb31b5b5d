"""The nouns of counting: one table a booklet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics.design import Design, Item
from merilo_psychometrics.errors import MeasurementError
from merilo_psychometrics.provenance import Provenance, digest

Counts = NDArray[Any]


@dataclass(frozen=True, eq=False)
class BookletCounts:
    """Counts of one booklet; weighted counts are floats, others int64.

    `score_counts` [M + 1]: works with total score s = 0 … M. `item_counts` [M + 1, C]: works with
    total s that got a score c on an item, where the columns of the item at position q of the
    booklet are `columns[q]` … `columns[q + 1]` - 1, one for every c = 0 … full score (a score the
    rule skips has a column of zeros).
    """

    score_counts: Counts
    item_counts: Counts
    columns: NDArray[np.int64]

    @property
    def works(self) -> float:
        """How many works (or their summed weight)."""
        return float(self.score_counts.sum())

    def of_item(self, position: int) -> Counts:
        """Total score × item score counts of one item of the booklet, [M + 1, full score + 1]."""
        return self.item_counts[:, self.columns[position] : self.columns[position + 1]]


@dataclass(frozen=True, eq=False)
class SufficientStatistics:
    """The counts of every booklet: `booklets[b]` belongs to `design.booklets[b]`."""

    design: Design
    booklets: tuple[BookletCounts, ...]
    provenance: Provenance

    @property
    def works(self) -> float:
        """How many works (or their summed weight)."""
        return sum(counts.works for counts in self.booklets)

    def known_as(self, verb: str, settings: Mapping[str, Any]) -> SufficientStatistics:
        """The same counts, coming from `verb`, their own hash the name of the data."""
        made = replace(self, provenance=Provenance(verb, self.counts_hash, settings))
        made.__dict__["counts_hash"] = self.counts_hash  # it is not computed again
        return made

    @cached_property
    def category_counts(self) -> tuple[Counts, ...]:
        """Works by score on the item, over all booklets; one array an item, [full score + 1]."""
        weighted = any(counts.item_counts.dtype.kind == "f" for counts in self.booklets)
        ends = np.cumsum(self.design.max_scores + 1)
        found = np.zeros(ends[-1], dtype=np.float64 if weighted else np.int64)
        begins = ends - self.design.max_scores - 1
        for booklet, counts in zip(self.design.booklets, self.booklets, strict=True):
            cells = ranges(begins[booklet.items], np.diff(counts.columns))
            found[cells] += counts.item_counts.sum(axis=0)
        return tuple(np.split(found, ends[:-1]))

    @cached_property
    def counts_hash(self) -> str:
        """SHA-256 of the counts: equal for equal data in any order, file or engine."""
        names = [item.id for item in self.design.items]
        stand = {int(n) for booklet in self.design.booklets for n in booklet.items}
        items = sorted((names[n], list(self.design.items[n].scores)) for n in stand)
        booklets = []
        for booklet, counts in zip(self.design.booklets, self.booklets, strict=True):
            own = [names[n] for n in booklet.items]
            order = np.array(sorted(range(len(own)), key=own.__getitem__))
            tables = counts.item_counts[
                :, ranges(counts.columns[order], np.diff(counts.columns)[order])
            ]
            held = [own[q] for q in order]
            booklets.append((held, digest([counts.score_counts, tables])))
        parts: list[object] = [[list(item) for item in items], sorted(booklets)]
        return digest(parts)


def ranges(begins: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers begins[n] … begins[n] + lengths[n] - 1 for every n, one after another."""
    ends = np.cumsum(lengths)
    return np.arange(ends[-1]) + np.repeat(begins - ends + lengths, lengths)


def columns_of(items: Sequence[Item]) -> NDArray[np.int64]:
    """Where the columns of every item of a booklet begin in `item_counts`."""
    return np.concatenate([[0], np.cumsum([item.max_score + 1 for item in items])]).astype(
        np.int64
    )


def add(parts: Sequence[SufficientStatistics]) -> SufficientStatistics:
    """Add statistics of parts of the same data (files, days, machines); booklets go by name.

    Raises `MeasurementError`.
    """
    first = parts[0]
    for part in parts[1:]:
        if part.design.items != first.design.items:
            raise MeasurementError(
                "Складываются статистики по разным заданиям: прочтите части с одним и тем же "
                "списком заданий.",
                "Statistics over different items cannot be added.",
            )
    kept: dict[str, tuple[int, int]] = {}
    sums: list[BookletCounts] = []
    booklets = []
    for which, part in enumerate(parts):
        for n, (booklet, counts) in enumerate(
            zip(part.design.booklets, part.booklets, strict=True)
        ):
            if booklet.id not in kept:
                kept[booklet.id] = (which, n)
                booklets.append(booklet)
                sums.append(counts)
                continue
            place = list(kept).index(booklet.id)
            if not np.array_equal(booklets[place].items, booklet.items):
                raise MeasurementError(
                    f"Вариант {booklet.id} в частях данных состоит из разных заданий.",
                    f"Booklet {booklet.id} holds different items in different parts.",
                    booklets=[booklet.id],
                )
            before = sums[place]
            sums[place] = BookletCounts(
                before.score_counts + counts.score_counts,
                before.item_counts + counts.item_counts,
                before.columns,
            )
    provenance = Provenance("add", digest([part.provenance.data for part in parts]))
    return SufficientStatistics(
        Design(first.design.items, tuple(booklets)), tuple(sums), provenance
    )
