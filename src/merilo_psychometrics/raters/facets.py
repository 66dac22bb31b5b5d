"""Many-facet Rasch measurement by marginal maximum likelihood.

Linacre (1989) with the persons integrated out, since joint estimation is biased: for a person of
ability θ ~ N(μ, σ²), rater j and item i with scores s_0 < … < s_m,

    P(s_c) ∝ exp Σ_{h≤c} (s_h − s_{h−1})·(θ − δ_ih − λ_j),      δ_ih = δ_i + τ_h for a rating scale.

λ sums to zero; without anchors so do the thresholds, and μ, σ are estimated. Newton's method with
the exact observed information (Louis 1982), nodes even in (θ − μ)/σ and as dense as the sharpest
posterior needs. Fit of raters: residuals averaged over the posterior of θ, so that the mean squares
have expectation 1 without a bias of estimated abilities (Adams & Wu 2007).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.stats import chi2

from merilo_psychometrics.calibration.results import Population
from merilo_psychometrics.curves import expected_scores
from merilo_psychometrics.errors import ExtremeItem, NotConverged, UnusedCategory
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.provenance import Provenance

from .kernels import cell_tables, gradient_and_information, posteriors
from .layout import Layout, lay_out
from .links import require_linked
from .ratings import ExtremeRater, Ratings
from .results import FacetModel, Facets, RaterMeasure, Separation

Array = NDArray[np.float64]
REACH = 6.0  # standard deviations of ability on either side of the mean
CHUNK = 20_000  # marks at once when residuals are averaged


def calibrate_facets(
    ratings: Ratings,
    *,
    model: FacetModel = "partial credit",
    anchors: ItemParameters | None = None,
    nodes: int | None = None,
    tolerance: float = 1e-8,
    max_iterations: int = 100,
) -> Facets:
    """Estimate item thresholds, rater severities and the population of persons.

    `anchors` hold the thresholds of some items (slope 1). `nodes` None starts at 61 and grows
    until the step is no wider than the sharpest posterior. There are no weights: severity is a
    contrast of raters on the works they marked. Ends when no parameter moves by more than
    `tolerance` logits. Raises `UnlinkedRaters` naming the parts, `ExtremeRater`, `ExtremeItem`,
    `UnusedCategory`, `NotConverged`. Linacre (1989) with the persons integrated out; information:
    Louis (1982).
    P(s_c) ∝ exp Σ_{h≤c} (s_h − s_{h−1})·(θ − δ_ih − λ_j), θ ~ N(μ, σ²).
    """
    held = () if anchors is None else tuple(i.id for i in ratings.items if i.id in anchors.index)
    _require_estimable(ratings, model, set(held))
    require_linked(ratings, anchored=held)
    layout = lay_out(ratings, model, anchors)
    count = 61 if nodes is None else nodes
    whole, used = _started(layout, ratings), 0
    while True:
        fit = Marginal(layout, count)
        whole, iterations = fit.solve(whole, tolerance, max_iterations)
        used += iterations
        posterior, log_likelihood = fit.posterior(whole)
        mean, spread = _person_moments(fit, posterior, whole)
        needed = int(np.ceil(2 * REACH / max(float(spread.min()) / whole[1], 1e-3))) + 1
        if nodes is not None or needed <= count:
            break
        count = needed
    _, information = fit.derivatives(whole)
    covariance = layout.free @ np.linalg.inv(information) @ layout.free.T
    parameters = _parameters(ratings, layout, whole, covariance, set(held))
    errors = np.sqrt(np.diag(covariance))
    severity = whole[layout.severities]
    by_rater = covariance[layout.severities, layout.severities]
    settings = {
        "model": model,
        "anchors": list(held),
        "nodes": count,
        "tolerance": tolerance,
        "max_iterations": max_iterations,
    }
    return Facets(
        parameters,
        _measures(ratings, layout, fit, posterior, whole, severity, errors[layout.severities]),
        by_rater,
        _separation(severity, by_rater),
        Population(
            "",
            float(whole[0]),
            float(whole[1]),
            float(errors[0]),
            float(errors[1]),
            float(len(ratings.persons)),
        ),  # fmt: skip
        ratings.persons,
        mean,
        spread,
        expected_scores(parameters, mean).sum(axis=1),
        model,
        float(log_likelihood),
        layout.free.shape[1],
        used,
        count,
        Provenance("calibrate_facets", ratings.data_hash, settings),
    )


def _require_estimable(ratings: Ratings, model: FacetModel, anchored: set[str]) -> None:
    lowest = np.array([item.scores[0] for item in ratings.items])[ratings.item]
    highest = np.array([item.max_score for item in ratings.items])[ratings.item]
    for edge in (lowest, highest):
        inner = np.bincount(ratings.rater, ratings.score != edge, len(ratings.raters))
        if (inner == 0).any() and len(ratings.raters) > 1:
            raise ExtremeRater([ratings.raters[n] for n in np.flatnonzero(inner == 0)])
    zero, full, unused = [], [], []
    for n, item in enumerate(ratings.items):
        if item.id in anchored:
            continue
        seen = set(ratings.score[ratings.item == n].tolist())
        if seen == {0}:
            zero.append(item.id)
        elif seen == {item.max_score}:
            full.append(item.id)
        elif model == "partial credit":
            unused += [(item.id, score) for score in item.scores if score not in seen]
    if zero or full:
        raise ExtremeItem(zero, full)
    if model == "rating scale":
        seen = set(ratings.score.tolist())
        unused = [
            (item.id, score)
            for item in ratings.items[:1]
            for score in item.scores
            if score not in seen
        ]
    if unused:
        raise UnusedCategory(unused)


def _started(layout: Layout, ratings: Ratings) -> Array:
    """Thresholds from log odds of neighbouring scores, projected on what is free."""
    odds = np.zeros(len(layout.threshold_free))
    place = 0
    for n, item in enumerate(ratings.items):
        marks = ratings.score[ratings.item == n]
        counts = np.array([np.sum(marks == score) for score in item.scores]) + 0.5
        width = len(item.scores) - 1
        odds[place : place + width] = np.log(counts[:-1] / counts[1:]) / np.diff(item.scores)
        place += width
    inverse = np.linalg.pinv(layout.thresholds @ layout.free)
    wanted = odds - odds.mean() - layout.thresholds @ layout.start
    start: Array = layout.start + layout.free @ (inverse @ wanted)
    start[0], start[1] = start[0] - odds.mean(), 1.0
    return start


class Marginal:
    """The marginal likelihood at a number of nodes."""

    def __init__(self, layout: Layout, nodes: int) -> None:
        self.layout = layout
        self.u = np.linspace(-REACH, REACH, nodes)
        weight = np.exp(-0.5 * self.u**2)
        self.log_weight = np.log(weight / weight.sum())

    def tables(self, whole: Array) -> tuple[Array, Array]:
        """ln P and P(at least a step) of every cell at every node."""
        theta = whole[0] + whole[1] * self.u
        layout = self.layout
        cells = layout.cell_thresholds(whole)
        log_chance, reached = cell_tables(cells, layout.jumps, layout.steps, theta)
        return log_chance, reached

    def posterior(self, whole: Array) -> tuple[Array, float]:
        """Weights of the nodes for every person, [persons, nodes], and the log-likelihood."""
        log_chance, _ = self.tables(whole)
        layout = self.layout
        found, log_likelihood = posteriors(
            log_chance, layout.starts, layout.cell, layout.category, self.log_weight
        )
        return found, float(log_likelihood)

    def derivatives(self, whole: Array) -> tuple[Array, Array]:
        """Gradient and observed information in the free directions."""
        _, reached = self.tables(whole)
        posterior, _ = self.posterior(whole)
        layout = self.layout
        gradient, information = gradient_and_information(
            posterior, reached, layout.starts, layout.cell, layout.category, layout.places,
            layout.signs, layout.jumps, layout.steps, self.u, len(whole),
        )  # fmt: skip
        free = layout.free
        return free.T @ gradient, free.T @ information @ free

    def solve(self, whole: Array, tolerance: float, max_iterations: int) -> tuple[Array, int]:
        """Newton's method with halved steps and, far from the top, a ridge."""
        value = self.posterior(whole)[1]
        for iteration in range(1, max_iterations + 1):
            gradient, information = self.derivatives(whole)
            step = self.layout.free @ _newton_step(gradient, information)
            size = min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
            while size > 1e-8:
                moved = whole + size * step
                if moved[1] > 1e-3:
                    new = self.posterior(moved)[1]
                    if new >= value - 1e-9 * abs(value):
                        break
                size /= 2
            else:
                break
            whole, value = moved, new
            if np.abs(size * step).max() < tolerance:
                return whole, iteration
        raise NotConverged(
            f"Модель с экспертами не сошлась за {max_iterations} шагов. Обычно работ слишком мало "
            "или эксперты почти не пересекаются: соберите больше общих работ или объедините баллы.",
            f"The facets did not converge in {max_iterations} iterations; more common works are "
            "needed, or fewer scores.",
        )


