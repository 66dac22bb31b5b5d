"""Score distributions of the groups to be equated, as counted or smoothed by a log-linear model.

Log-linear model (Holland & Thayer 1987, 2000): ln p_j = α + Σ_i β_i·x_j^i, i = 1 … C; the first C
moments of the fitted distribution are those of the data. With an anchor: ln p_jl = α + Σ β_xi·x^i +
Σ β_ai·a^i + Σ β_ci·(x·a)^i …, here with the products x^i·a^k, i, k ≤ cross.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2

from merilo_psychometrics.errors import BadData, NotConverged, TooFewPersons, WrongSettings
from merilo_psychometrics.provenance import digest
from merilo_psychometrics.responses import Responses

Array = NDArray[np.float64]
Criterion = Literal["aic", "bic", "likelihood ratio"]
Degree = tuple[int, ...]


@dataclass(frozen=True)
class LoglinearFit:
    """How well one log-linear model fits: the log-likelihood is the multinomial kernel Σ n·ln p."""

    degree: Degree
    parameters: int
    log_likelihood: float
    deviance: float
    df: int
    works: float

    @property
    def aic(self) -> float:
        """Akaike's criterion.

        Akaike (1974), IEEE Trans. Autom. Control 19, 716–723.
        """
        return 2.0 * self.parameters - 2.0 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion, with the number of works.

        Schwarz (1978), Ann. Stat. 6, 461–464.
        """
        return self.parameters * float(np.log(self.works)) - 2.0 * self.log_likelihood


@dataclass(frozen=True, eq=False)
class ScoreDistribution:
    """Share of every score 0 … K, [K + 1]; with an anchor [K + 1, L + 1], score × anchor score.

    `works` is the number of persons. `smooth_factor`, `fit` and `compared` tell about the
    smoothing; they are empty for counted distributions.
    """

    probabilities: Array
    works: float
    smooth_factor: Array | None = None
    fit: LoglinearFit | None = None
    compared: tuple[LoglinearFit, ...] = ()

    @cached_property
    def factor(self) -> Array:
        """Root C of the covariance of the probabilities, C·Cᵀ, [cells, directions].

        von Davier, Holland & Thayer (2004) ch. 3; multinomial for counted distributions.
        """
        if self.smooth_factor is not None:
            return self.smooth_factor
        shares = self.probabilities.ravel()
        root = np.sqrt(shares)
        seen = np.flatnonzero(root)
        whole = -np.outer(shares, root[seen])
        whole[seen, np.arange(len(seen))] += root[seen]
        return np.asarray(whole / np.sqrt(self.works))

    @property
    def scores(self) -> Array:
        """Margin of the score, [K + 1]."""
        return self.probabilities if self.probabilities.ndim == 1 else self.probabilities.sum(1)

    @property
    def anchor(self) -> Array:
        """Margin of the anchor score, [L + 1]; raises `BadData` without an anchor."""
        if self.probabilities.ndim == 1:
            raise BadData(
                "Распределение без якоря, а способ выравнивания требует его. Передайте баллы за "
                "якорные задания (count_scores(…, anchor=…)).",
                "The distribution has no anchor and the method needs one.",
            )
        return np.asarray(self.probabilities.sum(axis=0))

    @property
    def data_hash(self) -> str:
        """SHA-256 of the probabilities and the number of works."""
        return digest([self.probabilities, self.works])


def count_scores(
    totals: ArrayLike,
    *,
    highest: int,
    anchor: ArrayLike | None = None,
    anchor_highest: int | None = None,
    weights: ArrayLike | None = None,
) -> ScoreDistribution:
    """Count whole scores of persons: `totals` [persons], `anchor` [persons] or none.

    `weights` [persons] are numbers of persons a row stands for; the standard errors of an equating
    take them so, and are too small where they are survey weights. The anchor score is counted
    inside the total (internal anchor) or not (external) as you give it.
    Raises `BadData` for a score outside 0 … highest.
    Raises also `WrongSettings`.
    """
    held = [(np.asarray(totals), highest)]
    if anchor is not None:
        if anchor_highest is None:
            raise WrongSettings(
                "Назовите полный балл якоря (anchor_highest).", "anchor_highest is needed."
            )
        held.append((np.asarray(anchor), anchor_highest))
    for values, top in held:
        outside = (values < 0) | (values > top) | (values != np.floor(values))
        if outside.any():
            raise BadData(
                f"Баллы вне шкалы 0…{top}: {np.unique(values[outside])[:5].tolist()}. Исправьте "
                "данные или полный балл.",
                f"Scores outside 0 … {top}.",
            )
    counts = np.zeros([top + 1 for _, top in held])
    each = 1.0 if weights is None else np.asarray(weights, dtype=np.float64)
    np.add.at(counts, tuple(values.astype(np.int64) for values, _ in held), each)
    return from_counts(counts)


