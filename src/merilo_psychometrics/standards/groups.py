"""Cuts from data: contrasting groups, the borderline group, clusters of scores.

Livingston & Zieky (1982); crossing of curves and densities: Cizek & Bunch (2007) ch. 8; clusters:
Sireci, Robin & Patelis (1999). A beta density is matched to the mean and variance of its group.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.stats import beta, norm

from merilo_psychometrics.errors import NotConverged, NotIdentified, TooFewPersons, WrongSettings
from merilo_psychometrics.provenance import Provenance, digest

from .results import Cut, DataCut, Unit

Array = NDArray[np.float64]
Crossing = Literal["logistic", "normal", "beta", "midpoint"]


def contrast_groups(
    scores: ArrayLike,
    mastered: ArrayLike,
    *,
    method: Crossing = "logistic",
    highest: float | None = None,
    share: float | None = None,
    level: str = "cut",
    unit: Unit = "points",
) -> DataCut:
    """Find the score that parts two groups judged by other evidence: `scores`, `mastered` [persons].

    "logistic": P(mastered | x) = ½; "normal", "beta" (needs `highest`, the full score): densities
    of the two groups, weighted by their shares, cross between the means; "midpoint" of the two
    means. `share` replaces the share of masters in the sample by that of the population. Standard
    errors by the delta method. Raises `TooFewPersons`, `NotIdentified` when the groups do not
    cross. Livingston & Zieky (1982); Cizek & Bunch (2007) ch. 8.
    Raises also `NotConverged`, `WrongSettings`.
    """
    x, group = np.asarray(scores, dtype=np.float64), np.asarray(mastered, dtype=bool)
    below, above = x[~group], x[group]
    if min(len(below), len(above)) < 3:
        raise TooFewPersons(
            f"В группах {len(below)} и {len(above)} человек; нужно хотя бы по три.",
            f"The groups have {len(below)} and {len(above)} persons, three each are needed.",
        )
    if above.mean() <= below.mean():
        raise NotIdentified(
            "Средний балл освоивших не выше среднего балла неосвоивших: порога между ними нет.",
            "Masters do not score above non-masters.",
        )
    prior = len(above) / len(x) if share is None else share
    if not 0 < prior < 1:
        raise WrongSettings(f"Доля освоивших {share} вне (0, 1).", f"share {share}.")
    if method == "logistic":
        value, se, details = _logistic(x, group, np.log(prior / (1 - prior)))
    elif method == "midpoint":
        value = float((below.mean() + above.mean()) / 2)
        se = float(np.sqrt(below.var(ddof=1) / len(below) + above.var(ddof=1) / len(above)) / 2)
        details = {}
    else:
        if method == "beta" and (highest is None or x.min() < 0 or x.max() > highest):
            raise WrongSettings(
                "Для способа «beta» назовите полный балл (highest), и баллы должны лежать от 0 до "
                "него.",
                "beta needs highest, and scores within 0 … highest.",
            )
        value, se = _crossing(below, above, prior, method, highest)
        details = {}
    settings = {"method": method, "share": prior, "highest": highest, "level": level}
    return DataCut(
        Cut(level, value, se, unit),
        f"contrasting groups, {method}",
        Provenance("contrast_groups", digest([x, group]), settings),
        {"below": len(below), "above": len(above), **details},
    )


def _logistic(x: Array, group: Array, prior: float) -> tuple[float, float, dict[str, Any]]:
    """Maximum likelihood of ln odds = b0 + b1·z; the cut where they equal the prior's shift is 0."""
    centre, spread = x.mean(), x.std()
    z = (x - centre) / spread
    design = np.stack([np.ones_like(z), z], axis=1)
    coefficients = np.zeros(2)
    for _ in range(100):
        chance = 1 / (1 + np.exp(-design @ coefficients))
        information = design.T @ (design * (chance * (1 - chance))[:, None])
        if np.linalg.cond(information) > 1e12:
            break
        step = np.linalg.solve(information, design.T @ (group - chance))
        coefficients = coefficients + step
        if np.abs(step).max() < 1e-10:
            break
    else:
        chance = np.ones_like(z)
    if np.linalg.cond(information) > 1e12 or np.abs(coefficients).max() > 50:
        raise NotConverged(
            "Группы разделены баллом полностью: логистическая кривая не сходится. Возьмите середину "
            "между средними (midpoint).",
            "The groups are separated completely; use midpoint.",
        )
    covariance = np.linalg.inv(information)
    # With a prior share other than the sample's the odds shift by the difference of the two.
    sample = np.log(group.mean() / (1 - group.mean()))
    shift = prior - sample
    at = -(coefficients[0] + shift) / coefficients[1]
    gradient = np.array([-1.0, -at]) / coefficients[1]
    se = float(np.sqrt(gradient @ covariance @ gradient)) * spread
    return float(centre + spread * at), float(se), {"slope": float(coefficients[1] / spread)}


Moments = NDArray[np.float64]  # mean and variance below, mean and variance above


def _crossing(
    below: Array, above: Array, prior: float, method: str, highest: float | None
) -> tuple[float, float]:
    """Where the weighted densities cross, and its error by the delta method over the four moments."""
    moments = np.array([below.mean(), below.var(), above.mean(), above.var()])

    def difference(x: float, moments: Moments = moments) -> float:
        return _log_ratio(x, moments, prior, method, highest)

    if difference(moments[0]) * difference(moments[2]) > 0:
        raise NotIdentified(
            "Плотности двух групп не пересекаются между их средними: группы слишком похожи или "
            "слишком разного размера. Задайте долю (share) или возьмите midpoint.",
            "The densities do not cross between the means; set share or use midpoint.",
        )
    value = float(brentq(difference, moments[0], moments[2], xtol=1e-10))
    h = 1e-4 * float(np.sqrt(moments[1]))
    by_place = (difference(value + h) - difference(value - h)) / (2 * h)
    gradient = np.empty(4)
    for n in range(4):
        step = np.zeros(4)
        step[n] = 1e-4 * moments[1 + 2 * (n // 2)] ** (1.0 if n % 2 else 0.5)
        ends = difference(value, moments + step) - difference(value, moments - step)
        gradient[n] = -ends / (2 * step[n]) / by_place
    covariance = np.zeros((4, 4))
    for n, values in enumerate((below, above)):
        away = values - values.mean()
        both = np.stack([away, away**2 - away.var()])
        covariance[2 * n : 2 * n + 2, 2 * n : 2 * n + 2] = both @ both.T / len(values) ** 2
    return value, float(np.sqrt(gradient @ covariance @ gradient))


def _log_ratio(
    x: float, moments: Moments, prior: float, method: str, highest: float | None
) -> float:
    """ln of the weighted density above by that below."""

    def log_density(mean: float, variance: float) -> float:
        if method == "normal":
            return float(norm.logpdf(x, mean, np.sqrt(variance)))
        assert highest is not None
        m, v = mean / highest, variance / highest**2
        total = m * (1 - m) / v - 1
        return float(beta.logpdf(x / highest, m * total, (1 - m) * total))

    odds = float(np.log(prior / (1 - prior)))
    return odds + log_density(moments[2], moments[3]) - log_density(moments[0], moments[1])


def borderline_group(
    scores: ArrayLike,
    *,
    centre: Literal["median", "mean"] = "median",
    level: str = "cut",
    unit: Unit = "points",
) -> DataCut:
    """Take the median (or mean) score of persons judged to be on the border, [persons].

    The error of the median is (upper − lower) / (2·1.96) of its 95 % interval from order statistics
    (Conover 1999 §3.2).
    se = (upper − lower)/(2·1.96); of the mean sd/√n. Raises `TooFewPersons`.
    """
    x = np.sort(np.asarray(scores, dtype=np.float64))
    if len(x) < 6:
        raise TooFewPersons(
            f"На границе {len(x)} человек, для ошибки порога нужно хотя бы шесть.",
            f"{len(x)} borderline persons, six are needed.",
        )
    if centre == "mean":
        value, se = float(x.mean()), float(x.std(ddof=1) / np.sqrt(len(x)))
    else:
        half = norm.ppf(0.975) * np.sqrt(len(x)) / 2
        low = max(int(np.floor(len(x) / 2 - half)), 0)
        high = min(int(np.ceil(len(x) / 2 + half)), len(x) - 1)
        value, se = float(np.median(x)), float((x[high] - x[low]) / (2 * norm.ppf(0.975)))
    return DataCut(
        Cut(level, value, se, unit),
        f"borderline group, {centre}",
        Provenance("borderline_group", digest([x]), {"centre": centre, "level": level}),
        {"persons": len(x)},
    )


def cluster_scores(
    scores: ArrayLike,
    *,
    levels: Sequence[str],
    unit: Unit = "points",
    max_iterations: int = 2000,
    tolerance: float = 1e-10,
) -> tuple[DataCut, ...]:
    """Cut where neighbouring clusters of scores meet: a mixture of normals, one a level, by EM.

    The cut is where the posterior of the higher cluster overtakes that of the lower one. Starts at
    quantiles, so chance plays no part. Standard errors are NaN: resample schools for them.
    Clusters describe the data and are no standard by themselves; hold them against a panel. Raises
    `NotConverged`, `NotIdentified`. Sireci, Robin & Patelis (1999) for the idea; EM of a mixture:
    Dempster, Laird & Rubin (1977), J. R. Stat. Soc. B 39, 1–38.
    f(x) = Σ_k π_k·N(x; μ_k, σ_k); the cut solves π_k·N_k(x) = π_{k+1}·N_{k+1}(x). Raises also
    `TooFewPersons`.
    """
    x = np.asarray(scores, dtype=np.float64)
    count = len(levels)
    if count < 2 or len(x) < 20 * count:
        raise TooFewPersons(
            f"Для {count} уровней нужно хотя бы {20 * count} человек, есть {len(x)}.",
            f"{20 * count} persons are needed for {count} levels, got {len(x)}.",
        )
    mean = np.quantile(x, (np.arange(count) + 0.5) / count)
    sd = np.full(count, x.std() / count)
    share = np.full(count, 1.0 / count)
    least = 1e-3 * x.std()
    for _ in range(max_iterations):
        log = np.log(share) + norm.logpdf(x[:, None], mean, sd)
        top = log.max(axis=1, keepdims=True)
        weight = np.exp(log - top)
        weight /= weight.sum(axis=1, keepdims=True)
        size = weight.sum(axis=0)
        new = (weight * x[:, None]).sum(axis=0) / size
        sd = np.sqrt((weight * (x[:, None] - new) ** 2).sum(axis=0) / size)
        share, moved, mean = size / len(x), float(np.abs(new - mean).max()), new
        if sd.min() < least or share.min() < 1e-4:
            raise NotIdentified(
                f"Баллы не делятся на {count} кластера: один из них стянулся в точку. Возьмите "
                "меньше уровней.",
                f"The scores do not fall into {count} clusters; take fewer levels.",
            )
        if moved < tolerance * x.std():
            break
    else:
        raise NotConverged(
            f"Кластеры не сошлись за {max_iterations} шагов: баллы плохо делятся на {count} "
            "уровня.",
            f"The clusters did not converge in {max_iterations} iterations.",
        )
    order = np.argsort(mean)
    mean, sd, share = mean[order], sd[order], share[order]
    settings = {"levels": list(levels)}
    found = []
    for n in range(1, count):

        def higher(at: float, n: int = n) -> float:
            return float(
                np.log(share[n] / share[n - 1])
                + norm.logpdf(at, mean[n], sd[n])
                - norm.logpdf(at, mean[n - 1], sd[n - 1])
            )

        if higher(mean[n - 1]) * higher(mean[n]) > 0:
            raise NotIdentified(
                f"Кластеры уровней «{levels[n - 1]}» и «{levels[n]}» не пересекаются между "
                "средними. Возьмите меньше уровней.",
                f"Clusters {levels[n - 1]} and {levels[n]} do not cross; take fewer levels.",
            )
        at = float(brentq(higher, mean[n - 1], mean[n], xtol=1e-10))
        found.append(
            DataCut(
                Cut(levels[n], at, float("nan"), unit),
                "clusters",
                Provenance("cluster_scores", digest([x]), settings),
                {"means": mean.tolist(), "sds": sd.tolist(), "shares": share.tolist()},
            )
        )
    return tuple(found)
