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
from merilo.booking.rules import InPerson
from merilo.casework.actions import receive
from merilo.casework.models import Dispatch
from merilo.law import CalendarNotPublished, WorkingDays
from merilo.registry.access import Viewer
from merilo.registry.queries import active_profile
from merilo.results import actions as results
from merilo.results.models import Result

from .names import a_family
from .region import Centre, World

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


def end_of_terms(clock: Clock, began: datetime, system: Viewer) -> Iterator[datetime]:
    """Every night the clock annuls what was not booked in its term."""
    when = began
    while True:
        when = clock.at(when.astimezone(clock.zone).date() + timedelta(days=1), 0, 10)
        yield when
        booking.expire_due(actor=system, now=when)
