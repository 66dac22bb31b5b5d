"""Two ways to make a discrete score continuous: evenly over unit intervals, and by a normal kernel.

Kernel (von Davier, Holland & Thayer 2004 ch. 4): F_h(x) = Σ r_j·Φ(R_j(x)), R_j(x) =
(x − a·x_j − (1 − a)·μ) / (a·h), a² = σ² / (σ² + h²), so mean and variance stay those of the scores.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import ndtr

from .percentiles import rank_at, score_at_rank

Array = NDArray[np.float64]


class Continuous(Protocol):
    """A continuous distribution made from probabilities [K + 1] of the scores 0 … K."""

    def cdf(self, probabilities: Array, points: Array) -> Array: ...
    def density(self, probabilities: Array, points: Array) -> Array: ...
    def inverse(self, probabilities: Array, ranks: Array) -> Array: ...


@dataclass(frozen=True)
class Even:
    """Percentile ranks: the probability of a score spread evenly over [k − ½, k + ½)."""

    def cdf(self, probabilities: Array, points: Array) -> Array:
        """Share below the points."""
        return rank_at(probabilities, points)

    def density(self, probabilities: Array, points: Array) -> Array:
        """Density at the points: the probability of the score they belong to."""
        cell = np.clip(np.floor(points + 0.5), 0, len(probabilities) - 1).astype(int)
        return np.asarray(probabilities[cell])

    def inverse(self, probabilities: Array, ranks: Array) -> Array:
        """Points with the given shares below."""
        return score_at_rank(probabilities, ranks)


@dataclass(frozen=True)
class Gaussian:
    """Normal kernel of bandwidth `h`, in points."""

    h: float

    def _frame(self, probabilities: Array) -> tuple[Array, float, float]:
        scores = np.arange(len(probabilities), dtype=np.float64)
        total = probabilities.sum()
        mean = probabilities @ scores / total
        variance = probabilities @ (scores - mean) ** 2 / total
        shrink = float(np.sqrt(variance / (variance + self.h**2)))
        return shrink * scores + (1 - shrink) * mean, shrink * self.h, float(total)

    def cdf(self, probabilities: Array, points: Array) -> Array:
        """Share below the points."""
        centres, width, _ = self._frame(probabilities)
        return np.asarray(ndtr((points[:, None] - centres) / width) @ probabilities)

    def density(self, probabilities: Array, points: Array) -> Array:
        """Density at the points."""
        centres, width, _ = self._frame(probabilities)
        away = (points[:, None] - centres) / width
        return np.asarray(np.exp(-0.5 * away**2) @ probabilities / (width * np.sqrt(2 * np.pi)))

    def slope(self, probabilities: Array, points: Array) -> Array:
        """Derivative of the density at the points."""
        centres, width, _ = self._frame(probabilities)
        away = (points[:, None] - centres) / width
        bell = -away * np.exp(-0.5 * away**2)
        return np.asarray(bell @ probabilities / (width**2 * np.sqrt(2 * np.pi)))

    def inverse(self, probabilities: Array, ranks: Array) -> Array:
        """Points with the given shares below: bisection, then Newton's steps."""
        reach = len(probabilities) + 40.0 * max(self.h, 1.0)
        low, high = np.full(len(ranks), -reach), np.full(len(ranks), reach)
        for _ in range(40):
            middle = (low + high) / 2
            under = self.cdf(probabilities, middle) < ranks
            low, high = np.where(under, middle, low), np.where(under, high, middle)
        found = (low + high) / 2
        for _ in range(3):
            height = self.density(probabilities, found)
            step = (self.cdf(probabilities, found) - ranks) / np.where(height > 0, height, 1.0)
            found = np.where((height > 0) & (np.abs(step) < 1e-3), found - step, found)
        return np.asarray(found)


def optimal_bandwidth(probabilities: Array, *, slope_penalty: float = 1.0) -> float:
    """Bandwidth with the least penalty PEN1 + K·PEN2 (von Davier et al. 2004 ch. 4).

    PEN1 = Σ (r_j − f_h(x_j))²; PEN2 counts the scores where the density turns from falling (at
    x_j − ¼) to rising (at x_j + ¼); `slope_penalty` is K. Points.
    """
    scores = np.arange(len(probabilities), dtype=np.float64)

    def penalty(h: float) -> float:
        kernel = Gaussian(h)
        first = float(np.sum((probabilities - kernel.density(probabilities, scores)) ** 2))
        left = kernel.slope(probabilities, scores - 0.25) < 0
        right = kernel.slope(probabilities, scores + 0.25) > 0
        return first + slope_penalty * float(np.sum(left & right))

    grid = np.exp(np.linspace(np.log(0.2), np.log(max(2.0, len(scores) / 4)), 60))
    values = [penalty(h) for h in grid]
    best = int(np.argmin(values))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = minimize_scalar(penalty, bounds=(low, high), method="bounded",
                            options={"xatol": 1e-9})  # fmt: skip
    return float(found.x) if found.fun <= values[best] else float(grid[best])


def along(function: Callable[[Array], Array], at: Array, directions: Array) -> Array:
    """Derivatives of a vector function of probabilities along the columns, [values, directions]."""
    h = 1e-4
    found = [
        (function(at + h * step) - function(at - h * step)) / (2 * h) for step in directions.T
    ]
    return np.stack(found, axis=1) if found else np.zeros((1, 0))
