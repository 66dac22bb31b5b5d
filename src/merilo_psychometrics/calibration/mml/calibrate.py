"""The verb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from merilo_psychometrics import blas
from merilo_psychometrics.calibration.results import Calibration, Model, Population
from merilo_psychometrics.errors import (
    BadData,
    WrongSettings,
)
from merilo_psychometrics.likelihood import Pack, fitting_nodes, pack
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.provenance import Provenance, digest
from merilo_psychometrics.responses import Responses
from merilo_psychometrics.statistics import (
    SufficientStatistics,
    statistics_by,
    sufficient_statistics,
)

from . import totals
from .beginning import layout_of
from .climb import Climb
from .em import Expected, expect
from .information import observed_information
from .model import Array, Layout, Priors, State, to_parameters
from .requirements import (
    FLAT,
    equal_slopes,
    require_counts_enough,
    require_covered,
    require_estimable,
    require_model,
    require_steep,
)
from .starting import starting_slopes
from .totals import tables_of

# The first climb, on a coarse grid, ends when a step moves less than this.
ROUGH = 0.02
# An eighth of the works, but no fewer than this and no more than this a parameter, tells the
# information well enough to step by.
ENOUGH, ENOUGH_EACH = 2048, 100
# So many tell where the maximum is, roughly.
FIRST = 8192
# Each category of each item, and each group, keeps so many of them.
LEFT = 50
# With more tables (groups × booklets), small ones are better taken together, work by work.
TABLES = 1000


def calibrate_mml(
    data: Responses | SufficientStatistics,
    *,
    model: Model = "2pl",
    grouping: str | None = None,
    anchors: ItemParameters | None = None,
    nodes: int | None = None,
    tolerance: float = 1e-7,
    max_iterations: int = 2000,
    priors: Priors = Priors(),  # noqa: B008 - frozen
) -> Calibration:
    """Estimate items and the normal distributions of groups by marginal maximum likelihood.

    "rasch"/"pcm": slopes 1, the mean of the first group 0, all standard deviations free;
    "2pl"/"gpcm"/"3pl": the first group is N(0, 1), the others free; "3pl" gives pass-fail items a
    guessing parameter under `priors` (the log-likelihood is reported without them). Groups are
    those of `grouping`, in the order of their names. Items in `anchors` keep their parameters and
    set the scale; then every group is free. `nodes` is chosen by the information of the test
    unless given. Works count by their weights; standard errors take a weight for a number of works.
    With equal slopes the counts say all: of `SufficientStatistics` "rasch" and "pcm" take no longer
    for billions of works than for hundreds.

    Bock & Aitkin (1981) by SQUAREM, then Newton with the observed information of Louis (1982): a
    result is returned only where that information is positive definite and no number (logits of
    categories, means, log standard deviations) would move by `tolerance`. Raises `NotConverged`,
    `UnlinkedBooklets`, `ExtremeItem`, `UnusedCategory`, `NotIdentified`, `TooFewPersons`,
    `UntreatedOmissions`, `WrongSettings`, `BadData`.
    Maximised is Σ over works of ln ∫ Π_i P(x_i | θ)·N(θ; μ_g, σ_g) dθ, the integral a sum over
    fixed nodes θ_q = θ_1 + q·h.
    """
    design = data.design
    require_model(model, design)
    if isinstance(data, Responses):
        data.require_treated("calibrate_mml")
    else:
        require_counts_enough(model, grouping, anchors)
    known = set() if anchors is None else set(anchors.index)
    names = tuple(item.id for item in design.items if item.id in known)
    if anchors is not None and not names:
        raise WrongSettings(
            "Ни одно из заданий с закреплёнными параметрами не встречается в данных.",
            "None of the anchor items is in the data.",
        )
    design.require_connected(anchored=names)
    groups, codes = _groups(data, grouping) if isinstance(data, Responses) else (("",), ())
    statistics = sufficient_statistics(data) if isinstance(data, Responses) else data
    fractions = require_estimable(statistics, statistics.works, set(names))
    slopes = starting_slopes(statistics)
    layout = layout_of(design, model, anchors, len(groups), fractions, slopes, priors)
    given = design.given
    vector = layout.vector(layout.fixed)
    with blas.one_thread():
        if equal_slopes(model, anchors) and len(groups) * len(design.booklets) <= TABLES:
            tables = tables_of(_by_group(data, statistics, grouping, groups))

            def climbing(vector: Array, fineness: tuple[float, float]) -> Climb:
                grid = _grid(layout, layout.state(vector), given, nodes, *fineness)
                return Climb(
                    layout, lambda at: totals.expect(layout, tables, at, grid), max_iterations
                )

            found, covariance, spent = _ascend(
                climbing,
                climbing,
                vector,
                lambda at: totals.information(layout, tables, at),
                lambda at: totals.information(layout, tables, at),
                tolerance,
            )
        else:
            assert isinstance(data, Responses)
            found, covariance, spent = _over_works(
                layout, data, codes, fractions, vector, nodes, tolerance, max_iterations
            )
        require_covered(found)
        require_steep(layout, found.state)
        identified = "anchors" if names else "population"
        parameters = to_parameters(layout, found.state, identified, covariance)  # type: ignore[arg-type]
    settings: dict[str, Any] = {
        "model": model, "grouping": grouping, "anchors": list(names),
        "nodes": len(found.prior.nodes),
        "tolerance": tolerance, "max_iterations": max_iterations,
        "anchors_hash": None if anchors is None else digest([anchors.slope, anchors.thresholds]),
    }  # fmt: skip
    if model == "3pl":
        settings["priors"] = [priors.slope_mean, priors.slope_sd, *priors.guessing]
    return Calibration(
        parameters=parameters,
        model=model,
        method="mml",
        log_likelihood=found.log_likelihood,
        iterations=spent,
        works=float(found.mass.sum()),
        populations=_populations(layout, found.state, groups, covariance, found.mass),
        anchored=names,
        provenance=Provenance("calibrate_mml", _hash(data), settings),
        free_count=layout.size,
    )


Start = Callable[[Array, tuple[float, float]], Climb]
Information = Callable[[Expected], Array]


def _ascend(
    start: Start,
    again: Start,
    vector: Array,
    rough: Information | None,
    exact: Information,
    tolerance: float,
) -> tuple[Expected, Array, int]:
    """EM on a coarse grid, Newton by a `rough` information, Newton by the exact one."""
    first = start(vector, (1.2, 5.0))
    vector, near = first.approach(vector, ROUGH), False
    # The second grid knows how sharp the test is and how far apart the groups are.
    climb = again(vector, (0.9, 6.0))
    climb.spent = first.spent
    if rough is not None:
        vector, near = climb.stride(vector, rough)
    found, covariance = climb.arrive(vector, exact, tolerance, near=near)
    return found, covariance, climb.spent


def _over_works(
    layout: Layout,
    responses: Responses,
    codes: tuple[np.ndarray, ...],
    fractions: tuple[Array, ...],
    vector: Array,
    nodes: int | None,
    tolerance: float,
    max_iterations: int,
) -> tuple[Expected, Array, int]:
    """The climb where the pattern of a work matters; the first part of it on some of the works."""
    given = responses.design.given
    weighted = any(block.weights is not None for block in responses.blocks)
    packs = pack(responses, groups=codes, weighted=weighted, fold=True)

    def climbing(over: tuple[Pack, ...]) -> Start:
        def begin(vector: Array, fineness: tuple[float, float]) -> Climb:
            grid = _grid(layout, layout.state(vector), given, nodes, *fineness)
            return Climb(layout, lambda at: expect(layout, over, at, grid), max_iterations)

        return begin

    def information(at: Expected, every: int = 1) -> Array:
        return observed_information(
            layout, packs, responses, at, codes, weighted=weighted, every=every
        )

    works = sum(map(len, packs))
    every = works // max(ENOUGH, min(ENOUGH_EACH * layout.size, works // 8))
    return _ascend(
        climbing(_some(packs, fractions, len(layout.mean))),
        climbing(packs),
        vector,
        (lambda at: information(at, every)) if every > 1 else None,
        information,
        tolerance,
    )


def _by_group(
    data: Responses | SufficientStatistics,
    statistics: SufficientStatistics,
    grouping: str | None,
    groups: tuple[str, ...],
) -> list[SufficientStatistics]:
    if grouping is None or not isinstance(data, Responses):
        return [statistics]
    found = statistics_by(data, grouping)
    return [found[name] for name in groups]


def _hash(data: Responses | SufficientStatistics) -> str:
    return data.data_hash if isinstance(data, Responses) else data.counts_hash


def _some(packs: tuple[Pack, ...], counts: tuple[Array, ...], groups: int) -> tuple[Pack, ...]:
    """Works for the first climb: every n-th of many, as long as nothing becomes rare among them."""
    every = sum(map(len, packs)) // FIRST
    rarest = min(float(count.min()) for count in counts)
    if every < 2 or rarest < LEFT * every:
        return packs
    found = tuple(part.thinned(every) if len(part) >= LEFT * every else part for part in packs)
    left = sum(np.bincount(part.groups, minlength=groups) for part in found)
    return found if np.min(left) >= LEFT else packs


def _groups(
    responses: Responses, grouping: str | None
) -> tuple[tuple[str, ...], tuple[np.ndarray, ...]]:
    """Names of the groups and their code for every work; every group has works."""
    if grouping is None:
        return ("",), tuple(np.zeros(len(block), np.int32) for block in responses.blocks)
    names = responses.group_names(grouping)
    codes = tuple(block.groups[grouping] for block in responses.blocks)
    whole = np.concatenate(codes)
    if (whole < 0).any():
        raise BadData(
            f"У {int((whole < 0).sum())} работ не указана группа «{grouping}». Укажите её или "
            "уберите эти работы (where).",
            f"{int((whole < 0).sum())} works have no group in {grouping!r}.",
        )
    used = np.flatnonzero(np.bincount(whole, minlength=len(names)))
    place = np.full(len(names), -1, np.int32)
    place[used] = np.arange(len(used))
    return tuple(names[n] for n in used), tuple(place[part] for part in codes)


def _grid(
    layout: Layout,
    state: State,
    given: np.ndarray,
    nodes: int | None,
    spacing: float,
    reach: float,
) -> Array:
    sds = np.exp(state.log_sd)
    if nodes is not None:
        return np.linspace(
            (state.mean - reach * sds).min(), (state.mean + reach * sds).max(), nodes
        )
    steep = replace(state, slope=np.where(np.abs(state.slope) < FLAT, FLAT, state.slope))
    parameters = to_parameters(layout, steep, "given", None)
    return fitting_nodes(parameters, given, state.mean, sds, spacing=spacing, reach=reach)


def _populations(
    layout: Layout, state: State, groups: tuple[str, ...], covariance: Array, mass: Array
) -> tuple[Population, ...]:
    error = np.sqrt(np.diag(covariance))
    found = []
    for row, name in enumerate(groups):
        at_mean, at_sd = int(layout.mean[row]), int(layout.log_sd[row])
        sd = float(np.exp(state.log_sd[row]))
        found.append(
            Population(
                name,
                float(state.mean[row]),
                sd,
                float(error[at_mean]) if at_mean >= 0 else float("nan"),
                sd * float(error[at_sd]) if at_sd >= 0 else float("nan"),
                float(mass[row].sum()),
            )
        )
    return tuple(found)
