"""`merilo measure`: the measurement engine, a library of its own with its own packages."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from merilo_psychometrics import command

from .failure import CommandFailed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    command.add_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Hand over to the engine: 0 done, 1 the data give no result, 2 the command is wrong."""
    return with_packages(lambda: command.run(options))


def with_packages(work: Callable[[], int]) -> int:
    """Run something of the engine; say so when its set of packages is not installed here."""
    try:
        return work()
    except ModuleNotFoundError as missing:
        if str(missing.name).startswith("merilo"):
            raise
        raise CommandFailed(
            f"Нет пакета {missing.name}: команды измерений запускайте через ./merilo, он поставит "
            "их набор сам, или установите requirements/measure.txt."
        ) from missing
