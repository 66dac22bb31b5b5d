"""What is forbidden, how long it takes, when it is over; letter 03-608, items 11, 15-18."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from merilo.law import Answer, Form, Part, Profile, Reason, Refusal, cite
from merilo.law.refusal import _

from .states import (
    ATTEMPT_TRANSITIONS,
    ATTEMPT_WORDS,
    STOPPED,
    AttemptState,
    OralScheme,
    SessionDayState,
    parts_of,
    reasons_against_attempt_moving,
    reasons_against_day_moving,
)

F17, R74 = "п. 17 Методических рекомендаций", "п. 7.4 Порядка (прил. 1)"


@dataclass(frozen=True)
class Prohibition:
    words: str
    paragraph: str


PROHIBITIONS: Mapping[str, Prohibition] = {
    "F17_HINT": Prohibition(_("подсказки, помощь работников или других участников"), F17),
    "F17_DEVICE": Prohibition(
        _("средства связи, фото-, аудио- и видеоаппаратура, справочные материалы, заметки"), F17
    ),
    "R74_TAKEOUT": Prohibition(_("вынос материалов тестирования из аудитории"), R74),
    "R74_PHOTO": Prohibition(_("фотографирование материалов тестирования"), R74),
    "R74_REFERENCE": Prohibition(_("справочные материалы, кроме входящих в комплект"), R74),
    "R74_MOVING": Prohibition(_("перемещение по пункту без сопровождающего"), R74),
    "R74_TALK": Prohibition(_("разговоры, пересаживание, обмен материалами и предметами"), R74),
    "R74_DISTURB": Prohibition(_("действия, мешающие другим участникам"), R74),
}

ONLY_CHAIR = Reason(
    "testday.only-chair",
    _(
        "Решение об аннулировании принимает только председатель комиссии этого дня. "
        "Сообщите ему о нарушении."
    ),
)
UNKNOWN_PROHIBITION = Reason(
    "testday.unknown-prohibition",
    _("Нарушения «%(code)s» нет среди запретов, действующих в регионе. Выберите из: %(known)s."),
)
TOO_LATE_TO_ANNUL = Reason(
    "testday.too-late-to-annul",
    _("Участие в состоянии «%(state)s»: аннулировать его уже нельзя."),
)


def may_annul(
    *, by_chair_of_the_day: bool, code: str, state: AttemptState, on: date, profile: Profile
) -> Answer:
    """Whether the attempt may be annulled. `on` is the test day, which fixes the prohibitions."""
    known = profile.value("testday.prohibitions", on=on)

    def reasons() -> Iterator[Refusal]:
        if not by_chair_of_the_day:
            yield ONLY_CHAIR(known)
        if code not in known.value:
            yield UNKNOWN_PROHIBITION(known, code=code, known=tuple(known.value))
        if AttemptState.ANNULLED not in ATTEMPT_TRANSITIONS[state]:
            yield TOO_LATE_TO_ANNUL(state=ATTEMPT_WORDS[state])

    found = PROHIBITIONS.get(code)
    return Answer(
        reasons=tuple(reasons()),
        outcome={
            "words": found.words if found else None,
            "paragraph": found.paragraph if found else None,
        },
        decided_under=(known,),
    )


def prohibitions(*, on: date, profile: Profile) -> dict[str, Prohibition]:
    """The prohibitions in force in the region on the day, by code, in the order of the acts."""
    return {
        code: PROHIBITIONS.get(code, Prohibition(code, ""))
        for code in profile.value("testday.prohibitions", on=on).value
    }


TOO_LONG = Reason(
    "testday.too-long",
    _(
        "Устная и письменная части вместе длятся %(minutes)s мин, можно не более %(most)s. "
        "Рассадка, оформление и инструктаж в это время не входят."
    ),
)
READ_TWICE = Reason(
    "testday.read-twice",
    _(
        "Текст для прослушивания читают %(times)s раза с паузой %(least)s–%(most)s секунд; "
        "это время входит в письменную часть."
    ),
    warning=True,
)
SUMMARY_TASK = Reason(
    "testday.summary-task",
    _(
        "10 класс: задание 9 — сжатое изложение прослушанного текста. Предупредите участников и "
        "раздайте черновики до чтения."
    ),
    warning=True,
)
SUMMARY_GRADE = 10  # F.15 names this grade alone; grade 11 is not known to have the same task
STILL_RUNNING = Reason(
    "testday.still-running",
    _("Не завершили: участников %(count)s. Завершите их участие или прервите его."),
)
NOT_COLLECTED = Reason(
    "testday.not-collected",
    _("Не отмечено, что собраны все материалы. Соберите и пересчитайте их."),
)
CARD_WITHOUT_NAME = Reason(
    "testday.card-without-name",
    _(
        "На карточках без фамилии: %(count)s шт. Проводящий письменную часть должен внести "
        "фамилию, имя, отчество до объявления об окончании."
    ),
)
NOT_ARRIVED_OPEN = Reason(
    "testday.not-arrived-open",
    _("Не отмечены явка или неявка: участников %(count)s. Отметьте каждого."),
)
AUDIO_LOST = Reason(
    "testday.audio-lost",
    _(
        "Нет аудиозаписи устного ответа, а проверка назначена по записи. Закрыть участие нельзя: "
        "внесите происшествие в протокол и решите о дополнительной дате."
    ),
)

NOBODY_TO_BRIEF = Reason(
    "testday.nobody-to-brief",
    _("Допущенных без инструктажа нет. Сначала зарегистрируйте участников."),
)
DAY_NOT_RUNNING = Reason(
    "testday.day-not-running",
    _("День в состоянии «%(state)s»: тестирование не идёт. Сначала нажмите «Начать»."),
)
PART_BEGUN = Reason(
    "testday.part-begun",
    _("Часть (%(part)s) уже начата или не предусмотрена: вариант не меняют."),
)
NO_SUCH_VARIANT = Reason(
    "testday.no-such-variant",
    _("Варианта «%(number)s» для %(grade)s класса нет в учёте. Проверьте номер."),
)
ORAL_NOT_BEGUN = Reason(
    "testday.oral-not-begun",
    _("Устная часть ещё не начата: записи ответа быть не может. Отметьте начало."),
)


class AfterInterruption(StrEnum):
    """What follows when an attempt was broken off."""

    ADDITIONAL_DATE = "additional_date"
    MARKED_AS_DONE = "marked_as_done"


def interruption_answer(*, technical: bool, begun: bool, on: date, profile: Profile) -> Answer:
    """What follows from breaking off: technical reasons always lead to an additional date.

    For personal ones the acts say nothing and the profile decides; of whoever has begun no part
    there is nothing to mark.
    """
    if technical:
        value = profile.value("booking.additional_date_by", on=on)
        then = AfterInterruption.ADDITIONAL_DATE
    else:
        value = profile.value("testday.interrupted_personal", on=on)
        then = AfterInterruption(value.value) if begun else AfterInterruption.ADDITIONAL_DATE
    return Answer(outcome={"then": then}, decided_under=(value,))


INTERRUPTION_NEEDS_NOTE = Reason(
    "testday.interruption-needs-note",
    _("Напишите, что произошло: это войдёт в протокол дня."),
)
ANNULMENT_NEEDS_NOTE = Reason(
    "testday.annulment-needs-note",
    _("Опишите нарушение: что, когда и кем замечено. Это войдёт в протокол дня."),
)
INCIDENT_NEEDS_TEXT = Reason(
    "testday.incident-needs-text", _("Опишите событие хотя бы в нескольких словах.")
)


def reasons_against_duration(
    *, oral_minutes: int | None, written_minutes: int | None, on: date, profile: Profile
) -> Iterator[Refusal]:
    """Why a plan is too long. Seating, paperwork and briefing are not counted; None is unknown."""
    most = profile.value("testday.max_minutes", on=on)
    minutes = (oral_minutes or 0) + (written_minutes or 0)
    if minutes > most.value:
        yield TOO_LONG(most, minutes=minutes, most=most.value)


def reminders(grade: int, *, form: Form, on: date, profile: Profile) -> tuple[Refusal, ...]:
    """What to remind the conductor of before the written part, as warnings."""
    if form == Form.ORAL:
        return ()
    times = profile.value("testday.listening_readings", on=on)
    least = profile.value("testday.listening_pause_min_s", on=on)
    most = profile.value("testday.listening_pause_max_s", on=on)
    shown = [READ_TWICE(times, times=times.value, least=least.value, most=most.value)]
    if grade == SUMMARY_GRADE:
        shown.append(SUMMARY_TASK(cite("letter-03-608", "п. 15")))
    return tuple(shown)


def reasons_against_finishing(
    state: SessionDayState,
    attempts: Iterable[tuple[AttemptState, Form, Collection[Part]]],
    *,
    unmarked_arrivals: int = 0,
    materials_collected: bool,
    cards_without_name: int = 0,
) -> Iterator[Refusal]:
    """Why the end of the day may not be announced: (state, form, parts taken) of every attempt."""
    yield from reasons_against_day_moving(state, SessionDayState.FINISHED)
    ended = STOPPED | {AttemptState.MARKED, AttemptState.CONSOLIDATED}
    running = sum(
        now not in ended and not set(parts_of(form)) <= set(taken) for now, form, taken in attempts
    )
    if running:
        yield STILL_RUNNING(count=running)
    if unmarked_arrivals:
        yield NOT_ARRIVED_OPEN(count=unmarked_arrivals)
    if not materials_collected:
        yield NOT_COLLECTED(cite("letter-03-608", "п. 15"))
    if cards_without_name:
        yield CARD_WITHOUT_NAME(cite("letter-03-608", "п. 15"), count=cards_without_name)


def reasons_against_closing(
    state: AttemptState,
    *,
    form: Form,
    taken: Collection[Part],
    scheme: OralScheme,
    audio_kept: bool,
) -> Iterator[Refusal]:
    """Why an attempt may not be called marked: parts not taken, or no record to mark from."""
    yield from reasons_against_attempt_moving(state, AttemptState.MARKED, form=form, taken=taken)
    if scheme == OralScheme.AUDIO and not audio_kept:
        yield AUDIO_LOST(cite("letter-03-608", "п. 16"))
