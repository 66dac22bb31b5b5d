"""What keeps a test day from starting; letter 03-608, items 7, 8, 12, 13."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from merilo.law import Part, Profile, Reason, Refusal, Value, cite
from merilo.law.refusal import _

from .states import (
    COMMISSION_ROLES,
    PART_WORDS,
    ROLE_WORDS,
    DayRole,
    SessionDayState,
    reasons_against_day_moving,
)

NO_CHAIR = Reason(
    "testday.no-chair",
    _(
        "На месте нет председателя комиссии. Отметьте его присутствие или назначьте "
        "председателя на этот день приказом."
    ),
)
COMMISSION_TOO_SMALL = Reason(
    "testday.commission-too-small",
    _(
        "Присутствуют %(present)s чел. из комиссии, нужно не менее %(least)s. "
        "Назначьте недостающих членов комиссии и отметьте их присутствие."
    ),
)
COMMISSION_AT_MINIMUM = Reason(
    "testday.commission-at-minimum",
    _(
        "В комиссии ровно %(least)s чел. вместе с председателем. Акт можно прочесть и как "
        "«%(least)s члена и председатель»: при возможности назначьте ещё одного."
    ),
    warning=True,
)
ROLE_MISSING = Reason(
    "testday.role-missing",
    _("Не назначен или не отмечен на месте: %(role)s. Назначьте его на этот день."),
)
EXPERT_CONDUCTS = Reason(
    "testday.expert-conducts",
    _(
        "%(person)s проводит беседу и оценивает её же (аудитория %(room)s). Эксперт не "
        "вмешивается в беседу: назначьте другого эксперта или другого проводящего."
    ),
)
EXPERT_ALSO_CONDUCTS = Reason(
    "testday.expert-also-conducts",
    _(
        "%(person)s сегодня и проводит устную часть, и оценивает. Проверьте, что это разные "
        "беседы: протокол своей беседы эксперт подписать не сможет."
    ),
    warning=True,
)
LITTLE_EXPERIENCE = Reason(
    "testday.little-experience",
    _(
        "%(person)s: педагогический опыт %(years)s лет, эксперту рекомендовано от %(least)s. "
        "Назначение возможно."
    ),
    warning=True,
)
AUDIO_NOT_TESTED = Reason(
    "testday.audio-not-tested",
    _(
        "Аудитория %(room)s: аудиозапись не проверена. Сделайте пробную запись и отметьте "
        "проверку; если запись не работает, переведите участников в другую аудиторию."
    ),
)
VIDEO_NOT_TESTED = Reason(
    "testday.video-not-tested",
    _(
        "Аудитория %(room)s: видеозапись не проверена. Проверьте её; если устройство "
        "неисправно, смените аудиторию или перенесите день по техническим причинам."
    ),
)
ROOM_NOT_ISOLATED = Reason(
    "testday.room-not-isolated",
    _(
        "Аудитория %(room)s не изолирована от помещений, не занятых в тестировании. "
        "Закройте соседние помещения и отметьте это или смените аудиторию."
    ),
)
NOT_ENOUGH_WORKPLACES = Reason(
    "testday.not-enough-workplaces",
    _(
        "Аудитория %(room)s: рабочих мест %(workplaces)s, участников одновременно %(seated)s. "
        "Нужно отдельное место каждому: переведите часть участников или добавьте места."
    ),
)
NO_ACCESSIBLE_PLACE = Reason(
    "testday.no-accessible-place",
    _(
        "Аудитория %(room)s: оборудованных мест для участников с ОВЗ %(places)s, нужно "
        "%(needed)s. Подготовьте место по потребности участника или смените аудиторию."
    ),
)
NO_ROOM = Reason(
    "testday.no-room",
    _("Не распределены по аудиториям (%(part)s часть): участников %(count)s. Распределите их."),
)
UNKNOWN_ROOM = Reason(
    "testday.unknown-room",
    _(
        "Аудитория %(room)s указана участникам, но в этот день не открыта. Добавьте её или "
        "переведите участников."
    ),
)
NOT_PRINTED = Reason(
    "testday.not-printed",
    _(
        "Не отмечено, что распечатаны критерии и бланки протоколов. Распечатайте их по плану "
        "печати в присутствии комиссии и отметьте это."
    ),
)
NOT_BRIEFED = Reason(
    "testday.not-briefed",
    _("Не отмечен инструктаж. Проведите его и отметьте время."),
)
NOT_THE_DAY = Reason(
    "testday.not-the-day",
    _("День тестирования — %(test_on)s, а сегодня %(today)s. Приходите в этот день."),
)
NOBODY_BOOKED = Reason(
    "testday.nobody-booked",
    _("На этот день нет ни одного участника: начинать нечего."),
)


@dataclass(frozen=True)
class Assignment:
    """One person's role on the day; `room` where the role is tied to one conversation or room.

    `experience_years` in teaching the subject, None where it is not known.
    """

    person: str
    role: DayRole
    present: bool = True
    room: str = ""
    experience_years: int | None = None


@dataclass(frozen=True)
class Room:
    number: str
    workplaces: int
    accessible_places: int = 0
    isolated: bool = True
    audio_tested: bool = True
    video_tested: bool = True


@dataclass(frozen=True)
class Place:
    """Where one participant takes one part. People of one room and slot sit there at once."""

    part: Part
    room: str
    slot: str = ""
    needs_accessible: bool = False


@dataclass(frozen=True)
class DayFacts:
    """What the checklist of a day knows. `places` has a row per participant and part."""

    test_on: date
    assignments: tuple[Assignment, ...] = ()
    rooms: tuple[Room, ...] = ()
    places: tuple[Place, ...] = ()
    printed: bool = False
    briefed: bool = False
    state: SessionDayState = SessionDayState.STAFFED


def reasons_against_start(day: DayFacts, *, today: date, profile: Profile) -> Iterator[Refusal]:
    """Everything that keeps the day from starting, at once; warnings among them."""
    yield from reasons_against_day_moving(day.state, SessionDayState.RUNNING)
    if today != day.test_on:
        yield NOT_THE_DAY(test_on=day.test_on, today=today)
    if not day.places:
        yield NOBODY_BOOKED()
    yield from reasons_against_commission(day, profile=profile)
    yield from reasons_against_rooms(day, profile=profile)
    if not day.printed:
        yield NOT_PRINTED(cite("letter-03-608", "п. 13"))
    if not day.briefed:
        yield NOT_BRIEFED(cite("letter-03-608", "п. 9"))


def reasons_against_commission(day: DayFacts, *, profile: Profile) -> Iterator[Refusal]:
    """What is wrong with the people of the day. A day without written parts needs no conductor."""
    here = [one for one in day.assignments if one.present]
    roles = {one.role for one in here}
    least = profile.value("testday.commission_min", on=day.test_on)
    if DayRole.CHAIR not in roles:
        yield NO_CHAIR(least)
    count = len({one.person for one in here if one.role in COMMISSION_ROLES})
    if count < least.value:
        yield COMMISSION_TOO_SMALL(least, present=count, least=least.value)
    elif count == least.value:
        yield COMMISSION_AT_MINIMUM(least, least=least.value)
    needed = {DayRole.EXPERT, DayRole.ORAL_CONDUCTOR}
    if any(place.part == Part.WRITTEN for place in day.places):
        needed.add(DayRole.WRITTEN_CONDUCTOR)
    for role in DayRole:
        if role in needed - roles:
            yield ROLE_MISSING(least, role=ROLE_WORDS[role])
    yield from _mixed_roles(here)
    wanted = profile.value("testday.expert_experience_years", on=day.test_on)
    for one in here:
        years = one.experience_years
        if one.role == DayRole.EXPERT and years is not None and years < wanted.value:
            yield LITTLE_EXPERIENCE(wanted, person=one.person, years=years, least=wanted.value)


def _mixed_roles(here: Sequence[Assignment]) -> Iterator[Refusal]:
    """The expert must not be the one who leads the conversation he marks."""
    source = cite("letter-03-608", "п. 12")
    conducting = [one for one in here if one.role == DayRole.ORAL_CONDUCTOR]
    for expert in (one for one in here if one.role == DayRole.EXPERT):
        rooms = [one.room for one in conducting if one.person == expert.person]
        if expert.room and expert.room in rooms:
            yield EXPERT_CONDUCTS(source, person=expert.person, room=expert.room)
        elif rooms:
            yield EXPERT_ALSO_CONDUCTS(source, person=expert.person)


def reasons_against_rooms(day: DayFacts, *, profile: Profile) -> Iterator[Refusal]:
    """What is wrong with the rooms in use and the places in them."""
    audio = profile.value("testday.oral_audio", on=day.test_on)
    video = profile.value("testday.video", on=day.test_on)
    isolated = profile.value("testday.isolated_rooms", on=day.test_on)
    rooms = {room.number: room for room in day.rooms}
    for part in Part:
        homeless = sum(not place.room for place in day.places if place.part == part)
        if homeless:
            yield NO_ROOM(part=PART_WORDS[part], count=homeless)
    for number in sorted({place.room for place in day.places if place.room}):
        if number not in rooms:
            yield UNKNOWN_ROOM(room=number)
            continue
        room = rooms[number]
        places = [place for place in day.places if place.room == number]
        oral = any(place.part == Part.ORAL for place in places)
        if audio.value and oral and not room.audio_tested:
            yield AUDIO_NOT_TESTED(audio, room=number)
        if video.value and not room.video_tested:
            yield VIDEO_NOT_TESTED(video, room=number)
        if isolated.value and not room.isolated:
            yield ROOM_NOT_ISOLATED(isolated, room=number)
        yield from _crowding(room, places, isolated)


def _crowding(room: Room, places: Sequence[Place], source: Value) -> Iterator[Refusal]:
    """Too few places in the fullest slot. Without a slot an oral part is taken in turn."""
    written = [place for place in places if place.slot or place.part == Part.WRITTEN]
    seated = max(Counter((p.part, p.slot) for p in written).values(), default=1)
    if seated > room.workplaces:
        yield NOT_ENOUGH_WORKPLACES(
            source, room=room.number, workplaces=room.workplaces, seated=seated
        )
    special = Counter((p.part, p.slot) for p in written if p.needs_accessible)
    needed = max(
        [*special.values(), int(any(place.needs_accessible for place in places))], default=0
    )
    if needed > room.accessible_places:
        yield NO_ACCESSIBLE_PLACE(
            source, room=room.number, places=room.accessible_places, needed=needed
        )
