"""Linking: two calibrations on one scale, and two forms on one score table.

Scales: `link_scales`, `link_chain`, `detect_drift`; inside a calibration `link_concurrently`,
`link_by_anchors`. Scores by IRT: `equate_true_scores`, `equate_irt_observed_scores`; from counts
alone: `count_scores` → `presmooth` → `equate_percentiles`, `equate_kernel`, `equate_linear`, with
`bootstrap_errors`.
"""

from .bootstrap import bootstrap_errors
from .calibrated import link_by_anchors, link_concurrently
from .distributions import (
    LoglinearFit,
    ScoreDistribution,
    count_responses,
    count_scores,
    from_counts,
    presmooth,
)
from .drift import anchor_shifts, detect_drift
from .equating import equate_kernel, equate_percentiles, percent_relative_error
from .irt import given_quadrature, link_chain, link_scales, normal_quadrature
from .irt_scores import equate_irt_observed_scores, equate_true_scores
from .linear import Moments, equate_linear, equating_line
from .pair import Quadrature
from .results import (
    AnchorDrift,
    AnchorShift,
    EquatedScores,
    Link,
    Removal,
    TooManyDrifted,
    UnlinkedForms,
)

__all__ = [
    "AnchorDrift",
    "AnchorShift",
    "EquatedScores",
    "Link",
    "LoglinearFit",
    "Moments",
    "Quadrature",
    "Removal",
    "ScoreDistribution",
    "TooManyDrifted",
    "UnlinkedForms",
    "anchor_shifts",
    "bootstrap_errors",
    "count_responses",
    "count_scores",
    "detect_drift",
    "equate_irt_observed_scores",
    "equate_kernel",
    "equate_linear",
    "equate_percentiles",
    "equate_true_scores",
    "equating_line",
    "from_counts",
    "given_quadrature",
    "link_by_anchors",
    "link_chain",
    "link_concurrently",
    "link_scales",
    "normal_quadrature",
    "percent_relative_error",
    "presmooth",
]
