"""What else a municipality does with its form: many links at once, last year's form, closed pages.

The login of a closed page may be given here and is never told: only its page shows it, to few.
"""

from datetime import datetime
from typing import Annotated

from ninja import Router, Schema
from pydantic import Field

from merilo.foundation import clock
from merilo.mechanisms import actions
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.rules.form import LinkFacts

from .door import served
from .mechanisms import TAG, Line, Long, SubmissionOut, submission_out
from .shapes import Id, Short, Strict

__all__ = ["TAG", "router"]
router = Router()
FILL = ROLES["mechanisms.fill"]


class PastedRow(Strict):
    code: Short
    url: Long = ""
    document_name: Line = ""
    page_count: Annotated[int, Field(ge=1, le=99_999)] | None = None
    pages: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")] = ""
    comment: Annotated[str, Field(max_length=4000, pattern=r"^[^\x00]*$")] = ""
    regional_document: Line = ""
    regional_measure: Long = ""


class PasteIn(Strict):
    rows: Annotated[list[PastedRow], Field(min_length=1, max_length=2000)]


class Written(Schema):
    submission_id: int
    count: int


@served(
    router,
    "POST",
    "/mechanisms/submissions/{submission_id}/links",
    roles=FILL,
    answer=Written,
    status=201,
    summary="Добавить ссылки многих позиций сразу; если не подходит одна, не записана ни одна",
)
def paste_links(request, submission_id: Id, said: PasteIn):
    rows = [
        (one.code, LinkFacts(row=number, **one.dict(exclude={"code"})))
        for number, one in enumerate(said.rows, start=1)
    ]
    count = actions.paste_links(
        submission_id=submission_id, rows=rows, actor=request.viewer, now=clock.now()
    )
    return {"submission_id": submission_id, "count": count}


@served(
    router,
    "POST",
    "/mechanisms/submissions/{submission_id}/carry-over",
    roles=FILL,
    answer=Written,
    status=201,
    summary="Перенести форму прошлого цикла в пустую форму, без логинов и паролей",
)
def carry_over(request, submission_id: Id):
    count = actions.carry_over(submission_id=submission_id, actor=request.viewer, now=clock.now())
    return {"submission_id": submission_id, "count": count}


@served(
    router,
    "POST",
    "/mechanisms/submissions/{submission_id}/take-back",
    roles=FILL,
    answer=SubmissionOut,
    summary="Вернуть представленные материалы в черновик, пока приём открыт",
)
def take_back(request, submission_id: Id):
    done = actions.take_back(submission_id=submission_id, actor=request.viewer, now=clock.now())
    return submission_out(done)


class VisitAsked(Schema):
    submission_id: int


@served(
    router,
    "POST",
    "/mechanisms/submissions/{submission_id}/visit",
    roles=ROLES["mechanisms.visit"],
    answer=VisitAsked,
    status=201,
    summary="Проверить ссылки сейчас, не дожидаясь ночи",
)
def ask_to_visit(request, submission_id: Id):
    found = actions.ask_to_visit(
        submission_id=submission_id, actor=request.viewer, now=clock.now()
    )
    return {"submission_id": found.pk}


Said = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]


class AccessIn(Strict):
    login: Said = ""
    password: Said = ""
    other: Annotated[str, Field(max_length=1000, pattern=r"^[^\x00]*$")] = ""


class AccessKept(Schema):
    link_id: int
    kept_at: datetime


@served(
    router,
    "POST",
    "/mechanisms/submissions/{submission_id}/links/{link_id}/access",
    roles=FILL,
    answer=AccessKept,
    status=201,
    summary="Дать доступ к закрытой странице: хранится зашифрованным, интерфейс его не возвращает",
)
def keep_access(request, submission_id: Id, link_id: Id, said: AccessIn):
    kept = actions.keep_secret(
        submission_id=submission_id,
        link_id=link_id,
        said=said.dict(),
        actor=request.viewer,
        now=clock.now(),
    )
    return {"link_id": link_id, "kept_at": kept.stored_at}
