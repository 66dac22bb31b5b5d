"""What the registry may hold: periods of validity, codes of schools, kinds of organisations."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from merilo.law import Reason, Refusal
from merilo.law.refusal import _


class TerritoryKind(StrEnum):
    REGION = "region"
    URBAN_DISTRICT = "urban_district"  # городской округ
    MUNICIPAL_DISTRICT = "municipal_district"  # муниципальный район
    MUNICIPAL_OKRUG = "municipal_okrug"  # муниципальный округ


class Function(StrEnum):
    """What an organisation does in the procedure; one organisation may do several."""

    MINISTRY = "ministry"
    RCOI = "rcoi"
    MOUO = "mouo"
    SCHOOL = "school"
    TESTING_ORG = "testing_org"


class Ownership(StrEnum):
    STATE = "state"
    MUNICIPAL = "municipal"
    PRIVATE = "private"


TERRITORY_NAMES: dict[TerritoryKind, str] = {
    TerritoryKind.REGION: _("субъект РФ"),
    TerritoryKind.URBAN_DISTRICT: _("городской округ"),
    TerritoryKind.MUNICIPAL_DISTRICT: _("муниципальный район"),
    TerritoryKind.MUNICIPAL_OKRUG: _("муниципальный округ"),
}
FUNCTION_NAMES: dict[Function, str] = {
    Function.MINISTRY: _("министерство"),
    Function.RCOI: _("РЦОИ"),
    Function.MOUO: _("МОУО"),
    Function.SCHOOL: _("школа"),
    Function.TESTING_ORG: _("тестирующая организация"),
}
OWNERSHIP_NAMES: dict[Ownership, str] = {
    Ownership.STATE: _("государственная"),
    Ownership.MUNICIPAL: _("муниципальная"),
    Ownership.PRIVATE: _("частная"),
}
# Which function an organisation needs for a role in it; who sees the region is in its own body.
NEEDED_FOR_ROLE: dict[str, Function] = {
    "school": Function.SCHOOL,
    "testing_org": Function.TESTING_ORG,
    "commission": Function.TESTING_ORG,
    "mouo": Function.MOUO,
    "rcoi": Function.RCOI,
    "ministry": Function.MINISTRY,
    "mechanisms_expert": Function.MINISTRY,
    "auditor": Function.MINISTRY,
    "admin": Function.MINISTRY,
}
LONGEST_TOKEN_DAYS = 366


@dataclass(frozen=True)
class Period:
    """From a day to a day, both included; `until` None means still open."""

    since: date
    until: date | None = None

    def holds(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)

    def overlaps(self, other: Period) -> bool:
        return (self.until is None or other.since <= self.until) and (
            other.until is None or self.since <= other.until
        )


EXAM_CODE = re.compile(r"\d{3}")


def is_exam_code(code: str) -> bool:
    """Three digits, 001–999: the school's code for ГИА and ВПР."""
    return bool(EXAM_CODE.fullmatch(code)) and code != "000" and code.isascii()


def search_key(*names: str) -> str:
    """Names as they are searched and sorted: lower case, ё as е, one space."""
    joined = unicodedata.normalize("NFC", " ".join(name.strip() for name in names if name))
    return " ".join(joined.lower().replace("ё", "е").split())


# --- organisations -------------------------------------------------------------------------------

NAME_MISSING = Reason(
    "registry.name-missing", _("Напишите полное и краткое наименование организации.")
)
EXAM_CODE_WRONG = Reason(
    "registry.exam-code-wrong",
    _("Код ГИА и ВПР «%(code)s» неверен: нужны три цифры от 001 до 999, например 025."),
)
EXAM_CODE_TAKEN = Reason(
    "registry.exam-code-taken",
    _("Код %(code)s уже у организации «%(name)s». Проверьте код или закройте прежнюю запись."),
)
INN_WRONG = Reason(
    "registry.inn-wrong",
    _("ИНН «%(inn)s» неверен: у организации 10 цифр, контрольная цифра должна сойтись."),
)
INN_TAKEN = Reason(
    "registry.inn-taken", _("ИНН %(inn)s уже у организации «%(name)s». Проверьте ИНН.")
)
ENDS_BEFORE_BEGINS = Reason(
    "registry.ends-before-begins",
    _("Последний день (%(until)s) раньше первого (%(since)s). Исправьте дату."),
)
ALREADY_CLOSED = Reason(
    "registry.already-closed", _("Запись уже закрыта с %(until)s, второй раз закрывать не нужно.")
)
STILL_WORKS = Reason(
    "registry.still-works",
    _("Организацию нельзя закрыть: %(what)s — %(many)s. Сначала завершите или передайте их."),
)
HAS_OPEN_BELOW = Reason(
    "registry.has-open-below",
    _("Организацию нельзя закрыть: ей подчинены действующие организации — %(many)s."),
)
PARENT_CLOSED = Reason(
    "registry.parent-closed",
    _("Вышестоящая организация «%(name)s» на эту дату не действует. Выберите другую."),
)
FUNCTION_HELD = Reason(
    "registry.function-held", _("Организация уже выполняет эту функцию: %(function)s.")
)
FUNCTION_ONE_IN_REGION = Reason(
    "registry.function-one-in-region",
    _("В регионе уже есть %(function)s: «%(name)s». Сначала прекратите эту функцию там."),
)


