"""The nouns of many-facet measurement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics.calibration.results import Population
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.provenance import Provenance

Array = NDArray[np.float64]
FacetModel = Literal["partial credit", "rating scale"]


@dataclass(frozen=True)
class RaterMeasure:
    """One rater: severity in logits (above 0 is severe), its error, and the fit of the marks.

    `mean` is the mean mark given; `infit`, `outfit` are mean squares with expectation 1, `_t` their
    Wilson–Hilferty standardisation. High values: marks that do not follow the works; low values:
    marks too regular (halo, copying).
    """

    rater: str
    marks: int
    mean: float
    severity: float
    se: float
    infit: float
    infit_t: float
    outfit: float
    outfit_t: float


@dataclass(frozen=True)
class Separation:
    """How well the raters are told apart by their severities (Wright & Masters 1982 ch. 5).

    `observed_sd`, `rmse`, `true_sd` in logits; `separation` = true sd / rmse; `strata` =
    (4·separation + 1) / 3; `reliability` = true variance / observed variance: near 0 is the wish,
    raters then are interchangeable. `chi2`, `df`, `p` test equal severities (Wald).
    """

    observed_sd: float
    rmse: float
    true_sd: float
    separation: float
    strata: float
    reliability: float
    chi2: float
    df: int
    p: float


@dataclass(frozen=True, eq=False)
class Facets:
    """Items, raters and persons on one scale, logits; severities sum to zero.

    `severity_covariance` [raters, raters]. `ability`, `ability_se` [persons]: posterior mean and
    standard deviation with the severities taken out; `fair_score` [persons]: the expected total over
    all items from a rater of mean severity.
    """

    parameters: ItemParameters
    raters: tuple[RaterMeasure, ...]
    severity_covariance: Array
    separation: Separation | None
    population: Population
    persons: tuple[Any, ...]
    ability: Array
    ability_se: Array
    fair_score: Array
    model: FacetModel
    log_likelihood: float
    free_count: int
    iterations: int
    nodes: int
    provenance: Provenance

    @property
    def severity(self) -> Array:
        """Severities in the order of `raters`, [raters], logits."""
        return np.array([rater.severity for rater in self.raters])

    @property
    def aic(self) -> float:
        """Akaike's criterion.

        Akaike (1974), IEEE Trans. Autom. Control 19, 716–723.
        """
        return 2.0 * self.free_count - 2.0 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion, with the number of persons.

        Schwarz (1978), Ann. Stat. 6, 461–464.
        """
        return self.free_count * float(np.log(len(self.persons))) - 2.0 * self.log_likelihood
