"""XLSX: lists as they are on the screen, and the templates people fill in for an import."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from .forms import Column, TemplateColumn

# in_memory: personal data never touches the disk on its way to the reader.
# The three strings_to_*: a cell that begins with = + - @ or looks like a link stays text.
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "dd.mm.yyyy",
}
# A fixed moment of making: the same rows give the same bytes.
MADE = datetime(2025, 1, 1, tzinfo=UTC).replace(tzinfo=None)
FONT = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
CELL_LIMIT = 32_767  # characters Excel keeps in one cell
AS_TEXT = 49  # Excel's own number of the format «Text»
TEMPLATE_ROWS = 5_000  # rows of a template that carry text format and drop-down lists
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")
PROMPT_LIMIT = 255  # characters of an input message
SHOWN_VALUES = 8  # allowed values written out on the sheet of help
LIST_LIMIT = 255  # characters of a list of allowed values written inside the rule

NOT_OFFICIAL = (
    "Состав и названия столбцов настраиваются. Официальная форма сбора сведений "
    "(Приложение 2 к Порядку) опубликована отдельно; эта таблица её не заменяет."
)


def _book(title: str) -> tuple[BytesIO, Workbook]:
    out = BytesIO()
    book = xlsxwriter.Workbook(out, dict(OPTIONS))
    book.set_properties({"title": title, "created": MADE})
    return out, book


def _sheet_name(title: str) -> str:
    allowed = "".join(c for c in title if c not in "[]:*?/\\'")
    return allowed[:31].strip() or "Данные"


def table_xlsx(
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, object]],
    title: str = "",
    notes: Sequence[str] = (),
) -> bytes:
    """A list as a sheet: title, headings, rows by `Column.key`, notes under the table.

    Missing keys and None are empty cells. Raises `ValueError` for a value no cell can hold.
    """
    out, book = _book(title)
    sheet = book.add_worksheet(_sheet_name(title))
    looks = {
        "text": book.add_format({**FONT, "text_wrap": True}),
        "number": book.add_format({**FONT, "align": "right", "indent": 1}),
        "date": book.add_format({**FONT, "num_format": "dd.mm.yyyy", "align": "left"}),
        "datetime": book.add_format({**FONT, "num_format": "dd.mm.yyyy hh:mm", "align": "left"}),
        "percent": book.add_format({**FONT, "num_format": "0.0", "align": "right", "indent": 1}),
    }
    heading = _heading_format(book)
    number_heading = _heading_format(book, align="right", indent=1)
    top = 0
    if title:
        sheet.write_string(0, 0, title, book.add_format({**FONT, "bold": True, "font_size": 14}))
        top = 2
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        look = number_heading if column.kind in ("number", "percent") else heading
        sheet.write_string(top, place, column.heading, look)
    line = top
    for line, row in enumerate(rows, start=top + 1):
        for place, column in enumerate(columns):
            _cell(sheet, line, place, row.get(column.key), looks, column)
    sheet.freeze_panes(top + 1, 0)
    if columns:
        sheet.autofilter(top, 0, line, len(columns) - 1)
    quiet = book.add_format({**FONT, "font_color": "#51606F", "italic": True})
    for place, note in enumerate(notes):
        sheet.write_string(line + 2 + place, 0, note, quiet)
    _print_setup(sheet, top)
    book.close()
    return out.getvalue()


def results_table_xlsx(
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, object]],
    title: str = "Сведения о результатах тестирования",
    notes: Sequence[str] = (),
) -> bytes:
    """The result form by a column map of the region (testing results of R1.П2), with its note."""
    return table_xlsx(columns, rows, title=title, notes=(*notes, NOT_OFFICIAL))


def _heading_format(book: Workbook, **more: object) -> Format:
    return book.add_format(
        {**FONT, "bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#E6F1F5", **more}
    )


def _print_setup(sheet: Worksheet, heading_row: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.6, right=0.6, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(heading_row)
    sheet.set_footer("&L&A&R&P из &N")


def _cell(
    sheet: Worksheet,
    line: int,
    place: int,
    value: object,
    looks: Mapping[str, Any],
    column: Column,
) -> None:
    look = looks[column.kind]
    if value is None or value == "":
        sheet.write_blank(line, place, None, look)
    elif isinstance(value, bool):
        sheet.write_string(line, place, "да" if value else "нет", looks["text"])
    elif isinstance(value, int | float | Decimal) and column.kind in ("number", "percent"):
        sheet.write_number(line, place, float(value), look)
    elif isinstance(value, datetime):
        # Excel knows no time zones: the caller has already turned the moment into local time.
        kind = "datetime" if column.kind != "date" else "date"
        sheet.write_datetime(line, place, value.replace(tzinfo=None), looks[kind])
    elif isinstance(value, date):
        sheet.write_datetime(line, place, value, looks["date"])
    elif isinstance(value, str | int | float | Decimal):
        sheet.write_string(line, place, _clean(str(value)), looks["text"])
    else:
        raise ValueError(f"Column {column.key!r}: a cell cannot hold {type(value).__name__}.")


def _clean(words: str) -> str:
    """Without control characters, which Excel calls a damaged file, and within one cell."""
    return CONTROL.sub("", words)[:CELL_LIMIT]


# --- templates of imports ---------------------------------------------------------------------


def import_template_xlsx(columns: Sequence[TemplateColumn], title: str = "") -> bytes:
    """An empty sheet «Данные» with the headings as given, and «Как заполнять» beside it.

    Every cell is text, so codes keep their leading zeros; columns with allowed values get a
    drop-down list.
    """
    out, book = _book(title or "Шаблон загрузки")
    sheet = book.add_worksheet("Данные")
    help_sheet = book.add_worksheet("Как заполнять")
    lists = book.add_worksheet("Списки")
    required = book.add_format(
        {**FONT, "bold": True, "text_wrap": True, "bottom": 2, "bg_color": "#FFF3D6"}
    )
    optional = _heading_format(book)
    text = book.add_format({**FONT, "num_format": AS_TEXT})
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width, text)
        sheet.write_string(0, place, column.heading, required if column.required else optional)
        sheet.data_validation(1, place, TEMPLATE_ROWS, place, _rule(lists, place, column))
    sheet.freeze_panes(1, 0)
    lists.hide()
    _explain(book, help_sheet, columns, title)
    book.close()
    return out.getvalue()


def _rule(lists: Worksheet, place: int, column: TemplateColumn) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "validate": "any",
        "input_title": column.heading[:32],
        "input_message": column.help[:PROMPT_LIMIT],
    }
    if not column.help:
        del rule["input_title"], rule["input_message"]
    if column.allowed:
        rule["validate"] = "list"
        rule["source"] = list(column.allowed)
        rule["error_title"] = "Такого значения нет"
        rule["error_message"] = "Выберите значение из списка."
        too_long = len(",".join(column.allowed)) > LIST_LIMIT
        if too_long or any("," in value for value in column.allowed):
            for line, value in enumerate(column.allowed):
                lists.write_string(line, place, value)
            letter = xl_col_to_name(place)
            rule["source"] = f"=Списки!${letter}$1:${letter}${len(column.allowed)}"
    return rule


def _explain(
    book: Workbook, sheet: Worksheet, columns: Sequence[TemplateColumn], title: str
) -> None:
    wrap = book.add_format({**FONT, "text_wrap": True})
    bold = book.add_format({**FONT, "bold": True, "text_wrap": True})
    heading = _heading_format(book)
    sheet.write_string(
        0, 0, title or "Как заполнять", book.add_format({**FONT, "bold": True, "font_size": 14})
    )
    sheet.write_string(
        1,
        0,
        "Заполняйте лист «Данные» со второй строки; названия столбцов не меняйте. "
        "Даты пишите как 16.03.2026.",
        book.add_format(FONT),
    )
    top = 3
    names = ("Столбец", "Обязательный", "Что писать", "Пример", "Допустимые значения")
    for place, (name, width) in enumerate(zip(names, (28, 15, 56, 28, 44), strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_string(top, place, name, heading)
    for line, column in enumerate(columns, start=top + 1):
        sheet.write_string(line, 0, column.heading, bold if column.required else wrap)
        sheet.write_string(line, 1, "да" if column.required else "нет", wrap)
        sheet.write_string(line, 2, _clean(column.help), wrap)
        sheet.write_string(line, 3, _clean(column.example), wrap)
        sheet.write_string(line, 4, _clean(_some(column.allowed)), wrap)
    sheet.freeze_panes(top + 1, 0)
    _print_setup(sheet, top)


def _some(allowed: Sequence[str]) -> str:
    """All of a short list; the beginning of a long one, which stands whole in its cells."""
    if len(allowed) <= SHOWN_VALUES:
        return "; ".join(allowed)
    rest = len(allowed) - SHOWN_VALUES
    return "; ".join(allowed[:SHOWN_VALUES]) + f" … и ещё {rest} — в списке ячейки"
