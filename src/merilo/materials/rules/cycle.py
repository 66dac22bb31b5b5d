"""The monthly cycle of the materials and what it allows; letter 03-608, item 12; order, item 4."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from merilo.law import Answer, Profile, Reason, Refusal, Value, add_months
from merilo.law.refusal import _

Month = tuple[int, int]  # (year, month)
ONE_DAY = timedelta(days=1)


class Step(StrEnum):
    """Who sends what by which day of the month."""

    MOUO = "mouo"
    RCOI = "rcoi"
    MINISTRY = "ministry"
    SUMMARY_RCOI = "summary_rcoi"
    SUMMARY_MINISTRY = "summary_ministry"


STEP_WORDS: Mapping[Step, str] = {
    Step.MOUO: _("заявка МОУО в РЦОИ"),
    Step.RCOI: _("заявка РЦОИ в министерство"),
    Step.MINISTRY: _("заявка министерства в Рособрнадзор"),
    Step.SUMMARY_RCOI: _("сводная форма РЦОИ в министерство"),
    Step.SUMMARY_MINISTRY: _("сводная форма министерства в Рособрнадзор"),
}

TOO_EARLY_FOR_MATERIALS = Reason(
    "materials.too-early",
    _(
        "К %(test_on)s материалы не успеют: запись %(booking_on)s войдёт в заявку до "
        "%(request_until)s, материалы придут к %(materials_by)s. Выберите день не раньше "
        "%(earliest)s."
    ),
)
NO_RESERVE_KIT = Reason(
    "materials.no-reserve-kit",
    _(
        "К %(test_on)s материалы по заявке не успеют, а свободных резервных комплектов для "
        "%(grade)s класса нет. Выберите день не раньше %(earliest)s."
    ),
)
RESERVE_KIT_NEEDED = Reason(
    "materials.reserve-kit-needed",
    _(
        "К %(test_on)s материалы по заявке не успеют: понадобится резервный комплект для "
        "%(grade)s класса (свободно %(kits)s). По заявке можно с %(earliest)s."
    ),
    warning=True,
)
DUE_SOON = Reason(
    "materials.due-soon",
    _("%(what)s: срок %(due)s. Отправьте до конца этого дня."),
    warning=True,
)
LATE = Reason(
    "materials.late",
    _(
        "%(what)s: срок был %(due)s, опоздание %(days)s дн. Отправить можно, но с отметкой об "
        "опоздании; примет ли её получатель, решает он."
    ),
    warning=True,
)


@dataclass(frozen=True)
class Cycle:
    """One month's request: the last day for each step and the first test it serves."""

    month: Month
    mouo_until: date
    rcoi_until: date
    ministry_until: date
    materials_by: date
    first_test_on: date


def month_of(day: date) -> Month:
    """The (year, month) of a day."""
    return day.year, day.month


def month_after(month: Month, count: int = 1) -> Month:
    """The month `count` months later, or earlier where it is negative."""
    return month_of(add_months(date(*month, 1), count))


def _law_day(month: Month, profile: Profile) -> date:
    """A cycle goes by the law in force when its month ends; before the first law, by the first."""
    return max(date(*month_after(month), 1) - ONE_DAY, profile.valid_from)


def _until(day: int, month: Month, shift: str, *, inclusive: bool, profile: Profile) -> date:
    """The last day of «до N числа». Without a shift the calendar is not asked."""
    due = date(*month, day) - (timedelta(0) if inclusive else ONE_DAY)
    if shift == "previous_wd":
        return profile.days.on_or_before(due)
    if shift == "next_wd":
        return profile.days.on_or_after(due)
    return due


def step_until(step: Step, month: Month, *, profile: Profile) -> date:
    """The last day on which the step of that month is in time."""
    on = _law_day(month, profile)
    return _until(
        profile.value(f"materials.{step}_day", on=on).value,
        month,
        profile.value("materials.send_shift", on=on).value,
        inclusive=profile.value("materials.deadline_inclusive", on=on).value,
        profile=profile,
    )


def materials_by(month: Month, *, profile: Profile) -> date:
    """The day by which the materials asked for in that month are there: in the next month."""
    on = _law_day(month, profile)
    return _until(
        profile.value("materials.receive_day", on=on).value,
        month_after(month),
        profile.value("materials.receive_shift", on=on).value,
        inclusive=profile.value("materials.deadline_inclusive", on=on).value,
        profile=profile,
    )


