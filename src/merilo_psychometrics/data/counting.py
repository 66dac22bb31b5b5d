"""Counting a source in one pass: memory stays flat whatever the number of rows."""

from __future__ import annotations

import functools
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from itertools import chain, islice
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from merilo_psychometrics.errors import BadData, DuplicateResponse
from merilo_psychometrics.responses import NOT_REACHED, OMITTED, Decision
from merilo_psychometrics.statistics import SufficientStatistics

from . import tables
from .coding import Coder
from .kernels import ABSENT
from .reading import empty, labelled, require_answers, weights_of, wide_items
from .rows import TornWorks, WorkRows, rows_of_works, whole_works
from .sources import Coding, Long, ScoringRules, Source, Wide
from .spill import gathered
from .tables import Table, Told, require_columns
from .tally import ItemNumbers, Tally, Treatment
from .totalling import statistics_of

# Rows of a long table to one of a wide one, so that a batch of either is as much work.
LONG_BATCHES = 4
# More than a batch can have: what was met first is told by (batch, piece) in one number.
PIECES = 1_000_000


def count(
    source: Source,
    *,
    rules: ScoringRules | None = None,
    coding: Coding | None = None,
    omitted: Decision | None = None,
    not_reached: Decision | None = None,
    threads: int | None = None,
    engine: Literal["local", "duckdb", "spark"] = "local",
    told: Told | None = None,
) -> SufficientStatistics:
    """Read a source and count total score × item score by booklet, batch by batch.

    The result is that of `sufficient_statistics(read(source))`, with booklets that hold the same
    items taken together. `omitted` and `not_reached` decide about gaps as `Responses.treat` does;
    without them a gap raises `UntreatedOmissions`. Persons of a long table who do not rise from row
    to row are gathered on disk first (in the folder for temporary files, about as large as the
    table unpacked), so memory stays flat then too. Another `engine` counts Parquet and CSV where
    they lie (see `engines.count_in`); `threads` is of this one, and so is `told`, which hears after
    every batch how many rows are read, of how many (0: nobody knows).
    """
    if engine != "local":
        from .engines import count_in

        return count_in(
            source,
            engine=engine,
            rules=rules,
            coding=coding,
            omitted=omitted,
            not_reached=not_reached,
        )
    treatment = Treatment(omitted, not_reached, source.booklet is not None)
    coder = Coder(
        coding or Coding(),
        rules,
        omitted=treatment.code(OMITTED),
        not_reached=treatment.code(NOT_REACHED),
        not_administered=ABSENT,
        blank=ABSENT,
    )
    # Sums of weights depend on the order: one thread keeps it.
    many = 1 if source.weight else threads or len(os.sched_getaffinity(0))
    counter = _Counter(source, coder, treatment, rules)
    if isinstance(source, Wide):
        table = Table(source.where, source.table)
        order = wide_items(source, table.names)
        tallies = counter.run(_wide_frames(source, table, order, told), many)
    else:
        try:
            tallies = counter.run(whole_works(_long_frames(source, told), source), many)
        except TornWorks:
            with gathered(_long_frames(source, told), source) as works:
                tallies = counter.run(works, many)
        order = None
    if not tallies:
        raise empty(source)
    settings = {"omitted": omitted, "not_reached": not_reached}
    found = statistics_of(tallies, treatment, rules, order, settings)
    require_answers(source, found.works)
    return found


def _wide_frames(
    source: Wide, table: Table, items: Sequence[str], told: Told | None
) -> Iterator[pl.DataFrame]:
    """Only what is counted: neither persons nor groups."""
    require_columns(source.columns(), table.names, source.where)
    about = [name for name in (source.booklet, source.weight) if name is not None]
    return filter(len, table.frames([*about, *items], told=told))


def _long_frames(source: Long, told: Told | None) -> Iterator[pl.DataFrame]:
    rows = LONG_BATCHES * tables.BATCH_ROWS
    return filter(len, Table(source.where, source.table).frames(source.columns(), rows, told))


