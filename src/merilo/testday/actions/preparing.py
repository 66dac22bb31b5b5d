"""Before the day: the commission, the day itself, its duties, what was made ready."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from merilo import law
from merilo.foundation.journal.recording import record
from merilo.law import Refusal
from merilo.registry import queries as registry
from merilo.registry.access import Viewer, permit
from merilo.registry.models import Position
from merilo.registry.steps import day_at
from merilo.testday import access, queries, rules, steps
from merilo.testday.models import Commission, CommissionMember, DayAssignment, SessionDay
from merilo.testday.rules import DayRole, OralScheme, SessionDayState


@dataclass(frozen=True)
class Membership:
    """A proposed member: his position, whether he leads, what is known of his work."""

    position_id: int
    is_chair: bool = False
    experience_years: int | None = None
    qualified: bool = True


def approve_commission(
    *,
    order_ref: str,
    approved_on: date,
    members: Sequence[Membership],
    actor: Viewer,
    now: datetime,
) -> tuple[Commission, tuple[Refusal, ...]]:
    """Write down a commission approved by a local act. Hands back the advice as warnings.

    Raises `Refused` with all that is wrong with the order and the members.
    """
    permit(actor, access.ROLES, "testday.commission")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        positions = {
            p.pk: p
            for p in Position.objects.select_related("account__person").filter(
                pk__in=[m.position_id for m in members],
                organisation_id=actor.organisation_id,
            )
        }
        proposed = [
            rules.Member(
                person=queries.name_of(positions.get(m.position_id)) or "—",
                key=m.position_id,
                is_chair=m.is_chair,
                works_here=m.position_id in positions
                and positions[m.position_id].period().holds(approved_on),
                qualified=m.qualified,
                experience_years=m.experience_years,
            )
            for m in members
        ]
        taken = Commission.objects.filter(
            testing_org_id=actor.organisation_id, order_ref=order_ref.strip()
        ).exists()
        warnings = law.refuse(
            rules.reasons_against_approving(
                order_ref, proposed, order_taken=taken, on=approved_on, profile=profile
            )
        )
        commission = Commission.objects.create(
            testing_org_id=actor.organisation_id,
            order_ref=order_ref.strip(),
            approved_on=approved_on,
        )
        CommissionMember.objects.bulk_create(
            CommissionMember(
                commission=commission,
                position_id=m.position_id,
                is_chair=m.is_chair,
                experience_years=m.experience_years,
                qualified=m.qualified,
            )
            for m in members
        )
        record(
            "commission.approved",
            actor=actor,
            about=commission,
            at=now,
            order=commission.order_ref,
            positions=sorted(positions),
        )
    return commission, warnings


def dissolve_commission(
    *, commission_id: int, dissolved_on: date, actor: Viewer, now: datetime
) -> Commission:
    """Note the day from which a commission is no more. Days already staffed keep it."""
    permit(actor, access.ROLES, "testday.commission")
    with transaction.atomic(durable=True):
        commission = Commission.objects.select_for_update().get(
            pk=commission_id, testing_org_id=actor.organisation_id
        )
        commission.dissolved_on = dissolved_on
        commission.save(update_fields=["dissolved_on"])
        record(
            "commission.dissolved",
            actor=actor,
            about=commission,
            at=now,
            on=dissolved_on.isoformat(),
        )
    return commission


def open_day(*, session_id: int, actor: Viewer, now: datetime) -> SessionDay:
    """The day of a session, made when it is first needed. Doing it twice changes nothing.

    Raises `TestSession.DoesNotExist` for a session out of scope.
    """
    permit(actor, access.ROLES, "testday.open")
    session = queries.sessions_held_by(actor).get(pk=session_id)
    if day := SessionDay.objects.filter(session=session).first():
        return day
    with transaction.atomic(durable=True):
        day, made = SessionDay.objects.get_or_create(session=session)
        if made:
            steps.refresh_duties(day, now=now)
    return day


def open_upcoming_days(*, now: datetime, within_days: int = 14) -> int:
    """Open the days that come near, put off those the ministry put off. Safe to repeat.

    Called by the clock; hands back how many days it touched.
    """
    actor = Viewer.system()
    today = day_at(actor, now)
    until = date.fromordinal(today.toordinal() + within_days)
    touched = 0
    for session in queries.upcoming(actor, since=today, until=until).filter(day=None):
        open_day(session_id=session.pk, actor=actor, now=now)
        touched += 1
    for day in queries.days_left_open():
        put_off(day_id=day.pk, actor=actor, now=now)
        touched += 1
    since = date.fromordinal(today.toordinal() - 3)
    for session in queries.upcoming(actor, since=since, until=today).filter(
        day__state__in=[SessionDayState.PLANNED, SessionDayState.STAFFED]
    ):
        look_again(day_id=session.day.pk, actor=actor, now=now)
    return touched


def look_again(*, day_id: int, actor: Viewer, now: datetime) -> SessionDay:
    """Work out anew what a day owes when it has come: a day without people owes nothing."""
    permit(actor, access.ROLES, "testday.open")
    with transaction.atomic(durable=True):
        day = steps.lock_day(day_id, actor)
        steps.refresh_duties(day, now=now)
    return day


def put_off(*, day_id: int, actor: Viewer, now: datetime) -> SessionDay:
    """Close the day of a session that is no longer held: nobody owes its preparing (R1.3.4)."""
    permit(actor, access.ROLES, "testday.open")
    with transaction.atomic(durable=True):
        day = steps.lock_day(day_id, actor)
        steps.move_day(day, SessionDayState.POSTPONED_TECH)
        record("day.put-off", actor=actor, about=day, at=now, session=day.session.state)
        steps.refresh_duties(day, now=now)
    return day


@dataclass(frozen=True)
class DutyOfDay:
    """One line of the day's order: who does what, and in which room."""

    position_id: int
    role: DayRole
    room_id: int | None = None


