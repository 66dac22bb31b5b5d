"""Counting responses that are in memory."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics.design import Booklet, Design
from merilo_psychometrics.errors import ScoreOutsideRule
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import Block, Responses

from .counts import BookletCounts, SufficientStatistics, columns_of
from .kernels import count_pass_fail, count_scores, count_weighted

# Below this many responses starting threads costs more than it gives.
WORTH_THREADS = 2_000_000


def sufficient_statistics(
    responses: Responses, *, threads: int | None = None
) -> SufficientStatistics:
    """Count total score × item score for every booklet.

    Omissions must be treated first (`UntreatedOmissions`). For data that do not fit in memory use
    `data.count`, which reads and counts in one pass.
    """
    responses.require_treated("sufficient_statistics")
    design = responses.design
    counted = tuple(
        count_block(design, booklet, block, threads=threads)
        for booklet, block in zip(design.booklets, responses.blocks, strict=True)
    )
    return SufficientStatistics(
        design, counted, Provenance("sufficient_statistics", responses.data_hash)
    )


def statistics_by(responses: Responses, grouping: str) -> dict[str, SufficientStatistics]:
    """Count every group of a grouping by itself; all share the design. Unknown groups are left out.

    A booklet nobody of the group wrote has counts of zero.
    """
    responses.require_treated("statistics_by")
    design, found = responses.design, {}
    for code, name in enumerate(responses.group_names(grouping)):
        counted = tuple(
            count_block(design, booklet, block.take(block.groups[grouping] == code))
            for booklet, block in zip(design.booklets, responses.blocks, strict=True)
        )
        settings = {"grouping": grouping, "group": name}
        provenance = Provenance("statistics_by", responses.data_hash, settings)
        found[name] = SufficientStatistics(design, counted, provenance)
    return found


def count_block(
    design: Design, booklet: Booklet, block: Block, *, threads: int | None = None
) -> BookletCounts:
    """Count one block; raises `ScoreOutsideRule` for a score above the full score of its item."""
    items = [design.items[n] for n in booklet.items]
    columns = columns_of(items)
    highest = np.diff(columns) - 1
    total = int(highest.sum())
    scores = block.scores
    if block.weights is not None:
        by_score, by_item, wrong = count_weighted(scores, block.weights, columns, total)
        _require_allowed(booklet, items, wrong)
        return BookletCounts(by_score, by_item, columns)
    if highest.max(initial=0) == 1:
        by_score, right, wrong = _in_chunks(
            scores, lambda part: count_pass_fail(part, total), threads
        )
        by_item = np.empty((total + 1, 2 * len(items)), dtype=np.int64)
        by_item[:, 1::2] = right
        by_item[:, 0::2] = by_score[:, None] - right
    else:
        by_score, by_item, wrong = _in_chunks(
            scores, lambda part: count_scores(part, columns, total), threads
        )
    _require_allowed(booklet, items, wrong)
    return BookletCounts(by_score, by_item, columns)


def _in_chunks(
    scores: NDArray[np.int8],
    count: Callable[[NDArray[np.int8]], tuple[Any, Any, Any]],
    threads: int | None,
) -> tuple[Any, Any, Any]:
    """Count in as many chunks as there are threads and add up; kernels release the GIL."""
    number = threads or len(os.sched_getaffinity(0))
    if number == 1 or scores.size < WORTH_THREADS:
        return count(scores)
    with ThreadPoolExecutor(number) as pool:
        parts = list(pool.map(count, np.array_split(scores, number)))
    by_score = np.sum([part[0] for part in parts], axis=0)
    by_item = np.sum([part[1] for part in parts], axis=0)
    return by_score, by_item, np.maximum.reduce([part[2] for part in parts])


def _require_allowed(booklet: Booklet, items: list[Any], wrong: NDArray[np.int8]) -> None:
    bad = [(items[q].id, int(wrong[q])) for q in np.flatnonzero(wrong)]
    if bad:
        said = ", ".join(f"{name} — {score}" for name, score in bad[:8])
        raise ScoreOutsideRule(
            f"В варианте {booklet.id} есть баллы, которых правило не знает (задание — балл): "
            f"{said}. Исправьте данные или правило.",
            f"Booklet {booklet.id}: scores outside the rule: {said}.",
            items=[name for name, _ in bad],
            booklets=[booklet.id],
        )
