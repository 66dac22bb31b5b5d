"""How much more groups differ than chance gives: real schools are not random samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from merilo_psychometrics.errors import WrongSettings

DRAWN_IN = 0.1


def overdispersion(z: ArrayLike, *, drawn_in: float = DRAWN_IN) -> float:
    """φ of naive standard scores z [groups]: limits are widened by √φ; never below 1.

    φ = mean z² after the outer `drawn_in` of the groups at either end are drawn in to the quantiles
    there, so that the very groups looked for do not widen the limits: Spiegelhalter (2005),
    Statistics in Medicine 24, 1185–1202, the section on overdispersion (multiplicative model,
    winsorised). 1 when there is no group.
    Raises `WrongSettings`.
    """
    if not 0.0 <= drawn_in < 0.5:
        raise WrongSettings(
            f"Доля {drawn_in} групп с каждого края должна быть от 0 до 0,5.",
            f"drawn_in must lie in 0 … 0.5, got {drawn_in}.",
        )
    scores = np.asarray(z, dtype=np.float64)
    scores = scores[np.isfinite(scores)]
    if not len(scores):
        return 1.0
    low, high = np.quantile(scores, [drawn_in, 1.0 - drawn_in])
    return max(1.0, float(np.mean(np.clip(scores, low, high) ** 2)))
