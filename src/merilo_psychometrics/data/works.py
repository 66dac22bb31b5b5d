"""The compiled pass over the rows of a long table, work by work."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from merilo_psychometrics.design import HIGHEST_SCORE

from .kernels import (
    FULL,
    KNOWN,
    NEW_ITEM,
    NEW_SLOT,
    NEW_TOP,
    OUTSIDE,
    TWICE,
    empty_bytes,
    find_slot,
)
from .ordering import memcmp

# Works alike from which it pays to count in bytes, and how many are compared at once.
LONG_RUN, LOOK_AHEAD = 8, 64


@intrinsic
def _word_at(typingctx: Any, address: Any) -> Any:
    """Eight bytes at an address, which may be any."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = builder.inttoptr(arguments[0], ir.IntType(64).as_pointer())
        return builder.load(place, align=1)

    return types.uint64(types.uint64), codegen


@njit(cache=True, nogil=True)
def _add_alike(
    at: Any,
    rows: int,
    works: Any,
    size: Any,
    words: Any,
    sums: Any,
    met: Any,
    cells: Any,
    start: int,
    width: int,
    counts: Any,
) -> Any:
    """Add works of the same items that lie one after the other, from address `at`, in bytes.

    Returns how many were added: up to one with anything but points 0 and 1, or to the last ones,
    whose last word would go beyond the `rows` that are there.
    """
    ones, more = np.uint64(0x0101010101010101), np.uint64(0xFEFEFEFEFEFEFEFE)
    last = ~np.uint64(0) >> np.uint64(8 * (8 * words - size))
    tail = np.uint64(8 * (words - 1))
    for work in range(works):
        if work * size + 8 * words > rows:
            return work
        here = at + np.uint64(work * size)
        joined = _word_at(here + tail) & last  # type: ignore[call-arg]
        points = (joined * ones) >> np.uint64(56)
        for word in range(words - 1):
            answers = _word_at(here + np.uint64(8 * word))
            joined |= answers
            points += (answers * ones) >> np.uint64(56)
        if joined & more != 0:
            return work
        if met[points] == FULL:
            empty_bytes(sums, met, cells, size, start, width, counts)
        met[points] += 1
        line = sums[points]
        for word in range(words - 1):
            line[word] += _word_at(here + np.uint64(8 * word))
        line[words - 1] += _word_at(here + tail) & last
    return works


@njit(cache=True, nogil=True)
def count_works(
    starts: Any,
    work: int,
    numbers: Any,
    lowest: int,
    codes: Any,
    scores: Any,
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
    place: Any,
    held: Any,
    held_keys: Any,
    counts: Any,
    label_key: int,
) -> Any:
    """Count works `work` … of a long table; stop at what is not known yet.

    A work with the items of the work before it, in the same order, is taken in one sweep.
    The rows of work w are `starts[w]` … `starts[w + 1]` - 1; the item of a row is
    `codes[numbers[row] - lowest]`. Scores not yet `coded` are nothing else: what is no score
    stops the pass with OUTSIDE. `labels` and `weights` have an entry a work, or one for all;
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
    # A run of works like the model, points 0 or 1: their answers are added eight at once.
    run, even = 0, False
    plain = len(weights) == 1 and weights[0] == 1
    words = np.int64(0)
    sums, met_of = np.zeros((0, 0), np.uint64), np.zeros(0, np.int64)
    at_scores = np.uint64(scores.ctypes.data)
    cells_of = np.zeros(len(tops), np.int64)
    tops_of = np.zeros(len(tops), np.int8)
    at_numbers, step = numbers.ctypes.data, numbers.itemsize
    while work < works:
        first, end = starts[work], starts[work + 1]
        label = labels[work * by_label]
        same = end - first == size and label == model_label
        if same and memcmp(at_numbers + first * step, at_numbers + model * step, size * step) == 0:
            run += 1
            if run == LONG_RUN and even:
                words = (size + 7) // 8
                sums = np.zeros((size + 1, words), np.uint64)
                met_of = np.zeros(size + 1, np.int64)
            if run >= LONG_RUN and even:
                ahead = work + 1
                while (
                    ahead < works
                    and ahead < work + LOOK_AHEAD
                    and starts[ahead + 1] - starts[ahead] == size
                    and labels[ahead * by_label] == label
                ):
                    ahead += 1
                # All of them at once, each with the one before.
                long = (ahead - work - 1) * size * step
                here = at_numbers + first * step
                if memcmp(here + size * step, here, long) != 0:
                    ahead = work + 1
                done = _add_alike(
                    at_scores + np.uint64(first), len(scores) - first, ahead - work, size, words,
                    sums, met_of, cells_of, base[slot], width[slot], counts,
                )  # fmt: skip
                work += done
                if done > 0:
                    continue
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
                        counts[start + cells_of[n]] += given[n] * weight
                else:
                    beyond = width[slot] - 1
                    for n in range(size):
                        value = given[n]
                        counts[start + (cells_of[n] + value - 1 if value > 0 else beyond)] += (
                            weight
                        )
                work += 1
                continue
        if run >= LONG_RUN and even:
            empty_bytes(sums, met_of, cells_of, size, base[slot], width[slot], counts)
        run, size = 0, np.int64(-1)
        print_ = label * label_key + held_keys[label]
        total = 0
        for row in range(first, end):
            at = numbers[row] - lowest
            if at < 0 or at >= range_ or codes[at] < 0:
                return NEW_ITEM, work, row
            value = scores[row]
            if not coded and (value < 0 or value > HIGHEST_SCORE):
                return OUTSIDE, work, row
            if value == -1:
                continue
            item = codes[at]
            if met[item] == work:
                return TWICE, work, row
            met[item] = work
            if value >= 0:
                if value > tops[item]:
                    return NEW_TOP, work, row
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
                return NEW_SLOT, work, first
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
            cells_of[row - first] = cells[item] + 1
            tops_of[row - first] = tops[item]
            in_line &= cells[item] == row - first
        even = plain and simple[slot] and size > 0
        work += 1
    if run >= LONG_RUN and even:
        empty_bytes(sums, met_of, cells_of, size, base[slot], width[slot], counts)
    return KNOWN, work, 0
