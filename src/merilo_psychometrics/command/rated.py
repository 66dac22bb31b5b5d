"""Marks of raters, for `simulate --raters N`: severe and mild, careless, fond of the middle."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from merilo_psychometrics.provenance import Provenance, digest
from merilo_psychometrics.tongue import Tongue

from . import source
from .outcome import Outcome

if TYPE_CHECKING:
    from merilo_psychometrics.parameters import ItemParameters
    from merilo_psychometrics.simulation import Rater

# What a careless rater and one who loves the middle do, as the deeds of `simulate` are set.
NOISE, CENTRALITY = 1 / 3, 1.0
# Options of answers to a test, which marks of raters do not have.
NOT_OF_RATERS = ("booklets", "length", "anchors", "routing", "routing_cuts", "schools", "copying", "leaked",
                 "raising", "plan")  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser, spread: Any) -> None:
    """Declare the raters; `spread` reads a standard deviation."""
    rated = parser.add_argument_group("оценки экспертов вместо ответов")
    rated.add_argument("--raters", type=source.whole(0), default=0, metavar="N",
                       help="экспертов: каждая работа оценивается ими по --items критериям "
                       "(0: без экспертов)")  # fmt: skip
    rated.add_argument("--marks", type=source.whole(1), default=2, metavar="N",
                       help="сколько экспертов смотрят одну работу (2)")  # fmt: skip
    rated.add_argument("--severity-sd", type=spread, default=0.5,
                       help="разброс строгости экспертов, логиты (0.5)")  # fmt: skip
    rated.add_argument("--careless", type=source.whole(0), default=0, metavar="N",
                       help="экспертов, у которых каждая третья оценка случайна")  # fmt: skip
    rated.add_argument("--central", type=source.whole(0), default=0, metavar="N",
                       help="экспертов, которых тянет к средним баллам, 1 логит на балл")  # fmt: skip


def require_possible(options: argparse.Namespace, defaults: dict[str, Any]) -> None:
    """Raise `WrongSettings` for settings raters do not go with, or that need raters."""
    from merilo_psychometrics.errors import WrongSettings, listed

    given = vars(options)
    if not options.raters:
        alone = [name for name in ("marks", "severity_sd", "careless", "central")
                 if given[name] != defaults[name]]  # fmt: skip
        if alone:
            said = listed([_option(name) for name in alone])
            raise WrongSettings(
                f"{said} — об экспертах: назовите их число (--raters).",
                f"{said}: say how many raters there are (--raters).",
            )
        return
    alien = [name for name in NOT_OF_RATERS if given[name] != defaults[name]]
    if alien:
        said = listed([_option(name) for name in alien])
        raise WrongSettings(
            f"{said} — об ответах на тест, а с --raters моделируются оценки экспертов. Уберите одно "
            "из двух.",
            f"{said} belong to answers of a test, --raters to marks: leave one of them out.",
        )
    if options.marks > options.raters:
        raise WrongSettings(
            f"Одну работу должны смотреть {options.marks} экспертов (--marks), а их всего "
            f"{options.raters} (--raters).",
            f"--marks {options.marks} raters a work, --raters {options.raters} in all.",
        )
    if options.careless + options.central > options.raters:
        raise WrongSettings(
            f"Небрежных (--careless) и осторожных (--central) экспертов вместе "
            f"{options.careless + options.central}, а всего их {options.raters} (--raters).",
            f"--careless and --central ask for {options.careless + options.central} raters of "
            f"{options.raters} (--raters).",
        )


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def ratings(options: argparse.Namespace, criteria: ItemParameters, rng: Any) -> Outcome:
    """Draw the marks; the truth about works, raters and criteria beside them."""
    import numpy as np
    import polars as pl

    from merilo_psychometrics.simulation import simulate_ratings

    from .scale import parameter_table

    raters = _raters(options, rng)
    abilities = rng.normal(options.mean, options.sd, options.works)
    made = simulate_ratings(criteria, raters, abilities, ratings_a_work=options.marks, rng=rng)
    names = np.array([rater.name for rater in made.raters])
    tables = {
        "ratings": pl.DataFrame(
            {
                "person": made.work + 1,
                "rater": names[made.rater],
                "item": np.array(made.criteria)[made.criterion],
                "score": made.score,
            }
        ),
        "raters": pl.DataFrame([vars(rater) for rater in made.raters]).rename({"name": "rater"}),
        "truth": pl.DataFrame(
            {"person": np.arange(1, options.works + 1), "ability": made.abilities}
        ),
        "parameters": parameter_table(criteria),
    }
    known = digest([made.work, made.rater, made.criterion, made.score])
    summary = {
        "marks": len(made.score),
        "works": options.works,
        "raters": len(raters),
        "criteria": len(made.criteria),
        "careless": options.careless,
        "central": options.central,
        "data": known,
    }
    t = Tongue(options.language)
    text = t(
        f"Смоделировано оценок {t.count(summary['marks'])}: работ {t.count(options.works)}, критериев "
        f"{len(made.criteria)}, экспертов {len(raters)}, на работу {options.marks}.\n"
        "Оценки: ratings.csv; истинная строгость: raters.csv; истинные способности: truth.csv; "
        "истинные параметры критериев: parameters.csv.",
        f"Simulated {t.count(summary['marks'])} marks: {t.count(options.works)} works, "
        f"{len(made.criteria)} criteria, {len(raters)} raters, {options.marks} a work.\n"
        "Marks: ratings.csv; true severities: raters.csv; true abilities: truth.csv; true "
        "parameters of the criteria: parameters.csv.",
    )
    provenance = [Provenance("simulate_ratings", known, seed=options.seed).as_dict()]
    return Outcome(text, summary, tables, provenance=provenance)


def _raters(options: argparse.Namespace, rng: Any) -> list[Rater]:
    """The first are careless, the next fond of the middle; severities are drawn for all."""
    from merilo_psychometrics.simulation import Rater

    wide = len(str(options.raters))
    severities = rng.normal(0.0, options.severity_sd, options.raters)
    return [
        Rater(
            f"r{n + 1:0{wide}d}",
            float(severity),
            noise=NOISE if n < options.careless else 0.0,
            centrality=CENTRALITY if 0 <= n - options.careless < options.central else 0.0,
        )
        for n, severity in enumerate(severities)
    ]
