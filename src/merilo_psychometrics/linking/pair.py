"""Two sets of anchors side by side: the line between their scales, and how it moves with them.

The formulas and their sources stand in `irt`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from merilo_psychometrics.curves import intercepts, score_table
from merilo_psychometrics.errors import NotConverged, WrongSettings
from merilo_psychometrics.parameters import ItemParameters

from .results import LinkMethod

Array = NDArray[np.float64]
CURVES = ("haebara", "stocking-lord")


@dataclass(frozen=True, eq=False)
class Quadrature:
    """Points of ability, [points], logits, and their weights, [points], summing to 1."""

    points: Array
    weights: Array


Found = dict[str, Array]


def _probabilities(form: ItemParameters, theta: Array) -> tuple[Array, Array]:
    """P(score | θ) and its derivative by θ, both [points, items, categories]."""
    scores, sums = score_table(form), intercepts(form)
    exponent = form.slope[:, None] * (theta[:, None, None] * scores - sums)
    exponent -= exponent.max(axis=2, keepdims=True)
    chance: Array = np.exp(exponent)
    chance /= chance.sum(axis=2, keepdims=True)
    mean = np.einsum("pic,ic->pi", chance, scores)
    rate = chance * form.slope[:, None] * (scores - mean[:, :, None])
    if form.guessing.any():
        left = 1.0 - form.guessing[:, None]
        chance = left * chance
        chance[:, :, 1] += form.guessing
        rate = left * rate
    return chance, rate


def _moved(form: ItemParameters, kind: str, step: int, by: float) -> ItemParameters:
    """Every item with one of its parameters moved; items are independent, so all move at once."""
    slope, thresholds, guessing = form.slope, form.thresholds.copy(), form.guessing
    if kind == "slope":
        slope = slope + by
    elif kind == "threshold":
        thresholds[:, step] += by
    else:
        # A guessing parameter of 0 is no parameter; moving it would leave the model.
        guessing = np.where(guessing > 0, guessing + by, 0.0)
    return ItemParameters(form.items, slope, thresholds, guessing)


@dataclass(frozen=True, eq=False)
class Pair:
    """The anchors on both scales, and where to compare them."""

    source: ItemParameters
    target: ItemParameters
    free: bool
    grid: Quadrature
    both_ways: bool

    def solve(self, method: LinkMethod) -> tuple[Array, float]:
        """(A, B) and the criterion."""
        if method not in CURVES:
            return self._means(method), float("nan")
        start = self._means("mean-mean")

        def whole(line: Array) -> Array:
            return start + line if self.free else np.array([1.0, start[1] + line[0]])

        def residuals(line: Array) -> Array:
            return self._residuals(method, whole(line))[0].ravel()

        def jacobian(line: Array) -> Array:
            found = self._residuals(method, whole(line))[1].reshape(-1, 2)
            return found if self.free else found[:, 1:]

        zero = np.zeros(2 if self.free else 1)
        done = least_squares(
            residuals, zero, jacobian, method="lm", xtol=1e-14, ftol=1e-15, gtol=1e-14
        )
        line = whole(done.x)
        if not done.success or line[0] <= 0:
            raise NotConverged(
                f"Связать шкалы способом {method} не удалось: критерий не нашёл минимума при "
                "положительной единице. Посмотрите якоря (detect_drift) или возьмите mean-mean.",
                f"{method} found no minimum with a positive unit; look at the anchors "
                "(detect_drift) or use mean-mean.",
                items=[item.id for item in self.source.items],
            )
        return line, float(2.0 * done.cost)

    def _means(self, method: str) -> Array:
        ours, theirs = self.source.thresholds, self.target.thresholds
        unit = 1.0
        if self.free and method == "mean-mean":
            unit = float(self.source.slope.mean() / self.target.slope.mean())
        elif self.free and method == "mean-gmean":
            unit = float(np.exp(np.mean(np.log(self.source.slope / self.target.slope))))
        elif self.free:
            spread = float(np.nanstd(ours))
            if spread == 0:
                raise WrongSettings(
                    "Все якорные задания одной трудности: mean-sigma не определит единицу шкалы. "
                    "Возьмите mean-mean.",
                    "All anchors are equally difficult, mean-sigma gives no unit; use mean-mean.",
                )
            unit = float(np.nanstd(theirs)) / spread
        return np.array([unit, np.nanmean(theirs) - unit * np.nanmean(ours)])

    # --- the curve methods -----------------------------------------------------------------

    def _features(self, method: str, chance: Array) -> Array:
        """What is compared: [points, features, …]; sums over items for Stocking–Lord."""
        if method == "haebara":
            return np.asarray(chance.reshape(len(chance), -1, *chance.shape[3:]))
        scores = score_table(self.source)
        return np.asarray(np.einsum("pic...,ic->p...", chance, scores)[:, None])

    def _sides(self, line: Array) -> list[tuple[ItemParameters, ItemParameters, Array, Array]]:
        """(still form, moved form, ability on the moved form, its derivative by A and B)."""
        unit, zero = line
        points = self.grid.points
        back = (points - zero) / unit
        rates = np.stack([-back / unit, np.full_like(points, -1.0 / unit)], axis=1)
        sides = [(self.target, self.source, back, rates)]
        if self.both_ways:
            ahead = np.stack([points, np.ones_like(points)], axis=1)
            sides.append((self.source, self.target, unit * points + zero, ahead))
        return sides

    def _residuals(self, method: str, line: Array) -> tuple[Array, Array]:
        """Weighted differences, [sides·points, features], and their derivatives by (A, B)."""
        found, slopes = [], []
        mass = np.sqrt(self.grid.weights)
        for still, moved, theta, rates in self._sides(line):
            here = self._features(method, _probabilities(still, self.grid.points)[0])
            chance, rate = _probabilities(moved, theta)
            by_line = rate[..., None] * rates[:, None, None, :]
            found.append(mass[:, None] * (here - self._features(method, chance)))
            slopes.append(-mass[:, None, None] * self._features(method, by_line))
        return np.concatenate(found), np.concatenate(slopes)

    # --- derivatives of the line by the parameters -------------------------------------------

    def derivatives(self, method: LinkMethod, line: Array) -> tuple[Found, Found]:
        """d(A, B)/d parameter for the source and the target: kind → [2, items, steps]."""
        if method not in CURVES:
            return self._by_means(method, line, "source"), self._by_means(method, line, "target")
        found: list[Found] = []
        for side in ("source", "target"):
            steps = getattr(self, side).thresholds.shape[1]
            whole: Found = {}
            for kind, wide in (("slope", 1), ("threshold", steps), ("guessing", 1)):
                whole[kind] = np.stack(
                    [self._by_curves(method, line, side, kind, step) for step in range(wide)],
                    axis=2,
                )
            found.append(whole)
        return found[0], found[1]

    def _by_means(self, method: str, line: Array, side: str) -> Found:
        form: ItemParameters = getattr(self, side)
        unit, sign = line[0], 1.0 if side == "source" else -1.0
        items, steps = form.thresholds.shape
        there = ~np.isnan(form.thresholds)
        count = float(there.sum())
        by_slope, by_threshold = np.zeros((2, items, 1)), np.zeros((2, items, steps))
        if self.free and method == "mean-mean":
            by_slope[0, :, 0] = sign * unit / form.slope.sum()
        elif self.free and method == "mean-gmean":
            by_slope[0, :, 0] = sign * unit / (items * form.slope)
        elif self.free:
            away = np.nan_to_num(form.thresholds - np.nanmean(form.thresholds))
            by_threshold[0] = -sign * unit * away / (count * np.nanvar(form.thresholds))
        centre = np.nanmean(self.source.thresholds)
        by_slope[1] = -centre * by_slope[0]
        by_threshold[1] = -centre * by_threshold[0]
        by_threshold[1] += there * (-unit if side == "source" else 1.0) / count
        return {"slope": by_slope, "threshold": by_threshold, "guessing": np.zeros((2, items, 1))}

    def _by_curves(self, method: str, line: Array, side: str, kind: str, step: int) -> Array:
        """Implicit function theorem: −H⁻¹ · ∂²F/∂(A, B)∂parameter, F the criterion."""
        hessian = self._hessian(method, line)
        cross = np.zeros((2, len(self.source.items)))
        mass = self.grid.weights
        h = 1e-5
        for still, moved, theta, rates in self._sides(line):
            here = _probabilities(still, self.grid.points)[0]
            chance, rate = _probabilities(moved, theta)
            residual = self._features(method, here - chance)
            by_line = rate[..., None] * rates[:, None, None, :]
            slope = -self._features(method, by_line)
            is_moved = moved is getattr(self, side)
            at = theta if is_moved else self.grid.points
            form = getattr(self, side)
            up = _probabilities(_moved(form, kind, step, h), at)
            down = _probabilities(_moved(form, kind, step, -h), at)
            change = (up[0] - down[0]) / (2 * h)
            change *= -1.0 if is_moved else 1.0
            change_rate = np.zeros((*change.shape, 2))
            if is_moved:
                change_rate = -((up[1] - down[1]) / (2 * h))[..., None] * rates[:, None, None, :]
            cross += self._contract(method, mass, residual, slope, change, change_rate)
        if not self.free:
            answer = np.zeros_like(cross)
            answer[1] = -cross[1] / hessian[1, 1]
            return answer
        return np.asarray(-np.linalg.solve(hessian, cross))

    def _contract(
        self, method: str, mass: Array, residual: Array, slope: Array, change: Array, rate: Array
    ) -> Array:
        """Σ w·(∂r/∂p · ∂r/∂η + r · ∂²r/∂η∂p) item by item, [2, items]."""
        if method == "haebara":
            points, items, categories = change.shape
            slopes = slope.reshape(points, items, categories, 2)
            residuals = residual.reshape(points, items, categories)
            found = np.einsum("p,pic,pice->ei", mass, change, slopes)
            return np.asarray(found + np.einsum("p,pic,pice->ei", mass, residuals, rate))
        scores = score_table(self.source)
        item_change = np.einsum("pic,ic->pi", change, scores)
        item_rate = np.einsum("pice,ic->pie", rate, scores)
        found = np.einsum("p,pi,pe->ei", mass, item_change, slope[:, 0])
        return np.asarray(found + np.einsum("p,p,pie->ei", mass, residual[:, 0], item_rate))

    def _hessian(self, method: str, line: Array) -> Array:
        """Second derivatives of half the criterion, by central differences of its gradient."""
        h = 1e-5
        columns = []
        for place in range(2):
            away = np.zeros(2)
            away[place] = h
            ends = []
            for sign in (1.0, -1.0):
                residual, slope = self._residuals(method, line + sign * away)
                ends.append(np.einsum("pf,pfe->e", residual, slope))
            columns.append((ends[0] - ends[1]) / (2 * h))
        return np.stack(columns, axis=1)
