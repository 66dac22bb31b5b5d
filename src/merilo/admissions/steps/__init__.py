"""Parts of actions on an application; each requires an open transaction."""

from .cases import (
    as_reasons,
    case_label,
    day_of,
    decide,
    inform,
    lock_application,
    move,
    move_referral,
    refresh_duties,
    take_back,
)
from .letters import tell_of_refusal, tell_parent, words, write_to_parent

__all__ = [
    "as_reasons",
    "case_label",
    "day_of",
    "decide",
    "inform",
    "lock_application",
    "move",
    "move_referral",
    "refresh_duties",
    "take_back",
    "tell_of_refusal",
    "tell_parent",
    "words",
    "write_to_parent",
]
