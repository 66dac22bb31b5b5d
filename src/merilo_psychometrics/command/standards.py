"""`standards`: where the levels begin, by a panel's judgements or by data, with the error of it.

The cuts are for people to adopt; the command decides about nobody.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merilo_psychometrics.provenance import Provenance, digest
from merilo_psychometrics.tongue import Tongue

from . import source
from .outcome import Outcome, columns
from .screen import Screen

if TYPE_CHECKING:
    import polars as pl

    from merilo_psychometrics.design import Item
    from merilo_psychometrics.parameters import ItemParameters
    from merilo_psychometrics.standards import AngoffRound, BookmarkPage, Cut, DataCut

METHODS = ("angoff", "bookmark", "contrasting", "borderline", "clusters")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "data", metavar="ДАННЫЕ", nargs="?",
        help="таблица: для angoff — panelist, item, judgement, при нужде round и highest (полный "
        "балл задания); для bookmark — panelist, "
        "level, page (без неё показывается упорядоченная книжка); для остальных — строка на "
        "участника",
    )  # fmt: skip
    parser.add_argument("--method", choices=METHODS, required=True,
                        help="способ: два по суждениям экспертов, три по данным")  # fmt: skip
    parser.add_argument(
        "--table", metavar="ИМЯ", help="лист книги, таблица базы или запрос SELECT"
    )
    panel = parser.add_argument_group("эксперты")
    panel.add_argument("--parameters", type=Path, metavar="ФАЙЛ",
                       help="параметры заданий (по умолчанию — из calibrate в каталоге --out): для "
                       "bookmark нужны, для angoff переводят границу в логиты")  # fmt: skip
    panel.add_argument("--level", default="cut", metavar="ИМЯ", help="имя уровня (cut)")
    panel.add_argument("--response-probability", type=float, default=2 / 3, metavar="P",
                       help="bookmark: вероятность ответа (2/3)")  # fmt: skip
    panel.add_argument("--convention", choices=("bookmarked", "before", "between"),
                       default="bookmarked", help="bookmark: граница на странице закладки, на "
                       "предыдущей или между ними (bookmarked)")  # fmt: skip
    panel.add_argument("--centre", choices=("median", "mean"), default="median",
                       help="середина по экспертам или по пограничной группе (median)")  # fmt: skip
    people = parser.add_argument_group("участники")
    people.add_argument("--score", default="score", metavar="СТОЛБЕЦ", help="балл (score)")
    people.add_argument("--unit", choices=("points", "logits"), default="points",
                        help="единица балла (points)")  # fmt: skip
    people.add_argument("--mastered", default="mastered", metavar="СТОЛБЕЦ",
                        help="contrasting: 1, если по другим сведениям освоил (mastered)")  # fmt: skip
    people.add_argument("--crossing", choices=("logistic", "normal", "beta", "midpoint"),
                        default="logistic", help="contrasting: как искать границу (logistic)")  # fmt: skip
    people.add_argument("--highest", type=float, metavar="X", help="beta: полный балл")
    people.add_argument("--share", type=float, metavar="P",
                        help="contrasting: доля освоивших в совокупности (как в данных)")  # fmt: skip
    people.add_argument("--levels", type=source.names, default=(), metavar="A,B,…",
                        help="clusters: уровни от нижнего к верхнему")  # fmt: skip
    source.add_output(parser)


def inputs(options: argparse.Namespace) -> dict[str, str | Path]:
    """The parameters decide the cuts of a panel as its judgements do."""
    where = _where(options)
    return {} if where is None else {"parameters": where}


def work(options: argparse.Namespace, screen: Screen) -> Outcome:
    """Find the cuts by the method that was asked for."""
    from merilo_psychometrics.errors import WrongSettings

    if options.data is None and options.method != "bookmark":
        raise WrongSettings(
            f"Для способа {options.method} назовите таблицу с данными.",
            f"Name the table for {options.method}.",
        )
    ways: dict[str, Callable[[argparse.Namespace, Tongue], Outcome]] = {
        "angoff": _angoff,
        "bookmark": _bookmark,
        "contrasting": _contrasting,
        "borderline": _borderline,
        "clusters": _clusters,
    }
    with screen.step("Ищу границы"):
        return ways[options.method](options, Tongue(options.language))


def _angoff(options: argparse.Namespace, t: Tongue) -> Outcome:
    import numpy as np
    import polars as pl

    from merilo_psychometrics.data.tables import names_of
    from merilo_psychometrics.standards import set_angoff

    columns_there = names_of(options.data, options.table)
    there = "round" in columns_there
    extra = [name for name in ("round", "highest") if name in columns_there]
    judged = _rows(options, ["panelist", "item", "judgement", *extra])
    names = judged["item"].cast(pl.String).unique(maintain_order=True).to_list()
    panel = judged["panelist"].cast(pl.String).unique(maintain_order=True).to_list()
    rounds = sorted(judged["round"].unique()) if there else [1]
    table = np.full((len(rounds), len(panel), len(names)), np.nan)
    places: list[dict[Any, int]] = [
        {name: n for n, name in enumerate(axis)} for axis in (rounds, panel, names)
    ]
    for row in judged.iter_rows(named=True):
        at = (places[0][row["round"] if there else 1], places[1][str(row["panelist"])],
              places[2][str(row["item"])])  # fmt: skip
        _require_once(table[at], row)
        table[at] = float("nan") if row["judgement"] is None else _number(row, "judgement")
    parameters = _parameters(options)
    items = _judged_items(judged, names)
    if parameters is not None:
        parameters = parameters.only(names)
        known = {item.id: item for item in parameters.items}
        items = [known[name] for name in names]
    found = set_angoff(table, items=items, panelists=panel, parameters=parameters,
                       level=options.level)  # fmt: skip
    last = found.rounds[-1]
    cuts = [found.cut] + ([last.ability] if last.ability else [])
    panelists = [vars(one) for one in last.panelists]
    text = "\n".join([*_said(t, cuts), "", *_panel(t, last, found.convergence)])
    summary = {
        "cuts": [vars(cut) for cut in cuts],
        "rounds": [
            {"cut": r.cut.value, "spread": r.spread, "se_panelists": r.se_panelists,
             "se_generalised": r.se_generalised, "reliability": r.reliability}
            for r in found.rounds
        ],
        "convergence": found.convergence,
        "panelists": panelists,
    }  # fmt: skip
    return Outcome(text, summary, {"cuts": _table(cuts), "panelists": pl.DataFrame(panelists)},
                   provenance=[found.provenance.as_dict()])  # fmt: skip


def _judged_items(judged: pl.DataFrame, names: Sequence[str]) -> list[Item]:
    """Items of the judgements: 0/1, or 0 … what stands in the column `highest`."""
    from merilo_psychometrics.design import Item
    from merilo_psychometrics.errors import BadData

    if "highest" not in judged.columns:
        return [Item(name) for name in names]
    found: dict[str, set[Any]] = {}
    for row in judged.iter_rows(named=True):
        found.setdefault(str(row["item"]), set()).add(row["highest"])
    for name, tops in found.items():
        if len(tops) > 1 or not all(str(top).isdigit() and int(top) > 0 for top in tops):
            raise BadData(
                f"У задания {name} в столбце highest не одно целое число баллов: "
                f"{', '.join(sorted(map(str, tops)))}.",
                f"Item {name} has no one whole full score in the column highest.",
                items=[name],
            )
    return [Item(name, tuple(range(int(next(iter(found[name]))) + 1))) for name in names]


def _panel(t: Tongue, last: AngoffRound, convergence: Sequence[float]) -> list[str]:
    said = t(
        f"Ошибка с учётом выбора заданий {t.number(last.se_generalised)}; надёжность средних "
        f"суждений {t.number(last.reliability)}; разброс по турам к первому: ",
        f"Error with the choice of items {t.number(last.se_generalised)}; reliability of the mean "
        f"judgements {t.number(last.reliability)}; spread by round to the first: ",
    )
    head = [t("эксперт", "panelist"), t("граница", "cut"), t("от средней", "away"),
            t("связь с трудностью", "with difficulty"), t("несогласие", "misfit")]  # fmt: skip
    rows = [
        [p.panelist, t.number(p.cut), t.number(p.away), t.number(p.correlation),
         t.number(p.misfit)]
        for p in last.panelists
    ]  # fmt: skip
    return [said + ", ".join(t.number(value) for value in convergence) + ".", "",
            columns(head, rows)]  # fmt: skip


def _bookmark(options: argparse.Namespace, t: Tongue) -> Outcome:
    import polars as pl

    from merilo_psychometrics.errors import WrongSettings
    from merilo_psychometrics.standards import ordered_booklet, set_bookmark

    parameters = _parameters(options)
    if parameters is None:
        raise WrongSettings(
            "Для закладок нужны параметры заданий: --parameters ФАЙЛ или каталог calibrate (--out).",
            "Bookmarks need item parameters: --parameters or the folder of calibrate (--out).",
        )
    if options.data is None:
        pages = ordered_booklet(parameters, response_probability=options.response_probability)
        return Outcome(
            _pages(t, pages),
            {"pages": [vars(page) for page in pages], "cuts": []},
            {"pages": pl.DataFrame([vars(page) for page in pages])},
            provenance=[
                Provenance(
                    "ordered_booklet",
                    digest([parameters.thresholds, parameters.slope, parameters.guessing]),
                    {"response_probability": options.response_probability},
                ).as_dict()
            ],
        )
    marked = _rows(options, ["panelist", "level", "page"])
    levels: dict[str, dict[str, Any]] = {}
    for row in marked.iter_rows(named=True):
        own = levels.setdefault(str(row["level"]), {})
        _require_once(own.get(str(row["panelist"])), row)
        own[str(row["panelist"])] = int(_number(row, "page", whole=True))
    order = sorted(levels, key=lambda name: sum(levels[name].values()) / len(levels[name]))
    found = set_bookmark(
        parameters,
        {name: list(levels[name].values()) for name in order},
        response_probability=options.response_probability,
        convention=options.convention,
        centre=options.centre,
    )
    text = "\n".join([*_said(t, found.cuts, found.points), "", _pages(t, found.pages)])
    summary = {
        "cuts": [
            {**vars(cut), "points": points}
            for cut, points in zip(found.cuts, found.points, strict=True)
        ],
        "panelists": found.panelists,
        "pages": [vars(page) for page in found.pages],
    }
    tables = {"cuts": _table(found.cuts), "pages": pl.DataFrame([vars(p) for p in found.pages])}
    return Outcome(text, summary, tables, provenance=[found.provenance.as_dict()])


def _contrasting(options: argparse.Namespace, t: Tongue) -> Outcome:
    import polars as pl

    from merilo_psychometrics.errors import BadData
    from merilo_psychometrics.standards import contrast_groups

    rows = _rows(options, [options.score, options.mastered])
    mastered = rows[options.mastered].cast(pl.Float64, strict=False)
    if not mastered.is_in([0.0, 1.0]).all() or mastered.null_count():
        raise BadData(
            f"В столбце {options.mastered} должны стоять 1 (освоил) и 0 (не освоил).",
            f"The column {options.mastered} must hold 1 (mastered) and 0.",
        )
    found = contrast_groups(
        _scores(rows, options.score),
        mastered.to_numpy() > 0,
        method=options.crossing,
        highest=options.highest,
        share=options.share,
        level=options.level,
        unit=options.unit,
    )
    return _by_data([found], t)


def _borderline(options: argparse.Namespace, t: Tongue) -> Outcome:
    from merilo_psychometrics.standards import borderline_group

    scores = _scores(_rows(options, [options.score]), options.score)
    found = borderline_group(scores, centre=options.centre, level=options.level, unit=options.unit)
    return _by_data([found], t)


def _clusters(options: argparse.Namespace, t: Tongue) -> Outcome:
    from merilo_psychometrics.errors import WrongSettings
    from merilo_psychometrics.standards import cluster_scores

    if len(options.levels) < 2:
        raise WrongSettings(
            "Назовите уровни от нижнего к верхнему: --levels A,B,…",
            "Name the levels: --levels A,B.",
        )
    scores = _scores(_rows(options, [options.score]), options.score)
    return _by_data(list(cluster_scores(scores, levels=options.levels, unit=options.unit)), t)


def _by_data(found: list[DataCut], t: Tongue) -> Outcome:
    cuts = [one.cut for one in found]
    summary = {
        "method": found[0].method,
        "cuts": [vars(cut) for cut in cuts],
        "details": found[0].details,
    }
    return Outcome("\n".join(_said(t, cuts)), summary, {"cuts": _table(cuts)},
                   provenance=[one.provenance.as_dict() for one in found])  # fmt: skip


def _said(t: Tongue, cuts: Sequence[Cut], points: Sequence[float] = ()) -> list[str]:
    unit = {"points": t("баллы", "points"), "logits": t("логиты", "logits")}
    rows = [
        [cut.level, t.number(cut.value, 3), t.number(cut.se, 3), unit[cut.unit],
         *([t.number(points[n], 2)] if points else [])]
        for n, cut in enumerate(cuts)
    ]  # fmt: skip
    head = [t("уровень", "level"), t("граница", "cut"), "SE", t("единица", "unit"),
            *([t("балл", "points")] if points else [])]  # fmt: skip
    advice = t(
        "Границу утверждают люди; ошибка показывает, насколько она сдвинулась бы у других экспертов "
        "или участников.",
        "People adopt a cut; its error tells how far it would move with others judging or sitting.",
    )
    return [columns(head, rows), advice]


def _pages(t: Tongue, pages: Sequence[BookmarkPage]) -> str:
    head = [t("страница", "page"), t("задание", "item"), t("балл", "score"),
            t("место", "location")]  # fmt: skip
    return columns(
        head, [[str(p.page), p.item, str(p.score), t.number(p.location, 3)] for p in pages]
    )


def _table(cuts: Sequence[Cut]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame([vars(cut) for cut in cuts])


def _rows(options: argparse.Namespace, wanted: list[str]) -> pl.DataFrame:
    import polars as pl

    from merilo_psychometrics.data.tables import frames

    return pl.concat(list(frames(options.data, wanted, options.table)), how="vertical_relaxed")


def _scores(rows: pl.DataFrame, name: str) -> Any:
    import polars as pl

    from merilo_psychometrics.errors import BadData

    scores = rows[name].cast(pl.Float64, strict=False)
    if scores.null_count() or scores.is_nan().any():
        raise BadData(
            f"В столбце {name} есть строки без числа. Уберите их: участник без балла границы не "
            "определяет.",
            f"The column {name} has rows without a number; take them out.",
        )
    return scores.to_numpy()


def _number(row: dict[str, Any], name: str, *, whole: bool = False) -> float:
    """What an expert has put into the column."""
    from merilo_psychometrics.errors import BadData

    try:
        value = float(row[name])
        if not whole or value.is_integer():
            return value
    except (TypeError, ValueError):
        pass
    where = ", ".join(f"{column} {row[column]}" for column in row if column != name)
    kind = (
        ("целое число", "whole number") if whole else ("число; дробь пишется с точкой", "number")
    )
    raise BadData(
        f"В столбце {name} ({where}) стоит «{row[name]}», а нужно {kind[0]}.",
        f"{row[name]!r} in the column {name} ({where}) is no {kind[1]}.",
    )


def _require_once(known: Any, row: dict[str, Any]) -> None:
    from merilo_psychometrics.errors import BadData

    if known is not None and known == known:
        where = ", ".join(f"{name} {row[name]}" for name in row)
        raise BadData(f"Суждение названо дважды: {where}.", f"A judgement stands twice: {where}.")


def _where(options: argparse.Namespace) -> Path | None:
    """The table of parameters where one is asked for or lies in the folder."""
    from . import score
    from .scale import parameter_file

    if options.method not in ("angoff", "bookmark"):
        return None
    inside = options.out is not None and parameter_file(options.out).is_file()
    return score.where(options) if options.parameters or inside else None


def _parameters(options: argparse.Namespace) -> ItemParameters | None:
    from .scale import read_parameters

    where = _where(options)
    return None if where is None else read_parameters(where)
