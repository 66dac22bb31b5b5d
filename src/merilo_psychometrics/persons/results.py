"""The nouns of scoring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics.provenance import Provenance

Method = Literal["wle", "ml", "map", "eap"]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Normal:
    """A normal prior of ability, in logits."""

    mean: float = 0.0
    sd: float = 1.0


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """Ability for every reachable total score of one booklet.

    `scores`, `ability`, `se` [reachable scores]; logits. ML gives -inf and +inf with NaN errors at
    the ends. `reliability` is None unless the works were given.
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


@dataclass(frozen=True, eq=False)
class PlausibleValues:
    """Draws from the posterior of every work: `values` [works, draws], logits."""

    persons: NDArray[Any]
    booklets: NDArray[np.int32]
    values: Array
    provenance: Provenance
