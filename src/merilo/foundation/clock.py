"""The only place that asks what time it is. Pages, API, workers and commands call it; nothing else.

A demonstration or a training stand may move its clock: `MERILO_CLOCK_FILE` names a file with the
shift in seconds, read by every process, so that all of them agree. A real region never sets it.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

_frozen: datetime | None = None
_read: tuple[int, timedelta] = (0, timedelta())


def shift() -> timedelta:
    """How far the clock is moved; zero in a real region."""
    global _read
    name = os.environ.get("MERILO_CLOCK_FILE")
    if not name:
        return timedelta()
    path = Path(name)
    try:
        changed = path.stat().st_mtime_ns
        if changed != _read[0]:
            _read = (changed, timedelta(seconds=float(path.read_text())))
    except FileNotFoundError:
        return timedelta()
    return _read[1]


def move(by: timedelta) -> None:
    """Move the clock of a demonstration. Refuses where there is none."""
    name = os.environ.get("MERILO_CLOCK_FILE")
    if not name:
        raise RuntimeError("the clock of a real region does not move")
    path = Path(name)
    part = path.with_suffix(".part")
    part.write_text(str((shift() + by).total_seconds()))
    part.rename(path)


def now() -> datetime:
    """The current moment, aware, UTC."""
    if _frozen is not None:
        return _frozen
    return datetime.now(UTC) + shift()


def today(timezone: str) -> date:
    """The current day where the organisation is."""
    return now().astimezone(ZoneInfo(timezone)).date()


def freeze(moment: datetime | None) -> None:
    """Hold the clock at a moment, or let it go with None. For tests."""
    global _frozen
    _frozen = moment
