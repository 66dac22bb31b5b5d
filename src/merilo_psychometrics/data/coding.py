"""From cells to int8: a score, a code of missing, or an error that names the cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from merilo_psychometrics.design import HIGHEST_SCORE, Item
from merilo_psychometrics.errors import ScoreOutsideRule
from merilo_psychometrics.responses import NOT_ADMINISTERED, NOT_REACHED, OMITTED

from .sources import Coding, ScoringRules

# An empty cell: what it means depends on the booklet, so it is told apart from the codes.
BLANK = -4


@dataclass(frozen=True)
class Coder:
    """Turns a column of cells of one item into scores, and answers where rules are given.

    The last four are what is written for a missing response of each kind.
    """

    coding: Coding
    rules: ScoringRules | None = None
    omitted: int = OMITTED
    not_reached: int = NOT_REACHED
    not_administered: int = NOT_ADMINISTERED
    blank: int = BLANK

    def missing(self) -> dict[str, int]:
        """Codes of missing by their text."""
        return {
            **dict.fromkeys(self.coding.omitted, self.omitted),
            **dict.fromkeys(self.coding.not_reached, self.not_reached),
            **dict.fromkeys(self.coding.not_administered, self.not_administered),
            "": self.blank,
        }

    def scores(self, name: str, cells: pl.Series) -> NDArray[np.int8]:
        """Scores of one column, int8, [rows]; raises `ScoreOutsideRule`."""
        if self.rules is not None:
            return self._lookup(name, cells, dict(self._answers(name)))[0]
        if cells.dtype.is_integer() and not self._numbers():
            lowest, highest = _limits(cells)
            if lowest >= 0 and highest <= HIGHEST_SCORE:
                return self._small(cells)
        return self._lookup(name, cells, {})[0]

    def plain(self, frame: pl.DataFrame, names: Sequence[str]) -> list[NDArray[np.int8]] | None:
        """Columns as they lie, where every cell is one small number, be it a score or not."""
        if not self.takes_numbers:
            return None
        columns = [frame.get_column(name) for name in names]
        if any(column.dtype != pl.Int8 or column.null_count() for column in columns):
            return None
        return [column.to_numpy() for column in columns]

    @property
    def takes_numbers(self) -> bool:
        """Say whether small whole numbers are scores as they lie."""
        return self.rules is None and not self._numbers()

    def columns(self, frame: pl.DataFrame, names: Sequence[str]) -> list[NDArray[np.int8]]:
        """Scores of many columns, an array each; whole small numbers are taken as they lie."""
        if self.takes_numbers and len(frame):
            chosen = frame.select(names)
            if all(kind.is_integer() for kind in chosen.dtypes):
                lowest = chosen.select(pl.min_horizontal(pl.all().min())).item()
                highest = chosen.select(pl.max_horizontal(pl.all().max())).item()
                if lowest is None or (lowest >= 0 and highest <= HIGHEST_SCORE):
                    # In one question: asked column by column, each costs more than its cells.
                    blank = pl.lit(self.blank, dtype=pl.Int8)
                    whole = chosen.select(pl.all().cast(pl.Int8).fill_null(blank))
                    return [column.to_numpy() for column in whole.iter_columns()]
        return [self.scores(name, frame[name]) for name in names]

    def matrix(self, frame: pl.DataFrame, names: Sequence[str]) -> NDArray[np.int8]:
        """Scores of many columns, [rows, items], C order."""
        table = np.empty((len(frame), len(names)), dtype=np.int8)
        for place, column in enumerate(self.columns(frame, names)):
            table[:, place] = column
        return table

    def _small(self, cells: pl.Series) -> NDArray[np.int8]:
        whole = cells.cast(pl.Int8)
        return (whole.fill_null(self.blank) if whole.null_count() else whole).to_numpy()

    def answers(self, name: str, cells: pl.Series) -> NDArray[np.int16]:
        """Index of the answer in `Item.responses`, int16; negative where there is none."""
        return self._lookup(name, cells, dict(self._answers(name)))[1]

    def _numbers(self) -> bool:
        """Say whether codes of missing are named, so that numbers must be looked up."""
        return len(self.missing()) > 1

    def _answers(self, name: str) -> tuple[tuple[str, int], ...]:
        assert self.rules is not None
        return self.rules.item(name).responses

    def _lookup(
        self, name: str, cells: pl.Series, rule: Mapping[str, int]
    ) -> tuple[NDArray[np.int8], NDArray[np.int16]]:
        """Decide about every distinct cell once, then spread the decisions over the column."""
        if cells.dtype.is_float():
            cells = texts_of(cells)
        distinct = cells.unique()
        decided = [self._decide(name, text, rule) for text in texts_of(distinct).to_list()]
        scores = [score for score, _ in decided]
        answers = [answer for _, answer in decided]
        return (
            cells.replace_strict(distinct, pl.Series(scores, dtype=pl.Int8)).to_numpy(),
            cells.replace_strict(distinct, pl.Series(answers, dtype=pl.Int16)).to_numpy(),
        )

    def _decide(self, name: str, cell: str | None, rule: Mapping[str, int]) -> tuple[int, int]:
        """The score of a cell and the index of its answer, -1 where there is none."""
        if cell is None:
            return self.blank, -1
        if cell in rule:
            return rule[cell], list(rule).index(cell)
        missing = self.missing()
        if cell in missing:
            return missing[cell], -1
        if self.rules is not None and self.rules.otherwise is not None:
            return self.rules.otherwise, -1
        number = self.rules is None and cell.isascii() and cell.isdigit()
        if number and int(cell) <= HIGHEST_SCORE:
            return int(cell), -1
        raise self._unknown(name, cell)

    def _unknown(self, name: str, cell: str) -> ScoreOutsideRule:
        if self.rules is not None:
            known = ", ".join(answer for answer, _ in self._answers(name))
            return ScoreOutsideRule(
                f"Ответа «{cell}» на задание {name} нет в правиле (есть: {known}). Добавьте его в "
                "правило или назовите кодом пропуска.",
                f"Answer {cell!r} to item {name} is not in its rule.",
                items=[name],
            )
        return ScoreOutsideRule(
            f"«{cell}» в задании {name} — не балл от 0 до {HIGHEST_SCORE}. Исправьте данные, назовите "
            "код пропуска или дайте правило оценивания.",
            f"{cell!r} for item {name} is not a score from 0 to {HIGHEST_SCORE}.",
            items=[name],
        )


def items_of(
    names: Sequence[str], highest: NDArray[np.int64], rules: ScoringRules | None
) -> tuple[Item, ...]:
    """Items with the scores of their rule, or 0 … the highest seen (at least 1)."""
    if rules is not None:
        return tuple(rules.item(name) for name in names)
    scores = {top: tuple(range(max(top, 1) + 1)) for top in set(highest.tolist())}
    return tuple(Item(n, scores[top]) for n, top in zip(names, highest.tolist(), strict=True))


def _limits(cells: pl.Series) -> tuple[int, int]:
    lowest, highest = cells.min(), cells.max()
    return (0, 0) if lowest is None else (int(lowest), int(highest))  # type: ignore[arg-type]


def texts_of(cells: pl.Series) -> pl.Series:
    """Cells as text; whole numbers without a point."""
    if cells.dtype.is_float():
        whole = cells.cast(pl.Int64, strict=False).cast(pl.String)
        return pl.select(
            pl.when(cells.is_nan()).then(None)
            .when(cells == cells.floor()).then(whole).otherwise(cells.cast(pl.String))
        ).to_series()  # fmt: skip
    if cells.dtype == pl.String:
        return cells.str.strip_chars()
    return cells.cast(pl.String)
