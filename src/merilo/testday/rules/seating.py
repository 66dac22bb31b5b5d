"""Who sits where: one grade in a written room at a time, a place each; letter, items 7, 11."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from merilo.law import Form


@dataclass(frozen=True)
class Comer:
    """Somebody who is expected or has come. `key` is his booking."""

    key: int
    grade: int
    form: Form
    needs_accessible: bool = False


@dataclass(frozen=True)
class OpenRoom:
    number: str
    workplaces: int
    accessible_places: int = 0
    for_oral: bool = True
    for_written: bool = True


@dataclass(frozen=True)
class Seating:
    """Rooms of both parts; `slot` is the turn in the written room, 1 for the first sitting."""

    oral: str = ""
    written: str = ""
    slot: int = 1


@dataclass
class _Sitting:
    """One written room at one time."""

    room: OpenRoom
    slot: int
    grade: int | None = None
    seated: int = 0
    accessible: int = 0

    def fits(self, comer: Comer) -> bool:
        return (
            self.grade in (None, comer.grade)
            and self.seated < self.room.workplaces
            and (not comer.needs_accessible or self.accessible < self.room.accessible_places)
        )

    def take(self, comer: Comer) -> None:
        self.grade = comer.grade
        self.seated += 1
        self.accessible += comer.needs_accessible


@dataclass
class _Sittings:
    rooms: Sequence[OpenRoom]
    made: list[_Sitting] = field(default_factory=list)

    def at(self, room: str, slot: int) -> _Sitting | None:
        self._open(slot)
        return next((s for s in self.made if s.room.number == room and s.slot == slot), None)

    def best_for(self, comer: Comer) -> _Sitting | None:
        """His grade's sitting, then an empty one, then a later one; None without any room."""
        if not self.rooms:
            return None
        slots = {s.slot for s in self.made} or {1}
        for slot in (*sorted(slots), max(slots) + 1):
            self._open(slot)
            here = [s for s in self.made if s.slot == slot and s.fits(comer)]
            if here:
                return min(here, key=lambda sitting: _preference(sitting, comer))
        return None

    def _open(self, slot: int) -> None:
        if not any(s.slot == slot for s in self.made):
            self.made += [_Sitting(room, slot) for room in self.rooms]


def _preference(sitting: _Sitting, comer: Comer) -> tuple[bool, bool, str]:
    """Among his own grade first; equipped rooms are kept for those who need one."""
    equipped = bool(sitting.room.accessible_places)
    return sitting.grade != comer.grade, equipped != comer.needs_accessible, sitting.room.number


def seat(
    comers: Iterable[Comer],
    rooms: Sequence[OpenRoom],
    *,
    seated: Mapping[int, Seating] | None = None,
) -> dict[int, Seating]:
    """A place for each comer by key; those already `seated` keep theirs.

    A grade is seated together; where no room is open for a part, that room is "".
    """
    seated = seated or {}
    everyone = sorted(comers, key=lambda one: (not one.needs_accessible, one.grade, one.key))
    written = _Sittings([room for room in rooms if room.for_written])
    oral_rooms = [room for room in rooms if room.for_oral]
    load = Counter({room.number: 0 for room in oral_rooms})
    for one in everyone:
        if one.key not in seated:
            continue
        place = seated[one.key]
        load[place.oral] += 1
        sitting = written.at(place.written, place.slot) if place.written else None
        if sitting:
            sitting.take(one)
    found = dict(seated)
    for one in everyone:
        if one.key in seated:
            continue
        oral = _oral_room(one, oral_rooms, load)
        load[oral] += 1
        if one.form == Form.ORAL:
            found[one.key] = Seating(oral)
            continue
        sitting = written.best_for(one) or written.best_for(
            Comer(one.key, one.grade, one.form)  # no equipped place: the checklist will say so
        )
        if sitting:
            sitting.take(one)
        found[one.key] = Seating(
            oral, sitting.room.number if sitting else "", sitting.slot if sitting else 1
        )
    return found


def _oral_room(one: Comer, rooms: Sequence[OpenRoom], load: Mapping[str, int]) -> str:
    """The oral room with the fewest people, an equipped one for those who need it."""
    fitting = [room for room in rooms if room.accessible_places] if one.needs_accessible else rooms
    if not (fitting := fitting or rooms):
        return ""
    return min(fitting, key=lambda room: (load[room.number], room.number)).number