@dataclass(frozen=True)
class OrganisationFacts:
    """What is written of an organisation and who already holds its code and ИНН, by name."""

    name: str
    short_name: str
    since: date
    until: date | None = None
    exam_code: str = ""
    inn: str = ""
    exam_code_of: str = ""
    inn_of: str = ""


def is_inn(inn: str) -> bool:
    """Ten digits of an organisation whose last one checks the others."""
    if not re.fullmatch(r"[0-9]{10}", inn):
        return False
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    total = sum(weight * int(digit) for weight, digit in zip(weights, inn, strict=False))
    return total % 11 % 10 == int(inn[9])


def reasons_against_organisation(facts: OrganisationFacts) -> Iterator[Refusal]:
    """Everything wrong with an organisation's record."""
    if not facts.name.strip() or not facts.short_name.strip():
        yield NAME_MISSING()
    if facts.exam_code and not is_exam_code(facts.exam_code):
        yield EXAM_CODE_WRONG(code=facts.exam_code)
    if facts.exam_code_of:
        yield EXAM_CODE_TAKEN(code=facts.exam_code, name=facts.exam_code_of)
    if facts.inn and not is_inn(facts.inn):
        yield INN_WRONG(inn=facts.inn)
    if facts.inn_of:
        yield INN_TAKEN(inn=facts.inn, name=facts.inn_of)
    yield from reasons_against_period(facts.since, facts.until)


def reasons_against_period(since: date, until: date | None) -> Iterator[Refusal]:
    if until is not None and until < since:
        yield ENDS_BEFORE_BEGINS(since=since, until=until)


def reasons_against_ending(period: Period, until: date) -> Iterator[Refusal]:
    """Why a record may not get this last day."""
    if period.until is not None:
        yield ALREADY_CLOSED(until=period.until)
    yield from reasons_against_period(period.since, until)


def reasons_against_closing(
    period: Period, until: date, *, below: int, open_work: Mapping[str, int]
) -> Iterator[Refusal]:
    """Why an organisation may not close: what it still has to finish, in words and numbers."""
    yield from reasons_against_ending(period, until)
    if below:
        yield HAS_OPEN_BELOW(many=below)
    for what, many in open_work.items():
        if many:
            yield STILL_WORKS(what=what, many=many)


def reasons_against_function(
    function: Function, *, held: bool, region_holder: str = ""
) -> Iterator[Refusal]:
    """Why an organisation may not take the function; a region has one ministry and one РЦОИ."""
    if held:
        yield FUNCTION_HELD(function=FUNCTION_NAMES[function])
    elif region_holder and function in (Function.MINISTRY, Function.RCOI):
        yield FUNCTION_ONE_IN_REGION(function=FUNCTION_NAMES[function], name=region_holder)


# --- areas, places, rooms ------------------------------------------------------------------------

NOT_A_SCHOOL = Reason("registry.not-a-school", _("«%(name)s» на эту дату не школа."))
NOT_A_TESTING_ORG = Reason(
    "registry.not-a-testing-org",
    _("«%(name)s» на эту дату не тестирующая организация. Сначала назначьте ей эту функцию."),
)
AREA_HELD = Reason(
    "registry.area-held", _("Школа уже закреплена за этой тестирующей организацией.")
)
PLACE_INCOMPLETE = Reason(
    "registry.place-incomplete", _("Напишите название и адрес пункта прохождения тестирования.")
)
ROOM_NUMBER_MISSING = Reason("registry.room-number-missing", _("Напишите номер аудитории."))
ROOM_TAKEN = Reason(
    "registry.room-taken", _("Аудитория %(number)s в этом пункте уже есть. Проверьте номер.")
)
ROOM_WITHOUT_PLACES = Reason(
    "registry.room-without-places",
    _("Рабочих мест должно быть от 1 до %(most)s. Исправьте число."),
)
ROOM_FOR_NOTHING = Reason(
    "registry.room-for-nothing",
    _("Отметьте, для какой части аудитория: устной, письменной или обеих."),
)
ROOM_NEEDED = Reason(
    "registry.room-needed",
    _("Закрыть нельзя: запланированы дни тестирования — %(many)s. Сначала перенесите их."),
)
MOST_WORKPLACES = 500


def reasons_against_area(
    *, school: str, testing_org: str, is_school: bool, is_testing_org: bool, held: bool
) -> Iterator[Refusal]:
    """Why a school may not be assigned to a testing organisation."""
    if not is_school:
        yield NOT_A_SCHOOL(name=school)
    if not is_testing_org:
        yield NOT_A_TESTING_ORG(name=testing_org)
    if held:
        yield AREA_HELD()


