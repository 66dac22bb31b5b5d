"""A test day in the invented region: booked children, a commission, materials."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from builders import NOW, TODAY, Region, a_person
from merilo.admissions.models import Application, Referral
from merilo.admissions.rules import ApplicationState, Category, Channel, ReferralState
from merilo.booking.models import Booking, Schedule, TestSession
from merilo.booking.rules import BookingState, InPerson, ScheduleState, SessionState
from merilo.law import Form
from merilo.materials.models import Variant
from merilo.registry.access import Viewer
from merilo.registry.models import Position
from merilo.testday import actions
from merilo.testday.models import Attempt, SessionDay
from merilo.testday.rules import DayRole, OralScheme

serial = count(1)
CERTIFICATE, PASSPORT = "свидетельство о рождении", "паспорт"


def at(hour: int, minute: int = 0, day: date = TODAY) -> datetime:
    """An hour of the day in Vladivostok."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(
        hours=hour - 10, minutes=minute
    )


def a_session(
    region: Region,
    *,
    held_on: date = TODAY,
    grades: Iterable[int] = (1, 2, 3),
    capacity: int = 20,
    starts_at: time = time(10),
) -> TestSession:
    schedule, _made = Schedule.objects.get_or_create(
        year=held_on.year,
        defaults={
            "title": "Расписание",
            "order_ref": "приказ 1",
            "state": ScheduleState.APPROVED,
            "approved_on": date(held_on.year, 1, 10),
            "created_at": NOW,
        },
    )
    return TestSession.objects.create(
        schedule=schedule,
        testing_org=region.testing_org,
        place=region.place,
        held_on=held_on,
        starts_at=starts_at,
        grades=list(grades),
        capacity=capacity,
        state=SessionState.PLANNED,
    )


def a_booking(
    region: Region,
    session: TestSession,
    *,
    grade: int = 2,
    category: Category = Category.GENERAL,
    child=None,
    attempt_no: int = 1,
    special_needs: str = "",
    state: BookingState = BookingState.CONFIRMED,
    school=None,
    last_name: str = "",
) -> Booking:
    number = next(serial)
    application = Application.objects.create(
        number=f"025-{number:04d}",
        school=school or region.school,
        child=child or a_person(last_name or f"Участников{number}", "Тимур"),
        representative=a_person("Каримова", "Гульнара", birth_date=date(1985, 3, 3)),
        channel=Channel.EPGU,
        submitted_on=date(2026, 2, 2),
        received_at=NOW,
        grade=grade,
        category=category,
        consent_to_test=True,
        special_needs=special_needs,
        state=ApplicationState.AWAITING_RESULT,
        state_since=NOW,
    )
    referral = Referral.objects.create(
        number=f"Н-{number:05d}",
        application=application,
        testing_org=region.testing_org,
        grade=grade,
        form=Form.ORAL if grade == 1 else Form.ORAL_WRITTEN,
        attempt_no=attempt_no,
        issued_at=NOW,
        received_on=date(2026, 2, 20),
        evidence="вручено",
        state=ReferralState.BOOKED,
        state_since=NOW,
        qr_token=f"token-{number}",
    )
    session.taken += 1
    session.save(update_fields=["taken"])
    return Booking.objects.create(
        referral=referral,
        session=session,
        state=state,
        booked_at=NOW,
        in_person=InPerson.REPRESENTATIVE,
    )


def variants(
    grade: int, *, oral=("УЧ-1", "УЧ-2"), written=("ПЧ-1", "ПЧ-2"), text: str = ""
) -> None:
    """Variants of a grade; each written one has its own text unless `text` is given."""
    for number in oral:
        Variant.objects.create(
            grade=grade, part="oral", number=number, received_on=date(2026, 1, 5)
        )
    for number in written:
        Variant.objects.create(
            grade=grade,
            part="written",
            number=number,
            received_on=date(2026, 1, 5),
            listening_text=text or f"текст {number}",
        )


def position(region: Region, who: str) -> Position:
    return region.accounts[who].positions.get()


MEMBERS = ("chair", "conductor", "conductor2", "expert", "expert2")


