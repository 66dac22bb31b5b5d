"""Item-total regressions: observed and expected item scores by total score, for pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics import curves
from merilo_psychometrics.calibration import Calibration
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import Responses
from merilo_psychometrics.statistics import SufficientStatistics, sufficient_statistics

from .expectations import given_total, mixture_of

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ItemRegression:
    """One item on one booklet, at every total score that somebody has; arrays [totals].

    `works`; `observed`: mean item score of these works; `expected` by the model given the total;
    `se`: standard error of the observed mean if the model holds. All in points.
    """

    booklet: str
    item: str
    totals: NDArray[np.int64]
    works: Array
    observed: Array
    expected: Array
    se: Array
    provenance: Provenance

    @property
    def root_mean_square(self) -> float:
        """Root mean square of observed − expected over the works, in points."""
        return float(np.sqrt(np.average((self.observed - self.expected) ** 2, weights=self.works)))


def item_regressions(
    data: SufficientStatistics | Responses, calibration: Calibration
) -> tuple[ItemRegression, ...]:
    """Regress every item on the total score, in the data and in the model (dexter's ITR).

    With unequal slopes the ability is distributed as in the populations of the calibration. Raises
    `UnknownItem`, `UntreatedOmissions`. The item-total regressions of the R package dexter (Maris,
    Bechger, Koops & Partchev 2023).
    Expected: E(x_i | t) = Σ_c s_c·P(s_c | t), P of `given_total`; its error √(Var(x_i | t)/n_t).
    """
    statistics = sufficient_statistics(data) if isinstance(data, Responses) else data
    design, mixture = statistics.design, mixture_of(calibration)
    provenance = Provenance("item_regressions", statistics.counts_hash)
    found = []
    for booklet, counts in zip(design.booklets, statistics.booklets, strict=True):
        own = calibration.parameters.of(design.items[n] for n in booklet.items)
        chances = given_total(own, mixture)
        scores = curves.score_table(own)
        works = counts.score_counts.astype(np.float64)
        seen = np.flatnonzero(works)
        for place, item in enumerate(own.items):
            table = counts.of_item(place).astype(np.float64)[seen]
            chance = chances[seen, place]
            mean = chance @ scores[place]
            variance = np.maximum(chance @ scores[place] ** 2 - mean**2, 0.0)
            found.append(
                ItemRegression(
                    booklet=booklet.id,
                    item=item.id,
                    totals=seen.astype(np.int64),
                    works=works[seen],
                    observed=table @ np.arange(table.shape[1]) / works[seen],
                    expected=mean,
                    se=np.sqrt(variance / works[seen]),
                    provenance=provenance,
                )
            )
    return tuple(found)
