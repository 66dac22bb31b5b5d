"""The verb of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from merilo_psychometrics.calibration.results import Calibration
from merilo_psychometrics.classical import analyse_items
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import Responses
from merilo_psychometrics.statistics import sufficient_statistics
from merilo_psychometrics.tongue import Language, Tongue

from . import people, sections
from .facts import ladders, observed_curves, spread, works_of_groups
from .page import Page


def write_report(
    responses: Responses,
    calibration: Calibration,
    *,
    title: str,
    language: Language = "ru",
    fit_rows: Sequence[Mapping[str, Any]] = (),
    dif_rows: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Make one self-contained HTML file about a calibrated test.

    Data, items, map, curves, precision, scores, fit, a funnel for every grouping of the responses,
    provenance; every picture has its table. `fit_rows` and `dif_rows` are tables of plain values to
    show as they are. Omissions must be treated; items that were not calibrated are an error
    (`UnknownItem`).
    """
    statistics = sufficient_statistics(responses)
    page = Page(Tongue(language), title)
    steps = ladders(statistics, calibration)
    observed = observed_curves(statistics, calibration.parameters, steps)
    analysis = analyse_items(statistics)
    sections.data(page, statistics, analysis)
    sections.classical(page, statistics, analysis)
    sections.item_map(page, calibration, steps)
    sections.item_curves(page, calibration, observed)
    people.information(page, calibration, steps)
    people.scores(page, calibration, steps)
    people.fit(page, observed, fit_rows)
    for grouping in responses.groups:
        found = works_of_groups(responses, grouping, steps)
        if len(found) > 1:
            people.groups(page, grouping, found, spread(steps))
    if dif_rows:
        people.differential(page, dif_rows)
    source = Provenance("responses", responses.data_hash)
    people.provenance(page, [source.as_dict(), calibration.provenance.as_dict()])
    return page.html()
