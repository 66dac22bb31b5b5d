"""Which tasks go with which set, and the ratio of each to a plain scan of the same file."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from merilo_psychometrics.simulation import SETS, write_set

Run = Callable[[str, Path, dict[str, Any]], dict[str, Any]]
TASKS = {
    "rasch": ("scan", "cml", "score", "mml"),
    "pcm": ("scan", "cml", "score", "mml"),
    "2pl": ("scan", "mml"),
    "gpcm": ("scan", "mml"),
}
# The largest set is for what needs counts alone; it is not read into memory.
LARGE, STREAMED = 20_000_000, ("scan", "cml", "mml")


def measure(
    wanted: Sequence[str],
    folder: Path,
    *,
    tasks: Sequence[str] | None,
    works: int | None,
    run: Run,
) -> Iterator[dict[str, Any]]:
    """Yield figures task by task: set, task, answers, wall s, CPU s, peak MB, ratio to the scan."""
    folder.mkdir(parents=True, exist_ok=True)
    for made in SETS.values():
        if made.name[0] not in wanted:
            continue
        if tasks is not None and not set(tasks) & set(TASKS[made.model]):
            continue
        chosen = replace(made, works=works, name=f"{made.name}-{works}") if works else made
        place = write_set(chosen, folder, told=functools.partial(_told, made.name))
        scan = cpu = None
        for task in TASKS[chosen.model]:
            if chosen.answers > LARGE and task not in STREAMED:
                continue
            if tasks is not None and task not in (*tasks, "scan"):
                continue
            figures = run(task, place, asdict(chosen))
            if task == "scan":
                scan, cpu = figures["wall_s"], figures["cpu_s"]
            yield {
                "set": chosen.name,
                "task": task,
                "works": chosen.works,
                "answers": chosen.answers,
                "answers_a_second": chosen.answers / figures["wall_s"],
                "to_scan": figures["wall_s"] / scan if scan else None,
                "cpu_to_scan": figures["cpu_s"] / cpu if cpu else None,
                **figures,
            }


def table(figure: dict[str, Any], *, first: bool) -> str:
    """One line of figures, with the head before the first."""
    head = (
        f"{'набор':16} {'задача':8} {'ответов':>12} {'стена, с':>10} {'ЦП, с':>8} {'пик, МБ':>8} "
        f"{'млн отв./с':>11} {'к чтению':>9} {'по ЦП':>7}"
    )
    line = (
        f"{figure['set']:16} {figure['task']:8} {figure['answers']:>12,} {figure['wall_s']:>10.3f} "
        f"{figure['cpu_s']:>8.2f} {figure['peak_mb']:>8.0f} "
        f"{figure['answers_a_second'] / 1e6:>11.2f} {figure['to_scan'] or 0:>8.1f}× "
        f"{figure['cpu_to_scan'] or 0:>6.1f}×  "
        f"{figure['told']}"
    )
    return f"{head}\n{line}" if first else line


def _told(name: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done >= total else ""
        sys.stderr.write(f"\rПишу набор {name}: {done:,} из {total:,} работ\x1b[K{end}")
        sys.stderr.flush()
