"""Files that may not be copied into the repository: read from the folder in $MERILO_MEASURE_DATA."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest


def outside(path: str) -> Path:
    """The file, or the test is skipped with the reason."""
    folder = os.environ.get("MERILO_MEASURE_DATA")
    if not folder:
        pytest.skip("set MERILO_MEASURE_DATA to the folder with the data of the R packages (GPL)")
    found = Path(folder) / path
    if not found.exists():
        pytest.skip(f"{found} is not there")
    return found


def rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file by column."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