def staff_day(
    *,
    day_id: int,
    commission_id: int,
    duties: Sequence[DutyOfDay],
    staffing_order: str,
    oral_scheme: OralScheme,
    actor: Viewer,
    now: datetime,
) -> tuple[SessionDay, tuple[Refusal, ...]]:
    """Give the duties of the day. Hands back what still keeps the day from starting.

    An incomplete list is kept, the day is «staffed» once nothing is missing. Raises `Refused` for
    duties that nobody may have: not of the commission, the expert of his own conversation.
    """
    permit(actor, access.ROLES, "testday.staff")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        day = steps.lock_day(day_id, actor)
        commission = Commission.objects.get(
            pk=commission_id, testing_org_id=day.session.testing_org_id
        )
        held_on = day.session.held_on
        gone = commission.dissolved_on
        if gone and gone <= held_on:
            law.refuse([rules.COMMISSION_DISSOLVED(on=gone)])
        present = {
            (a.position_id, a.role, a.room_id) for a in day.assignments.filter(present=True)
        }
        rows = _assignments(day, duties)
        law.refuse(
            rules.reasons_against_duties(
                _as_facts(day, rows, commission), state=SessionDayState(day.state)
            )
        )
        day.assignments.all().delete()
        for row in rows:
            row.present = (row.position_id, row.role, row.room_id) in present
            row.save(force_insert=True)
        day.commission = commission
        day.staffing_order = staffing_order.strip()
        day.oral_scheme = oral_scheme
        day.save(update_fields=["commission", "staffing_order", "oral_scheme"])
        view = queries.day_view(day, profile=profile)
        open_reasons = tuple(
            rules.reasons_against_commission(
                queries.day_facts(view, everyone_present=True), profile=profile
            )
        )
        if day.state == SessionDayState.PLANNED and all(r.is_warning for r in open_reasons):
            steps.move_day(day, SessionDayState.STAFFED)
        record(
            "day.staffed",
            actor=actor,
            about=day,
            at=now,
            commission=commission.pk,
            duties=[[d.position_id, str(d.role), d.room_id] for d in duties],
            missing=[r.code for r in open_reasons if not r.is_warning],
        )
        steps.refresh_duties(day, now=now)
    return day, open_reasons


