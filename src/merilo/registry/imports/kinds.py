"""The kinds of files: their columns, their templates."""

from __future__ import annotations

from dataclasses import dataclass

from merilo.foundation.documents import TemplateColumn
from merilo.foundation.tables import TableRow, read_table
from merilo.law.refusal import _
from merilo.registry.access import ROLE_NAMES, Role
from merilo.registry.rules import (
    FUNCTION_NAMES,
    OWNERSHIP_NAMES,
    TERRITORY_NAMES,
    Function,
    TerritoryKind,
)

MOST_ROWS = 100_000

NAME = "Полное наименование"
SHORT = "Краткое наименование"
TERRITORY = "Муниципалитет"
TERRITORY_KIND = "Вид муниципалитета"
FUNCTIONS = "Функции"
CODE = "Код ГИА и ВПР"
INN = "ИНН"
PARENT = "Вышестоящая организация"
OWNERSHIP = "Форма собственности"
ADDRESS = "Адрес"
PHONE = "Телефон"
EMAIL = "Эл. почта"
HEAD = "Руководитель"
SINCE = "Действует с"

ORG = "Организация"
PLACE = "Пункт (ППТ)"
PLACE_ADDRESS = "Адрес пункта"
PLACE_ACCESSIBLE = "Пункт доступен для ОВЗ"
ROOM = "Аудитория"
WORKPLACES = "Рабочих мест"
FOR_ORAL = "Для устной части"
FOR_WRITTEN = "Для письменной части"
AUDIO = "Аудиозапись"
VIDEO = "Видеозапись"
ISOLATED = "Изолирована"
ROOM_ACCESSIBLE = "Место для ОВЗ"

SCHOOL = "Школа"
TESTING_ORG = "Тестирующая организация"
BASIS = "Основание"

LAST_NAME = "Фамилия"
FIRST_NAME = "Имя"
PATRONYMIC = "Отчество"
LOGIN = "Логин"
ROLE = "Роль"
TITLE = "Должность"

YES_NO = ("да", "нет")
ANY_NAME = _("ИНН, трёхзначный код или краткое название из реестра")
DAY = _("ДД.ММ.ГГГГ; если пусто — с сегодняшнего дня")


@dataclass(frozen=True)
class Kind:
    """One kind of file. `strict`: a column that is not in the template is a mistake."""

    id: str
    title: str
    about: str
    columns: tuple[TemplateColumn, ...]
    strict: bool = True

    @property
    def required(self) -> list[str]:
        return [column.heading for column in self.columns if column.required]

    @property
    def optional(self) -> list[str]:
        return [column.heading for column in self.columns if not column.required]


def _column(
    heading: str, example: str, help: str = "", *, required=False, allowed=()
) -> TemplateColumn:
    return TemplateColumn(
        heading=heading, example=example, help=help, required=required, allowed=tuple(allowed)
    )


def _yes_no(heading: str) -> TemplateColumn:
    return _column(heading, "да", _("да или нет"), allowed=YES_NO)


ROLE_WORDS = {ROLE_NAMES[role]: role for role in Role if role != Role.SYSTEM}
FUNCTION_WORDS = {FUNCTION_NAMES[function]: function for function in Function}
TERRITORY_WORDS = {
    TERRITORY_NAMES[kind]: kind for kind in TerritoryKind if kind != TerritoryKind.REGION
}
OWNERSHIP_WORDS = {words: ownership for ownership, words in OWNERSHIP_NAMES.items()}

