"""Compiled passes over packed works: everything that costs time in MML and EAP."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, inline="always")
def _posterior(codes: Any, work: int, tables: Any, base: Any, row: Any) -> float:
    """Fill `row` with the normalised posterior of one work; return its log-likelihood."""
    nodes = row.shape[0]
    first = tables[0, codes[work, 0]]
    for node in range(nodes):
        row[node] = base[node] + first[node]
    for byte in range(1, codes.shape[1]):
        more = tables[byte, codes[work, byte]]
        for node in range(nodes):
            row[node] += more[node]
    top = row[0]
    for node in range(1, nodes):
        top = max(top, row[node])
    total = 0.0
    for node in range(nodes):
        row[node] = np.exp(row[node] - top)
        total += row[node]
    share = 1.0 / total
    for node in range(nodes):
        row[node] *= share
    return np.log(total) + top


@njit(cache=True, nogil=True)
def gather(
    codes: Any, tables: Any, base: Any, groups: Any, weights: Any, filled: Any, mass: Any
) -> float:
    """Add the posteriors of the works to the rows of their codes (`filled`) and groups (`mass`)."""
    nodes = tables.shape[2]
    row = np.empty(nodes)
    value = 0.0
    for work in range(codes.shape[0]):
        group = groups[work]
        weight = weights[work]
        value += weight * _posterior(codes, work, tables, base[group], row)
        if weight != 1.0:
            for node in range(nodes):
                row[node] *= weight
        for byte in range(codes.shape[1]):
            into = filled[byte, codes[work, byte]]
            for node in range(nodes):
                into[node] += row[node]
        of_group = mass[group]
        for node in range(nodes):
            of_group[node] += row[node]
    return value


@njit(cache=True, nogil=True)
def moments(codes: Any, tables: Any, base: Any, groups: Any, points: Any) -> Any:
    """Posterior mean and standard deviation of every work."""
    works, nodes = codes.shape[0], tables.shape[2]
    row = np.empty(nodes)
    mean, sd = np.empty(works), np.empty(works)
    for work in range(works):
        _posterior(codes, work, tables, base[groups[work]], row)
        first = 0.0
        for node in range(nodes):
            first += row[node] * points[node]
        second = 0.0
        for node in range(nodes):
            second += row[node] * (points[node] - first) ** 2
        mean[work] = first
        sd[work] = np.sqrt(second)
    return mean, sd


@njit(cache=True, nogil=True)
def weights_at(codes: Any, tables: Any, base: Any, groups: Any) -> Any:
    """Posterior of every work, [works, nodes], and its log-likelihood."""
    works, nodes = codes.shape[0], tables.shape[2]
    found, values = np.empty((works, nodes)), np.empty(works)
    for work in range(works):
        values[work] = _posterior(codes, work, tables, base[groups[work]], found[work])
    return found, values
