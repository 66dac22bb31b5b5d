"""What the visits saw, seen from a row of the form; who may open a kept document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from merilo.foundation.fetching import Kind
from merilo.law import Refusal
from merilo.mechanisms.models import Document, DocumentPage, Exhibit, Link, Submission, Visit
from merilo.mechanisms.rules import evidence
from merilo.mechanisms.rules.evidence import Condition, Difference, Markers, Row, Sight
from merilo.mechanisms.rules.form import pages_of
from merilo.mechanisms.rules.states import SubmissionState
from merilo.registry import queries as registry
from merilo.registry.access import Role, Viewer

from .expertise import links_appointed_to
from .scope import readable_by

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
        """The visit whose document is assessed: as submitted, if it opened then."""
        if self.submitted is not None and self.submitted.document_id is not None:
            return self.submitted
        return self.last if self.last is not None and self.last.document_id else None

    @property
    def condition_name(self) -> str:
        return evidence.CONDITION_WORDS[self.condition]

    @property
    def difference_name(self) -> str:
        return evidence.DIFFERENCE_WORDS[self.difference] if self.difference else ""


def links_visible_to(viewer: Viewer) -> QuerySet[Link]:
    """The rows of the form a person may see, with their position and submission."""
    links = Link.objects.select_related(
        "answer__criterion", "answer__submission__organisation", "answer__submission__cycle"
    )
    if viewer.role == Role.MECHANISMS_EXPERT:
        return links.filter(links_appointed_to(viewer))
    return links.filter(answer__submission__in=readable_by(viewer).values("pk"))


def links_of(submission_id: int) -> QuerySet[Link]:
    """The rows that lead somewhere, in the order of the form."""
    return (
        Link.objects.filter(answer__submission_id=submission_id)
        .exclude(url="")
        .select_related("answer__criterion", "secret")
        .order_by("answer__criterion__seq", "seq")
    )


def addresses_of(submission_id: int) -> dict[str, frozenset[int]]:
    """Every address of the materials once, with the pages that were named behind it."""
    found: dict[str, set[int]] = defaultdict(set)
    for link in links_of(submission_id):
        found[evidence.spelling(link.url)] |= set(numbers_of(link.pages))
    return {address: frozenset(pages) for address, pages in found.items()}


def submissions_to_look_at() -> Iterator[int]:
    """Materials that are still filled in or assessed."""
    yield from (
        Submission.objects.filter(state__in=LIVING)
        .exclude(cycle__state="final")
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def visited_since(address: str, moment: datetime) -> bool:
    return Visit.objects.filter(key=evidence.address_key(address), at__gte=moment).exists()


def visit_to_fix(
    url: str, *, submitted_at: datetime, now: datetime, grace: timedelta
) -> Visit | None:
    """The visit that shows what a link led to when the materials were submitted, if it is there."""
    visits = Visit.objects.filter(key=evidence.address_key(url), at__gte=submitted_at)
    by_moment = {visit.at: visit for visit in visits.select_related("document")}
    sights = [sight_of(visit) for visit in by_moment.values()]
    fixed = evidence.fixed_at_submission(
        [one for one in sights if one], submitted_at=submitted_at, now=now, grace=grace
    )
    return by_moment[fixed.at] if fixed else None


def last_visits(keys: Iterable[str]) -> dict[str, Visit]:
    """The latest visit of each address, by its key."""
    found = (
        Visit.objects.filter(key__in=set(keys))
        .select_related("document")
        .order_by("key", "-at", "-pk")
        .distinct("key")
    )
    return {visit.key: visit for visit in found}


def evidence_of(submission: Submission, *, on: date) -> list[Evidence]:
    """Each row with what is known of its document, in the order of the form."""
    links = list(links_of(submission.pk))
    last = last_visits(evidence.address_key(link.url) for link in links)
    exhibits = {
        exhibit.link_id: exhibit.visit
        for exhibit in Exhibit.objects.filter(
            submission=submission, submitted_at=submission.submitted_at
        ).select_related("visit__document")
    }
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


def _evidence(
    link: Link,
    row: Row,
    last: Visit | None,
    submitted: Visit | None,
    markers: Markers,
    more: Sequence[Refusal],
) -> Evidence:
    now, then = sight_of(last), sight_of(submitted)
    judged = then or now
    reasons = list(evidence.reasons_from_visit(row, judged, markers)) if judged else []
    return Evidence(
        link=link,
        row=row,
        last=last,
        submitted=submitted,
        condition=evidence.condition(row, judged, markers),
        difference=evidence.difference(then, now) if submitted else None,
        reasons=(*reasons, *more),
    )


def _by_row(reasons: Iterable[Refusal]) -> dict[tuple[str, int], list[Refusal]]:
    found: dict[tuple[str, int], list[Refusal]] = defaultdict(list)
    for reason in reasons:
        found[reason.facts["code"], reason.facts["row"]].append(reason)
    return found


def counted_pages(submission_id: int) -> dict[int, int]:
    """How many pages stand behind each row whose document was counted exactly, by the row's id."""
    links = list(links_of(submission_id))
    last = last_visits(evidence.address_key(link.url) for link in links)
    found = {}
    for link in links:
        visit = last.get(evidence.address_key(link.url))
        if visit is not None and visit.document is not None and visit.document.pages_are_exact:
            found[link.pk] = visit.document.page_count
    return found


