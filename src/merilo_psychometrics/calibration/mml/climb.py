"""From a start to a proved maximum: accelerated EM, then steps with the exact information."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from merilo_psychometrics.errors import NotConverged

from .em import Expected, gradient_of, maximise
from .model import Array, Layout

# EM stops here, and the information takes over, for a maximum is near.
NEAR = 3e-4
# Steps by a rough information end at this size, and are not begun beyond that one.
CLOSE, LONGEST = 2e-4, 0.5
REFRESHED = 4
# The information is found again when a number has moved by more since: errors keep three digits.
STALE = 1e-3
# Parameters beyond this (logits of a category) are on their way to infinity.
FARTHEST = 60.0


@dataclass
class Climb:
    """The road so far. `spent` counts E-steps."""

    layout: Layout
    expect: Callable[[Array], Expected]
    max_iterations: int
    spent: int = 0

    def look(self, vector: Array) -> Expected:
        """An E-step; raises `NotConverged` when the allowance is spent or the point runs away."""
        if self.spent >= self.max_iterations:
            raise self.lost(vector, f"за {self.spent} шагов")
        if len(vector) and np.abs(vector).max() > FARTHEST:
            raise self.lost(vector, "и уходит в бесконечность")
        self.spent += 1
        return self.expect(vector)

    def lost(self, vector: Array, how: str, moved: Array | None = None) -> NotConverged:
        """The error, naming the item that is farthest from rest."""
        away = np.abs(vector if moved is None else moved)
        name = self.layout.item_of(int(away.argmax())) if len(away) else ""
        return NotConverged(
            f"Маргинальное правдоподобие не достигло максимума {how}; дальше всех от решения "
            f"задание {name or '(распределение группы)'}. Обычно на него почти все ответили "
            "одинаково или оно не связано с остальными: исключите его (without_items), объедините "
            "его баллы (rescored), возьмите модель проще или увеличьте max_iterations.",
            f"MML did not converge ({self.spent} E-steps); item {name} is farthest.",
            items=[name] if name else [],
        )

    def approach(self, vector: Array, near: float) -> Array:
        """EM with SQUAREM (Varadhan & Roland 2008, scheme S3) until a cycle moves less than `near`.

        The first step of a cycle is checked: where the objective fell below the last EM point, the
        extrapolation is thrown away.
        """
        longest = 4.0
        safe, floor = vector, -np.inf
        while True:
            here = self.look(vector)
            if here.objective < floor - 1e-9 * abs(floor):
                vector, longest = safe, max(1.0, longest / 2.0)
                here = self.look(vector)
            first = maximise(self.layout, here)
            there = self.look(first)
            second = maximise(self.layout, there)
            step, bend = first - vector, second - 2.0 * first + vector
            if np.abs(second - first).max(initial=0.0) < near:
                return second
            curvature = max(float(bend @ bend), 1e-300)
            stretch = float(np.sqrt(float(step @ step) / curvature))
            stretch = min(max(stretch, 1.0), longest)
            if stretch == longest:
                longest *= 4.0
            safe, floor = second, there.objective
            vector = vector + 2.0 * stretch * step + stretch**2 * bend

    def stride(
        self, vector: Array, information: Callable[[Expected], Array]
    ) -> tuple[Array, bool]:
        """Newton steps by a rough information, found again where they do not grow far shorter.

        From a point that EM brought near they take the place of several cycles. Returns the point
        and whether the steps became short; where they do not, EM goes on from the last one.
        """
        found = self.look(vector)
        for _ in range(REFRESHED):
            before = np.inf
            try:
                factor = cho_factor(information(found))
            except LinAlgError:
                break
            while True:
                step = cho_solve(factor, gradient_of(self.layout, found))
                size = np.abs(step).max(initial=0.0)
                if size < CLOSE:
                    return vector + step, True
                if size > LONGEST or size > 0.35 * before:
                    break
                new = self.look(vector + step)
                if new.objective < found.objective:
                    return vector, False
                vector, found, before = vector + step, new, size
        return vector, False

    def arrive(
        self,
        vector: Array,
        information: Callable[[Expected], Array],
        tolerance: float,
        *,
        near: bool = False,
    ) -> tuple[Expected, Array]:
        """Newton steps with a held information until no number moves by `tolerance`.

        Returns the last E-step and the covariance of the vector. That the information is positive
        definite and I⁻¹·gradient vanishes proves a maximum; where it is not, EM goes on. `near`
        says that the point needs no EM first.
        """
        goal = NEAR
        for turn in range(8):
            if turn or not near:
                vector = self.approach(vector, goal)
                goal /= 10.0
            found = self.look(vector)
            for _ in range(4):
                try:
                    factor = cho_factor(information(found))
                except LinAlgError:
                    break
                covariance = cho_solve(factor, np.eye(len(vector)))
                error = np.sqrt(np.diag(covariance))
                moved, step = np.zeros_like(vector), np.zeros_like(vector)
                before = np.inf
                for _ in range(12):
                    step = cho_solve(factor, gradient_of(self.layout, found))
                    size = np.abs(step).max(initial=0.0)
                    if size < tolerance or size > 0.7 * before:
                        break
                    before = size
                    vector, moved = vector + step, moved + step
                    found = self.look(vector)
                if (np.abs(moved) > 3.0 * error).any():
                    break
                if np.abs(step).max(initial=0.0) < tolerance and (np.abs(moved) <= STALE).all():
                    return found, covariance
        raise self.lost(vector, "", gradient_of(self.layout, found))