KINDS: dict[str, Kind] = {
    kind.id: kind
    for kind in (
        Kind(
            "organisations",
            _("Организации"),
            _("МОУО, школы и тестирующие организации с их кодами и функциями."),
            (
                _column(NAME, "МБОУ «Средняя школа № 25»", required=True),
                _column(SHORT, "СОШ № 25", required=True),
                _column(
                    TERRITORY,
                    "Владивостокский",
                    _("Название без вида, как в реестре"),
                    required=True,
                ),
                _column(
                    TERRITORY_KIND,
                    "городской округ",
                    _("Нужен, если муниципалитетов с таким названием два"),
                    allowed=TERRITORY_WORDS,
                ),
                _column(
                    FUNCTIONS, "школа, тестирующая организация", _("Через запятую"), required=True
                ),
                _column(CODE, "025", _("Три цифры; ноль впереди сохраняется")),
                _column(INN, "2540000016", _("10 цифр; по нему организация узнаётся")),
                _column(PARENT, "МОУО Владивостока", _("Если пусто — МОУО муниципалитета")),
                _column(OWNERSHIP, "муниципальная", allowed=OWNERSHIP_WORDS),
                _column(ADDRESS, "г. Владивосток, ул. Школьная, 5"),
                _column(PHONE, "+7 423 200-00-00"),
                _column(EMAIL, "school25@example.org"),
                _column(HEAD, "Иванова А. П."),
                _column(SINCE, "01.09.2025", DAY),
            ),
        ),
        Kind(
            "places",
            _("Пункты и аудитории"),
            _("Пункты прохождения тестирования: одна строка — одна аудитория."),
            (
                _column(ORG, "СОШ № 25", ANY_NAME, required=True),
                _column(PLACE, "ППТ СОШ № 25", required=True),
                _column(PLACE_ADDRESS, "ул. Школьная, 5", required=True),
                _yes_no(PLACE_ACCESSIBLE),
                _column(ROOM, "101", required=True),
                _column(WORKPLACES, "12", _("Целое число"), required=True),
                _yes_no(FOR_ORAL),
                _yes_no(FOR_WRITTEN),
                _yes_no(AUDIO),
                _yes_no(VIDEO),
                _yes_no(ISOLATED),
                _yes_no(ROOM_ACCESSIBLE),
                _column(SINCE, "01.09.2025", DAY),
            ),
        ),
        Kind(
            "areas",
            _("Закрепление школ"),
            _("Какая тестирующая организация ближайшая для школы."),
            (
                _column(SCHOOL, "СОШ № 26", ANY_NAME, required=True),
                _column(TESTING_ORG, "СОШ № 25", ANY_NAME, required=True),
                _column(BASIS, "приказ от 01.03.2026 № 12"),
                _column(SINCE, "01.09.2025", DAY),
            ),
        ),
        Kind(
            "staff",
            _("Сотрудники и роли"),
            _("Кто где работает и что может. Пароли выдаются потом, на странице сотрудника."),
            (
                _column(ORG, "СОШ № 25", ANY_NAME, required=True),
                _column(LAST_NAME, "Иванова", required=True),
                _column(FIRST_NAME, "Анна", required=True),
                _column(PATRONYMIC, "Петровна"),
                _column(LOGIN, "ivanova.ap", _("Латинские буквы и цифры"), required=True),
                _column(EMAIL, "ivanova@example.org"),
                _column(ROLE, "школа", required=True, allowed=ROLE_WORDS),
                _column(TITLE, "секретарь", required=True),
                _column(SINCE, "01.09.2025", DAY),
            ),
        ),
        Kind(
            "oneroster-orgs",
            "OneRoster: orgs.csv",
            _("Организации в формате OneRoster: school — школа, остальные должны быть в реестре."),
            (
                _column("sourcedId", "org-25", required=True),
                _column("name", "МБОУ «Средняя школа № 25»", required=True),
                _column("type", "school", required=True),
                _column("identifier", "025", _("ИНН или трёхзначный код")),
                _column("parentSourcedId", "mouo-1"),
            ),
            strict=False,
        ),
        Kind(
            "oneroster-users",
            "OneRoster: users.csv",
            _(
                "Сотрудники в формате OneRoster. Дети так не загружаются: они приходят с заявлением."
            ),
            (
                _column("sourcedId", "user-1", required=True),
                _column("givenName", "Анна", required=True),
                _column("familyName", "Иванова", required=True),
                _column("middleName", "Петровна"),
                _column("role", "administrator", required=True),
                _column("orgSourcedIds", "org-25", required=True),
                _column("username", "ivanova.ap", required=True),
                _column("email", "ivanova@example.org"),
            ),
            strict=False,
        ),
    )
}


def read_file(kind: Kind, name: str, content: bytes) -> list[TableRow]:
    """The rows of a file of that kind. Raises `Refused` with what is wrong with the whole."""
    return read_table(
        name,
        content,
        headings=kind.required,
        optional=kind.optional,
        only=kind.strict,
        most_rows=MOST_ROWS,
    )
