"""How the command prints: JSON for machines, words for people; and how it reads a day."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import Any

from merilo.foundation import clock
from merilo.law import Act, Definition, Profile, Rank, Value, in_words

RANKS = {
    Rank.FEDERAL_NORM: "федеральная норма",
    Rank.REGIONAL_ACT: "региональный акт",
    Rank.FEDERAL_RECOMMENDATION: "федеральная рекомендация",
    Rank.PUBLISHED: "опубликованное заявление",
    Rank.OFFICE_DEFAULT: "настройка по умолчанию",
}
CERTAINTIES = {
    "A": "дословно в акте",
    "B": "подтверждено независимыми источниками или строго следует",
    "C": "один источник или вывод",
    "D": "не установлено или двусмысленно — решает регион",
}
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
FIRST_YEAR, LAST_YEAR = 1900, 2100


class Unanswerable(Exception):
    """One sentence: what is wrong with what was asked and what to do."""


def day_from(text: Any, what: str) -> date:
    """The day written as ГГГГ-ММ-ДД. Raises `Unanswerable` naming `what`."""
    if not isinstance(text, str) or not DAY.fullmatch(text):
        raise Unanswerable(f"{what}: «{text}» — не дата. Пишите ГГГГ-ММ-ДД, например 2026-03-16.")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Unanswerable(f"{what}: дня «{text}» не бывает. Проверьте число и месяц.") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Unanswerable(f"{what}: год {day.year} слишком далёк. Проверьте его.")
    return day


def day_asked(text: str | None, profile: Profile) -> date:
    """The day of --on, or today where the region is."""
    return day_from(text, "--on") if text else clock.today(profile.timezone)


def as_json(thing: Any) -> Any:
    """Anything an answer may hold, in what JSON can hold. Percentages keep their decimals."""
    if isinstance(thing, Enum):
        return thing.value
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        return {f.name: as_json(getattr(thing, f.name)) for f in dataclasses.fields(thing)}
    if isinstance(thing, Mapping):
        return {str(as_json(key)): as_json(one) for key, one in thing.items()}
    if isinstance(thing, set | frozenset):
        return sorted((as_json(one) for one in thing), key=str)
    if isinstance(thing, list | tuple):
        return [as_json(one) for one in thing]
    if isinstance(thing, Decimal):
        return float(thing)
    if isinstance(thing, time):
        return f"{thing:%H:%M}"
    if hasattr(thing, "isoformat"):
        return thing.isoformat()
    return thing


def print_json(thing: Any) -> None:
    print(json.dumps(as_json(thing), ensure_ascii=False, indent=2))


def as_words(thing: Any, meaning: Definition | None = None) -> str:
    """A value as one short phrase for the terminal."""
    if isinstance(thing, bool):
        return "да" if thing else "нет"
    if thing is None:
        return "—"
    if isinstance(thing, Mapping):
        return f"таблица, строк: {len(thing)}"
    if isinstance(thing, list | tuple | set | frozenset):
        return ", ".join(as_words(one) for one in thing) or "пусто"
    if isinstance(thing, Enum):
        return str(thing.value)
    if meaning is not None and thing in meaning.choices:
        return f"{thing} — {meaning.choices[thing]}"
    return in_words(thing)


def _full_title(act: Act) -> str:
    """The title as it is cited, with its day and number where they are known."""
    day = f" от {act.adopted:%d.%m.%Y}" if act.adopted and act.number else ""
    return act.title + day + (f" N {act.number}" if act.number else "")


def value_record(value: Value) -> dict[str, Any]:
    """A value with everything that proves it, flat."""
    return {
        "name": value.name,
        "value": value.value,
        "unit": value.unit,
        "act": value.source.act.short,
        "act_title": _full_title(value.source.act),
        "act_id": value.source.act.id,
        "rank": value.source.act.rank,
        "paragraph": value.source.paragraph,
        "certainty": value.certainty,
        "reading": value.reading,
        "since": value.since,
        "until": value.until,
        "profile": value.profile,
        "note": value.note,
    }
