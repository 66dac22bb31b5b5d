"""Whatever bytes are sent as a table: rows, or a refusal in words; never anything else."""

from __future__ import annotations

from io import BytesIO

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from merilo.foundation.tables import as_text, read_table
from merilo.law import Refused

HEADINGS = ("Код", "Название")


def a_book(*rows) -> bytes:
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    for line, row in enumerate([HEADINGS, *rows]):
        for place, cell in enumerate(row):
            sheet.write(line, place, cell)
    book.close()
    return out.getvalue()


BOOK = a_book(["025", "СОШ № 25"], [25, "число"])


def read(content: bytes, name: str = "table") -> list | None:
    try:
        return read_table(name, content, headings=HEADINGS, most_rows=50)
    except Refused as refused:
        assert all(one.sentence() for one in refused.refusals)
        return None


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_bytes_are_rows_or_a_reason(content):
    read(content)
    read(b"PK" + content)
    read("Код;Название\n".encode() + content)


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, len(BOOK) - 1), instead=st.binary(min_size=1, max_size=20))
def test_a_damaged_workbook_is_rows_or_a_reason(at, instead):
    read(BOOK[:at] + instead + BOOK[at + len(instead) :])
    read(BOOK[:at])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=5))
def test_text_of_any_kind_is_rows_or_a_reason(cells):
    rows = read("Код;Название\n".encode() + ";".join(cells).encode("utf-8", "replace"))
    for row in rows or ():
        assert set(row.cells) == set(HEADINGS)


def test_cells_come_as_people_type_them():
    rows = read(BOOK)
    assert [(row.number, *row.cells.values()) for row in rows] == [
        (2, "025", "СОШ № 25"),
        (3, "25", "число"),
    ]


@pytest.mark.parametrize(
    ("cell", "text"), [(None, ""), (12.0, "12"), (12.5, "12.5"), (True, "True")]
)
def test_a_number_has_no_point_it_does_not_need(cell, text):
    assert as_text(cell) == text


def test_an_attribute_before_the_place_of_a_cell_hides_nothing():
    """A cell far away is found however its tag is written."""
    import zipfile

    for tag in ('r="XFD1048576"', 's="0" r="XFD1048576"', "t='s&gt;' r = 'XFD1048576'"):
        out = BytesIO()
        with zipfile.ZipFile(BytesIO(BOOK)) as packed, zipfile.ZipFile(out, "w") as made:
            for part in packed.namelist():
                made.writestr(part, packed.read(part).replace(b'r="B3"', tag.encode()))
        with pytest.raises(Refused) as wrong:
            read_table("far.xlsx", out.getvalue(), headings=HEADINGS)
        assert wrong.value.refusals[0].code == "tables.too-wide"
