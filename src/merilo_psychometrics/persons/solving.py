"""From items and answers to abilities: maximisation, and posteriors given the total score."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics import curves
from merilo_psychometrics.errors import WrongSettings
from merilo_psychometrics.likelihood import fitting_nodes
from merilo_psychometrics.parameters import ItemParameters

from .kernels import MAP, ML, WLE, solve
from .results import Array, Method, Normal

METHODS: dict[str, int] = {"ml": ML, "wle": WLE, "map": MAP}
# Beyond the outermost threshold by this many logits of the flattest item nothing happens.
FAR = 30.0


def require_method(method: Method) -> None:
    """Raise `WrongSettings` for a method that is not one of the four."""
    if method not in ("wle", "ml", "map", "eap"):
        raise WrongSettings(
            f"Способ оценки «{method}» не известен: выберите «wle», «ml», «map» или «eap».",
            f"Unknown method {method!r}.",
        )


def equal_slopes(parameters: ItemParameters) -> bool:
    """Say whether the total score is sufficient: one slope, no guessing."""
    slope = parameters.slope
    return not parameters.guessing.any() and bool(np.ptp(slope) <= 1e-12 * abs(slope[0]))


def maximise(
    parameters: ItemParameters, scores: NDArray[Any], method: Method, prior: Normal
) -> tuple[Array, Array]:
    """ML, WLE or MAP of works on these items: ability and error, each [works].

    `scores` [works, items]. ML maximises the likelihood; WLE adds J/(2I) to its derivative (Warm
    1989) and its error is √(I + (J/2I)²)/I; MAP adds the normal prior, error 1/√(I + 1/σ²).
    """
    guessing = parameters.guessing > 0
    targets = np.zeros(len(scores))
    for start in range(0, len(scores), 65536):
        part = scores[start : start + 65536, ~guessing].astype(np.float64)
        targets[start : start + 65536] = part @ parameters.slope[~guessing]
    if guessing.any():
        answers = np.ascontiguousarray(scores[:, guessing])
        return by_targets(parameters, targets, answers, method, prior)
    unique, inverse = np.unique(targets, return_inverse=True)
    ability, error = by_targets(
        parameters, unique, np.zeros((len(unique), 0), np.int8), method, prior
    )
    return ability[inverse], error[inverse]


def by_targets(
    parameters: ItemParameters,
    targets: Array,
    answers: NDArray[Any],
    method: Method,
    prior: Normal,
) -> tuple[Array, Array]:
    """Abilities for weighted totals Σ a·x; see `kernels.solve`."""
    guessing = parameters.guessing > 0
    keep = np.flatnonzero(~guessing)
    scores, intercepts = curves.score_table(parameters), curves.intercepts(parameters)
    slope = parameters.slope
    if (slope <= 0).any():
        row = int(slope.argmin())
        raise WrongSettings(
            f"У задания {parameters.items[row].id} наклон {slope[row]:g}: по нему балл не растёт "
            "с подготовкой. Проверьте ключ или исключите задание (without_items).",
            f"Item {parameters.items[row].id} has slope {slope[row]:g}.",
            items=[parameters.items[row].id],
        )
    plain = (
        np.ascontiguousarray(slope[keep]),
        np.ascontiguousarray(intercepts[keep]),
        np.ascontiguousarray(scores[keep]),
        np.ascontiguousarray(parameters.steps[keep]),
    )
    three = np.column_stack(
        [slope[guessing], parameters.thresholds[guessing, 0], parameters.guessing[guessing]]
    )
    far = FAR / slope.min()
    low = float(np.nanmin(parameters.thresholds)) - far
    high = float(np.nanmax(parameters.thresholds)) + far
    if guessing.any():
        # Several maxima are possible: the first search must be close, so it must not be wide.
        far = 12.0 / float(np.median(slope))
        low = float(np.nanmin(parameters.thresholds)) - far
        high = float(np.nanmax(parameters.thresholds)) + far
    highest = float(plain[0] @ plain[2].max(axis=1)) if len(keep) else 0.0
    ability, error = solve(
        targets,
        highest,
        plain,
        np.ascontiguousarray(three),
        answers,
        np.array([low, high]),
        METHODS[method],
        prior.mean,
        prior.sd,
    )
    return ability, error


def by_total(parameters: ItemParameters, prior: Normal) -> tuple[Array, Array]:
    """EAP and posterior sd given the total score, each [M + 1]; NaN for unreachable totals.

    The likelihood of a total is summed over all patterns (Lord & Wingersky 1984; Thissen,
    Pommerich, Billeaud & Williams 1995); with equal slopes it is the EAP of the pattern.
    """
    given = np.ones((1, len(parameters.items)), dtype=bool)
    nodes = fitting_nodes(parameters, given, prior.mean, prior.sd)
    weights = np.exp(-0.5 * ((nodes - prior.mean) / prior.sd) ** 2)
    joint = curves.score_distribution(parameters, nodes) * weights[:, None]
    mass = joint.sum(axis=0)
    reached = mass > 0
    mean, sd = np.full(len(mass), np.nan), np.full(len(mass), np.nan)
    posterior = joint[:, reached] / mass[reached]
    mean[reached] = nodes @ posterior
    away = nodes[:, None] - mean[reached]
    sd[reached] = np.sqrt((posterior * away**2).sum(axis=0))
    return mean, sd


def reachable(parameters: ItemParameters) -> NDArray[np.int64]:
    """Total scores some pattern gives, rising."""
    totals = np.zeros(1, dtype=np.int64)
    for item in parameters.items:
        totals = np.unique(np.add.outer(totals, np.array(item.scores)))
    return totals
