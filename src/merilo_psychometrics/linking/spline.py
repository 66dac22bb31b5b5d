"""Smoothing after equating by cubic splines.

Kolen (1984); Kolen & Brennan (2014) ch. 3: the least curved spline d with Σ ((d(x_i) −
e(x_i)) / se(x_i))² / n ≤ S over the scores between the percentile ranks 0.5 and 99.5; straight lines
to (−½, −½) and (K_X + ½, K_Y + ½) outside; the mean of the spline of X to Y and the inverse of the
spline of Y to X.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_smoothing_spline

from merilo_psychometrics.errors import TooFewPersons, WrongSettings

from .percentiles import percentile_ranks
from .results import EquatedScores

Array = NDArray[np.float64]
# Grid for the inverse of the second spline, points.
FINE = 0.005


def postsmooth_equating(
    forward: EquatedScores, back: EquatedScores, by_x: Array, by_y: Array, s: float
) -> Array:
    """Equated scores [K + 1] after smoothing with S = `s`; 0 leaves the function as it is."""
    if s < 0:
        raise WrongSettings(f"S сглаживания не может быть {s}.", f"S of smoothing is {s} < 0.")
    if s == 0:
        return forward.equated
    ends = (len(by_x) - 0.5, len(by_y) - 0.5)
    ahead = _smooth(forward, by_x, s, ends[0], ends[1])
    behind = _smooth(back, by_y, s, ends[1], ends[0])
    grid = np.arange(-0.5, ends[1] + FINE / 2, FINE)
    # The inverse of a rising function: swap the axes.
    inverse = np.interp(forward.scores, np.maximum.accumulate(behind(grid)), grid)
    return np.asarray((ahead(forward.scores) + inverse) / 2)


def _smooth(
    equating: EquatedScores, shares: Array, s: float, end: float, end_there: float
) -> Callable[[Array], Array]:
    ranks = percentile_ranks(shares)
    inside = (ranks >= 0.005) & (ranks <= 0.995) & (equating.se > 0)
    x, e, se = equating.scores[inside], equating.equated[inside], equating.se[inside]
    if len(x) < 5:
        raise TooFewPersons(
            "Для сплайна нужно хотя бы пять баллов между перцентилями 0,5 и 99,5. Возьмите линейное "
            "выравнивание.",
            "Fewer than five scores to smooth; use linear equating.",
        )

    def miss(power: float) -> float:
        spline = make_smoothing_spline(x, e, w=se**-2, lam=10.0**power)
        return float(np.mean(((spline(x) - e) / se) ** 2))

    low, high = -12.0, 12.0
    if miss(high) <= s:
        low = high  # even a straight line is close enough
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if miss(middle) <= s else (low, middle)
    spline = make_smoothing_spline(x, e, w=se**-2, lam=10.0**low)
    knots = np.array([-0.5, x[0], x[-1], end])
    heights = np.array([-0.5, float(spline(x[0])), float(spline(x[-1])), end_there])

    def curve(points: Array) -> Array:
        within = (points >= x[0]) & (points <= x[-1])
        inner = spline(np.clip(points, x[0], x[-1]))
        return np.asarray(np.where(within, inner, np.interp(points, knots, heights)))

    return curve
