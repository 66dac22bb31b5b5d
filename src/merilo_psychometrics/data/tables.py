"""Tables of any format as a stream of Polars frames."""

from __future__ import annotations

import glob
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl

from merilo_psychometrics.errors import BadData

BATCH_ROWS = 250_000
TEXT = (".csv", ".tsv", ".txt")
SHEETS = (".xlsx", ".xls", ".ods", ".xlsb")


def files(where: str | Path) -> list[Path]:
    """List the files behind a path, a folder or a pattern, in order of name."""
    text = str(where)
    path = Path(text)
    if path.is_dir():
        found = sorted(p for p in path.rglob("*") if p.suffix.lower() in (".parquet", *TEXT))
    elif path.is_file():
        found = [path]
    else:
        found = sorted(Path(name) for name in glob.glob(text, recursive=True))
    if not found:
        raise BadData(
            f"Нет файлов по пути {text}. Проверьте путь; шаблон пишется так: results/*.parquet.",
            f"No files at {text}.",
        )
    kinds = {kind_of(file) for file in found}
    if len(kinds) > 1:
        raise BadData(
            f"По пути {text} лежат файлы разных видов: {', '.join(sorted(kinds))}. Укажите шаблон.",
            f"Files of several kinds at {text}: {sorted(kinds)}.",
        )
    return found


def is_database(where: str | Path) -> bool:
    """Say whether the place is a database and not a file."""
    return "://" in str(where)


def kind_of(path: Path) -> str:
    """Name the reader of a file by its extension: parquet, text or sheet."""
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return "parquet"
    if suffix in TEXT:
        return "text"
    if suffix in SHEETS:
        return "sheet"
    raise BadData(
        f"Файл {path.name} неизвестного вида. Читаются Parquet, CSV, TSV и XLSX.",
        f"Unknown kind of file {path.name}; Parquet, CSV, TSV and XLSX are read.",
    )


def scan(where: str | Path) -> pl.LazyFrame:
    """Open Parquet or text lazily."""
    found = files(where)
    kind = kind_of(found[0])
    if kind == "parquet":
        return pl.scan_parquet(found)
    separator, encoding = dialect(found[0])
    if encoding != "utf8":
        return pl.concat([pl.read_csv(file, separator=separator, encoding=encoding,
                                      infer_schema_length=None) for file in found]).lazy()  # fmt: skip
    return pl.scan_csv(found, separator=separator, infer_schema_length=None)


def dialect(path: Path) -> tuple[str, str]:
    """Guess the separator and the encoding of a text file from its first line."""
    with path.open("rb") as file:
        head = file.read(65_536)
    try:
        head[: head.rfind(b"\n") + 1].decode("utf-8")
        encoding = "utf8"
    except UnicodeDecodeError:
        encoding = "cp1251"
    first = head.split(b"\n", 1)[0]
    separator = max((b";", b",", b"\t"), key=first.count).decode()
    return separator, encoding


def names_of(where: str | Path, table: str | None) -> list[str]:
    """Names of the columns."""
    if is_database(where):
        first = next(database_frames(str(where), table, None, 1), None)
        if first is None:
            raise BadData(f"Таблица {table} пуста.", f"Table {table} is empty.")
        return first.columns
    if kind_of(files(where)[0]) == "sheet":
        return sheet(files(where), table).columns
    return scan(where).collect_schema().names()


def frames(
    where: str | Path,
    columns: Sequence[str],
    table: str | None = None,
    *,
    rows: int | None = None,
    there: Sequence[str] | None = None,
) -> Iterator[pl.DataFrame]:
    """Yield the wanted columns in frames of about `rows` rows, in the order of the table.

    `there` are the names of its columns, where they are known already.
    """
    rows = rows or BATCH_ROWS
    require_columns(columns, there or names_of(where, table), where)
    if is_database(where):
        yield from database_frames(str(where), table, columns, rows)
    elif kind_of(files(where)[0]) == "sheet":
        yield sheet(files(where), table).select(columns)
    else:
        yield from scan(where).select(columns).collect_batches(chunk_size=rows)


def require_columns(wanted: Sequence[str], there: Sequence[str], where: str | Path) -> None:
    """Raise `BadData` naming the columns that are not there and those that are."""
    lost = [name for name in wanted if name not in there]
    if lost:
        raise BadData(
            f"В таблице {shown(where)} нет столбцов {', '.join(lost)}; есть: "
            f"{', '.join(there[:20])}.",
            f"No columns {lost} in {shown(where)}; there are {list(there[:20])}.",
        )


