"""What facts look like in JSON, and how one is read: a kind says its word and refuses the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from merilo.cli.law.output import Unanswerable, as_words, day_from
from merilo.law import Answer, Profile

Read = Callable[[Any, str], Any]  # (what was given, whose value it is) -> value, or Unanswerable
LONGEST_TEXT = 500
MOST_ITEMS = 10_000


@dataclass(frozen=True)
class Kind:
    word: str
    read: Read
    choices: tuple[str, ...] = ()
    fields: tuple[Fact, ...] = ()  # of an object


@dataclass(frozen=True)
class Fact:
    """One fact of a question. A fact that is not required has a default."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    default: Any = None


@dataclass(frozen=True)
class Question:
    """A rule that may be asked from outside, with an example that runs in primorye-2025."""

    name: str
    title: str
    facts: tuple[Fact, ...]
    example: Mapping[str, Any]
    answer: Callable[[Mapping[str, Any], Profile], Answer] = field(compare=False)


def _refuse(what: str, given: Any, needed: str) -> Unanswerable:
    shown = as_words(given) if isinstance(given, bool | int | float | str | None) else "…"
    return Unanswerable(f"{what}: «{shown[:60]}» — не то, что нужно. Нужно {needed}.")


def _moment(given: Any, what: str) -> datetime:
    if isinstance(given, str) and "T" in given:
        day_from(given.partition("T")[0], what)
        try:
            return datetime.fromisoformat(given)
        except ValueError:
            pass
    raise _refuse(what, given, "время вида 2026-03-16T08:00 (местное)")


def _text(given: Any, what: str) -> str:
    if not isinstance(given, str) or len(given) > LONGEST_TEXT:
        raise _refuse(what, given, f"строка до {LONGEST_TEXT} знаков")
    return given


def _flag(given: Any, what: str) -> bool:
    if not isinstance(given, bool):
        raise _refuse(what, given, "true или false")
    return given


def _points(given: Any, what: str) -> dict[str, Any]:
    """Points stay as they are: the rule itself says which of them cannot be."""
    if not isinstance(given, dict):
        raise _refuse(what, given, 'объект вида {"Д1": 1, "Д2": 0}')
    return given


DATE = Kind("date", day_from)
MOMENT = Kind("datetime", _moment)
TEXT = Kind("text", _text)
FLAG = Kind("flag", _flag)
POINTS = Kind("points", _points)


def whole(least: int, most: int) -> Kind:
    """A whole number from `least` to `most`."""

    def read(given: Any, what: str) -> int:
        if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= most:
            raise _refuse(what, given, f"целое число от {least} до {most}")
        return given

    return Kind("integer", read)


def one_of(choices: Iterable[str]) -> Kind:
    """One of the words; a StrEnum gives its members."""
    known = {str(choice): choice for choice in choices}

    def read(given: Any, what: str) -> str:
        if not isinstance(given, str) or given not in known:
            raise _refuse(what, given, "одно из: " + ", ".join(known))
        return known[given]

    return Kind("choice", read, tuple(known))


def many(kind: Kind) -> Kind:
    """A list; one value alone is a list of one."""

    def read(given: Any, what: str) -> tuple[Any, ...]:
        items = given if isinstance(given, list) else [given]
        if len(items) > MOST_ITEMS:
            raise Unanswerable(f"{what}: больше {MOST_ITEMS} значений. Сократите список.")
        return tuple(kind.read(one, f"{what}[{number}]") for number, one in enumerate(items))

    return Kind(f"list of {kind.word}", read, kind.choices, kind.fields)


def record(*fields: Fact) -> Kind:
    """An object with these facts in it."""

    def read(given: Any, what: str) -> dict[str, Any]:
        if not isinstance(given, dict):
            raise _refuse(what, given, "объект с полями " + ", ".join(f.name for f in fields))
        return read_facts(fields, given, what)

    return Kind("object", read, fields=fields)


def read_facts(facts: Iterable[Fact], given: Mapping[str, Any], whose: str) -> dict[str, Any]:
    """Every fact by name, defaults filled in. Raises `Unanswerable` in one sentence."""
    known = {fact.name: fact for fact in facts}
    if strange := [name for name in given if name not in known]:
        raise Unanswerable(
            f"{whose}: неизвестный факт «{strange[0][:60]}». Известны: {', '.join(known)}."
        )
    absent = [name for name, fact in known.items() if fact.required and given.get(name) is None]
    if absent:
        raise Unanswerable(f"{whose}: не хватает фактов: {', '.join(absent)}.")
    return {
        name: fact.default
        if given.get(name) is None
        else fact.kind.read(given[name], f"Факт «{name}»")
        for name, fact in known.items()
    }
