"""How long the materials of a test are kept, and when they may be destroyed (C-01).

Letter 03-608, item 7; order 23a-566, annex 1, item 4.4.8.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from merilo.law import Answer, Profile, Reason, Refusal, add_years
from merilo.law.refusal import _


class StorageState(StrEnum):
    ACTIVE = "active"
    RETAINED = "retained"
    HOLD = "hold"
    DUE = "due_for_destruction"
    DESTROYED = "destroyed"


TRANSITIONS: Mapping[StorageState, frozenset[StorageState]] = {
    StorageState.ACTIVE: frozenset({StorageState.RETAINED}),
    StorageState.RETAINED: frozenset({StorageState.HOLD, StorageState.DUE}),
    StorageState.HOLD: frozenset({StorageState.RETAINED, StorageState.DUE}),
    StorageState.DUE: frozenset({StorageState.HOLD, StorageState.DESTROYED}),
    StorageState.DESTROYED: frozenset(),
}


class Hold(StrEnum):
    """Why materials are kept although their term may be over."""

    APPEAL = "appeal"
    COMPLAINT = "complaint"
    COURT = "court"


HOLD_WORDS: Mapping[Hold, str] = {
    Hold.APPEAL: _("апелляция"),
    Hold.COMPLAINT: _("жалоба"),
    Hold.COURT: _("суд"),
}

START_UNKNOWN = Reason(
    "records.start-unknown",
    _("Срок хранения идёт со дня окончательного результата, а его ещё нет. Хранить."),
)
STILL_KEPT = Reason(
    "records.still-kept",
    _("Хранить по %(keep_until)s включительно (%(years)s г.). Раньше уничтожать нельзя."),
)
ON_HOLD = Reason(
    "records.on-hold",
    _("Идёт спор (%(why)s): материалы хранятся до его окончания, даже если срок вышел."),
)
ALREADY_DESTROYED = Reason("records.already-destroyed", _("Эти материалы уже уничтожены %(on)s."))
NO_ACT = Reason("records.no-act", _("Нет акта об уничтожении. Составьте его и укажите номер."))
NOT_REQUIRED = Reason(
    "records.not-required",
    _("Уничтожать эти материалы акты не требуют: хранить можно и дольше. Решение за вами."),
    warning=True,
)


def retention(
    *,
    test_on: date,
    result_on: date | None = None,
    hold: Hold | None = None,
    today: date,
    profile: Profile,
) -> Answer:
    """Until when the materials are kept (`keep_until`, that day included). Allowed: may go now.

    The law of the test day governs. `result_on`: when the result became final.
    Outcome: `state` and `destroy`, whether the acts want them destroyed after the term.
    """
    years = profile.value("records.retention_years", on=test_on)
    start = profile.value("records.retention_start", on=test_on)
    holding = profile.value("records.hold_on_appeal", on=test_on)
    destroy = profile.value("records.destroy_after", on=test_on)
    begins = test_on if start.value == "test_date" else result_on
    keep_until = add_years(begins, years.value) if begins else None
    held = hold is not None and holding.value
    over = keep_until is not None and today > keep_until

    def reasons() -> Iterator[Refusal]:
        if keep_until is None:
            yield START_UNKNOWN(start)
        elif not over:
            yield STILL_KEPT(years, keep_until=keep_until, years=years.value)
        if held and hold is not None:
            yield ON_HOLD(holding, why=HOLD_WORDS[hold])

    if held:
        state = StorageState.HOLD
    else:
        state = StorageState.DUE if over else StorageState.RETAINED
    return Answer(
        reasons=tuple(reasons()),
        dates={"keep_until": keep_until, "starts": begins},
        outcome={"state": state, "destroy": destroy.value},
        decided_under=(years, start, holding, destroy),
    )


@dataclass(frozen=True)
class Stored:
    """Materials of one test in storage. `act`: the number of the act of destruction."""

    test_on: date
    result_on: date | None = None
    hold: Hold | None = None
    act: str = ""
    destroyed_on: date | None = None


def reasons_against_destruction(
    stored: Stored, *, today: date, profile: Profile
) -> Iterator[Refusal]:
    """Every reason why these materials may not be destroyed; a warning where nobody asks it."""
    if stored.destroyed_on:
        yield ALREADY_DESTROYED(on=stored.destroyed_on)
    answer = retention(
        test_on=stored.test_on,
        result_on=stored.result_on,
        hold=stored.hold,
        today=today,
        profile=profile,
    )
    yield from answer.reasons
    if not stored.act.strip():
        yield NO_ACT()
    if not answer.outcome["destroy"]:
        yield NOT_REQUIRED(answer.decided_under[-1])
