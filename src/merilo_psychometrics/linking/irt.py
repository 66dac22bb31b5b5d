"""Putting two calibrations on one scale through their common items.

The scales differ by θ_target = A·θ_source + B, so a_target = a_source / A, δ_target = A·δ_source + B
(Kolen & Brennan 2014 eqs. 6.2–6.5). Methods:

- mean-mean: A = mean a_source / mean a_target (Loyd & Hoover 1980); mean-gmean: the same with
  geometric means (Mislevy & Bock 1990); mean-sigma: A = sd δ_target / sd δ_source (Marco 1977);
  in all three B = mean δ_target − A · mean δ_source, the means over all thresholds.
- haebara: least squares between category probabilities (Haebara 1980; Kim & Lee 2006 for many
  categories); stocking-lord: between test characteristic curves (Stocking & Lord 1983).

Standard errors: delta method, for the two curve methods through the implicit function theorem
(Ogasawara 2000, 2001; Battauz 2013 for chains). The calibrations are taken as independent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import least_squares

from merilo_psychometrics.curves import intercepts, score_table
from merilo_psychometrics.errors import NotConverged, WrongSettings
from merilo_psychometrics.parameters import FreeParameter, ItemParameters
from merilo_psychometrics.persons.results import Normal
from merilo_psychometrics.provenance import Provenance, digest

from .results import Link, LinkMethod, UnlinkedForms

Array = NDArray[np.float64]
CURVES = ("haebara", "stocking-lord")


@dataclass(frozen=True, eq=False)
class Quadrature:
    """Points of ability, [points], logits, and their weights, [points], summing to 1."""

    points: Array
    weights: Array


def normal_quadrature(prior: Normal = Normal(), *, nodes: int = 30) -> Quadrature:  # noqa: B008
    """Gauss–Hermite nodes for a normal distribution of ability."""
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    return Quadrature(prior.mean + prior.sd * points, weights / weights.sum())


def given_quadrature(points: ArrayLike, weights: ArrayLike | None = None) -> Quadrature:
    """Your own points; equal weights when none are given."""
    where = np.asarray(points, dtype=np.float64)
    mass = np.ones_like(where) if weights is None else np.asarray(weights, dtype=np.float64)
    return Quadrature(where, mass / mass.sum())


def link_scales(
    source: ItemParameters,
    target: ItemParameters,
    *,
    method: LinkMethod = "stocking-lord",
    anchors: Iterable[str] | None = None,
    unit_free: bool | None = None,
    quadrature: Quadrature | None = None,
    both_ways: bool = False,
) -> Link:
    """Find the line from the source scale to the target scale.

    `anchors` defaults to all common items. `unit_free` says whether A is estimated; None means:
    fixed at 1 when every anchor slope is 1 on both sides (Rasch, partial credit), free otherwise.
    The curve methods compare at `quadrature` on the target scale (default N(0, 1), 30 Gauss–Hermite
    nodes), with `both_ways` also at the same points on the source scale (Haebara's symmetric
    criterion). Raises `UnlinkedForms`, `WrongSettings`, `NotConverged`.
    """
    return link_chain(
        [source, target],
        method=method,
        anchors=None if anchors is None else [list(anchors)],
        unit_free=unit_free,
        quadrature=quadrature,
        both_ways=both_ways,
    )


def link_chain(
    forms: Sequence[ItemParameters],
    *,
    method: LinkMethod = "stocking-lord",
    anchors: Sequence[Iterable[str]] | None = None,
    unit_free: bool | None = None,
    quadrature: Quadrature | None = None,
    both_ways: bool = False,
) -> Link:
    """Link the first form to the last through the ones between, each to its neighbour.

    The units multiply, the zeros carry over (Battauz 2013 eqs. 6–8); the covariance takes into
    account that a form in the middle serves two links. Settings as in `link_scales`, `anchors` one
    set a link.
    """
    grid = normal_quadrature() if quadrature is None else quadrature
    unit, zero, criterion = 1.0, 0.0, 0.0
    named: dict[str, None] = {}
    # How (unit, zero) of the whole chain moves with the free parameters of every form.
    slopes = [np.zeros((2, len(form.free))) for form in forms]
    for n, (source, target) in enumerate(zip(forms, forms[1:], strict=False)):
        names = common_items(source, target, None if anchors is None else anchors[n])
        free = _unit_is_free(source.only(names), target.only(names), unit_free)
        if len(names) < 1 + (free and method == "mean-sigma"):
            raise UnlinkedForms(len(names), 1 + (free and method == "mean-sigma"))
        named.update(dict.fromkeys(names))
        pair = Pair(source.only(names), target.only(names), free, grid, both_ways)
        line, value = pair.solve(method)
        by_source, by_target = pair.derivatives(method, line)
        # θ_next = a·(unit·θ + zero) + b.
        a, b = line
        carried = np.array([[a, 0.0], [0.0, a]])
        new = np.array([[unit, 0.0], [zero, 1.0]])
        slopes = [carried @ before for before in slopes]
        for form, found in ((n, by_source), (n + 1, by_target)):
            place = _columns(forms[form].free, names, found)
            slopes[form] += new @ place
        unit, zero, criterion = a * unit, a * zero + b, criterion + value
    settings = {
        "method": method,
        "anchors": list(named),
        "unit_free": unit_free,
        "nodes": len(grid.points),
        "both_ways": both_ways,
        "forms": len(forms),
    }
    return Link(
        unit,
        zero,
        _covariance(forms, slopes),
        method,
        tuple(named),
        criterion if method in CURVES else float("nan"),
        Provenance("link_chain", hash_of(*forms), settings),
    )


def hash_of(*forms: ItemParameters) -> str:
    """SHA-256 of the parameters that were read."""
    return digest(
        part
        for form in forms
        for part in ([item.id for item in form.items], form.slope, form.thresholds, form.guessing)
    )


def common_items(
    source: ItemParameters, target: ItemParameters, anchors: Iterable[str] | None
) -> list[str]:
    """Names of the anchors, in the order of the source; scores must be the same on both sides."""
    if anchors is None:
        names = [item.id for item in source.items if item.id in target.index]
    else:
        names = list(anchors)
        source.only(names), target.only(names)
    if not names:
        raise UnlinkedForms(0, 1)
    changed = [
        name
        for name in names
        if source.items[source.index[name]].scores != target.items[target.index[name]].scores
    ]
    if changed:
        raise WrongSettings(
            f"У якорных заданий {', '.join(changed)} в двух калибровках разные шкалы баллов. "
            "Приведите баллы к одной шкале (rescored) и откалибруйте заново или исключите задания.",
            f"Anchors {', '.join(changed)} have different scores in the two calibrations; rescore "
            "and calibrate again, or leave them out.",
            items=changed,
        )
    return names


def _unit_is_free(source: ItemParameters, target: ItemParameters, asked: bool | None) -> bool:
    if asked is not None:
        return asked
    return not (np.all(source.slope == 1.0) and np.all(target.slope == 1.0))


def _columns(free: tuple[FreeParameter, ...], names: list[str], found: Found) -> Array:
    """Lay derivatives by (kind, item, step) out over the free parameters of a form, [2, free]."""
    row = {name: n for n, name in enumerate(names)}
    whole = np.zeros((2, len(free)))
    for column, parameter in enumerate(free):
        if parameter.item in row:
            step = max(parameter.step - 1, 0)
            whole[:, column] = found[parameter.kind][:, row[parameter.item], step]
    return whole


def _covariance(forms: Sequence[ItemParameters], slopes: list[Array]) -> Array | None:
    if any(form.covariance is None for form in forms):
        return None
    found = [
        slope @ form.covariance @ slope.T for form, slope in zip(forms, slopes, strict=True)
    ]
    return np.asarray(sum(found))


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
            return self._means(method, self.source, self.target), float("nan")
        start = self._means("mean-mean", self.source, self.target)

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

    def _means(self, method: str, source: ItemParameters, target: ItemParameters) -> Array:
        ours, theirs = source.thresholds, target.thresholds
        unit = 1.0
        if self.free and method == "mean-mean":
            unit = source.slope.mean() / target.slope.mean()
        elif self.free and method == "mean-gmean":
            unit = float(np.exp(np.mean(np.log(source.slope / target.slope))))
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
            return chance.reshape(len(chance), -1, *chance.shape[3:])
        scores = score_table(self.source)
        return np.einsum("pic...,ic->p...", chance, scores)[:, None]

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
        found: list[Found] = []
        for side in ("source", "target"):
            form = getattr(self, side)
            steps = form.thresholds.shape[1]
            whole: Found = {}
            for kind, wide in (("slope", 1), ("threshold", steps), ("guessing", 1)):
                whole[kind] = np.stack(
                    [self._by(method, line, side, kind, step) for step in range(wide)], axis=2
                )
            found.append(whole)
        return found[0], found[1]

    def _by(self, method: str, line: Array, side: str, kind: str, step: int) -> Array:
        if method in CURVES:
            return self._by_curves(method, line, side, kind, step)
        h = 1e-6
        count = len(self.source.items)
        found = np.zeros((2, count))
        if kind == "guessing":
            return found
        for item in range(count):
            ends = []
            for sign in (1.0, -1.0):
                form: ItemParameters = getattr(self, side)
                slope, thresholds = form.slope.copy(), form.thresholds.copy()
                if kind == "slope":
                    slope[item] += sign * h
                else:
                    thresholds[item, step] += sign * h
                moved = ItemParameters(form.items, slope, np.where(
                    np.isnan(form.thresholds), np.nan, thresholds), form.guessing)  # fmt: skip
                pair = (moved, self.target) if side == "source" else (self.source, moved)
                ends.append(self._means(method, *pair))
            found[:, item] = (ends[0] - ends[1]) / (2 * h)
        return found

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
        self, method: str, mass: Array, residual: Array, slope: Array, change: Any, rate: Any
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
