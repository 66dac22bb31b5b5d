"""`merilo serve`: the site, by gunicorn."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

from .failure import CommandFailed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to listen and how wide."""
    parser.add_argument("--host", default="127.0.0.1", help="адрес (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="порт (8000)")
    parser.add_argument("--workers", type=int, default=2, help="процессов (2)")
    parser.add_argument("--threads", type=int, default=4, help="потоков в процессе (4)")


def run(options: argparse.Namespace) -> int:
    """Check that the site may open, gather static files, serve until a signal."""
    from django.conf import settings
    from django.core.management import call_command

    if settings.DEBUG:
        raise CommandFailed(
            "MERILO_DEBUG=True показывает посторонним внутреннее устройство: уберите эту "
            "настройку, сайт с ней не запускается."
        )
    _refuse_old_tables()
    call_command("collectstatic", interactive=False, verbosity=0)
    _serve(
        bind=f"{'[' + options.host + ']' if ':' in options.host else options.host}:{options.port}",
        workers=options.workers,
        threads=options.threads,
    )
    return 0


def _refuse_old_tables() -> None:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    connection.close()
    # The pool has threads, and they do not survive the fork of the workers.
    connection.close_pool()  # type: ignore[attr-defined]  # the stubs know no PostgreSQL
    if waiting:
        raise CommandFailed("Таблицы базы не созданы или устарели: сначала merilo migrate.")


def _serve(**settings: Any) -> None:
    """Fork the workers from this process: the site is loaded once."""
    from gunicorn.app.base import BaseApplication

    from merilo.wsgi import application, settle

    class Site(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            chosen = {
                "preload_app": True,
                "worker_class": "gthread",
                "timeout": 60,
                "graceful_timeout": 10,
                "max_requests": 20_000,
                "max_requests_jitter": 2_000,
                "control_socket_disable": True,
                **settings,
            }
            for name, value in chosen.items():
                self.cfg.set(name, value)

        def load(self) -> Callable[..., Any]:
            return application

    _load_engine()
    settle()
    Site().run()


def _load_engine() -> None:
    """Load the measurement engine before the fork, once for every worker and those that follow.

    It takes seconds: else the first look at the agreement of experts in each process waits for it.
    A site without the packages of the engine opens all the same: nothing else needs them.
    """
    with suppress(ModuleNotFoundError):
        import_module("merilo_psychometrics.raters")
