"""`merilo demo`: the demonstration region on our own database, in one command."""

from __future__ import annotations

import argparse
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from merilo.foundation import postgres

from . import demo_mark, environment, running
from .children import Child, end_all, merilo
from .failure import CommandFailed
from .progress import Steps

ANSWER_PATIENCE_S = 90
KEPT_OF_DEMO = ("files", "mailbox", "anchors")
CLOCK_OF_DEMO = "clock"
LAW_OF_DEMO = Path(__file__).parents[1] / "demo" / "law"  # an invented act: amounts of D1–D6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Port, a fresh start, a seed."""
    parser.add_argument("--port", type=int, default=8000, metavar="N", help="порт (8000)")
    parser.add_argument("--host", default="127.0.0.1", help="адрес (127.0.0.1: только эта машина)")
    parser.add_argument(
        "--fresh", action="store_true", help="стереть прежний край и начать заново"
    )
    parser.add_argument(
        "--seed", type=int, default=demo_mark.SEED, metavar="N", help="зерно случайности края"
    )


def run(options: argparse.Namespace) -> int:
    """Start everything, tell how to enter, wait for Ctrl+C, stop everything."""
    home = environment.use_home()
    os.environ["MERILO_CLOCK_FILE"] = str(home / "clock")  # one moved clock for all processes
    os.environ.setdefault("MERILO_LAW_DIR", str(LAW_OF_DEMO))
    with running.held(home) as ours:
        if not ours:
            return _tell_it_runs(home, options)
        running.tell(home, None)
        refuse_taken_port(options.host, options.port)
        children: list[Child] = []
        own_server = environment.has_own_server()
        signal.signal(signal.SIGTERM, _as_interrupt)
        signal.signal(signal.SIGHUP, _as_interrupt)
        try:
            children = _start(home, options, own_server)
            _wait(children)
        except KeyboardInterrupt:
            print("\nОстанавливаю…", flush=True)
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            end_all(children)
            if own_server:
                postgres.stop()
        print(
            f"Мерило остановлено, данные сохранены. Продолжить: {environment.command_name()} demo",
            flush=True,
        )
    return 0


def refuse_taken_port(host: str, port: int) -> None:
    """Refuse a port another program listens on, and name a free one."""
    if not 0 < port < 65536:
        raise CommandFailed(f"Порта {port} не бывает: возьмите число от 1024 до 65535.")
    problem = _cannot_listen(host, port)
    if problem is None:
        return
    if isinstance(problem, PermissionError):
        raise CommandFailed(
            f"Порт {port} доступен только администратору: возьмите другой, "
            f"{environment.command_name()} demo --port {_free_port(host, 8000)}"
        )
    if isinstance(problem, socket.gaierror) or problem.errno == 99:
        raise CommandFailed(f"У этой машины нет адреса {host}: уберите --host или исправьте его.")
    raise CommandFailed(
        f"Порт {port} занят другой программой: запустите на свободном, "
        f"{environment.command_name()} demo --port {_free_port(host, port + 1)}"
    )


