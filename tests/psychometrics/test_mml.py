"""Marginal maximum likelihood: agrees with TAM and mirt, proves its maximum, recovers the truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from merilo_psychometrics import curves, errors
from merilo_psychometrics.calibration import Priors, calibrate_cml, calibrate_mml
from merilo_psychometrics.calibration.mml.calibrate import _groups, _layout, _require_estimable
from merilo_psychometrics.calibration.mml.em import expect, gradient_of
from merilo_psychometrics.calibration.mml.information import observed_information
from merilo_psychometrics.calibration.mml.starting import starting_slopes
from merilo_psychometrics.design import Item
from merilo_psychometrics.likelihood import pack
from merilo_psychometrics.parameters import make_parameters
from merilo_psychometrics.persons import draw_plausible_values, estimate_abilities
from merilo_psychometrics.responses import from_matrix
from merilo_psychometrics.statistics import sufficient_statistics

from . import golden_files
from .published import LSAT6, LSAT7, expanded
from .sets import generated

GOLDEN = Path(__file__).parent / "golden" / "mml"
# Printed by TAM 4.3.25: log-likelihood of Rasch and 2PL, variance of ability under Rasch.
LSAT = {
    "LSAT6": (LSAT6, -2466.93759957862, 0.570228445903254, -2466.65337739808),
    "LSAT7": (LSAT7, -2664.90089085434, 1.02266187449821, -2658.80511355202),
}


@pytest.mark.parametrize("name", LSAT)
def test_lsat_is_that_of_tam(name):
    table, rasch, variance, two_pl = LSAT[name]
    responses = from_matrix(expanded(table))
    one = calibrate_mml(responses, model="rasch")
    golden = pl.read_csv(GOLDEN / f"{name}_TAM_1pl.csv")
    assert one.log_likelihood == pytest.approx(rasch, abs=1e-5)
    assert one.parameters.difficulty == pytest.approx(golden["xsi"].to_numpy(), abs=1e-4)
    assert one.populations[0].sd ** 2 == pytest.approx(variance, abs=1e-4)
    two = calibrate_mml(responses, model="2pl")
    golden = pl.read_csv(GOLDEN / f"{name}_TAM_2pl.csv")
    assert two.log_likelihood == pytest.approx(two_pl, abs=1e-5)
    assert two.parameters.slope == pytest.approx(golden["B.Cat1.Dim1"].to_numpy(), abs=1e-4)
    easiness = two.parameters.slope * two.parameters.difficulty
    assert easiness == pytest.approx(golden["xsi.item"].to_numpy(), abs=1e-4)
    assert (two.free_count, one.free_count) == (10, 6)
    assert two.aic == pytest.approx(20 - 2 * two_pl, abs=1e-4)


def test_the_errors_of_lsat6_are_the_published_ones():
    """Bock & Aitkin (1981) table 1 give the slopes and intercepts; the errors are mirt's (Oakes)."""
    found = calibrate_mml(from_matrix(expanded(LSAT6))).parameters
    slopes = [0.8257, 0.7227, 0.8909, 0.6884, 0.6569]
    assert found.slope == pytest.approx(slopes, abs=1e-4)
    assert found.standard_error("slope") == pytest.approx(
        [0.258, 0.187, 0.233, 0.185, 0.210], abs=5e-4
    )


@pytest.mark.parametrize("name", ["a_rasch", "a_2pl", "d_pcm", "d_gpcm"])
def test_generated_sets_are_those_of_tam(name):
    model = {"a_rasch": "rasch", "a_2pl": "2pl", "d_pcm": "pcm", "d_gpcm": "gpcm"}[name]
    found = calibrate_mml(from_matrix(generated(name)), model=model).parameters
    golden = pl.read_csv(GOLDEN / f"{name}_TAM_items.csv")
    if "alpha" in golden.columns:
        steps = golden.select("tau.Cat1", "tau.Cat2", "tau.Cat3").to_numpy()
        slope, thresholds = golden["alpha"].to_numpy(), golden["beta"].to_numpy()[:, None] + steps
    else:
        slope = golden["B"].to_numpy()
        thresholds = (golden["AXsi"].to_numpy() / slope)[:, None]
    # Of the peer, PCM is run less tightly than the rest.
    assert found.slope == pytest.approx(slope, abs=1e-5)
    assert found.thresholds == pytest.approx(thresholds, abs=1e-4)


