"""Groups: does a class, school or municipality differ from the whole more than chance gives?

All indicators are additive over the works, so that thousands of groups cost one pass over the
works. Comparison at equal scores: a value v of a work is set against the mean and variance of v
among all works of its booklet with the same total score,

    z_g = Σ_{j in g} (v_j − m(S_j)) / √Σ_{j in g} var(S_j),

standard normal when the group is like the others. No model and no distribution is supposed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2, norm

from merilo_psychometrics.errors import BadData, NotIdentified, TooFewPersons, WrongSettings
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.persons.results import Abilities
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import Responses
from merilo_psychometrics.weights import require_unweighted

from .answers import answers_of
from .dispersion import overdispersion
from .evidence import WEIGHTS, Array, Evidence
from .meanings import MEANINGS

Codes = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Groups:
    """Works with their group: `codes` [works] into `names`, -1 unknown; booklet and total score."""

    names: NDArray[Any]
    codes: Codes
    booklets: Codes
    totals: Codes
    provenance_of: Responses

    def sums(self, values: ArrayLike) -> Array:
        """Sum over the works of every group, [groups]."""
        known = self.codes >= 0
        given = np.asarray(values, dtype=np.float64)[known]
        summed = np.bincount(self.codes[known], given, minlength=len(self.names))
        return np.asarray(summed, dtype=np.float64)

    @property
    def works(self) -> Codes:
        return self.sums(np.ones(len(self.codes))).astype(np.int64)

    def evidence(
        self,
        code: str,
        settings: dict[str, Any],
        columns: tuple[Array, Array, Array],
        least: int,
        **more: Any,
    ) -> Evidence:
        """Keep the groups of at least `least` works; smaller ones carry no group conclusion."""
        kept = np.flatnonzero(self.works >= least)
        if not len(kept):
            raise TooFewPersons(
                f"Ни в одной группе нет {least} работ: по группам вывода не сделать. Возьмите более "
                "крупную группировку.",
                f"No group has {least} works; take a coarser grouping.",
            )
        statistic, p, effect = (column[kept] for column in columns)
        provenance = Provenance(code, self.provenance_of.data_hash, settings | {"least": least})
        bounds = {name: value[kept] for name, value in more.items()}
        return Evidence(
            MEANINGS[code], self.names[kept], np.full(len(kept), settings["grouping"]), statistic,
            p, effect, self.works[kept], provenance, **bounds,
        )  # fmt: skip


def grouped(responses: Responses, grouping: str, verb: str) -> _Groups:
    """Works with their group; weights and undecided omissions are refused."""
    responses.require_treated(verb)
    require_unweighted(responses, *WEIGHTS)
    names = np.array(responses.group_names(grouping))
    booklets = np.repeat(np.arange(len(responses.blocks)), [len(b) for b in responses.blocks])
    codes = np.concatenate([block.groups[grouping] for block in responses.blocks])
    return _Groups(
        names, codes.astype(np.int64), booklets, np.concatenate(responses.totals()), responses
    )


def at_equal_scores(values: ArrayLike, booklets: Codes, totals: Codes) -> tuple[Array, Array]:
    """Deviation of every value from the mean at its booklet and score, and its variance there.

    Values are numbers [works]; NaN has no deviation (NaN) and is left out of the mean. A score
    only one work has gives deviation 0 with variance 0: nothing to compare with.
    """
    given = np.asarray(values, dtype=float)
    known = np.isfinite(given)
    cells = np.unique(np.stack([booklets, totals]), axis=1, return_inverse=True)[1].ravel()
    number = np.bincount(cells[known], minlength=cells.max() + 1).astype(float)
    clean = np.where(known, given, 0.0)
    mean = np.bincount(cells, clean) / np.maximum(number, 1.0)
    away = np.where(known, given - mean[cells], 0.0)
    variance = np.bincount(cells, away**2) / np.maximum(number - 1.0, 1.0)
    # A group is part of the whole it is compared with: var(v − mean) = σ²(1 − 1/n).
    variance *= np.where(number > 1, 1.0 - 1.0 / np.maximum(number, 1.0), 0.0)
    return np.where(known, away, np.nan), np.where(known, variance[cells], 0.0)


def booklet_moments(made: _Groups, responses: Responses) -> tuple[Array, Array]:
    """Mean and SD of the total score of every booklet; raises `NotIdentified` where it is flat."""
    number = np.bincount(made.booklets)
    centre = np.bincount(made.booklets, made.totals) / number
    away = made.totals - centre[made.booklets]
    spread = np.sqrt(np.bincount(made.booklets, away**2) / number)
    if (spread == 0).any():
        flat = [responses.design.booklets[n].id for n in np.flatnonzero(spread == 0)]
        raise NotIdentified(
            f"Разброс баллов равен нулю в вариантах {', '.join(flat[:8])}: сравнивать не с чем. "
            "Исключите их (only_booklets).",
            f"Scores do not vary in booklets {flat[:8]}; leave them out.",
            booklets=flat,
        )
    return centre, spread


@dataclass(frozen=True)
class Shift:
    """A mean against a greater population: SE, z, and the limits of what chance allows."""

    se: float
    z: float
    low: float
    high: float
    signal: bool


def shift(found: float, *, mean: float, sd: float, works: int, width: float = 1.96) -> Shift:
    """I1 from published figures: `found` of `works` against `mean` and `sd` of the region.

    Limits mean ± width·sd/√works, in score points.

    Source: the published criterion «noticeably above the region's mean» (Rosobrnadzor and FIOKO,
    2017); the z-test of a mean with a known deviation.
    Raises `NotIdentified`.
    """
    if sd <= 0 or works < 1:
        raise NotIdentified(
            "Нужны положительное стандартное отклонение и хотя бы одна работа.",
            "A positive standard deviation and one work at least are needed.",
        )
    se = sd / works**0.5
    high = mean + width * se
    return Shift(se, (found - mean) / se, mean - width * se, high, found > high)


def mean_shift(
    responses: Responses, grouping: str, *, least: int = 10, overdispersed: bool = True
) -> Evidence:
    """I1 and I2: is the mean of a group above that of all works? p is one-sided (above).

    z = (x̄_g − μ_b) / (σ_b/√n_g), works standardised within their booklet, and with
    `overdispersed` divided by √φ (`overdispersion`: Spiegelhalter 2005). The effect is the
    difference in score points with a 95 % interval. A strong school is above the mean too: this
    alone says little.
    Raises `NotIdentified`.
    """
    made = grouped(responses, grouping, "mean_shift")
    centre, spread = booklet_moments(made, responses)
    away = made.totals - centre[made.booklets]
    works = np.maximum(made.works, 1)
    z = made.sums(away / spread[made.booklets]) / np.sqrt(works)
    wide = overdispersion(z[made.works >= least]) if overdispersed else 1.0
    difference = made.sums(away) / works
    se = np.sqrt(made.sums(spread[made.booklets] ** 2)) / works * np.sqrt(wide)
    settings = {"grouping": grouping, "overdispersed": overdispersed}
    return made.evidence(
        "mean_shift", settings, (z / np.sqrt(wide), norm.sf(z / np.sqrt(wide)), difference), least,
        low=difference - 1.96 * se, high=difference + 1.96 * se,
    )  # fmt: skip


def unusual_works(
    responses: Responses, grouping: str, fit: Evidence, *, least: int = 10
) -> Evidence:
    """Are works of a group odder than others with the same score? By any index of person fit.

    `fit` is the evidence on these works (order_fit, likelihood_fit) in this order. Its p enters as
    a normal deviate Φ⁻¹(1 − p) and is compared at equal scores (top of the module); p is
    one-sided: odder. The effect is the mean deviation in sigmas. Works without information are
    left out. The comparison at equal scores of this module; no paper has this very statistic.

    Source: Merilo's own; conditioning on booklet and score as in Mantel and Haenszel (1959).
    Raises `BadData`.
    """
    made = grouped(responses, grouping, "unusual_works")
    if len(fit) != len(made.codes):
        raise BadData(
            f"Индексов {len(fit)}, а работ {len(made.codes)}: передайте индексы этих же работ.",
            f"{len(fit)} indices for {len(made.codes)} works.",
        )
    odd = norm.isf(np.clip(fit.p, 1e-12, 1.0 - 1e-12))
    away, variance = at_equal_scores(odd, made.booklets, made.totals)
    z = _standard(made.sums(np.nan_to_num(away)), made.sums(variance))
    number = np.maximum(made.sums(np.isfinite(away)), 1.0)
    effect = made.sums(np.nan_to_num(away)) / number
    settings = {"grouping": grouping, "index": fit.meaning.code}
    return made.evidence("unusual_works", settings, (z, norm.sf(z), effect), least)


def easy_hard(responses: Responses, grouping: str, *, least: int = 10) -> Evidence:
    """I11 (F4): easy items worse, hard ones better than others with the same score?

    Items of a booklet in thirds by their share of points in the whole; the value of a work is mean
    share of points of the hard third less that of the easy third, compared at equal scores. p is
    one-sided: hard over easy. Booklets of fewer than six items raise `WrongSettings`. The rule of
    the federal catalogue put as a test; no paper has this very statistic.

    Source: the published criterion «easy tasks worse, hard ones better» (Rosobrnadzor and FIOKO,
    2017); its statistic is Merilo's.
    Value of a work = Σ points / Σ full scores over the hard third − the same over the easy third.
    """
    made = grouped(responses, grouping, "easy_hard")
    values = []
    for booklet, block in zip(responses.design.booklets, responses.blocks, strict=True):
        if len(booklet.items) < 6:
            raise WrongSettings(
                f"В варианте {booklet.id} заданий {len(booklet.items)}: третей лёгких и трудных не "
                "выделить, нужно хотя бы 6.",
                f"Booklet {booklet.id} has {len(booklet.items)} items, 6 are needed.",
                booklets=[booklet.id],
            )
        shares = block.scores / responses.design.max_scores[booklet.items]
        order = np.argsort(-shares.mean(axis=0), kind="stable")
        third = len(order) // 3
        values.append(shares[:, order[-third:]].mean(1) - shares[:, order[:third]].mean(1))
    away, variance = at_equal_scores(np.concatenate(values), made.booklets, made.totals)
    z = _standard(made.sums(away), made.sums(variance))
    effect = made.sums(away) / np.maximum(made.works, 1)
    return made.evidence("easy_hard", {"grouping": grouping}, (z, norm.sf(z), effect), least)


def variance_collapse(responses: Responses, grouping: str, *, least: int = 10) -> Evidence:
    """I22, in part: are the scores of a group closer together than its mean allows?

    Scores are standardised within the booklet. The usual within-group variance σ²(m) at a group
    mean m is a parabola in m through the groups (least squares weighted by n − 1), since it falls
    towards both ends of the scale. ν·(s² + r)/σ²(m) ~ χ²_ν with ν = 2 / (2/(n − 1) + κ/n), κ the
    excess kurtosis within groups (Box 1953, Biometrika 40, 318–335) and r = 1/12 of a squared point
    for rounding, which only makes p larger; p is the lower tail. The effect is s/σ(m). Means and
    variabilities are those of Quintano, Castellano & Longobardi (2009); their fuzzy clusters:
    `class_clusters`. Needs 10 groups.
    Raises `NotIdentified`, `TooFewPersons`.
    """
    made = grouped(responses, grouping, "variance_collapse")
    number = made.works.astype(float)
    if (made.works >= least).sum() < 10:
        raise TooFewPersons(
            f"Обычный разброс находят по группам, а групп с {least} и более работами "
            f"{int((made.works >= least).sum())} из нужных 10.",
            f"The usual spread needs 10 groups of {least} works.",
        )
    centre, spread = booklet_moments(made, responses)
    score = (made.totals - centre[made.booklets]) / spread[made.booklets]
    mean = made.sums(score) / np.maximum(number, 1.0)
    away = np.where(made.codes >= 0, score - mean[made.codes], 0.0)
    squares = made.sums(away**2)
    variance = squares / np.maximum(number - 1.0, 1.0)
    kept = made.works >= least
    weight = np.where(kept, number - 1.0, 0.0)
    basis = np.vander(mean, 3, increasing=True)
    fitted = (
        basis
        @ np.linalg.lstsq(
            basis * np.sqrt(weight)[:, None], variance * np.sqrt(weight), rcond=None
        )[0]
    )
    pooled = squares[kept].sum() / weight.sum()
    usual = np.maximum(fitted, 0.1 * pooled)
    inside = (made.codes >= 0) & kept[made.codes]
    relative = away[inside] / np.sqrt(usual[made.codes[inside]])
    kurtosis = max(0.0, float(np.mean(relative**4) / np.mean(relative**2) ** 2 - 3.0))
    rounding = made.sums(1.0 / 12.0 / spread[made.booklets] ** 2) / np.maximum(number, 1.0)
    degrees = 2.0 / (2.0 / np.maximum(number - 1.0, 1.0) + kurtosis / np.maximum(number, 1.0))
    ratio = (variance + rounding) / usual
    p = chi2.cdf(degrees * ratio, degrees)
    settings = {"grouping": grouping}
    columns = (degrees * ratio, np.asarray(p), np.sqrt(variance / usual))
    return made.evidence("variance_collapse", settings, columns, least)


def shared_wrong(
    responses: Responses,
    grouping: str,
    parameters: ItemParameters,
    abilities: Abilities,
    *,
    least: int = 5,
    bands: int = 5,
    chosen: bool = True,
) -> Evidence:
    """Do members of a group give the same wrong answers more often than apart they would?

    T = Σ over items and wrong answers of the pairs of works of the group that gave it. With the
    probabilities P_j of the wrong answers of work j (`answers`), answers of different works
    independent, E T = ½ Σ_i (|Σ_j P_j|² − Σ_j |P_j|²) and, with C_j = diag(P_j) − P_j P_jᵀ,
    Var T = Σ_i [Σ_j (S−P_j)ᵀ C_j (S−P_j) + ½ (|Σ_j C_j|² − Σ_j |C_j|²)], S = Σ_j P_j: the Hoeffding
    decomposition of a U-statistic (Hoeffding 1948, Ann. Math. Stat. 19, 293–325) for unlike works.
    z = (T − E T)/√Var T, p one-sided. Groups of different booklets add up. Works of infinite
    ability are left out. The effect is T / E T. A misconception taught to a class shows here too.
    With abilities and shares estimated from the same answers the test is cautious: in simulated
    honest classes of 25 on 30 items z has an SD of about 0.7 and p < 0.05 in one of a hundred.
    """
    made = grouped(responses, grouping, "shared_wrong")
    groups = len(made.names)
    seen, expected, variance = np.zeros(groups), np.zeros(groups), np.zeros(groups)
    first = 0
    for booklet, block in zip(responses.design.booklets, responses.blocks, strict=True):
        theta = abilities.ability[first : first + len(block)]
        first += len(block)
        items = [responses.design.items[n] for n in booklet.items]
        ours = parameters.only(item.id for item in items)
        given = answers_of(items, block, ours, chosen=chosen, bands=bands)
        codes = block.groups[grouping]
        order = np.argsort(codes, kind="stable")
        order = order[(codes[order] >= 0) & np.isfinite(theta[order])]
        for rows in np.split(order, np.flatnonzero(np.diff(codes[order]) > 0) + 1):
            if len(rows) < 2:
                continue
            chances = given.probabilities(rows, theta[rows]) * ~given.full
            places = np.arange(chances.shape[1])[None, :]
            indicator = np.zeros_like(chances)
            indicator[np.arange(len(rows))[:, None], places, given.codes[rows]] = 1.0
            found = _wrong_pairs(chances, indicator * ~given.full)
            for whole, part in zip((seen, expected, variance), found, strict=True):
                whole[codes[rows[0]]] += part
    z = _standard(seen - expected, variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        columns = (z, norm.sf(z), seen / expected)
    settings = {"grouping": grouping, "bands": bands, "chosen": chosen}
    return made.evidence("shared_wrong", settings, columns, least)


def _wrong_pairs(chances: Array, indicator: Array) -> tuple[float, float, float]:
    """T, its expectation and variance for one group; arrays [works, items, answers]."""
    counts = indicator.sum(axis=0)
    seen = float((counts * (counts - 1.0)).sum() / 2.0)
    whole = chances.sum(axis=0)
    expected = float(((whole**2).sum() - (chances**2).sum()) / 2.0)
    others = whole[None] - chances
    linear = (chances * others**2).sum(axis=2) - ((chances * others).sum(axis=2)) ** 2
    # |Σ_j C_j|² with C_j = diag(P) − PPᵀ, the squares summed over all entries.
    moments = np.einsum("jia,jib->iab", chances, chances)
    total = -moments
    diagonal = np.arange(chances.shape[2])
    total[:, diagonal, diagonal] += whole
    own = (chances**2).sum(axis=2) - 2.0 * (chances**3).sum(axis=2) + (chances**2).sum(axis=2) ** 2
    quadratic = ((total**2).sum() - own.sum()) / 2.0
    return seen, expected, float(linear.sum() + quadratic)


def wrong_to_right(
    responses: Responses, grouping: str, changed: Sequence[NDArray[Any]], *, least: int = 10
) -> Evidence:
    """I20, I21: more changes to the right answer than others with as many points?

    `changed` — an array [works, items] a block, true where the first answer was wrong and the last
    right (computer forms only). The number a work is compared at equal scores; z carries the
    continuity correction −½ of Wollack, Cohen & Eckerly (2015), Educ. Psychol. Meas. 75, 931–953.
    p is one-sided; the effect is changes above expectation a work.
    z = (Σ x − Σ E(x | score) − ½)/√Σ Var(x | score). Raises `BadData`.
    """
    made = grouped(responses, grouping, "wrong_to_right")
    parts = [np.asarray(part, dtype=bool).sum(axis=1) for part in changed]
    number = np.concatenate([np.empty(0), *parts])
    if len(number) != len(made.codes):
        raise BadData(
            f"Исправления даны для {len(number)} работ из {len(made.codes)}.",
            f"Changes of {len(number)} works, there are {len(made.codes)}.",
        )
    away, variance = at_equal_scores(number, made.booklets, made.totals)
    above = made.sums(away)
    z = _standard(above - 0.5, made.sums(variance))
    effect = above / np.maximum(made.works, 1)
    return made.evidence("wrong_to_right", {"grouping": grouping}, (z, norm.sf(z), effect), least)


def _standard(above: Array, variance: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(variance > 0, above / np.sqrt(variance), np.nan))
