"""DIF by the Rasch and partial credit models: CML in every group, and what differs.

The conditional likelihood says nothing of the abilities, so groups of unequal ability need no
linking: only relative difficulties are compared (Andersen 1973, Psychometrika 38, 123–140).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import chi2

from merilo_psychometrics.calibration import calibrate_cml
from merilo_psychometrics.calibration.results import Calibration
from merilo_psychometrics.design import Booklet, Design
from merilo_psychometrics.errors import BadData, NotIdentified, WrongSettings
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.provenance import Provenance, digest
from merilo_psychometrics.responses import Responses
from merilo_psychometrics.statistics import SufficientStatistics, add, statistics_by

from .comparisons import DELTA, LEAST_WORKS
from .contingency import ets_classes
from .tables import Array, Dif, stacked

Data = Responses | Mapping[str, SufficientStatistics]


@dataclass(frozen=True, eq=False)
class PairwiseDif:
    """Relative positions of all pairs of steps in two groups.

    `steps` (item, step); `difference` [steps, steps] = (δ_Fi − δ_Fj) − (δ_Ri − δ_Rj) in logits,
    `z` the same over its standard error. `statistic`, `degrees`, `p`: whether there is any DIF.
    """

    reference: str
    focal: str
    steps: tuple[tuple[str, int], ...]
    difference: Array
    z: Array
    statistic: float
    degrees: int
    p: float
    provenance: Provenance


@dataclass(frozen=True)
class GroupTest:
    """Andersen's test: do the same difficulties serve all groups? LR χ², degrees, p."""

    groups: tuple[str, ...]
    statistic: float
    degrees: int
    p: float
    provenance: Provenance


def pairwise_dif(
    data: Data, grouping: str | None = None, *, reference: str, focal: str
) -> PairwiseDif:
    """DIF of pairs of steps by CML in both groups: `compare_pairs`.

    Raises what `calibrate_cml` raises, with the group named: every score of every item must have
    been got in both groups by somebody without the full total. Bechger & Maris (2015),
    Psychometrika 80, 317–340.
    z = D̂ / √Var D̂ with D̂ as in `compare_pairs`. Raises also `BadData`, `NotIdentified`,
    `WrongSettings`.
    """
    counted = _by_group(data, grouping, (reference, focal))
    ours, theirs = (_calibrated(counted, name).parameters for name in (reference, focal))
    made = compare_pairs(ours, theirs)
    provenance = _provenance("pairwise_dif", counted, reference, focal)
    return replace(made, reference=reference, focal=focal, provenance=provenance)


def compare_pairs(reference: ItemParameters, focal: ItemParameters) -> PairwiseDif:
    """Relative positions of the thresholds of the same items in two groups.

    z = D̂ / √Var D̂, D̂ = (δ_Fi − δ_Fj) − (δ_Ri − δ_Rj) for every pair of steps; no zero of the scale
    is needed. Over all, with d the differences of the steps from the first one, the statistic is
    dᵀ(Var d)⁻¹d, χ² with steps − 1 degrees: Bechger & Maris (2015), Psychometrika 80, 317–340.
    Raises `BadData`, `NotIdentified`.
    """
    first, one = _flat(reference)
    second, two = _flat(focal)
    if [i.id for i in reference.items] != [i.id for i in focal.items] or len(first) != len(second):
        raise BadData(
            "У групп разные задания или шаги: оставьте общие (only).",
            "The groups have different items or steps; keep the common ones (only).",
        )
    d, covariance = second - first, one + two
    variance = np.diag(covariance)
    spread = variance[:, None] + variance[None, :] - 2.0 * covariance
    np.fill_diagonal(spread, 1.0)
    difference = d[:, None] - d[None, :]
    contrast = np.eye(len(d))[1:]
    contrast[:, 0] = -1.0
    moved = contrast @ d
    inner = contrast @ covariance @ contrast.T
    statistic = float(moved @ np.linalg.solve(inner, moved))
    steps = tuple(
        (item.id, step) for item in reference.items for step in range(1, len(item.scores))
    )
    return PairwiseDif(
        "reference", "focal", steps, difference, difference / np.sqrt(spread), statistic,
        len(moved), float(chi2.sf(statistic, len(moved))), _given("compare_pairs", reference, focal),
    )  # fmt: skip


