"""What is done with criteria, cycles and materials. One function, one transaction."""

from .assigning import appoint, appoint_by_plan, begin_expertise, dismiss
from .experts import change_expert, declare_tie, exclude_expert, include_expert, remove_tie
from .harmonising import give_up, propose_mark
from .mapping import Part, add_part, change_part, join, part_from, remove_part, rule_on
from .objecting import (
    decide_objection,
    file_objection,
    finalise,
    open_objections,
    withdraw_objection,
)
from .scoring import finish, save_mark

__all__ = [
    "Part",
    "add_part",
    "appoint",
    "appoint_by_plan",
    "begin_expertise",
    "change_expert",
    "change_part",
    "decide_objection",
    "declare_tie",
    "dismiss",
    "exclude_expert",
    "file_objection",
    "finalise",
    "finish",
    "give_up",
    "include_expert",
    "join",
    "open_objections",
    "part_from",
    "propose_mark",
    "remove_part",
    "remove_tie",
    "rule_on",
    "save_mark",
    "withdraw_objection",
]