class _Counter:
    """Counts batches in threads, each with a tally of its own."""

    def __init__(
        self, source: Source, coder: Coder, treatment: Treatment, rules: ScoringRules | None
    ) -> None:
        self._source, self._coder, self._treatment = source, coder, treatment
        self._top_of: Callable[[str], int] = (
            (lambda name: 1) if rules is None else (lambda name: rules.item(name).max_score)
        )

    def run(self, batches: Iterable[Any], threads: int) -> list[Tally]:
        """Count all batches; batch n goes to tally n % threads, so the sums repeat."""
        numbered = enumerate(batches)
        begun = list(islice(numbered, 2))
        many = threads if len(begun) == 2 else len(begun)
        workers = [
            (Tally(self._treatment, self._source.weight is not None, self._top_of), ItemNumbers())
            for _ in range(many)
        ]
        if len(begun) < 2:  # nothing to share: no thread is worth its start
            for number, batch in begun:
                self._add(*workers[0], number, batch)
            return [tally for tally, _ in workers]
        waiting: deque[Future[None]] = deque()
        filled = 0
        with ExitStack() as stack:
            pools = [stack.enter_context(ThreadPoolExecutor(1)) for _ in workers]
            try:
                for number, batch in chain(begun, numbered):
                    filled = number + 1
                    while len(waiting) > threads:
                        waiting.popleft().result()
                    which = number % threads
                    waiting.append(pools[which].submit(self._add, *workers[which], number, batch))
                while waiting:
                    waiting.popleft().result()
            finally:
                for later in waiting:
                    later.cancel()
        return [tally for tally, _ in workers[:filled]]

    def _add(self, tally: Tally, numbers: ItemNumbers, batch: int, rows: Any) -> None:
        if isinstance(self._source, Wide):
            _add_wide(rows, self._source, self._coder, tally, batch)
        else:
            for piece, (table, starts) in enumerate(rows):
                works = rows_of_works(table, starts, self._source, self._coder)
                _add_long(works, self._source, tally, numbers, batch * PIECES + piece)


def _add_wide(frame: pl.DataFrame, source: Wide, coder: Coder, tally: Tally, batch: int) -> None:
    items = [name for name in frame.columns if name not in (source.booklet, source.weight)]
    for name in items:
        tally.item(name)
    columns, refuse = coder.plain(frame, items), None
    if columns is None:
        columns = coder.columns(frame, items)
    else:
        refuse = functools.partial(coder.columns, frame, items)
    labels = np.zeros(1, dtype=np.int64)
    if source.booklet is not None:
        labels = label_codes(frame[source.booklet], tally)
    together = [np.ascontiguousarray(column) for column in columns]
    tally.add_columns(batch, together, labels, _weights(frame, source), refuse)


def _add_long(
    works: WorkRows, source: Long, tally: Tally, numbers: ItemNumbers, batch: int
) -> None:
    labels = np.zeros(1, dtype=np.int64)
    if source.booklet is not None:
        labels = label_codes(works.about[source.booklet], tally)
    if works.names is not None:
        table = np.array([tally.item(name) for name in works.names], dtype=np.int32)
        numbers = ItemNumbers(0, table)

    def twice(row: int) -> DuplicateResponse:
        work = int(np.searchsorted(works.starts, row, side="right")) - 1
        item = str(works.item_of(row))
        person = works.person_of(int(works.starts[work]))
        return DuplicateResponse(
            f"У участника {person} задание {item} встречается дважды. Оставьте один ответ или "
            "укажите столбец варианта (booklet), если участник писал две работы.",
            f"Person {person} has item {item} twice.",
            items=[item],
        )

    tally.add_works(
        batch, works.starts, works.numbers, numbers, works.scores, labels,
        _weights(works.about, source), twice, works.refuse,
    )  # fmt: skip


def _weights(about: pl.DataFrame, source: Source) -> NDArray[Any]:
    if source.weight is None:
        return np.ones(1, dtype=np.int64)
    return weights_of(about[source.weight])


def label_codes(column: pl.Series, tally: Tally) -> NDArray[np.int64]:
    """Labels of booklets as numbers of the tally; raises `BadData` for an empty cell."""
    names, codes = labelled(column)
    if (codes < 0).any():
        raise BadData(
            f"В столбце варианта «{column.name}» есть пустые клетки.",
            f"Booklet column {column.name!r} has empty cells.",
        )
    return np.array([tally.label(name) for name in names], dtype=np.int64)[codes]
