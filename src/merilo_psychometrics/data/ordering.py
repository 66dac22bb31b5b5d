"""Compiled passes that find where persons begin and put rows in order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types

# Of the C library: one instruction compares dozens of cells, which a loop over indices does not.
memcmp = types.ExternalFunction("memcmp", types.int32(types.uintp, types.uintp, types.uintp))


@njit(cache=True, nogil=True)
def starts_of(persons: Any, starts: Any) -> Any:
    """Write where the person changes; return how many there are, -1 when a number falls."""
    found = 0
    rows = len(persons)
    row = 0
    run = 0
    at, step = persons.ctypes.data, persons.itemsize
    while row < rows:
        person = persons[row]
        if row > 0 and person < persons[row - 1]:
            return -1
        first = row
        # As many rows as the person before had are compared at once, each with the next.
        here = at + row * step
        if run > 1 and row + run <= rows and memcmp(here, here + step, (run - 1) * step) == 0:
            row += run
        while row < rows and persons[row] == person:
            row += 1
        run = row - first
        starts[found] = first
        found += 1
    return found


@njit(cache=True, nogil=True)
def by_bucket(hashes: Any, buckets: int) -> Any:
    """Put rows in order of bucket, keeping their order within: (rows, end of every bucket)."""
    ends = np.zeros(buckets, np.int64)
    for row in range(len(hashes)):
        ends[hashes[row] % buckets] += 1
    at = np.zeros(buckets, np.int64)
    for bucket in range(1, buckets):
        at[bucket] = at[bucket - 1] + ends[bucket - 1]
    order = np.empty(len(hashes), np.uint32)
    for row in range(len(hashes)):
        bucket = hashes[row] % buckets
        order[at[bucket]] = row
        at[bucket] += 1
    return order, at


@njit(cache=True, nogil=True)
def by_key(keys: Any) -> Any:
    """Put rows with equal keys together, in the order first met: (rows, begin of every key and end).

    Rows of a key keep their order.
    """
    rows = len(keys)
    size = 1024
    known = np.zeros(size, keys.dtype)
    numbers = np.full(size, -1, np.int32)
    of_row = np.empty(rows, np.int32)
    found = 0
    for row in range(rows):
        if 2 * found >= size:
            size *= 4
            more, at_more = np.zeros(size, keys.dtype), np.full(size, -1, np.int32)
            for old in range(len(known)):
                if numbers[old] >= 0:
                    at = mixed(known[old]) & (size - 1)
                    while at_more[at] >= 0:
                        at = (at + 1) & (size - 1)
                    more[at], at_more[at] = known[old], numbers[old]
            known, numbers = more, at_more
        at = mixed(keys[row]) & (size - 1)
        while numbers[at] >= 0 and known[at] != keys[row]:
            at = (at + 1) & (size - 1)
        if numbers[at] < 0:
            known[at], numbers[at] = keys[row], found
            found += 1
        of_row[row] = numbers[at]
    starts = np.zeros(found + 1, np.int64)
    for row in range(rows):
        starts[of_row[row] + 1] += 1
    for number in range(found):
        starts[number + 1] += starts[number]
    at_row = starts[:-1].copy()
    order = np.empty(rows, np.uint32)
    for row in range(rows):
        order[at_row[of_row[row]]] = row
        at_row[of_row[row]] += 1
    return order, starts


@njit(cache=True, nogil=True)
def mixed(key: Any) -> Any:
    """Spread the bits of a key."""
    return (np.int64(key) * 0x1E3779B97F4A7C15) >> 20
