"""The rows of a measured region: what a case leaves behind on each step of the road."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from merilo.admissions.models import Application, ApplicationDocument, Referral
from merilo.admissions.rules import ApplicationState, DocumentKind, DocumentState, ReferralState
from merilo.booking.models import Booking, TestSession
from merilo.booking.rules import BookingState, InPerson
from merilo.casework.models import Dispatch, Duty
from merilo.demo.region import World
from merilo.grading.queries import specification_of
from merilo.law import Form, specification_as_data
from merilo.registry.access import Role
from merilo.registry.models import Person
from merilo.registry.rules import search_key
from merilo.results.models import Result
from merilo.results.rules import ResultState, Score, score
from merilo.testday.models import Attempt, UniqueCode
from merilo.testday.rules import AttemptState

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

FIRST = 1_000_000  # keys of loaded people, above those of the region's own


def people(cases: int) -> Iterator[Person]:
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


def _form(number: int) -> Form:
    return Form.ORAL if number % 11 == 0 else Form.ORAL_WRITTEN  # the first grade speaks only


def _since(number: int, now: datetime) -> datetime:
    return now - timedelta(hours=(number * 7) % 4000)


def applications(plan: list, schools: list, now: datetime) -> Iterator[Application]:
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


def documents(plan: list) -> Iterator[ApplicationDocument]:
    for number, state in plan:
        for kind in KINDS:
            yield ApplicationDocument(
                application_id=number,
                kind=kind,
                state=DocumentState.PROVIDED
                if state == S.COMPLETENESS_CHECK
                else DocumentState.ACCEPTED,
            )


def referrals(plan: list, schools: list, world: World, now: datetime) -> Iterator[Referral]:
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
            form=_form(number),
            issued_at=since,
            received_on=now.date() if state == S.REFERRED else since.date(),
            evidence="signature",
            book_until=(now if state == S.REFERRED else since).date() + timedelta(days=11),
            state=ReferralState.BOOKED if state == S.AWAITING_RESULT else delivered,
            state_since=since,
            qr_token=f"bench-{number}",
        )


def session_of(number: int, state: ApplicationState, days: list[TestSession]) -> TestSession:
    return days[100 + number % 20] if state == S.AWAITING_RESULT else days[number % 98]


def bookings(
    plan: list, sessions: dict, schools: list, world: World, now: datetime
) -> Iterator[Booking]:
    for number, state in plan:
        if state in WITH_REFERRAL and state != S.REFERRED:
            days = sessions[world.centre_of[schools[number % len(schools)].pk].organisation.pk]
            yield Booking(
                pk=number,
                referral_id=number,
                session=session_of(number, state, days),
                state=BookingState.CONFIRMED
                if state == S.AWAITING_RESULT
                else BookingState.CHECKED_IN,
                booked_at=_since(number, now),
                in_person=InPerson.REPRESENTATIVE,
            )


def codes(plan: list, now: datetime) -> Iterator[UniqueCode]:
    for number, state in plan:
        if state in TESTED:
            yield UniqueCode(
                code=f"{number:08d}",
                person_id=FIRST + number,
                school_code="000",
                grade=1 + number % 11,
                issued_at=now,
            )


def attempts(
    plan: list, sessions: dict, schools: list, world: World, now: datetime
) -> Iterator[Attempt]:
    for number, state in plan:
        if state in TESTED:
            days = sessions[world.centre_of[schools[number % len(schools)].pk].organisation.pk]
            session = session_of(number, state, days)
            yield Attempt(
                pk=number,
                booking_id=number,
                application_id=number,
                person_id=FIRST + number,
                day_id=session.pk,
                held_on=session.held_on,
                grade=1 + number % 11,
                form=_form(number),
                attempt_no=1,
                code=f"{number:08d}",
                state=AttemptState.CONSOLIDATED,
                state_since=now,
                checked_in_at=now,
                oral_finished_at=now,
                written_finished_at=now,
                child_document="паспорт",
            )


@cache
def _score(grade: int, form: Form, held_on: date, passed: bool) -> tuple[Any, Any, dict, Score]:
    """A full score or an empty one, by the specification of that grade."""
    spec = specification_of(grade, form, held_on)
    points = {one.code: one.max if passed else 0 for one in spec.criteria}
    total = (spec.written_max if passed else 0) if spec.written_by_total else None
    return spec, specification_as_data(spec), points, score(spec, points, written_total=total)


def results(
    plan: list, sessions: dict, schools: list, world: World, now: datetime
) -> Iterator[Result]:
    """The result of every attempt: told to the school, and mostly to the parent too."""
    for number, state in plan:
        if state not in TESTED:
            continue
        centre = world.centre_of[schools[number % len(schools)].pk]
        session = session_of(number, state, sessions[centre.organisation.pk])
        passed = state in (S.PASSED, S.ENROLLED)
        grade, told = 1 + number % 11, state not in (S.PASSED, S.FAILED)
        spec, kept, points, found = _score(grade, _form(number), now.date(), passed)
        yield Result(
            pk=number,
            attempt_id=number,
            application_id=number,
            testing_org_id=session.testing_org_id,
            held_on=session.held_on,
            grade=grade,
            form=_form(number),
            spec_id=spec.id,
            mode=spec.mode,
            spec=kept,
            points=points,
            oral_sum=found.oral,
            written_sum=found.written,
            total=found.total,
            passed=passed,
            state=ResultState.INFORMED if told else ResultState.RELEASED,
            consolidated_at=now,
            commission_protocol=f"{number}",
            identity_checked_by_id=centre.clerk.account_id,
            released_at=now,
            school_due=now.date(),
            parent_due=now.date() + timedelta(days=number % 5),
            informed_at=now if told else None,
            informed_how="email" if told else "",
        )


def duties(plan: list, schools: list, now: datetime) -> Iterator[Duty]:
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


def dispatches(plan: list, schools: list, world: World, now: datetime) -> Iterator[Dispatch]:
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


# What stands in the journal of a case that came so far, in about the measure of a real one.
REGISTERED = ("application.registered", *["application.document"] * 5, "person.viewed")
REFERRED = (
    "application.full-set", "application.moved", "application.register-checked",
    "referral.issued", "dispatch.sent", "dispatch.sent", "referral.delivered", "notice.queued",
)  # fmt: skip
BOOKED = ("booking.made", "application.moved", "person.viewed")
HELD = (
    "attempt.admitted", "attempt.briefed", "attempt.seated", "attempt.part-started",
    "attempt.part-finished", "protocol.opened", "protocol.signed", "result.consolidated",
    "result.released", "dispatch.sent", "result.informed", "application.moved",
)  # fmt: skip


Entry = tuple[int, datetime, str, str, int]  # chain, moment, kind, event, case


def journal(plan: list, schools: list, world: World, now: datetime) -> Iterator[Entry]:
    """The school's part of each case, then the testing organisation's, each in its own chain."""
    for number, state in plan:
        school = schools[number % len(schools)]
        ours = [*REGISTERED, *(REFERRED if state in WITH_REFERRAL else ())]
        theirs = [
            *(BOOKED if state in WITH_REFERRAL and state != S.REFERRED else ()),
            *(HELD if state in TESTED else ()),
        ]
        centre = world.centre_of[school.pk].organisation
        acts = [(school.pk, event) for event in ours] + [(centre.pk, event) for event in theirs]
        since = _since(number, now)
        for step, (chain, event) in enumerate(acts):
            kind = "view" if event == "person.viewed" else "act"
            yield chain, since + timedelta(minutes=step), kind, event, number
