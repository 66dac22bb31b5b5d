"""What a row would do, and reading its cells; what the register holds already, read once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext

from merilo.foundation.tables import TableRow
from merilo.law.refusal import _
from merilo.registry.models import Organisation, OrganisationFunction
from merilo.registry.rules import Function

LONGEST = {
    "Полное наименование": 300,
    "name": 300,
    "Краткое наименование": 120,
    "Адрес": 300,
    "Адрес пункта": 300,
    "Аудитория": 20,
    "Телефон": 60,
    "Фамилия": 100,
    "Имя": 100,
    "Отчество": 100,
    "familyName": 100,
    "givenName": 100,
    "middleName": 100,
    "Должность": 120,
    "sourcedId": 80,
    "Логин": 60,
}
DEFAULT_LONGEST = 200
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 1, 1)
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


class Outcome(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WRONG = "wrong"


@dataclass
class RowPlan:
    """One row: what it is about, what it would do, or the sentences that say what is wrong."""

    number: int
    cells: Mapping[str, str]
    label: str = ""
    outcome: Outcome = Outcome.UNCHANGED
    changes: list[tuple[str, str, str]] = field(default_factory=list)  # heading, was, becomes
    errors: list[str] = field(default_factory=list)
    data: Any = None

    def wrong(self, heading: str, what: str, **facts: Any) -> None:
        """Say what is wrong with a cell, in the language of who reads it."""
        said = _said(what, facts)
        place = gettext("строка %(row)s, столбец «%(heading)s»") % {
            "row": self.number,
            "heading": heading,
        }
        self.errors.append(f"{place}: {said}")
        self.outcome = Outcome.WRONG

    def wrong_row(self, what: str, **facts: Any) -> None:
        said = _said(what, facts)
        self.errors.append(f"{gettext('строка %(row)s') % {'row': self.number}}: {said}")
        self.outcome = Outcome.WRONG

    # --- cells ---------------------------------------------------------------------------------

    def text(self, heading: str, *, required: bool = False) -> str:
        said = self.cells.get(heading, "")
        longest = LONGEST.get(heading, DEFAULT_LONGEST)
        if required and not said:
            self.wrong(heading, _("не заполнено. Заполните ячейку."))
        elif len(said) > longest:
            self.wrong(heading, _("длиннее %(longest)s знаков. Сократите."), longest=longest)
        elif re.search(r"[\x00-\x08\x0b-\x1f\ufffd-\uffff]", said):
            self.wrong(heading, _("есть непечатные знаки. Наберите значение заново."))
        return said

    def one_of(self, heading: str, words: Mapping[str, Any], default: Any = None) -> Any:
        said = " ".join(self.cells.get(heading, "").split())
        if not said:
            return default
        for word, value in words.items():
            if said.lower() in (word.lower(), str(value).lower()):
                return value
        self.wrong(
            heading,
            _("«%(said)s» нет в списке. Подходят: %(listed)s."),
            said=said[:60],
            listed=", ".join(words),
        )
        return default

    def yes_no(self, heading: str, default: bool | None = None) -> bool | None:
        said = self.cells.get(heading, "").strip().lower()
        if not said:
            return default
        if said in ("да", "1", "true", "истина", "+"):
            return True
        if said in ("нет", "0", "false", "ложь", "-"):
            return False
        self.wrong(heading, _("«%(said)s» — пишите да или нет."), said=said[:60])
        return default

    def whole(self, heading: str) -> int:
        said = self.cells.get(heading, "")
        if said.isascii() and said.isdigit() and len(said) <= 6:
            return int(said)
        self.wrong(heading, _("«%(said)s» — нужно целое число, например 12."), said=said[:60])
        return 0

    def day(self, heading: str, default: date) -> date:
        said = self.cells.get(heading, "")
        if not said:
            return default
        for pattern in ("%d.%m.%Y", "%Y-%m-%d"):
            try:
                day = datetime.strptime(said, pattern).date()  # noqa: DTZ007 - a day
            except ValueError:
                continue
            if EARLIEST <= day <= LATEST:
                return day
        self.wrong(
            heading, _("«%(said)s» — такой даты нет. Пишите как 01.09.2025."), said=said[:60]
        )
        return default

    def email(self, heading: str) -> str:
        said = self.text(heading)
        if said and (not MAIL.fullmatch(said) or len(said) > 254):
            self.wrong(
                heading,
                _("«%(said)s» не адрес почты. Пишите как imya@example.org."),
                said=said[:60],
            )
        return said

    # --- outcome -------------------------------------------------------------------------------

    def compare(self, heading: str, was: object, becomes: object) -> bool:
        """Note a difference. Empty cells leave what stands."""
        if becomes in ("", None) or was == becomes:
            return False
        self.changes.append((heading, in_words(was), in_words(becomes)))
        return True

    def settle(self, *, new: bool) -> None:
        """Name the outcome once everything is read and compared."""
        if self.errors:
            self.outcome = Outcome.WRONG
        elif new:
            self.outcome = Outcome.CREATED
        elif self.changes:
            self.outcome = Outcome.CHANGED
        else:
            self.outcome = Outcome.UNCHANGED


def _said(what: str, facts: Mapping[str, Any]) -> str:
    return gettext(what) % facts if facts else gettext(what)


def in_words(value: object) -> str:
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    return str(value)


def plans_of(rows: Iterable[TableRow]) -> list[RowPlan]:
    return [RowPlan(row.number, row.cells) for row in rows]


def plain(name: str) -> str:
    """A name as people may type it: without case, ё, spaces and quotes."""
    return re.sub(r"[\s«»\"']+", " ", name.lower().replace("ё", "е")).strip()


class World:
    """The organisations in the importer's scope on a day, found by what people call them."""

    def __init__(self, path: str, *, on: date):
        self.on = on
        open_now = Q(valid_to=None) | Q(valid_to__gte=on)
        found = Organisation.objects.filter(open_now, path__startswith=path)
        self.organisations: list[Organisation] = list(found.select_related("territory"))
        self.root = next((one for one in self.organisations if one.path == path), None)
        self.functions: dict[int, set[Function]] = defaultdict(set)
        held = OrganisationFunction.objects.filter(
            open_now, valid_from__lte=on, organisation__path__startswith=path
        )
        for organisation_id, function in held.values_list("organisation_id", "function"):
            self.functions[organisation_id].add(Function(function))
        self.mouo_of: dict[int, Organisation] = {}  # by territory
        for one in self.organisations:
            if Function.MOUO in self.functions[one.pk]:
                self.mouo_of.setdefault(one.territory_id, one)
        self.by_key: dict[str, list[Organisation]] = defaultdict(list)
        for one in self.organisations:
            for key in {
                one.inn,
                one.exam_code,
                one.source_id,
                plain(one.short_name),
                plain(one.name),
            }:
                if key:
                    self.by_key[key].append(one)

    def find(self, plan: RowPlan, heading: str, called: str | None = None) -> Organisation | None:
        """The organisation a cell names; otherwise the row is wrong."""
        said = plan.text(heading, required=True) if called is None else called
        if not said:
            return None
        found = self.by_key.get(said) or self.by_key.get(plain(said)) or []
        if len(found) == 1:
            return found[0]
        if found:
            plan.wrong(
                heading,
                _("«%(said)s» — таких организаций несколько. Укажите ИНН или код."),
                said=said[:80],
            )
        else:
            plan.wrong(
                heading,
                _("«%(said)s» нет в реестре. Проверьте название, ИНН или код."),
                said=said[:80],
            )
        return None
