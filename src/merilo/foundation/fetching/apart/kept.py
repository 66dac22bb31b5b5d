"""What every reader of the reading process gives back, and how much of it is kept."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

Facts = dict[str, Any]


class Cannot(Exception):
    pass


def found(**known: object) -> Facts:
    return {
        "title": "",
        "page_count": None,
        "exact": False,
        "lines": None,
        "figures": 0,
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
        self.pages: list[tuple[int, str, str]] = []
        self.left = order["text"]
        self.most = order["pages"]
        self.shortened = False

    def add(self, text: str, title: str = "") -> None:
        text = plain(text) if not title else text
        if len(self.pages) >= self.most or len(text) > self.left:
            self.shortened = True
            text = text[: self.left]
        if len(self.pages) < self.most:
            self.pages.append((len(self.pages) + 1, text, title))
            self.left -= len(text)


def opened(place: Path, order: Facts) -> zipfile.ZipFile:
    """A package that says it is not too large; what its parts really hold is counted by `part`."""
    parts = zipfile.ZipFile(place / "document")
    if sum(part.file_size for part in parts.infolist()) > order["unpacked"]:
        raise Cannot("heavy")
    return parts


def part(parts: zipfile.ZipFile, name: str, order: Facts) -> bytes:
    """One part, no larger than may be, whatever its label says."""
    with parts.open(name) as source:
        content = source.read(order["unpacked"] + 1)
    if len(content) > order["unpacked"]:
        raise Cannot("heavy")
    return content
