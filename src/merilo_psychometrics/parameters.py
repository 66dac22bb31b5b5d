"""Item parameters: one noun for Rasch, partial credit, 2PL, generalised partial credit and 3PL.

The probability of score s_c (c = 0 … m) at ability θ is proportional to

    exp( a · [ s_c · θ − Σ_{h≤c} (s_h − s_{h−1}) · δ_h ] )

with slope a and thresholds (step difficulties) δ_1 … δ_m in logits; no constant 1.7. For items of
0/1 this is a(θ − δ). A 3PL item has P(1) = g + (1 − g)·logistic(a(θ − δ)). Masters (1982),
Muraki (1992); Birnbaum (1968) ch. 17.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .design import Item, require_distinct
from .errors import UnknownItem, WrongSettings

Kind = Literal["slope", "threshold", "guessing"]
# What sets the zero and the unit of the scale.
Identification = Literal["thresholds sum to zero", "population", "anchors", "given"]


class FreeParameter(NamedTuple):
    """One estimated number: which item, what, and for a threshold which step (1 …)."""

    item: str
    kind: Kind
    step: int = 0


@dataclass(frozen=True, eq=False)
class ItemParameters:
    """Parameters of items on one scale, in logits.

    `slope` [items]; `thresholds` [items, most steps], NaN beyond the steps of an item; `guessing`
    [items], 0 unless 3PL. `covariance` [free, free] belongs to `free`, the estimated parameters in
    its order; both empty when the parameters were given. A covariance under the identification
    "thresholds sum to zero" is singular in that direction, as it must be.
    """

    items: tuple[Item, ...]
    slope: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    guessing: NDArray[np.float64]
    identification: Identification = "given"
    free: tuple[FreeParameter, ...] = ()
    covariance: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        require_distinct(self.items)
        steps = max(len(item.scores) - 1 for item in self.items)
        for name, shape in (
            ("slope", (len(self.items),)),
            ("thresholds", (len(self.items), steps)),
            ("guessing", (len(self.items),)),
        ):
            array = np.ascontiguousarray(getattr(self, name), dtype=np.float64)
            if array.shape != shape:
                raise WrongSettings(
                    f"Параметры {name} имеют форму {array.shape}, а нужна {shape}.",
                    f"{name} has shape {array.shape}, expected {shape}.",
                )
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        here = np.arange(steps) < self.steps[:, None]
        lacking = here & ~np.isfinite(self.thresholds)
        for item in (self.items[row] for row in np.flatnonzero(lacking.any(axis=1))):
            raise WrongSettings(
                f"У задания {item.id} нет порога для одного из баллов {item.scores}.",
                f"Item {item.id} lacks a threshold.",
                items=[item.id],
            )

    @cached_property
    def index(self) -> dict[str, int]:
        """Position of an item by its name."""
        return {item.id: position for position, item in enumerate(self.items)}

    @cached_property
    def steps(self) -> NDArray[np.int64]:
        """Number of thresholds of every item."""
        return np.array([len(item.scores) - 1 for item in self.items], dtype=np.int64)

    @cached_property
    def difficulty(self) -> NDArray[np.float64]:
        """Mean threshold of every item: its place on the scale, [items]."""
        return np.asarray(np.nanmean(self.thresholds, axis=1))

    def standard_error(self, kind: Kind) -> NDArray[np.float64]:
        """Standard errors shaped like the parameter; NaN where it was not estimated."""
        shaped = {"slope": self.slope, "threshold": self.thresholds, "guessing": self.guessing}
        errors = np.full(shaped[kind].shape, np.nan)
        if self.covariance is None:
            return errors
        variances = np.sqrt(np.clip(np.diag(self.covariance), 0.0, None))
        for variance, parameter in zip(variances, self.free, strict=True):
            if parameter.kind == kind:
                row = self.index[parameter.item]
                errors[(row, parameter.step - 1) if kind == "threshold" else row] = variance
        return errors

    def only(self, names: Iterable[str]) -> ItemParameters:
        """Parameters of these items, in this order; raises `UnknownItem`."""
        wanted = list(names)
        unknown = [name for name in wanted if name not in self.index]
        if unknown:
            raise UnknownItem(unknown)
        rows = [self.index[name] for name in wanted]
        items = tuple(self.items[row] for row in rows)
        steps = max(len(item.scores) - 1 for item in items)
        keep = [n for n, free in enumerate(self.free) if free.item in set(wanted)]
        return replace(
            self,
            items=items,
            slope=self.slope[rows],
            thresholds=self.thresholds[rows, :steps],
            guessing=self.guessing[rows],
            free=tuple(self.free[n] for n in keep),
            covariance=None if self.covariance is None else self.covariance[np.ix_(keep, keep)],
        )

    def of(self, items: Iterable[Item]) -> ItemParameters:
        """Parameters of these items; raises unless each is known and has the same scores here."""
        wanted = tuple(items)
        found = self.only(item.id for item in wanted)
        wrong = [
            (item, known)
            for item, known in zip(wanted, found.items, strict=True)
            if item.scores != known.scores
        ]
        if wrong:
            item, known = wrong[0]
            raise WrongSettings(
                f"Баллы задания {item.id} в данных — {item.scores}, а параметры даны для баллов "
                f"{known.scores}. Приведите данные к той же шкале (rescored) или калибруйте заново.",
                f"Item {item.id} has scores {item.scores} here, {known.scores} in the parameters.",
                items=[item.id for item, _ in wrong],
            )
        return found

    def rescaled(self, unit: float, zero: float) -> ItemParameters:
        """Parameters on the scale θ* = unit · θ + zero; the covariance moves along.

        Kolen & Brennan (2014) §6.2; errors by the delta method.
        """
        factor = {"threshold": unit, "slope": 1.0 / unit, "guessing": 1.0}
        covariance = self.covariance
        if covariance is not None:
            by = np.array([factor[free.kind] for free in self.free])
            covariance = covariance * np.outer(by, by)
        return replace(
            self,
            slope=self.slope / unit,
            thresholds=unit * self.thresholds + zero,
            covariance=covariance,
            identification="given",
        )


def make_parameters(
    thresholds: Mapping[str, Sequence[float] | float],
    *,
    slope: Mapping[str, float] | None = None,
    guessing: Mapping[str, float] | None = None,
    items: Sequence[Item] | None = None,
) -> ItemParameters:
    """Make parameters from plain numbers: `{"i1": 0.3, "i2": [-1.0, 0.4]}`.

    Without `items` an item with m thresholds has the scores 0 … m. Slopes are 1 and guessing 0
    unless given.
    """
    rows = {name: np.atleast_1d(np.asarray(value, float)) for name, value in thresholds.items()}
    known = {item.id: item for item in items or ()}
    full = tuple(
        known.get(name, Item(name, tuple(range(len(row) + 1)))) for name, row in rows.items()
    )
    table = np.full((len(rows), max(map(len, rows.values()))), np.nan)
    for place, row in enumerate(rows.values()):
        table[place, : len(row)] = row
    slopes, guesses = slope or {}, guessing or {}
    return ItemParameters(
        full,
        np.array([slopes.get(name, 1.0) for name in rows]),
        table,
        np.array([guesses.get(name, 0.0) for name in rows]),
    )


def centred(values: ArrayLike) -> NDArray[np.float64]:
    """Shift thresholds so that their mean over all steps is zero (NaN is not a step)."""
    array = np.asarray(values, dtype=np.float64)
    return array - np.nanmean(array)
