"""What the registry may hold: periods of validity, codes of schools, kinds of organisations."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class TerritoryKind(StrEnum):
    REGION = "region"
    URBAN_DISTRICT = "urban_district"  # городской округ
    MUNICIPAL_DISTRICT = "municipal_district"  # муниципальный район
    MUNICIPAL_OKRUG = "municipal_okrug"  # муниципальный округ


class Function(StrEnum):
    """What an organisation does in the procedure; one organisation may do several."""

    MINISTRY = "ministry"
    RCOI = "rcoi"
    MOUO = "mouo"
    SCHOOL = "school"
    TESTING_ORG = "testing_org"


class Ownership(StrEnum):
    STATE = "state"
    MUNICIPAL = "municipal"
    PRIVATE = "private"


@dataclass(frozen=True)
class Period:
    """From a day to a day, both included; `until` None means still open."""

    since: date
    until: date | None = None

    def holds(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)

    def overlaps(self, other: Period) -> bool:
        return (self.until is None or other.since <= self.until) and (
            other.until is None or self.since <= other.until
        )


EXAM_CODE = re.compile(r"\d{3}")


def is_exam_code(code: str) -> bool:
    """Three digits, 001–999: the school's code for ГИА and ВПР."""
    return bool(EXAM_CODE.fullmatch(code)) and code != "000" and code.isascii()


def search_key(*names: str) -> str:
    """Names as they are searched and sorted: lower case, ё as е, one space."""
    joined = unicodedata.normalize("NFC", " ".join(name.strip() for name in names if name))
    return " ".join(joined.lower().replace("ё", "е").split())
