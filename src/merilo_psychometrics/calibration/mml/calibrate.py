"""The verb."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import logit

from merilo_psychometrics import blas
from merilo_psychometrics.calibration.results import Calibration, Model, Population
from merilo_psychometrics.errors import (
    BadData,
    ExtremeItem,
    NotConverged,
    NotIdentified,
    TooFewPersons,
    UnusedCategory,
    WrongSettings,
)
from merilo_psychometrics.likelihood import Pack, fitting_nodes, pack
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.provenance import Provenance, digest
from merilo_psychometrics.responses import Responses
from merilo_psychometrics.statistics import SufficientStatistics, sufficient_statistics

from .climb import Climb
from .em import Expected, expect
from .information import observed_information
from .model import Array, Layout, Priors, State, fixed_state, to_parameters
from .starting import starting_slopes

MODELS: tuple[Model, ...] = ("rasch", "pcm", "2pl", "gpcm", "3pl")
# A slope this flat measures nothing: its thresholds are nowhere.
FLAT = 1e-2
# The first climb, on a coarse grid, ends when a step moves less than this.
ROUGH = 0.02
# An eighth of the works, but no fewer than this and no more than this a parameter, tells the
# information well enough to step by.
ENOUGH, ENOUGH_EACH = 2048, 100
# So many tell where the maximum is, roughly.
FIRST = 8192
# Each category of each item, and each group, keeps so many of them.
LEFT = 50
# So many standard deviations of every group must lie inside the grid.
COVERED = 4.5


def calibrate_mml(
    responses: Responses,
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

    Bock & Aitkin (1981) by SQUAREM, then Newton with the observed information of Louis (1982): a
    result is returned only where that information is positive definite and no number (logits of
    categories, means, log standard deviations) would move by `tolerance`. Raises `NotConverged`,
    `UnlinkedBooklets`, `ExtremeItem`, `UnusedCategory`, `NotIdentified`, `TooFewPersons`,
    `UntreatedOmissions`, `WrongSettings`, `BadData`.
    """
    responses.require_treated("calibrate_mml")
    design = responses.design
    _require_model(model, responses)
    known = set() if anchors is None else set(anchors.index)
    names = tuple(item.id for item in design.items if item.id in known)
    if anchors is not None and not names:
        raise WrongSettings(
            "Ни одно из заданий с закреплёнными параметрами не встречается в данных.",
            "None of the anchor items is in the data.",
        )
    design.require_connected(anchored=names)
    groups, codes = _groups(responses, grouping)
    statistics = sufficient_statistics(responses)
    fractions = _require_estimable(statistics, responses.works, set(names))
    slopes = starting_slopes(statistics)
    layout = _layout(responses, model, anchors, len(groups), fractions, slopes, priors)
    weighted = any(block.weights is not None for block in responses.blocks)
    packs = pack(responses, groups=codes, weighted=weighted, fold=True)
    vector = layout.vector(layout.fixed)
    with blas.one_thread():
        some = _some(packs, fractions, len(groups))
        rough = _on_a_grid(layout, some, vector, design.given, nodes, (1.2, 5.0), max_iterations)
        vector = rough.approach(vector, ROUGH)
        # The second grid knows how sharp the test is and how far apart the groups are.
        climb = _on_a_grid(layout, packs, vector, design.given, nodes, (0.9, 6.0), max_iterations)
        climb.spent = rough.spent

        def information(at: Expected, every: int = 1) -> Array:
            return observed_information(
                layout, packs, responses, at, codes, weighted=weighted, every=every
            )

        works, near = sum(map(len, packs)), False
        every = works // max(ENOUGH, min(ENOUGH_EACH * layout.size, works // 8))
        if every > 1:
            vector, near = climb.stride(vector, lambda at: information(at, every))
        found, covariance = climb.arrive(vector, information, tolerance, near=near)
        _require_covered(found)
        _require_steep(layout, found.state)
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
        iterations=climb.spent,
        works=float(found.mass.sum()),
        populations=_populations(layout, found.state, groups, covariance, found.mass),
        anchored=names,
        provenance=Provenance("calibrate_mml", responses.data_hash, settings),
        free_count=layout.size,
    )


