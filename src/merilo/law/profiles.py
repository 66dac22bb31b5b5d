"""Read the acts, the parameters and the profiles. Refuse anything a lawyer could not check.

A profile is a chain of folders (a region's own, then its parents'). A parameter is looked up
through the whole chain, and the strongest act in force on the day gives the value: federal norm,
regional act, federal recommendation, published statement, office default. A regional act may be
stricter than a federal norm; where it is laxer the norm stands and `laxer_than_norm` reports it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from .errors import InvalidLaw, NoSuchParameter, NoSuchProfile, NotInForce
from .files import law_folders, read_yaml
from .sources import PRECEDENCE, Act, Certainty, Rank, Source, Value
from .working_days import WorkingDays, calendar

DEFINITION_KEYS = {
    "title",
    "unit",
    "kind",
    "deadline",
    "conflict",
    "stricter",
    "reading",
    "choices",
    "unset",
}
VALUE_KEYS = {"value", "act", "paragraph", "certainty", "until", "note", "reading"}
PROFILE_KEYS = {"title", "valid_from", "valid_to", "parent", "calendar", "timezone", "note"}
KINDS: dict[str, tuple[type, ...]] = {
    "integer": (int,),
    "number": (int, float),
    "flag": (bool,),
    "choice": (str,),
    "text": (str,),
    "list": (list,),
    "table": (dict,),
    "time": (str,),
    "date": (date,),
}


@dataclass(frozen=True)
class Definition:
    """What a parameter means, whatever its value: unit, deadline, the reading signed for."""

    name: str
    title: str
    unit: str
    kind: str
    reading: str = ""
    deadline: str = ""
    conflict: str = ""
    stricter: str = ""  # "higher" or "lower" where a stricter value can be told
    unset: str = ""  # why a profile may have no value for it
    choices: dict[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Profile:
    """The law of one region: look values up by name and day."""

    id: str
    title: str
    valid_from: date
    valid_to: date | None
    timezone: str
    calendar_id: str
    chain: tuple[str, ...]
    values: dict[str, tuple[Value, ...]] = field(hash=False, compare=False)

    @property
    def days(self) -> WorkingDays:
        return calendar(self.calendar_id)

    def value(self, name: str, *, on: date) -> Value:
        """The value in force on `on`, with its act and paragraph. Raises `NotInForce`."""
        definition(name)
        if on < self.valid_from or (self.valid_to and on > self.valid_to):
            raise NotInForce(
                f"Профиль {self.id} действует с {self.valid_from}"
                + (f" по {self.valid_to}" if self.valid_to else "")
                + f"; на {on} он правил не даёт."
            )
        candidates = self.candidates(name, on=on)
        if not candidates:
            begins = min((v.since for v in self.values.get(name, ())), default=None)
            raise NotInForce(
                f"Параметр {name} на {on} в профиле {self.id} не установлен"
                + (f"; первое значение действует с {begins}." if begins and begins > on else ".")
            )
        return candidates[0]

    def value_if_any(self, name: str, *, on: date) -> Value | None:
        """The value in force, or None where the acts are silent: the caller must say so."""
        definition(name)
        return self.value(name, on=on) if self.candidates(name, on=on) else None

    def candidates(self, name: str, *, on: date) -> list[Value]:
        """Every value in force on the day, the one that stands first.

        Of several acts of one rank in one profile the newest speaks.
        """
        newest: dict[tuple[str, str], Value] = {}
        for value in self.values.get(name, ()):
            if value.since <= on and not (value.until and value.until < on):
                newest[value.profile, value.source.act.rank] = value
        depth = {folder: index for index, folder in enumerate(self.chain)}
        found = sorted(
            newest.values(),
            key=lambda v: (PRECEDENCE.index(v.source.act.rank), depth[v.profile]),
        )
        ranks = [one.source.act.rank for one in found[:2]]
        if ranks == [Rank.FEDERAL_NORM, Rank.REGIONAL_ACT] and _is_stricter(found[1], found[0]):
            found[0], found[1] = found[1], found[0]
        return found

    def laxer_than_norm(self, on: date) -> list[tuple[Value, Value]]:
        """Pairs (regional value, federal norm) in which the region is laxer than it may be."""
        pairs = []
        for name in sorted(self.values):
            candidates = self.candidates(name, on=on)
            norms = [c for c in candidates if c.source.act.rank == Rank.FEDERAL_NORM]
            acts_of_regions = [c for c in candidates if c.source.act.rank == Rank.REGIONAL_ACT]
            for norm in norms[:1]:
                pairs += [(lax, norm) for lax in acts_of_regions if _is_stricter(norm, lax)]
        return pairs

    def next_change(self, name: str, *, on: date) -> date | None:
        """The first day after `on` from which the value, or the act behind it, is another one."""
        values = self.values.get(name, ())
        ends = {value.until + timedelta(days=1) for value in values if value.until}
        starts = {value.since for value in values}
        now = self.candidates(name, on=on)[:1]
        for day in sorted(day for day in starts | ends if day > on):
            if self.candidates(name, on=day)[:1] != now:
                return day
        return None

    def names(self) -> list[str]:
        return sorted(self.values)


def _is_stricter(one: Value, other: Value) -> bool:
    """Whether `one` asks more than `other`; never so where the parameter has no direction."""
    direction = {"higher": 1, "lower": -1}.get(definition(one.name).stricter, 0)
    return bool((one.value - other.value) * direction > 0) if direction else False


@cache
def acts() -> dict[str, Act]:
    """Every act once, by id."""
    found: dict[str, Act] = {}
    for folder in law_folders():
        path = folder / "acts.yaml"
        if not path.exists():
            continue
        for act_id, entry in read_yaml(path).items():
            try:
                found[act_id] = Act(id=act_id, **(entry | {"rank": Rank(entry["rank"])}))
                for day in (found[act_id].adopted, found[act_id].in_force_until):
                    if day is not None and type(day) is not date:
                        raise ValueError(f"{day} is not a day")
            except (TypeError, KeyError, ValueError) as wrong:
                raise InvalidLaw(f"{path}: act {act_id!r}: {wrong}") from wrong
    return found


def cite(act: str, paragraph: str) -> Source:
    """A paragraph of a listed act, for a rule that has no parameter behind it."""
    return Source(acts()[act], paragraph)


@cache
def definitions() -> dict[str, Definition]:
    """Every parameter's meaning, by name `<group>.<name>`."""
    found: dict[str, Definition] = {}
    for folder in law_folders():
        for path in sorted((folder / "parameters").glob("*.yaml")):
            for name, entry in read_yaml(path).items():
                full = f"{path.stem}.{name}"
                found[full] = _definition(full, entry, f"{path}: {name}")
    return found


