"""`merilo test`: everything that must hold, in one command."""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys

from merilo.foundation import postgres

from . import browser, check_code, cluster, environment
from .clone import find_clone
from .failure import CommandFailed
from .progress import Steps

PASSES_ARGUMENTS = True
MOST_PROCESSES = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Everything goes to pytest as it is."""
    parser.usage = "merilo test [-k ИМЯ] [аргументы pytest…]"


def run(options: argparse.Namespace) -> int:
    """Find a browser, fetch Spark, check quickly, run the tests; the status is pytest's."""
    root = find_clone()
    home = environment.use_home()
    if importlib.util.find_spec("xdist") is None:
        raise CommandFailed("Нет пакетов для проверок: запускайте ./merilo test из клона.")
    steps = Steps(4)
    with steps.step("Готовлю браузер для проверки страниц"):
        settings = browser.ensure_browser(home)
    if not options.rest or "cluster" in options.rest:
        steps.say("Готовлю Spark: при первом запуске это минута или две…")
        print(f"      {cluster.ensure_spark(root, home)}", flush=True)
    else:
        steps.say("Spark не понадобился: названы отдельные проверки")
    if options.rest:
        steps.say("Быстрые проверки пропущены: названы отдельные проверки")
    else:
        with steps.step("Проверяю стиль и слои"):
            failures = check_code.failures(check_code.quick_checks(root), root)
        if failures:
            raise CommandFailed("\n".join(failures), status=1)
    steps.say("Прогоняю проверки…")
    ours_to_stop = environment.has_own_server() and postgres.status(test=True) is None
    try:
        return subprocess.run(
            pytest_command(options.rest),
            cwd=root,
            env={**os.environ, **settings},
            check=False,
        ).returncode
    finally:
        if ours_to_stop:
            postgres.stop(test=True)


def pytest_command(rest: list[str]) -> list[str]:
    """Return pytest's command line: parallel by file unless the person chose otherwise."""
    command = [sys.executable, "-P", "-m", "pytest"]
    chosen = any(part.startswith(("-n", "--numprocesses", "--pdb")) for part in rest)
    if not chosen and "-p" not in rest:
        processes = min(MOST_PROCESSES, max(2, os.cpu_count() or 2))
        command += ["-n", str(processes), "--dist", "loadfile"]
    if not rest:
        command += ["-q"]
    return command + rest
