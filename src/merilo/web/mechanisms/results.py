"""Pages: the result of a municipality, all of a cycle beside each other, the open data."""

from __future__ import annotations

import csv
from collections.abc import Callable
from decimal import Decimal
from io import StringIO

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from merilo.foundation import clock
from merilo.foundation.documents import (
    DOCX,
    Chapter,
    Recommendations,
    Remark,
    recommendations_docx,
)
from merilo.foundation.documents.wording import day_in_words, percent
from merilo.foundation.journal.recording import record
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.queries import expertise
from merilo.mechanisms.queries import results as queries
from merilo.mechanisms.rules.exchange import written
from merilo.mechanisms.rules.expertise import DEDUCTION_WORDS, DeductionCode
from merilo.registry import queries as registry
from merilo.web.lists import export, wants_export
from merilo.web.papers import as_download
from merilo.web.routes import page

from . import pictures

READERS = ROLES["mechanisms.read_scores"]


@page(roles=READERS)
@require_GET
def result(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Points, maxima and percents of one municipality, and its year before."""
    submission = queries.results_visible_to(request.viewer).get(pk=submission_id)
    found = queries.result_of(submission)
    past = queries.with_the_year_before(found, request.viewer)
    return render(
        request,
        "mechanisms/result.html",
        {
            "submission": submission,
            "result": found,
            "picture": pictures.profile(found.lines),
            "before": past[0] if past else None,
            "years": past[1] if past else [],
        },
    )


@page(roles=READERS)
@require_GET
def recommendations(request: HttpRequest, submission_id: int) -> HttpResponse:
    """What the experts said of the positions that lost points, as a document to be edited."""
    submission = queries.results_visible_to(request.viewer).get(pk=submission_id)
    found = queries.result_of(submission)
    today = clock.today(request.viewer.timezone)
    policy = expertise.policy_of(registry.active_profile(), on=today)
    table = expertise.table_of(submission, policy)
    lost = queries.lost_points(found, {row.code: row.settled_comments for row in table.rows})
    form = Recommendations(
        municipality=submission.organisation.name,
        cycle=submission.cycle.title,
        day=day_in_words(today),
        chapters=tuple(
            Chapter(
                line.node.code,
                line.node.title,
                _on_paper(line.worth.points),
                _on_paper(line.worth.maximum),
                percent(line.worth.percent),
                tuple(remark_of(one) for one in lost[line.node.code]),
            )
            for line in found.lines
            if line.node.code in lost
        ),
    )
    record("mechanisms.recommendations", actor=request.viewer, about=submission, at=clock.now())
    name = f"recommendations-{submission.pk}.docx"
    return as_download(recommendations_docx(form), DOCX, name)


def _on_paper(points: Decimal | None) -> str:
    """Points in a Russian document: «2,5»; a dash where nothing applies."""
    return "—" if points is None else written(points).replace(".", ",")


def remark_of(one: queries.Lost) -> Remark:
    return Remark(
        one.node.code,
        one.node.title,
        _on_paper(one.points),
        _on_paper(one.maximum),
        tuple(f"{code} — {DEDUCTION_WORDS[DeductionCode(code)]}" for code in one.grounds),
        one.comments,
    )


@page(roles=ROLES["mechanisms.standings"])
@require_GET
def standings(request: HttpRequest, cycle_id: int) -> HttpResponse:
    """Municipalities in groups the data can tell apart; spans instead of places.

    `?by=` a dimension shows clusters beside the region, `?cluster=` one of them alone.
    """
    cycle = queries.cycles_with_results(request.viewer).get(pk=cycle_id)
    dimensions = queries.dimensions_of(cycle)
    by = request.GET.get("by", "")
    found = queries.standings_of(cycle, request.viewer, dimension=by if by in dimensions else "")
    clusters = [cluster for cluster, _mean in found.means]
    chosen = request.GET.get("cluster", "")
    rows = found.of_cluster(chosen if chosen in clusters else "")
    if wants_export(request):
        return export(
            request,
            "mechanisms-standings",
            title=cycle.title,
            columns=[
                (_("Муниципалитет"), lambda one: one.submission.organisation.name),
                (_("Группа"), lambda one: one.place.group),
                (_("Процент от максимума"), lambda one: round(one.place.percent, 1)),
                (_("Процент, нижняя граница"), lambda one: _bound(one.place.percents, "low")),
                (_("Процент, верхняя граница"), lambda one: _bound(one.place.percents, "high")),
                (_("Место, от"), lambda one: _bound(one.place.places, "low")),
                (_("Место, до"), lambda one: _bound(one.place.places, "high")),
                *(_cluster_columns() if clusters else []),
            ],
            rows=rows,
        )
    return render(
        request,
        "mechanisms/standings.html",
        {
            "cycle": cycle,
            "rows": rows,
            "picture": pictures.spans(rows),
            "drawn": any(one.place.places for one in rows),
            "dimensions": dimensions,
            "by": by,
            "clusters": clusters,
            "chosen": chosen,
            "means": found.means,
            "region": found.region,
        },
    )


def _cluster_columns() -> list[tuple[str, Callable[[queries.Standing], object]]]:
    def bound(one: queries.Standing, side: str) -> float | str:
        return _bound(one.within and one.within.places, side)

    return [
        (_("Кластер"), lambda one: one.cluster),
        (_("Место в кластере, от"), lambda one: bound(one, "low")),
        (_("Место в кластере, до"), lambda one: bound(one, "high")),
    ]


def _bound(span, side: str) -> float | str:
    return round(getattr(span, side), 1) if span else ""


@page(public=True)
@require_GET
def open_data(request: HttpRequest, cycle_id: int) -> HttpResponse:
    """A finished cycle as CSV for everybody, small municipalities taken out."""
    cycle = get_object_or_404(queries.final_cycles(), pk=cycle_id)
    profile = registry.active_profile()
    today = clock.today(profile.timezone)
    fewest = profile.value("mechanisms.open_data_fewest_schools", on=today).value
    out = StringIO()
    sheet = csv.writer(out)
    rows = queries.open_rows(cycle, fewest=fewest)
    clusters = queries.open_clusters(cycle, rows)
    names = ["cycle", "year", "municipality", "direction", "percent_of_maximum"]
    sheet.writerow(names + [f"cluster: {dimension}" for dimension in clusters])
    for row in rows:
        hidden = "" if row.percent is None else row.percent
        known = [one.get(row.unit, "") for one in clusters.values()]
        sheet.writerow([cycle.title, cycle.year, row.unit, row.direction, hidden, *known])
    name = f"mechanisms-{cycle.year}.csv"
    return as_download(out.getvalue().encode(), "text/csv; charset=utf-8", name)
