"""Difficulty and discrimination of items, from counts alone."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import Responses
from merilo_psychometrics.statistics import (
    BookletCounts,
    SufficientStatistics,
    sufficient_statistics,
)

Array = NDArray[np.float64]
# Kelley (1939): the outer groups that tell items apart best.
OUTER = 0.27


@dataclass(frozen=True, eq=False)
class BookletItems:
    """Items of one booklet; arrays [items].

    `mean`, `sd` (divisor n − 1) of the score; `difficulty` = mean / full score, the p-value;
    `item_total`, `item_rest`: correlation with the total, and with the total without the item;
    `discrimination`: p-value in the best 27 % of the works less that in the worst 27 %. NaN where
    the item, or the rest, has no variance. `alpha` (Cronbach 1951), `score_mean`, `score_sd`.
    """

    booklet: str
    items: tuple[str, ...]
    works: float
    mean: Array
    sd: Array
    difficulty: Array
    item_total: Array
    item_rest: Array
    discrimination: Array
    alpha: float
    score_mean: float
    score_sd: float
    max_score: int


@dataclass(frozen=True, eq=False)
class ItemAnalysis:
    """Booklets one by one, and pooled: averages over the booklets weighted by their works.

    Pooled arrays [items] of the design; a correlation is averaged over booklets where it exists,
    as totals of different booklets must not be mixed.
    """

    booklets: tuple[BookletItems, ...]
    items: tuple[str, ...]
    works: Array
    mean: Array
    sd: Array
    difficulty: Array
    item_total: Array
    item_rest: Array
    discrimination: Array
    provenance: Provenance


def analyse_items(data: SufficientStatistics | Responses) -> ItemAnalysis:
    """Analyse every item on every booklet, and pooled. Raises `UntreatedOmissions`.

    The statistics of Crocker & Algina (1986) ch. 14 (item analysis).
    Difficulty = mean / full score; item-total r = cov(x, t)/(σ_x·σ_t), item-rest with t − x for t;
    discrimination = mean share of points of the upper 27 % of works by total less that of the
    lower.
    """
    statistics = sufficient_statistics(data) if isinstance(data, Responses) else data
    design = statistics.design
    found = tuple(
        _booklet(
            booklet.id,
            tuple(design.items[n].id for n in booklet.items),
            design.max_scores[booklet.items],
            counts,
        )
        for booklet, counts in zip(design.booklets, statistics.booklets, strict=True)
        if counts.works > 0
    )
    places = [booklet.items for booklet, counts in
              zip(design.booklets, statistics.booklets, strict=True) if counts.works > 0]  # fmt: skip
    names = [f.name for f in fields(BookletItems) if f.name in
             ("mean", "sd", "difficulty", "item_total", "item_rest", "discrimination")]  # fmt: skip
    size = len(design.items)
    works = np.zeros(size)
    pooled = {}
    for booklet, place in zip(found, places, strict=True):
        works[place] += booklet.works
    for name in names:
        top, weight = np.zeros(size), np.zeros(size)
        for booklet, place in zip(found, places, strict=True):
            values = getattr(booklet, name)
            known = np.isfinite(values)
            top[place[known]] += booklet.works * values[known]
            weight[place[known]] += booklet.works
        pooled[name] = np.divide(top, weight, out=np.full(size, np.nan), where=weight > 0)
    return ItemAnalysis(
        booklets=found,
        items=tuple(item.id for item in design.items),
        works=works,
        **pooled,
        provenance=Provenance("analyse_items", statistics.counts_hash),
    )


def _booklet(
    booklet: str, items: tuple[str, ...], full: NDArray[np.int64], counts: BookletCounts
) -> BookletItems:
    totals = np.arange(len(counts.score_counts), dtype=np.float64)
    by_score = counts.score_counts.astype(np.float64)
    works = float(by_score.sum())
    freedom = max(works - 1.0, 0.0)
    score_mean = float(by_score @ totals / works)
    centred = totals - score_mean
    score_variance = float(by_score @ centred**2)
    size = len(items)
    mean, sum_squares, cross, difference = (np.empty(size) for _ in range(4))
    best, worst = _outer(by_score[::-1])[::-1], _outer(by_score)
    for place in range(size):
        table = counts.of_item(place).astype(np.float64)
        scores = np.arange(table.shape[1], dtype=np.float64)
        own = table @ scores
        mean[place] = own.sum() / works
        away = scores - mean[place]
        sum_squares[place] = table.sum(axis=0) @ away**2
        cross[place] = centred @ (table @ away)
        share = np.divide(own, by_score, out=np.zeros_like(own), where=by_score > 0)
        difference[place] = ((best - worst) @ share) / (OUTER * works * full[place])
    rest_squares = score_variance + sum_squares - 2.0 * cross
    slack = 1e-12 * max(score_variance, 1.0)
    total_variance = sum_squares.sum()
    alpha = np.nan
    if size > 1 and score_variance > slack:
        alpha = size / (size - 1) * (1.0 - total_variance / score_variance)
    unbiased = np.nan if freedom == 0 else freedom
    return BookletItems(
        booklet=booklet,
        items=items,
        works=works,
        mean=mean,
        sd=np.sqrt(sum_squares / unbiased),
        difficulty=mean / full,
        item_total=_correlation(cross, sum_squares, score_variance, slack),
        item_rest=_correlation(cross - sum_squares, sum_squares, rest_squares, slack),
        discrimination=difference,
        alpha=float(alpha),
        score_mean=score_mean,
        score_sd=float(np.sqrt(score_variance / unbiased)),
        max_score=int(full.sum()),
    )


def _correlation(cross: Array, one: Array, two: Array | float, slack: float) -> Array:
    product = one * two
    known = (one > slack) & (np.asarray(two) > slack)
    safe = np.where(known, product, 1.0)
    return np.where(known, cross / np.sqrt(safe), np.nan)


def _outer(by_score: Array) -> Array:
    """How many works of every total are among the first 27 %; the last total only in part."""
    wanted = OUTER * by_score.sum()
    before = np.concatenate([[0.0], np.cumsum(by_score)[:-1]])
    return np.asarray(np.clip(wanted - before, 0.0, by_score))
