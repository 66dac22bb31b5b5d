"""Builds result_notice.docx, the Word template of the notice. Run after changing this file:

python -m merilo.foundation.documents.templates.build_docx
"""

from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

HERE = Path(__file__).parent
FONT = "Times New Roman"  # on every office machine; the PDF carries its own PT Serif
WIDTHS = (Mm(55), Mm(74), Mm(20), Mm(26))
LINE = {"val": "single", "sz": "4", "color": "808080"}


def build() -> None:
    document = Document()
    _page(document)
    _title(document)
    head = _table(document)
    _loop(head, "one in head", [("{{ one[0] }}", 1, {}), ("{{ one[1] }}", 3, {})])
    _marks(head)
    _plain(document, "{%p if annulment %}")
    _plain(document, "Результаты тестирования аннулированы", bold=True, before=10)
    found = _table(document)
    _loop(found, "one in annulment", [("{{ one[0] }}", 1, {}), ("{{ one[1] }}", 3, {})])
    _plain(document, "{%p endif %}")
    _plain(document, "{%p if legend %}")
    _plain(document, "{{ legend }}", size=9, before=4)
    _plain(document, "{%p endif %}")
    _plain(document, "{%p if next_steps %}")
    _plain(document, "Что дальше", bold=True, before=10)
    _plain(document, "{%p for step in next_steps %}")
    _plain(document, "– {{ step }}")
    _plain(document, "{%p endfor %}")
    _plain(document, "{%p endif %}")
    _plain(document, "{%p if signatory %}")
    _signature(document)
    _plain(document, "{%p endif %}")
    document.save(str(HERE / "result_notice.docx"))


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(20), Mm(15)
    section.top_margin, section.bottom_margin = Mm(15), Mm(15)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(11)
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), FONT)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "ru-RU")
    normal.element.get_or_add_rPr().append(language)
    normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.space_before = Pt(0)
    heading = document.styles["Heading 1"]
    heading.font.name, heading.font.size, heading.font.bold = FONT, Pt(14), True
    heading.font.color.rgb = None
    own = heading.element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        own.attrib.pop(qn(kind), None)
    for kind in ("w:ascii", "w:hAnsi", "w:cs"):
        own.set(qn(kind), FONT)
    heading.paragraph_format.space_before = Pt(0)
    heading.paragraph_format.space_after = Pt(4)


def _title(document: Any) -> None:
    title = document.add_paragraph(style="Heading 1")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.add_run("Уведомление").add_break()
    title.add_run("о результатах тестирования ({{ layout }})")
    _plain(document, "{%p if numbered %}")
    number = _plain(document, "{{ numbered }}", size=10)
    number.alignment = WD_ALIGN_PARAGRAPH.CENTER
    number.paragraph_format.space_after = Pt(6)
    _plain(document, "{%p endif %}")


def _plain(
    document: Any, words: str, *, size: int = 11, bold: bool = False, before: int = 0
) -> Any:
    paragraph = document.add_paragraph()
    run = paragraph.add_run(words)
    run.bold, run.font.size = bold, Pt(size)
    paragraph.paragraph_format.space_before = Pt(before)
    return paragraph


def _table(document: Any) -> Any:
    table = document.add_table(rows=0, cols=4)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        one = OxmlElement(f"w:{side}")
        for key, value in LINE.items():
            one.set(qn(f"w:{key}"), value)
        borders.append(one)
    table._tbl.tblPr.append(borders)
    for column, width in zip(table.columns, WIDTHS, strict=True):
        column.width = width
    return table


def _row(table: Any, cells: list[tuple[str, int, dict[str, Any]]]) -> None:
    """Add a row; a cell is (words, columns it spans, look)."""
    row = table.add_row()
    cannot_split = OxmlElement("w:cantSplit")
    row._tr.get_or_add_trPr().append(cannot_split)
    place = 0
    for words, span, look in cells:
        cell = row.cells[place]
        width = sum(WIDTHS[place : place + span])
        if span > 1:
            cell = cell.merge(row.cells[place + span - 1])
        cell.width = width
        place += span
        paragraph = cell.paragraphs[0]
        run = paragraph.add_run(words)
        run.bold, run.italic = look.get("bold", False), look.get("italic", False)
        run.font.size = Pt(10)
        if look.get("centre"):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        properties = cell._tc.get_or_add_tcPr()
        if "merge" in look:
            merge = OxmlElement("w:vMerge")
            merge.set(qn("w:val"), look["merge"])
            properties.append(merge)
        middle = OxmlElement("w:vAlign")
        middle.set(qn("w:val"), "center")
        properties.append(middle)


def _tag(table: Any, words: str) -> None:
    """A row that holds only a tag of the template language: it disappears when rendered."""
    _row(table, [(f"{{%tr {words} %}}", 4, {})])


def _loop(table: Any, over: str, cells: list[tuple[str, int, dict[str, Any]]]) -> None:
    _tag(table, f"for {over}")
    _row(table, cells)
    _tag(table, "endfor")


def _marks(table: Any) -> None:
    heading = ("{{ row.heading }}", 1, {"merge": "{{ row.heading_merge }}"})
    value = ("{{ row.value }}", 1, {"bold": True, "centre": True})
    title = ("{{ row.title }}", 1, {"merge": "{{ row.title_merge }}"})
    _tag(table, "for row in rows")
    _tag(table, "if row.kind == 'mark'")
    _row(table, [heading, title, ("{{ row.code }}", 1, {"centre": True}), value])
    _tag(table, "elif row.kind == 'note'")
    _row(table, [heading, ("{{ row.title }}", 3, {"italic": True})])
    _tag(table, "else")
    _row(table, [heading, ("{{ row.title }}", 2, {}), value])
    _tag(table, "endif")
    _tag(table, "endfor")


def _signature(document: Any) -> None:
    paragraph = _plain(document, "{{ signatory.position }}", before=24)
    paragraph.add_run("\t____________________\t{{ signatory.name }}")
    paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(85))
    paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(130))


if __name__ == "__main__":
    build()
