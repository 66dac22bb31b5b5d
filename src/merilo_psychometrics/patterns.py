"""Compiled passes over int8 blocks: patterns of what was given, omissions, scores seen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

# One draw of 62-bit keys, enough for any test; a pattern is known by the sum of its keys.
KEYS = np.random.Generator(np.random.PCG64(20261122)).integers(
    1, 2**62, size=65_536, dtype=np.int64
)


@njit(cache=True, nogil=True)
def _fingerprints(given: Any, keys: Any) -> Any:
    works, items = given.shape
    prints = np.zeros(works, np.int64)
    for work in range(works):
        total = 0
        for item in range(items):
            if given[work, item]:
                total += keys[item]
        prints[work] = total
    return prints


@njit(cache=True, nogil=True)
def any_negative(scores: Any) -> bool:
    """Say whether any code of missing is in the block."""
    for work in range(scores.shape[0]):
        lowest = 0
        for item in range(scores.shape[1]):
            lowest = min(lowest, scores[work, item])
        if lowest < 0:
            return True
    return False


@njit(cache=True, nogil=True)
def seen_scores(scores: Any) -> Any:
    """Which values occur, [items, 132]; column v stands for the value v - 4, 0 for all lower."""
    works, items = scores.shape
    seen = np.zeros((items, 132), np.bool_)
    for work in range(works):
        for item in range(items):
            seen[item, int(max(scores[work, item], np.int8(-4))) + 4] = True
    return seen


@njit(cache=True, nogil=True)
def mark_tail(scores: Any, omitted: int, mark: int, keep_first: bool) -> Any:
    """Mark the run of omissions at the end of every work; see `Responses.mark_not_reached`."""
    marked = scores.copy()
    for work in range(scores.shape[0]):
        end = scores.shape[1]
        while end > 0 and scores[work, end - 1] == omitted:
            end -= 1
        if end < scores.shape[1] and keep_first:
            end += 1
        for item in range(end, scores.shape[1]):
            marked[work, item] = mark
    return marked


def split(given: NDArray[np.bool_]) -> list[tuple[NDArray[Any] | slice, NDArray[np.int32]]]:
    """Group works by which items are given: (rows, columns given), the first met pattern first."""
    works, items = given.shape
    if given.all():
        return [(slice(None), np.arange(items, dtype=np.int32))]
    if items > len(KEYS):
        raise ValueError("more items than keys")
    prints = _fingerprints(given, KEYS)
    _, first, inverse = np.unique(prints, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rows = np.split(np.argsort(inverse, kind="stable"), np.cumsum(np.bincount(inverse))[:-1])
    return [(rows[code], np.flatnonzero(given[first[code]]).astype(np.int32)) for code in order]
