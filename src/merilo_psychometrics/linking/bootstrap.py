"""Standard errors of any equating by resampling persons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from merilo_psychometrics.errors import WrongSettings

from .distributions import ScoreDistribution
from .results import EquatedScores

Equating = Callable[[ScoreDistribution, ScoreDistribution], EquatedScores]


def bootstrap_errors(
    equate: Equating,
    x: ScoreDistribution,
    y: ScoreDistribution,
    *,
    rng: np.random.Generator,
    replications: int = 1000,
) -> EquatedScores:
    """Equate once, and give the standard deviation over `replications` resampled pairs as `se`.

    Counts are drawn from the distributions given — counted ones: the ordinary bootstrap; smoothed
    ones: the parametric bootstrap (Efron & Tibshirani 1993; Kolen & Brennan 2014 §7.2). Smoothing
    must happen inside `equate` to be repeated: `lambda x, y: equate_percentiles(presmooth(x,
    degree=6), presmooth(y, degree=6))`.
    Raises `WrongSettings`.
    """
    if replications < 2:
        raise WrongSettings("Нужны хотя бы две повторности.", "At least two replications.")
    made = equate(x, y)
    drawn = np.empty((replications, len(made.equated)))
    for n in range(replications):
        drawn[n] = equate(_resampled(x, rng), _resampled(y, rng)).equated
    settings = {**made.provenance.settings, "bootstrap": replications}
    return replace(
        made,
        se=drawn.std(axis=0, ddof=1),
        provenance=replace(made.provenance, settings=settings),
    )


def _resampled(held: ScoreDistribution, rng: np.random.Generator) -> ScoreDistribution:
    shares = held.probabilities.ravel()
    counts = rng.multinomial(round(held.works), shares / shares.sum())
    # No covariance: a replication needs no standard error of its own.
    return ScoreDistribution(
        counts.reshape(held.probabilities.shape) / counts.sum(),
        float(counts.sum()),
        np.zeros((len(shares), 0)),
    )
