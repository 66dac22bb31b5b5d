"""What our Word files share: black headings of the body's font, columns as wide as they are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docx.oxml.ns import qn
from docx.shared import Length, Pt, RGBColor

FONT = "Times New Roman"  # on every office machine
BLACK = RGBColor(0, 0, 0)


def set_fonts(document: Any, *, body: int) -> None:
    """One font for the whole file; headings of the template would be blue and of another font."""
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(body)
    for name, size in (("Heading 1", body + 4), ("Heading 2", body + 1)):
        style = document.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(size), BLACK
    for name in ("Normal", "Heading 1", "Heading 2"):
        fonts = document.styles[name].element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), FONT)
        fonts.set(qn("w:cs"), FONT)


def set_widths(table: Any, widths: Sequence[Length]) -> None:
    """Word reads the cells, LibreOffice the grid: both are told, and neither may guess."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width


def repeat_heading(table: Any) -> None:
    """The first row stands on every page the table goes over to."""
    properties = table.rows[0]._tr.get_or_add_trPr()
    properties.append(properties.makeelement(qn("w:tblHeader"), {}))
