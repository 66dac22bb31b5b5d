"""What the model expects of those who have a total score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics import curves
from merilo_psychometrics.calibration import Calibration
from merilo_psychometrics.likelihood import fitting_nodes
from merilo_psychometrics.parameters import ItemParameters

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Mixture:
    """Ability of all works: normal groups with their shares. Arrays [groups], logits."""

    mean: Array
    sd: Array
    share: Array

    def nodes(self, parameters: ItemParameters) -> tuple[Array, Array]:
        """Nodes and weights that stand for integrals over this distribution."""
        given = np.ones((1, len(parameters.items)), dtype=bool)
        nodes = fitting_nodes(parameters, given, self.mean, self.sd)
        density = np.exp(-0.5 * ((nodes - self.mean[:, None]) / self.sd[:, None]) ** 2)
        weights = (self.share / self.sd) @ density
        return nodes, np.asarray(weights / weights.sum())


def mixture_of(calibration: Calibration) -> Mixture:
    """The populations of a calibration by their works; N(0, 1) for CML, where it does not count."""
    if not calibration.populations:
        return Mixture(np.zeros(1), np.ones(1), np.ones(1))
    works = np.array([population.works for population in calibration.populations])
    return Mixture(
        np.array([population.mean for population in calibration.populations]),
        np.array([population.sd for population in calibration.populations]),
        works / works.sum(),
    )


def given_total(parameters: ItemParameters, mixture: Mixture) -> Array:
    """P(score on item i = s_c | total = s), [M + 1, items, categories]; NaN for totals nobody gets.

    ∫ P_c(θ)·f_{−i}(s − s_c | θ)·φ(θ) dθ / ∫ f(s | θ)·φ(θ) dθ with f by Lord & Wingersky (1984);
    Orlando & Thissen (2000), Kang & Chen (2008). With equal slopes φ cancels.
    """
    nodes, weights = mixture.nodes(parameters)
    chances = curves.category_probabilities(parameters, nodes)
    scores = curves.score_table(parameters).astype(np.int64)
    steps = parameters.steps
    whole = weights @ curves.convolve_scores(chances, scores, steps)
    size = len(steps)
    joint = np.zeros((len(whole), size, chances.shape[2]))
    everything = np.arange(size)
    for item in range(size):
        others = everything[everything != item]
        rest = (
            curves.convolve_scores(
                np.ascontiguousarray(chances[:, others]),
                np.ascontiguousarray(scores[others]),
                np.ascontiguousarray(steps[others]),
            )
            if size > 1
            else np.ones((len(nodes), 1))
        )
        for category in range(int(steps[item]) + 1):
            score = int(scores[item, category])
            joint[score : score + rest.shape[1], item, category] = (
                weights * chances[:, item, category]
            ) @ rest
    # A total whose probability is nil is reached by nobody.
    reached = whole > 0
    found = np.full_like(joint, np.nan)
    found[reached] = joint[reached] / whole[reached, None, None]
    return found
