"""Page: the kept document behind a link, at the pages given for expertise. /mechanisms/links/…/"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from merilo.foundation import clock
from merilo.foundation.files import store
from merilo.foundation.journal.recording import record
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.queries import evidence as queries
from merilo.web.files import SANDBOX, protected
from merilo.web.papers import as_download
from merilo.web.routes import page

from .evidence import row_of

READERS = ROLES["mechanisms.read_evidence"]


@page(roles=READERS)
@require_GET
def document(request: HttpRequest, link_id: int) -> HttpResponse:
    """The pages named in the form; `?page=` shows another one, `?all` as many as are kept."""
    found = queries.evidence_behind(
        request.viewer, link_id, on=clock.today(request.viewer.timezone)
    )
    return render(request, "mechanisms/document.html", shown_beside(found, request.GET))


def shown_beside(found: queries.Evidence, asked: dict[str, str]) -> dict[str, object]:
    """What `mechanisms/document_pages.html` needs; the expert's screen includes it too."""
    row = row_of(found)
    kept = row["document"]
    number = asked.get("page", "")
    wanted = number if number.isdecimal() else found.link.pages
    pages = queries.pages_shown(kept, wanted) if kept else []
    return {
        "row": row,
        "link": found.link,
        "document": kept,
        "pages": pages,
        "named": not number and bool(found.link.pages),
        "before": pages[0].number - 1 if pages else 0,
        "after": pages[-1].number + 1 if pages and pages[-1].number < kept.pages.count() else 0,
    }


@page(roles=READERS)
@require_GET
def page_picture(request: HttpRequest, link_id: int, number: int) -> HttpResponse:
    """The picture of one page; painted anew when the document came, so it carries nothing else."""
    found = queries.page_behind(
        request.viewer, link_id, number, on=clock.today(request.viewer.timezone)
    )
    if found is None or found.picture is None:
        raise Http404
    answer = HttpResponse(store.read(found.picture), content_type=found.picture.content_type)
    return protected(answer, found.picture)


@page(roles=READERS)
@require_GET
def original(request: HttpRequest, link_id: int) -> HttpResponse:
    """The document as it came. Always saved, never opened in the page: it is somebody's file."""
    found = queries.evidence_behind(
        request.viewer, link_id, on=clock.today(request.viewer.timezone)
    )
    if found.shown is None:
        raise Http404
    file = found.shown.document.file
    record(
        "file.read",
        actor=request.viewer,
        about=f"file:{file.pk}",
        at=clock.now(),
        purpose=file.purpose,
    )
    answer = as_download(store.read(file), file.content_type, file.name)
    answer["Content-Security-Policy"] = SANDBOX
    return answer
