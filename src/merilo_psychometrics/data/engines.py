"""Counting where the data are: one set of Ibis expressions for DuckDB and for a Spark cluster.

Only aggregates leave the engine — a row for every booklet and total score — so nothing grows with
the number of works here. The counts are those of `count`, checked against it.
"""

from __future__ import annotations

import functools
import operator
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import ibis
import numpy as np
import polars as pl

from merilo_psychometrics.design import HIGHEST_SCORE, Booklet, Design, Item
from merilo_psychometrics.errors import (
    BadData,
    DuplicateResponse,
    ScoreOutsideRule,
    UntreatedOmissions,
    WrongSettings,
)
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import NOT_ADMINISTERED, NOT_REACHED, OMITTED, Decision
from merilo_psychometrics.statistics import BookletCounts, SufficientStatistics
from merilo_psychometrics.statistics.counts import columns_of

from .coding import items_of
from .sources import Coding, Long, ScoringRules, Source, Wide
from .tables import files, is_database, kind_of

Engine = Literal["duckdb", "spark"]
BREAK = "\x1f"


def count_in(
    source: Source,
    *,
    engine: Engine,
    rules: ScoringRules | None = None,
    coding: Coding | None = None,
    omitted: Decision | None = None,
    not_reached: Decision | None = None,
    connection: Any = None,
) -> SufficientStatistics:
    """Count total score × item score by booklet inside DuckDB or Spark.

    `connection` is an Ibis backend that is open already (a cluster's session); without it one is
    opened and closed — for Spark by the settings of the environment (`MERILO_SPARK_MASTER`, else
    all cores of this machine). Gaps are decided about as in `count`. Files must be Parquet or CSV
    that the engine reaches. Raises the `BadData` family and `WrongSettings`.
    """
    asked = _Asked(source, rules, coding or Coding(), omitted, not_reached)
    with _backend(engine, connection) as backend:
        table = _table(backend, source)
        found = _scored(table, asked).count(asked)
    settings = {"engine": engine, "omitted": omitted, "not_reached": not_reached}
    return found.statistics(rules, settings)


@dataclass(frozen=True)
class _Asked:
    source: Source
    rules: ScoringRules | None
    coding: Coding
    omitted: Decision | None
    not_reached: Decision | None

    def decision(self, code: int, booklets: Iterable[str]) -> int | None:
        """The score a gap counts as; None leaves the item out."""
        decided = {OMITTED: self.omitted, NOT_REACHED: self.not_reached}[code]
        if decided is None:
            raise UntreatedOmissions("count", sorted(booklets))
        return 0 if decided == "wrong" else None

    def codes(self) -> dict[str, int]:
        return {
            **dict.fromkeys(self.coding.omitted, OMITTED),
            **dict.fromkeys(self.coding.not_reached, NOT_REACHED),
            **dict.fromkeys(self.coding.not_administered, NOT_ADMINISTERED),
        }


# --- engines --------------------------------------------------------------------------------


