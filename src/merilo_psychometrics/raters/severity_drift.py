"""Raters who grow severer or milder over time.

Every rater of every period is measured as a rater of its own; the severities of one rater are then
compared (differential rater functioning over time: Wolfe, Moulder & Myford 2001; Myford & Wolfe 2009).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from merilo_psychometrics.errors import NotIdentified, WrongSettings
from merilo_psychometrics.provenance import Provenance

from .facets import calibrate_facets
from .ratings import Ratings
from .results import FacetModel

Array = NDArray[np.float64]
Reference = Literal["works", "raters"]


@dataclass(frozen=True)
class RaterDrift:
    """Severity of one rater by period, logits, and whether it moved.

    `slope` logits a period with its error; `chi2`, `df`, `p`: Wald test of equal severities;
    `q`: p corrected for the number of raters (Benjamini & Hochberg 1995).
    """

    rater: str
    periods: tuple[str, ...]
    severity: tuple[float, ...]
    se: tuple[float, ...]
    slope: float
    slope_se: float
    chi2: float
    df: int
    p: float
    q: float


@dataclass(frozen=True)
class SeverityDrift:
    """All raters seen in two periods or more, those who moved most surely first."""

    raters: tuple[RaterDrift, ...]
    reference: Reference
    provenance: Provenance


def severity_drift(
    ratings: Ratings, *, reference: Reference = "works", model: FacetModel = "partial credit"
) -> SeverityDrift:
    """Estimate severity by rater and period and test whether it stays.

    `reference` "works": works marked in several periods (control works) link the periods, drift is
    absolute, and without them `UnlinkedRaters` is raised. "raters": the raters present in all
    periods are taken to keep their mean severity, drift is relative to them; items are held at
    their pooled thresholds. Wolfe, Moulder & Myford (2001); Myford & Wolfe (2009).
    X² = (Gλ)ᵀ(GΣGᵀ)⁻¹(Gλ), G the differences of neighbouring periods, λ and Σ the severities of
    the rater and their covariance; q by Benjamini & Hochberg (1995). Raises also `NotIdentified`,
    `WrongSettings`.
    """
    if ratings.period is None or len(ratings.periods) < 2:
        raise WrongSettings(
            "Периоды не названы или период один: сравнивать нечего. Передайте periods.",
            "Two periods or more are needed; give periods.",
        )
    severity, covariance, seen = (
        _by_works(ratings, model) if reference == "works" else _by_raters(ratings, model)
    )
    found = [
        _moved(ratings, rater, severity, covariance, seen)
        for rater in range(len(ratings.raters))
        if sum(key[0] == rater for key in seen) > 1
    ]
    if not found:
        raise NotIdentified(
            "Ни один эксперт не работал в двух периодах.", "No rater is seen in two periods."
        )
    found.sort(key=lambda row: row.p)
    ranks = np.arange(1, len(found) + 1)
    raw = np.array([row.p for row in found]) * len(found) / ranks
    corrected = np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 1.0)
    return SeverityDrift(
        tuple(replace(row, q=float(q)) for row, q in zip(found, corrected, strict=True)),
        reference,
        Provenance("severity_drift", ratings.data_hash, {"reference": reference, "model": model}),
    )


Seen = list[tuple[int, int]]


def _by_works(ratings: Ratings, model: FacetModel) -> tuple[Array, Array, Seen]:
    assert ratings.period is not None
    pair = ratings.rater.astype(np.int64) * len(ratings.periods) + ratings.period
    held, codes = np.unique(pair, return_inverse=True)
    seen = [divmod(int(one), len(ratings.periods)) for one in held]
    names = tuple(f"{ratings.raters[r]} · {ratings.periods[t]}" for r, t in seen)
    apart = replace(ratings, raters=names, rater=codes.astype(np.int32), period=None, periods=())
    facets = calibrate_facets(apart, model=model)
    return facets.severity, facets.severity_covariance, seen


def _by_raters(ratings: Ratings, model: FacetModel) -> tuple[Array, Array, Seen]:
    assert ratings.period is not None
    count = len(ratings.periods)
    present = np.zeros((len(ratings.raters), count), dtype=bool)
    present[ratings.rater, ratings.period] = True
    steady = np.flatnonzero(present.all(axis=1))
    if len(steady) < 2:
        raise NotIdentified(
            "Во всех периодах работали меньше двух экспертов: не с кем сравнивать. Возьмите меньше "
            'периодов или введите контрольные работы (reference="works").',
            "Fewer than two raters work in all periods; take fewer periods or control works.",
        )
    # A work marked in two periods is two works here, and a rater may meet it twice.
    works = ratings.person.astype(np.int64) * count + ratings.period
    held, codes = np.unique(works, return_inverse=True)
    split = replace(
        ratings,
        persons=tuple((ratings.persons[one // count], int(one % count)) for one in held),
        person=codes.astype(np.int32),
    )
    pooled = calibrate_facets(split, model=model).parameters
    severities, blocks, seen = [], [], []
    for period in range(count):
        part = split.where(np.asarray(split.period == period))
        facets = calibrate_facets(part, anchors=pooled)
        place = [ratings.raters.index(name) for name in part.raters]
        centre = np.isin(place, steady) / len(steady)
        turn = np.eye(len(place)) - centre[None, :]
        severities.append(turn @ facets.severity)
        blocks.append(turn @ facets.severity_covariance @ turn.T)
        seen += [(rater, period) for rater in place]
    size = len(seen)
    covariance, low = np.zeros((size, size)), 0
    for block in blocks:
        covariance[low : low + len(block), low : low + len(block)] = block
        low += len(block)
    return np.concatenate(severities), covariance, seen


def _moved(
    ratings: Ratings, rater: int, severity: Array, covariance: Array, seen: Seen
) -> RaterDrift:
    rows = sorted((n for n, key in enumerate(seen) if key[0] == rater), key=lambda n: seen[n][1])
    periods = [seen[n][1] for n in rows]
    values, spread = severity[rows], covariance[np.ix_(rows, rows)]
    gaps = np.diff(np.eye(len(rows)), axis=0)
    apart = gaps @ values
    statistic = float(apart @ np.linalg.solve(gaps @ spread @ gaps.T, apart))
    time = np.array(periods, dtype=np.float64)
    line = (time - time.mean()) / ((time - time.mean()) ** 2).sum()
    df = len(rows) - 1
    p = float(chi2.sf(statistic, df))
    return RaterDrift(
        ratings.raters[rater],
        tuple(ratings.periods[t] for t in periods),
        tuple(float(value) for value in values),
        tuple(float(value) for value in np.sqrt(np.diag(spread))),
        float(line @ values),
        float(np.sqrt(line @ spread @ line)),
        statistic,
        df,
        p,
        p,
    )
