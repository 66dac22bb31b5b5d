"""Packed works: the same likelihoods, posteriors and counts as one answer at a time."""

from __future__ import annotations

import numpy as np
import pytest

from merilo_psychometrics import curves
from merilo_psychometrics.design import Item
from merilo_psychometrics.likelihood import (
    expected_counts,
    fitting_nodes,
    normal_nodes,
    pack,
    posterior_moments,
    posterior_weights,
)
from merilo_psychometrics.likelihood.kernels import exponential
from merilo_psychometrics.likelihood.packing import WORTH_A_PACK
from merilo_psychometrics.parameters import make_parameters
from merilo_psychometrics.responses import from_matrix

ITEMS = [Item("a"), Item("b", (0, 2, 3)), *(Item(f"i{n}") for n in range(9)), Item("z", (0, 1, 2))]


def case(holes, works=3000):
    chance = np.random.default_rng(7)
    scores = np.column_stack([chance.choice(item.scores, works) for item in ITEMS])
    if holes:
        scores = np.where(chance.random(scores.shape) < 0.15, -1, scores)
    own = make_parameters({item.id: chance.normal(0, 1, len(item.scores) - 1) for item in ITEMS},
                          items=ITEMS, slope={"b": 1.4})  # fmt: skip
    responses = from_matrix(
        scores, items=ITEMS, weights=chance.integers(1, 4, works).astype(float)
    )
    nodes = np.linspace(-4, 4, 21)
    prior = normal_nodes(nodes, np.array([0.0, 0.5]), np.array([1.0, 0.8]))
    codes = tuple((block.persons % 2).astype(np.int32) for block in responses.blocks)
    return responses, own, prior, codes


def by_definition(responses, own, prior, codes):
    """Posterior and log-likelihood of every work, answer by answer."""
    chances = curves.category_probabilities(own, prior.nodes)
    found = []
    for booklet, block, code in zip(
        responses.design.booklets, responses.blocks, codes, strict=True
    ):
        likelihood = np.exp(prior.log_weights[code])
        for column, item in enumerate(booklet.items):
            category = np.searchsorted(ITEMS[item].scores, block.scores[:, column])
            likelihood = likelihood * chances[:, item].T[category]
        found.append(likelihood)
    whole = np.concatenate(found)
    return whole / whole.sum(axis=1, keepdims=True), np.log(whole.sum(axis=1))


@pytest.mark.parametrize("holes", [False, True])
def test_posteriors_are_those_of_the_definition(holes):
    responses, own, prior, codes = case(holes)
    posterior, value = by_definition(responses, own, prior, codes)
    logs = curves.log_probabilities(own, prior.nodes)
    seen = np.zeros(responses.works, bool)
    for part in pack(responses, groups=codes):
        mean, sd = posterior_moments(part, logs, prior)
        assert mean == pytest.approx(posterior[part.rows] @ prior.nodes, abs=1e-12)
        square = posterior[part.rows] @ prior.nodes**2
        assert sd == pytest.approx(np.sqrt(square - mean**2), abs=1e-7)
        for rows, weights, values in posterior_weights(part, logs, prior, chunk=700):
            assert weights == pytest.approx(posterior[part.rows[rows]], abs=1e-13)
            assert values == pytest.approx(value[part.rows[rows]], abs=1e-11)
        seen[part.rows] = True
    assert seen.all()


@pytest.mark.parametrize("holes", [False, True])
@pytest.mark.parametrize("fold", [False, True])
def test_expected_counts_are_those_of_the_definition(holes, fold):
    responses, own, prior, codes = case(holes)
    if fold:
        responses = responses.only_items(["a", "b", "z"])
        own = own.only(["a", "b", "z"])
        codes = tuple((block.persons % 2).astype(np.int32) for block in responses.blocks)
    logs = curves.log_probabilities(own, prior.nodes)
    value, by_group = 0.0, np.zeros((2, 21))
    counts = np.zeros_like(logs)
    for part in pack(responses, groups=codes, weighted=True, fold=fold):
        likelihood, filled, mass = expected_counts(part, logs, prior)
        value, by_group = value + likelihood, by_group + mass
        counts[part.items] += filled
    items = responses.design.items
    expected, total = np.zeros_like(counts), 0.0
    for booklet, block, code in zip(
        responses.design.booklets, responses.blocks, codes, strict=True
    ):
        likelihood = np.exp(prior.log_weights[code])
        placed = []
        for column, item in enumerate(booklet.items):
            category = np.searchsorted(items[item].scores, block.scores[:, column])
            likelihood = likelihood * np.exp(logs[item])[category]
            placed.append(category)
        total += block.weights @ np.log(likelihood.sum(axis=1))
        posterior = likelihood / likelihood.sum(axis=1, keepdims=True) * block.weights[:, None]
        for category, item in zip(placed, booklet.items, strict=True):
            np.add.at(expected[item], category, posterior)
    assert value == pytest.approx(total, rel=1e-12)
    assert counts == pytest.approx(expected, abs=1e-9)
    assert by_group.sum() == pytest.approx(sum(block.weights.sum() for block in responses.blocks))


def test_large_booklets_have_packs_of_their_own():
    responses, *_ = case(False, WORTH_A_PACK + 10)
    (whole,) = pack(responses)
    assert not whole.merged and whole.codes.shape[1] < len(ITEMS) / 3


def test_the_exponential_is_that_of_the_machine():
    x = -np.concatenate([np.linspace(0, 50, 4001), np.linspace(50, 700, 500)])
    found = np.array([exponential.py_func(value) for value in x])
    assert np.abs(found / np.exp(x) - 1).max() < 5e-16


def test_the_grid_is_fine_enough_for_its_sums():
    """A long test: the posterior is narrow, and the nodes follow."""
    names = [f"i{n}" for n in range(150)]
    own = make_parameters(dict(zip(names, np.linspace(-2, 2, 150), strict=True)))
    given = np.ones((1, 150), bool)
    nodes = fitting_nodes(own, given, 0.0, 1.0)
    short = fitting_nodes(own.only(names[:10]), given[:, :10], 0.0, 1.0)
    assert np.diff(nodes).max() < 0.16 and len(nodes) > 2 * len(short)
    fine = np.linspace(nodes[0], nodes[-1], 4001)

    def total(points):
        weights = np.exp(-0.5 * points**2)
        likelihood = curves.score_distribution(own, points)[:, 40] * weights
        return (likelihood @ points) / likelihood.sum()

    assert total(nodes) == pytest.approx(total(fine), abs=1e-11)
