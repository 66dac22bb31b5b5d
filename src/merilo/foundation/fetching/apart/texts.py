"""Texts that every machine lays out anew: Word and OpenDocument."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kept import Cannot, Facts, Kept, found, opened, part, plain

OASIS = "{urn:oasis:names:tc:opendocument:xmlns:"
ODT_TEXT, ODT_STYLE = f"{OASIS}text:1.0}}", f"{OASIS}style:1.0}}"
FO = f"{OASIS}xsl-fo-compatible:1.0}}"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
LINE = 40  # letters of a short line: the fewest that are still read as one


def xml(content: bytes) -> Any:
    """No entities, no network, no giant trees: XML says only what it says."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(content, parser)


def read_docx(place: Path, order: Facts) -> Facts:
    with opened(place, order) as parts:
        names = set(parts.namelist())
        body = xml(part(parts, "word/document.xml", order))
        breaking = set()
        if "word/styles.xml" in names:
            breaking = word_breaking(xml(part(parts, "word/styles.xml", order)))
        stated, title = 0, ""
        if "docProps/app.xml" in names:
            stated = number(xml(part(parts, "docProps/app.xml", order)).findtext("{*}Pages"))
        if "docProps/core.xml" in names:
            core = xml(part(parts, "docProps/core.xml", order))
            title = core.findtext("{http://purl.org/dc/elements/1.1/}title") or ""
    return laid_out(word_pages(body, breaking), figures(body), stated, title, order)


def read_odt(place: Path, order: Facts) -> Facts:
    with opened(place, order) as parts:
        names = set(parts.namelist())
        manifest = "META-INF/manifest.xml"
        if manifest in names and b"encryption-data" in part(parts, manifest, order):
            raise Cannot("locked")
        body = xml(part(parts, "content.xml", order))
        stated, title = 0, ""
        if "meta.xml" in names:
            meta = xml(part(parts, "meta.xml", order))
            counted = meta.find(f".//{OASIS}meta:1.0}}document-statistic")
            stated = number(
                counted.get(f"{OASIS}meta:1.0}}page-count") if counted is not None else ""
            )
            title = meta.findtext(".//{http://purl.org/dc/elements/1.1/}title") or ""
    return laid_out(odt_pages(body), figures(body), stated, title, order)


def figures(body: Any) -> int:
    """How many drawings there are: a scan put into a text fills a page alone."""
    return sum(1 for _one in body.iter(f"{W}drawing", f"{W}pict", f"{OASIS}drawing:1.0}}frame"))


def number(said: str | None) -> int:
    return int(said) if said and said.isdecimal() and len(said) < 6 else 0


def laid_out(pages: list[str], drawings: int, stated: int, title: str, order: Facts) -> Facts:
    """A text that every machine lays out anew: the last editor's own count, and the ends of pages
    that stand in it; a page lies in neither exactly. The lines say how many there can be at most."""
    kept = Kept(order)
    for text in pages:
        kept.add(text)
    lines = sum(1 + len(line) // LINE for text in pages for line in text.split("\n"))
    return found(
        title=plain(title)[:300],
        page_count=max(stated, len(pages)),
        lines=lines,
        figures=drawings,
        pages=kept.pages,
        shortened=kept.shortened,
    )


class Ends:
    """Text that is cut where the document says that a page ends; nothing is no page."""

    def __init__(self) -> None:
        self.pages: list[str] = []
        self.text: list[str] = []

    def end(self) -> None:
        if "".join(self.text).strip():  # an end in two notations is one
            self.pages.append("".join(self.text))
            self.text = []

    def whole(self) -> list[str]:
        return [*self.pages, "".join(self.text)]


def word_breaking(styles: Any) -> set[str | None]:
    """Styles whose paragraphs begin a page."""
    return {
        style.get(f"{W}styleId")
        for style in styles.iter(f"{W}style")
        if any(is_on(one) for one in style.iter(f"{W}pageBreakBefore"))
    }


def is_on(switch: Any) -> bool:
    return switch.get(f"{W}val") not in ("0", "false", "off")


def word_pages(body: Any, breaking: set[str | None]) -> list[str]:
    """The text page by page, where the document says that a page ends."""
    read, section_ends = Ends(), False
    for node in body.iter():
        if node.tag == f"{W}sectPr" and node.getparent().tag == f"{W}pPr":
            kind = node.find(f"{W}type")
            section_ends = kind is None or kind.get(f"{W}val") != "continuous"
        elif node.tag == f"{W}p" and section_ends:
            read.end()
            section_ends = False
        if (
            node.tag == f"{W}lastRenderedPageBreak"
            or (node.tag == f"{W}br" and node.get(f"{W}type") == "page")
            or (node.tag == f"{W}pageBreakBefore" and is_on(node))
            or (node.tag == f"{W}pStyle" and node.get(f"{W}val") in breaking)
        ):
            read.end()
        elif node.tag == f"{W}t":
            read.text.append(node.text or "")
        elif node.tag in (f"{W}p", f"{W}tr"):
            read.text.append("\n")
        elif node.tag in (f"{W}tab", f"{W}tc", f"{W}br"):
            read.text.append(" ")
    return read.whole()


def odt_pages(body: Any) -> list[str]:
    """The same of an OpenDocument text: ends of pages as LibreOffice notes them, and those of styles."""
    breaking = {
        style.get(f"{ODT_STYLE}name")
        for style in body.iter(f"{ODT_STYLE}style")
        if any(
            one.get(f"{FO}break-before") == "page"
            for one in style.iter(f"{ODT_STYLE}paragraph-properties")
        )
    }
    read = Ends()
    root = body.find(f".//{OASIS}office:1.0}}text")
    if root is None:
        raise Cannot("broken")
    odt_walk(root, read, breaking)
    return read.whole()


def odt_walk(node: Any, read: Ends, breaking: set[str | None]) -> None:
    """Words in their order; notes of readers and what was struck out are no part of the text."""
    if not isinstance(node.tag, str) or node.tag in ODT_LEFT_OUT:
        return
    if node.tag in (f"{ODT_TEXT}p", f"{ODT_TEXT}h"):
        if node.get(f"{ODT_TEXT}style-name") in breaking:
            read.end()
        read.text.append("\n")
    elif node.tag == f"{ODT_TEXT}soft-page-break":
        read.end()
    elif node.tag in (f"{ODT_TEXT}s", f"{ODT_TEXT}tab", f"{OASIS}table:1.0}}table-cell"):
        read.text.append(" ")
    elif node.tag == f"{ODT_TEXT}line-break":
        read.text.append("\n")
    read.text.append(node.text or "")
    for child in node:
        odt_walk(child, read, breaking)
        read.text.append(child.tail or "")


ODT_LEFT_OUT = (f"{ODT_TEXT}tracked-changes", f"{OASIS}office:1.0}}annotation")
