"""Compiled passes from cells to counts, over columns of a wide table or rows of a long one.

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
from numba import carray, njit, types  # type: ignore[attr-defined]
from numba.core import cgutils
from numba.extending import intrinsic

from merilo_psychometrics.patterns import KEYS

ABSENT = -1
GONE = -5
# A tile of rows is laid out work by work; it should stay in the nearest cache.
TILE_CELLS = 32_768
GONE_KEYS = np.random.Generator(np.random.PCG64(20261123)).integers(
    1, 2**62, size=len(KEYS), dtype=np.int64
)
LABEL_KEY = 0x1E3779B97F4A7C15


# Of the C library: one instruction compares dozens of cells, which a loop over indices does not.
memcmp = types.ExternalFunction("memcmp", types.int32(types.uintp, types.uintp, types.uintp))


@intrinsic
def _column_at(typingctx: Any, address: Any) -> Any:
    """Turn the address of a column into a pointer to its int8 cells."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.CPointer(types.int8)(types.uint64), codegen  # type: ignore[no-untyped-call]


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
def count_columns(
    addresses: Any,
    row: int,
    rows: int,
    labels: Any,
    weights: Any,
    keys: Any,
    gone_keys: Any,
    prints: Any,
    slots: Any,
    base: Any,
    width: Any,
    simple: Any,
    begin: Any,
    items: Any,
    place: Any,
    held: Any,
    counts: Any,
    label_key: int,
    tile_rows: int,
) -> Any:
    """Count rows `row` … of int8 columns; return the first row of an unknown slot, or `rows`.

    `labels` and `weights` have an entry a row, or one for all. `items[begin[s]:begin[s + 1]]` are
    the items of slot s in rising order, `place[s]` the cells before those of their scores.
    `held[label, item]`: no response to it counts as 0.
    """
    wide = len(addresses)
    by_label = 1 if len(labels) > 1 else 0
    by_weight = 1 if len(weights) > 1 else 0
    tile = np.empty((tile_rows, wide), np.int8)
    full = np.int64(0)
    for item in range(wide):
        full += keys[item]
    last_print = np.int64(0)
    slot = -1
    while row < rows:
        many = min(tile_rows, rows - row)
        for item in range(wide):
            column = carray(_column_at(addresses[item]), rows)  # type: ignore[call-arg]
            for work in range(many):
                tile[work, item] = column[row + work]
        for work in range(many):
            lowest = np.int8(0)
            total = 0
            for item in range(wide):
                value = tile[work, item]
                lowest = min(lowest, value)
                total += value
            label = labels[(row + work) * by_label]
            print_ = label * label_key
            if lowest >= 0:
                print_ += full
            else:
                total = 0
                for item in range(wide):
                    value = tile[work, item]
                    if value == -1 and held[label, item]:
                        value = np.int8(0)
                        tile[work, item] = value
                    if value >= 0:
                        print_ += keys[item]
                        total += value
                    elif value == -5:
                        print_ += gone_keys[item]
            if slot < 0 or print_ != last_print:
                slot = find_slot(prints, slots, print_)
                if slot < 0:
                    return row + work
                last_print = print_
            weight = weights[(row + work) * by_weight]
            start = base[slot] + total * width[slot]
            counts[start] += weight
            first, end = begin[slot], begin[slot + 1]
            if simple[slot] and end - first == wide:
                cells = counts[start + 1 : start + 1 + wide]
                given = tile[work]
                for item in range(wide):
                    cells[item] += given[item] * weight
            elif simple[slot]:
                for n in range(first, end):
                    counts[start + 1 + n - first] += tile[work, items[n]] * weight
            else:
                beyond = width[slot] - 1
                for n in range(first, end):
                    item = items[n]
                    value = tile[work, item]
                    counts[start + (place[slot, item] + value if value > 0 else beyond)] += weight
        row += many
    return rows


KNOWN, NEW_SLOT, NEW_ITEM, NEW_TOP, TWICE = 0, 1, 2, 3, 4


