"""Recommendations for one municipality as DOCX: the office edits it before it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from docx import Document
from docx.shared import Mm

from .word import repeat_heading, set_fonts, set_widths

WITHOUT_WORDS = "Замечаний эксперты не оставили."
WIDTHS = (Mm(98), Mm(22), Mm(26), Mm(24))


@dataclass(frozen=True)
class Remark:
    """A position that did not bring all its points, and what was said of it."""

    code: str
    title: str
    points: str
    maximum: str
    grounds: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chapter:
    """A direction: its points, and the remarks, the dearest first."""

    code: str
    title: str
    points: str
    maximum: str
    percent: str
    remarks: tuple[Remark, ...]


@dataclass(frozen=True)
class Recommendations:
    municipality: str
    cycle: str
    day: str
    chapters: tuple[Chapter, ...]


def recommendations_docx(form: Recommendations) -> bytes:
    """«Рекомендации муниципалитету по итогам самооценки». Experts stay without names."""
    document = Document()
    _page(document)
    document.add_heading("Рекомендации по итогам самооценки", level=1)
    document.add_paragraph(f"{form.municipality}. {form.cycle}. {form.day}")
    document.add_paragraph(
        "Составлено по оценкам и комментариям экспертов. Первыми стоят позиции, где потеряно больше "
        "всего баллов."
    )
    _summary(document, form.chapters)
    for chapter in form.chapters:
        if chapter.remarks:
            document.add_heading(f"{chapter.code} {chapter.title}", level=2)
        for remark in chapter.remarks:
            _remark(document, remark)
    properties = document.core_properties
    properties.title, properties.author = "Рекомендации по итогам самооценки", "Мерило"
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(25), Mm(15)
    set_fonts(document, body=12)


def _summary(document: Any, chapters: tuple[Chapter, ...]) -> None:
    table = document.add_table(rows=1, cols=4, style="Table Grid")
    heads = ("Направление", "Баллы", "Максимум", "Процент")
    for cell, words in zip(table.rows[0].cells, heads, strict=True):
        cell.text = words
    for chapter in chapters:
        values = (
            f"{chapter.code} {chapter.title}",
            chapter.points,
            chapter.maximum,
            chapter.percent,
        )
        for cell, words in zip(table.add_row().cells, values, strict=True):
            cell.text = words
    set_widths(table, WIDTHS)
    repeat_heading(table)


def _remark(document: Any, remark: Remark) -> None:
    head = document.add_paragraph()
    head.add_run(f"{remark.code} {remark.title}").bold = True
    head.add_run(f" — {remark.points} из {remark.maximum}")
    for ground in remark.grounds:
        document.add_paragraph(f"Основание снять баллы: {ground}", style="List Bullet")
    for comment in remark.comments:
        document.add_paragraph(f"Эксперт: {comment}", style="List Bullet")
    if not remark.grounds and not remark.comments:
        document.add_paragraph(WITHOUT_WORDS)
