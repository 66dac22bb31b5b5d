"""Marks of raters: severe and mild ones, careless ones, ones who love the middle of the scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics import curves
from merilo_psychometrics.errors import WrongSettings
from merilo_psychometrics.parameters import ItemParameters


@dataclass(frozen=True)
class Rater:
    """`severity` in logits (positive: marks lower); `noise` the chance of a mark at random;
    `centrality` pulls marks to the middle category, in logits a step of distance."""

    name: str
    severity: float = 0.0
    noise: float = 0.0
    centrality: float = 0.0


@dataclass(frozen=True, eq=False)
class Ratings:
    """One row a mark, codes as int32: `work`, `rater` (index into `raters`), `criterion` (index
    into `criteria`) and the `score`; `abilities` [works] is the truth, in logits."""

    work: NDArray[np.int32]
    rater: NDArray[np.int32]
    criterion: NDArray[np.int32]
    score: NDArray[np.int8]
    raters: tuple[Rater, ...]
    criteria: tuple[str, ...]
    abilities: NDArray[np.float64]


def simulate_ratings(
    criteria: ItemParameters,
    raters: Sequence[Rater],
    abilities: NDArray[np.float64],
    *,
    ratings_a_work: int = 2,
    rng: np.random.Generator,
) -> Ratings:
    """Have every work marked on all criteria by some raters, under the many-facet Rasch model.

    P(score) follows the model of `criteria` at θ − severity (Linacre 1989: the facet adds
    to the difficulty). The raters of every work are drawn at random, so with two a work and more
    they are linked.
    Raises `WrongSettings`.
    """
    if not 1 <= ratings_a_work <= len(raters):
        raise WrongSettings(
            f"Оценок на работу {ratings_a_work}, а экспертов {len(raters)}.",
            f"{ratings_a_work} ratings a work of {len(raters)} raters.",
        )
    works = len(abilities)
    who = np.argsort(rng.random((works, len(raters))), axis=1)[:, :ratings_a_work]
    work = np.repeat(np.arange(works, dtype=np.int32), ratings_a_work)
    rater = who.ravel().astype(np.int32)
    severity = np.array([r.severity for r in raters])
    theta = np.asarray(abilities, dtype=np.float64)[work] - severity[rater]
    drawn = _marks(criteria, [raters[n] for n in rater.tolist()], theta, rng)
    many = len(criteria.items)
    return Ratings(
        np.repeat(work, many),
        np.repeat(rater, many),
        np.tile(np.arange(many, dtype=np.int32), len(work)),
        drawn.ravel(),
        tuple(raters),
        tuple(item.id for item in criteria.items),
        np.asarray(abilities, dtype=np.float64),
    )


def _marks(
    criteria: ItemParameters,
    by: Sequence[Rater],
    theta: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.int8]:
    """Draw marks, [marks, criteria]."""
    chance = curves.category_probabilities(criteria, theta)
    steps = criteria.steps
    place = np.arange(chance.shape[2])
    there = place[None, :] <= steps[:, None]
    away = np.abs(place[None, :] - steps[:, None] / 2.0)
    pull = np.array([rater.centrality for rater in by])
    chance = chance * np.exp(-pull[:, None, None] * away)
    chance /= chance.sum(axis=2, keepdims=True)
    noise = np.array([rater.noise for rater in by])[:, None, None]
    chance = (1.0 - noise) * chance + noise * (there / there.sum(axis=1, keepdims=True))
    reached = (rng.random((*chance.shape[:2], 1)) > np.cumsum(chance, axis=2)).sum(axis=2)
    reached = np.minimum(reached, steps)
    scores = curves.score_table(criteria).astype(np.int8)
    return np.asarray(scores[np.arange(len(criteria.items)), reached])