@njit(cache=True, nogil=True)
def count_works(
    starts: Any,
    work: int,
    numbers: Any,
    lowest: int,
    codes: Any,
    scores: Any,
    labels: Any,
    weights: Any,
    keys: Any,
    gone_keys: Any,
    prints: Any,
    slots: Any,
    base: Any,
    width: Any,
    simple: Any,
    tops: Any,
    place: Any,
    held: Any,
    held_keys: Any,
    counts: Any,
    label_key: int,
) -> Any:
    """Count works `work` … of a long table; stop at what is not known yet.

    A work with the items of the work before it, in the same order, is taken in one sweep.
    The rows of work w are `starts[w]` … `starts[w + 1]` - 1; the item of a row is
    `codes[numbers[row] - lowest]`. `labels` and `weights` have an entry a work, or one for all;
    `held_keys[label]` is the print of all items of `held[label]`. Returns (reason, work, row).
    """
    by_label = 1 if len(labels) > 1 else 0
    by_weight = 1 if len(weights) > 1 else 0
    met = np.full(len(tops), -1, np.int64)
    last_print = np.int64(0)
    slot = -1
    range_ = len(codes)
    works = len(starts) - 1
    # The work before: where it begins, its rows, label, and by row the cell and the full score.
    model: Any = np.int64(0)
    size: Any = np.int64(-1)
    model_label, in_line = labels[0], False
    cells_of = np.zeros(len(tops), np.int64)
    tops_of = np.zeros(len(tops), np.int8)
    at_numbers, step = numbers.ctypes.data, numbers.itemsize
    while work < works:
        first, end = starts[work], starts[work + 1]
        label = labels[work * by_label]
        same = end - first == size and label == model_label
        if same and memcmp(at_numbers + first * step, at_numbers + model * step, size * step) == 0:
            given = scores[first:end]
            bits = np.int8(0)
            total = 0
            for n in range(size):
                bits = np.int8(bits | given[n])
            for n in range(size):
                total += given[n]
            allowed = bits & ~1 == 0
            if not allowed and bits > 0:
                over = 0
                for n in range(size):
                    over += given[n] > tops_of[n]
                allowed = over == 0
            if allowed:
                weight = weights[work * by_weight]
                start = base[slot] + total * width[slot]
                counts[start] += weight
                if in_line:
                    line = counts[start + 1 : start + 1 + size]
                    for n in range(size):
                        line[n] += given[n] * weight
                elif simple[slot]:
                    for n in range(size):
                        counts[start + cells_of[n] + 1] += given[n] * weight
                else:
                    beyond = width[slot] - 1
                    for n in range(size):
                        value = given[n]
                        counts[start + (cells_of[n] + value if value > 0 else beyond)] += weight
                work += 1
                continue
        print_ = label * label_key + held_keys[label]
        total = 0
        for row in range(first, end):
            at = numbers[row] - lowest
            if at < 0 or at >= range_ or codes[at] < 0:
                return 2, work, row
            value = scores[row]
            if value == -1:
                continue
            item = codes[at]
            if met[item] == work:
                return 4, work, row
            met[item] = work
            if value >= 0:
                if value > tops[item]:
                    return 3, work, row
                if not held[label, item]:
                    print_ += keys[item]
                total += value
            else:
                print_ += gone_keys[item]
                if held[label, item]:
                    print_ -= keys[item]
        if slot < 0 or print_ != last_print:
            slot = find_slot(prints, slots, print_)
            if slot < 0:
                return 1, work, first
            last_print = print_
        weight = weights[work * by_weight]
        start = base[slot] + total * width[slot]
        counts[start] += weight
        cells = place[slot]
        size = end - first
        model, model_label, in_line = first, label, simple[slot]
        if simple[slot]:
            for row in range(first, end):
                value = scores[row]
                if value >= 0:
                    counts[start + cells[codes[numbers[row] - lowest]] + 1] += value * weight
        else:
            beyond = width[slot] - 1
            for row in range(first, end):
                value = scores[row]
                cell = cells[codes[numbers[row] - lowest]]
                counts[start + (cell + value if value > 0 else beyond)] += weight
        for row in range(first, end):
            if scores[row] < 0:
                size = -1
                break
            item = codes[numbers[row] - lowest]
            cells_of[row - first] = cells[item]
            tops_of[row - first] = tops[item]
            in_line &= cells[item] == row - first
        work += 1
    return 0, work, 0


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