def _newton_step(gradient: Array, information: Array) -> Array:
    ridge = 0.0
    while True:
        try:
            factor = cho_factor(information + ridge * np.eye(len(gradient)))
            return np.asarray(cho_solve(factor, gradient))
        except LinAlgError:
            ridge = max(10.0 * ridge, 1e-4 * float(np.abs(np.diag(information)).max()), 1e-8)


def _person_moments(fit: Marginal, posterior: Array, whole: Array) -> tuple[Array, Array]:
    theta = whole[0] + whole[1] * fit.u
    mean = posterior @ theta
    return mean, np.sqrt(np.maximum(posterior @ theta**2 - mean**2, 0.0))


def _parameters(
    ratings: Ratings, layout: Layout, whole: Array, covariance: Array, anchored: set[str]
) -> ItemParameters:
    values = layout.thresholds @ whole
    most = max(len(item.scores) - 1 for item in ratings.items)
    table = np.full((len(ratings.items), most), np.nan)
    place = 0
    for n, item in enumerate(ratings.items):
        width = len(item.scores) - 1
        table[n, :width] = values[place : place + width]
        place += width
    keep = [n for n, free in enumerate(layout.threshold_free) if free.item not in anchored]
    by_threshold = layout.thresholds @ covariance @ layout.thresholds.T
    return ItemParameters(
        ratings.items,
        np.ones(len(ratings.items)),
        table,
        np.zeros(len(ratings.items)),
        "anchors" if anchored else "thresholds sum to zero",
        tuple(layout.threshold_free[n] for n in keep),
        by_threshold[np.ix_(keep, keep)],
    )


