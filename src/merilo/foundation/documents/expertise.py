"""The protocol of an expertise of municipal mechanisms: one set of values, a PDF and a DOCX."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm

from .typesetting import typeset
from .word import repeat_heading, set_fonts, set_widths
from .wording import day

TITLE = "Протокол экспертизы муниципальных управленческих механизмов"
HISTORY = "Предложения при согласовании:"
COLUMNS = ("Позиция", "Наименование", "Наибольший балл", "Балл", "Снятие", "Итог", "Основание")
WIDTHS = (Mm(20), Mm(59), Mm(24), Mm(14), Mm(18), Mm(14), Mm(26))
HEAD = (Mm(45), Mm(130))
SIGNED = "Ответственный за цикл ______________________ ______________________"


@dataclass(frozen=True)
class ExpertisePosition:
    """One settled position, in the words of the paper."""

    code: str
    title: str
    most: str
    points: str
    deductions: str
    net: str
    basis: str


@dataclass(frozen=True)
class ExpertiseDirection:
    code: str
    title: str
    positions: tuple[ExpertisePosition, ...]
    total: str  # «12 из 25», or that it is not known yet
    history: tuple[str, ...] = ()  # how the experts came to one mark, line by line


@dataclass(frozen=True)
class ExpertiseProtocol:
    """What the protocol says. Experts are counted, never named."""

    region: str
    municipality: str
    cycle: str
    criteria: str
    state: str
    experts: str
    total: str
    made_on: date
    directions: tuple[ExpertiseDirection, ...]
    notes: tuple[str, ...] = ()

    @property
    def head(self) -> list[tuple[str, str]]:
        return [
            ("Муниципалитет", self.municipality),
            ("Цикл", self.cycle),
            ("Критерии", self.criteria),
            ("Состояние", self.state),
            ("Экспертов на позицию", self.experts),
            ("Сумма баллов", self.total),
            ("Составлен", day(self.made_on)),
        ]


def expertise_protocol_pdf(form: ExpertiseProtocol) -> bytes:
    """A4, tagged; every page numbered."""
    return typeset(
        "expertise_protocol",
        {
            "title": TITLE,
            "author": form.region,
            "region": form.region,
            "footer": f"{form.municipality}. {form.cycle}",
            "date": form.made_on.isoformat(),
            "head": form.head,
            "columns": list(COLUMNS),
            "history": HISTORY,
            "directions": [
                {
                    "title": f"{one.code} {one.title}",
                    "total": one.total,
                    "rows": [list(_cells(position)) for position in one.positions],
                    "history": list(one.history),
                }
                for one in form.directions
            ],
            "notes": list(form.notes),
        },
    )


def expertise_protocol_docx(form: ExpertiseProtocol) -> bytes:
    """The same, to be edited by the region: headings, one table for each direction."""
    document: Any = Document()
    _page(document)
    heading = document.add_paragraph()
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    heading.add_run(form.region)
    title = document.add_heading(TITLE, level=1)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    facts = document.add_table(rows=0, cols=2)
    for term, words in form.head:
        cells = facts.add_row().cells
        cells[0].text, cells[1].text = term, words
    set_widths(facts, HEAD)
    for direction in form.directions:
        document.add_heading(f"{direction.code} {direction.title}", level=2)
        _table(document, direction)
        document.add_paragraph(f"Итого по направлению: {direction.total}")
        if direction.history:
            document.add_paragraph(HISTORY)
        for line in direction.history:
            document.add_paragraph(line, style="List Bullet")
    for note in form.notes:
        document.add_paragraph(note)
    document.add_paragraph(SIGNED)
    properties = document.core_properties
    properties.title, properties.author = f"{TITLE}: {form.municipality}", form.region
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _cells(position: ExpertisePosition) -> tuple[str, ...]:
    return (
        position.code,
        position.title,
        position.most,
        position.points,
        position.deductions,
        position.net,
        position.basis,
    )


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(20), Mm(15)
    section.top_margin, section.bottom_margin = Mm(15), Mm(15)
    set_fonts(document, body=10)


def _table(document: Any, direction: ExpertiseDirection) -> None:
    table = document.add_table(rows=1, cols=len(COLUMNS))
    table.style = "Table Grid"
    for cell, words in zip(table.rows[0].cells, COLUMNS, strict=True):
        cell.text = words
    for position in direction.positions:
        for cell, words in zip(table.add_row().cells, _cells(position), strict=True):
            cell.text = words
    set_widths(table, WIDTHS)
    repeat_heading(table)
