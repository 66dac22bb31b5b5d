"""The E- and M-step, and their acceleration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from merilo_psychometrics.likelihood import Pack, Prior, expected_counts

from .model import Array, Layout, State, log_prior, log_probabilities, prior_of

# Newton steps inside an M-step; from a warm start two or three reach its end.
INNER = 8


@dataclass(frozen=True, eq=False)
class Expected:
    """An E-step at a point: objective (with priors), log-likelihood, expected counts.

    `counts` [items, categories, nodes]; `mass` [groups, nodes].
    """

    objective: float
    log_likelihood: float
    counts: Array
    mass: Array
    state: State
    prior: Prior


def expect(layout: Layout, packs: tuple[Pack, ...], vector: Array, nodes: Array) -> Expected:
    """The E-step of Bock & Aitkin (1981) over packed works."""
    state = layout.state(vector)
    logs, prior = log_probabilities(layout, state, nodes), prior_of(state, nodes)
    counts = np.zeros_like(logs)
    mass = np.zeros((len(state.mean), len(nodes)))
    value = 0.0
    for pack in packs:
        part, filled, by_group = expected_counts(pack, logs, prior)
        value += part
        counts[pack.items] += filled
        mass += by_group
    return Expected(value + log_prior(layout, state), value, counts, mass, state, prior)


def derivatives(
    layout: Layout, state: State, counts: Array, nodes: Array, *, observed: bool
) -> tuple[Array, Array]:
    """Gradient and information of the expected complete log-likelihood, priors added, by item.

    [items, w] and [items, w, w] with w = 1 + (categories − 1) + 1: slope, intercepts, γ. For the
    exponential models (Muraki 1992) observed and expected information are one; for items
    with guessing `observed` tells which.
    """
    items, categories, _ = counts.shape
    width = categories + 1
    works = counts.sum(axis=1)
    chance = np.exp(log_probabilities(layout, state, nodes)) * layout.inside[:, :, None]
    gradient, information = np.zeros((items, width)), np.zeros((items, width, width))
    away = counts - works[:, None] * chance
    scores = layout.scores[:, :, None]
    gradient[:, 0] = (scores * away).sum(axis=1) @ nodes
    gradient[:, 1:categories] = away[:, 1:].sum(axis=2)
    mean = (scores * chance).sum(axis=1)
    spread = (scores**2 * chance).sum(axis=1) - mean**2
    information[:, 0, 0] = (works * spread) @ nodes**2
    cross = (works[:, None] * chance[:, 1:] * (scores[:, 1:] - mean[:, None])) @ nodes
    information[:, 0, 1:categories] = information[:, 1:categories, 0] = cross
    weighted = works[:, None] * chance[:, 1:]
    information[:, 1:categories, 1:categories] = -weighted @ chance[:, 1:].transpose(0, 2, 1)
    diagonal = np.arange(1, categories)
    information[:, diagonal, diagonal] += weighted.sum(axis=2)
    for row in np.flatnonzero(layout.guessed):
        gradient[row], information[row] = _guessing(
            layout, state, counts[row], nodes, int(row), width, observed=observed
        )
    return gradient, information


def _guessing(
    layout: Layout,
    state: State,
    counts: Array,
    nodes: Array,
    row: int,
    width: int,
    *,
    observed: bool,
) -> tuple[Array, Array]:
    """The same for one 3PL item: P = g + (1 − g)·P*. Bock & Lieberman's chain rule by hand."""
    guess = float(expit(state.gamma[row]))
    star = expit(state.slope[row] * nodes + state.intercept[row, 0])
    right = guess + (1.0 - guess) * star
    wrong = (1.0 - guess) * (1.0 - star)
    rights, wrongs = counts[1], counts[0]
    by_eta = (1.0 - guess) * star * (1.0 - star)
    by_gamma = (1.0 - star) * guess * (1.0 - guess)
    slope = np.stack([by_eta * nodes, by_eta, by_gamma])
    residual = rights / right - wrongs / wrong
    gradient, information = np.zeros(width), np.zeros((width, width))
    places = [0, 1, width - 1]
    gradient[places] = slope @ residual
    if observed:
        second = np.empty((3, 3, len(nodes)))
        by_eta_2 = by_eta * (1.0 - 2.0 * star)
        mixed = -guess * (1.0 - guess) * star * (1.0 - star)
        chain = np.stack([nodes, np.ones_like(nodes)])
        second[:2, :2] = by_eta_2 * chain[:, None] * chain[None, :]
        second[2, :2] = second[:2, 2] = mixed * chain
        second[2, 2] = by_gamma * (1.0 - 2.0 * guess)
        square = slope[:, None] * slope[None, :]
        inner = (square * (rights / right**2 + wrongs / wrong**2)).sum(axis=2)
        inner -= (second * residual).sum(axis=2)
    else:
        inner = (slope * ((rights + wrongs) / (right * wrong))) @ slope.T
    if layout.priors is not None and layout.gamma[row] >= 0:
        alpha, beta = layout.priors.guessing
        a, variance = state.slope[row], layout.priors.slope_sd**2
        logged = np.log(a) - layout.priors.slope_mean
        gradient[0] -= logged / (variance * a)
        curve = (1.0 - logged) / (variance * a**2)
        inner[0, 0] += curve if observed else max(curve, 0.0)
        gradient[-1] += (alpha - 1) * (1.0 - guess) - (beta - 1) * guess
        inner[2, 2] += (alpha + beta - 2) * guess * (1.0 - guess)
    information[np.ix_(places, places)] = inner
    return gradient, information


