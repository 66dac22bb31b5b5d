"""`forensics`: what in the answers calls for a closer look. Evidence, never a verdict."""

from __future__ import annotations

import argparse
import copy
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merilo_psychometrics.errors import MeasurementError
from merilo_psychometrics.tongue import Tongue

from . import score, source
from .outcome import Outcome, columns
from .remedies import plain
from .screen import Screen

if TYPE_CHECKING:
    from merilo_psychometrics.forensics import Evidence, YearlyMeans
    from merilo_psychometrics.parameters import ItemParameters
    from merilo_psychometrics.persons import Abilities
    from merilo_psychometrics.responses import Responses

SHOWN = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    source.add_source(parser)
    how = parser.add_argument_group("что проверять")
    how.add_argument("--parameters", type=Path, metavar="ФАЙЛ",
                     help="параметры заданий (по умолчанию — из calibrate в каталоге --out)")  # fmt: skip
    how.add_argument("--within", metavar="СТОЛБЕЦ",
                     help="сравнивать попарно работы одной группы (класс, аудитория)")  # fmt: skip
    how.add_argument("--answers", choices=("scores", "chosen"), default="scores",
                     help="что сравнивать: баллы или выбранные ответы (scores)")  # fmt: skip
    how.add_argument(
        "--by",
        metavar="СТОЛБЕЦ",
        help="показатели по группам: школы, классы, аудитории",
    )
    how.add_argument(
        "--boundaries",
        type=_scores,
        default=(),
        metavar="B,…",
        help="границы отметок в баллах: скачки распределения на них (вместе с --by)",
    )
    how.add_argument("--other-year", action="append", default=[], type=_year, metavar="ГОД=ДАННЫЕ",
                     help="таблица другого года с теми же столбцами (можно повторять): выделяется ли "
                     "год группы среди её лет; вместе с --by и --year, групп с двумя годами нужно "
                     "20")  # fmt: skip
    how.add_argument("--year", metavar="ГОД", help="какого года таблица ДАННЫЕ")
    how.add_argument("--rate", type=source.share, default=0.05, metavar="Q",
                     help="допустимая доля ложных находок (0.05)")  # fmt: skip
    source.add_output(parser)


def inputs(options: argparse.Namespace) -> dict[str, str | Path]:
    """The parameters, and the tables of the other years."""
    others = {f"other_year:{year}": table for year, table in options.other_year}
    return {**score.inputs(options), **others}


