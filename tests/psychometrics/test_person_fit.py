"""Person fit: the worked vectors, the peers, exact probabilities, honest and odd answers."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from merilo_psychometrics import errors
from merilo_psychometrics.calibration import calibrate_cml, calibrate_mml
from merilo_psychometrics.design import Item
from merilo_psychometrics.forensics import likelihood_fit, order_fit
from merilo_psychometrics.parameters import make_parameters
from merilo_psychometrics.persons import estimate_abilities
from merilo_psychometrics.persons.results import Abilities, Normal
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import OMITTED, from_matrix

from .measured import numbers, outside

SHARES = {"i001": 0.9, "i002": 0.8, "i003": 0.6, "i004": 0.4, "i005": 0.2}


def abilities_of(responses, theta, method="ml"):
    theta = np.asarray(theta, dtype=float)
    totals = np.concatenate(responses.totals())
    return Abilities(
        np.concatenate([block.persons for block in responses.blocks]),
        np.zeros(len(theta), np.int32), totals, theta, np.zeros_like(theta), method,
        Provenance("given", ""),
    )  # fmt: skip


def drawn(rng, theta, difficulty):
    right = 1 / (1 + np.exp(difficulty[None, :] - np.asarray(theta)[:, None]))
    return (rng.random(right.shape) < right).astype(np.int8)


def rasch(difficulty):
    return make_parameters({f"i{n + 1:03d}": b for n, b in enumerate(difficulty)})


def test_i12_guttman_errors_of_the_worked_vectors():
    found = order_fit(
        from_matrix([[1, 0, 1, 0, 1], [0, 0, 0, 1, 1], [1, 1, 0, 0, 0]]), popularity=SHARES
    )
    assert found["g"].statistic.tolist() == [3, 6, 0]
    assert found["g_normed"].statistic.tolist() == [0.5, 1, 0]


def test_i13_u3_of_the_worked_vectors():
    found = order_fit(
        from_matrix([[1, 1, 0, 0, 0], [0, 0, 0, 1, 1], [1, 0, 1, 0, 1]]), popularity=SHARES
    )
    assert found["u3"].statistic == pytest.approx([0, 1, 0.515804], abs=5e-7)


def test_i15_lz_of_the_worked_vectors():
    shares = np.array(list(SHARES.values()))
    responses = from_matrix([[1, 1, 1, 0, 0], [0, 0, 1, 1, 1]])
    parameters = rasch(-np.log(shares / (1 - shares)))
    found = likelihood_fit(responses, parameters, abilities_of(responses, [0, 0]))
    assert found["lz"].statistic == pytest.approx([1.03422, -4.02601], abs=5e-6)


def test_it_agrees_with_aberrance():
    scores, items = numbers("aberrance/scores.csv"), numbers("aberrance/items.csv")
    theta = numbers("aberrance/abilities.csv")
    responses = from_matrix(scores)
    names = [item.id for item in responses.design.items]
    parameters = make_parameters(
        dict(zip(names, items[:, 1], strict=True)),
        slope=dict(zip(names, items[:, 0], strict=True)),
    )
    found = likelihood_fit(responses, parameters, abilities_of(responses, theta))
    parametric, order = numbers("aberrance/parametric.csv"), numbers("aberrance/order.csv")
    assert found["lz_star"].statistic == pytest.approx(parametric[:, 0], abs=1e-12)
    assert found["lz"].statistic == pytest.approx(parametric[:, 1], abs=1e-12)
    found = order_fit(responses)
    assert found["zu3"].statistic == pytest.approx(order[:, 0], abs=1e-12, nan_ok=True)
    assert found["ht"].statistic == pytest.approx(order[:, 1], abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("name", ["InadequacyData", "IntelligenceData"])
def test_it_agrees_with_perfit_to_the_digits_it_prints(name):
    scores = np.genfromtxt(outside(f"data/{name}.csv"), delimiter=",", skip_header=1)
    printed = np.genfromtxt(
        outside(f"golden/methods/{name}__PerFit.csv"), delimiter=",", names=True
    )
    found = order_fit(from_matrix(scores))
    for ours, theirs in (("g", "G"), ("g_normed", "Gnormed"), ("u3", "U3"), ("zu3", "ZU3"),
                         ("ht", "Ht")):  # fmt: skip
        assert found[ours].statistic == pytest.approx(printed[theirs], abs=5.1e-5, nan_ok=True)


def test_lz_agrees_with_perfit_as_far_as_the_two_calibrations_do():
    scores = np.genfromtxt(outside("data/IntelligenceData.csv"), delimiter=",", skip_header=1)
    printed = np.genfromtxt(
        outside("golden/methods/IntelligenceData__PerFit.csv"), delimiter=",", names=True
    )
    responses = from_matrix(scores)
    parameters = calibrate_mml(responses, model="2pl").parameters
    abilities = estimate_abilities(responses, parameters, method="ml")
    found = likelihood_fit(responses, parameters, abilities)
    for ours, theirs in (("lz", "lz"), ("lz_star", "lzstar")):
        away = np.abs(found[ours].statistic - printed[theirs])
        # PerFit prints four digits; at the ends of the scale its abilities are cut off.
        assert np.median(away) < 1e-4 and np.quantile(away, 0.99) < 1e-3


def test_probabilities_are_those_of_all_patterns_with_the_same_score():
    difficulty = np.random.default_rng(4).normal(size=6)
    shares = 1 / (1 + np.exp(difficulty * 0.8))
    patterns = np.array(list(product([0, 1], repeat=6)))
    responses = from_matrix(patterns, items=[Item(f"i{n + 1:03d}") for n in range(6)])
    found = order_fit(
        responses, parameters=rasch(difficulty), indices=("g", "u3"),
        popularity=dict(zip([f"i{n + 1:03d}" for n in range(6)], shares, strict=True)),
    )  # fmt: skip
    chance = np.exp(-patterns @ difficulty)
    totals = patterns.sum(axis=1)
    for index, rounding in (("g", 1e-12), ("u3", 1e-12)):
        value = found[index].statistic
        for row in np.flatnonzero((totals > 0) & (totals < 6)):
            same = totals == totals[row]
            beyond = same & (value >= value[row] - 1e-9)
            wanted = chance[beyond].sum() / chance[same].sum()
            assert found[index].p[row] == pytest.approx(wanted, abs=rounding)


def test_steps_of_points_give_what_a_loop_over_pairs_gives():
    rng = np.random.default_rng(3)
    scores = rng.integers(0, 4, (60, 5)) * np.array([1, 1, 1, 1, 1])
    scores[:, 2] = np.minimum(scores[:, 2], 1)
    found = order_fit(from_matrix(scores))
    assert set(found) == {"g", "g_normed", "u3"}
    steps = [(i, h) for i in range(5) for h in range(1, scores[:, i].max() + 1)]
    passed = np.array([[row[i] >= h for i, h in steps] for row in scores])
    order = np.argsort(-passed.mean(axis=0), kind="stable")
    passed = passed[:, order]
    errors = [sum(not a and b for k, a in enumerate(row) for b in row[k + 1 :]) for row in passed]
    known = np.isfinite(found["g"].statistic)
    assert found["g"].statistic[known].tolist() == np.array(errors)[known].tolist()
    assert np.nanmax(found["g_normed"].statistic) <= 1 and np.nanmax(found["u3"].statistic) <= 1
    assert np.nanmin(found["u3"].statistic) >= 0


def test_the_worst_possible_pattern_of_points_has_index_one():
    scores = [[2, 2, 0], [2, 1, 1], [0, 0, 2], [0, 2, 1]]
    shares = {"i001": (0.9, 0.8), "i002": (0.6, 0.5), "i003": (0.3, 0.1)}
    found = order_fit(from_matrix(scores), popularity=shares)
    assert found["g_normed"].statistic[[0, 2]].tolist() == [0, 1]
    assert found["u3"].statistic[[0, 2]] == pytest.approx([0, 1], abs=1e-12)
    assert 0 < found["u3"].statistic[1] < found["u3"].statistic[3] < 1


def test_lz_of_points_is_lz_of_passes_when_there_is_one_point():
    rng = np.random.default_rng(5)
    difficulty = np.linspace(-1, 1, 12)
    responses = from_matrix(drawn(rng, rng.normal(size=30), difficulty))
    theta = rng.normal(size=30)
    for method, zero in (("ml", 0.0), ("map", None), ("wle", None)):
        found = likelihood_fit(
            responses,
            rasch(difficulty),
            abilities_of(responses, theta, method),
            prior=Normal(0, 2),
        )["lz_star"].statistic
        right = 1 / (1 + np.exp(difficulty - theta[:, None]))
        spread = right * (1 - right)
        weight = np.log(right / (1 - right))
        ratio = (spread * weight).sum(1) / spread.sum(1)
        if method == "map":
            zero = -theta / 4
        if method == "wle":
            zero = (spread * (1 - 2 * right)).sum(1) / (2 * spread.sum(1))
        above = ((responses.matrix() - right) * weight).sum(1) + ratio * zero
        left = (spread * (weight - ratio[:, None]) ** 2).sum(1)
        assert found == pytest.approx(above / np.sqrt(left), abs=1e-10)


def test_guessing_enters_the_probability_and_its_slope():
    responses = from_matrix([[1, 0, 1], [0, 1, 0]])
    parameters = make_parameters({"i001": -1.0, "i002": 0.0, "i003": 1.0}, guessing={"i003": 0.25})
    theta = np.array([0.3, -0.2])
    found = likelihood_fit(responses, parameters, abilities_of(responses, theta))["lz_star"]
    guess = np.array([0, 0, 0.25])
    star = 1 / (1 + np.exp(np.array([-1.0, 0, 1]) - theta[:, None]))
    right = guess + (1 - guess) * star
    slope = (1 - guess) * star * (1 - star)
    weight = np.log(right / (1 - right))
    c = (slope * weight).sum(1) / (slope**2 / (right * (1 - right))).sum(1)
    left = weight - c[:, None] * slope / (right * (1 - right))
    wanted = ((responses.matrix() - right) * weight).sum(1)
    wanted /= np.sqrt((left**2 * right * (1 - right)).sum(1))
    assert found.statistic == pytest.approx(wanted, abs=1e-12)


def ml_of(scores, difficulty):
    """ML abilities by bisection, the estimator nobody can get wrong."""
    low, high = np.full(len(scores), -12.0), np.full(len(scores), 12.0)
    total = scores.sum(axis=1)
    for _ in range(60):
        middle = (low + high) / 2
        expected = (1 / (1 + np.exp(difficulty - middle[:, None]))).sum(axis=1)
        low, high = (
            np.where(expected < total, middle, low),
            np.where(expected < total, high, middle),
        )
    return np.where((total == 0) | (total == len(difficulty)), np.inf, (low + high) / 2)


def test_honest_answers_are_found_unusual_about_as_often_as_said():
    rng = np.random.default_rng(11)
    difficulty = rng.normal(size=40)
    scores = drawn(rng, rng.normal(size=8_000), difficulty)
    responses = from_matrix(scores)
    theta = ml_of(scores, difficulty)
    found = likelihood_fit(responses, rasch(difficulty), abilities_of(responses, theta))["lz_star"]
    assert 0.03 < np.nanmean(found.p < 0.05) < 0.075
    exact = order_fit(responses, parameters=rasch(difficulty))
    for index in ("g", "u3", "ht"):
        assert 0.035 < np.nanmean(exact[index].p < 0.05) < 0.055
    careful = order_fit(responses)
    assert np.nanmean(careful["u3"].p < 0.05) < 0.055


def test_answers_that_leak_for_the_hardest_items_are_seen():
    rng = np.random.default_rng(12)
    difficulty = np.sort(rng.normal(size=40))
    scores = drawn(rng, rng.normal(-1, 1, size=1_000), difficulty)
    scores[:100, -12:] = 1
    responses = from_matrix(scores)
    theta = ml_of(scores, difficulty)
    found = order_fit(responses, parameters=rasch(difficulty))
    found |= likelihood_fit(responses, rasch(difficulty), abilities_of(responses, theta))
    for index in ("g", "u3", "ht", "lz_star"):
        caught = found[index].beyond(0.05)
        assert np.isin(np.arange(100), caught).mean() > 0.7
        assert (caught >= 100).sum() < 0.15 * len(caught)


def test_a_perfect_work_tells_nothing():
    responses = from_matrix([[1, 1, 1, 1, 1], [0, 0, 0, 0, 0], [1, 0, 1, 0, 0]])
    found = order_fit(responses, popularity=SHARES)["u3"]
    assert np.isnan(found.p[:2]).all() and np.isfinite(found.p[2])
    assert "сведений для вывода нет" in found.sentence(0)
    theta = abilities_of(responses, [np.inf, -np.inf, 0.1])
    found = likelihood_fit(responses, rasch([-1, 0, 0, 1, 2]), theta)["lz_star"]
    assert np.isnan(found.p[:2]).all() and np.isfinite(found.p[2])


def test_an_item_everybody_passed_weighs_nothing_in_u3():
    shares = {"i001": 0.9, "i002": 0.4, "i003": 1.0}
    found = order_fit(from_matrix([[1, 0, 1], [0, 1, 1], [1, 1, 0]]), popularity=shares)["u3"]
    easy, hard = np.log(9), np.log(0.4 / 0.6)
    span = (easy + 0) - (hard + 0)
    wanted = [0, (easy - hard) / span, (easy - easy - hard) / span]
    assert found.statistic == pytest.approx(wanted)


def test_every_booklet_has_its_own_order():
    rng = np.random.default_rng(9)
    scores = drawn(rng, rng.normal(size=80), np.linspace(-1, 1, 10)).astype(int)
    scores[:40, 7:] = -1
    both = order_fit(from_matrix(scores), indices=("g",))["g"]
    first = order_fit(from_matrix(scores[:40, :7]), indices=("g",))["g"]
    assert both.statistic[:40] == pytest.approx(first.statistic, nan_ok=True)
    assert set(both.within.tolist()) == {"1", "2"}


def test_what_cannot_be_computed_is_refused_with_a_remedy():
    few = from_matrix([[1, 0], [0, 1]])
    with pytest.raises(errors.TooFewPersons, match="Варианте|варианте 1 работ 2"):
        order_fit(few)
    gaps = from_matrix([[0, 2], [1, 0]], items=[Item("a"), Item("b", (0, 2))])
    with pytest.raises(errors.WrongSettings, match="rescored") as caught:
        order_fit(gaps)
    assert caught.value.items == ("b",)
    with pytest.raises(errors.WrongSettings, match="Раша"):
        order_fit(few, popularity={"i001": 0.4, "i002": 0.6},
                  parameters=make_parameters({"i001": 0, "i002": 1}, slope={"i001": 2}))  # fmt: skip
    with pytest.raises(errors.WrongSettings, match="Hᵀ"):
        order_fit(from_matrix([[0, 2], [1, 0]]), indices=("ht",))
    with pytest.raises(errors.UnknownItem, match="i002"):
        order_fit(few, popularity={"i001": 0.4})
    with pytest.raises(errors.WrongSettings, match="i002"):
        order_fit(few, popularity={"i001": 0.4, "i002": (0.2, 0.5)})
    with pytest.raises(errors.UntreatedOmissions):
        order_fit(from_matrix([[1, OMITTED]]))
    for method in ("eap", "map"):
        with pytest.raises(errors.WrongSettings, match="map"):
            likelihood_fit(few, rasch([0, 1]), abilities_of(few, [0, 0], method),
                           indices=("lz_star",))  # fmt: skip
    assert set(likelihood_fit(few, rasch([0, 1]), abilities_of(few, [0, 0], "eap"))) == {"lz"}
    with pytest.raises(errors.BadData, match="1"):
        likelihood_fit(few, rasch([0, 1]), abilities_of(few, [0]))


@pytest.mark.parametrize("method", ["wle", "map"])
def test_the_whole_road_from_answers_to_person_fit(method):
    rng = np.random.default_rng(15)
    scores = drawn(rng, rng.normal(size=3_000), rng.normal(size=40)).astype(int)
    scores[::2, 30:] = -1
    scores[1::2, :10] = -1
    responses = from_matrix(scores)
    parameters = calibrate_cml(responses).parameters
    abilities = estimate_abilities(responses, parameters, method=method, prior=Normal(0, 1))
    found = likelihood_fit(responses, parameters, abilities, prior=Normal(0, 1))["lz_star"]
    assert len(found) == 3_000 and set(found.within.tolist()) == {"1", "2"}
    assert 0.03 < np.nanmean(found.p < 0.05) < 0.075
    assert len(found.beyond(0.05)) <= 3
    exact = order_fit(responses, parameters=parameters, indices=("u3",))["u3"]
    assert 0.035 < np.nanmean(exact.p < 0.05) < 0.06
