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
from .no_shows import let_rebook, note_absence
from .referrals import hand_copies_over, write_referral

__all__ = [
    "as_reasons",
    "case_label",
    "day_of",
    "decide",
    "hand_copies_over",
    "inform",
    "let_rebook",
    "lock_application",
    "move",
    "move_referral",
    "note_absence",
    "refresh_duties",
    "take_back",
    "tell_of_refusal",
    "tell_parent",
    "words",
    "write_referral",
    "write_to_parent",
]
