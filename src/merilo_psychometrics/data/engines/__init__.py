"""Counting where the data are: one set of Ibis expressions for DuckDB and for a Spark cluster.

Only aggregates leave the engine — a row for every booklet and total score — so nothing grows with
the number of works here. The counts are those of `count`, checked against it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import ibis

from merilo_psychometrics.data.reading import require_answers
from merilo_psychometrics.data.sources import Coding, ScoringRules, Source
from merilo_psychometrics.data.tables import Table, files, is_database, kind_of
from merilo_psychometrics.errors import WrongSettings
from merilo_psychometrics.responses import Decision
from merilo_psychometrics.statistics import SufficientStatistics

from .asked import Asked
from .cells import scored
from .databases import opened

Engine = Literal["duckdb", "spark"]


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
    that the engine reaches; DuckDB counts databases too, its own where it lies, any other through a
    copy of the columns in the temporary folder. Raises the `BadData` family and `WrongSettings`.
    """
    asked = Asked(source, rules, coding or Coding(), omitted, not_reached)
    if is_database(source.where) and engine == "duckdb" and connection is None:
        with opened(source) as table:
            found = scored(table, asked).count(asked)
    else:
        with _backend(engine, connection) as backend:
            found = scored(_table(backend, source), asked).count(asked)
    statistics = found.statistics(rules, asked.settings(engine))
    require_answers(source, statistics.works)
    return statistics


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
            "Базу читает только --engine duckdb или local. Для кластера выгрузите таблицу в Parquet.",
            "Databases are read by 'duckdb' and 'local'; export the table to Parquet for a cluster.",
        )
    found = [str(path.resolve()) for path in files(source.where)]
    kind = kind_of(files(source.where)[0])
    if kind == "parquet":
        if backend.name == "duckdb":
            return backend.read_parquet(found)
        return _union([backend.read_parquet(path) for path in found])
    if kind == "text":
        Table(source.where).count_rows()  # refuses one that is not whole
        options = {"header": True} | ({"inferSchema": True} if backend.name == "pyspark" else {})
        return _union([backend.read_csv(path, **options) for path in found])
    raise WrongSettings(
        "С --engine читаются файлы Parquet и CSV, а не книги. Сохраните лист как CSV.",
        "An engine reads Parquet and CSV files, not sheets.",
    )


def _union(tables: list[Any]) -> Any:
    return tables[0] if len(tables) == 1 else ibis.union(*tables)
