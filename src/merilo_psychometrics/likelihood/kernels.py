"""Compiled passes over packed works: everything that costs time in MML and EAP."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

# Adding and taking away 1.5·2^52 rounds a double to a whole number, kept in its lowest bits.
ROUNDER = 6755399441055744.0
INVERSE_LOG_2 = 1.4426950408889634
LOG_2_HIGH, LOG_2_LOW = 0.693147180369123816490, 1.90821492927058770002e-10


@njit(cache=True, nogil=True, inline="always")
def exponential(x: float) -> Any:
    """exp(x) for −700 ≤ x ≤ 0 to the last bit but one, in a form the compiler puts into vectors.

    exp(x) = 2^k·exp(r) with |r| ≤ log(2)/2 and the Taylor sum of exp(r) to r¹³ (Cody & Waite 1980,
    ch. 6). The exponentials of the posteriors are half of the time of MML, and libm takes them one
    by one.
    """
    shifted = x * INVERSE_LOG_2 + ROUNDER
    k = shifted - ROUNDER
    r = (x - k * LOG_2_HIGH) - k * LOG_2_LOW
    total = 1.6059043836821613e-10
    total = total * r + 2.08767569878681e-09
    total = total * r + 2.505210838544172e-08
    total = total * r + 2.755731922398589e-07
    total = total * r + 2.7557319223985893e-06
    total = total * r + 2.48015873015873e-05
    total = total * r + 1.984126984126984e-04
    total = total * r + 1.388888888888889e-03
    total = total * r + 8.333333333333333e-03
    total = total * r + 4.1666666666666664e-02
    total = total * r + 1.6666666666666666e-01
    total = total * r + 0.5
    total = total * r + 1.0
    total = total * r + 1.0
    bits = (np.float64(shifted).view(np.int64) + 1023) << 52
    return total * np.int64(bits).view(np.float64)


@njit(cache=True, nogil=True, inline="always")
def _posterior(codes: Any, work: int, tables: Any, base: Any, row: Any) -> Any:
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
    for node in range(nodes):
        row[node] = exponential(max(row[node] - top, -700.0))
    total = 0.0
    for node in range(nodes):
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
