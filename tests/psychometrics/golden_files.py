"""Golden numbers that stay outside: the folder of data and figures named by MERILO_MEASURE_DATA."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray


def outside(path: str) -> Path:
    """A file of that folder; skips the test when there is none."""
    folder = os.environ.get("MERILO_MEASURE_DATA", "")
    found = Path(folder, path) if folder else None
    if found is None or not found.exists():
        pytest.skip(
            f"{path}: data that come inside an R package (GPL) are not in this repository; "
            "name the folder that holds them in MERILO_MEASURE_DATA"
        )
    return found


def table(path: str) -> pl.DataFrame:
    """A CSV of that folder."""
    return pl.read_csv(outside(path), null_values=["NA", ""], infer_schema_length=None)


def scores(name: str) -> NDArray[np.int8]:
    """Persons × items of a data set of that folder, -1 where not given."""
    return table(f"data/{name}.csv").fill_null(-1).to_numpy().astype(np.int8)


def scalar(name: str, quantity: str, by: str) -> float:
    """One figure of `golden/real/scalars.csv`."""
    rows = table("golden/real/scalars.csv").filter(
        (pl.col("dataset") == name)
        & (pl.col("quantity") == quantity)
        & pl.col("by").str.starts_with(by)
    )
    return float(rows["value"][0])
