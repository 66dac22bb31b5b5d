"""Read the journal: an auditor everything, others what their organisation did."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet, Sum

from .events import EVENTS
from .models import JournalEntry, JournalHead


def entries(
    *,
    organisations: Collection[int] | None = None,
    event: str = "",
    kind: str = "",
    case_id: int | None = None,
    about: str = "",
) -> QuerySet[JournalEntry]:
    """Entries, the newest first. `organisations` None means the whole region."""
    found = JournalEntry.objects.select_related("organisation", "actor").only(
        "chain", "seq", "at", "kind", "event", "about", "case_id", "organisation__short_name",
        "actor__login",
    )  # fmt: skip
    if organisations is not None:
        found = found.filter(organisation_id__in=organisations)
    if event:
        found = found.filter(event=event)
    if kind:
        found = found.filter(kind=kind)
    if case_id is not None:
        found = found.filter(case_id=case_id)
    if about:
        found = found.filter(about=about)
    return found.order_by("-at", "-pk")


def count_of(organisations: Collection[int] | None = None) -> int:
    """How many entries there are in all: a chain has no gaps, so its head knows its length.

    Counting them one by one would take longer with every day of a region's life.
    """
    heads = JournalHead.objects.all()
    if organisations is not None:
        heads = heads.filter(chain__in=organisations)
    return heads.aggregate(all=Sum("seq", default=0))["all"]


def event_choices() -> list[tuple[str, str]]:
    return sorted(EVENTS.items(), key=lambda pair: pair[1])
