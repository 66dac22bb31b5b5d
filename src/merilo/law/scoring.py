"""Scoring specifications: which criteria a grade and form are marked by, and what passes.

A specification is data (a file here, or one a region loads when the authority publishes it).
The thresholds stand in it with their act and paragraph, and are listed among the parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from .errors import InvalidLaw, NoSuchSpecification
from .files import law_folders, read_yaml
from .profiles import Profile, acts
from .sources import Certainty, Source, Value


class Part(StrEnum):
    ORAL = "oral"
    WRITTEN = "written"


class Form(StrEnum):
    ORAL = "oral"
    ORAL_WRITTEN = "oral_written"


class Mode(StrEnum):
    """C-17: the specification of each grade, or the order's printed form for all of 2–11."""

    BY_GRADE_SPEC = "by_grade_spec"
    LITERAL_ORDER_FORM = "literal_order_form"


class SpecStatus(StrEnum):
    CONFIRMED = "confirmed"
    NEEDS_SPECIFICATION = "needs_specification"


THRESHOLDS = ("total_max", "total_min", "oral_max", "oral_min", "written_max")


@dataclass(frozen=True)
class Criterion:
    code: str  # opaque: «Д1», «З10»; the letters carry no logic
    task: int
    part: Part
    max: int


@dataclass(frozen=True)
class Threshold:
    value: int
    source: Source
    certainty: Certainty


@dataclass(frozen=True)
class ScoringSpec:
    """One specification. Points are whole numbers; `written_max` is 0 for an oral form."""

    id: str
    grades: tuple[int, ...]
    form: Form
    mode: Mode
    status: SpecStatus
    valid_from: date
    valid_to: date | None
    criteria: tuple[Criterion, ...]
    thresholds: Mapping[str, Threshold]
    oral_minutes: int | None
    written_minutes: int | None
    note: str = ""

    @property
    def total_max(self) -> int:
        return self.thresholds["total_max"].value

    @property
    def total_min(self) -> int:
        return self.thresholds["total_min"].value

    @property
    def oral_max(self) -> int:
        return self.thresholds["oral_max"].value

    @property
    def oral_min(self) -> int:
        return self.thresholds["oral_min"].value

    @property
    def written_max(self) -> int:
        return self.thresholds["written_max"].value

    def part(self, part: Part) -> tuple[Criterion, ...]:
        return tuple(criterion for criterion in self.criteria if criterion.part == part)

    @property
    def written_by_total(self) -> bool:
        """True while the written criteria are not loaded: only the sum of the part is entered."""
        return self.form == Form.ORAL_WRITTEN and not self.part(Part.WRITTEN)

    def values(self, grade: int, profile_id: str) -> Iterator[Value]:
        """The thresholds as dated values `scoring.grade_<n>.<form>.<threshold>`."""
        for name, threshold in self.thresholds.items():
            yield Value(
                name=f"scoring.grade_{grade}.{self.form}.{name}",
                value=threshold.value,
                unit="первичный балл",
                since=self.valid_from,
                until=self.valid_to,
                source=threshold.source,
                certainty=threshold.certainty,
                reading=self.note,
                profile=profile_id,
                note=f"спецификация {self.id}",
            )


LATIN_TO_CYRILLIC = str.maketrans("ABCEHKMOPTXY", "АВСЕНКМОРТХУ")


def normalise_criterion_code(code: str) -> str:
    """A criterion code with look-alikes put right: «M1» → «М1», «41» → «Ч1», «310» → «З10».

    Only for criterion codes; never for names. Source: the printed form as scanned.
    """
    code = code.strip().upper().translate(LATIN_TO_CYRILLIC)
    if len(code) >= 2 and code.isdigit():
        code = {"4": "Ч", "3": "З"}.get(code[0], code[0]) + code[1:]
    return code


