"""The states of a result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

from merilo.law import (
    Reason,
    Refusal,
)
from merilo.law.refusal import _


class ResultState(StrEnum):
    CALCULATED = "calculated"
    CONSOLIDATED = "consolidated"
    RELEASED = "released"
    INFORMED = "informed"
    UNDER_APPEAL = "under_appeal"
    AMENDED_UP = "amended_up"
    AMENDED_DOWN = "amended_down"
    CONFIRMED = "confirmed"
    FINAL = "final"


# Back to CALCULATED only before release: an identity mix-up or a technical error was found.
TRANSITIONS: Mapping[ResultState, frozenset[ResultState]] = {
    ResultState.CALCULATED: frozenset({ResultState.CONSOLIDATED}),
    ResultState.CONSOLIDATED: frozenset({ResultState.RELEASED, ResultState.CALCULATED}),
    ResultState.RELEASED: frozenset({ResultState.INFORMED}),
    ResultState.INFORMED: frozenset({ResultState.UNDER_APPEAL, ResultState.FINAL}),
    ResultState.UNDER_APPEAL: frozenset(
        {ResultState.AMENDED_UP, ResultState.AMENDED_DOWN, ResultState.CONFIRMED}
    ),
    ResultState.AMENDED_UP: frozenset({ResultState.FINAL}),
    ResultState.AMENDED_DOWN: frozenset({ResultState.FINAL}),
    ResultState.CONFIRMED: frozenset({ResultState.FINAL}),
    ResultState.FINAL: frozenset(),
}

WORDS: Mapping[ResultState, str] = {
    ResultState.CALCULATED: _("подсчитан"),
    ResultState.CONSOLIDATED: _("сведён комиссией"),
    ResultState.RELEASED: _("передан в школу и МОУО"),
    ResultState.INFORMED: _("сообщён родителю"),
    ResultState.UNDER_APPEAL: _("на апелляции"),
    ResultState.AMENDED_UP: _("повышен по апелляции"),
    ResultState.AMENDED_DOWN: _("понижен по апелляции"),
    ResultState.CONFIRMED: _("подтверждён апелляцией"),
    ResultState.FINAL: _("окончательный"),
}

WRONG_STATE = Reason(
    "results.wrong-state",
    _(
        "Результат сейчас «%(state)s»: сделать его «%(wanted)s» нельзя. Обновите страницу — "
        "возможно, это уже сделано."
    ),
)


def reasons_against_moving(state: ResultState, to: ResultState) -> Iterator[Refusal]:
    """Why the result may not go to that state."""
    if to not in TRANSITIONS[state]:
        yield WRONG_STATE(state=WORDS[state], wanted=WORDS[to])


DUTY_TITLES: Mapping[str, tuple[str, str]] = {
    "reconsolidate-result": (_("Свести результат заново после исправления"), "result"),
    "release-result": (_("Сверить и передать результат"), "result"),
    "inform-parent": (_("Сообщить родителю результат"), "result"),
    "forward-to-rcoi": (_("Передать сведения в РЦОИ"), "result"),
}