@contextmanager
def _backend(engine: Engine, connection: Any) -> Iterator[Any]:
    if connection is not None:
        yield connection
        return
    if engine == "duckdb":
        backend = ibis.duckdb.connect()
        try:
            yield backend
        finally:
            backend.disconnect()
        return
    try:
        from pyspark.sql import SparkSession
    except ImportError as missing:
        raise WrongSettings(
            "Для --engine spark нужны пакет pyspark и Java 17: установите их или считайте на одной "
            "машине (local, duckdb).",
            "engine='spark' needs pyspark and Java 17.",
        ) from missing
    session = (
        SparkSession.builder.master(os.environ.get("MERILO_SPARK_MASTER", "local[*]"))
        .appName("merilo measure")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    try:
        yield ibis.pyspark.connect(session)
    finally:
        session.stop()


def _table(backend: Any, source: Source) -> Any:
    if is_database(source.where):
        raise WrongSettings(
            "С --engine читаются файлы Parquet и CSV. Выгрузите таблицу базы в Parquet.",
            "An engine reads Parquet and CSV files; export the table.",
        )
    found = [str(path.resolve()) for path in files(source.where)]
    kind = kind_of(files(source.where)[0])
    if kind == "parquet":
        if backend.name == "duckdb":
            return backend.read_parquet(found)
        return _union([backend.read_parquet(path) for path in found])
    if kind == "text":
        options = {"header": True} | ({"inferSchema": True} if backend.name == "pyspark" else {})
        return _union([backend.read_csv(path, **options) for path in found])
    raise WrongSettings(
        "С --engine читаются файлы Parquet и CSV, а не книги. Сохраните лист как CSV.",
        "An engine reads Parquet and CSV files, not sheets.",
    )


def _union(tables: list[Any]) -> Any:
    return tables[0] if len(tables) == 1 else ibis.union(*tables)


# --- cells ----------------------------------------------------------------------------------


def _scored(table: Any, asked: _Asked) -> _Works:
    """One row a work with an int column an item: a score, a code of missing, or null."""
    source = asked.source
    lost = [name for name in source.columns() if name not in table.columns]
    if lost:
        raise BadData(
            f"В таблице {source.where} нет столбцов {', '.join(lost)}; есть: "
            f"{', '.join(table.columns[:20])}.",
            f"No columns {lost}.",
        )
    label = ibis.literal("") if source.booklet is None else table[source.booklet].cast("string")
    weight = ibis.literal(1) if source.weight is None else table[source.weight].cast("float64")
    if isinstance(source, Wide):
        items = list(source.items or [n for n in table.columns if n not in source.columns()])
        cells = {f"q{n}": _cell(table[name], name, asked) for n, name in enumerate(items)}
        return _Works(table.select(label=label, weight=weight, **cells), items)
    items = sorted(_fetch(table.select(i=table[source.item].cast("string")).distinct())["i"])
    rows = table.select(
        person=table[source.person],
        label=label,
        weight=weight,
        item=table[source.item].cast("string"),
        cell=_long_cell(table, source, items, asked),
    )
    torn = _fetch(rows.aggregate(n=(rows.person.isnull() | rows.label.isnull()).sum()))
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
    wrong = _fetch(
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
    return _Works(works, items)


def _fetch(expression: Any) -> pl.DataFrame:
    """Bring a small result here."""
    return pl.DataFrame(pl.from_arrow(expression.to_pyarrow()))


# Far below every code: a cell that is neither a score nor a code.
UNKNOWN = -100


def _cell(column: Any, name: str, asked: _Asked) -> Any:
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


def _long_cell(table: Any, source: Long, items: list[str], asked: _Asked) -> Any:
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


# --- works ----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Works:
    """`table`: label, weight, q0 … q(k−1)."""

    table: Any
    items: list[str]

    def count(self, asked: _Asked) -> _Found:
        """Two aggregates: what there is, then the counts."""
        seen = self._seen()
        if not len(seen):
            raise BadData(
                f"В таблице {asked.source.where} нет строк.", f"No rows in {asked.source.where}."
            )
        highest = np.array([seen[f"hi{n}"].max() or 0 for n in range(len(self.items))])
        self._require_known(seen)
        labelled = asked.source.booklet is not None
        held = {
            str(row["label"]): [n for n in range(len(self.items)) if row[f"n{n}"] > 0]
            for row in seen.iter_rows(named=True)
        }
        table, split = self._decided(asked, seen, held if labelled else None)
        final = {n: table[f"q{n}"] for n in range(len(self.items))}
        total = functools.reduce(operator.add, [cell.fill_null(0) for cell in final.values()])
        pattern = ibis.literal("")
        if split:
            marks = [ibis.ifelse(cell.isnull(), "0", "1") for cell in final.values()]
            pattern = functools.reduce(operator.add, marks)
        table = table.mutate(total=total.cast("int32"), pattern=pattern)
        tops = np.maximum(highest, 1).astype(int)
        counted = {"works": table.weight.sum()}
        for n, top in enumerate(tops):
            for score in range(1, top + 1):
                hit = ibis.ifelse(table[f"q{n}"] == score, table.weight, 0)
                counted[f"c{n}_{score}"] = hit.sum()
        rows = _fetch(table.group_by(["label", "pattern", "total"]).aggregate(**counted))
        return _Found(self.items, tops, rows, held if labelled else None, split,
                      asked.source.weight is not None)  # fmt: skip

    def _seen(self) -> Any:
        wanted: dict[str, Any] = {"works": self.table.count()}
        for n in range(len(self.items)):
            cell = self.table[f"q{n}"]
            wanted[f"hi{n}"], wanted[f"lo{n}"] = cell.max(), cell.min()
            wanted[f"n{n}"] = (cell != NOT_ADMINISTERED).fill_null(False).sum()
            wanted[f"om{n}"] = (cell == OMITTED).fill_null(False).sum()
            wanted[f"nr{n}"] = (cell == NOT_REACHED).fill_null(False).sum()
        return _fetch(self.table.group_by("label").aggregate(**wanted))

    def _require_known(self, seen: Any) -> None:
        wrong = [name for n, name in enumerate(self.items)
                 if (seen[f"lo{n}"].min() or 0) <= UNKNOWN]  # fmt: skip
        if wrong:
            raise ScoreOutsideRule(
                f"В заданиях {', '.join(wrong[:8])} есть значения, которые не балл от 0 до "
                f"{HIGHEST_SCORE}, не ответ из правила и не код пропуска. Исправьте данные, дополните "
                "правило или назовите код.",
                f"Unknown cells in items {wrong[:8]}.",
                items=wrong,
            )

    def _decided(
        self, asked: _Asked, seen: Any, held: dict[str, list[int]] | None
    ) -> tuple[Any, bool]:
        """Write what gaps count as; say whether works with unequal items are left."""
        split = False
        cells: dict[str, Any] = {}
        for n in range(len(self.items)):
            cell = self.table[f"q{n}"]
            gaps = {OMITTED: int(seen[f"om{n}"].sum()), NOT_REACHED: int(seen[f"nr{n}"].sum())}
            if held is None:
                cell = cell.nullif(NOT_ADMINISTERED)
                split |= bool((seen[f"n{n}"] < seen["works"]).any())
            else:
                inside = [label for label, items in held.items() if n in items]
                there = seen.filter(pl.col("label").is_in(inside))
                gaps[OMITTED] += int((there["works"] - there[f"n{n}"]).sum())
                filled = cell.nullif(NOT_ADMINISTERED).fill_null(OMITTED)
                cell = ibis.ifelse(self.table.label.isin(inside), filled, None)
            for code, many in gaps.items():
                if not many:
                    continue
                score = asked.decision(code, held or ())
                split |= score is None
                cell = cell.nullif(code) if score is None else ibis.ifelse(cell == code, 0, cell)
            cells[f"q{n}"] = cell
        return self.table.select(label=self.table.label, weight=self.table.weight, **cells), split


@dataclass(frozen=True, eq=False)
class _Found:
    """Rows (label, pattern, total) of counts that came back from the engine."""

    items: list[str]
    tops: Any
    rows: Any
    held: dict[str, list[int]] | None
    split: bool
    weighted: bool

    def statistics(
        self, rules: ScoringRules | None, settings: dict[str, Any]
    ) -> SufficientStatistics:
        """Lay the rows out as the nouns of counting."""
        full = items_of(self.items, np.asarray(self.tops, dtype=np.int64), rules)
        kept = [n for n in range(len(full)) if self.held is None or any(
            n in items for items in self.held.values())]  # fmt: skip
        booklets: list[Booklet] = []
        counts: list[BookletCounts] = []
        place = {old: new for new, old in enumerate(kept)}
        names: dict[str, int] = {}
        ordered = self.rows.sort("label", "pattern", "total")
        for (label, pattern), rows in ordered.group_by("label", "pattern", maintain_order=True):
            label, given = str(label), self._given(str(label), str(pattern))
            if not given:
                continue
            names[label] = names.get(label, 0) + 1
            own = label if names[label] == 1 else f"{label}~{names[label]}"
            booklets.append(
                Booklet(
                    own if self.held is not None else str(len(booklets) + 1),
                    np.array([place[n] for n in given], dtype=np.int32),
                )
            )
            counts.append(self._counts([full[n] for n in given], given, rows))
        design = Design(tuple(full[n] for n in kept), tuple(booklets))
        made = SufficientStatistics(design, tuple(counts), Provenance("count", ""))
        provenance = Provenance("count", made.counts_hash, settings)
        return SufficientStatistics(design, tuple(counts), provenance)

    def _given(self, label: str, pattern: str) -> list[int]:
        if self.split:
            return [n for n, mark in enumerate(pattern) if mark == "1"]
        return list(range(len(self.items))) if self.held is None else self.held[label]

    def _counts(self, items: list[Item], given: list[int], rows: Any) -> BookletCounts:
        kind = np.float64 if self.weighted else np.int64
        columns = columns_of(items)
        height = sum(item.max_score for item in items) + 1
        by_score = np.zeros(height, dtype=kind)
        by_item = np.zeros((height, columns[-1]), dtype=kind)
        totals = rows["total"].to_numpy().astype(np.int64)
        works = rows["works"].to_numpy().astype(kind)
        by_score[totals] = works
        for q, (n, item) in enumerate(zip(given, items, strict=True)):
            left = works.copy()
            for score in range(1, min(int(self.tops[n]), item.max_score) + 1):
                hits = rows[f"c{n}_{score}"].to_numpy().astype(kind)
                by_item[totals, columns[q] + score] = hits
                left -= hits
            by_item[totals, columns[q]] = left
        return BookletCounts(by_score, by_item, columns)
