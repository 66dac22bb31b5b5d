"""Whether two records may be one child."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class PersonFacts:
    name_key: str
    birth_date: date | None
    document_number: str = ""


# Look-alike Latin letters and the letters clerks write in two ways.
_SAME = str.maketrans(
    {"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "y": "у", "x": "х", "k": "к", "m": "м"}
    | {"t": "т", "b": "в", "h": "н", "ё": "е", "й": "и", "ъ": "", "ь": "", "-": "", " ": ""}
)


def name_key(last_name: str, first_name: str) -> str:
    """A key under which spellings of one name fall together: «Мусаев» and «Myсаев», Ё and Е."""
    letters = f"{last_name}{first_name[:3]}".lower().translate(_SAME)
    key = "".join(c for i, c in enumerate(letters) if i == 0 or c != letters[i - 1])
    return key[:120]


def likeness(one: PersonFacts, other: PersonFacts) -> str:
    """Why two records may be one child: «document», «name and birth date», or nothing."""
    if one.document_number and one.document_number == other.document_number:
        return "document"
    if one.birth_date and one.birth_date == other.birth_date and one.name_key == other.name_key:
        return "name"
    return ""
