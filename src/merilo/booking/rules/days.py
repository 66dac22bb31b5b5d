"""What a schedule may hold, and who may change it after it is approved.

Sources: letter 03-608 p. 2; order пр.23а-566 annex 1 pp. 1.4.1.1, 3.4, 5.1; annex 3 p. 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from merilo.law import CalendarNotPublished, Profile, Reason, Refusal, Value
from merilo.law.refusal import _

from .states import ScheduleState, SessionState

ONLY_MINISTRY = Reason(
    "booking.only-ministry", _("Дополнительную дату устанавливает только министерство.")
)
NO_REASON_FOR_DATE = Reason(
    "booking.additional-date-needs-reason",
    _("Укажите техническую причину, по которой нужна дополнительная дата."),
)
NO_REASON_TO_POSTPONE = Reason(
    "booking.postponing-needs-reason",
    _("Укажите техническую причину переноса: её прочтут родители и школа."),
)
CAPACITY_BELOW_TAKEN = Reason(
    "booking.capacity-below-taken",
    _("Занято мест: %(taken)s. Сделать меньше нельзя, пока есть записи."),
)
NO_CAPACITY = Reason("booking.no-capacity", _("Укажите число мест: не меньше одного."))
NO_GRADES = Reason(
    "booking.no-grades", _("Укажите классы от 1 до 11, которые тестируют в этот день.")
)
GRADES_BOOKED = Reason(
    "booking.grades-booked",
    _("На этот день уже записаны: %(grades)s класс. Убрать класс нельзя, пока есть записи."),
)
PLACE_OF_OTHERS = Reason(
    "booking.place-of-others",
    _("Этот пункт относится к другой тестирующей организации. Выберите её пункт."),
)
DAY_IN_PAST = Reason(
    "booking.day-in-past", _("%(held_on)s уже наступило или прошло. Укажите день впереди.")
)
SESSION_TWICE = Reason(
    "booking.session-twice",
    _("В этом пункте на %(held_on)s, %(starts_at)s день уже есть. Исправьте время или пункт."),
)
DAY_IS_FIXED = Reason(
    "booking.day-is-fixed",
    _(
        "Расписание утверждено: день, время и пункт не меняют. Перенесите день по техническим "
        "причинам и установите дополнительную дату."
    ),
)
NOT_PLANNED = Reason(
    "booking.session-not-planned", _("Этот день уже %(state)s. Обновите страницу.")
)
STILL_BOOKED = Reason(
    "booking.session-still-booked",
    _("На этот день записаны: %(taken)s. Перенесите день, записи сохранятся."),
)
WINDOW_SHORT = Reason(
    "booking.appeal-window-may-expire",
    _(
        "Между тестом и официальной датой результатов %(gap)s рабочих дней. При меньше чем "
        "%(needed)s срок апелляции может истечь раньше, чем родитель узнает результат."
    ),
    warning=True,
)
RESULTS_BEFORE_TEST = Reason(
    "booking.results-before-test",
    _("Официальная дата результатов %(official_on)s раньше дня тестирования %(held_on)s."),
)
CALENDAR_UNKNOWN = Reason(
    "booking.calendar-not-published",
    _(
        "Производственный календарь на %(year)s год ещё не загружен: сроки от этого дня не "
        "посчитать. Записываться на него можно будет, когда календарь опубликуют."
    ),
    warning=True,
)
MORE_THAN_WORKPLACES = Reason(
    "booking.more-than-workplaces",
    _("Мест %(capacity)s, а рабочих мест в аудиториях пункта %(workplaces)s. Проверьте число."),
    warning=True,
)
SCHEDULE_APPROVED = Reason(
    "booking.schedule-approved",
    _("Расписание утверждено. Новый день вводят как дополнительную дату с причиной."),
)
SCHEDULE_NOT_APPROVED = Reason(
    "booking.schedule-not-approved",
    _("Расписание ещё не утверждено: добавьте в него обычный день."),
)
SCHEDULE_EMPTY = Reason(
    "booking.schedule-empty", _("В расписании нет ни одного дня, утверждать нечего.")
)
ORDER_NEEDED = Reason(
    "booking.order-needed", _("Укажите приказ, которым утверждено расписание: дату и номер.")
)
DAY_OFF = Reason(
    "booking.day-off",
    _("%(held_on)s — выходной или праздничный день. Проверьте, что это намеренно."),
    warning=True,
)
NOT_ALL_FIT = Reason(
    "booking.not-all-fit",
    _(
        "Мест %(capacity)s, а перенести нужно %(waiting)s. Увеличьте число мест или установите "
        "ещё одну дополнительную дату."
    ),
    warning=True,
)
NOTHING_TO_REPLACE = Reason(
    "booking.nothing-to-replace",
    _("Тот день не переносили. Выберите перенесённый день или оставьте поле пустым."),
)
NOTICE_NOT_DUE = Reason(
    "booking.already-noted", _("Эта отметка уже сделана %(on)s. Обновите страницу.")
)
NOTED_BEFORE_APPROVAL = Reason(
    "booking.noted-before-approval",
    _("Эту дату ставят после утверждения: не раньше %(approved_on)s и не позже сегодня."),
)


ORDER_IN_FUTURE = Reason(
    "booking.order-in-future", _("Приказ датирован %(approved_on)s, этот день ещё не наступил.")
)


@dataclass(frozen=True)
class DayFacts:
    """One line of a schedule as the ministry writes it."""

    held_on: date
    grades: tuple[int, ...]
    capacity: int
    own_place: bool = True  # the place belongs to the testing organisation
    results_official_on: date | None = None
    workplaces: int | None = None  # in the rooms of the place, where they are entered
    twice: bool = False  # there is a day at that place, date and hour already


def reasons_against_day(day: DayFacts, *, today: date, profile: Profile) -> Iterator[Refusal]:
    """What is wrong or doubtful in one line of a schedule."""
    if not day.grades or not all(1 <= grade <= 11 for grade in day.grades):
        yield NO_GRADES(profile.value("admissions.max_grade", on=today))
    if day.capacity < 1:
        yield NO_CAPACITY()
    if not day.own_place:
        yield PLACE_OF_OTHERS()
    if day.workplaces is not None and day.capacity > day.workplaces:
        yield MORE_THAN_WORKPLACES(capacity=day.capacity, workplaces=day.workplaces)
    official_on = day.results_official_on
    if official_on is not None and official_on < day.held_on:
        yield RESULTS_BEFORE_TEST(held_on=day.held_on, official_on=official_on)
    if day.held_on <= today:
        yield DAY_IN_PAST(held_on=day.held_on)
        return
    try:
        yield from _doubtful_dates(day, profile)
    except CalendarNotPublished:
        yield CALENDAR_UNKNOWN(year=day.held_on.year)


def _doubtful_dates(day: DayFacts, profile: Profile) -> Iterator[Refusal]:
    if not profile.days.is_working(day.held_on):
        yield DAY_OFF(held_on=day.held_on)
    official_on = day.results_official_on
    if official_on is not None and official_on >= day.held_on:
        needed = profile.value("results.min_official_gap_wd", on=day.held_on)
        gap = profile.days.between(day.held_on, official_on)
        if gap < needed.value:
            yield WINDOW_SHORT(needed, gap=gap, needed=needed.value)


def reasons_against_adding(state: ScheduleState) -> Iterator[Refusal]:
    """An approved schedule takes no ordinary days any more."""
    if state == ScheduleState.APPROVED:
        yield SCHEDULE_APPROVED()


def reasons_against_editing(
    *,
    schedule: ScheduleState,
    state: SessionState,
    moved: bool,
    capacity: int,
    taken: int,
    grades: frozenset[int],
    booked_grades: frozenset[int],
    state_name: str,
) -> Iterator[Refusal]:
    """Why a day may not be changed like this. `moved`: the date, the hour or the place differ."""
    if state != SessionState.PLANNED:
        yield NOT_PLANNED(state=state_name)
    if moved and schedule == ScheduleState.APPROVED:
        yield DAY_IS_FIXED()
    if capacity < taken:
        yield CAPACITY_BELOW_TAKEN(taken=taken)
    if gone := booked_grades - grades:
        yield GRADES_BOOKED(grades=tuple(sorted(gone)))


def reasons_against_additional_date(
    by_ministry: bool,
    reason: str,
    *,
    on: date,
    profile: Profile,
    schedule: ScheduleState = ScheduleState.APPROVED,
    replaced: SessionState | None = None,
    capacity: int = 0,
    waiting: int = 0,
) -> Iterator[Refusal]:
    """R1.3.4: the ministry alone, for technical reasons, in a schedule that is approved.

    `replaced` is the state of the day it stands for, `waiting` how many wait for a new day there.
    """
    who = profile.value("booking.additional_date_by", on=on)
    if not by_ministry:
        yield ONLY_MINISTRY(who)
    if not reason.strip():
        yield NO_REASON_FOR_DATE(who)
    if schedule != ScheduleState.APPROVED:
        yield SCHEDULE_NOT_APPROVED()
    if replaced is not None and replaced != SessionState.POSTPONED and not waiting:
        yield NOTHING_TO_REPLACE()
    if waiting > capacity:
        yield NOT_ALL_FIT(capacity=capacity, waiting=waiting)


def reasons_against_postponing(
    state: SessionState, reason: str, *, state_name: str, on: date, profile: Profile
) -> Iterator[Refusal]:
    if state != SessionState.PLANNED:
        yield NOT_PLANNED(state=state_name)
    if not reason.strip():
        yield NO_REASON_TO_POSTPONE(profile.value("booking.additional_date_by", on=on))


def reasons_against_removing(
    state: SessionState, schedule: ScheduleState, *, taken: int, state_name: str
) -> Iterator[Refusal]:
    """A day is taken out only while nobody has booked it."""
    if state != SessionState.PLANNED:
        yield NOT_PLANNED(state=state_name)
    if schedule == ScheduleState.APPROVED:
        yield DAY_IS_FIXED()
    if taken:
        yield STILL_BOOKED(taken=taken)


def reasons_against_approving(
    sessions: int, order_ref: str, state: ScheduleState = ScheduleState.DRAFT
) -> Iterator[Refusal]:
    if state == ScheduleState.APPROVED:
        yield SCHEDULE_APPROVED()
    if not sessions:
        yield SCHEDULE_EMPTY()
    if not order_ref.strip():
        yield ORDER_NEEDED()


def reasons_against_order_date(approved_on: date, *, today: date) -> Iterator[Refusal]:
    if approved_on > today:
        yield ORDER_IN_FUTURE(approved_on=approved_on)


def reasons_against_noting(
    approved_on: date | None, noted_on: date | None, *, on: date, today: date
) -> Iterator[Refusal]:
    """Why a publication or a letter to the ministry of education may not be noted on that day."""
    if noted_on is not None:
        yield NOTICE_NOT_DUE(on=noted_on)
    if approved_on is None:
        yield SCHEDULE_NOT_APPROVED()
    elif not approved_on <= on <= today:
        yield NOTED_BEFORE_APPROVAL(approved_on=approved_on)


def minpros_due(changed_on: date, profile: Profile) -> tuple[date, Value]:
    """D-29: a change of the schedule is told to the federal ministry by an official letter."""
    term = profile.value("schedule.minpros_notice_wd", on=changed_on)
    return profile.days.after(changed_on, term.value), term


def publication_due(approved_on: date, profile: Profile) -> tuple[date, Value]:
    """D-32: the order is on the ministry's site by this day."""
    term = profile.value("schedule.order_publication_wd", on=approved_on)
    return profile.days.after(approved_on, term.value), term


# Duties of this context: what they are called and which page they open (by the subject's id).
DUTY_TITLES: dict[str, tuple[str, str]] = {
    "publish-schedule": (_("Опубликовать приказ о расписании"), "schedules-one"),
    "inform-minpros": (_("Сообщить о расписании в Минпросвещения"), "schedules-one"),
    "inform-minpros-of-date": (
        _("Сообщить в Минпросвещения об изменении расписания"),
        "schedules-day",
    ),
    "set-additional-date": (_("Установить дополнительную дату"), "schedules-day"),
}
