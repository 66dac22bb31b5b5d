"""Plausible values stand for the population."""

from __future__ import annotations

import numpy as np
import pytest

from merilo_psychometrics import curves
from merilo_psychometrics.calibration import calibrate_mml
from merilo_psychometrics.parameters import make_parameters
from merilo_psychometrics.persons import draw_plausible_values, estimate_abilities
from merilo_psychometrics.responses import from_matrix

from .sets import generated


def test_plausible_values_recover_the_population_where_points_do_not():
    chance = np.random.default_rng(43)
    truth = make_parameters({f"i{n}": b for n, b in enumerate(np.linspace(-1.5, 1.5, 12))})
    theta = np.concatenate([chance.normal(0, 1, 4000), chance.normal(0.8, 0.7, 4000)])
    right = curves.category_probabilities(truth, theta)[:, :, 1]
    responses = from_matrix((chance.random(right.shape) < right).astype(np.int8),
                            items=list(truth.index), groups={"g": ["a"] * 4000 + ["b"] * 4000})  # fmt: skip
    found = draw_plausible_values(responses, truth, rng=np.random.default_rng(1), grouping="g")
    assert found.values.shape == (8000, 5)
    for rows, mean, sd in ((slice(4000), 0, 1), (slice(4000, None), 0.8, 0.7)):
        assert found.values[rows].mean() == pytest.approx(mean, abs=0.06)
        assert found.values[rows].std() == pytest.approx(sd, abs=0.06)
    points = estimate_abilities(responses, truth, method="eap").ability
    assert points[:4000].std() < 0.9, "point estimates shrink, or the test shows nothing"
    again = draw_plausible_values(responses, truth, rng=np.random.default_rng(1), grouping="g",
                                  populations=found.populations)  # fmt: skip
    assert (again.values == found.values).all()


def test_plausible_values_have_the_moments_of_the_posterior():
    own = make_parameters({f"i{n}": 0.2 * n for n in range(30)}, slope={"i0": 1.5})
    responses = from_matrix(
        np.tile([1, 0, 1], 10)[None].repeat(20_000, axis=0), items=list(own.index)
    )
    prior = calibrate_mml(from_matrix(generated("a_2pl")[:500])).populations
    found = draw_plausible_values(responses, own, rng=np.random.default_rng(2), draws=10,
                                  populations=prior)  # fmt: skip
    eap = estimate_abilities(responses, own, method="eap")
    assert found.values.mean() == pytest.approx(eap.ability[0], abs=0.003)
    assert found.values.std() == pytest.approx(eap.se[0], abs=0.003)
