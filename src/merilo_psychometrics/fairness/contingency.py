"""Mantel-Haenszel, Mantel, Breslow-Day and standardisation, for all items of a table at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtri

from .matched import MatchedCounts
from .tables import Array


def sums(counts: MatchedCounts, reference: int, focal: int) -> dict[str, Array]:
    """Sums over the strata of all booklets, [items] each.

    With n the works of a stratum, R and F those of the two groups, s the item score:
    e, f: focal total score and its expectation; v its variance (Mantel 1963); smd numerator and
    its variance (weights of the focal group); and for 0/1 items the sums of Mantel & Haenszel.
    """
    items = len(counts.design.items)
    names = ("f", "e", "v", "smd", "weight", "smd_var", "strata", "ad", "bc", "pr", "ps", "qs")
    found = {name: np.zeros(items) for name in (*names, "mean", "square", "all")}
    for booklet, table, columns in zip(
        counts.design.booklets, counts.booklets, counts.columns, strict=True
    ):
        ours = np.asarray(table[[reference, focal]], dtype=np.float64)
        score = np.concatenate([np.arange(c) for c in np.diff(columns)]).astype(np.float64)
        starts = columns[:-1]

        def per_item(values: Array, starts: Any = starts) -> Array:
            return np.asarray(np.add.reduceat(values, starts, axis=-1))

        size = per_item(ours)
        first, second = per_item(ours * score), per_item(ours * score**2)
        r, f = size[0], size[1]
        n, total, squares = r + f, first.sum(axis=0), second.sum(axis=0)
        both = (r > 0) & (f > 0)
        one = np.where(n > 0, n, 1.0)
        spread = np.maximum(n * squares - total**2, 0.0)
        # Groups whose weighted size is not above one work hold no variance.
        variance = np.where(n > 1, r * f * spread / (one**2 * np.maximum(n - 1.0, 1e-300)), 0.0)
        add = {
            "f": np.where(n > 1, first[1], 0.0),
            "e": np.where(n > 1, f * total / one, 0.0),
            "v": variance,
            "strata": (variance > 0).astype(float),
            "weight": np.where(both, f, 0.0),
            "all": n,
            "mean": total,
            "square": squares,
        }
        safe = np.where(both, size, 1.0)
        means = first / safe
        add["smd"] = np.where(both, f * (means[1] - means[0]), 0.0)
        within = np.maximum(second / safe - means**2, 0.0) / safe
        add["smd_var"] = np.where(both, f**2 * within.sum(axis=0), 0.0)
        # 0/1 items: columns wrong, right; others give sums nobody reads.
        wrong, right = ours[:, :, starts], ours[:, :, np.minimum(starts + 1, columns[1:] - 1)]
        a, b, c, d = right[0], wrong[0], right[1], wrong[1]
        ad, bc, p, q = a * d / one, b * c / one, (a + d) / one, (b + c) / one
        add |= {
            "ad": ad, "bc": bc, "pr": p * ad, "ps": p * bc + q * ad, "qs": q * bc,
        }  # fmt: skip
        for name, value in add.items():
            found[name][booklet.items] += value.sum(axis=0)
    return found


def mantel(found: dict[str, Array], *, continuity: bool) -> tuple[Array, Array]:
    """χ² of one degree and its p, [items].

    (|Σ(F − E)| − ½)² / ΣV: Mantel & Haenszel (1959), J. Natl. Cancer Inst. 22, 719–748; for items
    of several points F is the focal sum of scores: Mantel (1963), J. Am. Stat. Assoc. 58, 690–700.
    As in its sources, the correction is made even where it exceeds the difference.
    """
    away = np.abs(found["f"] - found["e"]) - (0.5 if continuity else 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(found["v"] > 0, away**2 / found["v"], np.nan)
    return statistic, np.asarray(chdtrc(1.0, statistic))


def log_odds(found: dict[str, Array]) -> tuple[Array, Array]:
    """ln of the common odds ratio (reference over focal) and its standard error, [items].

    α = Σ AD/n / Σ BC/n; variance Σ PR/2R² + Σ(PS + QR)/2RS + Σ QS/2S²: Robins, Breslow & Greenland
    (1986), Biometrics 42, 311–323, which equals Phillips & Holland (1987), Biometrics 43, 425–431.
    """
    r, s = found["ad"], found["bc"]
    with np.errstate(divide="ignore", invalid="ignore"):
        known = (r > 0) & (s > 0)
        value = np.where(known, np.log(r) - np.log(s), np.nan)
        variance = found["pr"] / (2 * r**2) + found["ps"] / (2 * r * s) + found["qs"] / (2 * s**2)
        return value, np.where(known, np.sqrt(variance), np.nan)


def ets_classes(delta: Array, se: Array, p: Array, alpha: float = 0.05) -> NDArray[Any]:
    """A, B, C of ETS by Δ = −2.35 ln α: Zieky (1993), in Holland & Wainer, Differential Item
    Functioning; Dorans & Holland (1993), ibid.

    A: not different from 0 or |Δ| < 1; C: |Δ| ≥ 1.5 and significantly above 1; B between.
    """
    size = np.abs(delta)
    above_one = size - ndtri(1.0 - alpha) * se > 1.0
    small = (p > alpha) | (size < 1.0)
    classes = np.where(small, "A", np.where((size >= 1.5) & above_one, "C", "B"))
    return np.where(np.isfinite(delta) & np.isfinite(p), classes, "")


def smd_classes(ratio: Array, p: Array, alpha: float = 0.05) -> NDArray[Any]:
    """AA, BB, CC by SMD over the SD of the item: Zwick, Thayer & Mazzeo (1997), ETS RR-97-05.

    AA: not significant or |ratio| ≤ 0.17; BB to 0.25; CC above.
    """
    size = np.abs(ratio)
    small = (p > alpha) | (size <= 0.17)
    classes = np.where(small, "AA", np.where(size <= 0.25, "BB", "CC"))
    return np.where(np.isfinite(ratio) & np.isfinite(p), classes, "")


def difference_classes(value: Array) -> NDArray[Any]:
    """A, B, C by |P-DIF| at 0.05 and 0.10: Dorans & Holland (1993), in Holland & Wainer."""
    size = np.abs(value)
    classes = np.where(size < 0.05, "A", np.where(size < 0.10, "B", "C"))
    return np.where(np.isfinite(value), classes, "")


def breslow_day(table: Array) -> tuple[float, int]:
    """Homogeneity of the odds ratio over the strata of one 0/1 item: χ² and its degrees.

    `table` [2, strata, 2] reference and focal × (wrong, right). X² = Σ (A − E)²/V, E solving the
    quadratic of the common odds ratio: Breslow & Day (1980), Statistical Methods in Cancer
    Research I, p. 142; for DIF Penfield (2003), Alberta J. Educ. Res. 49, 231–243. Strata of score 0
    and full score hold one outcome only and drop out. NaN without two strata.
    """
    right, wrong = table[:, :, 1], table[:, :, 0]
    r, f = table.sum(axis=2)
    kept = (r > 0) & (f > 0) & (right.sum(axis=0) > 0) & (wrong.sum(axis=0) > 0)
    right, wrong, r, f = right[:, kept], wrong[:, kept], r[kept], f[kept]
    n, m = r + f, right.sum(axis=0)
    s = (wrong[0] * right[1] / n).sum()
    ratio = (right[0] * wrong[1] / n).sum() / s if s > 0 else np.nan
    if kept.sum() < 2 or not np.isfinite(ratio) or ratio == 0:
        return float("nan"), 0
    if abs(ratio - 1.0) < 1e-9:
        expected = r * m / n
    else:
        half = ratio * (r + m) + (f - m)
        root = np.sqrt(np.maximum(half**2 - 4 * ratio * (ratio - 1.0) * r * m, 0.0))
        low, high = ((half + sign * root) / (2 * (ratio - 1.0)) for sign in (-1, 1))
        expected = np.where((low > 0) & (low < np.minimum(r, m)), low, high)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = 1 / (1 / expected + 1 / (r - expected) + 1 / (m - expected)
                        + 1 / (f - m + expected))  # fmt: skip
    inside = variance > 0
    value = ((right[0] - expected)[inside] ** 2 / variance[inside]).sum()
    return float(value), int(inside.sum()) - 1
