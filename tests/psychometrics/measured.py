"""Golden numbers beside the tests, and data of other packages that may not be copied here.

Data shipped with GPL packages are read from the folder the variable MERILO_MEASURE_DATA names
(`data/*.csv` and `golden/methods/*.csv` in it); without it those tests are skipped.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

GOLDEN = Path(__file__).parent / "golden"


def golden(path: str) -> np.ndarray:
    """A table of numbers with named columns."""
    return np.genfromtxt(
        GOLDEN / path, delimiter=",", names=True, missing_values="NA", dtype=None, encoding="utf-8"
    )


def numbers(path: str) -> np.ndarray:
    """A table of numbers as a matrix."""
    return np.genfromtxt(GOLDEN / path, delimiter=",", skip_header=1, missing_values="NA")


def outside(path: str) -> Path:
    """A file of the folder of peers' data; skips the test when there is none."""
    folder = os.environ.get("MERILO_MEASURE_DATA")
    if not folder or not (Path(folder) / path).exists():
        pytest.skip(f"MERILO_MEASURE_DATA names no folder with {path}: data of GPL packages")
    return Path(folder) / path
