"""Tables of any format as a stream of Polars frames."""

from __future__ import annotations

import glob
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl

from merilo_psychometrics.errors import BadData

from .trouble import (
    header_of,
    reading,
    require_known_encoding,
    require_one_name_a_column,
    require_whole_rows,
)

BATCH_ROWS, BATCH_CELLS, LEAST_ROWS = 250_000, 10_000_000, 20_000
# Files of so much in all are taken at once, unless they hold more cells.
SMALL_BYTES, SMALL_CELLS = 1_000_000, 2_000_000
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


def _lazy(found: list[Path]) -> pl.LazyFrame:
    """Open Parquet or text lazily."""
    if kind_of(found[0]) == "parquet":
        return pl.scan_parquet(found)
    for file in found:
        require_one_name_a_column(file, header_of(file, *dialect(file)))
    separator, encoding = dialect(found[0])
    if encoding != "utf8":
        return pl.concat([pl.read_csv(file, separator=separator, encoding=encoding,
                                      infer_schema_length=None) for file in found]).lazy()  # fmt: skip
    return pl.scan_csv(found, separator=separator, infer_schema_length=None)


def dialect(path: Path) -> tuple[str, str]:
    """Guess the separator and the encoding of a text file from its first line."""
    with path.open("rb") as file:
        head = file.read(65_536)
    require_known_encoding(path, head)
    try:
        head[: head.rfind(b"\n") + 1].decode("utf-8")
        encoding = "utf8"
    except UnicodeDecodeError:
        encoding = "cp1251"
    first = head.split(b"\n", 1)[0]
    separator = max((b";", b",", b"\t"), key=first.count).decode()
    return separator, encoding


# Hears how many rows are read, of how many.
Told = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Table:
    """A table where it lies: its files are looked for once, its first row is read once."""

    where: str | Path
    table: str | None = None

    @cached_property
    def files(self) -> list[Path]:
        """The files, none for a database."""
        return [] if is_database(self.where) else files(self.where)

    @cached_property
    def _sheet(self) -> pl.DataFrame | None:
        there = self.files and kind_of(self.files[0]) == "sheet"
        return sheet(self.files, self.table) if there else None

    @cached_property
    def _lazy(self) -> pl.LazyFrame:
        return _lazy(self.files)

    @cached_property
    def names(self) -> list[str]:
        """Names of the columns."""
        if not self.files:
            first = next(database_frames(str(self.where), self.table, None, 1), None)
            if first is None:
                raise BadData(f"Таблица {self.table} пуста.", f"Table {self.table} is empty.")
            return first.columns
        with reading(shown(self.where)):
            if self._sheet is not None:
                return self._sheet.columns
            return self._lazy.collect_schema().names()

    def count_rows(self) -> int:
        """Count the rows of files; raise `BadData` for a row of text cut short or too long."""
        many = len(self.names)
        with reading(shown(self.where)):
            if self._sheet is not None:
                return len(self._sheet)
            if kind_of(self.files[0]) == "parquet":
                return int(self._lazy.select(pl.len()).collect().item())
            return sum(require_whole_rows(file, dialect(file)[0], many) for file in self.files)

    def frames(
        self, columns: Sequence[str], rows: int | None = None, told: Told | None = None
    ) -> Iterator[pl.DataFrame]:
        """Yield these columns in frames of about `rows` rows, in the order of the table.

        `told` hears after every frame how many rows are read, of how many (0: nobody knows).
        """
        rows = rows or min(BATCH_ROWS, max(LEAST_ROWS, BATCH_CELLS // max(1, len(columns))))
        require_columns(columns, self.names, self.where)
        if not self.files:
            found, total = database_frames(str(self.where), self.table, columns, rows), 0
        else:
            text = kind_of(self.files[0]) == "text"
            total = self.count_rows() if text or told else 0
            found = self._frames(columns, rows)
        done = 0
        for frame in found:
            yield frame
            if told is not None:
                done += len(frame)
                told(done, total)

    def _frames(self, columns: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
        with reading(shown(self.where)):
            yield from self._read(columns, rows)

    def _read(self, columns: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
        if self._sheet is not None:
            yield self._sheet.select(columns)
            return
        chosen = self._lazy.select(pl.col(columns))
        if sum(file.stat().st_size for file in self.files) <= SMALL_BYTES:
            # The stream has threads to start, which costs more than a small file itself.
            few = min(rows, SMALL_CELLS // max(1, len(columns)))
            whole = chosen.head(few + 1).collect()
            if len(whole) <= few:
                yield whole
                return
        yield from chosen.collect_batches(chunk_size=rows)


def names_of(where: str | Path, table: str | None) -> list[str]:
    """Names of the columns."""
    return Table(where, table).names


def frames(
    where: str | Path, columns: Sequence[str], table: str | None = None
) -> Iterator[pl.DataFrame]:
    """Yield the wanted columns in frames, in the order of the table."""
    return Table(where, table).frames(columns)


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
        require_one_name_a_column(path, head)
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
