"""What a step of the command gives: words for a person, values for a program, tables for a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False)
class Outcome:
    """`text` is printed, `summary` is the JSON, `tables` and `files` are written to the folder.

    `provenance` says where every noun behind them came from.
    """

    text: str
    summary: Mapping[str, Any]
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    provenance: Sequence[Mapping[str, Any]] = ()


def columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Align cells: the first column to the left, the others to the right."""
    wide = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head))]
    lines = []
    for row in (head, *rows):
        cells = [cell.rjust(wide[n]) if n else cell.ljust(wide[n]) for n, cell in enumerate(row)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
