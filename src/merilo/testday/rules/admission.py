"""Who is let in, who did not come; letter 03-608, item 9, and the order, item 7."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from merilo.law import Answer, Profile, Reason, Refusal, add_years
from merilo.law.refusal import _

from .readiness import NOT_THE_DAY
from .states import DAY_WORDS, SessionDayState

DAY_NOT_OPEN = Reason(
    "testday.day-not-open",
    _("День тестирования в состоянии «%(state)s»: регистрация участников закрыта."),
)
EXPERT_SEES_CODES = Reason(
    "testday.expert-sees-codes",
    _(
        "Эта страница — для тех, кто проводит день. Эксперт проверяет работы по кодам и не видит "
        "имён: откройте раздел «Проверка работ»."
    ),
)
BOOKING_NOT_LIVE = Reason(
    "testday.booking-not-live",
    _(
        "Действующей записи на этот день нет. Проверьте номер направления; если запись отменена, "
        "участника на этот день допустить нельзя."
    ),
)
ALREADY_ADMITTED = Reason(
    "testday.already-admitted", _("Участник уже зарегистрирован. Второй раз отмечать не нужно.")
)
PARTICIPANT_NOT_IDENTIFIED = Reason(
    "testday.participant-not-identified",
    _(
        "Не предъявлен документ, удостоверяющий личность участника. Без него допустить нельзя: "
        "попросите свидетельство о рождении, паспорт или вид на жительство."
    ),
)
PARENT_ABSENT = Reason(
    "testday.parent-absent",
    _(
        "Участнику нет %(age)s лет, и родитель (законный представитель) не пришёл. "
        "Дождитесь его: без него участника не допускают."
    ),
)
PARENT_NOT_IDENTIFIED = Reason(
    "testday.parent-not-identified",
    _(
        "Родитель (законный представитель) не предъявил свой документ. Без него допустить "
        "нельзя; отказ будет записан с причиной, последствия неявки при этом не наступают."
    ),
)
IDENTITY_DIFFERS = Reason(
    "testday.identity-differs",
    _(
        "Документ не совпадает с заявлением. Сверьте фамилию, имя, дату рождения и номер; если "
        "в заявлении опечатка, её исправляет школа."
    ),
)
NOT_MISSING_YET = Reason(
    "testday.not-missing-yet",
    _("День тестирования — %(test_on)s. Неявку отмечают в этот день или позже."),
)
CAME = Reason("testday.came", _("Участник зарегистрирован в этот день, неявку отметить нельзя."))

ADMITTED_LATER = Reason(
    "testday.admitted-later",
    _("Участник зарегистрирован в этот день: закрыть запись отказом нельзя."),
)
NOT_TURNED_AWAY = Reason(
    "testday.not-turned-away",
    _(
        "Отказ в допуске не записан. Если участник пришёл и его не допустили, сначала запишите "
        "отказ с причиной; если не пришёл — отметьте неявку."
    ),
)
TURNED_AWAY_CAME = Reason(
    "testday.turned-away-came",
    _(
        "Участник приходил, и отказ в допуске записан: это не неявка. Закройте запись с причиной "
        "отказа."
    ),
)
REFUSAL_NEEDS_REASON = Reason(
    "testday.refusal-needs-reason",
    _("Выберите, почему участник не допущен: причину увидят школа, МОУО и родитель."),
)
REFUSAL_NEEDS_NOTE = Reason(
    "testday.refusal-needs-note",
    _("Напишите, почему участник не допущен: это войдёт в протокол дня."),
)


class TurnedAway(StrEnum):
    """Why somebody who came was not admitted; the code is kept, the words are shown."""

    NO_CHILD_DOCUMENT = "no-child-document"
    NO_PARENT_DOCUMENT = "no-parent-document"
    PARENT_ABSENT = "parent-absent"
    IDENTITY_DIFFERS = "identity-differs"
    OTHER = "other"


TURNED_AWAY_WORDS: Mapping[TurnedAway, str] = {
    TurnedAway.NO_CHILD_DOCUMENT: _("нет документа участника"),
    TurnedAway.NO_PARENT_DOCUMENT: _("нет документа родителя (законного представителя)"),
    TurnedAway.PARENT_ABSENT: _("родитель (законный представитель) не пришёл"),
    TurnedAway.IDENTITY_DIFFERS: _("документ не совпадает с заявлением"),
    TurnedAway.OTHER: _("другая причина"),
}
_WHY: Mapping[Reason, TurnedAway] = {
    PARTICIPANT_NOT_IDENTIFIED: TurnedAway.NO_CHILD_DOCUMENT,
    PARENT_NOT_IDENTIFIED: TurnedAway.NO_PARENT_DOCUMENT,
    PARENT_ABSENT: TurnedAway.PARENT_ABSENT,
    IDENTITY_DIFFERS: TurnedAway.IDENTITY_DIFFERS,
}


def turned_away_for(reasons: Iterable[Refusal]) -> TurnedAway:
    """The reason the check at the door amounts to: the first that is one of them."""
    return next(
        (_WHY[refusal.reason] for refusal in reasons if refusal.reason in _WHY), TurnedAway.OTHER
    )


NO_RCOI = Reason("testday.no-rcoi", _("В реестре нет РЦОИ региона. Обратитесь к администратору."))


@dataclass(frozen=True)
class CheckIn:
    """What is known at the door. `documents_agree`: what was shown agrees with the application."""

    test_on: date
    born_on: date
    booking_is_live: bool
    participant_document: str = ""
    parent_document: str = ""
    parent_present: bool = True
    documents_agree: bool = True
    already_admitted: bool = False
    day_state: SessionDayState = SessionDayState.STAFFED


def acts_alone(born_on: date, *, on: date, profile: Profile) -> bool:
    """Whether the applicant acts for himself on that day: he has come of age."""
    age = profile.value("admissions.adult_age", on=on)
    return add_years(born_on, age.value) <= on


def reasons_against_admission(
    person: CheckIn, *, today: date, profile: Profile
) -> Iterator[Refusal]:
    """Every reason why the person at the door may not be admitted to the test."""
    age = profile.value("admissions.adult_age", on=person.test_on)
    if today != person.test_on:
        yield NOT_THE_DAY(test_on=person.test_on, today=today)
    if person.day_state not in (SessionDayState.STAFFED, SessionDayState.RUNNING):
        yield DAY_NOT_OPEN(state=DAY_WORDS[person.day_state])
    if not person.booking_is_live and not person.already_admitted:
        yield BOOKING_NOT_LIVE()
    if person.already_admitted:
        yield ALREADY_ADMITTED()
    if not person.participant_document:
        yield PARTICIPANT_NOT_IDENTIFIED()
    if not acts_alone(person.born_on, on=person.test_on, profile=profile):
        if not person.parent_present:
            yield PARENT_ABSENT(age, age=age.value)
        elif not person.parent_document:
            yield PARENT_NOT_IDENTIFIED()
    if not person.documents_agree:
        yield IDENTITY_DIFFERS()


def reasons_against_no_show(
    *,
    test_on: date,
    today: date,
    booking_is_live: bool,
    admitted: bool,
    turned_away: bool = False,
) -> Iterator[Refusal]:
    """Why a no-show may not be recorded. Who was turned away did come."""
    if today < test_on:
        yield NOT_MISSING_YET(test_on=test_on)
    if admitted:
        yield CAME()
    elif not booking_is_live:
        yield BOOKING_NOT_LIVE()
    elif turned_away:
        yield TURNED_AWAY_CAME()


def reasons_against_closing_refused(
    *, booking_is_live: bool, admitted: bool, turned_away: bool
) -> Iterator[Refusal]:
    """Why a booking may not be closed as «not admitted»."""
    if admitted:
        yield ADMITTED_LATER()
    elif not booking_is_live:
        yield BOOKING_NOT_LIVE()
    elif not turned_away:
        yield NOT_TURNED_AWAY()


class AttemptEnd(StrEnum):
    """How a day ended for a person, in the words of the law on retests."""

    PASSED = "passed"
    FAILED = "failed"
    ANNULLED = "annulled"
    NO_SHOW = "no_show"
    NOT_ADMITTED = "not_admitted"
    INTERRUPTED_TECH = "interrupted_tech"
    INTERRUPTED_PERSONAL = "interrupted_personal"


def is_unsuccessful(end: AttemptEnd) -> bool:
    """Whether the end starts the wait for a retest: failed or annulled; nothing else does."""
    return end in (AttemptEnd.FAILED, AttemptEnd.ANNULLED)


def no_show_answer(*, test_on: date, profile: Profile) -> Answer:
    """What follows from a no-show or a refusal at the door: by when it is told, what comes after."""
    report = profile.value("testday.no_show_report", on=test_on)
    policy = profile.value("booking.no_show_policy", on=test_on)
    return Answer(
        dates={"report_until": profile.days.after(test_on, report.value)},
        outcome={"policy": policy.value, "unsuccessful": is_unsuccessful(AttemptEnd.NO_SHOW)},
        decided_under=(report, policy),
    )
