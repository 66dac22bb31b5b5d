"""Person fit without a curve: is what is hard for all hard for this person too?

G, normed G, U3, ZU3 and Hᵀ compare the answers of one work with the order of difficulty of the
items in the whole sample. Items of several points are taken apart into steps, the step h being
passed by a score of at least s_h, so that G and U3 are G^p and U3^p (Emons 2008, Applied
Psychological Measurement 32, 224–247); for items of 0/1 they are the classic indices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from merilo_psychometrics import curves
from merilo_psychometrics.design import Item
from merilo_psychometrics.errors import TooFewPersons, UnknownItem, WrongSettings
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import Block, Responses

from .conditional import extremes, look_up, lower_tails, on_grid, weighted_sums
from .evidence import Array, Evidence
from .meanings import MEANINGS

INDICES = ("g", "g_normed", "u3", "ht", "zu3")
PASS_FAIL_ONLY = ("ht", "zu3")
# An order of difficulty found from fewer works is chance.
LEAST_WORKS = 20


@dataclass(frozen=True, eq=False)
class _Steps:
    """Steps of the items of one booklet. `popularity` [items, most steps], NaN beyond."""

    steps: NDArray[np.int64]
    popularity: Array

    def cumulated(self, per_step: Array) -> Array:
        """Sums over passed steps, [items, categories]."""
        sums = np.nan_to_num(per_step).cumsum(axis=1)
        return np.concatenate([np.zeros((len(sums), 1)), sums], axis=1)

    def ranks(self) -> Array:
        """Rank of every step from the most popular, 1 up; ties in the order of the items."""
        flat = self.popularity.ravel()
        place = np.argsort(np.where(np.isnan(flat), np.inf, -flat), kind="stable")
        ranks = np.empty(flat.size)
        ranks[place] = np.arange(1, flat.size + 1)
        return np.where(np.isnan(self.popularity), np.nan, ranks.reshape(self.popularity.shape))

    def logits(self) -> Array:
        """Log-odds of every step; 0 where all or none passed it: it tells nothing."""
        with np.errstate(divide="ignore"):
            found = np.log(self.popularity) - np.log1p(-self.popularity)
        return np.where(np.isinf(found), 0.0, found)


def order_fit(
    responses: Responses,
    *,
    indices: Sequence[str] | None = None,
    parameters: ItemParameters | None = None,
    popularity: Mapping[str, float | Sequence[float]] | None = None,
) -> dict[str, Evidence]:
    """Compare every work with the order of difficulty; a mapping index → `Evidence`.

    Statistics, for a work with S passed steps of M (units: counts, shares, covariance ratios):
      g         Σ over pairs of steps, the easier failed and the harder passed: van der Flier
                (1977); Meijer (1994), Appl. Psychol. Meas. 18, 311–314.
      g_normed  G / max G given S; S(M − S) for 0/1 items: Meijer (1994), Emons (2008).
      u3        (max W − W) / (max W − min W), W = Σ of ln π/(1 − π) over passed steps:
                van der Flier (1982), J. Cross-Cultural Psychol. 13, 267–298; U3^p Emons
                (2008). Log-odds, not shares; an infinite one counts as 0.
      zu3       U3 standardised given S: van der Flier (1982), with α and β there. 0/1 items.
      ht        Σ_m cov(x_n, x_m) / Σ_m max cov, m over the other works of the booklet: Sijtsma
                (1986), Kwantitatieve Methoden 22, 131–145; Sijtsma & Meijer (1992). 0/1 items;
                small values are unusual.
    p is exact: the tail of the index given S (`conditional`), ZU3 the normal tail. Under the null
    answers follow `parameters` (equal slopes); without them the odds of a category are those in
    the sample, a null somewhat wider than Rasch, so that p errs on the side of caution.
    `popularity` gives the share that passed an item (or each step) from a greater population, e.g.
    the region; else it is found from the works of the booklet, at least 20 (`TooFewPersons`).
    A work of 0 or full score holds no information: NaN. Weights count in the order of difficulty
    and in the other works of `ht`, nowhere else: a work is judged by its own answers.
    Raises `UnknownItem`, `WrongSettings`.
    """
    responses.require_treated("order_fit")
    chosen = _indices(responses.design.items, indices)
    _require_equal_slopes(parameters)
    columns: dict[str, list[Any]] = {name: [] for name in chosen}
    names, within, sizes = [], [], []
    for booklet, block in zip(responses.design.booklets, responses.blocks, strict=True):
        items = [responses.design.items[n] for n in booklet.items]
        if popularity is None and len(block) < LEAST_WORKS:
            raise TooFewPersons(
                f"В варианте {booklet.id} работ {len(block)}, а порядок трудности заданий находят "
                f"хотя бы по {LEAST_WORKS}. Передайте popularity — доли верных ответов по региону "
                "— или исключите вариант (only_booklets).",
                f"Booklet {booklet.id} has {len(block)} works, {LEAST_WORKS} are needed; give "
                "popularity from a greater population or leave it out.",
                booklets=[booklet.id],
            )
        found = _of_block(items, block, chosen, parameters, popularity)
        for name in chosen:
            columns[name].append(found[name])
        names.append(block.persons)
        within.append(np.full(len(block), booklet.id))
        sizes.append(np.full(len(block), len(items)))
    settings = {
        "indices": list(chosen),
        "null": "sample" if parameters is None else "parameters",
        "popularity": "sample" if popularity is None else "given",
    }
    provenance = Provenance("order_fit", responses.data_hash, settings)
    whole = {}
    for name in chosen:
        statistic, p, effect = (
            np.concatenate([part[n] for part in columns[name]]) for n in range(3)
        )
        whole[name] = Evidence(
            MEANINGS[name], np.concatenate(names), np.concatenate(within), statistic, p, effect,
            np.concatenate(sizes), provenance,
        )  # fmt: skip
    return whole


def _of_block(
    items: Sequence[Item],
    block: Block,
    chosen: Sequence[str],
    parameters: ItemParameters | None,
    popularity: Mapping[str, float | Sequence[float]] | None,
) -> dict[str, tuple[Array, Array, Array]]:
    steps = _steps(items, block, popularity)
    log_odds = _log_odds(items, block, parameters)
    ranks, most = steps.ranks(), int(steps.steps.sum())
    totals, ranked = weighted_sums(block.scores, steps.cumulated(ranks))
    dull = (totals == 0) | (totals == most)
    found: dict[str, tuple[Array, Array, Array]] = {}

    def tail(weights: Array, *, whole: bool = False) -> Array:
        grid = on_grid(steps.cumulated(weights), steps.steps, whole=whole)
        p = look_up(block.scores, grid, lower_tails(log_odds, grid, steps.steps))
        return np.asarray(np.where(dull, np.nan, p))

    def keep(name: str, statistic: Array, p: Array, effect: Array) -> None:
        found[name] = (
            np.where(dull, np.nan, statistic), np.where(dull, np.nan, p),
            np.where(dull, np.nan, effect),
        )  # fmt: skip

    if "g" in chosen or "g_normed" in chosen:
        errors = ranked - totals * (totals + 1) / 2.0
        greatest = extremes(steps.cumulated(ranks), steps.steps)[1]
        greatest = (greatest - np.arange(most + 1) * np.arange(1, most + 2) / 2.0)[totals]
        normed = errors / np.where(greatest > 0, greatest, np.nan)
        p = tail(-ranks, whole=True)
        keep("g", errors, p, normed)
        keep("g_normed", normed, p, normed)
    if "u3" in chosen or "zu3" in chosen:
        logits = steps.logits()
        weights = steps.cumulated(logits)
        sums = weighted_sums(block.scores, weights)[1]
        low, high = (bound[totals] for bound in extremes(weights, steps.steps))
        spread = np.where(high > low, high - low, np.nan)
        u3 = (high - sums) / spread
        if "u3" in chosen:
            keep("u3", u3, tail(logits), u3)
        if "zu3" in chosen:
            z = _zu3(steps.popularity[:, 0], logits[:, 0], totals, sums)
            keep("zu3", z, norm.sf(z), z)
    if "ht" in chosen:
        ht = _ht(block, totals, len(items))
        keep("ht", ht, tail(steps.popularity), ht)
    return {name: found[name] for name in chosen}


def _zu3(share: Array, logits: Array, totals: NDArray[np.int64], sums: Array) -> Array:
    """Standardise W given S by the normal approximation; sign turned so that large is unusual."""
    spread = share * (1.0 - share)
    mean = (share * logits).sum() + (spread * logits).sum() * (totals - share.sum()) / spread.sum()
    variance = (spread * logits**2).sum() - (spread * logits).sum() ** 2 / spread.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((mean - sums) / np.sqrt(variance))


def _ht(block: Block, totals: NDArray[np.int64], items: int) -> Array:
    """Hᵀ by the counts of totals, so that the cost is works × items and not works²."""
    weights = np.ones(len(block)) if block.weights is None else block.weights
    right = weights @ block.scores
    with_others = weighted_sums(block.scores, np.column_stack([np.zeros(items), right]))[1]
    own = weights * totals
    covariance = (with_others - own) / items - totals * (right.sum() - own) / items**2
    by_score = np.bincount(totals, weights, minlength=items + 1)
    scores = np.arange(items + 1)
    low = np.minimum.outer(scores, scores)
    high = np.maximum.outer(scores, scores)
    greatest = ((low * (items - high)) @ by_score) / items**2
    possible = greatest[totals] - weights * totals * (items - totals) / items**2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(possible > 0, covariance / possible, np.nan))


def _steps(
    items: Sequence[Item],
    block: Block,
    popularity: Mapping[str, float | Sequence[float]] | None,
) -> _Steps:
    steps = np.array([len(item.scores) - 1 for item in items], dtype=np.int64)
    shares = np.full((len(items), int(steps.max())), np.nan)
    if popularity is None:
        weights = np.ones(len(block)) if block.weights is None else block.weights
        for h in range(1, shares.shape[1] + 1):
            passed = weights @ (block.scores >= h) / weights.sum()
            shares[:, h - 1] = np.where(h <= steps, passed, np.nan)
    else:
        unknown = [item.id for item in items if item.id not in popularity]
        if unknown:
            raise UnknownItem(unknown)
        for row, item in enumerate(items):
            given = np.atleast_1d(np.asarray(popularity[item.id], dtype=np.float64))
            falling = len(given) == steps[row] and bool((np.diff(given) <= 0).all())
            if not falling or given.min() < 0.0 or given.max() > 1.0:
                raise WrongSettings(
                    f"Доли для задания {item.id}: нужна одна невозрастающая доля от 0 до 1 на "
                    f"каждый балл выше нуля ({steps[row]}).",
                    f"Item {item.id} needs {steps[row]} falling shares between 0 and 1.",
                    items=[item.id],
                )
            shares[row, : steps[row]] = given
    return _Steps(steps, shares)


def _log_odds(items: Sequence[Item], block: Block, parameters: ItemParameters | None) -> Array:
    """ln ε of every category, [items, categories], -inf where it cannot occur."""
    if parameters is not None:
        ours = parameters.only(item.id for item in items)
        return np.asarray(-ours.slope[:, None] * curves.intercepts(ours))
    weights = np.ones(len(block)) if block.weights is None else block.weights
    most = max(item.max_score for item in items)
    shares = np.array([weights @ (block.scores == score) for score in range(most + 1)]).T
    # Half a work keeps a category nobody chose possible; it moves no share that matters.
    steps = np.array([len(item.scores) for item in items])
    shares = np.where(np.arange(most + 1)[None, :] < steps[:, None], shares + 0.5, 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(shares) - np.log(shares[:, :1]))


def _indices(items: Sequence[Item], wanted: Sequence[str] | None) -> tuple[str, ...]:
    gaps = [item.id for item in items if item.scores != tuple(range(len(item.scores)))]
    if gaps:
        raise WrongSettings(
            f"У заданий {', '.join(gaps[:8])} баллы идут не подряд, а шаги здесь считают по "
            "одному. Пересчитайте баллы подряд (rescored).",
            f"Scores of items {gaps[:8]} have gaps; make them consecutive (rescored).",
            items=gaps,
        )
    pass_fail = all(item.max_score == 1 for item in items)
    fitting = INDICES if pass_fail else tuple(n for n in INDICES if n not in PASS_FAIL_ONLY)
    chosen = fitting if wanted is None else tuple(wanted)
    unknown = [name for name in chosen if name not in fitting]
    if unknown:
        several = [item.id for item in items if item.max_score > 1]
        raise WrongSettings(
            f"Индексы {', '.join(unknown)} для этих заданий не определены; есть "
            f"{', '.join(fitting)}. Hᵀ и ZU3 требуют заданий с баллами 0 и 1.",
            f"Indices {unknown} are not defined for these items; there are {fitting}.",
            items=several,
        )
    return chosen


def _require_equal_slopes(parameters: ItemParameters | None) -> None:
    if parameters is None:
        return
    unequal = bool(np.ptp(parameters.slope) > 1e-9) or bool(parameters.guessing.any())
    if unequal:
        raise WrongSettings(
            "Точная вероятность при данном балле есть только для модели Раша и частичного балла "
            "(наклоны равны, угадывания нет). Не передавайте параметры или возьмите l_z*.",
            "The exact null needs equal slopes and no guessing; leave the parameters out or use "
            "likelihood_fit.",
        )
