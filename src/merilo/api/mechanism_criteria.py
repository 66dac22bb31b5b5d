"""Criteria of the region's own: loaded as a package of IMS CASE, matched with those of a year before."""

from dataclasses import replace
from typing import Annotated, Any

from ninja import Router, Schema
from pydantic import Field

from merilo.foundation import clock
from merilo.mechanisms import actions, queries
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.actions.criteria import MatchRow
from merilo.mechanisms.rules.case_exchange import from_case
from merilo.mechanisms.rules.tree import Renormalisation

from .door import served
from .mechanisms import TAG, EditionCode, EditionOut, Long
from .mechanisms import router as beside  # an address belongs to one router
from .shapes import Short, Strict, Text

__all__ = ["TAG", "router"]
router = Router()
CRITERIA = ROLES["mechanisms.criteria"]


class Package(Strict):
    CFDocument: dict[str, Any]
    CFItems: Annotated[list[dict[str, Any]], Field(max_length=10_000)]
    CFAssociations: Annotated[list[dict[str, Any]], Field(max_length=20_000)]


class EditionIn(Strict):
    edition: EditionCode
    year: Annotated[int, Field(ge=2000, le=2100)]
    title: Text
    source: Text = ""
    renormalisation: Renormalisation
    in_place_of_draft: bool = False
    package: Package


@served(
    beside,
    "POST",
    "/mechanisms/criteria",
    roles=CRITERIA,
    answer=EditionOut,
    status=201,
    summary="Загрузить критерии региона пакетом IMS CASE",
)
def load_criteria(request, said: EditionIn):
    found = from_case(said.package.dict(), code=said.edition, year=said.year)
    row = actions.load_edition(
        edition=replace(
            found,
            title=said.title,
            source=said.source,
            renormalisation=Renormalisation(said.renormalisation),
        ),
        again=said.in_place_of_draft,
        actor=request.viewer,
        now=clock.now(),
    )
    kept = queries.criteria.edition_of(row)
    names = "code title year federal"
    return {name: getattr(kept, name) for name in names.split()} | {"maximum": kept.total}


class ArchiveKept(Schema):
    count: int


@served(
    router,
    "POST",
    "/mechanisms/archive",
    roles=CRITERIA,
    answer=ArchiveKept,
    summary="Взять федеральный архив для сопоставления лет",
)
def keep_archive(request):
    return {"count": actions.keep_archive(actor=request.viewer, now=clock.now())}


class MatchIn(Strict):
    earlier: Short = ""
    later: Short = ""
    note: Long = ""


class MatchesIn(Strict):
    earlier_edition: EditionCode
    rows: Annotated[list[MatchIn], Field(max_length=10_000)]


class Matched(Schema):
    edition: str
    count: int


@served(
    router,
    "POST",
    "/mechanisms/criteria/{edition}/matches",
    roles=CRITERIA,
    answer=Matched,
    summary="Сопоставить критерии двух лет; прежнее соответствие заменяется целиком",
)
def match_criteria(request, edition: EditionCode, said: MatchesIn):
    kept = queries.criteria.kept_editions(request.viewer)
    count = actions.match_editions(
        earlier_id=kept.get(code=said.earlier_edition).pk,
        later_id=kept.get(code=edition).pk,
        rows=[
            MatchRow(number, one.earlier, one.later, one.note)
            for number, one in enumerate(said.rows, start=1)
        ],
        actor=request.viewer,
        now=clock.now(),
    )
    return {"edition": edition, "count": count}


class MatchOut(Schema):
    earlier_edition: str
    earlier: str
    later: str
    note: str


class Matches(Schema):
    edition: str
    items: list[MatchOut]


@served(
    router,
    "GET",
    "/mechanisms/criteria/{edition}/matches",
    roles=CRITERIA,
    answer=Matches,
    summary="Как критерии этой редакции назывались раньше; пусто — соответствия нет",
)
def criteria_matches(request, edition: EditionCode):
    row = queries.criteria.kept_editions(request.viewer).get(code=edition)
    return {
        "edition": row.code,
        "items": [
            {
                "earlier_edition": one.earlier_edition.code,
                "earlier": one.earlier.code if one.earlier else "",
                "later": one.later.code if one.later else "",
                "note": one.note,
            }
            for one in queries.criteria.matches_into(row)
        ],
    }
