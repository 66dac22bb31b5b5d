"""How the parameters of the facets lie in one vector, and which of it is free.

The whole vector is [μ, σ, item part, severities]. The item part is all thresholds δ_ih (partial
credit, Masters 1982) or the difficulties δ_i and the common steps τ_h (rating scale, Andrich 1978).
whole = start + `free` · β: the columns of `free` keep severities, and thresholds or difficulties and
steps, at sum zero; anchored thresholds have no column.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag, helmert

from merilo_psychometrics.errors import WrongSettings
from merilo_psychometrics.parameters import FreeParameter, ItemParameters

from .ratings import Ratings
from .results import FacetModel

Array = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Layout:
    """Places and signs of the parameters of every cell (item × rater) and step.

    `places`, `signs` [cells, steps, 5]; `jumps` [cells, steps] score gained by a step; `steps`
    [cells]; `cell`, `category` [marks] in the order of `order` (sorted by person); `starts`
    [persons + 1]. `thresholds` [all thresholds, whole] maps the vector to thresholds.
    """

    start: Array
    free: Array
    places: Places
    signs: Array
    jumps: Array
    steps: Places
    order: Places
    starts: Places
    cell: Places
    category: Places
    cell_item: Places
    cell_rater: Places
    thresholds: Array
    threshold_free: tuple[FreeParameter, ...]
    severities: slice

    def cell_thresholds(self, whole: Array) -> Array:
        """δ + λ of every cell and step, [cells, steps]."""
        inside = self.places[:, :, 2:]
        values = np.where(inside >= 0, whole[np.maximum(inside, 0)], 0.0)
        return np.asarray(-(values * self.signs[:, :, 2:]).sum(axis=2))


def lay_out(ratings: Ratings, model: FacetModel, anchors: ItemParameters | None) -> Layout:
    """Build the layout of a set of marks."""
    items, raters = ratings.items, len(ratings.raters)
    most = max(len(item.scores) - 1 for item in items)
    first = np.cumsum([0] + [len(item.scores) - 1 for item in items])
    total = int(first[-1])
    if model == "rating scale":
        if anchors is not None or len({item.scores for item in items}) > 1:
            raise WrongSettings(
                "Модель «rating scale» требует одной шкалы баллов у всех заданий и не держит "
                "закреплённых параметров. Возьмите «partial credit».",
                "rating scale needs one scale of scores and takes no anchors; use partial credit.",
                items=[item.id for item in items],
            )
        inner = len(items) + most
        item_free = block_diag(_zero_sum(len(items)), _zero_sum(most))
        thresholds = np.zeros((total, inner))
        for n in range(len(items)):
            for h in range(most):
                thresholds[n * most + h, [n, len(items) + h]] = 1.0
    else:
        inner = total
        item_free = _zero_sum(total)
        thresholds = np.eye(total)
    start = np.concatenate([[0.0, 1.0], np.zeros(inner + raters)])
    if anchors is not None:
        item_free = np.eye(total)
        held = _anchored(ratings, anchors, first, start)
        item_free = item_free[:, ~held]
    free = block_diag(np.eye(2), item_free, _zero_sum(raters))
    whole = np.zeros((total, len(start)))
    whole[:, 2 : 2 + inner] = thresholds

    order = np.lexsort((ratings.rater, ratings.item, ratings.person)).astype(np.int64)
    pair = ratings.item[order].astype(np.int64) * raters + ratings.rater[order]
    seen, cell = np.unique(pair, return_inverse=True)
    cell_item, cell_rater = seen // raters, seen % raters
    places = np.full((len(seen), most, 5), -1, dtype=np.int64)
    signs = np.zeros((len(seen), most, 5))
    jumps = np.zeros((len(seen), most))
    for c, (n, j) in enumerate(zip(cell_item, cell_rater, strict=True)):
        scores = items[n].scores
        count = len(scores) - 1
        jumps[c, :count] = np.diff(scores)
        for h in range(count):
            effects = np.flatnonzero(whole[first[n] + h]).tolist()
            line = [0, 1, 2 + inner + int(j), *effects]
            places[c, h, : len(line)] = line
            signs[c, h, : len(line)] = [1.0, 1.0] + [-1.0] * (len(line) - 2)
    category = np.empty(len(order), dtype=np.int64)
    for n, item in enumerate(items):
        rows = ratings.item[order] == n
        category[rows] = np.searchsorted(item.scores, ratings.score[order][rows])
    counts = np.bincount(ratings.person, minlength=len(ratings.persons))
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    names = tuple(
        FreeParameter(item.id, "threshold", h + 1)
        for item in items
        for h in range(len(item.scores) - 1)
    )
    steps = np.array([len(items[n].scores) - 1 for n in cell_item], dtype=np.int64)
    return Layout(
        start, free, places, signs, jumps, steps, order, starts, cell.astype(np.int64),
        category, cell_item, cell_rater, whole, names, slice(2 + inner, 2 + inner + raters),
    )  # fmt: skip


def _zero_sum(size: int) -> Array:
    """An orthonormal basis of the vectors of this size that sum to zero, [size, size − 1]."""
    if size == 1:
        return np.zeros((1, 0))
    return np.asarray(helmert(size).T)


def _anchored(
    ratings: Ratings, anchors: ItemParameters, first: NDArray[np.int64], start: Array
) -> NDArray[np.bool_]:
    """Write the anchored thresholds into the start; say which thresholds they are."""
    held = np.zeros(int(first[-1]), dtype=bool)
    for n, item in enumerate(ratings.items):
        if item.id not in anchors.index:
            continue
        row = anchors.index[item.id]
        if anchors.items[row].scores != item.scores or anchors.slope[row] != 1.0:
            raise WrongSettings(
                f"Закреплённые параметры задания {item.id} не подходят: нужны та же шкала баллов и "
                "крутизна 1.",
                f"Anchor {item.id} needs the same scores and slope 1.",
                items=[item.id],
            )
        here = slice(int(first[n]), int(first[n + 1]))
        start[2 + here.start : 2 + here.stop] = anchors.thresholds[row, : here.stop - here.start]
        held[here] = True
    if not held.any():
        raise WrongSettings(
            "Ни одно закреплённое задание не оценивалось.", "None of the anchors was marked."
        )
    return held
