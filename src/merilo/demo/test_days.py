"""The story of a test day: staffed, made ready, held, marked, consolidated, sent."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from merilo.booking.models import Booking
from merilo.booking.rules import BookingState
from merilo.grading import actions as grading
from merilo.grading.queries import specification_of
from merilo.law import Form, Part, Refused
from merilo.registry.access import Viewer
from merilo.results import actions as results
from merilo.testday import actions as testday
from merilo.testday.models import Attempt
from merilo.testday.rules import DayRole, OralScheme, TurnedAway, parts_of

from .no_shows import AfterNoShow
from .region import Centre, World
from .sounds import a_sound
from .stories import Begin, Clock, Ending, book_first_day


class TestDay:
    """A day at a centre: staffed, made ready, held, marked, consolidated, sent."""

    __test__ = False

    def __init__(
        self, world: World, clock: Clock, chance: random.Random, centre: Centre, begin: Begin,
        *, unmarked: bool = False, recent: bool = False,
    ):  # fmt: skip
        self.world, self.clock, self.chance, self.centre, self.begin = (
            world, clock, chance, centre, begin,
        )  # fmt: skip
        self.unmarked = unmarked  # half of the works wait for their expert, the results for all
        self.recent = recent  # whoever broke off lately still waits for another date
        self.turned_away: set[int] = set()

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
            fate = self.chance.random()
            if came and fate < 0.07:
                continue
            when += timedelta(minutes=1)
            if came and fate < 0.09:
                self._turn_away(booked, when)
                continue
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

    def _turn_away(self, booked: Booking, when: datetime) -> None:
        testday.refuse_admission(
            booking_id=booked.pk, why=TurnedAway.NO_PARENT_DOCUMENT,
            note="родитель пришёл без документа", actor=self.centre.clerk, now=when,
        )  # fmt: skip
        self.turned_away.add(booked.pk)

    def _absent(self, session_id: int, when: datetime) -> None:
        for booked in self._bookings(session_id):
            if booked.pk in self.turned_away:
                continue
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
        attempts, oral = self._end_some(attempts, oral, when)
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
        if self.unmarked:
            return
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

    def _end_some(
        self, attempts: list[Attempt], taking: list[int], when: datetime
    ) -> tuple[list[Attempt], list[int]]:
        """A telephone is found, a child feels unwell: rare, but each has its road."""
        ended = set()
        for attempt in attempts:
            fate = self.chance.random()
            if fate < 0.015:
                testday.annul(
                    attempt_id=attempt.pk, reason_code="F17_DEVICE",
                    note="во время ответа пользовался телефоном", actor=self.centre.chair, now=when,
                )  # fmt: skip
                ended.add(attempt.pk)
            elif self.recent and fate < 0.06:
                testday.interrupt(
                    attempt_id=attempt.pk, technical=False, note="ребёнок почувствовал себя плохо",
                    actor=self.centre.chair, now=when,
                )  # fmt: skip
                ended.add(attempt.pk)
        return (
            [attempt for attempt in attempts if attempt.pk not in ended],
            [pk for pk in taking if pk not in ended],
        )

    def _mark(self, attempts: list[Attempt], when: datetime) -> Iterator[datetime]:
        """Two experts take the works in turn; how well a child speaks is one number."""
        experts = self.centre.people[2:4]
        yield (when := when + timedelta(minutes=20))
        for number, attempt in enumerate(attempts):
            if self.unmarked and number % 2 == 0:
                continue
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
