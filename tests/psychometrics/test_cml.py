"""Conditional maximum likelihood: agrees with dexter, recovers the truth, refuses what it cannot know."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from merilo_psychometrics import errors
from merilo_psychometrics.calibration import calibrate_cml
from merilo_psychometrics.calibration.symmetric import linear_moments
from merilo_psychometrics.design import Booklet, Design, Item, Stage
from merilo_psychometrics.parameters import make_parameters
from merilo_psychometrics.responses import Block, Responses, from_matrix
from merilo_psychometrics.statistics import sufficient_statistics

from .published import LSAT6, LSAT7, expanded
from .sets import generated

GOLDEN = Path(__file__).parent / "golden" / "cml"
# Conditional log-likelihoods printed by dexter 1.7.0 (logLik of fit_enorm).
DEXTER_LOG_LIKELIHOOD = {
    "a_rasch": -187599.461264,
    "b_rasch": -3740659.458629,
    "c_rasch": -2692384.834871,
    "d_pcm": -1154778.691452,
}


def flat(values):
    return values[np.isfinite(values)]


@pytest.mark.parametrize("name", ["a_rasch", "b_rasch", "d_pcm", "LSAT6", "LSAT7"])
def test_thresholds_and_errors_are_those_of_dexter(name):
    tables = {"LSAT6": LSAT6, "LSAT7": LSAT7}
    scores = expanded(tables[name]) if name in tables else generated(name)
    found = calibrate_cml(from_matrix(scores)).parameters
    golden = pl.read_csv(GOLDEN / f"{name}.csv").sort("item_id", "item_score")
    beta = golden["beta"].to_numpy()
    assert flat(found.thresholds) == pytest.approx(beta - beta.mean(), abs=1e-9)
    assert flat(found.standard_error("threshold")) == pytest.approx(
        golden["SE_beta"].to_numpy(), abs=1e-7
    )


@pytest.mark.parametrize("name", DEXTER_LOG_LIKELIHOOD)
def test_the_log_likelihood_is_that_of_dexter(name):
    found = calibrate_cml(from_matrix(generated(name)))
    assert found.log_likelihood == pytest.approx(DEXTER_LOG_LIKELIHOOD[name], abs=2e-6)


def patterns(found, booklet_items, total):
    """All score patterns of a total with their weights: the definition, for small tests."""
    scores = [found.items[n].scores for n in booklet_items]
    weights = []
    for pattern in itertools.product(*scores):
        if sum(pattern) == total:
            log_weight = 0.0
            for place, score in zip(booklet_items, pattern, strict=True):
                row = found.thresholds[place]
                jumps = np.diff(found.items[place].scores)
                steps = found.items[place].scores.index(score)
                log_weight -= (jumps * row[: len(jumps)])[:steps].sum()
            weights.append((pattern, np.exp(log_weight)))
    return weights


def test_the_gradient_vanishes_by_the_definition():
    """Observed and expected counts agree when the expectation is summed over all patterns."""
    chance = np.random.default_rng(3)
    theta = chance.normal(size=400)[:, None]
    scores = (chance.random((400, 5)) < 1 / (1 + np.exp(-theta + np.linspace(-1, 1, 5)))).astype(
        int
    )
    scores[:, 4] = scores[:, 4] * 3 + (chance.random(400) < 0.4)
    items = [*"abcd", Item("e", (0, 1, 3, 4))]
    responses = from_matrix(scores, items=[Item(i) if isinstance(i, str) else i for i in items])
    found = calibrate_cml(responses).parameters
    totals, expected = scores.sum(axis=1), np.zeros(5)
    for total in range(9):
        weighted = patterns(found, range(5), total)
        mass = sum(weight for _, weight in weighted)
        for pattern, weight in weighted:
            expected += (totals == total).sum() * weight / mass * np.array(pattern)
    assert expected == pytest.approx(scores.sum(axis=0), abs=1e-6)


def test_counts_together_are_those_of_all_patterns():
    """Moments given the total, scores with gaps among them, against the sum over all patterns."""
    scores = [(0, 1), (0, 2, 3), (0, 1, 2, 3), (0, 1, 4)]
    chance = np.random.default_rng(9)
    steps = np.array([len(one) - 1 for one in scores])
    table, eps = np.zeros((4, 4), dtype=np.int64), np.zeros((4, 4))
    for item, one in enumerate(scores):
        table[item, : len(one)] = one
        eps[item, : len(one)] = [1.0, *np.exp(chance.normal(size=len(one) - 1))]
    works = chance.integers(0, 30, size=sum(max(one) for one in scores) + 1).astype(float)
    works[4] = 0.0  # nobody of this total
    log_sum, expected, joint, given, unreachable = linear_moments(table, steps, eps, works)
    cells = [(item, category) for item in range(4) for category in range(1, steps[item] + 1)]
    weight = np.zeros(len(works))
    single = np.zeros((len(cells), len(works)))
    double = np.zeros((len(cells), len(cells), len(works)))
    for chosen in itertools.product(*(range(last + 1) for last in steps)):
        total = sum(scores[item][category] for item, category in enumerate(chosen))
        mass = np.prod([eps[item, category] for item, category in enumerate(chosen)])
        here = np.array([chosen[item] == category for item, category in cells])
        weight[total] += mass
        single[:, total] += mass * here
        double[:, :, total] += mass * np.outer(here, here)
    assert unreachable == -1
    assert log_sum == pytest.approx((works * np.log(weight)).sum())
    assert expected == pytest.approx((single / weight) @ works)
    assert joint == pytest.approx((double / weight) @ works)
    assert given[:, works > 0] == pytest.approx((single / weight)[:, works > 0])


def test_booklets_given_to_unequal_groups_do_no_harm():
    chance = np.random.default_rng(11)
    truth = np.linspace(-1.5, 1.5, 30)
    scores = np.full((12_000, 30), -1)
    for booklet, (mean, items) in enumerate([(-1, range(20)), (1, range(10, 30))]):
        rows = slice(6000 * booklet, 6000 * (booklet + 1))
        theta = chance.normal(mean, 1, 6000)[:, None]
        right = 1 / (1 + np.exp(-theta + truth[list(items)]))
        scores[rows, list(items)[0] : list(items)[-1] + 1] = chance.random(right.shape) < right
    found = calibrate_cml(from_matrix(scores)).parameters.difficulty
    assert np.sqrt(np.mean((found - truth) ** 2)) < 0.06


@pytest.mark.parametrize("cumulative", [True, False])
def test_a_multi_stage_test_is_calibrated_without_bias(cumulative):
    """Three modules of six; the first two decide (together, or the second alone) who goes up."""
    chance = np.random.default_rng(29)
    truth = np.concatenate([np.linspace(-1, 1, 12), np.linspace(-2, 0, 6), np.linspace(0, 2, 6)])
    theta = chance.normal(0, 1.2, 30_000)[:, None]
    scores = (chance.random((30_000, 24)) < 1 / (1 + np.exp(-theta + truth))).astype(np.int8)
    routing = scores[:, :12].sum(axis=1) if cumulative else scores[:, 6:12].sum(axis=1)
    cut, top = (6, 12) if cumulative else (3, 6)
    up = routing > cut
    first = tuple(range(6))
    paths, blocks = [], []
    for name, rows, third, lowest, highest in (
        ("easy", ~up, range(12, 18), 0, cut),
        ("hard", up, range(18, 24), cut + 1, top),
    ):
        items = np.array([*range(12), *third], dtype=np.int32)
        stages = (
            Stage(first, 0, 6),
            Stage(tuple(range(6, 12)), lowest, highest, cumulative),
            Stage(tuple(range(12, 18)), 0, 18),
        )
        paths.append(Booklet(name, items, stages))
        blocks.append(Block(np.ascontiguousarray(scores[rows][:, items]), np.flatnonzero(rows)))
    items = tuple(Item(f"i{n:02d}") for n in range(24))
    staged = Responses(Design(items, tuple(paths)), tuple(blocks))
    found = calibrate_cml(staged).parameters
    error = found.standard_error("threshold").ravel()
    assert np.abs((found.difficulty - (truth - truth.mean())) / error).max() < 4
    linear = [Booklet(path.id, path.items) for path in paths]
    naive = calibrate_cml(Responses(Design(items, tuple(linear)), tuple(blocks))).parameters
    off = np.abs(naive.difficulty - (truth - truth.mean())) / error
    assert off.max() > 8, "leaving the routing out must show, or the test shows nothing"


def test_fixed_items_keep_their_parameters_and_set_the_scale():
    responses = from_matrix(generated("a_rasch")[:3000])
    free = calibrate_cml(responses).parameters
    names = [item.id for item in free.items]
    anchors = make_parameters({name: free.difficulty[n] + 0.7 for n, name in enumerate(names[:5])})
    fixed = calibrate_cml(responses, anchors=anchors)
    assert fixed.anchored == tuple(names[:5])
    assert fixed.parameters.difficulty == pytest.approx(free.difficulty + 0.7, abs=1e-8)
    assert np.isnan(fixed.parameters.standard_error("threshold")[:5]).all()


def test_the_order_of_works_and_items_changes_nothing():
    scores = generated("d_pcm")[:2000]
    one = calibrate_cml(from_matrix(scores)).parameters
    order = np.random.default_rng(1).permutation(25)
    two = calibrate_cml(from_matrix(scores[::-1, order])).parameters
    assert two.thresholds == pytest.approx(one.thresholds[order], abs=1e-9)


def test_two_hundred_items_are_no_trouble():
    chance = np.random.default_rng(2)
    truth = np.linspace(-3, 3, 200)
    theta = chance.normal(0, 1.5, 5000)[:, None]
    scores = (chance.random((5000, 200)) < 1 / (1 + np.exp(-theta + truth))).astype(np.int8)
    found = calibrate_cml(from_matrix(scores)).parameters
    error = found.standard_error("threshold").ravel()
    assert np.abs((found.difficulty - truth) / error).max() < 5


def test_what_cannot_be_known_is_refused_by_name():
    with pytest.raises(errors.UnlinkedBooklets):
        calibrate_cml(
            from_matrix([[1, 0, -1, -1], [0, 1, -1, -1], [-1, -1, 1, 0], [-1, -1, 0, 1]])
        )
    with pytest.raises(errors.ExtremeItem) as caught:
        calibrate_cml(from_matrix([[1, 0, 1, 0], [0, 1, 1, 0]], items=["a", "b", "full", "none"]))
    assert (caught.value.zero, caught.value.full) == (("none",), ("full",))
    gap = from_matrix([[0, 1], [1, 0], [3, 0], [0, 1]], items=["g", "h"])
    with pytest.raises(errors.UnusedCategory, match="g — 2"):
        calibrate_cml(gap)
    with pytest.raises(errors.TooFewPersons):
        calibrate_cml(from_matrix([[1, 1], [0, 0]]))
    with pytest.raises(errors.WrongSettings):
        calibrate_cml(from_matrix([[1, 0], [0, 1]]), anchors=make_parameters({"zz": 0.0}))


def test_too_few_iterations_give_no_half_result():
    with pytest.raises(errors.NotConverged, match="max_iterations"):
        calibrate_cml(from_matrix(generated("a_rasch")), max_iterations=1)


def test_perfect_separation_is_not_taken_for_an_estimate():
    """Nobody who failed `a` solved `b`, and so on: the likelihood has no maximum."""
    guttman = [[1, 0, 0], [1, 1, 0]] * 20
    with pytest.raises(errors.MeasurementError) as caught:
        calibrate_cml(from_matrix(guttman, items=["a", "b", "c"]))
    assert caught.value.items


def test_the_result_says_where_it_comes_from():
    statistics = sufficient_statistics(from_matrix(generated("a_rasch")[:500]))
    found = calibrate_cml(statistics)
    assert found.provenance.data == statistics.counts_hash
    assert found.provenance.settings["tolerance"] == 1e-10
    assert (found.model, found.method, found.works, found.free_count) == ("rasch", "cml", 500, 39)
