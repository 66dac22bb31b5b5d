"""Duties and letters: what is owed until when, and the life of a letter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from merilo.law import CalendarNotPublished, NotInForce, Value
from merilo.law.refusal import _


class Channel(StrEnum):
    EMAIL = "email"
    POST = "post"  # заказное письмо: printed by the school
    PORTAL = "portal"  # личный кабинет ЕПГУ/РПГУ: through the outbox of exchange
    HAND = "hand"


class NoticeState(StrEnum):
    DRAFT = "draft"
    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    DISCARDED = "discarded"


NOTICE_TRANSITIONS: dict[NoticeState, frozenset[NoticeState]] = {
    NoticeState.DRAFT: frozenset({NoticeState.QUEUED, NoticeState.DISCARDED}),
    NoticeState.QUEUED: frozenset({NoticeState.CLAIMED, NoticeState.DELIVERED}),
    NoticeState.CLAIMED: frozenset({NoticeState.SENT, NoticeState.FAILED}),
    # A slow worker that was thought dead may still say that its letter went.
    NoticeState.FAILED: frozenset({NoticeState.QUEUED, NoticeState.SENT, NoticeState.DELIVERED}),
    NoticeState.SENT: frozenset({NoticeState.DELIVERED, NoticeState.FAILED}),
    NoticeState.DELIVERED: frozenset(),
    NoticeState.DISCARDED: frozenset(),
}


@dataclass(frozen=True)
class DutyFacts:
    """A duty before it is written: see `models.Duty` for the meaning of each field."""

    kind: str
    organisation_id: int
    role: str
    label: str
    since: datetime
    detail: str = ""
    due_on: date | None = None
    due_at: datetime | None = None
    due_unknown: str = ""
    source: Value | None = None
    position_id: int | None = None


@dataclass(frozen=True)
class Term:
    """A deadline as it can be known today: a day, or the reason why there is none."""

    due_on: date | None
    unknown: str = ""
    value: Value | None = None


def term(compute: Callable[[], tuple[date, Value]]) -> Term:
    """The deadline, or the sentence that says which calendar or value is missing."""
    try:
        due_on, value = compute()
    except (CalendarNotPublished, NotInForce) as missing:
        return Term(None, str(missing)[:200])
    return Term(due_on, "", value)


class Urgency(StrEnum):
    LATE = "late"
    TODAY = "today"
    SOON = "soon"
    LATER = "later"
    NO_TERM = "no_term"


def urgency(due_on: date | None, today: date, working_days_left: int | None) -> Urgency:
    """Late, today, soon (one working day left or less), later; or without a term."""
    if due_on is None:
        return Urgency.NO_TERM
    if due_on < today:
        return Urgency.LATE
    if due_on == today:
        return Urgency.TODAY
    if working_days_left is not None and working_days_left <= 1:
        return Urgency.SOON
    return Urgency.LATER


class Failure(StrEnum):
    """Why a letter did not go."""

    ADDRESS = "address"  # the server does not take letters for this address
    REFUSED = "refused"  # the server does not take this letter
    SERVER = "server"  # no server, or it asks to come later
    CUT_OFF = "cut-off"  # the worker died while it was sending
    OTHER = "other"


FAILURE_WORDS: dict[Failure, str] = {
    Failure.ADDRESS: _(
        "Почтовый сервер не принимает письма на этот адрес. Уточните адрес у родителя и отправьте "
        "письмо ещё раз или вручите его."
    ),
    Failure.REFUSED: _(
        "Почтовый сервер отказался принять это письмо. Вручите его другим путём и сообщите "
        "администратору."
    ),
    Failure.SERVER: _("Почтовый сервер не отвечает или просит повторить позже."),
    Failure.CUT_OFF: _(
        "Отправка прервалась на середине, письмо могло уйти. Спросите родителя, прежде чем "
        "отправлять ещё раз."
    ),
    Failure.OTHER: _("Письмо не удалось отправить. Сообщите администратору."),
}
FINAL = frozenset({Failure.ADDRESS, Failure.REFUSED, Failure.CUT_OFF})
PAUSES = (
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=15),
)
CLAIM_LASTS = timedelta(hours=1)
# A one-time code is of no use to anybody when it has run out.
WORTH_SENDING_FOR = {"status-code": timedelta(minutes=20)}


def next_try(
    failure: Failure, *, tries: int, template: str, created_at: datetime, now: datetime
) -> datetime | None:
    """When the letter goes again by itself after its n-th failure; None: a person must decide."""
    if failure in FINAL or tries > len(PAUSES):
        return None
    then = now + PAUSES[tries - 1]
    worth = WORTH_SENDING_FOR.get(template)
    if worth is not None and then > created_at + worth:
        return None
    return then


# A letter that has not gone in this time raises an alarm with the organisation that wrote it.
UNSENT_AFTER = timedelta(days=1)
SEND_AGAIN_AFTER = timedelta(minutes=10)

DUTY_TITLES: dict[str, tuple[str, str]] = {
    "letters-not-sent": (_("Письма не уходят: проверьте адреса и почту"), "notices-unsent"),
}
