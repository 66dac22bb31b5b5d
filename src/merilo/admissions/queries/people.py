"""Where a child may be known already, and the tests he took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from merilo.admissions import rules
from merilo.admissions.models import Application
from merilo.registry.models import Person


@dataclass(frozen=True)
class Duplicate:
    """A person who may be the same child: why, and under which application he is known."""

    person_id: int
    why: str  # "document", "name"
    application_id: int
    number: str
    state: str
    school_id: int
    school: str
    grade: int


def possible_duplicates(
    person: rules.PersonFacts, *, without_person: int | None = None, limit: int = 10
) -> list[Duplicate]:
    """Children known anywhere in the region who may be this one, the newest application first.

    Gives numbers and schools only, never names: the other school's data stay with it.
    """
    alike = Q(pk__in=())
    if person.document_number:
        alike |= Q(child__id_doc_number=person.document_number)
    if person.birth_date:
        alike |= Q(child__birth_date=person.birth_date, child__name_key=person.name_key)
    rows = Application.objects.filter(alike).select_related("school", "child")
    if without_person:
        rows = rows.exclude(child_id=without_person)
    found = []
    for row in rows.order_by("-received_at", "-pk")[:limit]:
        why = rules.likeness(person, person_facts(row.child))
        if why:
            found.append(
                Duplicate(
                    row.child_id,
                    why,
                    row.pk,
                    row.number,
                    row.state,
                    row.school_id,
                    row.school.short_name,
                    row.grade,
                )
            )
    return found


def person_facts(person: Person) -> rules.PersonFacts:
    return rules.PersonFacts(person.name_key, person.birth_date, person.id_doc_number)


def last_application_of(person_id: int) -> Application | None:
    """The child's newest application that no later one is linked to."""
    return (
        Application.objects.filter(child_id=person_id, next__isnull=True)
        .order_by("-received_at", "-pk")
        .first()
    )


@dataclass(frozen=True)
class PastTest:
    """A finished test of a child: its day, grade and outcome."""

    tested_on: date
    grade: int
    passed: bool
    application_id: int


def past_tests_of(person_id: int, *, without: int | None = None) -> list[PastTest]:
    """All tests of a child under any application, oldest first. A no-show is not among them."""
    rows = Application.objects.filter(child_id=person_id, tested_on__isnull=False)
    if without:
        rows = rows.exclude(pk=without)
    return [
        PastTest(row.tested_on, row.grade, bool(row.test_passed), row.pk)
        for row in rows.order_by("tested_on", "pk")
    ]


def failed_on(person_id: int, *, without: int | None = None) -> tuple[date, ...]:
    """Days of the child's unsuccessful tests, oldest first: the retest guard counts from them."""
    tests: Iterable[PastTest] = past_tests_of(person_id, without=without)
    return tuple(test.tested_on for test in tests if not test.passed)
