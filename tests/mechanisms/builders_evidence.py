"""Materials of a municipality with links, and a network of our own behind them."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from builders import NOW, Region
from merilo.foundation.fetching import Access, Failure, Limits, NotVisited, Visited, read_address
from merilo.foundation.fetching.kinds import kind_of
from merilo.mechanisms.models import (
    Answer,
    CriteriaEdition,
    Criterion,
    Cycle,
    Link,
    Submission,
)

SITE = "https://uo.example"


class Network:
    """Addresses with what they give; the rest of the world does not answer."""

    def __init__(self, **pages: bytes):
        self.pages = {f"{SITE}/{name.replace('_', '/')}": body for name, body in pages.items()}
        self.asked: list[str] = []
        self.fails = Failure.GONE

    def put(self, path: str, body: bytes) -> None:
        self.pages[f"{SITE}/{path}"] = body

    def drop(self, path: str, failure: Failure = Failure.GONE) -> None:
        self.pages.pop(f"{SITE}/{path}", None)
        self.fails = failure

    def go(
        self, address: str, *, access: Access | None = None, limits: Limits | None = None
    ) -> Visited:
        self.asked.append(address)
        body = self.pages.get(address)
        if body is None:
            raise NotVisited(self.fails, 404)
        kind = kind_of(body, "")
        assert kind is not None
        return Visited(
            final=read_address(address),
            status=200,
            content_type="",
            kind=kind,
            body=body,
            sha256=hashlib.sha256(body).hexdigest(),
            redirects=0,
        )


def materials(
    region: Region,
    *links: dict[str, object],
    who: str = "mouo",
    state: str = "draft",
    submitted_at: datetime | None = None,
    cycle: Cycle | None = None,
) -> Submission:
    """Materials of one municipality: one position, these rows."""
    organisation = getattr(region, who)
    cycle = cycle or a_cycle(region)
    submission = Submission.objects.create(
        cycle=cycle,
        organisation=organisation,
        territory=organisation.territory,
        state=state,
        started_at=NOW,
        changed_at=NOW,
        submitted_at=submitted_at,
    )
    position = Criterion.objects.get(edition=cycle.edition, kind="position")
    answer = Answer.objects.create(submission=submission, criterion=position, changed_at=NOW)
    for seq, link in enumerate(links, start=1):
        Link.objects.create(answer=answer, seq=seq, **link)
    return submission


def a_cycle(region: Region, year: int = 2026) -> Cycle:
    edition = CriteriaEdition.objects.create(
        code=f"region-{year}",
        title="Критерии края (пример)",
        year=year,
        renormalisation="none",
        state="draft",
        created_at=NOW,
    )
    parent = None
    for seq, (kind, code) in enumerate(
        [("block", "1"), ("direction", "1.1"), ("track", "1.1.1"), ("position", "1.1.1.1")], 1
    ):
        parent = Criterion.objects.create(
            edition=edition,
            parent=parent,
            kind=kind,
            code=code,
            title=f"Критерий {code}",
            seq=seq,
            points=10,
        )
    return Cycle.objects.create(
        region=region.ministry,
        edition=edition,
        year=year,
        title=f"Самооценка края {year}",
        state="open",
        submit_by=date(year, 4, 1),
        created_at=NOW,
    )
