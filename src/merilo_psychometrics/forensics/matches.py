"""Compiled passes over pairs of works: how many answers agree, and how likely that is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def upper_tail(chances: Any, seen: int, row: Any, after: Any) -> float:
    """P(M ≥ seen) for M the number of successes of independent trials, by recursion.

    Van der Linden & Sotaridona (2006), J. Educ. Behav. Stat. 31, 283–304, run on the
    failures: at most trials − seen of them. Sums of positives only, so small tails keep their
    digits. `row` and `after` are room for trials + 1 numbers.
    """
    trials = len(chances)
    most = trials - seen
    if most >= trials:
        return 1.0
    row[: most + 1] = 0.0
    row[0] = 1.0
    for trial in range(trials):
        chance = chances[trial]
        fails = 1.0 - chance
        after[0] = row[0] * chance
        for count in range(1, most + 1):
            after[count] = row[count] * chance + row[count - 1] * fails
        row, after = after, row
    total = 0.0
    for count in range(most + 1):
        total += row[count]
    return min(total, 1.0)


@njit(cache=True, nogil=True)
def joint_tail(right: Any, wrong: Any, seen_right: int, seen_wrong: int) -> float:
    """Tail probability of (right matches, wrong matches): M4 of Maynes (2014).

    The trinomial over independent items by recursion; pairs of counts are ordered by the
    probability of at least as many of both, and those at most as probable as the seen pair add
    up. Kingston & Clark (eds.), Test Fraud, pp. 53–80.
    """
    items = len(right)
    table = np.zeros((items + 1, items + 1))
    table[0, 0] = 1.0
    for item in range(items):
        a, b = right[item], wrong[item]
        none = 1.0 - a - b
        for m in range(item + 1, -1, -1):
            for n in range(item + 1 - m, -1, -1):
                found = table[m, n] * none
                if m > 0:
                    found += table[m - 1, n] * a
                if n > 0:
                    found += table[m, n - 1] * b
                table[m, n] = found
    # P(at least m and at least n), by sums of positives only: tiny tails keep their digits.
    above = np.zeros((items + 2, items + 2))
    for m in range(items, -1, -1):
        along = 0.0
        for n in range(items, -1, -1):
            along += table[m, n]
            above[m, n] = above[m + 1, n] + along
    limit = above[seen_right, seen_wrong]
    total = 0.0
    for m in range(items + 1):
        for n in range(items + 1 - m):
            if above[m, n] <= limit * (1.0 + 1e-10):
                total += table[m, n]
    return min(total, 1.0)


@njit(cache=True, nogil=True)
def compare(codes, chances, full, pairs, want_omega, want_m4):  # type: ignore[no-untyped-def]
    """Compare pairs of works.

    `codes` [works, items] categories or answers, `chances` [works, items, codes] their
    probabilities, `full` [items, codes] which give the full score, `pairs` [n, 2]. Returns
    matches [n]; expected matches and their sd [n]; GBT [n]; expectation, sd and tail of ω of the
    first on the second and back, each [n, 2]; M4 [n].
    """
    number, items = len(pairs), codes.shape[1]
    matches = np.zeros(number, np.int64)
    mean, sd = np.full(number, np.nan), np.full(number, np.nan)
    gbt, m4 = np.full(number, np.nan), np.full(number, np.nan)
    omega = np.full((number, 2, 3), np.nan)
    agree, right = np.empty(items), np.empty(items)
    given = np.empty(items)
    row, after = np.empty(items + 1), np.empty(items + 1)
    for pair in range(number):
        one, two = pairs[pair, 0], pairs[pair, 1]
        seen_right, expected, variance = 0, 0.0, 0.0
        seen = 0
        for item in range(items):
            both, both_right = 0.0, 0.0
            for code in range(chances.shape[2]):
                chance = chances[one, item, code] * chances[two, item, code]
                both += chance
                if full[item, code]:
                    both_right += chance
            agree[item] = min(both, 1.0)
            right[item] = both_right
            expected += both
            variance += both * (1.0 - both)
            if codes[one, item] == codes[two, item]:
                seen += 1
                if full[item, codes[one, item]]:
                    seen_right += 1
        matches[pair] = seen
        mean[pair], sd[pair] = expected, np.sqrt(max(variance, 0.0))
        gbt[pair] = upper_tail(agree, seen, row, after)
        if want_m4:
            m4[pair] = joint_tail(right, agree - right, seen_right, seen - seen_right)
        if want_omega:
            for way in range(2):
                who = pairs[pair, way]
                other = pairs[pair, 1 - way]
                expected, variance = 0.0, 0.0
                for item in range(items):
                    given[item] = chances[who, item, codes[other, item]]
                    expected += given[item]
                    variance += given[item] * (1.0 - given[item])
                omega[pair, way, 0] = expected
                omega[pair, way, 1] = np.sqrt(variance)
                omega[pair, way, 2] = upper_tail(given, seen, row, after)
    return matches, mean, sd, gbt, omega, m4


@njit(cache=True, nogil=True)
def all_pairs(begins: Any, ends: Any) -> Any:
    """Pairs of neighbours in a sorted list of works: [n, 2] for the runs begins … ends."""
    number = 0
    for run in range(len(begins)):
        size = ends[run] - begins[run]
        number += size * (size - 1) // 2
    pairs = np.empty((number, 2), np.int64)
    place = 0
    for run in range(len(begins)):
        for one in range(begins[run], ends[run]):
            for two in range(one + 1, ends[run]):
                pairs[place, 0] = one
                pairs[place, 1] = two
                place += 1
    return pairs
