"""Documents made for the tests: whole, broken and evil ones."""

from __future__ import annotations

import zipfile
from io import BytesIO

import docx
import typst
from docx.enum.text import WD_BREAK
from PIL import Image
from pypdf import PdfWriter

HTML = "<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>"


def pdf(*pages: str) -> bytes:
    """A PDF with these texts on its pages."""
    text = "\n#pagebreak()\n".join(pages)
    return typst.compile(f'#set document(title: "Приказ")\n{text}'.encode())


def locked_pdf() -> bytes:
    writer = PdfWriter(clone_from=BytesIO(pdf("Тайна")))
    writer.encrypt("password-of-the-paper")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def word(*pages: str) -> bytes:
    """A Word document with a page break after each text."""
    paper = docx.Document()
    paper.core_properties.title = "Программа мониторинга"
    for place, text in enumerate(pages):
        paragraph = paper.add_paragraph(text)
        if place < len(pages) - 1:
            paragraph.add_run().add_break(WD_BREAK.PAGE)
    out = BytesIO()
    paper.save(out)
    return out.getvalue()


def bomb(size: int) -> bytes:
    """A small Word document that unpacks into `size` bytes."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", "<Types/>")
        with parts.open("word/document.xml", "w", force_zip64=True) as part:
            for _ in range(size // 2**20):
                part.write(b" " * 2**20)
    return out.getvalue()


def laughing() -> bytes:
    """A Word document whose few entities grow into billions of letters."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    text = f'<!DOCTYPE d [<!ENTITY l0 "ха">{entities}]><d>&l11;</d>'
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", "<Types/>")
        parts.writestr("word/document.xml", text)
    return out.getvalue()


def picture(width: int, height: int, kind: str = "JPEG", colours: str = "RGB") -> bytes:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Camera of Ivan"
    Image.new(colours, (width, height), "white").save(out, kind, exif=exif)
    return out.getvalue()


def site(body: str, title: str = "Управление образования") -> bytes:
    return HTML.format(title=title, body=body).encode()
