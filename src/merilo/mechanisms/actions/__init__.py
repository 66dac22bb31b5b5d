"""What is done with criteria, cycles and materials. One function, one transaction."""

from .clock import forget_secrets
from .criteria import keep_archive, load_edition, match_editions
from .cycles import change_last_day, create_cycle, move_cycle
from .filling import Kept, carry_over, paste_links, save_answer
from .secrets import keep_secret, show_secret
from .submitting import Checked, self_check, submit, take_back

__all__ = [
    "Checked",
    "Kept",
    "carry_over",
    "change_last_day",
    "create_cycle",
    "forget_secrets",
    "keep_archive",
    "keep_secret",
    "load_edition",
    "match_editions",
    "move_cycle",
    "paste_links",
    "save_answer",
    "self_check",
    "show_secret",
    "submit",
    "take_back",
]
