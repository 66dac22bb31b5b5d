"""`calibrate`: item parameters by CML from counts, or by MML from responses."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merilo_psychometrics.provenance import Provenance, digest
from merilo_psychometrics.tongue import Tongue

from . import source
from .outcome import Outcome, columns
from .screen import Screen

if TYPE_CHECKING:
    from merilo_psychometrics.calibration import Calibration
    from merilo_psychometrics.design import Design
    from merilo_psychometrics.responses import Responses
    from merilo_psychometrics.statistics import SufficientStatistics

SHOWN = 20
MODELS = ("rasch", "pcm", "2pl", "gpcm", "3pl")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    source.add_source(parser)
    add_model(parser)
    path = parser.add_argument_group("многоэтапный тест")
    path.add_argument("--stages", type=Path, metavar="ФАЙЛ",
                      help="для cml: этапы каждого варианта и баллы, с которыми шли дальше: booklet, "
                      "stage, item, lowest, highest (cumulative: да — сумма всех этапов, нет — балл "
                      "одного)")  # fmt: skip
    source.add_output(parser)


def add_model(parser: argparse.ArgumentParser) -> None:
    """Declare the method and the model."""
    model = parser.add_argument_group("модель")
    model.add_argument("--method", choices=("cml", "mml"), default="cml",
                       help="cml: Раш и partial credit, об участниках ничего не предполагается; "
                       "mml: любая модель, способности нормальны (cml)")  # fmt: skip
    model.add_argument("--model", choices=MODELS, help="модель для mml (2pl)")
    model.add_argument("--population", metavar="СТОЛБЕЦ",
                       help="для mml: своё распределение способности в каждой группе")  # fmt: skip
    model.add_argument("--anchors", type=Path, metavar="ФАЙЛ",
                       help="закреплённые параметры: item, threshold (score, slope, guessing)")  # fmt: skip
    model.add_argument("--engine", choices=("local", "duckdb", "spark"), default="local",
                       help="для cml: кто считает ответы (local)")  # fmt: skip


def inputs(options: argparse.Namespace) -> dict[str, str | Path]:
    """Files read besides the data."""
    from .scale import parameter_file

    read: dict[str, str | Path] = {}
    if options.anchors:
        read["anchors"] = parameter_file(options.anchors)
    if vars(options).get("stages"):
        read["stages"] = options.stages
    return read


def work(options: argparse.Namespace, screen: Screen) -> Outcome:
    """Calibrate and show the parameters."""
    from .scale import ERRORS, FILE, errors_of, parameter_table

    found, design = calibrate(options, screen)
    table = parameter_table(found.parameters)
    summary = {**summary_of(found), "parameters": table.to_dicts()}
    files = {}
    if found.parameters.covariance is not None:
        files[ERRORS] = errors_of(found.parameters)
    t = Tongue(options.language)
    text, provenance = _text(t, found), [found.provenance.as_dict()]
    if options.stages:
        from .stages import stage_rows

        # The counts alone do not tell that the patterns were conditioned on their paths.
        known = Provenance("with_stages", digest(stage_rows(design)))
        provenance.append(known.as_dict())
        summary["stages"] = {booklet.id: len(booklet.stages) or 1 for booklet in design.booklets}
        text = _paths(t, summary["stages"]) + "\n" + text
    return Outcome(text, summary, {FILE: table}, files, provenance)


def calibrate(options: argparse.Namespace, screen: Screen) -> tuple[Calibration, Design]:
    """Run the verb the arguments ask for; the design tells the stages."""
    from merilo_psychometrics.calibration import calibrate_cml

    from .report import calibrated
    from .scale import read_parameters

    require_fitting(options)
    if options.method == "mml":
        # With equal slopes the counts say all, and a file of any size will do.
        alike = options.model in ("rasch", "pcm") and not (options.population or options.anchors)
        take = source.count_responses if alike else source.read_responses
        data = take(options, screen)
        return calibrated(data, options, screen), data.design
    counted: Responses | SufficientStatistics
    if options.stages:
        # Whether a work kept to its path shows in the work alone, not in the counts.
        counted = source.read_responses(options, screen)
    else:
        counted = source.count_responses(options, screen)
    require_several(counted.works)
    anchors = read_parameters(options.anchors) if options.anchors else None
    with screen.step("Калибрую (CML)"):
        return calibrate_cml(counted, anchors=anchors), counted.design


def require_several(works: float) -> None:
    """Raise `TooFewPersons` for a single work: every item of it is perfect or zero."""
    from merilo_psychometrics.errors import TooFewPersons

    if works < 2:
        raise TooFewPersons(
            "В таблице одна работа: о трудности заданий по ней не узнать ничего. Соберите больше "
            "работ или оцените её по готовым параметрам (score --parameters).",
            "One work tells nothing about difficulty: gather more, or score it by parameters that "
            "stand (score --parameters).",
        )


def require_fitting(options: argparse.Namespace) -> None:
    """Raise `WrongSettings` when the method cannot do what is asked."""
    from merilo_psychometrics.errors import WrongSettings

    if options.method == "cml" and (
        options.model not in (None, "rasch", "pcm") or options.population
    ):
        raise WrongSettings(
            "CML оценивает только модель Раша и partial credit, распределение способности ей не "
            "нужно. Для других моделей и для --population добавьте --method mml.",
            "CML fits Rasch and partial credit only and needs no population: use --method mml.",
        )
    if vars(options).get("stages"):
        _require_stages(options)
    if options.population and options.population not in options.group:
        options.group = [*options.group, options.population]


def _require_stages(options: argparse.Namespace) -> None:
    from merilo_psychometrics.errors import WrongSettings

    if options.method != "cml":
        # Eggen & Verhelst (2011): routing by observed scores is ignorable for MML, not for CML.
        raise WrongSettings(
            "--stages нужны методу cml. Методу mml маршрут не нужен: назначение следующего этапа по "
            "баллам, которые есть в таблице, оценок не смещает. Уберите --stages или --method mml.",
            "--stages are for CML; MML needs no paths, since routing by scores that are in the table "
            "is ignorable. Leave --stages or --method mml out.",
        )
    if options.engine != "local":
        raise WrongSettings(
            f"С --stages каждая работа сверяется со своим путём, а --engine {options.engine} отдаёт "
            "только счёт. Уберите --engine.",
            f"--stages look at every work, --engine {options.engine} gives counts only: leave "
            "--engine out.",
        )
    if options.without_items:
        raise WrongSettings(
            "Из многоэтапного теста нельзя убрать задание: по нему выбирали следующий этап. Уберите "
            "--without-items или --stages.",
            "An item of a multi-stage test cannot be left out: it decided the next stage. Leave "
            "--without-items or --stages out.",
        )


def summary_of(found: Calibration) -> dict[str, Any]:
    """Plain values about a calibration, without the parameters."""
    return {
        "model": found.model,
        "method": found.method,
        "identification": found.parameters.identification,
        "works": found.works,
        "items": len(found.parameters.items),
        "log_likelihood": found.log_likelihood,
        "iterations": found.iterations,
        "free_parameters": found.free_count,
        "aic": found.aic,
        "bic": found.bic,
        "anchored": list(found.anchored),
        "populations": [vars(population) for population in found.populations],
    }


def _paths(t: Tongue, stages: dict[str, int]) -> str:
    listed = ", ".join(f"{name} ({many})" for name, many in list(stages.items())[:SHOWN])
    more = ", …" if len(stages) > SHOWN else ""
    return t(
        f"Многоэтапный тест; этапов в вариантах: {listed}{more}. Каждая работа шла по своему пути.",
        f"Multi-stage test; stages of the booklets: {listed}{more}. Every work kept to its path.",
    )


def _text(t: Tongue, found: Calibration) -> str:
    parameters = found.parameters
    errors, slope_errors = (
        parameters.standard_error("threshold"),
        parameters.standard_error("slope"),
    )
    sloped, guessed = bool((parameters.slope != 1).any()), bool(parameters.guessing.any())
    zero = {
        "thresholds sum to zero": t("сумма порогов равна нулю", "the thresholds sum to zero"),
        "population": t("среднее и разброс популяции", "the mean and SD of the population"),
        "anchors": t("закреплённые задания", "the anchored items"),
        "given": t("заданы", "given"),
    }[parameters.identification]
    lines = [
        t(
            f"Модель {found.model.upper()}, метод {found.method.upper()}: работ "
            f"{t.count(found.works)}, заданий {len(parameters.items)}, итераций "
            f"{found.iterations}.",
            f"Model {found.model.upper()}, method {found.method.upper()}: "
            f"{t.count(found.works)} works, {len(parameters.items)} items, "
            f"{found.iterations} iterations.",
        ),
        t(f"Ноль шкалы: {zero}. Логарифм правдоподобия {t.number(found.log_likelihood, 3)}.",
          f"Zero of the scale: {zero}. Log-likelihood {t.number(found.log_likelihood, 3)}."),
    ]  # fmt: skip
    for group in found.populations:
        lines.append(
            t(
                f"Группа {group.group or 'все'}: среднее {t.number(group.mean, 3)}, "
                f"SD {t.number(group.sd, 3)}, работ {t.count(group.works)}.",
                f"Group {group.group or 'all'}: mean {t.number(group.mean, 3)}, "
                f"SD {t.number(group.sd, 3)}, {t.count(group.works)} works.",
            )
        )
    head = [t("задание", "item"), t("балл", "score"), t("порог", "threshold"), "SE"]
    head += [t("наклон", "slope"), "SE"] if sloped else []
    head += [t("угадывание", "guessing")] if guessed else []
    rows = []
    for n, item in enumerate(parameters.items):
        for step, score in enumerate(item.scores[1:]):
            row = [item.id, str(score), t.number(parameters.thresholds[n, step], 3),
                   t.number(errors[n, step], 3)]  # fmt: skip
            row += (
                [t.number(parameters.slope[n], 3), t.number(slope_errors[n], 3)] if sloped else []
            )
            row += [t.number(parameters.guessing[n], 3)] if guessed else []
            rows.append(row)
    lines += ["", columns(head, rows[:SHOWN])]
    if len(rows) > SHOWN:
        lines.append(t("… остальные строки — в файлах (--out) и в --json",
                       "… the other rows are in the files (--out) and in --json"))  # fmt: skip
    return "\n".join(lines)