def cycle_of(month: Month, profile: Profile) -> Cycle:
    """Every date of the cycle whose request is made in `month`."""
    received = materials_by(month, profile=profile)
    return Cycle(
        month,
        mouo_until=step_until(Step.MOUO, month, profile=profile),
        rcoi_until=step_until(Step.RCOI, month, profile=profile),
        ministry_until=step_until(Step.MINISTRY, month, profile=profile),
        materials_by=received,
        first_test_on=received + ONE_DAY,
    )


def request_month(booking_on: date, *, profile: Profile) -> Month:
    """The month whose request a booking made on that day still enters."""
    month = month_of(booking_on)
    if booking_on <= step_until(Step.MOUO, month, profile=profile):
        return month
    return month_after(month)


def request_sent_for(session_on: date, profile: Profile) -> date:
    """The last day for the МОУО's request whose materials serve a test on that day."""
    month = month_after(month_of(session_on), -1)
    if materials_by(month, profile=profile) >= session_on:
        month = month_after(month, -1)
    return step_until(Step.MOUO, month, profile=profile)


def earliest_test_by_materials(booking_on: date, *, profile: Profile) -> date:
    """The first day for which the materials of a booking made on `booking_on` can be there."""
    return materials_by(request_month(booking_on, profile=profile), profile=profile) + ONE_DAY


def material_cycle(
    *,
    booking_on: date,
    test_on: date | None = None,
    grade: int,
    free_reserve_kits: int = 0,
    profile: Profile,
) -> Answer:
    """Whether materials can exist for a test on that day; the reserve is told as a warning.

    Without `test_on` only the dates are answered. Outcome: `reserve_needed`.
    """
    policy = profile.value("materials.policy", on=booking_on)
    month = request_month(booking_on, profile=profile)
    received = materials_by(month, profile=profile)
    earliest = received + ONE_DAY
    early = test_on is not None and test_on < earliest
    reasons: tuple[Refusal, ...] = ()
    if early:
        facts = {"test_on": test_on, "grade": grade, "earliest": earliest}
        if policy.value == "strict_cycle":
            reasons = (
                TOO_EARLY_FOR_MATERIALS(
                    policy,
                    booking_on=booking_on,
                    request_until=date(
                        *month, profile.value("materials.mouo_day", on=booking_on).value
                    ),
                    materials_by=received,
                    **facts,
                ),
            )
        elif free_reserve_kits < 1:
            reasons = (NO_RESERVE_KIT(policy, **facts),)
        else:
            reasons = (RESERVE_KIT_NEEDED(policy, kits=free_reserve_kits, **facts),)
    return Answer(
        reasons=reasons,
        dates={
            "request_month": date(*month, 1),
            "materials_by": received,
            "earliest_test": earliest,
        },
        outcome={"reserve_needed": early, "free_reserve_kits": free_reserve_kits},
        decided_under=(
            policy,
            profile.value("materials.mouo_day", on=booking_on),
            profile.value("materials.receive_day", on=booking_on),
        ),
    )


def request_timing(
    step: Step, month: Month, *, sent_on: date | None, today: date, profile: Profile
) -> Answer:
    """Whether a monthly duty is due soon or late; a late one is flagged, never refused."""
    value: Value = profile.value(f"materials.{step}_day", on=_law_day(month, profile))
    due = step_until(step, month, profile=profile)
    reached = sent_on or today
    reasons: tuple[Refusal, ...] = ()
    if reached > due:
        reasons = (LATE(value, what=STEP_WORDS[step], due=due, days=(reached - due).days),)
    elif sent_on is None and today >= profile.days.on_or_before(due - ONE_DAY):
        reasons = (DUE_SOON(value, what=STEP_WORDS[step], due=due),)
    return Answer(reasons=reasons, dates={"due": due}, decided_under=(value,))


# ── The request itself ───────────────────────────────────────────────────────────────────────