def count_responses(responses: Responses, *, anchors: Sequence[str] = ()) -> ScoreDistribution:
    """Count the totals of one booklet, and the score on the `anchors` where there are any.

    Raises `WrongSettings`.
    """
    if len(responses.blocks) != 1:
        raise WrongSettings(
            f"Нужен один вариант, а в данных их {len(responses.blocks)}. Выберите вариант "
            "(only_booklets).",
            "One booklet is needed; choose it with only_booklets.",
            booklets=[booklet.id for booklet in responses.design.booklets],
        )
    totals, weights = responses.totals()[0], responses.blocks[0].weights
    highest = responses.design.max_score(0)
    if not anchors:
        return count_scores(totals, highest=highest, weights=weights)
    part = responses.only_items(anchors)
    return count_scores(
        totals,
        highest=highest,
        anchor=part.totals()[0],
        anchor_highest=part.design.max_score(0),
        weights=weights,
    )


def from_counts(counts: ArrayLike) -> ScoreDistribution:
    """Take a table of counts: [K + 1] works with every score, or [K + 1, L + 1] with the anchor.

    Raises `BadData`, `TooFewPersons`.
    """
    table = np.asarray(counts, dtype=np.float64)
    works = float(table.sum())
    if table.ndim not in (1, 2) or (table < 0).any():
        raise BadData(
            "Нужна таблица частот: по баллам или по баллам и баллам якоря, без отрицательных.",
            "A table of counts with one or two axes is needed.",
        )
    if works < 2:
        raise TooFewPersons("Работ меньше двух.", "Fewer than two works.")
    return ScoreDistribution(table / works, works)


def presmooth(
    counted: ScoreDistribution,
    *,
    degree: int | Degree | None = None,
    criterion: Criterion = "aic",
    highest_degree: int = 8,
    level: float = 0.05,
) -> ScoreDistribution:
    """Smooth by a log-linear model.

    `degree` is C, or (score, anchor, cross) with an anchor. None chooses it: by the smallest AIC or
    BIC, or by dropping the highest power as long as the likelihood ratio (χ², 1 df) stays above
    `level` (Haberman 1974). With an anchor the margins are chosen first, each alone, then the cross
    degree 0 … 3 by AIC or BIC. Raises `NotConverged`, `WrongSettings`.
    ln p_j = α + Σ β_i·x_j^i, i = 1 … C (Holland & Thayer 1987, 2000): the first C moments are
    those of the data.
    """
    joint = counted.probabilities.ndim == 2
    if degree is not None:
        given = (degree,) if isinstance(degree, int) else tuple(degree)
        if len(given) != (3 if joint else 1):
            raise WrongSettings(
                f"Степень {given} не подходит: без якоря нужно одно число, с якорем три "
                "(балл, якорь, произведение).",
                "degree is one number, or (score, anchor, cross) with an anchor.",
            )
        return _fitted(counted, given, ())
    if not joint:
        return _chosen(counted, [(c,) for c in range(1, highest_degree + 1)], criterion, level)
    margins = []
    for shares in (counted.scores, counted.anchor):
        alone = from_counts(shares * counted.works)
        degrees = [(c,) for c in range(1, min(highest_degree, len(shares) - 1) + 1)]
        smooth = _chosen(alone, degrees, criterion, level)
        assert smooth.fit is not None
        margins.append(smooth.fit.degree[0])
    crosses = [(margins[0], margins[1], cross) for cross in range(min(3, *margins) + 1)]
    return _chosen(counted, crosses, "bic" if criterion == "bic" else "aic", level)