def reasons_against_place(
    *, name: str, address: str, organisation: str, is_testing_org: bool
) -> Iterator[Refusal]:
    if not name.strip() or not address.strip():
        yield PLACE_INCOMPLETE()
    if not is_testing_org:
        yield NOT_A_TESTING_ORG(name=organisation)


@dataclass(frozen=True)
class RoomFacts:
    """A room of a ППТ as it is written down."""

    number: str
    workplaces: int
    for_oral: bool = True
    for_written: bool = True
    audio: bool = False
    video: bool = False
    isolated: bool = True
    accessible: bool = False


def reasons_against_room(room: RoomFacts, *, taken: bool = False) -> Iterator[Refusal]:
    """Everything wrong with a room's record; `taken`: the place has an open room of that number."""
    if not room.number.strip():
        yield ROOM_NUMBER_MISSING()
    if taken:
        yield ROOM_TAKEN(number=room.number)
    if not 1 <= room.workplaces <= MOST_WORKPLACES:
        yield ROOM_WITHOUT_PLACES(most=MOST_WORKPLACES)
    if not (room.for_oral or room.for_written):
        yield ROOM_FOR_NOTHING()


# --- people --------------------------------------------------------------------------------------

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{2,59}")
LOGIN_WRONG = Reason(
    "registry.login-wrong",
    _("Логин «%(login)s» не подходит: от 3 до 60 знаков, латинские буквы, цифры, точка, дефис."),
)
LOGIN_TAKEN = Reason("registry.login-taken", _("Логин «%(login)s» занят. Возьмите другой."))
PERSON_UNNAMED = Reason("registry.person-unnamed", _("Напишите фамилию и имя сотрудника."))
TITLE_MISSING = Reason("registry.title-missing", _("Напишите должность."))
ROLE_NOT_HERE = Reason(
    "registry.role-not-here",
    _("Роль «%(role)s» даётся в организации с функцией «%(function)s». У «%(name)s» её нет."),
)
ROLE_NOT_GIVEN = Reason("registry.role-not-given", _("Эту роль людям не дают."))
POSITION_HELD = Reason(
    "registry.position-held", _("У сотрудника уже есть эта роль в этой организации.")
)
LAST_ADMIN = Reason(
    "registry.last-admin",
    _("Это последний администратор. Сначала назначьте другого, иначе войти будет некому."),
)
OWN_ACCOUNT = Reason(
    "registry.own-account",
    _("Свою учётную запись отключить нельзя. Попросите другого администратора."),
)
ACCOUNT_OFF = Reason("registry.account-off", _("Учётная запись отключена. Сначала включите её."))


def is_login(login: str) -> bool:
    return bool(LOGIN.fullmatch(login))


def reasons_against_account(
    *, login: str, last_name: str, first_name: str, taken: bool
) -> Iterator[Refusal]:
    """Why an account may not be opened for a person of the staff."""
    if not last_name.strip() or not first_name.strip():
        yield PERSON_UNNAMED()
    if not is_login(login):
        yield LOGIN_WRONG(login=login)
    elif taken:
        yield LOGIN_TAKEN(login=login)


def reasons_against_position(
    *,
    role: str,
    role_name: str,
    title: str,
    organisation: str,
    functions: frozenset[Function],
    held: bool = False,
    active: bool = True,
) -> Iterator[Refusal]:
    """Why a person may not work in that role in that organisation."""
    needed = NEEDED_FOR_ROLE.get(role)
    if not title.strip():
        yield TITLE_MISSING()
    if not active:
        yield ACCOUNT_OFF()
    if needed is None:
        yield ROLE_NOT_GIVEN()
    elif needed not in functions:
        yield ROLE_NOT_HERE(role=role_name, function=FUNCTION_NAMES[needed], name=organisation)
    if held:
        yield POSITION_HELD()


# --- tokens --------------------------------------------------------------------------------------

TOKEN_UNNAMED = Reason(
    "registry.token-unnamed", _("Напишите, для какой системы ключ: так его узнают при отзыве.")
)
TOKEN_EXPIRES_BEFORE = Reason(
    "registry.token-expires-before", _("Последний день ключа должен быть не раньше сегодняшнего.")
)
TOKEN_TOO_LONG = Reason(
    "registry.token-too-long",
    _("Ключ выдают не больше чем на год: последний день — не позже %(latest)s."),
)
TOKEN_NO_POSITION = Reason(
    "registry.token-no-position",
    _("Должность, от имени которой работает ключ, закончилась. Выберите действующую."),
)
TOKEN_REVOKED = Reason("registry.token-revoked", _("Ключ уже отозван."))


def reasons_against_token(
    *, name: str, expires_on: date, today: date, latest: date, position_holds: bool
) -> Iterator[Refusal]:
    """Why a token of an organisation may not be made."""
    if not name.strip():
        yield TOKEN_UNNAMED()
    if expires_on < today:
        yield TOKEN_EXPIRES_BEFORE()
    elif expires_on > latest:
        yield TOKEN_TOO_LONG(latest=latest)
    if not position_holds:
        yield TOKEN_NO_POSITION()
