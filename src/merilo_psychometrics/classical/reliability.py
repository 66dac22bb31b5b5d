"""Reliability of the total score and its standard error of measurement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import f as f_distribution

from merilo_psychometrics import blas
from merilo_psychometrics.design import Booklet, Design
from merilo_psychometrics.errors import TooFewPersons, WrongSettings
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import Block, Responses

from .bounds import greatest_lower_bound, guttman_bounds, omega_total

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BookletReliability:
    """Reliability of the total score on one booklet.

    `alpha` with its 95 % interval (Feldt 1965), `omega` of one factor, Guttman's λ2, λ4, λ6 and the
    greatest lower bound `glb`; all but omega are lower bounds. `sem` = sd·√(1 − alpha), in points.
    `conditional_sem` [M + 1], points, at every total score: for 0/1 items the binomial error of
    Lord (1955) with the correction of Keats (1957); else the polynomial method (Mollenkopf 1949;
    Feldt, Steffen & Gupta 1985), NaN below and above the totals seen.
    """

    booklet: str
    items: int
    works: float
    alpha: float
    alpha_interval: tuple[float, float]
    omega: float
    lambda_2: float
    lambda_4: float
    lambda_6: float
    glb: float
    sem: float
    conditional_sem: Array


@dataclass(frozen=True, eq=False)
class Reliability:
    """Every booklet, and their averages weighted by works."""

    booklets: tuple[BookletReliability, ...]
    provenance: Provenance

    def pooled(self, name: str) -> float:
        """Average of a coefficient (`"alpha"`, `"omega"`, `"glb"`, …) over the booklets.

        A mean weighted by works: a convention of this engine, not a pooled estimate of a paper.
        NaN where no booklet has the coefficient (ω of two items).
        """
        values = np.array([getattr(booklet, name) for booklet in self.booklets])
        weights = np.array([booklet.works for booklet in self.booklets])
        known = np.isfinite(values)
        if not known.any():
            return float("nan")
        return float(np.average(values[known], weights=weights[known]))


def reliability(responses: Responses) -> Reliability:
    """Reliability of every booklet. Items without variance do not count.

    Raises `UntreatedOmissions`, `TooFewPersons` (fewer than three works, or all totals equal) and
    `WrongSettings` (fewer than two items with variance), naming the booklets. Sources of every
    coefficient: `BookletReliability` (Feldt 1965; Guttman 1945; Lord 1955 and others).
    α = k/(k − 1)·(1 − Σσ²_i/σ²_t), SEM = σ_t·√(1 − α).
    """
    responses.require_treated("reliability")
    design = responses.design
    with blas.one_thread():
        found = tuple(
            _booklet(design, booklet, block)
            for booklet, block in zip(design.booklets, responses.blocks, strict=True)
        )
    return Reliability(found, Provenance("reliability", responses.data_hash))


def _booklet(design: Design, booklet: Booklet, block: Block) -> BookletReliability:
    weights = np.ones(len(block)) if block.weights is None else block.weights
    works = float(weights.sum())
    size = block.scores.shape[1]
    mean, covariance = np.zeros(size), np.zeros((size, size))
    if works > 0:
        mean, covariance = _moments(block, weights, works)
    keep = np.diag(covariance) > 1e-12
    if len(block) < 3 or covariance.sum() <= 1e-12:
        raise TooFewPersons(
            f"В варианте {booklet.id} меньше трёх работ или у всех один и тот же балл: надёжность "
            "оценить нельзя. Возьмите другие варианты (only_booklets).",
            f"Booklet {booklet.id}: too few works or no variance.",
            booklets=[booklet.id],
        )
    if keep.sum() < 2:
        raise WrongSettings(
            f"В варианте {booklet.id} меньше двух заданий, на которые ответили по-разному: "
            "согласованность оценить нельзя. Возьмите другие варианты (only_booklets).",
            f"Booklet {booklet.id}: fewer than two items with variance.",
            booklets=[booklet.id],
        )
    own = covariance[np.ix_(keep, keep)]
    size = int(keep.sum())
    bounds = guttman_bounds(own)
    alpha = bounds["lambda_3"]
    one, two = works - 1.0, (works - 1.0) * (size - 1.0)
    interval = tuple(
        1.0 - (1.0 - alpha) * float(f_distribution.ppf(share, one, two))
        for share in (0.975, 0.025)
    )
    variance = float(covariance.sum())
    items = [design.items[n] for n in booklet.items]
    full = sum(item.max_score for item in items)
    if all(item.scores == (0, 1) for item in items):
        conditional = _binomial_errors(full, mean.sum(), variance, alpha)
    else:
        conditional = _polynomial_errors(block, weights, full, own=np.flatnonzero(keep))
    return BookletReliability(
        booklet=booklet.id,
        items=size,
        works=works,
        alpha=alpha,
        alpha_interval=(interval[0], interval[1]),
        omega=omega_total(own),
        lambda_2=bounds["lambda_2"],
        lambda_4=bounds["lambda_4"],
        lambda_6=bounds["lambda_6"],
        glb=greatest_lower_bound(own),
        sem=float(np.sqrt(variance * max(1.0 - alpha, 0.0))),
        conditional_sem=conditional,
    )


def _moments(block: Block, weights: Array, works: float) -> tuple[Array, Array]:
    """Mean [k] and covariance [k, k] of the item scores, divisor works − 1."""
    size = block.scores.shape[1]
    sums, products = np.zeros(size), np.zeros((size, size))
    for start in range(0, len(block), 65536):
        part = block.scores[start : start + 65536].astype(np.float64)
        weighted = part * weights[start : start + 65536, None]
        sums += weighted.sum(axis=0)
        products += weighted.T @ part
    mean = sums / works
    return mean, (products - works * np.outer(mean, mean)) / max(works - 1.0, 1.0)


def _binomial_errors(items: int, mean: float, variance: float, alpha: float) -> Array:
    """√(x(k − x)/(k − 1) · (1 − α)/(1 − KR21)): the average error is that of alpha."""
    totals = np.arange(items + 1, dtype=np.float64)
    if items < 2:
        return np.zeros(items + 1)
    rough = items / (items - 1) * (1.0 - mean * (items - mean) / (items * variance))
    keats = (1.0 - alpha) / (1.0 - rough) if rough < 1.0 else 1.0
    return np.asarray(np.sqrt(totals * (items - totals) / (items - 1) * max(keats, 0.0)))


def _polynomial_errors(block: Block, weights: Array, full: int, own: NDArray[np.int64]) -> Array:
    """Regress (A − B − mean difference)² of two halves on a cubic of the total."""
    # The halves: odd and even in order of difficulty, so that they are alike.
    order = own[np.argsort(block.scores[:, own].mean(axis=0), kind="stable")]
    one = block.scores[:, order[0::2]].sum(axis=1, dtype=np.float64)
    two = block.scores[:, order[1::2]].sum(axis=1, dtype=np.float64)
    totals = block.scores.sum(axis=1, dtype=np.int64)
    away = one - two
    away -= np.average(away, weights=weights)
    by_total = np.bincount(totals, weights=weights * away**2, minlength=full + 1)
    works = np.bincount(totals, weights=weights, minlength=full + 1)
    seen = np.flatnonzero(works)
    scaled = 2.0 * np.arange(full + 1) / full - 1.0
    degree = min(3, len(seen) - 1)
    basis = np.vander(scaled, degree + 1)
    root = np.sqrt(works[seen])
    fitted, *_ = np.linalg.lstsq(basis[seen] * root[:, None], by_total[seen] / root, rcond=None)
    variance = np.maximum(basis @ fitted, 0.0)
    found = np.sqrt(variance)
    found[: seen[0]] = np.nan
    found[seen[-1] + 1 :] = np.nan
    return np.asarray(found)
