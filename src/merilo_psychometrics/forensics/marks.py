"""Marks and shares: the published rules of comparison (I3, I4, I9, I23, I24, I28, I29, levels)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

from merilo_psychometrics.errors import TooFewPersons, WrongSettings
from merilo_psychometrics.multiplicity import adjusted
from merilo_psychometrics.provenance import Provenance, digest

from .evidence import Array, Evidence
from .meanings import MEANINGS

# Shares of pupils who did a task: (insufficient below, sufficient from), in per cent.
LEVELS = {"basic": (57.0, 60.0), "advanced": (28.5, 30.0)}
Level = Literal["insufficient", "uncertainty", "sufficient"]


def level(share: float, kind: Literal["basic", "advanced"]) -> Level:
    """Class of the per cent of pupils who did a task, by the federal recommendations of 2026.

    Basic tasks: sufficient ≥ 60, insufficient < 57 per cent; advanced ones: ≥ 30, < 28.5; between
    them uncertainty. Source: FIOKO, «Рекомендации по проведению анализа результатов ВПР» (2026),
    pp. 6, 17. Raises `WrongSettings`.
    """
    if kind not in LEVELS or not 0.0 <= share <= 100.0:
        raise WrongSettings(
            "Нужны уровень задания basic или advanced и доля в процентах от 0 до 100.",
            "A kind of task (basic, advanced) and a per cent from 0 to 100 are needed.",
        )
    low, high = LEVELS[kind]
    return "insufficient" if share < low else "uncertainty" if share < high else "sufficient"


@dataclass(frozen=True)
class MarkComparison:
    """I3 and I4: marks of the work against those of the journal, pairs with both only."""

    compared: int
    lowered: int
    confirmed: int
    raised: int
    far: int

    @property
    def far_share(self) -> float:
        """Share of pairs two marks or more apart."""
        return self.far / self.compared


def compare_marks(work: ArrayLike, journal: ArrayLike) -> MarkComparison:
    """Compare marks of the work with marks of the journal, [pupils] each; NaN where there is none.

    Raises `TooFewPersons` when nobody has both.

    Source: FIOKO, «Рекомендации по проведению анализа результатов ВПР» (2026), p. 11: gaps of two
    marks and more.
    Lowered, confirmed, raised: work < journal, work = journal, work > journal; far: |work −
    journal| ≥ 2.
    """
    ours, theirs = np.asarray(work, dtype=float), np.asarray(journal, dtype=float)
    both = np.isfinite(ours) & np.isfinite(theirs)
    if not both.any():
        raise TooFewPersons(
            "Ни у кого нет и отметки за работу, и отметки в журнале.",
            "Nobody has both a mark of the work and one of the journal.",
        )
    gap = ours[both] - theirs[both]
    return MarkComparison(
        int(both.sum()), int((gap < 0).sum()), int((gap == 0).sum()), int((gap > 0).sum()),
        int((np.abs(gap) >= 2).sum()),
    )  # fmt: skip


def fall_of_twos(before: float, now: float) -> Literal["growth", "steady", "fall", "to_zero"]:
    """I9: per cent of the lowest mark a year before and now: ten points up is negative dynamics.

    "growth" from +10 points, "steady" below that, "fall" for any decrease, "to_zero" when nothing
    is left of a share of at least 10. Comparable only under the same codifier.

    Source: FIOKO, «Рекомендации по проведению анализа результатов ВПР» (2026), pp. 7–8.
    Growth: now − before ≥ 10 points; fall: now < before; to zero: now = 0 and before ≥ 10.
    """
    if now <= 0.0 and before >= 10.0:
        return "to_zero"
    if now - before >= 10.0:
        return "growth"
    return "steady" if now >= before else "fall"


def gain(names: ArrayLike, before: ArrayLike, now: ArrayLike, works: ArrayLike) -> Evidence:
    """I23: results of groups regressed on their past ones; which rose beyond the line?

    `before`, `now` means of the groups, [groups], `works` their sizes (weights). The statistic is
    the externally studentised residual, Student t with m − 3 degrees (Cook & Weisberg 1982,
    § 2.2), p one-sided (above); effect the residual in the units of `now`. Needs 8 groups and a
    past that varies. A change of cohort moves the residual too.
    t = e/(s₍₋₎·√(1 − h)): residual, deviation without the group, leverage. Raises `TooFewPersons`.
    """
    x, y = np.asarray(before, dtype=float), np.asarray(now, dtype=float)
    weight = np.asarray(works, dtype=float)
    if len(x) < 8 or np.ptp(x) == 0:
        raise TooFewPersons(
            f"Групп {len(x)}: чтобы сравнить с прошлым, нужно хотя бы 8 групп с разными прошлыми "
            "результатами.",
            f"{len(x)} groups; 8 with different past results are needed.",
        )
    root = np.sqrt(weight)
    basis = np.column_stack([np.ones_like(x), x]) * root[:, None]
    inverse = np.linalg.inv(basis.T @ basis)
    residual = y * root - basis @ (inverse @ (basis.T @ (y * root)))
    leverage = np.einsum("ga,ab,gb->g", basis, inverse, basis)
    degrees = len(x) - 3
    left = np.maximum((residual @ residual) - residual**2 / (1.0 - leverage), 1e-300) / degrees
    statistic = residual / np.sqrt(left * (1.0 - leverage))
    return _evidence("gain", names, works, statistic, student.sf(statistic, degrees),
                     residual / root, [x, y, weight])  # fmt: skip


def confirmation(
    names: ArrayLike, result: ArrayLike, other: ArrayLike, works: ArrayLike
) -> Evidence:
    """I29: is a high result not confirmed by another measurement of the same cohort?

    Both, means of groups [groups], are standardised over the groups; statistic the externally
    studentised residual of the first on the second, as in `gain`; the effect is the difference in
    sigmas of groups.

    Source: the published criterion «not confirmed by high results of graduates» (Rosobrnadzor and
    FIOKO, 2017); the threshold is the caller's.
    t = e/(s₍₋₎·√(1 − h)): residual, deviation without the group, leverage (Cook & Weisberg 1982, §
    2.2).
    """
    ours, theirs = np.asarray(result, dtype=float), np.asarray(other, dtype=float)
    made = gain(names, theirs, ours, works)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = (ours - ours.mean()) / ours.std() - (theirs - theirs.mean()) / theirs.std()
    return _evidence("confirmation", names, works, made.statistic, made.p, apart,
                     [theirs, ours, np.asarray(works, dtype=float)])  # fmt: skip


def among_peers(
    names: ArrayLike, values: ArrayLike, context: ArrayLike, *, peers: int = 15
) -> Array:
    """I24: deviation of a group from its peers, the `peers` nearest in context, [groups].

    `values` [groups] results, `context` [groups, traits]; traits are standardised, nearness is
    Euclidean. The value is (v − median) / (1.4826·MAD) of the peers, the group itself left out: a
    robust z (Rousseeuw & Croux 1993, J. Am. Stat. Assoc. 88, 1273–1283). NaN where the peers do not
    vary. Not a probability: a distance to look at.
    z = (v − median)/(1.4826·MAD), MAD = median |v_j − median| of the peers. Raises
    `TooFewPersons`.
    """
    y, traits = np.asarray(values, dtype=float), np.asarray(context, dtype=float)
    traits = traits.reshape(len(y), -1)
    if len(y) <= peers or peers < 3:
        raise TooFewPersons(
            f"Групп {len(y)}, а соседей нужно {peers}. Уменьшите peers (не ниже 3).",
            f"{len(y)} groups for {peers} peers.",
        )
    spread = traits.std(axis=0)
    traits = (traits - traits.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    found = np.empty(len(y))
    for row in range(len(y)):
        distance = ((traits - traits[row]) ** 2).sum(axis=1)
        distance[row] = np.inf
        near = y[np.argpartition(distance, peers)[:peers]]
        middle = np.median(near)
        scale = 1.4826 * np.median(np.abs(near - middle))
        found[row] = (y[row] - middle) / scale if scale > 0 else np.nan
    return found


def agreement(first: ArrayLike, second: ArrayLike, *, within: int = 0) -> float:
    """I28: share of works whose second marking equals the first, give or take `within` points.

    Source: the indicator of selective second marking of the regions (at least 90 % of works); see
    also Stemler (2004), consensus estimates.
    Share = number of |first − second| ≤ `within` over the number of works. Raises `TooFewPersons`.
    """
    ours, again = np.asarray(first), np.asarray(second)
    if not len(ours):
        raise TooFewPersons("Перепроверенных работ нет.", "No works were marked again.")
    return float(np.mean(np.abs(ours - again) <= within))


def families(evidence: dict[str, Evidence], *, rate: float = 0.05) -> dict[str, tuple[str, ...]]:
    """Which independent families of indicators stand out for each unit, never a product of p.

    A mapping name → families in order (level, boundary, pattern, …) with q ≤ `rate` among units of
    one name (groups). One family calls for watching, two for a check of the works. Own rule:
    counts, never products of probabilities.
    Source: Merilo's own rule.
    """
    found: dict[str, set[str]] = {}
    for one in evidence.values():
        for row in np.flatnonzero(np.nan_to_num(adjusted(one.p), nan=2.0) <= rate):
            name = str(np.atleast_1d(one.units[row])[0])
            found.setdefault(name, set()).add(one.meaning.family)
    return {name: tuple(sorted(kinds)) for name, kinds in sorted(found.items())}


def _evidence(
    code: str,
    names: ArrayLike,
    works: ArrayLike,
    statistic: Array,
    p: Any,
    effect: Array,
    data: list[NDArray[Any]],
) -> Evidence:
    units = np.asarray(names)
    return Evidence(
        MEANINGS[code], units, np.full(len(units), ""), statistic, np.asarray(p), effect,
        np.asarray(works, dtype=np.int64), Provenance(code, digest(data)),
    )  # fmt: skip
