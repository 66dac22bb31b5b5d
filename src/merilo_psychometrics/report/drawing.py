"""Small pictures in SVG: no library, no script, no inline style, so a strict CSP lets them be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from merilo_psychometrics.tongue import Tongue


class Chart:
    """A frame with two axes; shapes are added in units of the data and look by their class."""

    def __init__(
        self,
        tongue: Tongue,
        *,
        x: tuple[float, float],
        y: tuple[float, float],
        width: int = 640,
        height: int = 360,
        margins: tuple[int, int, int, int] = (12, 16, 44, 56),
    ):
        self.tongue, self.width, self.height = tongue, width, height
        self.top, self.right, self.bottom, self.left = margins
        self.x, self.y = _wide(x), _wide(y)
        self.shapes: list[str] = []

    def across(self, value: float) -> float:
        """Place of a value on the horizontal axis, in pixels."""
        share = (value - self.x[0]) / (self.x[1] - self.x[0])
        return self.left + share * (self.width - self.left - self.right)

    def up(self, value: float) -> float:
        """Place of a value on the vertical axis, in pixels."""
        share = (value - self.y[0]) / (self.y[1] - self.y[0])
        return self.height - self.bottom - share * (self.height - self.top - self.bottom)

    def line(self, xs: ArrayLike, ys: ArrayLike, kind: str = "line") -> None:
        """A line through points."""
        path = " ".join(f"{self.across(a):.1f},{self.up(b):.1f}" for a, b in _pairs(xs, ys))
        self.shapes.append(f'<polyline class="{kind}" points="{path}"/>')

    def points(
        self,
        xs: ArrayLike,
        ys: ArrayLike,
        kind: str = "dot",
        *,
        radius: float = 3.5,
        names: Sequence[str] = (),
    ) -> None:
        """Points; a name is told on hovering."""
        for n, (a, b) in enumerate(_pairs(xs, ys)):
            told = f"<title>{escape(names[n])}</title>" if names else ""
            if kind == "odd":  # a shape of its own: colour alone must not tell
                x, y, r = self.across(a), self.up(b), radius * 1.5
                path = f"M{x:.1f} {y - r:.1f}l{r:g} {r:g}l-{r:g} {r:g}l-{r:g} -{r:g}z"
                self.shapes.append(f'<path class="odd" d="{path}">{told}</path>')
                continue
            self.shapes.append(
                f'<circle class="{kind}" cx="{self.across(a):.1f}" cy="{self.up(b):.1f}" '
                f'r="{radius:g}">{told}</circle>'
            )

    def bars(self, edges: ArrayLike, heights: ArrayLike, *, sideways: bool = False) -> None:
        """A histogram; `sideways` grows to the left from the right end of the axis."""
        places, values = np.asarray(edges, dtype=float), np.asarray(heights, dtype=float)
        for low, high, value in zip(places[:-1], places[1:], values, strict=True):
            if sideways:
                x0, x1 = self.across(self.x[1] - value), self.across(self.x[1])
                y0, y1 = self.up(high), self.up(low)
            else:
                x0, x1 = self.across(low), self.across(high)
                y0, y1 = self.up(value), self.up(self.y[0])
            self.rectangle(x0, y0, x1 - x0, y1 - y0, "bar")

    def rectangle(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        """A rectangle in pixels."""
        self.shapes.append(
            f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" '
            f'height="{max(height, 0):.1f}"/>'
        )

    def text(
        self, x: float, y: float, words: str, *, anchor: str = "start", kind: str = ""
    ) -> None:
        """Words at a place in pixels."""
        looks = f' class="{kind}"' if kind else ""
        self.shapes.append(
            f'<text{looks} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
        )

    def level(self, value: float, kind: str = "rule") -> None:
        """A horizontal rule."""
        self.line(self.x, (value, value), kind)

    def mark(self, value: float, kind: str = "rule") -> None:
        """A vertical rule."""
        self.line((value, value), self.y, kind)

    def axes(self, across: str, up: str, *, x_ticks: bool = True, y_ticks: bool = True) -> None:
        """Draw the axes with round numbers and their names."""
        low, foot = self.up(self.y[0]), self.height - self.bottom
        self.shapes.append(
            f'<path class="axis" d="M{self.left} {self.top}V{foot}H{self.width - self.right}"/>'
        )
        if x_ticks:
            for value in round_numbers(*self.x, count=max(3, self.width // 90)):
                place = self.across(value)
                self.shapes.append(f'<path class="grid" d="M{place:.1f} {self.top}V{foot}"/>')
                self.text(place, foot + 16, _short(self.tongue, value), anchor="middle")
        if y_ticks:
            for value in round_numbers(*self.y, count=max(3, self.height // 60)):
                place = self.up(value)
                self.shapes.append(
                    f'<path class="grid" d="M{self.left} {place:.1f}H{self.width - self.right}"/>'
                )
                self.text(self.left - 6, place + 4, _short(self.tongue, value), anchor="end")
        if across:
            middle = (self.left + self.width - self.right) / 2
            self.text(middle, self.height - 8, across, anchor="middle", kind="name")
        if up:
            middle = (self.top + low) / 2
            self.shapes.append(
                f'<text class="name" transform="translate(14 {middle:.0f}) rotate(-90)" '
                f'text-anchor="middle">{escape(up)}</text>'
            )

    def svg(self, title: str) -> str:
        """The picture; `title` is what a screen reader says."""
        return (
            f'<svg role="img" viewBox="0 0 {self.width} {self.height}" width="{self.width}" '
            f'height="{self.height}"><title>{escape(title)}</title>{"".join(self.shapes)}</svg>'
        )


def round_numbers(low: float, high: float, *, count: int) -> list[float]:
    """Numbers of the shape 1, 2, 5 × 10ⁿ between two values."""
    step = 10 ** math.floor(math.log10((high - low) / count))
    step *= next(f for f in (1, 2, 5, 10) if (high - low) / (f * step) <= count)
    first = math.ceil(low / step - 1e-9)
    return [n * step for n in range(first, math.floor(high / step + 1e-9) + 1)]


def _short(tongue: Tongue, value: float) -> str:
    digits = 0 if abs(value - round(value)) < 1e-9 else 1
    return tongue.number(value, digits if abs(value * 10 - round(value * 10)) < 1e-9 else 2)


def _wide(limits: tuple[float, float]) -> tuple[float, float]:
    low, high = limits
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _pairs(xs: ArrayLike, ys: ArrayLike) -> list[tuple[Any, Any]]:
    a, b = np.asarray(xs, dtype=float), np.asarray(ys, dtype=float)
    there = np.isfinite(a) & np.isfinite(b)
    return list(zip(a[there].tolist(), b[there].tolist(), strict=True))
