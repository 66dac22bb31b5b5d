"""The compiled pass over the columns of a wide table.

A tile of rows is first looked at column by column. Where every column is given throughout or
missing throughout, all rows belong to one slot: totals are sums of columns, eight columns are put
beside one another in a word, and a word a work is added to a row of bytes kept for its total. The
bytes are emptied into the counts before one could overflow. Rows of any other tile (gaps here and
there, several booklets, weights) go work by work.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray, njit, types  # type: ignore[attr-defined]
from numba.core import cgutils
from numba.extending import intrinsic

from merilo_psychometrics.design import HIGHEST_SCORE

from .kernels import FULL, KNOWN, NEW_SLOT, NEW_TOP, OUTSIDE, empty_bytes, find_slot

# Rows of a tile: few enough for its columns to stay in the nearest caches.
TILE_ROWS, TILE_CELLS = 1020, 65_536
WORD = 8


@intrinsic
def _column_at(typingctx: Any, address: Any) -> Any:
    """Turn the address of a column into a pointer to its int8 cells."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.CPointer(types.int8)(types.uint64), codegen  # type: ignore[no-untyped-call]


@njit(cache=True, nogil=True)
def _look(addresses: Any, row: int, many: int, lowest: Any, highest: Any, totals: Any) -> None:
    """The least and the greatest cell of every column of a tile, and the sum of every row."""
    totals[:many] = 0
    for item in range(len(addresses)):
        column = carray(_column_at(addresses[item] + np.uint64(row)), many)  # type: ignore[call-arg]
        least, most = np.int8(127), np.int8(-128)
        for work in range(many):
            least = min(least, column[work])
            most = max(most, column[work])
            totals[work] += column[work]
        lowest[item], highest[item] = least, most


@njit(cache=True, nogil=True)
def _beside(at: Any, value: Any, many: int, words: Any) -> None:
    """Put eight columns beside one another: byte n of a word is 1 where column n is `value[n]`."""
    a = carray(_column_at(at[0]), many)  # type: ignore[call-arg]
    b = carray(_column_at(at[1]), many)
    c = carray(_column_at(at[2]), many)
    d = carray(_column_at(at[3]), many)
    e = carray(_column_at(at[4]), many)
    f = carray(_column_at(at[5]), many)
    g = carray(_column_at(at[6]), many)
    h = carray(_column_at(at[7]), many)
    va, vb, vc, vd = value[0], value[1], value[2], value[3]
    ve, vf, vg, vh = value[4], value[5], value[6], value[7]
    for work in range(many):
        words[work] = (
            np.uint64(a[work] == va)
            | (np.uint64(b[work] == vb) << np.uint64(8))
            | (np.uint64(c[work] == vc) << np.uint64(16))
            | (np.uint64(d[work] == vd) << np.uint64(24))
            | (np.uint64(e[work] == ve) << np.uint64(32))
            | (np.uint64(f[work] == vf) << np.uint64(40))
            | (np.uint64(g[work] == vg) << np.uint64(48))
            | (np.uint64(h[work] == vh) << np.uint64(56))
        )


