"""`merilo backup`: one folder from which the whole installation can be brought back."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from . import environment
from .failure import CommandFailed
from .progress import show_share

DUMP, FILES, MANIFEST = "database.sealed", "files", "manifest.json"
FORMAT = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the copy is written."""
    parser.add_argument("folder", type=Path, metavar="КАТАЛОГ", help="новый каталог для копии")


def run(options: argparse.Namespace) -> int:
    """Write the copy beside, then give it its name: a copy is whole or is not there."""
    folder = options.folder.absolute()
    if folder.exists():
        raise CommandFailed(f"Каталог {folder} уже есть: укажите новый, копии не смешиваются.")
    if not folder.parent.is_dir():
        raise CommandFailed(f"Каталога {folder.parent} нет: создайте его.")
    draft = folder.with_name(folder.name + ".part")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        manifest = write(draft)
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    print(
        f"Копия готова: {folder} (файлов: {manifest['files']}). База в ней зашифрована ключом "
        "файлов (MERILO_FILES_KEY): храните ключ и секрет сессий отдельно от копии, "
        "без ключа её не открыть."
    )
    return 0


def write(draft: Path) -> dict[str, Any]:
    """The database first, then the files: every file the database knows has been kept by then."""
    from django.conf import settings
    from django.db import connection

    from merilo import __version__
    from merilo.foundation import clock

    draft.mkdir(mode=0o700)
    digest = _dump(draft / DUMP, settings.FILES_KEY)
    manifest = {
        "format": FORMAT,
        "version": __version__,
        "made_at": clock.now().isoformat(),
        "profile": settings.PROFILE,
        "postgres": connection.pg_version // 10_000,
        "database_sha256": digest,
        "files": copy_files(Path(settings.FILES_ROOT), draft / FILES),
    }
    (draft / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2))
    return manifest


def _dump(out: Path, key: str) -> str:
    """Write the sealed dump; return the SHA-256 of what was written."""
    from django.db import connection

    from merilo.foundation.files import sealing
    from merilo.foundation.postgres import copying

    pg_dump = copying.program("pg_dump", connection.pg_version // 10_000)
    digest = hashlib.sha256()
    with subprocess.Popen(
        [pg_dump, "--format=custom", "--no-owner", "--no-privileges"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **copying.sign_in(environment.url("owner"))},
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        with out.open("wb") as sealed:
            for chunk in sealing.seal(process.stdout, key):
                digest.update(chunk)
                sealed.write(chunk)
        told = process.stderr.read().decode(errors="replace")
    if process.returncode != 0:
        raise CommandFailed(f"pg_dump не смог прочитать базу: {told.strip()}")
    return digest.hexdigest()


def copy_files(source: Path, target: Path) -> int:
    """Copy the encrypted files as they are, to and fro; parts of uploads in flight stay behind."""
    found = [path for path in source.glob("??/*") if path.suffix != ".part"]
    target.mkdir(parents=True, exist_ok=True)
    for number, path in enumerate(found, 1):
        place = target / path.parent.name
        place.mkdir(exist_ok=True)
        shutil.copyfile(path, place / path.name)
        (place / path.name).chmod(0o600)
        show_share("Файлы", number, len(found))
    return len(found)
