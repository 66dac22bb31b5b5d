"""Agreement of raters beyond chance: the kappa family, with intervals.

All coefficients are (p_a − p_e) / (1 − p_e) with weights w_kl of agreement between categories; they
differ in the chance term. Table: [works, raters] of marks, NaN (or None) where not marked. Standard
errors linearise the coefficient over works, which are taken as a sample from many; intervals use
Student's t with works − 1 degrees of freedom (Gwet 2014), for two raters the normal distribution
(Fleiss, Cohen & Everitt 1969). Works with one mark only help to find the shares of categories.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm
from scipy.stats import t as student

from merilo_psychometrics.errors import BadData, NotIdentified, TooFewPersons, WrongSettings
from merilo_psychometrics.provenance import Provenance, digest

Array = NDArray[np.float64]
Weights = Literal["none", "linear", "quadratic"]
Scale = Literal["nominal", "ordinal", "interval"]
VERBS = {
    "cohen": "cohen_kappa",
    "fleiss": "fleiss_kappa",
    "gwet": "gwet_ac",
    "krippendorff": "krippendorff_alpha",
}


@dataclass(frozen=True)
class Agreement:
    """A coefficient with its error and interval.

    `observed` and `expected` are the shares of (weighted) agreement; for alpha 1 − disagreement,
    scaled by the largest disagreement of two categories. `works` counts the works with two or more
    marks.
    """

    coefficient: str
    value: float
    se: float
    lower: float
    upper: float
    observed: float
    expected: float
    works: int
    provenance: Provenance


def cohen_kappa(
    first: ArrayLike,
    second: ArrayLike,
    *,
    weights: Weights = "none",
    categories: Sequence[float] | None = None,
    level: float = 0.95,
) -> Agreement:
    """Kappa of two raters, [works] each (Cohen 1960; weighted: Cohen 1968).

    SE: Fleiss, Cohen & Everitt (1969). Works that one of the two did not mark are left out.
    κ = (p_o − p_e)/(1 − p_e), p_o = Σ w_kl·p_kl, p_e = Σ w_kl·p_k·q_l. Raises `BadData`,
    `TooFewPersons`.
    """
    table = np.stack([_numbers(first), _numbers(second)], axis=1)
    table = table[~np.isnan(table).any(axis=1)]
    known = _categories(table, categories)
    joint = np.zeros((len(known), len(known)))
    np.add.at(joint, tuple(np.searchsorted(known, table).T), 1.0)
    works = len(table)
    _require_works(works)
    joint /= works
    w = weight_matrix(known, weights)
    row, column = joint.sum(axis=1), joint.sum(axis=0)
    observed = float((w * joint).sum())
    expected = float(row @ w @ column)
    value = _coefficient(observed, expected)
    both = (w @ column)[:, None] + (w.T @ row)[None, :]
    inner = float((joint * (w - both * (1 - value)) ** 2).sum())
    variance = (inner - (value - expected * (1 - value)) ** 2) / (works * (1 - expected) ** 2)
    se = float(np.sqrt(max(variance, 0.0)))
    return _made("cohen kappa", value, se, float(norm.ppf((1 + level) / 2)), observed, expected,
                 works, table, {"weights": weights, "level": level})  # fmt: skip


def fleiss_kappa(
    table: ArrayLike,
    *,
    weights: Weights = "none",
    categories: Sequence[float] | None = None,
    level: float = 0.95,
) -> Agreement:
    """Kappa of many raters who need not be the same ones for every work (Fleiss 1971).

    Missing marks and weights as in Gwet (2014) ch. 3, where the linearised variance also stands.
    κ = (p_a − p_e)/(1 − p_e), p_e = Σ w_kl·π_k·π_l.
    """
    marks = _Marks(table, categories, weights)
    shares = marks.shares
    expected = float(shares @ marks.w @ shares)
    by_work = marks.own_shares @ (marks.w @ shares)
    return marks.finished("fleiss kappa", expected, by_work, level)


def gwet_ac(
    table: ArrayLike,
    *,
    weights: Weights = "none",
    categories: Sequence[float] | None = None,
    level: float = 0.95,
) -> Agreement:
    """Gwet's AC1 (no weights) or AC2 (Gwet 2008; 2014 ch. 4, 5): steady where kappa breaks down.

    p_e = Σw / (q(q − 1)) · Σ_k π_k(1 − π_k), q the number of categories — those seen, unless given.
    """
    marks = _Marks(table, categories, weights)
    count = len(marks.known)
    factor = float(marks.w.sum()) / (count * (count - 1))
    shares = marks.shares
    expected = factor * float(shares @ (1 - shares))
    by_work = factor * (marks.own_shares @ (1 - shares))
    name = "gwet ac1" if weights == "none" else "gwet ac2"
    return marks.finished(name, expected, by_work, level)


def krippendorff_alpha(
    table: ArrayLike, *, scale: Scale = "nominal", level: float = 0.95
) -> Agreement:
    """Krippendorff's alpha, 1 − D_o / D_e, any number of raters, missing marks allowed.

    Krippendorff (2019) ch. 12; δ² nominal 1, interval (c − k)², ordinal (Σ_{c…k} n_g − (n_c + n_k)/2)².
    SE by the delta method over works; the ordinal distances are taken as known.
    Raises `BadData`, `TooFewPersons`, `WrongSettings`.
    """
    marks = _numbers(table)
    marks = marks[(~np.isnan(marks)).sum(axis=1) >= 2]
    works = len(marks)
    _require_works(works)
    known = _categories(marks, None)
    counts = (marks[:, :, None] == known).sum(axis=1).astype(np.float64)
    of_work = counts.sum(axis=1)
    total, by_category = float(of_work.sum()), counts.sum(axis=0)
    distance = _distances(known, by_category, scale)
    # Disagreement inside every work, each pair of marks weighted by 1 / (marks − 1).
    inside = np.einsum("uc,ck,uk->u", counts, distance, counts) / (of_work - 1)
    across = float(by_category @ distance @ by_category)
    if across == 0:
        raise _constant()
    value = 1.0 - (total - 1.0) * float(inside.sum()) / across
    part = np.zeros(works)
    if inside.sum() > 0:
        # d ln(1 − α) by the sums over works: of marks, of inner and of possible disagreement.
        part = of_work / (total - 1.0) + inside / inside.sum()
        part = (1.0 - value) * (part - 2.0 * counts @ (distance @ by_category) / across)
    se = float(np.sqrt(works / (works - 1) * np.sum((part - part.mean()) ** 2)))
    widest = float(distance.max())
    observed = 1.0 - float(inside.sum()) / total / widest
    expected = 1.0 - across / (total * (total - 1.0)) / widest
    return _made(f"krippendorff alpha, {scale}", value, se, _quantile(level, works), observed,
                 expected, works, marks, {"scale": scale, "level": level})  # fmt: skip


def weight_matrix(categories: Array, weights: Weights) -> Array:
    """Weights of agreement, [categories, categories]: 1 on the diagonal, 0 between the ends."""
    away = np.abs(categories[:, None] - categories[None, :])
    if weights == "none":
        return np.asarray((away == 0).astype(np.float64))
    share = away / away.max()
    return np.asarray(1.0 - (share if weights == "linear" else share**2))


def _distances(known: Array, counts: Array, scale: Scale) -> Array:
    if scale == "nominal":
        return np.asarray(1.0 - np.eye(len(known)))
    if scale == "interval":
        return np.asarray((known[:, None] - known[None, :]) ** 2)
    middle = np.cumsum(counts) - counts / 2
    return np.asarray((middle[:, None] - middle[None, :]) ** 2)


class _Marks:
    """Counts of categories by work, and what all coefficients share."""

    def __init__(
        self, table: ArrayLike, categories: Sequence[float] | None, weights: Weights
    ) -> None:
        marks = _numbers(table)
        self.table = marks[(~np.isnan(marks)).any(axis=1)]
        self.known = _categories(self.table, categories)
        self.weights = weights
        self.w = weight_matrix(self.known, weights)
        self.counts = (self.table[:, :, None] == self.known).sum(axis=1).astype(np.float64)
        of_work = self.counts.sum(axis=1)
        self.paired = of_work >= 2
        _require_works(int(self.paired.sum()))
        self.own_shares = self.counts / of_work[:, None]
        self.shares = self.own_shares.mean(axis=0)
        inner = (self.counts * (self.counts @ self.w - 1.0)).sum(axis=1)
        pairs = np.where(self.paired, of_work * (of_work - 1), 1.0)
        self.agreement = np.where(self.paired, inner / pairs, 0.0)

    def finished(self, name: str, expected: float, chance: Array, level: float) -> Agreement:
        """Coefficient and the linearised variance (Gwet 2014 ch. 5).

        `chance` [works] is the part of every work in the chance term.
        """
        works, paired = len(self.counts), int(self.paired.sum())
        observed = float(self.agreement.sum()) / paired
        value = _coefficient(observed, expected)
        part = (works / paired) * (self.agreement - expected * self.paired) / (1 - expected)
        part = part - 2 * (1 - value) * (chance - expected) / (1 - expected)
        se = float(np.sqrt(np.sum((part - value) ** 2) / (works * (works - 1))))
        settings = {"weights": self.weights, "level": level}
        return _made(name, value, se, _quantile(level, works), observed, expected, paired,
                     self.table, settings)  # fmt: skip


def _numbers(values: ArrayLike) -> Array:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadData(
            "Оценки должны быть числами (пропуск — NaN); замените названия категорий номерами.",
            "Marks must be numbers, NaN where missing; number the categories.",
        ) from error


def _categories(table: Array, given: Sequence[float] | None) -> Array:
    seen = np.unique(table[~np.isnan(table)])
    known = seen if given is None else np.unique(np.asarray(given, dtype=np.float64))
    unknown = np.setdiff1d(seen, known)
    if len(unknown):
        raise BadData(
            f"Оценки вне названных категорий: {unknown.tolist()}.",
            f"Marks outside the categories: {unknown.tolist()}.",
        )
    if len(known) < 2:
        raise _constant()
    return known


def _constant() -> NotIdentified:
    return NotIdentified(
        "Все оценки одинаковы: согласие сверх случайного не определено. Назовите все категории "
        "(categories) для AC1 или сообщайте долю совпадений.",
        "All marks are the same, agreement beyond chance is not defined; name all categories for "
        "AC1, or report exact agreement.",
    )


def _coefficient(observed: float, expected: float) -> float:
    if expected >= 1.0:
        raise _constant()
    return (observed - expected) / (1.0 - expected)


def _require_works(works: int) -> None:
    if works < 2:
        raise TooFewPersons(
            f"Работ с двумя и более оценками {works}, нужно хотя бы две.",
            f"{works} works have two or more marks, two are needed.",
        )


def _quantile(level: float, works: int) -> float:
    if not 0 < level < 1:
        raise WrongSettings(f"Уровень доверия {level} вне (0, 1).", f"level {level}.")
    return float(student.ppf((1 + level) / 2, works - 1))


def _made(
    name: str,
    value: float,
    se: float,
    quantile: float,
    observed: float,
    expected: float,
    works: int,
    table: Array,
    settings: Mapping[str, object],
) -> Agreement:
    return Agreement(
        name,
        float(value),
        se,
        float(value) - quantile * se,
        min(1.0, float(value) + quantile * se),
        observed,
        expected,
        works,
        Provenance(VERBS[name.split()[0]], digest([table]), settings),
    )
