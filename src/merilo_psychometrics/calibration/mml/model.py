"""What is estimated, as one vector, and what the model says at it.

Inside, an item has logits a·s_c·θ + b_c (c = 1 … m; b_c = −a·Σ_{h≤c}(s_h − s_{h−1})·δ_h), in which
the complete likelihood is concave, and the logit γ of guessing; a group has a mean and log sd.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from merilo_psychometrics import curves
from merilo_psychometrics.design import Item
from merilo_psychometrics.likelihood import Prior, normal_nodes
from merilo_psychometrics.parameters import FreeParameter, Identification, ItemParameters

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Priors:
    """Priors of the 3PL, without which guessing is seldom identified.

    log a ~ N(`slope_mean`, `slope_sd`²); g ~ Beta(α, β) with (α, β) = `guessing`: its mode is
    (α − 1)/(α + β − 2), 0.2 by default, worth 20 works that know nothing (Mislevy 1986); all
    as BILOG has them for five options.
    """

    slope_mean: float = 0.0
    slope_sd: float = 0.5
    guessing: tuple[float, float] = (5.0, 17.0)


@dataclass(frozen=True, eq=False)
class State:
    """A point: slopes [items], intercepts b [items, categories − 1], γ [items], groups [groups]."""

    slope: Array
    intercept: Array
    gamma: Array
    mean: Array
    log_sd: Array


@dataclass(frozen=True, eq=False)
class Layout:
    """Which numbers are free, and their places in the vector (-1: fixed).

    `slope` [items], `intercept` [items, categories − 1], `gamma` [items], `mean`, `log_sd`
    [groups]. `scores` [items, categories]; `inside` [items, categories] marks real categories.
    `guessed` [items]: the item has a guessing parameter, free or fixed.
    """

    items: tuple[Item, ...]
    scores: Array
    inside: NDArray[np.bool_]
    guessed: NDArray[np.bool_]
    slope: NDArray[np.int64]
    intercept: NDArray[np.int64]
    gamma: NDArray[np.int64]
    mean: NDArray[np.int64]
    log_sd: NDArray[np.int64]
    size: int
    fixed: State
    priors: Priors | None

    def state(self, vector: Array) -> State:
        """Unpack a vector."""

        def filled(places: Any, fixed: Array) -> Array:
            found = fixed.copy()
            free = places >= 0
            found[free] = vector[places[free]]
            return found

        return State(
            filled(self.slope, self.fixed.slope),
            filled(self.intercept, self.fixed.intercept),
            filled(self.gamma, self.fixed.gamma),
            filled(self.mean, self.fixed.mean),
            filled(self.log_sd, self.fixed.log_sd),
        )

    def vector(self, state: State) -> Array:
        """Pack the free numbers of a point."""
        found = np.empty(self.size)
        for places, values in (
            (self.slope, state.slope),
            (self.intercept, state.intercept),
            (self.gamma, state.gamma),
            (self.mean, state.mean),
            (self.log_sd, state.log_sd),
        ):
            found[places[places >= 0]] = values[places >= 0]
        return found

    def item_of(self, place: int) -> str:
        """Name of the item (or group number) behind a place in the vector."""
        for places in (self.slope, self.gamma):
            if (places == place).any():
                return self.items[int(np.flatnonzero(places == place)[0])].id
        rows = np.flatnonzero((self.intercept == place).any(axis=1))
        return self.items[int(rows[0])].id if len(rows) else ""


def log_probabilities(layout: Layout, state: State, nodes: Array) -> Array:
    """log P(category | node), [items, categories, nodes]; 0 beyond the last category."""
    logits = state.slope[:, None, None] * layout.scores[:, :, None] * nodes
    logits[:, 1:] += state.intercept[:, :, None]
    logits[~layout.inside] = -np.inf
    top = logits.max(axis=1, keepdims=True)
    logs: Array = logits - (top + np.log(np.exp(logits - top).sum(axis=1, keepdims=True)))
    for row in np.flatnonzero(layout.guessed):
        guess = expit(state.gamma[row])
        logs[row, 1] = np.log(guess + (1.0 - guess) * np.exp(logs[row, 1]))
        logs[row, 0] += np.log1p(-guess)
    logs[~layout.inside] = 0.0
    return np.ascontiguousarray(logs)


def prior_of(state: State, nodes: Array) -> Prior:
    """Populations of the groups at the nodes."""
    return normal_nodes(nodes, state.mean, np.exp(state.log_sd))


def log_prior(layout: Layout, state: State) -> float:
    """Logarithm of the priors of the parameters, up to a constant."""
    if layout.priors is None:
        return 0.0
    rows = layout.gamma >= 0
    a, guess = state.slope[rows], expit(state.gamma[rows])
    if (a <= 0).any():
        return -np.inf
    alpha, beta = layout.priors.guessing
    away = (np.log(a) - layout.priors.slope_mean) / layout.priors.slope_sd
    return float(
        (-0.5 * away**2).sum()
        + ((alpha - 1) * np.log(guess) + (beta - 1) * np.log1p(-guess)).sum()
    )


def to_parameters(
    layout: Layout, state: State, identification: Identification, covariance: Array | None
) -> ItemParameters:
    """Slopes, thresholds and guessing; their covariance by the delta method.

    δ_h = −(b_h − b_{h−1}) / (a·(s_h − s_{h−1})).
    """
    jumps = np.diff(layout.scores, axis=1)
    real = layout.inside[:, 1:]
    before = np.concatenate([np.zeros((len(jumps), 1)), state.intercept[:, :-1]], axis=1)
    scale = state.slope[:, None] * np.where(real, jumps, 1.0)
    thresholds = np.where(real, -(state.intercept - before) / scale, np.nan)
    guessing = np.where(layout.guessed, expit(state.gamma), 0.0)
    free: list[FreeParameter] = []
    rows: list[dict[int, float]] = []
    for item, name in enumerate(layout.items):
        if layout.slope[item] >= 0:
            free.append(FreeParameter(name.id, "slope"))
            rows.append({int(layout.slope[item]): 1.0})
        for step in range(int(real[item].sum())):
            if layout.intercept[item, step] < 0:
                continue
            change = {int(layout.intercept[item, step]): -1.0 / scale[item, step]}
            if step:
                change[int(layout.intercept[item, step - 1])] = 1.0 / scale[item, step]
            if layout.slope[item] >= 0:
                change[int(layout.slope[item])] = -thresholds[item, step] / state.slope[item]
            free.append(FreeParameter(name.id, "threshold", step + 1))
            rows.append(change)
        if layout.gamma[item] >= 0:
            free.append(FreeParameter(name.id, "guessing"))
            rows.append({int(layout.gamma[item]): guessing[item] * (1.0 - guessing[item])})
    moved = None
    if covariance is not None:
        change_matrix = np.zeros((len(rows), layout.size))
        for n, row in enumerate(rows):
            change_matrix[n, list(row)] = list(row.values())
        moved = change_matrix @ covariance @ change_matrix.T
    return ItemParameters(
        layout.items, state.slope, thresholds, guessing, identification, tuple(free), moved
    )


def fixed_state(parameters: ItemParameters, width: int) -> tuple[Array, Array, Array]:
    """Slopes, intercepts and γ of given parameters, intercepts as wide as the data need."""
    sums = curves.intercepts(parameters)[:, 1:]
    intercept = np.zeros((len(sums), width))
    known = np.where(np.isfinite(sums), -parameters.slope[:, None] * sums, 0.0)
    intercept[:, : sums.shape[1]] = known
    guessed = parameters.guessing > 0
    gamma = np.where(guessed, logit(np.where(guessed, parameters.guessing, 0.5)), 0.0)
    return parameters.slope.copy(), intercept, gamma
