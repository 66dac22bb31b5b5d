"""Put the days of a table into a draft schedule: all of them, or none and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from merilo import law
from merilo.booking import access, rules
from merilo.booking.imports import HEADINGS, DayRow, Places, read_day
from merilo.booking.models import Schedule
from merilo.booking.rules import ScheduleState
from merilo.foundation.journal.recording import record
from merilo.foundation.tables import read_table
from merilo.registry.access import Viewer, permit
from merilo.registry.steps import day_at

from .schedules import against_day, day_facts, write_session


@dataclass(frozen=True)
class ImportReport:
    """What was in the table. `created` is nothing on a dry run or where a row is wrong."""

    rows: tuple[DayRow, ...]
    created: int
    dry_run: bool

    @property
    def wrong(self) -> int:
        return sum(bool(row.errors) for row in self.rows)


def import_sessions(
    *,
    schedule_id: int,
    name: str,
    content: bytes,
    dry_run: bool,
    actor: Viewer,
    now: datetime,
) -> ImportReport:
    """Read a table of days and write them into a draft, unless one row is wrong.

    Raises `Refused` with what is wrong with the file as a whole or with the schedule.
    """
    permit(actor, access.ROLES, "booking.schedule")
    today = day_at(actor, now)
    table = read_table(name, content, headings=HEADINGS)
    places = Places(on=today)
    with transaction.atomic(durable=True):
        schedule = Schedule.objects.select_for_update().get(pk=schedule_id)
        law.refuse(rules.reasons_against_adding(ScheduleState(schedule.state)))
        days = [read_day(row, places) for row in table]
        ready = [(day, _judge(day, days, today)) for day in days]
        good = all(not day.errors for day in days)
        if good and not dry_run:
            for day, facts in ready:
                assert facts and day.place and day.starts_at
                write_session(
                    schedule,
                    day.place,
                    facts,
                    day.starts_at,
                    testing_org_id=day.place.organisation_id,
                    warnings=[
                        one
                        for one in against_day(facts, day.starts_at, today=today)
                        if one.is_warning
                    ],
                )
            record("schedule.imported", actor=actor, about=schedule, at=now, rows=len(days))
    return ImportReport(tuple(days), len(days) if good and not dry_run else 0, dry_run)


def _judge(day: DayRow, days: list[DayRow], today) -> rules.DayFacts | None:
    """The rules' reasons and warnings for a readable row, as sentences beside its own mistakes."""
    if day.errors or day.place is None or day.held_on is None or day.starts_at is None:
        return None
    facts = day_facts(
        place=day.place,
        testing_org_id=day.place.organisation_id,
        held_on=day.held_on,
        starts_at=day.starts_at,
        grades=day.grades,
        capacity=day.capacity,
        results_official_on=day.results_official_on,
    )
    for reason in against_day(facts, day.starts_at, today=today):
        (day.warnings if reason.is_warning else day.errors).append(reason.sentence(gettext))
    here = (day.place.pk, day.held_on, day.starts_at)
    earlier = next(
        (
            one.number
            for one in days
            if one.number < day.number
            and one.place
            and (one.place.pk, one.held_on, one.starts_at) == here
        ),
        None,
    )
    if earlier is not None:
        day.errors.append(
            gettext("То же место и время, что в строке %(earlier)s.") % {"earlier": earlier}
        )
    return facts
