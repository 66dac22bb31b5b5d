"""Applications: the list, one case, and what the school does with it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from ninja import Query, Router, Schema
from pydantic import Field

from merilo.admissions import actions, queries, rules
from merilo.admissions.access import ROLES
from merilo.foundation import clock

from .door import request_key, served
from .shapes import (
    Day,
    Grade,
    Id,
    IdempotencyKey,
    Language,
    Name,
    Page,
    Short,
    Strict,
    Text,
    page_of,
)

TAG = "Заявления"
router = Router()
READ = ROLES["admissions.read"]


class Due(StrEnum):
    LATE = "late"
    TODAY = "today"
    OPEN = "open"


class ApplicationsAsked(Page):
    state: rules.ApplicationState | None = None
    grade: Grade | None = None
    due: Due | None = None
    number: Annotated[str, Field(max_length=20, pattern=r"^[^\x00]*$")] = ""
    school_id: Id | None = None


class PersonOut(Schema):
    last_name: str
    first_name: str
    patronymic: str
    birth_date: date | None
    citizenship: str


class ApplicationOut(Schema):
    id: int
    number: str
    school_id: int
    school: str
    grade: int
    category: str
    channel: str
    state: str
    state_since: datetime
    submitted_on: date
    completeness_due: date | None
    authenticity_due: date | None
    full_set_on: date | None
    returns: int
    tested_on: date | None
    test_passed: bool | None


class ReferralOut(Schema):
    id: int
    number: str
    state: str
    testing_org_id: int
    testing_org: str
    grade: int
    form: str
    attempt_no: int
    issued_at: datetime
    received_on: date | None
    book_until: date | None


class DocumentOut(Schema):
    kind: str
    state: str
    valid_until: date | None
    comment: str


class CaseOut(ApplicationOut):
    documents: list[DocumentOut]
    referral: ReferralOut | None
    child: PersonOut | None


class Applications(Schema):
    items: list[ApplicationOut]
    count: int


def application_out(row: Any) -> dict[str, Any]:
    names = (
        "number school_id grade category channel state state_since submitted_on completeness_due "
        "authenticity_due full_set_on returns tested_on test_passed"
    )
    return {"id": row.pk, "school": row.school.short_name} | {
        name: getattr(row, name) for name in names.split()
    }


def referral_out(row: Any) -> dict[str, Any]:
    names = "number state testing_org_id grade form attempt_no issued_at received_on book_until"
    return {"id": row.pk, "testing_org": row.testing_org.short_name} | {
        name: getattr(row, name) for name in names.split()
    }


def case_out(request: Any, application_id: int, *, with_person: bool = False) -> dict[str, Any]:
    """One case as it stands now; the child only when asked for, and then journalled."""
    viewer = request.viewer
    child = None
    if with_person:
        row = actions.show_person(
            application_id=application_id, actor=viewer, now=clock.now(), where="api"
        )
        child = {name: getattr(row.child, name) for name in PersonOut.model_fields}
    else:
        row = queries.case_of(viewer, application_id)
    referral = queries.referral_of(viewer, row.pk)
    return application_out(row) | {
        "documents": [
            {name: getattr(one, name) for name in DocumentOut.model_fields}
            for one in queries.documents_visible(viewer, row)
        ],
        "referral": referral_out(referral) if referral else None,
        "child": child,
    }


@served(
    router, "GET", "/applications", roles=READ, answer=Applications, summary="Заявления по сроку"
)
def applications(request, asked: Query[ApplicationsAsked]):
    wanted = queries.ListFilter(
        states=(asked.state,) if asked.state else (),
        grade=asked.grade,
        due=asked.due or "",
        number=asked.number,
        school_id=asked.school_id,
    )
    today = clock.today(request.viewer.timezone)
    rows, count = page_of(queries.applications_list(request.viewer, wanted, today=today), asked)
    return {"items": [application_out(row) for row in rows], "count": count}


@served(
    router, "GET", "/applications/{application_id}", roles=READ, answer=CaseOut, summary="Дело"
)
def application(request, application_id: Id, with_person: bool = False):
    return case_out(request, application_id, with_person=with_person)


class PersonIn(Strict):
    last_name: Name
    first_name: Name
    patronymic: Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")] = ""
    birth_date: Day | None = None
    citizenship: Short = ""
    stateless: bool = False
    id_doc_type: Short = ""
    id_doc_number: Short = ""
    snils: Annotated[str, Field(max_length=14, pattern=r"^[^\x00]*$")] = ""

    def person(self) -> actions.NewPerson:
        return actions.NewPerson(**self.dict())


class ApplicationIn(Strict):
    child: PersonIn
    representative: PersonIn | None = None
    grade: Grade
    channel: rules.Channel
    submitted_on: Day
    consent_to_test: bool
    category: rules.Category = rules.Category.GENERAL
    same_child_as: Id | None = None
    provided: Annotated[list[rules.DocumentKind], Field(max_length=30)] = []
    notify_email: Annotated[
        str, Field(max_length=254, pattern=r"^([^@\s\x00]+@[^@\s\x00]+)?$")
    ] = ""
    notify_address: Text = ""
    notify_phone: Annotated[str, Field(max_length=40, pattern=r"^[^\x00]*$")] = ""
    has_portal_account: bool = False
    language: Language = Language.ru
    special_needs: Text = ""


@served(
    router,
    "POST",
    "/applications",
    roles=ROLES["admissions.register"],
    answer=CaseOut,
    status=201,
    summary="Зарегистрировать заявление",
)
def register_application(request, new: ApplicationIn, idempotency_key: IdempotencyKey = ""):
    plain = new.dict(exclude={"child", "representative", "provided"})
    made = actions.register_application(
        **plain,
        child=new.child.person(),
        representative=new.representative.person() if new.representative else None,
        provided=frozenset(new.provided),
        request_key=request_key(request, idempotency_key),
        actor=request.viewer,
        now=clock.now(),
    )
    return case_out(request, made.pk)


class MarkIn(Strict):
    kind: rules.DocumentKind
    state: rules.DocumentState
    valid_until: Day | None = None
    comment: Text = ""


class MarksIn(Strict):
    documents: Annotated[list[MarkIn], Field(min_length=1, max_length=30)]


@served(
    router,
    "POST",
    "/applications/{application_id}/documents",
    roles=ROLES["admissions.documents"],
    answer=CaseOut,
    summary="Отметить документы",
)
def mark_documents(request, application_id: Id, marks: MarksIn):
    actions.mark_documents(
        application_id=application_id,
        marks=[actions.DocumentMark(**one.dict()) for one in marks.documents],
        actor=request.viewer,
        now=clock.now(),
    )
    return case_out(request, application_id)


@served(
    router,
    "POST",
    "/applications/{application_id}/full-set",
    roles=ROLES["admissions.full_set"],
    answer=CaseOut,
    summary="Комплект полный",
)
def confirm_full_set(request, application_id: Id):
    actions.confirm_full_set(application_id=application_id, actor=request.viewer, now=clock.now())
    return case_out(request, application_id)


class RegisterCheckIn(Strict):
    outcome: rules.RegisterCheck


@served(
    router,
    "POST",
    "/applications/{application_id}/register-check",
    roles=ROLES["admissions.full_set"],
    answer=CaseOut,
    summary="Проверено по реестру контролируемых лиц",
)
def check_register(request, application_id: Id, said: RegisterCheckIn):
    actions.check_register(
        application_id=application_id,
        outcome=said.outcome,
        actor=request.viewer,
        now=clock.now(),
    )
    return case_out(request, application_id)


class NoteIn(Strict):
    note: Text = ""


@served(
    router,
    "POST",
    "/applications/{application_id}/return",
    roles=ROLES["admissions.return"],
    answer=CaseOut,
    summary="Вернуть без рассмотрения со всеми недостатками",
)
def return_application(request, application_id: Id, said: NoteIn):
    actions.return_incomplete(
        application_id=application_id, note=said.note, actor=request.viewer, now=clock.now()
    )
    return case_out(request, application_id)


class ReferralIn(Strict):
    testing_org_id: Id | None = None
    with_copies: bool = True


@served(
    router,
    "POST",
    "/applications/{application_id}/referral",
    roles=ROLES["admissions.refer"],
    answer=CaseOut,
    status=201,
    summary="Выдать направление",
)
def issue_referral(
    request, application_id: Id, said: ReferralIn, idempotency_key: IdempotencyKey = ""
):
    actions.issue_referral(
        application_id=application_id,
        testing_org_id=said.testing_org_id,
        with_copies=said.with_copies,
        request_key=request_key(request, idempotency_key),
        actor=request.viewer,
        now=clock.now(),
    )
    return case_out(request, application_id)


class DeliveryIn(Strict):
    received_on: Day
    evidence: rules.Evidence


@served(
    router,
    "POST",
    "/applications/{application_id}/referral/delivery",
    roles=ROLES["admissions.deliver"],
    answer=CaseOut,
    summary="Направление вручено",
)
def record_delivery(request, application_id: Id, said: DeliveryIn):
    actions.record_delivery(
        application_id=application_id,
        received_on=said.received_on,
        evidence=said.evidence,
        actor=request.viewer,
        now=clock.now(),
    )
    return case_out(request, application_id)


class Decision(StrEnum):
    ENROL = "enrol"
    REFUSE_TEST_FAILED = "refuse_test_failed"
    REFUSE_NO_PLACES = "refuse_no_places"
    WITHDRAW = "withdraw"


DECIDE = {
    Decision.ENROL: actions.enrol,
    Decision.REFUSE_TEST_FAILED: actions.refuse_test_failed,
    Decision.REFUSE_NO_PLACES: actions.refuse_no_places,
    Decision.WITHDRAW: actions.withdraw,
}


class DecisionIn(NoteIn):
    decision: Decision


@served(
    router,
    "POST",
    "/applications/{application_id}/decision",
    roles=ROLES["admissions.decide"],
    answer=CaseOut,
    summary="Решение по заявлению",
)
def decide(request, application_id: Id, said: DecisionIn):
    DECIDE[said.decision](
        application_id=application_id, note=said.note, actor=request.viewer, now=clock.now()
    )
    return case_out(request, application_id)
