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
    """Turns a column of cells of one item into scores, and answers where rules are given."""

    coding: Coding
    rules: ScoringRules | None = None

    def missing(self) -> dict[str, int]:
        """Codes of missing by their text."""
        return {
            **dict.fromkeys(self.coding.omitted, OMITTED),
            **dict.fromkeys(self.coding.not_reached, NOT_REACHED),
            **dict.fromkeys(self.coding.not_administered, NOT_ADMINISTERED),
            "": BLANK,
        }

    def scores(self, name: str, cells: pl.Series) -> NDArray[np.int8]:
        """Scores of one column, int8, [rows]; raises `ScoreOutsideRule`."""
        if self.rules is not None:
            return self._lookup(name, cells, dict(self._answers(name)))[0]
        if cells.dtype.is_integer() and not self._numbers():
            lowest, highest = _limits(cells)
            if lowest >= 0 and highest <= HIGHEST_SCORE:
                return cells.cast(pl.Int8).fill_null(BLANK).to_numpy()
        return self._lookup(name, cells, {})[0]

    def matrix(self, frame: pl.DataFrame, names: Sequence[str]) -> NDArray[np.int8]:
        """Scores of many columns, [rows, items], C order."""
        if self.rules is None and not self._numbers() and len(frame):
            chosen = frame.select(names)
            if all(kind.is_integer() for kind in chosen.dtypes):
                lowest = chosen.select(pl.min_horizontal(pl.all().min())).item()
                highest = chosen.select(pl.max_horizontal(pl.all().max())).item()
                if lowest is not None and lowest >= 0 and highest <= HIGHEST_SCORE:
                    whole = chosen.cast(pl.Int8).fill_null(BLANK)
                    return np.ascontiguousarray(whole.to_numpy(order="c"))
        columns = [self.scores(name, frame[name]) for name in names]
        table = np.empty((len(frame), len(names)), dtype=np.int8)
        for place, column in enumerate(columns):
            table[:, place] = column
        return table

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
        text = _as_text(cells)
        distinct = text.unique()
        missing, place = self.missing(), {answer: n for n, answer in enumerate(rule)}
        otherwise = None if self.rules is None else self.rules.otherwise
        score: dict[str | None, int] = {}
        answer: dict[str | None, int] = {}
        for cell in distinct.to_list():
            answer[cell] = -1
            if cell is None:
                score[cell] = BLANK
            elif cell in rule:
                score[cell], answer[cell] = rule[cell], place[cell]
            elif cell in missing:
                score[cell] = missing[cell]
            elif self.rules is not None and otherwise is not None:
                score[cell] = otherwise
            elif (
                self.rules is None
                and cell.isascii()
                and cell.isdigit()
                and int(cell) <= HIGHEST_SCORE
            ):
                score[cell] = int(cell)
            else:
                raise self._unknown(name, cell)
        keys = pl.Series(list(score), dtype=pl.String)
        scores = text.replace_strict(keys, pl.Series(list(score.values()), dtype=pl.Int8))
        answers = text.replace_strict(keys, pl.Series(list(answer.values()), dtype=pl.Int16))
        return scores.to_numpy(), answers.to_numpy()

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
    tops = np.maximum(highest, 1)
    return tuple(Item(n, tuple(range(int(top) + 1))) for n, top in zip(names, tops, strict=True))


def _limits(cells: pl.Series) -> tuple[int, int]:
    lowest, highest = cells.min(), cells.max()
    return (0, 0) if lowest is None else (int(lowest), int(highest))  # type: ignore[arg-type]


def _as_text(cells: pl.Series) -> pl.Series:
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
