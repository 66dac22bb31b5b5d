"""Shapes shared by the operations: bounded, strict, without names of people."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from django.conf import settings
from django.db.models import QuerySet
from ninja import Header, Schema
from pydantic import ConfigDict, Field

MOST = 2**31 - 1

Id = Annotated[int, Field(ge=1, le=MOST)]
Text = Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")]
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
Short = Annotated[str, Field(max_length=60, pattern=r"^[^\x00]*$")]
Grade = Annotated[int, Field(ge=1, le=11)]
Points = Annotated[int, Field(ge=0, le=1000)]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 1, 1))]
IdempotencyKey = Annotated[
    str, Header(alias="Idempotency-Key", max_length=200, pattern=r"^[\x21-\x7e]*$")
]


# Every language that has a catalogue; Russian where nothing is said.
Language = StrEnum("Language", {code: code for code, _name in settings.LANGUAGES})


class Strict(Schema):
    """What comes in: an unknown field is a mistake, not a wish."""

    model_config = ConfigDict(extra="forbid")


class Page(Strict):
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0


def page_of(rows: QuerySet[Any], page: Page) -> tuple[list[Any], int]:
    """The rows of a page and how many there are in all."""
    return list(rows[page.offset : page.offset + page.limit]), rows.count()


class Reason(Schema):
    code: str
    sentence: str
    act: str
    paragraph: str


class Problem(Schema):
    """Any error: what is wrong and every reason, each with its act and paragraph."""

    type: str
    title: str
    status: int
    detail: str
    reasons: list[Reason]


class Ref(Schema):
    id: int
    name: str


def ref(organisation: Any) -> dict[str, Any]:
    return {"id": organisation.pk, "name": organisation.short_name}
