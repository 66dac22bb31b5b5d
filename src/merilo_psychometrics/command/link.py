"""`link`: put one calibration on the scale of another through their common items.

The methods of `equate` put the scores of one form among those of another instead.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merilo_psychometrics.tongue import Tongue

from . import equate, source
from .outcome import Outcome, columns
from .screen import Screen

if TYPE_CHECKING:
    from merilo_psychometrics.linking import AnchorShift, Link
    from merilo_psychometrics.linking.results import LinkMethod

METHODS = ("mean-mean", "mean-gmean", "mean-sigma", "haebara", "stocking-lord")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="ОТКУДА",
                        help="параметры или каталог калибровки, которую переносим (для "
                        "equipercentile, kernel, linear — таблица ответов)")  # fmt: skip
    parser.add_argument("target", metavar="КУДА",
                        help="параметры или каталог калибровки, на чью шкалу переносим (или таблица "
                        "ответов)")  # fmt: skip
    how = parser.add_argument_group("связь")
    how.add_argument("--method", choices=(*METHODS, *equate.METHODS),
                     help="способ: параметров (mean-mean, если наклоны равны, иначе stocking-lord) "
                     "или баллов")  # fmt: skip
    how.add_argument("--anchors", type=source.names, metavar="A,B,…",
                     help="якорные задания (по умолчанию все общие)")  # fmt: skip
    how.add_argument("--drift", choices=("displacement", "robust z"),
                     help="искать сместившиеся якоря и убирать их по одному")  # fmt: skip
    how.add_argument("--limit", type=float, metavar="X",
                     help="предел сдвига: 0,5 логита или 1,645 для robust z")  # fmt: skip
    how.add_argument("--equate", action="store_true",
                     help="таблица соответствия баллов двух форм (истинные баллы)")  # fmt: skip
    equate.add_arguments(parser)
    source.add_output(parser)


def inputs(options: argparse.Namespace) -> dict[str, str | Path]:
    """Both calibrations, or both tables of answers."""
    from .scale import parameter_file

    if options.method in equate.METHODS:
        return equate.inputs(options)
    return {"source": parameter_file(options.source), "target": parameter_file(options.target)}


def work(options: argparse.Namespace, screen: Screen) -> Outcome:
    """Find the line between the scales, and what moved; or the scores that mean the same."""
    if options.method in equate.METHODS:
        return equate.work(options, screen)
    import numpy as np
    import polars as pl

    from merilo_psychometrics.linking import (
        anchor_shifts,
        detect_drift,
        equate_true_scores,
        link_scales,
    )

    from .scale import parameter_table, read_parameters

    form, onto = read_parameters(options.source), read_parameters(options.target)
    sloped = np.ptp(np.concatenate([form.slope, onto.slope])) > 0
    method: LinkMethod = options.method or ("stocking-lord" if sloped else "mean-mean")
    removed: list[str] = []
    with screen.step("Связываю шкалы"):
        if options.drift:
            drift = detect_drift(form, onto, rule=options.drift, limit=options.limit,
                                 method=method, anchors=options.anchors)  # fmt: skip
            link, shifts = drift.link, drift.shifts
            removed = [removal.reason for removal in drift.removed]
        else:
            link = link_scales(form, onto, method=method, anchors=options.anchors)
            shifts = anchor_shifts(form, onto, link, names=link.items)
    moved = link.parameters(form)
    tables = {
        "parameters": parameter_table(moved),
        "anchors": pl.DataFrame([vars(shift) for shift in shifts]),
    }
    summary: dict[str, Any] = {
        "method": link.method,
        "unit": link.unit,
        "unit_se": link.unit_se,
        "zero": link.zero,
        "zero_se": link.zero_se,
        "anchors": [vars(shift) for shift in shifts],
        "kept": list(link.items),
        "removed": removed,
    }
    if options.equate:
        equated = equate_true_scores(moved, onto)
        table = pl.DataFrame({"score": equated.scores, "equated": equated.equated})
        tables["scores"] = table
        summary["scores"] = table.to_dicts()
    text = _text(Tongue(options.language), link, shifts, removed)
    return Outcome(text, summary, tables, provenance=[link.provenance.as_dict()])


def _text(t: Tongue, link: Link, shifts: tuple[AnchorShift, ...], removed: list[str]) -> str:
    lines = [
        t(
            f"Способ {link.method}, якорей {len(link.items)}: θ новая = {t.number(link.unit, 4)} · θ "
            f"+ ({t.number(link.zero, 4)}); SE {t.number(link.unit_se, 4)} и "
            f"{t.number(link.zero_se, 4)}.",
            f"Method {link.method}, {len(link.items)} anchors: new θ = {t.number(link.unit, 4)} · θ + "
            f"({t.number(link.zero, 4)}); SE {t.number(link.unit_se, 4)} and "
            f"{t.number(link.zero_se, 4)}.",
        ),
        *removed,
        "",
        columns(
            [t("якорь", "anchor"), t("сдвиг", "shift"), "SE", "z"],
            [
                [s.item, t.number(s.shift, 3), t.number(s.se, 3), t.number(s.robust_z, 2)]
                for s in sorted(shifts, key=lambda s: -abs(s.shift))
            ],
        ),
    ]
    return "\n".join(lines)
