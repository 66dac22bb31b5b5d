"""Persons: ability, its error, and what may be concluded from it."""

from .classification import classify
from .estimation import estimate_abilities
from .plausible import draw_plausible_values
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
    "Method",
    "Normal",
    "PlausibleValues",
    "Profiles",
    "ScoreTable",
    "classify",
    "draw_plausible_values",
    "estimate_abilities",
    "profiles",
    "score_tables",
]
