"""K and its kin: do two works share more wrong answers than works with as many errors do?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .evidence import Array

INDICES = ("k", "k1", "k2", "s1")


def wrong_matches(
    codes: NDArray[np.int16],
    wrong: NDArray[np.bool_],
    pairs: NDArray[np.int64],
    indices: tuple[str, ...],
) -> tuple[NDArray[np.int64], dict[str, tuple[Array, Array]]]:
    """Matching wrong answers of the first of a pair with the second, whose answers stay fixed.

    `codes` [works, items], `wrong` likewise, `pairs` [n, 2] in both orders. Returns the matches m
    [n] and for every index (expected matches, tail probability), each [n]. With w the number of
    wrong answers of the second, m̄_r the mean matches with it of the works with r wrong, and Q_r
    = r / items:
      k   Bin(w, m̄_r / w), r that of the first: Holland (1996), ETS RR-96-07.
      k1  Bin(w, p), p on the line of m̄_r / w in Q_r: Sotaridona & Meijer (2002), J. Educ. Meas.
          39, 115–132.
      k2  the same on the parabola in Q_r.
      s1  Poisson with mean on the log-linear curve in r, cut off at w: Sotaridona & Meijer (2003),
          J. Educ. Meas. 40, 53–69.
    The second is left out of m̄ everywhere, the first too in `k`; with nobody left the index is NaN.
    """
    errors = wrong.sum(axis=1)
    matches = np.array(_count(codes, wrong, pairs))
    sources, where = np.unique(pairs[:, 1], return_inverse=True)
    table, sizes = _means(codes, wrong, errors, sources)
    group, source_errors = errors[pairs[:, 0]], errors[pairs[:, 1]]
    found: dict[str, tuple[Array, Array]] = {}
    with np.errstate(divide="ignore", invalid="ignore"):
        if "k" in indices:
            total = table[where, group] * sizes[where, group] - matches
            share = total / (sizes[where, group] - 1.0) / source_errors
            found["k"] = _binomial(matches, source_errors, share)
        ours = table / errors[sources][:, None]
        for index, degree in (("k1", 1), ("k2", 2)):
            if index in indices:
                fitted = _polynomial(ours, sizes > 0, degree, codes.shape[1])[where, group]
                found[index] = _binomial(matches, source_errors, np.clip(fitted, 0.001, 0.999))
        if "s1" in indices:
            fitted = np.minimum(_log_linear(table, sizes > 0)[where, group], source_errors)
            fitted = np.where(source_errors > 0, fitted, np.nan)
            found["s1"] = (fitted, np.asarray(_poisson_tails(matches, source_errors, fitted)))
    return matches, found


def _binomial(
    matches: NDArray[np.int64], trials: NDArray[np.int64], share: Array
) -> tuple[Array, Array]:
    known = np.isfinite(share) & (trials > 0)
    share = np.where(known, np.clip(np.nan_to_num(share), 0.0, 1.0), np.nan)
    return trials * share, np.asarray(_binomial_tails(matches, trials, share))


def _means(
    codes: NDArray[np.int16],
    wrong: NDArray[np.bool_],
    errors: NDArray[np.int64],
    sources: NDArray[np.int64],
) -> tuple[Array, Array]:
    """m̄_r of every source and how many works it rests on, each [sources, items + 1]."""
    items = codes.shape[1]
    counts = np.zeros((items + 1, items, int(codes.max()) + 1))
    works, places = np.nonzero(wrong)
    np.add.at(counts, (errors[works], places, codes[works, places]), 1.0)
    by_errors = np.bincount(errors, minlength=items + 1).astype(float)
    table = np.empty((len(sources), items + 1))
    for row, source in enumerate(sources):
        places = np.flatnonzero(wrong[source])
        table[row] = counts[:, places, codes[source, places]].sum(axis=1)
    sizes = np.tile(by_errors, (len(sources), 1))
    own = np.arange(len(sources)), errors[sources]
    table[own] -= errors[sources]
    sizes[own] -= 1.0
    return np.where(sizes > 0, table / np.maximum(sizes, 1.0), np.nan), sizes


def _polynomial(values: Array, known: NDArray[np.bool_], degree: int, items: int) -> Array:
    """Least squares over the groups that exist, every source by itself: [sources, items + 1]."""
    basis = np.vander(np.arange(items + 1) / items, degree + 1, increasing=True)
    known = known & np.isfinite(values)
    normal = np.einsum("sr,ra,rb->sab", known.astype(float), basis, basis)
    right = np.einsum("sr,ra->sa", np.where(known, values, 0.0), basis)
    enough = known.sum(axis=1) > degree
    normal[~enough] = np.eye(degree + 1)
    found = np.linalg.solve(normal, right[:, :, None])[:, :, 0] @ basis.T
    return np.asarray(np.where(enough[:, None], found, np.nan))


def _log_linear(values: Array, known: NDArray[np.bool_], rounds: int = 100) -> Array:
    """Poisson regression of m̄_r on r by Newton's method, every source by itself."""
    scores = np.linspace(0.0, 1.0, values.shape[1])
    known = known & np.isfinite(values)
    y = np.where(known, values, 0.0)
    start = (y.sum(axis=1) + 0.1) / np.maximum(known.sum(axis=1), 1)
    level, slope = np.log(start), np.zeros(len(values))
    for _ in range(rounds):
        mean = np.where(known, np.exp(level[:, None] + slope[:, None] * scores), 0.0)
        g0, g1 = (y - mean).sum(axis=1), ((y - mean) * scores).sum(axis=1)
        h00, h01, h11 = (
            mean.sum(axis=1),
            (mean * scores).sum(axis=1),
            (mean * scores**2).sum(axis=1),
        )
        det = np.maximum(h00 * h11 - h01**2, 1e-12)
        step0, step1 = (h11 * g0 - h01 * g1) / det, (h00 * g1 - h01 * g0) / det
        cut = np.minimum(1.0, 2.0 / np.maximum(np.abs(step0) + np.abs(step1), 1e-300))
        level, slope = level + cut * step0, slope + cut * step1
        if np.max(np.abs(cut * step0) + np.abs(cut * step1), initial=0.0) < 1e-10:
            break
    enough = (known.sum(axis=1) > 1) & (y.sum(axis=1) > 0)
    fitted = np.exp(level[:, None] + slope[:, None] * scores)
    return np.asarray(np.where(enough[:, None], fitted, np.nan))


