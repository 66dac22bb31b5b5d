"""Standard setting: cuts from panels and from data, and what they would mean.

`set_angoff`, `ordered_booklet` → `set_bookmark`; `contrast_groups`, `borderline_group`,
`cluster_scores`; `impact_table`. Cuts come with their errors; the decision is not the engine's.
"""

from .angoff import ability_at, set_angoff
from .bookmark import ordered_booklet, set_bookmark
from .groups import borderline_group, cluster_scores, contrast_groups
from .impact import impact_table
from .results import (
    Angoff,
    AngoffRound,
    Bookmark,
    BookmarkPage,
    Cut,
    DataCut,
    ImpactTable,
    LevelShare,
    PanelistConsistency,
)

__all__ = [
    "Angoff",
    "AngoffRound",
    "Bookmark",
    "BookmarkPage",
    "Cut",
    "DataCut",
    "ImpactTable",
    "LevelShare",
    "PanelistConsistency",
    "ability_at",
    "borderline_group",
    "cluster_scores",
    "contrast_groups",
    "impact_table",
    "ordered_booklet",
    "set_angoff",
    "set_bookmark",
]
