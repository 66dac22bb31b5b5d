"""Rows of places with rooms, and of schools assigned to testing organisations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date

from django.utils.translation import gettext

from merilo.foundation.tables import TableRow
from merilo.law.refusal import _
from merilo.registry import rules
from merilo.registry.models import Organisation, Room, TestingArea, TestingPlace
from merilo.registry.rules import Function, RoomFacts

from . import kinds
from .rows import RowPlan, World, plain, plans_of

ROOM_FIELDS = {
    "workplaces": kinds.WORKPLACES,
    "for_oral": kinds.FOR_ORAL,
    "for_written": kinds.FOR_WRITTEN,
    "audio": kinds.AUDIO,
    "video": kinds.VIDEO,
    "isolated": kinds.ISOLATED,
    "accessible": kinds.ROOM_ACCESSIBLE,
}


@dataclass
class RoomRow:
    """A room and the place it is in; what is known already of both."""

    organisation: Organisation | None
    place_name: str
    address: str
    place_accessible: bool | None
    since: date
    place: TestingPlace | None = None
    room: Room | None = None
    facts: RoomFacts | None = None


@dataclass
class AreaRow:
    school: Organisation | None
    testing_org: Organisation | None
    basis: str
    since: date
    known: TestingArea | None = None


def plan_places(_kind: str, rows: Iterable[TableRow], world: World) -> list[RowPlan]:
    """What each room would become. A place is made once, by the first row that names it."""
    plans = plans_of(rows)
    ids = [one.pk for one in world.organisations]
    places = {
        (one.organisation_id, plain(one.name)): one
        for one in TestingPlace.objects.filter(valid_to=None, organisation_id__in=ids)
    }
    rooms = {
        (one.place_id, one.number): one
        for one in Room.objects.filter(valid_to=None, place__organisation_id__in=ids)
    }
    seen: dict[tuple[int, str, str], int] = {}
    said_of_place: dict[tuple[int, str], tuple[int, str, bool | None]] = {}
    for plan in plans:
        row = RoomRow(
            organisation=world.find(plan, kinds.ORG),
            place_name=plan.text(kinds.PLACE, required=True),
            address=plan.text(kinds.PLACE_ADDRESS, required=True),
            place_accessible=plan.yes_no(kinds.PLACE_ACCESSIBLE),
            since=plan.day(kinds.SINCE, world.on),
        )
        plan.data = row
        number = plan.text(kinds.ROOM, required=True)
        plan.label = f"{row.place_name}, ауд. {number}"
        if row.organisation is None:
            continue
        of, where = row.organisation, (row.organisation.pk, plain(row.place_name))
        if Function.TESTING_ORG not in world.functions[of.pk]:
            plan.wrong(kinds.ORG, _("«%(name)s» не тестирующая организация."), name=of.short_name)
        earlier = seen.setdefault((*where, number), plan.number)
        if earlier != plan.number:
            plan.wrong(
                kinds.ROOM,
                _("аудитория %(number)s уже есть в строке %(earlier)s."),
                number=number,
                earlier=earlier,
            )
        told = (plan.number, row.address, row.place_accessible)
        first = said_of_place.setdefault(where, told)
        if first[1:] != told[1:]:
            plan.wrong(
                kinds.PLACE_ADDRESS,
                _("о пункте сказано иначе, чем в строке %(earlier)s."),
                earlier=first[0],
            )
        row.place = places.get(where)
        row.room = rooms.get((row.place.pk, number)) if row.place else None
        _room(plan, row, number)
    return plans


def _room(plan: RowPlan, row: RoomRow, number: str) -> None:
    new = row.room is None
    standing = row.room or RoomFacts(number, 0)
    said: dict[str, object] = {"workplaces": plan.whole(kinds.WORKPLACES)}
    for name, heading in ROOM_FIELDS.items():
        if name != "workplaces":
            said[name] = plan.yes_no(heading, getattr(standing, name))
    row.facts = RoomFacts(number=number, **said)  # type: ignore[arg-type]
    if not plan.errors:
        for reason in rules.reasons_against_room(row.facts):
            plan.wrong_row(reason.sentence(gettext))
    if row.place is not None:
        plan.compare(kinds.PLACE_ADDRESS, row.place.address, row.address)
        plan.compare(kinds.PLACE_ACCESSIBLE, row.place.accessible, row.place_accessible)
    if row.room is not None:
        for name, value in asdict(row.facts).items():
            if name in ROOM_FIELDS:
                plan.compare(ROOM_FIELDS[name], getattr(row.room, name), value)
    plan.settle(new=new)


def plan_areas(_kind: str, rows: Iterable[TableRow], world: World) -> list[RowPlan]:
    """Which schools would be assigned anew; an assignment that stands is left."""
    plans = plans_of(rows)
    ids = [one.pk for one in world.organisations]
    standing = {
        (one.school_id, one.testing_org_id): one
        for one in TestingArea.objects.filter(valid_to=None, school_id__in=ids)
    }
    seen: dict[tuple[int, int], int] = {}
    for plan in plans:
        row = AreaRow(
            school=world.find(plan, kinds.SCHOOL),
            testing_org=world.find(plan, kinds.TESTING_ORG),
            basis=plan.text(kinds.BASIS),
            since=plan.day(kinds.SINCE, world.on),
        )
        plan.data = row
        if row.school is None or row.testing_org is None:
            continue
        plan.label = f"{row.school.short_name} → {row.testing_org.short_name}"
        if Function.SCHOOL not in world.functions[row.school.pk]:
            plan.wrong(kinds.SCHOOL, _("«%(name)s» не школа."), name=row.school.short_name)
        if Function.TESTING_ORG not in world.functions[row.testing_org.pk]:
            plan.wrong(
                kinds.TESTING_ORG,
                _("«%(name)s» не тестирующая организация."),
                name=row.testing_org.short_name,
            )
        pair = (row.school.pk, row.testing_org.pk)
        earlier = seen.setdefault(pair, plan.number)
        if earlier != plan.number:
            plan.wrong_row(_("то же закрепление, что в строке %(earlier)s."), earlier=earlier)
        row.known = standing.get(pair)
        if row.known:
            plan.compare(kinds.BASIS, row.known.basis, row.basis)
        plan.settle(new=row.known is None)
    return plans