@njit(cache=True, nogil=True)
def _count(codes: Any, wrong: Any, pairs: Any) -> Any:
    found = np.zeros(len(pairs), np.int64)
    for pair in range(len(pairs)):
        one, two = pairs[pair, 0], pairs[pair, 1]
        for item in range(codes.shape[1]):
            if wrong[one, item] and wrong[two, item] and codes[one, item] == codes[two, item]:
                found[pair] += 1
    return found


@njit(cache=True, nogil=True)
def _binomial_tails(matches: Any, trials: Any, share: Any) -> Any:
    """P(X ≥ m) for Bin(trials, share), the terms summed one after the other."""
    found = np.full(len(matches), np.nan)
    for place in range(len(matches)):
        m, n, p = matches[place], trials[place], share[place]
        if p != p:
            continue
        if m <= 0 or p >= 1.0:
            found[place] = 1.0
            continue
        if p <= 0.0:
            found[place] = 0.0
            continue
        term = math.exp(
            math.lgamma(n + 1) - math.lgamma(m + 1) - math.lgamma(n - m + 1)
            + m * math.log(p) + (n - m) * math.log1p(-p)
        )  # fmt: skip
        total = 0.0
        for count in range(m, n + 1):
            total += term
            term *= (n - count) / (count + 1.0) * p / (1.0 - p)
        found[place] = min(total, 1.0)
    return found


@njit(cache=True, nogil=True)
def _poisson_tails(matches: Any, most: Any, mean: Any) -> Any:
    """P(m ≤ X ≤ most) for a Poisson variable."""
    found = np.full(len(matches), np.nan)
    for place in range(len(matches)):
        m, mu = matches[place], mean[place]
        if mu != mu:
            continue
        term = math.exp(m * math.log(mu) - mu - math.lgamma(m + 1))
        total = 0.0
        for count in range(m, most[place] + 1):
            total += term
            term *= mu / (count + 1.0)
        found[place] = min(total, 1.0)
    return found