def _cannot_listen(host: str, port: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As gunicorn does; without it a port just left by a stopped demo would look taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            return problem
    return None


def _free_port(host: str, start: int) -> int:
    numbers = range(max(start, 1024), 65536)
    return next((port for port in numbers if _cannot_listen(host, port) is None), 0)


def _tell_it_runs(home: Path, options: argparse.Namespace) -> int:
    url = running.told(home).get("url")
    stop = f"{environment.command_name()} stop"
    if options.fresh:
        raise CommandFailed(f"Мерило сейчас работает: сначала остановите его, {stop}")
    if url:
        print(f"Мерило уже работает: {url}\nОстановить: {stop}")
    else:
        print("Мерило уже запускается в другом окне: подождите, адрес появится там.")
    return 0


def _as_interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _start(home: Path, options: argparse.Namespace, own_server: bool) -> list[Child]:
    steps = Steps(4)
    environment.ensure_secrets(one_machine=True)
    with steps.step("Запускаю базу данных"):
        if own_server:
            postgres.ensure_running()
        state = demo_mark.state_of_database()
        if options.fresh or state.startswith("building"):
            _wipe(home, own_server, state)
            state = "empty"
        if state == "foreign":
            raise CommandFailed(
                "В этой базе уже есть данные, и это не демонстрация: для демонстрации возьмите "
                "пустую базу или уберите DATABASE_URL."
            )
    with steps.step("Готовлю таблицы"):
        _finish("migrate", "--quiet", log=home / "logs" / "migrate.log")
    if state.startswith("ready"):
        steps.say("Демонстрационный край на месте: данные прошлых запусков сохранены")
    else:
        steps.say("Создаю демонстрационный край, это несколько минут и только в первый раз…")
        if subprocess.run(merilo("demo-data", f"--seed={options.seed}"), check=False).returncode:
            raise CommandFailed(
                "Не удалось создать демонстрационный край, причина выше. Начать заново: "
                f"{environment.command_name()} demo --fresh"
            )
    url = f"http://{_shown_host(options.host)}:{options.port}/"
    with steps.step("Запускаю сайт и фоновые задания"):
        children = _start_children(home, options, url)
        try:
            _wait_for_answer(children[0], options)
        except BaseException:
            end_all(children)
            raise
    running.tell(home, url)
    print(welcome(url, home), flush=True)
    return children


def _wipe(home: Path, own_server: bool, state: str) -> None:
    """Empty the database and the files of the demonstration, and only of a demonstration."""
    if own_server:
        postgres.recreate_database()
    elif state == "foreign":
        raise CommandFailed(
            "В базе из DATABASE_URL не демонстрация, а настоящие данные: --fresh её не сотрёт."
        )
    else:
        import psycopg

        with psycopg.connect(environment.url("owner"), autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
            connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
    for name in KEPT_OF_DEMO:
        shutil.rmtree(home / name, ignore_errors=True)
    (home / CLOCK_OF_DEMO).unlink(missing_ok=True)


def _finish(*command: str, log: Path) -> None:
    """Run a subcommand to its end; its log is shown only when it fails."""
    child = Child(command[0], merilo(*command), log, {})
    try:
        status = child.process.wait()
    except BaseException:
        end_all([child])
        raise
    if status:
        raise CommandFailed(
            f"Шаг «{command[0]}» не удался:\n{child.last_lines()}\nЖурнал: {child.log}"
        )


def _start_children(home: Path, options: argparse.Namespace, url: str) -> list[Child]:
    environ = {"MERILO_DEMO": "True", "MERILO_PUBLIC_URL": url.rstrip("/")}
    if options.host not in ("127.0.0.1", "localhost", "::1"):
        environ.setdefault("MERILO_HOSTS", os.environ.get("MERILO_HOSTS") or "*")
    where = [f"--host={options.host}", f"--port={options.port}"]
    logs = home / "logs"
    return [
        Child("сайт", merilo("serve", *where), logs / "web.log", environ),
        Child("фоновые задания", merilo("worker"), logs / "worker.log", environ),
    ]


def _shown_host(host: str) -> str:
    return {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(host, host)


def _wait_for_answer(web: Child, options: argparse.Namespace) -> None:
    """Wait until the first page answers; a page that fails is told with its log."""
    host = "127.0.0.1" if options.host == "0.0.0.0" else options.host
    deadline = time.monotonic() + ANSWER_PATIENCE_S
    while time.monotonic() < deadline:
        if not web.alive():
            break
        connection = http.client.HTTPConnection(host, options.port, timeout=20)
        try:
            connection.request("GET", "/", headers={"Host": f"localhost:{options.port}"})
            status = connection.getresponse().status
        except OSError:
            time.sleep(0.2)
            continue
        finally:
            connection.close()
        if status >= 500:
            raise CommandFailed(
                f"Сайт запустился, но первая страница отвечает ошибкой {status}:\n"
                f"{web.last_lines()}\nЖурнал: {web.log}"
            )
        return
    raise CommandFailed(f"Сайт не запустился:\n{web.last_lines()}\nЖурнал: {web.log}")


def _wait(children: list[Child]) -> None:
    """Watch the children until a signal comes; tell when one ends by itself."""
    told: set[str] = set()
    while True:
        time.sleep(1)
        for child in children:
            if child.alive() or child.name in told:
                continue
            told.add(child.name)
            sentence = f"{child.name.capitalize()}: процесс завершился сам.\n{child.last_lines()}"
            if child is children[0]:
                raise CommandFailed(f"{sentence}\nЖурнал: {child.log}")
            print(f"{sentence}\nЖурнал: {child.log}", file=sys.stderr, flush=True)


def welcome(url: str, home: Path) -> str:
    """Return the text a person reads when the demonstration has started."""
    from merilo.demo.accounts import ACCOUNTS

    command = environment.command_name()
    wide = max(len(login) for login, *_ in ACCOUNTS)
    long = max(len(password) for _, password, *_ in ACCOUNTS)
    rows = [
        f"  {login:<{wide}}  {password:<{long}}  {who}\n  {'':<{wide}}  {'':<{long}}  → {what}"
        for login, password, who, what in ACCOUNTS
    ]
    return "\n".join(
        [
            "",
            f"Мерило работает: {url}",
            "",
            "Войдите под любой учётной записью (логин, пароль) и попробуйте сначала:",
            *rows,
            "",
            f"Письма демонстрации: {home / 'mailbox'}   журналы: {home / 'logs'}",
            f"Остановить: Ctrl+C (данные сохранятся).  Начать заново: {command} demo --fresh",
        ]
    )
