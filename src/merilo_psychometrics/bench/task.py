"""One task in a process of its own."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl
import polars.selectors as cs

from merilo_psychometrics.data import Long, Source, Wide, count, read
from merilo_psychometrics.simulation import Set, write_set

WARM_WORKS = 400
# The best of a few rounds: other work on the machine must not look like ours.
ROUNDS, LEAST_ROUNDS, PATIENCE_S = 5, 3, 4.0


def main() -> None:
    """`task place set`: warm up on a small set of the same shape, measure, print JSON."""
    task, place, about = sys.argv[1], Path(sys.argv[2]), Set(**json.loads(sys.argv[3]))
    work = TASKS[task]
    if task != "scan":
        with TemporaryDirectory() as folder:
            small = Set(**{**vars(about), "name": "warm", "works": WARM_WORKS * about.booklets})
            work(write_set(small, Path(folder)), small)
    start = peak_mb()
    rounds: list[tuple[float, float]] = []
    while len(rounds) < LEAST_ROUNDS or (
        len(rounds) < ROUNDS and sum(wall for wall, _ in rounds) < PATIENCE_S
    ):
        wall, cpu = time.perf_counter(), time.process_time()
        told = work(place, about)
        rounds.append((time.perf_counter() - wall, time.process_time() - cpu))
    figures = {
        "wall_s": min(wall for wall, _ in rounds),
        "cpu_s": min(cpu for _, cpu in rounds),
        "rounds": len(rounds),
        "peak_mb": peak_mb(),
        "start_mb": start,
        "told": told(),
    }
    print(json.dumps(figures))


def peak_mb() -> float:
    """The most memory this process has held; `ru_maxrss` would count the parent's as well."""
    with open("/proc/self/status", encoding="ascii") as status:
        found = next(line for line in status if line.startswith("VmHWM"))
    return int(found.split()[1]) / 1024


def source_of(place: Path, about: Set) -> Source:
    """How the set is laid out."""
    files = str(place / "*.parquet")
    if about.long:
        return Long(files)
    # The column of the booklet is no item; booklets are found by what was given.
    return Wide(files, groups=("booklet",) if about.booklets > 1 else ())


# What a task tells of its result is put together when its time is taken.
Told = Callable[[], str]


def scan(place: Path, about: Set) -> Told:
    """Read every column of the file and add it up: numbers as they are, text by its length."""
    columns = pl.scan_parquet(place / "*.parquet").select(
        cs.numeric().cast(pl.Int64).sum(), cs.string().str.len_bytes().cast(pl.Int64).sum()
    )
    sums = columns.collect(engine="streaming").drop("person", "booklet", strict=False)
    return lambda: f"сумма {sum(sums.row(0)):,}"


def cml(place: Path, about: Set) -> Told:
    """File → counts → parameters by CML."""
    from merilo_psychometrics.calibration import calibrate_cml

    found = calibrate_cml(count(source_of(place, about)))
    return lambda: _error(found.parameters, about)


def mml(place: Path, about: Set) -> Told:
    """File → parameters by MML: over counts where they are enough, else over responses."""
    from merilo_psychometrics.calibration import calibrate_mml

    alike = about.model in ("rasch", "pcm")
    data = count(source_of(place, about)) if alike else read(source_of(place, about))
    found = calibrate_mml(data, model=about.model)
    return lambda: f"{_error(found.parameters, about)}, итераций {found.iterations}"


def score(place: Path, about: Set) -> Told:
    """File → responses → abilities of every work under the true parameters."""
    from merilo_psychometrics.persons import estimate_abilities

    responses = read(source_of(place, about))
    found = estimate_abilities(responses, about.parameters())
    return lambda: f"оценено работ {len(found.ability):,}"


def _error(parameters: Any, about: Set) -> str:
    """Distance to the truth, both centred."""
    names = [item.id for item in parameters.items]
    # A long set names its items by number.
    truth = about.parameters().only(f"i{int(name.removeprefix('i')):03d}" for name in names)
    away = (parameters.difficulty - parameters.difficulty.mean()) - (
        truth.difficulty - truth.difficulty.mean()
    )
    return f"RMSE {np.sqrt((away**2).mean()):.4f}"


TASKS: dict[str, Callable[[Path, Set], Told]] = {
    "scan": scan,
    "cml": cml,
    "mml": mml,
    "score": score,
}
