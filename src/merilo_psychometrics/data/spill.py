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

import polars as pl
import pyarrow as pa

from merilo_psychometrics.errors import BadData

from .kernels import by_bucket
from .long import Works, whole_works
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
            yield from whole_works([whole.sort(source.person, maintain_order=True)], source)
        bucket.remove()


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
            hashes = persons.cast(_wide_kind(persons.dtype)).hash(seed=depth).to_numpy()
            order, ends = by_bucket(hashes, BUCKETS)
            moved = frame[order]
            begin = 0
            for bucket, end in zip(buckets, ends.tolist(), strict=True):
                if end > begin:
                    bucket.write(moved[begin:end])
                begin = end
    return [bucket for bucket in buckets if bucket.rows]


def _wide_kind(kind: Any) -> Any:
    """One kind for the same person in every batch, so that the hash is the same."""
    return pl.Int64 if kind.is_integer() and kind != pl.UInt64 else kind


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
