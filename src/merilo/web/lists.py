"""Lists: a page of rows, the same filters for the screen and for the export."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from merilo.foundation import clock
from merilo.foundation.documents import XLSX, Column, table_xlsx
from merilo.foundation.journal.recording import record
from merilo.web.papers import as_download

PER_PAGE = 50
EXPORT_LIMIT = 50_000


def paginate(
    request: HttpRequest,
    rows: QuerySet[Any] | Sequence[Any],
    per_page: int = PER_PAGE,
    *,
    count: int | None = None,
) -> Page:
    """The page of rows the address asks for; a wrong or too large number gives the nearest page.

    `count`: how many rows there are, where that is known without counting them.
    """
    number = request.GET.get("page", "1")
    if not number.isdigit() or len(number) > 6:
        number = "1"
    paginator = Paginator(rows, per_page)
    if count is not None:
        paginator.count = count
    return paginator.get_page(number)


def wants_export(request: HttpRequest) -> bool:
    return request.GET.get("format") == "xlsx"


def export(
    request: HttpRequest,
    name: str,
    *,
    title: str,
    columns: Sequence[tuple[str, Callable[[Any], Any]]],
    rows: Iterable[Any],
) -> HttpResponse:
    """Exactly the rows of the screen as XLSX, noted in the journal."""
    table = [{heading: value(row) for heading, value in columns} for row in rows]
    content = table_xlsx(
        [
            Column(key=heading, heading=heading, kind=_kind(row[heading] for row in table))
            for heading, _ in columns
        ],
        table,
        title=title,
    )
    record(
        "list.exported",
        actor=request.viewer,
        about=f"list:{name}",
        at=clock.now(),
        rows=len(table),
        filters=sorted(set(request.GET) - {"format"}),
    )
    return as_download(content, XLSX, f"{name}.xlsx")


def _kind(values: Iterable[Any]) -> str:
    """How a column's cells are written: as its first value that is there."""
    first = next((value for value in values if value is not None), "")
    if isinstance(first, datetime):
        return "datetime"
    if isinstance(first, date):
        return "date"
    return "number" if isinstance(first, int | float) and not isinstance(first, bool) else "text"
