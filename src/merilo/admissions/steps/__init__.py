"""Parts of actions on an application; each requires an open transaction."""

from .cases import (
    as_reasons,
    case_label,
    day_of,
    decide,
    lock_application,
    move,
    move_referral,
    refresh_duties,
)
from .letters import letter, tell_parent

__all__ = [
    "as_reasons",
    "case_label",
    "day_of",
    "decide",
    "letter",
    "lock_application",
    "move",
    "move_referral",
    "refresh_duties",
    "tell_parent",
]