def _definition(name: str, entry: Any, where: str) -> Definition:
    if not isinstance(entry, dict):
        raise InvalidLaw(f"{where}: a parameter has title, unit and kind")
    if wrong := set(entry) - DEFINITION_KEYS | ({"title", "unit", "kind"} - set(entry)):
        raise InvalidLaw(f"{where}: missing or unknown: {sorted(map(str, wrong))}")
    if entry["kind"] not in KINDS:
        raise InvalidLaw(f"{where}: unknown kind {entry['kind']!r}")
    if (entry["kind"] == "choice") is not bool(entry.get("choices")):
        raise InvalidLaw(f"{where}: a choice lists its choices, nothing else does")
    directions = ("", "higher", "lower") if entry["kind"] in ("integer", "number") else ("",)
    if entry.get("stricter", "") not in directions:
        raise InvalidLaw(f"{where}: only a number is stricter «higher» or «lower»")
    words = {key: str(entry.get(key, "")).strip() for key in ("reading", "unset")}
    return Definition(name, **(entry | words))


def definition(name: str) -> Definition:
    """The meaning of a parameter. Raises `NoSuchParameter`."""
    try:
        return definitions()[name]
    except KeyError:
        raise NoSuchParameter(f"Параметра {name!r} нет. Список имён: merilo law list.") from None


def _values_in(folder: Path, profile_id: str) -> Iterator[Value]:
    for path in sorted(folder.glob("*.yaml")):
        if path.stem == "profile":
            continue
        for name, dated in read_yaml(path).items():
            full = f"{path.stem}.{name}"
            if full not in definitions():
                raise InvalidLaw(f"{path}: {full} is not defined in parameters/{path.name}")
            if not isinstance(dated, dict):
                raise InvalidLaw(f"{path}: {full}: each value stands under the day it begins")
            for since, entry in dated.items():
                where = f"{path}: {full} from {since}"
                if type(since) is not date:
                    raise InvalidLaw(f"{where}: this is not a day")
                yield _value(definition(full), since, entry, profile_id, where)


