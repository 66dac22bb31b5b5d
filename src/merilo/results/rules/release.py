"""When a result may be drawn and sent; letter 03-608, item 16."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from merilo.law import (
    Form,
    Part,
    Profile,
    Reason,
    Refusal,
    cite,
)
from merilo.law.refusal import _
from merilo.testday.rules import PART_WORDS, parts_of

from .score import ScoreStatus
from .states import ResultState, reasons_against_moving

NOT_SCORED = Reason(
    "results.not-scored",
    _("Результат не подсчитан: баллы выставлены не все или с ошибкой. Проверьте протоколы."),
)
PART_NOT_SIGNED = Reason(
    "results.part-not-signed",
    _("Протокол не подписан экспертом (%(part)s часть). Сводить результат рано."),
)
ATTEMPT_NOT_MARKED = Reason(
    "results.attempt-not-marked",
    _("Участие ещё не отмечено как проверенное. Завершите проверку всех частей."),
)
NO_CODE = Reason(
    "results.no-code", _("Участнику не присвоен уникальный код. Присвойте его до сведения.")
)
NOT_COMMISSION = Reason(
    "results.not-commission",
    _("Сводит результаты комиссия этого дня: попросите её председателя или члена."),
)
SAME_PERSON_CHECKS = Reason(
    "results.same-person-checks",
    _("Результат сверяет и отправляет не тот, кто его сводил. Попросите второго сотрудника."),
)
IDENTITY_NOT_CONFIRMED = Reason(
    "results.identity-not-confirmed",
    _(
        "Не подтверждено, чей это результат. Сверьте фамилию, имя, дату рождения, документ и код "
        "с работой участника и отметьте сверку."
    ),
)
SAME_SURNAME = Reason(
    "results.same-surname",
    _(
        "В этот день тестировались однофамильцы: %(count)s чел. Сверьте дату рождения и код "
        "каждого, прежде чем отправлять."
    ),
    warning=True,
)


@dataclass(frozen=True)
class Consolidation:
    """What is known when the commission draws the result. `marked`: the attempt is so marked."""

    state: ResultState
    form: Form
    score_status: ScoreStatus
    signed: frozenset[Part]
    marked: bool
    code: str
    by_commission: bool


@dataclass(frozen=True)
class Release:
    """What is known when the result leaves the testing organisation."""

    state: ResultState
    test_on: date
    consolidated_by: str
    checked_by: str
    identity_confirmed: bool
    code: str
    same_surname_that_day: int = 0


def reasons_against_consolidation(facts: Consolidation) -> Iterator[Refusal]:
    """Why the commission may not draw the result yet. An annulled attempt needs no protocols."""
    source = cite("letter-03-608", "п. 16")
    yield from reasons_against_moving(facts.state, ResultState.CONSOLIDATED)
    if facts.score_status != ScoreStatus.ANNULLED:
        if facts.score_status != ScoreStatus.SCORED:
            yield NOT_SCORED(source)
        for part in parts_of(facts.form):
            if part not in facts.signed:
                yield PART_NOT_SIGNED(source, part=PART_WORDS[part])
        if not facts.marked:
            yield ATTEMPT_NOT_MARKED(source)
    if not facts.code:
        yield NO_CODE()
    if not facts.by_commission:
        yield NOT_COMMISSION(source)


def reasons_against_release(facts: Release, *, profile: Profile) -> Iterator[Refusal]:
    """Why the result may not be sent. A second pair of eyes looks at whose it is."""
    four_eyes = profile.value("results.four_eyes", on=facts.test_on)
    yield from reasons_against_moving(facts.state, ResultState.RELEASED)
    if four_eyes.value:
        if facts.checked_by == facts.consolidated_by:
            yield SAME_PERSON_CHECKS(four_eyes)
        if not facts.identity_confirmed:
            yield IDENTITY_NOT_CONFIRMED(four_eyes)
    if not facts.code:
        yield NO_CODE()
    if facts.same_surname_that_day:
        yield SAME_SURNAME(count=facts.same_surname_that_day)
