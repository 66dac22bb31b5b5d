"""`merilo measure`: the measurement engine, a library of its own with its own packages."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, TypeVar

from .failure import CommandFailed

Result = TypeVar("Result")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    with_packages(lambda: _command().add_arguments(parser))


def run(options: argparse.Namespace) -> int:
    """Hand over to the engine: 0 done, 1 the data give no result, 2 the command is wrong."""
    status: int = with_packages(lambda: _command().run(options))
    return status


def with_packages(work: Callable[[], Result]) -> Result:
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


def _command() -> Any:
    # The packages of the platform come without those of the engine.
    from merilo_psychometrics import command

    return command
