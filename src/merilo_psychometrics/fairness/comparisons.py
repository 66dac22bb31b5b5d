"""The verbs over matched counts: Mantel-Haenszel and standardisation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.stats import chi2, norm

from merilo_psychometrics.errors import BadData, NotIdentified, TooFewPersons, WrongSettings
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import Responses
from merilo_psychometrics.statistics import SufficientStatistics

from . import contingency
from .matched import MatchedCounts, matched_counts
from .purification import Judge, purified
from .tables import Array, Dif, stacked

Data = Responses | Mapping[str, SufficientStatistics]
# Δ of ETS: 4/1.7 log odds, so that a unit is a quarter of a standard deviation of difficulty.
DELTA = -2.35
LEAST_WORKS = 20


def mantel_haenszel(
    data: Data,
    grouping: str | None = None,
    *,
    reference: str,
    focal: str | Sequence[str] | None = None,
    continuity: bool = True,
    anchor: Iterable[str] | None = None,
    purify: bool = False,
    alpha: float = 0.05,
    least: int = LEAST_WORKS,
) -> Dif:
    """DIF by Mantel-Haenszel (items of 0/1) and Mantel (several points), every item and group.

    Strata are booklet × total score (`matched`). The statistic is χ² with one degree, with the
    continuity correction ½ of Mantel & Haenszel unless `continuity` is false. For items of 0/1 the
    effect is ETS Δ = −2.35 ln α_MH (negative: harder for the focal group), classes A/B/C; with
    several points the effect is the standardised mean difference over the SD of the item, classes
    AA/BB/CC. All formulas: `contingency`. `more`: "odds_ratio", "log_odds", "log_odds_se", "smd",
    "smd_se" (focal − reference, in points), "strata" (those with variance). `focal` defaults to
    all other groups; `purify` takes items with p ≤ alpha out of the score (`purification`).
    Weights count as they are: for p to mean anything they must sum to the number of works. Raises
    `TooFewPersons` naming groups under `least` works. Mantel & Haenszel (1959), J. Natl. Cancer
    Inst. 22, 719–748; Mantel (1963), J. Am. Stat. Assoc. 58, 690–700; as DIF: Holland & Thayer
    (1988).
    Raises also `NotIdentified`.
    """

    def judge(counts: MatchedCounts, group: str) -> Dif:
        found = contingency.sums(counts, counts.code(reference), counts.code(group))
        statistic, p = contingency.mantel(found, continuity=continuity)
        ratio, ratio_se = contingency.log_odds(found)
        smd, smd_se, share, share_se = _smd(found)
        pass_fail = np.array([item.max_score == 1 for item in counts.design.items])
        ratio, ratio_se = (np.where(pass_fail, x, np.nan) for x in (ratio, ratio_se))
        delta, delta_se = DELTA * ratio, -DELTA * ratio_se
        classes = np.where(
            pass_fail,
            contingency.ets_classes(delta, delta_se, p, alpha),
            contingency.smd_classes(share, p, alpha),
        )
        more = {
            "odds_ratio": np.exp(ratio), "log_odds": ratio, "log_odds_se": ratio_se,
            "smd": smd, "smd_se": smd_se, "strata": found["strata"],
        }  # fmt: skip
        return _table(
            "mantel_haenszel", counts, reference, group, statistic, np.ones(len(p), np.int64), p,
            np.where(pass_fail, delta, share), np.where(pass_fail, delta_se, share_se),
            "Δ of ETS (0/1 items), SMD / SD (several points)", classes,
            "ETS A/B/C, AA/BB/CC", more, {"continuity": continuity, "alpha": alpha},
        )  # fmt: skip

    return compare(data, grouping, reference, focal, anchor, purify, alpha, least, judge)


def standardisation(
    data: Data,
    grouping: str | None = None,
    *,
    reference: str,
    focal: str | Sequence[str] | None = None,
    anchor: Iterable[str] | None = None,
    purify: bool = False,
    alpha: float = 0.05,
    least: int = LEAST_WORKS,
) -> Dif:
    """STD P-DIF: Σ_s n_Fs (P_Fs − P_Rs) / Σ_s n_Fs over the strata both groups have.

    Dorans & Kulick (1986), J. Educ. Meas. 23, 355–368; in points for items of several points
    (Dorans & Schmitt 1991, ETS RR-91-47). SE by independent samples within the strata: Zwick &
    Thayer (1996), J. Educ. Behav. Stat. 21, 187–201. The statistic is (effect/SE)², p that of χ²₁.
    The effect is a share of the full score (P-DIF for 0/1), classes A/B/C at 0.05 and 0.10.
    Raises `NotIdentified`.
    """

    def judge(counts: MatchedCounts, group: str) -> Dif:
        found = contingency.sums(counts, counts.code(reference), counts.code(group))
        smd, se, _, _ = _smd(found)
        full = counts.design.max_scores.astype(float)
        effect, error = smd / full, se / full
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.where(error > 0, effect / error, np.nan)
        return _table(
            "standardisation", counts, reference, group, z**2, np.ones(len(z), np.int64),
            np.asarray(2 * norm.sf(np.abs(z))), effect, error,
            "share of the full score, focal − reference",
            contingency.difference_classes(effect), "Dorans & Holland", {"smd": smd, "smd_se": se},
            {"weights": "focal", "alpha": alpha},
        )  # fmt: skip

    return compare(data, grouping, reference, focal, anchor, purify, alpha, least, judge)


def breslow_day(
    data: Data,
    grouping: str | None = None,
    *,
    reference: str,
    focal: str,
    least: int = LEAST_WORKS,
) -> tuple[Array, Array, Array]:
    """Does the odds ratio change along the scale (non-uniform DIF)? χ², degrees, p, [items] each.

    For items of 0/1: `contingency.breslow_day`; others are NaN. Breslow & Day (1980), Statistical
    Methods in Cancer Research 1, ch. 4.
    X² = Σ over strata of (A − E)²/V, A right answers of the reference group, E and V their
    expectation and variance under one odds ratio; degrees = strata − 1. Raises `BadData`,
    `TooFewPersons`.
    """
    counts = _counts(data, grouping, None)
    _groups(counts, reference, focal, least)
    rows = [counts.code(reference), counts.code(focal)]
    values = np.array([
        contingency.breslow_day(counts.of_item(n)[rows]) if item.max_score == 1
        else (np.nan, 0) for n, item in enumerate(counts.design.items)
    ])  # fmt: skip
    return values[:, 0], values[:, 1], np.asarray(chi2.sf(values[:, 0], values[:, 1]))


def generalised_mantel(
    data: Data, grouping: str | None = None, *, reference: str, least: int = LEAST_WORKS
) -> tuple[Array, Array, Array]:
    """All groups at once: do mean scores differ at equal totals? χ², degrees, p, [items] each.

    (F − E)ᵀ V⁻¹ (F − E) with one row a group but the reference, F the sum of scores, its
    expectation and covariance multivariate hypergeometric: Somes (1986), Am. Stat. 40, 106–108;
    Penfield (2001), Appl. Meas. Educ. 14, 235–259; scores as in Mantel (1963).
    X² = (F − E)ᵀV⁻¹(F − E), degrees = groups − 1. Raises `BadData`, `TooFewPersons`.
    """
    counts = _counts(data, grouping, None)
    focal = _groups(counts, reference, None, least)
    rows = [counts.code(group) for group in focal]
    statistic, degrees = np.empty(len(counts.design.items)), np.empty(len(counts.design.items))
    for n, item in enumerate(counts.design.items):
        table = counts.of_item(n)
        score = np.arange(item.max_score + 1, dtype=float)
        size = table.sum(axis=2)
        whole, total = size.sum(axis=0), (table @ score).sum(axis=0)
        kept = whole > 1
        table, size, whole, total = table[:, kept], size[:, kept], whole[kept], total[kept]
        spread = (whole * (table @ score**2).sum(axis=0) - total**2) / (whole - 1) / whole**2
        away = (table[rows] @ score - size[rows] * total / whole).sum(axis=1)
        cover = -np.einsum("gs,hs,s->gh", size[rows], size[rows], spread)
        cover += np.diag((size[rows] * whole * spread).sum(axis=1))
        known = np.diag(cover) > 0
        inner = cover[np.ix_(known, known)]
        degrees[n] = np.linalg.matrix_rank(inner) if known.any() else 0
        statistic[n] = away[known] @ np.linalg.pinv(inner) @ away[known] if known.any() else np.nan
    return statistic, degrees, np.asarray(chi2.sf(statistic, degrees))


def compare(
    data: Data,
    grouping: str | None,
    reference: str,
    focal: str | Sequence[str] | None,
    anchor: Iterable[str] | None,
    purify: bool,
    alpha: float,
    least: int,
    judge: Judge,
) -> Dif:
    """Run one comparison for every focal group, purified where asked for."""
    counts = _counts(data, grouping, anchor)
    groups = _groups(counts, reference, focal, least)
    if not purify:
        return stacked([judge(counts, group) for group in groups])
    if not isinstance(data, Responses) or grouping is None or anchor is not None:
        raise WrongSettings(
            "Очищение якоря требует самих ответов и не сочетается с заданным якорем.",
            "Purification needs responses and no given anchor.",
        )
    return purified(data, grouping, groups, judge, alpha=alpha)


def _counts(data: Data, grouping: str | None, anchor: Iterable[str] | None) -> MatchedCounts:
    return matched_counts(data, grouping, anchor=anchor)


def _groups(
    counts: MatchedCounts, reference: str, focal: str | Sequence[str] | None, least: int
) -> tuple[str, ...]:
    others = tuple(name for name in counts.groups if name != reference)
    counts.code(reference)
    wanted = others if focal is None else (focal,) if isinstance(focal, str) else tuple(focal)
    if reference in wanted or not wanted:
        raise BadData(
            f"Группу «{reference}» не с кем сравнивать: назовите другие группы (focal).",
            f"Nothing to compare {reference!r} with.",
        )
    works = counts.works
    few = [name for name in (reference, *wanted) if works[counts.code(name)] < least]
    if few:
        raise TooFewPersons(
            f"Меньше {least} работ в группах: {', '.join(few[:8])}. Уберите эти группы из focal или "
            "объедините их.",
            f"Under {least} works in groups {few[:8]}; leave them out or join them.",
        )
    return wanted


def _smd(found: dict[str, Array]) -> tuple[Array, Array, Array, Array]:
    """SMD with its SE in points, and both over the SD of the item in the two groups together."""
    if not found["strata"].any():
        raise NotIdentified(
            "Ни на одном балле не встретились обе группы: уравнять участников не по чему.",
            "No stratum holds both groups.",
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        smd = np.where(found["strata"] > 0, found["smd"] / found["weight"], np.nan)
        se = np.sqrt(found["smd_var"]) / found["weight"]
        mean = found["mean"] / found["all"]
        sd = np.sqrt(found["square"] / found["all"] - mean**2)
        return smd, se, smd / sd, se / sd


def _table(
    method: str,
    counts: MatchedCounts,
    reference: str,
    group: str,
    statistic: Array,
    degrees: Any,
    p: Array,
    effect: Array,
    se: Array,
    unit: str,
    classes: Any,
    rule: str,
    more: dict[str, Array],
    settings: dict[str, Any],
) -> Dif:
    works = counts.works[[counts.code(reference), counts.code(group)]]
    kept = dict(settings, reference=reference, anchor=len(counts.anchor))
    return Dif(
        method, reference, (group,), tuple(item.id for item in counts.design.items),
        statistic[None], degrees, p[None], effect[None], se[None], unit, classes[None], rule,
        works[None], {name: value[None] for name, value in more.items()}, ((),),
        Provenance(method, counts.data, kept),
    )  # fmt: skip
