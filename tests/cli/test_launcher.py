"""Our own PostgreSQL: starts by itself, once, after a crash too; the journal stays insert-only."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from merilo.foundation import postgres
from merilo.foundation.postgres import launching, places

START = "from merilo.foundation import postgres; print(postgres.ensure_running(test=True).pid)"


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home of its own, open to the account that runs the server when the tests run as root."""
    with pytest.MonkeyPatch.context() as patch:
        place = Path(tempfile.mkdtemp(prefix="merilo-test-"))
        place.chmod(0o755)
        patch.setenv("MERILO_HOME", str(place))
        yield place
        postgres.stop(test=True)
        shutil.rmtree(places.socket_dir(True), ignore_errors=True)
        shutil.rmtree(place)


@pytest.fixture
def server(home: Path) -> postgres.Server:
    return postgres.ensure_running(test=True)


def connect(role: str = "owner") -> psycopg.Connection:
    return psycopg.connect(postgres.default_url(role, "postgres", test=True), autocommit=True)


def test_two_callers_at_once_start_one_server(home):
    callers = [
        subprocess.Popen(
            [sys.executable, "-c", START],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for _ in range(3)
    ]
    pids = {caller.communicate()[0].strip() for caller in callers}
    assert len(pids) == 1
    assert pids != {""}


def test_a_running_server_is_used_as_it_is(server):
    assert postgres.ensure_running(test=True) == server
    assert postgres.status(test=True) == server


def test_the_url_is_known_without_starting_anything(home):
    url = postgres.default_url("app")
    assert url.startswith("postgresql://merilo_app:")
    assert "host=/tmp/merilo-" in url
    assert postgres.status() is None


def test_a_server_that_was_killed_starts_again_with_its_data(server):
    with connect() as connection:
        connection.execute("CREATE DATABASE kept")
    os.kill(server.pid, signal.SIGKILL)
    again = postgres.ensure_running(test=True)
    assert again.pid != server.pid
    with connect() as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'kept'").fetchone()
    assert found == (1,)


def test_a_pid_file_that_names_another_program_does_not_stop_the_start(server):
    pid_file = server.data / "postmaster.pid"
    text = pid_file.read_text()
    postgres.stop(test=True)
    pid_file.write_text(text.replace(str(server.pid), str(os.getpid()), 1))
    assert postgres.ensure_running(test=True).pid not in (os.getpid(), server.pid)


def test_an_initialisation_that_was_cut_off_is_made_anew(home, server):
    postgres.stop(test=True)
    (server.data / "PG_VERSION").unlink()
    assert postgres.ensure_running(test=True).data == server.data


def test_new_passwords_are_taken_over_when_the_secrets_were_lost(home, server):
    for path in (home / "secrets").glob("postgres-*"):
        path.unlink()
    postgres.ensure_running(test=True)
    for role in ("owner", "app"):
        with connect(role) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (f"merilo_{role}",)


def test_secrets_can_be_read_only_by_their_owner(home, server):
    assert (home / "secrets").stat().st_mode & 0o777 == 0o700
    modes = {path.stat().st_mode & 0o777 for path in (home / "secrets").iterdir()}
    assert modes == {0o600}


def test_the_socket_is_closed_to_other_people(server):
    assert server.socket.stat().st_mode & 0o077 == 0


def test_a_wrong_password_is_refused(server):
    url = postgres.default_url("app", "postgres", test=True).replace("merilo_app:", "merilo_app:x")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url)


def test_a_socket_directory_open_to_others_is_refused(server):
    postgres.stop(test=True)
    server.socket.chmod(0o777)
    try:
        with pytest.raises(postgres.ServerProblem, match="открыт для других"):
            postgres.ensure_running(test=True)
    finally:
        server.socket.chmod(0o700)


def test_data_of_another_major_version_is_refused_by_name(server):
    postgres.stop(test=True)
    version = server.data / "PG_VERSION"
    kept = version.read_text()
    version.write_text("13\n")
    try:
        with pytest.raises(postgres.ServerProblem, match="созданы PostgreSQL 13"):
            postgres.ensure_running(test=True)
    finally:
        version.write_text(kept)


def test_a_wrong_place_of_binaries_is_refused_by_name(home, monkeypatch):
    monkeypatch.setenv("MERILO_POSTGRES_BIN", "/nowhere")
    with pytest.raises(
        postgres.ServerProblem, match="MERILO_POSTGRES_BIN указан каталог /nowhere"
    ):
        postgres.ensure_running(test=True)


def test_stopping_twice_is_no_error(server):
    assert postgres.stop(test=True) is True
    assert postgres.stop(test=True) is False
    assert launching.running_pid(server.data) is None


@pytest.fixture
def tables(server) -> Iterator[psycopg.Connection]:
    postgres.ensure_running(test=True)
    with connect() as owner:
        owner.execute("DROP DATABASE IF EXISTS granted")
        owner.execute("CREATE DATABASE granted")
    with psycopg.connect(postgres.default_url("owner", "granted", test=True)) as owner:
        owner.execute("CREATE TABLE admissions_application (id int)")
        owner.execute("CREATE TABLE journal_entry (id int)")
        owner.execute("CREATE TABLE django_migrations (id int)")
        postgres.grant_app_role(owner)
        postgres.grant_app_role(owner)  # after every migration: again is no error
        owner.commit()
    with psycopg.connect(
        postgres.default_url("app", "granted", test=True), autocommit=True
    ) as connection:
        yield connection


def test_the_application_works_with_ordinary_tables(tables):
    tables.execute("INSERT INTO admissions_application VALUES (1)")
    tables.execute("UPDATE admissions_application SET id = 2")
    tables.execute("DELETE FROM admissions_application")


def test_the_application_only_adds_to_the_journal(tables):
    tables.execute("INSERT INTO journal_entry VALUES (1)")
    assert tables.execute("SELECT id FROM journal_entry").fetchall() == [(1,)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_entry SET id = 2",
        "DELETE FROM journal_entry",
        "TRUNCATE journal_entry",
        "TRUNCATE admissions_application",
        "DROP TABLE journal_entry",
        "ALTER TABLE journal_entry DISABLE TRIGGER ALL",
        "DELETE FROM django_migrations",
        "CREATE TABLE mine (id int)",
    ],
)
def test_the_application_may_not(tables, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        tables.execute(statement)


def test_a_role_name_that_is_not_plain_is_refused(tables):
    with pytest.raises(ValueError, match="not a plain role name"):
        postgres.grant_app_role(tables, 'x"; DROP TABLE y')
