"""Which variant may be given to whom, and who may sit together; letter, items 15 and 24."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from merilo.law import Answer, Part, Profile, Reason, Refusal
from merilo.law.refusal import _

from .admission import AttemptEnd, is_unsuccessful

MIXED_GRADES = Reason(
    "testday.mixed-grades",
    _(
        "В аудитории %(room)s одновременно пишут %(grades)s классы. Тестирование проводится по "
        "годам обучения: разведите их по аудиториям или по времени."
    ),
)
TWO_LISTENING_TEXTS = Reason(
    "testday.two-listening-texts",
    _(
        "В аудитории %(room)s одновременно назначены разные тексты для прослушивания: %(texts)s. "
        "Текст читают вслух всем: дайте один вариант или разведите участников по времени."
    ),
)
FORBIDDEN_VARIANT = Reason(
    "testday.forbidden-variant",
    _(
        "Вариант %(variant)s участник %(participant)s уже выполнял. Назначьте другой вариант; "
        "если в аудитории звучит общий текст, переведите участника в другую аудиторию или время."
    ),
)
NO_VARIANT_LEFT = Reason(
    "testday.no-variant-left",
    _(
        "Свободного варианта для участника нет: %(available)s в наличии, все уже использованы "
        "им раньше или не подходят к тексту аудитории. Запросите другой вариант у РЦОИ или "
        "переведите участника в другую аудиторию."
    ),
)
VARIANT_NOT_SET = Reason(
    "testday.variant-not-set",
    _("Аудитория %(room)s: вариант назначен не всем участникам (%(count)s). Назначьте варианты."),
    warning=True,
)


@dataclass(frozen=True)
class Variant:
    """One variant of a part; oral variants have no listening text."""

    code: str
    listening_text: str = ""


@dataclass(frozen=True)
class Seat:
    """One participant of a room and slot. `forbidden` from `forbidden_variants`."""

    participant: str
    grade: int
    variant: Variant | None = None
    forbidden: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PastAttempt:
    """An attempt of the same person: which variants it used and how it ended."""

    test_on: date
    grade: int
    variants: Mapping[Part, str]
    end: AttemptEnd


def room_variants(
    room: str, seats: Iterable[Seat], *, part: Part, on: date, profile: Profile
) -> Answer:
    """Whether these people may take the part in one room at one time with these variants."""
    seats = list(seats)
    readings = profile.value("testday.listening_readings", on=on)
    exclude = profile.value("retest.variants_exclude", on=on)
    texts = sorted({s.variant.listening_text for s in seats if s.variant} - {""})
    grades = sorted({seat.grade for seat in seats})

    def reasons() -> Iterator[Refusal]:
        if part == Part.WRITTEN:
            if len(grades) > 1:
                yield MIXED_GRADES(readings, room=room, grades=tuple(grades))
            if len(texts) > 1:
                yield TWO_LISTENING_TEXTS(readings, room=room, texts=tuple(texts))
        for seat in seats:
            if seat.variant and seat.variant.code in seat.forbidden:
                yield FORBIDDEN_VARIANT(
                    exclude, variant=seat.variant.code, participant=seat.participant
                )
        if unset := sum(seat.variant is None for seat in seats):
            yield VARIANT_NOT_SET(room=room, count=unset)

    return Answer(
        reasons=tuple(reasons()),
        outcome={"listening_text": texts[0] if len(texts) == 1 else None, "grades": grades},
        decided_under=(readings, exclude),
    )


def forbidden_variants(
    history: Iterable[PastAttempt], *, grade: int, part: Part, on: date, profile: Profile
) -> frozenset[str]:
    """The variants of the part this person may not get again in that grade."""
    used = sorted(
        (past for past in history if past.grade == grade and past.variants.get(part)),
        key=lambda past: past.test_on,
    )
    if profile.value("retest.variants_exclude", on=on).value == "unsuccessful":
        used = [past for past in used if is_unsuccessful(past.end)][-1:]
    return frozenset(past.variants[part] for past in used)


def choose_variant(
    available: Sequence[Variant],
    *,
    forbidden: Collection[str],
    room_text: str = "",
    on: date,
    profile: Profile,
) -> Answer:
    """The first variant this person may get, in the order given; `room_text` is read to the room.

    The outcome holds `variant`, None where a new one has to be requested.
    """
    exclude = profile.value("retest.variants_exclude", on=on)
    for variant in available:
        fits = not room_text or variant.listening_text in ("", room_text)
        if fits and variant.code not in forbidden:
            return Answer(outcome={"variant": variant}, decided_under=(exclude,))
    codes = tuple(variant.code for variant in available) or "—"
    return Answer(
        reasons=(NO_VARIANT_LEFT(exclude, available=codes),),
        outcome={"variant": None},
        decided_under=(exclude,),
    )


def in_order_of_use(
    available: Iterable[Variant], *, wanted_by: Iterable[Collection[str]]
) -> list[Variant]:
    """The variants in the order to try: first those that most of the people still may get.

    `wanted_by` holds the forbidden codes of everybody who is to take the part that day.
    """
    everyone = list(wanted_by)
    return sorted(
        available,
        key=lambda variant: (sum(variant.code in one for one in everyone), variant.code),
    )
