"""What is done with the registry. One function, one transaction; nothing is ever deleted."""

from .founding import appoint_administrator
from .importing import check_import, confirm_import
from .organisations import (
    Details,
    add_organisation,
    assign_testing_area,
    change_organisation,
    close_organisation,
    end_function,
    end_testing_area,
    give_function,
)
from .people import (
    NewAccount,
    create_account,
    deactivate_account,
    end_position,
    give_position,
    reactivate_account,
    reset_password,
)
from .places import add_place, add_room, close_place, close_room
from .tokens import make_token, note_token_used, revoke_token

__all__ = [
    "Details",
    "NewAccount",
    "add_organisation",
    "add_place",
    "add_room",
    "appoint_administrator",
    "assign_testing_area",
    "change_organisation",
    "check_import",
    "close_organisation",
    "close_place",
    "close_room",
    "confirm_import",
    "create_account",
    "deactivate_account",
    "end_function",
    "end_position",
    "end_testing_area",
    "give_function",
    "give_position",
    "make_token",
    "note_token_used",
    "reactivate_account",
    "reset_password",
    "revoke_token",
]
