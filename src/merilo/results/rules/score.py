"""When a test is passed; letter 03-608, items 16 and 18, and the specification of each grade."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from merilo import law
from merilo.grading.rules import (
    MISSING,
    PART_TOTAL_MISSING,
    part_total,
    reasons_against_points,
    reasons_against_written_total,
)
from merilo.law import (
    Answer,
    Form,
    Mode,
    Part,
    Profile,
    Reason,
    Refusal,
    ScoringSpec,
    cite,
)
from merilo.law.refusal import _

ANNULLED = Reason(
    "results.annulled",
    _(
        "Результат аннулирован решением председателя комиссии: тестирование считается "
        "не пройденным, баллы не сообщаются."
    ),
)
TOTAL_BELOW = Reason(
    "results.total-below-minimum",
    _("Набрано %(total)s из %(most)s, нужно не менее %(least)s: до порога не хватило %(short)s."),
)
ORAL_BELOW = Reason(
    "results.oral-below-minimum",
    _(
        "За устную часть набрано %(oral)s из %(most)s, нужно не менее %(least)s: до порога не "
        "хватило %(short)s."
    ),
)
LITERAL_FORM = Reason(
    "results.literal-order-form",
    _(
        "Оценено по форме приказа: нужно %(literal_min)s из %(literal_max)s. Опубликованный порог "
        "для %(grade)s класса — %(spec_min)s из %(spec_max)s; форма напечатана одна на все "
        "2–11 классы. Порог задаёт настройка scoring.mode."
    ),
    warning=True,
)
NOT_A_WRITTEN_FORM = Reason(
    "results.not-a-written-form",
    _("Участник проходил только устную часть: суммы за письменную у него быть не может."),
)
TOTAL_AND_CRITERIA = Reason(
    "results.total-and-criteria",
    _("Письменная часть оценивается по критериям: сумму отдельно вводить не нужно."),
)


class ScoreStatus(StrEnum):
    SCORED = "scored"
    INCOMPLETE = "incomplete"  # something is not marked yet: no result
    REFUSED = "refused"  # a figure or a code cannot be: no result
    ANNULLED = "annulled"


class Level(StrEnum):
    """The only two levels of the act. Marks of the five-point scale are not derived."""

    SUFFICIENT = "sufficient"
    INSUFFICIENT = "insufficient"


LEVEL_WORDS: Mapping[Level, str] = {
    Level.SUFFICIENT: _("достаточный"),
    Level.INSUFFICIENT: _("недостаточный"),
}


@dataclass(frozen=True)
class Score:
    """What the points come to. Points are None unless scored; `written` also for an oral form.

    `problems` keep it from being scored; `failing` say why a scored one is not passed.
    """

    status: ScoreStatus
    spec_id: str
    total_max: int
    oral: int | None = None
    written: int | None = None
    total: int | None = None
    reached_total: bool | None = None
    reached_oral: bool | None = None
    passed: bool | None = None
    problems: tuple[Refusal, ...] = ()
    failing: tuple[Refusal, ...] = ()

    @property
    def level(self) -> Level | None:
        if self.passed is None:
            return None
        return Level.SUFFICIENT if self.passed else Level.INSUFFICIENT

    def percent(self, *, decimals: int) -> Decimal | None:
        """The share of the maximum for display; nothing is ever decided by it."""
        return None if self.total is None else percent_of(self.total, self.total_max, decimals)


def percent_of(points: int, most: int, decimals: int) -> Decimal:
    """`points` of `most` in per cent, half up: 20 of 22 is 90.9."""
    exact = Decimal(points) * 100 / Decimal(most)
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def score(
    spec: ScoringSpec,
    points: Mapping[str, Any],
    *,
    written_total: int | None = None,
    annulled: bool = False,
) -> Score:
    """Add up and compare with both thresholds of the specification; never with a constant.

    `points` by criterion code of both parts; `written_total` only where the written criteria of
    the specification are not loaded. An annulled attempt is not passed, and no points are told.
    """
    if annulled:
        source = cite("letter-03-608", "п. 18")
        return Score(
            ScoreStatus.ANNULLED,
            spec.id,
            spec.total_max,
            passed=False,
            failing=(ANNULLED(source),),
        )
    problems = tuple(_problems(spec, points, written_total))
    if problems:
        unfinished = all(one.reason in (MISSING, PART_TOTAL_MISSING) for one in problems)
        status = ScoreStatus.INCOMPLETE if unfinished else ScoreStatus.REFUSED
        return Score(status, spec.id, spec.total_max, problems=problems)
    oral = part_total(spec, Part.ORAL, points)
    if spec.form == Form.ORAL:
        written = None
    elif spec.written_by_total:
        written = written_total
    else:
        written = part_total(spec, Part.WRITTEN, points)
    total = oral + (written or 0)
    failing = tuple(_failing(spec, oral, total))
    return Score(
        ScoreStatus.SCORED,
        spec.id,
        spec.total_max,
        oral=oral,
        written=written,
        total=total,
        reached_total=total >= spec.total_min,
        reached_oral=oral >= spec.oral_min,
        passed=not failing,
        failing=failing,
    )


def _problems(
    spec: ScoringSpec, points: Mapping[str, Any], written_total: int | None
) -> Iterator[Refusal]:
    yield from reasons_against_points(spec, points)
    if spec.written_by_total:
        yield from reasons_against_written_total(spec, written_total)
    elif written_total is not None:
        source = spec.thresholds["written_max"].source
        yield (NOT_A_WRITTEN_FORM if spec.form == Form.ORAL else TOTAL_AND_CRITERIA)(source)


def _failing(spec: ScoringSpec, oral: int, total: int) -> Iterator[Refusal]:
    """Each threshold that was missed, separately: people ask which of them it was."""
    if total < spec.total_min:
        yield TOTAL_BELOW(
            spec.thresholds["total_min"].source,
            total=total,
            most=spec.total_max,
            least=spec.total_min,
            short=spec.total_min - total,
        )
    if oral < spec.oral_min:
        yield ORAL_BELOW(
            spec.thresholds["oral_min"].source,
            oral=oral,
            most=spec.oral_max,
            least=spec.oral_min,
            short=spec.oral_min - oral,
        )


def specification_for(
    grade: int,
    form: Form,
    *,
    test_on: date,
    profile: Profile,
    kept_mode: Mode | None = None,
    loaded: tuple[ScoringSpec, ...] = (),
) -> ScoringSpec:
    """The specification an attempt is marked by: that of the test day.

    `kept_mode` is the mode a finished attempt was scored under; a later change of the setting
    does not touch it.
    """
    mode = kept_mode or Mode(profile.value("scoring.mode", on=test_on).value)
    return law.specification(grade, form, on=test_on, mode=mode, loaded=loaded)


def literal_form_warning(
    spec: ScoringSpec, grade: int, *, test_on: date, loaded: tuple[ScoringSpec, ...] = ()
) -> tuple[Refusal, ...]:
    """The warning to show where the order's printed form asks for other points than the grade."""
    if spec.mode != Mode.LITERAL_ORDER_FORM:
        return ()
    own = law.specification(grade, spec.form, on=test_on, loaded=loaded)
    if (own.total_max, own.total_min) == (spec.total_max, spec.total_min):
        return ()
    warning = LITERAL_FORM(
        spec.thresholds["total_min"].source,
        grade=grade,
        literal_min=spec.total_min,
        literal_max=spec.total_max,
        spec_min=own.total_min,
        spec_max=own.total_max,
    )
    return (warning,)


