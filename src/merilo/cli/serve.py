"""`merilo serve`: the site, by gunicorn."""

from __future__ import annotations

import argparse
import os
import sys

from .failure import CommandFailed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to listen and how wide."""
    parser.add_argument("--host", default="127.0.0.1", help="адрес (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="порт (8000)")
    parser.add_argument("--workers", type=int, default=2, help="процессов (2)")
    parser.add_argument("--threads", type=int, default=4, help="потоков в процессе (4)")


def run(options: argparse.Namespace) -> int:
    """Check that the site may open, gather static files, become gunicorn."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection, connections
    from django.db.migrations.executor import MigrationExecutor

    if settings.DEBUG:
        raise CommandFailed(
            "MERILO_DEBUG=True показывает посторонним внутреннее устройство: уберите эту "
            "настройку, сайт с ней не запускается."
        )
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandFailed("Таблицы базы не созданы или устарели: сначала merilo migrate.")
    connections.close_all()
    call_command("collectstatic", interactive=False, verbosity=0)
    sys.stdout.flush()
    os.execv(
        sys.executable,
        [sys.executable, "-P", "-m", "gunicorn", "merilo.wsgi:application"]
        + ["--bind", f"{options.host}:{options.port}", "--worker-class", "gthread"]
        + ["--workers", str(options.workers), "--threads", str(options.threads)]
        + ["--timeout", "60", "--graceful-timeout", "10", "--max-requests", "20000"]
        + ["--max-requests-jitter", "2000", "--no-control-socket"],
    )
