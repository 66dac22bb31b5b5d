"""Test fit from first and second order margins: M2 and C2."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.optimize import brentq
from scipy.stats import chi2, ncx2

from merilo_psychometrics import blas, curves
from merilo_psychometrics.calibration import Calibration, Population
from merilo_psychometrics.errors import NotIdentified, TooFewPersons, WrongSettings
from merilo_psychometrics.likelihood import fitting_nodes
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import Responses
from merilo_psychometrics.weights import require_unweighted

Array = NDArray[np.float64]
# The covariance of more margins than these does not fit a solve in memory.
MOST_MARGINS = 8000
STEP = 1e-5


@dataclass(frozen=True, eq=False)
class LimitedInformation:
    """C2 (for 0/1 items M2): `statistic` ~ χ²(`df`) where the model holds.

    `rmsea` with its 90 % interval; `srmsr`: root mean square of the residual correlations.
    `cfi` and `tli` against items independent of each other: 1 where the model holds, near 0 where
    it explains no more than independence; `tli` may be above 1, and is NaN where independence fits.
    `samples`: booklets × groups that entered; `left_out`: works in those too small to enter.
    """

    statistic: float
    df: int
    p: float
    rmsea: float
    rmsea_interval: tuple[float, float]
    srmsr: float
    cfi: float
    tli: float
    works: int
    samples: int
    left_out: int
    provenance: Provenance


@dataclass(frozen=True, eq=False)
class _Margins:
    """Model margins of one booklet in one population, and their covariance for one work."""

    expected: Array
    covariance: Array


def limited_information(
    responses: Responses,
    calibration: Calibration,
    *,
    grouping: str | None = None,
    least_works: int = 50,
) -> LimitedInformation:
    """Test the model on the shares of every score and the mean products of every two items.

    M2 = N·e′(Ξ⁻¹ − Ξ⁻¹Δ(Δ′Ξ⁻¹Δ)⁻¹Δ′Ξ⁻¹)e, Maydeu-Olivares & Joe (2006); with products of
    scores in the second order it is C2 of Cai & Monroe (2014), equal to M2 for 0/1 items.
    Every booklet in every group of `grouping` (that of the calibration) is a sample of its own.
    RMSEA₂ = √max(0, (C2 − df)/(df·(N − 1))). CFI = 1 − max(C2 − df, 0)/max(C2 − df, C2₀ − df₀, 0)
    (Bentler 1990, Psychol. Bull. 107, 238–246) and TLI = (C2₀/df₀ − C2/df)/(C2₀/df₀ − 1) (Tucker &
    Lewis 1973, Psychometrika 38, 1–10) with C2₀ of independent items whose shares are those of
    every sample: N·Σ r² over the pairs, df₀ their number (`_independence`). The calibration must be
    marginal. Raises `WrongSettings` (`WeightedWorks` for weights), `TooFewPersons`, `NotIdentified`,
    `UnknownItem`, `UntreatedOmissions`.
    """
    responses.require_treated("limited_information")
    if not calibration.populations:
        raise WrongSettings(
            "Условная калибровка не знает распределения подготовки, без которого ожидаемые доли "
            "не посчитать. Возьмите calibrate_mml.",
            "M2/C2 needs a marginal calibration.",
        )
    require_unweighted(
        responses,
        "Критерий M2 считает работы поштучно, а данные взвешены: взвешенные доли не дают χ².",
        "M2 needs unweighted works: weighted shares give no χ².",
    )
    populations = {population.group: population for population in calibration.populations}
    statistic, cross, bend = 0.0, None, None
    margins = works = samples = left_out = pairs = 0
    null = 0.0
    residuals: list[Array] = []
    for booklet, scores, group in _samples(responses, grouping, populations):
        if len(scores) < least_works:
            left_out += len(scores)
            continue
        own = calibration.parameters.of(responses.design.items[n] for n in booklet)
        _require_few(own)
        with blas.one_thread():
            model = _margins(own, populations[group])
            observed = _observed(own, scores)
            delta = _derivatives(calibration, own, group)
            away = observed - model.expected
            try:
                factor = cho_factor(model.covariance)
            except LinAlgError:
                raise NotIdentified(
                    "Ковариации долей вырождены: какое-то задание почти никто не решил или решили "
                    "почти все. Исключите его (without_items).",
                    "The covariance of the margins is singular.",
                ) from None
            solved, moved = cho_solve(factor, away), cho_solve(factor, delta)
        number = len(scores)
        statistic += number * float(away @ solved)
        cross = number * (delta.T @ solved) + (0.0 if cross is None else cross)
        bend = number * (delta.T @ moved) + (0.0 if bend is None else bend)
        margins, works, samples = margins + len(away), works + number, samples + 1
        null += _independence(scores)
        pairs += len(booklet) * (len(booklet) - 1) // 2
        residuals.append(_residual_correlations(own, populations[group], scores))
    if cross is None or bend is None:
        raise TooFewPersons(
            f"Нет ни одного варианта, на котором написано хотя бы {least_works} работ.",
            f"No booklet has {least_works} works.",
        )
    rank = int(np.linalg.matrix_rank(bend, hermitian=True))
    statistic -= float(cross @ np.linalg.pinv(bend, hermitian=True) @ cross)
    df = margins - rank
    if df <= 0:
        raise NotIdentified(
            "Долей меньше, чем параметров: проверять нечего. Нужно больше заданий.",
            f"{margins} margins for {rank} parameters.",
        )
    together = np.concatenate(residuals)
    settings = {"grouping": grouping, "least_works": least_works}
    return LimitedInformation(
        statistic=statistic,
        df=df,
        p=float(chi2.sf(statistic, df)),
        rmsea=float(np.sqrt(max(statistic - df, 0.0) / (df * (works - 1)))),
        rmsea_interval=_rmsea_interval(statistic, df, works),
        srmsr=float(np.sqrt(np.mean(together**2))),
        cfi=_cfi(statistic - df, null - pairs),
        tli=_tli(statistic / df, null / pairs),
        works=works,
        samples=samples,
        left_out=left_out,
        provenance=Provenance("limited_information", responses.data_hash, settings),
    )


def _independence(scores: NDArray[np.int8]) -> float:
    """C2 of independent items with the shares they have: N·Σ r² over the pairs.

    The shares are met, and given them the products (x − x̄)(y − ȳ) of all pairs are uncorrelated
    with one another and with the shares, with variances V_x·V_y: the quadratic form is a sum of
    squares.
    """
    values = scores - scores.mean(axis=0)
    size = np.sqrt((values**2).sum(axis=0))
    values /= np.where(size > 0, size, 1.0)
    correlations = values.T @ values
    return float(len(scores) * (np.triu(correlations, 1) ** 2).sum())


def _cfi(away: float, null_away: float) -> float:
    most = max(away, null_away, 0.0)
    return 1.0 - max(away, 0.0) / most if most > 0 else 1.0


def _tli(ratio: float, null_ratio: float) -> float:
    return (null_ratio - ratio) / (null_ratio - 1.0) if null_ratio > 1.0 else float("nan")


def _require_few(own: ItemParameters) -> None:
    size = len(own.items)
    if int(own.steps.sum()) + size * (size - 1) // 2 > MOST_MARGINS:
        raise WrongSettings(
            f"В варианте {size} заданий: матрица их пар не помещается в память. Проверьте модель "
            "на части заданий (only_items).",
            f"{size} items give too many margins.",
        )


def _samples(responses: Responses, grouping: str | None, populations: dict[str, Population]):  # type: ignore[no-untyped-def]
    """Items, scores and group of every booklet × group."""
    names = ("",) if grouping is None else responses.group_names(grouping)
    if grouping is None and set(populations) != {""}:
        raise WrongSettings(
            "Калибровка велась по группам: назовите ту же группировку (grouping).",
            "The calibration has groups: name the grouping.",
        )
    lost = [name for name in names if name not in populations]
    if lost:
        raise WrongSettings(
            f"В калибровке нет распределения групп {', '.join(lost[:8])}: назовите группировку, по "
            "которой она велась.",
            f"No population of groups {lost[:8]}.",
        )
    for booklet, block in zip(responses.design.booklets, responses.blocks, strict=True):
        for code, name in enumerate(names):
            rows = slice(None) if grouping is None else block.groups[grouping] == code
            yield booklet.items, block.scores[rows], name


def _conditional(own: ItemParameters, population: Population) -> tuple[Array, Array, Array]:
    """Weights of the nodes, P [nodes, items, categories] and expected scores [nodes, items]."""
    given = np.ones((1, len(own.items)), dtype=bool)
    nodes = fitting_nodes(own, given, population.mean, population.sd)
    weights = np.exp(-0.5 * ((nodes - population.mean) / population.sd) ** 2)
    chances = curves.category_probabilities(own, nodes)
    mean = np.einsum("qic,ic->qi", chances, curves.score_table(own))
    return weights / weights.sum(), chances, mean


def _flat(own: ItemParameters, chances: Array) -> Array:
    """Probabilities of all scores above zero, item after item, [nodes, Σ steps]."""
    return np.concatenate(
        [chances[:, n, 1 : steps + 1] for n, steps in enumerate(own.steps)], axis=1
    )


def _margins(own: ItemParameters, population: Population) -> _Margins:
    weights, chances, mean = _conditional(own, population)
    scores = curves.score_table(own)
    one, two = np.triu_indices(len(own.items), 1)
    single, product = _flat(own, chances), mean[:, one] * mean[:, two]
    moments = np.concatenate([single, product], axis=1)
    expected = weights @ moments
    covariance = (moments * weights[:, None]).T @ moments - np.outer(expected, expected)
    # What items share within a node: zero for margins with no item in common.
    variance = np.einsum("qic,ic->qi", chances, scores**2) - mean**2
    first = np.concatenate([[0], np.cumsum(own.steps)]).astype(int)
    offset = int(first[-1])
    place = np.zeros((len(own.items), len(own.items)), dtype=int)
    place[one, two] = place[two, one] = offset + np.arange(len(one))
    for item, steps in enumerate(own.steps):
        span = slice(first[item], first[item + 1])
        chance = chances[:, item, 1 : steps + 1]
        covariance[span, span] += (
            np.diag(weights @ chance) - (chance * weights[:, None]).T @ chance
        )
        others = np.flatnonzero(np.arange(len(own.items)) != item)
        at = place[item, others]
        # Cov(1[x = c], x·y | θ) = P_c(s_c − E_x)·E_y.
        pull = chance * (scores[item, 1 : steps + 1] - mean[:, item, None]) * weights[:, None]
        mixed = pull.T @ mean[:, others]
        covariance[span, at] += mixed
        covariance[at, span] += mixed.T
        # Cov(x·y, x·z | θ) = V_x·E_y·E_z, and for y = z the variance of the product.
        shared = (mean[:, others] * (weights * variance[:, item])[:, None]).T @ mean[:, others]
        np.fill_diagonal(shared, 0.0)
        covariance[np.ix_(at, at)] += shared
    second = variance + mean**2
    own_variance = weights @ (second[:, one] * second[:, two] - product**2)
    covariance[offset + np.arange(len(one)), offset + np.arange(len(one))] += own_variance
    return _Margins(expected, covariance)


def _expected(own: ItemParameters, population: Population, nodes: Array) -> Array:
    """Margins alone, on given nodes, for differences."""
    weights = np.exp(-0.5 * ((nodes - population.mean) / population.sd) ** 2)
    weights /= weights.sum()
    chances = curves.category_probabilities(own, nodes)
    mean = np.einsum("qic,ic->qi", chances, curves.score_table(own))
    one, two = np.triu_indices(len(own.items), 1)
    joint = (mean * weights[:, None]).T @ mean
    return np.concatenate([weights @ _flat(own, chances), joint[one, two]])


def _observed(own: ItemParameters, scores: NDArray[np.int8]) -> Array:
    values = scores.astype(np.float64)
    shares = [
        (scores == score).mean() if scores.ndim == 1 else (scores[:, n] == score).mean()
        for n, item in enumerate(own.items)
        for score in item.scores[1:]
    ]
    one, two = np.triu_indices(len(own.items), 1)
    products = values.T @ values / len(values)
    return np.concatenate([shares, products[one, two]])


def _derivatives(calibration: Calibration, own: ItemParameters, group: str) -> Array:
    """∂ margins / ∂ free parameters, [margins, free], by central differences.

    A parameter of an item moves only the curve of that item, and of the population the weights.
    """
    population = next(p for p in calibration.populations if p.group == group)
    given = np.ones((1, len(own.items)), dtype=bool)
    nodes = fitting_nodes(own, given, population.mean, population.sd)
    weights, _, mean = _conditional(own, population)
    size, steps = len(own.items), int(own.steps.sum())
    first = np.concatenate([[0], np.cumsum(own.steps)]).astype(int)
    one, two = np.triu_indices(size, 1)
    columns = []
    empty = np.zeros(steps + len(one))
    for free in calibration.parameters.free:
        if free.item not in own.index:
            columns.append(empty)
            continue
        row = own.index[free.item]
        change = _moved(own, row, free.kind, free.step, nodes)
        column = empty.copy()
        column[first[row] : first[row + 1]] = weights @ change[:, 1 : own.steps[row] + 1]
        pull = (change @ curves.score_table(own)[row, : change.shape[1]] * weights) @ mean
        holds = (one == row) | (two == row)
        column[steps:][holds] = pull[np.where(one == row, two, one)[holds]]
        columns.append(column)
    for other in calibration.populations:
        for name in ("mean", "sd"):
            if not np.isfinite(getattr(other, f"{name}_se")):
                continue
            if other.group != group:
                columns.append(empty)
                continue
            ends = [
                _expected(own, replace(other, **{name: getattr(other, name) + sign * STEP}), nodes)
                for sign in (1.0, -1.0)
            ]
            columns.append((ends[0] - ends[1]) / (2.0 * STEP))
    return np.stack(columns, axis=1)


def _moved(own: ItemParameters, row: int, kind: str, step: int, nodes: Array) -> Array:
    """∂ P(category) / ∂ one parameter of one item, [nodes, categories]."""
    item = own.only([own.items[row].id])
    ends = []
    for sign in (1.0, -1.0):
        slope, thresholds, guessing = (
            item.slope.copy(),
            item.thresholds.copy(),
            item.guessing.copy(),
        )
        if kind == "slope":
            slope[0] += sign * STEP
        elif kind == "threshold":
            thresholds[0, step - 1] += sign * STEP
        else:
            guessing[0] += sign * STEP
        moved = replace(
            item, slope=slope, thresholds=thresholds, guessing=guessing, free=(), covariance=None
        )
        ends.append(curves.category_probabilities(moved, nodes)[:, 0])
    return np.asarray((ends[0] - ends[1]) / (2.0 * STEP))


def _residual_correlations(
    own: ItemParameters, population: Population, scores: NDArray[np.int8]
) -> Array:
    """Observed less expected correlation of every two items."""
    weights, chances, mean = _conditional(own, population)
    table = curves.score_table(own)
    expected = weights @ mean
    joint = (mean * weights[:, None]).T @ mean - np.outer(expected, expected)
    spread = weights @ np.einsum("qic,ic->qi", chances, table**2) - expected**2
    model = joint / np.sqrt(np.outer(spread, spread))
    values = scores.astype(np.float64)
    values -= values.mean(axis=0)
    size = np.sqrt((values**2).sum(axis=0))
    size = np.where(size > 0, size, 1.0)
    observed = (values / size).T @ (values / size)
    one, two = np.triu_indices(len(own.items), 1)
    return np.asarray(observed[one, two] - model[one, two])


def _rmsea_interval(statistic: float, df: int, works: int) -> tuple[float, float]:
    """90 % limits: the noncentralities at which the statistic is the 95 % and the 5 % point."""

    def limit(share: float) -> float:
        if chi2.cdf(statistic, df) < share:
            return 0.0
        high = max(2.0 * statistic, 10.0)
        while ncx2.cdf(statistic, df, high) > share:
            high *= 2.0
        found = brentq(lambda away: ncx2.cdf(statistic, df, away) - share, 1e-9, high)
        return float(np.sqrt(found / (df * (works - 1))))

    return limit(0.95), limit(0.05)
