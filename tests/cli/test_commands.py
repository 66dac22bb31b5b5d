"""The table of commands: what is unknown, what fails, and what is passed on."""

from __future__ import annotations

import importlib
import importlib.util
import os
import socket
import subprocess
import sys

import pytest

from merilo.cli import COMMANDS, demo, environment, main, running, serve, test
from merilo.cli.failure import CommandFailed, sentence_for
from merilo.foundation.postgres import ServerProblem


@pytest.fixture
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("MERILO_HOME", str(tmp_path))
    for name in ("MERILO_CLOCK_FILE", "MERILO_LAW_DIR"):  # set for the processes it starts
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def listener():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_a_module_that_can_be_run(name):
    module = f"merilo.cli.{COMMANDS[name].module}"
    if importlib.util.find_spec(module) is None:
        pytest.skip("not written yet: the command is not shown either")
    command = importlib.import_module(module)
    assert callable(command.add_arguments)
    assert callable(command.run)


def test_an_unknown_command_shows_those_there_are(capsys):
    assert main(["dmeo"]) == 2
    told = capsys.readouterr().err
    assert "Нет команды «dmeo»" in told
    assert "demo" in told


def test_help_is_shown_without_a_database(capsys):
    assert main([]) == 0
    assert "merilo КОМАНДА --help" in capsys.readouterr().out


def test_law_is_asked_without_django():
    code = (
        "import sys; from merilo.cli import main; main(['law', 'questions']);"
        "sys.exit('django' in sys.modules or 'psycopg' in sys.modules)"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=environ, check=False
    )
    assert done.returncode == 0


@pytest.mark.skipif(
    importlib.util.find_spec("numpy") is not None, reason="the packages of the engine are here"
)
def test_without_the_packages_of_the_engine_measuring_says_how_to_get_them(capsys):
    assert main(["measure", "describe", "x.csv"]) == 2
    assert "запускайте через ./merilo" in capsys.readouterr().err
    assert main(["bench", "measure"]) == 2
    assert "запускайте через ./merilo" in capsys.readouterr().err


def test_the_engine_is_loaded_before_the_site_divides_into_processes(monkeypatch):
    loaded = []
    monkeypatch.delitem(sys.modules, "merilo_psychometrics.raters", raising=False)
    monkeypatch.setattr("merilo.wsgi.settle", lambda: None)
    monkeypatch.setattr(
        "gunicorn.app.base.BaseApplication.run",
        lambda _site: loaded.append("merilo_psychometrics.raters" in sys.modules),
    )
    serve._serve(bind="127.0.0.1:0")
    assert loaded == [True]


def test_a_taken_port_is_told_with_a_free_one(listener):
    with pytest.raises(CommandFailed) as failure:
        demo.refuse_taken_port("127.0.0.1", listener)
    told = str(failure.value)
    assert f"Порт {listener} занят другой программой" in told
    assert "demo --port " in told
    demo.refuse_taken_port("127.0.0.1", int(told.rsplit(" ", 1)[1]))


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_does_not_exist_is_refused(port):
    with pytest.raises(CommandFailed, match="не бывает"):
        demo.refuse_taken_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(CommandFailed, match="нет адреса 192.0.2.1"):
        demo.refuse_taken_port("192.0.2.1", 8000)


def test_a_second_demonstration_tells_where_the_first_one_is(home, capsys):
    with running.held(home):
        running.tell(home, "http://127.0.0.1:8000/")
        assert main(["demo"]) == 0
    assert "Мерило уже работает: http://127.0.0.1:8000/" in capsys.readouterr().out


def test_a_second_demonstration_waits_for_the_first_to_answer(home, capsys):
    with running.held(home):
        running.tell(home, None)
        assert main(["demo"]) == 0
    assert "уже запускается" in capsys.readouterr().out


def test_a_running_demonstration_is_not_wiped(home, capsys):
    with running.held(home):
        running.tell(home, "http://127.0.0.1:8000/")
        assert main(["demo", "--fresh"]) == 2
    assert "сначала остановите" in capsys.readouterr().err


def test_nothing_is_left_of_a_demonstration_that_ended(home):
    with running.held(home) as ours:
        assert ours
        running.tell(home, "http://127.0.0.1:8000/")
    assert running.told(home) == {}
    with running.held(home) as ours:
        assert ours


def test_a_region_without_secrets_is_refused(home, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.region/merilo")
    for name in environment.SECRETS:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(CommandFailed, match="MERILO_SECRET_KEY_FILE"):
        environment.ensure_secrets()


def test_a_single_machine_makes_its_secrets_once(home, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for name in environment.SECRETS:
        monkeypatch.delenv(name, raising=False)
    environment.ensure_secrets()
    first = (home / "secrets" / "merilo_secret_key").read_text()
    environment.ensure_secrets()
    assert (home / "secrets" / "merilo_secret_key").read_text() == first
    assert len(first) > 50


def test_tests_run_side_by_side_unless_the_person_chose(monkeypatch):
    assert "--dist" in test.pytest_command([])
    assert "--dist" in test.pytest_command(["-k", "seat"])
    assert "--dist" not in test.pytest_command(["-n0", "-k", "seat"])
    assert test.pytest_command(["-k", "seat"])[-2:] == ["-k", "seat"]


class OperationalError(Exception):
    """Named as the error of the database driver."""


def test_what_a_person_can_mend_becomes_a_sentence():
    assert sentence_for(ServerProblem("Нет места.")) == "Нет места."
    told = sentence_for(OperationalError("connection refused\nIs the server running?"))
    assert told == (
        "База данных не отвечает: connection refused. Проверьте DATABASE_URL и что сервер запущен."
    )
    file = PermissionError(13, "Permission denied", "/srv/a")
    assert "Нет прав на файл /srv/a" in str(sentence_for(file))


def test_a_fault_of_the_program_is_not_hidden():
    assert sentence_for(KeyError("x")) is None