@njit(cache=True, nogil=True)
def _count_tile(
    addresses: Any,
    row: int,
    many: int,
    totals: Any,
    columns: Any,
    values: Any,
    given: int,
    words: Any,
    sums: Any,
    works: Any,
    cells: Any,
    start: int,
    width: int,
    counts: Any,
) -> None:
    """Count a tile of one slot: a byte for each of `columns`, 1 where the cell is `values`."""
    at, value = np.empty(WORD, np.uint64), np.empty(WORD, np.int8)
    # A piece is no longer than a byte can count, so emptying before it is enough.
    for first in range(0, many, FULL):
        piece = min(FULL, many - first)
        # An index that is a sum, or has a sign, is asked whether it counts from the end.
        own = totals[first : first + piece]
        over = False
        for work in range(piece):
            works[own[work]] += 1
        for total in range(len(works)):
            over |= works[total] > FULL
        if over:
            # These works are not in the bytes yet: out with those that are.
            for work in range(piece):
                works[own[work]] -= 1
            empty_bytes(sums.T, works, cells, given, start, width, counts)
            for work in range(piece):
                works[own[work]] += 1
        for word in range((given + WORD - 1) // WORD):
            for byte in range(WORD):
                n = min(word * WORD + byte, given - 1)  # the last word is filled up, and not read
                at[byte] = addresses[columns[n]] + np.uint64(row + first)
                value[byte] = values[n]
            _beside(at, value, piece, words)
            line = sums[word]
            for work in range(piece):
                line[np.uint32(own[work])] += words[work]


@njit(cache=True, nogil=True)
def _count_rows(
    addresses: Any,
    row: int,
    many: int,
    tile: Any,
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
) -> Any:
    """Count a tile work by work; return the first work of an unknown slot, or `many`."""
    wide = len(addresses)
    by_label = 1 if len(labels) > 1 else 0
    by_weight = 1 if len(weights) > 1 else 0
    for item in range(wide):
        column = carray(_column_at(addresses[item] + np.uint64(row)), many)  # type: ignore[call-arg]
        for work in range(many):
            tile[work, item] = column[work]
    last_print = np.int64(0)
    slot = -1
    for work in range(many):
        label = labels[(row + work) * by_label]
        print_ = label * label_key
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
                return work
            last_print = print_
        weight = weights[(row + work) * by_weight]
        start = base[slot] + total * width[slot]
        counts[start] += weight
        first, end = begin[slot], begin[slot + 1]
        if simple[slot] and end - first == wide:
            line = counts[start + 1 : start + 1 + wide]
            for item in range(wide):
                line[item] += tile[work, item] * weight
        else:
            beyond = width[slot] - 1
            for n in range(first, end):
                item = items[n]
                value = tile[work, item]
                counts[start + (place[slot, item] + value if value > 0 else beyond)] += weight
    return many


@njit(cache=True, nogil=True)
def count_columns(
    addresses: Any,
    row: int,
    rows: int,
    coded: bool,
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
    begin: Any,
    items: Any,
    place: Any,
    held: Any,
    counts: Any,
    label_key: int,
) -> Any:
    """Count rows `row` … of int8 columns; return (KNOWN, `rows`, 0) or where it stopped and why.

    Columns not yet `coded` hold scores only: anything else stops the pass with OUTSIDE. `labels`
    and `weights` have an entry a row, or one for all. `items[begin[s]:begin[s + 1]]` are the items
    of slot s in rising order, `place[s]` the cells before those of their scores. `held[label,
    item]`: no response to it counts as 0.
    """
    wide = len(addresses)
    tile_rows = max(16, min(TILE_ROWS, TILE_CELLS // wide))
    by_label = 1 if len(labels) > 1 else 0
    lowest, highest = np.empty(wide, np.int8), np.empty(wide, np.int8)
    totals = np.empty(tile_rows, np.int32)
    tile = np.empty((0, wide), np.int8)
    words = np.empty(FULL, np.uint64)
    # The slot of the tile before, and the cells of its bytes.
    slot, slot_print, given = -1, np.int64(0), 0
    sums, works = np.zeros((0, 0), np.uint64), np.zeros(0, np.int64)
    columns, values, cells = np.zeros(0, np.int64), np.zeros(0, np.int8), np.zeros(0, np.int64)
    reason, stopped = KNOWN, 0
    while row < rows:
        many = min(tile_rows, rows - row)
        _look(addresses, row, many, lowest, highest, totals)
        label = labels[row * by_label]
        even = len(weights) == 1 and weights[0] == 1
        if by_label:
            for work in range(row, row + many):
                even &= labels[work] == label
        print_ = label * label_key
        below = 0
        for item in range(wide):
            if not coded and (lowest[item] < 0 or highest[item] > HIGHEST_SCORE):
                reason, stopped = OUTSIDE, item
                break
            if highest[item] > tops[item]:
                reason, stopped = NEW_TOP, item
                break
            if lowest[item] >= 0:
                print_ += keys[item]
            elif lowest[item] != highest[item]:
                even = False
            else:
                below += lowest[item]
                if lowest[item] == -5:
                    print_ += gone_keys[item]
                elif held[label, item]:
                    print_ += keys[item]
        if reason != KNOWN:
            break
        if not even:
            if len(tile) == 0:
                tile = np.empty((tile_rows, wide), np.int8)
            done = _count_rows(
                addresses, row, many, tile, labels, weights, keys, gone_keys,
                prints, slots, base, width, simple, begin, items, place, held, counts, label_key,
            )  # fmt: skip
            row += done
            if done < many:
                reason = NEW_SLOT
                break
            continue
        if slot < 0 or print_ != slot_print:
            if slot >= 0:
                empty_bytes(sums.T, works, cells, given, base[slot], width[slot], counts)
            slot, slot_print = find_slot(prints, slots, print_), print_
            if slot < 0:
                reason = NEW_SLOT
                break
            size = width[slot] - 2
            columns, values = np.empty(size, np.int64), np.empty(size, np.int8)
            cells = np.empty(size, np.int64)
            given = 0
            for n in range(begin[slot], begin[slot + 1]):
                item = items[n]
                if lowest[item] < 0:
                    continue
                for value in range(1, tops[item] + 1):
                    columns[given], cells[given] = item, place[slot, item] + value
                    values[given] = value
                    given += 1
            sums = np.zeros(((given + WORD - 1) // WORD, size + 1), np.uint64)
            works = np.zeros(size + 1, np.int64)
        if below:
            totals[:many] -= below
        _count_tile(
            addresses, row, many, totals, columns, values, given, words,
            sums, works, cells, base[slot], width[slot], counts,
        )  # fmt: skip
        row += many
    if slot >= 0:
        empty_bytes(sums.T, works, cells, given, base[slot], width[slot], counts)
    return reason, row, stopped
