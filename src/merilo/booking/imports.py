"""Days of a schedule as a table: its columns, and what each row says or what is wrong in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.utils.translation import gettext

from merilo.foundation.documents import TemplateColumn
from merilo.foundation.tables import TableRow
from merilo.law.refusal import _
from merilo.registry import queries as registry
from merilo.registry.models import TestingPlace

ORG = "Тестирующая организация"
PLACE = "Пункт (ППТ)"
HELD_ON = "Дата"
STARTS_AT = "Начало"
GRADES = "Классы"
CAPACITY = "Мест"
OFFICIAL_ON = "Дата результатов"
HEADINGS = (ORG, PLACE, HELD_ON, STARTS_AT, GRADES, CAPACITY, OFFICIAL_ON)

TEMPLATE = (
    TemplateColumn(
        heading=ORG,
        required=True,
        example="МБОУ «СОШ № 25»",
        help=_("Краткое название, ИНН или трёхзначный код ГИА/ВПР"),
    ),
    TemplateColumn(
        heading=PLACE, example="ППТ СОШ № 25", help=_("Можно не заполнять, если пункт один")
    ),
    TemplateColumn(heading=HELD_ON, required=True, example="10.04.2026", help=_("ДД.ММ.ГГГГ")),
    TemplateColumn(heading=STARTS_AT, required=True, example="10:00", help=_("ЧЧ:ММ")),
    TemplateColumn(
        heading=GRADES, required=True, example="1, 3–5", help=_("Через запятую или диапазоном")
    ),
    TemplateColumn(heading=CAPACITY, required=True, example="12", help=_("Целое число")),
    TemplateColumn(
        heading=OFFICIAL_ON, example="24.04.2026", help=_("ДД.ММ.ГГГГ, можно не заполнять")
    ),
)


@dataclass
class DayRow:
    """One row: the day it means, or the sentences that say what is wrong in it."""

    number: int
    cells: Mapping[str, str]
    place: TestingPlace | None = None
    held_on: date | None = None
    starts_at: time | None = None
    grades: tuple[int, ...] = ()
    capacity: int = 0
    results_official_on: date | None = None
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class Places:
    """Places of testing by what people call their organisation. Read once for a whole table."""

    def __init__(self, *, on: date):
        self.by_name: dict[str, list[TestingPlace]] = {}
        for place in registry.testing_places(on=on):
            org = place.organisation
            for name in {org.short_name, org.name, org.inn, org.exam_code} - {""}:
                self.by_name.setdefault(_plain(name), []).append(place)

    def find(self, org: str, place: str) -> TestingPlace | str:
        """The place, or the sentence that says why there is none."""
        own = self.by_name.get(_plain(org))
        if not own:
            return gettext(
                "Нет тестирующей организации «%(org)s». Проверьте название, ИНН или код."
            ) % {"org": org}
        if not place:
            if len(own) == 1:
                return own[0]
            return gettext("У организации «%(org)s» пунктов несколько, укажите, какой.") % {
                "org": org
            }
        named = [one for one in own if _plain(one.name) == _plain(place)]
        if not named:
            return gettext("У организации «%(org)s» нет пункта «%(place)s».") % {
                "org": org,
                "place": place,
            }
        return named[0]


def _plain(name: str) -> str:
    return " ".join(name.lower().replace("ё", "е").split()).strip('«»" ')


def read_day(row: TableRow, places: Places) -> DayRow:
    """What a row means. Every mistake of the row is named, not only the first."""
    cells = row.cells
    day = DayRow(row.number, cells)
    if cells[ORG]:
        found = places.find(cells[ORG], cells[PLACE])
        if isinstance(found, str):
            day.errors.append(found)
        else:
            day.place = found
    else:
        day.errors.append(_not_said(ORG))
    day.held_on = _date(day, HELD_ON, required=True)
    day.results_official_on = _date(day, OFFICIAL_ON, required=False)
    day.starts_at = _time(day, STARTS_AT)
    day.grades = _grades(day)
    day.capacity = _number(day, CAPACITY)
    return day


def _not_said(heading: str) -> str:
    return gettext("Не указано: %(heading)s.") % {"heading": heading}


def _date(day: DayRow, heading: str, *, required: bool) -> date | None:
    text = day.cells[heading]
    if not text:
        if required:
            day.errors.append(_not_said(heading))
        return None
    for pattern in ("%d.%m.%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day, not a moment
        except ValueError:
            continue
    day.errors.append(
        gettext("%(heading)s: «%(text)s» — такого дня нет. Пишите как 10.04.2026.")
        % {"heading": heading, "text": text}
    )
    return None


def _time(day: DayRow, heading: str) -> time | None:
    text = day.cells[heading]
    if found := re.fullmatch(r"(\d{1,2})[:.](\d{2})(?::00)?", text):
        hour, minute = int(found[1]), int(found[2])
        if hour < 24 and minute < 60:
            return time(hour, minute)
    day.errors.append(
        gettext("%(heading)s: «%(text)s» — такого времени нет. Пишите как 10:00.")
        % {"heading": heading, "text": text}
        if text
        else _not_said(heading)
    )
    return None


def _grades(day: DayRow) -> tuple[int, ...]:
    text = day.cells[GRADES]
    grades: set[int] = set()
    for part in re.split(r"[,;]", text):
        run = re.fullmatch(r"\s*(\d{1,2})\s*(?:[-–—]\s*(\d{1,2})\s*)?", part)
        first, last = (int(run[1]), int(run[2] or run[1])) if run else (0, 0)
        if not (run and 1 <= first <= last <= 11):
            day.errors.append(
                gettext("%(heading)s: «%(text)s» — пишите классы от 1 до 11, например 1, 3–5.")
                % {"heading": GRADES, "text": text}
            )
            return ()
        grades.update(range(first, last + 1))
    return tuple(sorted(grades))


def _number(day: DayRow, heading: str) -> int:
    text = day.cells[heading]
    if text.isascii() and text.isdigit() and 0 < int(text[:6]) <= 2000 and len(text) <= 4:
        return int(text)
    day.errors.append(
        gettext("%(heading)s: «%(text)s» — нужно целое число от 1 до 2000.")
        % {"heading": heading, "text": text}
    )
    return 0
