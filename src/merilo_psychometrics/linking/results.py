"""The nouns of linking and equating."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics.errors import NotIdentified, listed
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.provenance import Provenance

Array = NDArray[np.float64]
LinkMethod = Literal["mean-mean", "mean-gmean", "mean-sigma", "haebara", "stocking-lord"]


class UnlinkedForms(NotIdentified):
    """Two calibrations share too few items to be put on one scale."""

    def __init__(self, shared: int, needed: int) -> None:
        super().__init__(
            f"У двух калибровок {shared} общих заданий, а нужно хотя бы {needed}: шкалы не связать. "
            "Проверьте имена заданий или калибруйте варианты совместно.",
            f"The calibrations share {shared} items, {needed} are needed to link them; check the "
            "names of the items or calibrate together.",
        )


class TooManyDrifted(NotIdentified):
    """So many anchors moved that nothing says which ones stayed."""

    def __init__(self, items: tuple[str, ...], left: int, least: int) -> None:
        super().__init__(
            f"Сместились якорные задания {listed(items)}: осталось бы {left}, а требуется не меньше "
            f"{least}. Проверьте, что задания те же, или откалибруйте варианты совместно и разберите "
            "сдвиги вручную.",
            f"Anchors {listed(items)} drifted; {left} would be left where {least} are required. "
            "Check that the items are the same ones, or calibrate together.",
            items=items,
        )


@dataclass(frozen=True, eq=False)
class Link:
    """θ on the target scale = `unit` · θ on the source scale + `zero`, logits.

    `covariance` [2, 2] of (unit, zero) by the delta method; None when a calibration came without
    one. `criterion` is the value that was minimised (NaN for the mean methods).
    """

    unit: float
    zero: float
    covariance: Array | None
    method: LinkMethod
    items: tuple[str, ...]
    criterion: float
    provenance: Provenance

    @property
    def unit_se(self) -> float:
        """Standard error of the unit; 0 when it was fixed at 1, NaN when not known."""
        return float("nan") if self.covariance is None else float(np.sqrt(self.covariance[0, 0]))

    @property
    def zero_se(self) -> float:
        """Standard error of the zero, logits; NaN when not known."""
        return float("nan") if self.covariance is None else float(np.sqrt(self.covariance[1, 1]))

    def parameters(self, source: ItemParameters) -> ItemParameters:
        """Put the source parameters on the target scale; the error of the link is not added."""
        return source.rescaled(self.unit, self.zero)

    def abilities(self, theta: Array) -> Array:
        """Put abilities, [persons], logits, on the target scale."""
        return self.unit * np.asarray(theta, dtype=np.float64) + self.zero


@dataclass(frozen=True)
class AnchorShift:
    """How far one anchor lies from where the link expects it.

    `shift` = difficulty on the target scale − expected difficulty, logits; `se` NaN when not known;
    `robust_z` by Huynh & Meyer; `slope_ratio` = slope on the target scale / expected slope.
    """

    item: str
    shift: float
    se: float
    robust_z: float
    slope_ratio: float


@dataclass(frozen=True)
class Removal:
    """Why an anchor was taken out: the rule, its value and the limit, in the round it happened."""

    item: str
    round: int
    rule: Literal["displacement", "robust z", "robust z of the slope"]
    value: float
    limit: float

    @property
    def reason(self) -> str:
        """One Russian sentence for the protocol."""
        said = {
            "displacement": "трудность сместилась на {v:+.2f} логита при пределе ±{m:.2f}",
            "robust z": "устойчивый z трудности {v:+.2f} при пределе ±{m:.2f}",
            "robust z of the slope": "устойчивый z крутизны {v:+.2f} при пределе ±{m:.2f}",
        }[self.rule].format(v=self.value, m=self.limit)
        return f"Задание {self.item} исключено из якоря на шаге {self.round}: {said}."


@dataclass(frozen=True, eq=False)
class AnchorDrift:
    """The link by the anchors that stayed, all anchors with their shifts, and who was removed."""

    link: Link
    shifts: tuple[AnchorShift, ...]
    removed: tuple[Removal, ...]
    provenance: Provenance

    @property
    def kept(self) -> tuple[str, ...]:
        """Names of the anchors that stayed."""
        return self.link.items


@dataclass(frozen=True, eq=False)
class EquatedScores:
    """A score table: for every score on form X the score on form Y that means the same.

    `scores` [K] and `equated` [K] in raw points; `se` [K] the standard error of equating (NaN where
    not known); `ability` [K] logits for IRT true scores, otherwise None. `probabilities` holds the
    score distributions that were compared, `details` what else the method found (bandwidths,
    coefficients, PRE).
    """

    scores: Array
    equated: Array
    se: Array
    method: str
    provenance: Provenance
    ability: Array | None = None
    probabilities: tuple[Array, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    def rounded(self, lowest: int, highest: int) -> NDArray[np.int64]:
        """Whole scores inside the limits of form Y, halves up, [K]."""
        return np.clip(np.floor(self.equated + 0.5), lowest, highest).astype(np.int64)
