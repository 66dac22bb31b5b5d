"""Dishonest works: copied from a neighbour, written with a leaked key, raised by the school.

Each verb returns the altered responses together with the truth — which cells were touched — so
that the power and the false alarms of a method of `forensics` can be counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics.responses import Block, Responses


@dataclass(frozen=True, eq=False)
class Altered:
    """Responses after the deed: `touched[b]` [works, items] marks the cells it decided about.

    A marked cell may hold the score it held before: who copies may copy what he knew. `sources[b]`
    [works] is the row the work was copied from, -1 elsewhere.
    """

    responses: Responses
    touched: tuple[NDArray[np.bool_], ...]
    sources: tuple[NDArray[np.int64], ...]

    @property
    def works(self) -> tuple[NDArray[np.bool_], ...]:
        """Which works were touched, one array a block."""
        return tuple(np.asarray(cells.any(axis=1)) for cells in self.touched)


def copy_answers(
    responses: Responses,
    *,
    pairs: int,
    share: float,
    rng: np.random.Generator,
    grouping: str | None = None,
) -> Altered:
    """Let `pairs` works of every booklet copy a random `share` of their answers from another.

    With `grouping` the source sits in the same group. A source is the better of the two works, and
    nobody copies from somebody who copies.
    """
    blocks, touched, sources = [], [], []
    for block in responses.blocks:
        cells = np.zeros(block.scores.shape, dtype=bool)
        source = np.full(len(block), -1, dtype=np.int64)
        for copier, giver in _pairs(block, pairs, grouping, rng):
            cells[copier] = rng.random(block.scores.shape[1]) < share
            source[copier] = giver
        rows = np.flatnonzero(source >= 0)
        scores = block.scores.copy()
        scores[rows] = np.where(cells[rows], block.scores[source[rows]], block.scores[rows])
        chosen = block.chosen
        if chosen is not None:
            chosen = chosen.copy()
            chosen[rows] = np.where(cells[rows], chosen[source[rows]], chosen[rows])
        blocks.append(replace(block, scores=scores, chosen=chosen))
        touched.append(cells)
        sources.append(source)
    return Altered(replace(responses, blocks=tuple(blocks)), tuple(touched), tuple(sources))


def leak_items(
    responses: Responses,
    names: Iterable[str],
    *,
    persons: float,
    chance: float,
    rng: np.random.Generator,
    only: tuple[str, Sequence[str]] | None = None,
) -> Altered:
    """Let a share of `persons` know the leaked items: full score on each with `chance`.

    `only=("school", ["school-007"])` keeps the leak inside some groups.
    """
    leaked = responses.design.positions(names)
    tops = responses.design.max_scores
    blocks, touched = [], []
    for booklet, block in zip(responses.design.booklets, responses.blocks, strict=True):
        knows = rng.random(len(block)) < persons
        if only is not None:
            knows &= _in_groups(responses, block, *only)
        cells = knows[:, None] & np.isin(booklet.items, leaked)[None, :]
        cells &= rng.random(cells.shape) < chance
        blocks.append(_full_scores(responses, block, booklet.items, cells, tops))
        touched.append(cells)
    return _altered(responses, blocks, touched)


def raise_scores(
    responses: Responses,
    grouping: str,
    names: Sequence[str],
    *,
    share: float,
    rng: np.random.Generator,
    cut: float | None = None,
) -> Altered:
    """Let whole groups correct works: each wrong answer becomes right with chance `share`.

    With `cut` only works below that share of the full score are corrected, and only until they
    reach it: the dent below a boundary and the peak on it.
    """
    tops = responses.design.max_scores
    blocks, touched = [], []
    for booklet, block in zip(responses.design.booklets, responses.blocks, strict=True):
        full = tops[booklet.items]
        inside = _in_groups(responses, block, grouping, names)
        cells = (block.scores < full) & inside[:, None] & (rng.random(block.scores.shape) < share)
        if cut is not None:
            missing = np.ceil(cut * full.sum()) - block.scores.sum(axis=1, dtype=np.int64)
            order = np.argsort(rng.random(cells.shape) + ~cells, axis=1)
            gain = np.take_along_axis((full - block.scores) * cells, order, axis=1)
            before = np.cumsum(gain, axis=1) - gain
            keep = np.empty_like(cells)
            np.put_along_axis(keep, order, before < missing[:, None], axis=1)
            cells &= keep
        blocks.append(_full_scores(responses, block, booklet.items, cells, tops))
        touched.append(cells)
    return _altered(responses, blocks, touched)


def _pairs(
    block: Block, pairs: int, grouping: str | None, rng: np.random.Generator
) -> Iterable[tuple[int, int]]:
    """Draw pairs (copier, giver) without using a work twice."""
    rooms = np.zeros(len(block), np.int32) if grouping is None else block.groups[grouping]
    totals = block.scores.sum(axis=1, dtype=np.int64)
    order = rng.permutation(len(block))
    order = order[np.argsort(rooms[order], kind="stable")]
    together = np.flatnonzero(rooms[order[:-1:2]] == rooms[order[1::2][: len(order[:-1:2])]])
    for place in rng.permutation(together)[:pairs]:
        one, other = int(order[2 * place]), int(order[2 * place + 1])
        yield (one, other) if totals[one] <= totals[other] else (other, one)


def _in_groups(
    responses: Responses, block: Block, grouping: str, names: Sequence[str]
) -> NDArray[np.bool_]:
    known = responses.group_names(grouping)
    codes = [n for n, name in enumerate(known) if name in set(names)]
    return np.asarray(np.isin(block.groups[grouping], codes))


def _full_scores(
    responses: Responses,
    block: Block,
    items: NDArray[np.int32],
    cells: NDArray[np.bool_],
    tops: NDArray[np.int64],
) -> Block:
    """Write the full score, and the answer that gives it, into the marked cells."""
    scores = np.where(cells, tops[items].astype(np.int8), block.scores).astype(np.int8)
    chosen = block.chosen
    if chosen is not None:
        best = np.full(len(items), -1, dtype=np.int16)
        for column, position in enumerate(items):
            item = responses.design.items[position]
            given = [n for n, (_, score) in enumerate(item.responses) if score == item.max_score]
            best[column] = given[0] if given else -1
        chosen = np.where(cells, best, chosen).astype(np.int16)
    return replace(block, scores=scores, chosen=chosen)


def _altered(
    responses: Responses, blocks: list[Block], touched: list[NDArray[np.bool_]]
) -> Altered:
    nobody = tuple(np.full(len(block), -1, dtype=np.int64) for block in blocks)
    return Altered(replace(responses, blocks=tuple(blocks)), tuple(touched), nobody)