def work(options: argparse.Namespace, screen: Screen) -> Outcome:
    """Run the indicators that the data allow; list what stands out after the correction."""
    import polars as pl

    from merilo_psychometrics.errors import WrongSettings
    from merilo_psychometrics.forensics import likelihood_fit, order_fit, similarity
    from merilo_psychometrics.forensics.evidence import WEIGHTS
    from merilo_psychometrics.persons import estimate_abilities
    from merilo_psychometrics.weights import require_unweighted

    from .scale import read_parameters

    if options.boundaries and not options.by:
        raise WrongSettings(
            "Границы отметок проверяют по группам: назовите группировку (--by СТОЛБЕЦ).",
            "Boundaries are tested by group: name the grouping (--by).",
        )
    if options.answers == "chosen" and not options.rules:
        raise WrongSettings(
            "Чтобы сравнить выбранные ответы (--answers chosen), нужны сами ответы и правила "
            "оценивания: --rules ФАЙЛ. Без них сравнивайте баллы (--answers scores).",
            "To compare chosen answers give scoring rules (--rules), or compare scores "
            "(--answers scores).",
        )
    _require_years(options)
    for grouping in (options.within, options.by):
        if grouping and grouping not in options.group:
            options.group = [*options.group, grouping]
    keep = options.answers == "chosen"
    bank = read_parameters(score.where(options))
    responses = source.read_responses(options, screen, keep_answers=keep)
    require_unweighted(responses, *WEIGHTS)
    parameters = bank.only(item.id for item in responses.design.items)
    years = _years(options, responses, screen)
    found: dict[str, Evidence] = {}
    with screen.step("Оцениваю способности"):
        abilities = estimate_abilities(responses, parameters)
    with screen.step("Сверяю работы с моделью"):
        found |= likelihood_fit(responses, parameters, abilities)
        found |= order_fit(responses, parameters=parameters)
    if options.within:
        with screen.step("Сравниваю работы попарно"):
            found |= similarity(responses, parameters, abilities, within=options.within,
                                answers=options.answers)  # fmt: skip
    skipped: dict[str, str] = {}
    if options.by:
        with screen.step("Сравниваю группы"):
            by_group = _by_group(options, responses, parameters, abilities, found["lz_star"])
            if years:
                by_group["over_years"] = lambda: _over_years(years)
            for name, indicator in by_group.items():
                try:
                    found[name] = indicator()
                except MeasurementError as reason:
                    skipped[name] = Tongue(options.language)(*plain(reason, vars(options)))
    tables, summary = {}, {}
    for code, evidence in found.items():
        rows = evidence.beyond(options.rate)
        names = [" · ".join(map(str, unit)) if evidence.units.ndim > 1 else str(unit)
                 for unit in evidence.units[rows]]  # fmt: skip
        tables[code] = pl.DataFrame(
            {
                "unit": pl.Series(names, dtype=pl.String),
                "within": pl.Series([str(w) for w in evidence.within[rows]], dtype=pl.String),
                "statistic": evidence.statistic[rows],
                "p": evidence.p[rows],
                "q": evidence.q[rows],
                "effect": evidence.effect[rows],
                "size": evidence.size[rows],
            }
        )
        summary[code] = {
            "title": evidence.meaning.title[options.language],
            "tested": len(evidence),
            "found": len(rows),
            "units": tables[code].head(SHOWN).to_dicts(),
        }
    text = _text(Tongue(options.language), found, skipped, options.rate)
    provenance = [evidence.provenance.as_dict() for evidence in found.values()]
    return Outcome(text, {"rate": options.rate, "indicators": summary, "skipped": skipped}, tables,
                   provenance=provenance)  # fmt: skip


def _require_years(options: argparse.Namespace) -> None:
    from merilo_psychometrics.errors import WrongSettings

    named = [options.year, *(year for year, _ in options.other_year)]
    if options.other_year and not (options.by and options.year):
        raise WrongSettings(
            "Чтобы сравнить годы, назовите и год таблицы (--year ГОД), и группировку (--by СТОЛБЕЦ).",
            "To compare years, name the year of the table (--year) and the grouping (--by).",
        )
    if options.year and not options.other_year:
        raise WrongSettings(
            "Год сравнивают с другими: назовите их таблицы (--other-year ГОД=ДАННЫЕ).",
            "A year is compared with others: name their tables (--other-year YEAR=DATA).",
        )
    if len(set(named)) < len(named):
        raise WrongSettings(
            f"Год {next(year for year in named if named.count(year) > 1)} назван дважды: у каждого "
            "года одна таблица.",
            "A year is named twice: one table a year.",
        )


def _years(
    options: argparse.Namespace, responses: Responses, screen: Screen
) -> dict[str, YearlyMeans]:
    """Means of the groups in every year; a table that gives none stops all and is named."""
    from merilo_psychometrics.forensics import yearly_means

    if not options.other_year:
        return {}
    means = {options.year: yearly_means(responses, options.by)}
    for year, table in options.other_year:
        own = copy.copy(options)
        # Items have the names of their own year.
        own.data, own.items, own.without_items = table, None, ()
        try:
            means[year] = yearly_means(source.read_responses(own, screen), options.by)
        except MeasurementError as problem:
            raise problem.about(f"Год {year}", f"Year {year}") from None
    return means