@dataclass(frozen=True)
class Marks:
    """The marks of one attempt and what decides how they are read."""

    grade: int
    form: Form
    test_on: date
    points: Mapping[str, Any]
    written_total: int | None = None
    annulled: bool = False
    kept_mode: Mode | None = None
    loaded: tuple[ScoringSpec, ...] = field(default=(), compare=False)


def score_answer(marks: Marks, *, profile: Profile) -> Answer:
    """The score with its thresholds and warnings. Allowed means passed."""
    mode = profile.value("scoring.mode", on=marks.test_on)
    decimals = profile.value("scoring.percent_decimals", on=marks.test_on)
    spec = specification_for(
        marks.grade,
        marks.form,
        test_on=marks.test_on,
        profile=profile,
        kept_mode=marks.kept_mode,
        loaded=marks.loaded,
    )
    found = score(spec, marks.points, written_total=marks.written_total, annulled=marks.annulled)
    warnings = literal_form_warning(spec, marks.grade, test_on=marks.test_on, loaded=marks.loaded)
    return Answer(
        reasons=(*found.problems, *found.failing, *warnings),
        outcome={
            "status": found.status,
            "passed": found.passed,
            "level": found.level,
            "oral": found.oral,
            "written": found.written,
            "total": found.total,
            "total_max": spec.total_max,
            "total_min": spec.total_min,
            "oral_min": spec.oral_min,
            "percent": found.percent(decimals=decimals.value),
            "reached_total": found.reached_total,
            "reached_oral": found.reached_oral,
            "specification": spec.id,
            "mode": spec.mode,
        },
        decided_under=(mode, decimals, *spec.values(marks.grade, profile.id)),
    )
