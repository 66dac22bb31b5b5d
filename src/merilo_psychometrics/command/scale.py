"""Item parameters as a table that a person can open and write, and read back."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from merilo_psychometrics.data.tables import frames, names_of
from merilo_psychometrics.design import Item
from merilo_psychometrics.errors import BadData
from merilo_psychometrics.parameters import FreeParameter, ItemParameters, make_parameters

FILE, ERRORS = "parameters", "covariance.npz"
NEEDED = ("item", "threshold")


def parameter_table(parameters: ItemParameters) -> pl.DataFrame:
    """One row a step: item, score of the step, slope, threshold, guessing, errors."""
    errors = {kind: parameters.standard_error(kind) for kind in ("slope", "threshold", "guessing")}
    rows = []
    for n, item in enumerate(parameters.items):
        for step, score in enumerate(item.scores[1:]):
            rows.append(
                {
                    "item": item.id,
                    "score": score,
                    "threshold": float(parameters.thresholds[n, step]),
                    "threshold_se": _known(errors["threshold"][n, step]),
                    "slope": float(parameters.slope[n]),
                    "slope_se": _known(errors["slope"][n]),
                    "guessing": float(parameters.guessing[n]),
                    "guessing_se": _known(errors["guessing"][n]),
                }
            )
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.col("^.*_se$").cast(pl.Float64)
    )


def errors_of(parameters: ItemParameters) -> bytes:
    """The covariance with the names of the free parameters, as an .npz file."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        covariance=np.asarray(parameters.covariance),
        item=np.array([free.item for free in parameters.free]),
        kind=np.array([free.kind for free in parameters.free]),
        step=np.array([free.step for free in parameters.free]),
    )
    return buffer.getvalue()


def _with_errors(parameters: ItemParameters, beside: Path) -> ItemParameters:
    """Take the covariance kept beside the table, when there is one."""
    if not beside.is_file():
        return parameters
    with np.load(beside) as kept:
        free = tuple(
            FreeParameter(str(item), str(kind), int(step))  # type: ignore[arg-type]
            for item, kind, step in zip(kept["item"], kept["kind"], kept["step"], strict=True)
        )
        return replace(parameters, free=free, covariance=kept["covariance"])


def parameter_file(where: str | Path) -> Path:
    """The table itself, or the one in a folder of results."""
    path = Path(where)
    inside = (path / f"{FILE}.csv", path / "calibrate" / f"{FILE}.csv")
    return next((file for file in inside if file.is_file()), path)


def read_parameters(where: str | Path) -> ItemParameters:
    """Read such a table; `item` and `threshold` suffice for a scale of 0/1 items.

    `score` is the score the step leads to (1, 2, … when absent). A folder of results of
    `calibrate` is taken by its file.
    """
    path = parameter_file(where)
    there = names_of(path, None)
    lost = [name for name in NEEDED if name not in there]
    if lost:
        raise BadData(
            f"В таблице параметров {path} нет столбцов {', '.join(lost)}; нужны item, threshold "
            "и при необходимости score, slope, guessing.",
            f"No columns {lost} in {path}: item and threshold are needed.",
        )
    wanted = [
        name for name in ("item", "score", "threshold", "slope", "guessing") if name in there
    ]
    table = pl.concat(list(frames(path, wanted))).with_columns(pl.col("item").cast(pl.String))
    thresholds: dict[str, list[float]] = {}
    slope: dict[str, float] = {}
    guessing: dict[str, float] = {}
    scores: dict[str, list[int]] = {}
    for row in table.iter_rows(named=True):
        name = row["item"]
        if row["threshold"] is None:
            raise BadData(
                f"В таблице параметров {path} у задания {name} нет порога.",
                f"Item {name} has no threshold in {path}.",
                items=[name],
            )
        number = _numbers(row, path)
        thresholds.setdefault(name, []).append(number["threshold"])
        scores.setdefault(name, []).append(int(number.get("score", len(thresholds[name]))))
        slope[name] = number.get("slope", 1.0)
        guessing[name] = number.get("guessing", 0.0)
    items = [Item(name, (0, *steps)) for name, steps in scores.items()]
    made = make_parameters(thresholds, slope=slope, guessing=guessing, items=items)
    return _with_errors(made, path.with_name(ERRORS))


def _numbers(row: Mapping[str, Any], path: Path) -> dict[str, float]:
    """The numbers of a row by column, those that are there."""
    numbers = {}
    for column, cell in row.items():
        if column == "item" or cell is None:
            continue
        try:
            numbers[column] = float(cell)
        except ValueError:
            raise BadData(
                f"В таблице параметров {path} у задания {row['item']} в столбце {column} не число: "
                f"«{cell}». Дробь пишется с точкой.",
                f"{cell!r} in the column {column} of item {row['item']} in {path} is no number.",
                items=[row["item"]],
            ) from None
    return numbers


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
