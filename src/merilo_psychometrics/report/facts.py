"""What the report shows, as numbers: everything comes from counts and parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics import curves
from merilo_psychometrics.calibration.results import Calibration
from merilo_psychometrics.design import Booklet, Design
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.persons import Normal, score_tables
from merilo_psychometrics.responses import Responses
from merilo_psychometrics.statistics import SufficientStatistics

Array = NDArray[np.float64]
GROUPS = 8


@dataclass(frozen=True, eq=False)
class Ladder:
    """Ability for every total score of a booklet: `ability`, `se` [M + 1], `works` [M + 1]."""

    booklet: str
    parameters: ItemParameters
    ability: Array
    se: Array
    works: Array

    @property
    def reliability(self) -> float:
        """Share of the spread of the estimates that is not their error."""
        there = self.works > 0
        works, ability = self.works[there], self.ability[there]
        mean = (works * ability).sum() / works.sum()
        spread = (works * (ability - mean) ** 2).sum() / works.sum()
        error = (works * self.se[there] ** 2).sum() / works.sum()
        return float(1.0 - error / spread) if spread > 0 else float("nan")


@dataclass(frozen=True, eq=False)
class ObservedCurve:
    """Mean score on an item in groups of near ability, all booklets together; arrays [groups]."""

    item: str
    ability: Array
    works: Array
    observed: Array
    expected: Array
    error: Array

    @property
    def worst(self) -> float:
        """The largest distance in standard errors."""
        away = np.abs(self.observed - self.expected) / self.error
        return float(away.max()) if len(away) else 0.0


def ladders(statistics: SufficientStatistics, found: Calibration) -> list[Ladder]:
    """Ability by total score, booklet by booklet; NaN for a score nobody can get.

    WLE where the total is sufficient; otherwise EAP given the total, under the population found.
    """
    parameters = found.parameters
    equal = np.ptp(parameters.slope) == 0 and not parameters.guessing.any()
    prior = Normal()
    if found.populations:
        works = np.array([group.works for group in found.populations])
        means = np.array([group.mean for group in found.populations])
        variances = np.array([group.sd**2 for group in found.populations])
        mean = float((works * means).sum() / works.sum())
        spread_ = float((works * (variances + (means - mean) ** 2)).sum() / works.sum())
        prior = Normal(mean, float(np.sqrt(spread_)))
    tables = score_tables(
        parameters, statistics.design, method="wle" if equal else "eap", prior=prior
    )
    made = []
    held = zip(statistics.design.booklets, statistics.booklets, tables, strict=True)
    for booklet, counts, table in held:
        given = parameters.only(statistics.design.items[n].id for n in booklet.items)
        ability, se = (np.full(len(counts.score_counts), np.nan) for _ in range(2))
        ability[table.scores], se[table.scores] = table.ability, table.se
        made.append(Ladder(booklet.id, given, ability, se, counts.score_counts.astype(float)))
    return made


def observed_curves(
    statistics: SufficientStatistics, parameters: ItemParameters, steps: Sequence[Ladder]
) -> list[ObservedCurve]:
    """Observed and expected mean score of every item in up to eight groups of near ability."""
    gathered: dict[int, list[tuple[Any, ...]]] = {}
    design = statistics.design
    held = zip(design.booklets, statistics.booklets, steps, strict=True)
    for booklet, counts, ladder in held:
        full = len(counts.score_counts) - 1
        # Zero and full scores say nothing about one item.
        inner = np.arange(full + 1) * (counts.score_counts > 0)
        inner = np.flatnonzero((inner > 0) & (inner < full))
        mean, second, _, _ = curves.score_moments(ladder.parameters, ladder.ability[inner])
        for q, position in enumerate(booklet.items):
            table = counts.of_item(q)
            works = table.sum(axis=1)[inner].astype(float)
            total = (table @ np.arange(table.shape[1]))[inner].astype(float)
            gathered.setdefault(int(position), []).append(
                (ladder.ability[inner], works, total, mean[:, q], second[:, q])
            )
    found = []
    for position, item in enumerate(design.items):
        parts = gathered.get(position)
        if parts is None or item.id not in parameters.index:
            continue
        ability, works, total, mean, second = (
            np.concatenate(column) for column in zip(*parts, strict=True)
        )
        found.append(_grouped(item.id, ability, works, total, mean, second))
    return found


def _grouped(
    item: str, ability: Array, works: Array, total: Array, mean: Array, second: Array
) -> ObservedCurve:
    order = np.argsort(ability, kind="stable")
    ability, works, total, mean, second = (a[order] for a in (ability, works, total, mean, second))
    whole = works.sum()
    place = np.minimum((np.cumsum(works) - works / 2) * GROUPS // max(whole, 1), GROUPS - 1)
    rows = []
    for group in np.unique(place):
        here = place == group
        many = works[here].sum()
        if many < 1:
            continue
        rows.append(
            (
                (works[here] * ability[here]).sum() / many,
                many,
                total[here].sum() / many,
                (works[here] * mean[here]).sum() / many,
                np.sqrt((works[here] * second[here]).sum()) / many,
            )
        )
    columns = np.array(rows, dtype=float).reshape(-1, 5).T
    return ObservedCurve(item, *columns)


def works_of_groups(
    responses: Responses, grouping: str, steps: Sequence[Ladder]
) -> list[tuple[str, int, float]]:
    """Works and mean ability of every group: (name, works, mean)."""
    names = responses.group_names(grouping)
    many, total = np.zeros(len(names)), np.zeros(len(names))
    held = zip(
        responses.blocks, responses.totals(), _by_name(responses.design, steps), strict=True
    )
    for block, totals, ladder in held:
        codes = block.groups[grouping]
        known = codes >= 0
        weight = np.ones(len(block)) if block.weights is None else block.weights
        many += np.bincount(codes[known], weights=weight[known], minlength=len(names))
        ability = weight[known] * ladder.ability[totals[known]]
        total += np.bincount(codes[known], weights=ability, minlength=len(names))
    return [
        (name, int(n), float(t / n)) for name, n, t in zip(names, many, total, strict=True) if n
    ]


def spread(steps: Sequence[Ladder]) -> tuple[float, float]:
    """Mean and SD of the estimates over all works."""
    works = np.concatenate([step.works[step.works > 0] for step in steps])
    ability = np.concatenate([step.ability[step.works > 0] for step in steps])
    mean = float((works * ability).sum() / works.sum())
    return mean, float(np.sqrt((works * (ability - mean) ** 2).sum() / works.sum()))


def _by_name(design: Design, steps: Sequence[Ladder]) -> list[Ladder]:
    named = {step.booklet: step for step in steps}
    booklets: Sequence[Booklet] = design.booklets
    return [named[booklet.id] for booklet in booklets]
