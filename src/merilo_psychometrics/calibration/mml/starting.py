"""Where the climb starts: close enough that two or three steps of EM are saved."""

from __future__ import annotations

import numpy as np

from merilo_psychometrics.statistics import SufficientStatistics

from .model import Array

LOWEST, HIGHEST = 0.3, 3.0


def starting_slopes(statistics: SufficientStatistics) -> Array:
    """Slope of every item from its covariance with the score on the other items, [items], logits⁻¹.

    With θ ~ N(0, 1) Stein's lemma gives cov(S, θ) = E[∂E(S|θ)/∂θ] = a·E[Var(S|θ)] for Rasch-family
    items (Stein 1981, Ann. Stat. 9, 1135–1151, lemma 1); E Var(S|θ) ≈ Var(S) − cov². The rest score
    over its standard deviation, its reliability (alpha) taken out, stands for θ. Booklets are
    averaged by works. Groups of different means and the bend of the curves are left to the climb.
    """
    items = len(statistics.design.items)
    mass, found = np.zeros(items), np.zeros(items)
    for booklet, counts in zip(statistics.design.booklets, statistics.booklets, strict=True):
        works = float(counts.score_counts.sum())
        if works < 2 or len(booklet.items) < 3:
            continue
        totals = np.arange(len(counts.score_counts), dtype=np.float64)
        mean = counts.score_counts @ totals / works
        spread = float(counts.score_counts @ (totals - mean) ** 2 / works)
        own, with_total = np.zeros(len(booklet.items)), np.zeros(len(booklet.items))
        for place in range(len(booklet.items)):
            table = counts.of_item(place).astype(np.float64)
            scores = np.arange(table.shape[1], dtype=np.float64)
            by_score = table.sum(axis=0) / works
            centre = by_score @ scores
            own[place] = by_score @ (scores - centre) ** 2
            with_total[place] = (totals - mean) @ table @ (scores - centre) / works
        with_rest = with_total - own
        rest = spread - 2.0 * with_total + own  # variance of the score on the other items
        many = len(own)
        alpha = np.clip(many / (many - 1.0) * (1.0 - own.sum() / max(spread, 1e-9)), 0.2, 0.98)
        cross = with_rest / np.sqrt(np.maximum(rest, 1e-9) * alpha)
        slope = cross / np.maximum(own - cross**2, 0.1 * np.maximum(own, 1e-9))
        found[booklet.items] += works * slope
        mass[booklet.items] += works
    known = mass > 0
    slopes = np.where(known, found / np.where(known, mass, 1.0), 1.0)
    return np.asarray(np.clip(slopes, LOWEST, HIGHEST))
