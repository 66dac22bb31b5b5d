"""Who asks, and the register of organisations."""

from datetime import date
from typing import Annotated

from ninja import Query, Router, Schema
from pydantic import Field

from merilo.foundation import clock
from merilo.registry import queries
from merilo.registry.access import ROLES
from merilo.registry.rules import Function

from .door import EVERYONE, served
from .shapes import Day, Id, Page, Text, page_of

TAG = "Реестр"
router = Router()


class Me(Schema):
    role: str
    organisation_id: int
    organisation: str
    timezone: str
    today: date
    profile: str


@served(router, "GET", "/me", roles=EVERYONE, answer=Me, summary="От чьего имени работает ключ")
def me(request):
    viewer = request.viewer
    return {
        "role": viewer.role,
        "organisation_id": viewer.organisation_id,
        "organisation": viewer.organisation_name,
        "timezone": viewer.timezone,
        "today": clock.today(viewer.timezone),
        "profile": queries.active_profile().id,
    }


class OrganisationsAsked(Page):
    on: Annotated[Day | None, Field(description="На дату; иначе сегодня")] = None
    function: Function | None = None
    territory_id: Id | None = None
    text: Text = ""


class OrganisationOut(Schema):
    id: int
    name: str
    short_name: str
    parent_id: int | None
    territory: str
    functions: list[str]
    exam_code: str
    inn: str
    address: str
    valid_from: date
    valid_to: date | None


class Organisations(Schema):
    items: list[OrganisationOut]
    count: int


@served(
    router,
    "GET",
    "/organisations",
    roles=ROLES["registry.read"],
    answer=Organisations,
    summary="Организации на дату",
)
def organisations(request, asked: Query[OrganisationsAsked]):
    on = asked.on or clock.today(request.viewer.timezone)
    rows, count = page_of(
        queries.organisations_list(
            request.viewer,
            queries.OrganisationFilter(
                on=on,
                territory_id=asked.territory_id,
                function=asked.function or "",
                text=asked.text,
            ),
        ),
        asked,
    )
    held = queries.functions_on([row.pk for row in rows], on=on)
    items = [
        {
            "id": row.pk,
            "name": row.name,
            "short_name": row.short_name,
            "parent_id": row.parent_id,
            "territory": row.territory.name,
            "functions": held.get(row.pk, []),
            "exam_code": row.exam_code,
            "inn": row.inn,
            "address": row.address,
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
        }
        for row in rows
    ]
    return {"items": items, "count": count}
