"""What came: told by its first bytes, because a server may call it anything."""

from __future__ import annotations

from enum import StrEnum

ENOUGH = 4096  # bytes that are enough to tell


class Kind(StrEnum):
    """Kinds of documents that may be kept."""

    PDF = "pdf"
    DOCX = "docx"
    PAGE = "html"
    TEXT = "text"
    PICTURE = "picture"
    OFFICE = "office"  # kept whole, not taken apart: old Word, tables, OpenDocument, RTF

    @property
    def is_document(self) -> bool:
        """A document of its own, and no page of a site."""
        return self is not Kind.PAGE


BY_FIRST_BYTES = (
    (b"\x89PNG\r\n\x1a\n", Kind.PICTURE),
    (b"\xff\xd8\xff", Kind.PICTURE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OFFICE),
    (b"{\\rtf", Kind.OFFICE),
)
ZIP = b"PK\x03\x04"
OPENDOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument"


def kind_of(head: bytes, content_type: str) -> Kind | None:
    """The kind of a document by its beginning; None for what is not kept (films, programs)."""
    if b"%PDF-" in head[:1024]:
        return Kind.PDF
    for mark, kind in BY_FIRST_BYTES:
        if head.startswith(mark):
            return kind
    if head.startswith(ZIP):
        return _kind_of_zip(head, content_type)
    if b"\x00" in head:
        return None
    start = head[:ENOUGH].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start:
        return Kind.PAGE
    if content_type in ("text/html", "application/xhtml+xml"):
        return Kind.PAGE
    if content_type == "text/plain":
        return Kind.TEXT
    return None


def _kind_of_zip(head: bytes, content_type: str) -> Kind | None:
    if OPENDOCUMENT in head[:120]:
        return Kind.OFFICE
    if b"word/" in head or content_type.endswith("wordprocessingml.document"):
        return Kind.DOCX
    if b"xl/" in head or b"ppt/" in head or "officedocument" in content_type:
        return Kind.OFFICE
    # The order of the parts is free: [Content_Types].xml comes first in all usual programs.
    return Kind.DOCX if b"[Content_Types].xml" in head else None
