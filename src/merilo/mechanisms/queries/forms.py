"""What stands in a form: answers as facts for the rules, and how far it is filled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from merilo.law import Profile, Refusal
from merilo.mechanisms.models import (
    AccessSecret,
    Answer,
    CriteriaMatch,
    Criterion,
    Cycle,
    Link,
    Submission,
)
from merilo.mechanisms.rules.form import (
    AnswerFacts,
    FormLaw,
    LinkFacts,
    absent_codes,
    form_law,
)
from merilo.mechanisms.rules.pasting import STOPS, Merged, merged, reasons_against_lines
from merilo.mechanisms.rules.states import CycleState, SubmissionState
from merilo.mechanisms.rules.submission import CycleFacts, reasons_against_filling
from merilo.mechanisms.rules.tree import Edition, Kind, Node
from merilo.registry.access import Role, Viewer
from merilo.registry.queries import below
from merilo.registry.steps import day_at

from .criteria import edition_of
from .expertise import links_appointed_to
from .scope import GIVEN
from .visits import counted_pages


def law_of(cycle: Cycle, profile: Profile) -> FormLaw:
    """The form is checked by the values of the day its cycle was made, to the end."""
    return form_law(profile, on=day_at(cycle.region, cycle.created_at))


def cycle_facts(cycle: Cycle) -> CycleFacts:
    states = list(cycle.submissions.values_list("state", flat=True))
    return CycleFacts(
        title=cycle.title,
        state=CycleState(cycle.state),
        submit_by=cycle.submit_by,
        submitted=sum(one in GIVEN for one in states),
        unscored=states.count(SubmissionState.IN_EXPERTISE),
        objected=states.count(SubmissionState.OBJECTED),
    )


def answers_of(submission: Submission) -> QuerySet[Answer]:
    return (
        Answer.objects.filter(submission=submission)
        .select_related("criterion", "changed_by__person")
        .prefetch_related("links", "links__secret")
        .order_by("criterion__seq")
    )


def has_secret(link: Link) -> bool:
    secret = getattr(link, "secret", None)
    return isinstance(secret, AccessSecret) and secret.forgotten_at is None


def link_facts(link: Link, counted: int | None = None) -> LinkFacts:
    """A row as the rules read it; pages counted by a visit go before those somebody typed."""
    return LinkFacts(
        row=link.seq,
        url=link.url,
        document_name=link.document_name,
        page_count=link.page_count if counted is None else counted,
        pages=link.pages,
        comment=link.comment,
        closed_access=link.closed_access,
        has_secret=has_secret(link),
        regional_document=link.regional_document,
        regional_measure=link.regional_measure,
    )


def answer_facts(answer: Answer, counted: Mapping[int, int] | None = None) -> AnswerFacts:
    return AnswerFacts(
        code=answer.criterion.code,
        links=tuple(link_facts(link, (counted or {}).get(link.pk)) for link in answer.links.all()),
        not_applicable=answer.not_applicable,
        reason=answer.reason,
    )


def facts_of(submission: Submission) -> list[AnswerFacts]:
    counted = counted_pages(submission.pk)
    return [answer_facts(answer, counted) for answer in answers_of(submission)]


@dataclass(frozen=True)
class Pasting:
    """What a paste would make of a form, and what is said of it line by line."""

    positions: tuple[Merged, ...]
    said: tuple[tuple[int, Refusal], ...]
    closed: tuple[Refusal, ...]  # nothing at all is written now

    @property
    def stops(self) -> list[Refusal]:
        """What lets nothing of it be written."""
        return [*self.closed, *(one for _line, one in self.said if one.reason in STOPS)]


def pasting_of(
    submission: Submission,
    rows: Iterable[tuple[str, LinkFacts]],
    profile: Profile,
    *,
    today: date,
) -> Pasting:
    """The page looks at a paste, and the action keeps it, by these same rules."""
    edition = edition_of(submission.cycle.edition)
    rules = law_of(submission.cycle, profile)
    positions = tuple(merged(rows, {one.code: one for one in facts_of(submission)}))
    said = [one for its in positions for one in reasons_against_lines(edition, its, rules)]
    closed = reasons_against_filling(
        cycle_facts(submission.cycle), SubmissionState(submission.state), today=today
    )
    return Pasting(positions, tuple(sorted(said, key=lambda one: one[0])), tuple(closed))


@dataclass(frozen=True)
class Progress:
    """How many positions under a node have something: links, or that they do not apply."""

    positions: int
    filled: int
    absent: int

    @property
    def done(self) -> bool:
        return self.filled + self.absent == self.positions


def progress_of(edition: Edition, answers: list[AnswerFacts]) -> Mapping[str, Progress]:
    absent = absent_codes(edition, answers)
    filled = {one.code for one in answers if any(not link.is_empty for link in one.links)}
    found: dict[str, Progress] = {}
    for node in edition.walk():
        under = [one.code for one in node.walk() if one.kind is Kind.POSITION]
        gone = [code for code in under if code in absent]
        given = [code for code in under if code in filled and code not in absent]
        found[node.code] = Progress(len(under), len(given), len(gone))
    return found


def parts_of(edition: Edition) -> list[Node]:
    """The pages of the form: the tracks, and whatever holds positions outside of tracks."""
    found: list[Node] = []
    for root in edition.roots:
        found += _parts(root)
    return found


def _parts(node: Node) -> list[Node]:
    own = any(child.kind is Kind.POSITION for child in node.children)
    if node.kind is Kind.TRACK or own or node.kind is Kind.POSITION:
        holds = any(one.kind is Kind.POSITION for one in node.walk())
        return [node] if holds else []
    return [part for child in node.children for part in _parts(child)]


def last_year_of(submission: Submission) -> Submission | None:
    """The form of the same municipality in the cycle before."""
    return (
        Submission.objects.filter(organisation_id=submission.organisation_id)
        .exclude(pk=submission.pk)
        .filter(cycle__year__lt=submission.cycle.year, cycle__region=submission.cycle.region_id)
        .select_related("cycle__edition")
        .order_by("-cycle__year", "-pk")
        .first()
    )


def counterparts_of(last: Submission, submission: Submission) -> dict[str, Criterion]:
    """Where each of last year's positions went; the first place where one was divided."""
    new = {one.code: one for one in submission.cycle.edition.criteria.all()}
    if last.cycle.edition_id == submission.cycle.edition_id:
        return new
    matches = CriteriaMatch.objects.filter(
        earlier_edition=last.cycle.edition_id,
        later_edition=submission.cycle.edition_id,
        earlier__isnull=False,
        later__isnull=False,
    ).select_related("earlier", "later")
    found: dict[str, Criterion] = {}
    taken: set[str] = set()
    for match in matches.order_by("later__seq"):
        assert match.earlier is not None and match.later is not None
        if match.earlier.code not in found and match.later.code not in taken:
            found[match.earlier.code] = match.later
            taken.add(match.later.code)  # of several that were joined, the first one's links
    return found


def links_visible_to(viewer: Viewer) -> QuerySet[Link]:
    """Whose closed pages the viewer may open: the municipality its own.

    An expert opens those of his directions, while they are scored and no longer.
    """
    found = Link.objects.select_related("answer__submission__cycle", "answer__criterion", "secret")
    if viewer.role == Role.MECHANISMS_EXPERT:
        scored = Q(answer__submission__state=SubmissionState.IN_EXPERTISE)
        return found.filter(links_appointed_to(viewer), scored)
    if viewer.role != Role.MOUO:
        return found.none()
    return found.filter(below(viewer, "answer__submission__organisation__"))


def secrets_to_forget(*, today: date) -> QuerySet[AccessSecret]:
    return AccessSecret.objects.filter(forgotten_at__isnull=True, expires_on__lt=today)
