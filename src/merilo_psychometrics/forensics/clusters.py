"""Fuzzy clusters of classes (I22): to what degree does a class belong to the extreme ones?

Quintano, Castellano & Longobardi (2009), Statistica & Applicazioni 7: classes by the mean of the
score, its spread within, the share of gaps and the likeness of answers; two principal components;
fuzzy k-means over them. Membership in the cluster of high means and low variability is a degree,
not a decision: their use of it is to weigh a class down in a regional mean, not to judge it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics.errors import NotConverged, TooFewPersons, WrongSettings
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import OMITTED, Responses
from merilo_psychometrics.weights import require_unweighted

from .evidence import WEIGHTS, Array

TRAITS = ("mean", "spread", "gaps", "heterogeneity")


@dataclass(frozen=True, eq=False)
class ClassClusters:
    """Classes, what was seen of them, and their degrees.

    `traits` [classes, 4]: mean share of points, its standard deviation within the class, share of
    omissions, mean Gini heterogeneity of the scores over the items (0: all alike; 1: even).
    `factors` [classes, 2] principal components, `explained` their shares of the variance.
    `membership` [classes, clusters] sums to 1; `degree` [classes] is that in the extreme cluster,
    `weight` = 1 − `degree`.
    """

    names: NDArray[Any]
    works: NDArray[np.int64]
    traits: Array
    factors: Array
    explained: tuple[float, float]
    centres: Array
    membership: Array
    extreme: int
    provenance: Provenance

    @property
    def degree(self) -> Array:
        """Membership in the cluster of high means and low variability, [classes]."""
        return np.asarray(self.membership[:, self.extreme])

    @property
    def weight(self) -> Array:
        """1 − degree: the correction of Quintano, Castellano & Longobardi (2009)."""
        return 1.0 - self.degree


def class_clusters(
    responses: Responses,
    grouping: str,
    *,
    clusters: int = 4,
    fuzzifier: float = 2.0,
    least: int = 10,
    tolerance: float = 1e-9,
    max_iterations: int = 2000,
) -> ClassClusters:
    """I22: degrees to which classes (`grouping`) are at once high and alike within.

    Fuzzy k-means of Bezdek (1981, ch. 3): u_gk = 1 / Σ_l (d_gk/d_gl)^(2/(m − 1)), centres weighted
    by u^m, m the `fuzzifier`; started at the classes farthest from each other, so that chance plays
    no part. Traits are standardised over the classes. Omissions count as gaps when they are still
    marked (before `treat`), and as no points. Classes under `least` works are left out; 5 a cluster
    are needed. Raises `TooFewPersons`, `WrongSettings`, `NotConverged`.
    """
    require_unweighted(responses, *WEIGHTS)
    if clusters < 2 or fuzzifier <= 1.0:
        raise WrongSettings(
            "Кластеров должно быть хотя бы два, а показатель нечёткости больше 1.",
            "Two clusters at least, and a fuzzifier above 1.",
        )
    names, works, traits = _traits(responses, grouping, least)
    if len(names) < 5 * clusters:
        raise TooFewPersons(
            f"Классов с {least} и более работами {len(names)}, а для {clusters} кластеров нужно хотя "
            f"бы {5 * clusters}.",
            f"{len(names)} classes of {least} works; {5 * clusters} are needed.",
        )
    spread = traits.std(axis=0)
    standard = (traits - traits.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    left, size, axes = np.linalg.svd(standard, full_matrices=False)
    # Signs of components are arbitrary: the first rises with the mean, the second with the spread.
    turn = np.where(axes[[0, 1], [0, 1]] < 0, -1.0, 1.0)
    factors = left[:, :2] * size[:2] * turn
    axes = axes[:2] * turn[:, None]
    centres, membership = _fuzzy(factors, clusters, fuzzifier, tolerance, max_iterations)
    # Back from the factors: high mean, low spread, few gaps, alike answers.
    back = centres @ axes
    extreme = int(np.argmax(back @ np.array([1.0, -1.0, -1.0, -1.0])))
    settings = {"grouping": grouping, "clusters": clusters, "fuzzifier": fuzzifier, "least": least}
    share = size**2 / (size**2).sum()
    return ClassClusters(
        names, works, traits, factors, (float(share[0]), float(share[1])), centres, membership,
        extreme, Provenance("class_clusters", responses.data_hash, settings),
    )  # fmt: skip


def _traits(
    responses: Responses, grouping: str, least: int
) -> tuple[NDArray[Any], NDArray[np.int64], Array]:
    names = np.array(responses.group_names(grouping))
    many = len(names)
    works, first, second, gaps, cells, unlike, places = (np.zeros(many) for _ in range(7))
    for booklet, block in zip(responses.design.booklets, responses.blocks, strict=True):
        code = block.groups[grouping]
        known = code >= 0
        full = responses.design.max_scores[booklet.items].sum()
        share = np.maximum(block.scores, 0).sum(axis=1) / full
        works += np.bincount(code[known], minlength=many)
        first += np.bincount(code[known], share[known], minlength=many)
        second += np.bincount(code[known], share[known] ** 2, minlength=many)
        empty = (block.scores == OMITTED).sum(axis=1)
        gaps += np.bincount(code[known], empty[known], minlength=many)
        cells += np.bincount(code[known], minlength=many) * len(booklet.items)
        here = np.bincount(code[known], minlength=many).astype(np.float64)
        for place, item in enumerate(booklet.items):
            scores = np.maximum(block.scores[known, place], 0)
            kinds = int(responses.design.max_scores[item]) + 1
            table = np.zeros((many, kinds))
            np.add.at(table, (code[known], scores), 1.0)
            part = table / np.maximum(here, 1.0)[:, None]
            # Gini heterogeneity by its greatest value, weighted by the works that met the item.
            unlike += here * (1.0 - (part**2).sum(axis=1)) * kinds / (kinds - 1.0)
            places += here
    kept = works >= least
    number = np.maximum(works, 1.0)
    mean = first / number
    variance = np.maximum(second - number * mean**2, 0.0) / np.maximum(number - 1.0, 1.0)
    traits = np.column_stack(
        [
            mean,
            np.sqrt(variance),
            gaps / np.maximum(cells, 1.0),
            unlike / np.maximum(places, 1.0),
        ]
    )
    return names[kept], works[kept].astype(np.int64), traits[kept]


def _fuzzy(
    points: Array, clusters: int, fuzzifier: float, tolerance: float, max_iterations: int
) -> tuple[Array, Array]:
    chosen = [int(((points - points.mean(axis=0)) ** 2).sum(axis=1).argmax())]
    while len(chosen) < clusters:
        apart = ((points[:, None] - points[chosen]) ** 2).sum(axis=2).min(axis=1)
        chosen.append(int(apart.argmax()))
    centres = points[chosen].copy()
    for _ in range(max_iterations):
        distance = np.maximum(((points[:, None] - centres) ** 2).sum(axis=2), 1e-24)
        nearest = distance.min(axis=1, keepdims=True)
        closeness = (nearest / distance) ** (1.0 / (fuzzifier - 1.0))
        membership = closeness / closeness.sum(axis=1, keepdims=True)
        mass = membership**fuzzifier
        moved = (mass.T @ points) / mass.sum(axis=0)[:, None]
        step = float(np.abs(moved - centres).max())
        centres = moved
        if step < tolerance:
            return centres, membership
    raise NotConverged(
        f"Кластеры не сошлись за {max_iterations} шагов: возьмите их меньше.",
        f"The clusters did not converge in {max_iterations} iterations; take fewer.",
    )
