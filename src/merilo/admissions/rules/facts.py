"""What the rules need to know of an application, its documents and its referral."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from merilo.law import Value, add_years

from .states import (
    ApplicationState,
    Category,
    Channel,
    DocumentKind,
    DocumentState,
    ReferralState,
    RegisterCheck,
)


@dataclass(frozen=True)
class DocumentFacts:
    kind: DocumentKind
    state: DocumentState
    valid_until: date | None = None
    comment: str = ""


@dataclass(frozen=True)
class Requirement:
    """A document of the set and whether the set is incomplete without it."""

    kind: DocumentKind
    mandatory: bool
    needs_translation: bool
    value: Value = field(compare=False)


@dataclass(frozen=True)
class ApplicationFacts:
    """What the rules need to know of an application, and no more."""

    grade: int
    category: Category
    birth_date: date
    received_on: date
    state: ApplicationState = ApplicationState.COMPLETENESS_CHECK
    channel: Channel = Channel.EPGU
    consent_to_test: bool = True
    has_representative: bool = True
    citizenship: str = "?"
    stateless: bool = False
    submitted_on: date | None = None
    documents: tuple[DocumentFacts, ...] = ()
    register_check: RegisterCheck = RegisterCheck.NOT_DONE
    full_set_on: date | None = None


@dataclass(frozen=True)
class ReferralFacts:
    state: ReferralState
    issued_on: date
    received_on: date | None
    copies_sent_to: frozenset[str] = frozenset()


def age_on(birth_date: date, day: date) -> int:
    """Full years on the day; a person is of age on the birthday itself."""
    years = day.year - birth_date.year
    return years - (add_years(birth_date, years) > day)
