"""What every test shares: a PostgreSQL of our own (or DATABASE_URL), and a clock that is held."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime

import hypothesis
import pytest
from django.conf import settings

from merilo.foundation import clock, postgres

# How fast examples come is the machine's affair: a busy one fails no test.
hypothesis.settings.register_profile(
    "merilo", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("merilo")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Start the test server before the first test that needs it; workers of xdist share it.

    Tests of law and rules never come here: they run without any database.
    """
    if os.environ.get("DATABASE_URL"):
        return
    from merilo.settings import database

    postgres.ensure_running(test=True)
    ours = database(postgres.default_url("owner", test=True))
    for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS"):
        settings.DATABASES["default"][key] = ours[key]


@pytest.fixture(autouse=True, scope="session")
def the_frame_of_a_page_is_left_to_it() -> Iterator[None]:
    """What a page calls its things may not hide what the frame around it needs: the way out, say."""
    from django.template import RequestContext
    from django.test.signals import template_rendered

    def look(sender, template, context, **_said) -> None:
        if not isinstance(context, RequestContext) or context.template is not template:
            return
        place = context._processors_index
        frame = context.dicts[place]
        hidden = {
            name
            for given in context.dicts[place + 1 :]
            for name in given.keys()
            & frame.keys() - {"nav", "today"}  # tests and pages give these
            if given[name] and given[name] is not frame[name]
        }
        assert not hidden, f"{template.name} hides {sorted(hidden)} of the frame: rename them"

    template_rendered.connect(look)
    yield
    template_rendered.disconnect(look)


@pytest.fixture
def hold_clock() -> Iterator[Callable[[datetime], None]]:
    """Hold the clock of pages and workers at a moment for the rest of the test."""
    yield clock.freeze
    clock.freeze(None)


@pytest.fixture(autouse=True, scope="session")
def journal_may_be_emptied() -> Iterator[None]:
    """Tests of several connections end by emptying tables; the journal's owner lets them do so.

    For the whole session: the emptying comes after the fixtures of one test are gone.
    """
    from django.db import connection
    from django.test import TransactionTestCase

    plain = TransactionTestCase._fixture_teardown

    def teardown(self) -> None:
        tables = ("journal_entry", "journal_anchor")
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        plain(self)
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


@pytest.fixture
def region(db):
    """The invented region of `builders.a_region`."""
    import builders

    return builders.a_region()


@pytest.fixture
def run(region, hold_clock):
    """An open run of municipal mechanisms, the clock held while its forms are filled."""
    from mechanisms.builders_mechanisms import DURING, a_run

    made = a_run(region)
    hold_clock(DURING)
    return made
