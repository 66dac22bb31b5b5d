"""Files of the register for tests: XLSX and CSV with the headings of a kind."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO

import xlsxwriter

from merilo.registry.actions import Details
from merilo.registry.imports import KINDS

INN = ("2540000016", "2540000023", "2540000030", "2540000048", "2540000055")


def details(territory, **said) -> Details:
    fields = {"name": "МБОУ «СОШ № 30»", "short_name": "СОШ № 30", "territory_id": territory.pk}
    return Details(**(fields | said))


def a_csv(
    kind: str, *rows: dict[str, str], delimiter: str = ";", encoding: str = "utf-8-sig"
) -> bytes:
    headings = [column.heading for column in KINDS[kind].columns]
    out = StringIO()
    writer = csv.DictWriter(out, headings, delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def an_xlsx(headings, *rows) -> bytes:
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    for line, row in enumerate([headings, *rows]):
        for place, cell in enumerate(row):
            sheet.write(line, place, cell)
    book.close()
    return out.getvalue()
