"""Designs to simulate: complete, booklets on a ring with common anchors, multi-stage paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from merilo_psychometrics.design import Booklet, Design, Item, Stage, linear, require_distinct
from merilo_psychometrics.errors import WrongSettings


def complete_design(items: Sequence[Item]) -> Design:
    """Everybody is given every item."""
    return linear(items)


def anchored_booklets(
    items: Sequence[Item], *, booklets: int, length: int, anchors: int
) -> Design:
    """Booklets of `length` items: the first `anchors` of the bank in all, the rest on a ring.

    Booklet k takes `length - anchors` consecutive items of the ring, starting at an equal distance
    from its neighbour, so every item of the bank is used and neighbours overlap where the bank is
    short. Raises `WrongSettings` when the booklets cannot use the whole bank.
    """
    require_distinct(items)
    ring, own = len(items) - anchors, length - anchors
    if not 0 <= anchors <= length or own > ring or booklets * own < ring or booklets < 1:
        raise WrongSettings(
            f"Из {len(items)} заданий нельзя составить {booklets} вариантов по {length} с "
            f"{anchors} якорями так, чтобы каждое задание вошло хотя бы в один. Нужно: якорей не "
            "больше, чем заданий в варианте, а своих мест во всех вариантах не меньше, чем "
            "остальных заданий.",
            f"{booklets} booklets of {length} with {anchors} anchors do not cover {len(items)} "
            "items.",
        )
    made = []
    for number in range(booklets):
        first = round(number * ring / booklets)
        chosen = anchors + (first + np.arange(own)) % max(ring, 1)
        positions = np.concatenate([np.arange(anchors), chosen])
        made.append(Booklet(str(number + 1), positions.astype(np.int32)))
    return Design(tuple(items), tuple(made))


def two_stage(
    items: Sequence[Item],
    *,
    routing: Sequence[str],
    modules: Mapping[str, tuple[Sequence[str], int, int]],
) -> Design:
    """A routing module, then one of several: `modules[name] = (items, lowest, highest)`.

    A person whose score on the routing module lies in [lowest, highest] goes on to that module.
    The ranges must cover every score of the routing module once.
    Raises `WrongSettings`.
    """
    require_distinct(items)
    place = {item.id: position for position, item in enumerate(items)}
    top = sum(items[place[name]].max_score for name in routing)
    led = sorted(score for _, low, high in modules.values() for score in range(low, high + 1))
    if led != list(range(top + 1)):
        raise WrongSettings(
            f"Правила перехода должны покрыть баллы первого этапа от 0 до {top} без пропусков и "
            "без пересечений.",
            f"The routing rules must cover the scores 0 to {top} of the first stage once.",
        )
    first = len(routing)
    made = []
    for name, (module, low, high) in modules.items():
        positions = [place[item] for item in (*routing, *module)]
        stages = (
            Stage(tuple(range(first)), low, high),
            Stage(
                tuple(range(first, len(positions))), 0, sum(items[p].max_score for p in positions)
            ),
        )
        made.append(Booklet(name, np.array(positions, dtype=np.int32), stages))
    return Design(tuple(items), tuple(made))
