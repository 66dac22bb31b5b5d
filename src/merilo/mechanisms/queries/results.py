"""Results of a cycle: of one municipality, of all of them beside each other, of two years."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from merilo.mechanisms.models import (
    Answer,
    ClusterMember,
    CriteriaMatch,
    Cycle,
    Mark,
    Settlement,
    Submission,
)
from merilo.mechanisms.rules.clusters import open_names
from merilo.mechanisms.rules.comparison import YearsRow, years_compared
from merilo.mechanisms.rules.harmonisation import Round
from merilo.mechanisms.rules.results import (
    Mean,
    OpenRow,
    Place,
    Scored,
    disclosed,
    draws_of,
    mean_of,
    places,
)
from merilo.mechanisms.rules.states import CycleState, SubmissionState
from merilo.mechanisms.rules.tree import Edition, Kind, Node, Special
from merilo.mechanisms.rules.worth import Share, Worth, shares, worth_of
from merilo.registry.access import Viewer
from merilo.registry.models import Organisation, Territory
from merilo.registry.rules import TERRITORY_NAMES, TerritoryKind

from .criteria import edition_of
from .expertise import scores_visible_to

SETTLED = (SubmissionState.SCORED, SubmissionState.OBJECTED, SubmissionState.FINAL)


@dataclass(frozen=True)
class Line:
    """A block, a direction or a track of one municipality's result."""

    node: Node
    depth: int
    worth: Worth
    share: Share | None  # of the criteria: a direction of its block, a block of the whole


@dataclass(frozen=True)
class Unsettled:
    """A position whose mark stands but has no points to count: the region set no amount."""

    code: str
    grounds: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """What one municipality was given."""

    submission: Submission
    edition: Edition
    worths: Mapping[str, Worth]
    lines: tuple[Line, ...]
    absent: frozenset[str]
    not_settled: int  # positions that apply and have no mark that stands
    uncounted: tuple[Unsettled, ...]

    @property
    def whole(self) -> Worth:
        roots = [self.worths[root.code] for root in self.edition.roots]
        known = [one.maximum for one in roots if one.maximum is not None]
        points = sum((one.points for one in roots), Decimal(0))
        return Worth(points, sum(known, Decimal(0)) if known else None)


def results_visible_to(viewer: Viewer) -> QuerySet[Submission]:
    """Materials whose result exists and may be read."""
    return scores_visible_to(viewer).filter(state__in=SETTLED)


def result_of(submission: Submission) -> Result:
    """Points, maxima and percents of one municipality, from the marks that stand."""
    return results_of(edition_of(submission.cycle.edition), [submission])[0]


def results_of(edition: Edition, submissions: Sequence[Submission]) -> list[Result]:
    """The same of many of one cycle, asked of the database once."""
    absent = _absent(edition, submissions)
    settled: dict[int, list[Settlement]] = defaultdict(list)
    for one in _settled(submissions):
        settled[one.submission_id].append(one)
    return [_result(edition, one, settled[one.pk], absent[one.pk]) for one in submissions]


def _result(
    edition: Edition, submission: Submission, settled: list[Settlement], absent: frozenset[str]
) -> Result:
    points = {one.criterion.code: _counted(one) for one in settled}
    worths = worth_of(edition, points, absent)
    positions = [
        node.code for node in edition.walk() if node.kind is Kind.POSITION and node.points
    ]
    return Result(
        submission=submission,
        edition=edition,
        worths=worths,
        lines=tuple(_lines(edition, worths)),
        absent=absent,
        not_settled=sum(code not in points and code not in absent for code in positions),
        uncounted=tuple(
            Unsettled(one.criterion.code, tuple(one.unpriced)) for one in settled if one.unpriced
        ),
    )


def _counted(one: Settlement) -> Decimal:
    """After deductions; before them where the region set no amount or floor for it."""
    return one.points if one.net is None else one.net


def _lines(edition: Edition, worths: Mapping[str, Worth]) -> Iterable[Line]:
    of_criteria = {one.node.code: one for one in shares(edition)}
    for node in edition.walk():
        if node.kind in (Kind.BLOCK, Kind.DIRECTION, Kind.TRACK):
            depth = len(list(edition.above(node.code)))
            yield Line(node, depth, worths[node.code], of_criteria.get(node.code))


