"""One child's whole road, driven by the real actions at given hours, with a stop at each step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from builders import OPENED, Region, a_person, an_account
from merilo.admissions import actions as admissions
from merilo.admissions.models import Application, Referral
from merilo.admissions.rules import Category, Channel, DocumentState, Evidence, RegisterCheck
from merilo.booking import actions as booking
from merilo.booking.models import Booking, TestSession
from merilo.booking.rules import InPerson
from merilo.casework.actions import receive
from merilo.casework.models import Dispatch
from merilo.casework.queries import duties_of
from merilo.foundation import clock
from merilo.grading import actions as grading
from merilo.grading.queries import specification_of
from merilo.law import Form, Part
from merilo.materials.actions import register_variant
from merilo.registry.access import Role, Viewer
from merilo.registry.models import Account, Position
from merilo.results import actions as results
from merilo.results.models import Result
from merilo.testday import actions as testday
from merilo.testday.models import Attempt, SessionDay
from merilo.testday.rules import DayRole, OralScheme, parts_of
from merilo.workers.tasks import app

TEST_DAY = date(2026, 4, 10)
# Names that stand nowhere else: a page or a log line that shows one of them shows a person.
CHILD, PARENT = "Неповторимов", "Единственная"
A_SOUND = b"RIFF\x24\x08\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00"


def vl(month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    """An hour of 2026 in Vladivostok."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=10)


