"""What is free, and where the climb starts."""

from __future__ import annotations

import numpy as np
from scipy.special import logit

from merilo_psychometrics.calibration.results import Model
from merilo_psychometrics.design import Design
from merilo_psychometrics.errors import WrongSettings
from merilo_psychometrics.parameters import ItemParameters

from .model import Array, Layout, Priors, State, fixed_state


def layout_of(
    design: Design,
    model: Model,
    anchors: ItemParameters | None,
    groups: int,
    counts: tuple[Array, ...],
    slopes: Array,
    priors: Priors,
) -> Layout:
    """What is free, and where the climb starts: log odds of the categories, rough slopes."""
    items = design.items
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
