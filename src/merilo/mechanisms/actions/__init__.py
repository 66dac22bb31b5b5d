"""The acts of the yearly run; each is one durable transaction."""

from .assigning import appoint, appoint_by_plan, begin_expertise, dismiss, propose
from .evidence import ask_to_visit, keep_exhibits, visit_address
from .experts import change_expert, declare_tie, exclude_expert, include_expert, remove_tie
from .harmonising import give_up, propose_mark
from .mapping import add_part, change_part, join, part_from, remove_part, rule_on
from .objecting import (
    decide_objection,
    file_objection,
    finalise,
    open_objections,
    withdraw_objection,
)
from .scoring import finish, keep_mark, save_mark

__all__ = [
    "add_part",
    "appoint",
    "appoint_by_plan",
    "ask_to_visit",
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
    "keep_exhibits",
    "keep_mark",
    "open_objections",
    "part_from",
    "propose",
    "propose_mark",
    "remove_part",
    "remove_tie",
    "rule_on",
    "save_mark",
    "visit_address",
    "withdraw_objection",
]
