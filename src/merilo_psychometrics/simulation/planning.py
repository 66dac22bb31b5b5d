"""How precise a scale will be, before anybody is tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics import curves
from merilo_psychometrics.design import Booklet, Design
from merilo_psychometrics.errors import WrongSettings
from merilo_psychometrics.parameters import ItemParameters

Array = NDArray[np.float64]
NODES = 61


@dataclass(frozen=True, eq=False)
class BookletPlan:
    """What one booklet will give: reliability of the total score, its expected distribution
    `scores` [M + 1] (works), and the standard error of ability `se` at `Plan.theta`, in logits."""

    booklet: str
    works: float
    reliability: float
    scores: Array
    se: Array


@dataclass(frozen=True, eq=False)
class Plan:
    """Expected precision. `threshold_se` [items, most steps] in logits, NaN beyond the steps;
    `link_se` [booklets, booklets]: the error of the difference between the mean difficulties of
    two booklets, in logits — how firmly they hang together."""

    parameters: ItemParameters
    threshold_se: Array
    theta: Array
    booklets: tuple[BookletPlan, ...]
    link_se: Array


def plan(
    parameters: ItemParameters,
    design: Design,
    works: Mapping[str, int] | int,
    *,
    mean: float = 0.0,
    sd: float = 1.0,
) -> Plan:
    """Foretell the errors of a calibration by CML and of the scores, for items of equal slopes.

    `works` is the number of works on a booklet, one for all or by name; abilities are normal. The
    information about the thresholds is exact: the expected conditional covariance of the steps
    taken given the total score, E Cov(t | s) = Cov(t) − Cov(E(t | s)) (Andersen 1970 with the law
    of total covariance). For other models, and for multi-stage tests, simulate and calibrate.
    Raises `UnlinkedBooklets`.
    Raises also `WrongSettings`.
    """
    if np.ptp(parameters.slope) > 0 or parameters.guessing.any():
        raise WrongSettings(
            "План точности считается для заданий с равными наклонами (модель Раша и partial "
            "credit). Для других моделей смоделируйте ответы и откалибруйте их.",
            "A plan needs equal slopes and no guessing; simulate and calibrate instead.",
        )
    if any(booklet.stages for booklet in design.booklets):
        raise WrongSettings(
            "План точности считается для линейных вариантов. Для многоэтапного теста смоделируйте "
            "ответы и откалибруйте их.",
            "A plan needs linear booklets; simulate a multi-stage test.",
        )
    design.require_connected()
    ordered = parameters.only(item.id for item in design.items)
    named = {
        b.id: works if isinstance(works, int) else works.get(b.id, 0) for b in design.booklets
    }
    # Nodes of Gauss–Hermite; weights sum to one.
    points, weights = np.polynomial.hermite_e.hermegauss(NODES)
    nodes, weights = mean + sd * points, weights / weights.sum()
    first = np.concatenate([[0], np.cumsum(ordered.steps)]).astype(int)
    information = np.zeros((first[-1], first[-1]))
    grid = np.linspace(mean - 3 * sd, mean + 3 * sd, 25)
    booklets = []
    for booklet in design.booklets:
        given = ordered.only(design.items[n].id for n in booklet.items)
        own = np.concatenate([np.arange(first[n], first[n + 1]) for n in booklet.items])
        information[np.ix_(own, own)] += named[booklet.id] * _information(given, nodes, weights)
        booklets.append(_booklet(booklet, given, named[booklet.id], nodes, weights, grid))
    slope = ordered.slope[0]
    covariance = _under_sum_zero(slope**2 * information)
    return Plan(ordered, _shaped(ordered, np.sqrt(np.diag(covariance))), grid, tuple(booklets),
                _links(design, first, covariance))  # fmt: skip


def _under_sum_zero(information: Array) -> Array:
    """Invert with Σδ = 0: the direction (1 … 1) carries no information."""
    level = float(np.diag(information).mean())
    whole = np.full(information.shape, level / len(information))
    inverse: Array = np.linalg.inv(information + whole)
    return inverse - whole / level**2


def _information(given: ItemParameters, nodes: Array, weights: Array) -> Array:
    """Expected conditional information of one work about the thresholds, [steps, steps]."""
    probability = curves.category_probabilities(given, nodes)
    scores = curves.score_table(given).astype(np.int64)
    # t: the steps taken, weighted by their jump; E(t | θ) = jump × P(category ≥ step).
    above = np.cumsum(probability[:, :, ::-1], axis=2)[:, :, ::-1][:, :, 1:]
    jumps = np.diff(scores, axis=1)
    real = np.arange(above.shape[2])[None, :] < given.steps[:, None]
    taken = (above * jumps)[:, real]
    mean = weights @ taken
    covariance = (taken * weights[:, None]).T @ taken - np.outer(mean, mean)
    place = np.cumsum(given.steps) - given.steps
    for item, steps in enumerate(given.steps):
        own = slice(place[item], place[item] + steps)
        level, jump = above[:, item, :steps], jumps[item, :steps]
        # Two steps of one item are both taken when the higher one is.
        both = level[:, np.maximum.outer(np.arange(steps), np.arange(steps))]
        inner = both - level[:, :, None] * level[:, None, :]
        covariance[own, own] += np.einsum("p,pab->ab", weights, inner) * np.outer(jump, jump)
    by_score, expected = _given_score(given, scores, real, jumps, nodes, weights)
    centred = expected - mean
    return covariance - (centred * by_score[:, None]).T @ centred


def _given_score(
    given: ItemParameters,
    scores: NDArray[np.int64],
    real: NDArray[np.bool_],
    jumps: NDArray[np.int64],
    nodes: Array,
    weights: Array,
) -> tuple[Array, Array]:
    """P(s), and E(t | s) of every step, [M + 1, steps]; the total is sufficient, so any θ does."""
    by_score = weights @ curves.score_distribution(given, nodes)
    here = curves.category_probabilities(given, [given.difficulty.mean()])
    whole = curves.convolve_scores(here, scores, given.steps)[0]
    expected = np.zeros((len(whole), int(given.steps.sum())))
    everyone = np.arange(len(given.items))
    column = 0
    for item in everyone:
        rest = everyone[everyone != item]
        others = np.ones(1)
        if len(rest):
            others = curves.convolve_scores(here[:, rest], scores[rest], given.steps[rest])[0]
        steps = int(given.steps[item])
        joint = np.zeros((len(whole), steps + 1))
        for category in range(steps + 1):
            jump = scores[item, category]
            joint[jump : jump + len(others), category] = others * here[0, item, category]
        above = np.cumsum(joint[:, ::-1], axis=1)[:, ::-1][:, 1:]
        share = np.divide(
            above, whole[:, None], out=np.zeros_like(above), where=whole[:, None] > 0
        )
        expected[:, column : column + steps] = share * jumps[item, :steps]
        column += steps
    return by_score, expected


def _booklet(
    booklet: Booklet, given: ItemParameters, works: int, nodes: Array, weights: Array, grid: Array
) -> BookletPlan:
    chance = curves.score_distribution(given, nodes)
    scores = np.arange(chance.shape[1])
    true = chance @ scores
    total = weights @ (chance @ scores**2) - (weights @ true) ** 2
    reliability = (weights @ true**2 - (weights @ true) ** 2) / total
    se = 1.0 / np.sqrt(curves.test_information(given, grid))
    return BookletPlan(booklet.id, works, float(reliability), works * (weights @ chance), se)


def _shaped(parameters: ItemParameters, errors: Array) -> Array:
    shaped = np.full(parameters.thresholds.shape, np.nan)
    most = parameters.thresholds.shape[1]
    shaped[np.arange(most)[None, :] < parameters.steps[:, None]] = errors
    return shaped


def _links(design: Design, first: NDArray[np.int_], covariance: Array) -> Array:
    means = np.zeros((len(design.booklets), len(covariance)))
    for row, booklet in enumerate(design.booklets):
        for n in booklet.items:
            steps = first[n + 1] - first[n]
            means[row, first[n] : first[n + 1]] = 1.0 / (steps * len(booklet.items))
    away = means[:, None, :] - means[None, :, :]
    return np.asarray(
        np.sqrt(np.maximum(np.einsum("abi,ij,abj->ab", away, covariance, away), 0.0))
    )
