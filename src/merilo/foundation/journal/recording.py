"""Write to the journal, and check that it was not changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db import connection, models

from .events import EVENTS
from .models import JournalAnchor, JournalEntry, JournalHead

SEPARATOR = "\x1f"
START = bytes(32)


class Actor(Protocol):
    """What the journal needs to know of who acts; `registry.access.Viewer` fits."""

    @property
    def account_id(self) -> int | None: ...
    @property
    def position_id(self) -> int | None: ...
    @property
    def organisation_id(self) -> int | None: ...


def subject(about: models.Model | str) -> str:
    """How the journal names a record: «application:12»."""
    if isinstance(about, str):
        return about
    return f"{about._meta.model_name}:{about.pk}"


def record(
    event: str,
    *,
    actor: Actor,
    about: models.Model | str,
    at: datetime,
    case_id: int | None = None,
    kind: str = JournalEntry.Kind.ACT,
    **facts: Any,
) -> None:
    """Add an entry, in the caller's transaction. Facts hold ids, codes and values, never names."""
    entry(event, actor=actor, about=about, at=at, case_id=case_id, kind=kind, **facts).save(
        force_insert=True
    )


def record_all(entries: Iterable[JournalEntry]) -> None:
    """Add the entries in their order, at once: the journal chains each to the one before."""
    JournalEntry.objects.bulk_create(entries)


def entry(
    event: str,
    *,
    actor: Actor,
    about: models.Model | str,
    at: datetime,
    case_id: int | None = None,
    kind: str = JournalEntry.Kind.ACT,
    **facts: Any,
) -> JournalEntry:
    """An entry still to be added."""
    if event not in EVENTS:
        raise KeyError(f"the journal knows no event {event!r}: add it to journal/events.py")
    return JournalEntry(
        chain=actor.organisation_id or 0,
        at=at,
        kind=kind,
        event=event,
        actor_id=actor.account_id,
        position_id=actor.position_id,
        organisation_id=actor.organisation_id,
        about=subject(about),
        case_id=case_id,
        facts=facts,
    )


def record_view(
    *,
    actor: Actor,
    about: models.Model | str,
    at: datetime,
    case_id: int | None = None,
    **facts: Any,
) -> None:
    """Note that personal data were shown: to whom, of whom, on which page."""
    record(
        "person.viewed",
        actor=actor,
        about=about,
        at=at,
        case_id=case_id,
        kind=JournalEntry.Kind.VIEW,
        **facts,
    )


@dataclass(frozen=True)
class Break:
    """A place where the journal does not hold together."""

    chain: int
    seq: int
    what: str


def verify(*, progress: Any = None) -> Iterator[Break]:
    """Every break of every chain: changed, removed, inserted or cut-off entries.

    Reads the canonical text of each entry from the database and hashes it here, so that a changed
    function in the database is noticed too.
    """
    heads = {head.chain: head for head in JournalHead.objects.all()}
    seen: dict[int, tuple[int, bytes]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.chain, e.seq, e.prev_hash, e.hash, "
            "concat_ws(chr(31), e.chain, e.seq, "
            "to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), e.kind, e.event, "
            "coalesce(e.actor_id::text, ''), coalesce(e.position_id::text, ''), "
            "coalesce(e.organisation_id::text, ''), e.about, coalesce(e.case_id::text, ''), "
            "e.facts::text) "
            "FROM journal_entry e ORDER BY e.chain, e.seq"
        )
        count = 0
        while rows := cursor.fetchmany(5000):
            for chain, seq, prev_hash, entry_hash, text in rows:
                last_seq, last_hash = seen.get(chain, (0, START))
                if seq != last_seq + 1:
                    yield Break(chain, seq, f"после записи {last_seq} идёт {seq}: записи пропали")
                elif bytes(prev_hash) != last_hash:
                    yield Break(chain, seq, "запись не продолжает предыдущую")
                digest = hashlib.sha256(bytes(prev_hash) + text.encode()).digest()
                if digest != bytes(entry_hash):
                    yield Break(chain, seq, "содержание записи изменено")
                seen[chain] = (seq, bytes(entry_hash))
                count += 1
            if progress:
                progress(count)
    for chain, head in heads.items():
        if seen.get(chain, (0, START)) != (head.seq, bytes(head.hash)):
            yield Break(chain, head.seq, "последние записи цепочки удалены")
    for chain in seen.keys() - heads.keys():
        yield Break(chain, 0, "у цепочки нет головы")


def anchor(at: datetime) -> JournalAnchor:
    """Fix the heads of all chains; the caller keeps the digest outside the database."""
    heads = {
        str(head.chain): [head.seq, bytes(head.hash).hex()]
        for head in JournalHead.objects.order_by("chain")
    }
    text = SEPARATOR.join(f"{chain}:{seq}:{digest}" for chain, (seq, digest) in heads.items())
    return JournalAnchor.objects.create(
        at=at, heads=heads, digest=hashlib.sha256(text.encode()).hexdigest()
    )


def breaks_since(heads: dict[str, list[Any]]) -> Iterator[Break]:
    """Chains that no longer hold the entries an earlier anchor saw."""
    for chain, (seq, digest) in heads.items():
        entry = JournalEntry.objects.filter(chain=int(chain), seq=seq).first()
        if entry is None:
            yield Break(int(chain), seq, "запись из контрольной отметки исчезла")
        elif bytes(entry.hash).hex() != digest:
            yield Break(int(chain), seq, "запись отличается от контрольной отметки")


def events_of_case(case_id: int) -> Iterable[JournalEntry]:
    """The acts on a case, newest first, without the views; `who` is the organisation's name."""
    return (
        JournalEntry.objects.filter(case_id=case_id)
        .exclude(kind=JournalEntry.Kind.VIEW)
        .only("at", "event")
        .annotate(who=models.F("organisation__short_name"))
        .order_by("-at", "-id")
    )
