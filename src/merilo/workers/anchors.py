"""The daily mark of the journal, kept in a file outside the database."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from merilo.foundation.journal.recording import anchor, record
from merilo.registry.access import Viewer


def keep_anchor(*, actor: Viewer, now: datetime) -> Path:
    """Fix the heads of all chains and write them beside the database. Once a day; twice is one."""
    day = now.astimezone(ZoneInfo(actor.timezone)).date()
    folder = Path(settings.MERILO_HOME) / "anchors"
    path = folder / f"{day.isoformat()}.json"
    if path.exists():
        return path
    with transaction.atomic(durable=True):
        mark = anchor(now)
        record("journal.anchored", actor=actor, about=mark, at=now, digest=mark.digest)
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(
        json.dumps(
            {"at": mark.at.isoformat(), "digest": mark.digest, "heads": mark.heads}, indent=1
        )
    )
    part.replace(path)
    return path
