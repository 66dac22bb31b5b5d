"""Numbers of applications and referrals as people type them."""

from __future__ import annotations

# A number holds «Н», digits and hyphens; the rest is how keyboards and papers show them.
_SAME = str.maketrans("HOО‐‑‒–—−", "Н00------")  # noqa: RUF001 - look-alikes are the point


def number_as_issued(typed: str) -> str:
    """The number as it was issued: «№ h-025–0117», typed in Latin, is «Н-025-0117»."""
    text = "".join(typed.upper().split()).lstrip("№#")
    return text.removeprefix("N").translate(_SAME)
