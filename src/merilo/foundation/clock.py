"""The only place that asks what time it is. Pages, API, workers and commands call it; nothing else.

`MERILO_CLOCK` shifts the clock of a demonstration or a training stand («2026-03-16T09:00:00+10:00»
is the moment the process starts at); a real region never sets it.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_shift: timedelta | None = None
_frozen: datetime | None = None


def _configured_shift() -> timedelta:
    if seconds := os.environ.get("MERILO_CLOCK_SHIFT_SECONDS"):
        return timedelta(seconds=float(seconds))
    return timedelta()


def now() -> datetime:
    """The current moment, aware, UTC."""
    global _shift
    if _frozen is not None:
        return _frozen
    if _shift is None:
        _shift = _configured_shift()
    return datetime.now(UTC) + _shift


def today(timezone: str) -> date:
    """The current day where the organisation is."""
    return now().astimezone(ZoneInfo(timezone)).date()


def shift() -> timedelta:
    """How far the clock is moved; zero in a real region."""
    now()
    return _shift or timedelta()


def freeze(moment: datetime | None) -> None:
    """Hold the clock at a moment, or let it go with None. For tests."""
    global _frozen
    _frozen = moment
