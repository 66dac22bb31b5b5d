"""Remove what is over: one-time codes of the parents' page and sessions of sign-in."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.management import call_command
from django.db import connection


def forget(*, now: datetime) -> int:
    """Delete expired sessions, and the codes kept in the cache's table; how many codes."""
    call_command("clearsessions")
    place = settings.CACHES["default"]
    if not place["BACKEND"].endswith("DatabaseCache"):
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [place["LOCATION"]])
        if cursor.fetchone()[0] is None:
            return 0  # a database whose cache table is not made yet keeps no codes
        table = connection.ops.quote_name(place["LOCATION"])
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [now])
        return int(cursor.rowcount)
