"""Read a table people have filled in: XLSX or CSV, checked before it is opened.

Every refusal is a sentence a clerk can act on. Nothing here writes anything.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO, StringIO
from pathlib import Path

from python_calamine import CalamineWorkbook

from merilo import law
from merilo.law import Reason
from merilo.law.refusal import _

LARGEST = 10 * 2**20  # bytes of the file as it comes
UNPACKED = 100 * 2**20  # bytes of a workbook once it is unpacked
RATIO = 200  # how many times a workbook may grow when unpacked
MOST_PARTS = 1_000  # files inside a workbook
MOST_ROWS = 5_000
MOST_COLUMNS = 100
SLACK = 1_000  # empty rows a spreadsheet may keep below the filled ones

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
HEADINGS_UNKNOWN = Reason(
    "tables.headings-unknown",
    _("Столбцов нет в шаблоне: %(unknown)s. Исправьте названия или уберите столбцы."),
)
UNPACKS_TOO_BIG = Reason(
    "tables.unpacks-too-big",
    _("Файл «%(name)s» при распаковке слишком велик. Скопируйте значения в чистый шаблон."),
)
TOO_WIDE = Reason(
    "tables.too-wide",
    _("В файле «%(name)s» есть ячейка %(cell)s далеко за таблицей. Удалите лишние ячейки."),
)
ENCODING_UNKNOWN = Reason(
    "tables.encoding-unknown",
    _("Кодировка файла «%(name)s» не распознана. Сохраните CSV в UTF-8 или пришлите XLSX."),
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


def read_table(
    name: str,
    content: bytes,
    *,
    headings: Sequence[str],
    optional: Sequence[str] = (),
    only: bool = False,
    most_rows: int = MOST_ROWS,
) -> list[TableRow]:
    """The filled rows of a table with these headings, empty ones skipped.

    `optional` columns that are not there read as empty; with `only` no other column may be there.
    Dates come as «ДД.ММ.ГГГГ», times as «ЧЧ:ММ», whole numbers without a point.
    Raises `Refused` with what is wrong with the file as a whole.
    """
    short = Path(name).name[-80:]
    if len(content) > LARGEST:
        law.refuse([TOO_BIG(name=short, limit=LARGEST // 2**20)])
    packed = content[:2] == b"PK"
    rows = _xlsx(short, content, most_rows) if packed else _csv(short, content, most_rows)
    start = next((n for n, row in enumerate(rows) if _is_heading(row, headings)), None)
    if start is None:
        law.refuse([HEADINGS_MISSING(missing=", ".join(headings))])
        return []
    found = [" ".join(cell.split()) for cell in rows[start]]
    law.refuse(_against_headings(found, headings, optional, only=only))
    places = {h: found.index(h) for h in (*headings, *optional) if h in found}
    filled = []
    for number, row in enumerate(rows[start + 1 :], start + 2):
        if not any(cell.strip() for cell in row):
            continue
        if len(filled) == most_rows:
            law.refuse([TOO_MANY_ROWS(limit=most_rows)])
        cells = {h: row[at].strip() if at < len(row) else "" for h, at in places.items()}
        filled.append(TableRow(number, dict.fromkeys(optional, "") | cells))
    if not filled:
        law.refuse([EMPTY_TABLE(name=short)])
    return filled


def _is_heading(row: Sequence[str], headings: Sequence[str]) -> bool:
    return any(" ".join(cell.split()) in headings for cell in row)


def _against_headings(
    found: Sequence[str], headings: Sequence[str], optional: Sequence[str], *, only: bool
):
    if missing := [heading for heading in headings if heading not in found]:
        yield HEADINGS_MISSING(missing=", ".join(missing))
    known = (*headings, *optional)
    if only and (unknown := [one for one in found if one and one not in known]):
        yield HEADINGS_UNKNOWN(unknown=", ".join(f"«{one[:40]}»" for one in unknown[:10]))
    for heading in known:
        if found.count(heading) > 1:
            yield HEADING_TWICE(heading=heading)


# A cell or a row that says where it stands: the reader lays out all cells up to the farthest one.
STANDS = re.compile(rb"""<(?:\w+:)?(?:c|row)\s[^<]*?\br\s*=\s*["']([A-Za-z]{0,9})(\d{1,12})["']""")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _check_workbook(name: str, content: bytes, most_rows: int) -> None:
    """Unpack for counting only, before the reader sees it: sizes, and how far the cells reach."""
    farthest = most_rows + SLACK
    with zipfile.ZipFile(BytesIO(content)) as packed:
        parts = packed.infolist()
        if len(parts) > MOST_PARTS:
            law.refuse([NOT_A_TABLE(name=name)])
        allowed = min(UNPACKED, max(len(content) * RATIO, 2**20))
        for part in parts:
            with packed.open(part) as opened:  # its header may lie, so it is really read
                text = opened.read(allowed + 1)
            allowed -= len(text)
            if allowed < 0:
                law.refuse([UNPACKS_TOO_BIG(name=name)])
            for cell in STANDS.finditer(text):
                if _column(cell[1]) > MOST_COLUMNS:
                    law.refuse([TOO_WIDE(name=name, cell=(cell[1] + cell[2]).decode())])
                if int(cell[2]) > farthest:
                    law.refuse([TOO_MANY_ROWS(limit=most_rows)])


def _xlsx(name: str, content: bytes, most_rows: int) -> list[list[str]]:
    try:
        _check_workbook(name, content, most_rows)
        sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except law.Refused:
        raise
    except Exception:  # noqa: BLE001 - a damaged file breaks unzipping and reading in many ways
        law.refuse([NOT_A_TABLE(name=name)])
        return []
    except BaseException as wrong:
        if type(wrong).__name__ != "PanicException":  # the reader's own, outside Exception
            raise
        law.refuse([NOT_A_TABLE(name=name)])
        return []
    return [[as_text(cell) for cell in row] for row in rows]


def _decoded(name: str, content: bytes) -> str:
    """UTF-8 with or without its mark, or Windows-1251 that reads as Russian."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        text = content.decode("cp1251")
    except UnicodeDecodeError:
        text = ""
    letters = [letter for letter in text if letter > "\x7f"]
    russian = [letter for letter in letters if letter in RUSSIAN]
    if len(russian) < 0.8 * len(letters) or not text:
        law.refuse([ENCODING_UNKNOWN(name=name)])
    # Words of a small letter and then capitals are KOI8 read as Windows-1251.
    words = re.findall(r"[А-Яа-яЁё]{2,}", text)
    if sum(bool(re.match(r"[а-яё][А-ЯЁ]", word)) for word in words) > 0.3 * len(words):
        law.refuse([ENCODING_UNKNOWN(name=name)])
    return text


RUSSIAN = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ№«»–—…\xa0")


def _csv(name: str, content: bytes, most_rows: int) -> list[list[str]]:
    if b"\x00" in content:
        wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
        law.refuse([(ENCODING_UNKNOWN if wide else NOT_A_TABLE)(name=name)])
    text = _decoded(name, content)
    first = text.partition("\n")[0]
    delimiter = max(";\t,", key=first.count)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter):
            if len(row) > MOST_COLUMNS:
                law.refuse([NOT_A_TABLE(name=name)])
            if len(rows) > most_rows + SLACK:
                law.refuse([TOO_MANY_ROWS(limit=most_rows)])
            rows.append(row)
    except csv.Error:
        law.refuse([NOT_A_TABLE(name=name)])
    return rows


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
