"""Groups over the years (I25): a hierarchical model, and what of a year it does not let expect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.stats import norm

from merilo_psychometrics.errors import BadData, NotConverged, NotIdentified, TooFewPersons
from merilo_psychometrics.provenance import Provenance, digest
from merilo_psychometrics.responses import Responses

from .evidence import Array, Evidence
from .groups import booklet_moments, grouped
from .meanings import MEANINGS

# With fewer groups the variances between groups and between their years are hardly known.
LEAST_GROUPS = 20


@dataclass(frozen=True, eq=False)
class YearlyMeans:
    """What `over_years` takes of one year: `names`, `means`, `errors` and `works`, [groups]."""

    names: NDArray[Any]
    means: Array
    errors: Array
    works: NDArray[np.int64]


def yearly_means(responses: Responses, grouping: str, *, least: int = 10) -> YearlyMeans:
    """Means of the groups in one year, in SD of a work of that year, so that years compare.

    The total S of a work counts as (S − μ_b)/σ_b, μ and σ over all works of its booklet b; the
    mean of a group of n works has the error s/√n, s the SD of works within their groups, pooled
    over the groups (Snijders & Bosker 2012, Multilevel Analysis, ch. 3). Groups of fewer than
    `least` works are left out. Raises `TooFewPersons`, `NotIdentified`, `WeightedWorks`,
    `UntreatedOmissions`.
    """
    made = grouped(responses, grouping, "yearly_means")
    centre, spread = booklet_moments(made, responses)
    value = (made.totals - centre[made.booklets]) / spread[made.booklets]
    kept = np.flatnonzero(made.works >= least)
    if not len(kept):
        raise TooFewPersons(
            f"Ни в одной группе «{grouping}» нет {least} работ: её средний результат за год не "
            "узнать. Возьмите более крупную группировку.",
            f"No group of {grouping!r} has {least} works; take a coarser grouping.",
        )
    works = made.works
    means = made.sums(value) / np.maximum(works, 1)
    known = made.codes >= 0
    within = ((value[known] - means[made.codes[known]]) ** 2).sum()
    if not within > 0:
        raise NotIdentified(
            f"Внутри групп «{grouping}» все баллы равны: ошибку среднего не узнать. Проверьте, та "
            "ли это группировка.",
            f"Scores do not vary within groups of {grouping!r}.",
        )
    sd = np.sqrt(within / (known.sum() - (works > 0).sum()))
    return YearlyMeans(made.names[kept], means[kept], sd / np.sqrt(works[kept]), works[kept])


def over_years(
    groups: ArrayLike, years: ArrayLike, means: ArrayLike, errors: ArrayLike, works: ArrayLike
) -> Evidence:
    """I25: does a group stand, in one year, above what its other years let expect?

    A row is a group in a year, [rows] each: its mean (in any units that are the same in all groups
    of a year), the standard error of that mean, the number of works. The model:

        x_gt = μ_t + u_g + v_gt + e_gt,   u ~ N(0, ω²), v ~ N(0, τ²), e ~ N(0, errors²),

    μ the level of a year (its test may be harder than another's), u what is lasting in a group, v
    what a year adds in any group: the group-by-time effect of Skorupski & Egan (2012, Conference on
    the Statistical Detection of Potential Test Fraud), who draw it by MCMC from scores of pupils on
    one vertical scale. Here it is fitted to means by restricted maximum likelihood (Patterson &
    Thompson 1971, Biometrika 58, 545–554), and judged against the group's other years alone:

        z_gt = (x_gt − μ_t − û_g) / √(τ² + errors² + Var û_g),
        û_g = Σ w·(x − μ) / (1/ω² + Σ w), Var û_g = 1 / (1/ω² + Σ w), w = 1/(τ² + errors²),

    the sums over the other years of the group. p is one-sided (above), the null N(0, 1): the usual
    years of this very group. The effect is the numerator, with a 95 % interval. A step up that
    lasts shows less and less with every year it lasts, and a group with one year holds no
    information (NaN). A year that truly stands out widens τ² too, which only makes p larger.
    Units are (group, year). Raises `BadData`, `TooFewPersons` under 20 groups with two years or
    more, `NotConverged`.
    """
    table = _table(groups, years, means, errors, works)
    omega, tau, level = _fitted(table)
    given = table.works > 0
    spread = np.where(given, tau**2 + table.errors**2, np.inf)
    away = np.where(given, table.means - level, 0.0)
    weight = 1.0 / spread
    others = weight.sum(axis=1, keepdims=True) - weight
    pulled = (weight * away).sum(axis=1, keepdims=True) - weight * away
    # ω² / (1 + ω² Σ w) is 1 / (1/ω² + Σ w), and right for ω = 0.
    own = omega**2 / (1.0 + omega**2 * others)
    effect = away - own * pulled
    error = np.sqrt(spread + own)
    alone = given.sum(axis=1) < 2
    statistic = np.where(alone[:, None], np.nan, effect / error)
    rows = np.nonzero(given)
    names = np.array(
        [(table.groups[g], table.years[t]) for g, t in zip(*rows, strict=True)], dtype=object
    )
    low, high = effect - 1.96 * error, effect + 1.96 * error
    return Evidence(
        MEANINGS["over_years"], names, np.full(len(names), ""), statistic[rows],
        norm.sf(statistic[rows]), effect[rows], table.works[rows],
        Provenance("over_years", table.data), low=low[rows], high=high[rows],
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Table:
    """Groups × years; works 0 where a group has no such year."""

    groups: tuple[str, ...]
    years: tuple[str, ...]
    means: Array
    errors: Array
    works: NDArray[np.int64]
    data: str


def _table(
    groups: ArrayLike, years: ArrayLike, means: ArrayLike, errors: ArrayLike, works: ArrayLike
) -> _Table:
    names, row = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    times, column = np.unique(np.asarray(years).astype(str), return_inverse=True)
    values, error = np.asarray(means, dtype=np.float64), np.asarray(errors, dtype=np.float64)
    many = np.asarray(works, dtype=np.int64)
    if len({len(part) for part in (row, column, values, error, many)}) > 1:
        raise BadData("Столбцы разной длины.", "The columns differ in length.")
    if not (np.isfinite(values).all() and (error > 0).all() and (many > 0).all()):
        raise BadData(
            "У каждой группы за каждый год нужны средний результат, его ошибка больше нуля и число "
            "работ; год, которого нет, не называйте.",
            "A mean, a positive error and a number of works are needed in every row.",
        )
    shape = (len(names), len(times))
    met = np.zeros(shape, dtype=np.int64)
    np.add.at(met, (row, column), 1)
    if (met > 1).any():
        group, year = (int(n[0]) for n in np.nonzero(met > 1))
        raise BadData(
            f"Группа {names[group]} за {times[year]} встречается дважды.",
            f"Group {names[group]} has {times[year]} twice.",
        )
    if ((met.sum(axis=1) > 1).sum()) < LEAST_GROUPS:
        raise TooFewPersons(
            f"Групп, у которых есть хотя бы два года, меньше {LEAST_GROUPS}: обычный разброс лет "
            "по ним не узнать.",
            f"Fewer than {LEAST_GROUPS} groups have two years or more.",
        )
    tables = [np.zeros(shape), np.ones(shape), np.zeros(shape, dtype=np.int64)]
    for table, part in zip(tables, (values, error, many), strict=True):
        table[row, column] = part
    data = digest([names, times, *tables])
    return _Table(tuple(names), tuple(times), tables[0], tables[1], tables[2], data)  # type: ignore[arg-type]


def _fitted(table: _Table) -> tuple[float, float, Array]:
    """ω, τ and the levels of the years by REML."""
    given = table.works > 0
    scale = float(np.std((table.means - _level(table, 0.0, 1.0)[0])[given]))
    if not scale > 0:
        raise BadData("Все средние равны.", "All means are equal.")

    def minus(point: Array) -> float:
        return _level(table, float(point[0]) * scale, float(point[1]) * scale)[1]

    found = minimize(minus, np.array([0.7, 0.5]), method="L-BFGS-B", bounds=[(0.0, 20.0)] * 2)
    if not found.success:
        raise NotConverged(
            f"Разброс групп и лет не оценён: {found.message}.", f"REML failed: {found.message}."
        )
    omega, tau = (float(value) * scale for value in found.x)
    return omega, tau, _level(table, omega, tau)[0]


def _level(table: _Table, omega: float, tau: float) -> tuple[Array, float]:
    """Levels of the years by generalised least squares, and minus the restricted likelihood.

    The covariance of a group, diag(1/w) + ω²·11ᵀ, is inverted by hand (Sherman & Morrison 1950).
    """
    weight = np.where(table.works > 0, 1.0 / (tau**2 + table.errors**2), 0.0)
    total = weight.sum(axis=1)
    shared = omega**2 / (1.0 + omega**2 * total)
    inner = np.diag(weight.sum(axis=0)) - (weight * shared[:, None]).T @ weight
    value = weight * table.means
    level = np.linalg.solve(inner, value.sum(axis=0) - (weight.T * shared) @ value.sum(axis=1))
    away = table.means - level
    squares = (weight * away**2).sum() - shared @ (weight * away).sum(axis=1) ** 2
    logs = np.log(weight[weight > 0]).sum()
    return level, 0.5 * float(
        squares - logs + np.log1p(omega**2 * total).sum() + np.linalg.slogdet(inner)[1]
    )
