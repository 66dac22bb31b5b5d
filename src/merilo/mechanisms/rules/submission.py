"""When a municipality may change, check and submit its materials; how a region's run moves on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from merilo import law
from merilo.law import Reason, Refusal, Source
from merilo.law.refusal import _

from .states import (
    CYCLE_NAMES,
    CYCLE_TRANSITIONS,
    SUBMISSION_NAMES,
    CycleState,
    EditionState,
    SubmissionState,
)
from .tree import Edition, reasons_against_using

CYCLE_NOT_OPEN = Reason(
    "mechanisms.cycle-not-open",
    _("Материалы не принимаются: цикл «%(cycle)s» — %(state)s. Смотреть их можно."),
)
DAY_PASSED = Reason(
    "mechanisms.day-passed",
    _("Последний день для материалов был %(until)s. Если срок нужно продлить, его меняет оператор "
      "региона."),
)  # fmt: skip
ALREADY_SUBMITTED = Reason(
    "mechanisms.already-submitted",
    _("Материалы сейчас не меняются: %(state)s. Пока приём открыт, их можно вернуть в черновик."),
)
NOT_CHECKED = Reason(
    "mechanisms.not-checked",
    _("Сначала пройдите самопроверку: после неё форма не менялась или проверки ещё не было."),
)
NOT_SUBMITTED = Reason(
    "mechanisms.not-submitted",
    _("Вернуть в черновик можно только представленные материалы, а сейчас: %(state)s."),
)
STALE = Reason(
    "mechanisms.stale-answer",
    _("Пока вы писали, позицию %(code)s изменил другой сотрудник. Ваше не сохранено: сверьте и "
      "сохраните ещё раз."),
)  # fmt: skip
NO_LAST_YEAR = Reason(
    "mechanisms.no-last-year",
    _("Форма прошлого цикла не найдена: переносить нечего."),
)
NO_COUNTERPARTS = Reason(
    "mechanisms.no-counterparts",
    _("Критерии прошлого цикла другие, а соответствие лет не загружено: переносить некуда. "
      "Соответствие загружает организатор цикла."),
)  # fmt: skip
FORM_NOT_EMPTY = Reason(
    "mechanisms.form-not-empty",
    _("В форме уже есть ответы. Перенос прошлого года возможен только в пустую форму."),
)
TAKES_MATERIALS = (CycleState.PREPARING, CycleState.OPEN, CycleState.CLOSED)
WRONG_MOVE = Reason(
    "mechanisms.wrong-move",
    _("Цикл — %(state)s; перейти к шагу «%(to)s» отсюда нельзя."),
)
SUBMIT_BY_PAST = Reason(
    "mechanisms.submit-by-past",
    _("Последний день приёма — %(until)s, он уже прошёл. Назначьте день не раньше сегодняшнего."),
)
INTAKE_IS_OVER = Reason(
    "mechanisms.intake-is-over",
    _("Цикл — %(state)s: приём материалов позади, его последний день больше не меняют."),
)
STILL_TIME = Reason(
    "mechanisms.still-time",
    _("Материалы принимаются по %(until)s включительно. Раньше этого дня приём не закрывают: "
      "сначала измените последний день."),
)  # fmt: skip
NOTHING_SUBMITTED = Reason(
    "mechanisms.nothing-submitted",
    _("Ни один муниципалитет материалов не представил: экспертизе нечего оценивать."),
)
NOT_ALL_SCORED = Reason(
    "mechanisms.not-all-scored",
    _("Не у всех материалов есть итог экспертизы: осталось %(count)s. Дождитесь оценок."),
)
OBJECTIONS_OPEN = Reason(
    "mechanisms.objections-open",
    _("Не все возражения рассмотрены: осталось %(count)s. Завершить цикл пока нельзя."),
)
EDITION_FROZEN = Reason(
    "mechanisms.edition-frozen",
    _("Критерии «%(title)s» закреплены: на них стоит цикл. Загрузите новую редакцию под другим "
      "кодом."),
)  # fmt: skip
EDITION_EXISTS = Reason(
    "mechanisms.edition-exists",
    _("Редакция с кодом «%(code)s» уже есть. Дайте новой другой код."),
)
TITLE_NEEDED = Reason("mechanisms.title-needed", _("Напишите название."))


# What is owed and the page it is done on.
DUTY_TITLES: dict[str, tuple[str, str]] = {
    "fill-mechanisms": (_("Заполнить форму МУМ"), "mechanisms-form"),
}


def _office(paragraph: str) -> Source:
    return law.cite("product", paragraph)


ORDER = "порядок цикла самооценки регион устанавливает сам"


@dataclass(frozen=True)
class CycleFacts:
    title: str
    state: CycleState
    submit_by: date
    submitted: int = 0  # municipalities that gave their materials
    unscored: int = 0  # submitted, and experts have not come to a result
    objected: int = 0  # objections without an answer


def reasons_against_filling(
    cycle: CycleFacts, state: SubmissionState, *, today: date
) -> Iterator[Refusal]:
    """Whether the form may be changed today; the last day is still a day of filling."""
    if cycle.state is not CycleState.OPEN:
        yield CYCLE_NOT_OPEN(_office(ORDER), cycle=cycle.title, state=CYCLE_NAMES[cycle.state])
    elif today > cycle.submit_by:
        yield DAY_PASSED(_office(ORDER), until=cycle.submit_by)
    if state not in (SubmissionState.DRAFT, SubmissionState.SELF_CHECKED):
        yield ALREADY_SUBMITTED(_office(ORDER), state=SUBMISSION_NAMES[state])


def reasons_against_submitting(
    cycle: CycleFacts, state: SubmissionState, *, today: date
) -> Iterator[Refusal]:
    yield from reasons_against_filling(cycle, state, today=today)
    if state is SubmissionState.DRAFT:
        yield NOT_CHECKED(_office(ORDER))


def reasons_against_taking_back(
    cycle: CycleFacts, state: SubmissionState, *, today: date
) -> Iterator[Refusal]:
    """A municipality may take its materials back while others still fill theirs."""
    yield from reasons_against_filling(cycle, SubmissionState.DRAFT, today=today)
    if state is not SubmissionState.SUBMITTED:
        yield NOT_SUBMITTED(_office(ORDER), state=SUBMISSION_NAMES[state])


def reasons_against_stale(code: str, *, seen: int, now_at: int) -> Iterator[Refusal]:
    """Two people at one position: the second to save is told, nothing is overwritten unseen."""
    if seen != now_at:
        yield STALE(_office("совместная работа над формой"), code=code)


def reasons_against_last_year(
    *, found: bool, counterparts: int, answers: int
) -> Iterator[Refusal]:
    if not found:
        yield NO_LAST_YEAR(_office("перенос формы прошлого года"))
    elif not counterparts:
        yield NO_COUNTERPARTS(_office("перенос формы прошлого года"))
    if answers:
        yield FORM_NOT_EMPTY(_office("перенос формы прошлого года"))


def reasons_against_cycle(
    edition: Edition, *, title: str, submit_by: date, today: date
) -> Iterator[Refusal]:
    """Whether a new run may stand on the edition."""
    yield from reasons_against_using(edition)
    yield from reasons_against_days(title=title, submit_by=submit_by, today=today)


def reasons_against_days(*, title: str, submit_by: date, today: date) -> Iterator[Refusal]:
    """What is wrong with the name or the last day of a run."""
    if not title.strip():
        yield TITLE_NEEDED(_office(ORDER))
    if submit_by < today:
        yield SUBMIT_BY_PAST(_office(ORDER), until=submit_by)


def reasons_against_other_last_day(
    state: CycleState, *, title: str, submit_by: date, today: date
) -> Iterator[Refusal]:
    """Whether the last day of a run may be another one: a closed run may be opened again."""
    if state not in TAKES_MATERIALS:
        yield INTAKE_IS_OVER(_office(ORDER), state=CYCLE_NAMES[state])
    yield from reasons_against_days(title=title, submit_by=submit_by, today=today)


def reasons_against_moving(cycle: CycleFacts, to: CycleState, *, today: date) -> Iterator[Refusal]:
    """Whether the run may go to its next step today."""
    source = _office(ORDER)
    if to not in CYCLE_TRANSITIONS[cycle.state]:
        yield WRONG_MOVE(source, state=CYCLE_NAMES[cycle.state], to=CYCLE_NAMES[to])
        return
    match to:
        case CycleState.OPEN if today > cycle.submit_by:
            yield SUBMIT_BY_PAST(source, until=cycle.submit_by)
        case CycleState.CLOSED if today <= cycle.submit_by:
            yield STILL_TIME(source, until=cycle.submit_by)
        case CycleState.EXPERTISE if not cycle.submitted:
            yield NOTHING_SUBMITTED(source)
        case CycleState.OBJECTIONS if cycle.unscored:
            yield NOT_ALL_SCORED(source, count=cycle.unscored)
        case CycleState.FINAL if cycle.objected:
            yield OBJECTIONS_OPEN(source, count=cycle.objected)
        case _:
            pass


def reasons_against_edition(
    edition: Edition, *, taken: bool, state: EditionState = EditionState.DRAFT
) -> Iterator[Refusal]:
    """Whether a region's edition may be loaded under its code, or loaded anew."""
    if not edition.title.strip():
        yield TITLE_NEEDED(_office(ORDER))
    if state is EditionState.FROZEN:
        yield EDITION_FROZEN(_office(ORDER), title=edition.title)
    elif taken:
        yield EDITION_EXISTS(_office(ORDER), code=edition.code)