def _chosen(
    counted: ScoreDistribution, degrees: Sequence[Degree], criterion: Criterion, level: float
) -> ScoreDistribution:
    fits = []
    for degree in degrees:
        fit = _fit(counted, degree)[1]
        if fit.df < 0:
            break
        fits.append(fit)
    if criterion == "likelihood ratio":
        place = len(fits) - 1
        while place > 0:
            gain = 2.0 * (fits[place].log_likelihood - fits[place - 1].log_likelihood)
            if chi2.sf(gain, 1) < level:
                break
            place -= 1
        best = fits[place]
    else:
        best = min(fits, key=lambda fit: fit.aic if criterion == "aic" else fit.bic)
    return _fitted(counted, best.degree, tuple(fits))


def _fitted(
    counted: ScoreDistribution, degree: Degree, compared: tuple[LoglinearFit, ...]
) -> ScoreDistribution:
    shares, fit, basis = _fit(counted, degree)
    root = np.sqrt(shares)
    # C = N^(−½)·D_√p·Q, Q from the QR of D_√p·(B − 1·pᵀB): von Davier et al. (2004) ch. 3.
    orthogonal, _ = np.linalg.qr(root[:, None] * (basis - shares @ basis))
    factor = root[:, None] * orthogonal / np.sqrt(counted.works)
    return ScoreDistribution(
        shares.reshape(counted.probabilities.shape), counted.works, factor, fit, compared
    )


def _basis(shape: tuple[int, ...], degree: Degree) -> Array:
    """Powers of the scores, orthonormal over the cells, [cells, parameters], without a constant."""
    if min(degree[:2]) < 1 or min(degree) < 0:
        raise WrongSettings(
            f"Степени должны быть не меньше 1, задано {degree}.", f"Degrees below 1: {degree}."
        )
    axes = [np.linspace(-1.0, 1.0, size) for size in shape]
    if len(shape) == 1:
        columns = [axes[0] ** power for power in range(1, degree[0] + 1)]
    else:
        x, a = (axis.ravel() for axis in np.meshgrid(*axes, indexing="ij"))
        columns = [x**power for power in range(1, degree[0] + 1)]
        columns += [a**power for power in range(1, degree[1] + 1)]
        cross = range(1, degree[2] + 1)
        columns += [x**i * a**k for i in cross for k in cross]
    whole = np.stack([np.ones_like(columns[0]), *columns], axis=1)
    orthonormal, _ = np.linalg.qr(whole)
    return np.asarray(orthonormal[:, 1:])


def _fit(
    counted: ScoreDistribution, degree: Degree, *, max_iterations: int = 200
) -> tuple[Array, LoglinearFit, Array]:
    """Newton's method with halved steps; returns shares [cells], the fit and the basis."""
    observed = counted.probabilities.ravel()
    basis = _basis(counted.probabilities.shape, degree)
    wanted = basis.T @ observed
    beta = np.zeros(basis.shape[1])

    def at(beta: Array) -> tuple[float, Array]:
        exponent = basis @ beta
        top = exponent.max()
        mass = np.exp(exponent - top)
        return float(wanted @ beta - top - np.log(mass.sum())), mass / mass.sum()

    value, shares = at(beta)
    for _ in range(max_iterations):
        gradient = wanted - basis.T @ shares
        if np.abs(gradient).max() < 1e-13:
            break
        centred = basis - shares @ basis
        information = centred.T @ (shares[:, None] * centred)
        step = np.linalg.lstsq(information, gradient, rcond=None)[0]
        size = 1.0
        while size > 1e-10:
            new_value, new_shares = at(beta + size * step)
            if new_value >= value - 1e-15:
                break
            size /= 2
        beta, shares = beta + size * step, new_shares
        value = new_value
    if np.abs(wanted - basis.T @ shares).max() > 1e-9:
        raise NotConverged(
            f"Лог-линейная модель степени {degree} не подобралась: баллов слишком мало или степень "
            "велика. Уменьшите степень.",
            f"The log-linear model of degree {degree} did not converge; lower the degree.",
        )
    seen = observed > 0
    log_likelihood = counted.works * value
    saturated = counted.works * float(observed[seen] @ np.log(observed[seen]))
    fit = LoglinearFit(
        degree,
        len(beta),
        log_likelihood,
        2.0 * (saturated - log_likelihood),
        len(observed) - 1 - len(beta),
        counted.works,
    )
    return shares, fit, basis
