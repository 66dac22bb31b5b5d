"""The stories of the demonstration: an application, a test day, and the terms that run out."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from merilo.admissions import actions as admissions
from merilo.admissions import queries as admissions_queries
from merilo.admissions.models import Application
from merilo.admissions.rules import (
    Category,
    Channel,
    DocumentKind,
    DocumentState,
    Evidence,
    RegisterCheck,
    Training,
    UnreliableReason,
)
from merilo.booking import actions as booking
from merilo.booking import queries as booking_queries
from merilo.booking.models import Booking
from merilo.booking.rules import BookingState, InPerson
from merilo.casework.actions import receive
from merilo.casework.models import Dispatch
from merilo.grading import actions as grading
from merilo.grading.queries import specification_of
from merilo.law import CalendarNotPublished, Form, Part, Refused, WorkingDays
from merilo.registry.access import Viewer
from merilo.registry.queries import active_profile
from merilo.results import actions as results
from merilo.results.models import Result
from merilo.testday import actions as testday
from merilo.testday.models import Attempt
from merilo.testday.rules import DayRole, OralScheme, parts_of

from .names import a_family
from .no_shows import AfterNoShow
from .region import Centre, World
from .sounds import a_sound

Begin = Callable[[Iterator[datetime]], None]


@dataclass(frozen=True)
class Clock:
    """Hours of work in the region."""

    zone: ZoneInfo
    days: WorkingDays

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), self.zone)

    def later(self, moment: datetime, working_days: int, chance: random.Random) -> datetime:
        """Some hour of the n-th working day after; the same day later where n is 0."""
        if working_days == 0:
            return moment + timedelta(minutes=chance.randint(5, 40))
        try:
            day = self.days.after(moment.astimezone(self.zone).date(), working_days)
        except CalendarNotPublished:
            return moment + timedelta(days=400)  # after the last day the demonstration shows
        return self.at(day, chance.randint(9, 16), chance.randint(0, 59))


class Case:
    """One child's application, from the portal to the decision."""

    def __init__(self, world: World, clock: Clock, chance: random.Random, begin: Begin):
        self.world, self.clock, self.chance, self.begin = world, clock, chance, begin
        busy = chance.random()
        if busy < 0.13:
            self.school = world.main_school
        elif busy < 0.4:
            self.school = chance.choice(
                [s for s in world.school_list if s.territory_id == world.main_school.territory_id]
            )
        else:
            self.school = chance.choice(world.school_list)
        self.clerk: Viewer = world.schools[self.school.pk]
        self.centre: Centre = world.centre_of[self.school.pk]
        self.grade = chance.choices(range(1, 12), [40, 10, 8, 7, 6, 6, 5, 5, 4, 3, 1])[0]
        self.category = self._category()
        country = "Белоруссия" if self.category == Category.EXEMPT_BELARUS else ""
        self.child, self.parent = a_family(
            chance, grade=self.grade, on=world.now.date(), country=country
        )
        self.application: Application | None = None

    def _category(self) -> Category:
        wanted = self.chance.choices(
            [
                Category.GENERAL,
                Category.COMPATRIOT,
                Category.SHARED_VALUES,
                Category.DIPLOMATIC,
                Category.EXEMPT_BELARUS,
                Category.EXEMPT_TRANSFER,
                Category.EXEMPT_GIA9,
            ],
            [86, 5, 1, 1, 3, 3, 1],
        )[0]
        if wanted == Category.EXEMPT_GIA9 and self.grade < 10:
            return Category.GENERAL
        return wanted

    def _sleep(self, moment: datetime, low: int, high: int) -> datetime:
        return self.clock.later(moment, self.chance.randint(low, high), self.chance)

    def story(
        self, when: datetime, same_child: int | None = None, good: bool = False
    ) -> Iterator[datetime]:
        yield when
        self._register(when, same_child)
        when = self._sleep(when, 0, 6)
        yield when
        if not good and self.chance.random() < 0.34:
            when = yield from self._returned(when)
            if when is None:
                return
        self._mark(DocumentState.ACCEPTED, when)
        admissions.confirm_full_set(application_id=self.id, actor=self.clerk, now=when)
        when = self._sleep(when, 2, 16)
        yield when
        if self.chance.random() < 0.02:
            admissions.withdraw(
                application_id=self.id, actor=self.clerk, now=when, note="по просьбе родителя"
            )
            return
        when = yield from self._authentic(when)
        if when is not None:
            yield from self._book(when)

    @property
    def id(self) -> int:
        assert self.application is not None
        return self.application.pk

    def _register(self, when: datetime, same_child: int | None) -> None:
        chance = self.chance
        by_mail = chance.random() < 0.86
        self.application = admissions.register_application(
            actor=self.clerk,
            now=when,
            child=admissions.NewPerson(
                last_name=self.child.last_name,
                first_name=self.child.first_name,
                birth_date=self.child.birth_date,
                citizenship=self.child.citizenship,
                id_doc_type="паспорт иностранного гражданина",
                id_doc_number=self.child.document,
            ),
            representative=admissions.NewPerson(
                last_name=self.parent.last_name,
                first_name=self.parent.first_name,
                birth_date=self.parent.birth_date,
                citizenship=self.parent.citizenship,
                id_doc_type="паспорт иностранного гражданина",
                id_doc_number=self.parent.document,
            ),
            grade=self.grade,
            channel=chance.choices([Channel.EPGU, Channel.RPGU, Channel.POST], [62, 20, 18])[0],
            submitted_on=when.astimezone(self.clock.zone).date(),
            consent_to_test=True,
            category=self.category,
            same_child_as=same_child,
            provided=frozenset(DocumentKind),
            notify_email=f"parent{chance.randint(10_000, 99_999)}@demo.example" if by_mail else "",
            notify_address=f"г. Владивосток, ул. Светланская, {chance.randint(1, 150)}",
            has_portal_account=chance.random() < 0.6,
            language=chance.choices(["ru", "en"], [92, 8])[0],
            special_needs="нужен стол для коляски" if chance.random() < 0.02 else "",
        )

    def _kinds(self) -> list[DocumentKind]:
        return [
            DocumentKind(kind)
            for kind in self.application.documents.values_list("kind", flat=True)
        ]

    def _mark(self, state: DocumentState, when: datetime, except_for: dict | None = None) -> None:
        given = except_for or {}
        admissions.mark_documents(
            application_id=self.id,
            marks=[
                given.get(kind) or admissions.DocumentMark(kind, state) for kind in self._kinds()
            ],
            actor=self.clerk,
            now=when,
        )

    def _returned(self, when: datetime) -> Iterator[datetime]:
        """Documents are missing: returned once or twice, then sent again, or never."""
        chance = self.chance
        bad = chance.sample(
            [
                admissions.DocumentMark(DocumentKind.FINGERPRINTS, DocumentState.MISSING),
                admissions.DocumentMark(DocumentKind.EMPLOYMENT, DocumentState.MISSING),
                admissions.DocumentMark(DocumentKind.KINSHIP, DocumentState.UNTRANSLATED),
                admissions.DocumentMark(
                    DocumentKind.STAY_CHILD,
                    DocumentState.EXPIRED,
                    valid_until=when.date() - timedelta(days=chance.randint(3, 60)),
                ),
                admissions.DocumentMark(
                    DocumentKind.MEDICAL, DocumentState.INVALID, comment="нет печати организации"
                ),
            ],
            chance.randint(1, 3),
        )
        kinds = set(self._kinds())
        wrong = {mark.kind: mark for mark in bad if mark.kind in kinds} or {
            DocumentKind.KINSHIP: admissions.DocumentMark(
                DocumentKind.KINSHIP, DocumentState.UNTRANSLATED
            )
        }
        self._mark(DocumentState.ACCEPTED, when, wrong)
        admissions.return_incomplete(application_id=self.id, actor=self.clerk, now=when)
        if chance.random() < 0.3:
            return None
        when = self._sleep(when, 3, 18)
        yield when
        admissions.resubmit(
            application_id=self.id,
            submitted_on=when.astimezone(self.clock.zone).date(),
            actor=self.clerk,
            now=when,
            provided=list(wrong),
        )
        when = self._sleep(when, 1, 4)
        yield when
        return when

    def _authentic(self, when: datetime) -> Iterator[datetime]:
        chance = self.chance
        fate = chance.random()
        if fate < 0.05:
            admissions.refuse_no_places(application_id=self.id, actor=self.clerk, now=when)
            return None
        listed = fate < 0.07
        admissions.check_register(
            application_id=self.id,
            outcome=RegisterCheck.LISTED if listed else RegisterCheck.CLEAR,
            actor=self.clerk,
            now=when,
        )
        if fate < 0.12:
            reason = (
                UnreliableReason.CONTROLLED_PERSON if listed else UnreliableReason.FALSE_DOCUMENT
            )
            admissions.refuse_unreliable(
                application_id=self.id, reasons=[reason], actor=self.clerk, now=when
            )
            return None
        if self.category.startswith("EXEMPT"):
            admissions.exempt(application_id=self.id, actor=self.clerk, now=when)
            when = self._sleep(when, 1, 5)
            yield when
            admissions.enrol(application_id=self.id, actor=self.clerk, now=when)
            return None
        admissions.issue_referral(
            application_id=self.id,
            actor=self.clerk,
            now=when,
            with_copies=chance.random() < 0.95,
        )
        when = self._sleep(when, 0, 4)
        yield when
        if not admissions_queries.copies_sent_to(admissions_queries.live_referral(self.id)):
            admissions.send_copies(application_id=self.id, actor=self.clerk, now=when)
        admissions.record_delivery(
            application_id=self.id,
            received_on=when.astimezone(self.clock.zone).date(),
            evidence=chance.choice(list(Evidence)),
            actor=self.clerk,
            now=when,
        )
        return when

    def _book(self, when: datetime) -> Iterator[datetime]:
        if self.chance.random() < 0.07:
            return  # never comes: the clock annuls the application at the end of the term
        when = self._sleep(when, 1, 6)
        yield when
        book_first_day(self.id, self.centre, self.clock, when)


