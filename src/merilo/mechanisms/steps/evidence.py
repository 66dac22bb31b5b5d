"""Parts of actions on evidence: go and look (outside of any transaction), then keep what was seen."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin

from django.conf import settings
from django.db import connection

from merilo.foundation import fetching
from merilo.foundation.fetching import (
    Access,
    CannotRead,
    Contents,
    Go,
    Kind,
    Limits,
    NotVisited,
    Use,
    Visited,
)
from merilo.foundation.files import store
from merilo.mechanisms.models import Attachment, Document, DocumentPage, Visit
from merilo.mechanisms.rules.evidence import Outcome, leads_to_file, most_pages
from merilo.mechanisms.rules.listed import Listed, to_follow
from merilo.registry.steps import in_transaction

ENDINGS = {
    Kind.PDF: ("pdf", "application/pdf"),
    Kind.DOCX: (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    Kind.ODT: ("odt", "application/vnd.oasis.opendocument.text"),
    Kind.XLSX: ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    Kind.XLS: ("xls", "application/vnd.ms-excel"),
    Kind.ODS: ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    Kind.PAGE: ("html", "text/html"),
    Kind.TEXT: ("txt", "text/plain"),
    Kind.PICTURE: ("img", "application/octet-stream"),
    Kind.OFFICE: ("doc", "application/octet-stream"),
}
READ = (Outcome.OPENED, Outcome.LOGIN)
DRAWN_OF_SHORT = 20  # a document of no more pages is drawn whole


@dataclass(frozen=True)
class Seen:
    """What a look brought: nothing and why, or a document, read or known already."""

    outcome: Outcome
    status: int | None = None
    access: Use = Use.NOT_ASKED
    visited: Visited | None = None
    contents: Contents | None = None  # None where the document is known and nothing is missing
    attached: tuple[tuple[Listed, Seen], ...] = ()  # files of a page, in the order they were asked


def to_the_network(
    address: str, *, access: Access | None = None, limits: Limits | None = None
) -> Visited:
    """The visit of a real region."""
    roads = fetching.Roads(trusted=settings.VISITS_TRUST)
    return fetching.visit(address, access=access, limits=limits, roads=roads)


def look(
    address: str,
    pages: Collection[int],
    *,
    names: Collection[str] = (),
    access: Access | None = None,
    go: Go,
) -> Seen:
    """Visit an address and read what is there; of a page of a site, its files too.

    Takes long: never inside a transaction.
    """
    try:
        visited = go(address, access=access)
    except NotVisited as failed:
        return Seen(Outcome(failed.failure.value), failed.status, failed.access)
    seen = _read(visited, pages)
    if visited.kind is not Kind.PAGE or seen.outcome is not Outcome.OPENED:
        return seen
    files = {one.address: one for one in to_follow(str(visited.final), _listed(seen), names)}
    came = fetching.follow(files, go, access=access)
    return replace(
        seen, attached=tuple((files[file], _file(found, pages)) for file, found in came)
    )


def _read(visited: Visited, pages: Collection[int]) -> Seen:
    known = Document.objects.filter(sha256=visited.sha256).first()
    if known is not None and not _must_be_read(known, visited, pages):
        outcome = _outcome(known.trouble, known.asks_password)
        return Seen(outcome, visited.status, visited.access, visited)
    try:
        drawn = [*range(1, DRAWN_OF_SHORT + 1), *pages] if visited.kind is Kind.PDF else [1]
        contents = fetching.read(visited.body, visited.kind, draw=drawn)
    except CannotRead as failed:
        return Seen(Outcome(failed.why), visited.status, visited.access, visited, Contents())
    outcome = _outcome("", contents.asks_password)
    return Seen(outcome, visited.status, visited.access, visited, contents)


def _file(found: Visited | NotVisited, pages: Collection[int]) -> Seen:
    """A listed file: a page in its place is no document, whether it asks for a password or not."""
    if isinstance(found, NotVisited):
        return Seen(Outcome(found.failure.value), found.status, found.access)
    seen = _read(found, pages)
    if found.kind is not Kind.PAGE:
        return seen
    outcome = Outcome.LOGIN if seen.outcome is Outcome.LOGIN else Outcome.WRONG_KIND
    return Seen(outcome, found.status, found.access)


def _listed(seen: Seen) -> list[Listed]:
    """The files that the page which was seen leads to."""
    assert seen.visited is not None
    if seen.contents is None:
        known = Document.objects.get(sha256=seen.visited.sha256)
        return [Listed(*one) for one in known.files_linked]
    return [
        Listed(urljoin(str(seen.visited.final), link.href), link.words)
        for link in seen.contents.links
        if leads_to_file(link.href)
    ]


def _must_be_read(known: Document, visited: Visited, pages: Collection[int]) -> bool:
    """Whether a document that came before lacks something: it could not be taken apart then, the
    most pages it can have were not counted yet, or other pages are named now."""
    is_laid_out = known.page_count is not None and not known.pages_are_exact
    return (
        known.kind != visited.kind
        or (is_laid_out and known.pages_at_most is None)
        or missing_pictures(known, pages)
    )


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


def keep_attached(visit: Visit, seen: Seen, *, page_lines: int, now: datetime) -> None:
    """The files of the page that was visited, each with its own document."""
    in_transaction()
    for seq, (listed, one) in enumerate(seen.attached, start=1):
        Attachment.objects.create(
            visit=visit,
            seq=seq,
            address=listed.address,
            words=listed.words,
            outcome=one.outcome,
            status=one.status,
            document=keep_document(one, page_lines=page_lines, now=now),
        )


def keep_document(seen: Seen, *, page_lines: int, now: datetime) -> Document | None:
    """The document that was seen: the kept one if it came before, else a new one."""
    in_transaction()
    visited = seen.visited
    if visited is None:
        return None
    _one_at_a_time(visited.sha256)
    document = Document.objects.filter(sha256=visited.sha256).first()
    if document is None:
        document = Document(sha256=visited.sha256, first_seen_at=now, size=len(visited.body))
    # A reading that fails now, of a document that was read before, takes nothing away from it.
    if document.pk is None or (seen.contents is not None and seen.outcome in READ):
        _describe(document, visited, seen, page_lines=page_lines, now=now)
    if seen.contents is not None:
        _keep_pages(document, seen.contents, now=now)
    return document


def _describe(
    document: Document, visited: Visited, seen: Seen, *, page_lines: int, now: datetime
) -> None:
    contents = seen.contents or Contents()
    ending, content_type = ENDINGS[visited.kind]
    words = contents.text if visited.kind is Kind.PAGE else ""
    document.kind = visited.kind
    document.fingerprint = hashlib.sha256(words.encode()).hexdigest() if words else visited.sha256
    if document.file_id is None:
        document.file = store.keep(
            visited.body,
            name=f"{visited.sha256[:16]}.{ending}",
            content_type=content_type,
            purpose="mechanisms-evidence",
            now=now,
            account_id=None,
        )
    document.title = contents.title
    document.page_count = contents.page_count
    document.pages_are_exact = contents.pages_are_exact
    document.asks_password = contents.asks_password
    document.trouble = "" if seen.outcome in READ else seen.outcome
    document.is_shortened = contents.is_shortened
    document.files_linked = [[one.address, one.words] for one in _listed(seen)]
    if contents.lines is not None and contents.page_count is not None:
        document.pages_at_most = most_pages(
            contents.page_count,
            len(contents.pages) - 1,
            contents.lines,
            contents.figures,
            page_lines=page_lines,
        )
    document.save()


def _keep_pages(document: Document, contents: Contents, *, now: datetime) -> None:
    pictures = {picture.number: picture for picture in contents.pictures}
    kept = {page.number: page for page in document.pages.all()}
    for page in contents.pages:
        row = kept.get(page.number)
        if row is None:
            row = DocumentPage(document=document, number=page.number)
            row.title, row.text = page.title, page.text
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
