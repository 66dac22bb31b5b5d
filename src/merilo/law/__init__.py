"""The law as data: dated values, each with its act and paragraph, looked up through a profile.

>>> from datetime import date
>>> value = profile("primorye-2025").value("booking.min_lead_wd", on=date(2025, 6, 1))
>>> value.value, value.source.paragraph
(7, 'п. 3.3 Порядка (прил. 1)')
"""

from .criteria import shipped_criteria, shipped_matches
from .errors import (
    CalendarNotPublished,
    InvalidLaw,
    LawError,
    NoSuchParameter,
    NoSuchProfile,
    NoSuchSpecification,
    NotInForce,
)
from .profiles import (
    Definition,
    Profile,
    acts,
    cite,
    definition,
    definitions,
    profile,
    profile_ids,
)
from .refusal import Answer, Reason, Refusal, Refused, in_words, refuse
from .scoring import (
    Criterion,
    Form,
    Mode,
    Part,
    ScoringSpec,
    SpecStatus,
    normalise_criterion_code,
    shipped_specifications,
    specification,
    specification_as_data,
    specification_from_data,
    threshold_values,
)
from .sources import PRECEDENCE, Act, Certainty, Rank, Source, Value, decided_under
from .validator import Finding, Level, validate
from .working_days import DayNote, WorkingDays, add_months, add_years, calendar

__all__ = [
    "PRECEDENCE",
    "Act",
    "Answer",
    "CalendarNotPublished",
    "Certainty",
    "Criterion",
    "DayNote",
    "Definition",
    "Finding",
    "Form",
    "InvalidLaw",
    "Level",
    "LawError",
    "Mode",
    "NoSuchParameter",
    "NoSuchProfile",
    "NoSuchSpecification",
    "NotInForce",
    "Part",
    "Profile",
    "Rank",
    "Reason",
    "Refusal",
    "Refused",
    "ScoringSpec",
    "Source",
    "SpecStatus",
    "Value",
    "WorkingDays",
    "acts",
    "add_months",
    "add_years",
    "calendar",
    "cite",
    "decided_under",
    "definition",
    "definitions",
    "in_words",
    "normalise_criterion_code",
    "profile",
    "profile_ids",
    "refuse",
    "shipped_criteria",
    "shipped_matches",
    "shipped_specifications",
    "specification",
    "specification_as_data",
    "specification_from_data",
    "threshold_values",
    "validate",
]
