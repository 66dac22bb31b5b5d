"""What is done with the schedule and with seats. One function, one transaction."""

from .additional import add_additional_date, postpone_session
from .clock import expire_due, free_ended_seats, refresh_schedule_terms, refresh_session_terms
from .elsewhere import Referred, refer_elsewhere
from .importing import ImportReport, import_sessions
from .schedules import (
    add_session,
    approve_schedule,
    create_schedule,
    edit_session,
    look_at_day,
    note_minpros_informed,
    note_published,
    remove_session,
)
from .seats import Booked, book, cancel_booking, change_booking

__all__ = [
    "Booked",
    "ImportReport",
    "Referred",
    "add_additional_date",
    "add_session",
    "approve_schedule",
    "book",
    "cancel_booking",
    "change_booking",
    "create_schedule",
    "edit_session",
    "expire_due",
    "free_ended_seats",
    "import_sessions",
    "look_at_day",
    "note_minpros_informed",
    "note_published",
    "postpone_session",
    "refer_elsewhere",
    "refresh_schedule_terms",
    "refresh_session_terms",
    "remove_session",
]
