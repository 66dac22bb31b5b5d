"""Mean and linear equating, of equivalent groups and through an anchor.

l_Y(x) = (σ_Y / σ_X)·(x − μ_X) + μ_Y with the moments of both forms in one population (Kolen &
Brennan 2014 §2.4). With an anchor V the moments of the synthetic population are
(ch. 4), γ the slope on V:

    μ_s(X) = μ₁(X) − w₂·γ₁·Δμ(V)          σ²_s(X) = σ²₁(X) − w₂·γ₁²·Δσ²(V) + w₁·w₂·γ₁²·Δμ(V)²
    μ_s(Y) = μ₂(Y) + w₁·γ₂·Δμ(V)          σ²_s(Y) = σ²₂(Y) + w₁·γ₂²·Δσ²(V) + w₁·w₂·γ₂²·Δμ(V)²

Δ is group 1 − group 2. Tucker: γ = σ(X, V) / σ²(V). Levine: γ = σ²(X) / σ(X, V) for an anchor inside
the test, (σ²(X) + σ(X, V)) / (σ²(V) + σ(X, V)) for one outside. Levine true score:
l(x) = (γ₂/γ₁)·(x − μ₁(X)) + μ₂(Y) + γ₂·Δμ(V). Chained: both lines one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics.errors import TooFewPersons, WrongSettings
from merilo_psychometrics.provenance import Provenance, digest

from .continuous import along
from .distributions import ScoreDistribution
from .results import EquatedScores

Array = NDArray[np.float64]
LinearMethod = Literal["equivalent groups", "tucker", "levine", "levine true score", "chained"]


@dataclass(frozen=True)
class Moments:
    """Mean and variance of a form in one group; with an anchor also its own and the covariance."""

    mean: float
    variance: float
    anchor_mean: float = float("nan")
    anchor_variance: float = float("nan")
    covariance: float = float("nan")


def moments_of(probabilities: Array) -> Moments:
    """Moments (of the population, divisor N) of a distribution, with or without an anchor."""
    if probabilities.ndim == 1:
        scores = np.arange(len(probabilities), dtype=np.float64)
        mean = float(probabilities @ scores)
        return Moments(mean, float(probabilities @ (scores - mean) ** 2))
    own = moments_of(probabilities.sum(axis=1))
    anchor = moments_of(probabilities.sum(axis=0))
    x = np.arange(probabilities.shape[0]) - own.mean
    v = np.arange(probabilities.shape[1]) - anchor.mean
    return Moments(own.mean, own.variance, anchor.mean, anchor.variance,
                   float(x @ probabilities @ v))  # fmt: skip


def equate_linear(
    x: ScoreDistribution,
    y: ScoreDistribution,
    *,
    method: LinearMethod = "equivalent groups",
    slope_free: bool = True,
    anchor_inside: bool = True,
    weight: float | None = None,
) -> EquatedScores:
    """Equate X to Y by a straight line; `slope_free` False gives mean equating.

    `weight` is the share of group X in the synthetic population (default by the numbers of works;
    the true-score and chained methods have none). `details` holds `slope` and `intercept`.
    Standard errors by the delta method over the whole distributions, without normality. Kolen &
    Brennan (2014) §2.4 and ch. 4, the formulas at the top of the module.
    e(x) = (σ_Y/σ_X)·(x − μ_X) + μ_Y.
    """
    share = x.works / (x.works + y.works) if weight is None else weight
    p, q = x.probabilities, y.probabilities
    if method != "equivalent groups":
        x.anchor, y.anchor  # noqa: B018  (raise when there is no anchor)
    else:
        p, q = x.scores, y.scores
    scores = np.arange(len(x.scores), dtype=np.float64)

    def line(ours: Array, theirs: Array) -> tuple[float, float]:
        return equating_line(
            moments_of(ours), moments_of(theirs), method=method, weight=share,
            slope_free=slope_free, anchor_inside=anchor_inside,
        )  # fmt: skip

    def equated(ours: Array, theirs: Array) -> Array:
        slope, intercept = line(ours, theirs)
        return slope * scores + intercept

    slope, intercept = line(p, q)

    def folded(cells: Array, of: ScoreDistribution, like: Array) -> Array:
        whole = cells.reshape(of.probabilities.shape)
        return whole if whole.ndim == like.ndim else whole.sum(axis=1)

    by_x = along(lambda v: equated(folded(v, x, p), q), x.probabilities.ravel(), x.factor)
    by_y = along(lambda v: equated(p, folded(v, y, q)), y.probabilities.ravel(), y.factor)
    se = np.sqrt((by_x**2).sum(axis=1) + (by_y**2).sum(axis=1))
    settings = {
        "method": method,
        "slope_free": slope_free,
        "anchor_inside": anchor_inside,
        "weight": share,
    }
    return EquatedScores(
        scores,
        slope * scores + intercept,
        se,
        method,
        Provenance("equate_linear", digest([x.data_hash, y.data_hash]), settings),
        probabilities=(x.scores, y.scores),
        details={"slope": slope, "intercept": intercept},
    )


def equating_line(
    x: Moments,
    y: Moments,
    *,
    method: LinearMethod = "equivalent groups",
    weight: float = 0.5,
    slope_free: bool = True,
    anchor_inside: bool = True,
) -> tuple[float, float]:
    """(slope, intercept) of the line from X to Y, from moments alone (printed ones will do).

    Kolen & Brennan (2014) §2.4 and ch. 4.
    e(x) = (σ_Y/σ_X)·(x − μ_X) + μ_Y, moments of the synthetic population as at the top of the
    module. Raises `TooFewPersons`, `WrongSettings`.
    """
    if not 0.0 <= weight <= 1.0:
        raise WrongSettings(
            f"Доля группы X должна быть от 0 до 1, задано {weight}.",
            f"The weight of group X must lie in 0 … 1, got {weight}.",
        )
    if min(x.variance, y.variance) <= 0 or min(x.anchor_variance, y.anchor_variance) <= 0:
        raise TooFewPersons(
            "В одной из групп у всех один балл: прямую не провести.",
            "Everybody in a group has the same score, no line exists.",
        )
    if method == "equivalent groups":
        slope = float(np.sqrt(y.variance / x.variance)) if slope_free else 1.0
        return slope, y.mean - slope * x.mean
    if method == "chained":
        first = np.sqrt(x.anchor_variance / x.variance) if slope_free else 1.0
        second = np.sqrt(y.variance / y.anchor_variance) if slope_free else 1.0
        slope = float(first * second)
        middle = x.anchor_mean - first * x.mean
        return slope, float(second * (middle - y.anchor_mean) + y.mean)
    gamma_x, gamma_y = (_slope_on_anchor(m, method, anchor_inside) for m in (x, y))
    other = 1.0 - weight
    gap = x.anchor_mean - y.anchor_mean
    wider = x.anchor_variance - y.anchor_variance
    if method == "levine true score":
        slope = gamma_y / gamma_x if slope_free else 1.0
        return slope, y.mean + gamma_y * gap - slope * x.mean
    mean_x = x.mean - other * gamma_x * gap
    mean_y = y.mean + weight * gamma_y * gap
    both = weight * other * gap**2
    variance_x = x.variance + gamma_x**2 * (both - other * wider)
    variance_y = y.variance + gamma_y**2 * (both + weight * wider)
    slope = float(np.sqrt(variance_y / variance_x)) if slope_free else 1.0
    return slope, mean_y - slope * mean_x


def _slope_on_anchor(m: Moments, method: str, inside: bool) -> float:
    if method == "tucker":
        return m.covariance / m.anchor_variance
    if inside:
        return m.variance / m.covariance
    return (m.variance + m.covariance) / (m.anchor_variance + m.covariance)
