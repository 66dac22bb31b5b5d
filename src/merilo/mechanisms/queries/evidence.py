"""What the visits saw, seen from a row of the form; who may open a kept document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from merilo.law import Refusal
from merilo.mechanisms.models import (
    Attachment,
    Document,
    DocumentPage,
    Exhibit,
    Link,
    Submission,
    Visit,
)
from merilo.mechanisms.rules import evidence, then_and_now
from merilo.mechanisms.rules.evidence import Condition, Markers, Row
from merilo.mechanisms.rules.states import SubmissionState
from merilo.mechanisms.rules.then_and_now import Difference
from merilo.registry import queries as registry
from merilo.registry.access import Role, Viewer

from .expertise import links_appointed_to
from .scope import readable_by
from .visits import (
    closed_keys,
    is_closed,
    last_visits,
    links_of,
    named_file,
    numbers_of,
    sight_of,
    with_documents,
)

DRAWN_WITHOUT_PAGES = 3  # pages drawn of a document whose pages were not named
LIVING = (
    SubmissionState.DRAFT,
    SubmissionState.SELF_CHECKED,
    SubmissionState.SUBMITTED,
    SubmissionState.IN_EXPERTISE,
    SubmissionState.SCORED,
    SubmissionState.OBJECTED,
)


@dataclass(frozen=True)
class Evidence:
    """A link with what is known of it: now, when submitted, and what became of it in between."""

    link: Link
    row: Row
    last: Visit | None
    submitted: Visit | None
    condition: Condition
    difference: Difference | None  # None while nothing is submitted
    reasons: tuple[Refusal, ...]

    @property
    def shown(self) -> Visit | None:
        """The visit whose document is assessed: as submitted, if it opened then.

        A page that asks for a password is no document.
        """
        for visit in (self.submitted, self.last):
            if (
                visit is not None
                and visit.document_id is not None
                and visit.outcome != evidence.Outcome.LOGIN
            ):
                return visit
        return None

    @property
    def attachments(self) -> list[Attachment]:
        """The files of the page that is shown."""
        return list(self.shown.attachments.all()) if self.shown else []

    @property
    def named(self) -> Attachment | None:
        """The file that the row names."""
        return named_file(self.attachments, self.row.document_name)

    def document(self, file: int | None = None) -> Document | None:
        """The document that is shown: a file of the page by its number, the one the row names, or
        what stands at the address itself."""
        if file is not None:
            return next((one.document for one in self.attachments if one.seq == file), None)
        if self.named is not None and self.named.document is not None:
            return self.named.document
        return self.shown.document if self.shown else None

    @property
    def condition_name(self) -> str:
        return evidence.CONDITION_WORDS[self.condition]

    @property
    def difference_name(self) -> str:
        return then_and_now.DIFFERENCE_WORDS[self.difference] if self.difference else ""


def links_visible_to(viewer: Viewer) -> QuerySet[Link]:
    """The rows of the form a person may see, with their position and submission."""
    links = Link.objects.select_related(
        "answer__criterion", "answer__submission__organisation", "answer__submission__cycle"
    )
    if viewer.role == Role.MECHANISMS_EXPERT:
        return links.filter(links_appointed_to(viewer))
    return links.filter(answer__submission__in=readable_by(viewer).values("pk"))


def submissions_to_look_at() -> Iterator[int]:
    """Materials that are still filled in or assessed."""
    yield from (
        Submission.objects.filter(state__in=LIVING)
        .exclude(cycle__state="final")
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def evidence_of(submission: Submission, *, on: date) -> list[Evidence]:
    """Each row with what is known of its document, in the order of the form."""
    links = list(links_of(submission.pk))
    last = last_visits(links, closed_keys(links))
    exhibits = _exhibits(submission)
    markers = markers_of(on)
    rows = [row_of(link) for link in links]
    repeated = _by_row(evidence.repeats(rows))
    return [
        _evidence(
            link,
            row,
            last.get(evidence.address_key(link.url)),
            exhibits.get(link.pk),
            markers,
            repeated.get((row.code, row.row), ()),
        )
        for link, row in zip(links, rows, strict=True)
    ]


def _exhibits(submission: Submission, **which: Any) -> dict[int, Visit]:
    """What the materials were submitted with, by the row's id."""
    fixed = Exhibit.objects.filter(
        submission=submission, submitted_at=submission.submitted_at, **which
    ).values_list("link_id", "visit_id")
    visits = with_documents(Visit.objects).in_bulk([visit for _link, visit in fixed])
    return {link: visits[visit] for link, visit in fixed}


