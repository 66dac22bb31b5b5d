"""Where the lines of a picture go: bars of a profile, spans of a standing. Numbers for the SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from merilo.mechanisms.queries.results import Line, Standing
from merilo.mechanisms.rules.tree import Kind

LABEL, WIDTH, ROW = 44, 240, 28  # of the drawing: as wide as a phone


@dataclass(frozen=True)
class Bar:
    label: str
    y: int
    middle: int
    width: float
    percent: Decimal | None


@dataclass(frozen=True)
class Whisker:
    """A point with its span."""

    label: str
    middle: int
    at: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Picture:
    height: int
    rows: tuple[Bar, ...] | tuple[Whisker, ...]
    left: int = LABEL
    right: int = LABEL + WIDTH
    width: int = LABEL + WIDTH + 46

    @property
    def ticks(self) -> list[tuple[int, int]]:
        return [(percent, LABEL + WIDTH * percent // 100) for percent in (0, 25, 50, 75, 100)]


def profile(lines: Sequence[Line]) -> Picture:
    """A bar for each direction: percent of its own maximum."""
    directions = [line for line in lines if line.node.kind is Kind.DIRECTION]
    rows = tuple(
        Bar(
            label=line.node.code,
            y=ROW * place + 6,
            middle=ROW * place + ROW // 2,
            width=float(line.worth.percent or 0) * WIDTH / 100,
            percent=line.worth.percent,
        )
        for place, line in enumerate(directions)
    )
    return Picture(ROW * len(rows) + 24, rows)


def spans(standings: Sequence[Standing]) -> Picture:
    """A point with a whisker for each municipality, in the order of the table."""
    rows = tuple(
        Whisker(
            label=str(place),
            middle=ROW * (place - 1) + ROW // 2,
            at=_x(one.place.percent),
            low=_x(one.place.percents.low) if one.place.percents else None,
            high=_x(one.place.percents.high) if one.place.percents else None,
        )
        for place, one in enumerate(standings, start=1)
    )
    return Picture(ROW * len(rows) + 24, rows)


def _x(percent: float) -> float:
    return round(LABEL + WIDTH * percent / 100, 1)
