"""Page: the federal criteria of two years side by side, as printed. /mechanisms/years/"""

from __future__ import annotations

from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from merilo import law
from merilo.mechanisms.queries.criteria import edition_by_code
from merilo.mechanisms.queries.results import final_cycles
from merilo.mechanisms.rules.comparison import (
    YearsRow,
    sums_of_percents,
    whole_compared,
    years_compared,
)
from merilo.web.routes import page


@page(public=True)
@require_GET
def years(request: HttpRequest) -> HttpResponse:
    """The archive of 2021 and 2022: maxima, shares of block and of total, what changed.

    Open to everybody: published criteria of the country, nobody's result.
    """
    shipped = law.shipped_matches()[0]
    earlier, later = edition_by_code(shipped["earlier"]), edition_by_code(shipped["later"])
    matches = [(one["earlier"], one["later"]) for one in shipped["matches"]]
    rows = years_compared(
        earlier, later, matches, source=law.cite("mum-2022", "таблица «Направления — баллы — %»")
    )
    return render(
        request,
        "mechanisms/years.html",
        {
            "earlier": earlier,
            "later": later,
            "rows": [row_of(row) for row in rows if row.earlier and row.later],
            "alone": [row for row in rows if not (row.earlier and row.later)],
            "open_cycles": final_cycles().order_by("-year", "-pk"),
            "change": signed(later.total - earlier.total),
            "whole": whole_compared(earlier, later),
            "sums": [
                (code, sums_of_percents(earlier)[code], total)
                for code, total in sums_of_percents(later).items()
            ],
            "odd": [
                row
                for row in rows
                if row.earlier and row.earlier.share and row.earlier.share.differs
            ],
        },
    )


def row_of(row: YearsRow) -> dict[str, object]:
    return {
        "earlier": row.earlier,
        "later": row.later,
        "depth": row.depth,
        "change": signed(row.change_of_maximum),
    }


def signed(change: Decimal | None) -> str:
    """With its sign, as print has it: «+37», «−236»."""
    return "—" if change is None else f"{change.normalize():+f}".replace("-", "\u2212")
