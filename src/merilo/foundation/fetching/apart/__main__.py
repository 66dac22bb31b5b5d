"""The reading process: started by `reading`, imports nothing of Merilo, lives for one document.

Given a folder with `document` and `order.json`; leaves `answer.json` and painted pages there.
"""

from __future__ import annotations

import json
import re
import resource
import sys
from pathlib import Path
from typing import Any

from kept import Cannot, Facts, Kept, found, plain
from sheets import read_sheets
from texts import read_docx, read_odt

NO_TEXT = ("script", "style", "noscript", "template", "svg", "head")
BLOCKS = ("p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "br", "td", "th", "section")
LINKS = 500


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
    return found(
        page_count=1, exact=True, pages=[(1, "", "")], pictures=[paint(picture, 1, place)]
    )


def paint(picture: Any, number: int, place: Path) -> tuple[int, int, int]:
    picture.save(place / f"{number}.webp", "WEBP", quality=80)
    return number, picture.width, picture.height


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
    "odt": read_odt,
    "xlsx": read_sheets,
    "xls": read_sheets,
    "ods": read_sheets,
    "html": read_page,
    "text": read_text,
    "picture": read_picture,
}

if __name__ == "__main__":
    main(Path(sys.argv[1]))
