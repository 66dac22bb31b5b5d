"""What is done with criteria, cycles, materials and marks. One function, one transaction."""

from .assigning import appoint, appoint_by_plan, begin_expertise, dismiss
from .clock import forget_secrets
from .clusters import arrange_clusters, copy_clusters
from .criteria import keep_archive, load_edition, match_editions
from .cycles import change_last_day, create_cycle, move_cycle
from .evidence import ask_to_visit, keep_exhibits, visit_address
from .experts import change_expert, declare_tie, exclude_expert, include_expert, remove_tie
from .filling import Kept, carry_over, paste_links, save_answer
from .harmonising import give_up, propose_mark
from .mapping import Part, add_part, change_part, join, part_from, remove_part, rule_on
from .objecting import (
    close_objections,
    decide_objection,
    file_objection,
    finalise,
    open_objections,
    withdraw_objection,
)
from .scoring import finish, save_mark
from .secrets import keep_secret, show_secret
from .submitting import Checked, self_check, submit, take_back

__all__ = [
    "Checked",
    "Kept",
    "Part",
    "add_part",
    "appoint",
    "appoint_by_plan",
    "arrange_clusters",
    "ask_to_visit",
    "begin_expertise",
    "carry_over",
    "change_expert",
    "change_last_day",
    "change_part",
    "close_objections",
    "copy_clusters",
    "create_cycle",
    "decide_objection",
    "declare_tie",
    "dismiss",
    "exclude_expert",
    "file_objection",
    "finalise",
    "finish",
    "forget_secrets",
    "give_up",
    "include_expert",
    "join",
    "keep_archive",
    "keep_exhibits",
    "keep_secret",
    "load_edition",
    "match_editions",
    "move_cycle",
    "open_objections",
    "part_from",
    "paste_links",
    "propose_mark",
    "remove_part",
    "remove_tie",
    "rule_on",
    "save_answer",
    "save_mark",
    "self_check",
    "show_secret",
    "submit",
    "take_back",
    "visit_address",
    "withdraw_objection",
]
