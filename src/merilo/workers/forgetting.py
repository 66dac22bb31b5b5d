"""Remove what is over: one-time codes of the parents' page and sessions of sign-in."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from merilo.foundation.codes import one_time
from merilo.foundation.limits import counting


def forget(*, now: datetime) -> int:
    """Delete expired codes, sessions, counts of calls and what expired in the cache; how many."""
    call_command("clearsessions")
    codes = one_time.forget_old(now=now) + counting.forget_old(now=now)
    place = settings.CACHES["default"]
    if not place["BACKEND"].endswith("DatabaseCache"):
        return codes
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [place["LOCATION"]])
        if cursor.fetchone()[0] is None:
            return codes  # the cache table is not made yet
        table = connection.ops.quote_name(place["LOCATION"])
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [now])
        return codes + int(cursor.rowcount)
