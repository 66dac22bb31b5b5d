"""The route table as Django resolves it, and where an object for each address comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from builders import NOW, OPENED, Region, an_account, an_organisation
from journeys.builders_road import Road, a_second_clerk
from merilo.admissions.models import Decision
from merilo.admissions.queries import applications_visible_to, referrals_visible_to
from merilo.booking.models import Booking
from merilo.booking.queries import (
    bookings_visible_to,
    referrals_to,
    schedules_visible_to,
    sessions_visible_to,
)
from merilo.casework.models import Dispatch, Notice
from merilo.casework.queries import dispatches_from, dispatches_to, notices_of
from merilo.grading.models import MarkProtocol
from merilo.grading.queries import protocols_visible_to
from merilo.law import shipped_specifications
from merilo.materials.models import Variant
from merilo.materials.queries import variants_visible_to
from merilo.mechanisms.models import Appointment, Cycle, Expert, Objection, Submission
from merilo.mechanisms.queries.cycle_map import maps_visible_to
from merilo.mechanisms.queries.expertise import (
    appointments_visible_to,
    objections_visible_to,
    scores_visible_to,
)
from merilo.mechanisms.queries.experts import listed
from merilo.mechanisms.queries.places import cycles_of
from merilo.registry import queries as registry
from merilo.registry.access import Role, Viewer
from merilo.registry.models import ImportRun, TestingArea, TestingPlace
from merilo.registry.rules import Function
from merilo.results.queries import results_visible_to
from merilo.testday.queries import (
    attempts_visible_to,
    commissions_of,
    conducts,
    days_visible_to,
    sessions_held_by,
)
from merilo.web.routes import THIRD_PARTY


@dataclass(frozen=True)
class Route:
    """One address of ours: its name, its view with what `@page` declared, its arguments."""

    name: str
    view: Any
    arguments: tuple[str, ...]
    namespaces: tuple[str, ...] = ()

    @property
    def ours(self) -> bool:
        """A page. The programming interface has a gate and a matrix of its own: tests/api."""
        interface = "api" in self.namespaces or self.view.__module__.startswith("merilo.api")
        return not interface and not self.name.startswith(THIRD_PARTY)

    @property
    def roles(self) -> frozenset[Role]:
        return getattr(self.view, "roles", frozenset())

    @property
    def public(self) -> bool:
        return getattr(self.view, "public", False)


def all_routes() -> list[Route]:
    """Every route of the site, those of packages too."""
    return list(_walk(get_resolver().url_patterns, ()))


def our_routes() -> list[Route]:
    return [route for route in all_routes() if route.ours]


def guarded_routes() -> list[Route]:
    return [route for route in our_routes() if not route.public]


def _walk(patterns: Any, namespaces: tuple[str, ...]) -> Iterator[Route]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _walk(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            arguments = tuple(pattern.pattern.converters or pattern.pattern.regex.groupindex)
            yield Route(pattern.name or "", pattern.callback, arguments, namespaces)


# --- objects for the arguments --------------------------------------------------------------

Scope = Callable[[Viewer], QuerySet[Any]]


@dataclass(frozen=True)
class Thing:
    """A row of the road for an argument, and the scope functions any of which may show it."""

    row: Callable[[Road], Model | None]
    scopes: tuple[Scope, ...]

    def visible_to(self, viewer: Viewer, road: Road) -> bool:
        row = self.row(road)
        return row is not None and any(
            scope(viewer).filter(pk=row.pk).exists() for scope in self.scopes
        )


THINGS: dict[str, Thing] = {
    "application_id": Thing(lambda road: road.application, (applications_visible_to,)),
    "referral_id": Thing(lambda road: road.referral, (referrals_visible_to, referrals_to)),
    "booking_id": Thing(
        lambda road: road.booking,
        (
            bookings_visible_to,
            lambda viewer: Booking.objects.filter(session__in=sessions_held_by(viewer)),
        ),
    ),
    "session_id": Thing(lambda road: road.session, (sessions_visible_to,)),
    "schedule_id": Thing(lambda road: road.session.schedule, (schedules_visible_to,)),
    "day_id": Thing(lambda road: road.day, (days_visible_to,)),
    "assignment_id": Thing(
        lambda road: road.day and road.day.assignments.order_by("pk").first(),
        (lambda viewer: _assignments(viewer),),
    ),
    "commission_id": Thing(lambda road: road.day and road.day.commission, (commissions_of,)),
    "attempt_id": Thing(lambda road: road.attempt, (attempts_visible_to,)),
    "protocol_id": Thing(
        lambda road: MarkProtocol.objects.order_by("pk").first(), (protocols_visible_to,)
    ),
    "result_id": Thing(lambda road: road.result, (results_visible_to,)),
    "dispatch_id": Thing(
        lambda road: Dispatch.objects.filter(kind="result_to_school").first(),
        (dispatches_to, dispatches_from),
    ),
    "notice_id": Thing(lambda road: Notice.objects.order_by("pk").last(), (notices_of,)),
    "organisation_id": Thing(
        lambda road: road.region.school, (registry.organisations_visible_to,)
    ),
    "variant_id": Thing(
        lambda road: Variant.objects.order_by("pk").first(), (variants_visible_to,)
    ),
    "decision_id": Thing(
        lambda road: road.application and road.application.decisions.order_by("pk").first(),
        (lambda viewer: Decision.objects.filter(application__in=applications_visible_to(viewer)),),
    ),
    "run_id": Thing(
        lambda road: ImportRun.objects.order_by("pk").first(), (registry.import_runs,)
    ),
    "specification_id": Thing(lambda road: None, ()),
    # no run of mechanisms is part of the road of a child: tests/web/mechanisms proves their scope
    "cycle_id": Thing(lambda road: None, ()),
    "submission_id": Thing(lambda road: None, ()),
    "link_id": Thing(lambda road: None, ()),
    "account_id": Thing(
        lambda road: road.region.accounts["school"], (registry.accounts_visible_to,)
    ),
}
THINGS |= {
    "appointment_id": Thing(
        lambda road: Appointment.objects.order_by("pk").first(), (appointments_visible_to,)
    ),
    "submission_id": Thing(
        lambda road: Submission.objects.order_by("pk").first(),
        (scores_visible_to, maps_visible_to),
    ),
    "cycle_id": Thing(lambda road: Cycle.objects.order_by("pk").first(), (cycles_of,)),
    "expert_id": Thing(lambda road: Expert.objects.order_by("pk").first(), (listed,)),
    "tie_id": Thing(lambda road: None, ()),
    "objection_id": Thing(
        lambda road: Objection.objects.order_by("pk").first(), (objections_visible_to,)
    ),
    "criterion_id": Thing(lambda road: None, ()),
    "track_id": Thing(lambda road: None, ()),
}
# Arguments that name no row: any value of theirs will do.
PLAIN = {
    "year": 2026,
    "edition": "mum-2022",
    "code": "1.1.1",
    "name": "booking.min_lead_wd",
    "kind": "kinship",
    "spec_id": shipped_specifications()[0].id,
    "act": "again",
    "number": 1,
    "operation_id": "register_application",
    "file_id": "00000000-0000-0000-0000-000000000000",
}


def _assignments(viewer: Viewer) -> QuerySet[Any]:
    from merilo.testday.models import DayAssignment

    return DayAssignment.objects.filter(day__in=days_visible_to(viewer).values("pk"))


def things_of(route: Route) -> list[Thing]:
    return [THINGS[name] for name in route.arguments if name in THINGS]


OF_THEIR_OWN = {
    ("help-page", "name"): "school",
    ("import-template", "kind"): "organisations",
}
NOBODYS = 999_999_999


def address(route: Route, road: Road) -> str:
    """The address with the road's own rows; with a number of nobody's where there is none yet."""
    values = {}
    for name in route.arguments:
        if name in THINGS:
            row = THINGS[name].row(road)
            values[name] = row.pk if row else NOBODYS
        else:
            values[name] = OF_THEIR_OWN.get((route.name, name), PLAIN[name])
    return reverse(":".join((*route.namespaces, route.name)), kwargs=values)


# When and where the day is may be read by all its people; the rest is for those who conduct it.
OF_CONDUCT = ("day-", "attempt")


def visible(route: Route, viewer: Viewer, road: Road) -> bool:
    """Whether every row of the address is in the scope of the viewer."""
    of_conduct = route.name.startswith(OF_CONDUCT)
    if of_conduct and road.day and not conducts(viewer, road.day):
        return False
    return all(thing.visible_to(viewer, road) for thing in things_of(route))


# --- people ------------------------------------------------------------------------------------


def with_strangers(region: Region) -> Region:
    """Beside the people of the region: a second clerk, and a testing organisation elsewhere."""
    a_second_clerk(region)
    foreign = an_organisation(
        "Гимназия № 2",
        region.far_school.territory,
        region.other_mouo,
        Function.SCHOOL,
        Function.TESTING_ORG,
        exam_code="302",
    )
    TestingPlace.objects.create(
        organisation=foreign, name="ППТ Гимназия № 2", address="Находка", valid_from=OPENED
    )
    TestingArea.objects.create(school=region.far_school, testing_org=foreign, valid_from=OPENED)
    region.accounts["foreign_org"] = an_account("foreign_org", foreign, Role.TESTING_ORG)
    region.accounts["foreign_expert"] = an_account("foreign_expert", foreign, Role.COMMISSION)
    ImportRun.objects.create(
        kind="organisations", file_name="organisations.xlsx", sha256="0" * 64, at=NOW,
        by=region.accounts["admin"], dry_run=True, rows=0,
    )  # fmt: skip
    return region
