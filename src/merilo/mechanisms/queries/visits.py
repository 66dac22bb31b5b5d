"""The visits of an address that materials name: which of them they may see, and what they saw."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from merilo.foundation.fetching import Kind, Use
from merilo.mechanisms.models import AccessSecret, Attachment, Link, Visit
from merilo.mechanisms.rules import evidence, listed, then_and_now
from merilo.mechanisms.rules.evidence import FileSight, Sight
from merilo.mechanisms.rules.form import pages_of
from merilo.mechanisms.rules.listed import Listed


def links_of(submission_id: int) -> QuerySet[Link]:
    """The rows that lead somewhere, in the order of the form."""
    return (
        Link.objects.filter(answer__submission_id=submission_id)
        .exclude(url="")
        .select_related("answer__criterion", "answer__submission__organisation", "secret")
        .order_by("answer__criterion__seq", "seq")
    )


def addresses_of(submission_id: int) -> dict[str, frozenset[int]]:
    """Every address of the materials once, with the pages that were named behind it."""
    found: dict[str, set[int]] = defaultdict(set)
    for link in links_of(submission_id):
        found[evidence.spelling(link.url)] |= set(numbers_of(link.pages))
    return {address: frozenset(pages) for address, pages in found.items()}


@dataclass(frozen=True)
class Named:
    """What the materials say of an address: how its document is called, and what opens it."""

    names: frozenset[str] = frozenset()
    is_closed: bool = False
    secret: AccessSecret | None = None  # the newest, where several rows have one


def named_behind(submission_id: int | None, address: str) -> Named:
    if submission_id is None:
        return Named()
    wanted = evidence.spelling(address)
    rows = [link for link in links_of(submission_id) if evidence.spelling(link.url) == wanted]
    secrets = [link.secret for link in rows if is_closed(link)]
    return Named(
        names=frozenset(link.document_name for link in rows if link.document_name),
        is_closed=bool(secrets),
        secret=max(secrets, key=lambda one: (one.stored_at, one.pk), default=None),
    )


def is_closed(link: Link) -> bool:
    """Whether the municipality gave the row as closed, with what opens it."""
    return link.closed_access and getattr(link, "secret", None) is not None


def closed_keys(links: Iterable[Link]) -> frozenset[str]:
    """Addresses that are visited for these materials alone, by their keys."""
    return frozenset(evidence.address_key(link.url) for link in links if is_closed(link))


def _visits(key: str, closed: Collection[str], submission_id: int) -> QuerySet[Visit]:
    """The visits of an address that these materials may see."""
    own = submission_id if key in closed else None
    return Visit.objects.filter(key=key, opened_for=own)


def visits_behind(link: Link, closed: Collection[str]) -> QuerySet[Visit]:
    return _visits(evidence.address_key(link.url), closed, link.answer.submission_id)


def visited_since(address: str, moment: datetime, *, submission_id: int) -> bool:
    key = evidence.address_key(address)
    closed = {key} if named_behind(submission_id, address).is_closed else ()
    return _visits(key, closed, submission_id).filter(at__gte=moment).exists()


def visit_to_fix(
    visits: QuerySet[Visit], *, submitted_at: datetime, now: datetime, grace: timedelta
) -> Visit | None:
    """The visit that shows what a link led to when the materials were submitted, if it is there."""
    since = visits.filter(at__gte=submitted_at).select_related("document")
    by_moment = {visit.at: visit for visit in since}
    sights = [sight_of(visit) for visit in by_moment.values()]
    fixed = then_and_now.fixed_at_submission(
        [one for one in sights if one], submitted_at=submitted_at, now=now, grace=grace
    )
    return by_moment[fixed.at] if fixed else None


def last_visits(links: Iterable[Link], closed: Collection[str]) -> dict[str, Visit]:
    """The latest visit of each address of one municipality's materials, by its key.

    An address that became closed lately is shown as everybody saw it, until it is visited anew.
    """
    links = list(links)
    keys = {evidence.address_key(link.url) for link in links}
    mine = {link.answer.submission_id for link in links}
    found = (
        with_documents(Visit.objects)
        .filter(
            Q(key__in=keys, opened_for=None) | Q(key__in=keys & set(closed), opened_for__in=mine)
        )
        .order_by("key", F("opened_for").asc(nulls_last=True), "-at", "-pk")
        .distinct("key")
    )
    return {visit.key: visit for visit in found}


def with_documents(visits: Any) -> QuerySet[Visit]:
    return visits.select_related("document").prefetch_related("attachments__document")


def counted_pages(submission_id: int) -> dict[int, int]:
    """How many pages stand behind each row whose document was counted exactly, by the row's id."""
    links = list(links_of(submission_id))
    last = last_visits(links, closed_keys(links))
    found = {}
    for link in links:
        visit = last.get(evidence.address_key(link.url))
        if visit is not None and visit.document is not None and visit.document.pages_are_exact:
            found[link.pk] = visit.document.page_count
    return found


def sight_of(visit: Visit | None, name: str = "") -> Sight | None:
    """A kept visit as the rules see it, by a row that calls its document so."""
    if visit is None:
        return None
    sight = Sight(
        at=visit.at,
        outcome=evidence.Outcome(visit.outcome),
        access=Use(visit.access),
        address=visit.final_address,
    )
    document = visit.document
    if document is None:
        return sight
    files = list(visit.attachments.all())
    named = named_file(files, name)
    return replace(
        sight,
        is_page=not Kind(document.kind).is_document,
        fingerprint=document.fingerprint,
        page_count=document.page_count,
        pages_are_exact=document.pages_are_exact,
        pages_at_most=document.pages_at_most,
        title=document.title,
        documents=len(document.files_linked),
        files=tuple((one.address, one.document.sha256) for one in files if one.document),
        named_file=FileSight(named.words, named.document.page_count, named.document.pages_at_most)
        if named and named.document
        else None,
    )


def named_file(files: Sequence[Attachment], name: str) -> Attachment | None:
    """The file of a page that a row of the form calls by its name."""
    place = listed.named_in([Listed(one.address, one.words) for one in files], name)
    return None if place is None else files[place]


def numbers_of(pages: str) -> list[int]:
    """Single pages of «3–5, 8»; what cannot be read names none."""
    return [
        number
        for first, last in pages_of(pages) or ()
        for number in range(first, min(last, first + 500) + 1)
    ]
