"""`merilo restore`: bring an installation back from a copy, into an empty database."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

from . import environment, migrate
from .backup import DUMP, FILES, FORMAT, MANIFEST, copy_files
from .failure import CommandFailed

READ = 1024 * 1024


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which copy."""
    parser.add_argument("folder", type=Path, metavar="КАТАЛОГ", help="каталог копии")


def run(options: argparse.Namespace) -> int:
    """Refuse before anything is written; then database, files, tables of this version."""
    from django.conf import settings

    folder = options.folder
    manifest = _manifest(folder)
    _refuse_filled_database()
    _refuse_older_server(manifest)
    files_root = Path(settings.FILES_ROOT)
    if any(files_root.glob("??/*")):
        raise CommandFailed(
            f"В {files_root} уже есть файлы: восстанавливайте на новом месте "
            "(MERILO_FILES или MERILO_HOME)."
        )
    _prove(folder, manifest, settings.FILES_KEY)
    _load(folder / DUMP, settings.FILES_KEY)
    count = copy_files(folder / FILES, files_root)
    migrate.run(argparse.Namespace(quiet=True))
    name = environment.command_name()
    print(
        f"Восстановлено из копии от {manifest['made_at'][:16].replace('T', ' ')}, файлов: {count}. "
        f"Проверьте: {name} journal verify, затем {name} check."
    )
    return 0


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError) as wrong:
        raise CommandFailed(
            f"В {folder} нет целой копии ({MANIFEST} не читается): укажите каталог, "
            "который записала merilo backup."
        ) from wrong
    if manifest.get("format") != FORMAT:
        raise CommandFailed(
            f"Копия сделана другой версией Мерила ({manifest.get('version')}): "
            "восстановите её той же версией, затем обновите."
        )
    return manifest


def _refuse_filled_database() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        (tables,) = cursor.fetchone()
    if tables:
        raise CommandFailed(
            "В базе уже есть таблицы, ничего не изменено: восстанавливайте в пустую базу "
            "(другой MERILO_HOME или новая база в DATABASE_URL)."
        )


def _refuse_older_server(manifest: dict[str, Any]) -> None:
    from django.db import connection

    here, there = connection.pg_version // 10_000, manifest["postgres"]
    if here < there:
        raise CommandFailed(
            f"Копия снята с PostgreSQL {there}, а здесь {here}: восстановите её на сервере версии "
            f"{there} или новее, ничего не изменено."
        )


def _prove(folder: Path, manifest: dict[str, Any], key: str) -> None:
    """The copy is what was written, whole, and the key is its key: said before anything changes."""
    from merilo.foundation.files import sealing

    digest = hashlib.sha256()
    with (folder / DUMP).open("rb") as sealed:
        while chunk := sealed.read(READ):
            digest.update(chunk)
    found = sum(1 for _ in (folder / FILES).glob("??/*"))
    if digest.hexdigest() != manifest["database_sha256"] or found != manifest["files"]:
        raise CommandFailed(f"Копия {folder} неполна или изменена: возьмите другую.")
    try:
        with (folder / DUMP).open("rb") as sealed:
            for _ in sealing.open_sealed(sealed, key):
                pass
    except sealing.CannotOpen as wrong:
        raise CommandFailed(
            "Ключ файлов не подходит к копии: задайте в MERILO_FILES_KEY_FILE ключ той "
            "установки, с которой она снята."
        ) from wrong


def _load(dump: Path, key: str) -> None:
    """Load the dump in one transaction: the database is filled whole or stays empty."""
    from django.db import connection

    from merilo.foundation.files import sealing
    from merilo.foundation.postgres import copying

    pg_restore = copying.program("pg_restore", connection.pg_version // 10_000)
    connection.close()
    signed_in = copying.sign_in(environment.url("owner"))
    with (
        dump.open("rb") as sealed,
        subprocess.Popen(
            [
                pg_restore,
                "--no-owner",
                "--no-privileges",
                "--single-transaction",
                "--exit-on-error",
                f"--dbname={signed_in['PGDATABASE']}",
            ],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **signed_in},
        ) as process,
    ):
        assert process.stdin is not None and process.stderr is not None
        try:
            sealing.write_all(sealing.open_sealed(sealed, key), process.stdin)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it ended early: its own words say why
        told = process.stderr.read().decode(errors="replace")
    if process.returncode != 0:
        raise CommandFailed(f"База не восстановлена, она осталась пустой: {told.strip()}")
