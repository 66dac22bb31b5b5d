"""The region that is measured: as large as asked, its tables as they were, its journal whole."""

import re

import pytest
from django.db import connection

from builders import NOW
from merilo.admissions.models import Application
from merilo.bench import loading
from merilo.booking.models import Booking, TestSession
from merilo.foundation.journal import recording

pytestmark = pytest.mark.django_db(transaction=True)


def laws_of_tables():
    """Indexes, constraints and triggers, as PostgreSQL writes them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
        # The same list of values is written with other casts once it has been read back.
        indexes = [
            re.sub(r"::[a-z ]+(\[\])?|[()]", "", written) for (written,) in cursor.fetchall()
        ]
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, convalidated, pg_get_constraintdef(oid) "
            "FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"
        )
        constraints = cursor.fetchall()
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger "
            "WHERE NOT tgisinternal ORDER BY 1, 2"
        )
        return indexes, constraints, cursor.fetchall()


def test_a_loaded_region_is_a_region(hold_clock):
    hold_clock(NOW)
    before, told = laws_of_tables(), []
    world = loading.load(300, NOW, lambda *what: told.append(what))
    assert laws_of_tables() == before, "indexes, keys and triggers come back as they were"
    assert Application.objects.count() == 300
    assert list(recording.verify()) == []
    recording.record("application.moved", actor=world.ministry, about="application:1", at=NOW)
    assert list(recording.verify()) == [], "the next entry continues its chain"
    for session in TestSession.objects.all():
        assert session.taken == Booking.objects.filter(session=session).count()
    assert told[-1][1] == told[-1][2]