@dataclass
class Day:
    """A day with its commission, staffed, in the hands of the testing organisation."""

    region: Region
    session: TestSession
    row: SessionDay
    bookings: list[Booking] = field(default_factory=list)

    @property
    def org(self) -> Viewer:
        return self.region.viewer("testing_org")

    @property
    def chair(self) -> Viewer:
        return self.region.viewer("chair")

    def again(self) -> SessionDay:
        self.row = SessionDay.objects.get(pk=self.row.pk)
        return self.row

    def admit(self, booking: Booking, now: datetime | None = None, **how) -> Attempt:
        how = {"child_document": CERTIFICATE, "representative_document": PASSPORT} | how
        return actions.check_in(booking_id=booking.pk, actor=self.org, now=now or at(9, 30), **how)

    def make_ready(self, now: datetime | None = None) -> None:
        for what in actions.READY_FIELDS:
            actions.mark_ready(day_id=self.row.pk, what=what, actor=self.org, now=now or at(9))
        actions.note_present(
            day_id=self.row.pk,
            actor=self.org,
            now=now or at(9),
            position_ids=self.row.assignments.values_list("position_id", flat=True),
        )

    def start(self, now: datetime | None = None) -> list[Attempt]:
        """Everything up to the start: ready, all admitted, briefed, begun."""
        self.make_ready()
        attempts = [self.admit(booking) for booking in self.bookings]
        actions.brief(day_id=self.row.pk, actor=self.org, now=at(9, 50))
        actions.start_day(day_id=self.row.pk, actor=self.org, now=now or at(10))
        return attempts

    def both_parts(self, attempts: list[Attempt]) -> None:
        ids = [attempt.pk for attempt in attempts]
        for part, hour in (("oral", 10), ("written", 11)):
            mine = [a.pk for a in attempts if part == "oral" or a.form != Form.ORAL]
            if not mine:
                continue
            actions.start_part(
                attempt_ids=mine, part=part_of(part), actor=self.org, now=at(hour, 5)
            )
            actions.finish_part(
                attempt_ids=mine, part=part_of(part), actor=self.org, now=at(hour, 30)
            )
        assert ids


def part_of(name: str):
    from merilo.law import Part

    return Part(name)


def a_commission(region: Region, members: Iterable[str] = MEMBERS, order: str = "приказ № 14"):
    people = {who: position(region, who) for who in members}
    commission, _warnings = actions.approve_commission(
        order_ref=order,
        approved_on=date(2026, 1, 15),
        members=[
            actions.Membership(p.pk, is_chair=who == "chair", experience_years=7)
            for who, p in people.items()
        ],
        actor=region.viewer("testing_org"),
        now=NOW,
    )
    return commission


def usual_duties(region: Region, *, written: bool = True) -> list[actions.DutyOfDay]:
    first, second = region.rooms
    duties = [
        actions.DutyOfDay(position(region, "chair").pk, DayRole.CHAIR),
        actions.DutyOfDay(position(region, "conductor").pk, DayRole.ORAL_CONDUCTOR, first.pk),
        actions.DutyOfDay(position(region, "expert").pk, DayRole.EXPERT, first.pk),
        actions.DutyOfDay(position(region, "tech").pk, DayRole.TECH),
    ]
    if written:
        duties.append(
            actions.DutyOfDay(
                position(region, "conductor2").pk, DayRole.WRITTEN_CONDUCTOR, second.pk
            )
        )
    return duties


def a_day(
    region: Region,
    *,
    people: Iterable[dict] = ({"grade": 2}, {"grade": 2}),
    held_on: date = TODAY,
    duties: list[actions.DutyOfDay] | None = None,
    stock: bool = True,
) -> Day:
    people = list(people)
    session = a_session(
        region, held_on=held_on, grades=sorted({p.get("grade", 2) for p in people} or {2})
    )
    bookings = [a_booking(region, session, **one) for one in people]
    if stock:
        for grade in sorted({b.referral.grade for b in bookings}):
            variants(grade)
    org = region.viewer("testing_org")
    row = actions.open_day(session_id=session.pk, actor=org, now=NOW)
    commission = a_commission(region)
    row, _open = actions.staff_day(
        day_id=row.pk,
        commission_id=commission.pk,
        duties=usual_duties(region) if duties is None else duties,
        staffing_order="распоряжение № 3",
        oral_scheme=OralScheme.BOTH,
        actor=org,
        now=NOW,
    )
    return Day(region, session, row, bookings)
