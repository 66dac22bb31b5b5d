"""What a disk answers instead of taking a result, said as a sentence with a remedy."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from merilo_psychometrics.errors import MeasurementError, WrongSettings

DISK = {errno.ENOSPC: "на диске нет места", errno.EACCES: "нет прав", errno.EROFS: "диск только "
        "для чтения", errno.EDQUOT: "исчерпана квота на диске"}  # fmt: skip


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
