"""What a file answers instead of rows, said as a sentence with a remedy."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numba import njit
from python_calamine import CalamineError

from merilo_psychometrics.errors import BadData, listed

UTF16 = (b"\xff\xfe", b"\xfe\xff")
CHUNK = 16 * 2**20


@contextmanager
def reading(named: str) -> Iterator[None]:
    """Say which table is not to be read, and why, in place of what a library raised."""
    try:
        yield
    except (pl.exceptions.PolarsError, CalamineError, UnicodeError, OSError) as problem:
        russian, english = _cause(problem)
        raise BadData(
            f"Таблицу {named} прочитать не удалось: {russian}. Проверьте, что файл целый, "
            "записан до конца и его расширение отвечает содержанию, а текст — в UTF-8 или "
            "Windows-1251.",
            f"{named} cannot be read: {english}. See that the file is whole, that its "
            "extension tells its kind, and that text is in UTF-8 or Windows-1251.",
        ) from problem


def require_known_encoding(path: Path, head: bytes) -> None:
    """Raise `BadData` for text whose first bytes say UTF-16."""
    if head[:2] in UTF16:
        raise BadData(
            f"Файл {path.name} в кодировке UTF-16 («Текст Юникод»). Сохраните его как CSV UTF-8.",
            f"{path.name} is in UTF-16; save it as CSV UTF-8.",
        )


def header_of(path: Path, separator: str, encoding: str) -> list[str]:
    """The names in the first row of a text file."""
    known = "utf-8-sig" if encoding == "utf8" else encoding
    with path.open(encoding=known, newline="") as file:
        return next(csv.reader(file, delimiter=separator), [])


def require_one_name_a_column(path: Path, names: Sequence[str]) -> None:
    """Raise `BadData` for a name that stands twice: it would be an item of its own, or be lost."""
    twice = sorted({name for name in names if name and list(names).count(name) > 1})
    if twice:
        raise BadData(
            f"В файле {path.name} дважды стоят столбцы {listed(twice)}. Уберите или "
            "переименуйте лишние.",
            f"{path.name} has the columns {listed(twice)} twice.",
            items=twice,
        )


def require_whole_rows(path: Path, separator: str, many: int) -> int:
    """Count the rows of a text file; raise `BadData` for one with more or fewer than `many` cells.

    A reader that leaves columns out sees no row too long, and fills a row cut short with nothing.
    """
    # Line of the row, line of the file, cells, in quotation marks, anything in it, the byte
    # before, whole rows.
    state = np.array([1, 1, 1, 0, 0, 10, 0], dtype=np.int64)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if _walk(np.frombuffer(chunk, dtype=np.uint8), ord(separator), many, state):
                break
        else:
            if not state[4] or state[2] == many:  # the last line may have no end
                return int(state[6] + state[4]) - 1  # the first row holds the names
    line, cells = int(state[0]), int(state[2])
    raise BadData(
        f"Файл {path.name}: в строке {line} клеток {cells} из {many}. Похоже, строка оборвана или "
        f"разделитель «{_shown(separator)}» стоит внутри значения без кавычек. Исправьте файл.",
        f"{path.name}: line {line} has {cells} cells of {many}.",
    )


@njit(cache=True, nogil=True)
def _walk(chunk: Any, separator: int, many: int, state: Any) -> bool:
    """Count cells line by line; stop at the first line with another number of them."""
    row, line, cells, quoted, anything, before, rows = state
    torn = False
    for byte in chunk:
        if quoted:
            quoted = byte != 34
            line += byte == 10
        elif byte == 34 and (before == separator or before == 10 or before == 34):
            quoted = anything = 1
        elif byte == separator:
            cells += 1
            anything = 1
        elif byte == 10:
            torn = anything == 1 and cells != many
            if torn:
                break
            line += 1
            rows += anything
            row, cells, anything = line, 1, 0
        elif byte != 13:
            anything = 1
        before = byte
    state[0], state[1], state[2] = row, line, cells
    state[3], state[4], state[5], state[6] = quoted, anything, before, rows
    return torn


def _shown(separator: str) -> str:
    return "табуляция" if separator == "\t" else separator


def _cause(problem: Exception) -> tuple[str, str]:
    said = " ".join(str(problem).split("\n\n")[0].split())[:200]
    if isinstance(problem, pl.exceptions.NoDataError):
        return "файл пуст", "the file is empty"
    if "schema names differ" in said:
        return "столбцы файлов различаются", "the files differ in their columns"
    if "conversion from" in said:
        return f"в столбце чисел стоит другое («{said}»)", said
    if isinstance(problem, PermissionError):
        return "нет прав на чтение", "no right to read it"
    if isinstance(problem, UnicodeError):
        return "это не текст в знакомой кодировке", "no text in a known encoding"
    return f"«{said}»", said
