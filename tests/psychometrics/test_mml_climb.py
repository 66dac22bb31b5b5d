"""Marginal maximum likelihood: its derivatives are right, and no road to the maximum changes it."""

from __future__ import annotations

import numpy as np
import pytest

from merilo_psychometrics import errors
from merilo_psychometrics.calibration import Priors, calibrate_mml
from merilo_psychometrics.calibration.mml import totals
from merilo_psychometrics.calibration.mml.beginning import layout_of
from merilo_psychometrics.calibration.mml.calibrate import _groups
from merilo_psychometrics.calibration.mml.em import expect, gradient_of
from merilo_psychometrics.calibration.mml.information import observed_information
from merilo_psychometrics.calibration.mml.requirements import require_estimable
from merilo_psychometrics.calibration.mml.starting import starting_slopes
from merilo_psychometrics.design import Item
from merilo_psychometrics.likelihood import pack
from merilo_psychometrics.responses import from_matrix
from merilo_psychometrics.statistics import statistics_by, sufficient_statistics

from .sets import generated


def few(chance, works=260, items=7, groups=2):
    """Small data with everything: three scores, two groups, works of different booklets."""
    names = [Item(f"i{n}", (0, 1, 2) if n < 2 else (0, 1)) for n in range(items)]
    theta = chance.normal(0, 1, works)
    scores = np.zeros((works, items), np.int8)
    for n, item in enumerate(names):
        for _ in item.scores[1:]:
            place = 1 / (1 + np.exp(-(theta + 0.4 * (n - items / 2))))
            scores[:, n] += chance.random(works) < place
    return scores, names, (np.arange(works) % groups).astype(str)


@pytest.mark.parametrize("holes", [False, True])
@pytest.mark.parametrize("model", ["pcm", "gpcm", "3pl"])
def test_the_information_is_the_second_derivative(model, holes):
    """Against differences of the gradient, and the gradient against differences of the value."""
    chance = np.random.default_rng(17)
    scores, items, group = few(chance)
    if holes:
        scores = np.where(chance.random(scores.shape) < 0.25, -1, scores)
    responses = from_matrix(scores, items=items, groups={"g": group})
    groups, codes = _groups(responses, "g")
    statistics = sufficient_statistics(responses)
    counts = require_estimable(statistics, responses.works, set())
    layout = layout_of(
        responses.design, model, None, len(groups), counts, np.ones(len(items)), Priors()
    )
    packs, nodes = pack(responses, groups=codes), np.linspace(-12, 12, 121)
    vector = layout.vector(layout.fixed) + chance.normal(0, 0.2, layout.size)

    def at(where):
        return expect(layout, packs, where, nodes)

    step, size = 1e-5, layout.size
    ahead = [at(vector + step * row) for row in np.eye(size)]
    behind = [at(vector - step * row) for row in np.eye(size)]
    slope = np.array(
        [(a.objective - b.objective) / (2 * step) for a, b in zip(ahead, behind, strict=True)]
    )
    assert gradient_of(layout, at(vector)) == pytest.approx(slope, abs=2e-4)
    bend = np.array([(gradient_of(layout, a) - gradient_of(layout, b)) / (2 * step)
                     for a, b in zip(ahead, behind, strict=True)])  # fmt: skip
    found = observed_information(layout, packs, responses, at(vector), codes, weighted=False)
    assert found == pytest.approx(-bend, abs=2e-4)


@pytest.mark.parametrize("name", ["a_2pl", "d_gpcm"])
def test_the_climb_starts_with_slopes_near_their_end(name):
    responses = from_matrix(generated(name))
    start = starting_slopes(sufficient_statistics(responses))
    model = "2pl" if name == "a_2pl" else "gpcm"
    found = calibrate_mml(responses, model=model)
    assert np.corrcoef(start, found.parameters.slope)[0, 1] > 0.95
    assert np.abs(np.log(start / found.parameters.slope)).max() < 0.35
    # From slopes of 1 it took 12 and 19 steps.
    assert found.iterations <= 15


def test_a_thinned_information_is_that_of_all_works_but_for_chance():
    responses = from_matrix(generated("a_rasch"), weights=np.full(10_000, 2.0))
    statistics = sufficient_statistics(responses)
    counts = require_estimable(statistics, responses.works, set())
    layout = layout_of(
        responses.design, "2pl", None, 1, counts, starting_slopes(statistics), Priors()
    )
    _, codes = _groups(responses, None)
    packs, nodes = pack(responses, weighted=True), np.linspace(-6, 6, 61)
    at = expect(layout, packs, layout.vector(layout.fixed), nodes)
    whole, part = (
        observed_information(layout, packs, responses, at, codes, weighted=True, every=every)
        for every in (1, 4)
    )
    ratio = np.linalg.eigvals(np.linalg.solve(whole, part)).real
    assert 0.7 < ratio.min() < ratio.max() < 1.3
    thin = packs[0].thinned(4)
    assert (len(thin), thin.weights.sum()) == (2500, 20_000)


