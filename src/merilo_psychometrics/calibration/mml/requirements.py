"""What must hold before a climb begins, and of the point where it ends."""

from __future__ import annotations

import numpy as np

from merilo_psychometrics.calibration.results import Model
from merilo_psychometrics.design import Design
from merilo_psychometrics.errors import (
    ExtremeItem,
    NotConverged,
    NotIdentified,
    TooFewPersons,
    UnusedCategory,
    WrongSettings,
)
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.statistics import SufficientStatistics

from .em import Expected
from .model import Array, Layout, State

MODELS: tuple[Model, ...] = ("rasch", "pcm", "2pl", "gpcm", "3pl")
# A slope this flat measures nothing: its thresholds are nowhere.
FLAT = 1e-2
# So many standard deviations of every group must lie inside the grid.
COVERED = 4.5


def equal_slopes(model: Model, anchors: ItemParameters | None) -> bool:
    """Say whether the total score of a work is sufficient."""
    plain = anchors is None or bool((anchors.slope == 1).all() and (anchors.guessing == 0).all())
    return model in ("rasch", "pcm") and plain


def require_counts_enough(
    model: Model, grouping: str | None, anchors: ItemParameters | None
) -> None:
    """Refuse counts where the pattern of a work matters, or its group."""
    if grouping is None and equal_slopes(model, anchors):
        return
    raise WrongSettings(
        "Одних счётов по суммам баллов хватает только моделям с равными наклонами (rasch, pcm) без "
        "групп: для остальных дайте сами ответы (read вместо count).",
        "Counts are enough for rasch and pcm without groups; other models need the responses.",
    )


def require_model(model: Model, design: Design) -> None:
    """Refuse a model that is unknown or not for these items."""
    if model not in MODELS:
        raise WrongSettings(
            f"Модель «{model}» не известна: выберите {', '.join(MODELS)}.",
            f"Unknown model {model!r}.",
        )
    graded = [item.id for item in design.items if item.scores != (0, 1)]
    if graded and model in ("rasch", "2pl"):
        other = {"rasch": "pcm", "2pl": "gpcm"}[model]
        raise WrongSettings(
            f"Модель «{model}» — для заданий с баллами 0 и 1, а у задания {graded[0]} баллов "
            f'больше. Возьмите model="{other}".',
            f"Model {model!r} is for 0/1 items, {graded[0]} has more scores; use {other!r}.",
            items=graded,
        )


def require_estimable(
    statistics: SufficientStatistics, works: float, anchored: set[str]
) -> tuple[Array, ...]:
    """Counts by category of every item; refuse what has no maximum."""
    zero, full, unused = [], [], []
    counts = []
    for item, found in zip(statistics.design.items, statistics.category_counts, strict=True):
        mine = found[list(item.scores)].astype(np.float64)
        counts.append(mine)
        if item.id in anchored:
            continue
        if not mine[1:].any():
            zero.append(item.id)
        elif not mine[:-1].any():
            full.append(item.id)
        else:
            unused += [(item.id, s) for s, n in zip(item.scores, mine, strict=True) if not n]
    if zero or full:
        raise ExtremeItem(zero, full)
    if unused:
        raise UnusedCategory(unused)
    most = max(len(item.scores) for item in statistics.design.items) + 1
    if works <= most:
        raise TooFewPersons(
            f"Работ {works:.0f}: по ним нельзя оценить {most} параметров одного задания. "
            "Соберите больше работ.",
            f"{works:.0f} works cannot give {most} parameters of an item.",
        )
    return tuple(counts)


def require_covered(found: Expected) -> None:
    """The grid was laid before the populations were found: see that it holds them."""
    nodes, sd = found.prior.nodes, np.exp(found.state.log_sd)
    lowest, highest = (
        (found.state.mean - COVERED * sd).min(),
        (found.state.mean + COVERED * sd).max(),
    )
    if lowest < nodes[0] or highest > nodes[-1]:
        raise NotConverged(
            "Группы слишком далеки друг от друга или от закреплённых заданий: распределение вышло "
            "за сетку. Проверьте ключи и закреплённые параметры или калибруйте группы порознь и "
            "свяжите шкалы.",
            "The populations lie outside the grid of nodes.",
        )


def require_steep(layout: Layout, state: State) -> None:
    """Refuse items that measure nothing."""
    flat = [layout.items[n].id for n in np.flatnonzero(np.abs(state.slope) < FLAT)]
    if flat:
        raise NotIdentified(
            f"У заданий {', '.join(flat[:8])} наклон неотличим от нуля: они ничего не измеряют, и "
            "трудности у них нет. Исключите их (without_items).",
            f"Items {', '.join(flat[:8])} have no slope.",
            items=flat,
        )
