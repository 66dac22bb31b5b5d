"""Proportional odds on grouped counts: one compiled Newton solve a model."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def fit_cumulative(table, design):  # type: ignore[no-untyped-def]
    """Fit logit P(Y ≥ j) = τ_j + x·β by maximum likelihood.

    `table` [cells, categories] counts, every category used; `design` [cells, predictors]. Returns
    the log-likelihood, the estimates (τ of categories 1 …, then β) and their SEs by the observed
    information; NaN when there is no finite maximum. McCullagh (1980), J. R. Stat. Soc. B 42,
    109–142; with two categories the logistic model.
    """
    cells, categories = table.shape
    cuts, slopes = categories - 1, design.shape[1]
    size = cuts + slopes
    value = np.zeros(size)
    whole = table.sum()
    above = 0.0
    for j in range(categories - 1, 0, -1):
        above += table[:, j].sum()
        value[j - 1] = np.log(above / (whole - above))
    likelihood = _likelihood(table, design, value)
    nothing = np.full(size, np.nan)
    for _ in range(60):
        gradient, information = _derivatives(table, design, value)
        for k in range(size):
            if not np.isfinite(gradient[k]):
                return np.nan, nothing, nothing
        root = _root(information)
        if root[0, 0] < 0.0:
            return np.nan, nothing, nothing
        step = _solve(root, gradient)
        cut = 1.0
        better = likelihood
        for _ in range(30):
            better = _likelihood(table, design, value + cut * step)
            if better >= likelihood - 1e-12 * abs(likelihood):
                break
            cut *= 0.5
        value = value + cut * step
        likelihood = better
        if np.max(np.abs(value)) > 60.0:
            return np.nan, nothing, nothing
        if np.max(np.abs(cut * step)) < 1e-9:
            _, information = _derivatives(table, design, value)
            root = _root(information)
            errors = nothing.copy()
            if root[0, 0] > 0.0:
                unit = np.zeros(size)
                for k in range(size):
                    unit[:] = 0.0
                    unit[k] = 1.0
                    errors[k] = np.sqrt(_solve(root, unit)[k])
            return likelihood, value, errors
    return np.nan, nothing, nothing


@njit(cache=True, nogil=True)
def _root(matrix):  # type: ignore[no-untyped-def]
    """Cholesky factor; its first entry is -1 when a pivot is lost.

    LAPACK would cost a minute of compiling for matrices of five rows.
    """
    size = len(matrix)
    root = np.zeros((size, size))
    for a in range(size):
        for b in range(a + 1):
            left = matrix[a, b]
            for k in range(b):
                left -= root[a, k] * root[b, k]
            if a == b:
                if not left > 1e-11 * matrix[a, a]:
                    root[0, 0] = -1.0
                    return root
                root[a, a] = np.sqrt(left)
            else:
                root[a, b] = left / root[b, b]
    return root


@njit(cache=True, nogil=True)
def _solve(root, right):  # type: ignore[no-untyped-def]
    size = len(root)
    found = right.copy()
    for a in range(size):
        for k in range(a):
            found[a] -= root[a, k] * found[k]
        found[a] /= root[a, a]
    for a in range(size - 1, -1, -1):
        for k in range(a + 1, size):
            found[a] -= root[k, a] * found[k]
        found[a] /= root[a, a]
    return found


@njit(cache=True, nogil=True)
def _logistic(x):  # type: ignore[no-untyped-def]
    if x >= 0:
        return 1.0 / (1.0 + np.exp(-x))
    return np.exp(x) / (1.0 + np.exp(x))


@njit(cache=True, nogil=True)
def _likelihood(table, design, value):  # type: ignore[no-untyped-def]
    cells, categories = table.shape
    cuts = categories - 1
    total = 0.0
    for cell in range(cells):
        line = 0.0
        for k in range(design.shape[1]):
            line += design[cell, k] * value[cuts + k]
        upper = 1.0
        for j in range(categories):
            lower = _logistic(value[j] + line) if j < cuts else 0.0
            if table[cell, j] > 0:
                chance = upper - lower
                if categories == 2 and j == 0:
                    chance = _logistic(-(value[0] + line))
                if not chance > 0.0:
                    return -np.inf
                total += table[cell, j] * np.log(chance)
            upper = lower
    return total


@njit(cache=True, nogil=True)
def _derivatives(table, design, value):  # type: ignore[no-untyped-def]
    """Gradient and observed information."""
    cells, categories = table.shape
    cuts, slopes = categories - 1, design.shape[1]
    size = cuts + slopes
    gradient = np.zeros(size)
    information = np.zeros((size, size))
    first = np.zeros(size)
    for cell in range(cells):
        line = 0.0
        for k in range(slopes):
            line += design[cell, k] * value[cuts + k]
        for j in range(categories):
            count = table[cell, j]
            if count == 0.0:
                continue
            # π_j = F(τ_j) − F(τ_{j+1}), the ends being 1 and 0; τ_1 … stand at 0 … of `value`.
            high = _logistic(value[j - 1] + line) if j > 0 else 1.0
            low = _logistic(value[j] + line) if j < cuts else 0.0
            chance = max(high - low, 1e-300)
            d_high = high * (1.0 - high) if j > 0 else 0.0
            d_low = low * (1.0 - low) if j < cuts else 0.0
            dd_high = d_high * (1.0 - 2.0 * high)
            dd_low = d_low * (1.0 - 2.0 * low)
            first[:] = 0.0
            if j > 0:
                first[j - 1] += d_high
            if j < cuts:
                first[j] -= d_low
            for k in range(slopes):
                first[cuts + k] = (d_high - d_low) * design[cell, k]
            for a in range(size):
                gradient[a] += count * first[a] / chance
                for b in range(size):
                    information[a, b] += count * first[a] * first[b] / chance**2
            # Minus the second derivatives of π_j, each of the two curves by itself.
            for side in range(2):
                bend = dd_high if side == 0 else -dd_low
                place = j - 1 if side == 0 else j
                if (side == 0 and j == 0) or (side == 1 and j == cuts):
                    continue
                weight = count * bend / chance
                information[place, place] -= weight
                for k in range(slopes):
                    information[place, cuts + k] -= weight * design[cell, k]
                    information[cuts + k, place] -= weight * design[cell, k]
                    for m in range(slopes):
                        information[cuts + k, cuts + m] -= (
                            weight * design[cell, k] * design[cell, m]
                        )
    return gradient, information