def _on_a_grid(
    layout: Layout,
    packs: tuple[Pack, ...],
    vector: Array,
    given: np.ndarray,
    nodes: int | None,
    fineness: tuple[float, float],
    max_iterations: int,
) -> Climb:
    """A climb on the grid that fits the point it starts from."""
    grid = _grid(layout, layout.state(vector), given, nodes, *fineness)
    return Climb(layout, lambda at: expect(layout, packs, at, grid), max_iterations)


def _some(packs: tuple[Pack, ...], counts: tuple[Array, ...], groups: int) -> tuple[Pack, ...]:
    """Works for the first climb: every n-th of many, as long as nothing becomes rare among them."""
    every = sum(map(len, packs)) // FIRST
    rarest = min(float(count.min()) for count in counts)
    if every < 2 or rarest < LEFT * every:
        return packs
    found = tuple(part.thinned(every) if len(part) >= LEFT * every else part for part in packs)
    left = sum(np.bincount(part.groups, minlength=groups) for part in found)
    return found if np.min(left) >= LEFT else packs


def _require_covered(found: Expected) -> None:
    """The grid was laid before the populations were found: see that it holds them."""
    nodes, sd = found.prior.nodes, np.exp(found.state.log_sd)
    lowest, highest = (
        (found.state.mean - COVERED * sd).min(),
        (found.state.mean + COVERED * sd).max(),
    )
    if lowest < nodes[0] or highest > nodes[-1]:
        raise NotConverged(
            "Группы слишком далеки друг от друга или от закреплённых заданий: распределение вышло "
            "за сетку. Проверьте ключи и закреплённые параметры или калибруйте группы порознь и "
            "свяжите шкалы.",
            "The populations lie outside the grid of nodes.",
        )


def _require_model(model: Model, responses: Responses) -> None:
    if model not in MODELS:
        raise WrongSettings(
            f"Модель «{model}» не известна: выберите {', '.join(MODELS)}.",
            f"Unknown model {model!r}.",
        )
    graded = [item.id for item in responses.design.items if item.scores != (0, 1)]
    if graded and model in ("rasch", "2pl"):
        other = {"rasch": "pcm", "2pl": "gpcm"}[model]
        raise WrongSettings(
            f"Модель «{model}» — для заданий с баллами 0 и 1, а у задания {graded[0]} баллов "
            f'больше. Возьмите model="{other}".',
            f"Model {model!r} is for 0/1 items, {graded[0]} has more scores; use {other!r}.",
            items=graded,
        )


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


def _require_estimable(
    statistics: SufficientStatistics, works: int, anchored: set[str]
) -> tuple[Array, ...]:
    """Counts by category of every item; refuse what has no maximum."""
    zero, full, unused = [], [], []
    counts = []
    for item, found in zip(statistics.design.items, statistics.category_counts, strict=True):
        mine = found[list(item.scores)].astype(np.float64)
        counts.append(mine)
        if item.id in anchored:
            continue
        if not mine[1:].any():
            zero.append(item.id)
        elif not mine[:-1].any():
            full.append(item.id)
        else:
            unused += [(item.id, s) for s, n in zip(item.scores, mine, strict=True) if not n]
    if zero or full:
        raise ExtremeItem(zero, full)
    if unused:
        raise UnusedCategory(unused)
    most = max(len(item.scores) for item in statistics.design.items) + 1
    if works <= most:
        raise TooFewPersons(
            f"Работ {works}: по ним нельзя оценить {most} параметров одного задания. "
            "Соберите больше работ.",
            f"{works} works cannot give {most} parameters of an item.",
        )
    return tuple(counts)


