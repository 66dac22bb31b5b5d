"""`merilo bench road|measure`: how fast the main road and the measurement engine are.

The road is measured on a database of its own, thrown away afterwards.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import time

from .failure import CommandFailed
from .measure import with_packages
from .progress import show_share

DATABASE = "merilo_bench"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True, metavar="ЧТО")
    road = what.add_parser("road", help="страницы, действия и запись под наплывом")
    road.add_argument("--cases", type=int, default=100_000, metavar="N", help="дел (100000)")
    road.add_argument("--rounds", type=int, default=60, metavar="N", help="повторов (60)")
    road.add_argument("--clients", type=int, default=16, metavar="N", help="клиентов сразу (16)")
    measure = what.add_parser("measure", help="измерительный движок: от файла к параметрам")
    with contextlib.suppress(ModuleNotFoundError):  # the road is measured without these packages
        from merilo_psychometrics import bench as engine

        engine.add_arguments(measure)


def run(options: argparse.Namespace) -> int:
    """Load, measure, print; 0 even where a budget is missed: the figures are the answer."""
    if options.what == "measure":
        return with_packages(lambda: _engine(options))
    return _road(options)


def _engine(options: argparse.Namespace) -> int:
    from merilo_psychometrics import bench

    return bench.run(options)


def _road(options: argparse.Namespace) -> int:
    # The packages of the engine come without those of the platform.
    from . import environment

    if not environment.has_own_server():
        raise CommandFailed(
            "Измерение работает на встроенной базе и создаёт в ней тысячи дел: уберите DATABASE_URL."
        )
    from merilo.foundation import postgres

    environment.use_home()
    environment.ensure_secrets(one_machine=True)
    postgres.ensure_running()
    postgres.recreate_database(DATABASE)
    os.environ["DATABASE_URL"] = postgres.default_url("owner", DATABASE)
    os.environ["MERILO_POOL"] = "False"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "merilo.settings")
    os.environ["MERILO_DEBUG"] = "True"  # static files by finders: only addresses are printed
    import django

    django.setup()
    from django.conf import settings

    settings.DEBUG = False
    return _measure(options)


def _measure(options: argparse.Namespace) -> int:
    from django.core.management import call_command as manage

    from merilo.bench import loading, road
    from merilo.demo.build import anchor_of
    from merilo.foundation import clock
    from merilo.wsgi import settle

    now = anchor_of(clock.now())
    clock.freeze(now)
    manage("migrate", verbosity=0)
    manage("createcachetable", verbosity=0)
    print(f"Загружаю {options.cases} дел…", flush=True)
    began = time.perf_counter()
    world = loading.load(options.cases, now, lambda text, n, of: show_share(text, n, of))
    print(f"\nЗагрузка: {time.perf_counter() - began:.0f} с")
    settle()
    print(f"Загрузка машины: {os.getloadavg()[0]:.1f} на {os.cpu_count()} ядра")
    print(f"{'':40} {'p50, мс':>9} {'p95, мс':>9} {'ЦП, мс':>9}   норма")
    for timing in [*road.pages(world, options.rounds), *road.acts(world, options.rounds, now)]:
        mark = "" if timing.fits else "  ← больше нормы"
        print(
            f"{timing.name:40} {timing.p50:9.1f} {timing.p95:9.1f} {timing.worked:9.1f}   "
            f"{timing.budget[0]}/{timing.budget[1]}{mark}",
            flush=True,
        )
    tries = min(1600, options.cases // 100)
    for seats in (tries, tries // 4):
        rush = road.rush(world, now, clients=options.clients, tries=tries, seats=seats)
        print(
            f"Наплыв: клиентов {rush.clients}, попыток {rush.tries}, мест {rush.seats}: записано "
            f"{rush.won} за {rush.seconds:.1f} с ({rush.a_minute:.0f} в минуту), лишних {rush.oversold}"
        )
        tries //= 2
    return 0
