"""The files that a page lists, one after another, until one of the bounds is reached."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from .passwords import Access
from .visiting import Failure, Limits, NotVisited, Visited


class Go(Protocol):
    """How to visit an address: the network of a region, or one of the tests."""

    def __call__(
        self, address: str, *, access: Access | None = None, limits: Limits | None = None
    ) -> Visited: ...


@dataclass(frozen=True)
class Following:
    """How many files of one page are brought, and what they may take all together."""

    files: int = 12
    size: int = 80 * 2**20
    seconds: float = 180


def follow(
    addresses: Iterable[str],
    go: Go,
    *,
    access: Access | None = None,
    bounds: Following | None = None,
) -> Iterator[tuple[str, Visited | NotVisited]]:
    """Each address with what was there; those beyond the bounds are not yielded."""
    bounds, each = bounds or Following(), Limits()
    left, until = bounds.size, time.monotonic() + bounds.seconds
    for number, address in enumerate(addresses):
        seconds = min(each.seconds, until - time.monotonic())
        if number == bounds.files or left <= 0 or seconds <= 0:
            return
        limits = Limits(size=min(each.size, left), seconds=seconds)
        try:
            visited = go(address, access=access, limits=limits)
        except NotVisited as failed:
            if failed.failure is Failure.TOO_BIG and limits.size < each.size:
                return  # too big for what is left, which says nothing of the file
            yield address, failed
        else:
            left -= len(visited.body)
            yield address, visited
