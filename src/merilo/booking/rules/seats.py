"""Which seat may be taken for a referral, by whom, and not before which day.

Sources: letter 03-608 pp. 4, 22–24; order пр.23а-566 annex 1 pp. 3.1–3.4, 5.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from merilo.admissions.rules import (
    REFERRAL_NAMES,
    Category,
    NoShowFacts,
    ReferralState,
    booking_window,
    retest_from,
)
from merilo.law import CalendarNotPublished, Profile, Reason, Refusal, Value
from merilo.law.refusal import _
from merilo.materials import rules as materials

from .no_shows import reasons_after_no_show
from .states import BookingState, InPerson, SessionState

NOT_IN_PERSON = Reason(
    "booking.not-in-person",
    _(
        "Записаться можно только лично: родитель или законный представитель, а с 18 лет — сам "
        "поступающий. По телефону и почте запись не принимают."
    ),
)
ADULT_MAY_ALONE = Reason(
    "booking.not-of-age",
    _("Поступающему нет 18 лет: записывает родитель или законный представитель."),
)
IDENTITY_NOT_SEEN = Reason(
    "booking.identity-not-seen",
    _("Отметьте, какой документ предъявил пришедший. Без документа запись не оформляют."),
)
REFERRAL_NOT_DELIVERED = Reason(
    "booking.referral-not-delivered",
    _(
        "Получение направления не подтверждено, срок записи не начался. Попросите школу отметить "
        "день вручения."
    ),
)
REFERRAL_NOT_LIVE = Reason(
    "booking.referral-not-live",
    _("Направление больше не действует: %(state)s. Нужно новое заявление в школу."),
)
REFERRAL_REPLACED = Reason(
    "booking.referral-replaced",
    _(
        "Министерство заменило это направление другим: № %(number)s, %(organisation)s. Записаться "
        "нужно там."
    ),
)
WINDOW_CLOSED = Reason(
    "booking.window-closed",
    _(
        "Срок записи истёк: последний день был %(last_day)s (%(days)s рабочих дней). Нужно новое "
        "заявление в школу."
    ),
)
ALREADY_BOOKED = Reason(
    "booking.already-booked",
    _("По этому направлению уже есть запись на %(held_on)s. Перенесите или отмените её."),
)
TOO_EARLY = Reason(
    "booking.too-early",
    _(
        "Тестирование бывает не раньше чем через %(days)s рабочих дней после записи. Выберите "
        "%(earliest)s или более поздний день."
    ),
)
RETEST_TOO_EARLY = Reason(
    "booking.retest-too-early",
    _(
        "Повторное тестирование — не раньше чем через %(months)s месяца после неуспешного "
        "%(failed_on)s. Выберите %(earliest)s или более поздний день."
    ),
)
BEFORE_REFERRAL_DAY = Reason(
    "booking.before-day-of-referral",
    _("По направлению тестирование возможно не раньше %(earliest)s. Выберите более поздний день."),
)
RETEST_NEEDS_APPLICATION = Reason(
    "booking.retest-needs-application",
    _("Повторное тестирование — только по новому заявлению и новому направлению из школы."),
)
SESSION_FULL = Reason(
    "booking.session-full",
    _("На %(held_on)s мест больше нет. Ближайшие дни со свободными местами: %(next_days)s."),
)
ALL_FULL = Reason(
    "booking.all-sessions-full",
    _(
        "На %(held_on)s мест больше нет, других дней со свободными местами в расписании тоже нет. "
        "Сообщите в министерство: расписание и дополнительные даты утверждает оно."
    ),
)
NOT_IN_SCHEDULE = Reason(
    "booking.not-in-schedule",
    _("Этого дня нет в утверждённом расписании. Выберите день из списка."),
)
OTHER_TESTING_ORG = Reason(
    "booking.other-testing-org",
    _(
        "Направление выдано в другую тестирующую организацию: родитель выбирает день, а не место. "
        "Иное место решает министерство."
    ),
)
GRADE_NOT_TESTED = Reason(
    "booking.grade-not-tested",
    _("В этот день %(grade)s класс не тестируют. Выберите другой день из списка."),
)
SESSION_PASSED = Reason(
    "booking.session-passed",
    _("Этот день уже наступил или прошёл: %(held_on)s. Выберите более поздний."),
)
NO_ACCESSIBLE_PLACE = Reason(
    "booking.no-accessible-place",
    _("В этом пункте нет места, оборудованного для ребёнка с ОВЗ. Сообщите в министерство."),
    warning=True,
)
CHANGE_LIMIT = Reason(
    "booking.change-limit",
    _("Перенос по просьбе родителя уже был: разрешено переносов — %(limit)s."),
)
CHANGE_AFTER_REQUEST = Reason(
    "booking.change-after-request",
    _(
        "Заявку на материалы этого дня отправляют не позднее %(sent_on)s, после этого запись не "
        "переносят и не отменяют."
    ),
)
SAME_DAY = Reason("booking.same-session", _("Запись и так на этот день. Выберите другой."))
NOT_LIVE = Reason("booking.not-live", _("Эта запись уже не действует. Обновите страницу."))
WINDOW_CLOSES_ON_CANCEL = Reason(
    "booking.window-closed-for-cancelling",
    _(
        "Срок записи закончился %(last_day)s: после отмены по этому направлению записаться не "
        "получится, а заявление аннулируют. Если нужен другой день, перенесите запись."
    ),
    warning=True,
)
APPEAL_WINDOW_SHORT = Reason(
    "booking.appeal-window-short",
    _(
        "Официальная дата результатов этого дня — %(official_on)s, через %(gap)s рабочих дней. "
        "Срок апелляции может истечь раньше, чем родителя уведомят: предупредите его."
    ),
    warning=True,
)

WHAT_TO_BRING: tuple[str, ...] = (
    _("документ, удостоверяющий личность ребёнка"),
    _("документ, удостоверяющий личность родителя (законного представителя)"),
    _("направление на тестирование"),
)


@dataclass(frozen=True)
class ReferralFacts:
    state: ReferralState
    received_on: date | None
    grade: int
    category: Category
    testing_org: int
    attempt_no: int
    of_age: bool
    special_needs: bool = False
    booked_on: date | None = None  # day of the live booking's session
    failed_on: tuple[date, ...] = ()  # days of earlier unsuccessful tests, oldest first
    replaced_by: tuple[str, str] | None = None  # number and organisation of the new referral
    missed: NoShowFacts | None = None  # the last day the child did not come or was turned away
    same_application_failed: bool = False
    postponed: bool = False  # the day was postponed: neither the term nor the lead runs again
    not_before: date | None = None  # the day the referral itself names


@dataclass(frozen=True)
class SessionFacts:
    held_on: date
    grades: frozenset[int]
    testing_org: int
    free_places: int
    approved: bool = True
    state: SessionState = SessionState.PLANNED
    accessible: bool = True
    free_reserve_kits: int = 0
    results_official_on: date | None = None
    next_days: tuple[date, ...] = ()  # days with free places to offer instead


def earliest_by_notice(booked_on: date, profile: Profile) -> tuple[date, Value]:
    """D-06: the day of booking is day 0; the last working day may itself be the test day."""
    lead = profile.value("booking.min_lead_wd", on=booked_on)
    return profile.days.after(booked_on, lead.value), lead


def reasons_against_booking(
    referral: ReferralFacts,
    session: SessionFacts,
    *,
    booked_on: date,
    in_person: InPerson,
    profile: Profile,
    identity_seen: bool = True,
) -> Iterator[Refusal]:
    """Every reason why this seat may not be taken. Warnings come too; they do not stop it."""
    yield from reasons_against_person(
        of_age=referral.of_age,
        in_person=in_person,
        identity_seen=identity_seen,
        on=booked_on,
        profile=profile,
    )
    yield from reasons_against_referral(referral, booked_on=booked_on, profile=profile)
    yield from reasons_against_session(referral, session, booked_on=booked_on, profile=profile)


def reasons_against_person(
    *, of_age: bool, in_person: InPerson, identity_seen: bool, on: date, profile: Profile
) -> Iterator[Refusal]:
    """Why the one who asks may not book: not in person, not of age, not identified."""
    needed = profile.value("booking.in_person", on=on)
    if needed.value and in_person == InPerson.NOBODY:
        yield NOT_IN_PERSON(needed)
    elif not identity_seen:
        yield IDENTITY_NOT_SEEN(needed)
    if in_person == InPerson.ADULT_APPLICANT and not of_age:
        yield ADULT_MAY_ALONE(profile.value("admissions.adult_age", on=on))


def reasons_against_referral(
    referral: ReferralFacts, *, booked_on: date, profile: Profile
) -> Iterator[Refusal]:
    """Why nothing can be booked for this referral, whatever the day."""
    if referral.same_application_failed:
        yield RETEST_NEEDS_APPLICATION(profile.value("retest.new_application", on=booked_on))
    if referral.booked_on is not None:
        yield ALREADY_BOOKED(held_on=referral.booked_on)
    elif referral.replaced_by is None and (
        referral.state == ReferralState.ISSUED or referral.received_on is None
    ):
        yield REFERRAL_NOT_DELIVERED(profile.value("booking.window_wd", on=booked_on))
    elif referral.state == ReferralState.UNUSED_NO_SHOW:
        yield from reasons_after_no_show(referral.missed, profile)
    elif referral.replaced_by is not None:
        number, organisation = referral.replaced_by
        yield REFERRAL_REPLACED(
            profile.value("booking.place", on=booked_on), number=number, organisation=organisation
        )
    elif referral.state not in (ReferralState.DELIVERED, ReferralState.BOOKED):
        yield REFERRAL_NOT_LIVE(state=REFERRAL_NAMES[referral.state])
    elif not referral.postponed:
        window = booking_window(referral.received_on, profile)
        last_day = window.dates["last_day"]
        if last_day is not None and booked_on > last_day:
            term = window.decided_under[0]
            yield WINDOW_CLOSED(term, last_day=last_day, days=term.value)


def reasons_against_session(
    referral: ReferralFacts, session: SessionFacts, *, booked_on: date, profile: Profile
) -> Iterator[Refusal]:
    """Why this day cannot be chosen for this referral, whoever comes."""
    place = profile.value("booking.place", on=booked_on)
    if not session.approved or session.state != SessionState.PLANNED:
        yield NOT_IN_SCHEDULE(place)
    if session.testing_org != referral.testing_org:
        yield OTHER_TESTING_ORG(place)
    if referral.grade not in session.grades:
        yield GRADE_NOT_TESTED(grade=referral.grade)
    if session.held_on <= booked_on:
        yield SESSION_PASSED(held_on=session.held_on)
    elif not referral.postponed:
        yield from _against_day(referral, session, booked_on, profile)
    if session.free_places < 1:
        if session.next_days:
            yield SESSION_FULL(held_on=session.held_on, next_days=session.next_days)
        else:
            yield ALL_FULL(held_on=session.held_on)
    if referral.special_needs and not session.accessible:
        yield NO_ACCESSIBLE_PLACE()
    yield from _about_results(session, profile)


def _against_day(
    referral: ReferralFacts, session: SessionFacts, booked_on: date, profile: Profile
) -> Iterator[Refusal]:
    """The lead time, the wait for a retest, the materials."""
    earliest, lead = earliest_by_notice(booked_on, profile)
    if session.held_on < earliest:
        yield TOO_EARLY(lead, earliest=earliest, days=lead.value)
    retest = retest_from(
        referral.failed_on, referral.category, asked_on=booked_on, profile=profile
    )
    retest_day = retest.dates["earliest"]
    if retest_day is not None and session.held_on < retest_day:
        months = retest.decided_under[0]
        yield RETEST_TOO_EARLY(
            months,
            months=months.value,
            failed_on=retest.dates["failed_on"],
            earliest=retest_day,
        )
    elif referral.not_before is not None and session.held_on < referral.not_before:
        yield BEFORE_REFERRAL_DAY(
            profile.value("retest.min_months", on=booked_on), earliest=referral.not_before
        )
    yield from materials.material_cycle(
        booking_on=booked_on,
        test_on=session.held_on,
        grade=referral.grade,
        free_reserve_kits=session.free_reserve_kits,
        profile=profile,
    ).reasons


def _about_results(session: SessionFacts, profile: Profile) -> Iterator[Refusal]:
    """C-06: the window of the appeal may close before the parent is told."""
    if session.results_official_on is None:
        return
    needed = profile.value("results.min_official_gap_wd", on=session.held_on)
    try:
        gap = profile.days.between(session.held_on, session.results_official_on)
    except CalendarNotPublished:
        return  # the schedule itself says that the calendar is missing
    if gap < needed.value:
        yield APPEAL_WINDOW_SHORT(needed, official_on=session.results_official_on, gap=gap)


def needs_reserve_kit(booked_on: date, test_on: date, grade: int, *, profile: Profile) -> bool:
    """Whether the materials of the monthly request come too late for this day."""
    cycle = materials.material_cycle(
        booking_on=booked_on, test_on=test_on, grade=grade, profile=profile
    )
    return bool(cycle.outcome["reserve_needed"])


def values_of_booking(
    referral: ReferralFacts, booked_on: date, profile: Profile
) -> tuple[Value, ...]:
    """The values a booking is decided under."""
    names = ["booking.min_lead_wd", "booking.in_person", "booking.place", "materials.policy"]
    if referral.failed_on:
        names += ["retest.min_months", "retest.base"]
    values = [profile.value(name, on=booked_on) for name in names]
    if referral.received_on:
        values.append(profile.value("booking.window_wd", on=referral.received_on))
    return tuple(values)


def reasons_against_change(
    state: BookingState,
    *,
    changes: int,
    session_on: date,
    today: date,
    profile: Profile,
) -> Iterator[Refusal]:
    """Why a parent may not move the booking (the acts are silent: settings decide)."""
    limit = profile.value("booking.change_limit", on=today)
    yield from reasons_against_cancelling(
        state, session_on=session_on, today=today, profile=profile
    )
    if changes >= limit.value:
        yield CHANGE_LIMIT(limit, limit=limit.value)


def reasons_against_cancelling(
    state: BookingState,
    *,
    session_on: date,
    today: date,
    profile: Profile,
    received_on: date | None = None,
) -> Iterator[Refusal]:
    """Why a booking may not be cancelled; the consequence of a closed term comes as a warning."""
    if state != BookingState.CONFIRMED:
        yield NOT_LIVE()
    until_request = profile.value("booking.change_until_monthly_request", on=today)
    if until_request.value:
        sent_on = materials.request_sent_for(session_on, profile)
        if today > sent_on:
            yield CHANGE_AFTER_REQUEST(until_request, sent_on=sent_on)
    if received_on is not None:
        window = booking_window(received_on, profile)
        last_day = window.dates["last_day"]
        missed = window.outcome["if_missed"] == "annul_application"
        if missed and last_day is not None and today > last_day:
            yield WINDOW_CLOSES_ON_CANCEL(window.decided_under[1], last_day=last_day)
