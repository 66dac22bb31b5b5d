"""Compiled counting. Every kernel returns (works by score, score × item counts, wrong scores).

`wrong[q]` is a score of item q outside 0 … full score, 0 when there is none; the caller raises.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def count_pass_fail(scores: Any, total: int) -> Any:
    """Scores 0 and 1 only: counts of 1, [total + 1, items]; the row of sums is a vector add."""
    works, items = scores.shape
    by_score = np.zeros(total + 1, np.int64)
    right = np.zeros((total + 1, items), np.int64)
    wrong = np.zeros(items, np.int8)
    for work in range(works):
        bits = 0
        score = 0
        for item in range(items):
            bits |= scores[work, item]
            score += scores[work, item]
        if bits & ~1:
            for item in range(items):
                if scores[work, item] & ~1:
                    wrong[item] = scores[work, item]
            continue
        by_score[score] += 1
        row = right[score]
        for item in range(items):
            row[item] += scores[work, item]
    return by_score, right, wrong


@njit(cache=True, nogil=True)
def count_scores(scores: Any, columns: Any, total: int) -> Any:
    """Any scores."""
    works, items = scores.shape
    by_score = np.zeros(total + 1, np.int64)
    by_item = np.zeros((total + 1, columns[items]), np.int64)
    wrong = np.zeros(items, np.int8)
    for work in range(works):
        score = 0
        allowed = True
        for item in range(items):
            value = scores[work, item]
            if value < 0 or columns[item] + value >= columns[item + 1]:
                wrong[item] = value
                allowed = False
            score += value
        if not allowed:
            continue
        by_score[score] += 1
        row = by_item[score]
        for item in range(items):
            row[columns[item] + scores[work, item]] += 1
    return by_score, by_item, wrong


@njit(cache=True, nogil=True)
def count_weighted(scores: Any, weights: Any, columns: Any, total: int) -> Any:
    """Any scores, every work counted with its weight."""
    works, items = scores.shape
    by_score = np.zeros(total + 1, np.float64)
    by_item = np.zeros((total + 1, columns[items]), np.float64)
    wrong = np.zeros(items, np.int8)
    for work in range(works):
        score = 0
        allowed = True
        for item in range(items):
            value = scores[work, item]
            if value < 0 or columns[item] + value >= columns[item + 1]:
                wrong[item] = value
                allowed = False
            score += value
        if not allowed:
            continue
        by_score[score] += weights[work]
        row = by_item[score]
        for item in range(items):
            row[columns[item] + scores[work, item]] += weights[work]
    return by_score, by_item, wrong
