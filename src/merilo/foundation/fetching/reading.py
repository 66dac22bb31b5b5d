"""Take a document apart in a process of its own: a broken or evil file harms only that process.

The child gets little memory, little time and no settings, and its answer is read as data. What it
gives back is harmless by construction: plain text, and pictures painted anew.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .kinds import Kind

APART = Path(__file__).with_name("apart")
PICTURE_TYPE = "image/webp"


class CannotRead(Exception):
    """The document is broken, locked by a password or too heavy. `why` is a code."""

    BROKEN, LOCKED, HEAVY = "broken", "locked", "heavy"

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Room:
    """What the reading process may use."""

    seconds: int = 60
    memory: int = 1536 * 2**20
    unpacked: int = 200 * 2**20  # of a packed document, all parts together
    text: int = 2_000_000  # letters kept
    pages: int = 2000  # pages whose text is kept
    rows: int = 1000  # of a sheet
    columns: int = 60
    drawn: int = 60  # pages painted
    width: int = 1240  # of a picture, in points of the screen: A4 at 150 an inch


@dataclass(frozen=True)
class Picture:
    """A page painted anew."""

    number: int
    content: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Page:
    number: int
    text: str
    title: str = ""  # of a sheet; its rows are lines, its cells end with a tab


@dataclass(frozen=True)
class Link:
    """Where a page of a site leads."""

    href: str
    words: str


@dataclass(frozen=True)
class Contents:
    """What was found in a document. `page_count` is None where the kind has no pages."""

    title: str = ""
    page_count: int | None = None
    pages_are_exact: bool = False  # counted, and not as the last editor noted it
    lines: int | None = None  # of a text that every machine lays out anew
    figures: int = 0  # drawings in it
    pages: tuple[Page, ...] = ()
    pictures: tuple[Picture, ...] = ()
    links: tuple[Link, ...] = ()
    asks_password: bool = False
    is_shortened: bool = False  # text or pages beyond the limits were left out

    @property
    def text(self) -> str:
        return "\n\n".join(page.text for page in self.pages if page.text)


def read(
    body: bytes, kind: Kind, *, draw: Collection[int] = (), room: Room | None = None
) -> Contents:
    """What is in the document, with pictures of the pages `draw`. Raises `CannotRead`."""
    room = room or Room()
    if kind is Kind.OFFICE:
        return Contents()
    with tempfile.TemporaryDirectory(prefix="merilo-reading-") as name:
        place = Path(name)
        (place / "document").write_bytes(body)
        order = {
            "kind": kind.value,
            "draw": sorted(set(draw))[: room.drawn],
            "seconds": room.seconds,
            "memory": room.memory,
            "unpacked": room.unpacked,
            "text": room.text,
            "pages": room.pages,
            "rows": room.rows,
            "columns": room.columns,
            "width": room.width,
        }
        (place / "order.json").write_text(json.dumps(order))
        try:
            done = subprocess.run(
                # -I: neither the environment nor the folder says what is imported.
                [sys.executable, "-I", str(APART), str(place)],
                cwd=place,
                env={"LANG": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=room.seconds + 5,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CannotRead(CannotRead.HEAVY) from None
        answer = place / "answer.json"
        if done.returncode != 0 or not answer.exists():
            # Killed by its limits: by time, or where a library does not live through no memory.
            raise CannotRead(CannotRead.HEAVY)
        return _contents(json.loads(answer.read_text()), place)


def _contents(answer: dict[str, Any], place: Path) -> Contents:
    if why := answer.get("cannot"):
        raise CannotRead(why)
    return Contents(
        title=answer["title"],
        page_count=answer["page_count"],
        pages_are_exact=answer["exact"],
        lines=answer["lines"],
        figures=answer["figures"],
        pages=tuple(Page(*page) for page in answer["pages"]),
        pictures=tuple(
            Picture(number, (place / f"{number}.webp").read_bytes(), width, height)
            for number, width, height in answer["pictures"]
        ),
        links=tuple(Link(href, words) for href, words in answer["links"]),
        asks_password=answer["asks_password"],
        is_shortened=answer["shortened"],
    )
