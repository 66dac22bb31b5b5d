"""Item analysis from counts for the tables of the report: means, correlations, alpha."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from merilo_psychometrics.statistics import SufficientStatistics


@dataclass(frozen=True)
class ItemRow:
    """One item over all booklets: works, share of the full score, item–rest correlation."""

    item: str
    works: float
    p: float
    item_rest: float
    full_score: int


@dataclass(frozen=True)
class BookletRow:
    """One booklet: works, mean and SD of the total, Cronbach's alpha, error of measurement."""

    booklet: str
    works: float
    items: int
    full_score: int
    mean: float
    sd: float
    alpha: float

    @property
    def sem(self) -> float:
        """Standard error of measurement of the total score."""
        return self.sd * float(np.sqrt(max(0.0, 1.0 - self.alpha)))


def analyse(statistics: SufficientStatistics) -> tuple[list[ItemRow], list[BookletRow]]:
    """Rows of both tables; the correlation is the mean over booklets weighted by works."""
    design = statistics.design
    many = len(design.items)
    works, gained, linked, weight = (np.zeros(many) for _ in range(4))
    booklets = []
    for booklet, counts in zip(design.booklets, statistics.booklets, strict=True):
        n = counts.works
        if not n:
            continue
        totals = np.arange(len(counts.score_counts), dtype=float)
        mean = (counts.score_counts * totals).sum() / n
        variance = (counts.score_counts * (totals - mean) ** 2).sum() / n
        inner = 0.0
        for q, position in enumerate(booklet.items):
            table = counts.of_item(q).astype(float)
            scores = np.arange(table.shape[1], dtype=float)
            own = (table.sum(axis=0) * scores).sum() / n
            own_variance = (table.sum(axis=0) * (scores - own) ** 2).sum() / n
            shared = ((totals - mean)[:, None] * (scores - own) * table).sum() / n
            rest = variance - 2 * shared + own_variance
            inner += own_variance
            works[position] += n
            gained[position] += n * own
            if own_variance > 0 and rest > 0:
                linked[position] += n * (shared - own_variance) / np.sqrt(own_variance * rest)
                weight[position] += n
        k = len(booklet.items)
        alpha = k / (k - 1) * (1 - inner / variance) if k > 1 and variance > 0 else float("nan")
        booklets.append(
            BookletRow(booklet.id, n, k, len(totals) - 1, mean, float(np.sqrt(variance)), alpha)
        )
    items = []
    for position, item in enumerate(design.items):
        if works[position]:
            r = linked[position] / weight[position] if weight[position] else float("nan")
            p = gained[position] / works[position] / item.max_score
            items.append(ItemRow(item.id, works[position], p, r, item.max_score))
    return items, booklets
