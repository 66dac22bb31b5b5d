"""Rules over whole schools and classes: fixed bands (I10), two years and answers (I26), integrity (I27).

They repeat what is published. The first is known to do harm where it decides alone: it forces
schools to draw a picture, and honest strong classes fall out of the band.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom, rankdata

from merilo_psychometrics.errors import BadData, TooFewPersons, WrongSettings
from merilo_psychometrics.provenance import Provenance, digest
from merilo_psychometrics.responses import Responses
from merilo_psychometrics.weights import require_unweighted

from .evidence import WEIGHTS, Array, Evidence
from .meanings import MEANINGS


def fixed_band(
    names: ArrayLike, counts: ArrayLike, *, least_twos: float, most_fives: float
) -> Evidence:
    """I10: is the share of «2» below a fixed least, or of «5» above a fixed most?

    `counts` [groups, 4]: pupils with «2», «3», «4», «5»; the limits in per cent. A label OUTSIDE or
    INSIDE is the rule itself: %«2» < least or %«5» > most. p is the smaller of the two binomial
    tails at the limits, doubled; the effect is by how many points the share leaves the band (the
    greater of the two, negative inside it). The rule of a regional pre-check, not of a paper.

    Source: the regional check «monit95» of Chechnya: least «2» and most «5» of a parallel. As the
    sole rule it teaches schools to fit the picture.
    p = min(1, 2·min(P(X ≤ n₂), P(Y ≥ n₅))), X ~ Bin(n, least), Y ~ Bin(n, most). Raises `BadData`,
    `TooFewPersons`, `WrongSettings`.
    """
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != 4 or (table < 0).any():
        raise BadData(
            "Нужно число отметок «2», «3», «4», «5» в каждой группе.",
            "Counts of the marks 2, 3, 4 and 5 of every group are needed.",
        )
    if not (0.0 <= least_twos <= 100.0 and 0.0 <= most_fives <= 100.0):
        raise WrongSettings(
            "Границы долей — проценты от 0 до 100.", "The limits are per cents from 0 to 100."
        )
    works = table.sum(axis=1)
    if (works < 1).any():
        raise TooFewPersons("Есть группа без отметок.", "A group has no marks.")
    twos, fives = 100.0 * table[:, 0] / works, 100.0 * table[:, 3] / works
    few = binom.cdf(table[:, 0], works, least_twos / 100.0)
    many = binom.sf(table[:, 3] - 1, works, most_fives / 100.0)
    p = np.minimum(1.0, 2.0 * np.minimum(few, many))
    away = np.maximum(least_twos - twos, fives - most_fives)
    labels = tuple("OUTSIDE" if out > 0 else "INSIDE" for out in away)
    settings = {"least_twos": least_twos, "most_fives": most_fives}
    units = np.asarray(names)
    return Evidence(
        MEANINGS["fixed_band"], units, np.full(len(units), ""), away, p, away,
        works.astype(np.int64), Provenance("fixed_band", digest([table]), settings), labels=labels,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Classrooms:
    """I26 for every classroom; arrays [classrooms], ranks from 0 (lowest) to 1.

    `score`: how high the gain is this year and how low the year after; `answers`: how high the
    measures of unusual answers are, all together; `both`: the two beyond their limits at once.
    """

    names: NDArray[Any]
    score: Array
    answers: Array
    both: NDArray[np.bool_]
    limits: tuple[float, float]
    provenance: Provenance


def classrooms(
    names: ArrayLike,
    gain: ArrayLike,
    gain_after: ArrayLike,
    measures: Mapping[str, ArrayLike],
    *,
    share: float = 0.05,
) -> Classrooms:
    """I26: unexpected gains that vanish a year later, and unusual answers, both at once.

    `gain`, `gain_after` [classrooms] of the same pupils in this year and the next; `measures` of
    unusual answers, large is unusual (Jacob & Levitt take four; here any: statistics of
    `shared_wrong`, `unusual_works`, `easy_hard` …). With ρ the percentile rank among all classrooms

        SCORE = ρ(gain)² + (1 − ρ(gain_after))²,     ANSWERS = Σ ρ(measure)²,

    and `both` where each lies in its top `share`: Jacob & Levitt (2003), Quarterly Journal of
    Economics 118, 843–877, section II. If the two were independent share² would be there by chance;
    what is above that is their estimate of a prevalence, and says nothing of one classroom.
    Raises `BadData`, `TooFewPersons`.
    """
    now, after = np.asarray(gain, dtype=np.float64), np.asarray(gain_after, dtype=np.float64)
    columns = [np.asarray(values, dtype=np.float64) for values in measures.values()]
    if not columns or any(len(column) != len(now) for column in (after, *columns)):
        raise BadData(
            "Нужны прирост, прирост через год и хотя бы одна мера ответов, по числу на класс.",
            "Gains of both years and a measure of the answers are needed, one a classroom.",
        )
    if len(now) < 20 or not 0.0 < share < 0.5:
        raise TooFewPersons(
            f"Классов {len(now)}: ранги говорят что-то, когда их хотя бы 20 (share от 0 до 0,5).",
            f"{len(now)} classrooms; ranks need 20 (share within 0 … 0.5).",
        )
    score = _ranks(now) ** 2 + (1.0 - _ranks(after)) ** 2
    answers = np.sum([_ranks(column) ** 2 for column in columns], axis=0)
    limits = (float(np.quantile(score, 1.0 - share)), float(np.quantile(answers, 1.0 - share)))
    settings = {"measures": list(measures), "share": share}
    return Classrooms(
        np.asarray(names),
        score,
        answers,
        (score > limits[0]) & (answers > limits[1]),
        limits,
        Provenance("classrooms", digest([now, after, *columns]), settings),
    )


def _ranks(values: Array) -> Array:
    return np.asarray((rankdata(values) - 0.5) / len(values))


def integrity(
    responses: Responses, grouping: str, fit: Evidence, *, alpha: float = 0.05, least: int = 10
) -> Evidence:
    """I27: the share of works of a group with an unusual pattern; the index is 100·(1 − share).

    A pattern is unusual when its p in `fit` (order_fit, likelihood_fit: these works, this order) is
    at most `alpha`. The statistic is the index, the effect the share above that of all works, p the
    binomial tail of their number at the share of all. After the school integrity index of the
    Indonesian national examination, whose formula is not published: this one is ours.

    Source: the idea of an index of examination integrity (Indonesia, 2015); the formula is
    Merilo's.
    Index = 100·(1 − unusual/works); p = P(X ≥ unusual), X ~ Bin(works, share of all). Raises
    `BadData`, `TooFewPersons`.
    """
    responses.require_treated("integrity")
    require_unweighted(responses, *WEIGHTS)
    names = np.array(responses.group_names(grouping))
    codes = np.concatenate([block.groups[grouping] for block in responses.blocks])
    if len(fit) != len(codes):
        raise BadData(
            f"Индексов {len(fit)}, а работ {len(codes)}: передайте индексы этих же работ.",
            f"{len(fit)} indices for {len(codes)} works.",
        )
    known = np.isfinite(fit.p) & (codes >= 0)
    odd = known & (np.nan_to_num(fit.p, nan=1.0) <= alpha)
    works = np.bincount(codes[known], minlength=len(names))
    found = np.bincount(codes[odd], minlength=len(names))
    kept = np.flatnonzero(works >= least)
    if not len(kept):
        raise TooFewPersons(
            f"Ни в одной группе нет {least} работ: возьмите более крупную группировку.",
            f"No group has {least} works.",
        )
    whole = float(odd.sum() / known.sum())
    share = found[kept] / works[kept]
    settings = {"grouping": grouping, "index": fit.meaning.code, "alpha": alpha, "least": least}
    return Evidence(
        MEANINGS["integrity"], names[kept], np.full(len(kept), grouping), 100.0 * (1.0 - share),
        binom.sf(found[kept] - 1, works[kept], whole), share - whole,
        works[kept].astype(np.int64), Provenance("integrity", responses.data_hash, settings),
    )  # fmt: skip
