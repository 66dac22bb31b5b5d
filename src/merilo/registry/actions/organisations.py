"""Add, correct and close organisations; give and end what they do and whom they serve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from merilo import law
from merilo.foundation.journal.recording import record
from merilo.registry import access, queries, rules, steps
from merilo.registry.access import Viewer, permit
from merilo.registry.models import (
    ApiToken,
    Organisation,
    OrganisationFunction,
    Position,
    Room,
    Territory,
    TestingArea,
    TestingPlace,
)
from merilo.registry.rules import Function, Ownership

# What contexts above still have open at an organisation, in words; asked under the lock.
OpenWork = Callable[[int], Mapping[str, int]]


@dataclass(frozen=True)
class Details:
    """What is written of an organisation besides its place in the tree."""

    name: str
    short_name: str
    territory_id: int
    exam_code: str = ""
    inn: str = ""
    ownership: Ownership = Ownership.MUNICIPAL
    address: str = ""
    phone: str = ""
    email: str = ""
    head: str = ""
    source_id: str = ""

    def fields(self) -> dict[str, object]:
        return asdict(self) | {"sort_key": rules.search_key(self.short_name)[:120]}

    def facts(self, since: date, *, without: int | None = None) -> rules.OrganisationFacts:
        """These details with who else holds the code and the ИНН."""
        others = Organisation.objects.filter(valid_to=None).exclude(pk=without)
        code = others.filter(exam_code=self.exam_code).first() if self.exam_code else None
        inn = others.filter(inn=self.inn).first() if self.inn else None
        return rules.OrganisationFacts(
            name=self.name,
            short_name=self.short_name,
            since=since,
            exam_code=self.exam_code,
            inn=self.inn,
            exam_code_of=code.short_name if code else "",
            inn_of=inn.short_name if inn else "",
        )


def add_organisation(
    *,
    parent_id: int,
    details: Details,
    functions: frozenset[Function],
    valid_from: date,
    basis: str = "",
    actor: Viewer,
    now: datetime,
) -> Organisation:
    """A new organisation under another one, with what it does from that day."""
    permit(actor, access.ROLES, "registry.edit")
    with transaction.atomic(durable=True):
        parent = steps.lock_organisation(parent_id, actor)
        Territory.objects.get(pk=details.territory_id)
        law.refuse(
            [
                *rules.reasons_against_organisation(details.facts(valid_from)),
                *_against_parent(parent, valid_from),
                *(
                    reason
                    for function in sorted(functions)
                    for reason in _against_function(function, None, valid_from)
                ),
            ]
        )
        organisation = steps.add_organisation(parent, valid_from=valid_from, **details.fields())
        for function in sorted(functions):
            OrganisationFunction.objects.create(
                organisation=organisation, function=function, valid_from=valid_from, basis=basis
            )
        record(
            "registry.created",
            actor=actor,
            about=organisation,
            at=now,
            functions=sorted(functions),
            parent=parent.pk,
        )
    return organisation


def _against_parent(parent: Organisation, day: date):
    if not parent.period().holds(day):
        yield rules.PARENT_CLOSED(name=parent.short_name)


def _against_function(function: Function, organisation: Organisation | None, day: date):
    holder = queries.region_organisation(function, on=day)
    held = organisation is not None and queries.with_function(organisation, function, on=day)
    return rules.reasons_against_function(
        function, held=held, region_holder=holder.short_name if holder else ""
    )


def change_organisation(
    *, organisation_id: int, details: Details, actor: Viewer, now: datetime
) -> Organisation:
    """Correct what is written of an organisation; the journal keeps which fields were changed."""
    permit(actor, access.ROLES, "registry.edit")
    with transaction.atomic(durable=True):
        organisation = steps.lock_organisation(organisation_id, actor)
        Territory.objects.get(pk=details.territory_id)
        facts = details.facts(organisation.valid_from, without=organisation.pk)
        law.refuse(rules.reasons_against_organisation(facts))
        fields = details.fields()
        if not details.source_id:
            del fields["source_id"]
        changed = [name for name, new in fields.items() if getattr(organisation, name) != new]
        if changed:
            for name in changed:
                setattr(organisation, name, fields[name])
            organisation.save(update_fields=changed)
            record("registry.changed", actor=actor, about=organisation, at=now, fields=changed)
    return organisation


def close_organisation(
    *,
    organisation_id: int,
    until: date,
    open_work: OpenWork,
    actor: Viewer,
    now: datetime,
) -> Organisation:
    """Give an organisation its last day. What it does, its places and positions end with it.

    Refused with all that is still open there, as `open_work` counts it.
    """
    permit(actor, access.ROLES, "registry.edit")
    with transaction.atomic(durable=True):
        organisation = steps.lock_organisation(organisation_id, actor)
        after = Q(valid_to=None) | Q(valid_to__gt=until)
        law.refuse(
            rules.reasons_against_closing(
                organisation.period(),
                until,
                below=organisation.below.filter(after).count(),
                open_work=open_work(organisation.pk),
            )
        )
        organisation.valid_to = until
        organisation.save(update_fields=["valid_to"])
        of_it = Q(organisation=organisation)
        ended = {
            "functions": _end(OrganisationFunction, of_it, until),
            "places": _end(TestingPlace, of_it, until),
            "rooms": _end(Room, Q(place__organisation=organisation), until),
            "positions": _end(Position, of_it, until),
            "areas": _end(
                TestingArea, Q(school=organisation) | Q(testing_org=organisation), until
            ),
        }
        ApiToken.objects.filter(
            position__organisation=organisation, revoked_at=None, expires_on__gt=until
        ).update(expires_on=until)
        record("registry.closed", actor=actor, about=organisation, at=now, ended=ended)
    return organisation


def _end(model, which: Q, until: date) -> int:
    """Give the last day to all open rows; those that had not begun yet end as they begin."""
    rows = model.objects.filter(which, Q(valid_to=None) | Q(valid_to__gt=until))
    begun = rows.filter(valid_from__lte=until).update(valid_to=until)
    unborn = 0
    for row in rows.filter(valid_from__gt=until):
        row.valid_to = row.valid_from
        row.save(update_fields=["valid_to"])
        unborn += 1
    return begun + unborn


def give_function(
    *,
    organisation_id: int,
    function: Function,
    valid_from: date,
    basis: str,
    actor: Viewer,
    now: datetime,
) -> OrganisationFunction:
    """From that day the organisation does this, by that order."""
    permit(actor, access.ROLES, "registry.edit")
    with transaction.atomic(durable=True):
        organisation = steps.lock_organisation(organisation_id, actor)
        law.refuse(
            [
                *_against_function(function, organisation, valid_from),
                *_against_parent(organisation, valid_from),
            ]
        )
        given, _new = OrganisationFunction.objects.get_or_create(
            organisation=organisation,
            function=function,
            valid_from=valid_from,
            defaults={"basis": basis},
        )
        if given.valid_to is not None:
            law.refuse([rules.ALREADY_CLOSED(until=given.valid_to)])
        record("registry.changed", actor=actor, about=organisation, at=now, function=str(function))
    return given


def end_function(
    *, function_id: int, until: date, open_work: OpenWork, actor: Viewer, now: datetime
) -> OrganisationFunction:
    """The organisation does this no longer; refused while work of it is open."""
    permit(actor, access.ROLES, "registry.edit")
    with transaction.atomic(durable=True):
        given = OrganisationFunction.objects.get(pk=function_id)
        organisation = steps.lock_organisation(given.organisation_id, actor)
        given.refresh_from_db()
        law.refuse(
            rules.reasons_against_closing(
                given.period(), until, below=0, open_work=open_work(organisation.pk)
            )
        )
        given.valid_to = until
        given.save(update_fields=["valid_to"])
        roles = [
            role for role, needed in rules.NEEDED_FOR_ROLE.items() if needed == given.function
        ]
        _end(Position, Q(organisation=organisation, role__in=roles), until)
        if given.function == Function.TESTING_ORG:
            _end(TestingArea, Q(testing_org=organisation), until)
        if given.function == Function.SCHOOL:
            _end(TestingArea, Q(school=organisation), until)
        record(
            "registry.changed",
            actor=actor,
            about=organisation,
            at=now,
            function=given.function,
            until=str(until),
        )
    return given


def assign_testing_area(
    *,
    school_id: int,
    testing_org_id: int,
    valid_from: date,
    basis: str = "",
    actor: Viewer,
    now: datetime,
) -> TestingArea:
    """A school sends its applicants to that testing organisation from that day (R1.3.2)."""
    permit(actor, access.ROLES, "registry.edit")
    with transaction.atomic(durable=True):
        school = steps.lock_organisation(school_id, actor)
        testing_org = Organisation.objects.filter(queries.below(actor)).get(pk=testing_org_id)
        open_areas = TestingArea.objects.filter(
            queries.open_on(valid_from), school=school, testing_org=testing_org
        )
        law.refuse(
            rules.reasons_against_area(
                school=school.short_name,
                testing_org=testing_org.short_name,
                is_school=queries.with_function(school, Function.SCHOOL, on=valid_from),
                is_testing_org=queries.with_function(
                    testing_org, Function.TESTING_ORG, on=valid_from
                ),
                held=open_areas.exists(),
            )
        )
        area = TestingArea.objects.create(
            school=school, testing_org=testing_org, valid_from=valid_from, basis=basis
        )
        record("registry.changed", actor=actor, about=school, at=now, testing_org=testing_org.pk)
    return area


def end_testing_area(*, area_id: int, until: date, actor: Viewer, now: datetime) -> TestingArea:
    permit(actor, access.ROLES, "registry.edit")
    with transaction.atomic(durable=True):
        area = TestingArea.objects.get(pk=area_id)
        school = steps.lock_organisation(area.school_id, actor)
        area.refresh_from_db()
        law.refuse(rules.reasons_against_ending(area.period(), until))
        area.valid_to = until
        area.save(update_fields=["valid_to"])
        record(
            "registry.changed",
            actor=actor,
            about=school,
            at=now,
            testing_org=area.testing_org_id,
            until=str(until),
        )
    return area
