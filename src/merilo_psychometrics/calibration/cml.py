"""Conditional maximum likelihood for the Rasch and partial credit models.

The total score is conditioned upon, so nothing is assumed about the persons: booklets may go to
unequal groups and the estimates stay right. Only the counts are needed. Newton's method on
η_ic = −Σ_{h≤c}(s_h − s_{h−1})·δ_ih with the exact information matrix (Andersen 1972; Fischer &
Molenaar 1995 ch. 3; Maris, Bechger & Koops 2016 for booklets), a handful of steps from log odds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from merilo_psychometrics import blas
from merilo_psychometrics.design import Design, Item
from merilo_psychometrics.errors import (
    ExtremeItem,
    NotConverged,
    NotIdentified,
    TooFewPersons,
    UnusedCategory,
    WrongSettings,
)
from merilo_psychometrics.parameters import FreeParameter, ItemParameters
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import Responses
from merilo_psychometrics.statistics import SufficientStatistics, ranges, sufficient_statistics

from .results import Calibration, Model
from .stages import limits_of, staged_moments
from .symmetric import linear_moments

Array = NDArray[np.float64]
# By how much log odds are drawn together where abilities spread by a logit: √(1 + 1/2.89).
SPREAD = 1.16
# A step longer than this many logits is cut: the likelihood is only locally quadratic.
LONGEST_STEP = 3.0
# A step so short changes the information by less than anybody prints.
SHORT = 1e-6
# Thresholds beyond this are on their way to infinity.
FARTHEST = 40.0


def calibrate_cml(
    data: SufficientStatistics | Responses,
    *,
    anchors: ItemParameters | None = None,
    tolerance: float = 1e-10,
    max_iterations: int = 50,
) -> Calibration:
    """Estimate thresholds by conditional maximum likelihood from counts (or responses).

    The thresholds sum to zero over all steps of all items; with `anchors` the items named there
    keep their parameters, set the scale, and may link booklets that share no item. Iteration ends
    with a step shorter than 1e-6 logits and than √`tolerance`: the next would be about its square.
    Raises `UnlinkedBooklets`, `ExtremeItem`, `UnusedCategory`, `TooFewPersons`, `NotConverged`.
    Andersen (1972), J. R. Stat. Soc. B 34, 42–54; booklets: Maris, Bechger & Koops (2016), as at
    the top of the module.
    Maximised is L = Π ε_ic^n_ic / Π_s γ_s(ε)^n_s with ε_ic = exp η_ic, n_ic works in category c,
    n_s works of total s, γ_s the sum over all patterns of total s of the products of ε. Raises
    also `NotIdentified`, `WrongSettings`.
    """
    statistics = sufficient_statistics(data) if isinstance(data, Responses) else data
    design = statistics.design
    names = () if anchors is None else tuple(i.id for i in design.items if i.id in anchors.index)
    if anchors is not None and not names:
        raise WrongSettings(
            "Ни одно из заданий с закреплёнными параметрами не встречается в данных.",
            "None of the anchor items is in the data.",
        )
    if not statistics.works:
        raise _too_few()
    design.require_connected(anchored=names)
    problem = _problem(statistics, anchors)
    _require_estimable(statistics, problem, set(names))
    with blas.one_thread():
        eta, iterations, log_likelihood, information = _newton(problem, tolerance, max_iterations)
        parameters = _parameters(design.items, problem, eta, information)
    model: Model = "rasch" if all(item.scores == (0, 1) for item in design.items) else "pcm"
    settings = {
        "anchors": list(names),
        "tolerance": tolerance,
        "max_iterations": max_iterations,
    }
    return Calibration(
        parameters=parameters,
        model=model,
        method="cml",
        log_likelihood=log_likelihood,
        iterations=iterations,
        works=statistics.works,
        populations=(),
        anchored=names,
        provenance=Provenance("calibrate_cml", statistics.counts_hash, settings),
        free_count=int(problem.free.sum()) - (0 if names else 1),
    )


@dataclass(frozen=True, eq=False)
class _Booklet:
    """One booklet as the kernel wants it; `columns` are its parameters among all."""

    items: NDArray[np.int32]
    scores: NDArray[np.int64]
    steps: NDArray[np.int64]
    works: Array
    roots: Array  # of the works
    columns: NDArray[np.int64]
    square: tuple[NDArray[np.int64], ...]  # `columns` by `columns`
    stages: tuple[NDArray[np.int64], NDArray[np.bool_]] | None


@dataclass(frozen=True, eq=False)
class _Problem:
    """Counts in the order of the parameters: item by item, category 1, 2, …"""

    booklets: tuple[_Booklet, ...]
    first: NDArray[np.int64]
    scores: Array
    jumps: Array
    counts: Array
    start: Array
    free: NDArray[np.bool_]
    names: tuple[str, ...]
    width: int
    cells: tuple[NDArray[np.int64], NDArray[np.int64]]  # item and category of every parameter
    at: NDArray[
        np.int64
    ]  # of every category, 0 among them, where the scores of all items are in a row
    pin: Array | None  # the flat direction of the free parameters, squared; None: anchors hold it


def _problem(statistics: SufficientStatistics, anchors: ItemParameters | None) -> _Problem:
    design = statistics.design
    many = np.array([len(item.scores) for item in design.items], dtype=np.int64)
    steps, width = many - 1, int(many.max())
    first = np.concatenate([[0], np.cumsum(steps)]).astype(np.int64)
    # All categories of all items in a row, the zeros among them.
    scores = np.array([score for item in design.items for score in item.scores], dtype=np.int64)
    zero = np.cumsum(many) - many
    item = np.repeat(np.arange(len(many)), many)
    category = np.arange(len(scores)) - zero[item]
    table = np.zeros((len(many), width), dtype=np.int64)
    table[item, category] = scores
    above = category > 0
    at = _cells(design)[item] + scores
    met = np.concatenate(statistics.category_counts)[at].astype(np.float64)
    counts, none = met[above], met[zero]
    # Log odds against category 0, half a work added so that a start always exists; abilities that
    # spread by a logit draw them together (Wright & Stone 1979) and lift the far categories, as
    # much as they still spread among those of category 0.
    odds = np.log((counts + 0.5) / (np.repeat(none, steps) + 0.5))
    full = design.max_scores
    start = SPREAD * odds - scores[above] ** 2 / (2 + full * (full + 2) / 6)[item[above]]
    free = np.ones(len(counts), dtype=bool)
    if anchors is not None:
        for row, known in enumerate(design.items):
            if known.id in anchors.index:
                start[first[row] : first[row + 1]] = _anchored_eta(known, anchors)
                free[first[row] : first[row + 1]] = False
    booklets = []
    for booklet, counted in zip(design.booklets, statistics.booklets, strict=True):
        columns = ranges(first[booklet.items], steps[booklet.items])
        works = counted.score_counts.astype(np.float64)
        booklets.append(
            _Booklet(
                booklet.items,
                table[booklet.items],
                steps[booklet.items],
                works,
                np.sqrt(works),
                columns,
                np.ix_(columns, columns),
                limits_of(booklet) if booklet.stages else None,
            )
        )
    flat = scores[above].astype(np.float64)
    names = tuple(item.id for item in design.items)
    return _Problem(
        booklets=tuple(booklets),
        first=first,
        scores=flat,
        jumps=np.diff(scores, prepend=0)[above].astype(np.float64),
        counts=counts,
        start=start,
        free=free,
        names=names,
        width=width,
        cells=(item[above], category[above]),
        at=at,
        pin=np.outer(flat, flat) / (flat @ flat) / len(flat) if free.all() else None,
    )


def _cells(design: Design) -> NDArray[np.int64]:
    """Where the scores of every item begin, those of all items in a row."""
    return np.concatenate([[0], np.cumsum(design.max_scores + 1)])


def _anchored_eta(item: Item, anchors: ItemParameters) -> Array:
    row = anchors.index[item.id]
    known = anchors.items[row]
    if known.scores != item.scores:
        raise WrongSettings(
            f"У закреплённого задания {item.id} баллы {known.scores}, а в данных {item.scores}. "
            "Приведите данные к той же шкале (rescored).",
            f"Anchor {item.id} has scores {known.scores}, the data {item.scores}.",
            items=[item.id],
        )
    if anchors.slope[row] != 1.0 or anchors.guessing[row] != 0.0:
        raise WrongSettings(
            f"У закреплённого задания {item.id} наклон {anchors.slope[row]:g} или угадывание: "
            "условное правдоподобие возможно только при наклоне 1. Возьмите calibrate_mml.",
            f"Anchor {item.id} has a slope or guessing; CML needs slope 1.",
            items=[item.id],
        )
    jumps = np.diff(item.scores)
    return np.asarray(-np.cumsum(jumps * anchors.thresholds[row, : len(jumps)]))


def _require_estimable(
    statistics: SufficientStatistics, problem: _Problem, anchored: set[str]
) -> None:
    """Look at the works that carry information: neither nothing nor everything right."""
    design = statistics.design
    cells = _cells(design)
    flat = np.zeros(cells[-1])
    informative = 0.0
    for booklet, counted in zip(design.booklets, statistics.booklets, strict=True):
        informative += float(counted.score_counts[1:-1].sum())
        flat[ranges(cells[booklet.items], np.diff(counted.columns))] += counted.item_counts[
            1:-1
        ].sum(axis=0)
    if informative == 0:
        raise _too_few()
    if flat[problem.at].all():
        return
    zero, full, unused = [], [], []
    for row, item in enumerate(design.items):
        if item.id in anchored:
            continue
        counts = flat[cells[row] : cells[row + 1]]
        if not counts[1:].any():
            zero.append(item.id)
        elif not counts[:-1].any():
            full.append(item.id)
        else:
            unused += [(item.id, score) for score in item.scores if not counts[score]]
    if zero or full:
        raise ExtremeItem(zero, full)
    if unused:
        raise UnusedCategory(unused)


def _too_few() -> TooFewPersons:
    return TooFewPersons(
        "Нет ни одной работы с баллом между нулём и полным: о трудности заданий данные "
        "не говорят ничего. Соберите больше работ.",
        "No work has a score between zero and full.",
    )


def _moments(problem: _Problem, eta: Array) -> tuple[float, Array, Array]:
    """Log-likelihood, gradient and information over all booklets."""
    eps = np.zeros((len(problem.names), problem.width))
    eps[:, 0] = 1.0
    eps[problem.cells] = np.exp(eta)

    size, gradient = len(eta), problem.counts.copy()
    information = np.zeros((size, size))
    log_likelihood = float(problem.counts @ eta)
    for booklet in problem.booklets:
        known = (booklet.scores, booklet.steps, eps[booklet.items], booklet.works)
        log_sum, expected, joint, given, unreachable = (
            linear_moments(*known)
            if booklet.stages is None
            else staged_moments(*known, *booklet.stages)
        )
        if unreachable >= 0:
            raise NotIdentified(
                f"В данных есть работы с суммой {unreachable}, которая на этом варианте невозможна. "
                "Проверьте границы этапов и баллы.",
                f"Total score {unreachable} is impossible on its booklet.",
            )
        log_likelihood -= log_sum
        gradient[booklet.columns] -= expected
        given *= booklet.roots
        joint -= given @ given.T
        if len(problem.booklets) == 1 and len(joint) == size:
            information = joint
        else:
            information[booklet.square] += joint
    return log_likelihood, gradient, information


def _newton(
    problem: _Problem, tolerance: float, max_iterations: int
) -> tuple[Array, int, float, Array]:
    free = np.flatnonzero(problem.free)
    scores = problem.scores
    eta = problem.start.copy()
    if problem.pin is not None:
        eta -= scores * (scores @ eta) / (scores @ scores)
    value, gradient, information = _moments(problem, eta)
    for iteration in range(1, max_iterations + 1):
        step = np.zeros_like(eta)
        step[free] = _solve(problem, information, gradient, free)
        longest = float(np.abs(step).max())
        # The step after a short one is about its square; the errors here hold there, to one part
        # in a million.
        if longest < SHORT and longest**2 < tolerance:
            return eta + step, iteration, value + 0.5 * float(gradient @ step), information
        if longest > LONGEST_STEP:
            step *= LONGEST_STEP / longest
        for _ in range(30):
            tried, tried_gradient, tried_information = _moments(problem, eta + step)
            # Rounding in a sum over many works must not be taken for a fall.
            if tried >= value - 1e-9 * abs(value):
                break
            step *= 0.5
        eta = eta + step
        value, gradient, information = tried, tried_gradient, tried_information
        if np.abs(eta).max() > FARTHEST * scores.max():
            break
    worst = int(np.searchsorted(problem.first, int(np.abs(step).argmax()), side="right")) - 1
    name = problem.names[worst]
    raise NotConverged(
        f"Условное правдоподобие не достигло максимума за {iteration} шагов; дальше всех от решения "
        f"задание {name}. Обычно на него почти все ответили одинаково: исключите его "
        "(without_items), объедините его баллы (rescored) или увеличьте max_iterations.",
        f"CML did not converge in {iteration} iterations; item {name} moves most.",
        items=[name],
    )


def _solve(problem: _Problem, information: Array, gradient: Array, free: Any) -> Array:
    _, found, failed = lapack.dposv(
        _held(problem, information, free).T, gradient[free], overwrite_a=1
    )
    if not failed:
        return np.asarray(found)
    inner = np.diag(information)[free]
    weak = int(np.searchsorted(problem.first, free[inner.argmin()], side="right")) - 1
    name = problem.names[weak]
    raise NotIdentified(
        f"Данные не определяют трудность задания {name}: ни один состав работ не сравнивает его "
        "с остальными. Исключите его (without_items) или закрепите его параметры.",
        f"The data do not determine item {name}.",
        items=[name],
    )


def _held(problem: _Problem, information: Array, free: Any) -> Array:
    """The information about what is free, its flat direction η_c + t·s_c held."""
    if problem.pin is None:
        return information[np.ix_(free, free)]
    return np.asarray(information + problem.pin * np.trace(information))


def _inverse(information: Array) -> Array:
    """Inverse of an information matrix that has been solved with, so is positive definite."""
    factor, _ = lapack.dpotrf(information.T, lower=1)
    lower, _ = lapack.dpotri(factor, lower=1)
    return np.asarray(np.tril(lower) + np.tril(lower, -1).T)


def _parameters(
    items: tuple[Item, ...], problem: _Problem, eta: Array, information: Array
) -> ItemParameters:
    """Thresholds and their covariance from η: δ_c = −(η_c − η_{c−1}) / (s_c − s_{c−1})."""
    change = np.diag(-1.0 / problem.jumps)
    later = np.flatnonzero(problem.cells[1] > 1)  # thresholds above the first of their item
    change[later, later - 1] = 1.0 / problem.jumps[later]
    free = np.flatnonzero(problem.free)
    anchored = problem.pin is None
    if not anchored:
        change -= change.mean(axis=0)
    flat = change @ eta
    inverse = _inverse(_held(problem, information, free))
    moved = change[np.ix_(free, free)]
    width = problem.width - 1
    thresholds = np.full((len(items), width), np.nan)
    thresholds[problem.cells[0], problem.cells[1] - 1] = flat
    labels = [
        FreeParameter(items[row].id, "threshold", int(step))
        for row, step in zip(*problem.cells, strict=True)
    ]
    return ItemParameters(
        items,
        np.ones(len(items)),
        thresholds,
        np.zeros(len(items)),
        "anchors" if anchored else "thresholds sum to zero",
        tuple(labels[n] for n in free),
        moved @ inverse @ moved.T,
    )