def book_first_day(application_id: int, centre: Centre, clock: Clock, when: datetime) -> None:
    """The parent comes and takes the first day that the rules allow."""
    referral = admissions_queries.live_referral(application_id)
    if referral is None:
        return
    today = when.astimezone(clock.zone).date()
    choice = booking_queries.choice_for(referral, today=today, profile=active_profile())
    open_days = [day for day in choice.days if day.allowed]
    if choice.against or not open_days:
        return
    booking.book(
        referral_id=referral.pk,
        session_id=open_days[0].session.pk,
        in_person=InPerson.REPRESENTATIVE,
        identity_document="паспорт иностранного гражданина",
        actor=centre.clerk,
        now=when,
    )


class Ending:
    """What the school does when a result has come: tells the parent, decides, offers training."""

    def __init__(self, world: World, clock: Clock, chance: random.Random, begin: Begin):
        self.world, self.clock, self.chance, self.begin = world, clock, chance, begin

    def story(self, result: Result, when: datetime) -> Iterator[datetime]:
        application = result.application
        clerk = self.world.schools[application.school_id]
        when = self.clock.later(
            when, self.chance.choices([0, 1, 2, 3, 5], [15, 40, 25, 15, 5])[0], self.chance
        )
        yield when
        for dispatch in Dispatch.objects.filter(
            about=f"result:{result.pk}", recipient_id=application.school_id
        ):
            receive(dispatch_id=dispatch.pk, actor=clerk, now=when)
        results.inform_parent(
            result_id=result.pk,
            how="email" if application.notify_email else self.chance.choice(["post", "hand"]),
            subject_line=f"Результат тестирования по заявлению № {application.number}",
            body="Уведомление о результатах тестирования приложено к решению школы.",
            actor=clerk,
            now=when,
        )
        when = self.clock.later(when, self.chance.randint(1, 4), self.chance)
        yield when
        if result.passed:
            if self.chance.random() < 0.95:
                admissions.enrol(application_id=application.pk, actor=clerk, now=when)
            else:
                admissions.refuse_no_places(application_id=application.pk, actor=clerk, now=when)
            return
        admissions.refuse_test_failed(application_id=application.pk, actor=clerk, now=when)
        when = self.clock.later(when, self.chance.randint(1, 6), self.chance)
        yield when
        admissions.offer_training(
            application_id=application.pk,
            choice=self.chance.choice(
                [Training.CHOSEN, Training.CHOSEN, Training.SELF_ORGANISED, Training.DECLINED]
            ),
            actor=clerk,
            now=when,
        )
        if self.chance.random() < 0.5:
            self._again(application, when)

    def _again(self, application: Application, when: datetime) -> None:
        """The parent applies again; the test itself waits for its three months."""
        case = Case(self.world, self.clock, random.Random(self.chance.random()), self.begin)
        case.school = application.school
        case.clerk = self.world.schools[application.school_id]
        case.centre = self.world.centre_of[application.school_id]
        case.grade = application.grade
        case.category = Category(application.category)
        child = application.child
        case.child = type(case.child)(
            child.last_name, child.first_name, child.birth_date, child.citizenship,
            child.id_doc_number,
        )  # fmt: skip
        later = self.clock.later(when, self.chance.randint(25, 60), self.chance)
        self.begin(case.story(later, same_child=child.pk, good=True))

    def forward(self, result: Result, when: datetime) -> Iterator[datetime]:
        """The МОУО passes the form on to РЦОИ."""
        sent = Dispatch.objects.get(about=f"result:{result.pk}", kind="result_to_mouo")
        officer = self.world.mouos[sent.recipient_id]
        when = self.clock.later(
            when, self.chance.choices([1, 2, 3, 4], [40, 30, 25, 5])[0], self.chance
        )
        yield when
        receive(dispatch_id=sent.pk, actor=officer, now=when)
        results.forward_to_rcoi(result_ids=[result.pk], actor=officer, now=when)


