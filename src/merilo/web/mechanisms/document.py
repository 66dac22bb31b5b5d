"""Page: the kept document behind a link, at the pages given for expertise. /mechanisms/links/…/"""

from __future__ import annotations

from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from merilo.foundation import clock
from merilo.foundation.files import store
from merilo.foundation.journal.recording import record
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.queries import evidence as queries
from merilo.mechanisms.rules.evidence import OUTCOME_WORDS
from merilo.web.files import SANDBOX, protected
from merilo.web.papers import as_download
from merilo.web.routes import page

from .evidence import row_of

READERS = ROLES["mechanisms.read_evidence"]


@page(roles=READERS)
@require_GET
def document(request: HttpRequest, link_id: int) -> HttpResponse:
    """The pages named in the form; `?page=` shows another one, `?file=` a file listed on the page."""
    found = queries.evidence_behind(
        request.viewer, link_id, on=clock.today(request.viewer.timezone)
    )
    return render(request, "mechanisms/document.html", shown_beside(found, request.GET))


def shown_beside(found: queries.Evidence, asked: Mapping[str, str]) -> dict[str, object]:
    """What `mechanisms/document_pages.html` needs; the expert's screen includes it too."""
    row = row_of(found)
    file = file_asked(asked)
    kept = found.document(file)
    number = asked.get("page", "")
    if kept is None:
        pages = []
    elif number.isdecimal() and len(number) < 6:
        pages = list(kept.pages.select_related("picture").filter(number=int(number)))
    else:
        # Where there are no such pages they are those of another file of the page.
        pages = queries.pages_shown(kept, found.link.pages) or queries.pages_shown(kept, "")
    numbered = kept is not None and kept.page_count is not None
    named, left = found.named, not_followed(found)
    current = file if file is not None else (named.seq if named and named.document else None)
    return {
        "row": row,
        "link": found.link,
        "document": kept,
        "pages": pages,
        "named": numbered and not number and bool(found.link.pages),
        "before": pages[0].number - 1 if pages else 0,
        "after": pages[-1].number + 1 if pages and pages[-1].number < kept.pages.count() else 0,
        "file": current,
        "query": f"?file={current}" if current else "",
        "files": [
            {
                "it": one,
                "outcome": _(OUTCOME_WORDS[one.outcome]),
                "is_named": named is not None and one.pk == named.pk,
                "is_shown": one.seq == current,
            }
            for one in found.attachments
        ],
        "not_followed": left,
        "listed": len(found.attachments) + len(left),
        "sheets": any(page.title for page in pages),
        "is_form": found.shown is None and row["behind_form"],
    }


def file_asked(asked: Mapping[str, str]) -> int | None:
    number = asked.get("file", "")
    return int(number) if number.isdecimal() and len(number) < 4 else None


def not_followed(found: queries.Evidence) -> list[tuple[str, str]]:
    """Files that the page leads to and that were not brought: of other sites, or too many."""
    if found.shown is None or found.shown.document is None:
        return []
    brought = {one.address for one in found.attachments}
    return [
        (address, words)
        for address, words in found.shown.document.files_linked
        if address not in brought
    ]


@page(roles=READERS)
@require_GET
def page_picture(request: HttpRequest, link_id: int, number: int) -> HttpResponse:
    """The picture of one page; painted anew when the document came, so it carries nothing else."""
    found = queries.page_behind(
        request.viewer,
        link_id,
        number,
        file=file_asked(request.GET),
        on=clock.today(request.viewer.timezone),
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
    document = found.document(file_asked(request.GET))
    if document is None:
        raise Http404
    file = document.file
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