def item_places(layout: Layout) -> np.ndarray:
    """Places in the vector of slope, intercepts and γ of every item, [items, w]; -1 fixed."""
    return np.concatenate([layout.slope[:, None], layout.intercept, layout.gamma[:, None]], axis=1)


def group_scores(state: State, prior: Prior) -> tuple[Array, Array]:
    """Derivatives of log weight by mean and by log sd, each [groups, nodes]."""
    sd = np.exp(state.log_sd)[:, None]
    away = (prior.nodes - state.mean[:, None]) / sd
    weights = np.exp(prior.log_weights)
    by_mean, by_sd = away / sd, away**2
    by_mean = by_mean - (weights * by_mean).sum(axis=1, keepdims=True)
    by_sd = by_sd - (weights * by_sd).sum(axis=1, keepdims=True)
    return by_mean, by_sd


def gradient_of(layout: Layout, found: Expected) -> Array:
    """Gradient of the objective at the point of an E-step (Fisher's identity)."""
    whole = np.zeros(layout.size)
    places = item_places(layout)
    by_item, _ = derivatives(layout, found.state, found.counts, found.prior.nodes, observed=False)
    whole[places[places >= 0]] = by_item[places >= 0]
    by_mean, by_sd = group_scores(found.state, found.prior)
    for group in range(len(layout.mean)):
        if layout.mean[group] >= 0:
            whole[layout.mean[group]] = found.mass[group] @ by_mean[group]
        if layout.log_sd[group] >= 0:
            whole[layout.log_sd[group]] = found.mass[group] @ by_sd[group]
    return whole


def maximise(layout: Layout, found: Expected) -> Array:
    """The M-step: Newton for every item at once, moments for the groups."""
    nodes, state = found.prior.nodes, found.state
    vector = layout.vector(state)
    places = item_places(layout)
    free = places >= 0
    if free.any():
        for _ in range(INNER):
            current = layout.state(vector)
            gradient, information = derivatives(
                layout, current, found.counts, nodes, observed=False
            )
            gradient = np.where(free, gradient, 0.0)
            information *= free[:, :, None] & free[:, None, :]
            diagonal = np.arange(places.shape[1])
            information[:, diagonal, diagonal] += np.where(free, 1e-9, 1.0)
            step = np.linalg.solve(information, gradient[:, :, None])[:, :, 0]
            # A slope may not change its sign, nor anything jump, in one step.
            limit = np.full_like(step, 2.0)
            limit[:, 0] = np.maximum(0.5 * np.abs(current.slope), 0.05)
            step = np.clip(step, -limit, limit)
            vector[places[free]] += step[free]
            # Newton squares the error: after a step this small it is below 1e-9.
            if np.abs(step).max() < 2e-5:
                break
    total = found.mass.sum(axis=1)
    for group in range(len(layout.mean)):
        mean = float(state.mean[group])
        if layout.mean[group] >= 0:
            mean = float(found.mass[group] @ nodes / total[group])
            vector[layout.mean[group]] = mean
        if layout.log_sd[group] >= 0:
            variance = float(found.mass[group] @ (nodes - mean) ** 2 / total[group])
            vector[layout.log_sd[group]] = 0.5 * np.log(variance)
    return vector
