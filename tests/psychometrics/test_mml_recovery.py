"""Marginal maximum likelihood recovers what was planted, with honest errors."""

from __future__ import annotations

import numpy as np
import pytest

from merilo_psychometrics import curves
from merilo_psychometrics.calibration import calibrate_cml, calibrate_mml
from merilo_psychometrics.parameters import make_parameters
from merilo_psychometrics.responses import from_matrix

from .published import LSAT7, expanded
from .sets import generated


def test_groups_are_recovered_with_booklets_that_overlap():
    chance = np.random.default_rng(23)
    truth = np.linspace(-1.5, 1.5, 30)
    slope = np.exp(chance.normal(0, 0.2, 30))
    scores, group = np.full((9000, 30), -1), np.repeat(["a", "b", "c"], 3000)
    for n, (mean, sd, first) in enumerate([(0, 1, 0), (-0.7, 0.8, 5), (0.6, 1.3, 10)]):
        rows, items = slice(3000 * n, 3000 * (n + 1)), slice(first, first + 20)
        theta = chance.normal(mean, sd, 3000)[:, None]
        right = 1 / (1 + np.exp(-slope[items] * (theta - truth[items])))
        scores[rows, items] = chance.random(right.shape) < right
    responses = from_matrix(scores, groups={"school": group})
    found = calibrate_mml(responses, grouping="school")
    error = found.parameters.standard_error("threshold").ravel()
    assert np.abs((found.parameters.difficulty - truth) / error).max() < 4
    assert (
        np.abs((found.parameters.slope - slope) / found.parameters.standard_error("slope")).max()
        < 4
    )
    first, second, third = found.populations
    assert (first.group, first.mean, first.sd, first.works) == ("a", 0.0, 1.0, pytest.approx(3000))
    assert np.isnan(first.mean_se)
    for population, mean, sd in ((second, -0.7, 0.8), (third, 0.6, 1.3)):
        assert abs(population.mean - mean) < 4 * population.mean_se
        assert abs(population.sd - sd) < 4 * population.sd_se


def test_the_errors_are_those_of_repeated_samples():
    truth = make_parameters({f"i{n}": b for n, b in enumerate(np.linspace(-1.5, 1.5, 8))},
                            slope={f"i{n}": 0.8 + 0.1 * n for n in range(8)})  # fmt: skip
    chance, found = np.random.default_rng(31), []
    for _ in range(60):
        right = curves.category_probabilities(truth, chance.normal(size=1500))[:, :, 1]
        scores = (chance.random(right.shape) < right).astype(np.int8)
        found.append(calibrate_mml(from_matrix(scores, items=list(truth.index))).parameters)
    for kind, values in (("slope", [p.slope for p in found]),
                         ("threshold", [p.thresholds[:, 0] for p in found])):  # fmt: skip
        spread = np.std(values, axis=0)
        said = np.mean([np.ravel(p.standard_error(kind)) for p in found], axis=0)
        assert (spread / said).mean() == pytest.approx(1.0, abs=0.12)


def test_fixed_items_set_the_scale():
    """Everything moved by a fixed part of the items: the rest and the population follow."""
    responses = from_matrix(generated("a_2pl")[:4000])
    free = calibrate_mml(responses).parameters
    moved = free.rescaled(0.8, 1.1)
    anchors = moved.only(list(moved.index)[:12])
    fixed = calibrate_mml(responses, anchors=anchors)
    assert fixed.anchored == tuple(free.index)[:12]
    assert np.isnan(fixed.parameters.standard_error("slope")[:12]).all()
    (population,) = fixed.populations
    # With twelve items held the maximum is not quite the free one: within its errors.
    assert abs(population.mean - 1.1) < 2 * population.mean_se
    assert abs(population.sd - 0.8) < 2 * population.sd_se
    everything = calibrate_mml(responses, anchors=moved)
    assert everything.populations[0].mean == pytest.approx(1.1, abs=1e-5)
    assert everything.populations[0].sd == pytest.approx(0.8, abs=1e-5)


def test_weights_are_numbers_of_works():
    scores = expanded(LSAT7)
    patterns, counts = np.unique(scores, axis=0, return_counts=True)
    one = calibrate_mml(from_matrix(scores))
    two = calibrate_mml(from_matrix(patterns, weights=counts.astype(float)))
    assert two.parameters.slope == pytest.approx(one.parameters.slope, abs=1e-6)
    assert two.parameters.covariance == pytest.approx(one.parameters.covariance, abs=1e-6)
    assert two.works == pytest.approx(1000)


def test_three_parameters_are_recovered():
    chance = np.random.default_rng(41)
    names = [f"i{n:02d}" for n in range(25)]
    truth = make_parameters(
        dict(zip(names, chance.permutation(np.linspace(-1.5, 2.0, 25)), strict=True)),
        slope=dict(zip(names, np.exp(chance.normal(0.1, 0.2, 25)), strict=True)),
        guessing=dict.fromkeys(names, 0.2),
    )
    right = curves.category_probabilities(truth, chance.normal(size=6000))[:, :, 1]
    scores = (chance.random(right.shape) < right).astype(np.int8)
    responses = from_matrix(scores, items=names)
    found = calibrate_mml(responses, model="3pl")
    off = (found.parameters.difficulty - truth.difficulty) / found.parameters.standard_error(
        "threshold"
    ).ravel()
    assert np.abs(off).max() < 4
    assert found.parameters.guessing.mean() == pytest.approx(0.2, abs=0.03)
    assert found.free_count == 75
    theta = np.linspace(-2, 3, 21)
    gap = curves.expected_scores(found.parameters, theta) - curves.expected_scores(truth, theta)
    assert np.abs(gap).max() < 0.06
    assert found.log_likelihood > calibrate_mml(responses).log_likelihood


def test_cml_and_mml_agree_where_both_hold():
    responses = from_matrix(generated("a_rasch"))
    marginal = calibrate_mml(responses, model="rasch").parameters.difficulty
    conditional = calibrate_cml(responses).parameters.difficulty
    assert marginal - marginal.mean() == pytest.approx(conditional, abs=0.01)
