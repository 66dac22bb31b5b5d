"""The modified Angoff method: expected item scores of a borderline person, judged by a panel.

The cut of a panelist is the sum of the judgements (Angoff 1971 p. 515), the cut of the panel their
mean. With y_ji = m + p_j + i_i + e_ji the error of the mean cut over J panelists and I items is
I·√(σ²_p/J + σ²_e/(J·I)) for these items and I·√(σ²_p/J + σ²_i/I + σ²_e/(J·I)) when the items are a
sample too (Brennan 1995).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from merilo_psychometrics.curves import expected_scores, test_characteristic
from merilo_psychometrics.design import Item
from merilo_psychometrics.errors import BadData, NotIdentified, TooFewPersons, WrongSettings
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.provenance import Provenance, digest

from .results import Angoff, AngoffRound, Cut, PanelistConsistency

Array = NDArray[np.float64]
FARTHEST = 60.0  # logits


def set_angoff(
    judgements: ArrayLike,
    *,
    items: Sequence[Item],
    panelists: Sequence[str] | None = None,
    parameters: ItemParameters | None = None,
    level: str = "cut",
) -> Angoff:
    """Find the cut from judgements [panelists, items], or [rounds, panelists, items].

    A judgement is the expected score of a borderline person on the item, 0 … full score (for 0/1
    items a probability). With `parameters` the cut is also put on the ability scale (the ability
    whose expected total it is) and panelists are held against the items. Raises `BadData` naming
    items whose judgements leave the scale or are missing. Angoff (1971) p. 515; errors: Brennan
    (1995).
    Cut = mean over panelists of Σ_i y_ji; se = I·√(σ²_p/J + σ²_e/(J·I)), for items that are a
    sample with σ²_i/I under the root too. Raises also `TooFewPersons`, `WrongSettings`.
    """
    table = np.asarray(judgements, dtype=np.float64)
    if table.ndim == 2:
        table = table[None]
    if table.ndim != 3 or table.shape[2] != len(items):
        raise BadData(
            f"Нужна таблица суждений: туры × эксперты × {len(items)} заданий, а форма "
            f"{table.shape}.",
            f"Judgements must be rounds × panelists × {len(items)} items, got {table.shape}.",
        )
    full = np.array([item.max_score for item in items])
    bad = np.isnan(table).any(axis=(0, 1)) | ((table < 0) | (table > full)).any(axis=(0, 1))
    if bad.any():
        names = [items[n].id for n in np.flatnonzero(bad).tolist()]
        raise BadData(
            f"Суждения о заданиях {', '.join(names)} пропущены или вне шкалы задания. Для заданий "
            "0/1 суждение — вероятность от 0 до 1, а не процент.",
            f"Judgements of items {', '.join(names)} are missing or outside the scale.",
            items=names,
        )
    if table.shape[1] < 2 or table.shape[2] < 2:
        raise TooFewPersons(
            "Нужны хотя бы два эксперта и два задания.", "Two panelists and two items are needed."
        )
    count = table.shape[1]
    named = [str(n) for n in range(1, count + 1)] if panelists is None else list(panelists)
    if len(named) != count:
        raise WrongSettings(
            f"Названо экспертов {len(named)}, а в таблице {count}.",
            f"{len(named)} panelists named, {count} in the table.",
        )
    known = None if parameters is None else parameters.only(item.id for item in items)
    rounds = tuple(_round(one, named, known, level) for one in table)
    first = rounds[0].spread
    return Angoff(
        rounds,
        tuple(one.spread / first if first > 0 else 1.0 for one in rounds),
        Provenance("set_angoff", digest([table]), {"level": level, "items": len(items)}),
    )


def _round(
    table: Array, named: Sequence[str], parameters: ItemParameters | None, level: str
) -> AngoffRound:
    count, width = table.shape
    cuts = table.sum(axis=1)
    by_panelist, by_item, grand = table.mean(axis=1), table.mean(axis=0), table.mean()
    residual = table - by_panelist[:, None] - by_item[None, :] + grand
    error = float((residual**2).sum() / ((count - 1) * (width - 1)))
    between = max(float(by_panelist.var(ddof=1)) - error / width, 0.0)
    items = max(float(by_item.var(ddof=1)) - error / count, 0.0)
    spread = float(cuts.std(ddof=1))
    se = spread / np.sqrt(count)
    generalised = width * np.sqrt(between / count + items / width + error / (count * width))
    whole = items + error / count
    cut = Cut(level, float(cuts.mean()), float(se), "points")
    ability = None if parameters is None else _on_scale(cut, parameters)
    return AngoffRound(
        cut,
        ability,
        spread,
        float(se),
        float(generalised),
        between,
        items,
        error,
        items / whole if whole > 0 else float("nan"),
        _consistency(table, named, parameters, ability, cut, spread),
    )


def ability_at(parameters: ItemParameters, points: float) -> float:
    """Ability, logits, whose expected total is `points`; raises `NotIdentified` at the ends.

    The test characteristic curve read backwards (Lord 1980).
    τ(θ) = `points`, τ(θ) = Σ_i Σ_c s_c·P_ic(θ).
    """
    low, high = (
        float(parameters.guessing.sum()),
        float(sum(item.max_score for item in parameters.items)),
    )
    if not low + 1e-9 < points < high - 1e-9:
        raise NotIdentified(
            f"Порог {points:.2f} лежит на краю шкалы ({low:.2f}…{high:.0f}): способности с таким "
            "ожидаемым баллом нет.",
            f"No ability has the expected total {points:.2f} (between {low:.2f} and {high:.0f}).",
        )
    return float(
        brentq(
            lambda theta: float(test_characteristic(parameters, theta)[0] - points),
            -FARTHEST,
            FARTHEST,
            xtol=1e-12,
        )
    )


def _on_scale(cut: Cut, parameters: ItemParameters) -> Cut:
    """The cut in logits; its error by the delta method, se / T′(θ)."""
    theta = ability_at(parameters, cut.value)
    h = 1e-5
    ends = test_characteristic(parameters, [theta - h, theta + h])
    return Cut(cut.level, theta, float(cut.se / ((ends[1] - ends[0]) / (2 * h))), "logits")


def _consistency(
    table: Array,
    named: Sequence[str],
    parameters: ItemParameters | None,
    ability: Cut | None,
    cut: Cut,
    spread: float,
) -> tuple[PanelistConsistency, ...]:
    found = []
    for name, row in zip(named, table, strict=True):
        correlation = misfit = float("nan")
        if parameters is not None and ability is not None:
            expected = expected_scores(parameters, ability.value)[0]
            if row.std() > 0 and expected.std() > 0:
                correlation = float(np.corrcoef(row, expected)[0, 1])
            own = float(row.sum())
            low, high = parameters.guessing.sum(), sum(i.max_score for i in parameters.items)
            if low + 1e-9 < own < high - 1e-9:
                at = expected_scores(parameters, ability_at(parameters, own))[0]
                misfit = float(np.sqrt(np.mean((row - at) ** 2)))
        away = float(row.sum()) - cut.value
        found.append(
            PanelistConsistency(
                name,
                float(row.sum()),
                away,
                away / spread if spread > 0 else 0.0,
                correlation,
                misfit,
            )  # fmt: skip
        )
    return tuple(found)