def _settled(submissions: Iterable[Submission]) -> QuerySet[Settlement]:
    return Settlement.objects.filter(
        submission__in=submissions, superseded_at__isnull=True
    ).select_related("criterion")


def _absent(edition: Edition, submissions: Iterable[Submission]) -> dict[int, frozenset[str]]:
    """What was told not to apply, with everything under it, by submission.

    R4: where the absence is proved by documents, they were scored, and the marks count.
    """
    found: dict[int, set[str]] = {one.pk: set() for one in submissions}
    told = Answer.objects.filter(submission__in=found, not_applicable=True)
    for submission_id, code in told.values_list("submission_id", "criterion__code"):
        if Special.ABSENCE_PROVED not in edition.by_code[code].special:
            found[submission_id] |= {node.code for node in edition.by_code[code].walk()}
    return {number: frozenset(codes) for number, codes in found.items()}


# --- all municipalities of a cycle ----------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    submission: Submission
    place: Place
    cluster: str = ""  # of the dimension that was asked for
    within: Place | None = None  # among those of its own cluster


@dataclass(frozen=True)
class Standings:
    """A cycle's municipalities, and the clusters of one dimension beside the region."""

    rows: tuple[Standing, ...]
    means: tuple[tuple[str, Mean], ...] = ()  # by cluster
    region: Mean | None = None

    def of_cluster(self, cluster: str) -> list[Standing]:
        """The municipalities of one cluster; without a cluster, all."""
        return [one for one in self.rows if cluster in ("", one.cluster)]