def andersen(data: Data, grouping: str | None = None) -> GroupTest:
    """Conditional likelihood ratio of all groups: 2(Σ_g l_g − l), Andersen (1973).

    Degrees: (groups − 1)·(steps − 1).
    Raises `BadData`, `NotIdentified`, `WrongSettings`.
    """
    names = tuple(data) if not isinstance(data, Responses) else None
    counted = _by_group(data, grouping, names)
    parts = [_calibrated(counted, name) for name in counted]
    together = calibrate_cml(add(list(counted.values())))
    statistic = 2.0 * (sum(part.log_likelihood for part in parts) - together.log_likelihood)
    degrees = sum(part.free_count for part in parts) - together.free_count
    provenance = _provenance("andersen", counted)
    return GroupTest(
        tuple(counted), statistic, degrees, float(chi2.sf(statistic, degrees)), provenance
    )


def wald_dif(
    data: Data,
    grouping: str | None = None,
    *,
    reference: str,
    focal: str | Sequence[str] | None = None,
    alpha: float = 0.05,
) -> Dif:
    """Lord's χ² on CML estimates: dᵀ(Σ_R + Σ_F)⁻¹d over the thresholds of an item.

    Lord (1980), Applications of IRT, ch. 14; for Rasch the test of Fischer & Scheiblechner (1970).
    Both groups have thresholds that sum to zero, so that an item is set against the mean of all: a
    test with much DIF to one side moves that mean (see `pairwise_dif`). The effect is −2.35 times
    the difference of mean thresholds (positive: easier for the focal group), classes of ETS.
    Raises `BadData`, `NotIdentified`, `WrongSettings`.
    """
    counted = _by_group(data, grouping, None)
    groups = _focal(counted, reference, focal)
    base = _calibrated(counted, reference).parameters
    parts = []
    for name in groups:
        parts.append(_wald(base, _calibrated(counted, name).parameters, reference, name, alpha))
    works = [[counted[reference].works, counted[name].works] for name in groups]
    return replace(
        stacked(parts), works=np.array(works),
        provenance=_provenance("wald_dif", counted, reference, *groups),
    )  # fmt: skip


def compare_parameters(
    reference: ItemParameters, focal: ItemParameters, *, alpha: float = 0.05
) -> Dif:
    """Lord's χ² for parameters on one scale, slopes and thresholds together, items in common.

    Lord (1980), ch. 14: dᵀ(Σ_R + Σ_F)⁻¹d, degrees the number of free parameters of the item.
    For 2PL and GPCM calibrate both groups with common anchors, or put them on one scale first
    (`linking`, `ItemParameters.rescaled`). The effect is −2.35 · mean difference of thresholds.
    Raises `BadData`.
    """
    names = [item.id for item in reference.items if item.id in focal.index]
    if not names:
        raise BadData("Общих заданий нет.", "There are no items in common.")
    return _wald(reference.only(names), focal.only(names), "reference", "focal", alpha)


