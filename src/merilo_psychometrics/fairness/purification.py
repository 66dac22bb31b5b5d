"""Purification: items with DIF leave the matching score, until the set of them settles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from merilo_psychometrics.errors import NotIdentified
from merilo_psychometrics.responses import Responses

from .matched import MatchedCounts, matched_counts
from .tables import Dif, stacked

Judge = Callable[[MatchedCounts, str], Dif]


def purified(
    responses: Responses, grouping: str, focal: tuple[str, ...], judge: Judge, *, alpha: float
) -> Dif:
    """Repeat a comparison with the anchor of the items that showed no DIF (p > alpha).

    Holland & Thayer (1988); Candell & Drasgow (1988), Appl. Psychol. Meas. 12, 253–260. Every focal
    group has its own anchor. When the removed sets come round in a circle, the union of the circle
    is removed, so that there is always an end; a removed item is judged with itself in the score.
    Raises `NotIdentified` when fewer than three items are left.
    """
    parts = []
    names = np.array([item.id for item in responses.design.items])
    for group in focal:
        seen: list[frozenset[str]] = [frozenset()]
        found = judge(matched_counts(responses, grouping), group)
        while True:
            removed = frozenset(names[np.nan_to_num(found.p[0], nan=1.0) <= alpha].tolist())
            settled = removed == seen[-1]
            circle = removed in seen
            if circle and not settled:
                removed = frozenset().union(*seen[seen.index(removed) :])
            if len(names) - len(removed) < 3:
                raise NotIdentified(
                    f"Для группы «{group}» без различий осталось {len(names) - len(removed)} "
                    "заданий: уравнять участников не по чему. Назовите якорь сами (anchor).",
                    f"Group {group!r} leaves {len(names) - len(removed)} items without DIF; name "
                    "an anchor.",
                    items=sorted(removed),
                )
            if not settled:
                kept = [name for name in names.tolist() if name not in removed]
                found = judge(matched_counts(responses, grouping, anchor=kept), group)
            if settled or circle:
                break
            seen.append(removed)
        order = tuple(name for name in names.tolist() if name in removed)
        parts.append(replace(found, removed=(order,)))
    return stacked(parts)
