"""Fit: agrees with eRm and mirt, keeps its level where the model holds, sees where it does not."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import chi2

from merilo_psychometrics import curves, errors
from merilo_psychometrics.calibration import calibrate_cml, calibrate_mml
from merilo_psychometrics.design import Item
from merilo_psychometrics.fit import (
    Mixture,
    given_total,
    item_fit,
    item_regressions,
    limited_information,
    s_x2,
)
from merilo_psychometrics.fit.limited import _independence
from merilo_psychometrics.parameters import make_parameters
from merilo_psychometrics.responses import from_matrix
from merilo_psychometrics.statistics import sufficient_statistics

from . import golden_files
from .published import LSAT6, LSAT7, expanded
from .sets import generated

GOLDEN = Path(__file__).parent / "golden" / "fit"
STANDARD = Mixture(np.zeros(1), np.ones(1), np.ones(1))


def agrees_with_erm(found, golden, close):
    for ours, theirs in (("outfit", "outfit"), ("infit", "infit"), ("outfit_t", "outfitZ"),
                         ("infit_t", "infitZ"), ("works", "df")):  # fmt: skip
        assert getattr(found, ours) == pytest.approx(golden[theirs].to_numpy(), abs=close)


@pytest.mark.parametrize(("name", "table"), [("LSAT6", LSAT6), ("LSAT7", LSAT7)])
def test_mean_squares_are_those_of_erm(name, table):
    responses = from_matrix(expanded(table))
    found = item_fit(responses, calibrate_cml(responses).parameters, method="ml")
    # The optimiser of the peer stops at 1e-6 in its difficulties.
    agrees_with_erm(found, pl.read_csv(GOLDEN / f"{name}_eRm.csv"), 1e-4)


@pytest.mark.parametrize(
    "name", ["verbAggr", "Science", "raschdat1", "data.read", "irtoys_Scored"]
)
def test_mean_squares_of_real_data_are_those_of_erm(name):
    scores = golden_files.scores("verbAggr_scored" if name == "verbAggr" else name)
    found = item_fit(
        from_matrix(scores), calibrate_cml(from_matrix(scores)).parameters, method="ml"
    )
    golden = golden_files.table(f"golden/real/{name}__eRm_itemfit.csv")
    agrees_with_erm(found, golden, 2e-3)


def test_item_fit_and_m2_are_those_of_mirt():
    responses = from_matrix(golden_files.scores("verbAggr_dich"))
    calibration = calibrate_mml(responses)
    golden = golden_files.table("golden/methods/verbAggr_dich__mirt_itemfit_2pl.csv")
    found = s_x2(responses, calibration)
    assert found.df.tolist() == golden["df.S_X2"].to_list()
    assert found.statistic == pytest.approx(golden["S_X2"].to_numpy(), abs=1e-4)
    assert found.p == pytest.approx(golden["p.S_X2"].to_numpy(), abs=1e-4)
    assert found.rmsea == pytest.approx(golden["RMSEA.S_X2"].to_numpy(), abs=1e-5)
    squares = item_fit(responses, calibration.parameters, method="eap")
    assert squares.infit == pytest.approx(golden["infit"].to_numpy(), abs=1e-3)
    assert squares.outfit == pytest.approx(golden["outfit"].to_numpy(), abs=1e-3)
    assert squares.infit_t == pytest.approx(golden["z.infit"].to_numpy(), abs=5e-3)
    test = limited_information(responses, calibration)
    golden = golden_files.table("golden/methods/verbAggr_dich__mirt_M2_2pl.csv")
    assert test.statistic == pytest.approx(golden["M2"][0], abs=1e-3)
    assert (test.df, test.samples, test.left_out) == (golden["df"][0], 1, 0)
    assert test.rmsea == pytest.approx(golden["RMSEA"][0], abs=1e-6)
    assert test.srmsr == pytest.approx(golden["SRMSR"][0], abs=1e-6)
    assert test.cfi == pytest.approx(golden["CFI"][0], abs=1e-6)
    assert test.tli == pytest.approx(golden["TLI"][0], abs=1e-6)
    # The peer divides by n in the interval and by n − 1 in the estimate.
    share = (315 / 316) ** 0.5
    assert test.rmsea_interval[0] * share == pytest.approx(golden["RMSEA_5"][0], abs=1e-5)
    assert test.rmsea_interval[1] * share == pytest.approx(golden["RMSEA_95"][0], abs=1e-5)


def test_expectations_given_the_total_are_sums_over_patterns():
    items = [Item("a"), Item("b", (0, 1, 3)), Item("c")]
    own = make_parameters({"a": [0.2], "b": [-0.5, 0.8], "c": [1.1]}, items=items,
                          slope={"a": 1.4, "b": 0.7, "c": 1.0})  # fmt: skip
    found = given_total(own, STANDARD)
    nodes, weights = STANDARD.nodes(own)
    chances = curves.category_probabilities(own, nodes)
    by_total = np.zeros((6, 3, 3))
    whole = np.zeros(6)
    for pattern in itertools.product(range(2), range(3), range(2)):
        total = sum(item.scores[c] for item, c in zip(items, pattern, strict=True))
        chance = weights @ np.prod([chances[:, n, c] for n, c in enumerate(pattern)], axis=0)
        whole[total] += chance
        for n, c in enumerate(pattern):
            by_total[total, n, c] += chance
    assert found == pytest.approx(by_total / whole[:, None, None], abs=1e-12)


def test_with_equal_slopes_the_population_does_not_count():
    own = calibrate_cml(from_matrix(generated("d_pcm")[:2000])).parameters
    one = given_total(own, STANDARD)
    two = given_total(
        own, Mixture(np.array([0.7, -1.0]), np.array([0.6, 2.0]), np.array([0.3, 0.7]))
    )
    assert two == pytest.approx(one, abs=1e-8)


def drawn(truth, works, chance, mean=0.0, sd=1.0):
    probability = curves.category_probabilities(truth, chance.normal(mean, sd, works))
    ladder = np.cumsum(probability, axis=2)
    category = (chance.random(ladder.shape[:2])[:, :, None] > ladder).sum(axis=2)
    return np.take_along_axis(curves.score_table(truth), category.T, axis=1).T.astype(np.int8)


def bank(items, chance, graded=0):
    thresholds = {f"i{n:02d}": [b - 0.5, b + 0.5] if n < graded else [b]
                  for n, b in enumerate(chance.permutation(np.linspace(-1.2, 1.2, items)))}  # fmt: skip
    return make_parameters(
        thresholds, slope={n: float(np.exp(chance.normal(0, 0.25))) for n in thresholds}
    )


@pytest.mark.parametrize("graded", [0, 4])
def test_where_the_model_holds_the_tests_keep_their_level(graded):
    chance = np.random.default_rng(101 + graded)
    truth = bank(10, chance, graded)
    items, margins = [], []
    for _ in range(30):
        responses = from_matrix(drawn(truth, 1000, chance), items=truth.items)
        calibration = calibrate_mml(responses, model="gpcm")
        items.append(s_x2(responses, calibration))
        margins.append(limited_information(responses, calibration))
    p = np.concatenate([found.p for found in items])
    assert 0.02 < (p < 0.05).mean() < 0.09
    values, df = np.array([found.statistic for found in margins]), margins[0].df
    # Mean of 30 draws of χ²(df): within four of its errors.
    assert abs(values.mean() - df) < 4 * (2 * df / 30) ** 0.5
    assert np.mean([found.p < 0.05 for found in margins]) < 0.18
    assert np.median([found.rmsea for found in margins]) < 0.015


def test_an_item_that_does_not_fit_is_seen():
    chance = np.random.default_rng(7)
    truth = make_parameters({f"i{n:02d}": b for n, b in enumerate(np.linspace(-1.5, 1.5, 16))})
    scores = drawn(truth, 4000, chance)
    scores[:, 5] = np.where(chance.random(4000) < 0.5, chance.integers(0, 2, 4000), scores[:, 5])
    scores[:, 9] = scores[:, 8]
    responses = from_matrix(scores)
    conditional = calibrate_cml(responses)
    fit = item_fit(responses, conditional.parameters, method="conditional")
    assert fit.outfit.argmax() == fit.infit.argmax() == 5 and fit.infit_t[5] > 5
    assert set(np.argsort(fit.infit)[:2]) == {8, 9} and fit.infit_t[8] < -3
    assert s_x2(responses, conditional).p[5] < 1e-6
    marginal = limited_information(responses, calibrate_mml(responses, model="rasch"))
    assert marginal.p < 1e-10 and marginal.rmsea > 0.03
    regressions = item_regressions(responses, conditional)
    worst = max(regressions, key=lambda regression: regression.root_mean_square)
    assert worst.item == "i006"


@pytest.mark.parametrize("method", ["wle", "conditional"])
def test_where_rasch_holds_mean_squares_are_one(method):
    responses = from_matrix(generated("a_rasch"))
    found = item_fit(responses, calibrate_cml(responses).parameters, method=method)
    # Estimated abilities follow the answers, which pulls the plain mean squares down a little.
    low = 0.99 if method == "conditional" else 0.96
    assert low < found.infit.mean() < 1.005
    assert np.abs(found.infit - 1).max() < 0.07
    if method == "conditional":
        assert 0.7 < found.infit_t.std() < 1.3


def test_counts_and_works_give_the_same():
    """The road for unequal slopes, with slopes that hardly differ, against the road of counts."""
    responses = from_matrix(generated("d_pcm")[:1500])
    own = calibrate_cml(responses).parameters
    named = {item.id: row for item, row in zip(own.items, own.thresholds, strict=True)}
    nearly = make_parameters(named, slope={own.items[0].id: 1 + 1e-9})
    one, two = item_fit(sufficient_statistics(responses), own), item_fit(responses, nearly)
    for name in ("infit", "outfit", "infit_t", "outfit_t", "works"):
        assert getattr(two, name) == pytest.approx(getattr(one, name), abs=1e-5)


def test_regressions_follow_the_counts_and_the_model():
    responses = from_matrix(generated("a_rasch"))
    calibration = calibrate_cml(responses)
    first = item_regressions(responses, calibration)[0]
    scores, totals = generated("a_rasch"), generated("a_rasch").sum(axis=1)
    at_twenty = int(np.flatnonzero(first.totals == 20)[0])
    assert first.observed[at_twenty] == pytest.approx(scores[totals == 20, 0].mean())
    assert first.works.sum() == 10_000
    inner = first.se > 0
    deviates = (first.observed - first.expected)[inner] / first.se[inner]
    assert np.abs(deviates).max() < 4 and (deviates**2).mean() == pytest.approx(1, abs=0.6)


def test_booklets_and_groups_are_samples_of_their_own():
    """Two overlapping booklets, two groups of unequal ability: the model holds, and so says C2."""
    chance = np.random.default_rng(19)
    truth = bank(14, chance)
    values = []
    for _ in range(6):
        whole = np.full((4000, 14), -1)
        for n, (mean, first) in enumerate([(0.0, 0), (0.6, 4), (0.0, 4), (0.6, 0)]):
            rows = slice(1000 * n, 1000 * (n + 1))
            whole[rows, first : first + 10] = drawn(truth, 1000, chance, mean)[
                :, first : first + 10
            ]
        group = np.repeat(["a", "b", "a", "b"], 1000)
        responses = from_matrix(whole, items=truth.items, groups={"g": group})
        calibration = calibrate_mml(responses, grouping="g")
        values.append(limited_information(responses, calibration, grouping="g"))
    found = values[0]
    assert (found.samples, found.works, found.df) == (4, 4000, 4 * 55 - 30)
    mean = np.mean([value.statistic for value in values])
    assert abs(mean - found.df) < 4 * (2 * found.df / 6) ** 0.5
    assert found.p == pytest.approx(chi2.sf(found.statistic, found.df))
    s = s_x2(responses, calibration)
    assert (s.works == [2000] * 4 + [4000] * 6 + [2000] * 4).all() and np.nanmin(s.p) > 1e-4


def test_independence_is_tested_by_the_correlations_of_all_pairs():
    """The quadratic form over every pattern of answers, its matrix and derivatives, is N·Σ r²."""
    chance = np.random.default_rng(3)
    scores = chance.integers(0, 3, (200, 1)) * (chance.random((200, 4)) < 0.6)
    scores[:, 3] = np.minimum(scores[:, 3], 1)
    shares = [np.bincount(column, minlength=3)[: 2 if n == 3 else 3] / 200
              for n, column in enumerate(scores.T)]  # fmt: skip
    patterns = np.array(list(itertools.product(*(range(len(part)) for part in shares))))

    def moments(works):
        single = [works[:, n] == c for n, part in enumerate(shares) for c in range(1, len(part))]
        pairs = [works[:, a] * works[:, b] for a, b in itertools.combinations(range(4), 2)]
        return np.array([*single, *pairs], dtype=float).T

    def chances(parts):
        return np.prod([part[patterns[:, n]] for n, part in enumerate(parts)], axis=0)

    weights, table = chances(shares), moments(patterns)
    expected = weights @ table
    covariance = (table * weights[:, None]).T @ table - np.outer(expected, expected)
    columns = []
    for n, part in enumerate(shares):
        for c in range(1, len(part)):
            moved = [[own.copy() for own in shares] for _ in range(2)]
            for sign, own in zip((1e-6, -1e-6), moved, strict=True):
                own[n][c] += sign
                own[n][0] -= sign
            columns.append((chances(moved[0]) - chances(moved[1])) @ table / 2e-6)
    delta = np.array(columns).T
    away, inverse = moments(scores).mean(axis=0) - expected, np.linalg.inv(covariance)
    cross = delta.T @ inverse @ away
    whole = away @ inverse @ away - cross @ np.linalg.inv(delta.T @ inverse @ delta) @ cross
    assert _independence(scores.astype(np.int8)) == pytest.approx(200 * whole)


def test_the_indices_are_one_where_the_model_holds_and_low_on_another_dimension():
    chance = np.random.default_rng(23)
    truth = bank(12, chance)
    one = drawn(truth, 3000, chance)
    two = np.concatenate([drawn(truth, 3000, chance)[:, :6], one[:, 6:]], axis=1)
    held, missed = (
        limited_information(found, calibrate_mml(found, model=model))
        for found, model in ((from_matrix(one), "2pl"), (from_matrix(two), "rasch"))
    )
    assert 0.99 < held.cfi <= 1.0
    assert held.tli == pytest.approx(1.0, abs=0.01)
    assert 0.0 <= missed.cfi < 0.6
    assert missed.tli < 0.6


def test_what_cannot_be_tested_is_refused():
    responses = from_matrix(generated("a_rasch")[:300])
    conditional = calibrate_cml(responses)
    with pytest.raises(errors.WrongSettings, match="calibrate_mml"):
        limited_information(responses, conditional)
    slopes = make_parameters(dict.fromkeys(conditional.parameters.index, 0.0),
                             slope={conditional.parameters.items[0].id: 2.0})  # fmt: skip
    with pytest.raises(errors.WrongSettings):
        item_fit(sufficient_statistics(responses), slopes)
    with pytest.raises(errors.WrongSettings):
        item_fit(responses, slopes, method="conditional")
    weighted = from_matrix(generated("a_rasch")[:300], weights=np.full(300, 1.5))
    with pytest.raises(errors.WrongSettings):
        s_x2(weighted, conditional)
    marginal = calibrate_mml(responses, model="rasch")
    with pytest.raises(errors.TooFewPersons):
        limited_information(responses, marginal, least_works=1000)
    with pytest.raises(errors.UnknownItem):
        s_x2(from_matrix([[1, 0], [0, 1]], items=["x", "y"]), conditional)
