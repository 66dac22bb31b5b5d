"""Equipercentile and kernel equating: e_Y(x) = G⁻¹(F(x)) of two continuous distributions.

Designs: equivalent groups; anchored groups (NEAT) by post-stratification — the distributions both
forms would have in a synthetic population (frequency estimation; Braun & Holland 1982; Kolen &
Brennan 2014 ch. 5) — or by the chain X → anchor → Y (Angoff 1971).

Standard errors: SEE = ‖J_e · J_DF · C‖ (von Davier, Holland & Thayer 2004 ch. 5) with C the
factor of the covariance of the probabilities, counted or smoothed, and e differentiated implicitly:
de = (dF(x) − dG(e)) / g(e). Bandwidths are taken as fixed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics.errors import BadData, WrongSettings
from merilo_psychometrics.provenance import Provenance, digest

from .continuous import Continuous, Even, Gaussian, along, optimal_bandwidth
from .distributions import ScoreDistribution
from .results import EquatedScores
from .spline import postsmooth_equating

Array = NDArray[np.float64]
Anchored = Literal["post-stratification", "chained"]


def equate_percentiles(
    x: ScoreDistribution,
    y: ScoreDistribution,
    *,
    anchored: Anchored | None = None,
    weight: float | None = None,
    postsmooth: float | None = None,
) -> EquatedScores:
    """Equate X to Y by percentile ranks (Kolen & Brennan 2014 §2.5, ch. 5).

    `anchored` None takes the groups as equivalent. `weight` is the share of group X in the
    synthetic population (default by the numbers of works). `postsmooth` is the S of Kolen's (1984)
    cubic splines; then the standard errors are NaN, use `bootstrap_errors`. Give distributions that
    went through `presmooth` for log-linear smoothing. Raises `BadData` when an anchor score of one
    group never occurs in the other.
    e(x) = G⁻¹(F(x)), a score k standing for [k − ½, k + ½). Raises also `WrongSettings`.
    """
    made = _equate(x, y, anchored, weight, lambda _: Even(), "equipercentile")
    if postsmooth is None:
        return made
    if anchored is not None:
        raise WrongSettings(
            "Сплайны после выравнивания заданы только для равноценных групп; сглаживайте "
            "распределения с якорем заранее (presmooth).",
            "Splines after equating need equivalent groups; presmooth anchored distributions.",
        )
    back = _equate(y, x, None, None, lambda _: Even(), "equipercentile")
    smooth = postsmooth_equating(made, back, x.scores, y.scores, postsmooth)
    provenance = replace(
        made.provenance, settings={**made.provenance.settings, "postsmooth": postsmooth}
    )
    return replace(made, equated=smooth, se=np.full(len(smooth), np.nan), provenance=provenance)


def equate_kernel(
    x: ScoreDistribution,
    y: ScoreDistribution,
    *,
    anchored: Anchored | None = None,
    weight: float | None = None,
    bandwidths: tuple[float, ...] | None = None,
    slope_penalty: float = 1.0,
    moments: int = 10,
) -> EquatedScores:
    """Equate X to Y by Gaussian kernels (von Davier, Holland & Thayer 2004).

    Bandwidths, in points, are those of least penalty unless given: (X, Y), or in a chain
    (X, anchor in X, anchor in Y, Y). `details` holds them and `pre`, the percent relative error of
    the first `moments` moments, PRE(p) = 100·(μ_p(e(X)) − μ_p(Y)) / μ_p(Y) (ch. 4).
    Raises `WrongSettings`.
    """
    given = iter(bandwidths or ())

    def kernel(probabilities: Array) -> Gaussian:
        if bandwidths is None:
            return Gaussian(optimal_bandwidth(probabilities, slope_penalty=slope_penalty))
        return Gaussian(float(next(given)))

    needed = 4 if anchored == "chained" else 2
    if bandwidths is not None and (len(bandwidths) != needed or min(bandwidths) <= 0):
        raise WrongSettings(
            f"Нужно {needed} положительных ширин ядра, задано {bandwidths}.",
            f"{needed} positive bandwidths are needed, got {bandwidths}.",
        )
    made = _equate(x, y, anchored, weight, kernel, "kernel")
    settings = {**made.provenance.settings, "slope_penalty": slope_penalty}
    details = dict(made.details)
    if anchored != "chained":
        by_x, by_y = made.probabilities
        details["pre"] = percent_relative_error(made.equated, by_x, by_y, moments)
    return replace(made, details=details, provenance=replace(made.provenance, settings=settings))


def percent_relative_error(equated: Array, by_x: Array, by_y: Array, moments: int = 10) -> Array:
    """Say by how many percent each moment 1 … `moments` of e(X) differs from that of Y.

    von Davier, Holland & Thayer (2004) ch. 4.
    PRE(p) = 100·(μ_p(e(X)) − μ_p(Y))/μ_p(Y).
    """
    scores = np.arange(len(by_y), dtype=np.float64)
    powers = np.arange(1, moments + 1)
    theirs = np.array([by_y @ scores**p for p in powers])
    ours = np.array([by_x @ equated**p for p in powers])
    return np.asarray(100.0 * (ours - theirs) / theirs)


def _equate(
    x: ScoreDistribution,
    y: ScoreDistribution,
    anchored: Anchored | None,
    weight: float | None,
    kernel: Callable[[Array], Continuous],
    name: str,
) -> EquatedScores:
    if anchored == "chained":
        scores, equated, se, parts, kernels = _chained(x, y, kernel)
    else:
        scores, equated, se, parts, kernels = _direct(x, y, anchored, weight, kernel)
    settings: dict[str, Any] = {"anchored": anchored}
    if anchored == "post-stratification":
        settings["weight"] = _weight(x, y, weight)
    bandwidths = tuple(k.h for k in kernels if isinstance(k, Gaussian))
    return EquatedScores(
        scores,
        equated,
        se,
        name if anchored is None else f"{name}, {anchored}",
        Provenance(
            f"equate_{'kernel' if name == 'kernel' else 'percentiles'}",
            digest([x.data_hash, y.data_hash]),
            settings,
        ),  # fmt: skip
        probabilities=parts,
        details={"bandwidths": bandwidths} if bandwidths else {},
    )


def _direct(
    x: ScoreDistribution,
    y: ScoreDistribution,
    anchored: Anchored | None,
    weight: float | None,
    kernel: Callable[[Array], Continuous],
) -> tuple[Array, Array, Array, tuple[Array, ...], tuple[Continuous, ...]]:
    """One step, G⁻¹(F(x)), in the group itself or in the synthetic population."""
    if anchored is None:
        by_x, by_y = x.scores, y.scores
    else:
        share = _weight(x, y, weight)
        by_x, by_y = stratified(x.probabilities, y.probabilities, share)
    f, g = kernel(by_x), kernel(by_y)
    scores = np.arange(len(by_x), dtype=np.float64)
    equated = g.inverse(by_y, f.cdf(by_x, scores))

    def gap(p: Array, q: Array) -> Array:
        """F(x) − G(e) as the probabilities move; 0 where they stand."""
        if anchored is None:
            ours = p if p.ndim == 1 else p.sum(axis=1)
            theirs = q if q.ndim == 1 else q.sum(axis=1)
        else:
            ours, theirs = stratified(p, q, share)
        return f.cdf(ours, scores) - g.cdf(theirs, equated)

    height = g.density(by_y, equated)
    se = _errors(x, y, gap, height)
    return scores, equated, se, (by_x, by_y), (f, g)


def _chained(
    x: ScoreDistribution, y: ScoreDistribution, kernel: Callable[[Array], Continuous]
) -> tuple[Array, Array, Array, tuple[Array, ...], tuple[Continuous, ...]]:
    """Two steps: X to the anchor in group X, the anchor to Y in group Y."""
    parts = (x.scores, x.anchor, y.anchor, y.scores)
    if len(parts[1]) != len(parts[2]):
        raise WrongSettings(
            "Полный балл якоря в двух группах разный.", "The anchors have different full scores."
        )
    f, h_x, h_y, g = (kernel(part) for part in parts)
    scores = np.arange(len(parts[0]), dtype=np.float64)
    middle = h_x.inverse(parts[1], f.cdf(parts[0], scores))
    equated = g.inverse(parts[3], h_y.cdf(parts[2], middle))
    dense = h_x.density(parts[1], middle)
    rate = h_y.density(parts[2], middle) / np.where(dense > 0, dense, np.nan)

    def gap(p: Array, q: Array) -> Array:
        first = f.cdf(p.sum(axis=1), scores) - h_x.cdf(p.sum(axis=0), middle)
        return rate * first + h_y.cdf(q.sum(axis=0), middle) - g.cdf(q.sum(axis=1), equated)

    height = g.density(parts[3], equated)
    return scores, equated, _errors(x, y, gap, height), parts, (f, h_x, h_y, g)


def _errors(
    x: ScoreDistribution,
    y: ScoreDistribution,
    gap: Callable[[Array, Array], Array],
    height: Array,
) -> Array:
    """Lengths of the rows of J·C over both groups, [K + 1]; NaN where Y has no density."""
    p, q = x.probabilities, y.probabilities
    by_x = along(lambda v: gap(v.reshape(p.shape), q), p.ravel(), x.factor)
    by_y = along(lambda v: gap(p, v.reshape(q.shape)), q.ravel(), y.factor)
    length = np.sqrt((by_x**2).sum(axis=1) + (by_y**2).sum(axis=1))
    return np.where(height > 0, length / np.where(height > 0, height, 1.0), np.nan)


def _weight(x: ScoreDistribution, y: ScoreDistribution, weight: float | None) -> float:
    share = x.works / (x.works + y.works) if weight is None else weight
    if not 0.0 <= share <= 1.0:
        raise WrongSettings(
            f"Доля группы X в синтетической совокупности должна быть от 0 до 1, задано {weight}.",
            f"The weight of group X must lie in 0 … 1, got {weight}.",
        )
    return share


def stratified(p: Array, q: Array, weight: float) -> tuple[Array, Array]:
    """Distributions of X and of Y in the population weight·(group X) + (1 − weight)·(group Y).

    `p` [K + 1, L + 1], `q` [M + 1, L + 1] joint with the anchor. f(x) = Σ_a f₁(x | a)·h(a), h the
    mixture of the anchor margins.

    Source: Braun and Holland (1982), the synthetic population; Kolen and Brennan (2014), chapter
    5.
    """
    if p.ndim != 2 or q.ndim != 2 or p.shape[1] != q.shape[1]:
        raise BadData(
            "Для выравнивания с якорем нужны распределения балла и балла якоря с одной шкалой якоря.",
            "Joint distributions with one anchor scale are needed.",
        )
    anchor_x, anchor_y = p.sum(axis=0), q.sum(axis=0)
    mixed = weight * anchor_x + (1.0 - weight) * anchor_y
    found = []
    for joint, own, letter in ((p, anchor_x, "X"), (q, anchor_y, "Y")):
        bare = (own <= 0) & (mixed > 0)
        if bare.any():
            empty = np.flatnonzero(bare).tolist()
            raise BadData(
                f"В группе {letter} никто не получил за якорь баллов {empty}, а в другой группе такие "
                "есть: условное распределение неизвестно. Сгладьте распределения (presmooth) или "
                "возьмите цепное выравнивание.",
                f"Nobody in group {letter} has anchor scores {empty}; presmooth or use the chain.",
            )
        found.append((joint / np.where(own > 0, own, 1.0)) @ mixed)
    return found[0], found[1]
