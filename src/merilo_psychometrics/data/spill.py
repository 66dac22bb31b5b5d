"""Gathering the rows of persons who lie scattered: out of memory, by way of files on disk.

Rows go to one of many files by a hash of the person; each file holds whole persons and is small
enough to be put in order in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from merilo_psychometrics.errors import BadData

from .ordering import by_bucket, by_key
from .rows import Rows, Works
from .sources import Long

# A file with more rows is split again.
ROWS_IN_MEMORY = 4_000_000
BUCKETS = 64
DEPTH = 4


@contextmanager
def gathered(parts: Iterable[pl.DataFrame], source: Long) -> Iterator[Iterator[Works]]:
    """Give the works of a long table in any order of rows; the files go when the block ends."""
    with TemporaryDirectory(prefix="merilo-") as folder:
        yield _works(parts, source, Path(folder), 0)


def _works(
    parts: Iterable[pl.DataFrame], source: Long, folder: Path, depth: int
) -> Iterator[Works]:
    for bucket in _spilled(parts, source, folder, depth):
        if bucket.rows > ROWS_IN_MEMORY and depth < DEPTH:
            deeper = bucket.name.with_suffix(".split")
            deeper.mkdir()
            yield from _works(bucket.read(), source, deeper, depth + 1)
        else:
            whole = pl.concat(list(bucket.read()), how="vertical_relaxed")
            yield [_in_order(whole, source.person)]
        bucket.remove()


def _in_order(table: pl.DataFrame, person: str) -> tuple[Rows, NDArray[np.int64]]:
    """The rows of every person together, with the rows where each begins."""
    persons = table[person]
    if _is_number(persons.dtype):
        order, starts = by_key(persons.cast(pl.Int64).to_numpy())
        return table[order], starts
    order, starts = by_key(persons.hash().to_numpy())
    table = table[order]
    begins = np.flatnonzero((table[person] != table[person].shift(1)).fill_null(True).to_numpy())
    if len(begins) == len(starts) - 1:
        return table, starts
    # Two persons have one hash: rare beyond meeting, but then they must not become one.
    table = table.sort(person, maintain_order=True)
    changes = (table[person] != table[person].shift(1)).fill_null(True).to_numpy()
    return table, np.append(np.flatnonzero(changes), len(table)).astype(np.int64)


def _spilled(
    parts: Iterable[pl.DataFrame], source: Long, folder: Path, depth: int
) -> list[_Bucket]:
    """Write every row to the bucket of its person."""
    buckets = [_Bucket(folder / str(number)) for number in range(BUCKETS)]
    with ExitStack() as stack:
        for bucket in buckets:
            stack.callback(bucket.close)
        for frame in parts:
            persons = frame[source.person]
            if persons.null_count():
                raise BadData(
                    f"В столбце «{source.person}» есть пустые клетки, а без них ответ ни к кому не "
                    "отнести.",
                    f"Column {source.person!r} has empty cells.",
                )
            kind = pl.Int64 if _is_number(persons.dtype) else persons.dtype
            hashes = persons.cast(kind).hash(seed=depth).to_numpy()
            order, ends = by_bucket(hashes, BUCKETS)
            moved = frame[order]
            begin = 0
            for bucket, end in zip(buckets, ends.tolist(), strict=True):
                if end > begin:
                    bucket.write(moved[begin:end])
                begin = end
    return [bucket for bucket in buckets if bucket.rows]


def _is_number(kind: Any) -> bool:
    """Say whether persons are whole numbers, which are taken as 64-bit ones in every batch."""
    return bool(kind.is_integer()) and kind != pl.UInt64


@dataclass(eq=False)
class _Bucket:
    """Rows on disk; nothing waits in memory. A change in the kinds of columns begins a new file."""

    name: Path
    rows: int = 0
    files: list[Path] = field(default_factory=list)
    _schema: Any = None
    _writer: Any = None

    def write(self, frame: pl.DataFrame) -> None:
        """Append rows."""
        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        if self._schema is None or not self._schema.equals(table.schema):
            self.close()
            self.files.append(self.name.with_suffix(f".{len(self.files)}.arrow"))
            self._schema = table.schema
            self._writer = pa.ipc.new_stream(str(self.files[-1]), table.schema)
        self._writer.write_table(table)
        self.rows += len(frame)

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.close()

    def read(self) -> Iterator[pl.DataFrame]:
        """Give the rows back, in the order written."""
        for file in self.files:
            with pa.OSFile(str(file)) as raw, pa.ipc.open_stream(raw) as reader:
                for batch in reader:
                    yield pl.DataFrame(pl.from_arrow(batch))

    def remove(self) -> None:
        """Free the disk."""
        for file in self.files:
            file.unlink()
