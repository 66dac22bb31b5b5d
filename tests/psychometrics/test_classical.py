"""Classical analysis: agrees with dexter and with the definitions; bounds bound."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from merilo_psychometrics import errors
from merilo_psychometrics.classical import (
    analyse_distractors,
    analyse_items,
    greatest_lower_bound,
    guttman_bounds,
    omega_total,
    reliability,
)
from merilo_psychometrics.design import Booklet, Design, Item
from merilo_psychometrics.responses import Block, Responses, from_matrix

from . import golden_files
from .published import LSAT6, LSAT7, expanded
from .sets import generated

GOLDEN = Path(__file__).parent / "golden" / "classical"


def agrees(found, items, booklet):
    (mine,) = found.booklets
    for ours, theirs in (("mean", "mean_score"), ("sd", "sd_score"), ("difficulty", "pvalue"),
                         ("item_total", "rit"), ("item_rest", "rir")):  # fmt: skip
        assert getattr(mine, ours) == pytest.approx(items[theirs].to_numpy(), abs=1e-10)
    for ours, theirs in (("alpha", "alpha"), ("score_mean", "mean_booklet_score"),
                         ("score_sd", "sd_booklet_score"), ("works", "n_persons")):  # fmt: skip
        assert getattr(mine, ours) == pytest.approx(booklet[theirs][0], abs=1e-10)


@pytest.mark.parametrize(("name", "table"), [("LSAT6", LSAT6), ("LSAT7", LSAT7)])
def test_items_are_those_of_dexter(name, table):
    agrees(
        analyse_items(from_matrix(expanded(table))),
        pl.read_csv(GOLDEN / f"{name}_dexter_items.csv"),
        pl.read_csv(GOLDEN / f"{name}_dexter_booklets.csv"),
    )


@pytest.mark.parametrize("name", ["Science", "data.read", "irtoys_Scored", "raschdat1", "pcmdat2"])
def test_items_of_real_data_are_those_of_dexter(name):
    data = golden_files.table(f"data/{name}.csv")
    items = golden_files.table(f"golden/real/{name}__dexter_tia_items.csv")
    order = {item: n for n, item in enumerate(data.columns)}
    items = items.sort(pl.col("item_id").replace_strict(order))
    agrees(analyse_items(from_matrix(golden_files.scores(name))), items,
           golden_files.table(f"golden/real/{name}__dexter_tia_booklets.csv"))  # fmt: skip


def test_the_outer_groups_are_counted_as_defined():
    """100 works with all totals different: the best 27 and the worst 27 are plain to see."""
    scores = np.tril(np.ones((101, 100), int), -1)[1:]
    found = analyse_items(from_matrix(scores, items=[f"i{n}" for n in range(100)])).booklets[0]
    by_hand = scores[-27:].mean(axis=0) - scores[:27].mean(axis=0)
    assert found.discrimination == pytest.approx(by_hand, abs=1e-12)


def test_booklets_are_averaged_and_never_mixed():
    """Booklets to unequal groups: the correlation over all works would be another."""
    chance = np.random.default_rng(3)
    scores = np.full((2000, 12), -1)
    for n, (mean, first) in enumerate([(-1.0, 0), (1.0, 4)]):
        theta = chance.normal(mean, 1, 1000)[:, None]
        rows = slice(1000 * n, 1000 * (n + 1))
        scores[rows, first : first + 8] = chance.random((1000, 8)) < 1 / (1 + np.exp(-theta))
    found = analyse_items(from_matrix(scores))
    one, two = found.booklets
    assert found.item_rest[0] == pytest.approx(one.item_rest[0])
    assert found.item_rest[5] == pytest.approx((one.item_rest[5] + two.item_rest[1]) / 2)
    assert found.works.tolist() == [1000] * 4 + [2000] * 4 + [1000] * 4
    assert found.difficulty[5] == pytest.approx(scores[:, 5].mean())


def test_weights_count_as_works():
    scores = expanded(LSAT7)
    patterns, counts = np.unique(scores, axis=0, return_counts=True)
    weighted = from_matrix(patterns, weights=counts.astype(float))
    one, two = (analyse_items(from_matrix(scores)), analyse_items(weighted))
    assert two.item_rest == pytest.approx(one.item_rest, abs=1e-12)
    assert two.discrimination == pytest.approx(one.discrimination, abs=1e-12)
    one, two = (reliability(from_matrix(scores)), reliability(weighted))
    assert two.booklets[0].alpha == pytest.approx(one.booklets[0].alpha, abs=1e-12)
    assert two.booklets[0].omega == pytest.approx(one.booklets[0].omega, abs=1e-8)


def test_an_item_everybody_solved_has_no_correlation_and_harms_nothing():
    scores = expanded(LSAT7)
    whole = np.column_stack([scores, np.ones(1000, int)])
    found, plain = analyse_items(from_matrix(whole)), analyse_items(from_matrix(scores))
    assert np.isnan(found.item_total[5]) and np.isnan(found.item_rest[5])
    assert found.item_rest[:5] == pytest.approx(plain.item_rest)
    assert reliability(from_matrix(whole)).booklets[0].alpha == pytest.approx(
        reliability(from_matrix(scores)).booklets[0].alpha
    )


def test_the_bounds_are_their_definitions():
    covariance = np.cov(expanded(LSAT7).T)
    total, size = covariance.sum(), 5
    found = guttman_bounds(covariance)
    assert found["lambda_3"] == pytest.approx(
        size / (size - 1) * (1 - np.trace(covariance) / total)
    )
    halves = []
    for signs in itertools.product((1, -1), repeat=5):
        one = np.array(signs) > 0
        halves.append(4 * covariance[np.ix_(one, ~one)].sum() / total)
    assert found["lambda_4"] == pytest.approx(max(halves))
    errors = []
    scores = expanded(LSAT7) - expanded(LSAT7).mean(axis=0)
    for item in range(5):
        others = np.delete(scores, item, axis=1)
        residual = scores[:, item] - others @ np.linalg.lstsq(others, scores[:, item])[0]
        errors.append((residual**2).sum() / 999)
    assert found["lambda_6"] == pytest.approx(1 - sum(errors) / total)
    glb = greatest_lower_bound(covariance)
    assert found["lambda_1"] < found["lambda_3"] < found["lambda_2"] < glb + 1e-9
    assert found["lambda_4"] <= glb + 1e-9 and found["lambda_6"] <= glb + 1e-9 and glb < 1


def test_the_greatest_lower_bound_is_the_reliability_where_errors_are_known():
    """A covariance of one factor: the bound is the true reliability, and so is omega."""
    loadings = np.array([0.5, 0.6, 0.7, 0.8, 0.4, 0.9])
    errors = np.array([0.9, 0.5, 0.6, 0.7, 0.3, 0.8])
    covariance = np.outer(loadings, loadings) + np.diag(errors)
    truth = loadings.sum() ** 2 / covariance.sum()
    assert omega_total(covariance) == pytest.approx(truth, abs=1e-7)
    assert greatest_lower_bound(covariance) == pytest.approx(truth, abs=1e-6)
    equal = np.full((4, 4), 0.3) + np.diag([0.5] * 4)
    assert guttman_bounds(equal)["lambda_3"] == pytest.approx(
        greatest_lower_bound(equal), abs=1e-6
    )


def test_the_greatest_lower_bound_meets_its_conditions():
    """At the optimum Σ − Ψ is singular and nothing may be added to any ψ (ten Berge et al. 1981)."""
    covariance = np.cov(generated("a_2pl")[:800, :8].T)
    bound = greatest_lower_bound(covariance)
    chance = np.random.default_rng(5)
    best = 0.0
    for _ in range(4000):
        direction = chance.random(8)
        values = np.linalg.eigvalsh(
            np.diag(direction**-0.5) @ covariance @ np.diag(direction**-0.5)
        )
        best = max(best, direction.sum() * values[0])
    assert bound <= 1 - best / covariance.sum() + 1e-9


@pytest.mark.parametrize("items", [80, 120])
def test_the_greatest_lower_bound_is_found_for_long_tests(items):
    rng = np.random.default_rng(items)
    logits = rng.normal(0, 1, (4000, 1)) - rng.normal(0, 1, items)
    covariance = np.cov((rng.random(logits.shape) < 1 / (1 + np.exp(-logits))).T.astype(float))
    bound = greatest_lower_bound(covariance)
    found = guttman_bounds(covariance)
    assert max(found["lambda_2"], found["lambda_4"], found["lambda_6"]) <= bound + 1e-9 < 1


def test_the_search_for_halves_finds_what_all_halves_give():
    covariance = np.cov(generated("a_2pl")[:3000, :16].T)
    found = guttman_bounds(covariance)["lambda_4"]
    signs = np.array([(1, *rest) for rest in itertools.product((1.0, -1.0), repeat=15)])
    least = np.einsum("ni,ni->n", signs @ covariance, signs).min()
    best = 1 - least / covariance.sum()
    assert best - 0.004 < found <= best + 1e-12


def test_reliability_is_that_of_parallel_tests():
    """Alpha, omega and glb near the correlation of two tests with the same truth; the SEM too."""
    chance = np.random.default_rng(7)
    theta = chance.normal(size=20_000)[:, None]
    right = 1 / (1 + np.exp(-theta + np.linspace(-1.5, 1.5, 20)))
    one, two = ((chance.random(right.shape) < right).astype(np.int8) for _ in range(2))
    truth = np.corrcoef(one.sum(axis=1), two.sum(axis=1))[0, 1]
    (found,) = reliability(from_matrix(one)).booklets
    assert found.alpha == pytest.approx(truth, abs=0.02)
    assert found.alpha_interval[0] < found.alpha < found.alpha_interval[1]
    assert found.alpha <= found.lambda_2 <= found.glb
    assert found.omega == pytest.approx(truth, abs=0.02)
    error = one.sum(axis=1) - right.sum(axis=1)
    assert found.sem == pytest.approx(error.std(), abs=0.08)
    totals = one.sum(axis=1)
    counts = np.bincount(totals, minlength=21)
    mean_variance = counts @ found.conditional_sem**2 / counts.sum()
    assert mean_variance == pytest.approx(found.sem**2, rel=0.05)
    assert found.conditional_sem[[0, 20]] == pytest.approx(0)


def test_the_conditional_error_of_graded_items_follows_the_truth():
    chance = np.random.default_rng(11)
    theta = chance.normal(size=30_000)[:, None]
    scores = np.zeros((30_000, 16), np.int8)
    place = np.linspace(-2, 2, 16)
    chances = 1 / (1 + np.exp(-theta + place))
    for _ in range(3):
        scores += chance.random(chances.shape) < chances
    (found,) = reliability(from_matrix(scores)).booklets
    true_error = np.sqrt((3 * chances * (1 - chances)).sum(axis=1))
    totals = scores.sum(axis=1)
    for total in (12, 24, 36):
        near = np.abs(totals - total) <= 1
        assert found.conditional_sem[total] == pytest.approx(true_error[near].mean(), rel=0.08)


def with_answers():
    chance = np.random.default_rng(13)
    theta = chance.normal(size=4000)
    items = tuple(
        Item(f"i{n}", (0, 1), (("А", 1), ("Б", 0), ("В", 0), ("Г", 0))) for n in range(8)
    )
    chosen = np.zeros((4000, 8), np.int16)
    for n in range(8):
        knows = chance.random(4000) < 1 / (1 + np.exp(-1.3 * (theta - 0.2 * n + 0.6)))
        # Of item 7 the key is wrong: those who know choose Б.
        chosen[:, n] = np.where(knows, 1 if n == 7 else 0, chance.integers(1, 4, 4000))
    chosen[:5, 0] = -1
    scores = (chosen == 0).astype(np.int8)
    design = Design(items, (Booklet("1", np.arange(8)),))
    return Responses(design, (Block(scores, np.arange(4000), chosen=chosen),))


def test_distractors_are_counted_and_a_wrong_key_shows():
    responses = with_answers()
    found = analyse_distractors(responses)
    of_first = [answer for answer in found.answers if answer.item == "i0"]
    assert [answer.answer for answer in of_first] == ["", "А", "Б", "В", "Г"]
    assert sum(answer.share for answer in of_first) == pytest.approx(1)
    key = of_first[1]
    analysis = analyse_items(responses)
    assert key.share == pytest.approx(analysis.difficulty[0])
    assert key.rest_correlation == pytest.approx(analysis.item_rest[0])
    assert (np.diff(key.by_group) > 0).all() and key.by_group.shape == (5,)
    assert [(answer.item, answer.answer) for answer in found.suspicious()] == [("i7", "Б")]


def test_what_cannot_be_analysed_is_refused_by_name():
    with pytest.raises(errors.WrongSettings, match="keep_answers"):
        analyse_distractors(from_matrix([[1, 0], [0, 1]]))
    with pytest.raises(errors.TooFewPersons) as caught:
        reliability(from_matrix([[1, 0], [1, 0], [1, 0]]))
    assert caught.value.booklets == ("1",)
    with pytest.raises(errors.WrongSettings):
        reliability(from_matrix([[1, 0], [1, 0], [0, 0]]))
