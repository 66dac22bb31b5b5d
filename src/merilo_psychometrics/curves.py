"""What the parameters say at given abilities: probabilities, expected scores, information.

`theta` is in logits; arrays are [points, items, …]. The axis of categories runs over the scores of
an item in order; beyond the last score of an item probabilities are 0.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from .parameters import ItemParameters

Array = NDArray[np.float64]


def score_table(parameters: ItemParameters) -> Array:
    """Scores of the categories, [items, categories]; 0 beyond the last."""
    table = np.zeros((len(parameters.items), int(parameters.steps.max()) + 1))
    for row, item in enumerate(parameters.items):
        table[row, : len(item.scores)] = item.scores
    return table


def intercepts(parameters: ItemParameters) -> Array:
    """Sums Σ_{h≤c} (s_h − s_{h−1})·δ_h, [items, categories]; +inf beyond the last category.

    The sums in the exponent of Muraki (1992), with thresholds for his step parameters.
    """
    scores = score_table(parameters)
    jumps = np.diff(scores, axis=1)
    sums = np.cumsum(jumps * np.nan_to_num(parameters.thresholds), axis=1)
    whole = np.concatenate([np.zeros((len(scores), 1)), sums], axis=1)
    beyond = np.arange(scores.shape[1])[None, :] > parameters.steps[:, None]
    return np.where(beyond, np.inf, whole)


def category_probabilities(parameters: ItemParameters, theta: ArrayLike) -> Array:
    """P(score | θ) of every category, [points, items, categories]; rows sum to 1.

    Model: see `parameters`. With guessing only items of 0/1 are meant: P(1) = g + (1 − g)·P*.
    Generalised partial credit: Muraki (1992), Appl. Psychol. Meas. 16, 159–176; equal slopes:
    Masters (1982), Psychometrika 47, 149–174; guessing: Birnbaum (1968), in Lord & Novick, ch. 17.
    """
    points = np.atleast_1d(np.asarray(theta, dtype=np.float64))
    scores, sums = score_table(parameters), intercepts(parameters)
    exponent = parameters.slope[:, None] * (points[:, None, None] * scores - sums)
    exponent -= exponent.max(axis=2, keepdims=True)
    probability: Array = np.exp(exponent)
    probability /= probability.sum(axis=2, keepdims=True)
    guessing = parameters.guessing
    if guessing.any():
        right = guessing + (1.0 - guessing) * probability[:, :, 1]
        guessed = guessing > 0
        probability[:, guessed, 1] = right[:, guessed]
        probability[:, guessed, 0] = 1.0 - right[:, guessed]
    return probability


def log_probabilities(parameters: ItemParameters, theta: ArrayLike) -> Array:
    """log P(score | θ), [items, categories, points], as `likelihood` wants it; 0 beyond the last.

    The model of `category_probabilities`.
    Muraki (1992): ln P_c = a·[s_c·θ − Σ_{h≤c}(s_h − s_{h−1})·δ_h] − ln Σ over categories of exp of
    the same.
    """
    points = np.atleast_1d(np.asarray(theta, dtype=np.float64))
    scores, sums = score_table(parameters), intercepts(parameters)
    slope = parameters.slope[:, None, None]
    logs: Array = slope * (scores[:, :, None] * points - sums[:, :, None])
    top = logs.max(axis=1, keepdims=True)
    logs -= top + np.log(np.exp(logs - top).sum(axis=1, keepdims=True))
    for row in np.flatnonzero(parameters.guessing):
        chance = parameters.guessing[row]
        logs[row, 1] = np.log(chance + (1.0 - chance) * np.exp(logs[row, 1]))
        logs[row, 0] += np.log1p(-chance)
    beyond = np.arange(scores.shape[1])[None, :] > parameters.steps[:, None]
    logs[beyond] = 0.0
    return np.ascontiguousarray(logs)


def expected_scores(parameters: ItemParameters, theta: ArrayLike) -> Array:
    """E(score | θ) of every item, [points, items].

    Σ s_c·P_c, the item response function of Muraki (1993), Appl. Psychol. Meas. 17, 351–363.
    """
    probability = category_probabilities(parameters, theta)
    return np.asarray(np.einsum("pic,ic->pi", probability, score_table(parameters)))


def score_moments(
    parameters: ItemParameters, theta: ArrayLike
) -> tuple[Array, Array, Array, Array]:
    """Mean, variance, third and fourth central moment of every item score, each [points, items].

    Moments of the distribution of `category_probabilities`; the second and fourth are W and C of
    Wright & Masters (1982) ch. 5.
    E = Σ s_c·P_c and Σ (s_c − E)^m·P_c for m = 2, 3, 4.
    """
    probability, scores = category_probabilities(parameters, theta), score_table(parameters)
    mean = np.einsum("pic,ic->pi", probability, scores)
    away = scores[None] - mean[:, :, None]
    second = np.einsum("pic,pic->pi", probability, away**2)
    third = np.einsum("pic,pic->pi", probability, away**3)
    fourth = np.einsum("pic,pic->pi", probability, away**4)
    return mean, second, third, fourth


def item_information(parameters: ItemParameters, theta: ArrayLike) -> Array:
    """Fisher information about θ of every item, [points, items].

    Lord (1980) eq. 5-9, I = P′²/(P·Q); several points: Σ_c P_c′²/P_c = a²·Var(score | θ) without
    guessing.
    """
    probability, scores = category_probabilities(parameters, theta), score_table(parameters)
    mean = np.einsum("pic,ic->pi", probability, scores)
    second = np.einsum("pic,pic->pi", probability, (scores[None] - mean[:, :, None]) ** 2)
    information: Array = parameters.slope**2 * second
    guessing = parameters.guessing
    if guessing.any():
        right, wrong = probability[:, :, 1], probability[:, :, 0]
        star = (right - guessing) / (1.0 - guessing)
        three = parameters.slope**2 * star**2 * wrong / np.where(right > 0, right, 1.0)
        information = np.where(guessing > 0, three, information)
    return information


def test_information(parameters: ItemParameters, theta: ArrayLike) -> Array:
    """Fisher information about θ of all items together, [points]; the SE of ML is 1/√ of it.

    Birnbaum (1968), in Lord & Novick, ch. 17 (test information); several points: Muraki (1993).
    """
    return np.asarray(item_information(parameters, theta).sum(axis=1))


def test_characteristic(parameters: ItemParameters, theta: ArrayLike) -> Array:
    """Expected total score, [points]: the test characteristic curve.

    Lord (1980), the test characteristic curve; the true score of ability θ.
    τ(θ) = Σ_i Σ_c s_c·P_ic(θ).
    """
    return np.asarray(expected_scores(parameters, theta).sum(axis=1))


# pytest would collect two functions whose names begin with `test_`.
test_information.__test__ = False  # type: ignore[attr-defined]
test_characteristic.__test__ = False  # type: ignore[attr-defined]


def score_distribution(parameters: ItemParameters, theta: ArrayLike) -> Array:
    """P(total score | θ), [points, M + 1], by the recursion of Lord & Wingersky (1984).

    Item by item: f_k(t) = Σ_c f_{k−1}(t − s_c)·P_kc, f_0(0) = 1.
    """
    probability = category_probabilities(parameters, theta)
    scores = score_table(parameters).astype(np.int64)
    full: Array = convolve_scores(probability, scores, parameters.steps)
    return full


@njit(cache=True, nogil=True)
def convolve_scores(probability, scores, steps):  # type: ignore[no-untyped-def]
    """Convolve the item score distributions of every point; sums of positives only."""
    points, items, _ = probability.shape
    total = 0
    for item in range(items):
        total += scores[item, steps[item]]
    found = np.zeros((points, total + 1))
    row = np.empty(total + 1)
    for point in range(points):
        found[point, 0] = 1.0
        reached = 0
        for item in range(items):
            highest = scores[item, steps[item]]
            row[: reached + highest + 1] = 0.0
            for category in range(steps[item] + 1):
                chance = probability[point, item, category]
                jump = scores[item, category]
                for score in range(reached + 1):
                    row[score + jump] += found[point, score] * chance
            reached += highest
            found[point, : reached + 1] = row[: reached + 1]
    return found
