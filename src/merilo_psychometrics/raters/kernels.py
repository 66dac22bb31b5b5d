"""Compiled passes of many-facet estimation over persons and nodes of ability.

A step is v_rh = j_h·(μ + σ·u − Σ effects): every rating r and step h has up to `WIDTH` places in the
vector of parameters, with coefficients; the places of μ and σ come first. P(category) ∝
exp(Σ_{h≤c} v_rh).
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def cell_tables(thresholds, jumps, steps, theta):  # type: ignore[no-untyped-def]
    """ln P(category) and P(at least step h), [cells, nodes, steps (+ 1)]."""
    cells, most = thresholds.shape
    nodes = len(theta)
    log_chance = np.full((cells, nodes, most + 1), -np.inf)
    reached = np.zeros((cells, nodes, most))
    value = np.empty(most + 1)
    for cell in range(cells):
        count = steps[cell]
        for node in range(nodes):
            value[0] = 0.0
            top = 0.0
            for h in range(count):
                value[h + 1] = value[h] + jumps[cell, h] * (theta[node] - thresholds[cell, h])
                top = max(top, value[h + 1])
            total = 0.0
            for c in range(count + 1):
                total += np.exp(value[c] - top)
            log_total = top + np.log(total)
            tail = 0.0
            for c in range(count, -1, -1):
                log_chance[cell, node, c] = value[c] - log_total
                if c > 0:
                    tail += np.exp(value[c] - log_total)
                    reached[cell, node, c - 1] = tail
    return log_chance, reached


@njit(cache=True, nogil=True)
def posteriors(log_chance, starts, cell, category, log_weight):  # type: ignore[no-untyped-def]
    """Posterior weight of every node for every person, and the log-likelihood."""
    persons, nodes = len(starts) - 1, len(log_weight)
    found = np.empty((persons, nodes))
    log_likelihood = 0.0
    for person in range(persons):
        row = found[person]
        row[:] = log_weight
        for r in range(starts[person], starts[person + 1]):
            for node in range(nodes):
                row[node] += log_chance[cell[r], node, category[r]]
        top = row.max()
        total = 0.0
        for node in range(nodes):
            row[node] = np.exp(row[node] - top)
            total += row[node]
        row /= total
        log_likelihood += top + np.log(total)
    return found, log_likelihood


@njit(cache=True, nogil=True)
def gradient_and_information(  # type: ignore[no-untyped-def]
    posterior, reached, starts, cell, category, places, signs, jumps, steps, nodes_u, count
):
    """Gradient and exact observed information of the marginal log-likelihood.

    Louis (1982): information = E[complete information] − Var[complete score], by person.
    places, signs: [cells, steps, width] parameters a step depends on; the first two are μ and σ.
    """
    persons, nodes = posterior.shape
    width = places.shape[2]
    gradient = np.zeros(count)
    information = np.zeros((count, count))
    local = np.full(count, -1, dtype=np.int64)
    for person in range(persons):
        used = np.empty(count, dtype=np.int64)
        size = 0
        for r in range(starts[person], starts[person + 1]):
            for h in range(steps[cell[r]]):
                for w in range(width):
                    place = places[cell[r], h, w]
                    if place >= 0 and local[place] < 0:
                        local[place] = size
                        used[size] = place
                        size += 1
        mean = np.zeros(size)
        second = np.zeros((size, size))
        score = np.empty(size)
        lump = np.empty(size)
        for node in range(nodes):
            mass = posterior[person, node]
            if mass < 1e-14:
                continue
            score[:] = 0.0
            for r in range(starts[person], starts[person + 1]):
                c = cell[r]
                # For h ≤ g the covariance of "at least h" and "at least g" is π_g·(1 − π_h).
                for h in range(steps[c]):
                    residual = -reached[c, node, h]
                    if category[r] > h:
                        residual += 1.0
                    for w in range(width):
                        place = places[c, h, w]
                        if place >= 0:
                            scale = nodes_u[node] if w == 1 else 1.0
                            score[local[place]] += residual * jumps[c, h] * signs[c, h, w] * scale
                    lump[:] = 0.0
                    for g in range(steps[c]):
                        low, high = min(h, g), max(h, g)
                        spread = reached[c, node, high] * (1.0 - reached[c, node, low])
                        for w in range(width):
                            place = places[c, g, w]
                            if place >= 0:
                                scale = nodes_u[node] if w == 1 else 1.0
                                lump[local[place]] += spread * jumps[c, g] * signs[c, g, w] * scale
                    for w in range(width):
                        place = places[c, h, w]
                        if place >= 0:
                            scale = nodes_u[node] if w == 1 else 1.0
                            by = mass * jumps[c, h] * signs[c, h, w] * scale
                            row = local[place]
                            for k in range(size):
                                second[row, k] += by * lump[k]
            for i in range(size):
                mean[i] += mass * score[i]
                for k in range(size):
                    second[i, k] -= mass * score[i] * score[k]
        for i in range(size):
            gradient[used[i]] += mean[i]
            for k in range(size):
                information[used[i], used[k]] += second[i, k] + mean[i] * mean[k]
        for i in range(size):
            local[used[i]] = -1
    return gradient, information
