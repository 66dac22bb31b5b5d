"""Count calls and say when there were too many. One row of the database: true for all processes.

The cache cannot do it: its `incr` reads and then writes, so two workers count one call.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address

from django.db import connection

from .models import CallCount

COUNT = """
    INSERT INTO call_count (subject, since, calls) VALUES (%s, %s, 1)
    ON CONFLICT (subject, since) DO UPDATE SET calls = call_count.calls + 1
    RETURNING calls
"""
KEPT = timedelta(days=1)


def wait_after(
    subject: str, *, at_most: int, now: datetime, window: timedelta = timedelta(minutes=1)
) -> int:
    """Count one call; 0, or for how many seconds the caller must wait. `at_most=0`: no limit."""
    if not at_most:
        return 0
    seconds = int(window.total_seconds())
    moment = int(now.timestamp())
    began = moment - moment % seconds
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [subject, datetime.fromtimestamp(began, UTC)])
        calls = cursor.fetchone()[0]
    return 0 if calls <= at_most else began + seconds - moment


def of_address(address: str) -> str:
    """The caller behind an address: an IPv6 subscriber has a whole /64 to call from."""
    try:
        found = ip_address(address)
    except ValueError:
        return "address:unknown"
    if isinstance(found, IPv6Address):
        found = IPv6Address(int(found) >> 64 << 64)
    return f"address:{found}"


def forget_old(*, now: datetime) -> int:
    """Delete what was counted yesterday and before."""
    return CallCount.objects.filter(since__lt=now - KEPT).delete()[0]
