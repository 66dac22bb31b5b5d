"""Infit and outfit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray

from merilo_psychometrics import curves
from merilo_psychometrics.design import Design
from merilo_psychometrics.errors import TooFewPersons, WrongSettings
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.persons import Normal, estimate_abilities, score_tables
from merilo_psychometrics.persons.solving import equal_slopes
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import Responses
from merilo_psychometrics.statistics import SufficientStatistics, sufficient_statistics

from .expectations import Mixture, given_total

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ItemFit:
    """Mean squares of residuals, near 1 where the item behaves; arrays [items].

    `outfit` Σz²/n, moved by surprising answers far from the item; `infit` Σ(x − E)²/ΣV, by those
    near it. `outfit_t`, `infit_t`: the same as standard normal deviates (cube root of Wilson &
    Hilferty). `works`: how many entered. Above 1: noise; below 1: the item repeats others.
    """

    items: tuple[str, ...]
    infit: Array
    outfit: Array
    infit_t: Array
    outfit_t: Array
    works: Array
    provenance: Provenance


def item_fit(
    data: SufficientStatistics | Responses,
    parameters: ItemParameters,
    *,
    method: Literal["wle", "ml", "eap", "conditional"] = "wle",
    prior: Normal = Normal(),  # noqa: B008 - frozen
) -> ItemFit:
    """Infit and outfit of every item: Wright & Masters (1982) ch. 5.

    With z² = (x − E)²/V of every answer: outfit = mean z², infit = Σ V·z²/Σ V; their t by the cube
    root of Wilson and Hilferty.

    Expectations are taken at the estimated ability (`method`; works with an infinite ML are left
    out), or with "conditional" given the total score, free of the error of abilities (Christensen,
    Kreiner & Mesbah 2013 ch. 5; Müller 2020) — there the extreme totals are left out. Counts are
    enough where slopes are equal; else responses are needed (`WrongSettings`), and "conditional" is
    not defined. Raises `UnknownItem`, `UntreatedOmissions`, `TooFewPersons`.
    """
    own = parameters.of(data.design.items)
    by_total = equal_slopes(own)
    if not by_total and (method == "conditional" or not isinstance(data, Responses)):
        raise WrongSettings(
            "У заданий разные наклоны или есть угадывание: ожидания зависят от всех ответов. "
            "Передайте ответы, а не счётчики, и способ «wle», «ml» или «eap».",
            "Slopes differ: pass responses and a method other than 'conditional'.",
        )
    if by_total:
        statistics = sufficient_statistics(data) if isinstance(data, Responses) else data
        sums, source = _from_counts(statistics, own, method, prior), statistics.counts_hash
    else:
        assert isinstance(data, Responses) and method != "conditional"
        abilities = estimate_abilities(data, own, method=method, prior=prior).ability
        sums, source = _from_works(data, own, abilities), data.data_hash
    works = sums[:, 0]
    lost = [item.id for item, n in zip(own.items, works, strict=True) if n <= 0]
    if lost:
        raise TooFewPersons(
            f"По заданиям {', '.join(lost[:8])} нет ни одной работы с баллом между нулём и полным.",
            f"No work between zero and full for items {lost[:8]}.",
            items=lost,
        )
    outfit, infit = sums[:, 1] / works, sums[:, 2] / sums[:, 3]
    outfit_q = np.sqrt(np.maximum(sums[:, 4] - works, 0.0)) / works
    infit_q = np.sqrt(np.maximum(sums[:, 5], 0.0)) / sums[:, 3]
    settings = {"method": method, "prior": [prior.mean, prior.sd]}
    return ItemFit(
        items=tuple(item.id for item in own.items),
        infit=infit,
        outfit=outfit,
        infit_t=_deviate(infit, infit_q),
        outfit_t=_deviate(outfit, outfit_q),
        works=works,
        provenance=Provenance("item_fit", source, settings),
    )


def _deviate(mean_square: Array, q: Array) -> Array:
    """t = (MS^{1/3} − 1)·3/q + q/3; 0 where nothing can vary."""
    safe = np.where(q > 0, q, 1.0)
    return np.where(q > 0, (np.cbrt(mean_square) - 1.0) * 3.0 / safe + safe / 3.0, 0.0)


def _from_counts(
    statistics: SufficientStatistics, own: ItemParameters, method: Any, prior: Normal
) -> Array:
    """Sums [items, 6]: n, Σz², Σ(x − E)², ΣV, ΣC/V², Σ(C − V²), with C the fourth moment."""
    design = statistics.design
    sums = np.zeros((len(design.items), 6))
    for number, (booklet, counts) in enumerate(
        zip(design.booklets, statistics.booklets, strict=True)
    ):
        inside = own.only(design.items[n].id for n in booklet.items)
        works = counts.score_counts.astype(np.float64)
        totals, chances = _by_total(inside, design, number, method, prior)
        used = (works[totals] > 0) & np.isfinite(chances).all(axis=(1, 2))
        totals, chances = totals[used], chances[used]
        scores = curves.score_table(inside)
        for place, position in enumerate(booklet.items):
            row, chance = scores[place], chances[:, place]
            mean = chance @ row
            away = row - mean[:, None]
            variance = (chance * away**2).sum(axis=1)
            fourth = (chance * away**4).sum(axis=1)
            table = counts.of_item(place)[totals].astype(np.float64)
            squares = (table * (np.arange(table.shape[1]) - mean[:, None]) ** 2).sum(axis=1)
            # Where the total leaves the item no freedom there is nothing to measure.
            free = variance > 1e-12
            n, v, c = works[totals][free], variance[free], fourth[free]
            sums[position] += [
                n.sum(),
                (squares[free] / v).sum(),
                squares[free].sum(),
                (n * v).sum(),
                (n * c / v**2).sum(),
                (n * (c - v**2)).sum(),
            ]
    return sums


def _by_total(
    inside: ItemParameters, design: Design, number: int, method: Any, prior: Normal
) -> tuple[NDArray[np.int64], Array]:
    """Totals of a booklet and P(score) of every item at each, [totals, items, categories]."""
    if method == "conditional":
        chances = given_total(inside, Mixture(np.zeros(1), np.ones(1), np.ones(1)))
        return np.arange(len(chances)), chances
    single = Design(design.items, (design.booklets[number],))
    (table,) = score_tables(inside, single, method=method, prior=prior)
    chances = np.full((len(table.scores), len(inside.items), int(inside.steps.max()) + 1), np.nan)
    known = np.isfinite(table.ability)
    chances[known] = curves.category_probabilities(inside, table.ability[known])
    return table.scores, chances


def _from_works(responses: Responses, own: ItemParameters, abilities: Array) -> Array:
    sums = np.zeros((len(own.items), 6))
    scores, intercepts = curves.score_table(own), curves.intercepts(own)
    row = 0
    for booklet, block in zip(responses.design.booklets, responses.blocks, strict=True):
        items = booklet.items
        weights = np.ones(len(block)) if block.weights is None else block.weights
        sums[items] += residual_sums(
            abilities[row : row + len(block)],
            block.scores,
            weights,
            own.slope[items],
            own.guessing[items],
            scores[items],
            intercepts[items],
            own.steps[items],
        )
        row += len(block)
    return sums


@njit(cache=True, nogil=True)
def residual_sums(
    abilities: Any,
    answers: Any,
    weights: Any,
    slope: Any,
    guessing: Any,
    scores: Any,
    intercepts: Any,
    steps: Any,
) -> Any:
    """The sums of `_from_counts`, work by work, for any model; infinite abilities are left out."""
    works, items = answers.shape
    sums = np.zeros((items, 6))
    chance = np.empty(scores.shape[1])
    for work in range(works):
        theta = abilities[work]
        if not np.isfinite(theta):
            continue
        weight = weights[work]
        for item in range(items):
            a = slope[item]
            top = -np.inf
            for c in range(steps[item] + 1):
                chance[c] = a * (scores[item, c] * theta - intercepts[item, c])
                top = max(top, chance[c])
            total = 0.0
            for c in range(steps[item] + 1):
                chance[c] = np.exp(chance[c] - top)
                total += chance[c]
            mean = 0.0
            for c in range(steps[item] + 1):
                chance[c] /= total
                if guessing[item] > 0.0:
                    chance[c] = (1.0 - guessing[item]) * chance[c] + guessing[item] * c
                mean += chance[c] * scores[item, c]
            variance, fourth = 0.0, 0.0
            for c in range(steps[item] + 1):
                square = (scores[item, c] - mean) ** 2
                variance += chance[c] * square
                fourth += chance[c] * square * square
            if variance <= 1e-12:
                continue
            residual = (answers[work, item] - mean) ** 2
            sums[item, 0] += weight
            sums[item, 1] += weight * residual / variance
            sums[item, 2] += weight * residual
            sums[item, 3] += weight * variance
            sums[item, 4] += weight * fourth / (variance * variance)
            sums[item, 5] += weight * (fourth - variance * variance)
    return sums