@dataclass
class Road:
    """What has been made so far; `viewer("school")` and the others act."""

    region: Region
    grade: int = 2
    points: dict[Part, int] = field(default_factory=dict)  # how many points; all by default
    form: Form = Form.ORAL_WRITTEN
    session: TestSession | None = None
    application: Application | None = None
    referral: Referral | None = None
    booking: Booking | None = None
    day: SessionDay | None = None
    attempt: Attempt | None = None
    result: Result | None = None
    seen_jobs: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        from procrastinate.contrib.django.models import ProcrastinateJob

        # What an earlier test left in the queue is not of this road.
        self.seen_jobs = set(ProcrastinateJob.objects.values_list("pk", flat=True))

    def viewer(self, who: str) -> Viewer:
        return self.region.viewer(who)

    def fresh(self, what: str) -> Any:
        row = getattr(self, what)
        row.refresh_from_db()
        return row

    def position(self, who: str) -> Position:
        return self.region.accounts[who].positions.get()

    def run_jobs(self, now: datetime) -> list[str]:
        """What the worker would do at that hour, in its order; the names of the jobs."""
        from procrastinate.contrib.django.models import ProcrastinateJob

        ran = []
        clock.freeze(now)
        try:
            for job in ProcrastinateJob.objects.exclude(pk__in=self.seen_jobs).order_by("pk"):
                self.seen_jobs.add(job.pk)
                ran.append(job.task_name)
                # The door of the task gives its connection back; a test keeps its own.
                app.tasks[job.task_name].func.__wrapped__(**job.args)
        finally:
            clock.freeze(None)
        return ran

    def queues(self) -> dict[str, set[str]]:
        """«Мои дела» of everybody: login -> kinds of duty. Nobody with nothing to do is named."""
        found: dict[str, set[str]] = {}
        for login in self.region.accounts:
            if kinds := set(duties_of(self.viewer(login)).values_list("kind", flat=True)):
                found[login] = kinds
        return found

    # --- the steps, in their order ------------------------------------------------------------

    def schedule_approved(self) -> None:
        for who, name in (("expert", "Соколова"), ("expert2", "Белова"), ("chair", "Орлова")):
            account = self.region.accounts[who]
            account.person = a_person(name, "Ольга", "Петровна", date(1980, 2, 3))
            account.save()
        ministry, rcoi = self.viewer("ministry"), self.viewer("rcoi")
        schedule = booking.create_schedule(
            year=2026, title="Расписание на 2026 год", actor=ministry, now=vl(1, 29)
        )
        self.session = booking.add_session(
            schedule_id=schedule.pk,
            testing_org_id=self.region.testing_org.pk,
            place_id=self.region.place.pk,
            held_on=TEST_DAY,
            starts_at=time(10),
            grades=range(1, 12),
            capacity=10,
            results_official_on=date(2026, 4, 20),
            actor=ministry,
            now=vl(1, 29),
        ).session
        booking.approve_schedule(
            schedule_id=schedule.pk,
            order_ref="№ 23а-100",
            approved_on=date(2026, 2, 2),
            actor=ministry,
            now=vl(2, 2),
        )
        for note in (booking.note_published, booking.note_minpros_informed):
            note(schedule_id=schedule.pk, on=date(2026, 2, 2), actor=ministry, now=vl(2, 2))
        for part, number in ((Part.ORAL, "УЧ-1"), (Part.WRITTEN, "ПЧ-1")):
            if part == Part.WRITTEN and self.grade == 1:
                continue
            register_variant(
                grade=self.grade,
                part=part,
                number=number,
                received_on=date(2026, 1, 20),
                listening_text="текст 1" if part == Part.WRITTEN else "",
                actor=rcoi,
                now=vl(1, 20),
            )

    def registered(self) -> None:
        self.application = admissions.register_application(
            actor=self.viewer("school"),
            now=vl(3, 16),
            child=admissions.NewPerson(
                last_name=CHILD,
                first_name="Тимур",
                birth_date=date(2017, 5, 20),
                citizenship="Узбекистан",
                id_doc_type="паспорт",
                id_doc_number="AA 7654321",
            ),
            representative=admissions.NewPerson(
                last_name=PARENT,
                first_name="Дилноза",
                citizenship="Узбекистан",
                id_doc_type="паспорт",
                id_doc_number="AB 1234567",
            ),
            grade=self.grade,
            channel=Channel.EPGU,
            submitted_on=date(2026, 3, 16),
            consent_to_test=True,
            category=Category.GENERAL,
            notify_email="parent@example.org",
            notify_address="г. Владивосток, ул. Лесная, 1",
        )

    def documents_full(self) -> None:
        who = {"application_id": self.application.pk, "actor": self.viewer("school")}
        admissions.mark_documents(
            marks=[
                admissions.DocumentMark(row.kind, DocumentState.ACCEPTED)
                for row in self.application.documents.all()
            ],
            now=vl(3, 16, 11),
            **who,
        )
        admissions.confirm_full_set(now=vl(3, 16, 11, 5), **who)

    def referred(self) -> None:
        who = {"application_id": self.application.pk, "actor": self.viewer("school")}
        admissions.check_register(outcome=RegisterCheck.CLEAR, now=vl(3, 16, 12), **who)
        self.referral = admissions.issue_referral(with_copies=True, now=vl(3, 16, 12, 10), **who)
        self.form = Form(self.referral.form)

    def delivered(self) -> None:
        self.referral = admissions.record_delivery(
            application_id=self.application.pk,
            received_on=date(2026, 3, 16),
            evidence=Evidence.SIGNATURE,
            actor=self.viewer("school"),
            now=vl(3, 16, 15),
        )

    def booked(self) -> None:
        self.booking = booking.book(
            referral_id=self.referral.pk,
            session_id=self.session.pk,
            in_person=InPerson.REPRESENTATIVE,
            identity_document="паспорт",
            actor=self.viewer("testing_org"),
            now=vl(3, 17),
        ).booking

    def day_opened(self) -> None:
        self.day = testday.open_day(
            session_id=self.session.pk, actor=self.viewer("testing_org"), now=vl(4, 6)
        )

    def day_staffed(self) -> None:
        org = self.viewer("testing_org")
        commission, _advice = testday.approve_commission(
            order_ref="приказ № 14",
            approved_on=date(2026, 1, 15),
            members=[
                testday.Membership(self.position(who).pk, who == "chair", 7)
                for who in ("chair", "conductor", "conductor2", "expert", "expert2")
            ],
            actor=org,
            now=vl(4, 6),
        )
        first, second = (room.pk for room in self.region.rooms)
        self.day, _open = testday.staff_day(
            day_id=self.day.pk,
            commission_id=commission.pk,
            duties=[
                testday.DutyOfDay(self.position("chair").pk, DayRole.CHAIR),
                testday.DutyOfDay(self.position("conductor").pk, DayRole.ORAL_CONDUCTOR, first),
                testday.DutyOfDay(
                    self.position("conductor2").pk, DayRole.WRITTEN_CONDUCTOR, second
                ),
                testday.DutyOfDay(self.position("expert").pk, DayRole.EXPERT),
                testday.DutyOfDay(self.position("expert2").pk, DayRole.EXPERT),
                testday.DutyOfDay(self.position("tech").pk, DayRole.TECH),
            ],
            staffing_order="распоряжение № 3",
            oral_scheme=OralScheme.LIVE,
            actor=org,
            now=vl(4, 6),
        )

    def day_ready(self) -> None:
        org, now = self.viewer("testing_org"), vl(4, 10, 8, 30)
        for what in testday.READY_FIELDS:
            testday.mark_ready(day_id=self.day.pk, what=what, actor=org, now=now)
        testday.note_present(
            day_id=self.day.pk,
            actor=org,
            now=now,
            position_ids=self.day.assignments.values_list("position_id", flat=True),
        )

    def admitted(self) -> None:
        self.attempt = testday.check_in(
            booking_id=self.booking.pk,
            child_document="свидетельство о рождении",
            representative_document="паспорт",
            actor=self.viewer("testing_org"),
            now=vl(4, 10, 9, 30),
        )

    def started(self) -> None:
        chair = self.viewer("chair")
        testday.brief(day_id=self.day.pk, actor=chair, now=vl(4, 10, 9, 50))
        testday.start_day(day_id=self.day.pk, actor=chair, now=vl(4, 10, 10))

    def parts_taken(self) -> None:
        chair = self.viewer("chair")
        for part, hour in ((Part.ORAL, 10), (Part.WRITTEN, 11)):
            if part not in parts_of(self.form):
                continue
            ids = {"attempt_ids": [self.attempt.pk], "part": part, "actor": chair}
            testday.start_part(now=vl(4, 10, hour, 5), **ids)
            testday.finish_part(now=vl(4, 10, hour, 20 if part == Part.ORAL else 50), **ids)
        self.run_jobs(vl(4, 10, 12))

    def day_finished(self) -> None:
        testday.finish_day(
            day_id=self.day.pk,
            materials_collected=True,
            actor=self.viewer("chair"),
            now=vl(4, 10, 13),
        )

    def marked(self) -> None:
        expert = self.viewer("expert")
        spec = specification_of(self.grade, self.form, TEST_DAY)
        for part in parts_of(self.form):
            protocol = grading.open_protocol(
                attempt_id=self.attempt.pk, part=part, actor=expert, now=vl(4, 10, 14)
            )
            criteria = spec.part(part)
            # Where the criteria of the written part are not published, only its sum is entered.
            most = sum(c.max for c in criteria) if criteria else spec.written_max
            got = self.points.get(part, most)
            points = {c.code: int(place < got) for place, c in enumerate(criteria)}
            grading.sign(
                protocol_id=protocol.pk,
                points=points,
                typed_total=got,
                actor=expert,
                now=vl(4, 10, 14, 30),
            )

    def consolidated(self) -> None:
        self.result = results.consolidate(
            attempt_id=self.attempt.pk, actor=self.viewer("chair"), now=vl(4, 10, 16)
        )

    def released(self) -> None:
        self.result, _warnings = results.release(
            result_id=self.result.pk,
            identity_confirmed=True,
            actor=self.viewer("testing_org"),
            now=vl(4, 13),
        )

    def informed(self) -> None:
        school = self.viewer("school")
        for dispatch in Dispatch.objects.filter(
            about=f"result:{self.result.pk}", recipient_id=school.organisation_id
        ):
            receive(dispatch_id=dispatch.pk, actor=school, now=vl(4, 14, 9))
        self.result = results.inform_parent(
            result_id=self.result.pk,
            how="email",
            actor=school,
            now=vl(4, 14),
        )
        self.run_jobs(vl(4, 14, 10, 5))

    def forwarded(self) -> None:
        mouo = self.viewer("mouo")
        for dispatch in Dispatch.objects.filter(
            about=f"result:{self.result.pk}", recipient_id=mouo.organisation_id
        ):
            receive(dispatch_id=dispatch.pk, actor=mouo, now=vl(4, 14, 11))
        results.forward_to_rcoi(result_ids=[self.result.pk], actor=mouo, now=vl(4, 14, 12))

    def enrolled(self) -> None:
        admissions.enrol(
            application_id=self.application.pk, actor=self.viewer("school"), now=vl(4, 15)
        )
        self.run_jobs(vl(4, 15, 10, 5))

    def refused(self) -> None:
        admissions.refuse_test_failed(
            application_id=self.application.pk, actor=self.viewer("school"), now=vl(4, 15)
        )
        self.run_jobs(vl(4, 15, 10, 5))