def test_many_works_end_where_few_begin_from_whatever_their_order():
    """The first steps are made on a part of the works; the end is that of all of them."""
    chance = np.random.default_rng(41)
    theta = np.sort(chance.normal(0, 1, 40_000))[:, None]  # the weak first
    scores = chance.random((40_000, 12)) < 1 / (1 + np.exp(np.linspace(-2, 2, 12) - 1.3 * theta))
    mixed = chance.permutation(40_000)
    one, two = (calibrate_mml(from_matrix(part)) for part in (scores, scores[mixed]))
    assert one.parameters.slope == pytest.approx(two.parameters.slope, abs=1e-6)
    assert one.parameters.difficulty == pytest.approx(two.parameters.difficulty, abs=1e-6)
    assert one.log_likelihood == pytest.approx(two.log_likelihood, abs=1e-6)


def test_a_rare_category_is_not_lost_among_some_of_the_works():
    chance = np.random.default_rng(43)
    theta = chance.normal(0, 1, 30_000)[:, None]
    scores = (chance.random((30_000, 8)) < 1 / (1 + np.exp(-theta))).astype(np.int8)
    rare = np.zeros(30_000, np.int8)
    rare[chance.choice(np.flatnonzero(scores.sum(axis=1) > 5), 12, replace=False)] = 1
    found = calibrate_mml(from_matrix(np.column_stack([scores, rare])), model="2pl")
    assert found.parameters.difficulty[8] > 3
    assert np.isfinite(found.parameters.standard_error("threshold")[8, 0])


def test_the_order_of_works_and_items_changes_nothing():
    scores = generated("d_gpcm")[:3000]
    order = np.random.default_rng(1).permutation(25)
    one = calibrate_mml(from_matrix(scores), model="gpcm").parameters
    two = calibrate_mml(from_matrix(scores[::-1, order]), model="gpcm").parameters
    assert two.thresholds == pytest.approx(one.thresholds[order], abs=1e-6)
    assert two.slope == pytest.approx(one.slope[order], abs=1e-6)


def test_more_nodes_change_nothing():
    responses = from_matrix(generated("a_2pl")[:2000])
    chosen = calibrate_mml(responses)
    many = calibrate_mml(responses, nodes=201)
    assert many.log_likelihood == pytest.approx(chosen.log_likelihood, abs=1e-5)
    assert many.parameters.slope == pytest.approx(chosen.parameters.slope, abs=1e-6)


@pytest.mark.parametrize("holes", [False, True])
def test_totals_say_what_works_say(holes):
    chance = np.random.default_rng(19)
    scores, items, group = few(chance)
    if holes:
        scores[::2, 3], scores[::3, 5] = -1, -1
    responses = from_matrix(scores, items=items, groups={"g": group})
    groups, codes = _groups(responses, "g")
    by_group = statistics_by(responses, "g")
    counts = require_estimable(sufficient_statistics(responses), responses.works, set())
    layout = layout_of(
        responses.design, "pcm", None, len(groups), counts, np.ones(len(items)), Priors()
    )
    vector = layout.vector(layout.fixed) + chance.normal(0, 0.2, layout.size)
    nodes, packs = np.linspace(-8, 8, 81), pack(responses, groups=codes)
    tables = totals.tables_of([by_group[name] for name in groups])
    works, short = (
        expect(layout, packs, vector, nodes),
        totals.expect(layout, tables, vector, nodes),
    )
    assert short.log_likelihood == pytest.approx(works.log_likelihood, abs=1e-9)
    assert short.counts == pytest.approx(works.counts, abs=1e-9)
    assert short.mass == pytest.approx(works.mass, abs=1e-9)
    whole = observed_information(layout, packs, responses, works, codes, weighted=False)
    assert totals.information(layout, tables, short) == pytest.approx(whole, abs=1e-8)


def test_counts_are_enough_where_slopes_are_equal():
    responses = from_matrix(generated("d_pcm"))
    counts = sufficient_statistics(responses)
    one, two = calibrate_mml(responses, model="pcm"), calibrate_mml(counts, model="pcm")
    assert two.parameters.thresholds == pytest.approx(one.parameters.thresholds, abs=1e-9)
    assert two.populations[0].sd == pytest.approx(one.populations[0].sd, abs=1e-9)
    assert two.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-6)
    with pytest.raises(errors.WrongSettings, match="rasch, pcm"):
        calibrate_mml(counts, model="gpcm")
    with pytest.raises(errors.WrongSettings, match="без групп"):
        calibrate_mml(counts, model="pcm", grouping="g")