def _evidence(
    link: Link,
    row: Row,
    last: Visit | None,
    submitted: Visit | None,
    markers: Markers,
    more: Sequence[Refusal],
) -> Evidence:
    now = sight_of(last, row.document_name)
    then = sight_of(submitted, row.document_name)
    judged = then or now
    reasons = list(evidence.reasons_from_visit(row, judged, markers)) if judged else []
    return Evidence(
        link=link,
        row=row,
        last=last,
        submitted=submitted,
        condition=evidence.condition(row, judged, markers),
        difference=then_and_now.difference(then, now) if submitted else None,
        reasons=(*reasons, *more),
    )


def _by_row(reasons: Iterable[Refusal]) -> dict[tuple[str, int], list[Refusal]]:
    found: dict[tuple[str, int], list[Refusal]] = defaultdict(list)
    for reason in reasons:
        found[reason.facts["code"], reason.facts["row"]].append(reason)
    return found


def row_of(link: Link) -> Row:
    numbers = numbers_of(link.pages)
    return Row(
        code=link.answer.criterion.code,
        row=link.seq,
        url=link.url,
        last_page=max(numbers) if numbers else None,
        has_secret=is_closed(link) and link.secret.forgotten_at is None,
        document_name=link.document_name,
    )


def markers_of(on: date) -> Markers:
    profile = registry.active_profile()
    return Markers(
        *(
            frozenset(profile.value(f"mechanisms.{name}", on=on).value)
            for name in ("news_markers", "event_markers")
        )
    )


def reasons_from_visits(submission: Submission, *, on: date) -> list[Refusal]:
    """What the visits say against submitting. The end of a document is told by the form itself,
    from `counted_pages`."""
    return [
        reason
        for one in evidence_of(submission, on=on)
        for reason in one.reasons
        if reason.code != evidence.BEYOND_THE_END.code
    ]


def evidence_behind(viewer: Viewer, link_id: int, *, on: date) -> Evidence:
    """One row with its document. Raises `Link.DoesNotExist` for a row out of scope."""
    link = links_visible_to(viewer).exclude(url="").select_related("secret").get(pk=link_id)
    submission = link.answer.submission
    closed = closed_keys(links_of(submission.pk))
    return _evidence(
        link,
        row_of(link),
        last_visits([link], closed).get(evidence.address_key(link.url)),
        _exhibits(submission, link=link).get(link.pk),
        markers_of(on),
        (),
    )


def pages_shown(document: Document, asked: str) -> list[DocumentPage]:
    """The pages an expert is to look at; the first ones where none were named, or there are none
    to name: sheets and pages of a site have no numbers that a form could give."""
    pages = document.pages.select_related("picture")
    numbers = numbers_of(asked) if document.page_count is not None else ()
    return list(pages.filter(number__in=numbers) if numbers else pages[:DRAWN_WITHOUT_PAGES])


def page_behind(
    viewer: Viewer, link_id: int, number: int, *, file: int | None = None, on: date
) -> DocumentPage | None:
    """One page of the document behind a row, if it was kept and may be seen."""
    document = evidence_behind(viewer, link_id, on=on).document(file)
    if document is None:
        return None
    return document.pages.select_related("picture").filter(number=number).first()
