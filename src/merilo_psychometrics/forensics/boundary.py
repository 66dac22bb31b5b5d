"""Score distributions at the boundaries of marks: I5–I8 of the catalogue.

Input is a histogram: works by primary score, a row a group (school, municipality, region).
Boundaries are the lowest scores of the marks and come from the official scale: they are never
guessed from the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom, norm

from merilo_psychometrics.errors import TooFewPersons, WrongSettings
from merilo_psychometrics.provenance import Provenance, digest
from merilo_psychometrics.responses import Responses
from merilo_psychometrics.weights import require_unweighted

from .evidence import WEIGHTS, Array, Evidence
from .meanings import MEANINGS

# How far a histogram carries a conclusion, by the number of works.
TIERS = ((10, "высокая неопределённость"), (20, "очень ограниченно"), (50, "ограниченно"))
Names = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Histograms:
    """Works by total score: `counts` [groups, top + 1] whole numbers, `groups` their names."""

    groups: Names
    counts: NDArray[np.int64]

    @property
    def works(self) -> NDArray[np.int64]:
        """Works of every group, [groups]."""
        return np.asarray(self.counts.sum(axis=1))

    def whole(self, name: str = "все") -> Histograms:
        """All groups together."""
        return Histograms(np.array([name]), self.counts.sum(axis=0, keepdims=True))


def histograms(responses: Responses, grouping: str) -> Histograms:
    """Count works by total score in every group; booklets count alike by their points."""
    responses.require_treated("histograms")
    require_unweighted(responses, *WEIGHTS)
    names = responses.group_names(grouping)
    top = max(responses.design.max_score(n) for n in range(len(responses.blocks)))
    counts = np.zeros((len(names), top + 1), dtype=np.int64)
    for block, totals in zip(responses.blocks, responses.totals(), strict=True):
        codes = block.groups[grouping]
        known = codes >= 0
        np.add.at(counts, (codes[known], totals[known]), 1)
    return Histograms(np.array(names), counts)


def tier(works: int) -> str:
    """How much a distribution of so many works can tell (the tiers of federal guidance 2026).

    Limited under 20 works, n ≥ 50 the usual. Source: FIOKO, «Рекомендации по проведению анализа
    результатов ВПР» (2026), pp. 13–15.
    """
    return next((label for least, label in TIERS if works < least), "обычно")


def boundary_peaks(data: Histograms, boundaries: Sequence[int]) -> Evidence:
    """I5: the count at a boundary b over the mean of its neighbours; a unit is group × boundary.

    R = f(b) / ((f(b − 1) + f(b + 1)) / 2); infinite when both are empty. The label is the rule of
    catalogue I5: POSSIBLE_MARKER when f(b) ≥ max(2, 1.5·mean bin) and f(b) ≥ mean bin + 1, mean bin
    over the scores from the lowest to the highest seen; else NONE. p is the binomial tail of f(b)
    among f(b − 1) + f(b) + f(b + 1) at 1/3: the three equally likely.

    Source: FIOKO, «Рекомендации по проведению анализа результатов ВПР» (2026), pp. 13–15: a peak
    is a possible marker.
    Raises `WrongSettings`.
    """
    bins, units, sizes = _bins(data, boundaries, 1)
    below, at, above = bins[:, 0], bins[:, 1], bins[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = at / ((below + above) / 2.0)
    three = below + at + above
    p = np.where(three > 0, binom.sf(at - 1, three, 1.0 / 3.0), np.nan)
    mean = np.repeat(_mean_bin(data.counts), len(boundaries))
    marked = (at >= np.maximum(2.0, 1.5 * mean)) & (at >= mean + 1.0)
    labels = tuple("POSSIBLE_MARKER" if yes else "NONE" for yes in marked)
    return _evidence("boundary_ratio", data, boundaries, units, ratio, p, ratio, sizes, labels)


def boundary_excess(data: Histograms, boundaries: Sequence[int]) -> Evidence:
    """I6: among works at b − 1 and b, too many at b? A unit is group × boundary.

    p = P(X ≥ f(b)), X ~ Bin(f(b − 1) + f(b), ½): the finite-sample density test of Cattaneo,
    Jansson & Ma (2018), Stata Journal 18, 234–261, at one score either side. Symmetry
    over one point is a supposition: a steep slope breaks it; see `boundary_jumps`.
    Raises `WrongSettings`.
    """
    bins, units, sizes = _bins(data, boundaries, 1)
    below, at = bins[:, 0], bins[:, 1]
    both = below + at
    with np.errstate(invalid="ignore"):
        share = np.where(both > 0, at / np.maximum(both, 1), np.nan)
    p = np.where(both > 0, binom.sf(at - 1, both, 0.5), np.nan)
    return _evidence(
        "boundary_binomial", data, boundaries, units, at.astype(float), p, share, sizes
    )


def boundary_jumps(
    data: Histograms,
    boundaries: Sequence[int],
    *,
    window: int = 4,
    method: Literal["mccrary", "discrete"] = "mccrary",
    bend: float = 0.0,
) -> Evidence:
    """I7: does the distribution break at a boundary? A unit is group × boundary.

    "mccrary": θ = ln f⁺ − ln f⁻, the two sides continued by log-linear Poisson regression over
    `window` scores each to the point b − ½ between them; z = θ / se, two-sided p. McCrary (2008),
    J. Econometrics 142, 698–714, with the local linear step on ln f for whole scores.
    "discrete": given the works at b − 1, b, b + 1, the count at b lies under a probability no more
    than (1 + k)/(3 + k) when the curve bends by at most k = `bend`: Frandsen (2017), Adv.
    Econometrics 38, 281–315; for a boundary from below it is one-sided, and k = 0 allows no
    bend. The effect is θ (or the log ratio of f(b) to its neighbours). Few works in the window
    (under 5 either side) give NaN.
    Raises `WrongSettings`.
    """
    if window < 2 or bend < 0:
        raise WrongSettings(
            "Окно скачка — хотя бы 2 балла с каждой стороны, изгиб — не меньше нуля.",
            "The window needs two scores either side and the bend is not negative.",
        )
    if method == "discrete":
        bins, units, sizes = _bins(data, boundaries, 1)
        three, at = bins.sum(axis=1), bins[:, 1]
        p = np.where(three > 0, binom.sf(at - 1, three, (1.0 + bend) / (3.0 + bend)), np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            theta = np.log(at) - np.log((three - at) / 2.0)
        return _evidence("boundary_jump", data, boundaries, units, theta, p, theta, sizes)
    left, units, sizes = _bins(data, boundaries, window)
    right = left[:, window : 2 * window]
    left = left[:, window - 1 :: -1]
    distance = np.arange(window, dtype=np.float64) + 0.5
    low, low_variance = _edge(left, distance)
    high, high_variance = _edge(right, distance)
    theta = high - low
    se = np.sqrt(low_variance + high_variance)
    p = 2.0 * norm.sf(np.abs(theta / se))
    made = _evidence("boundary_jump", data, boundaries, units, theta / se, p, theta, sizes)
    return replace(made, low=theta - 1.96 * se, high=theta + 1.96 * se)


def excess_mass(
    data: Histograms,
    boundaries: Sequence[int],
    *,
    rng: np.random.Generator,
    below: int = 2,
    above: int = 1,
    degree: int = 7,
    draws: int = 500,
) -> Evidence:
    """I8: works above a smooth curve at and just over a boundary, in usual bins; b per boundary.

    A polynomial of `degree` in the score is fitted to the bins outside the window [b − below, b +
    above − 1] of every boundary by Poisson regression (the counterfactual f̂); the excess is
    B = Σ_{b … b+above−1} (f − f̂) and b = B / mean f̂ there: Chetty et al. (2011), Q. J. Econ. 126,
    749–804; on marks Dee, Dobbie, Jacob & Rockoff (2019), AEJ: Applied 11, 382–423.
    low and high: a 95 % parametric bootstrap of `draws` draws, Poisson round the fit outside the
    windows and round the counts inside; p the share of draws as large under no excess. For a region,
    not for a class: under 200 works raises `TooFewPersons`.
    Raises also `WrongSettings`.
    """
    few = data.groups[data.works < 200]
    if len(few):
        raise TooFewPersons(
            f"Избыток у границы считают по региону или муниципалитету; работ меньше 200 у: "
            f"{', '.join(map(str, few[:8]))}. Объедините группы (whole).",
            f"Excess mass needs 200 works; too few in {few[:8].tolist()}; join groups (whole).",
        )
    _bins(data, boundaries, 1)
    top = data.counts.shape[1] - 1
    scores = np.arange(top + 1)
    inside = np.zeros(top + 1, dtype=bool)
    for b in boundaries:
        inside[max(0, b - below) : b + above] = True
    if (~inside).sum() <= degree + 1:
        raise WrongSettings(
            f"Вне окон у границ осталось {(~inside).sum()} баллов — мало для кривой степени "
            f"{degree}. Уменьшите degree или окна.",
            f"Only {(~inside).sum()} scores lie outside the windows for degree {degree}.",
        )
    basis = np.polynomial.legendre.legvander(2.0 * scores / top - 1.0, degree)
    rows, parts = [], []
    for counts in data.counts:
        fitted = _smooth(counts[None, :], basis, ~inside)[0]
        drawn = rng.poisson(fitted, (draws, top + 1)).astype(float)
        null = _smooth(drawn, basis, ~inside)
        seen = rng.poisson(np.where(inside, counts, fitted), (draws, top + 1)).astype(float)
        again = _smooth(seen, basis, ~inside)
        for b in boundaries:
            place = slice(b, b + above)
            size = fitted[place].mean()
            excess = (counts[place] - fitted[place]).sum() / size
            by_chance = (drawn[:, place] - null[:, place]).sum(axis=1) / null[:, place].mean(
                axis=1
            )
            spread = (seen[:, place] - again[:, place]).sum(axis=1) / again[:, place].mean(axis=1)
            p = (1.0 + (by_chance >= excess).sum()) / (draws + 1.0)
            rows.append((excess, p, *np.quantile(spread, [0.025, 0.975])))
        parts.append(int(counts.sum()))
    table = np.array(rows)
    units = _units(data, boundaries)
    sizes = np.repeat(parts, len(boundaries))
    made = _evidence(
        "excess_mass", data, boundaries, units, table[:, 0], table[:, 1], table[:, 0], sizes
    )
    return replace(made, low=table[:, 2], high=table[:, 3])


def _units(data: Histograms, boundaries: Sequence[int]) -> Names:
    return np.array([[str(group), str(b)] for group in data.groups for b in boundaries])


def _bins(
    data: Histograms, boundaries: Sequence[int], window: int
) -> tuple[NDArray[np.int64], Names, NDArray[np.int64]]:
    """Counts from b − window to b + window, [groups × boundaries, 2·window + 1]; 0 outside."""
    top = data.counts.shape[1] - 1
    outside = [b for b in boundaries if not 1 <= b <= top]
    if outside or not boundaries or len(set(boundaries)) != len(boundaries):
        raise WrongSettings(
            f"Границы отметок должны быть разными баллами от 1 до {top}; получено "
            f"{list(boundaries)}. Загрузите официальную шкалу перевода.",
            f"Boundaries must be different scores from 1 to {top}, got {list(boundaries)}.",
        )
    wide = np.pad(data.counts, ((0, 0), (window, window)))
    bins = np.stack([wide[:, b : b + 2 * window + 1] for b in boundaries], axis=1)
    shaped = bins.reshape(-1, 2 * window + 1)
    return shaped, _units(data, boundaries), np.repeat(data.works, len(boundaries))


def _mean_bin(counts: NDArray[np.int64]) -> Array:
    seen = counts > 0
    first = seen.argmax(axis=1)
    last = counts.shape[1] - 1 - seen[:, ::-1].argmax(axis=1)
    return np.asarray(counts.sum(axis=1) / (last - first + 1.0))


def _edge(counts: NDArray[np.int64], distance: Array) -> tuple[Array, Array]:
    """ln f at distance 0 by Poisson regression on the distance, and its variance, each [rows]."""
    level = np.log(np.maximum(counts.mean(axis=1), 0.1))
    slope = np.zeros(len(counts))
    for _ in range(50):
        mean = np.exp(level[:, None] + slope[:, None] * distance)
        h00, h01, h11 = (
            mean.sum(axis=1), (mean * distance).sum(axis=1), (mean * distance**2).sum(axis=1),
        )  # fmt: skip
        g0, g1 = (counts - mean).sum(axis=1), ((counts - mean) * distance).sum(axis=1)
        det = np.maximum(h00 * h11 - h01**2, 1e-300)
        step0, step1 = (h11 * g0 - h01 * g1) / det, (h00 * g1 - h01 * g0) / det
        cut = np.minimum(1.0, 1.0 / np.maximum(np.abs(step0) + np.abs(step1), 1e-300))
        level, slope = level + cut * step0, slope + cut * step1
    known = (counts.sum(axis=1) >= 5) & ((counts > 0).sum(axis=1) > 1)
    return np.where(known, level, np.nan), np.where(known, h11 / det, np.nan)


def _smooth(counts: ArrayLike, basis: Array, outside: NDArray[np.bool_]) -> Array:
    """Poisson regression on the basis over the bins outside the windows, [rows, scores]."""
    y = np.asarray(counts, dtype=float)
    design, seen = basis[outside], y[:, outside]
    start = np.log(seen + 0.5)
    found = np.linalg.lstsq(design, start.T, rcond=None)[0].T
    ridge = 1e-8 * np.eye(basis.shape[1])
    for _ in range(30):
        mean = np.exp(np.clip(found @ design.T, -20.0, 20.0))
        normal = np.einsum("rs,sa,sb->rab", mean, design, design) + ridge
        step = np.linalg.solve(normal, ((seen - mean) @ design)[:, :, None])[:, :, 0]
        found = found + np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < 1e-8:
            break
    return np.asarray(np.exp(np.clip(found @ basis.T, -20.0, 20.0)))


def _evidence(
    code: str,
    data: Histograms,
    boundaries: Sequence[int],
    units: Names,
    statistic: Array,
    p: Array,
    effect: Array,
    sizes: NDArray[np.int64],
    labels: tuple[str, ...] | None = None,
) -> Evidence:
    settings = {"boundaries": [int(b) for b in boundaries]}
    provenance = Provenance(code, digest([data.groups.astype(str), data.counts]), settings)
    return Evidence(
        MEANINGS[code], units, units[:, 0], statistic, np.asarray(p), effect, sizes, provenance,
        labels=labels,
    )  # fmt: skip
