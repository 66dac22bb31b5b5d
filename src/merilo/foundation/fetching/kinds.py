"""What came: told by its first bytes, because a server may call it anything."""

from __future__ import annotations

from enum import StrEnum

ENOUGH = 4096  # bytes that are enough to tell


class Kind(StrEnum):
    """Kinds of documents that may be kept."""

    PDF = "pdf"
    DOCX = "docx"
    ODT = "odt"
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    PAGE = "html"
    TEXT = "text"
    PICTURE = "picture"
    OFFICE = "office"  # kept whole, not taken apart: old Word, RTF, slides

    @property
    def is_document(self) -> bool:
        """A document of its own, and no page of a site."""
        return self is not Kind.PAGE

    @property
    def is_table(self) -> bool:
        """Sheets of cells, without pages."""
        return self in (Kind.XLSX, Kind.XLS, Kind.ODS)


BY_FIRST_BYTES = (
    (b"\x89PNG\r\n\x1a\n", Kind.PICTURE),
    (b"\xff\xd8\xff", Kind.PICTURE),
    (b"{\\rtf", Kind.OFFICE),
)
ZIP = b"PK\x03\x04"
# Old Word and old tables are one kind of package; what is inside is told by the names of its parts.
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLD_TABLE, OLD_WORD = "Workbook".encode("utf-16-le"), "WordDocument".encode("utf-16-le")
OPENDOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument."


def kind_of(content: bytes, content_type: str) -> Kind | None:
    """The kind of a document by its beginning; None for what is not kept (films, programs).

    Of a package the names of its parts are asked too: they may stand at its end.
    """
    head = content[:ENOUGH]
    if b"%PDF-" in head[:1024]:
        return Kind.PDF
    for mark, kind in BY_FIRST_BYTES:
        if head.startswith(mark):
            return kind
    if head.startswith(OLD_OFFICE):
        is_table = OLD_TABLE in content and OLD_WORD not in content
        return Kind.XLS if is_table else Kind.OFFICE
    if head.startswith(ZIP):
        return _kind_of_zip(content, content_type)
    if b"\x00" in head:
        return None
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start:
        return Kind.PAGE
    if content_type in ("text/html", "application/xhtml+xml"):
        return Kind.PAGE
    if content_type == "text/plain":
        return Kind.TEXT
    return None


def _kind_of_zip(content: bytes, content_type: str) -> Kind | None:
    head = content[:ENOUGH]
    if OPENDOCUMENT in head[:120]:
        named = head[head.index(OPENDOCUMENT) + len(OPENDOCUMENT) :]
        if named.startswith(b"text"):
            return Kind.ODT
        return Kind.ODS if named.startswith(b"spreadsheet") else Kind.OFFICE
    # A table may stand inside a text and a text inside a table: the outer list of parts comes last.
    text, table = content.rfind(b"word/document.xml"), content.rfind(b"xl/workbook.xml")
    if text != table:
        return Kind.DOCX if text > table else Kind.XLSX
    if b"word/" in head or content_type.endswith("wordprocessingml.document"):
        return Kind.DOCX
    if b"xl/" in head or content_type.endswith("spreadsheetml.sheet"):
        return Kind.XLSX
    if b"ppt/" in head or "officedocument" in content_type:
        return Kind.OFFICE
    # The order of the parts is free: [Content_Types].xml comes first in all usual programs.
    return Kind.DOCX if b"[Content_Types].xml" in head else None