STEPS: tuple[Callable[[Road], None], ...] = (
    Road.schedule_approved,
    Road.registered,
    Road.documents_full,
    Road.referred,
    Road.delivered,
    Road.booked,
    Road.day_opened,
    Road.day_staffed,
    Road.day_ready,
    Road.admitted,
    Road.started,
    Road.parts_taken,
    Road.day_finished,
    Road.marked,
    Road.consolidated,
    Road.released,
    Road.informed,
    Road.forwarded,
    Road.enrolled,
)


def walk(region: Region, **how: Any) -> Iterator[tuple[str, Road]]:
    """Stop after each step: its name and what stands."""
    road = Road(region, **how)
    for step in STEPS:
        step(road)
        yield step.__name__, road


def drive(region: Region, until: str = "enrolled", **how: Any) -> Road:
    """The road up to that step."""
    for name, road in walk(region, **how):
        if name == until:
            return road
    raise ValueError(f"no such step: {until}")


def a_second_clerk(region: Region) -> Account:
    """Another person of the testing organisation: the second pair of eyes."""
    account = region.accounts.get("testing_org_2") or an_account(
        "testing_org_2", region.testing_org, Role.TESTING_ORG
    )
    region.accounts["testing_org_2"] = account
    assert account.positions.filter(valid_from=OPENED).exists()
    return account