class TestDay:
    """A day at a centre: staffed, made ready, held, marked, consolidated, sent."""

    __test__ = False

    def __init__(
        self, world: World, clock: Clock, chance: random.Random, centre: Centre, begin: Begin
    ):
        self.world, self.clock, self.chance, self.centre, self.begin = (
            world, clock, chance, centre, begin,
        )  # fmt: skip

    def story(self, session_id: int, held_on: date) -> Iterator[datetime]:
        when = self.clock.at(self.clock.days.on_or_before(held_on - timedelta(days=4)), 12)
        yield when
        if not self._bookings(session_id):
            return  # nobody is booked: nobody is gathered
        commission = self._commission(when)
        day = testday.open_day(session_id=session_id, actor=self.centre.clerk, now=when)
        testday.staff_day(
            day_id=day.pk,
            commission_id=commission,
            duties=self._duties(),
            staffing_order=f"от {when:%d.%m.%Y} № {day.pk}-т",
            oral_scheme=OralScheme.LIVE,
            actor=self.centre.clerk,
            now=when,
        )
        yield (when := self.clock.at(held_on, 8, 15))
        for what in testday.READY_FIELDS:
            testday.mark_ready(day_id=day.pk, what=what, actor=self.centre.clerk, now=when)
        testday.note_present(
            day_id=day.pk,
            position_ids=[v.position_id for v in (self.centre.chair, *self.centre.people)],
            actor=self.centre.clerk,
            now=when,
        )
        yield (when := self.clock.at(held_on, 9, 35))
        came = self._check_in(session_id, when)
        if not came:
            self._absent(session_id, self.clock.at(held_on, 11))
            return
        yield (when := self.clock.at(held_on, 10, 0))
        yield from self._hold(day.pk, session_id, held_on, when)

    def _commission(self, when: datetime) -> int:
        from merilo.testday.models import Commission

        found = Commission.objects.filter(testing_org=self.centre.organisation).first()
        if found:
            return found.pk
        members = [
            testday.Membership(v.position_id, v is self.centre.chair, self.chance.randint(3, 20))
            for v in (self.centre.chair, *self.centre.people)
        ]
        commission, _advice = testday.approve_commission(
            order_ref=f"от {when:%d.%m.%Y} № 1-т",
            approved_on=when.date(),
            members=members,
            actor=self.centre.clerk,
            now=when,
        )
        return commission.pk

    def _duties(self) -> list[testday.DutyOfDay]:
        conductor, conductor_b, expert, expert_b, tech = self.centre.people
        rooms = self.centre.rooms
        return [
            testday.DutyOfDay(self.centre.chair.position_id, DayRole.CHAIR),
            testday.DutyOfDay(conductor.position_id, DayRole.ORAL_CONDUCTOR, rooms[0].pk),
            testday.DutyOfDay(conductor_b.position_id, DayRole.WRITTEN_CONDUCTOR, rooms[1].pk),
            testday.DutyOfDay(expert.position_id, DayRole.EXPERT),
            testday.DutyOfDay(expert_b.position_id, DayRole.EXPERT),
            testday.DutyOfDay(tech.position_id, DayRole.TECH),
        ]

    def _bookings(self, session_id: int) -> list[Booking]:
        return list(
            Booking.objects.filter(session_id=session_id, state=BookingState.CONFIRMED).order_by(
                "pk"
            )
        )

    def _check_in(self, session_id: int, when: datetime) -> list[Attempt]:
        came = []
        for booked in self._bookings(session_id):
            if came and self.chance.random() < 0.07:
                continue
            when += timedelta(minutes=1)
            try:
                came.append(
                    testday.check_in(
                        booking_id=booked.pk,
                        child_document="свидетельство о рождении",
                        representative_document="паспорт",
                        actor=self.centre.clerk,
                        now=when,
                    )
                )
            except Refused:
                continue
        return came

    def _absent(self, session_id: int, when: datetime) -> None:
        for booked in self._bookings(session_id):
            missed = testday.no_show(booking_id=booked.pk, actor=self.centre.clerk, now=when)
            after = AfterNoShow(
                self.world,
                self.clock.zone,
                self.clock.later,
                lambda case, at: book_first_day(case, self.centre, self.clock, at),
                random.Random(self.chance.random()),
            )
            self.begin(after.story(missed, when))

    def _hold(
        self, day_id: int, session_id: int, held_on: date, when: datetime
    ) -> Iterator[datetime]:
        chair = self.centre.chair
        testday.brief(day_id=day_id, actor=chair, now=when)
        testday.start_day(day_id=day_id, actor=chair, now=when + timedelta(minutes=1))
        self._absent(session_id, when + timedelta(minutes=30))
        attempts = list(Attempt.objects.filter(day_id=day_id).order_by("pk"))
        oral = [attempt.pk for attempt in attempts]
        yield (when := when + timedelta(minutes=3))
        testday.start_part(attempt_ids=oral, part=Part.ORAL, actor=chair, now=when)
        for attempt in attempts:
            testday.attach_recording(
                attempt_id=attempt.pk, name="answer.wav",
                content=a_sound(self.chance.choice((220, 262, 294, 330))), actor=chair, now=when,
            )  # fmt: skip
        attempts, oral = self._annul_some(attempts, oral, when)
        yield (when := when + timedelta(minutes=25))
        if oral:
            testday.finish_part(attempt_ids=oral, part=Part.ORAL, actor=chair, now=when)
        rooms: dict[tuple[int | None, int], list[int]] = {}
        for attempt in Attempt.objects.filter(pk__in=oral, form=Form.ORAL_WRITTEN).order_by("pk"):
            place = (attempt.written_slot, attempt.room_written_id)
            rooms.setdefault(place, []).append(attempt.pk)
        for place in sorted(rooms, key=str):  # a room hears one text at a time
            yield (when := when + timedelta(minutes=2))
            testday.start_part(attempt_ids=rooms[place], part=Part.WRITTEN, actor=chair, now=when)
            yield (when := when + timedelta(minutes=45))
            testday.finish_part(attempt_ids=rooms[place], part=Part.WRITTEN, actor=chair, now=when)
        yield (when := when + timedelta(minutes=10))
        testday.finish_day(day_id=day_id, materials_collected=True, actor=chair, now=when)
        yield from self._mark(attempts, when)
        yield (when := self.clock.later(when, self.chance.randint(1, 2), self.chance))
        done, _waiting = results.consolidate_day(day_id=day_id, actor=chair, now=when)
        when = self.clock.later(when, self.chance.choices([0, 1, 2], [55, 35, 10])[0], self.chance)
        yield when
        for result in done:
            released, _warnings = results.release(
                result_id=result.pk, identity_confirmed=True, actor=self.centre.clerk, now=when
            )
            ending = Ending(
                self.world, self.clock, random.Random(self.chance.random()), self.begin
            )
            self.begin(ending.story(released, when))
            self.begin(ending.forward(released, when))

    def _annul_some(
        self, attempts: list[Attempt], taking: list[int], when: datetime
    ) -> tuple[list[Attempt], list[int]]:
        for attempt in attempts:
            if self.chance.random() < 0.015:
                testday.annul(
                    attempt_id=attempt.pk, reason_code="F17_DEVICE",
                    note="во время ответа пользовался телефоном", actor=self.centre.chair, now=when,
                )  # fmt: skip
                taking = [pk for pk in taking if pk != attempt.pk]
                attempts = [a for a in attempts if a.pk != attempt.pk]
        return attempts, taking

    def _mark(self, attempts: list[Attempt], when: datetime) -> Iterator[datetime]:
        """Two experts take the works in turn; how well a child speaks is one number."""
        experts = self.centre.people[2:4]
        yield (when := when + timedelta(minutes=20))
        for number, attempt in enumerate(attempts):
            skill = self.chance.betavariate(9, 1.1)
            for part in parts_of(Form(attempt.form)):
                when += timedelta(minutes=2)
                self._mark_part(attempt, part, skill, experts[number % 2], when)

    def _mark_part(
        self, attempt: Attempt, part: Part, skill: float, expert: Viewer, when: datetime
    ) -> None:
        protocol = grading.open_protocol(attempt_id=attempt.pk, part=part, actor=expert, now=when)
        spec = specification_of(attempt.grade, attempt.form, attempt.held_on)
        points = {
            c.code: sum(self.chance.random() < skill for _ in range(c.max))
            for c in spec.part(part)
        }
        total = sum(points.values())
        if not spec.part(part):
            total = sum(self.chance.random() < skill for _ in range(spec.written_max))
        grading.sign(
            protocol_id=protocol.pk, points=points, typed_total=total, actor=expert,
            now=when + timedelta(minutes=1),
        )  # fmt: skip


def end_of_terms(clock: Clock, began: datetime, system: Viewer) -> Iterator[datetime]:
    """Every night the clock annuls what was not booked in its term."""
    when = began
    while True:
        when = clock.at(when.astimezone(clock.zone).date() + timedelta(days=1), 0, 10)
        yield when
        booking.expire_due(actor=system, now=when)