def _measures(
    ratings: Ratings,
    layout: Layout,
    fit: Marginal,
    posterior: Array,
    whole: Array,
    severity: Array,
    errors: Array,
) -> tuple[RaterMeasure, ...]:
    squared, variance, ratio = _residuals(ratings, layout, fit, posterior, whole)
    rater = ratings.rater[layout.order]
    found = []
    for j, name in enumerate(ratings.raters):
        rows = rater == j
        marks = int(rows.sum())
        weight = variance[rows].sum()
        infit = squared[rows].sum() / weight
        infit_se = np.sqrt(np.sum((squared[rows] - infit * variance[rows]) ** 2)) / weight
        outfit = ratio[rows].mean()
        outfit_se = ratio[rows].std() / np.sqrt(marks)
        found.append(
            RaterMeasure(
                name,
                marks,
                float(ratings.score[ratings.rater == j].mean()),
                float(severity[j]),
                float(errors[j]),
                float(infit),
                _wilson_hilferty(infit, infit_se),
                float(outfit),
                _wilson_hilferty(outfit, outfit_se),
            )
        )
    return tuple(found)


def _wilson_hilferty(mean_square: float, error: float) -> float:
    """t = (v^⅓ − 1)·(3/q) + q/3, q the standard error of v (Wright & Masters 1982 ch. 5)."""
    if error == 0:
        return 0.0
    return float((np.cbrt(mean_square) - 1.0) * 3.0 / error + error / 3.0)


def _residuals(
    ratings: Ratings, layout: Layout, fit: Marginal, posterior: Array, whole: Array
) -> tuple[Array, Array, Array]:
    """Posterior means of (x − E)², of the variance, and of their ratio, each [marks]."""
    log_chance, _ = fit.tables(whole)
    most = log_chance.shape[2]
    scores = np.zeros((len(layout.cell_item), most))
    for c, n in enumerate(layout.cell_item):
        scores[c, : len(ratings.items[n].scores)] = ratings.items[n].scores
    chance = np.exp(log_chance)
    mean = np.einsum("cqk,ck->cq", chance, scores)
    variance = np.einsum("cqk,ck->cq", chance, scores**2) - mean**2
    variance = np.maximum(variance, 1e-12)
    given = ratings.score[layout.order].astype(np.float64)
    person = np.repeat(np.arange(len(posterior)), np.diff(layout.starts))
    parts = []
    for low in range(0, len(given), CHUNK):
        rows = slice(low, low + CHUNK)
        weight, cell = posterior[person[rows]], layout.cell[rows]
        away = (given[rows, None] - mean[cell]) ** 2
        spread = variance[cell]
        parts.append([(weight * part).sum(axis=1) for part in (away, spread, away / spread)])
    squared, expected, ratio = (np.concatenate(one) for one in zip(*parts, strict=True))
    return squared, expected, ratio


def _separation(severity: Array, covariance: Array) -> Separation | None:
    """None for a single rater."""
    count = len(severity)
    if count < 2:
        return None
    observed = float(severity.var(ddof=1))
    error = float(np.mean(np.diag(covariance)))
    true = max(observed - error, 0.0)
    separation = float(np.sqrt(true / error))
    statistic = float(severity @ np.linalg.pinv(covariance, hermitian=True) @ severity)
    return Separation(
        float(np.sqrt(observed)),
        float(np.sqrt(error)),
        float(np.sqrt(true)),
        separation,
        (4.0 * separation + 1.0) / 3.0,
        true / observed if observed > 0 else 0.0,
        statistic,
        count - 1,
        float(chi2.sf(statistic, count - 1)),
    )
