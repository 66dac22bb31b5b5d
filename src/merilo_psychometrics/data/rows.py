"""Rows of a long table on their way to be counted: whole persons, piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from merilo_psychometrics.design import HIGHEST_SCORE

from .coding import Coder
from .long import (
    DENSE_ITEM_NUMBERS,
    cells_of,
    item_codes,
    require_constant,
    require_filled,
    together,
)
from .ordering import starts_of
from .sources import Long


class TornWorks(Exception):
    """The works of a long table do not lie together: it cannot be read batch by batch."""


@dataclass(frozen=True, eq=False)
class NumberRows:
    """Rows of a long table that is whole numbers throughout: (person, item, score), [rows] each.

    Cut and joined a hundred times as fast as frames.
    """

    persons: NDArray[Any]
    items: NDArray[Any]
    scores: NDArray[Any]

    def __len__(self) -> int:
        """Rows."""
        return len(self.persons)

    def __getitem__(self, rows: slice) -> NumberRows:
        return NumberRows(self.persons[rows], self.items[rows], self.scores[rows])

    def frame(self, source: Long) -> pl.DataFrame:
        """The same as a frame."""
        columns = (self.persons, self.items, self.scores)
        return pl.DataFrame(
            {n: pl.Series(c) for n, c in zip(source.columns(), columns, strict=True)}
        )


Rows = pl.DataFrame | NumberRows
# Pieces of whole persons, each with the rows where every person begins (and the end).
Works = Sequence[tuple[Rows, NDArray[np.int64]]]


def whole_works(parts: Iterable[pl.DataFrame], source: Long) -> Iterator[Works]:
    """Yield pieces of whole persons; only a person cut by the end of a piece is moved.

    Persons lie together for certain when they rise from row to row; else raises `TornWorks`.
    """
    waiting: Rows | None = None
    for part in parts:
        works: list[tuple[Rows, NDArray[np.int64]]] = []
        for rows in _as_they_lie(part, source):
            starts = _rising(_persons(rows, source))
            begin = 0
            if waiting is not None:
                met = _joined(waiting[-1:], rows[:1], source)
                if len(_rising(_persons(met, source))) == 2:
                    begin = int(starts[1])
                    waiting = _joined(waiting, rows[:begin], source)
                    starts = starts[1:]
                    if len(starts) == 1:
                        continue
                works.append((waiting, np.array([0, len(waiting)], dtype=np.int64)))
            end = int(starts[-2])
            if end > begin:
                works.append((rows[begin:end], starts[:-1] - begin))
            waiting = rows[end:]
        if works:
            yield works
    if waiting is not None:
        yield [(waiting, np.array([0, len(waiting)], dtype=np.int64))]


def _as_they_lie(table: pl.DataFrame, source: Long) -> Iterator[Rows]:
    """The table piece by piece: where it is numbers, the rows that lie together in memory."""
    if not len(table):
        return
    require_filled(table, [source.person])
    columns = [table[name] for name in source.columns()]
    plain = len(columns) == 3 and not any(column.null_count() for column in columns)
    if not plain or not all(_signed(column.dtype) for column in columns):
        yield table.rechunk()
        return
    lengths = columns[0].chunk_lengths()
    if any(column.chunk_lengths() != lengths for column in columns):
        columns = [column.rechunk() for column in columns]
    for piece in zip(*(column.get_chunks() for column in columns), strict=True):
        if len(piece[0]):
            yield NumberRows(*(column.to_numpy() for column in piece))


def _signed(kind: Any) -> bool:
    return bool(kind.is_integer()) and kind not in (pl.UInt64, pl.Int128, pl.UInt128)


def _persons(rows: Rows, source: Long) -> pl.Series | NDArray[Any]:
    return rows.persons if isinstance(rows, NumberRows) else rows[source.person]


def _joined(rows: Rows, more: Rows, source: Long) -> Rows:
    if isinstance(rows, NumberRows) and isinstance(more, NumberRows):
        return NumberRows(
            np.concatenate([rows.persons, more.persons]),
            np.concatenate([rows.items, more.items]),
            np.concatenate([rows.scores, more.scores]),
        )
    frames = [r.frame(source) if isinstance(r, NumberRows) else r for r in (rows, more)]
    return pl.concat(frames, how="vertical_relaxed").rechunk()


def _rising(persons: pl.Series | NDArray[Any]) -> NDArray[np.int64]:
    """Where every person begins, and the number of rows; raises `TornWorks`."""
    if isinstance(persons, np.ndarray) or _signed(persons.dtype):
        numbers = persons if isinstance(persons, np.ndarray) else persons.to_numpy()
        starts = np.empty(len(numbers) + 1, dtype=np.int64)
        if numbers.dtype != np.int32:
            numbers = numbers.astype(np.int64, copy=False)
        found = starts_of(_sealed(numbers), starts)
        if found < 0:
            raise TornWorks
        starts[found] = len(numbers)
        return starts[: found + 1]
    if not persons.is_sorted():
        raise TornWorks
    begins = (persons != persons.shift(1)).fill_null(True).to_numpy()
    return np.append(np.flatnonzero(begins), len(persons)).astype(np.int64)


@dataclass(frozen=True, eq=False)
class WorkRows:
    """Rows of whole works, ready to be counted: the rows of work w are `starts[w]` … `starts[w + 1]`.

    `numbers` are what stands in the item column, or, with `names`, indices into it. `about` holds
    the first row of every work where anything but the person is asked. With `refuse` the scores
    are as they were found; it raises the error of what is no score.
    """

    table: Rows
    source: Long
    starts: NDArray[np.int64]
    numbers: NDArray[Any]
    names: list[str] | None
    scores: NDArray[np.int8]
    about: pl.DataFrame
    refuse: Callable[[], object] | None = None

    def item_of(self, row: int) -> Any:
        """The item of a row."""
        if isinstance(self.table, NumberRows):
            return self.table.items[row]
        return self.table[self.source.item][row]

    def person_of(self, row: int) -> Any:
        """The person of a row."""
        return _persons(self.table, self.source)[row]


def rows_of_works(rows: Rows, starts: NDArray[np.int64], source: Long, coder: Coder) -> WorkRows:
    """Make rows of whole persons ready to be counted; persons come with where they begin."""
    if isinstance(rows, NumberRows):
        found = _as_found(rows, starts, source, coder)
        if found is not None:
            return found
        table = rows.frame(source)
    else:
        table = rows
    require_filled(table, [*([source.booklet] if source.booklet else []), source.item])
    about = pl.DataFrame()
    constant = [*source.groups, *([source.weight] if source.weight else [])]
    if source.booklet or constant:
        keys = [source.person, *([source.booklet] if source.booklet else [])]
        table, begins, about = together(table, keys)
        require_constant(table, begins, constant)
        starts = np.append(np.flatnonzero(begins), len(table)).astype(np.int64)
    names, numbers = _numbers(table[source.item])
    scores, _ = cells_of(table, source, coder, keep=False)
    return WorkRows(table, source, starts, _sealed(numbers), names, _sealed(scores), about)


def _as_found(
    rows: NumberRows, starts: NDArray[np.int64], source: Long, coder: Coder
) -> WorkRows | None:
    """Numbers as they lie, if they can be scores and items."""
    small = rows.scores.dtype == np.int8
    if not coder.takes_numbers or not _narrow(rows.items):
        return None
    if not small and (int(rows.scores.min()) < 0 or int(rows.scores.max()) > HIGHEST_SCORE):
        return None
    return WorkRows(
        rows,
        source,
        starts,
        _as(rows.items, np.int16, np.int32),
        None,
        _as(rows.scores, np.int8),
        pl.DataFrame(),
        lambda: cells_of(rows.frame(source), source, coder, keep=False),
    )


def _narrow(numbers: NDArray[Any]) -> bool:
    """Say whether a table can decode the numbers."""
    if numbers.dtype == np.int16:
        return True
    lowest, highest = int(numbers.min()), int(numbers.max())
    return lowest >= -(2**31) and highest < 2**31 and highest - lowest < DENSE_ITEM_NUMBERS


def _as(cells: NDArray[Any], *kinds: Any) -> NDArray[Any]:
    """Cells of one of the kinds, of the last unless they are already."""
    return _sealed(cells if cells.dtype in kinds else cells.astype(kinds[-1]))


def _sealed(cells: NDArray[Any]) -> NDArray[Any]:
    """Cells that cannot be written to, whoever holds them: the kernels know no other kind."""
    view = np.ascontiguousarray(cells).view()
    view.flags.writeable = False
    return view


def _numbers(column: pl.Series) -> tuple[list[str] | None, NDArray[Any]]:
    """Item numbers as they stand where a table can decode them, else names and indices."""
    if column.dtype.is_integer() and len(column):
        numbers = column.to_numpy()
        if _narrow(numbers):
            return None, _as(numbers, np.int16, np.int32)
    names, codes = item_codes(column)
    return names, np.ascontiguousarray(codes)
