"""Many tests at once: the false discovery rate.

Among thousands of schools or items some p-values are small by chance. Benjamini & Hochberg (1995),
J. R. Stat. Soc. B 57, 289–300, eq. 1: reject the k smallest, k the largest with p_(k) ≤ (k/m)·rate;
then the expected share of false ones among the rejected is at most `rate` when the tests are
independent or positively dependent (Benjamini & Yekutieli, 2001).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import WrongSettings


def adjusted(p: ArrayLike) -> NDArray[np.float64]:
    """Adjusted p-values q, shaped like `p`: q ≤ rate exactly where the step-up rule rejects.

    q_(k) = min over j ≥ k of p_(j)·m / j. NaN means no test was made: it stays NaN and does not
    count among the m tests. Benjamini & Hochberg (1995), the step-up rule at the top of the
    module.
    Raises `WrongSettings`.
    """
    given = np.asarray(p, dtype=np.float64)
    q = np.full(given.shape, np.nan)
    known = np.isfinite(given)
    values = given[known]
    if not values.size:
        return q
    if values.min() < 0.0 or values.max() > 1.0:
        raise WrongSettings(
            "Поправка на множественность принимает вероятности от 0 до 1.",
            "The false discovery rate needs probabilities between 0 and 1.",
        )
    order = np.argsort(values, kind="stable")
    raised = values[order] * values.size / np.arange(1, values.size + 1)
    back = np.empty_like(values)
    back[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    q[known] = back
    return q


def discoveries(p: ArrayLike, *, rate: float = 0.05) -> NDArray[np.bool_]:
    """Which tests the step-up rule rejects at a false discovery rate; NaN is never rejected.

    Benjamini & Hochberg (1995) eq. 1.
    """
    return np.asarray(np.nan_to_num(adjusted(p), nan=2.0) <= rate)
