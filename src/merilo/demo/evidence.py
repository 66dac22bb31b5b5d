"""Documents behind the links of the demonstration: invented, made here; nobody is visited."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache

import typst

from merilo.foundation.fetching import Access, Failure, Limits, NotVisited, Visited, read_address
from merilo.foundation.fetching.kinds import kind_of
from merilo.mechanisms import actions
from merilo.mechanisms.models import Submission
from merilo.mechanisms.queries import visits
from merilo.registry.access import Viewer

PAGES = {"prikaz": 6, "programma": 24, "spravka": 11, "protokol": 1, "p.pdf": 12}
GONE_ONE_IN = 23  # addresses that do not open any more
NEWS = (
    "<!doctype html><html><head><title>Новости — Управление образования</title></head>"
    "<body><h1>Открытие класса</h1><p>Сюжет о встрече с учениками.</p></body></html>"
)


def build_evidence(submissions: Iterable[Submission], *, clock: Viewer, anchor: datetime) -> None:
    """Visit every address of these materials: after they were submitted, or lately in a draft."""
    for submission in submissions:
        given = submission.submitted_at
        when = given + timedelta(minutes=10) if given else anchor - timedelta(hours=9)
        for address, pages in visits.addresses_of(submission.pk).items():
            actions.visit_address(
                address=address, pages=pages, submission_id=submission.pk, actor=clock, now=when,
                go=go,
            )  # fmt: skip
        actions.keep_exhibits(submission_id=submission.pk, actor=clock, now=when)


def go(address: str, *, access: Access | None = None, limits: Limits | None = None) -> Visited:
    """What an address of the demonstration gives."""
    where = read_address(address)
    name = where.target.rpartition("/")[2]
    if "closed" in name:
        raise NotVisited(Failure.CLOSED, 401)
    if "/news/" in where.target:
        return _found(address, NEWS.encode())
    kind = next((known for known in PAGES if name.startswith(known)), None)
    digest = int(hashlib.sha256(address.encode()).hexdigest(), 16)
    if kind is None or digest % GONE_ONE_IN == 0:
        raise NotVisited(Failure.GONE, 404)
    return _found(address, _paper(kind))


def _found(address: str, body: bytes) -> Visited:
    kind = kind_of(body, "")
    if kind is None:
        raise NotVisited(Failure.WRONG_KIND)
    return Visited(
        final=read_address(address),
        status=200,
        content_type="",
        kind=kind,
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        redirects=0,
    )


@cache
def _paper(kind: str) -> bytes:
    """A document of that kind: so many pages, each saying that it is an example."""
    pages = "\n#pagebreak()\n".join(
        f"= Пример документа\nСтраница {number}. Придумано для демонстрации: цели, показатели, "
        f"мониторинг и меры муниципалитета.\n\n#lorem({80 + 7 * number})"
        for number in range(1, PAGES[kind] + 1)
    )
    text = f'#set document(title: "Пример: {kind}")\n#set text(lang: "ru")\n{pages}'
    made = typst.compile(text.encode())
    assert isinstance(made, bytes)
    return made
