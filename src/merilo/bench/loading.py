"""Fill a database with many cases for measuring: right in shape and size, not lived through."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice

from django.db import connection, models

from merilo.admissions.models import Application, ApplicationDocument, Referral
from merilo.admissions.rules import ApplicationState, DocumentKind, DocumentState, ReferralState
from merilo.booking.models import Booking, Schedule, TestSession
from merilo.booking.rules import BookingState, InPerson, ScheduleState, SessionState
from merilo.casework.models import Dispatch, Duty
from merilo.demo.region import Builder, World
from merilo.foundation.journal.models import JournalEntry
from merilo.law import Form
from merilo.registry.access import Role
from merilo.registry.models import Person
from merilo.registry.rules import search_key
from merilo.testday.models import Attempt, SessionDay, UniqueCode
from merilo.testday.rules import AttemptState, SessionDayState

BATCH = 5000
S = ApplicationState
# How many of a hundred cases stand on each step.
SHARES: tuple[tuple[ApplicationState, int], ...] = (
    (S.COMPLETENESS_CHECK, 8),
    (S.RETURNED_INCOMPLETE, 8),
    (S.AUTHENTICITY_CHECK, 14),
    (S.REFERRED, 10),
    (S.AWAITING_RESULT, 14),
    (S.PASSED, 4),
    (S.FAILED, 4),
    (S.ENROLLED, 20),
    (S.REFUSED_TEST_FAILED, 14),
    (S.CANCELLED_NOT_BOOKED, 4),
)
WITH_REFERRAL = frozenset(
    {S.REFERRED, S.AWAITING_RESULT, S.PASSED, S.FAILED, S.ENROLLED, S.REFUSED_TEST_FAILED}
)
TESTED = frozenset({S.PASSED, S.FAILED, S.ENROLLED, S.REFUSED_TEST_FAILED})
KINDS = (
    DocumentKind.KINSHIP,
    DocumentKind.STAY_CHILD,
    DocumentKind.IDENTITY_CHILD,
    DocumentKind.FINGERPRINTS,
    DocumentKind.MEDICAL,
)
Progress = Callable[[str, int, int], None]


def load(cases: int, now: datetime, tell: Progress) -> World:
    """A region with that many cases in the database; returns its people."""
    chance = random.Random(1)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    world = Builder(chance, now - timedelta(days=300)).build()
    sessions = _sessions(world, now, chance)
    tell("Люди", 0, 6)
    _write(Person, _people(cases))
    tell("Заявления", 1, 6)
    states = [state for state, share in SHARES for _ in range(share)]
    plan = [(number, states[number % 100]) for number in range(1, cases + 1)]
    chance.shuffle(plan)
    schools = world.school_list
    _write(Application, _applications(plan, schools, now))
    tell("Документы", 2, 6)
    _write(ApplicationDocument, _documents(plan))
    tell("Направления и записи", 3, 6)
    _write(Referral, _referrals(plan, schools, world, now))
    _write(Booking, _bookings(plan, sessions, schools, world, now))
    tell("Участия", 4, 6)
    _days(sessions)
    _write(UniqueCode, _codes(plan, now))
    _write(Attempt, _attempts(plan, sessions, schools, world, now))
    tell("Дела и журнал", 5, 6)
    _write(Duty, _duties(plan, schools, now))
    _write(Dispatch, _dispatches(plan, schools, world, now))
    _write(JournalEntry, _journal(plan, schools, now))
    _settle()
    tell("Загружено", 6, 6)
    return world


def _write(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    waiting = iter(rows)
    while batch := list(islice(waiting, BATCH)):
        model._default_manager.bulk_create(batch)


def _settle() -> None:
    """Let sequences follow the given keys, seats follow the bookings, and the planner know all."""
    with connection.cursor() as cursor:
        for model in (Person, Application, Referral, Booking, TestSession, SessionDay, Attempt):
            table = model._meta.db_table
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "
                f"(SELECT max(id) FROM {table}))"
            )
        cursor.execute(
            "UPDATE booking_testsession s SET taken = n.count FROM (SELECT session_id, count(*) "
            "FROM booking_booking GROUP BY session_id) n WHERE n.session_id = s.id"
        )
        cursor.execute("ANALYZE")


FIRST = 1_000_000  # keys of loaded people, above those of the region's own


def _people(cases: int) -> Iterator[Person]:
    for number in range(1, cases + 1):
        last, first = f"Тестов{number % 5000:04d}", f"Имя{number % 97}"
        yield Person(
            pk=FIRST + number,
            last_name=last,
            first_name=first,
            birth_date=date(2010 + number % 9, 1 + number % 12, 1 + number % 28),
            citizenship="Узбекистан",
            id_doc_type="паспорт",
            id_doc_number=f"AA {number:07d}",
            search_key=search_key(last, first),
            name_key=f"тестов{number % 5000:04d}им",
        )


def _since(number: int, now: datetime) -> datetime:
    return now - timedelta(hours=(number * 7) % 4000)


def _applications(plan: list, schools: list, now: datetime) -> Iterator[Application]:
    for number, state in plan:
        since = _since(number, now)
        yield Application(
            pk=number,
            number=f"{schools[number % len(schools)].exam_code}-{number:06d}",
            school=schools[number % len(schools)],
            child_id=FIRST + number,
            representative_id=FIRST + 1 + number % (len(plan) - 1),
            channel="EPGU",
            submitted_on=since.date(),
            received_at=since,
            grade=1 + number % 11,
            category="GENERAL",
            consent_to_test=True,
            notify_email=f"parent{number}@bench.example",
            state=state,
            state_since=since,
            full_set_on=since.date(),
            completeness_due=since.date() + timedelta(days=7),
            register_check="clear",
            tested_on=since.date() if state in TESTED else None,
            test_passed=state in (S.PASSED, S.ENROLLED) if state in TESTED else None,
        )


def _documents(plan: list) -> Iterator[ApplicationDocument]:
    for number, state in plan:
        for kind in KINDS:
            yield ApplicationDocument(
                application_id=number,
                kind=kind,
                state=DocumentState.PROVIDED
                if state == S.COMPLETENESS_CHECK
                else DocumentState.ACCEPTED,
            )


def _referrals(plan: list, schools: list, world: World, now: datetime) -> Iterator[Referral]:
    for number, state in plan:
        if state not in WITH_REFERRAL:
            continue
        since = _since(number, now)
        delivered = ReferralState.DELIVERED if state == S.REFERRED else ReferralState.USED
        yield Referral(
            pk=number,
            number=f"Н-{number:07d}",
            application_id=number,
            testing_org=world.centre_of[schools[number % len(schools)].pk].organisation,
            grade=1 + number % 11,
            form=Form.ORAL if number % 11 == 0 else Form.ORAL_WRITTEN,
            issued_at=since,
            received_on=now.date() if state == S.REFERRED else since.date(),
            evidence="signature",
            book_until=(now if state == S.REFERRED else since).date() + timedelta(days=11),
            state=ReferralState.BOOKED if state == S.AWAITING_RESULT else delivered,
            state_since=since,
            qr_token=f"bench-{number}",
        )


def _sessions(world: World, now: datetime, chance: random.Random) -> dict[int, list[TestSession]]:
    """Past and coming days of each centre, by testing organisation."""
    schedule = Schedule.objects.create(
        year=now.year, title="Измерение", order_ref="№ 1", state=ScheduleState.APPROVED,
        approved_on=now.date(), created_at=now,
    )  # fmt: skip
    rows, number = [], 0
    for centre in world.centres:
        for step in range(-100, 20):
            number += 1
            rows.append(
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
    TestSession.objects.bulk_create(rows)
    found: dict[int, list[TestSession]] = {}
    for row in rows:
        found.setdefault(row.testing_org_id, []).append(row)
    return found


def _session_of(number: int, state: ApplicationState, days: list[TestSession]) -> TestSession:
    return days[100 + number % 20] if state == S.AWAITING_RESULT else days[number % 98]


def _bookings(
    plan: list, sessions: dict, schools: list, world: World, now: datetime
) -> Iterator[Booking]:
    for number, state in plan:
        if state in WITH_REFERRAL and state != S.REFERRED:
            days = sessions[world.centre_of[schools[number % len(schools)].pk].organisation.pk]
            yield Booking(
                pk=number,
                referral_id=number,
                session=_session_of(number, state, days),
                state=BookingState.CONFIRMED
                if state == S.AWAITING_RESULT
                else BookingState.CHECKED_IN,
                booked_at=_since(number, now),
                in_person=InPerson.REPRESENTATIVE,
            )


def _days(sessions: dict[int, list[TestSession]]) -> None:
    SessionDay.objects.bulk_create(
        SessionDay(pk=session.pk, session=session, state=SessionDayState.REPORTED)
        for days in sessions.values()
        for session in days[:100]
    )


def _codes(plan: list, now: datetime) -> Iterator[UniqueCode]:
    for number, state in plan:
        if state in TESTED:
            yield UniqueCode(
                code=f"{number:08d}",
                person_id=FIRST + number,
                school_code="000",
                grade=1 + number % 11,
                issued_at=now,
            )


def _attempts(
    plan: list, sessions: dict, schools: list, world: World, now: datetime
) -> Iterator[Attempt]:
    for number, state in plan:
        if state in TESTED:
            days = sessions[world.centre_of[schools[number % len(schools)].pk].organisation.pk]
            session = _session_of(number, state, days)
            yield Attempt(
                pk=number,
                booking_id=number,
                application_id=number,
                person_id=FIRST + number,
                day_id=session.pk,
                held_on=session.held_on,
                grade=1 + number % 11,
                form=Form.ORAL,
                attempt_no=1,
                code=f"{number:08d}",
                state=AttemptState.CONSOLIDATED,
                state_since=now,
                checked_in_at=now,
                child_document="паспорт",
            )


def _duties(plan: list, schools: list, now: datetime) -> Iterator[Duty]:
    kinds = {
        S.COMPLETENESS_CHECK: "check-completeness",
        S.AUTHENTICITY_CHECK: "check-authenticity",
        S.PASSED: "decide",
        S.FAILED: "decide",
    }
    for number, state in plan:
        if state in kinds:
            yield Duty(
                subject=f"application:{number}",
                case_id=number,
                kind=kinds[state],
                organisation=schools[number % len(schools)],
                role=Role.SCHOOL,
                label=f"Заявление № {number}",
                since=now,
                due_on=now.date() + timedelta(days=number % 30 - 5),
                act="order-23a-566",
                paragraph="п. 4.5.2",
            )


def _dispatches(plan: list, schools: list, world: World, now: datetime) -> Iterator[Dispatch]:
    for number, state in plan:
        if state in WITH_REFERRAL:
            school = schools[number % len(schools)]
            yield Dispatch(
                kind="referral_copy",
                about=f"referral:{number}",
                case_id=number,
                sender=school,
                recipient=world.centre_of[school.pk].organisation,
                label=f"Заявление № {number}",
                sent_at=_since(number, now),
            )


def _journal(plan: list, schools: list, now: datetime) -> Iterator[JournalEntry]:
    for number, _state in plan:
        yield JournalEntry(
            chain=schools[number % len(schools)].pk,
            at=_since(number, now),
            kind="act",
            event="application.registered",
            organisation=schools[number % len(schools)],
            about=f"application:{number}",
            case_id=number,
        )
