"""`report`: one HTML file that a methodologist reads without code."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from merilo_psychometrics.tongue import Tongue

from . import calibrate, source
from .outcome import Outcome
from .screen import Screen

if TYPE_CHECKING:
    from merilo_psychometrics.calibration import Calibration
    from merilo_psychometrics.responses import Responses
    from merilo_psychometrics.statistics import SufficientStatistics

FILE = "report.html"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    source.add_source(parser)
    calibrate.add_model(parser)
    page = parser.add_argument_group("отчёт")
    page.add_argument("--title", metavar="СЛОВА", help="заголовок отчёта")
    page.add_argument("--dif", metavar="СТОЛБЕЦ", help="сравнить задания по группам (пол, язык)")
    source.add_output(parser)


inputs = calibrate.inputs


def work(options: argparse.Namespace, screen: Screen) -> Outcome:
    """Read, calibrate, and lay it all out on one page."""
    from merilo_psychometrics.errors import WrongSettings
    from merilo_psychometrics.report import write_report

    if options.out is None:
        raise WrongSettings(
            "Назовите каталог для отчёта: --out КАТАЛОГ.", "Name the folder: --out FOLDER."
        )
    t = Tongue(options.language)
    if options.dif and options.dif not in options.group:
        options.group = [*options.group, options.dif]
    responses = source.read_responses(options, screen)
    found = calibrated(responses, options, screen)
    from .dif import compare, dif_rows
    from .fit import fit_rows

    with screen.step("Проверяю согласие"):
        rows, _, _ = fit_rows(options, responses, found)
    differences = []
    if options.dif:
        with screen.step("Сравниваю группы"):
            compared = compare(responses, options.dif, "mantel-haenszel", None, purify=False)
            differences = dif_rows(compared)
    with screen.step("Пишу отчёт"):
        page = write_report(
            responses,
            found,
            title=options.title or t("Измерительный отчёт", "Measurement report"),
            language=options.language,
            fit_rows=rows,
            dif_rows=differences,
        )
    text = t(
        f"Отчёт: {FILE}. Работ {t.count(found.works)}, заданий {len(found.parameters.items)}.",
        f"Report: {FILE}. {t.count(found.works)} works, {len(found.parameters.items)} items.",
    )
    return Outcome(
        text,
        {**calibrate.summary_of(found), "file": FILE},
        files={FILE: page.encode()},
        provenance=[found.provenance.as_dict()],
    )


def calibrated(
    data: Responses | SufficientStatistics, options: argparse.Namespace, screen: Screen
) -> Calibration:
    """Calibrate responses that are read already, or counted where counts are enough."""
    from merilo_psychometrics import calibration

    from .scale import read_parameters

    calibrate.require_fitting(options)
    calibrate.require_several(data.works)
    anchors = read_parameters(options.anchors) if options.anchors else None
    if options.method == "cml":
        with screen.step("Калибрую (CML)"):
            return calibration.calibrate_cml(data, anchors=anchors)
    with screen.step("Калибрую (MML)"):
        return calibration.calibrate_mml(
            data, model=options.model or "2pl", grouping=options.population, anchors=anchors
        )
