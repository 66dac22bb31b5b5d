"""Read the journal: an auditor everything, others what their organisation did."""

from __future__ import annotations

from django.db.models import QuerySet

from .events import EVENTS
from .models import JournalEntry


def entries(
    *,
    organisation_path: str | None = None,
    event: str = "",
    kind: str = "",
    case_id: int | None = None,
    about: str = "",
) -> QuerySet[JournalEntry]:
    """Entries, the newest first. `organisation_path` None means the whole region."""
    found = JournalEntry.objects.select_related("organisation", "actor").only(
        "chain", "seq", "at", "kind", "event", "about", "case_id", "organisation__short_name",
        "actor__login",
    )  # fmt: skip
    if organisation_path is not None:
        found = found.filter(organisation__path__startswith=organisation_path)
    if event:
        found = found.filter(event=event)
    if kind:
        found = found.filter(kind=kind)
    if case_id is not None:
        found = found.filter(case_id=case_id)
    if about:
        found = found.filter(about=about)
    return found.order_by("-at", "-pk")


def event_choices() -> list[tuple[str, str]]:
    return sorted(EVENTS.items(), key=lambda pair: pair[1])
