"""What came of the materials: links as they were visited, marks that stand, results of a cycle.

No login of a closed page, no name of an expert, no mark of a single expert.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from ninja import Query, Router, Schema

from merilo.foundation import clock
from merilo.mechanisms import queries
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.queries import expertise
from merilo.registry.queries import active_profile

from .door import reasons_of, served
from .mechanisms import TAG
from .shapes import Id, Reason, Ref, Strict, Text, ref

__all__ = ["TAG", "router"]
router = Router()
READ_SCORES = ROLES["mechanisms.read_scores"]


class VisitOut(Schema):
    visited_at: datetime
    visit_outcome: str
    status: int | None
    sha256: str
    page_count: int | None


class LinkOut(Schema):
    id: int
    code: str
    row: int
    url: str
    document_name: str
    pages: str
    state: str
    last_visit: VisitOut | None
    visit_on_submission: VisitOut | None
    difference: str
    reasons: list[Reason]


class EvidenceOut(Schema):
    submission_id: int
    items: list[LinkOut]


@served(
    router,
    "GET",
    "/mechanisms/submissions/{submission_id}/evidence",
    roles=ROLES["mechanisms.read"],
    answer=EvidenceOut,
    summary="Что стоит за ссылками материалов: последняя проверка и документ на день подачи",
)
def submission_evidence(request, submission_id: Id):
    viewer = request.viewer
    found = queries.scope.readable_by(viewer).get(pk=submission_id)
    rows = queries.evidence.evidence_of(found, on=clock.today(viewer.timezone))
    return {"submission_id": found.pk, "items": [link_out(one) for one in rows]}


def link_out(one: queries.evidence.Evidence) -> dict[str, Any]:
    link = one.link
    return {
        "id": link.pk,
        "code": one.row.code,
        "row": link.seq,
        "url": link.url,
        "document_name": link.document_name,
        "pages": link.pages,
        "state": one.condition,
        "last_visit": visit_out(one.last),
        "visit_on_submission": visit_out(one.submitted),
        "difference": one.difference or "",
        "reasons": reasons_of(one.reasons),
    }


def visit_out(visit: Any) -> dict[str, Any] | None:
    if visit is None:
        return None
    document = visit.document
    return {
        "visited_at": visit.at,
        "visit_outcome": visit.outcome,
        "status": visit.status,
        "sha256": document.sha256 if document else "",
        "page_count": document.page_count if document else None,
    }


class ShareOut(Schema):
    percent: Decimal | None
    printed: Decimal | None
    base: str


class LineOut(Schema):
    code: str
    title: str
    kind: str
    earned: Decimal
    maximum: Decimal | None
    percent: Decimal | None
    base: str
    share: ShareOut | None


class WholeOut(Schema):
    earned: Decimal
    maximum: Decimal | None
    percent: Decimal | None


class MunicipalResultOut(Schema):
    submission_id: int
    cycle_id: int
    municipality: Ref
    state: str
    whole: WholeOut
    lines: list[LineOut]
    not_settled: int
    uncounted: list[str]


@served(
    router,
    "GET",
    "/mechanisms/submissions/{submission_id}/result",
    roles=READ_SCORES,
    answer=MunicipalResultOut,
    summary="Результат муниципалитета: баллы и проценты, каждый со своей базой",
)
def submission_result(request, submission_id: Id):
    found = queries.results.results_visible_to(request.viewer).get(pk=submission_id)
    result = queries.results.result_of(found)
    return {
        "submission_id": found.pk,
        "cycle_id": found.cycle_id,
        "municipality": ref(found.organisation),
        "state": found.state,
        "whole": worth_out(result.whole),
        "lines": [line_out(one) for one in result.lines],
        "not_settled": result.not_settled,
        "uncounted": [one.code for one in result.uncounted],
    }


def worth_out(worth: Any) -> dict[str, Any]:
    return {"earned": worth.points, "maximum": worth.maximum, "percent": worth.percent}


def line_out(line: queries.results.Line) -> dict[str, Any]:
    """A percent of points is of the criterion's own maximum; a share is of what stands above."""
    share = line.share
    return {
        "code": line.node.code,
        "title": line.node.title,
        "kind": line.node.kind,
        **worth_out(line.worth),
        "base": line.node.code,
        "share": share
        and {"percent": share.counted, "printed": share.printed, "base": share.base},
    }


class PlaceOut(Schema):
    submission_id: int
    municipality: Ref
    percent: float
    percent_low: float | None
    percent_high: float | None
    place_low: int | None
    place_high: int | None
    group: int
    cluster: str


class CycleResultsAsked(Strict):
    dimension: Text = ""


class CycleResults(Schema):
    cycle_id: int
    dimensions: list[str]
    items: list[PlaceOut]


@served(
    router,
    "GET",
    "/mechanisms/cycles/{cycle_id}/results",
    roles=ROLES["mechanisms.standings"],
    answer=CycleResults,
    summary="Муниципалитеты цикла рядом: проценты и промежутки мест, не места",
)
def cycle_results(request, cycle_id: Id, asked: Query[CycleResultsAsked]):
    found = queries.results.cycles_with_results(request.viewer).get(pk=cycle_id)
    rows = queries.results.standings_of(found, request.viewer, dimension=asked.dimension).rows
    return {
        "cycle_id": found.pk,
        "dimensions": queries.results.dimensions_of(found),
        "items": [place_out(one) for one in rows],
    }


def place_out(one: queries.results.Standing) -> dict[str, Any]:
    place = one.place
    return {
        "submission_id": one.submission.pk,
        "municipality": ref(one.submission.organisation),
        "percent": place.percent,
        "percent_low": place.percents.low if place.percents else None,
        "percent_high": place.percents.high if place.percents else None,
        "place_low": round(place.places.low) if place.places else None,
        "place_high": round(place.places.high) if place.places else None,
        "group": place.group,
        "cluster": one.cluster,
    }


class SettledOut(Schema):
    id: int
    code: str
    title: str
    most: str
    settled: Decimal | None
    after_deductions: Decimal | None
    basis: str
    deductions: list[str]
    unpriced: list[str]
    comments: list[str]
    objection: str


class SettledMarks(Schema):
    submission_id: int
    state: str
    positions: list[SettledOut]


@served(
    router,
    "GET",
    "/mechanisms/submissions/{submission_id}/marks",
    roles=READ_SCORES,
    answer=SettledMarks,
    summary="Утверждённые баллы позиций",
)
def submission_marks(request, submission_id: Id):
    viewer = request.viewer
    found = expertise.scores_visible_to(viewer).get(pk=submission_id)
    policy = expertise.policy_of(active_profile(), on=clock.today(viewer.timezone))
    objections = {
        one.criterion_id: str(one.state)
        for one in expertise.objections_visible_to(viewer).filter(submission=found)
    }
    rows = expertise.table_of(found, policy).rows
    return {
        "submission_id": found.pk,
        "state": found.state,
        "positions": [settled_out(row, objections.get(row.place.position.pk, "")) for row in rows],
    }


def settled_out(row: expertise.TableRow, objection: str) -> dict[str, Any]:
    settled = row.settled
    return {
        "id": row.place.position.pk,
        "code": row.code,
        "title": row.place.position.title,
        "most": f"{row.facts.most.normalize():f}",
        "settled": settled.points if settled else None,
        "after_deductions": settled.net if settled else None,
        "basis": settled.basis if settled else "",
        "deductions": settled.deductions if settled else [],
        "unpriced": settled.unpriced if settled else [],
        "comments": row.settled_comments,
        "objection": objection,
    }
