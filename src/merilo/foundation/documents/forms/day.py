"""The protocol of a day of testing."""

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, kw_only=True)
class CommissionMember:
    """A member of the commission and the duties of this day (Порядок, п. 6.2)."""

    name: str
    duty: str


@dataclass(frozen=True, kw_only=True)
class DayParticipant:
    """One who came. `documents`: what was shown at the door (Порядок, п. 7.2)."""

    code: str
    full_name: str
    grade: int
    oral_only: bool
    variant_oral: str = ""
    variant_written: str = ""
    room_oral: str = ""
    room_written: str = ""
    arrived_at: time | None = None
    documents: str = ""
    outcome: str = ""  # «прошёл тестирование полностью», «аннулировано»


@dataclass(frozen=True, kw_only=True)
class NoShow:
    """One who was booked and did not come (Порядок, п. 4.4.7, 7.1)."""

    full_name: str
    grade: int
    referral_number: str
    school: str = ""
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class NotAdmitted:
    """One who came and was not admitted (Порядок, п. 7.2)."""

    full_name: str
    grade: int
    referral_number: str
    reason: str
    school: str = ""


@dataclass(frozen=True, kw_only=True)
class DayAnnulment:
    """An annulment as entered in the protocol of the day (Порядок, п. 7.5)."""

    code: str
    full_name: str
    reason_code: str
    reason: str
    law: str
    decided_by: str
    decided_at: time | None = None


@dataclass(frozen=True, kw_only=True)
class Incident:
    """Something the commission wrote down; `measures`: what was done about it."""

    words: str
    at: time | None = None
    measures: str = ""


@dataclass(frozen=True, kw_only=True)
class DayProtocol:
    """«Протокол проведения тестирования»: Порядок, п. 7; письмо, п. 18."""

    number: str
    test_date: date
    testing_org: str
    place: str
    place_address: str
    commission: tuple[CommissionMember, ...]
    participants: tuple[DayParticipant, ...]
    no_shows: tuple[NoShow, ...] = ()
    not_admitted: tuple[NotAdmitted, ...] = ()
    annulments: tuple[DayAnnulment, ...] = ()
    incidents: tuple[Incident, ...] = ()
    briefing_at: time | None = None
    oral_started_at: time | None = None
    oral_finished_at: time | None = None
    written_started_at: time | None = None
    written_finished_at: time | None = None
    scheme: str = ""  # how oral answers were marked (Порядок, п. 4.4.11)
    appointed_by: str = ""  # «приказ от 10.03.2026 № 14» — the act that named the commission
