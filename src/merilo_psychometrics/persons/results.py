"""The nouns of scoring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics.calibration.results import Population
from merilo_psychometrics.errors import WrongSettings
from merilo_psychometrics.provenance import Provenance

Method = Literal["wle", "ml", "map", "eap"]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Normal:
    """A normal prior of ability, in logits. Raises `WrongSettings` unless the SD is positive."""

    mean: float = 0.0
    sd: float = 1.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.mean) and 0.0 < self.sd < np.inf):
            raise WrongSettings(
                f"Среднее априорного распределения — число, а разброс больше нуля; задано "
                f"{self.mean} и {self.sd}.",
                f"A prior needs a finite mean and a positive SD, not {self.mean} and {self.sd}.",
            )


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """Ability for every reachable total score of one booklet.

    `scores`, `ability`, `se` [reachable scores]; logits. ML gives -inf and +inf with NaN errors at
    the ends.
    """

    booklet: str
    items: tuple[str, ...]
    scores: NDArray[np.int64]
    ability: Array
    se: Array
    method: Method
    provenance: Provenance


@dataclass(frozen=True, eq=False)
class Abilities:
    """Ability of every work: arrays [works], in the order of the blocks."""

    persons: NDArray[Any]
    booklets: NDArray[np.int32]
    scores: NDArray[np.int64]
    ability: Array
    se: Array
    method: Method
    provenance: Provenance

    @property
    def reliability(self) -> float:
        """Share of true variance; works whose ML is infinite are left out.

        EAP: var(θ̂) / (var(θ̂) + mean PSD²); others: 1 − mean SE² / var(θ̂). Adams (2005).
        """
        known = np.isfinite(self.ability) & np.isfinite(self.se)
        spread, error = float(self.ability[known].var(ddof=1)), float((self.se[known] ** 2).mean())
        return spread / (spread + error) if self.method == "eap" else 1.0 - error / spread


@dataclass(frozen=True, eq=False)
class PlausibleValues:
    """Draws from the posterior of every work: `values` [works, draws], logits.

    `populations` are the normal distributions the draws were conditioned on, by group.
    """

    persons: NDArray[Any]
    booklets: NDArray[np.int32]
    values: Array
    populations: tuple[Population, ...]
    provenance: Provenance


@dataclass(frozen=True, eq=False)
class Classification:
    """Levels with the chance of being wrong. Rows are works, or scores of the tables one by one.

    `cuts` [cuts] in logits, rising; level l lies in [cuts[l − 1], cuts[l]). `level` [rows];
    `chances` [rows, cuts + 1]: probability of each level; `wrong_side` [rows, cuts]: probability
    that the true ability lies on the other side of the cut than the estimate. Rows without an
    error (ML of nothing or everything right) have NaN chances. `booklets`, `scores` [rows].
    """

    cuts: Array
    names: tuple[str, ...]
    booklets: NDArray[Any]
    scores: NDArray[np.int64]
    ability: Array
    level: NDArray[np.int64]
    chances: Array
    wrong_side: Array
    provenance: Provenance

    @property
    def wrong(self) -> Array:
        """Probability that the level is wrong, [rows].

        1 − the chance of the level given: Rudner (2001), Pract. Assess. Res. Eval. 7(14).
        """
        assigned = np.take_along_axis(self.chances, self.level[:, None], axis=1)[:, 0]
        return np.asarray(1.0 - assigned)

    @property
    def accuracy(self) -> float:
        """Expected share of right decisions over the rows. Rudner (2001)."""
        return float(1.0 - np.nanmean(self.wrong))

    @property
    def consistency(self) -> float:
        """Expected share of works two equal tests would put in one level. Wyse & Hao (2012)."""
        return float(np.nanmean((self.chances**2).sum(axis=1)))

    def near(self, cut: int, *, least: float = 0.05) -> NDArray[np.bool_]:
        """Rows whose chance to be on the wrong side of this cut is at least `least`, [rows]."""
        return np.asarray(np.nan_to_num(self.wrong_side[:, cut]) >= least)


@dataclass(frozen=True, eq=False)
class Profiles:
    """Scores on the parts of the content, against what the total score lets expect.

    `domains` (parts); all arrays [works, domains], NaN where the booklet has no item of the part.
    `observed`: score on the part; `expected`, `sd`: mean and standard deviation of that score
    among all who have this total on this booklet; `ability`, `se`: WLE from the part alone, logits.
    """

    domains: tuple[str, ...]
    persons: NDArray[Any]
    booklets: NDArray[np.int32]
    scores: NDArray[np.int64]
    observed: Array
    expected: Array
    sd: Array
    ability: Array
    se: Array
    provenance: Provenance

    @property
    def deviation(self) -> Array:
        """(observed − expected) / sd, [works, domains]; 0 where the total leaves no freedom.

        Standardised as in profile analysis: Verhelst (2012).
        """
        free = self.sd > 1e-9
        return np.where(
            np.isnan(self.sd),
            np.nan,
            np.where(free, (self.observed - self.expected) / np.where(free, self.sd, 1.0), 0.0),
        )
