"""Draw results, send them, tell the parent; the layout of the collecting form."""

from .columns import set_column_map
from .drawing import consolidate, consolidate_day, correct
from .sending import forward_to_rcoi, inform_parent, release

__all__ = [
    "consolidate",
    "consolidate_day",
    "correct",
    "forward_to_rcoi",
    "inform_parent",
    "release",
    "set_column_map",
]
