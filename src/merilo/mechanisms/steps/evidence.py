"""Parts of actions on evidence: go and look (outside of any transaction), then keep what was seen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from django.conf import settings
from django.db import connection

from merilo.foundation import fetching
from merilo.foundation.fetching import CannotRead, Contents, Kind, NotVisited, Visited
from merilo.foundation.files import store
from merilo.mechanisms.models import Document, DocumentPage
from merilo.mechanisms.rules.evidence import Outcome, leads_to_file
from merilo.registry.steps import in_transaction

Go = Callable[[str], Visited]

ENDINGS = {
    Kind.PDF: ("pdf", "application/pdf"),
    Kind.DOCX: (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    Kind.PAGE: ("html", "text/html"),
    Kind.TEXT: ("txt", "text/plain"),
    Kind.PICTURE: ("img", "application/octet-stream"),
    Kind.OFFICE: ("doc", "application/octet-stream"),
}
DRAWN_OF_SHORT = 20  # a document of no more pages is drawn whole


@dataclass(frozen=True)
class Seen:
    """What a look brought: nothing and why, or a document, read or known already."""

    outcome: Outcome
    status: int | None = None
    visited: Visited | None = None
    contents: Contents | None = None  # None where the document is known and nothing is missing


def to_the_network(address: str) -> Visited:
    """The visit of a real region."""
    return fetching.visit(address, roads=fetching.Roads(trusted=settings.VISITS_TRUST))


def look(address: str, pages: Collection[int], *, go: Go) -> Seen:
    """Visit an address and read what is there. Takes long: never inside a transaction."""
    try:
        visited = go(address)
    except NotVisited as failed:
        return Seen(Outcome(failed.failure.value), failed.status)
    known = Document.objects.filter(sha256=visited.sha256).first()
    if known is not None and not missing_pictures(known, pages):
        return Seen(_outcome(known.trouble, known.asks_password), visited.status, visited)
    try:
        drawn = [*range(1, DRAWN_OF_SHORT + 1), *pages] if visited.kind is Kind.PDF else [1]
        contents = fetching.read(visited.body, visited.kind, draw=drawn)
    except CannotRead as failed:
        return Seen(Outcome(failed.why), visited.status, visited, Contents())
    return Seen(_outcome("", contents.asks_password), visited.status, visited, contents)


def missing_pictures(document: Document, pages: Collection[int]) -> bool:
    """Whether pages named for expertise were not drawn when the document first came."""
    if document.kind != Kind.PDF or document.trouble:
        return False
    drawn = set(document.pages.exclude(picture=None).values_list("number", flat=True))
    return any(number not in drawn and number <= document.page_count for number in pages)


def _outcome(trouble: str, asks_password: bool) -> Outcome:
    if trouble:
        return Outcome(trouble)
    return Outcome.LOGIN if asks_password else Outcome.OPENED


def keep_document(seen: Seen, *, now: datetime) -> Document | None:
    """The document that was seen: the kept one if it came before, else a new one."""
    in_transaction()
    visited = seen.visited
    if visited is None:
        return None
    _one_at_a_time(visited.sha256)
    document = Document.objects.filter(sha256=visited.sha256).first()
    if document is None:
        document = _new_document(visited, seen, now=now)
    if seen.contents is not None:
        _keep_pages(document, seen.contents, now=now)
    return document


def _new_document(visited: Visited, seen: Seen, *, now: datetime) -> Document:
    contents = seen.contents or Contents()
    ending, content_type = ENDINGS[visited.kind]
    file = store.keep(
        visited.body,
        name=f"{visited.sha256[:16]}.{ending}",
        content_type=content_type,
        purpose="mechanisms-evidence",
        now=now,
        account_id=None,
    )
    words = contents.text if visited.kind is Kind.PAGE else ""
    return Document.objects.create(
        sha256=visited.sha256,
        fingerprint=hashlib.sha256(words.encode()).hexdigest() if words else visited.sha256,
        kind=visited.kind,
        file=file,
        size=len(visited.body),
        title=contents.title,
        page_count=contents.page_count,
        pages_are_exact=contents.pages_are_exact,
        asks_password=contents.asks_password,
        trouble="" if seen.outcome in (Outcome.OPENED, Outcome.LOGIN) else seen.outcome,
        is_shortened=contents.is_shortened,
        files_linked=[
            [urljoin(str(visited.final), link.href), link.words]
            for link in contents.links
            if leads_to_file(link.href)
        ],
        first_seen_at=now,
    )


def _keep_pages(document: Document, contents: Contents, *, now: datetime) -> None:
    pictures = {picture.number: picture for picture in contents.pictures}
    kept = {page.number: page for page in document.pages.all()}
    for page in contents.pages:
        row = kept.get(page.number)
        if row is None:
            row = DocumentPage(document=document, number=page.number, text=page.text)
        picture = pictures.get(page.number)
        if picture is not None and row.picture_id is None:
            row.picture = store.keep(
                picture.content,
                name=f"{document.sha256[:16]}-{page.number}.webp",
                content_type="image/webp",
                purpose="mechanisms-page",
                now=now,
                account_id=None,
            )
            row.width, row.height = picture.width, picture.height
        row.save()


def _one_at_a_time(sha256: str) -> None:
    """Two workers that bring the same document wait for each other till the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [sha256])