REQUEST_EMPTY = Reason("materials.request-empty", _("В заявке нет ни одной строки."))
SUM_DIFFERS = Reason(
    "materials.sum-differs",
    _(
        "%(org)s, %(test_on)s: по классам %(counted)s чел., а всего указано %(total)s. "
        "Исправьте количества."
    ),
)
BAD_COUNT = Reason(
    "materials.bad-count",
    _("%(org)s, %(test_on)s: %(grade)s класс — %(count)s чел. Такого не бывает, исправьте."),
)
COPIES_MISSING = Reason(
    "materials.copies-missing",
    _(
        "%(org)s, %(test_on)s: участников %(total)s, а копий направлений %(copies)s. Заявку "
        "отправляют с копией каждого направления."
    ),
)
ROW_TWICE = Reason(
    "materials.row-twice",
    _("%(org)s, %(test_on)s: строка повторяется. На один день у организации одна строка."),
)
NOT_IN_SCHEDULE = Reason(
    "materials.not-in-schedule",
    _("%(org)s: %(test_on)s нет в утверждённом расписании. Проверьте день."),
)
OUTSIDE_CYCLE = Reason(
    "materials.outside-cycle",
    _(
        "%(org)s, %(test_on)s: материалы этой заявки придут к %(materials_by)s — позже дня "
        "тестирования. Понадобится резервный комплект."
    ),
    warning=True,
)
CONTACT_INCOMPLETE = Reason(
    "materials.contact-incomplete",
    _(
        "%(org)s: у ответственного за получение материалов нужны фамилия, должность, телефон и "
        "адрес электронной почты. Проверьте: %(wrong)s."
    ),
)


@dataclass(frozen=True)
class Contact:
    """Who receives the materials at the testing place."""

    name: str = ""
    position: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class RequestRow:
    """One line of the request: a testing organisation on a day. `copies`: of the referrals."""

    org: str
    test_on: date
    total: int
    by_grade: Mapping[int, int]
    copies: int
    contact: Contact = field(default=Contact())


def wrong_in(contact: Contact) -> tuple[str, ...]:
    """The fields of the contact that are empty or cannot be right."""
    name, _at, host = contact.email.strip().partition("@")
    digits = sum(char.isdigit() for char in contact.phone)
    checks = {
        _("фамилия"): bool(contact.name.strip()),
        _("должность"): bool(contact.position.strip()),
        _("телефон"): 6 <= digits <= 15,
        _("адрес почты"): bool(name) and "." in host and " " not in contact.email.strip(),
    }
    return tuple(field_name for field_name, right in checks.items() if not right)


def reasons_against_request(
    rows: Sequence[RequestRow],
    *,
    month: Month,
    scheduled: Collection[tuple[str, date]],
    profile: Profile,
) -> Iterator[Refusal]:
    """Everything wrong with the monthly request; `scheduled` holds (organisation, day) pairs.

    Lateness is told apart, by `request_timing`: a late request is flagged, not refused.
    """
    value = profile.value("materials.mouo_day", on=_law_day(month, profile))
    if not rows:
        yield REQUEST_EMPTY(value)
    received = materials_by(month, profile=profile)
    seen = set()
    for row in rows:
        facts = {"org": row.org, "test_on": row.test_on}
        if (row.org, row.test_on) in seen:
            yield ROW_TWICE(value, **facts)
        seen.add((row.org, row.test_on))
        yield from _wrong_counts(row, value, profile)
        if row.copies != row.total:
            yield COPIES_MISSING(value, total=row.total, copies=row.copies, **facts)
        if (row.org, row.test_on) not in scheduled:
            yield NOT_IN_SCHEDULE(value, **facts)
        if row.test_on <= received:
            yield OUTSIDE_CYCLE(value, materials_by=received, **facts)
        if wrong := wrong_in(row.contact):
            yield CONTACT_INCOMPLETE(value, org=row.org, wrong=wrong)


def _wrong_counts(row: RequestRow, value: Value, profile: Profile) -> Iterator[Refusal]:
    on = row.test_on
    grades = range(
        profile.value("admissions.min_grade", on=on).value,
        profile.value("admissions.max_grade", on=on).value + 1,
    )
    for grade, count in sorted(row.by_grade.items()):
        if grade not in grades or count < 0:
            yield BAD_COUNT(value, org=row.org, test_on=on, grade=grade, count=count)
    counted = sum(row.by_grade.values())
    if counted != row.total:
        yield SUM_DIFFERS(value, org=row.org, test_on=on, counted=counted, total=row.total)
