"""Municipal mechanisms: criteria, runs, materials. Logins and passwords of closed pages never."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import Http404
from ninja import Query, Router, Schema
from pydantic import Field

from merilo.foundation import clock
from merilo.mechanisms import actions, queries
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.rules.case_exchange import as_case
from merilo.mechanisms.rules.form import AnswerFacts, LinkFacts
from merilo.mechanisms.rules.states import CycleState, SubmissionState

from .door import reasons_of, served
from .shapes import Id, Page, Reason, Ref, Short, Strict, page_of, ref

TAG = "Муниципальные механизмы (МУМ)"
router = Router()

Line = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]
Long = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")]
EditionCode = Annotated[str, Field(max_length=60, pattern=r"^[-a-zA-Z0-9_]+$")]


class EditionOut(Schema):
    code: str
    title: str
    year: int
    federal: bool
    maximum: Decimal | None


class Editions(Schema):
    items: list[EditionOut]


@served(
    router,
    "GET",
    "/mechanisms/criteria",
    roles=ROLES["mechanisms.read_criteria"],
    answer=Editions,
    summary="Критерии по годам: федеральный архив и критерии региона",
)
def criteria(request):
    own = [
        queries.criteria.edition_of(row)
        for row in queries.criteria.editions_visible_to(request.viewer)[:100]
    ]
    names = "code title year federal"
    return {
        "items": [
            {name: getattr(one, name) for name in names.split()} | {"maximum": one.total}
            for one in (*own, *queries.criteria.shipped())
        ]
    }


class CasePackage(Schema):
    CFDocument: dict[str, Any]
    CFItems: list[dict[str, Any]]
    CFAssociations: list[dict[str, Any]]


@served(
    router,
    "GET",
    "/mechanisms/criteria/{edition}",
    roles=ROLES["mechanisms.read_criteria"],
    answer=CasePackage,
    summary="Критерии одной редакции пакетом IMS CASE",
)
def criteria_case(request, edition: EditionCode):
    found = queries.criteria.edition_by_code(edition)
    if found is None:
        raise Http404
    return as_case(found, changed_at=clock.now())


class CyclesAsked(Page):
    state: CycleState | None = None


class CycleOut(Schema):
    id: int
    title: str
    year: int
    edition: str
    state: str
    submit_by: date
    object_by: date | None
    municipalities: int
    submitted: int


class Cycles(Schema):
    items: list[CycleOut]
    count: int


@served(
    router,
    "GET",
    "/mechanisms/cycles",
    roles=ROLES["mechanisms.read_criteria"],
    answer=Cycles,
    summary="Циклы региона",
)
def cycles(request, asked: Query[CyclesAsked]):
    rows = queries.scope.with_counts(queries.scope.cycles_visible_to(request.viewer))
    if asked.state:
        rows = rows.filter(state=asked.state)
    shown, count = page_of(rows, asked)
    return {"items": [cycle_out(row) for row in shown], "count": count}


def cycle_out(row: Any) -> dict[str, Any]:
    names = "title year state submit_by object_by municipalities submitted"
    return {"id": row.pk, "edition": row.edition.code} | {
        name: getattr(row, name) for name in names.split()
    }


class SubmissionsAsked(Page):
    cycle_id: Id | None = None
    state: SubmissionState | None = None


class SubmissionOut(Schema):
    id: int
    cycle_id: int
    municipality: Ref
    state: str
    submitted_at: datetime | None


class Submissions(Schema):
    items: list[SubmissionOut]
    count: int


def submission_out(row: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "cycle_id": row.cycle_id,
        "municipality": ref(row.organisation),
        "state": row.state,
        "submitted_at": row.submitted_at,
    }


@served(
    router,
    "GET",
    "/mechanisms/submissions",
    roles=ROLES["mechanisms.read"],
    answer=Submissions,
    summary="Материалы муниципалитетов: у кого в каком состоянии",
)
def submissions(request, asked: Query[SubmissionsAsked]):
    rows = queries.scope.submissions_visible_to(request.viewer).order_by("-pk")
    if asked.cycle_id:
        rows = rows.filter(cycle_id=asked.cycle_id)
    if asked.state:
        rows = rows.filter(state=asked.state)
    shown, count = page_of(rows, asked)
    return {"items": [submission_out(row) for row in shown], "count": count}


class LinkBody(Strict):
    row: Annotated[int, Field(ge=1, le=20)]
    url: Long = ""
    document_name: Line = ""
    page_count: Annotated[int, Field(ge=1, le=99_999)] | None = None
    pages: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")] = ""
    comment: Annotated[str, Field(max_length=4000, pattern=r"^[^\x00]*$")] = ""
    closed_access: bool = False
    regional_document: Line = ""
    regional_measure: Long = ""


class PositionAnswerOut(Schema):
    code: str
    version: int
    not_applicable: bool
    reason: str
    links: list[LinkBody]


class SubmissionWhole(SubmissionOut):
    answers: list[PositionAnswerOut]


def answer_out(answer: Any) -> dict[str, Any]:
    facts = queries.forms.answer_facts(answer)
    return {
        "code": facts.code,
        "version": answer.version,
        "not_applicable": facts.not_applicable,
        "reason": facts.reason,
        "links": [
            {name: getattr(link, name) for name in LinkBody.model_fields} for link in facts.links
        ],
    }


@served(
    router,
    "GET",
    "/mechanisms/submissions/{submission_id}",
    roles=ROLES["mechanisms.read"],
    answer=SubmissionWhole,
    summary="Материалы целиком: ответы и ссылки",
)
def submission(request, submission_id: Id):
    row = queries.scope.readable_by(request.viewer).get(pk=submission_id)
    answers = [answer_out(one) for one in queries.forms.answers_of(row)]
    return submission_out(row) | {"answers": answers}


class AnswerIn(Strict):
    code: Short
    seen_version: Annotated[int, Field(ge=0, le=1_000_000)]
    not_applicable: bool = False
    reason: Long = ""
    links: Annotated[list[LinkBody], Field(max_length=20)] = []


class AnswerKept(PositionAnswerOut):
    reasons: list[Reason]
    warnings: list[Reason]


@served(
    router,
    "POST",
    "/mechanisms/submissions/{submission_id}/answers",
    roles=ROLES["mechanisms.fill"],
    answer=AnswerKept,
    summary="Сохранить ответ по позиции",
)
def save_answer(request, submission_id: Id, said: AnswerIn):
    rows = {link.row: LinkFacts(**link.dict()) for link in said.links}
    kept = actions.save_answer(
        submission_id=submission_id,
        said=AnswerFacts(said.code, tuple(rows.values()), said.not_applicable, said.reason),
        seen_version=said.seen_version,
        actor=request.viewer,
        now=clock.now(),
    )
    return answer_out(kept.answer) | split(kept.reasons)


def split(reasons: Any) -> dict[str, Any]:
    """What stops the submission, and what is only told."""
    return {
        "reasons": reasons_of([one for one in reasons if not one.is_warning]),
        "warnings": reasons_of([one for one in reasons if one.is_warning]),
    }


class CheckOut(SubmissionOut):
    check_passed: bool
    reasons: list[Reason]
    warnings: list[Reason]


@served(
    router,
    "POST",
    "/mechanisms/submissions/{submission_id}/check",
    roles=ROLES["mechanisms.fill"],
    answer=CheckOut,
    summary="Самопроверка формы",
)
def check(request, submission_id: Id):
    done = actions.self_check(submission_id=submission_id, actor=request.viewer, now=clock.now())
    return submission_out(done.submission) | {"check_passed": done.passed} | split(done.reasons)


@served(
    router,
    "POST",
    "/mechanisms/submissions/{submission_id}/submit",
    roles=ROLES["mechanisms.fill"],
    answer=SubmissionOut,
    summary="Представить материалы",
)
def submit(request, submission_id: Id):
    done = actions.submit(submission_id=submission_id, actor=request.viewer, now=clock.now())
    return submission_out(done)
