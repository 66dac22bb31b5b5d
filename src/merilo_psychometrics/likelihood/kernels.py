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


# The sums below may be taken in any order; the flags let the compiler put them into vectors.
REORDERED = {"reassoc", "nsz", "nnan"}
# exp of this is below the last bit of a double: such nodes add nothing to a posterior.
NOTHING = 38.0


@njit(cache=True, nogil=True)
def _highest(row: Any) -> Any:
    """The greatest of a row; four at a time, for each comparison waits for the one before."""
    one = two = three = four = row[0]
    whole = row.shape[0] // 4
    for four_nodes in range(whole):
        node = 4 * four_nodes
        one = row[node] if row[node] > one else one
        two = row[node + 1] if row[node + 1] > two else two
        three = row[node + 2] if row[node + 2] > three else three
        four = row[node + 3] if row[node + 3] > four else four
    for node in range(4 * whole, row.shape[0]):
        one = row[node] if row[node] > one else one
    return max(max(one, two), max(three, four))


@njit(cache=True, nogil=True, fastmath=REORDERED)
def _sum(row: Any) -> Any:
    total = 0.0
    for node in range(row.shape[0]):
        total += row[node]
    return total


@njit(cache=True, nogil=True, inline="always")
def _posterior(codes: Any, work: int, tables: Any, base: Any, row: Any) -> Any:
    """Fill `row` with the normalised posterior of one work from node `first` to before `last`.

    Returns the log-likelihood, `first` and `last`; beyond them the posterior is below 4e-17 of its
    top, and `row` holds no posterior there.
    """
    nodes = row.shape[0]
    given = tables[0, codes[work, 0]]
    for node in range(nodes):
        row[node] = base[node] + given[node]
    for byte in range(1, codes.shape[1]):
        more = tables[byte, codes[work, byte]]
        for node in range(nodes):
            row[node] += more[node]
    top = _highest(row)
    least = top - NOTHING
    first, last = 0, nodes
    while row[first] < least:
        first += 1
    while row[last - 1] < least:
        last -= 1
    # A view from 0 on: only such loops become vectors.
    inside = row[first:last]
    for node in range(inside.shape[0]):
        inside[node] = exponential(max(inside[node] - top, -700.0))
    total = _sum(inside)
    share = 1.0 / total
    for node in range(inside.shape[0]):
        inside[node] *= share
    return np.log(total) + top, first, last


@njit(cache=True, nogil=True)
def gather(
    codes: Any, tables: Any, base: Any, groups: Any, weights: Any, filled: Any, mass: Any
) -> float:
    """Add the posteriors of the works to the rows of their codes (`filled`) and groups (`mass`)."""
    row = np.empty(tables.shape[2])
    value = 0.0
    for work in range(codes.shape[0]):
        group = groups[work]
        weight = weights[work]
        found, first, last = _posterior(codes, work, tables, base[group], row)
        value += weight * found
        inside = row[first:last]
        if weight != 1.0:
            for node in range(inside.shape[0]):
                inside[node] *= weight
        for byte in range(codes.shape[1]):
            into = filled[byte, codes[work, byte], first:last]
            for node in range(inside.shape[0]):
                into[node] += inside[node]
        of_group = mass[group, first:last]
        for node in range(inside.shape[0]):
            of_group[node] += inside[node]
    return value


@njit(cache=True, nogil=True)
def moments(codes: Any, tables: Any, base: Any, groups: Any, points: Any) -> Any:
    """Posterior mean and standard deviation of every work."""
    works, nodes = codes.shape[0], tables.shape[2]
    row = np.empty(nodes)
    mean, sd = np.empty(works), np.empty(works)
    for work in range(works):
        _, start, stop = _posterior(codes, work, tables, base[groups[work]], row)
        inside, place = row[start:stop], points[start:stop]
        first = 0.0
        for node in range(inside.shape[0]):
            first += inside[node] * place[node]
        second = 0.0
        for node in range(inside.shape[0]):
            second += inside[node] * (place[node] - first) ** 2
        mean[work] = first
        sd[work] = np.sqrt(second)
    return mean, sd


@njit(cache=True, nogil=True)
def weights_at(codes: Any, tables: Any, base: Any, groups: Any) -> Any:
    """Posterior of every work, [works, nodes], and its log-likelihood."""
    works, nodes = codes.shape[0], tables.shape[2]
    found, values = np.empty((works, nodes)), np.empty(works)
    for work in range(works):
        row = found[work]
        values[work], first, last = _posterior(codes, work, tables, base[groups[work]], row)
        row[:first] = 0.0
        row[last:] = 0.0
    return found, values


@njit(cache=True, nogil=True)
def add_up(digits: Any, items: Any, logs: Any, table: Any) -> None:
    """Fill the table of one byte, [256, nodes]: the sum over its items of what a code stands for."""
    for code in range(digits.shape[0]):
        row = table[code]
        row[:] = 0.0
        for place in range(digits.shape[1]):
            category = digits[code, place]
            if category >= 0:
                more = logs[items[place], category]
                for node in range(row.shape[0]):
                    row[node] += more[node]


@njit(cache=True, nogil=True)
def take_apart(digits: Any, filled: Any, expected: Any) -> None:
    """Add the rows of one byte to the categories of its items, [items, categories, nodes]."""
    for code in range(digits.shape[0]):
        row = filled[code]
        for place in range(digits.shape[1]):
            category = digits[code, place]
            if category >= 0:
                into = expected[place, category]
                for node in range(row.shape[0]):
                    into[node] += row[node]
