"""Tables of databases for DuckDB: its own where they lie, those of others through a copy on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import ibis
import polars as pl

from merilo_psychometrics.data.coding import texts_of
from merilo_psychometrics.data.sources import Long, Source
from merilo_psychometrics.data.tables import (
    database_frames,
    database_path,
    is_query,
    names_of,
    refusing,
    require_columns,
    shown,
)
from merilo_psychometrics.errors import BadData

ROWS = 100_000
COPY = "copied"


@contextmanager
def opened(source: Source) -> Iterator[Any]:
    """Open the table of the source as an Ibis table; raises `BadData`."""
    if source.table is None:
        names_of(source.where, None)  # says how to name the table
    assert source.table is not None
    where = str(source.where)
    scheme, _, rest = where.partition("://")
    if scheme == "duckdb":
        backend = ibis.duckdb.connect(str(database_path(rest)), read_only=True)
        try:
            yield _own(backend, source)
        finally:
            backend.disconnect()
        return
    with tempfile.TemporaryDirectory(prefix="merilo-") as place:
        backend = ibis.duckdb.connect(str(Path(place) / "copy.duckdb"))
        try:
            yield _copied(backend, source)
        finally:
            backend.disconnect()


def _own(backend: Any, source: Source) -> Any:
    if is_query(str(source.table)):
        with refusing(str(source.where), duckdb.Error):
            backend.con.execute(f"CREATE TEMP VIEW {COPY} AS {source.table}")
        return backend.table(COPY, database="temp.main")
    schema, _, name = str(source.table).rpartition(".")
    try:
        return backend.table(name, database=schema or None)
    except ibis.common.exceptions.TableNotFound as missing:
        raise BadData(
            f"В базе {shown(source.where)} нет таблицы {source.table}.",
            f"No table {source.table} in {shown(source.where)}.",
        ) from missing


def _copied(backend: Any, source: Source) -> Any:
    """Copy batch by batch: no more than one is in memory, and the engine reads the copy twice.

    Cells go as text where their kind may change from batch to batch (SQLite has no types).
    """
    there = names_of(source.where, source.table)
    wanted = source.columns() if isinstance(source, Long) else there
    require_columns(source.columns(), there, source.where)
    loose = str(source.where).startswith("sqlite")
    connection = backend.con
    made = False
    for frame in database_frames(str(source.where), source.table, wanted, ROWS):
        batch = pl.DataFrame({c.name: texts_of(c) for c in frame}) if loose else frame
        connection.register("batch", _plain(batch).to_arrow())
        connection.execute(
            f"INSERT INTO {COPY} SELECT * FROM batch"
            if made
            else f"CREATE TABLE {COPY} AS SELECT * FROM batch"
        )
        connection.unregister("batch")
        made = True
    return backend.table(COPY)


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns of nothing as text: an empty batch must not decide their kind."""
    return frame.with_columns(pl.col(pl.Null).cast(pl.String))
