"""Fill a database with many cases for measuring: right in shape and size, not lived through.

Rows are streamed with COPY while the tables have no indexes and no foreign keys, which come back
as they were and check every row. The journal is chained here as its trigger would chain it: for a
million entries that is minutes, and `merilo journal verify` holds on it all the same.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import Any

from django.db import connection, models

from merilo.admissions.models import Application, ApplicationDocument, Referral
from merilo.booking.models import Booking, Schedule, TestSession
from merilo.booking.rules import ScheduleState, SessionState
from merilo.casework.models import Dispatch, Duty
from merilo.demo.region import Builder, World
from merilo.foundation.journal.models import JournalEntry
from merilo.foundation.journal.recording import SEPARATOR
from merilo.registry.models import Person
from merilo.results.models import Result
from merilo.testday.models import Attempt, SessionDay, UniqueCode
from merilo.testday.rules import SessionDayState

from . import rows

BATCH = 20_000
AT_ONCE = 2_000  # rows of one INSERT: the server takes 65,535 values in a statement
STEPS = 8
KEYED = (Person, Application, Referral, Booking, TestSession, SessionDay, Attempt, Result)
LOADED = (*KEYED, ApplicationDocument, UniqueCode, Duty, Dispatch, JournalEntry)
Progress = Callable[[str, int, int], None]


def load(cases: int, now: datetime, tell: Progress) -> World:
    """A region with that many cases in the database; returns its people."""
    chance = random.Random(1)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    world = Builder(chance, now - timedelta(days=300)).build()
    sessions = _sessions(world, now)
    states = [state for state, share in rows.SHARES for _ in range(share)]
    plan = [(number, states[number % 100]) for number in range(1, cases + 1)]
    chance.shuffle(plan)
    with _bare(LOADED):
        _fill(plan, world, sessions, now, tell)
    _settle()
    tell("Загружено", STEPS, STEPS)
    return world


def _fill(
    plan: list[Any], world: World, sessions: dict[int, Any], now: datetime, tell: Progress
) -> None:
    schools = world.school_list
    tell("Люди", 0, STEPS)
    _write(Person, rows.people(len(plan)))
    tell("Заявления", 1, STEPS)
    _write(Application, rows.applications(plan, schools, now))
    tell("Документы", 2, STEPS)
    _write(ApplicationDocument, rows.documents(plan))
    tell("Направления и записи", 3, STEPS)
    _write(Referral, rows.referrals(plan, schools, world, now))
    _write(Booking, rows.bookings(plan, sessions, schools, world, now))
    tell("Участия и результаты", 4, STEPS)
    _days(sessions)
    _write(UniqueCode, rows.codes(plan, now))
    _write(Attempt, rows.attempts(plan, sessions, schools, world, now))
    _write(Result, rows.results(plan, sessions, schools, world, now))
    tell("Дела и передачи", 5, STEPS)
    _write(Duty, rows.duties(plan, schools, now))
    _write(Dispatch, rows.dispatches(plan, schools, world, now))
    tell("Журнал", 6, STEPS)
    _write_journal(rows.journal(plan, schools, world, now))
    tell("Индексы", 7, STEPS)


@contextmanager
def _bare(tables: Iterable[type[models.Model]]) -> Iterator[None]:
    """The tables without indexes, but for the unique ones, and without foreign keys."""
    names = [model._meta.db_table for model in tables]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
            "WHERE indrelid = ANY(%s::regclass[]) AND NOT indisunique",
            [names],
        )
        indexes = cursor.fetchall()
        cursor.execute(
            "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) "
            "FROM pg_constraint WHERE conrelid = ANY(%s::regclass[]) AND contype = 'f'",
            [names],
        )
        keys = cursor.fetchall()
        for table, name, _definition in keys:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        cursor.execute("SET maintenance_work_mem = '256MB'")
        for _name, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in keys:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def _write(model: type[models.Model], made: Iterable[models.Model]) -> None:
    """Stream the rows in, so many to a transaction."""
    waiting = iter(made)
    while batch := list(islice(waiting, BATCH)):
        keyed = batch[0].pk is not None
        fields = [f for f in model._meta.concrete_fields if keyed or not f.primary_key]
        read = [(field.attname, field.get_db_prep_save) for field in fields]
        _copy(
            model._meta.db_table,
            [field.column for field in fields],
            ([ready(getattr(row, name), connection) for name, ready in read] for row in batch),
        )


def _copy(table: str, columns: list[str], values: Iterable[Iterable[Any]]) -> None:
    names = ", ".join(map(connection.ops.quote_name, columns))
    command = f"COPY {connection.ops.quote_name(table)} ({names}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(command) as copy:
        for row in values:
            copy.write_row(row)


def _write_journal(entries: Iterable[rows.Entry]) -> None:
    """Chain the entries as the trigger does, and leave the heads where it would leave them."""
    heads: dict[int, tuple[int, bytes]] = {}

    def sealed() -> Iterator[list[Any]]:
        for chain, at, kind, event, case in entries:
            last, before = heads.get(chain, (0, bytes(32)))
            moment, about = at.astimezone(UTC), f"application:{case}"
            text = SEPARATOR.join(
                [
                    str(chain), str(last + 1), moment.strftime("%Y-%m-%dT%H:%M:%S.%f"), kind,
                    event, "", "", str(chain), about, str(case), "{}",
                ]
            )  # fmt: skip
            seal = hashlib.sha256(before + text.encode()).digest()
            heads[chain] = last + 1, seal
            yield [chain, last + 1, at, kind, event, chain, about, case, "{}", before, seal]

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE journal_entry DISABLE TRIGGER journal_seal")
        _copy(
            "journal_entry",
            [
                "chain", "seq", "at", "kind", "event", "organisation_id", "about", "case_id",
                "facts", "prev_hash", "hash",
            ],
            sealed(),
        )  # fmt: skip
        _copy("journal_head", ["chain", "seq", "hash"], ([c, *head] for c, head in heads.items()))
        cursor.execute("ALTER TABLE journal_entry ENABLE TRIGGER journal_seal")


def _settle() -> None:
    """Let sequences follow the given keys, seats follow the bookings, and the planner know all."""
    with connection.cursor() as cursor:
        for model in KEYED:
            table = model._meta.db_table
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "
                f"(SELECT max(id) FROM {table}))"
            )
        cursor.execute(
            "UPDATE booking_testsession s SET taken = n.count FROM (SELECT session_id, count(*) "
            "FROM booking_booking GROUP BY session_id) n WHERE n.session_id = s.id"
        )
        cursor.execute("VACUUM ANALYZE")  # as the server itself does a little later


def _sessions(world: World, now: datetime) -> dict[int, list[TestSession]]:
    """Past and coming days of each centre, by testing organisation."""
    schedule = Schedule.objects.create(
        year=now.year, title="Измерение", order_ref="№ 1", state=ScheduleState.APPROVED,
        approved_on=now.date(), created_at=now,
    )  # fmt: skip
    made, number = [], 0
    for centre in world.centres:
        for step in range(-100, 20):
            number += 1
            made.append(
                TestSession(
                    pk=number,
                    schedule=schedule,
                    testing_org=centre.organisation,
                    place=centre.place,
                    held_on=now.date() + timedelta(days=step),
                    starts_at=time(10),
                    grades=list(range(1, 12)),
                    capacity=2000,
                    state=SessionState.PLANNED,
                )
            )
    TestSession.objects.bulk_create(made, batch_size=AT_ONCE)
    found: dict[int, list[TestSession]] = {}
    for row in made:
        found.setdefault(row.testing_org_id, []).append(row)
    return found


def _days(sessions: dict[int, list[TestSession]]) -> None:
    SessionDay.objects.bulk_create(
        (
            SessionDay(pk=session.pk, session=session, state=SessionDayState.REPORTED)
            for days in sessions.values()
            for session in days[:100]
        ),
        batch_size=AT_ONCE,
    )
