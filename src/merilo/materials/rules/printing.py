"""What is printed for a test day, and how many copies; letter 03-608, item 13; order, item 6.5."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from merilo.law import Form, Profile

BOTH = "both"
CARDS = frozenset({"ORAL_CONDUCTOR_CARD", "ORAL_PARTICIPANT_CARD"})


@dataclass(frozen=True)
class Counts:
    """The people of one grade on one day."""

    oral_conductors: int = 0
    written_conductors: int = 0
    experts: int = 0
    oral_participants: int = 0
    written_participants: int = 0


@dataclass(frozen=True)
class PrintRow:
    """One item to print. `part` is oral, written or both."""

    code: str
    title: str
    part: str
    copies: int


@dataclass(frozen=True)
class PrintPlan:
    grade: int
    rows: tuple[PrintRow, ...]

    @property
    def total(self) -> int:
        return sum(row.copies for row in self.rows)


def print_plan(
    grade: int,
    form: Form,
    counts: Counts,
    *,
    oral_variants: int = 1,
    on: date,
    profile: Profile,
) -> PrintPlan:
    """The plan of one grade on one day; an oral form has no written rows at all.

    With more than one oral variant the cards are printed for each of them.
    """
    per = {
        "oral_conductor": counts.oral_conductors,
        "written_conductor": counts.written_conductors,
        "expert": counts.experts,
        "oral_participant": counts.oral_participants,
        "written_participant": counts.written_participants,
    }
    table = profile.value("materials.print_plan", on=on).value
    return PrintPlan(
        grade,
        tuple(
            PrintRow(
                code,
                row["title"],
                row["part"],
                row["copies"] * per[row["per"]] * (oral_variants if code in CARDS else 1),
            )
            for code, row in table.items()
            if form != Form.ORAL or row["part"] != "written"
        ),
    )


def print_plans(
    grades: Mapping[int, tuple[Form, Counts]], *, on: date, profile: Profile
) -> tuple[PrintPlan, ...]:
    """A plan for each grade of the day: they are never put together."""
    return tuple(
        print_plan(grade, form, counts, on=on, profile=profile)
        for grade, (form, counts) in sorted(grades.items())
    )


def copies_in_all(plans: Iterable[PrintPlan]) -> int:
    """Sheets sets to print on the day, over all grades."""
    return sum(plan.total for plan in plans)
