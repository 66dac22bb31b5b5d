"""What the compiled passes over columns of a wide table and rows of a long one share.

A *slot* is a booklet met so far: a label and the items that count. It is known by its print, a sum
of random 62-bit keys, so a row is matched to its slot without looking at names. The counts of all
slots lie in one flat array; the row of total score t of a slot begins at `base + t * width` and
holds: works, then for every item one cell for each score 1 … full score, then a cell for what is
not counted. (Works with score 0 on an item are what is left.)

Scores here are int8: 0 and up, ABSENT (no response), GONE (a response that was decided not to
count, where a named booklet must tell it from an absent one).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from merilo_psychometrics.patterns import KEYS

ABSENT = -1
GONE = -5
GONE_KEYS = np.random.Generator(np.random.PCG64(20261123)).integers(
    1, 2**62, size=len(KEYS), dtype=np.int64
)
LABEL_KEY = 0x1E3779B97F4A7C15
# Works a byte can count.
FULL = 255


@njit(cache=True, nogil=True)
def find_slot(prints: Any, slots: Any, print_: Any) -> Any:
    """The slot of a print, or -1: open addressing, the size is a power of two."""
    mask = len(prints) - 1
    at = (print_ ^ (print_ >> 29)) & mask
    while slots[at] >= 0:
        if prints[at] == print_:
            return slots[at]
        at = (at + 1) & mask
    return -1


@njit(cache=True, nogil=True)
def put_slot(prints: Any, slots: Any, print_: int, slot: int) -> None:
    """Enter a slot."""
    mask = len(prints) - 1
    at = (print_ ^ (print_ >> 29)) & mask
    while slots[at] >= 0:
        at = (at + 1) & mask
    prints[at] = print_
    slots[at] = slot


@njit(cache=True, nogil=True)
def empty_bytes(
    sums: Any, works: Any, cells: Any, many: int, start: int, width: int, counts: Any
) -> None:
    """Add bytes to the counts of a slot, which begin at `start`, and clear them.

    `works` [totals]: works of each total; `sums` [totals, words]: their sums, a byte for each of
    `cells[:many]`, the cells of a row of counts.
    """
    for total in range(len(works)):
        if works[total] == 0:
            continue
        line = start + total * width
        counts[line] += works[total]
        works[total] = 0
        for n in range(many):
            shift = np.uint64(8 * (n % 8))
            byte = (sums[total, n // 8] >> shift) & np.uint64(255)
            counts[line + cells[n]] += np.int64(byte)
        sums[total, :] = np.uint64(0)


# Why a pass stops: what it met must be entered, or refused, before it goes on.
KNOWN, NEW_SLOT, NEW_ITEM, NEW_TOP, TWICE, OUTSIDE = 0, 1, 2, 3, 4, 5
