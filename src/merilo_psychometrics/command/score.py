"""`score`: from answers to abilities, by item parameters that stand."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merilo_psychometrics.tongue import Tongue

from . import source
from .outcome import Outcome, columns
from .screen import Screen

if TYPE_CHECKING:
    from merilo_psychometrics.parameters import ItemParameters
    from merilo_psychometrics.persons import Abilities, Classification, ScoreTable
    from merilo_psychometrics.responses import Responses

SHOWN = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    source.add_source(parser)
    scale = parser.add_argument_group("шкала")
    scale.add_argument("--parameters", type=Path, metavar="ФАЙЛ",
                       help="параметры заданий (по умолчанию — из calibrate в каталоге --out)")  # fmt: skip
    scale.add_argument("--method", choices=("wle", "ml", "map", "eap"), default="wle",
                       help="оценка способности (wle)")  # fmt: skip
    scale.add_argument("--prior-mean", type=float, default=0.0, help="для map и eap: среднее (0)")
    scale.add_argument("--prior-sd", type=float, default=1.0, help="для map и eap: разброс (1)")
    scale.add_argument("--cuts", type=_cuts, metavar="ИМЯ=X,…",
                       help="границы уровней в логитах: базовый=-0.5,высокий=1.2")  # fmt: skip
    scale.add_argument("--plausible-values", type=source.whole(0), default=0, metavar="N",
                       help="возможных значений на работу (0)")  # fmt: skip
    scale.add_argument("--population", metavar="СТОЛБЕЦ",
                       help="для возможных значений: у каждой группы своё распределение способности "
                       "(без этого одно на всех; оба оцениваются по данным)")  # fmt: skip
    scale.add_argument(
        "--seed", type=source.whole(0), default=1, metavar="N", help="зерно случайности (1)"
    )
    source.add_output(parser)


def inputs(options: argparse.Namespace) -> dict[str, str | Path]:
    """The parameters decide the result as the data do."""
    return {"parameters": where(options)}


def work(options: argparse.Namespace, screen: Screen) -> Outcome:
    """Estimate every work; show the score tables."""
    import numpy as np
    import polars as pl

    from merilo_psychometrics.errors import WrongSettings
    from merilo_psychometrics.persons import (
        Normal,
        classify,
        estimate_abilities,
        group_means,
        score_tables,
    )

    from .scale import read_parameters

    if options.population and not options.plausible_values:
        raise WrongSettings(
            "--population относится к возможным значениям: скажите и сколько их (--plausible-values N).",
            "--population belongs to plausible values: say how many (--plausible-values N).",
        )
    if options.population and options.population not in options.group:
        options.group = [*options.group, options.population]
    bank = read_parameters(where(options))
    responses = source.read_responses(options, screen)
    parameters = bank.only(item.id for item in responses.design.items)
    prior = Normal(options.prior_mean, options.prior_sd)
    with screen.step("Оцениваю способности"):
        found = estimate_abilities(responses, parameters, method=options.method, prior=prior)
    try:
        made = score_tables(parameters, responses.design, method=options.method, prior=prior)
    except WrongSettings:
        made = ()  # unequal slopes: the total score does not tell the ability
    names = np.array([booklet.id for booklet in responses.design.booklets])
    works = pl.DataFrame(
        {
            "person": found.persons,
            "booklet": names[found.booklets],
            "score": found.scores,
            "ability": found.ability,
            "se": found.se,
        }
    )
    tables = {"abilities": works}
    levels = None
    if options.cuts:
        levels = classify(found, options.cuts)
        named = np.array([name or "ниже" for name in levels.names])
        tables["abilities"] = works.with_columns(
            pl.Series("level", named[levels.level]), pl.Series("wrong", levels.wrong)
        )
    if made:
        tables["score-tables"] = pl.concat([_rows(table) for table in made])
    provenance = [found.provenance.as_dict()]
    if options.plausible_values:
        values = _plausible(options, responses, parameters, screen)
        tables["plausible-values"] = pl.DataFrame({"person": values.persons}).hstack(
            pl.DataFrame(
                values.values, schema=[f"pv{n + 1}" for n in range(values.values.shape[1])]
            )
        )
        provenance.append(values.provenance.as_dict())
    weight = np.concatenate([source.weights(block) for block in responses.blocks])
    known = np.isfinite(found.ability)
    mean = float(np.average(found.ability[known], weights=weight[known]))
    spread = float(np.average((found.ability[known] - mean) ** 2, weights=weight[known]))
    error = float(np.average(found.se[known] ** 2, weights=weight[known]))
    summary: dict[str, Any] = {
        "works": float(weight.sum()),
        "method": found.method,
        "mean": mean,
        "sd": spread**0.5,
        "reliability": spread / (spread + error) if found.method == "eap" else 1 - error / spread,
        "score_tables": [
            {"booklet": t.booklet, "scores": t.scores, "ability": t.ability, "se": t.se}
            for t in made
        ],
    }
    if options.plausible_values:
        means = group_means(values, responses, options.population)
        summary["populations"] = [vars(row) for row in means]
    if levels is not None:
        summary["levels"] = {
            "names": [name or "ниже" for name in levels.names],
            "works": np.bincount(levels.level, weights=weight, minlength=len(levels.names)),
            "accuracy": levels.accuracy,
            "consistency": levels.consistency,
        }
    text = _text(Tongue(options.language), found, made, levels, summary)
    return Outcome(text, summary, tables, provenance=provenance)


def _plausible(
    options: argparse.Namespace, responses: Responses, parameters: ItemParameters, screen: Screen
) -> Any:
    import numpy as np

    from merilo_psychometrics.persons import draw_plausible_values

    with screen.step("Тяну возможные значения"):
        return draw_plausible_values(
            responses,
            parameters,
            rng=np.random.default_rng(options.seed),
            draws=options.plausible_values,
            grouping=options.population,
        )


def where(options: argparse.Namespace) -> Path:
    """The table of parameters the arguments mean; raises `WrongSettings`."""
    from merilo_psychometrics.errors import WrongSettings

    from .scale import parameter_file

    place = options.parameters or options.out
    if place is None or not parameter_file(place).is_file():
        raise WrongSettings(
            "Не найдены параметры заданий: назовите таблицу (--parameters ФАЙЛ) или каталог, куда "
            "их записал calibrate (--out КАТАЛОГ).",
            "No item parameters: name the table (--parameters) or the folder of calibrate (--out).",
        )
    return parameter_file(place)


def _rows(table: ScoreTable) -> Any:
    import polars as pl

    return pl.DataFrame(
        {
            "booklet": [table.booklet] * len(table.scores),
            "score": table.scores,
            "ability": table.ability,
            "se": table.se,
        }
    )


def _text(
    t: Tongue,
    found: Abilities,
    made: tuple[ScoreTable, ...],
    levels: Classification | None,
    summary: dict[str, Any],
) -> str:
    lines = [
        t(
            f"Оценено работ {t.count(summary['works'])} ({found.method.upper()}): среднее "
            f"{t.number(summary['mean'], 3)}, SD {t.number(summary['sd'], 3)}, надёжность "
            f"{t.number(summary['reliability'], 3)}.",
            f"{t.count(summary['works'])} works scored ({found.method.upper()}): mean "
            f"{t.number(summary['mean'], 3)}, SD {t.number(summary['sd'], 3)}, reliability "
            f"{t.number(summary['reliability'], 3)}.",
        )
    ]
    if levels is not None:
        shares = summary["levels"]["works"] / max(1, summary["works"])
        said = ", ".join(
            f"{name} — {t.share(share)}"
            for name, share in zip(summary["levels"]["names"], shares, strict=True)
        )
        lines.append(
            t(
                f"Уровни: {said}. Ожидаемая доля верных решений {t.share(levels.accuracy)}.",
                f"Levels: {said}. Expected share of right decisions {t.share(levels.accuracy)}.",
            )
        )
    if "populations" in summary:
        head = [t("возможные значения", "plausible values"), t("работ", "works"),
                t("среднее", "mean"), "SE", "SD"]  # fmt: skip
        lines += ["", columns(head, [
            [p["group"] or t("все", "all"), t.count(p["works"]), t.number(p["mean"], 3),
             t.number(p["se"], 3), t.number(p["sd"], 3)]
            for p in summary["populations"]
        ]), ""]  # fmt: skip
    if not made:
        lines.append(
            t(
                "Задания весят неодинаково: таблицы «балл — способность» нет, оценки — в файле "
                "abilities.csv.",
                "The items weigh differently: there is no score table; see abilities.csv.",
            )
        )
    rows = [
        [table.booklet, str(s), t.number(a, 3), t.number(e, 3)]
        for table in made
        for s, a, e in zip(table.scores, table.ability, table.se, strict=True)
    ]
    if rows:
        head = [t("вариант", "booklet"), t("балл", "score"), t("способность", "ability"), "SE"]
        lines += ["", columns(head, rows[:SHOWN])]
    if len(rows) > SHOWN:
        lines.append(t("… остальные строки — в файлах (--out) и в --json",
                       "… the other rows are in the files (--out) and in --json"))  # fmt: skip
    return "\n".join(lines)


def _cuts(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in text.split(","):
        name, sign, value = part.partition("=")
        try:
            found[name.strip() if sign else f"≥ {value or name}"] = float(value if sign else name)
        except ValueError as wrong:
            raise argparse.ArgumentTypeError(f"граница «{part}»: нужно ИМЯ=ЧИСЛО") from wrong
    return found