def test_a_2pl_is_that_of_mirt():
    found = calibrate_mml(from_matrix(generated("a_2pl")))
    golden = pl.read_csv(GOLDEN / "a_2pl_mirt_items.csv")
    assert found.parameters.slope == pytest.approx(golden["a1"].to_numpy(), abs=1e-5)
    assert found.parameters.slope * found.parameters.difficulty == pytest.approx(
        -golden["d"].to_numpy(), abs=1e-5
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [("Science", "Science"), ("verbAggr", "verbAggr_scored"), ("verbAggr_dich", "verbAggr_dich"),
     ("data.read", "data.read"), ("irtoys_Scored", "irtoys_Scored")],
)  # fmt: skip
def test_real_data_give_the_likelihood_of_mirt_and_tam(name, data):
    scores = golden_files.scores(data)
    graded = scores.max() > 1
    two = calibrate_mml(from_matrix(scores), model="gpcm" if graded else "2pl")
    peer = golden_files.scalar(name, "MML 2PL/GPCM loglik", "TAM")
    assert two.log_likelihood == pytest.approx(peer, abs=2e-3)
    one = calibrate_mml(from_matrix(scores), model="pcm" if graded else "rasch")
    # The proved maximum is never below what a peer stopped at.
    for program in ("TAM", "mirt"):
        peer = golden_files.scalar(name, "MML 1PL/PCM loglik", program)
        assert one.log_likelihood > peer - 2e-4


def test_three_parameters_are_those_of_bilog():
    """The same priors; BILOG afterwards gives the sample the unit variance, so the unit is moved."""
    found = calibrate_mml(
        from_matrix(golden_files.scores("irtoys_Scored")), model="3pl"
    ).parameters
    golden = golden_files.table("golden/real/irtoys_Scored__BILOG_b3.csv").to_numpy()
    unit = float(np.median(found.slope / golden[:, 0]))
    assert unit == pytest.approx(1.0, abs=0.02)
    moved = found.rescaled(unit, 0.0)
    assert moved.slope == pytest.approx(golden[:, 0], abs=0.01)
    assert moved.difficulty == pytest.approx(golden[:, 1], abs=0.02)
    assert found.guessing == pytest.approx(golden[:, 2], abs=2e-3)


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
    counts = _require_estimable(statistics, responses.works, set())
    layout = _layout(responses, model, None, len(groups), counts, np.ones(len(items)), Priors())
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
    counts = _require_estimable(statistics, responses.works, set())
    layout = _layout(responses, "2pl", None, 1, counts, starting_slopes(statistics), Priors())
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


def test_what_cannot_be_known_is_refused_by_name():
    with pytest.raises(errors.UnlinkedBooklets):
        calibrate_mml(
            from_matrix([[1, 0, -1, -1], [0, 1, -1, -1], [-1, -1, 1, 0], [-1, -1, 0, 1]])
        )
    with pytest.raises(errors.ExtremeItem) as caught:
        calibrate_mml(from_matrix([[1, 0, 1, 0], [0, 1, 1, 0]], items=["a", "b", "full", "none"]))
    assert (caught.value.zero, caught.value.full) == (("none",), ("full",))
    with pytest.raises(errors.UnusedCategory, match="g — 2"):
        calibrate_mml(from_matrix([[0, 1], [1, 0], [3, 0]], items=["g", "h"]), model="gpcm")
    with pytest.raises(errors.WrongSettings, match="gpcm"):
        calibrate_mml(from_matrix([[0, 1], [2, 0], [1, 1]], items=["g", "h"]))
    with pytest.raises(errors.WrongSettings):
        calibrate_mml(from_matrix([[0, 1], [1, 0]]), model="4pl")
    with pytest.raises(errors.TooFewPersons):
        calibrate_mml(from_matrix([[0, 1], [1, 0]]))
    with pytest.raises(errors.BadData):
        calibrate_mml(from_matrix([[0, 1], [1, 0]]), grouping="school")


def test_perfect_separation_is_not_taken_for_an_estimate():
    """Every work follows the order of difficulty exactly: slopes grow without end."""
    guttman = np.tril(np.ones((6, 5), int), -1).repeat(30, axis=0)
    with pytest.raises(errors.NotConverged) as caught:
        calibrate_mml(from_matrix(guttman, items=[*"abcde"]))
    assert caught.value.items


def test_too_few_iterations_give_no_half_result():
    with pytest.raises(errors.NotConverged, match="max_iterations"):
        calibrate_mml(from_matrix(generated("a_2pl")[:500]), max_iterations=3)


def test_the_result_says_where_it_comes_from():
    responses = from_matrix(generated("a_2pl")[:500])
    found = calibrate_mml(responses)
    assert found.provenance.data == responses.data_hash
    assert found.provenance.settings["tolerance"] == 1e-7
    assert (found.model, found.method) == ("2pl", "mml")
    assert found.parameters.identification == "population"
