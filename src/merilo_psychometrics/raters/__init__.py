"""Raters: severity and fit, agreement, discrepancies, drift.

`make_ratings` → `calibrate_facets` (severity with SE, fit, separation), `severity_drift`,
`find_discrepancies`, `exact_adjacent`; on a table works × raters (`Ratings.by_rater`) the kappa
family and `intraclass`.
"""

from .agreement import Agreement, cohen_kappa, fleiss_kappa, gwet_ac, krippendorff_alpha
from .discrepancies import (
    Discrepancies,
    Discrepancy,
    DiscrepancyRule,
    PairAgreement,
    exact_adjacent,
    find_discrepancies,
)
from .facets import calibrate_facets
from .intraclass import Intraclass, IntraclassTable, intraclass
from .links import rater_parts, require_linked
from .ratings import ExtremeRater, Ratings, UnlinkedRaters, make_ratings
from .results import Facets, RaterMeasure, Separation
from .severity_drift import RaterDrift, SeverityDrift, severity_drift

__all__ = [
    "Agreement",
    "Discrepancies",
    "Discrepancy",
    "DiscrepancyRule",
    "ExtremeRater",
    "Facets",
    "Intraclass",
    "IntraclassTable",
    "PairAgreement",
    "RaterDrift",
    "RaterMeasure",
    "Ratings",
    "Separation",
    "SeverityDrift",
    "UnlinkedRaters",
    "calibrate_facets",
    "cohen_kappa",
    "exact_adjacent",
    "find_discrepancies",
    "fleiss_kappa",
    "gwet_ac",
    "intraclass",
    "krippendorff_alpha",
    "make_ratings",
    "rater_parts",
    "require_linked",
    "severity_drift",
]