def row_of(link: Link) -> Row:
    numbers = numbers_of(link.pages)
    return Row(
        code=link.answer.criterion.code,
        row=link.seq,
        url=link.url,
        last_page=max(numbers) if numbers else None,
        has_secret=link.closed_access and getattr(link, "secret", None) is not None,
    )


def sight_of(visit: Visit | None) -> Sight | None:
    """A kept visit as the rules see it."""
    if visit is None:
        return None
    document = visit.document
    sight = Sight(
        at=visit.at, outcome=evidence.Outcome(visit.outcome), address=visit.final_address
    )
    if document is None:
        return sight
    return Sight(
        at=sight.at,
        outcome=sight.outcome,
        is_page=not Kind(document.kind).is_document,
        fingerprint=document.fingerprint,
        page_count=document.page_count,
        pages_are_exact=document.pages_are_exact,
        address=sight.address,
        title=document.title,
        documents=len(document.files_linked),
    )


def markers_of(on: date) -> Markers:
    profile = registry.active_profile()
    return Markers(
        *(
            frozenset(profile.value(f"mechanisms.{name}", on=on).value)
            for name in ("news_markers", "event_markers")
        )
    )


def numbers_of(pages: str) -> list[int]:
    """Single pages of «3–5, 8»; what cannot be read names none."""
    return [
        number
        for first, last in pages_of(pages) or ()
        for number in range(first, min(last, first + 500) + 1)
    ]


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
    link = links_visible_to(viewer).exclude(url="").get(pk=link_id)
    key = evidence.address_key(link.url)
    exhibit = (
        Exhibit.objects.filter(link=link, submitted_at=link.answer.submission.submitted_at)
        .select_related("visit__document")
        .first()
    )
    return _evidence(
        link,
        row_of(link),
        last_visits([key]).get(key),
        exhibit.visit if exhibit else None,
        markers_of(on),
        (),
    )


def pages_shown(document: Document, asked: str) -> list[DocumentPage]:
    """The pages an expert is to look at; the first ones where none were named."""
    pages = document.pages.select_related("picture")
    numbers = numbers_of(asked)
    return list(pages.filter(number__in=numbers) if numbers else pages[:DRAWN_WITHOUT_PAGES])


def page_behind(viewer: Viewer, link_id: int, number: int, *, on: date) -> DocumentPage | None:
    """One page of the document behind a row, if it was kept and may be seen."""
    shown = evidence_behind(viewer, link_id, on=on).shown
    return (
        shown.document.pages.select_related("picture").filter(number=number).first()
        if shown
        else None
    )
