"""`fit`: do the items and the test behave as the model says."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from merilo_psychometrics.tongue import Tongue

from . import calibrate, source
from .outcome import Outcome, columns
from .remedies import plain
from .report import calibrated
from .screen import Screen

if TYPE_CHECKING:
    from merilo_psychometrics.calibration import Calibration
    from merilo_psychometrics.responses import Responses

# Wright & Linacre (1994): productive for measurement between these.
LOW, HIGH = 0.7, 1.3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    source.add_source(parser)
    calibrate.add_model(parser)
    source.add_output(parser)


inputs = calibrate.inputs


def work(options: argparse.Namespace, screen: Screen) -> Outcome:
    """Calibrate, then test every item, and the whole test where the method allows it."""
    import polars as pl

    from merilo_psychometrics.fit import item_regressions

    responses = source.read_responses(options, screen)
    found = calibrated(responses, options, screen)
    with screen.step("Проверяю согласие"):
        rows, whole, skipped = fit_rows(options, responses, found)
        curves = item_regressions(responses, found)
    regressions = pl.concat(
        [
            pl.DataFrame(
                {
                    "booklet": [curve.booklet] * len(curve.totals),
                    "item": [curve.item] * len(curve.totals),
                    "total": curve.totals,
                    "works": curve.works,
                    "observed": curve.observed,
                    "expected": curve.expected,
                    "se": curve.se,
                }
            )
            for curve in curves
        ]
    )
    t = Tongue(options.language)
    summary = {
        **calibrate.summary_of(found),
        "item_table": rows,
        "test": whole,
        "skipped": skipped,
    }
    tables = {"items": pl.DataFrame(rows, infer_schema_length=None), "regressions": regressions}
    return Outcome(
        _text(t, found, rows, whole, skipped),
        summary,
        tables,
        provenance=[found.provenance.as_dict()],
    )


def fit_rows(
    options: argparse.Namespace, responses: Responses, found: Calibration
) -> tuple[list[dict[str, Any]], dict[str, Any] | None, dict[str, str]]:
    """One row an item; the test of the whole (MML only); what the data do not allow, and why."""
    import numpy as np

    from merilo_psychometrics.errors import MeasurementError
    from merilo_psychometrics.fit import item_fit, limited_information, s_x2

    t, parameters = Tongue(options.language), found.parameters
    equal = np.ptp(parameters.slope) == 0 and not parameters.guessing.any()
    residuals = item_fit(responses, parameters, method="conditional" if equal else "wle")
    rows: list[dict[str, Any]] = [
        {
            "item": name,
            "infit": float(residuals.infit[n]),
            "infit_t": float(residuals.infit_t[n]),
            "outfit": float(residuals.outfit[n]),
            "outfit_t": float(residuals.outfit_t[n]),
        }
        for n, name in enumerate(residuals.items)
    ]
    skipped: dict[str, str] = {}
    try:
        scored = s_x2(responses, found)
        for n, row in enumerate(rows):
            row |= {"s_x2": float(scored.statistic[n]), "df": int(scored.df[n]),
                    "p": float(scored.p[n])}  # fmt: skip
    except MeasurementError as reason:
        skipped["S-X²"] = t(*plain(reason, vars(options)))
    whole = None
    if found.method == "mml":
        try:
            test = limited_information(responses, found, grouping=options.population)
            whole = {"statistic": test.statistic, "df": test.df, "p": test.p, "rmsea": test.rmsea,
                     "rmsea_interval": test.rmsea_interval, "srmsr": test.srmsr,
                     "cfi": test.cfi, "tli": test.tli}  # fmt: skip
        except MeasurementError as reason:
            skipped["M2"] = t(*plain(reason, vars(options)))
    for row in rows:
        row["remark"] = _words(t, row)
    return rows, whole, skipped


def _words(t: Tongue, row: dict[str, Any]) -> str:
    if row["infit"] > HIGH or (row["outfit"] > HIGH and row["outfit_t"] > 3):
        return t("ответы случайнее, чем ждёт модель", "answers noisier than the model expects")
    if row["infit"] < LOW:
        return t("ответы предсказуемее, чем ждёт модель", "answers more regular than expected")
    return ""


def _text(
    t: Tongue,
    found: Calibration,
    rows: list[dict[str, Any]],
    whole: dict[str, Any] | None,
    skipped: dict[str, str],
) -> str:
    lines = [
        t(
            f"Модель {found.model.upper()}, {found.method.upper()}: работ {t.count(found.works)}, "
            f"заданий {len(rows)}, с замечанием {sum(bool(row['remark']) for row in rows)}.",
            f"Model {found.model.upper()}, {found.method.upper()}: {t.count(found.works)} works, "
            f"{len(rows)} items, {sum(bool(row['remark']) for row in rows)} with a remark.",
        )
    ]
    if whole is not None:
        low, high = whole["rmsea_interval"]
        lines.append(
            f"M2 = {t.number(whole['statistic'])}, df = {whole['df']}, p = {t.number(whole['p'], 4)}, "
            f"RMSEA = {t.number(whole['rmsea'], 3)} ({t.number(low, 3)}–{t.number(high, 3)}), "
            f"SRMSR = {t.number(whole['srmsr'], 3)}, CFI = {t.number(whole['cfi'], 3)}, "
            f"TLI = {t.number(whole['tli'], 3)}."
        )
    head = [t("задание", "item"), "infit", "t", "outfit", "t"]
    scored = "s_x2" in rows[0]
    head += ["S-X²", "df", "p"] if scored else []
    shown = [
        [
            row["item"],
            *(t.number(row[name]) for name in ("infit", "infit_t", "outfit", "outfit_t")),
            *([t.number(row["s_x2"]), str(row["df"]), t.number(row["p"], 4)] if scored else []),
            row["remark"],
        ]
        for row in rows
    ]
    lines += ["", columns([*head, ""], shown)]
    lines += [t(f"\nНе посчитано {name}: {reason}", f"\nNot computed {name}: {reason}")
              for name, reason in skipped.items()]  # fmt: skip
    return "\n".join(lines)
