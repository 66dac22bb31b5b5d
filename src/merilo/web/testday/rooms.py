"""Page: the rooms while the day runs, a tile for everyone, one press for each event."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from merilo.foundation import clock
from merilo.law import Part, Refused
from merilo.testday import actions, queries, rules
from merilo.testday.rules import AttemptState
from merilo.web import refusals
from merilo.web.routes import page

from .scope import CONDUCT, day_to_conduct, frame, profile

S = AttemptState
KINDS = {
    S.ADMITTED: "wait",
    S.BRIEFED: "wait",
    S.ORAL_RUNNING: "soon",
    S.WRITTEN_RUNNING: "soon",
    S.ORAL_DONE: "ok",
    S.WRITTEN_DONE: "ok",
    S.MARKED: "ok",
    S.CONSOLIDATED: "ok",
    S.ANNULLED: "late",
    S.INTERRUPTED_TECH: "late",
    S.INTERRUPTED_PERSONAL: "late",
}
RUNNING = {Part.ORAL: S.ORAL_RUNNING, Part.WRITTEN: S.WRITTEN_RUNNING}


@dataclass
class Tile:
    """One participant in one room, for the part that is taken there."""

    one: Any
    part: Part
    until: datetime | None = None
    refused: bool = False  # came and was turned away
    next: str = ""  # "start", "finish" or nothing to press

    @property
    def attempt(self):
        return self.one.attempt

    @property
    def kind(self) -> str:
        return KINDS[AttemptState(self.attempt.state)] if self.attempt else "free"

    @property
    def words(self) -> str:
        if not self.attempt:
            return _("не допущен") if self.refused else _("ещё не пришёл")
        return _(rules.ATTEMPT_WORDS[AttemptState(self.attempt.state)])

    @property
    def variant(self) -> str:
        if not self.attempt:
            return ""
        row = getattr(self.attempt, f"variant_{self.part}")
        return row.number if row else ""


@page(roles=CONDUCT)
@require_GET
def rooms(request: HttpRequest, day_id: int) -> HttpResponse:
    day = day_to_conduct(request, day_id)
    law = profile()
    view = queries.day_view(day, profile=law)
    most = law.value("testday.max_minutes", on=day.session.held_on)
    halls = in_rooms(view, most.value)
    return render(
        request,
        "testday/rooms.html",
        frame(request, day, "day-rooms")
        | {
            "halls": halls,
            "most": most,
            "now": clock.now(),
            "unbriefed": len(view.in_states(S.ADMITTED)),
            "absent": view.no_shows,
            "not_admitted": view.not_admitted,
            "without_room": [one for one in view.people if not one.seating.oral],
            "is_chair": queries.is_chair(request.viewer, day),
        },
    )


def in_rooms(view, most: int) -> list[dict[str, Any]]:
    """The rooms of the day by part and turn, each with its people and what may be pressed."""
    people: dict[tuple[str, Part, int], list[Tile]] = defaultdict(list)
    refused = queries.turned_away(view.day)
    for one in view.people:
        for part in rules.parts_of(one.form):
            room = one.seating.oral if part == Part.ORAL else one.seating.written
            slot = one.seating.slot if part == Part.WRITTEN else 1
            if room:
                people[room, part, slot].append(
                    tile(view, one, part, most, refused=one.booking.pk in refused)
                )
    halls = []
    for (room, part, slot), tiles in sorted(people.items(), key=lambda item: item[0]):
        halls.append(
            {
                "room": room,
                "part": part.value,
                "words": _("устная часть") if part == Part.ORAL else _("письменная часть"),
                "slot": slot,
                "anchor": f"r{room}-{part}-{slot}",
                "tiles": tiles,
                "grades": sorted({t.one.booking.referral.grade for t in tiles}),
                "staff": [
                    view.names[a.position_id]
                    for a in view.assignments
                    if a.room and a.room.number == room and a.role.startswith(part.value)
                ],
                "start": [t.attempt.pk for t in tiles if t.next == "start"],
                "finish": [t.attempt.pk for t in tiles if t.next == "finish"],
                "texts": sorted(
                    {
                        t.attempt.variant_written.listening_text
                        for t in tiles
                        if part == Part.WRITTEN and t.attempt and t.attempt.variant_written
                    }
                    - {""}
                ),
            }
        )
    return halls


def tile(view, one, part: Part, most: int, *, refused: bool = False) -> Tile:
    attempt = one.attempt
    if attempt is None:
        return Tile(one, part, refused=refused)
    state = AttemptState(attempt.state)
    if state == RUNNING[part]:
        started = attempt.oral_started_at if part == Part.ORAL else attempt.written_started_at
        until = started + timedelta(minutes=most) - used(attempt, part)
        return Tile(one, part, until, next="finish")
    open_now = view.day.state == rules.SessionDayState.RUNNING
    possible = rules.next_states(state, form=one.form, taken=queries.parts_taken(attempt))
    return Tile(one, part, next="start" if open_now and RUNNING[part] in possible else "")


def used(attempt, part: Part) -> timedelta:
    """The time the other part took: both together have a limit."""
    since, until = (
        (attempt.written_started_at, attempt.written_finished_at)
        if part == Part.ORAL
        else (attempt.oral_started_at, attempt.oral_finished_at)
    )
    return until - since if since and until else timedelta()


@page(roles=CONDUCT)
@require_POST
def act(request: HttpRequest, day_id: int) -> HttpResponse:
    """Begin or end a part for one or for a whole room."""
    day = day_to_conduct(request, day_id)
    ids = [int(one) for one in request.POST.getlist("ids") if one.isdigit()]
    part, what = request.POST.get("part", ""), request.POST.get("what", "")
    mine = queries.attempts_visible_to(request.viewer).filter(pk__in=ids, day=day)
    if part in list(Part) and what in ("start", "finish") and ids and mine.count() == len(ids):
        do = actions.start_part if what == "start" else actions.finish_part
        try:
            told = do(attempt_ids=ids, part=Part(part), actor=request.viewer, now=clock.now())
        except Refused as refused:
            refusals.flash(request, refused)
        else:
            refusals.flash(request, told)
    where = request.POST.get("anchor", "")
    address = reverse("day-rooms", args=[day.pk])
    return redirect(f"{address}#{where}" if where.isprintable() else address)
