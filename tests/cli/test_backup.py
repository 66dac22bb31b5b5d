"""A copy brings the whole installation back; a broken or foreign one changes nothing."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from builders import NOW
from merilo.foundation.files import sealing, store
from merilo.foundation.journal import recording

KEY = "ключ этой установки"
SCAN = b"%PDF-1.4\n" + b"scan" * 1000


def opened(sealed: bytes, key: str = KEY) -> bytes:
    return b"".join(sealing.open_sealed(io.BytesIO(sealed), key))


@pytest.mark.parametrize("size", [0, 1, sealing.CHUNK - 1, sealing.CHUNK, 2 * sealing.CHUNK + 7])
def test_a_sealed_stream_opens_to_what_it_was(size):
    plain = os.urandom(size)
    sealed = b"".join(sealing.seal(io.BytesIO(plain), KEY))
    assert opened(sealed) == plain


@pytest.fixture(scope="module")
def sealed():
    return b"".join(sealing.seal(io.BytesIO(b"a" * (2 * sealing.CHUNK + 5)), KEY))


WHOLE = sealing.NONCE + sealing.CHUNK + sealing.TAG
HEAD = len(sealing.MARK) + sealing.SALT


@pytest.mark.parametrize(
    "broken",
    [
        lambda s: s[: HEAD + 2 * WHOLE],
        lambda s: s[: HEAD + WHOLE - 1],
        lambda s: s[:HEAD],
        lambda s: s[:3],
        lambda s: s[:HEAD] + s[HEAD + WHOLE : HEAD + 2 * WHOLE] + s[HEAD:],
        lambda s: s[:-1] + bytes([s[-1] ^ 1]),
        lambda s: s + b"more",
    ],
    ids=["last cut off", "cut inside", "head only", "no head", "reordered", "changed", "longer"],
)
def test_a_cut_or_changed_stream_does_not_open(sealed, broken):
    with pytest.raises(sealing.CannotOpen):
        opened(broken(sealed))


def test_another_key_does_not_open_it(sealed):
    with pytest.raises(sealing.CannotOpen):
        opened(sealed, "другой ключ")


def url(name: str) -> str:
    found = settings.DATABASES["default"]
    options = dict(found["OPTIONS"])
    options.pop("pool", None)
    host = found["HOST"]
    place = f"@/{name}?host={quote(host)}" if host.startswith("/") else f"@{host}/{name}"
    if found["PORT"]:
        place += ("&" if "?" in place else "?") + f"port={found['PORT']}"
    return f"postgresql://{quote(found['USER'])}:{quote(found['PASSWORD'])}{place}"


@pytest.fixture
def merilo(tmp_path):
    """Run a command of an installation of its own: its home, its key, the database named."""

    def run(*arguments, database, home="first", key=KEY):
        place = tmp_path / home
        place.mkdir(exist_ok=True)
        return subprocess.run(
            [sys.executable, "-m", "merilo", *map(str, arguments)],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(sys.path),
                "PYTHONIOENCODING": "utf-8",
                "DATABASE_URL": url(database),
                "MERILO_HOME": str(place),
                "MERILO_SECRET_KEY": "секрет",
                "MERILO_FILES_KEY": key,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def empty_database():
    """A database beside the one of the tests, dropped afterwards."""
    name = f"{connection.settings_dict['NAME']}_restored"
    with psycopg.connect(url("postgres"), autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        server.execute(f'CREATE DATABASE "{name}"')
        yield name
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def lived(transactional_db, region, tmp_path, monkeypatch):
    """A region that has lived a little: acts in the journal, one scan in the store."""
    monkeypatch.setattr(settings, "FILES_ROOT", tmp_path / "first" / "files")
    monkeypatch.setattr(settings, "FILES_KEY", KEY)
    for number in range(3):
        recording.record(
            "application.returned",
            actor=region.viewer("school"),
            about=f"application:{number}",
            at=NOW,
            number=number,
        )
    row = store.keep(
        SCAN,
        name="паспорт.pdf",
        content_type="application/pdf",
        purpose="document",
        now=NOW,
        account_id=None,
    )
    return connection.settings_dict["NAME"], row


READ_BACK = """
import sys, django; django.setup()
from merilo.foundation.files import store
from merilo.foundation.files.models import StoredFile
sys.stdout.buffer.write(store.read(StoredFile.objects.get()))
"""


def test_a_copy_brings_back_the_base_the_journal_and_the_files(
    lived, merilo, empty_database, tmp_path
):
    name, _row = lived
    copy = tmp_path / "copy"
    made = merilo("backup", copy, database=name)
    assert made.returncode == 0, made.stderr
    assert b"\xd0\xbf\xd0\xb0\xd1\x81\xd0\xbf\xd0\xbe\xd1\x80\xd1\x82" not in b"".join(
        path.read_bytes() for path in copy.rglob("*") if path.is_file()
    ), "nothing of a child is readable in the copy"

    back = merilo("restore", copy, database=empty_database, home="second")
    assert back.returncode == 0, back.stderr
    verified = merilo("journal", "verify", database=empty_database, home="second")
    assert verified.returncode == 0, verified.stdout
    assert "Записей: 3" in verified.stdout
    read = subprocess.run(
        [sys.executable, "-c", READ_BACK],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "DJANGO_SETTINGS_MODULE": "merilo.settings",
            "DATABASE_URL": url(empty_database),
            "MERILO_HOME": str(tmp_path / "second"),
            "MERILO_SECRET_KEY": "секрет",
            "MERILO_FILES_KEY": KEY,
        },
        capture_output=True,
        check=True,
    )
    assert read.stdout == SCAN

    again = merilo("restore", copy, database=empty_database, home="third")
    assert again.returncode == 2
    assert "уже есть таблицы, ничего не изменено" in again.stderr


def test_a_copy_of_another_key_or_a_broken_one_leaves_the_base_empty(
    lived, merilo, empty_database, tmp_path
):
    name, _row = lived
    copy = tmp_path / "copy"
    assert merilo("backup", copy, database=name).returncode == 0
    second = merilo("backup", copy, database=name)
    assert second.returncode == 2 and "копии не смешиваются" in second.stderr

    foreign = merilo("restore", copy, database=empty_database, home="second", key="чужой")
    assert foreign.returncode == 2
    assert "Ключ файлов не подходит" in foreign.stderr

    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**manifest, "postgres": 99}))
    newer = merilo("restore", copy, database=empty_database, home="second")
    assert newer.returncode == 2
    assert "сервере версии 99 или новее, ничего не изменено" in newer.stderr

    (copy / "manifest.json").write_text(json.dumps({**manifest, "files": 2}))
    broken = merilo("restore", copy, database=empty_database, home="second")
    assert broken.returncode == 2
    assert "неполна или изменена" in broken.stderr

    nothing = merilo("restore", tmp_path, database=empty_database, home="second")
    assert nothing.returncode == 2
    assert "нет целой копии" in nothing.stderr
    with psycopg.connect(url(empty_database)) as there:
        found = there.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert found.fetchone() == (0,)
