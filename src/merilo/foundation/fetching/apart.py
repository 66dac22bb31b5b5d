"""The reading process: started by `reading`, imports nothing of Merilo, lives for one document.

Given a folder with `document` and `order.json`; leaves `answer.json` and painted pages there.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import zipfile
from pathlib import Path
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NO_TEXT = ("script", "style", "noscript", "template", "svg", "head")
BLOCKS = ("p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "br", "td", "th", "section")
LINKS = 500

Facts = dict[str, Any]


class Cannot(Exception):
    pass


def main(place: Path) -> None:
    order = json.loads((place / "order.json").read_text())
    take_little(order)
    try:
        answer = READERS[order["kind"]](place, order)
    except Cannot as why:
        answer = {"cannot": str(why)}
    except MemoryError:
        answer = {"cannot": "heavy"}
    except Exception:  # any broken file, by whatever library: the parent only asks whether
        answer = {"cannot": "broken"}
    (place / "answer.json").write_text(json.dumps(answer))


def take_little(order: Facts) -> None:
    """Limits the system holds, whatever the document makes of the library."""
    resource.setrlimit(resource.RLIMIT_CPU, (order["seconds"], order["seconds"]))
    resource.setrlimit(resource.RLIMIT_AS, (order["memory"], order["memory"]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (order["unpacked"], order["unpacked"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def found(**known: object) -> Facts:
    return {
        "title": "",
        "page_count": None,
        "exact": False,
        "pages": [],
        "pictures": [],
        "links": [],
        "asks_password": False,
        "shortened": False,
    } | known


def plain(text: str) -> str:
    """Text without control letters, without lines of nothing."""
    text = re.sub(r"[^\S\n]+", " ", re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]", "\n", text))
    text = text.encode("utf-8", "ignore").decode()  # half a letter cannot be kept
    return re.sub(r"\n\s*\n+", "\n", text).strip()


class Kept:
    """Pages of text until the limit; says whether something was left out."""

    def __init__(self, order: Facts):
        self.pages: list[tuple[int, str]] = []
        self.left = order["text"]
        self.most = order["pages"]
        self.shortened = False

    def add(self, text: str) -> None:
        text = plain(text)
        if len(self.pages) >= self.most or len(text) > self.left:
            self.shortened = True
            text = text[: self.left]
        if len(self.pages) < self.most:
            self.pages.append((len(self.pages) + 1, text))
            self.left -= len(text)


def read_pdf(place: Path, order: Facts) -> Facts:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(place / "document")
    except pypdfium2.PdfiumError as wrong:
        raise Cannot("locked" if "password" in str(wrong).lower() else "broken") from None
    count = len(document)
    if count == 0:
        raise Cannot("broken")
    kept = Kept(order)
    for number in range(min(count, order["pages"])):
        kept.add(document[number].get_textpage().get_text_bounded())
    pictures = []
    for number in order["draw"]:
        if 1 <= number <= count:
            page = document[number - 1]
            width, height = page.get_size()
            # A poster is drawn no larger than a page: the picture has a limit in both directions.
            scale = order["width"] / max(width, height / 2, 1)
            picture = page.render(scale=scale).to_pil().convert("RGB")
            pictures.append(paint(picture, number, place))
    return found(
        title=plain(document.get_metadata_dict().get("Title") or "")[:300],
        page_count=count,
        exact=True,
        pages=kept.pages,
        pictures=pictures,
        shortened=kept.shortened or count > order["pages"],
    )


def read_picture(place: Path, order: Facts) -> Facts:
    from PIL import Image

    try:
        with Image.open(place / "document", formats=["PNG", "JPEG"]) as opened:
            opened.draft("RGB", (order["width"] * 2, order["width"] * 4))
            picture = opened.convert("RGB")  # painted anew: no place, no name of a camera
    except Image.DecompressionBombError:
        raise Cannot("heavy") from None
    picture.thumbnail((order["width"], order["width"] * 2))
    return found(page_count=1, exact=True, pages=[(1, "")], pictures=[paint(picture, 1, place)])


def paint(picture: Any, number: int, place: Path) -> tuple[int, int, int]:
    picture.save(place / f"{number}.webp", "WEBP", quality=80)
    return number, picture.width, picture.height


def read_docx(place: Path, order: Facts) -> Facts:
    from lxml import etree

    # No entities, no network, no giant trees: XML says only what it says.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    with zipfile.ZipFile(place / "document") as parts:
        if sum(part.file_size for part in parts.infolist()) > order["unpacked"]:
            raise Cannot("heavy")
        names = set(parts.namelist())
        body = etree.fromstring(part(parts, "word/document.xml", order), parser)
        stated = 0
        if "docProps/app.xml" in names:
            told = etree.fromstring(part(parts, "docProps/app.xml", order), parser)
            pages = told.findtext("{*}Pages") or ""
            stated = int(pages) if pages.isdecimal() and len(pages) < 6 else 0
        title = ""
        if "docProps/core.xml" in names:
            core = etree.fromstring(part(parts, "docProps/core.xml", order), parser)
            title = core.findtext("{http://purl.org/dc/elements/1.1/}title") or ""
    kept, breaks = word_pages(body, Kept(order))
    return found(
        title=plain(title)[:300],
        # Word notes its own count and the ends of its pages; a page lies in neither exactly.
        page_count=max(stated, breaks + 1),
        pages=kept.pages,
        shortened=kept.shortened,
    )


def part(parts: zipfile.ZipFile, name: str, order: Facts) -> bytes:
    """One part, no larger than may be, whatever its label says."""
    with parts.open(name) as source:
        content = source.read(order["unpacked"] + 1)
    if len(content) > order["unpacked"]:
        raise Cannot("heavy")
    return content


def word_pages(body: Any, kept: Kept) -> tuple[Kept, int]:
    """The text page by page, where the document notes the ends of pages."""
    text: list[str] = []
    breaks = 0
    for node in body.iter():
        ends_page = node.tag == f"{W}lastRenderedPageBreak" or (
            node.tag == f"{W}br" and node.get(f"{W}type") == "page"
        )
        if ends_page:
            if not "".join(text).strip():
                continue  # a page break in both notations is one
            kept.add("".join(text))
            text, breaks = [], breaks + 1
        elif node.tag == f"{W}t":
            text.append(node.text or "")
        elif node.tag in (f"{W}p", f"{W}tr"):
            text.append("\n")
        elif node.tag in (f"{W}tab", f"{W}tc", f"{W}br"):
            text.append(" ")
    kept.add("".join(text))
    return kept, breaks


def read_page(place: Path, order: Facts) -> Facts:
    from lxml import html

    parser = html.HTMLParser(no_network=True, encoding=encoding(place), remove_comments=True)
    tree = html.fromstring((place / "document").read_bytes(), parser=parser)
    title = tree.findtext(".//title") or ""
    asks = any((node.get("type") or "").lower() == "password" for node in tree.iter("input"))
    links = [
        [node.get("href")[:2000], plain(node.text_content())[:300]]
        for node in tree.iter("a")
        if node.get("href")
    ]
    for node in list(tree.iter(*NO_TEXT)):
        if node.getparent() is not None:  # gone with what it stood in
            node.drop_tree()
    for node in tree.iter(*BLOCKS):
        node.tail = "\n" + (node.tail or "")
    kept = Kept(order)
    kept.add(tree.text_content())
    return found(
        title=plain(title)[:300],
        pages=kept.pages,
        links=links[:LINKS],
        asks_password=asks,
        shortened=kept.shortened or len(links) > LINKS,
    )


def encoding(place: Path) -> str:
    """UTF-8 unless the bytes are not: then the page names its own, or it is an old Russian one."""
    content = (place / "document").read_bytes()
    try:
        content.decode()
        return "utf-8"
    except UnicodeDecodeError:
        named = re.search(rb"charset=[\"']?([a-zA-Z0-9_-]+)", content[:4096])
        return named.group(1).decode() if named else "windows-1251"


def read_text(place: Path, order: Facts) -> Facts:
    kept = Kept(order)
    kept.add((place / "document").read_bytes().decode(encoding(place), "replace"))
    return found(pages=kept.pages, shortened=kept.shortened)


READERS = {
    "pdf": read_pdf,
    "docx": read_docx,
    "html": read_page,
    "text": read_text,
    "picture": read_picture,
}

if __name__ == "__main__":
    main(Path(sys.argv[1]))
