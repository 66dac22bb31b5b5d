"""Reading a source whole into memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from merilo_psychometrics import patterns
from merilo_psychometrics.design import Booklet, Design, Item
from merilo_psychometrics.errors import BadData
from merilo_psychometrics.responses import (
    NOT_ADMINISTERED,
    OMITTED,
    Block,
    Responses,
    require_known_scores,
)

from .coding import BLANK, Coder, items_of
from .long import LongWorks, works_of
from .sources import Coding, Long, ScoringRules, Source, Wide
from .tables import Table, Told, shown


def read(
    source: Source,
    *,
    rules: ScoringRules | None = None,
    coding: Coding | None = None,
    keep_answers: bool = False,
    told: Told | None = None,
) -> Responses:
    """Read every response of a source.

    Without `rules` the cells are scores; with them answers. `keep_answers` keeps, for choice items
    with rules, which answer was chosen (for distractors). Booklets come from the column the source
    names, or are the patterns of what was given. `told` hears how many rows are read, of how many
    (0: nobody knows). Raises the `BadData` family.
    """
    coder = Coder(coding or Coding(), rules)
    keep = keep_answers and rules is not None
    if isinstance(source, Wide):
        found = _read_wide(source, coder, keep, told)
    else:
        found = _read_long(source, coder, keep, told)
    require_answers(source, found.works)
    return found


def _read_wide(source: Wide, coder: Coder, keep: bool, told: Told | None) -> Responses:
    table = Table(source.where, source.table)
    items = wide_items(source, table.names)
    parts = list(table.frames([*source.columns(), *items], told=told))
    if not sum(map(len, parts)):
        raise empty(source)
    return wide_responses(parts, source, coder, items, keep=keep)


def wide_items(source: Wide, there: Sequence[str]) -> list[str]:
    """Names of the item columns among those that are `there`."""
    if source.items is not None:
        return list(source.items)
    used = set(source.columns())
    return [name for name in there if name not in used]


def wide_responses(
    parts: Sequence[pl.DataFrame],
    source: Wide,
    coder: Coder,
    items: Sequence[str],
    *,
    keep: bool = False,
    known: Mapping[str, Sequence[str]] | None = None,
) -> Responses:
    """Make responses of frames of a wide table; `known` names the items of every booklet."""
    scores = [coder.matrix(part, items) for part in parts]
    table = np.concatenate(scores) if len(scores) > 1 else scores[0]
    if not table.flags.writeable:
        table = table.copy()
    chosen = None
    if keep:
        answers = [np.stack([coder.answers(n, part[n]) for n in items], axis=1) for part in parts]
        chosen = np.concatenate(answers)
    about = pl.DataFrame()
    if source.columns():
        about = pl.concat([p.select(source.columns()) for p in parts], how="vertical_relaxed")
    full = items_of(items, table.max(axis=0).astype(np.int64), coder.rules)
    names, codes = group_codes(about, source.groups)
    persons = (
        np.arange(1, len(table) + 1) if source.person is None else about[source.person].to_numpy()
    )
    weights = None if source.weight is None else weights_of(about[source.weight])
    whole = Block(table, persons, weights, codes, chosen)
    if source.booklet is None:
        blanks_are(table, NOT_ADMINISTERED)
        return _split(full, [("", whole, None)], names)
    labels, inverse = _booklets(about[source.booklet])
    place = {name: column for column, name in enumerate(items)}
    split = [
        (
            label,
            whole.take(inverse == code),
            None if known is None else [place[n] for n in known[label]],
        )
        for code, label in enumerate(labels)
    ]
    return _split(full, split, names)


def _read_long(source: Long, coder: Coder, keep: bool, told: Told | None) -> Responses:
    parts = list(Table(source.where, source.table).frames(source.columns(), told=told))
    if not sum(map(len, parts)):
        raise empty(source)
    return long_responses(pl.concat(parts, how="vertical_relaxed"), source, coder, keep=keep)


def long_responses(
    table: pl.DataFrame,
    source: Long,
    coder: Coder,
    *,
    keep: bool = False,
    known: Mapping[str, Sequence[str]] | None = None,
) -> Responses:
    """Make responses of a long table; `known` names the items of every booklet."""
    works: LongWorks = works_of(table, source, coder, keep, known)
    about = works.about
    full = items_of(works.items, works.highest, coder.rules)
    names, codes = group_codes(about, source.groups)
    persons = about[source.person].to_numpy()
    weights = None if source.weight is None else weights_of(about[source.weight])
    labels, inverse = (
        ([""], np.zeros(len(about), np.int32))
        if source.booklet is None
        else _booklets(about[source.booklet])
    )
    booklets: list[Booklet] = []
    blocks: list[Block] = []
    for code, label in enumerate(labels):
        rows = np.flatnonzero(inverse == code)
        for part in works.blocks(rows, label, known[label] if known and label else None):
            about_part = Block(
                part.scores,
                persons[part.rows],
                None if weights is None else weights[part.rows],
                {name: values[part.rows] for name, values in codes.items()},
                part.chosen,
            )
            booklets.append(Booklet(label or str(len(booklets) + 1), part.items))
            blocks.append(about_part)
    return _checked(Responses(Design(full, tuple(booklets)), tuple(blocks), names))


def _split(
    items: tuple[Item, ...],
    parts: Sequence[tuple[str, Block, Sequence[int] | None]],
    groups: Mapping[str, tuple[str, ...]],
) -> Responses:
    """Make booklets of works × all items: one for a named part, one a pattern for the unnamed."""
    booklets: list[Booklet] = []
    blocks: list[Block] = []
    for label, part, held in parts:
        if label:
            answered = ~np.isin(part.scores, (BLANK, NOT_ADMINISTERED)).all(axis=0)
            columns = np.array(np.flatnonzero(answered) if held is None else held, dtype=np.int32)
            whole = part.take(slice(None), columns)
            scores = whole.scores.copy()
            # The booklet held the item, so a gap in it was seen and skipped.
            scores[(scores == BLANK) | (scores == NOT_ADMINISTERED)] = OMITTED
            booklets.append(Booklet(label, columns))
            blocks.append(replace(whole, scores=scores))
            continue
        for rows, columns in patterns.split(part.scores != NOT_ADMINISTERED):
            if len(columns):
                booklets.append(Booklet(str(len(booklets) + 1), columns))
                complete = len(columns) == len(items)
                blocks.append(part.take(rows, None if complete else columns))
    return _checked(Responses(Design(items, tuple(booklets)), tuple(blocks), groups))


def _checked(responses: Responses) -> Responses:
    require_known_scores(responses)
    return responses


def blanks_are(table: NDArray[np.int8], code: int) -> None:
    """Write what an empty cell means into the table."""
    if patterns.any_negative(table):
        table[table == BLANK] = code


def labelled(column: pl.Series) -> tuple[list[str], NDArray[np.int32]]:
    """Names in a column in order of name, and the code of every row (-1: empty)."""
    text = column.cast(pl.String)
    labels = sorted(text.drop_nulls().unique().to_list())
    if not labels:
        return [], np.full(len(column), -1, dtype=np.int32)
    codes = text.replace_strict(
        pl.Series(labels), pl.Series(range(len(labels)), dtype=pl.Int32), default=-1
    )
    return labels, codes.fill_null(-1).to_numpy()


def _booklets(column: pl.Series) -> tuple[list[str], NDArray[np.int32]]:
    labels, codes = labelled(column)
    if (codes < 0).any():
        raise BadData(
            f"В столбце варианта «{column.name}» есть пустые клетки (строка "
            f"{np.flatnonzero(codes < 0)[0] + 1}).",
            f"Booklet column {column.name!r} has empty cells.",
        )
    return labels, codes


def group_codes(
    about: pl.DataFrame, groups: Sequence[str]
) -> tuple[dict[str, tuple[str, ...]], dict[str, NDArray[np.int32]]]:
    """Names and codes of every grouping."""
    names, codes = {}, {}
    for grouping in groups:
        labels, inverse = labelled(about[grouping])
        names[grouping], codes[grouping] = tuple(labels), inverse
    return names, codes


def weights_of(column: pl.Series) -> NDArray[np.float64]:
    """Weights as floats; raises `BadData` for an empty or negative one."""
    weights: NDArray[Any] = column.cast(pl.Float64).fill_null(np.nan).to_numpy()
    bad = np.flatnonzero(~(weights >= 0))
    if len(bad):
        raise BadData(
            f"В столбце весов {column.name} пустое или отрицательное значение (строка {bad[0] + 1}).",
            f"Weight column {column.name}: empty or negative in row {bad[0] + 1}.",
        )
    return weights.astype(np.float64)


def require_answers(source: Source, works: float) -> None:
    """Raise `BadData` for a table where nobody answered anything."""
    if not works:
        raise BadData(
            f"В таблице {shown(source.where)} нет ни одного ответа: все клетки заданий пусты или "
            "вес каждой работы 0. Проверьте, те ли столбцы названы заданиями и весом.",
            f"{shown(source.where)} holds no answer: every cell of the items is empty, or every "
            "weight is 0.",
        )


def empty(source: Source) -> BadData:
    """The error of a table without rows."""
    return BadData(
        f"В таблице {shown(source.where)} нет строк.", f"No rows in {shown(source.where)}."
    )
