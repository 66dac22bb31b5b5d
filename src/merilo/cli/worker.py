"""`merilo worker`: background jobs and the clock."""

from __future__ import annotations

import argparse
import importlib.util

from .failure import CommandFailed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How many jobs run side by side."""
    parser.add_argument(
        "--concurrency", type=int, default=2, metavar="N", help="сколько заданий сразу (2)"
    )


def run(options: argparse.Namespace) -> int:
    """Work until a signal; jobs in hand are finished first."""
    from django.core.management import call_command

    if importlib.util.find_spec("merilo.workers.tasks") is None:
        raise CommandFailed("В этой сборке нет фоновых заданий (merilo.workers.tasks).")
    call_command(
        "procrastinate",
        "worker",
        f"--concurrency={options.concurrency}",
        "--shutdown-graceful-timeout=10",
    )
    return 0
