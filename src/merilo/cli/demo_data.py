"""`merilo demo-data`: fill the database with the demonstration region, once."""

from __future__ import annotations

import argparse
import os
from typing import Any

from .demo_mark import SEED, state_of_database, write_mark
from .failure import CommandFailed
from .progress import show_share

# Set before Django reads its settings. Two processes build: a pool cannot be shared; and an invented
# region needs no safety from power cuts.
ENVIRONMENT = {"MERILO_POOL": "False", "PGOPTIONS": "-c synchronous_commit=off"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The seed repeats the same region."""
    parser.add_argument("--seed", type=int, default=SEED, metavar="N", help="зерно случайности")


def run(options: argparse.Namespace) -> int:
    """Build the region unless it is there; refuse a database with somebody's real data."""
    state = state_of_database()
    if state.startswith("ready"):
        print("Демонстрационный край уже создан.")
        return 0
    if state == "foreign":
        raise CommandFailed(
            "В этой базе уже есть данные, и это не демонстрация: для демонстрации возьмите пустую "
            "базу или уберите DATABASE_URL."
        )
    if state.startswith("building"):
        raise CommandFailed(
            "Прошлое создание края оборвалось: начните заново, merilo demo --fresh."
        )
    from merilo.demo.build import anchor_of, build  # hundreds of actions: slow to import, rare
    from merilo.foundation import clock

    if os.environ.get("MERILO_CLOCK_FILE"):
        clock.move(anchor_of(clock.now()) - clock.now())
    write_mark(f"building seed={options.seed}")
    build(seed=options.seed, now=clock.now(), progress=_show)
    write_mark(f"ready seed={options.seed} at={clock.now().date().isoformat()}")
    return 0


def _show(*told: Any) -> None:
    """Show progress told as a line, as (done, total) or as (line, done, total)."""
    numbers = [part for part in told if isinstance(part, int)]
    text = " ".join(part for part in told if isinstance(part, str)) or "дел:"
    if len(numbers) == 2:
        show_share(text, *numbers)
    else:
        print(f"      {text}", flush=True)
