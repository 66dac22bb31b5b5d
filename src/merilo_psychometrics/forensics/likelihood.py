"""Person fit against a model: how likely are these answers at the ability found?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit
from scipy.stats import norm

from merilo_psychometrics import curves
from merilo_psychometrics.errors import BadData, WrongSettings
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.persons.results import Abilities, Normal
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import Responses

from .evidence import Array, Evidence
from .meanings import MEANINGS

INDICES = ("lz", "lz_star")
# Works at once: bounds the memory of the tables by ability.
CHUNK = 4096


def likelihood_fit(
    responses: Responses,
    parameters: ItemParameters,
    abilities: Abilities,
    *,
    indices: Sequence[str] | None = None,
    prior: Normal | None = None,
) -> dict[str, Evidence]:
    """Standardised log-likelihood of every work; a mapping index → `Evidence`, small is unusual.

    With l = Σ_i ln P_{i,x_i}(θ̂) and sums over the categories c of item i:
      lz        (l − E) / √V, E = Σ_i Σ_c P ln P, V = Σ_i [Σ_c P ln² P − (Σ_c P ln P)²]: Drasgow,
                Levine & Williams (1985), Br. J. Math. Stat. Psychol. 38, 67–86; for 0/1
                V = Σ PQ ln²(P/Q). Its null is not N(0, 1) when θ is estimated: read lz_star.
      lz_star   (l − E + c·r₀) / √Ṽ with w̃ = ln P − c·P′/P, c = Σ P′ ln P / Σ P′²/P and Ṽ like V
                with w̃: Snijders (2001), Psychometrika 66, 331–342; several points:
                Sinharay (2016), Psychometrika 81, 992–1013. r₀ makes the estimate
                solve r₀ + Σ P′_x/P_x = 0: 0 for ML, (μ − θ)/σ² for MAP, J/2I for WLE.
    p is the lower tail of N(0, 1); the effect is the statistic itself (sigmas). `abilities` are
    those of these works in this order (logits); EAP solves no such equation, so lz_star is refused
    for it. `prior` is needed for MAP. An infinite ability gives NaN.
    Raises `BadData`, `WrongSettings`.
    """
    responses.require_treated("likelihood_fit")
    chosen = _indices(indices, abilities, prior)
    if len(abilities.ability) != responses.works:
        raise BadData(
            f"Оценок уровня {len(abilities.ability)}, а работ {responses.works}: передайте оценки "
            "тех же работ в том же порядке.",
            f"{len(abilities.ability)} abilities for {responses.works} works.",
        )
    found: dict[str, list[Array]] = {name: [] for name in chosen}
    names, within, sizes = [], [], []
    first = 0
    for booklet, block in zip(responses.design.booklets, responses.blocks, strict=True):
        items = [responses.design.items[n] for n in booklet.items]
        ours = parameters.only(item.id for item in items)
        place = _category_places(ours)
        for start in range(0, len(block), CHUNK):
            part = block.scores[start : start + CHUNK]
            theta = abilities.ability[first + start : first + start + len(part)]
            values = _of_works(part, ours, place, theta, abilities.method, prior)
            for name in chosen:
                found[name].append(values[name])
        first += len(block)
        names.append(block.persons)
        within.append(np.full(len(block), booklet.id))
        sizes.append(np.full(len(block), len(items)))
    provenance = Provenance(
        "likelihood_fit",
        responses.data_hash,
        {"indices": list(chosen), "method": abilities.method},
    )
    whole = {}
    for name in chosen:
        statistic = np.concatenate(found[name])
        whole[name] = Evidence(
            MEANINGS[name], np.concatenate(names), np.concatenate(within), statistic,
            np.asarray(norm.cdf(statistic)), statistic, np.concatenate(sizes), provenance,
        )  # fmt: skip
    return whole


def _indices(
    wanted: Sequence[str] | None, abilities: Abilities, prior: Normal | None
) -> tuple[str, ...]:
    fitting = ("lz",) if abilities.method == "eap" else INDICES
    chosen = fitting if wanted is None else tuple(wanted)
    if set(chosen) - set(fitting):
        raise WrongSettings(
            f"Индексы {', '.join(chosen)} для оценок «{abilities.method}» не определены; есть "
            f"{', '.join(fitting)}. Для l_z* нужны оценки wle, ml или map.",
            f"Indices {chosen} are not defined for {abilities.method!r} abilities: {fitting}.",
        )
    if "lz_star" in chosen and abilities.method == "map" and prior is None:
        raise WrongSettings(
            "Для l_z* по оценкам map передайте prior — то же априорное распределение.",
            "lz_star with MAP abilities needs their prior.",
        )
    return chosen


def _category_places(parameters: ItemParameters) -> Any:
    """Category of every score, [items, full score + 1]; scores the rule skips are -1."""
    most = max(item.max_score for item in parameters.items)
    place = np.full((len(parameters.items), most + 1), -1, dtype=np.int16)
    for row, item in enumerate(parameters.items):
        place[row, list(item.scores)] = np.arange(len(item.scores))
    return place


def _of_works(
    scores: Any,
    parameters: ItemParameters,
    place: Any,
    theta: Array,
    method: str,
    prior: Normal | None,
) -> dict[str, Array]:
    finite = np.isfinite(theta)
    points, where = np.unique(np.where(finite, theta, 0.0), return_inverse=True)
    probability, first, second = _derivatives(parameters, points)
    inside = probability > 0
    weight = np.log(np.where(inside, probability, 1.0))
    expected = (probability * weight).sum(axis=(1, 2))
    likelihood = _gather(scores, place, weight, where)
    away = np.where(finite, likelihood - expected[where], np.nan)
    found = {"lz": away / np.sqrt(_variance(probability, weight))[where]}
    if method != "eap":
        ratio = first / np.where(inside, probability, 1.0)
        slope = (first * weight).sum(axis=(1, 2)) / (first * ratio).sum(axis=(1, 2))
        if method == "map" and prior is not None:
            zero = (prior.mean - points) / prior.sd**2
        elif method == "wle":
            skew = (ratio * second).sum(axis=(1, 2))
            zero = skew / (2.0 * (first * ratio).sum(axis=(1, 2)))
        else:
            zero = np.zeros_like(points)
        spread = _variance(probability, weight - slope[:, None, None] * ratio)
        found["lz_star"] = (away + (slope * zero)[where]) / np.sqrt(spread)[where]
    return found


def _derivatives(parameters: ItemParameters, theta: Array) -> tuple[Array, Array, Array]:
    """P, P′ and P″ of every category, each [points, items, categories]."""
    scores, slope = curves.score_table(parameters), parameters.slope[:, None]
    guessing = parameters.guessing
    # The derivatives are those of the logistic part; guessing is laid over it afterwards.
    plain = curves.category_probabilities(
        ItemParameters(
            parameters.items, parameters.slope, parameters.thresholds, np.zeros_like(guessing)
        ),
        theta,
    )
    mean = np.einsum("pic,ic->pi", plain, scores)[:, :, None]
    spread = np.einsum("pic,pic->pi", plain, (scores - mean) ** 2)[:, :, None]
    first = slope * plain * (scores - mean)
    second = slope**2 * plain * ((scores - mean) ** 2 - spread)
    if not guessing.any():
        return plain, first, second
    left = (1.0 - guessing)[:, None]
    probability = curves.category_probabilities(parameters, theta)
    return probability, left * first, left * second


def _variance(probability: Array, weight: Array) -> Array:
    """Σ_i Var(w of the category item i gives), [points]."""
    mean = (probability * weight).sum(axis=2)
    return np.asarray(((probability * weight**2).sum(axis=2) - mean**2).sum(axis=1))


@njit(cache=True, nogil=True)
def _gather(scores, place, weight, where):  # type: ignore[no-untyped-def]
    """Σ_i weight of the category seen, [works]."""
    works, items = scores.shape
    sums = np.zeros(works)
    for work in range(works):
        table = weight[where[work]]
        for item in range(items):
            sums[work] += table[item, place[item, scores[work, item]]]
    return sums