def _over_years(years: dict[str, YearlyMeans]) -> Evidence:
    import numpy as np

    from merilo_psychometrics.forensics import over_years

    parts = years.values()
    return over_years(
        np.concatenate([part.names for part in parts]),
        np.repeat(list(years), [len(part.names) for part in parts]),
        np.concatenate([part.means for part in parts]),
        np.concatenate([part.errors for part in parts]),
        np.concatenate([part.works for part in parts]),
    )


def _by_group(
    options: argparse.Namespace,
    responses: Responses,
    parameters: ItemParameters,
    abilities: Abilities,
    fit: Evidence,
) -> dict[str, Callable[[], Evidence]]:
    """Indicators for groups; one that the data are too few for must not stop the others."""
    from merilo_psychometrics import forensics

    by = options.by
    made: dict[str, Callable[[], Evidence]] = {
        "mean_shift": lambda: forensics.mean_shift(responses, by),
        "unusual_works": lambda: forensics.unusual_works(responses, by, fit),
        "easy_hard": lambda: forensics.easy_hard(responses, by),
        "variance_collapse": lambda: forensics.variance_collapse(responses, by),
        "shared_wrong": lambda: forensics.shared_wrong(
            responses, by, parameters, abilities, chosen=options.answers == "chosen"
        ),
    }
    if options.boundaries:
        counted = forensics.histograms(responses, by)
        made |= {
            "boundary_peaks": lambda: forensics.boundary_peaks(counted, options.boundaries),
            "boundary_excess": lambda: forensics.boundary_excess(counted, options.boundaries),
            "boundary_jumps": lambda: forensics.boundary_jumps(counted, options.boundaries),
        }
    return made


def _scores(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(f"«{text}»: нужны целые баллы через запятую") from wrong


def _year(text: str) -> tuple[str, str]:
    year, _, table = (part.strip() for part in text.partition("="))
    if not (year and table):
        raise argparse.ArgumentTypeError(f"«{text}»: нужно ГОД=ДАННЫЕ, например 2024=vpr2024.csv")
    return year, table


def _text(t: Tongue, found: dict[str, Any], skipped: dict[str, str], rate: float) -> str:
    import numpy as np

    lines = [
        t(
            "Это сведения, а не выводы: что произошло, выясняют люди по самим работам. Поправка на "
            f"число проверок сделана, ложных находок ожидается не больше {t.share(rate)}.",
            "This is evidence, not a verdict: people find out what happened from the works. Adjusted "
            f"for the number of tests; at most {t.share(rate)} of what is found is expected to be "
            "chance.",
        )
    ]
    for evidence in found.values():
        rows = evidence.beyond(rate)
        title = evidence.meaning.title[t.language]
        lines.append("")
        lines.append(
            t(f"{title}: проверено {t.count(len(evidence))}, выделяются {t.count(len(rows))}.",
              f"{title}: {t.count(len(evidence))} tested, {t.count(len(rows))} stand out.")
        )  # fmt: skip
        if not len(rows):
            continue
        meaning = evidence.meaning
        lines.append(f"{meaning.says[t.language]} {meaning.not_says[t.language]}")
        head = [t("единица", "unit"), t("значение", "value"), meaning.effect[t.language],
                t("объём", "size"), "p", "q"]  # fmt: skip
        shown = [
            [
                " · ".join(str(name) for name in np.atleast_1d(evidence.units[row])),
                t.number(float(evidence.statistic[row])),
                t.number(float(evidence.effect[row])),
                t.count(int(evidence.size[row])),
                _chance(t, evidence.p[row]),
                _chance(t, evidence.q[row]),
            ]
            for row in rows[:SHOWN]
        ]
        lines.append(columns(head, shown))
    for name, reason in skipped.items():
        lines.append(t(f"\nНе посчитано {name}: {reason}", f"\nNot computed {name}: {reason}"))
    return "\n".join(lines)


def _chance(t: Tongue, value: float) -> str:
    return f"< {t.number(1e-4, 4)}" if value < 1e-4 else t.number(float(value), 4)
