"""Percentile ranks of discrete scores and the equipercentile function.

A score k stands for the interval [k − ½, k + ½) with its probability spread evenly (Kolen & Brennan
2014 §2.5). Scores are 0 … K, all arrays [K + 1].
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
TINY = 1e-12  # sums of probabilities that differ by rounding only are the same rank


def percentile_ranks(probabilities: Array) -> Array:
    """Share below the middle of every score, [K + 1] in 0 … 1.

    Source: Kolen and Brennan (2014), chapter 2, percentile ranks.
    """
    return np.asarray(np.cumsum(probabilities) - probabilities / 2)


def rank_at(probabilities: Array, points: Array) -> Array:
    """Share below any points of the continuous scale [−½, K + ½].

    Source: Kolen and Brennan (2014), chapter 2, percentile ranks of continuous scores.
    """
    edges = np.arange(len(probabilities) + 1) - 0.5
    heights = np.concatenate([[0.0], np.cumsum(probabilities)])
    return np.asarray(np.interp(points, edges, heights / heights[-1]))


def score_at_rank(probabilities: Array, ranks: Array) -> Array:
    """Score with the given share below it: the inverse of `rank_at`, the upper one on a flat part.

    A rank of 0 gives −½ and a rank of 1 gives K + ½, whatever stands there.

    Source: Kolen and Brennan (2014), chapter 2, percentiles.
    """
    heights = np.concatenate([[0.0], np.cumsum(probabilities)])
    heights /= heights[-1]
    upper = np.searchsorted(heights, ranks + TINY, side="right")
    inside = np.clip(upper, 1, len(probabilities))
    below, above = heights[inside - 1], heights[inside]
    width = np.where(above > below, above - below, 1.0)
    found = inside - 1.5 + (ranks - below) / width
    found = np.where(ranks <= TINY, -0.5, found)
    return np.where(upper > len(probabilities), len(probabilities) - 0.5, found)


def equipercentile(by_x: Array, by_y: Array) -> Array:
    """Score on Y at the percentile rank of every score of X (Braun & Holland 1982)."""
    return score_at_rank(by_y, percentile_ranks(by_x / by_x.sum()))
