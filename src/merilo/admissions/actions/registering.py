"""Take an application in: the child, the representative, the set of documents, the number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from merilo import law
from merilo.admissions import access, queries, rules, steps
from merilo.admissions.models import Application, ApplicationDocument
from merilo.admissions.rules import (
    ApplicationState,
    Category,
    Channel,
    DocumentKind,
    DocumentState,
)
from merilo.casework.rules import term
from merilo.casework.steps import send_to_new_address
from merilo.foundation.journal.recording import record, record_view
from merilo.law import Refusal, decided_under
from merilo.registry import queries as registry
from merilo.registry.access import Viewer, permit
from merilo.registry.models import Organisation, Person
from merilo.registry.rules import search_key
from merilo.registry.steps import add_person, day_at, next_number


@dataclass(frozen=True)
class NewPerson:
    """A person as the application names him."""

    last_name: str
    first_name: str
    patronymic: str = ""
    birth_date: date | None = None
    citizenship: str = ""
    stateless: bool = False
    id_doc_type: str = ""
    id_doc_number: str = ""
    snils: str = ""
    latin_name: str = ""

    def facts(self) -> rules.PersonFacts:
        return rules.PersonFacts(
            rules.name_key(self.last_name, self.first_name), self.birth_date, self.id_doc_number
        )

    def create(self) -> Person:
        return add_person(
            name_key=rules.name_key(self.last_name, self.first_name),
            search_key=search_key(self.last_name, self.first_name, self.patronymic),
            last_name=self.last_name,
            first_name=self.first_name,
            patronymic=self.patronymic,
            latin_name=self.latin_name,
            birth_date=self.birth_date,
            citizenship=self.citizenship,
            stateless=self.stateless,
            id_doc_type=self.id_doc_type,
            id_doc_number=self.id_doc_number,
            snils=self.snils,
        )


def register_application(
    *,
    actor: Viewer,
    now: datetime,
    child: NewPerson,
    grade: int,
    channel: Channel,
    submitted_on: date,
    consent_to_test: bool,
    representative: NewPerson | None = None,
    category: Category = Category.GENERAL,
    same_child_as: int | None = None,
    provided: frozenset[DocumentKind] = frozenset(),
    notify_email: str = "",
    notify_address: str = "",
    notify_phone: str = "",
    has_portal_account: bool = False,
    language: str = "ru",
    special_needs: str = "",
    request_key: str = "",
) -> Application:
    """Register an application of the actor's school; the same `request_key` makes it once.

    `same_child_as`: a person found by `queries.possible_duplicates` who is the same child; then
    his last application is linked as the previous one. `provided`: documents that came with it.
    """
    permit(actor, access.ROLES, "admissions.register")
    profile = registry.active_profile()
    if made := queries.made_by_request(actor, request_key):
        return made
    with transaction.atomic(durable=True):
        school = Organisation.objects.get(pk=actor.organisation_id)
        today = day_at(school, now)
        if not school.exam_code:
            law.refuse([rules.NO_EXAM_CODE()])
        serial = next_number(f"application:{school.exam_code}")  # the lock of the school's numbers
        if made := queries.made_by_request(actor, request_key):
            transaction.set_rollback(True)
            return made
        facts = rules.ApplicationFacts(
            grade=grade,
            category=category,
            birth_date=child.birth_date or date.max,
            received_on=submitted_on,
            channel=channel,
            consent_to_test=consent_to_test,
            has_representative=representative is not None,
            citizenship=child.citizenship,
            stateless=child.stateless,
            submitted_on=submitted_on,
        )
        person, previous, reasons = _child(child, same_child_as, school)
        reasons = [
            *rules.reasons_against_registering(facts, today=today, profile=profile),
            *reasons,
        ]
        warnings = law.refuse(reasons)
        completeness = term(lambda: rules.completeness_due(submitted_on, profile))
        person = person or child.create()
        application = Application.objects.create(
            number=f"{school.exam_code}-{serial:04d}",
            school=school,
            child=person,
            representative=representative.create() if representative else None,
            channel=channel,
            entered_by_id=actor.account_id,
            submitted_on=submitted_on,
            received_at=now,
            grade=grade,
            category=category,
            consent_to_test=consent_to_test,
            special_needs=special_needs,
            notify_email=notify_email,
            notify_address=notify_address,
            notify_phone=notify_phone,
            has_portal_account=has_portal_account,
            language=language,
            state=ApplicationState.COMPLETENESS_CHECK,
            state_since=now,
            completeness_due=completeness.due_on,
            previous=previous,
            request_key=queries.full_key(actor, request_key) if request_key else "",
            decided_under=decided_under(
                profile.value("admissions.channels", on=submitted_on), completeness.value
            )
            | ({"warnings": steps.as_reasons(warnings)} if warnings else {}),
        )
        _lay_out_documents(application, facts, provided, today)
        if previous and ApplicationState.REAPPLIED in rules.TRANSITIONS[previous.state]:
            steps.move(previous, ApplicationState.REAPPLIED, actor=actor, now=now)
            steps.refresh_duties(previous, now=now)
        record(
            "application.registered",
            actor=actor,
            about=application,
            at=now,
            case_id=application.pk,
            number=application.number,
            channel=str(channel),
            grade=grade,
            previous=previous.pk if previous else None,
            warnings=[warning.code for warning in warnings],
        )
        steps.write_to_parent(
            application,
            "application-registered",
            key=f"application-registered:{application.pk}",
            facts={"submitted": submitted_on, "due": completeness.due_on or rules.DAY_UNKNOWN},
            actor=actor,
            now=now,
        )
        steps.refresh_duties(application, now=now)
    return application


def _child(
    child: NewPerson, same_child_as: int | None, school: Organisation
) -> tuple[Person | None, Application | None, list[Refusal]]:
    """The known person where one was chosen, his last application, and what to say about it."""
    alike = queries.possible_duplicates(child.facts())
    if same_child_as is None:
        numbers = dict.fromkeys(one.number for one in alike)
        return None, None, [rules.POSSIBLE_DUPLICATE(number=number) for number in numbers]
    if same_child_as not in {one.person_id for one in alike}:
        return None, None, [rules.NOT_A_LIKENESS()]
    person = Person.objects.select_for_update().get(pk=same_child_as)
    reasons: list[Refusal] = []
    previous = queries.last_application_of(person.pk)
    if previous:
        previous = steps.lock_application(previous.pk)
        state = ApplicationState(previous.state)
        reasons += rules.reasons_against_next(
            state, previous.number, same_school=previous.school_id == school.pk
        )
        if state not in rules.END_STATES:
            reasons.append(rules.POSSIBLE_DUPLICATE(number=previous.number))
            previous = None
    passed = [test for test in queries.past_tests_of(person.pk) if test.passed]
    if passed:
        reasons.append(rules.PASSED_BEFORE(on=passed[-1].tested_on, grade=passed[-1].grade))
    return person, previous, reasons


def _lay_out_documents(
    application: Application,
    facts: rules.ApplicationFacts,
    provided: frozenset[DocumentKind],
    today: date,
) -> None:
    wanted = rules.documents_of(facts, on=today, profile=registry.active_profile())
    ApplicationDocument.objects.bulk_create(
        ApplicationDocument(
            application=application,
            kind=one.kind,
            state=DocumentState.PROVIDED if one.kind in provided else DocumentState.MISSING,
        )
        for one in wanted
    )


def change_contacts(
    *,
    application_id: int,
    actor: Viewer,
    now: datetime,
    notify_email: str,
    notify_address: str,
    notify_phone: str,
    language: str,
) -> Application:
    """Correct where the parent is written to; what the old address did not take goes to the new."""
    permit(actor, access.ROLES, "admissions.register")
    with transaction.atomic(durable=True):
        application = steps.lock_application(application_id, actor)
        new = {
            "notify_email": notify_email,
            "notify_address": notify_address,
            "notify_phone": notify_phone,
            "language": language,
        }
        changed = [name for name, value in new.items() if getattr(application, name) != value]
        for name in changed:
            setattr(application, name, new[name])
        if changed:
            application.save(update_fields=changed)
            record(
                "application.changed",
                actor=actor,
                about=application,
                at=now,
                case_id=application.pk,
                fields=changed,
            )
        if "notify_email" in changed and notify_email:
            send_to_new_address(application.pk, notify_email, actor=actor, now=now)
    return application


def show_person(*, application_id: int, actor: Viewer, now: datetime, where: str) -> Application:
    """The case with its people, for a page that shows their names; the view is journalled."""
    permit(actor, access.ROLES, "admissions.read_person")
    application = queries.case_of(actor, application_id)
    record_view(actor=actor, about=application.child, at=now, case_id=application.pk, where=where)
    return application
