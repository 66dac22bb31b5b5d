"""Progress on the terminal: one line on stderr that tells the step and how far it has come."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

WIDTH = 24


class Screen:
    """Lines of progress; silent unless somebody looks (stderr is a terminal)."""

    def __init__(self, *, live: bool | None = None, stream: TextIO | None = None):
        self.stream = sys.stderr if stream is None else stream
        self.live = self.stream.isatty() if live is None else live

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Show the step while it runs, and how long it took."""
        since = time.monotonic()
        self._write(f"\r{text}…\x1b[K")
        yield
        self._write(f"\r{text}: {time.monotonic() - since:.1f} с\x1b[K\n")

    def bar(self, text: str, done: int, total: int) -> None:
        """Show a share of a long step as a bar."""
        filled = WIDTH if total <= 0 else min(WIDTH, WIDTH * done // total)
        share = 100 if total <= 0 else min(100, 100 * done // total)
        end = "\n" if done >= total else ""
        self._write(f"\r{text} {'█' * filled}{'·' * (WIDTH - filled)} {share} %\x1b[K{end}")

    def rows(self, text: str) -> Callable[[int, int], None]:
        """Show how many rows of a long table are read; the step it belongs to ends the line."""

        def told(done: int, total: int) -> None:
            if done < total:
                self.bar(text, done, total)
            elif not total:
                self._write(f"\r{text}: {done:,}\x1b[K".replace(",", "\u00a0"))

        return told

    def _write(self, text: str) -> None:
        if self.live:
            self.stream.write(text)
            self.stream.flush()
