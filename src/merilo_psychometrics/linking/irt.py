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
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from merilo_psychometrics.errors import WrongSettings
from merilo_psychometrics.parameters import FreeParameter, ItemParameters
from merilo_psychometrics.persons.results import Normal
from merilo_psychometrics.provenance import Provenance, digest

from .pair import CURVES, Found, Pair, Quadrature
from .results import Link, LinkMethod, UnlinkedForms

Array = NDArray[np.float64]


def normal_quadrature(prior: Normal = Normal(), *, nodes: int = 30) -> Quadrature:  # noqa: B008
    """Gauss–Hermite nodes for a normal distribution of ability.

    Gauss–Hermite quadrature: Abramowitz & Stegun (1964) §25.4.
    ∫ f(θ)·N(θ; μ, σ) dθ ≈ Σ w_q·f(μ + σ·z_q).
    """
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
    The curve methods compare at `quadrature` on the target scale (default N(0, 1), 30
    Gauss–Hermite nodes), with `both_ways` also at the same points on the source scale (Haebara's
    symmetric criterion). Raises `UnlinkedForms`, `WrongSettings`, `NotConverged`. Loyd & Hoover
    (1980), Marco (1977), Haebara (1980), Stocking & Lord (1983): formulas at the top of the
    module; errors: Ogasawara (2000, 2001).
    mean-mean A = mean a_source / mean a_target, mean-sigma A = sd δ_target / sd δ_source, both B =
    mean δ_target − A·mean δ_source; Haebara: least Σ_q w_q Σ_i Σ_c (P_ic(target) − P_ic(source))²;
    Stocking–Lord: least Σ_q w_q (τ(target) − τ(source))².
    """
    link = link_chain(
        [source, target],
        method=method,
        anchors=None if anchors is None else [list(anchors)],
        unit_free=unit_free,
        quadrature=quadrature,
        both_ways=both_ways,
    )
    return replace(link, provenance=replace(link.provenance, verb="link_scales"))


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

    The units multiply, the zeros carry over (Battauz 2013); the covariance takes into
    account that a form in the middle serves two links. Settings as in `link_scales`, `anchors` one
    set a link.
    A = A₂·A₁, B = A₂·B₁ + B₂, from form to form.
    """
    grid = normal_quadrature() if quadrature is None else quadrature
    unit, zero, criterion = 1.0, 0.0, 0.0
    named: dict[str, None] = {}
    covariances = [form.covariance for form in forms if form.covariance is not None]
    known = len(covariances) == len(forms)
    # How (unit, zero) of the whole chain moves with the free parameters of every form.
    slopes = [np.zeros((2, len(form.free))) for form in forms]
    for n, (source, target) in enumerate(zip(forms, forms[1:], strict=False)):
        names = common_items(source, target, None if anchors is None else anchors[n])
        free = _unit_is_free(source.only(names), target.only(names), unit_free)
        needed = 2 if free and method == "mean-sigma" else 1
        if len(names) < needed:
            raise UnlinkedForms(len(names), needed)
        named.update(dict.fromkeys(names))
        pair = Pair(source.only(names), target.only(names), free, grid, both_ways)
        line, value = pair.solve(method)
        a, b = line
        if known:
            # θ_next = a·(unit·θ + zero) + b.
            slopes = [a * before for before in slopes]
            new = np.array([[unit, 0.0], [zero, 1.0]])
            for form, found in zip((n, n + 1), pair.derivatives(method, line), strict=True):
                slopes[form] += new @ _columns(forms[form].free, names, found)
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
        _covariance(covariances, slopes) if known else None,
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


def _covariance(covariances: Sequence[Array], slopes: Sequence[Array]) -> Array:
    found = [
        slope @ covariance @ slope.T for covariance, slope in zip(covariances, slopes, strict=True)
    ]
    return np.asarray(np.sum(found, axis=0))
