"""Works packed several answers to a byte."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from merilo_psychometrics.design import Item
from merilo_psychometrics.responses import NOT_ADMINISTERED, Responses

BYTE = 256
# Booklets of fewer works share one pack, in which "not given" is one more category.
WORTH_A_PACK = 2048


@dataclass(frozen=True, eq=False)
class Pack:
    """Works on the same items, packed.

    `items` [k]: positions in `Design.items`. `codes` [works, bytes], uint8. `spans` gives for
    every byte the items in it, as places in `items`; `digits[b]` [256, items in the byte] is the
    category (0, 1, …) each code stands for, -1 when not given. `rows` [works]: number of the work
    in the order of the blocks; for `folded` packs -1, as equal works were counted together.
    `weights` [works]; `groups` [works], int32. `merged` numbers the blocks a pack of several
    booklets was made of, and is empty for a pack of one.
    """

    items: NDArray[np.int32]
    codes: NDArray[np.uint8]
    spans: tuple[slice, ...]
    digits: tuple[NDArray[np.int64], ...]
    rows: NDArray[np.int64]
    weights: NDArray[np.float64]
    groups: NDArray[np.int32]
    merged: tuple[int, ...] = ()

    def categories(self, rows: slice) -> NDArray[np.int64]:
        """Categories (0, 1, …) of some works, [works, items]; -1 where not given."""
        columns = [digits[self.codes[rows, which]] for which, digits in enumerate(self.digits)]
        return np.concatenate(columns, axis=1)

    def thinned(self, every: int) -> Pack:
        """Every n-th work, standing for all: for steps that may be rough."""
        kept = slice(None, None, every)
        share = self.weights.sum() / self.weights[kept].sum()
        return replace(
            self,
            codes=np.ascontiguousarray(self.codes[kept]),
            rows=self.rows[kept],
            weights=self.weights[kept] * share,
            groups=np.ascontiguousarray(self.groups[kept]),
        )

    def __len__(self) -> int:
        return len(self.codes)


def pack(
    responses: Responses,
    *,
    groups: tuple[NDArray[np.int32], ...] | None = None,
    weighted: bool = False,
    fold: bool = False,
) -> tuple[Pack, ...]:
    """Pack all works; omissions must be treated.

    `groups` are codes of groups for every block (0 everywhere unless given). With `weighted` the
    weights of the works are kept, else everybody counts once. With `fold` equal works of a group
    are counted together where the patterns fit two bytes.
    """
    starts = np.cumsum([0, *map(len, responses.blocks)])
    codes = groups or tuple(np.zeros(len(block), np.int32) for block in responses.blocks)
    large: list[Pack] = []
    small: list[int] = []
    for number, block in enumerate(responses.blocks):
        if len(block) < WORTH_A_PACK and len(responses.blocks) > 1:
            small.append(number)
            continue
        large.append(
            _pack(
                responses.design.items,
                responses.design.booklets[number].items,
                block.scores,
                np.arange(starts[number], starts[number + 1]),
                _weights(block, weighted),
                codes[number],
            )
        )
    if small:
        large.append(_merged(responses, small, starts, codes, weighted))
    return tuple(map(_folded, large)) if fold else tuple(large)


def _weights(block: Any, weighted: bool) -> NDArray[np.float64]:
    if weighted and block.weights is not None:
        return np.asarray(block.weights, dtype=np.float64)
    return np.ones(len(block))


def _merged(
    responses: Responses, small: list[int], starts: Any, codes: Any, weighted: bool
) -> Pack:
    """One pack of many small booklets over all their items."""
    booklets = [responses.design.booklets[n] for n in small]
    blocks = [responses.blocks[n] for n in small]
    items = np.unique(np.concatenate([booklet.items for booklet in booklets])).astype(np.int32)
    place = np.full(len(responses.design.items), -1)
    place[items] = np.arange(len(items))
    scores = np.full((sum(map(len, blocks)), len(items)), NOT_ADMINISTERED, np.int8)
    row = 0
    for booklet, block in zip(booklets, blocks, strict=True):
        scores[row : row + len(block), place[booklet.items]] = block.scores
        row += len(block)
    return _pack(
        responses.design.items,
        items,
        scores,
        np.concatenate([np.arange(starts[n], starts[n + 1]) for n in small]),
        np.concatenate([_weights(block, weighted) for block in blocks]),
        np.concatenate([codes[n] for n in small]),
        merged=tuple(small) if len(small) > 1 else (),
    )


def _pack(
    all_items: tuple[Item, ...],
    items: NDArray[np.int32],
    scores: NDArray[np.int8],
    rows: NDArray[Any],
    weights: NDArray[np.float64],
    groups: NDArray[np.int32],
    *,
    merged: tuple[int, ...] = (),
) -> Pack:
    held = [all_items[n] for n in items]
    sizes = np.array([len(item.scores) + bool(merged) for item in held])
    category = np.zeros((len(held), 129), dtype=np.int64)
    for place, item in enumerate(held):
        category[place, np.array(item.scores) + 1] = np.arange(len(item.scores))
        category[place, NOT_ADMINISTERED + 1] = len(item.scores)
    byte, factor = np.zeros(len(held), np.int64), np.ones(len(held), np.int64)
    used, number = 1, 0
    for place, size in enumerate(sizes):
        if used * size > BYTE and used > 1:
            number, used = number + 1, 1
        byte[place], factor[place] = number, used
        used *= int(size)
    spans, digits = [], []
    for which in range(number + 1):
        inside = np.flatnonzero(byte == which)
        spans.append(slice(int(inside[0]), int(inside[-1]) + 1))
        table = np.arange(BYTE)[:, None] // factor[inside] % sizes[inside]
        digits.append(np.where(table == [len(held[n].scores) for n in inside], -1, table))
    codes = pack_codes(scores, category, byte, factor, number + 1)
    return Pack(
        items,
        codes,
        tuple(spans),
        tuple(digits),
        np.asarray(rows, np.int64),
        weights,
        np.ascontiguousarray(groups, np.int32),
        merged,
    )


def _folded(whole: Pack) -> Pack:
    """Count equal works together when there are far fewer patterns than works."""
    if whole.codes.shape[1] > 2 or len(whole) < 2 or whole.merged:
        return whole
    number = np.zeros(len(whole), np.int64)
    for column in range(whole.codes.shape[1]):
        number = number * BYTE + whole.codes[:, column]
    number += int(number.max() + 1) * whole.groups
    _, first, inverse = np.unique(number, return_index=True, return_inverse=True)
    return Pack(
        whole.items,
        np.ascontiguousarray(whole.codes[first]),
        whole.spans,
        whole.digits,
        np.full(len(first), -1),
        np.bincount(inverse, weights=whole.weights).astype(np.float64),
        np.ascontiguousarray(whole.groups[first]),
        whole.merged,
    )


@njit(cache=True, nogil=True)
def pack_codes(scores: Any, category: Any, byte: Any, factor: Any, bytes_: int) -> Any:
    """Codes of works, [works, bytes]: a mixed-radix number of the categories in each byte."""
    works, items = scores.shape
    codes = np.zeros((works, bytes_), np.uint8)
    for work in range(works):
        for item in range(items):
            digit = category[item, np.int64(scores[work, item]) + 1]
            codes[work, byte[item]] += np.uint8(digit * factor[item])
    return codes
