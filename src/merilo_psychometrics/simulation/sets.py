"""The five sets the engine is measured on, written to Parquet shard by shard."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from merilo_psychometrics.design import Design
from merilo_psychometrics.parameters import ItemParameters

from .answers import draw_scores
from .banks import Model, item_bank
from .designs import anchored_booklets, complete_design

SHARD = 250_000
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Set:
    """One set: `works` in all, dealt evenly over the booklets."""

    name: str
    works: int
    items: int
    model: Model
    seed: int
    steps: int = 1
    booklets: int = 1
    length: int = 0
    anchors: int = 0
    long: bool = False

    @property
    def answers(self) -> int:
        """Responses in all."""
        return self.works * (self.length or self.items)

    def parameters(self) -> ItemParameters:
        """The true parameters."""
        rng = np.random.default_rng([self.seed, 0])
        return item_bank(self.items, model=self.model, steps=self.steps, rng=rng)

    def design(self, parameters: ItemParameters) -> Design:
        """Which items stand in which booklet."""
        if self.booklets == 1:
            return complete_design(parameters.items)
        return anchored_booklets(
            parameters.items, booklets=self.booklets, length=self.length, anchors=self.anchors
        )


SETS = {
    made.name: made
    for made in (
        Set("a-rasch", 10_000, 40, "rasch", 1),
        Set("a-2pl", 10_000, 40, "2pl", 2),
        Set("b-rasch", 200_000, 40, "rasch", 3),
        Set("b-2pl", 200_000, 40, "2pl", 4),
        Set("c-rasch", 200_000, 200, "rasch", 5, booklets=20, length=30, anchors=10),
        Set("d-pcm", 50_000, 25, "pcm", 6, steps=3),
        Set("d-gpcm", 50_000, 25, "gpcm", 7, steps=3),
        Set("e-rasch", 5_000_000, 40, "rasch", 8),
        Set("e-long", 5_000_000, 40, "rasch", 8, long=True),
    )
}


def write_set(which: Set, folder: Path, *, told: Told | None = None) -> Path:
    """Write a set as `folder/NAME/part-000.parquet` …, the truth beside; return the folder.

    Columns: person, (booklet,) then an item each; a long set has person, item, score sorted by
    person. What a person was not given is null. A set that is there whole is not written again;
    memory does not grow with the number of works. The same `which` gives the same bytes with the
    same versions of numpy and polars.
    """
    place, partial = folder / which.name, folder / f".{which.name}.partial"
    described = json.dumps(asdict(which), sort_keys=True)
    if (place / "set.json").exists() and (place / "set.json").read_text() == described:
        return place
    partial.mkdir(parents=True, exist_ok=True)
    for old in partial.iterdir():
        old.unlink()
    parameters = which.parameters()
    design = which.design(parameters)
    names = [item.id for item in parameters.items]
    mean = np.random.default_rng([which.seed, 1]).normal(0.0, 0.3, which.booklets)
    shares = [len(part) for part in np.array_split(np.arange(which.works), which.booklets)]
    number = shard = 0
    for booklet, works, shift in zip(design.booklets, shares, mean - mean.mean(), strict=True):
        given = parameters.only(names[n] for n in booklet.items)
        for first in range(0, works, SHARD):
            rng = np.random.default_rng([which.seed, 2, shard])
            many = min(SHARD, works - first)
            theta = rng.normal(shift if which.booklets > 1 else 0.0, 1.0, many)
            scores = draw_scores(given, theta, rng=rng)
            frame = _frame(which, scores, booklet.id, booklet.items, names, number)
            frame.write_parquet(partial / f"part-{shard:03d}.parquet", compression="zstd")
            number, shard = number + many, shard + 1
            if told is not None:
                told(number, which.works)
    _truth(parameters).write_csv(partial / "truth.txt")
    (partial / "set.json").write_text(described)
    if place.exists():
        for old in place.iterdir():
            old.unlink()
        place.rmdir()
    os.replace(partial, place)
    return place


def _frame(
    which: Set,
    scores: NDArray[np.int8],
    booklet: str,
    given: NDArray[np.int32],
    names: list[str],
    number: int,
) -> pl.DataFrame:
    persons = np.arange(number, number + len(scores), dtype=np.int32)
    if which.long:
        many = scores.shape[1]
        return pl.DataFrame(
            {
                "person": np.repeat(persons, many),
                "item": np.tile(np.arange(1, many + 1, dtype=np.int16), len(scores)),
                "score": scores.ravel(),
            }
        )
    about: dict[str, object] = {"person": persons}
    if which.booklets > 1:
        about["booklet"] = pl.repeat(booklet, len(scores), dtype=pl.String, eager=True)
    column = {int(position): place for place, position in enumerate(given)}
    columns = {
        name: scores[:, column[n]]
        if n in column
        else pl.repeat(None, len(scores), dtype=pl.Int8, eager=True)
        for n, name in enumerate(names)
    }
    return pl.DataFrame({**about, **columns})


def _truth(parameters: ItemParameters) -> pl.DataFrame:
    rows = [
        (item.id, step + 1, float(parameters.slope[n]), float(parameters.thresholds[n, step]))
        for n, item in enumerate(parameters.items)
        for step in range(int(parameters.steps[n]))
    ]
    return pl.DataFrame(rows, schema=["item", "step", "slope", "threshold"], orient="row")
