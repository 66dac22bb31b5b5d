"""Page: a kept file, given only to those who may see what it belongs to. /files/…/

Sounds may be sought: HTTP ranges are served without decrypting the rest.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from merilo.admissions import queries as admissions
from merilo.casework import queries as casework
from merilo.foundation import clock
from merilo.foundation.files import store
from merilo.foundation.journal.recording import record
from merilo.testday import queries as testday
from merilo.web.routes import EVERYONE, page

OWNERS = (testday.file_visible_to, admissions.file_visible_to, casework.file_visible_to)
SANDBOX = "default-src 'none'; sandbox"  # somebody's file does nothing of its own here
RANGE = re.compile(r"bytes=(\d*)-(\d*)")
INLINE = ("image/", "audio/", "application/pdf")


@page(roles=EVERYONE)
@require_GET
def stored_file(request: HttpRequest, file_id: UUID) -> HttpResponse | StreamingHttpResponse:
    """The file, whole or in part. Each opening is noted; the parts that follow it are not."""
    found = next(filter(None, (owner(request.viewer, file_id) for owner in OWNERS)), None)
    if found is None:
        raise Http404
    file, case_id = found
    first, last, partial = wanted_range(request.headers.get("Range", ""), file.size)
    opened = request.session.get("files_opened", [])
    if first == 0 or str(file.pk) not in opened:
        request.session["files_opened"] = [*opened[-19:], str(file.pk)]
        record(
            "file.read",
            actor=request.viewer,
            about=f"file:{file.pk}",
            at=clock.now(),
            case_id=case_id,
            purpose=file.purpose,
        )
    if partial and first > last:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{file.size}"})
    parts = store.read_range(file, first, last) if file.size else iter(())
    response = StreamingHttpResponse(
        parts, status=206 if partial else 200, content_type=file.content_type
    )
    response["Content-Length"] = last - first + 1 if file.size else 0
    response["Accept-Ranges"] = "bytes"
    if partial:
        response["Content-Range"] = f"bytes {first}-{last}/{file.size}"
    return protected(response, file)


def wanted_range(header: str, size: int) -> tuple[int, int, bool]:
    """First and last byte, and whether only a part was asked for; a wrong header asks for all.

    A range beyond the end comes back with its first byte after its last.
    """
    asked = RANGE.fullmatch(header.strip())
    if not asked or asked.groups() == ("", ""):
        return 0, size - 1, False
    begin, end = asked.groups()
    if not begin:  # the last so many bytes
        return max(size - int(end), 0), size - 1, True
    return int(begin), min(int(end) if end else size - 1, size - 1), True


def protected(response: Any, file: Any) -> Any:
    shown = file.content_type.startswith(INLINE)
    name = quote(file.name)
    response["Content-Disposition"] = (
        f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{name}"
    )
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    return response