def _layout(
    responses: Responses,
    model: Model,
    anchors: ItemParameters | None,
    groups: int,
    counts: tuple[Array, ...],
    slopes: Array,
    priors: Priors,
) -> Layout:
    """What is free, and where the climb starts: log odds of the categories, rough slopes."""
    items = responses.design.items
    width = max(len(item.scores) for item in items)
    scores, inside = np.zeros((len(items), width)), np.zeros((len(items), width), bool)
    for row, item in enumerate(items):
        scores[row, : len(item.scores)] = item.scores
        inside[row, : len(item.scores)] = True
    pass_fail = np.array([item.scores == (0, 1) for item in items])
    known = np.array([anchors is not None and item.id in anchors.index for item in items])
    slope, intercept = np.ones(len(items)), np.zeros((len(items), width - 1))
    gamma = np.full(len(items), float(logit(_mode(priors))))
    guessed = pass_fail & (model == "3pl") & ~known
    mean, log_sd = np.zeros(groups), np.zeros(groups)
    wider = np.full(len(items), 1.2)
    if not known.any():
        # Slopes of 1 leave their common size to the populations.
        sloped = model in ("2pl", "gpcm", "3pl")
        likely = slopes if sloped else np.full(len(items), np.median(slopes))
        slope, log_sd[:] = (slopes.copy(), 0.0) if sloped else (slope, np.log(likely[0]))
        # The log odds of all are flatter than those at one ability (Zeger, Liang & Albert 1988).
        wider = np.sqrt(1.0 + 0.35 * likely**2)
    if anchors is not None and known.any():
        fixed = anchors.of(item for item, is_known in zip(items, known, strict=True) if is_known)
        slope[known], intercept[known], gamma[known] = fixed_state(fixed, width - 1)
        guessed[known] = fixed.guessing > 0
        mean[:] = _centre(fixed, [counts[n] for n in np.flatnonzero(known)])
    for row, count in enumerate(counts):
        if not known[row]:
            odds = np.log((count[1:] + 0.5) / (count[0] + 0.5))
            intercept[row, : len(odds)] = (
                wider[row] * odds - slope[row] * scores[row, 1 : len(count)] * mean[0]
            )
    slopes_free = ~known & (model in ("2pl", "gpcm", "3pl"))
    first_free = known.any()
    parts = [
        slopes_free,
        inside[:, 1:] & ~known[:, None],
        guessed & ~known,
        np.arange(groups) >= (0 if first_free else 1),
        np.arange(groups) >= (0 if first_free or not slopes_free.any() else 1),
    ]
    places, size = [], 0
    for free in parts:
        place = np.full(free.shape, -1, dtype=np.int64)
        place[free] = size + np.arange(int(free.sum()))
        size += int(free.sum())
        places.append(place)
    slope_at, intercept_at, gamma_at, mean_at, sd_at = places
    return Layout(
        items=items,
        scores=scores,
        inside=inside,
        guessed=guessed,
        slope=slope_at,
        intercept=intercept_at,
        gamma=gamma_at,
        mean=mean_at,
        log_sd=sd_at,
        size=size,
        fixed=State(slope, intercept, np.where(guessed, gamma, 0.0), mean, log_sd),
        priors=priors if model == "3pl" else None,
    )


def _mode(priors: Priors) -> float:
    alpha, beta = priors.guessing
    if not (alpha > 1 and beta > 1 and priors.slope_sd > 0):
        raise WrongSettings(
            "У априорного распределения угадывания оба параметра должны быть больше 1.",
            f"Both parameters of the Beta prior must exceed 1, got {priors.guessing}.",
        )
    return (alpha - 1) / (alpha + beta - 2)


def _centre(fixed: ItemParameters, counts: list[Array]) -> float:
    """Roughly where the works stand on the scale of the anchors, to start from."""
    shares = [
        float((count * item.scores).sum() / max(count.sum(), 1.0) / item.max_score)
        for item, count in zip(fixed.items, counts, strict=True)
    ]
    share = float(np.clip(np.mean(shares), 0.02, 0.98))
    return float(fixed.difficulty.mean() + 1.2 * logit(share) / np.median(np.abs(fixed.slope)))


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


def _require_steep(layout: Layout, state: State) -> None:
    flat = [layout.items[n].id for n in np.flatnonzero(np.abs(state.slope) < FLAT)]
    if flat:
        raise NotIdentified(
            f"У заданий {', '.join(flat[:8])} наклон неотличим от нуля: они ничего не измеряют, и "
            "трудности у них нет. Исключите их (without_items).",
            f"Items {', '.join(flat[:8])} have no slope.",
            items=flat,
        )


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
