"""What a file or a disk answers instead of rows, said as a sentence with a remedy."""

from __future__ import annotations

import csv
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from merilo_psychometrics.errors import BadData, MeasurementError, WrongSettings, listed

DISK = {errno.ENOSPC: "на диске нет места", errno.EACCES: "нет прав", errno.EROFS: "диск только "
        "для чтения", errno.EDQUOT: "исчерпана квота на диске"}  # fmt: skip
UTF16 = (b"\xff\xfe", b"\xfe\xff")


@contextmanager
def reading(where: str | Path) -> Iterator[None]:
    """Say which table is not to be read, and why, in place of what a library raised."""
    import polars as pl
    from python_calamine import CalamineError

    from merilo_psychometrics.data.tables import is_database, shown

    try:
        if not is_database(where):
            _require_known_encoding(where)
            _require_one_name_a_column(where)
        yield
    except (pl.exceptions.PolarsError, CalamineError, UnicodeError, OSError) as problem:
        russian, english = _cause(problem)
        raise BadData(
            f"Таблицу {shown(where)} прочитать не удалось: {russian}. Проверьте, что файл целый, "
            "записан до конца и его расширение отвечает содержанию, а текст — в UTF-8 или "
            "Windows-1251.",
            f"{shown(where)} cannot be read: {english}. See that the file is whole, that its "
            "extension tells its kind, and that text is in UTF-8 or Windows-1251.",
        ) from problem


def require_writable(folder: Path) -> None:
    """Refuse a folder that takes no results before anything is counted for it."""
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    if not place.is_dir():
        raise WrongSettings(
            f"В каталог {folder} записать нельзя: {place} — файл. Назовите другой (--out).",
            f"{folder} takes no results: {place} is a file. Name another (--out).",
        )
    if not os.access(place, os.W_OK | os.X_OK):
        raise WrongSettings(
            f"В каталог {folder} записать нельзя: нет прав на {place}. Назовите другой (--out).",
            f"{folder} takes no results: no right to write in {place}. Name another (--out).",
        )


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Say that a result could not be written; the older one stays as it was."""
    try:
        yield
    except OSError as problem:
        said = DISK.get(problem.errno or 0, problem.strerror or str(problem))
        raise MeasurementError(
            f"Результат в {folder} записать не удалось: {said}. Прежний "
            "результат, если он был, цел. Проверьте права и место на диске или назовите другой "
            "каталог (--out).",
            f"The result could not be written to {folder}: {problem.strerror or problem}. An "
            "older one, if any, is whole. See the rights and the space, or name another (--out).",
        ) from problem


def _require_known_encoding(where: str | Path) -> None:
    from merilo_psychometrics.data.tables import files, kind_of

    for path in files(where):
        if kind_of(path) != "text":
            return
        with path.open("rb") as file:
            if file.read(2) in UTF16:
                raise BadData(
                    f"Файл {path.name} в кодировке UTF-16 («Текст Юникод»). Сохраните его как CSV "
                    "UTF-8.",
                    f"{path.name} is in UTF-16; save it as CSV UTF-8.",
                )


def _require_one_name_a_column(where: str | Path) -> None:
    """A second column of a name would be taken for an item of its own, or be lost."""
    from merilo_psychometrics.data.tables import dialect, files, kind_of

    for path in files(where):
        if kind_of(path) == "parquet":
            return
        if kind_of(path) == "sheet":
            from python_calamine import CalamineWorkbook

            book = CalamineWorkbook.from_path(path)
            heads = [book.get_sheet_by_index(0).to_python(nrows=1)] if book.sheet_names else []
            names = [str(cell).strip() for head in heads for row in head for cell in row if cell]
        else:
            separator, encoding = dialect(path)
            known = "utf-8-sig" if encoding == "utf8" else encoding
            with path.open(encoding=known, newline="") as file:
                names = next(csv.reader(file, delimiter=separator), [])
        twice = sorted({name for name in names if name and names.count(name) > 1})
        if twice:
            raise BadData(
                f"В файле {path.name} дважды стоят столбцы {listed(twice)}. Уберите или "
                "переименуйте лишние.",
                f"{path.name} has the columns {listed(twice)} twice.",
                items=twice,
            )


def _cause(problem: Exception) -> tuple[str, str]:
    import polars as pl

    said = " ".join(str(problem).split("\n\n")[0].split())[:200]
    if isinstance(problem, pl.exceptions.NoDataError):
        return "файл пуст", "the file is empty"
    if "found more fields" in said:
        return "в какой-то строке значений больше, чем столбцов", "a row has more cells than names"
    if "schema names differ" in said:
        return "столбцы файлов различаются", "the files differ in their columns"
    if "conversion from" in said:
        return f"в столбце чисел стоит другое («{said}»)", said
    if isinstance(problem, PermissionError):
        return "нет прав на чтение", "no right to read it"
    if isinstance(problem, UnicodeError):
        return "это не текст в знакомой кодировке", "no text in a known encoding"
    return f"«{said}»", said
