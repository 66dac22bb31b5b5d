"""What a person answers: the code of every answer and how probable each was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics import curves
from merilo_psychometrics.design import Item
from merilo_psychometrics.errors import BadData
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.responses import Block

from .evidence import Array

# Shares of answers within a band lean on the whole sample as if this many more had answered so.
LEANING = 5.0


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers of a block as codes, and what makes their probabilities.

    `codes` [works, items] int16: the category of the score, or the answer chosen. `full` [items,
    codes] which codes give the full score. With chosen answers `score_of` [items, codes] is the
    category each code earns, and `shares` [bands, items, codes] how often it is chosen among the
    works of a band with that category; `band` [works].
    """

    codes: NDArray[np.int16]
    full: NDArray[np.bool_]
    parameters: ItemParameters
    score_of: NDArray[np.int64] | None = None
    shares: Array | None = None
    band: NDArray[np.int64] | None = None

    def probabilities(self, rows: NDArray[Any], theta: Array) -> Array:
        """P(code | θ), [works, items, codes]."""
        points, where = np.unique(theta, return_inverse=True)
        by_score = curves.category_probabilities(self.parameters, points)[where]
        if self.score_of is None or self.shares is None or self.band is None:
            return by_score
        items = np.arange(self.score_of.shape[0])[:, None]
        return np.asarray(by_score[:, items, self.score_of] * self.shares[self.band[rows]])


def answers_of(
    items: Sequence[Item], block: Block, parameters: ItemParameters, *, chosen: bool, bands: int
) -> Answers:
    """Codes and probabilities of one block.

    By score the code is the category of the score. By answer chosen P(answer | θ) = P(score of the
    answer | θ) · share of the answer among works of the same band of total score with this score:
    a nested model (Suh & Bolt 2010, Psychometrika 75, 454–473) whose second part is counted
    instead of fitted. No answer is an answer of its own.
    """
    if not chosen:
        categories = max(len(item.scores) for item in items)
        place = np.zeros((len(items), items_top(items) + 1), dtype=np.int16)
        full = np.zeros((len(items), categories), dtype=bool)
        for row, item in enumerate(items):
            place[row, list(item.scores)] = np.arange(len(item.scores))
            full[row, len(item.scores) - 1] = True
        codes = place[np.arange(len(items))[None, :], block.scores]
        return Answers(codes, full, parameters)
    bare = [item.id for item in items if not item.responses]
    if block.chosen is None or bare:
        raise BadData(
            "Для сравнения выбранных ответов нужны сами ответы, а не только баллы: читайте данные с "
            'keep_answers=True или сравнивайте баллы (answers="scores").',
            "Chosen answers are needed: read with keep_answers=True, or compare scores.",
            items=bare,
        )
    width = max(len(item.responses) for item in items) + 1
    score_of = np.zeros((len(items), width), dtype=np.int64)
    full = np.zeros((len(items), width), dtype=bool)
    for row, item in enumerate(items):
        for code, (_, score) in enumerate(item.responses):
            score_of[row, code] = item.scores.index(score)
            full[row, code] = score == item.max_score
    codes = np.where(block.chosen < 0, width - 1, block.chosen).astype(np.int16)
    band, shares = _shares(codes, block, score_of, items, bands)
    return Answers(codes, full, parameters, score_of, shares, band)


def items_top(items: Sequence[Item]) -> int:
    """The highest score of any of the items."""
    return max(item.max_score for item in items)


def _shares(
    codes: NDArray[np.int16],
    block: Block,
    score_of: NDArray[np.int64],
    items: Sequence[Item],
    bands: int,
) -> tuple[NDArray[np.int64], Array]:
    totals = block.scores.sum(axis=1, dtype=np.int64)
    cuts = np.unique(np.quantile(totals, np.linspace(0, 1, bands + 1)[1:-1]))
    band = np.searchsorted(cuts, totals, side="right")
    width, number = score_of.shape[1], len(cuts) + 1
    place = np.arange(len(items))[None, :]
    counts = np.zeros((number, len(items), width))
    np.add.at(counts, (band[:, None], place, codes), 1.0)
    same = score_of[:, :, None] == score_of[:, None, :]
    # An answer the item does not list belongs to no score; "no answer" belongs to the lowest.
    listed = np.zeros((len(items), width), dtype=bool)
    listed[:, -1] = True
    for row, item in enumerate(items):
        listed[row, : len(item.responses)] = True
    same &= listed[:, :, None] & listed[:, None, :]
    whole = np.where(listed, counts.sum(axis=0) + 0.5, 0.0)
    general = whole / np.maximum(np.einsum("ic,icd->id", whole, same), 1e-300)
    leaned = counts + LEANING * general
    within = np.einsum("bic,icd->bid", leaned, same)
    return band, np.where(listed, leaned / np.maximum(within, 1e-300), 0.0)
