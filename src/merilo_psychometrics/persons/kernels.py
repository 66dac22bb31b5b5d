"""The compiled root finder behind ML, WLE and MAP."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

ML, WLE, MAP = 0, 1, 2
# Points of the first search where guessing may give several maxima.
SEARCH = 121


@njit(cache=True, nogil=True)
def _sums(theta: float, slope: Any, intercepts: Any, scores: Any, steps: Any) -> Any:
    """Σ a·E, information I = Σ a²·V and J = Σ a³·μ₃ of the items without guessing."""
    mean_sum = 0.0
    information = 0.0
    third_sum = 0.0
    for item in range(slope.shape[0]):
        a = slope[item]
        top = -np.inf
        likely = 0.0
        for c in range(steps[item] + 1):
            exponent = a * (scores[item, c] * theta - intercepts[item, c])
            if exponent > top:
                top, likely = exponent, scores[item, c]
        # Moments about the likeliest score: no cancellation where almost everybody gets it.
        total, first, second, third = 0.0, 0.0, 0.0, 0.0
        for c in range(steps[item] + 1):
            away = scores[item, c] - likely
            chance = np.exp(a * (scores[item, c] * theta - intercepts[item, c]) - top)
            total += chance
            first += chance * away
            second += chance * away * away
            third += chance * away * away * away
        first /= total
        second /= total
        third = third / total - 3.0 * first * second + 2.0 * first * first * first
        second -= first * first
        mean = likely + first
        mean_sum += a * mean
        information += a * a * second
        third_sum += a * a * a * third
    return mean_sum, information, third_sum


@njit(cache=True, nogil=True)
def _slope_of_likelihood(
    theta: float,
    target: float,
    plain: Any,
    guessed: Any,
    answers: Any,
    method: int,
    mean: float,
    sd: float,
) -> Any:
    """Derivative of what is maximised, information, and J."""
    expected, information, third = _sums(theta, plain[0], plain[1], plain[2], plain[3])
    value = target - expected
    for item in range(answers.shape[0]):
        a, b, g = guessed[item, 0], guessed[item, 1], guessed[item, 2]
        star = 1.0 / (1.0 + np.exp(-a * (theta - b)))
        right = g + (1.0 - g) * star
        slope = (1.0 - g) * a * star * (1.0 - star)
        value += slope / right if answers[item] else -a * star
        # P′²/(P·Q) and P′·P″/(P·Q) with Q = (1 − g)(1 − P*).
        information += slope * a * star / right
        third += slope * a * a * star * (1.0 - 2.0 * star) / right
    if method == 1:
        if information > 0.0:
            value += third / (2.0 * information)
    elif method == 2:
        value -= (theta - mean) / (sd * sd)
        information += 1.0 / (sd * sd)
    return value, information, third


@njit(cache=True, nogil=True)
def solve(
    targets: Any,
    highest: float,
    plain: Any,
    guessed: Any,
    answers: Any,
    limits: Any,
    method: int,
    mean: float,
    sd: float,
) -> Any:
    """Ability and standard error of every work; NaN error where ML is infinite.

    `targets` [works] = Σ a·x over items without guessing, at most `highest`; `plain` = (slope,
    intercepts, scores, steps) of these; `guessed` [items, 3] = a, δ, g of the items with guessing
    and `answers` [works, items] to them; `limits` = where roots are looked for.
    """
    works = targets.shape[0]
    ability, error = np.empty(works), np.full(works, np.nan)
    grid = np.linspace(limits[0], limits[1], SEARCH)
    for work in range(works):
        low, high = limits[0], limits[1]
        target, answer = targets[work], answers[work]
        if method == 0 and answers.shape[1] == 0:
            slack = 1e-9 * highest
            if target < slack or target > highest - slack:
                ability[work] = -np.inf if target < slack else np.inf
                continue
        if answers.shape[1]:
            # The integral of the derivative over the grid finds the highest maximum.
            best, at, climbed, before = 0.0, 0, 0.0, 0.0
            for n in range(SEARCH):
                here = _slope_of_likelihood(
                    grid[n], target, plain, guessed, answer, method, mean, sd
                )[0]
                if n:
                    climbed += 0.5 * (before + here)
                    if climbed > best:
                        best, at = climbed, n
                before = here
            if method == 0 and (at == 0 or at == SEARCH - 1):
                ability[work] = -np.inf if at == 0 else np.inf
                continue
            low, high = grid[max(at - 1, 0)], grid[min(at + 1, SEARCH - 1)]
        theta = min(max(0.0, low), high)
        if answers.shape[1]:
            theta = 0.5 * (low + high)
        last_theta, last_value, known = 0.0, 0.0, False
        for _ in range(200):
            value, information, third = _slope_of_likelihood(
                theta, target, plain, guessed, answer, method, mean, sd
            )
            if value > 0:
                low = theta
            else:
                high = theta
            fall = information
            if known and theta != last_theta:
                secant = (last_value - value) / (theta - last_theta)
                if secant > 0.2 * information:
                    fall = secant
            last_theta, last_value, known = theta, value, True
            step = value / fall if fall > 0 else np.inf
            if abs(step) < 1e-12 * (1.0 + abs(theta)):
                break
            moved = theta + step
            theta = moved if low < moved < high else 0.5 * (low + high)
        value, information, third = _slope_of_likelihood(
            theta, target, plain, guessed, answer, method, mean, sd
        )
        ability[work] = theta
        if method == 1:
            bias = third / (2.0 * information)
            error[work] = np.sqrt((information + bias * bias) / (information * information))
        else:
            error[work] = 1.0 / np.sqrt(information)
    return ability, error


@njit(cache=True, nogil=True)
def draw(weights: Any, uniform: Any, points: Any) -> Any:
    """Invert the posterior of every work at uniform numbers, [works, draws].

    `weights` [works, nodes] at equally spaced `points`. Mass is spread evenly around its node, and
    the draw pulled to the mean so far that the variance of the posterior comes out exactly.
    """
    works, nodes = weights.shape
    draws = uniform.shape[1]
    width = points[1] - points[0]
    found = np.empty((works, draws))
    for work in range(works):
        mean = 0.0
        for node in range(nodes):
            mean += weights[work, node] * points[node]
        variance = 0.0
        for node in range(nodes):
            variance += weights[work, node] * (points[node] - mean) ** 2
        shrink = np.sqrt(variance / (variance + width * width / 12.0))
        for n in range(draws):
            rest = uniform[work, n]
            node = 0
            while node < nodes - 1 and rest > weights[work, node]:
                rest -= weights[work, node]
                node += 1
            mass = weights[work, node]
            inside = rest / mass if mass > 0.0 else 0.5
            value = points[node] + width * (min(inside, 1.0) - 0.5)
            found[work, n] = mean + shrink * (value - mean)
    return found
