"""The files of a page are brought within bounds: how many, how large and how long all together."""

from __future__ import annotations

import hashlib

from merilo.foundation.fetching import (
    Failure,
    Following,
    Kind,
    Limits,
    NotVisited,
    Visited,
    follow,
    read_address,
)


class Files:
    """A site whose files are of these sizes; remembers what it was asked with."""

    def __init__(self, *sizes: int):
        self.sizes = sizes
        self.limits: list[Limits] = []

    def go(self, address: str, *, access=None, limits: Limits | None = None) -> Visited:
        assert limits is not None
        self.limits.append(limits)
        size = self.sizes[int(address)]
        if size > limits.size:
            raise NotVisited(Failure.TOO_BIG)
        body = b"x" * size
        return Visited(
            final=read_address(f"https://uo.example/{address}"),
            status=200,
            content_type="",
            kind=Kind.TEXT,
            body=body,
            sha256=hashlib.sha256(body).hexdigest(),
            redirects=0,
        )

    def brought(self, **bounds: float) -> list[str]:
        addresses = map(str, range(len(self.sizes)))
        return [one for one, _came in follow(addresses, self.go, bounds=Following(**bounds))]


def test_no_more_files_are_brought_than_may_be():
    assert Files(10, 10, 10).brought(files=2) == ["0", "1"]


def test_all_files_together_are_no_larger_than_may_be():
    site = Files(100, 100, 100)
    assert site.brought(size=250) == ["0", "1"]  # what is left is too little for the third
    assert [one.size for one in site.limits] == [250, 150, 50]


def test_a_file_too_big_by_itself_is_told_and_the_next_one_is_brought():
    site = Files(Limits().size + 1, 10)
    assert site.brought(size=2 * Limits().size) == ["0", "1"]


def test_no_file_is_begun_when_the_time_is_over():
    assert Files(10).brought(seconds=0) == []
