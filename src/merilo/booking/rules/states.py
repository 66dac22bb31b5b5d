"""The lives of a schedule, of a day in it, and of a booking; order пр.23а-566 annex 1 p. 3.4."""

from __future__ import annotations

from enum import StrEnum

from merilo.law.refusal import _


class ScheduleState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"


SCHEDULE_TRANSITIONS: dict[ScheduleState, frozenset[ScheduleState]] = {
    ScheduleState.DRAFT: frozenset({ScheduleState.APPROVED}),
    ScheduleState.APPROVED: frozenset(),
}

SCHEDULE_NAMES: dict[ScheduleState, str] = {
    ScheduleState.DRAFT: _("проект"),
    ScheduleState.APPROVED: _("утверждено"),
}


class SessionState(StrEnum):
    PLANNED = "planned"
    POSTPONED = "postponed"  # по техническим причинам: the ministry sets an additional date
    CANCELLED = "cancelled"  # removed before anyone booked


SESSION_TRANSITIONS: dict[SessionState, frozenset[SessionState]] = {
    SessionState.PLANNED: frozenset({SessionState.POSTPONED, SessionState.CANCELLED}),
    SessionState.POSTPONED: frozenset(),
    SessionState.CANCELLED: frozenset(),
}

SESSION_NAMES: dict[SessionState, str] = {
    SessionState.PLANNED: _("по расписанию"),
    SessionState.POSTPONED: _("перенесён по техническим причинам"),
    SessionState.CANCELLED: _("снят с расписания"),
}


class BookingState(StrEnum):
    CONFIRMED = "confirmed"
    RESCHEDULED = "rescheduled"
    CHECKED_IN = "checked_in"
    NO_SHOW = "no_show"
    NOT_ADMITTED = "not_admitted"  # came and was turned away at the door
    CHANGED_BY_PARENT = "changed_by_parent"
    CANCELLED = "cancelled"


TRANSITIONS: dict[BookingState, frozenset[BookingState]] = {
    BookingState.CONFIRMED: frozenset(
        {
            BookingState.RESCHEDULED,
            BookingState.CHECKED_IN,
            BookingState.NO_SHOW,
            BookingState.NOT_ADMITTED,
            BookingState.CHANGED_BY_PARENT,
            BookingState.CANCELLED,
        }
    ),
    BookingState.RESCHEDULED: frozenset(),
    # A test broken off waits for an additional date: R1.3.4, testday.interrupted_personal.
    BookingState.CHECKED_IN: frozenset({BookingState.RESCHEDULED}),
    BookingState.NO_SHOW: frozenset(),
    BookingState.NOT_ADMITTED: frozenset(),
    BookingState.CHANGED_BY_PARENT: frozenset(),
    BookingState.CANCELLED: frozenset(),
}

# Who came and who did not come both used their seat; the others gave it back.
HOLDS_SEAT = frozenset(
    {
        BookingState.CONFIRMED,
        BookingState.CHECKED_IN,
        BookingState.NO_SHOW,
        BookingState.NOT_ADMITTED,
    }
)

STATE_NAMES: dict[BookingState, str] = {
    BookingState.CONFIRMED: _("записан"),
    BookingState.RESCHEDULED: _("перенесено на дополнительную дату"),
    BookingState.CHECKED_IN: _("явился"),
    BookingState.NO_SHOW: _("не явился"),
    BookingState.NOT_ADMITTED: _("не допущен"),
    BookingState.CHANGED_BY_PARENT: _("перенесено по просьбе родителя"),
    BookingState.CANCELLED: _("отменено"),
}


class InPerson(StrEnum):
    """Who came to book. «Nobody» is what a call or a letter amounts to."""

    REPRESENTATIVE = "representative"
    ADULT_APPLICANT = "adult_applicant"
    NOBODY = "nobody"


IN_PERSON_NAMES: dict[InPerson, str] = {
    InPerson.REPRESENTATIVE: _("родитель (законный представитель)"),
    InPerson.ADULT_APPLICANT: _("сам поступающий, 18 лет и старше"),
    InPerson.NOBODY: _("никто: позвонили или написали"),
}
