"""The exact distribution of a weighted sum of passed steps, given how many were passed.

With equal slopes the number of points is sufficient, so that given it the pattern of answers
depends on the items alone: P(x | S) ∝ Π_i ε_{i,x_i} (Rasch 1960; Andersen 1970). Every index here
(G, U3, Hᵀ) is, for a given S, a linear function of Σ_i w_{i,x_i}, whose distribution follows by
recursion over the items. Molenaar & Hoijtink (1990), Psychometrika 55, 75–106.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Whole-number steps of the sum; the exact distribution is that of the weights rounded to it.
GRID = 4096


def on_grid(weights: Array, steps: NDArray[np.int64], *, whole: bool = False) -> NDArray[np.int64]:
    """Round cumulative weights [items, categories] to whole numbers from 0 up, row by row.

    A constant a step moves every sum of S steps alike, so weights are shifted to be positive.
    `whole` weights (ranks) stay as they are while they fit.
    """
    per_step = np.diff(weights, axis=1)
    inside = np.arange(per_step.shape[1])[None, :] < steps[:, None]
    shifted = np.where(inside, per_step - per_step[inside].min(initial=0.0), 0.0)
    top = float(shifted.sum())
    scale = GRID / top if top > 0 else 1.0
    if whole and top <= 4 * GRID:
        scale = 1.0
    elif whole:
        scale = 4 * GRID / top
    rounded = np.rint(shifted * scale).astype(np.int64)
    return np.concatenate([np.zeros((len(weights), 1), np.int64), rounded.cumsum(axis=1)], axis=1)


@njit(cache=True, nogil=True)
def lower_tails(log_odds, grid, steps):  # type: ignore[no-untyped-def]
    """P(Σ grid ≤ w | S = s), [S + 1, sums + 1].

    `log_odds` [items, categories] = ln ε with 0 for the lowest category; `grid` cumulative whole
    weights; `steps` [items]. Rows are normalised at every item, so nothing under- or overflows.
    """
    items = log_odds.shape[0]
    most = 0
    widest = 0
    for item in range(items):
        most += steps[item]
        high = 0
        for category in range(steps[item] + 1):
            high = max(high, grid[item, category])
        widest += high
    table = np.zeros((most + 1, widest + 1))
    gamma = np.full(most + 1, -np.inf)
    before = np.full(most + 1, -np.inf)
    table[0, 0] = 1.0
    gamma[0] = 0.0
    reached, wide = 0, 0
    row = np.zeros(widest + 1)
    for item in range(items):
        before[:] = gamma
        high = 0
        for category in range(steps[item] + 1):
            high = max(high, grid[item, category])
        for score in range(reached + steps[item], -1, -1):
            peak = -np.inf
            for category in range(min(steps[item], score) + 1):
                if score - category <= reached:
                    peak = max(peak, before[score - category] + log_odds[item, category])
            whole = 0.0
            for category in range(min(steps[item], score) + 1):
                if score - category <= reached:
                    whole += np.exp(before[score - category] + log_odds[item, category] - peak)
            gamma[score] = peak + np.log(whole)
            row[: wide + high + 1] = 0.0
            for category in range(min(steps[item], score) + 1):
                if score - category > reached:
                    continue
                share = np.exp(before[score - category] + log_odds[item, category] - gamma[score])
                jump = grid[item, category]
                source = table[score - category]
                for place in range(wide + 1):
                    row[place + jump] += share * source[place]
            table[score, : wide + high + 1] = row[: wide + high + 1]
        reached += steps[item]
        wide += high
    for score in range(most + 1):
        total = 0.0
        for place in range(widest + 1):
            total += table[score, place]
            table[score, place] = min(total, 1.0)
    return table


@njit(cache=True, nogil=True)
def extremes(weights, steps):  # type: ignore[no-untyped-def]
    """Smallest and greatest Σ w of S passed steps, each [S + 1]; steps of an item go in order."""
    most = 0
    for item in range(weights.shape[0]):
        most += steps[item]
    low = np.full(most + 1, np.inf)
    high = np.full(most + 1, -np.inf)
    low[0] = 0.0
    high[0] = 0.0
    reached = 0
    for item in range(weights.shape[0]):
        for score in range(reached + steps[item], -1, -1):
            least, most_found = np.inf, -np.inf
            for category in range(min(steps[item], score) + 1):
                if score - category <= reached:
                    least = min(least, low[score - category] + weights[item, category])
                    most_found = max(most_found, high[score - category] + weights[item, category])
            low[score] = least
            high[score] = most_found
        reached += steps[item]
    return low, high


@njit(cache=True, nogil=True)
def weighted_sums(scores: Any, weights: Any) -> Any:
    """Number of steps and Σ w of every work: int64 [works], float [works]."""
    works, items = scores.shape
    totals = np.zeros(works, np.int64)
    sums = np.zeros(works)
    for work in range(works):
        total = 0
        found = 0.0
        for item in range(items):
            total += scores[work, item]
            found += weights[item, scores[work, item]]
        totals[work] = total
        sums[work] = found
    return totals, sums


@njit(cache=True, nogil=True)
def look_up(scores: Any, grid: Any, tails: Any) -> Any:
    """Lower tail of every work, [works]."""
    works, items = scores.shape
    p = np.empty(works)
    for work in range(works):
        total = 0
        place = 0
        for item in range(items):
            total += scores[work, item]
            place += grid[item, scores[work, item]]
        p[work] = tails[total, place]
    return p
