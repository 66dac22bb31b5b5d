"""Conditional moments for a path of a multi-stage test.

Only score patterns that led along the path are admitted (Zwitser & Maris 2015). Where a
stage ends, scores outside [lowest, highest] are dropped; when a module's own score decided, the
module runs in a matrix whose rows remember the total it began with. Otherwise as in `symmetric`.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from merilo_psychometrics.design import Booklet

# What happens after an item: nothing, a limit on the total so far, a limit on the module's score.
NO_LIMIT, TOTAL_LIMIT, MODULE_LIMIT = 0, 1, 2


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def staged_moments(scores, steps, eps, works, limits, begins):  # type: ignore[no-untyped-def]
    """Moments of one path; arguments and result as in `symmetric.linear_moments`, and

    `limits` [items, 3]: kind, lowest, highest after the item; `begins` [items]: a module judged by
    its own score begins here.
    """
    items = len(steps)
    total = len(works) - 1
    reached = np.zeros(items + 1, np.int64)
    first = np.zeros(items + 1, np.int64)
    widest = 1
    for item in range(items):
        reached[item + 1] = reached[item] + scores[item, steps[item]]
        first[item + 1] = first[item] + steps[item]
        if begins[item]:
            widest = total + 1
    parameters = first[items]

    forward = np.zeros((items + 1, widest, total + 1))
    scale = np.ones(items)
    forward[0, 0, 0] = 1.0
    log_scale = 0.0
    for item in range(items):
        if begins[item]:
            _open_module(forward[item])
        largest = _convolve(
            forward[item], forward[item + 1], scores[item], eps[item], steps[item], reached[item]
        )
        scale[item] = largest
        log_scale += np.log(largest)
        _divide(forward[item + 1], largest)
        _limit(forward[item + 1], limits[item])

    expected = np.zeros(parameters)
    joint = np.zeros((parameters, parameters))
    given = np.zeros((parameters, total + 1))
    gamma = forward[items, 0]
    log_sum = 0.0
    adjoint = np.zeros((items + 1, widest, total + 1))
    for score in range(total + 1):
        if works[score] > 0:
            if not gamma[score] > 0.0:
                return 0.0, expected, joint, given, score
            log_sum += works[score] * (np.log(gamma[score]) + log_scale)
            adjoint[items, 0, score] = works[score] / gamma[score]

    # adjoint[item + 1] is kept as it stands right after the item, before the limit of its stage.
    for item in range(items - 1, -1, -1):
        _limit_back(adjoint[item + 1], limits[item])
        _convolve_back(
            adjoint[item + 1], adjoint[item], scores[item], eps[item], steps[item], reached[item],
            scale[item],
        )  # fmt: skip
        if begins[item]:
            _close_module(adjoint[item])

    ahead = np.zeros((widest, total + 1))
    after = np.zeros((widest, total + 1))
    for item in range(items):
        for category in range(1, steps[item] + 1):
            row = first[item] + category - 1
            weight = eps[item, category] / scale[item]
            jump = scores[item, category]
            for line in range(widest):
                for score in range(total + 1):
                    ahead[line, score] = 0.0
            for line in range(widest):
                for score in range(reached[item] + 1):
                    ahead[line, score + jump] = weight * forward[item, line, score]
            count = 0.0
            for line in range(widest):
                for score in range(reached[item + 1] + 1):
                    count += ahead[line, score] * adjoint[item + 1, line, score]
            expected[row] = count
            joint[row, row] = count
            _limit(ahead, limits[item])
            for other in range(item + 1, items):
                if begins[other]:
                    _open_module(ahead)
                for category2 in range(1, steps[other] + 1):
                    column = first[other] + category2 - 1
                    jump2 = scores[other, category2]
                    both = 0.0
                    for line in range(widest):
                        for score in range(reached[other] + 1):
                            both += ahead[line, score] * adjoint[other + 1, line, score + jump2]
                    both *= eps[other, category2] / scale[other]
                    joint[row, column] = both
                    joint[column, row] = both
                _convolve(ahead, after, scores[other], eps[other], steps[other], reached[other])
                _divide(after, scale[other])
                ahead, after = after, ahead
                _limit(ahead, limits[other])
            for score in range(total + 1):
                if works[score] > 0:
                    given[row, score] = ahead[0, score] / gamma[score]
    return log_sum, expected, joint, given, -1


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _convolve(before, after, jumps, weights, last, reached):  # type: ignore[no-untyped-def]
    """after = before * weights of one item, row by row; returns the largest entry."""
    largest = 0.0
    for line in range(before.shape[0]):
        for score in range(before.shape[1]):
            after[line, score] = 0.0
        for category in range(last + 1):
            jump = jumps[category]
            weight = weights[category]
            for score in range(reached + 1):
                after[line, score + jump] += weight * before[line, score]
        for score in range(reached + jumps[last] + 1):
            largest = max(largest, after[line, score])
    return largest


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _convolve_back(after, before, jumps, weights, last, reached, scale):  # type: ignore[no-untyped-def]
    """The transpose of `_convolve`."""
    for line in range(before.shape[0]):
        for score in range(before.shape[1]):
            before[line, score] = 0.0
        for category in range(last + 1):
            jump = jumps[category]
            weight = weights[category] / scale
            for score in range(reached + 1):
                before[line, score] += weight * after[line, score + jump]


@njit(cache=True, nogil=True)
def _divide(table, by):  # type: ignore[no-untyped-def]
    for line in range(table.shape[0]):
        for score in range(table.shape[1]):
            table[line, score] /= by


@njit(cache=True, nogil=True)
def _limit(table, limit):  # type: ignore[no-untyped-def]
    """End a stage: drop the scores that did not lead on; a module's rows fall together."""
    kind, lowest, highest = limit
    if kind == TOTAL_LIMIT:
        for score in range(table.shape[1]):
            if score < lowest or score > highest:
                table[0, score] = 0.0
    elif kind == MODULE_LIMIT:
        for score in range(table.shape[1]):
            whole = 0.0
            for began in range(table.shape[0]):
                if lowest <= score - began <= highest:
                    whole += table[began, score]
                table[began, score] = 0.0
            # Row 0 was read before it is written: `began` runs upwards from it.
            table[0, score] = whole


