"""After a no-show: who confirms its reason, whether the child may be booked again.

The acts name no consequence (order пр.23а-566 annex 1 pp. 4.3.1, 4.4.7, 7.1): a no-show is not an
unsuccessful test, and what follows is a switch of the profile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from merilo.law import Profile, Reason, Refusal, Value

from .moves import reasons_against_step
from .reasons import (
    CONFIRMED_BEFORE,
    CONFIRMED_IN_FUTURE,
    NO_SHOW_AGAIN,
    NO_SHOW_ENDS_CASE,
    NO_SHOW_MAY_REBOOK,
    NO_SHOW_UNJUSTIFIED,
    NO_SHOW_WAITS,
    NOTHING_TO_CONFIRM,
    REASON_CONFIRMED,
    REASON_NEEDS_WORDS,
)
from .states import UNTESTED_STATES, AfterNoShow, ApplicationState, NoShowReason, S


@dataclass(frozen=True)
class NoShowFacts:
    """The last day without a test on an application. `times` counts it and those before it."""

    missed_on: date
    times: int = 1
    reason: NoShowReason | None = None  # None: the МОУО has not said yet
    turned_away: bool = False  # the child came and was not admitted
    mouo: bool = True  # a МОУО stands above the school; without one nobody can confirm


A = AfterNoShow
WHY_IT_ENDS: dict[AfterNoShow, Reason] = {
    A.ENDS_BY_POLICY: NO_SHOW_ENDS_CASE,
    A.ENDS_MISSED_AGAIN: NO_SHOW_AGAIN,
    A.ENDS_UNJUSTIFIED: NO_SHOW_UNJUSTIFIED,
}


def after_no_show(missed: NoShowFacts, profile: Profile) -> tuple[AfterNoShow, Value]:
    """What follows by the law of the missed day, and the value that says so."""
    policy = profile.value("booking.no_show_policy", on=missed.missed_on)
    if policy.value == "new_application_required":
        return A.ENDS_BY_POLICY, policy
    if policy.value == "rebook_within_same_referral":
        return A.REBOOK, policy
    if missed.times > 1:
        return A.ENDS_MISSED_AGAIN, policy
    if missed.turned_away:
        return A.REBOOK, policy  # why is known: nobody has to confirm it
    if missed.reason is None:
        return (A.WAIT if missed.mouo else A.REBOOK), policy
    if missed.reason == NoShowReason.RESPECTFUL:
        return A.REBOOK, policy
    unjustified = profile.value("booking.no_show_unjustified", on=missed.missed_on)
    return (A.REBOOK if unjustified.value == "rebook" else A.ENDS_UNJUSTIFIED), unjustified


def reasons_against_confirming(
    missed: NoShowFacts | None,
    *,
    confirmed_on: date,
    comment: str,
    today: date,
    profile: Profile,
) -> Iterator[Refusal]:
    """Why the МОУО may not confirm the reason of a no-show now."""
    if missed is None:
        yield NOTHING_TO_CONFIRM()
        return
    follows, value = after_no_show(missed, profile)
    if missed.reason is not None:
        yield REASON_CONFIRMED()
    elif follows != A.WAIT:
        yield NOTHING_TO_CONFIRM(value)
    if not comment.strip():
        yield REASON_NEEDS_WORDS()
    if confirmed_on < missed.missed_on:
        yield CONFIRMED_BEFORE(missed_on=missed.missed_on)
    if confirmed_on > today:
        yield CONFIRMED_IN_FUTURE()


def reasons_against_closing(
    state: ApplicationState, missed: NoShowFacts | None, profile: Profile
) -> Iterator[Refusal]:
    """Why the school may not end the case after a no-show."""
    if state not in UNTESTED_STATES:
        yield from reasons_against_step(state, S.NO_SHOW)
    if missed is None:
        yield NO_SHOW_MAY_REBOOK()
        return
    follows, value = after_no_show(missed, profile)
    if follows == A.WAIT:
        yield NO_SHOW_WAITS(value)
    elif follows == A.REBOOK:
        yield NO_SHOW_MAY_REBOOK(value)
