"""Long tables: rows of (person, item, score) gathered into works."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from merilo_psychometrics.errors import BadData, DuplicateResponse, ScoreOutsideRule
from merilo_psychometrics.patterns import KEYS
from merilo_psychometrics.responses import NOT_ADMINISTERED, OMITTED

from .coding import BLANK, Coder
from .sources import Long

# Item numbers within this range are coded by a table instead of a hash.
DENSE_ITEM_NUMBERS = 1_000_000


@dataclass(frozen=True, eq=False)
class LongBlock:
    """Works with the same items: `rows` are positions among all works."""

    rows: NDArray[np.int64]
    items: NDArray[np.int32]
    scores: NDArray[np.int8]
    chosen: NDArray[np.int16] | None


@dataclass(frozen=True, eq=False)
class LongWorks:
    """Rows gathered into works: the rows of work w are `starts[w]` … `starts[w + 1]` - 1.

    `codes`, `scores`, `chosen` [rows]; `about` holds the first row of every work.
    """

    items: list[str]
    highest: NDArray[np.int64]
    starts: NDArray[np.int64]
    codes: NDArray[np.int32]
    scores: NDArray[np.int8]
    chosen: NDArray[np.int16] | None
    about: pl.DataFrame
    person: str

    def blocks(
        self, works: NDArray[np.int64], label: str, held: Sequence[str] | None = None
    ) -> Iterator[LongBlock]:
        """Yield dense blocks: one of all items for a named booklet, else one a pattern."""
        if held is not None:
            index = {name: place for place, name in enumerate(self.items)}
            items = np.array([index[name] for name in held], dtype=np.int32)
            yield self._block(works, items, OMITTED)
            return
        if label:
            given = items_given(self.starts, works, self.codes, self.scores, len(self.items))
            if given.any():
                yield self._block(works, np.flatnonzero(given).astype(np.int32), OMITTED)
            return
        prints = work_prints(self.starts, works, self.codes, self.scores, KEYS)
        _, first, inverse = np.unique(prints, return_index=True, return_inverse=True)
        rows = np.split(np.argsort(inverse, kind="stable"), np.cumsum(np.bincount(inverse))[:-1])
        for code in np.argsort(first, kind="stable"):
            same = works[rows[code]]
            given = items_given(self.starts, same[:1], self.codes, self.scores, len(self.items))
            if given.any():
                yield self._block(same, np.flatnonzero(given).astype(np.int32), NOT_ADMINISTERED)

    def _block(self, works: NDArray[np.int64], items: NDArray[np.int32], gap: int) -> LongBlock:
        place = np.full(len(self.items), -1, dtype=np.int32)
        place[items] = np.arange(len(items), dtype=np.int32)
        scores = np.full((len(works), len(items)), BLANK, dtype=np.int8)
        twice = fill(
            self.starts, works, self.codes, self.scores, self.scores, place, scores, BLANK
        )
        if twice >= 0:
            self._refuse(int(twice))
        scores[(scores == BLANK) | (scores == NOT_ADMINISTERED)] = gap
        chosen = None
        if self.chosen is not None:
            chosen = np.full((len(works), len(items)), -1, dtype=np.int16)
            fill(self.starts, works, self.codes, self.scores, self.chosen, place, chosen, -1)
        return LongBlock(works, items, scores, chosen)

    def _refuse(self, row: int) -> None:
        work = int(np.searchsorted(self.starts, row, side="right")) - 1
        item, person = self.items[self.codes[row]], self.about[self.person][work]
        raise DuplicateResponse(
            f"У участника {person} задание {item} встречается дважды. Оставьте один ответ или "
            "укажите столбец варианта (booklet), если участник писал две работы.",
            f"Person {person} has item {item} twice.",
            items=[item],
        )


def works_of(
    table: pl.DataFrame,
    source: Long,
    coder: Coder,
    keep: bool,
    known: Mapping[str, Sequence[str]] | None = None,
) -> LongWorks:
    """Gather the rows of every work; sorts the table only when works are torn apart.

    `known` names the items of the booklets, some of which may not occur in this table.
    """
    keys = [source.person, *([source.booklet] if source.booklet else [])]
    require_filled(table, [*keys, source.item])
    table, begins, about = together(table, keys)
    require_constant(table, begins, [*source.groups, *([source.weight] if source.weight else [])])
    starts = np.append(np.flatnonzero(begins), len(table)).astype(np.int64)
    items, codes = item_codes(table[source.item])
    items += sorted({name for held in (known or {}).values() for name in held} - set(items))
    found, chosen = cells_of(table, source, coder, keep)
    scores = found.copy()
    highest = np.zeros(len(items), dtype=np.int64)
    np.maximum.at(highest, codes, scores)
    return LongWorks(items, highest, starts, codes, scores, chosen, about, source.person)


def item_codes(column: pl.Series) -> tuple[list[str], NDArray[np.int32]]:
    """Names of the items in order, and the code of every row."""
    if column.dtype.is_integer():
        values = column.to_numpy()
        lowest, width = int(values.min()), int(values.max()) - int(values.min()) + 1
        if width <= DENSE_ITEM_NUMBERS:
            seen = np.zeros(width, dtype=bool)
            seen[values - lowest] = True
            place = (np.cumsum(seen) - 1).astype(np.int32)
            return [str(n) for n in np.flatnonzero(seen) + lowest], place[values - lowest]
    distinct = column.unique().sort()
    codes = column.replace_strict(distinct, pl.Series(range(len(distinct)), dtype=pl.Int32))
    return distinct.cast(pl.String).to_list(), codes.to_numpy()


def together(
    table: pl.DataFrame, keys: list[str]
) -> tuple[pl.DataFrame, NDArray[np.bool_], pl.DataFrame]:
    """The rows of a work together: the table, where works begin, the first row of each."""
    begins = _begins(table, keys)
    about = table.filter(pl.Series(begins))
    if about.select(pl.struct(keys).n_unique()).item() != len(about):
        table = table.sort(keys, maintain_order=True)
        begins = _begins(table, keys)
        about = table.filter(pl.Series(begins))
    return table, begins, about


def require_filled(table: pl.DataFrame, names: Sequence[str]) -> None:
    for name in names:
        if table[name].null_count():
            raise BadData(
                f"В столбце «{name}» есть пустые клетки, а без них ответ ни к кому не отнести.",
                f"Column {name!r} has empty cells.",
            )


def _begins(table: pl.DataFrame, keys: list[str]) -> NDArray[np.bool_]:
    changed = pl.any_horizontal(pl.col(key).ne_missing(pl.col(key).shift(1)) for key in keys)
    begins = table.select(changed).to_series().to_numpy().copy()
    begins[:1] = True
    return begins


def require_constant(table: pl.DataFrame, begins: NDArray[np.bool_], names: list[str]) -> None:
    for name in names:
        changed = (
            table.select(pl.col(name).ne_missing(pl.col(name).shift(1))).to_series().to_numpy()
        )
        torn = np.flatnonzero(changed & ~begins)
        if len(torn):
            raise BadData(
                f"Столбец «{name}» меняется внутри одной работы (строка {torn[0] + 1}).",
                f"Column {name!r} changes inside a work (row {torn[0] + 1}).",
            )


def cells_of(
    table: pl.DataFrame, source: Long, coder: Coder, keep: bool
) -> tuple[NDArray[np.int8], NDArray[np.int16] | None]:
    """Scores of all rows; every distinct pair of item and cell is decided once."""
    cells = table[source.score]
    if coder.rules is None:
        try:
            return coder.scores(source.score, cells), None
        except ScoreOutsideRule:
            for (item,), part in table.group_by([source.item], maintain_order=True):
                coder.scores(str(item), part[source.score])  # the same error, naming the item
            raise
    pairs = table.select(source.item, source.score).unique(maintain_order=True)
    decided = []
    for (item,), part in pairs.group_by([source.item], maintain_order=True):
        name, column = str(item), part[source.score]
        decided.append(
            part.with_columns(
                pl.Series("_score", coder.scores(name, column), dtype=pl.Int8),
                pl.Series("_answer", coder.answers(name, column), dtype=pl.Int16),
            )
        )
    found = table.select(source.item, source.score).join(
        pl.concat(decided),
        on=[source.item, source.score],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    return found["_score"].to_numpy(), found["_answer"].to_numpy() if keep else None


@njit(cache=True, nogil=True)
def work_prints(starts: Any, works: Any, codes: Any, scores: Any, keys: Any) -> Any:
    """Fingerprint of the items of every work: the sum of their keys."""
    prints = np.zeros(len(works), np.int64)
    for n in range(len(works)):
        total = 0
        for row in range(starts[works[n]], starts[works[n] + 1]):
            if scores[row] != -1 and scores[row] != -4:
                total += keys[codes[row]]
        prints[n] = total
    return prints


@njit(cache=True, nogil=True)
def items_given(starts: Any, works: Any, codes: Any, scores: Any, items: int) -> Any:
    """Which items any of the works holds, [items]."""
    given = np.zeros(items, np.bool_)
    for work in works:
        for row in range(starts[work], starts[work + 1]):
            if scores[row] != -1 and scores[row] != -4:
                given[codes[row]] = True
    return given


@njit(cache=True, nogil=True)
def fill(
    starts: Any,
    works: Any,
    codes: Any,
    scores: Any,
    values: Any,
    place: Any,
    into: Any,
    empty: int,
) -> int:
    """Write the values of the rows into a dense block; return a row met twice, or -1.

    A row with an empty cell, or a code of what was not given, is as no row at all.
    """
    for n in range(len(works)):
        for row in range(starts[works[n]], starts[works[n] + 1]):
            column = place[codes[row]]
            if column < 0 or scores[row] == -1 or scores[row] == -4:
                continue
            if into[n, column] != empty:
                return row
            into[n, column] = values[row]
    return -1
