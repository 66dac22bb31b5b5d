"""Conditional moments of the item scores given the total score of one linear booklet.

The elementary symmetric functions γ_s = Σ over score patterns of total s of Π ε are built item by
item (the summation algorithm: Verhelst, Glas & van der Sluis 1984; Baker & Harwell 1996) and
rescaled at every step. Expected counts come from one backward pass with the adjoints n_s/γ_s,
their covariances from one forward tangent a parameter, so everything but the last subtraction is a
sum of positive numbers: no division by polynomials, stable for hundreds of items.
"""

from __future__ import annotations

import numpy as np
from numba import njit


# Plain loops only: array expressions cost seconds of compile time each. A sum of two indices is
# asked at every step whether it counts from the end, and no loop of it is vectorised; a slice is not.
@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def linear_moments(scores, steps, eps, works):  # type: ignore[no-untyped-def]
    """Moments of one booklet.

    `scores`, `eps` [items, categories]: score and weight of every category (eps[:, 0] = 1);
    `steps` [items]: the last category; `works` [M + 1]: how many works have each total.

    Returns (Σ n_s log γ_s, expected counts [p], joint [p, p], given [p, M + 1], -1), where p counts
    the categories above 0 of all items in order, joint is Σ_s n_s P(c and d | s) and given is
    P(c | s); instead of -1 the total that no pattern reaches, with nothing else filled.
    """
    items = len(steps)
    total = len(works) - 1
    reached = np.zeros(items + 1, np.int64)
    first = np.zeros(items + 1, np.int64)
    for item in range(items):
        reached[item + 1] = reached[item] + scores[item, steps[item]]
        first[item + 1] = first[item] + steps[item]
    parameters = first[items]
    expected = np.zeros(parameters)
    joint = np.zeros((parameters, parameters))
    given = np.zeros((parameters, total + 1))

    forward = np.zeros((items + 1, total + 1))
    scale = np.ones(items)
    forward[0, 0] = 1.0
    log_scale = 0.0
    for item in range(items):
        for category in range(steps[item] + 1):
            weight = eps[item, category]
            jump = scores[item, category]
            line = forward[item + 1, jump:]
            for score in range(reached[item] + 1):
                line[score] += weight * forward[item, score]
        largest = 0.0
        for score in range(reached[item + 1] + 1):
            largest = max(largest, forward[item + 1, score])
        for score in range(reached[item + 1] + 1):
            forward[item + 1, score] /= largest
        scale[item] = largest
        log_scale += np.log(largest)

    log_sum = 0.0
    adjoint = np.zeros((items + 1, total + 1))
    for score in range(total + 1):
        if works[score] > 0:
            gamma = forward[items, score]
            if not gamma > 0.0:
                return 0.0, expected, joint, given, score
            log_sum += works[score] * (np.log(gamma) + log_scale)
            adjoint[items, score] = works[score] / gamma
    for item in range(items - 1, -1, -1):
        for category in range(steps[item] + 1):
            weight = eps[item, category] / scale[item]
            jump = scores[item, category]
            line = adjoint[item + 1, jump:]
            for score in range(reached[item] + 1):
                adjoint[item, score] += weight * line[score]

    # What the other items make of the total is the same for every category of an item, but for
    # the score it adds: one pass an item over those behind it, and one sum for every c + d.
    ahead = np.zeros(total + 1)
    after = np.zeros(total + 1)
    both = np.zeros(total + 1)
    known = np.zeros(total + 1, np.bool_)
    for item in range(items):
        top = scores[item, steps[item]]
        for score in range(reached[item] + 1):
            ahead[score] = forward[item, score] / scale[item]
        for category in range(1, steps[item] + 1):
            row = first[item] + category - 1
            jump = scores[item, category]
            count = 0.0
            line = adjoint[item + 1, jump:]
            for score in range(reached[item] + 1):
                count += ahead[score] * line[score]
            count *= eps[item, category]
            expected[row] = count
            joint[row, row] = count
        for other in range(item + 1, items):
            # The scores of all items before `other` but for `item`.
            end = reached[other] - top + 1
            down = 1.0 / scale[other]
            for jump in range(top + scores[other, steps[other]] + 1):
                known[jump] = False
            for category in range(1, steps[item] + 1):
                row = first[item] + category - 1
                for category2 in range(1, steps[other] + 1):
                    jump = scores[item, category] + scores[other, category2]
                    if not known[jump]:
                        known[jump] = True
                        count = 0.0
                        line = adjoint[other + 1, jump : jump + end]
                        for score in range(end):
                            count += ahead[score] * line[score]
                        both[jump] = count * down
                    column = first[other] + category2 - 1
                    value = both[jump] * eps[item, category] * eps[other, category2]
                    joint[row, column] = value
                    joint[column, row] = value
            for score in range(end + scores[other, steps[other]]):
                after[score] = 0.0
            for category2 in range(steps[other] + 1):
                weight = eps[other, category2] * down
                jump = scores[other, category2]
                line = after[jump : jump + end]
                for score in range(end):
                    line[score] += weight * ahead[score]
            ahead, after = after, ahead
        for category in range(1, steps[item] + 1):
            row = first[item] + category - 1
            jump = scores[item, category]
            weight = eps[item, category]
            for score in range(total - top + 1):
                if works[score + jump] > 0:
                    given[row, score + jump] = weight * ahead[score] / forward[items, score + jump]
    return log_sum, expected, joint, given, -1
