"""The nouns of standard setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics.provenance import Provenance

Array = NDArray[np.float64]
Unit = Literal["points", "logits"]


@dataclass(frozen=True)
class Cut:
    """One cut score with its standard error, in points of the test or in logits.

    `se` is of the procedure (other panelists, other persons), NaN where it cannot be known.
    """

    level: str
    value: float
    se: float
    unit: Unit


@dataclass(frozen=True)
class PanelistConsistency:
    """How one panelist judged: cut, distance from the panel, agreement with the items.

    `cut` in points; `away` = cut − mean cut of the panel, and in panel standard deviations
    `away_sd`; `correlation` with the expected scores at the panel's cut and `misfit`, the root mean
    square difference from those at the panelist's own cut (van der Linden 1982), both NaN without
    item parameters.
    """

    panelist: str
    cut: float
    away: float
    away_sd: float
    correlation: float
    misfit: float


@dataclass(frozen=True)
class AngoffRound:
    """One round: the cut in points and, with parameters, in logits.

    Variance components of the judgements: panelists, items, residual (points² an item);
    `se_panelists` = sd of the panelists' cuts / √panelists; `se_generalised` adds the choice of
    items (Brennan 1995). `reliability` of the mean judgements of items over panelists, `spread` the
    sd of the panelists' cuts.
    """

    cut: Cut
    ability: Cut | None
    spread: float
    se_panelists: float
    se_generalised: float
    between_panelists: float
    between_items: float
    residual: float
    reliability: float
    panelists: tuple[PanelistConsistency, ...]


@dataclass(frozen=True)
class Angoff:
    """All rounds, the last one decides. `convergence`: spread of each round by that of the first."""

    rounds: tuple[AngoffRound, ...]
    convergence: tuple[float, ...]
    provenance: Provenance

    @property
    def cut(self) -> Cut:
        """The cut of the last round, points."""
        return self.rounds[-1].cut


@dataclass(frozen=True)
class BookmarkPage:
    """One page of the ordered booklet: an item, the score it stands for, and its place in logits."""

    page: int
    item: str
    score: int
    location: float


@dataclass(frozen=True)
class Bookmark:
    """The ordered booklet and the cuts by level, in logits; `points` is the expected total there."""

    pages: tuple[BookmarkPage, ...]
    cuts: tuple[Cut, ...]
    points: tuple[float, ...]
    panelists: Mapping[str, Array]
    provenance: Provenance


@dataclass(frozen=True, eq=False)
class DataCut:
    """A cut found in data, with what else the method found."""

    cut: Cut
    method: str
    provenance: Provenance
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LevelShare:
    """Share of the population in one level with its error and interval.

    `sampling_se`: from the sample of persons (and of clusters, and of plausible values); `cut_se`:
    from the uncertain cuts; `se` both together.
    """

    level: str
    share: float
    sampling_se: float
    cut_se: float
    se: float
    lower: float
    upper: float


@dataclass(frozen=True)
class ImpactTable:
    """Shares of all levels, the lowest first; they sum to 1."""

    levels: tuple[LevelShare, ...]
    works: float
    provenance: Provenance