def _assignments(day: SessionDay, duties: Iterable[DutyOfDay]) -> list[DayAssignment]:
    """Rows to be written; people and rooms only of the testing organisation and the place."""
    duties = list(dict.fromkeys(duties))
    positions = {
        p.pk: p for p in queries.staff_of(day.session.testing_org_id, on=day.session.held_on)
    }
    rooms = {room.pk: room for room in queries.rooms_of_day(day)}
    for duty in duties:
        if duty.position_id not in positions:
            law.refuse([rules.NOT_OF_THE_ORGANISATION(person="—", on=day.session.held_on)])
    return [
        DayAssignment(
            day=day,
            position=positions[duty.position_id],
            role=duty.role,
            room=rooms.get(duty.room_id) if duty.room_id else None,
        )
        for duty in duties
    ]


def _as_facts(
    day: SessionDay, rows: Sequence[DayAssignment], commission: Commission
) -> list[tuple[rules.Assignment, bool]]:
    members = set(commission.members.values_list("position_id", flat=True))
    names = queries.names_of(rows)
    return [
        (
            rules.Assignment(
                person=names[row.position_id],
                role=DayRole(row.role),
                room=row.room.number if row.room else "",
            ),
            row.position_id in members,
        )
        for row in rows
    ]


def replace_on_day(
    *,
    assignment_id: int,
    position_id: int,
    why: str,
    actor: Viewer,
    now: datetime,
) -> DayAssignment:
    """Put another person in somebody's duty; the replacement goes into the protocol of the day."""
    permit(actor, access.ROLES, "testday.staff")
    with transaction.atomic(durable=True):
        day_id = DayAssignment.objects.values_list("day_id", flat=True).get(
            pk=assignment_id, day__in=queries.days_visible_to(actor)
        )
        day = steps.lock_day(day_id, actor)
        rows = queries.assignments_of(day)
        row = next(one for one in rows if one.pk == assignment_id)
        before = row.position
        if not why.strip():
            law.refuse([rules.REPLACEMENT_NEEDS_REASON()])
        session = day.session
        workers = queries.staff_of(session.testing_org_id, on=session.held_on)
        staff = {p.pk: p for p in workers}
        if position_id not in staff:
            law.refuse([rules.NOT_OF_THE_ORGANISATION(person="—", on=day.session.held_on)])
        row.position = staff[position_id]
        row.present = True
        commission = day.commission or Commission()
        law.refuse(
            rules.reasons_against_duties(
                _as_facts(day, rows, commission) if day.commission else [],
                state=SessionDayState(day.state),
            )
        )
        row.save(update_fields=["position", "present"])
        steps.add_incident(
            day,
            "replacement",
            why,
            actor=actor,
            now=now,
            role=str(row.role),
            before=before.pk,
            after=position_id,
        )
        steps.refresh_duties(day, now=now)
    return row


READY_FIELDS = {
    "audio": "audio_tested_at",
    "video": "video_tested_at",
    "rooms": "rooms_isolated_at",
    "printed": "printed_at",
}


def mark_ready(
    *, day_id: int, what: str, ready: bool = True, actor: Viewer, now: datetime
) -> SessionDay:
    """Note that a thing of `READY_FIELDS` is ready, or take the note back before the start."""
    permit(actor, access.ROLES, "testday.prepare")
    field = READY_FIELDS[what]
    with transaction.atomic(durable=True):
        day = steps.lock_day(day_id, actor)
        if day.state not in (SessionDayState.PLANNED, SessionDayState.STAFFED):
            law.refuse([rules.STAFFING_CLOSED(state=rules.DAY_WORDS[SessionDayState(day.state)])])
        if ready == (getattr(day, field) is not None):
            return day
        setattr(day, field, now if ready else None)
        day.save(update_fields=[field])
        record("day.readiness", actor=actor, about=day, at=now, what=what, ready=ready)
        steps.refresh_duties(day, now=now)
    return day


def note_present(
    *, day_id: int, position_ids: Iterable[int], actor: Viewer, now: datetime
) -> SessionDay:
    """Say exactly who of the commission and the helpers is at the place."""
    permit(actor, access.ROLES, "testday.prepare")
    here = set(position_ids)
    with transaction.atomic(durable=True):
        day = steps.lock_day(day_id, actor)
        day.assignments.exclude(position_id__in=here).update(present=False)
        day.assignments.filter(position_id__in=here).update(present=True)
        record(
            "day.readiness",
            actor=actor,
            about=day,
            at=now,
            what="present",
            positions=sorted(here),
        )
        steps.refresh_duties(day, now=now)
    return day
