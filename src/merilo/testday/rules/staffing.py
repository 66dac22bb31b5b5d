"""Who may be in a commission and what each does on the day; letter 03-608, items 8 and 12."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from merilo.law import Profile, Reason, Refusal, cite
from merilo.law.refusal import _

from .readiness import COMMISSION_TOO_SMALL, EXPERT_CONDUCTS, LITTLE_EXPERIENCE, Assignment
from .states import COMMISSION_ROLES, DAY_WORDS, ROLE_WORDS, DayRole, SessionDayState

CHAIR_NOT_MEMBER = Reason(
    "testday.chair-not-member",
    _("Председатель не выбран из состава комиссии. Отметьте одного из её членов председателем."),
)
MEMBER_TWICE = Reason(
    "testday.member-twice", _("%(person)s указан в составе комиссии дважды. Оставьте одну строку.")
)
NOT_OF_THE_ORGANISATION = Reason(
    "testday.not-of-the-organisation",
    _(
        "%(person)s на %(on)s не работает в вашей организации. Комиссию составляют из работников "
        "тестирующей организации."
    ),
)
NOT_QUALIFIED = Reason(
    "testday.not-qualified",
    _(
        "%(person)s: не подтверждено соответствие квалификационным требованиям. Это рекомендация, "
        "утвердить состав можно."
    ),
    warning=True,
)
NO_ORDER = Reason(
    "testday.no-order", _("Укажите номер и дату локального акта, которым утверждена комиссия.")
)
ORDER_TAKEN = Reason(
    "testday.order-taken",
    _("Комиссия по приказу «%(order)s» уже внесена. Для нового состава нужен новый приказ."),
)
COMMISSION_DISSOLVED = Reason(
    "testday.commission-dissolved",
    _("Эта комиссия упразднена с %(on)s. Выберите действующую."),
)
NOT_IN_COMMISSION = Reason(
    "testday.not-in-commission",
    _(
        "%(person)s не входит в комиссию этого дня, обязанность «%(role)s» дать нельзя. Выберите "
        "члена комиссии или утвердите новый состав."
    ),
)
CHAIR_TWICE = Reason(
    "testday.chair-twice", _("На день нужен один председатель, а назначено %(count)s.")
)
ROOM_NEEDED = Reason(
    "testday.room-needed",
    _("%(person)s: укажите аудиторию для обязанности «%(role)s»."),
)
STAFFING_CLOSED = Reason(
    "testday.staffing-closed",
    _("День в состоянии «%(state)s»: обязанности уже не меняют."),
)
REPLACEMENT_NEEDS_REASON = Reason(
    "testday.replacement-needs-reason",
    _("Укажите, почему понадобилась замена: она войдёт в протокол дня."),
)


@dataclass(frozen=True)
class Member:
    """A person proposed for a commission. `works_here`: holds a position on the approval day."""

    person: str
    key: int
    is_chair: bool = False
    works_here: bool = True
    qualified: bool = True
    experience_years: int | None = None


def reasons_against_approving(
    order_ref: str,
    members: Sequence[Member],
    *,
    order_taken: bool = False,
    on: date,
    profile: Profile,
) -> Iterator[Refusal]:
    """Everything wrong with a commission before it is approved; advice comes as warnings."""
    least = profile.value("testday.commission_min", on=on)
    years = profile.value("testday.expert_experience_years", on=on)
    if not order_ref.strip():
        yield NO_ORDER(cite("order-23a-566", "п. 4.4.10 Порядка (прил. 1)"))
    elif order_taken:
        yield ORDER_TAKEN(order=order_ref.strip())
    keys = [one.key for one in members]
    if len(set(keys)) < least.value:
        yield COMMISSION_TOO_SMALL(least, present=len(set(keys)), least=least.value)
    if sum(one.is_chair for one in members) != 1:
        yield CHAIR_NOT_MEMBER(least)
    for index, one in enumerate(members):
        if one.key in keys[:index]:
            yield MEMBER_TWICE(person=one.person)
        if not one.works_here:
            yield NOT_OF_THE_ORGANISATION(least, person=one.person, on=on)
        if not one.qualified:
            yield NOT_QUALIFIED(years, person=one.person)
        if one.experience_years is not None and one.experience_years < years.value:
            yield LITTLE_EXPERIENCE(
                years, person=one.person, years=one.experience_years, least=years.value
            )


ROOM_ROLES = frozenset({DayRole.ORAL_CONDUCTOR, DayRole.WRITTEN_CONDUCTOR})


def reasons_against_duties(
    duties: Sequence[tuple[Assignment, bool]], *, state: SessionDayState
) -> Iterator[Refusal]:
    """Why these duties may not be written: (assignment, whether the person is in the commission).

    An incomplete list may be kept; what is missing keeps the day from starting, not from planning.
    """
    if state not in (SessionDayState.PLANNED, SessionDayState.STAFFED, SessionDayState.RUNNING):
        yield STAFFING_CLOSED(state=DAY_WORDS[state])
    chairs = sum(one.role == DayRole.CHAIR for one, _member in duties)
    if chairs > 1:
        yield CHAIR_TWICE(count=chairs)
    source = cite("letter-03-608", "п. 12")
    conducting = {
        (one.person, one.room) for one, _member in duties if one.role == DayRole.ORAL_CONDUCTOR
    }
    for one, member in duties:
        if one.role in COMMISSION_ROLES and not member:
            yield NOT_IN_COMMISSION(source, person=one.person, role=ROLE_WORDS[one.role])
        if one.role in ROOM_ROLES and not one.room:
            yield ROOM_NEEDED(source, person=one.person, role=ROLE_WORDS[one.role])
        if one.role == DayRole.EXPERT and one.room and (one.person, one.room) in conducting:
            yield EXPERT_CONDUCTS(source, person=one.person, room=one.room)
