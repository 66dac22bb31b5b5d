"""Score tables between two forms whose items stand on one scale.

True scores: the score on Y at the ability where X expects x (Lord 1980 ch. 13; Kolen & Brennan 2014
§6.5). Observed scores: the distributions of the total score over a population of ability
(Lord & Wingersky 1984), equated by percentiles (Kolen & Brennan 2014 §6.6).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from merilo_psychometrics.curves import score_distribution, test_characteristic
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.provenance import Provenance

from .irt import hash_of, normal_quadrature
from .pair import Quadrature
from .percentiles import equipercentile
from .results import EquatedScores

Array = NDArray[np.float64]
FARTHEST = 60.0  # logits: beyond it a form expects its lowest or its full score to the last digit


def equate_true_scores(form_x: ItemParameters, form_y: ItemParameters) -> EquatedScores:
    """Score on Y for every whole score 0 … full of X, by IRT true scores.

    Both forms must stand on one scale (`Link.parameters`). The full score goes to the full score
    and 0 to 0; a score not above the sum of the guessing parameters is laid on the line from (0, 0)
    to the two sums (Kolen 1981). `ability` [K] is −inf and +inf at the ends. No standard errors.
    e(x) = τ_Y(τ_X⁻¹(x)), τ the test characteristic curve: Lord (1980) ch. 13.
    """
    full_x, full_y = _full(form_x), _full(form_y)
    chance_x, chance_y = float(form_x.guessing.sum()), float(form_y.guessing.sum())
    scores = np.arange(full_x + 1, dtype=np.float64)
    ability = np.full(len(scores), -np.inf)
    equated = np.zeros(len(scores))
    for n, score in enumerate(scores[:-1]):
        if score <= chance_x:
            equated[n] = score * chance_y / chance_x if chance_x else 0.0
            continue
        ability[n] = brentq(
            lambda theta, score=score: float(test_characteristic(form_x, theta)[0] - score),
            -FARTHEST,
            FARTHEST,
            xtol=1e-12,
        )
        equated[n] = test_characteristic(form_y, ability[n])[0]
    ability[-1], equated[-1] = np.inf, full_y
    return EquatedScores(
        scores,
        equated,
        np.full(len(scores), np.nan),
        "irt true score",
        Provenance("equate_true_scores", hash_of(form_x, form_y)),
        ability=ability,
    )


def equate_irt_observed_scores(
    form_x: ItemParameters,
    form_y: ItemParameters,
    *,
    population: Quadrature | None = None,
) -> EquatedScores:
    """Score on Y for every whole score of X, by the score distributions the model gives.

    `population` is the ability distribution of the synthetic population, default N(0, 1) at 30
    Gauss–Hermite nodes — on the scale of the parameters, so give it unless that scale has it. Lord
    & Wingersky (1984); Kolen & Brennan (2014) §6.6.
    e(x) = G⁻¹(F(x)), F(x) = Σ_q w_q·P(X ≤ x | θ_q), G likewise for Y.
    """
    grid = normal_quadrature() if population is None else population
    by_x = grid.weights @ score_distribution(form_x, grid.points)
    by_y = grid.weights @ score_distribution(form_y, grid.points)
    scores = np.arange(len(by_x), dtype=np.float64)
    return EquatedScores(
        scores,
        equipercentile(by_x, by_y),
        np.full(len(scores), np.nan),
        "irt observed score",
        Provenance(
            "equate_irt_observed_scores",
            hash_of(form_x, form_y),
            {"points": grid.points.tolist(), "weights": grid.weights.tolist()},
        ),
        probabilities=(by_x, by_y),
    )


def _full(form: ItemParameters) -> int:
    return int(sum(item.max_score for item in form.items))
