"""The acts of a test day; each is one durable transaction."""

from .arrivals import check_in, close_refused, no_show, refuse_admission, report_no_show
from .attempts import add_incident, annul, assign_variant, attach_recording, interrupt
from .conduct import brief, finish_part, start_day, start_part
from .finishing import finish_day
from .preparing import (
    READY_FIELDS,
    DutyOfDay,
    Membership,
    approve_commission,
    dissolve_commission,
    look_again,
    mark_ready,
    note_present,
    open_day,
    open_upcoming_days,
    put_off,
    replace_on_day,
    staff_day,
)

__all__ = [
    "READY_FIELDS",
    "DutyOfDay",
    "Membership",
    "add_incident",
    "annul",
    "approve_commission",
    "assign_variant",
    "attach_recording",
    "brief",
    "check_in",
    "close_refused",
    "dissolve_commission",
    "finish_day",
    "finish_part",
    "interrupt",
    "look_again",
    "mark_ready",
    "no_show",
    "note_present",
    "open_day",
    "open_upcoming_days",
    "put_off",
    "refuse_admission",
    "replace_on_day",
    "report_no_show",
    "staff_day",
    "start_day",
    "start_part",
]
