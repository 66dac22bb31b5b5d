"""`merilo bench measure`: from a file to parameters, abilities and back to the clock.

Every task runs in a process of its own, so that its peak of memory is its own. Compiled kernels
are loaded before the clock starts (a first run ever compiles them); reading the file is inside.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SETS = ("a", "b", "c", "d", "e")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which sets, where to keep them and how to say the figures."""
    parser.add_argument("--sets", default="a,b,c,d", metavar="A,B,…",
                        help="наборы a–e (a,b,c,d; e — 200 млн ответов)")  # fmt: skip
    parser.add_argument("--tasks", metavar="A,B,…", help="только эти задачи: cml, mml, score, …")
    parser.add_argument("--works", type=int, metavar="N", help="работ в наборе вместо его размера")
    parser.add_argument("--folder", type=Path, metavar="КАТАЛОГ", help="где лежат наборы")
    parser.add_argument("--json", action="store_true", help="напечатать в JSON")


def run(options: argparse.Namespace) -> int:
    """Write the sets that are not there, run the tasks, print the figures."""
    from .measuring import measure, table

    wanted = [name.strip() for name in options.sets.split(",") if name.strip()]
    unknown = sorted(set(wanted) - set(SETS))
    if unknown:
        print(f"Нет набора {', '.join(unknown)}; есть {', '.join(SETS)}.", file=sys.stderr)
        return 2
    home = Path(os.environ.get("MERILO_HOME", ".merilo"))
    folder = options.folder or home / "bench-measure"
    tasks = options.tasks.split(",") if options.tasks else None
    figures = []
    for figure in measure(wanted, folder, tasks=tasks, works=options.works, run=_in_process):
        figures.append(figure)
        if not options.json:
            print(table(figure, first=len(figures) == 1), flush=True)
    if options.json:
        print(json.dumps(figures, ensure_ascii=False, indent=2))
    return 0


def _in_process(task: str, place: Path, about: dict[str, Any]) -> dict[str, Any]:
    """Run one task in a process of its own; its figures come back as JSON."""
    program = "from merilo_psychometrics.bench.task import main; main()"
    sources = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join([sources, *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-c", program, task, str(place), json.dumps(about)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
        text=True,
        check=True,
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures
