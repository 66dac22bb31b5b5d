"""Fairness: does an item favour a group of people of equal ability (DIF)?

matched         matched_counts: group × matching score × item score, from responses or counts
comparisons     mantel_haenszel, standardisation, breslow_day, generalised_mantel
surveyed        survey_dif: survey weights, schools drawn as wholes
logistic        logistic_dif: uniform and non-uniform, 0/1 and several points
models          pairwise_dif, wald_dif, split_item_dif, andersen: by CML in every group
"""

from .comparisons import breslow_day, generalised_mantel, mantel_haenszel, standardisation
from .logistic import logistic_dif
from .matched import MatchedCounts, matched_counts
from .models import (
    GroupTest,
    PairwiseDif,
    andersen,
    compare_pairs,
    compare_parameters,
    pairwise_dif,
    split_item_dif,
    wald_dif,
)
from .surveyed import survey_dif
from .tables import Dif

__all__ = [
    "Dif",
    "GroupTest",
    "MatchedCounts",
    "PairwiseDif",
    "andersen",
    "breslow_day",
    "compare_pairs",
    "compare_parameters",
    "generalised_mantel",
    "logistic_dif",
    "mantel_haenszel",
    "matched_counts",
    "pairwise_dif",
    "split_item_dif",
    "standardisation",
    "survey_dif",
    "wald_dif",
]
