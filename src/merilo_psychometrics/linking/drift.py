"""Anchors that moved: which common items no longer lie where the link puts them.

Displacement: d_i = δ_i(target) − (A·δ_i(source) + B), the mean threshold of the item, logits; its
standard error treats the link as known. Robust z: z_i = (d_i − median) / (0.74 · IQR), with 1.645
as the usual limit (Huynh & Meyer 2010); slopes are compared by z of ln(a ratio).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics.errors import WrongSettings
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.provenance import Provenance

from .irt import common_items, hash_of, link_scales
from .results import AnchorDrift, AnchorShift, Link, LinkMethod, Removal, TooManyDrifted

Array = NDArray[np.float64]
Rule = Literal["displacement", "robust z"]
# 0.74 · IQR is the standard deviation of a normal distribution.
ROBUST = 0.74


def detect_drift(
    source: ItemParameters,
    target: ItemParameters,
    *,
    rule: Rule = "displacement",
    limit: float | None = None,
    least: int | None = None,
    method: LinkMethod = "mean-mean",
    anchors: Iterable[str] | None = None,
    **settings: Any,
) -> AnchorDrift:
    """Link, take out the anchor that moved most, and link again until none moved too far.

    `limit`: 0.5 logits for displacement (a usual limit for Rasch items), 1.645 for robust z, which
    is also applied to the slopes when they are free. Never fewer than `least` anchors stay — by
    default half of them, rounded up, and at least 2 — otherwise `TooManyDrifted` is raised: with
    most anchors gone nothing says who moved. `settings` go to `link_scales`. Every removal keeps
    its reason. Huynh & Meyer (2010), one anchor a round.
    Out goes the greatest |d_i| or |z_i| above the limit: d_i = δ_i(target) − (A·δ_i(source) + B),
    z_i = (d_i − median)/(0.74·IQR). Raises also `WrongSettings`.
    """
    if limit is None:
        limit = 0.5 if rule == "displacement" else 1.645
    if limit <= 0:
        raise WrongSettings(
            f"Предел сдвига должен быть положительным, задано {limit}.",
            f"The limit of drift must be positive, got {limit}.",
        )
    names = common_items(source, target, anchors)
    required = max(2, (len(names) + 1) // 2) if least is None else least
    kept = list(names)
    removed: list[Removal] = []
    while True:
        link = link_scales(source, target, method=method, anchors=kept, **settings)
        shifts = anchor_shifts(source, target, link, names=kept)
        worst = _worst(shifts, rule, limit, len(removed) + 1)
        if worst is None:
            break
        kept.remove(worst.item)
        removed.append(worst)
        if len(kept) < required:
            raise TooManyDrifted(tuple(r.item for r in removed), len(kept), required)
    given = {
        "rule": rule,
        "limit": limit,
        "least": required,
        "method": method,
        "anchors": names,
        **{name: value for name, value in settings.items() if name != "quadrature"},
    }
    return AnchorDrift(
        replace(link, items=tuple(kept)),
        anchor_shifts(source, target, link, names=names, reference=kept),
        tuple(removed),
        Provenance("detect_drift", hash_of(source, target), given),
    )


def anchor_shifts(
    source: ItemParameters,
    target: ItemParameters,
    link: Link,
    *,
    names: Iterable[str],
    reference: Iterable[str] | None = None,
) -> tuple[AnchorShift, ...]:
    """Say how far every anchor lies from the link; the robust z is by the `reference` anchors.

    Displacement and robust z (Huynh & Meyer 2010), as at the top of the module.
    d_i = δ_i(target) − (A·δ_i(source) + B), z_i = (d_i − median)/(0.74·IQR).
    """
    wanted = list(names)
    moved = link.parameters(source.only(wanted))
    there = target.only(wanted)
    shift = there.difficulty - moved.difficulty
    error = np.sqrt(_variances(moved) + _variances(there))
    ratio = there.slope / moved.slope
    centre = None if reference is None else [wanted.index(name) for name in reference]
    z = _robust_z(shift, centre)
    return tuple(
        AnchorShift(name, float(shift[n]), float(error[n]), float(z[n]), float(ratio[n]))
        for n, name in enumerate(wanted)
    )


def _variances(parameters: ItemParameters) -> Array:
    """Variance of the mean threshold of every item; NaN when unknown, [items]."""
    found = np.full(len(parameters.items), np.nan)
    if parameters.covariance is None:
        return found
    for row, item in enumerate(parameters.items):
        place = [
            n
            for n, free in enumerate(parameters.free)
            if free.kind == "threshold" and free.item == item.id
        ]
        found[row] = parameters.covariance[np.ix_(place, place)].sum() / parameters.steps[row] ** 2
    return found


def _robust_z(values: Array, reference: list[int] | None = None) -> Array:
    base = values if reference is None else values[reference]
    low, middle, high = np.quantile(base, [0.25, 0.5, 0.75])
    away = values - middle
    scale = ROBUST * (high - low)
    if scale == 0:
        return np.where(away == 0, 0.0, np.copysign(np.inf, away))
    return np.asarray(away / scale)


def _worst(
    shifts: tuple[AnchorShift, ...], rule: Rule, limit: float, round_number: int
) -> Removal | None:
    """Pick the anchor that breaks the rule most, if any does."""
    if rule == "displacement":
        found = [("displacement", shift.item, shift.shift) for shift in shifts]
    else:
        found = [("robust z", shift.item, shift.robust_z) for shift in shifts]
        slopes = np.log([shift.slope_ratio for shift in shifts])
        if np.any(np.abs(slopes) > 1e-12):
            z = _robust_z(np.asarray(slopes))
            found += [
                ("robust z of the slope", shift.item, float(value))
                for shift, value in zip(shifts, z, strict=True)
            ]
    name, item, value = max(found, key=lambda one: abs(one[2]))
    if abs(value) <= limit:
        return None
    return Removal(item, round_number, name, value, limit)  # type: ignore[arg-type]