def split_item_dif(
    data: Data,
    grouping: str | None = None,
    *,
    reference: str,
    focal: str,
    items: Sequence[str] | None = None,
    alpha: float = 0.05,
) -> Dif:
    """Likelihood-ratio DIF: an item gets thresholds of its own in the focal group, the others not.

    2(l_split − l) with as many degrees as the item has steps: Thissen, Steinberg & Wainer (1988;
    1993), here with the conditional likelihood, all other items being the anchor (Kelderman 1989,
    Psychometrika 54, 681–697). The effect is −2.35·(mean δ_F − mean δ_R) with its SE, ETS classes.
    One calibration an item.
    X² = 2(l_split − l). Raises `BadData`, `WrongSettings`.
    """
    counted = _by_group(data, grouping, (reference, focal))
    whole = add([counted[reference], counted[focal]])
    base = calibrate_cml(whole)
    names = [item.id for item in whole.design.items] if items is None else list(items)
    rows = []
    for position in whole.design.positions(names).tolist():
        split = calibrate_cml(_split(counted[reference], counted[focal], position))
        parameters = split.parameters
        steps = len(whole.design.items[position].scores) - 1
        value, error = _contrast(parameters, position, len(whole.design.items))
        rows.append((2.0 * (split.log_likelihood - base.log_likelihood), steps, value, error))
    table = np.array(rows)
    statistic, degrees = np.maximum(table[:, 0], 0.0), table[:, 1].astype(np.int64)
    p = np.asarray(chi2.sf(statistic, degrees))
    effect, se = DELTA * table[:, 2], -DELTA * table[:, 3]
    return Dif(
        "split_item_dif", reference, (focal,), tuple(names), statistic[None], degrees, p[None],
        effect[None], se[None], "−2.35 · difference of thresholds, focal − reference",
        ets_classes(effect, se, p, alpha)[None], "ETS A/B/C",
        np.array([[counted[reference].works, counted[focal].works]]),
        {"difference": table[None, :, 2]}, ((),),
        _provenance("split_item_dif", counted, reference, focal),
    )  # fmt: skip


def _by_group(
    data: Data, grouping: str | None, wanted: tuple[str, ...] | None
) -> dict[str, SufficientStatistics]:
    if isinstance(data, Responses):
        if grouping is None:
            raise WrongSettings("Назовите группировку (grouping).", "Name the grouping.")
        counted = statistics_by(data, grouping)
    else:
        counted = dict(data)
    unknown = [name for name in wanted or () if name not in counted]
    if unknown or len(counted) < 2:
        raise BadData(
            f"Нет групп {', '.join(unknown)}; есть: {', '.join(list(counted)[:8])}. Нужны две.",
            f"No groups {unknown}; there are {list(counted)[:8]}; two are needed.",
        )
    return counted if wanted is None else {name: counted[name] for name in wanted}


def _focal(
    counted: Mapping[str, SufficientStatistics],
    reference: str,
    focal: str | Sequence[str] | None,
) -> tuple[str, ...]:
    others = tuple(name for name in counted if name != reference)
    wanted = others if focal is None else (focal,) if isinstance(focal, str) else tuple(focal)
    lost = [name for name in (reference, *wanted) if name not in counted]
    if lost or reference in wanted:
        raise BadData(
            f"Нет групп {', '.join(lost)} или группа сравнивается сама с собой.",
            f"No groups {lost}, or a group is compared with itself.",
        )
    return wanted


def _calibrated(counted: Mapping[str, SufficientStatistics], name: str) -> Calibration:
    """Calibrate one group on the booklets it wrote; an error names the group too."""
    part = counted[name]
    held = [n for n, booklet in enumerate(part.booklets) if booklet.works > 0]
    if part.works < LEAST_WORKS:
        raise NotIdentified(
            f"В группе «{name}» работ {part.works:.0f}, для калибровки нужно хотя бы "
            f"{LEAST_WORKS}. Объедините её с другой или исключите.",
            f"Group {name!r} has {part.works:.0f} works, {LEAST_WORKS} are needed.",
        )
    design = Design(part.design.items, tuple(part.design.booklets[n] for n in held))
    fewer = SufficientStatistics(design, tuple(part.booklets[n] for n in held), part.provenance)
    try:
        return calibrate_cml(fewer)
    except NotIdentified as error:
        raise NotIdentified(
            f"Группа «{name}»: {error}", f"Group {name!r}: {error.english}",
            items=error.items, booklets=error.booklets,
        ) from error  # fmt: skip


def _flat(parameters: ItemParameters) -> tuple[Array, Array]:
    """Thresholds item by item and their covariance."""
    if parameters.covariance is None:
        raise NotIdentified(
            "У параметров нет ковариаций: сравнить их нельзя. Калибруйте группы, а не передавайте "
            "готовые числа.",
            "The parameters have no covariance.",
        )
    flat = parameters.thresholds[np.isfinite(parameters.thresholds)]
    return flat, parameters.covariance


