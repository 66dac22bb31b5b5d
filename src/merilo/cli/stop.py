"""`merilo stop`: end the demonstration and our own database servers."""

from __future__ import annotations

import argparse

from merilo.foundation import postgres

from . import environment, running


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def run(options: argparse.Namespace) -> int:
    """Stop what runs from this home, and say what it was."""
    home = environment.use_home()
    stopped = []
    if running.stop(home):
        stopped.append("демонстрация")
    if postgres.stop():
        stopped.append("база данных")
    if postgres.stop(test=True):
        stopped.append("база данных для проверок")
    print(f"Остановлено: {', '.join(stopped)}." if stopped else "Ничего не было запущено.")
    return 0
