"""A file made by a page and handed to the person: a paper to read, a table to take away."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def as_paper(content: bytes, content_type: str, name: str) -> HttpResponse:
    """A file shown in the browser, named `name` when it is kept."""
    return _answer(content, content_type, name, taken_away=False)


def as_download(content: bytes, content_type: str, name: str) -> HttpResponse:
    """A file that is kept at once."""
    return _answer(content, content_type, name, taken_away=True)


def _answer(content: bytes, content_type: str, name: str, *, taken_away: bool) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(taken_away, name)
    response["X-Content-Type-Options"] = "nosniff"
    return response
