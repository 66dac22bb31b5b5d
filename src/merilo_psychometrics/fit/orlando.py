"""S-X²: observed and expected item scores by total score, as a test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from merilo_psychometrics.calibration import Calibration
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import Responses
from merilo_psychometrics.statistics import SufficientStatistics, sufficient_statistics
from merilo_psychometrics.weights import WeightedWorks

from .expectations import given_total, mixture_of

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ScoreFit:
    """S-X² of every item, summed over the booklets it stands in; arrays [items].

    `p` is NaN where no degree of freedom is left. `rmsea` = √max(0, (X² − df)/(df·(n − 1))).
    """

    items: tuple[str, ...]
    statistic: Array
    df: NDArray[np.int64]
    p: Array
    rmsea: Array
    works: Array
    provenance: Provenance


def s_x2(
    data: SufficientStatistics | Responses, calibration: Calibration, *, least: float = 1.0
) -> ScoreFit:
    """Test every item: Orlando & Thissen (2000), for graded items Kang & Chen (2008).

    X² = Σ_s Σ_c (O_sc − E_sc)²/E_sc over totals between zero and full. Where an expected count is
    below `least`, neighbouring totals are joined (0/1 items), or neighbouring categories of the
    total (graded items). df = cells − rows − free parameters of the item. Booklets are summed.
    Weighted counts raise `WeightedWorks`: χ² needs numbers of works (Rao & Scott 1981). Raises
    `UnknownItem`, `UntreatedOmissions`.
    """
    statistics = sufficient_statistics(data) if isinstance(data, Responses) else data
    if any(counts.score_counts.dtype.kind == "f" for counts in statistics.booklets):
        raise WeightedWorks(
            "Критерий S-X² считает работы поштучно, а данные взвешены: взвешенные доли не дают χ².",
            "S-X² needs unweighted counts: weighted shares give no χ².",
        )
    design, mixture = statistics.design, mixture_of(calibration)
    size = len(design.items)
    value, cells, works = np.zeros(size), np.zeros(size, np.int64), np.zeros(size)
    for booklet, counts in zip(design.booklets, statistics.booklets, strict=True):
        own = calibration.parameters.of(design.items[n] for n in booklet.items)
        chances = given_total(own, mixture)
        by_score = counts.score_counts.astype(np.float64)
        inner = np.flatnonzero((by_score > 0) & ~np.isnan(chances[:, 0, 0]))
        inner = inner[(inner > 0) & (inner < len(by_score) - 1)]
        for place, position in enumerate(booklet.items):
            scores = list(own.items[place].scores)
            observed = counts.of_item(place)[inner][:, scores].astype(np.float64)
            expected = by_score[inner, None] * chances[inner, place, : len(scores)]
            part, free = _compare(observed, expected, least)
            value[position] += part
            cells[position] += free
            works[position] += by_score.sum()
    held = {item.id: 0 for item in design.items}
    for free_parameter in calibration.parameters.free:
        if free_parameter.item in held:
            held[free_parameter.item] += 1
    df = np.maximum(cells - np.array([held[item.id] for item in design.items]), 0)
    tested = df > 0
    p = np.full(size, np.nan)
    p[tested] = chi2.sf(value[tested], df[tested])
    safe = np.where(tested, df * np.maximum(works - 1.0, 1.0), 1.0)
    rmsea = np.where(tested, np.sqrt(np.maximum(value - df, 0.0) / safe), np.nan)
    return ScoreFit(
        items=tuple(item.id for item in design.items),
        statistic=value,
        df=df,
        p=p,
        rmsea=rmsea,
        works=works,
        provenance=Provenance("s_x2", statistics.counts_hash, {"least": least}),
    )


def _compare(observed: Array, expected: Array, least: float) -> tuple[float, int]:
    """X² and its cells less rows, after joining sparse cells."""
    value, cells = 0.0, 0
    rows = [_joined_cells(o, e, least) for o, e in zip(observed, expected, strict=True)]
    if expected.shape[1] == 2:
        rows = _joined_rows(observed, expected, least)
    for row_observed, row_expected in rows:
        if len(row_expected) > 1:
            value += float(((row_observed - row_expected) ** 2 / row_expected).sum())
            cells += len(row_expected) - 1
    return value, cells


def _joined_rows(observed: Array, expected: Array, least: float) -> list[tuple[Array, Array]]:
    """Join the lowest sparse total with its neighbour of fewer works until none is sparse."""
    rows = list(zip(observed, expected, strict=True))
    while len(rows) > 1:
        sparse = [n for n, (_, e) in enumerate(rows) if (e < least).any()]
        if not sparse:
            break
        one = sparse[0]
        beside = [n for n in (one - 1, one + 1) if 0 <= n < len(rows)]
        other = min(beside, key=lambda n: (rows[n][0].sum(), n))
        joined = (rows[one][0] + rows[other][0], rows[one][1] + rows[other][1])
        rows[min(one, other) : max(one, other) + 1] = [joined]
    return rows


def _joined_cells(observed: Array, expected: Array, least: float) -> tuple[Array, Array]:
    """Join neighbouring categories of one total, from the lowest up."""
    kept: list[list[float]] = []
    o_sum = e_sum = 0.0
    for o, e in zip(observed, expected, strict=True):
        o_sum, e_sum = o_sum + o, e_sum + e
        if e_sum >= least:
            kept.append([o_sum, e_sum])
            o_sum = e_sum = 0.0
    if kept:
        kept[-1][0] += o_sum
        kept[-1][1] += e_sum
    whole = np.array(kept).reshape(-1, 2)
    return whole[:, 0], whole[:, 1]
