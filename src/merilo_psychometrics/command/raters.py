"""`raters`: how severe and how consistent the raters are."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.tongue import Tongue

from . import agreement, source
from .outcome import Outcome, columns
from .screen import Screen

if TYPE_CHECKING:
    from merilo_psychometrics.raters import Discrepancies, Facets, Ratings

MISFIT = 1.5


def _limits(text: str) -> int | dict[str, int]:
    """One limit for all criteria, or a limit a criterion."""
    one = source.whole(0)
    if "=" not in text:
        return one(text)
    limits = {}
    for part in source.names(text):
        name, _, limit = part.rpartition("=")
        if not name.strip():
            raise argparse.ArgumentTypeError(f"«{part}»: нужно КРИТЕРИЙ=N")
        limits[name.strip()] = one(limit)
    return limits


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", metavar="ДАННЫЕ", help="таблица: строка — одна оценка")
    table = parser.add_argument_group("таблица")
    table.add_argument("--table", metavar="ИМЯ", help="лист книги, таблица базы или запрос SELECT")
    table.add_argument("--person", default="person", metavar="СТОЛБЕЦ", help="работа (person)")
    table.add_argument("--rater", default="rater", metavar="СТОЛБЕЦ", help="эксперт (rater)")
    table.add_argument("--item", metavar="СТОЛБЕЦ", help="критерий или задание")
    table.add_argument("--score", default="score", metavar="СТОЛБЕЦ", help="оценка (score)")
    table.add_argument("--weight", metavar="СТОЛБЕЦ", help="не принимается: строгость эксперта "
                       "видна по работам, которые он проверил")  # fmt: skip
    table.add_argument("--without-raters", type=source.names, default=(), metavar="A,B,…",
                       help="не брать оценки этих экспертов")  # fmt: skip
    rule = parser.add_argument_group("расхождения")
    rule.add_argument("--allowed", type=_limits, metavar="N|A=N,…",
                      help="наибольшее допустимое расхождение двух экспертов по критерию: одно на все "
                      "или по названным критериям")  # fmt: skip
    rule.add_argument("--allowed-total", type=source.whole(0), metavar="N", help="то же по сумме")
    source.add_output(parser)


def work(options: argparse.Namespace, screen: Screen) -> Outcome:
    """Severity and fit by the many-facet model, agreement, works for a third marker."""
    import polars as pl

    from merilo_psychometrics.data.tables import frames
    from merilo_psychometrics.errors import WrongSettings
    from merilo_psychometrics.raters import (
        DiscrepancyRule,
        calibrate_facets,
        exact_adjacent,
        find_discrepancies,
        krippendorff_alpha,
        make_ratings,
    )

    if options.weight:
        # Severity is a contrast of raters on the very works they marked, conditional on ability; a
        # weight of a survey says how many other works one stands for (Pfeffermann 1993 §4).
        raise WrongSettings(
            "Веса работ в таблице оценок не принимаются: строгость эксперта видна по работам, которые "
            "он проверил, а вес говорит о работах, которых в таблице нет. Уберите --weight; средний "
            "балл по совокупности считайте с весами по справедливым баллам (works.csv).",
            "Ratings take no weights: severity shows on the works that were marked. Leave --weight "
            "out; weigh the fair scores (works.csv) for a mean of the population.",
        )
    wanted = [options.person, options.rater, options.score] + (
        [options.item] if options.item else []
    )
    with screen.step("Читаю оценки"):
        read = pl.concat(list(frames(options.data, wanted, options.table)), how="vertical_relaxed")
        ratings = make_ratings(
            read[options.person].to_numpy(),
            read[options.rater].cast(pl.String).to_numpy(),
            read[options.score].to_numpy(),
            items=read[options.item].cast(pl.String).to_numpy() if options.item else None,
        )
    if options.without_raters:
        ratings = ratings.without_raters(options.without_raters)
    _require_criteria(options, ratings)
    with screen.step("Оцениваю строгость"):
        found = calibrate_facets(ratings)
    with screen.step("Сверяю экспертов"):
        agreed, correlated = agreement.coefficients(ratings), agreement.correlations(ratings)
        of_pairs = agreement.pairs(ratings)
    near = exact_adjacent(ratings)[0]
    alpha = krippendorff_alpha(ratings.by_rater(), scale="interval")
    raters = pl.DataFrame([vars(rater) for rater in found.raters])
    works = pl.DataFrame(
        {"person": list(found.persons), "ability": found.ability, "se": found.ability_se,
         "fair_score": found.fair_score}
    )  # fmt: skip
    tables = {"raters": raters, "works": works}
    for name, rows in (("agreement", agreed), ("intraclass", correlated), ("pairs", of_pairs)):
        if rows:
            tables[name] = pl.DataFrame(rows, infer_schema_length=None)
    summary: dict[str, Any] = {
        "marks": len(ratings),
        "works": len(ratings.persons),
        "raters": raters.to_dicts(),
        "separation": None if found.separation is None else vars(found.separation),
        "exact": near.exact,
        "adjacent": near.adjacent,
        "alpha": alpha.value,
        "agreement": agreed,
        "intraclass": correlated,
        "pairs": of_pairs,
    }
    third = None
    if options.allowed is not None or options.allowed_total is not None:
        rule = DiscrepancyRule(options.allowed, options.allowed_total)
        third = find_discrepancies(ratings, rule)
        tables["discrepancies"] = pl.DataFrame(
            [
                {"person": row.person, "item": row.item, "rater_1": row.raters[0],
                 "rater_2": row.raters[1], "mark_1": row.marks[0], "mark_2": row.marks[1],
                 "difference": row.difference, "allowed": row.allowed}
                for row in third.found
            ],
            schema=["person", "item", "rater_1", "rater_2", "mark_1", "mark_2", "difference",
                    "allowed"],
            infer_schema_length=None,
        )  # fmt: skip
        summary |= {"third": len(third.persons), "compared": third.compared,
                    "discrepancies": _by_criterion(third)}  # fmt: skip
    t = Tongue(options.language)
    said = agreement.text(t, agreed, correlated, of_pairs)
    text = f"{_text(t, ratings, found, summary)}\n\n{said}"
    known = [found.provenance, Provenance("agreement", ratings.data_hash)]
    known += [] if third is None else [third.provenance]
    return Outcome(text, summary, tables, provenance=[made.as_dict() for made in known])


def _require_criteria(options: argparse.Namespace, ratings: Ratings) -> None:
    """A limit is of a criterion that was marked."""
    from merilo_psychometrics.errors import WrongSettings, listed

    there = [item.id for item in ratings.items]
    named = options.allowed if isinstance(options.allowed, dict) else {}
    lost = [name for name in named if name not in there]
    if lost:
        raise WrongSettings(
            f"Критериев {listed(lost)}, названных в --allowed, в оценках нет; есть: {listed(there)} "
            "(столбец критерия — --item).",
            f"No criteria {listed(lost)} (--allowed) in the marks; there are {listed(there)} (the "
            "column of the criterion is --item).",
            items=lost,
        )


def _by_criterion(third: Discrepancies) -> list[dict[str, Any]]:
    """How many pairs of marks broke the rule, a row a criterion; None is the sum."""
    counted: dict[str | None, int] = {}
    for row in third.found:
        counted[row.item] = counted.get(row.item, 0) + 1
    return [{"item": name, "found": many} for name, many in counted.items()]


def _text(t: Tongue, ratings: Ratings, found: Facets, summary: dict[str, Any]) -> str:
    lines = [
        t(
            f"Оценок {t.count(len(ratings))}, работ {t.count(len(ratings.persons))}, экспертов "
            f"{len(found.raters)}. Совпали полностью {t.share(summary['exact'])}, разошлись не больше "
            f"чем на балл {t.share(summary['adjacent'])}; альфа Криппендорфа "
            f"{t.number(summary['alpha'], 3)}.",
            f"{t.count(len(ratings))} marks, {t.count(len(ratings.persons))} works, "
            f"{len(found.raters)} raters. Equal {t.share(summary['exact'])}, within a point "
            f"{t.share(summary['adjacent'])}; Krippendorff's alpha {t.number(summary['alpha'], 3)}.",
        )
    ]
    if "third" in summary:
        lines.append(
            t(
                f"Работ, которым нужен третий эксперт: {summary['third']} (сверено пар оценок "
                f"{t.count(summary['compared'])}).",
                f"Works that need a third marker: {summary['third']} "
                f"({t.count(summary['compared'])} pairs of marks compared).",
            )
        )
        if summary["discrepancies"]:
            said = ", ".join(
                f"{row['item'] or t('сумма', 'sum')} — {row['found']}"
                for row in summary["discrepancies"]
            )
            lines.append(t(f"Расхождений больше допустимого: {said}.",
                           f"Differences beyond the limit: {said}."))  # fmt: skip
    rows = [
        [r.rater, t.count(r.marks), t.number(r.mean), t.number(r.severity), t.number(r.se),
         t.number(r.infit), t.number(r.outfit), _words(t, r.infit)]
        for r in sorted(found.raters, key=lambda r: -r.severity)
    ]  # fmt: skip
    head = [t("эксперт", "rater"), t("оценок", "marks"), t("средняя", "mean"),
            t("строгость", "severity"), "SE", "infit", "outfit", ""]  # fmt: skip
    return "\n".join([*lines, "", columns(head, rows)])


def _words(t: Tongue, infit: float) -> str:
    if infit > MISFIT:
        return t("оценки плохо следуют за работами", "marks do not follow the works")
    return t("оценки слишком ровные", "marks too regular") if infit < 1 / MISFIT else ""
