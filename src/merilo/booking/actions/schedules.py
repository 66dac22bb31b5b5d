"""Draw up a schedule, approve it, and change it afterwards as the order allows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import IntegrityError, transaction
from django.db.models import Sum

from merilo import law
from merilo.booking import access, rules, steps
from merilo.booking.models import Booking, Schedule, TestSession
from merilo.booking.rules import ScheduleState, SessionState
from merilo.foundation.journal.recording import record
from merilo.law import Refusal
from merilo.registry import queries as registry
from merilo.registry.access import Viewer, permit
from merilo.registry.models import TestingPlace
from merilo.registry.steps import day_at


@dataclass(frozen=True)
class Changed:
    """A day of the schedule, what to warn of, and how many bookings moved to it."""

    session: TestSession
    warnings: tuple[Refusal, ...]
    moved: int = 0


def create_schedule(*, year: int, title: str, actor: Viewer, now: datetime) -> Schedule:
    """A new schedule, a draft until it is approved."""
    permit(actor, access.ROLES, "booking.schedule")
    with transaction.atomic(durable=True):
        schedule = Schedule.objects.create(
            year=year, title=title.strip(), state=ScheduleState.DRAFT, created_at=now
        )
        record("schedule.created", actor=actor, about=schedule, at=now, year=year)
    return schedule


def day_facts(
    *,
    place: TestingPlace,
    testing_org_id: int,
    held_on: date,
    starts_at: time,
    grades: Iterable[int],
    capacity: int,
    results_official_on: date | None,
    session_id: int | None = None,
) -> rules.DayFacts:
    """What the rules need to know of a day as it is written down."""
    same = TestSession.objects.filter(place=place, held_on=held_on, starts_at=starts_at).exclude(
        state=SessionState.CANCELLED
    )
    workplaces = registry.rooms_of(place.pk, on=held_on).aggregate(all=Sum("workplaces"))["all"]
    return rules.DayFacts(
        held_on=held_on,
        grades=tuple(sorted(set(grades))),
        capacity=capacity,
        own_place=place.organisation_id == testing_org_id,
        results_official_on=results_official_on,
        workplaces=workplaces,
        twice=same.exclude(pk=session_id).exists(),
    )


def against_day(facts: rules.DayFacts, starts_at: time, *, today: date) -> tuple[Refusal, ...]:
    """Everything wrong or doubtful in one line; the form shows the same before it is sent."""
    reasons = list(
        rules.reasons_against_day(facts, today=today, profile=registry.active_profile())
    )
    if facts.twice:
        reasons.append(rules.SESSION_TWICE(held_on=facts.held_on, starts_at=starts_at))
    return tuple(reasons)


def look_at_day(
    *,
    place_id: int,
    testing_org_id: int,
    held_on: date,
    starts_at: time,
    grades: Iterable[int],
    capacity: int,
    results_official_on: date | None,
    today: date,
    session_id: int | None = None,
) -> tuple[Refusal, ...]:
    """The same reasons and warnings before anything is written, for the form."""
    facts = day_facts(
        place=TestingPlace.objects.get(pk=place_id),
        testing_org_id=testing_org_id,
        held_on=held_on,
        starts_at=starts_at,
        grades=grades,
        capacity=capacity,
        results_official_on=results_official_on,
        session_id=session_id,
    )
    return against_day(facts, starts_at, today=today)


def add_session(
    *,
    schedule_id: int,
    testing_org_id: int,
    place_id: int,
    held_on: date,
    starts_at: time,
    grades: Iterable[int],
    capacity: int,
    actor: Viewer,
    now: datetime,
    results_official_on: date | None = None,
) -> Changed:
    """Put an ordinary day into a draft schedule."""
    permit(actor, access.ROLES, "booking.schedule")
    with transaction.atomic(durable=True):
        schedule = Schedule.objects.select_for_update().get(pk=schedule_id)
        place = TestingPlace.objects.get(pk=place_id)
        facts = day_facts(
            place=place,
            testing_org_id=testing_org_id,
            held_on=held_on,
            starts_at=starts_at,
            grades=grades,
            capacity=capacity,
            results_official_on=results_official_on,
        )
        warnings = law.refuse(
            [
                *rules.reasons_against_adding(ScheduleState(schedule.state)),
                *against_day(facts, starts_at, today=day_at(actor, now)),
            ]
        )
        session = write_session(
            schedule, place, facts, starts_at, testing_org_id=testing_org_id, warnings=warnings
        )
        record("session.added", actor=actor, about=session, at=now, **said_of(session))
    return Changed(session, warnings)


def write_session(
    schedule: Schedule,
    place: TestingPlace,
    facts: rules.DayFacts,
    starts_at: time,
    *,
    testing_org_id: int,
    warnings: Iterable[Refusal],
    **fields: object,
) -> TestSession:
    try:
        with transaction.atomic():
            return TestSession.objects.create(
                schedule=schedule,
                testing_org_id=testing_org_id,
                place=place,
                held_on=facts.held_on,
                starts_at=starts_at,
                grades=list(facts.grades),
                capacity=facts.capacity,
                results_official_on=facts.results_official_on,
                state=SessionState.PLANNED,
                warnings=steps.kept(warnings),
                **fields,
            )
    except IntegrityError:  # another schedule took the place and hour at this very moment
        law.refuse([rules.SESSION_TWICE(held_on=facts.held_on, starts_at=starts_at)])
        raise


def said_of(session: TestSession) -> dict[str, object]:
    return {
        "held_on": str(session.held_on),
        "grades": list(session.grades),
        "capacity": session.capacity,
        "place": session.place_id,
    }


def edit_session(
    *,
    session_id: int,
    place_id: int,
    held_on: date,
    starts_at: time,
    grades: Iterable[int],
    capacity: int,
    actor: Viewer,
    now: datetime,
    results_official_on: date | None = None,
) -> Changed:
    """Change a day. Places never go below the bookings; an approved day keeps date and place.

    What the order approves (grades, the official day) is told to the federal ministry anew.
    """
    permit(actor, access.ROLES, "booking.schedule")
    with transaction.atomic(durable=True):
        session = steps.lock_session(session_id)
        place = TestingPlace.objects.get(pk=place_id)
        facts = day_facts(
            place=place,
            testing_org_id=session.testing_org_id,
            held_on=held_on,
            starts_at=starts_at,
            grades=grades,
            capacity=capacity,
            results_official_on=results_official_on,
            session_id=session.pk,
        )
        was = (session.place_id, session.held_on, session.starts_at)
        held = Booking.objects.filter(session=session, state__in=rules.HOLDS_SEAT)
        warnings = law.refuse(
            [
                *rules.reasons_against_editing(
                    schedule=ScheduleState(session.schedule.state),
                    state=SessionState(session.state),
                    moved=was != (place.pk, held_on, starts_at),
                    capacity=capacity,
                    taken=session.taken,
                    grades=frozenset(facts.grades),
                    booked_grades=frozenset(held.values_list("referral__grade", flat=True)),
                    state_name=session.state_name,
                ),
                *against_day(facts, starts_at, today=day_at(actor, now)),
            ]
        )
        before = said_of(session)
        official = (session.grades, session.results_official_on)
        if session.schedule.state == ScheduleState.APPROVED and official != (
            list(facts.grades),
            results_official_on,
        ):
            session.changed_on, session.minpros_informed_on = day_at(actor, now), None
        session.place, session.held_on, session.starts_at = place, held_on, starts_at
        session.grades, session.capacity = list(facts.grades), capacity
        session.results_official_on = results_official_on
        session.warnings = steps.kept(warnings)
        session.save()
        record(
            "session.changed",
            actor=actor,
            about=session,
            at=now,
            before=before,
            after=said_of(session),
        )
        steps.refresh_session_duties(session, now=now)
    return Changed(session, warnings)


def remove_session(*, session_id: int, actor: Viewer, now: datetime) -> TestSession:
    """Take a day out of a draft schedule."""
    permit(actor, access.ROLES, "booking.schedule")
    with transaction.atomic(durable=True):
        session = steps.lock_session(session_id)
        law.refuse(
            rules.reasons_against_removing(
                SessionState(session.state),
                ScheduleState(session.schedule.state),
                taken=session.taken,
                state_name=session.state_name,
            )
        )
        session.state = SessionState.CANCELLED
        session.save(update_fields=["state"])
        record("session.removed", actor=actor, about=session, at=now, **said_of(session))
    return session


def approve_schedule(
    *, schedule_id: int, order_ref: str, approved_on: date, actor: Viewer, now: datetime
) -> Schedule:
    """Put the schedule in force by an order; from now on people may book its days."""
    permit(actor, access.ROLES, "booking.approve_schedule")
    with transaction.atomic(durable=True):
        schedule = Schedule.objects.select_for_update().get(pk=schedule_id)
        sessions = schedule.sessions.exclude(state=SessionState.CANCELLED).count()
        law.refuse(
            [
                *rules.reasons_against_approving(
                    sessions, order_ref, ScheduleState(schedule.state)
                ),
                *rules.reasons_against_order_date(approved_on, today=day_at(actor, now)),
            ]
        )
        schedule.state = ScheduleState.APPROVED
        schedule.order_ref = order_ref.strip()
        schedule.approved_on = approved_on
        schedule.save(update_fields=["state", "order_ref", "approved_on"])
        record(
            "schedule.approved",
            actor=actor,
            about=schedule,
            at=now,
            order=schedule.order_ref,
            sessions=sessions,
        )
        steps.refresh_schedule_duties(schedule, now=now)
    return schedule


def note_published(*, schedule_id: int, on: date, actor: Viewer, now: datetime) -> Schedule:
    """Note that the order is on the ministry's site."""
    permit(actor, access.ROLES, "booking.approve_schedule")
    with transaction.atomic(durable=True):
        schedule = Schedule.objects.select_for_update().get(pk=schedule_id)
        law.refuse(
            rules.reasons_against_noting(
                schedule.approved_on, schedule.published_on, on=on, today=day_at(actor, now)
            )
        )
        schedule.published_on = on
        schedule.save(update_fields=["published_on"])
        record("schedule.published", actor=actor, about=schedule, at=now, on=str(on))
        steps.refresh_schedule_duties(schedule, now=now)
    return schedule


def note_minpros_informed(
    *,
    on: date,
    actor: Viewer,
    now: datetime,
    schedule_id: int | None = None,
    session_id: int | None = None,
) -> Schedule | TestSession:
    """Note the official letter to the federal ministry: of the schedule, or of one changed day."""
    permit(actor, access.ROLES, "booking.approve_schedule")
    with transaction.atomic(durable=True):
        about: Schedule | TestSession
        if session_id is not None:
            about = steps.lock_session(session_id)
            since = about.changed_on
        else:
            about = Schedule.objects.select_for_update().get(pk=schedule_id)
            since = about.approved_on
        law.refuse(
            rules.reasons_against_noting(
                since, about.minpros_informed_on, on=on, today=day_at(actor, now)
            )
        )
        about.minpros_informed_on = on
        about.save(update_fields=["minpros_informed_on"])
        record("schedule.minpros-informed", actor=actor, about=about, at=now, on=str(on))
        if isinstance(about, Schedule):
            steps.refresh_schedule_duties(about, now=now)
        else:
            steps.refresh_session_duties(about, now=now)
    return about