@njit(cache=True, nogil=True)
def _limit_back(table, limit):  # type: ignore[no-untyped-def]
    """The transpose of `_limit`."""
    kind, lowest, highest = limit
    if kind == TOTAL_LIMIT:
        _limit(table, limit)
    elif kind == MODULE_LIMIT:
        for score in range(table.shape[1]):
            whole = table[0, score]
            for began in range(table.shape[0]):
                table[began, score] = whole if lowest <= score - began <= highest else 0.0


@njit(cache=True, nogil=True)
def _open_module(table):  # type: ignore[no-untyped-def]
    """Spread row 0 over the rows: row r holds the works that began the module with score r."""
    for score in range(1, table.shape[1]):
        table[score, score] = table[0, score]
        table[0, score] = 0.0


@njit(cache=True, nogil=True)
def _close_module(table):  # type: ignore[no-untyped-def]
    """The transpose of `_open_module`."""
    for score in range(1, table.shape[1]):
        table[0, score] = table[score, score]
        for other in range(table.shape[1]):
            table[score, other] = 0.0


def limits_of(booklet: Booklet) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Write the stages of a booklet as the arrays `limits` and `begins` of `staged_moments`."""
    limits = np.zeros((len(booklet.items), 3), dtype=np.int64)
    begins = np.zeros(len(booklet.items), dtype=np.bool_)
    for stage in booklet.stages[:-1]:
        kind = TOTAL_LIMIT if stage.cumulative else MODULE_LIMIT
        limits[stage.items[-1]] = (kind, stage.lowest, stage.highest)
        begins[stage.items[0]] = not stage.cumulative
    return limits, begins