def _wald(
    ours: ItemParameters, theirs: ItemParameters, reference: str, focal: str, alpha: float
) -> Dif:
    if ours.covariance is None or theirs.covariance is None or ours.free != theirs.free:
        raise BadData(
            "У групп разные свободные параметры или нет ковариаций: сравните задания, "
            "оценённые в обеих группах одинаково.",
            "The groups have other free parameters, or none have covariances.",
        )
    shaped = {
        "slope": (ours.slope, theirs.slope), "guessing": (ours.guessing, theirs.guessing),
    }  # fmt: skip
    rows = []
    for row, item in enumerate(ours.items):
        place = [n for n, free in enumerate(ours.free) if free.item == item.id]
        d = np.empty(len(place))
        mean = np.zeros(len(place))
        for k, n in enumerate(place):
            free = ours.free[n]
            if free.kind == "threshold":
                d[k] = theirs.thresholds[row, free.step - 1] - ours.thresholds[row, free.step - 1]
                mean[k] = 1.0
            else:
                first, second = shaped[free.kind]
                d[k] = second[row] - first[row]
        inner = (ours.covariance + theirs.covariance)[np.ix_(place, place)]
        mean /= max(mean.sum(), 1.0)
        known = len(place) > 0
        statistic = d @ np.linalg.solve(inner, d) if known else np.nan
        rows.append((statistic, len(place), mean @ d, np.sqrt(mean @ inner @ mean)))
    table = np.array(rows)
    degrees = table[:, 1].astype(np.int64)
    p = np.asarray(chi2.sf(table[:, 0], degrees))
    effect, se = DELTA * table[:, 2], -DELTA * table[:, 3]
    return Dif(
        "wald_dif", reference, (focal,), tuple(item.id for item in ours.items),
        table[None, :, 0], degrees, p[None], effect[None], se[None],
        "−2.35 · difference of thresholds, focal − reference",
        ets_classes(effect, se, p, alpha)[None], "ETS A/B/C", np.full((1, 2), np.nan),
        {"difference": table[None, :, 2]}, ((),), _given("wald_dif", ours, theirs),
    )  # fmt: skip


def _split(
    ours: SufficientStatistics, theirs: SufficientStatistics, position: int
) -> SufficientStatistics:
    """Both groups as booklets of one design in which the item is another one for the focal."""
    design = ours.design
    item = design.items[position]
    other = len(design.items)
    twin = replace(item, id=f"{item.id} ({len(design.items)}*)")
    booklets, counts = [], []
    for which, part in enumerate((ours, theirs)):
        for booklet, held in zip(design.booklets, part.booklets, strict=True):
            if held.works == 0:
                continue
            items = np.where((booklet.items == position) & (which == 1), other, booklet.items)
            booklets.append(Booklet(f"{booklet.id}/{which}", items, booklet.stages))
            counts.append(held)
    return SufficientStatistics(
        Design((*design.items, twin), tuple(booklets)), tuple(counts), ours.provenance
    )


def _contrast(parameters: ItemParameters, first: int, second: int) -> tuple[float, float]:
    """Mean threshold of `second` less that of `first`, and its standard error."""
    difference = float(parameters.difficulty[second] - parameters.difficulty[first])
    weight = np.zeros(len(parameters.free))
    for n, free in enumerate(parameters.free):
        for row, sign in ((first, -1.0), (second, 1.0)):
            if free.item == parameters.items[row].id:
                weight[n] = sign / parameters.steps[row]
    covariance = parameters.covariance
    error = np.nan if covariance is None else float(np.sqrt(weight @ covariance @ weight))
    return difference, error


def _given(verb: str, ours: ItemParameters, theirs: ItemParameters) -> Provenance:
    parts: list[object] = []
    for parameters in (ours, theirs):
        parts += [[item.id for item in parameters.items], parameters.slope, parameters.thresholds]
    return Provenance(verb, digest(parts))


def _provenance(
    verb: str, counted: Mapping[str, SufficientStatistics], *groups: str
) -> Provenance:
    data = digest([part.counts_hash for part in counted.values()])
    return Provenance(verb, data, {"groups": list(groups or counted)})
