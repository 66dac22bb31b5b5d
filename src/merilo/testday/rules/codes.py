"""The unique code of a participant; order 23a-566, annex 1, item 8.2."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from merilo import law
from merilo.law import (
    Answer,
    Profile,
    Reason,
    Refusal,
    Refused,
)
from merilo.law.refusal import _

SERIAL_EXHAUSTED = Reason(
    "testday.serial-exhausted",
    _(
        "Номера кончились: школе %(school)s для %(grade)s класса уже выдано %(most)s кодов. "
        "Дальше код по маске не составить: обратитесь в РЦОИ."
    ),
)
BAD_SERIAL = Reason(
    "testday.bad-serial", _("Порядковый номер %(serial)s невозможен: он от 1 до %(most)s.")
)
BAD_SCHOOL_CODE = Reason(
    "testday.bad-school-code",
    _("Код школы «%(school)s» — не три цифры. Возьмите код, под которым она сдаёт ГИА и ВПР."),
)
BAD_GRADE = Reason(
    "testday.bad-grade", _("Класс %(grade)s невозможен: он от %(least)s до %(most)s.")
)
BAD_CODE = Reason(
    "testday.bad-code",
    _("«%(code)s» — не уникальный код: в нём ровно 8 цифр по маске %(mask)s, например 01509901."),
)
CODE_TAKEN = Reason(
    "testday.code-taken",
    _("Код %(code)s в этот день и в этом классе уже есть у другого участника. Проверьте номер."),
)

LOOK_ALIKES = str.maketrans("OОoоЗзЧчIl|", "00003344111")


def normalise_code(text: str) -> str:
    """A code as typed or scanned: spaces gone, letters that look like digits made digits."""
    return "".join(text.split()).translate(LOOK_ALIKES)


def unique_code(serial: int, school_code: str, grade: int, *, on: date, profile: Profile) -> str:
    """The eight digits NNNOOOKK. Raises `Refused` with everything wrong with its parts."""
    most = profile.value("results.code_max_serial", on=on)
    lowest = profile.value("admissions.min_grade", on=on)
    highest = profile.value("admissions.max_grade", on=on)
    reasons = []
    if not 1 <= serial <= most.value:
        reasons.append(BAD_SERIAL(most, serial=serial, most=most.value))
    if not (len(school_code) == 3 and school_code.isascii() and school_code.isdigit()):
        reasons.append(BAD_SCHOOL_CODE(most, school=school_code))
    if not lowest.value <= grade <= highest.value:
        reasons.append(BAD_GRADE(lowest, grade=grade, least=lowest.value, most=highest.value))
    law.refuse(reasons)
    return _written(serial, school_code, grade)


def _written(serial: int, school_code: str, grade: int) -> str:
    return f"{serial:03d}{school_code}{grade:02d}"


def next_code(
    used: Collection[str],
    school_code: str,
    grade: int,
    *,
    previous: str | None = None,
    on: date,
    profile: Profile,
) -> Answer:
    """The code for a participant; `used` holds every code ever given, of anybody.

    On a retest the person keeps the code he has, whatever his grade and school are now.
    The outcome holds `code`, None where none can be given, and `reused`.
    """
    reuse = profile.value("results.code_reuse_on_retest", on=on)
    most = profile.value("results.code_max_serial", on=on)
    if previous and reuse.value:
        return Answer(outcome={"code": previous, "reused": True}, decided_under=(reuse,))
    taken = set(used)
    code = None
    reasons: tuple[Refusal, ...] = ()
    try:
        unique_code(1, school_code, grade, on=on, profile=profile)
        numbers = range(1, most.value + 1)
        candidates = (_written(serial, school_code, grade) for serial in numbers)
        code = next((one for one in candidates if one not in taken), None)
        if code is None:
            reasons = (SERIAL_EXHAUSTED(most, school=school_code, grade=grade, most=most.value),)
    except Refused as refused:
        reasons = refused.refusals
    return Answer(
        reasons=reasons, outcome={"code": code, "reused": False}, decided_under=(reuse, most)
    )


def reasons_against_code(
    code: str, *, others_that_day_and_grade: Collection[str], on: date, profile: Profile
) -> Iterator[Refusal]:
    """What is wrong with a code that came from outside: its form, or somebody else has it."""
    mask = profile.value("results.code_mask", on=on)
    code = normalise_code(code)
    grades = range(
        profile.value("admissions.min_grade", on=on).value,
        profile.value("admissions.max_grade", on=on).value + 1,
    )
    whole = len(code) == len(mask.value) and code.isascii() and code.isdigit()
    if not whole or code[:3] == "000" or int(code[6:]) not in grades:
        yield BAD_CODE(mask, code=code, mask=mask.value)
    elif code in {normalise_code(other) for other in others_that_day_and_grade}:
        yield CODE_TAKEN(mask, code=code)


def code_school(*, receiving_school: str, testing_org: str, on: date, profile: Profile) -> str:
    """Whose three-digit code goes into the unique code."""
    whose = profile.value("results.code_school", on=on).value
    return receiving_school if whose == "receiving_school" else testing_org