def specification_from_data(data: Mapping[str, Any], where: str) -> ScoringSpec:
    """Check and build a specification. Raises `InvalidLaw` naming `where` and what is wrong."""
    try:
        criteria = tuple(
            Criterion(normalise_criterion_code(str(code)), int(task), Part(part), most)
            for part in Part
            for task, codes in (data.get(part) or {}).items()
            for code, most in codes.items()
        )
        thresholds = {
            name: Threshold(
                data["thresholds"][name]["value"],
                Source(
                    acts()[data["thresholds"][name]["act"]], data["thresholds"][name]["paragraph"]
                ),
                Certainty(data["thresholds"][name]["certainty"]),
            )
            for name in THRESHOLDS
        }
        spec = ScoringSpec(
            id=data["id"],
            grades=tuple(data["grades"]),
            form=Form(data["form"]),
            mode=Mode(data.get("mode", Mode.BY_GRADE_SPEC)),
            status=SpecStatus(data["status"]),
            valid_from=_day(data["valid_from"]),
            valid_to=_day(data["valid_to"]) if data.get("valid_to") else None,
            criteria=criteria,
            thresholds=thresholds,
            oral_minutes=data.get("oral_minutes"),
            written_minutes=data.get("written_minutes"),
            note=str(data.get("note", "")).strip(),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise InvalidLaw(f"{where}: the specification cannot be read ({wrong!r})") from wrong
    if problems := list(what_is_wrong_with(spec)):
        raise InvalidLaw(f"{where}: " + "; ".join(problems))
    return spec


def _day(value: Any) -> date:
    return value if type(value) is date else date.fromisoformat(value)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def what_is_wrong_with(spec: ScoringSpec) -> Iterator[str]:
    """Every contradiction inside a specification, in words."""
    codes = [criterion.code for criterion in spec.criteria]
    if doubled := sorted({code for code in codes if codes.count(code) > 1}):
        yield f"критерии повторяются: {', '.join(doubled)}"
    if any(not _whole(c.max) or c.max < 1 for c in spec.criteria):
        yield "максимум критерия должен быть целым числом не меньше 1"
        return
    if any(not _whole(t.value) or t.value < 0 for t in spec.thresholds.values()):
        yield "пороги должны быть целыми числами не меньше 0"
        return
    oral, written = (sum(c.max for c in spec.part(part)) for part in Part)
    if oral != spec.oral_max:
        yield f"сумма устных критериев {oral}, а указано {spec.oral_max}"
    if spec.part(Part.WRITTEN) and written != spec.written_max:
        yield f"сумма письменных критериев {written}, а указано {spec.written_max}"
    if spec.oral_max + spec.written_max != spec.total_max:
        yield f"устная {spec.oral_max} и письменная {spec.written_max} не дают {spec.total_max}"
    if not 0 < spec.total_min <= spec.total_max or not 0 < spec.oral_min <= spec.oral_max:
        yield "минимум успешности должен быть от 1 до максимума"
    if spec.form == Form.ORAL and spec.written_max:
        yield "у устной формы не может быть письменных баллов"
    if spec.valid_to and spec.valid_to < spec.valid_from:
        yield f"действие не может кончиться {spec.valid_to}, раньше начала {spec.valid_from}"
    if not spec.grades or any(grade not in range(1, 12) for grade in spec.grades):
        yield "классы — от 1 до 11"
    if (
        spec.status == SpecStatus.CONFIRMED
        and spec.form == Form.ORAL_WRITTEN
        and not spec.part(Part.WRITTEN)
    ):
        yield "подтверждённая спецификация должна содержать письменные критерии"


@cache
def shipped_specifications() -> tuple[ScoringSpec, ...]:
    return tuple(
        specification_from_data(read_yaml(path), str(path))
        for folder in law_folders()
        for path in sorted((folder / "scoring").glob("*.yaml"))
    )


def specification(
    grade: int,
    form: Form,
    *,
    on: date,
    mode: Mode = Mode.BY_GRADE_SPEC,
    loaded: tuple[ScoringSpec, ...] = (),
) -> ScoringSpec:
    """The specification in force for a grade and form on the day of the test.

    `loaded` are the region's own; the newest of them comes before a shipped one of the same mode.
    Grade 1 has one form only, so the literal mode gives it the same specification.
    """
    for known in (loaded, shipped_specifications()):
        found = [
            spec
            for spec in known
            if grade in spec.grades
            and spec.form == form
            and spec.mode == (Mode.BY_GRADE_SPEC if form == Form.ORAL else mode)
            and spec.valid_from <= on
            and not (spec.valid_to and spec.valid_to < on)
        ]
        if found:
            return max(found, key=lambda spec: spec.valid_from)
    raise NoSuchSpecification(
        f"Нет спецификации оценивания для {grade} класса (форма {form}) на {on}. "
        "Загрузите её в разделе «Спецификации»."
    )


def specification_path(spec_id: str) -> Path | None:
    """The shipped file of a specification, for the reader who wants to see it."""
    for folder in law_folders():
        path = folder / "scoring" / f"{spec_id}.yaml"
        if path.exists():
            return path
    return None


def threshold_values(profile: Profile, *, on: date, mode: Mode) -> Iterator[Value]:
    """Every shipped threshold in force on the day in one mode, as values of the profile."""
    for spec in shipped_specifications():
        same_mode = spec.mode == (Mode.BY_GRADE_SPEC if spec.form == Form.ORAL else mode)
        if same_mode and spec.valid_from <= on and not (spec.valid_to and spec.valid_to < on):
            for grade in spec.grades:
                yield from spec.values(grade, profile.id)


def specification_as_data(spec: ScoringSpec) -> dict[str, Any]:
    """The specification as JSON, to be kept with a result; `specification_from_data` reads it back."""
    parts: dict[str, dict[int, dict[str, int]]] = {}
    for criterion in spec.criteria:
        parts.setdefault(criterion.part, {}).setdefault(criterion.task, {})[criterion.code] = (
            criterion.max
        )
    return {
        "id": spec.id,
        "grades": list(spec.grades),
        "form": str(spec.form),
        "mode": str(spec.mode),
        "status": str(spec.status),
        "valid_from": spec.valid_from.isoformat(),
        "valid_to": spec.valid_to.isoformat() if spec.valid_to else None,
        "oral_minutes": spec.oral_minutes,
        "written_minutes": spec.written_minutes,
        "note": spec.note,
        "thresholds": {
            name: {
                "value": threshold.value,
                "act": threshold.source.act.id,
                "paragraph": threshold.source.paragraph,
                "certainty": str(threshold.certainty),
            }
            for name, threshold in spec.thresholds.items()
        },
        **{str(part): tasks for part, tasks in parts.items()},
    }
