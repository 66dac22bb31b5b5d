"""The ministry sends a child to another testing organisation: why not yet, why not there.

Order пр.23а-566 annex 1 p. 3.2: the place follows from nearness to the school; the school does not
choose it and the parent does not either. The acts do not say how it is changed; a new referral is
a referral: one at a time, copies to whom the law names, the term of booking from its receipt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from merilo.admissions.rules import (
    CATEGORY_NAMES,
    EXEMPT_FROM_TEST,
    REFERRAL_NAMES,
    REFERRAL_TRANSITIONS,
    ApplicationState,
    Category,
    ReferralState,
    exemption,
)
from merilo.law import Profile, Reason, Refusal
from merilo.law.refusal import _

from .seats import NO_ACCESSIBLE_PLACE

NO_REFERRAL = Reason(
    "booking.elsewhere-no-referral",
    _("Действующего направления нет, заменять нечего. Направление выдаёт школа."),
)
ELSEWHERE_BOOKED = Reason(
    "booking.elsewhere-booked",
    _(
        "Ребёнок записан на %(held_on)s. Пока запись действует, место не меняют: сначала "
        "тестирующая организация отменяет запись или вы переносите день."
    ),
)
ELSEWHERE_USED = Reason(
    "booking.elsewhere-not-now",
    _("Направление в состоянии «%(state)s»: заменить его нельзя."),
)
ELSEWHERE_MISSED = Reason(
    "booking.elsewhere-missed",
    _("Ребёнок не пришёл на тестирование. Сначала решают, можно ли записать его снова."),
)
SAME_ORGANISATION = Reason(
    "booking.elsewhere-same",
    _("Направление и так выдано в эту организацию. Выберите другую."),
)
NOT_IN_LIST = Reason(
    "booking.elsewhere-not-in-list",
    _("Этой организации сегодня нет в перечне тестирующих. Выберите другую."),
)
NEEDS_WORDS = Reason(
    "booking.elsewhere-needs-words",
    _("Напишите, почему место меняют: это прочтут родитель, школа и обе организации."),
)
NO_FREE_DAYS = Reason(
    "booking.elsewhere-no-days",
    _(
        "В этой организации впереди нет дней со свободными местами для %(grade)s класса: "
        "записаться там пока нельзя. Добавьте день в расписание."
    ),
    warning=True,
)


@dataclass(frozen=True)
class CaseFacts:
    """Where the case and its live referral stand. `booked_on`: day of the live booking."""

    state: ApplicationState
    referral: ReferralState | None
    category: Category
    grade: int
    testing_org: int | None = None
    booked_on: date | None = None
    special_needs: bool = False


@dataclass(frozen=True)
class PlaceFacts:
    """The organisation the ministry has chosen."""

    testing_org: int
    listed: bool  # it is a testing organisation on that day
    free_days: int  # days ahead with places for the grade
    accessible: bool = True


def reasons_against_replacing(case: CaseFacts, *, on: date, profile: Profile) -> Iterator[Refusal]:
    """Why the child's referral may not be replaced today, whatever the place."""
    if case.referral is None:
        yield NO_REFERRAL()
        return
    if free := exemption(case.category, on=on, profile=profile):
        yield EXEMPT_FROM_TEST(free, category=CATEGORY_NAMES[case.category])
    if case.state == ApplicationState.NO_SHOW:
        yield ELSEWHERE_MISSED(profile.value("booking.no_show_policy", on=on))
    elif case.booked_on is not None:
        yield ELSEWHERE_BOOKED(held_on=case.booked_on)
    elif ReferralState.REVOKED not in REFERRAL_TRANSITIONS[case.referral]:
        yield ELSEWHERE_USED(state=REFERRAL_NAMES[case.referral])


def reasons_against_place(
    case: CaseFacts, place: PlaceFacts, *, note: str, on: date, profile: Profile
) -> Iterator[Refusal]:
    """Why not to this organisation; that nobody can be booked there yet is a warning."""
    if place.testing_org == case.testing_org:
        yield SAME_ORGANISATION(profile.value("booking.place", on=on))
    elif not place.listed:
        yield NOT_IN_LIST(profile.value("booking.place", on=on))
    else:
        if not place.free_days:
            yield NO_FREE_DAYS(grade=case.grade)
        if case.special_needs and not place.accessible:
            yield NO_ACCESSIBLE_PLACE()
    if not note.strip():
        yield NEEDS_WORDS()
