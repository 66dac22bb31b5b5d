"""What cuts would mean: the share of the population in every level, with its uncertainty.

Sampling: linearised variance of a weighted share, over clusters (schools) where given (Särndal,
Swensson & Wretman 1992 ch. 5), and Rubin's (1987) rule over plausible values. Cuts: every share is a
function of one or two cuts, averaged over their normal errors by Gauss–Hermite quadrature.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from merilo_psychometrics.errors import BadData, NotIdentified, TooFewPersons
from merilo_psychometrics.provenance import Provenance, digest

from .results import Cut, ImpactTable, LevelShare

Array = NDArray[np.float64]
NODES = 21


def impact_table(
    values: ArrayLike,
    cuts: Sequence[Cut],
    *,
    lowest: str,
    weights: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    level: float = 0.95,
) -> ImpactTable:
    """Share of persons in every level: below the first cut (`lowest`), from each cut to the next.

    `values` [persons], or plausible values [persons, draws], in the unit of the cuts; a value
    equal to a cut reaches the level. `clusters` [persons] are what was sampled (schools). Cuts
    with a NaN error count as certain; errors of different cuts as independent. Raises `BadData`,
    `NotIdentified` when the cuts do not rise, `TooFewPersons`. Särndal, Swensson & Wretman (1992)
    ch. 5; plausible values: Rubin (1987).
    Share = Σ w_i·1(i in the level)/Σ w_i; variance W + (1 + 1/M)·B and that by the errors of the
    cuts.
    """
    table = np.asarray(values, dtype=np.float64)
    table = table[:, None] if table.ndim == 1 else table
    works = len(table)
    mass = np.ones(works) if weights is None else np.asarray(weights, dtype=np.float64)
    if np.isnan(table).any() or len(mass) != works or (mass < 0).any() or mass.sum() <= 0:
        raise BadData(
            "В значениях есть пропуски или веса не подходят к ним.",
            "Values are missing or the weights do not match.",
        )
    units = {cut.unit for cut in cuts}
    places = [cut.value for cut in cuts]
    if not cuts or len(units) > 1 or any(a >= b for a, b in zip(places, places[1:], strict=False)):
        raise NotIdentified(
            "Нужны пороги в одной единице, по возрастанию.", "Rising cuts in one unit are needed."
        )
    if clusters is None:
        places_of = np.arange(works)
    else:
        places_of = np.unique(np.asarray(clusters).astype(str), return_inverse=True)[1]
    groups = int(places_of.max(initial=-1)) + 1
    if groups < 2:
        raise TooFewPersons(
            "Школа (кластер) одна: ошибку доли не узнать.", "Two clusters are needed."
        )
    names = [lowest, *(cut.level for cut in cuts)]
    edges = [-np.inf, *places, np.inf]
    errors = [0.0, *(0.0 if np.isnan(cut.se) else cut.se for cut in cuts), 0.0]
    draws = table.shape[1]
    tops = np.sort(table, axis=0)
    order = np.argsort(table, axis=0, kind="stable")
    heaped = np.concatenate([np.zeros((1, draws)), np.cumsum(mass[order], axis=0)]) / mass.sum()

    def below(point: Array) -> Array:
        """Share strictly below the points, the mean over the draws."""
        found = [heaped[np.searchsorted(tops[:, d], point, "left"), d] for d in range(draws)]
        return np.asarray(np.mean(found, axis=0))

    nodes, chance = np.polynomial.hermite_e.hermegauss(NODES)
    chance = chance / chance.sum()
    rows = []
    z = float(norm.ppf((1 + level) / 2))
    for n, name in enumerate(names):
        inside = (table >= edges[n]) & (table < edges[n + 1])
        shares = mass @ inside / mass.sum()
        within = np.mean(
            [_variance(inside[:, d], shares[d], mass, places_of, groups) for d in range(draws)]
        )
        between = shares.var(ddof=1) if draws > 1 else 0.0
        sampling = float(within + (1 + 1 / draws) * between)
        moved = 0.0
        for edge in (n, n + 1):
            if errors[edge] > 0:
                away = below(edges[edge] + errors[edge] * nodes)
                moved += float(chance @ away**2 - (chance @ away) ** 2)
        share, se = float(shares.mean()), float(np.sqrt(sampling + moved))
        rows.append(
            LevelShare(
                name,
                share,
                float(np.sqrt(sampling)),
                float(np.sqrt(moved)),
                se,
                max(0.0, share - z * se),
                min(1.0, share + z * se),
            )  # fmt: skip
        )
    settings = {
        "cuts": [[cut.level, cut.value, cut.se] for cut in cuts],
        "lowest": lowest,
        "draws": draws,
        "clusters": None if clusters is None else groups,
        "level": level,
    }
    return ImpactTable(
        tuple(rows), float(works), Provenance("impact_table", digest([table, mass]), settings)
    )


def _variance(
    inside: NDArray[np.bool_], share: float, mass: Array, clusters: NDArray[np.int64], groups: int
) -> float:
    part = np.bincount(clusters, mass * (inside - share), groups) / mass.sum()
    return float(groups / (groups - 1) * ((part - part.mean()) ** 2).sum())
