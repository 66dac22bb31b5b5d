"""Which session may be booked, by whom, and not before which day.

Sources: letter 03-608 pp. 4, 22–24; order пр.23а-566 annex 1 pp. 3.1–3.4, 5.1, 5.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from merilo.admissions.rules import Category, ReferralState, booking_window
from merilo.law import Answer, Profile, Reason, Refusal, Value, add_months
from merilo.law.refusal import _
from merilo.materials import rules as materials


class ScheduleState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"


SCHEDULE_TRANSITIONS = {
    ScheduleState.DRAFT: frozenset({ScheduleState.APPROVED}),
    ScheduleState.APPROVED: frozenset(),
}


class SessionState(StrEnum):
    PLANNED = "planned"
    POSTPONED = "postponed"  # по техническим причинам: the ministry sets an additional date
    CANCELLED = "cancelled"  # removed before anyone booked


SESSION_TRANSITIONS: dict[SessionState, frozenset[SessionState]] = {
    SessionState.PLANNED: frozenset({SessionState.POSTPONED, SessionState.CANCELLED}),
    SessionState.POSTPONED: frozenset(),
    SessionState.CANCELLED: frozenset(),
}


class BookingState(StrEnum):
    CONFIRMED = "confirmed"
    RESCHEDULED = "rescheduled"
    CHECKED_IN = "checked_in"
    NO_SHOW = "no_show"
    CHANGED_BY_PARENT = "changed_by_parent"
    CANCELLED = "cancelled"


TRANSITIONS: dict[BookingState, frozenset[BookingState]] = {
    BookingState.CONFIRMED: frozenset(
        {
            BookingState.RESCHEDULED,
            BookingState.CHECKED_IN,
            BookingState.NO_SHOW,
            BookingState.CHANGED_BY_PARENT,
            BookingState.CANCELLED,
        }
    ),
    BookingState.RESCHEDULED: frozenset(),
    BookingState.CHECKED_IN: frozenset(),
    BookingState.NO_SHOW: frozenset(),
    BookingState.CHANGED_BY_PARENT: frozenset(),
    BookingState.CANCELLED: frozenset(),
}


class InPerson(StrEnum):
    """Who came to book. «Nobody» is what a call or a letter amounts to."""

    REPRESENTATIVE = "representative"
    ADULT_APPLICANT = "adult_applicant"
    NOBODY = "nobody"


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
WINDOW_CLOSED = Reason(
    "booking.window-closed",
    _("Срок записи истёк: последний день был %(last_day)s (%(days)s рабочих дней)."),
)
ALREADY_BOOKED = Reason(
    "booking.already-booked", _("По этому направлению уже есть запись на %(held_on)s.")
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
RETEST_NEEDS_APPLICATION = Reason(
    "booking.retest-needs-application",
    _("Повторное тестирование — только по новому заявлению и новому направлению из школы."),
)
SESSION_FULL = Reason(
    "booking.session-full",
    _("На %(held_on)s мест больше нет. Ближайшие свободные дни показаны в списке."),
)
NOT_IN_SCHEDULE = Reason(
    "booking.not-in-schedule",
    _("Этого дня нет в утверждённом расписании. Выберите день из списка."),
)
OTHER_TESTING_ORG = Reason(
    "booking.other-testing-org",
    _("Направление выдано в другую тестирующую организацию: родитель выбирает день, а не место."),
)
GRADE_NOT_TESTED = Reason(
    "booking.grade-not-tested",
    _("В этот день %(grade)s класс не тестируют. Выберите другой день из списка."),
)
SESSION_PASSED = Reason("booking.session-passed", _("Этот день уже прошёл: %(held_on)s."))
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
    _("Заявка на материалы этого дня уже отправлена %(sent_on)s, перенести запись нельзя."),
)
NOT_LIVE = Reason("booking.not-live", _("Эта запись уже не действует. Обновите страницу."))
ONLY_MINISTRY = Reason(
    "booking.only-ministry", _("Дополнительную дату устанавливает только министерство.")
)
NO_REASON_FOR_DATE = Reason(
    "booking.additional-date-needs-reason",
    _("Укажите техническую причину, по которой нужна дополнительная дата."),
)
REBOOK_USED = Reason(
    "booking.rebook-used",
    _("После неявки перезаписаться по этому направлению можно один раз. Нужно новое заявление."),
)
REBOOK_NOT_ALLOWED = Reason(
    "booking.rebook-not-allowed",
    _("После неявки по этому направлению не перезаписывают. Нужно новое заявление в школу."),
)
CAPACITY_BELOW_TAKEN = Reason(
    "booking.capacity-below-taken",
    _("Занято мест: %(taken)s. Сделать меньше нельзя, пока есть записи."),
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
SCHEDULE_APPROVED = Reason(
    "booking.schedule-approved",
    _("Расписание утверждено. Новый день вводят как дополнительную дату с причиной."),
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
    no_shows: int = 0
    same_application_failed: bool = False


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


def earliest_by_notice(booked_on: date, profile: Profile) -> tuple[date, Value]:
    """D-06: the day of booking is day 0; the last of the working days may itself be the test day."""
    lead = profile.value("booking.min_lead_wd", on=booked_on)
    return profile.days.after(booked_on, lead.value), lead


def retest_from(
    failed_on: Iterable[date], category: Category, *, asked_on: date, profile: Profile
) -> Answer:
    """D-07: the first day of a retest after the unsuccessful tests; none when it may be any day."""
    failures = sorted(failed_on)
    if not failures:
        return Answer(dates={"earliest": None})
    months = profile.value("retest.min_months", on=failures[-1])
    base = profile.value("retest.base", on=failures[-1])
    counted_from = failures[-1] if base.value == "last_unsuccessful" else failures[0]
    waived = _waiver(category, counted_from, asked_on=asked_on, profile=profile)
    if waived is not None:
        return Answer(
            dates={"failed_on": counted_from, "earliest": None},
            outcome={"waived": True},
            decided_under=(months, base, waived),
        )
    boundary = profile.value("retest.boundary_day_allowed", on=failures[-1])
    earliest = add_months(counted_from, months.value)
    if not boundary.value:
        earliest = date.fromordinal(earliest.toordinal() + 1)
    return Answer(
        dates={"failed_on": counted_from, "earliest": earliest},
        outcome={"waived": False, "months": months.value},
        decided_under=(months, base, boundary),
    )


def _waiver(
    category: Category, failed_on: date, *, asked_on: date, profile: Profile
) -> Value | None:
    """The value that frees an oral-only category from waiting, where it does."""
    categories = profile.value("retest.waiver_categories", on=asked_on)
    if category not in categories.value:
        return None
    scope = profile.value("retest.waiver_scope", on=asked_on)
    if scope.value == "always" or failed_on < categories.since:
        return categories
    return None


def reasons_against_booking(
    referral: ReferralFacts,
    session: SessionFacts,
    *,
    booked_on: date,
    in_person: InPerson,
    profile: Profile,
) -> Iterator[Refusal]:
    """Every reason why this seat may not be taken. Warnings come too; they do not stop it."""
    yield from _against_person(referral, in_person, booked_on, profile)
    yield from _against_referral(referral, booked_on, profile)
    yield from reasons_against_session(referral, session, booked_on=booked_on, profile=profile)


def _against_person(
    referral: ReferralFacts, in_person: InPerson, booked_on: date, profile: Profile
) -> Iterator[Refusal]:
    needed = profile.value("booking.in_person", on=booked_on)
    if needed.value and in_person == InPerson.NOBODY:
        yield NOT_IN_PERSON(needed)
    if in_person == InPerson.ADULT_APPLICANT and not referral.of_age:
        yield ADULT_MAY_ALONE(profile.value("admissions.adult_age", on=booked_on))


def _against_referral(
    referral: ReferralFacts, booked_on: date, profile: Profile
) -> Iterator[Refusal]:
    if referral.same_application_failed:
        yield RETEST_NEEDS_APPLICATION(profile.value("retest.new_application", on=booked_on))
    if referral.booked_on is not None:
        yield ALREADY_BOOKED(held_on=referral.booked_on)
    elif referral.state == ReferralState.ISSUED or referral.received_on is None:
        yield REFERRAL_NOT_DELIVERED(profile.value("booking.window_wd", on=booked_on))
    elif referral.state == ReferralState.UNUSED_NO_SHOW:
        policy = profile.value("booking.no_show_policy", on=booked_on)
        if policy.value != "rebook_once":
            yield REBOOK_NOT_ALLOWED(policy)
        elif referral.no_shows > 1:
            yield REBOOK_USED(policy)
    elif referral.state not in (ReferralState.DELIVERED, ReferralState.BOOKED):
        yield REFERRAL_NOT_LIVE(state=referral.state)
    else:
        window = booking_window(referral.received_on, profile)
        last_day = window.dates["last_day"]
        if isinstance(last_day, date) and booked_on > last_day:
            term = window.decided_under[0]
            yield WINDOW_CLOSED(term, last_day=last_day, days=term.value)


def reasons_against_session(
    referral: ReferralFacts, session: SessionFacts, *, booked_on: date, profile: Profile
) -> Iterator[Refusal]:
    """Why this session cannot be chosen for this referral, whoever comes."""
    if not session.approved or session.state != SessionState.PLANNED:
        yield NOT_IN_SCHEDULE(profile.value("booking.place", on=booked_on))
    if session.testing_org != referral.testing_org:
        yield OTHER_TESTING_ORG(profile.value("booking.place", on=booked_on))
    if referral.grade not in session.grades:
        yield GRADE_NOT_TESTED(grade=referral.grade)
    if session.held_on <= booked_on:
        yield SESSION_PASSED(held_on=session.held_on)
    earliest, lead = earliest_by_notice(booked_on, profile)
    if session.held_on < earliest:
        yield TOO_EARLY(lead, earliest=earliest, days=lead.value)
    retest = retest_from(
        referral.failed_on, referral.category, asked_on=booked_on, profile=profile
    )
    retest_day = retest.dates["earliest"]
    if isinstance(retest_day, date) and session.held_on < retest_day:
        months = retest.decided_under[0]
        yield RETEST_TOO_EARLY(
            months,
            months=months.value,
            failed_on=retest.dates["failed_on"],
            earliest=retest_day,
        )
    yield from materials.material_cycle(
        booking_on=booked_on,
        test_on=session.held_on,
        grade=referral.grade,
        free_reserve_kits=session.free_reserve_kits,
        profile=profile,
    ).reasons
    if session.free_places < 1:
        yield SESSION_FULL(held_on=session.held_on)
    if referral.special_needs and not session.accessible:
        yield NO_ACCESSIBLE_PLACE()


def values_of_booking(referral: ReferralFacts, booked_on: date, profile: Profile) -> tuple[Value, ...]:
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
    """Why a parent may not move or cancel the booking (the acts are silent: settings decide)."""
    if state != BookingState.CONFIRMED:
        yield NOT_LIVE()
    limit = profile.value("booking.change_limit", on=today)
    if changes >= limit.value:
        yield CHANGE_LIMIT(limit, limit=limit.value)
    until_request = profile.value("booking.change_until_monthly_request", on=today)
    if until_request.value:
        sent_on = materials.request_sent_for(session_on, profile)
        if today > sent_on:
            yield CHANGE_AFTER_REQUEST(until_request, sent_on=sent_on)


def reasons_against_additional_date(by_ministry: bool, reason: str, *, on: date, profile: Profile):
    """R1.3.4: the ministry alone, for technical reasons."""
    who = profile.value("booking.additional_date_by", on=on)
    if not by_ministry:
        yield ONLY_MINISTRY(who)
    if not reason.strip():
        yield NO_REASON_FOR_DATE(who)


def reasons_against_day(
    held_on: date, results_official_on: date | None, *, profile: Profile
) -> Iterator[Refusal]:
    """What is wrong or doubtful in one line of a schedule."""
    if not profile.days.is_working(held_on):
        yield DAY_OFF(held_on=held_on)
    if results_official_on is not None:
        gap_value = profile.value("results.min_official_gap_wd", on=held_on)
        gap = profile.days.between(held_on, results_official_on)
        if results_official_on < held_on:
            yield RESULTS_BEFORE_TEST(held_on=held_on, official_on=results_official_on)
        elif gap < gap_value.value:
            yield WINDOW_SHORT(gap_value, gap=gap, needed=gap_value.value)


def reasons_against_approving(sessions: int, order_ref: str) -> Iterator[Refusal]:
    if not sessions:
        yield SCHEDULE_EMPTY()
    if not order_ref.strip():
        yield ORDER_NEEDED()


STATE_NAMES: dict[BookingState, str] = {
    BookingState.CONFIRMED: _("записан"),
    BookingState.RESCHEDULED: _("перенесено по техническим причинам"),
    BookingState.CHECKED_IN: _("явился"),
    BookingState.NO_SHOW: _("не явился"),
    BookingState.CHANGED_BY_PARENT: _("перенесено по просьбе родителя"),
    BookingState.CANCELLED: _("отменено"),
}
