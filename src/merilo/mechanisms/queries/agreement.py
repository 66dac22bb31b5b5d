"""How well experts agree and how severe each of them is, from the marks of the blind round alone.

Counted by the measurement engine; what it cannot tell is said in words, never replaced by a figure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any

from merilo.mechanisms.models import Cycle, Mark
from merilo.mechanisms.rules.expertise import AppointmentState
from merilo.mechanisms.rules.harmonisation import Round

LEAST_WORKS = 5  # fewer common positions give no figure, only a count


@dataclass(frozen=True)
class Figure:
    """One coefficient with its interval, or that the marks give none."""

    name: str
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    works: int = 0
    counted: bool = True


@dataclass(frozen=True)
class Severity:
    """One expert: how far his marks lie from those of his partners on the same positions.

    `shift` is the mean difference as a share of the most points, below zero is severe. `logits` is
    the severity of the many-facet model, above zero is severe.
    """

    expert: int
    marks: int
    shift: float | None = None
    lower: float | None = None
    upper: float | None = None
    logits: float | None = None
    logits_lower: float | None = None
    logits_upper: float | None = None


@dataclass(frozen=True)
class Agreement:
    works: int  # positions marked blind by two or more
    exact: int  # of them, those with equal points
    figures: tuple[Figure, ...] = ()
    severities: tuple[Severity, ...] = ()
    modelled: bool = False  # the many-facet model gave severities in logits
    extreme: tuple[int, ...] = ()  # experts who gave one extreme mark to everybody: the same


@dataclass(frozen=True)
class _Blind:
    submission: int
    position: str
    expert: int
    points: float
    most: float

    @property
    def share(self) -> float:
        return self.points / self.most if self.most else 0.0


def agreement_of(cycle: Cycle) -> Agreement:
    """The figures of a cycle, over the portions whose experts are all done."""
    works = _works(cycle)
    if not works:  # the engine is large: nothing to count, nothing to load
        return Agreement(0, 0)
    exact = sum(len({one.points for one in marks}) == 1 for marks in works)
    figures = _figures(works) if len(works) >= LEAST_WORKS else ()
    logits, extreme = _facets(works)
    severities = _severities(works, logits)
    return Agreement(len(works), exact, figures, severities, bool(logits), extreme)


def _works(cycle: Cycle) -> list[list[_Blind]]:
    """Blind marks by position of a submission, where there are two or more of finished experts."""
    rows = (
        Mark.objects.filter(
            appointment__submission__cycle=cycle,
            appointment__third=False,
            round=Round.BLIND,
            state=AppointmentState.DONE,
        )
        .order_by("appointment__submission_id", "criterion__seq", "appointment_id")
        .values_list(
            "appointment__submission_id",
            "criterion__code",
            "appointment__expert_id",
            "points",
            "criterion__points",
        )
    )
    found: dict[tuple[int, str], list[_Blind]] = defaultdict(list)
    for submission, code, expert, points, most in rows:
        one = _Blind(submission, code, expert, float(points), float(most))
        found[submission, code].append(one)
    return [marks for marks in found.values() if len(marks) > 1]


def _figures(works: list[list[_Blind]]) -> tuple[Figure, ...]:
    """The kappa family and ICC on shares of the most points, so that positions can be joined."""
    import numpy as np

    from merilo_psychometrics import raters

    experts = sorted({one.expert for marks in works for one in marks})
    column = {expert: place for place, expert in enumerate(experts)}
    table = np.full((len(works), len(experts)), np.nan)
    for place, marks in enumerate(works):
        for one in marks:
            table[place, column[one.expert]] = round(one.share, 4)
    pairs = np.array([[marks[0].share, marks[1].share] for marks in works])
    made = [
        _told("kappa", len(works), lambda: raters.fleiss_kappa(table, weights="quadratic")),
        _told("gwet", len(works), lambda: raters.gwet_ac(table, weights="quadratic")),
        _told("alpha", len(works), lambda: raters.krippendorff_alpha(table, scale="interval")),
        # Every position has its own two experts, so only the first form of ICC is right.
        _told("icc", len(works), lambda: raters.intraclass(pairs).of("ICC(1,1)")),
    ]
    return tuple(made)


def _told(name: str, works: int, count: Callable[[], Any]) -> Figure:
    from merilo_psychometrics.errors import MeasurementError

    try:
        found = count()
    except MeasurementError:  # its sentence names functions of the engine
        return Figure(name, works=works, counted=False)
    return Figure(name, found.value, found.lower, found.upper, works)


def _severities(
    works: list[list[_Blind]], logits: dict[int, tuple[float, float]]
) -> tuple[Severity, ...]:
    """Each expert against his partners, with his logits where the model gave them."""
    from scipy.stats import t as student

    apart: dict[int, list[float]] = defaultdict(list)
    for marks in works:
        for one in marks:
            others = [other.share for other in marks if other is not one]
            apart[one.expert].append(one.share - sum(others) / len(others))
    found = []
    for expert, differences in sorted(apart.items()):
        count = len(differences)
        mean = sum(differences) / count
        half = None
        if count >= LEAST_WORKS:
            spread = sqrt(sum((one - mean) ** 2 for one in differences) / (count - 1))
            half = float(student.ppf(0.975, count - 1)) * spread / sqrt(count)
        severity, error = logits.get(expert, (None, None))
        found.append(
            Severity(
                expert,
                count,
                mean if half is not None else None,
                mean - half if half is not None else None,
                mean + half if half is not None else None,
                severity,
                severity - 1.96 * error if severity is not None and error else None,
                severity + 1.96 * error if severity is not None and error else None,
            )
        )
    return tuple(found)


def _facets(
    works: list[list[_Blind]],
) -> tuple[dict[int, tuple[float, float]], tuple[int, ...]]:
    """Severities in logits with their errors; else nothing, or who stands in the way.

    The engine's own sentences are for whoever calls it: they name its functions.
    """
    from merilo_psychometrics.errors import MeasurementError
    from merilo_psychometrics.raters import ExtremeRater, calibrate_facets, make_ratings

    marks = [one for some in works for one in some if one.points == int(one.points)]
    if not marks:
        return {}, ()
    try:
        ratings = make_ratings(
            [one.submission for one in marks],
            [str(one.expert) for one in marks],
            [int(one.points) for one in marks],
            items=[one.position for one in marks],
        )
        facets = calibrate_facets(ratings)
    except ExtremeRater as wrong:
        return {}, tuple(int(one) for one in wrong.raters)
    except MeasurementError:
        return {}, ()
    return {int(one.rater): (one.severity, one.se) for one in facets.raters}, ()
