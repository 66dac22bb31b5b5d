"""Counting a source in one pass: memory stays flat whatever the number of rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from merilo_psychometrics.design import Booklet, Design, Item
from merilo_psychometrics.errors import UntreatedOmissions
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import Decision, Responses
from merilo_psychometrics.statistics import (
    BookletCounts,
    SufficientStatistics,
    sufficient_statistics,
)
from merilo_psychometrics.statistics.counts import columns_of

from .coding import Coder, items_of
from .long import TornWorks, whole_works
from .reading import empty, long_responses, read, wide_items, wide_responses
from .sources import Coding, Long, ScoringRules, Source, Wide
from .tables import frames


def count(
    source: Source,
    *,
    rules: ScoringRules | None = None,
    coding: Coding | None = None,
    omitted: Decision | None = None,
    not_reached: Decision | None = None,
) -> SufficientStatistics:
    """Read a source and count total score × item score by booklet, batch by batch.

    The result is that of `sufficient_statistics(read(source))`, with booklets that hold the same
    items taken together. `omitted` and `not_reached` decide about gaps as `Responses.treat` does;
    without them a gap raises `UntreatedOmissions`. Rows of a long table must lie together by person
    (in rising order); where they do not, the table is sorted in memory first.
    """
    coder = Coder(coding or Coding(), rules)

    def decided(responses: Responses) -> Responses:
        gaps = responses.untreated()
        if not gaps:
            return responses
        if omitted is None or not_reached is None:
            raise UntreatedOmissions("count", gaps)
        return responses.treat(omitted=omitted, not_reached=not_reached)

    sums = _Sums(rules, source.booklet is not None)
    try:
        batches = _wide(source, coder) if isinstance(source, Wide) else _long(source, coder)
        for responses in _ahead(batches):
            sums.add(decided(responses))
    except TornWorks:
        sums = _Sums(rules, source.booklet is not None)
        sums.add(decided(read(source, rules=rules, coding=coding)))
    if not sums.parts:
        raise empty(source)
    named = wide_items(source) if isinstance(source, Wide) else sorted(sums.highest)
    settings = {"omitted": omitted, "not_reached": not_reached}
    return sums.total([name for name in named if name in sums.highest], settings)


def _ahead(batches: Iterator[Responses]) -> Iterator[Responses]:
    """Read the next batch while this one is counted."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, batches, None)
        while (batch := waiting.result()) is not None:
            waiting = pool.submit(next, batches, None)
            yield batch


def _wide(source: Wide, coder: Coder) -> Iterator[Responses]:
    items = wide_items(source)
    known = _items_of_booklets(source, items)
    for frame in frames(source.where, [*source.columns(), *items], source.table):
        if len(frame):
            yield wide_responses([frame], source, coder, items, known=known)


def _long(source: Long, coder: Coder) -> Iterator[Responses]:
    known = _items_of_long_booklets(source)
    for table in whole_works(source):
        yield long_responses(table, source, coder, known=known)


def _items_of_booklets(source: Wide, items: Iterable[str]) -> dict[str, list[str]] | None:
    """Which items anybody of a booklet answered: a pass of its own when a column names booklets."""
    if source.booklet is None:
        return None
    found: dict[str, set[str]] = {}
    for frame in frames(source.where, [source.booklet, *items], source.table):
        filled = frame.group_by(source.booklet).agg(pl.col(items).is_not_null().any())
        for row in filled.iter_rows(named=True):
            label = str(row.pop(source.booklet))
            found.setdefault(label, set()).update(name for name, any_ in row.items() if any_)
    return {label: [n for n in items if n in names] for label, names in found.items()}


def _items_of_long_booklets(source: Long) -> dict[str, list[str]] | None:
    if source.booklet is None:
        return None
    found: dict[str, set[str]] = {}
    for frame in frames(source.where, [source.booklet, source.item, source.score], source.table):
        pairs = frame.drop_nulls().select(source.booklet, source.item).unique()
        for label, item in pairs.iter_rows():
            found.setdefault(str(label), set()).add(str(item))
    return {label: sorted(names) for label, names in found.items()}


@dataclass(eq=False)
class _Sums:
    """Counts so far, by the names of the items of a booklet."""

    rules: ScoringRules | None
    labelled: bool
    highest: dict[str, int] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    parts: dict[tuple[str, tuple[str, ...]], tuple[BookletCounts, list[int]]] = field(
        default_factory=dict
    )

    def add(self, responses: Responses) -> None:
        statistics = sufficient_statistics(responses)
        for booklet, counts in zip(responses.design.booklets, statistics.booklets, strict=True):
            items = [responses.design.items[n] for n in booklet.items]
            for item in items:
                self.highest[item.id] = max(self.highest.get(item.id, 0), item.max_score)
                self.items[item.id] = item
            label = booklet.id if self.labelled else ""
            key = (label, tuple(item.id for item in items))
            tops = [item.max_score for item in items]
            before = self.parts.get(key)
            if before is None:
                self.parts[key] = (counts, tops)
                continue
            larger = [max(a, b) for a, b in zip(tops, before[1], strict=True)]
            one, two = widened(counts, tops, larger), widened(before[0], before[1], larger)
            self.parts[key] = (
                BookletCounts(
                    one.score_counts + two.score_counts,
                    one.item_counts + two.item_counts,
                    one.columns,
                ),
                larger,
            )

    def total(self, names: list[str], settings: dict[str, Any]) -> SufficientStatistics:
        if self.rules is None:
            items = items_of(names, np.array([self.highest[name] for name in names]), None)
        else:
            items = tuple(self.items[name] for name in names)
        index = {name: place for place, name in enumerate(names)}
        booklets, sums = [], []
        for n, ((label, held), (counts, tops)) in enumerate(self.parts.items(), 1):
            positions = [index[name] for name in held]
            booklets.append(Booklet(label or str(n), np.array(positions, dtype=np.int32)))
            sums.append(widened(counts, tops, [items[p].max_score for p in positions]))
        design = Design(items, tuple(booklets))
        made = SufficientStatistics(design, tuple(sums), Provenance("count", ""))
        provenance = Provenance("count", made.counts_hash, settings)
        return SufficientStatistics(design, tuple(sums), provenance)


def widened(counts: BookletCounts, tops: list[int], larger: list[int]) -> BookletCounts:
    """The same counts with room for larger full scores."""
    if tops == larger:
        return counts
    columns = columns_of([Item("", tuple(range(top + 1))) for top in larger])
    rows = sum(larger) + 1
    by_item: NDArray[Any] = np.zeros((rows, columns[-1]), dtype=counts.item_counts.dtype)
    by_score: NDArray[Any] = np.zeros(rows, dtype=counts.score_counts.dtype)
    height = len(counts.score_counts)
    by_score[:height] = counts.score_counts
    for place in range(len(larger)):
        old = counts.of_item(place)
        by_item[:height, columns[place] : columns[place] + old.shape[1]] = old
    return BookletCounts(by_score, by_item, columns)