def sheet(found: Sequence[Path], table: str | None) -> pl.DataFrame:
    """Read a sheet of every workbook (the first unless named), the first row being the names."""
    from python_calamine import CalamineWorkbook

    parts = []
    for path in found:
        book = CalamineWorkbook.from_path(path)
        if table is not None and table not in book.sheet_names:
            raise BadData(
                f"В книге {path.name} нет листа «{table}»; есть: {', '.join(book.sheet_names)}.",
                f"No sheet {table!r} in {path.name}.",
            )
        grid = (book.get_sheet_by_name(table) if table else book.get_sheet_by_index(0)).to_python()
        head = [str(cell).strip() for cell in grid[0]] if grid else []
        named = [(n, name) for n, name in enumerate(head) if name]
        columns = {name: column_of([row[n] for row in grid[1:]]) for n, name in named}
        parts.append(pl.DataFrame(columns))
    return pl.concat(parts, how="vertical_relaxed")


def column_of(cells: list[Any]) -> pl.Series:
    """Make whole numbers of numbers (a sheet knows floats only), text of anything else."""
    filled = [cell for cell in cells if cell not in ("", None)]
    if all(isinstance(cell, (int, float)) and not isinstance(cell, bool) for cell in filled):
        if all(float(cell).is_integer() for cell in filled):
            return pl.Series([None if c in ("", None) else int(c) for c in cells], dtype=pl.Int64)
        return pl.Series([None if c in ("", None) else float(c) for c in cells], dtype=pl.Float64)
    return pl.Series([None if c in ("", None) else as_text(c) for c in cells], dtype=pl.String)


def as_text(cell: Any) -> str:
    """The text of a cell: 3.0 is «3»."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def database_frames(
    uri: str, table: str | None, columns: Sequence[str] | None, rows: int
) -> Iterator[pl.DataFrame]:
    """Yield frames of a table or a SELECT of a database."""
    if table is None:
        raise BadData(
            f"Назовите таблицу или запрос SELECT для базы {shown(uri)} (table=…).",
            "Name the table or the SELECT (table=…).",
        )
    origin = (
        f"({table}) AS t" if is_query(table) else ".".join(quoted(p) for p in table.split("."))
    )
    chosen = "*" if columns is None else ", ".join(quoted(name) for name in columns)
    query = f"SELECT {chosen} FROM {origin}"
    scheme, _, rest = uri.partition("://")
    if scheme == "sqlite":
        with refusing(uri, sqlite3.Error):
            yield from _sqlite_frames(rest, query, rows)
    elif scheme == "duckdb":
        import duckdb

        place = str(database_path(rest))
        with refusing(uri, duckdb.Error), duckdb.connect(place, read_only=True) as connection:
            reader = connection.sql(query).to_arrow_reader(rows)
            for batch in reader:
                yield pl.DataFrame(pl.from_arrow(batch))
    elif scheme in ("postgresql", "postgres"):
        import adbc_driver_postgresql.dbapi as postgresql

        with (
            refusing(uri, postgresql.Error),
            postgresql.connect(uri) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(query)
            for batch in cursor.fetch_record_batch():
                yield pl.DataFrame(pl.from_arrow(batch))
    else:
        raise BadData(
            f"База «{scheme}» не читается. Читаются postgresql://, sqlite:/// и duckdb:///.",
            f"Databases of kind {scheme!r} are not read.",
        )


@contextmanager
def refusing(uri: str, kind: type[Exception]) -> Iterator[None]:
    """Say what a database answered instead of rows."""
    try:
        yield
    except kind as problem:
        said = " ".join(str(problem).split())[:300]
        raise BadData(
            f"База {shown(uri)} не отдала таблицу: {said}. Проверьте адрес, имя таблицы и права на "
            "чтение.",
            f"The database {shown(uri)} gave no table: {said}.",
        ) from problem


def shown(where: str | Path) -> str:
    """The address without what may be secret in it: the person, the password, the settings."""
    if not is_database(where):
        return str(where)
    parts = urlsplit(str(where))
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"


def is_query(table: str) -> bool:
    """Say whether a SELECT was given instead of the name of a table."""
    return table.lstrip().lower().startswith(("select", "with"))


def _sqlite_frames(rest: str, query: str, rows: int) -> Iterator[pl.DataFrame]:
    connection = sqlite3.connect(f"file:{database_path(rest)}?mode=ro", uri=True)
    try:
        cursor = connection.execute(query)
        names = [column[0] for column in cursor.description]
        while part := cursor.fetchmany(rows):
            yield pl.DataFrame(part, schema=names, orient="row", infer_schema_length=None)
    finally:
        connection.close()


def database_path(rest: str) -> Path:
    """The file of `sqlite:///relative.db` or `sqlite:////absolute.db`."""
    path = Path(rest.removeprefix("/"))
    if not path.is_file():
        raise BadData(f"Нет файла базы {path}.", f"No database file {path}.")
    return path


def quoted(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'