def standings_of(cycle: Cycle, viewer: Viewer, *, dimension: str = "") -> Standings:
    """The municipalities whose result may be read, with spans and groups, the highest first."""
    edition = edition_of(cycle.edition)
    submissions = {
        one.pk: one for one in results_visible_to(viewer).filter(cycle=cycle).order_by("pk")
    }
    points: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for one in _settled(submissions.values()):
        points[one.submission_id][one.criterion.code] = _counted(one)
    blind: dict[int, dict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    marks = Mark.objects.filter(appointment__submission__in=submissions, round=Round.BLIND)
    for number, code, value in marks.order_by("pk").values_list(
        "appointment__submission_id", "criterion__code", "points"
    ):
        blind[number][code].append(value)
    absent = _absent(edition, submissions.values())
    scored = [
        Scored(number, points[number], blind[number], absent[number]) for number in submissions
    ]
    # The cycle is the seed: everybody who opens the page sees the same spans.
    found = draws_of(edition, scored, seed=cycle.pk)
    cluster_of = members_of(cycle, dimension)
    members: dict[str, set[int]] = defaultdict(set)
    for number, cluster in cluster_of.items():
        members[cluster].add(number)
    within = {
        one.municipality: one for some in members.values() for one in places(found, within=some)
    }
    means = {cluster: mean_of(found, members[cluster]) for cluster in sorted(members)}
    return Standings(
        rows=tuple(
            Standing(
                submissions[one.municipality],
                one,
                cluster_of.get(one.municipality, ""),
                within.get(one.municipality),
            )
            for one in places(found)
        ),
        means=tuple((cluster, mean) for cluster, mean in means.items() if mean),
        region=mean_of(found, set(submissions)),
    )


def dimensions_of(cycle: Cycle) -> list[str]:
    """By what the region divides its municipalities in this run."""
    rows = ClusterMember.objects.filter(submission__cycle=cycle).order_by("dimension")
    return list(rows.values_list("dimension", flat=True).distinct())


def members_of(cycle: Cycle, dimension: str) -> dict[int, str]:
    """The cluster of each submission that is in one."""
    rows = ClusterMember.objects.filter(submission__cycle=cycle, dimension=dimension)
    return dict(rows.values_list("submission_id", "cluster"))


def cycles_with_results(viewer: Viewer) -> QuerySet[Cycle]:
    return (
        Cycle.objects.filter(pk__in=results_visible_to(viewer).values("cycle_id"))
        .select_related("edition", "region")
        .order_by("-year", "-pk")
    )


# --- two years --------------------------------------------------------------------------------


def matches_between(earlier: Cycle, later: Cycle) -> list[tuple[str | None, str | None]]:
    """The mapping the region set between two editions; the same edition maps to itself."""
    if earlier.edition_id == later.edition_id:
        codes = later.edition.criteria.values_list("code", flat=True)
        return [(code, code) for code in codes]
    return list(
        CriteriaMatch.objects.filter(
            earlier_edition=earlier.edition, later_edition=later.edition
        ).values_list("earlier__code", "later__code")
    )


def with_the_year_before(
    result: Result, viewer: Viewer
) -> tuple[Submission, list[YearsRow]] | None:
    """This result beside the municipality's last one before it; None where there is none."""
    submission = result.submission
    before = (
        results_visible_to(viewer)
        .filter(organisation=submission.organisation, cycle__year__lt=submission.cycle.year)
        .order_by("-cycle__year", "-pk")
        .first()
    )
    if before is None:
        return None
    past = result_of(before)
    rows = years_compared(
        past.edition,
        result.edition,
        matches_between(before.cycle, submission.cycle),
        worths=(past.worths, result.worths),
    )
    return before, rows


# --- open data ----------------------------------------------------------------------------------


def final_cycles() -> QuerySet[Cycle]:
    """Cycles whose results everybody may read."""
    return Cycle.objects.filter(state=CycleState.FINAL).select_related("edition")


def open_rows(cycle: Cycle, *, fewest: int) -> list[OpenRow]:
    """Percents by municipality and direction; small municipalities are taken out."""
    submissions = list(
        Submission.objects.filter(cycle=cycle, state=SubmissionState.FINAL)
        .select_related("territory", "organisation")
        .order_by("pk")
    )
    schools = list(
        Organisation.objects.filter(functions__function="school")
        .distinct()
        .values_list("path", flat=True)
    )
    rows = []
    for result in results_of(edition_of(cycle.edition), submissions):
        one = result.submission
        count = sum(path.startswith(one.organisation.path) for path in schools)
        rows += [
            OpenRow(unit_name(one.territory), line.node.code, count, line.worth.percent)
            for line in result.lines
            if line.node.kind is Kind.DIRECTION
        ]
    return disclosed(rows, fewest=fewest)


def unit_name(territory: Territory) -> str:
    """With its kind: an urban okrug and a district of one name are two municipalities."""
    return f"{territory.name} {TERRITORY_NAMES[TerritoryKind(territory.kind)]}"


def open_clusters(cycle: Cycle, rows: list[OpenRow]) -> dict[str, dict[str, str]]:
    """By dimension, the cluster of each unit beside which it may be read."""
    names = {
        one.pk: unit_name(one.territory) for one in cycle.submissions.select_related("territory")
    }
    return {
        dimension: open_names(
            rows, {names[one]: said for one, said in members_of(cycle, dimension).items()}
        )
        for dimension in dimensions_of(cycle)
    }


# --- recommendations ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Lost:
    """A position that did not bring all its points, with what the experts said, without names."""

    node: Node
    points: Decimal
    maximum: Decimal
    grounds: tuple[str, ...]
    comments: tuple[str, ...]


def lost_points(result: Result, said: Mapping[str, list[str]]) -> dict[str, list[Lost]]:
    """By direction, the dearest loss first; a direction where nothing was lost has an empty list.

    `said`: of each position, the words of those whose mark stands.
    """
    settled = {one.criterion.code: one for one in _settled([result.submission])}
    found = {}
    for line in result.lines:
        if line.node.kind is not Kind.DIRECTION:
            continue
        lost = [
            Lost(
                node,
                result.worths[node.code].points,
                maximum,
                tuple(settled[node.code].deductions) if node.code in settled else (),
                tuple(said.get(node.code, ())),
            )
            for node in line.node.walk()
            if node.is_scored
            and node.code not in result.absent
            and (maximum := result.worths[node.code].maximum) is not None
            and result.worths[node.code].points < maximum
        ]
        found[line.node.code] = sorted(lost, key=lambda one: one.points - one.maximum)
    return found
