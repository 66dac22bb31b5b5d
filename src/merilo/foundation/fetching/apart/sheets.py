"""Tables: sheets of cells, of new and old Excel and of OpenDocument."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from kept import Cannot, Facts, Kept, found, opened, plain


def read_sheets(place: Path, order: Facts) -> Facts:
    """Sheets as rows of text: a cell ends with a tab. Formulas are not counted anew, nothing runs."""
    from python_calamine import CalamineWorkbook, PasswordError, SheetVisibleEnum

    if order["kind"] != "xls":
        with opened(place, order) as parts:
            left = order["unpacked"]
            for name in parts.namelist():  # a label may lie, so the parts are really counted
                with parts.open(name) as source:
                    while piece := source.read(2**20):
                        left -= len(piece)
                        if left < 0:
                            raise Cannot("heavy")
    kept, shortened = Kept(order), False
    try:
        book = CalamineWorkbook.from_path(str(place / "document"))
        for sheet in book.sheets_metadata:
            if sheet.visible != SheetVisibleEnum.Visible:
                continue
            rows = book.get_sheet_by_name(sheet.name).to_python(nrows=order["rows"] + 1)
            text, cut = table(rows, order)
            shortened |= cut
            kept.add(text, plain(sheet.name)[:200] or "—")
    except PasswordError:
        raise Cannot("locked") from None
    except BaseException as wrong:
        if type(wrong).__name__ != "PanicException":  # the reader's own, outside Exception
            raise
        raise Cannot("broken") from None
    return found(pages=kept.pages, shortened=shortened or kept.shortened)


def table(rows: list[list[Any]], order: Facts) -> tuple[str, bool]:
    """Rows as lines; whether something beyond the limits was left out."""
    lines = [
        "\t".join(cell(value) for value in row[: order["columns"]]).rstrip("\t")
        for row in rows[: order["rows"]]
    ]
    cut = len(rows) > order["rows"] or any(len(row) > order["columns"] for row in rows)
    return "\n".join(lines).rstrip("\n"), cut


def cell(value: Any) -> str:
    """A cell as a person reads it."""
    if isinstance(value, datetime):
        value = f"{value:%d.%m.%Y}" if value.time() == time(0) else f"{value:%d.%m.%Y %H:%M}"
    elif isinstance(value, date):
        value = f"{value:%d.%m.%Y}"
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    elif isinstance(value, float):
        value = str(value).replace(".", ",")
    return " ".join(plain(str(value)).split())
