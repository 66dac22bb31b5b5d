"""Read a table people have filled in: XLSX or CSV, checked before it is opened.

Every refusal is a sentence a clerk can act on. Nothing here writes anything.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO, StringIO
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from merilo import law
from merilo.law import Reason
from merilo.law.refusal import _

LARGEST = 10 * 2**20  # bytes of the file as it comes
UNPACKED = 200 * 2**20  # bytes of a workbook once it is unpacked
MOST_ROWS = 5_000

NOT_A_TABLE = Reason(
    "tables.not-a-table",
    _("Файл «%(name)s» не похож на таблицу. Сохраните его как XLSX или CSV и загрузите снова."),
)
TOO_BIG = Reason(
    "tables.too-big", _("Файл «%(name)s» больше %(limit)s МБ. Разделите его на части.")
)
TOO_MANY_ROWS = Reason(
    "tables.too-many-rows", _("В таблице больше %(limit)s строк. Разделите её на части.")
)
EMPTY_TABLE = Reason(
    "tables.empty", _("В файле «%(name)s» нет строк с данными. Заполните шаблон.")
)
HEADINGS_MISSING = Reason(
    "tables.headings-missing",
    _("Не хватает столбцов: %(missing)s. Названия должны быть как в шаблоне."),
)
HEADING_TWICE = Reason(
    "tables.heading-twice", _("Столбец «%(heading)s» встречается дважды. Оставьте один.")
)

Cell = str | int | float | bool | date | datetime | time | None


@dataclass(frozen=True)
class TableRow:
    """One filled row: its number as the spreadsheet shows it, its cells as text by heading."""

    number: int
    cells: dict[str, str]


def read_table(name: str, content: bytes, *, headings: Sequence[str]) -> list[TableRow]:
    """The filled rows of a table with these headings, empty ones skipped.

    Dates come as «ДД.ММ.ГГГГ», times as «ЧЧ:ММ», whole numbers without a point.
    Raises `Refused` with what is wrong with the file as a whole.
    """
    short = Path(name).name[-80:]
    if len(content) > LARGEST:
        law.refuse([TOO_BIG(name=short, limit=LARGEST // 2**20)])
    rows = _xlsx(short, content) if content[:2] == b"PK" else _csv(short, content)
    start = next((n for n, row in enumerate(rows) if _is_heading(row, headings)), None)
    if start is None:
        law.refuse([HEADINGS_MISSING(missing=", ".join(headings))])
        return []
    found = [" ".join(cell.split()) for cell in rows[start]]
    law.refuse(_against_headings(found, headings))
    places = {heading: found.index(heading) for heading in headings}
    filled = [
        TableRow(
            number,
            {h: row[at].strip() if at < len(row) else "" for h, at in places.items()},
        )
        for number, row in enumerate(rows[start + 1 :], start + 2)
        if any(cell.strip() for cell in row)
    ]
    if not filled:
        law.refuse([EMPTY_TABLE(name=short)])
    if len(filled) > MOST_ROWS:
        law.refuse([TOO_MANY_ROWS(limit=MOST_ROWS)])
    return filled


def _is_heading(row: Sequence[str], headings: Sequence[str]) -> bool:
    return any(" ".join(cell.split()) in headings for cell in row)


def _against_headings(found: Sequence[str], headings: Sequence[str]):
    if missing := [heading for heading in headings if heading not in found]:
        yield HEADINGS_MISSING(missing=", ".join(missing))
    for heading in headings:
        if found.count(heading) > 1:
            yield HEADING_TWICE(heading=heading)


def _xlsx(name: str, content: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            unpacked = sum(one.file_size for one in packed.infolist())
        if unpacked > UNPACKED:
            law.refuse([TOO_BIG(name=name, limit=LARGEST // 2**20)])
        sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, CalamineError, OSError, ValueError, IndexError):
        law.refuse([NOT_A_TABLE(name=name)])
        return []
    return [[as_text(cell) for cell in row] for row in rows]


def _csv(name: str, content: bytes) -> list[list[str]]:
    if b"\x00" in content[:4096]:
        law.refuse([NOT_A_TABLE(name=name)])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1251", errors="replace")
    first = text.partition("\n")[0]
    delimiter = max(";\t,", key=first.count)
    try:
        return [list(row) for row in csv.reader(StringIO(text), delimiter=delimiter)]
    except csv.Error:
        law.refuse([NOT_A_TABLE(name=name)])
        return []


def as_text(cell: Cell) -> str:
    """A cell as a person would type it."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%d.%m.%Y}" if cell.time() == time(0) else f"{cell:%d.%m.%Y %H:%M}"
    if isinstance(cell, date):
        return f"{cell:%d.%m.%Y}"
    if isinstance(cell, time):
        return f"{cell:%H:%M}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
