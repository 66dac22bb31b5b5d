"""A finished test day: children who took their parts, experts who wait for the works."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count

from django.db import transaction

from builders import NOW, TODAY, Region, a_person
from merilo.admissions.models import Application, Referral
from merilo.admissions.rules import ApplicationState, Category, Channel, ReferralState
from merilo.booking.models import Booking, Schedule, TestSession
from merilo.booking.rules import BookingState, InPerson, ScheduleState, SessionState
from merilo.grading import actions, queries, steps
from merilo.law import Form, Part
from merilo.registry.models import Position
from merilo.testday.models import Attempt, Commission, CommissionMember, DayAssignment, SessionDay
from merilo.testday.rules import AttemptState, DayRole, OralScheme, SessionDayState

LATER = NOW + timedelta(hours=4)
NAMES = ("Каримов", "Рахимов", "Юсупова", "Ли", "Алиева", "Садыков", "Нурланова", "Исмаилов")


@dataclass
class Day:
    region: Region
    day: SessionDay
    serial: count = field(default_factory=lambda: count(1))

    def position(self, who: str) -> Position:
        return self.region.accounts[who].positions.get()


def a_day(
    region: Region,
    *,
    held_on: date = TODAY,
    scheme: OralScheme = OralScheme.LIVE,
    state: SessionDayState = SessionDayState.FINISHED,
    official_on: date | None = None,
) -> Day:
    """A day with its chair, two experts and a conductor of the oral part."""
    schedule, _ = Schedule.objects.get_or_create(
        year=held_on.year,
        defaults={
            "title": "Расписание",
            "order_ref": "приказ № 1",
            "state": ScheduleState.APPROVED,
            "approved_on": date(held_on.year, 1, 12),
            "created_at": NOW,
        },
    )
    session = TestSession.objects.create(
        schedule=schedule,
        testing_org=region.testing_org,
        place=region.place,
        held_on=held_on,
        starts_at=time(10),
        grades=list(range(1, 12)),
        capacity=500,
        results_official_on=official_on,
        state=SessionState.PLANNED,
    )
    commission, _ = Commission.objects.get_or_create(
        testing_org=region.testing_org, order_ref="приказ № 7", approved_on=date(2026, 1, 12)
    )
    day = SessionDay.objects.create(
        session=session,
        commission=commission,
        state=state,
        oral_scheme=scheme,
        started_at=NOW,
        finished_at=NOW + timedelta(hours=3),
        protocol_number="1/2026",
    )
    made = Day(region, day)
    for who, role in (
        ("chair", DayRole.CHAIR),
        ("expert", DayRole.EXPERT),
        ("expert2", DayRole.EXPERT),
        ("conductor", DayRole.ORAL_CONDUCTOR),
        ("conductor2", DayRole.WRITTEN_CONDUCTOR),
    ):
        CommissionMember.objects.get_or_create(
            commission=commission, position=made.position(who), is_chair=who == "chair"
        )
        DayAssignment.objects.create(day=day, position=made.position(who), role=role, present=True)
    for who, name in (("expert", "Соколова"), ("expert2", "Белова")):
        account = region.accounts[who]
        account.person = account.person or a_person(name, "Ольга", "Петровна", date(1980, 2, 3))
        account.save()
    return made


def an_attempt(
    made: Day,
    grade: int = 1,
    *,
    last_name: str = "",
    first_name: str = "Тимур",
    state: AttemptState | None = None,
    school=None,
    form: Form | None = None,
    **more,
) -> Attempt:
    """A child who took every part, with a case and a booking behind him."""
    region, day = made.region, made.day
    n = next(made.serial)
    number = f"{day.pk:03d}{n:04d}"
    school = school or region.school
    form = form or (Form.ORAL if grade == 1 else Form.ORAL_WRITTEN)
    child = a_person(
        last_name or NAMES[n % len(NAMES)],
        first_name,
        birth_date=date(2018 - grade, 5, 1 + n % 28),
        id_doc_number=f"AB {number}",
    )
    parent = a_person("Каримова", "Зарина", birth_date=date(1990, 1, 1))
    application = Application.objects.create(
        number=f"025-{number}",
        school=school,
        child=child,
        representative=parent,
        channel=Channel.POST,
        submitted_on=date(2026, 2, 16),
        received_at=NOW - timedelta(days=28),
        grade=grade,
        category=Category.GENERAL,
        consent_to_test=True,
        notify_email=more.pop("notify_email", "parent@example.org"),
        notify_address=more.pop("notify_address", "г. Владивосток, ул. Лесная, 1"),
        has_portal_account=more.pop("has_portal_account", False),
        state=ApplicationState.AWAITING_RESULT,
        state_since=NOW,
    )
    referral = Referral.objects.create(
        number=f"Н-{number}",
        application=application,
        testing_org=region.testing_org,
        grade=grade,
        form=form,
        issued_at=NOW - timedelta(days=20),
        received_on=date(2026, 2, 25),
        evidence="signature",
        book_until=date(2026, 3, 6),
        state=ReferralState.USED,
        state_since=NOW,
        qr_token=f"token-{number}",
    )
    booking = Booking.objects.create(
        referral=referral,
        session=day.session,
        state=BookingState.CHECKED_IN,
        booked_at=NOW - timedelta(days=10),
        in_person=InPerson.REPRESENTATIVE,
    )
    written = form == Form.ORAL_WRITTEN
    state = state or (AttemptState.WRITTEN_DONE if written else AttemptState.ORAL_DONE)
    began = state not in (AttemptState.ADMITTED, AttemptState.BRIEFED)
    return Attempt.objects.create(
        booking=booking,
        application=application,
        person=child,
        day=day,
        held_on=day.session.held_on,
        grade=grade,
        form=form,
        attempt_no=1,
        code=f"{n:03d}025{grade:02d}",
        state=state,
        state_since=NOW,
        checked_in_at=NOW,
        child_document="паспорт",
        room_oral=region.rooms[0],
        room_written=region.rooms[1] if written else None,
        **{
            "oral_started_at": NOW if began else None,
            "oral_finished_at": NOW + timedelta(minutes=15)
            if began and state != AttemptState.ORAL_RUNNING
            else None,
            "written_finished_at": NOW + timedelta(hours=2)
            if state == AttemptState.WRITTEN_DONE
            else None,
        }
        | more,
    )


def owe(attempt: Attempt) -> None:
    with transaction.atomic():
        steps.refresh_duties(attempt, now=NOW)


def marks(attempt: Attempt, part: Part, got: int) -> dict[str, int]:
    """One point each for the first `got` criteria of the part, nothing for the rest."""
    spec = queries.specification_of(attempt.grade, attempt.form, attempt.held_on)
    return {c.code: int(place < got) for place, c in enumerate(spec.part(part))}


def marked(attempt: Attempt, made: Day, *, oral: int, written: int | None = None, who="expert"):
    """Both parts signed by an expert."""
    viewer = made.region.viewer(who)
    for part, got in ((Part.ORAL, oral), (Part.WRITTEN, written)):
        if got is None:
            continue
        protocol = actions.open_protocol(attempt_id=attempt.pk, part=part, actor=viewer, now=LATER)
        actions.sign(
            protocol_id=protocol.pk,
            points=marks(attempt, part, got),
            typed_total=got,
            actor=viewer,
            now=LATER,
        )
    attempt.refresh_from_db()
    return attempt


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)
