"""Documents made for the tests: whole, broken and evil ones."""

from __future__ import annotations

import struct
import zipfile
from io import BytesIO

import docx
import typst
import xlsxwriter
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


def packed(**parts: bytes | str) -> bytes:
    """A package with these parts, not pressed together."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def sheets(**tables: list[list[object]]) -> bytes:
    """An Excel workbook; a sheet whose name begins with «_» is hidden."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"default_date_format": "dd.mm.yyyy"})
    for name, rows in tables.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if name.startswith("_"):
            sheet.hide()
    book.close()
    return out.getvalue()


def sheet_with_a_cell_at(place: str) -> bytes:
    """A small workbook whose one sheet reaches from A1 to a cell far away."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write("A1", 1)
    sheet.write(place, 1)
    book.close()
    return out.getvalue()


OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"
SPACES = " ".join(
    f'xmlns:{name}="{OFFICE}{name}:1.0"' for name in ("office", "text", "table", "style", "meta")
)


def _opendocument(kind: str, body: str, styles: str = "", **parts: str) -> bytes:
    content = (
        f'<office:document-content {SPACES} xmlns:fo="{OFFICE}xsl-fo-compatible:1.0">'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body>{body}</office:body></office:document-content>"
    )
    mime = f"application/vnd.oasis.opendocument.{kind}"
    return packed(mimetype=mime, **{"content.xml": content}, **parts)


def odt(body: str, *, pages: int | None = None, **parts: str) -> bytes:
    """An OpenDocument text; paragraphs of the style «new» begin a page."""
    if pages is not None:
        parts["meta.xml"] = (
            f'<office:document-meta {SPACES} xmlns:dc="http://purl.org/dc/elements/1.1/">'
            "<office:meta><dc:title>Положение</dc:title>"
            f'<meta:document-statistic meta:page-count="{pages}"/></office:meta>'
            "</office:document-meta>"
        )
    style = (
        '<style:style style:name="new"><style:paragraph-properties fo:break-before="page"/>'
        "</style:style>"
    )
    return _opendocument("text", f"<office:text>{body}</office:text>", style, **parts)


def ods(rows: list[list[str]]) -> bytes:
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p>'
            "</table:table-cell>"
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    return _opendocument(
        "spreadsheet",
        '<office:spreadsheet><table:table table:name="Показатели">'
        f"{cells}</table:table></office:spreadsheet>",
        **{"META-INF/manifest.xml": manifest},
    )


def old_table(*cells: str) -> bytes:
    """An Excel 97 workbook with one sheet «Old» and these cells in its first row."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def begin(what: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHII", 0x0600, what, 0, 0, 0, 0))

    end = record(0x000A, b"")
    sheet = begin(0x0010)
    for column, text in enumerate(cells):
        letters = struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")
        sheet += record(0x0204, struct.pack("<HHH", 0, column, 0) + letters)
    sheet += end
    named = struct.pack("<BB", 3, 0) + b"Old"
    head = len(begin(0x0005)) + len(record(0x0085, b"\0" * 6 + named)) + len(end)
    book = begin(0x0005) + record(0x0085, struct.pack("<IBB", head, 0, 0) + named) + end + sheet
    return _old_package("Workbook", book.ljust(4096, b"\0"))


def _old_package(name: str, stream: bytes) -> bytes:
    """The package of old Office programs with one stream of whole sectors."""
    free, last, fat, size = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 512
    sectors = -(-len(stream) // size)
    stream = stream.ljust(sectors * size, b"\0")
    table = [fat, last, *range(3, 2 + sectors), last]
    allocation = struct.pack(f"<{len(table)}I", *table).ljust(size, b"\xff")

    def entry(title: str, kind: int, child: int, start: int, length: int) -> bytes:
        letters = (title.encode("utf-16-le") + b"\0\0").ljust(64, b"\0")
        return struct.pack(
            "<64sHBBIII36sIQ", letters, 2 * len(title) + 2, kind, 1, free, free, child,
            b"", start, length,
        )  # fmt: skip

    folder = entry("Root Entry", 5, 1, last, 0) + entry(name, 2, free, 2, len(stream))
    head = struct.pack(
        "<8s16sHHHHH6xIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6,
        0, 1, 1, 0, 4096, last, 0, last, 0, 0,
    )  # fmt: skip
    return head.ljust(size, b"\xff") + allocation + folder.ljust(size, b"\0") + stream
