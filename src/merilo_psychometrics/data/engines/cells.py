"""From the table of a source to one row a work with a number an item, inside the engine."""

from __future__ import annotations

import functools
import operator
from typing import Any

import ibis

from merilo_psychometrics.data.sources import Long, Wide
from merilo_psychometrics.data.tables import shown
from merilo_psychometrics.design import HIGHEST_SCORE
from merilo_psychometrics.errors import BadData, DuplicateResponse

from .asked import UNKNOWN, Asked, fetch
from .works import Works

BREAK = "\x1f"


def scored(table: Any, asked: Asked) -> Works:
    """One row a work with an int column an item: a score, a code of missing, or null."""
    source = asked.source
    lost = [name for name in source.columns() if name not in table.columns]
    if lost:
        raise BadData(
            f"В таблице {shown(source.where)} нет столбцов {', '.join(lost)}; есть: "
            f"{', '.join(table.columns[:20])}.",
            f"No columns {lost}.",
        )
    label = ibis.literal("") if source.booklet is None else table[source.booklet].cast("string")
    weight = ibis.literal(1) if source.weight is None else table[source.weight].cast("float64")
    if isinstance(source, Wide):
        items = list(source.items or [n for n in table.columns if n not in source.columns()])
        cells = {f"q{n}": _cell(table[name], name, asked) for n, name in enumerate(items)}
        return Works(table.select(label=label, weight=weight, **cells), items)
    items = sorted(fetch(table.select(i=table[source.item].cast("string")).distinct())["i"])
    rows = table.select(
        person=table[source.person],
        label=label,
        weight=weight,
        item=table[source.item].cast("string"),
        cell=_long_cell(table, source, items, asked),
    )
    torn = fetch(rows.aggregate(n=(rows.person.isnull() | rows.label.isnull()).sum()))
    if torn["n"][0]:
        raise BadData(
            "В столбце участника или варианта есть пустые клетки: ответ ни к кому не отнести.",
            "Empty cells in the column of persons or booklets.",
        )
    works = rows.group_by(["person", "label"]).aggregate(
        weight=rows.weight.max(),
        uneven=(rows.weight.max() - rows.weight.min()).cast("float64"),
        rows=rows.cell.count(),
        **{f"q{n}": ibis.ifelse(rows.item == name, rows.cell, None).max()
           for n, name in enumerate(items)},
    )  # fmt: skip
    filled = functools.reduce(
        operator.add, [works[f"q{n}"].notnull().cast("int32") for n in range(len(items))]
    )
    wrong = fetch(
        works.aggregate(twice=(works.rows != filled).sum(), uneven=(works.uneven != 0).sum())
    )
    if wrong["twice"][0]:
        raise DuplicateResponse(
            f"У {wrong['twice'][0]} работ одно задание встречается дважды. Оставьте один ответ или "
            "укажите столбец варианта (booklet), если участник писал две работы.",
            f"{wrong['twice'][0]} works hold an item twice.",
        )
    if wrong["uneven"][0]:
        raise BadData(
            f"Столбец веса «{source.weight}» меняется внутри одной работы.",
            "The weight changes inside a work.",
        )
    return Works(works, items)


def _cell(column: Any, name: str, asked: Asked) -> Any:
    codes, rules = asked.codes(), asked.rules
    if rules is None and not codes and column.type().is_integer():
        inside = column.isnull() | column.between(0, HIGHEST_SCORE)
        return ibis.ifelse(inside, column, UNKNOWN).cast("int16")
    text = _text(column)
    known = dict(codes)
    if rules is not None:
        known |= dict(rules.item(name).responses)
        otherwise = ibis.literal(UNKNOWN if rules.otherwise is None else rules.otherwise)
    else:
        number = text.re_search("^[0-9]{1,3}$")
        value = ibis.ifelse(number, text, None).try_cast("int32")
        otherwise = ibis.ifelse(
            number & (value <= HIGHEST_SCORE), value, ibis.literal(UNKNOWN)
        ).fill_null(UNKNOWN)
    return _looked_up(text, known, otherwise)


def _long_cell(table: Any, source: Long, items: list[str], asked: Asked) -> Any:
    if asked.rules is None:
        return _cell(table[source.score], "", asked)
    known = {
        f"{item}{BREAK}{answer}": score
        for item in items
        for answer, score in {**asked.codes(), **dict(asked.rules.item(item).responses)}.items()
    }
    text = _text(table[source.score])
    both = table[source.item].cast("string") + BREAK + text
    other = UNKNOWN if asked.rules.otherwise is None else asked.rules.otherwise
    return _looked_up(both, known, ibis.literal(other), empty=text)


def _looked_up(text: Any, known: dict[str, int], otherwise: Any, empty: Any = None) -> Any:
    blank = text if empty is None else empty
    found = text.cases(*known.items(), else_=otherwise) if known else otherwise
    return ibis.ifelse(blank.isnull() | (blank == ""), None, found).cast("int16")


def _text(column: Any) -> Any:
    if column.type().is_floating():
        whole = column.cast("int64").cast("string")
        return ibis.ifelse(column == column.floor(), whole, column.cast("string"))
    return column.cast("string").strip()
