"""The noun of calibration."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.provenance import Provenance

Model = Literal["rasch", "pcm", "2pl", "gpcm", "3pl"]


@dataclass(frozen=True)
class Population:
    """A normal distribution of ability in one group, in logits; SEs are NaN where fixed."""

    group: str
    mean: float
    sd: float
    mean_se: float
    sd_se: float
    works: float


@dataclass(frozen=True, eq=False)
class Calibration:
    """Item parameters with how they were found. `populations` is empty for CML."""

    parameters: ItemParameters
    model: Model
    method: Literal["cml", "mml"]
    log_likelihood: float
    iterations: int
    works: float
    populations: tuple[Population, ...]
    anchored: tuple[str, ...]
    provenance: Provenance
    free_count: int

    @property
    def aic(self) -> float:
        """Akaike's criterion.

        Akaike (1974), IEEE Trans. Autom. Control 19, 716–723.
        """
        return 2.0 * self.free_count - 2.0 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion, with the number of works.

        Schwarz (1978), Ann. Stat. 6, 461–464.
        """
        return self.free_count * math.log(self.works) - 2.0 * self.log_likelihood
