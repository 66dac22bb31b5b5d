"""Persons: ability, its error, and what may be concluded from it."""

from .classification import classify
from .estimation import estimate_abilities
from .group_profiles import GroupProfile, group_profiles
from .plausible import GroupMean, draw_plausible_values, group_means
from .profiles import profiles
from .results import (
    Abilities,
    Classification,
    Method,
    Normal,
    PlausibleValues,
    Profiles,
    ScoreTable,
)
from .tables import score_tables

__all__ = [
    "Abilities",
    "Classification",
    "GroupMean",
    "GroupProfile",
    "Method",
    "Normal",
    "PlausibleValues",
    "Profiles",
    "ScoreTable",
    "classify",
    "draw_plausible_values",
    "estimate_abilities",
    "group_means",
    "group_profiles",
    "profiles",
    "score_tables",
]
