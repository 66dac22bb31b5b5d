"""Addresses of pages by number, worked out once for each page and not once for each row.

`reverse` looks through all the routes of the site for every row of a list. The address of a page
of numbered things is always the same but for the numbers.
"""

from __future__ import annotations

from functools import cache

from django.urls import NoReverseMatch, reverse

STAND_INS = (7_000_000_019, 7_000_000_033)  # numbers that no address has of its own


def address(name: str, *numbers: int) -> str:
    """`reverse(name, args=numbers)`. Raises `NoReverseMatch` as it does."""
    pieces = _pieces(name, len(numbers))
    if pieces is None:
        return reverse(name, args=numbers)
    found = pieces[0]
    for number, piece in zip(numbers, pieces[1:], strict=True):
        found += f"{number}{piece}"
    return found


@cache
def _pieces(name: str, count: int) -> tuple[str, ...] | None:
    """What stands around the numbers, or nothing where it must be worked out anew."""
    stand_ins = STAND_INS[:count]
    if len(stand_ins) < count:
        return None
    try:
        rest = reverse(name, args=stand_ins)
    except NoReverseMatch:
        return None
    pieces = []
    for number in stand_ins:
        before, found, rest = rest.partition(str(number))
        if not found:
            return None
        pieces.append(before)
    return (*pieces, rest)
