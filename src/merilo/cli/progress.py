"""Numbered steps on the screen: «[2/5] Запускаю базу данных… 1 с»."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Steps:
    """Counts the steps of a long command, going on where the set-up of packages stopped."""

    def __init__(self, total: int):
        done = os.environ.pop("MERILO_STEPS", "0/0").split("/")[0]
        self.number = int(done) if done.isdigit() else 0
        self.total = total + self.number

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Print the step, run it, print how long it took."""
        self.number += 1
        print(f"[{self.number}/{self.total}] {text}…", end="", flush=True)
        since = time.monotonic()
        try:
            yield
        except BaseException:
            print(flush=True)
            raise
        print(f" {max(1, round(time.monotonic() - since))} с", flush=True)

    def say(self, text: str) -> None:
        """Print a step that had nothing to do."""
        self.number += 1
        print(f"[{self.number}/{self.total}] {text}", flush=True)


def show_share(text: str, done: int, total: int) -> None:
    """Show how far a long step has come, on one line where the screen allows it."""
    if sys.stdout.isatty():
        print(
            f"\r      {text} {done} из {total}   ", end="\n" if done >= total else "", flush=True
        )
    elif done >= total or done % max(1, total // 4) == 0:
        print(f"      {text} {done} из {total}", flush=True)