def _value(meaning: Definition, since: date, entry: Any, profile_id: str, where: str) -> Value:
    if not isinstance(entry, dict):
        raise InvalidLaw(f"{where}: a value has value, act, paragraph and certainty")
    needed = {"value", "act", "paragraph", "certainty"}
    if wrong := set(entry) - VALUE_KEYS | (needed - set(entry)):
        raise InvalidLaw(f"{where}: missing or unknown: {sorted(map(str, wrong))}")
    if entry["act"] not in acts():
        raise InvalidLaw(f"{where}: act {entry['act']!r} is not listed in acts.yaml")
    if entry["certainty"] not in list(Certainty):
        raise InvalidLaw(f"{where}: certainty is A, B, C or D, not {entry['certainty']!r}")
    until = entry.get("until")
    if until is not None and (type(until) is not date or until < since):
        raise InvalidLaw(f"{where}: it cannot end on {until}")
    return Value(
        name=meaning.name,
        value=_checked(entry["value"], meaning, where),
        unit=meaning.unit,
        since=since,
        until=until,
        source=Source(acts()[entry["act"]], str(entry["paragraph"])),
        certainty=Certainty(entry["certainty"]),
        reading=str(entry.get("reading", meaning.reading)).strip(),
        profile=profile_id,
        note=str(entry.get("note", "")).strip(),
    )


def _checked(value: Any, meaning: Definition, where: str) -> Any:
    wrong_type = not isinstance(value, KINDS[meaning.kind]) or (
        meaning.kind in ("integer", "number") and isinstance(value, bool)
    )
    if wrong_type or (meaning.choices and value not in meaning.choices):
        raise InvalidLaw(f"{where}: {value!r} is not a value of kind {meaning.kind}")
    if meaning.kind == "time":
        try:
            return time.fromisoformat(value)
        except ValueError as wrong:
            raise InvalidLaw(f"{where}: {value!r} is not a time of day («08:00»)") from wrong
    return value


def profile_ids() -> list[str]:
    """Every profile there is, in the order of the alphabet."""
    return sorted(
        {
            path.parent.name
            for folder in law_folders()
            for path in (folder / "profiles").glob("*/profile.yaml")
        }
    )


@cache
def profile(profile_id: str) -> Profile:
    """The profile with that id, its parents' values included."""
    chain: list[str] = []
    values: dict[str, list[Value]] = {}
    head: dict[str, Any] = {}
    next_id: str | None = profile_id
    while next_id:
        folders = [f / "profiles" / next_id for f in law_folders()]
        folders = [f for f in folders if f.is_dir()]
        heads = [f / "profile.yaml" for f in folders if (f / "profile.yaml").exists()]
        if not heads:
            raise NoSuchProfile(f"Профиля {next_id!r} нет. Есть: {', '.join(profile_ids())}.")
        data = read_yaml(heads[-1])
        if wrong := set(data) - PROFILE_KEYS | ({"title", "valid_from"} - set(data)):
            raise InvalidLaw(f"{heads[-1]}: missing or unknown: {sorted(map(str, wrong))}")
        if next_id in chain:
            raise InvalidLaw(f"{heads[-1]}: the profile is its own ancestor")
        chain.append(next_id)
        for folder in folders:
            for value in _values_in(folder, next_id):
                values.setdefault(value.name, []).append(value)
        head = data | head
        next_id = data.get("parent")
    if missing := {"timezone", "calendar"} - set(head):
        raise InvalidLaw(f"profile {profile_id}: it and its parents lack {sorted(missing)}")
    for key in ("valid_from", "valid_to"):
        if head.get(key) is not None and type(head[key]) is not date:
            raise InvalidLaw(f"profile {profile_id}: {key} is not a day: {head[key]}")
    try:
        ZoneInfo(head["timezone"])
    except (KeyError, ValueError, TypeError) as wrong:
        raise InvalidLaw(f"profile {profile_id}: unknown timezone {head['timezone']}") from wrong
    calendar(head["calendar"])
    return Profile(
        id=profile_id,
        title=head["title"],
        valid_from=head["valid_from"],
        valid_to=head.get("valid_to"),
        timezone=head["timezone"],
        calendar_id=head["calendar"],
        chain=tuple(chain),
        values={name: tuple(sorted(v, key=lambda one: one.since)) for name, v in values.items()},
    )
