"""From step to step: what may follow, who is admitted, refused, taken back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from merilo.law import Refusal

from .reasons import (
    BOOKED_FIRST_CANCEL,
    NEXT_ONLY_AFTER_END,
    NO_OUTCOME,
    NO_REASON_CHOSEN,
    TRAINING_NOT_DUE,
    WRONG_STEP,
)
from .states import (
    END_STATES,
    ENROLLING_STATES,
    TRAINING_STATES,
    TRANSITIONS,
    ApplicationState,
    S,
    UnreliableReason,
)
from .words import STATE_NAMES


def reasons_against_move(state: ApplicationState, to: ApplicationState) -> Iterator[Refusal]:
    if to not in TRANSITIONS[state]:
        yield WRONG_STEP(state=STATE_NAMES[state])


def reasons_against_step(state: ApplicationState, wanted: ApplicationState) -> Iterator[Refusal]:
    """The act belongs to one step only, whatever other roads lead to where it leads."""
    if state != wanted:
        yield WRONG_STEP(state=STATE_NAMES[state])


def reasons_against_refusing(
    state: ApplicationState, to: ApplicationState, reasons: Iterable[UnreliableReason] = ()
) -> Iterator[Refusal]:
    yield from reasons_against_move(state, to)
    if to == S.REFUSED_UNRELIABLE and not tuple(reasons):
        yield NO_REASON_CHOSEN()


def reasons_against_enrolling(state: ApplicationState) -> Iterator[Refusal]:
    if state not in ENROLLING_STATES:
        yield NO_OUTCOME()


def reasons_against_withdrawing(state: ApplicationState, *, booked: bool) -> Iterator[Refusal]:
    yield from reasons_against_move(state, S.WITHDRAWN)
    if booked:
        yield BOOKED_FIRST_CANCEL()


def reasons_against_training(state: ApplicationState) -> Iterator[Refusal]:
    if state not in TRAINING_STATES:
        yield TRAINING_NOT_DUE()


def reasons_against_next(
    previous: ApplicationState, number: str, *, same_school: bool
) -> Iterator[Refusal]:
    """A new application for the child whose earlier one in the same school is not decided yet."""
    if same_school and previous not in END_STATES:
        yield NEXT_ONLY_AFTER_END(number=number)
