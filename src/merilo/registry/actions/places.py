"""Places of testing (ППТ) and their rooms."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from merilo import law
from merilo.foundation.journal.recording import record
from merilo.registry import access, queries, rules, steps
from merilo.registry.access import Viewer, permit
from merilo.registry.models import Room, TestingPlace
from merilo.registry.rules import Function, RoomFacts

from .organisations import OpenWork


def add_place(
    *,
    organisation_id: int,
    name: str,
    address: str,
    accessible: bool,
    valid_from: date,
    actor: Viewer,
    now: datetime,
) -> TestingPlace:
    permit(actor, access.ROLES, "registry.edit")
    with transaction.atomic(durable=True):
        organisation = steps.lock_organisation(organisation_id, actor)
        law.refuse(
            rules.reasons_against_place(
                name=name,
                address=address,
                organisation=organisation.short_name,
                is_testing_org=queries.with_function(
                    organisation, Function.TESTING_ORG, on=valid_from
                ),
            )
        )
        place = TestingPlace.objects.create(
            organisation=organisation,
            name=name.strip(),
            address=address.strip(),
            accessible=accessible,
            valid_from=valid_from,
        )
        record("registry.created", actor=actor, about=place, at=now, of=organisation.pk)
    return place


def close_place(
    *, place_id: int, until: date, open_work: OpenWork, actor: Viewer, now: datetime
) -> TestingPlace:
    """The last day of a place and its rooms; `open_work` counts the days planned there after it."""
    permit(actor, access.ROLES, "registry.edit")
    with transaction.atomic(durable=True):
        place = _locked_place(place_id, actor)
        law.refuse(
            rules.reasons_against_closing(
                place.period(), until, below=0, open_work=open_work(place.pk)
            )
        )
        place.valid_to = until
        place.save(update_fields=["valid_to"])
        place.rooms.filter(valid_to=None, valid_from__lte=until).update(valid_to=until)
        record("registry.closed", actor=actor, about=place, at=now)
    return place


def add_room(
    *, place_id: int, room: RoomFacts, valid_from: date, actor: Viewer, now: datetime
) -> Room:
    permit(actor, access.ROLES, "registry.edit")
    with transaction.atomic(durable=True):
        place = _locked_place(place_id, actor)
        taken = place.rooms.filter(Q(valid_to=None), number=room.number).exists()
        law.refuse(
            [
                *rules.reasons_against_room(room, taken=taken),
                *([rules.ALREADY_CLOSED(until=place.valid_to)] if place.valid_to else []),
            ]
        )
        made = Room.objects.create(place=place, valid_from=valid_from, **asdict(room))
        record("registry.created", actor=actor, about=made, at=now, of=place.pk)
    return made


def close_room(*, room_id: int, until: date, actor: Viewer, now: datetime) -> Room:
    """The last day of a room: later days of testing are laid out without it."""
    permit(actor, access.ROLES, "registry.edit")
    with transaction.atomic(durable=True):
        room = Room.objects.select_related("place").get(pk=room_id)
        _locked_place(room.place_id, actor)
        room.refresh_from_db()
        law.refuse(rules.reasons_against_ending(room.period(), until))
        room.valid_to = until
        room.save(update_fields=["valid_to"])
        record("registry.closed", actor=actor, about=room, at=now)
    return room


def _locked_place(place_id: int, actor: Viewer) -> TestingPlace:
    """The place, locked, in the actor's scope. Raises `TestingPlace.DoesNotExist`."""
    return (
        TestingPlace.objects.filter(queries.below(actor, "organisation__"))
        .select_for_update(of=("self",))
        .get(pk=place_id)
    )
