"""Answer similarity: the worked vectors, aberrance, hand counts, honest and shared answers."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.stats import binom, poisson

from merilo_psychometrics import errors
from merilo_psychometrics.design import Item
from merilo_psychometrics.forensics import similarity
from merilo_psychometrics.forensics.matches import joint_tail, upper_tail
from merilo_psychometrics.parameters import make_parameters
from merilo_psychometrics.responses import from_matrix

from .measured import golden, numbers
from .test_person_fit import abilities_of, drawn, rasch


def tail(chances, seen):
    room = np.empty(len(chances) + 1), np.empty(len(chances) + 1)
    return upper_tail(np.asarray(chances, dtype=float), seen, *room)


def test_i16_gbt_of_the_worked_vectors():
    assert tail([0.5] * 10, 9) == pytest.approx(11 / 1024, abs=1e-15)
    assert tail([0.6, 0.7, 0.5, 0.55, 0.65], 5) == pytest.approx(0.075075, abs=1e-12)
    assert tail([0.3, 0.4], 0) == 1.0


def test_it_agrees_with_aberrance_to_the_last_digits():
    items, theta = numbers("aberrance/items.csv"), numbers("aberrance/abilities.csv")
    responses = from_matrix(numbers("aberrance/scores.csv"))
    names = [item.id for item in responses.design.items]
    parameters = make_parameters(
        dict(zip(names, items[:, 1], strict=True)),
        slope=dict(zip(names, items[:, 0], strict=True)),
    )
    found = similarity(
        responses, parameters, abilities_of(responses, theta), indices=("gbt", "omega_both", "m4")
    )
    place = {f"{a}-{b}": row for row, (a, b) in enumerate(found["gbt"].units)}
    table = golden("aberrance/similarity.csv")
    rows = [place[pair.strip('"')] for pair in table["pair"]]
    assert found["omega_both"].statistic[rows] == pytest.approx(table["OMG_S"], abs=1e-12)
    assert found["gbt"].p[rows] == pytest.approx(table["GBT_S"], rel=1e-11)
    assert found["m4"].p[rows] == pytest.approx(table["M4_S"], rel=1e-11)
    assert found["gbt"].units[found["gbt"].beyond(0.05)].tolist() == [[1, 2]]


def test_m4_is_the_sum_over_all_outcomes():
    rng = np.random.default_rng(8)
    right, wrong = rng.uniform(0.1, 0.5, 5), rng.uniform(0.05, 0.3, 5)
    chance = {}
    for outcome in product("rwn", repeat=5):
        p = np.prod([{"r": a, "w": b, "n": 1 - a - b}[o]
                     for o, a, b in zip(outcome, right, wrong, strict=True)])  # fmt: skip
        key = outcome.count("r"), outcome.count("w")
        chance[key] = chance.get(key, 0.0) + p
    above = {
        (m, n): sum(p for (rights, wrongs), p in chance.items() if rights >= m and wrongs >= n)
        for m, n in product(range(6), repeat=2)
    }
    for m, n in chance:
        wanted = sum(p for key, p in chance.items() if above[key] <= above[m, n] * (1 + 1e-12))
        assert joint_tail(right, wrong, m, n) == pytest.approx(wanted, abs=1e-13)


def test_i17_omega_has_a_direction():
    responses = from_matrix([[1, 1, 0, 0], [1, 1, 1, 0]])
    theta = np.array([-1.0, 1.0])
    difficulty = np.array([-0.5, 0.0, 0.5, 1.0])
    found = similarity(responses, rasch(difficulty), abilities_of(responses, theta),
                       indices=("omega",))["omega"]  # fmt: skip
    assert found.units.tolist() == [[1, 2], [2, 1]]
    for row, (who, other) in enumerate([(0, 1), (1, 0)]):
        right = 1 / (1 + np.exp(difficulty - theta[who]))
        given = np.where(responses.matrix()[other] == 1, right, 1 - right)
        z = (3 - given.sum()) / np.sqrt((given * (1 - given)).sum())
        assert found.statistic[row] == pytest.approx(z, abs=1e-12)
        assert found.p[row] == pytest.approx(tail(given, 3), abs=1e-12)


def test_i18_k_and_its_kin_are_what_a_loop_gives():
    rng = np.random.default_rng(21)
    difficulty = rng.normal(size=12)
    scores = drawn(rng, rng.normal(size=150), difficulty)
    responses = from_matrix(scores)
    pairs = [[5, 9], [20, 31], [70, 71]]
    found = similarity(responses, rasch(difficulty), abilities_of(responses, np.zeros(150)),
                       pairs=pairs, indices=("k", "k1", "k2", "s1"))  # fmt: skip
    wrong = scores == 0
    errors_made = wrong.sum(axis=1)
    both = pairs + [[b, a] for a, b in pairs]
    for row, (copier, source) in enumerate(np.array(both) - 1):
        w, m = errors_made[source], (wrong[copier] & wrong[source]).sum()
        alike = (wrong & wrong[source]).sum(axis=1)
        others = np.arange(150) != source
        peers = others & (np.arange(150) != copier) & (errors_made == errors_made[copier])
        share = alike[peers].mean() / w
        assert found["k"].p[row] == pytest.approx(binom.sf(m - 1, w, share), abs=1e-12)
        assert found["k"].effect[row] == pytest.approx(m - w * share)
        groups = [r for r in range(13) if (others & (errors_made == r)).any()]
        mean = np.array([alike[others & (errors_made == r)].mean() for r in groups])
        for index, degree in (("k1", 1), ("k2", 2)):
            line = np.polynomial.Polynomial.fit(np.array(groups) / 12, mean / w, degree)
            p = np.clip(line(errors_made[copier] / 12), 0.001, 0.999)
            assert found[index].p[row] == pytest.approx(binom.sf(m - 1, w, p), abs=1e-9)
        # At the solution of the Poisson regression the residuals are free of level and slope.
        fitted = found["s1"].statistic[row] - found["s1"].effect[row]
        wanted = poisson.sf(m - 1, fitted) - poisson.sf(w, fitted)
        assert found["s1"].p[row] == pytest.approx(wanted, abs=1e-12)


def choices(rng, theta, difficulty, options=4):
    """Answers 0 (right) … options − 1; wrong ones have favourites."""
    right = rng.random((len(theta), len(difficulty))) < 1 / (
        1 + np.exp(difficulty - theta[:, None])
    )
    lure = np.array([0.6, 0.25, 0.15])
    wrong = 1 + rng.choice(options - 1, size=right.shape, p=lure)
    return np.where(right, 0, wrong).astype(np.int16)


def with_choices(chosen, groups=None):
    items = [
        Item(f"i{n + 1:03d}", responses=(("A", 1), ("B", 0), ("C", 0), ("D", 0)))
        for n in range(chosen.shape[1])
    ]
    made = from_matrix((chosen == 0).astype(np.int8), items=items, groups=groups, booklet="1")
    return replace(made, blocks=(replace(made.blocks[0], chosen=chosen),))


def test_wrong_answers_in_common_are_seen_where_scores_are_silent():
    rng = np.random.default_rng(31)
    theta, difficulty = rng.normal(-0.5, 1, 600), rng.normal(size=30)
    chosen = choices(rng, theta, difficulty)
    chosen[1, :27] = chosen[0, :27]
    classes = np.repeat(np.arange(24), 25)
    responses = with_choices(chosen, {"class": classes})
    found = similarity(
        responses, rasch(difficulty), abilities_of(responses, theta), within="class",
        answers="chosen", indices=("gbt", "omega", "m4", "k"),
    )  # fmt: skip
    assert len(found["gbt"]) == 24 * 25 * 24 // 2 and len(found["omega"]) == 24 * 25 * 24
    for index in ("gbt", "omega", "m4"):
        best = found[index].beyond(0.05)
        assert {1, 2} in [set(pair) for pair in found[index].units[best].tolist()]
        assert len(best) <= 4
    honest = [n for n, pair in enumerate(found["gbt"].units.tolist()) if set(pair) != {1, 2}]
    assert 0.02 < np.mean(found["gbt"].p[honest] < 0.05) < 0.06
    assert np.nanmean(found["k"].p < 0.05) < 0.06


def test_probabilities_of_answers_sum_to_one_and_an_empty_answer_is_one_of_them():
    from merilo_psychometrics.forensics.answers import answers_of

    rng = np.random.default_rng(4)
    chosen = choices(rng, rng.normal(size=100), np.zeros(6))
    chosen[:7, 0] = -1
    responses = with_choices(np.where(chosen < 0, 1, chosen))
    block = replace(responses.blocks[0], chosen=chosen)
    given = answers_of(responses.design.items, block, rasch(np.zeros(6)), chosen=True, bands=3)
    found = given.probabilities(np.arange(100), rng.normal(size=100))
    assert found.sum(axis=2) == pytest.approx(np.ones((100, 6)), abs=1e-12)
    assert (found >= 0).all() and given.codes[0, 0] == 4


def test_pairs_are_those_asked_for():
    rng = np.random.default_rng(2)
    scores = drawn(rng, rng.normal(size=9), np.zeros(8))
    groups = {"class": ["a", "a", "a", "b", "b", "c", "a", "b", "d"]}
    responses = from_matrix(scores, groups=groups)
    theta = abilities_of(responses, np.zeros(9))
    found = similarity(responses, rasch(np.zeros(8)), theta, within="class", indices=("gbt",))
    asked = {frozenset(pair) for pair in found["gbt"].units.tolist()}
    assert asked == {frozenset(p) for p in ((1, 2), (1, 3), (1, 7), (2, 3), (2, 7), (3, 7),
                                            (4, 5), (4, 8), (5, 8))}  # fmt: skip
    assert sorted(found["gbt"].within.tolist()) == ["a"] * 6 + ["b"] * 3
    with pytest.raises(errors.TooFewPersons, match="ни одной пары"):
        similarity(responses.where("class", "c"), rasch(np.zeros(8)),
                   abilities_of(responses.where("class", "c"), [0.0]), within="class")  # fmt: skip
    apart = scores.astype(int)
    apart[0, 0] = -1
    with pytest.raises(errors.BadData, match="разные варианты"):
        similarity(from_matrix(apart), rasch(np.zeros(8)), theta, pairs=[[1, 2]])
    with pytest.raises(errors.BadData, match="77"):
        similarity(responses, rasch(np.zeros(8)), theta, pairs=[[1, 77]])
    with pytest.raises(errors.WrongSettings, match="gbt"):
        similarity(responses, rasch(np.zeros(8)), theta, indices=("magic",))
    with pytest.raises(errors.BadData, match="keep_answers"):
        similarity(responses, rasch(np.zeros(8)), theta, answers="chosen")


def test_k_by_scores_needs_rightsor_wrong():
    responses = from_matrix([[0, 2], [1, 1], [0, 0]])
    parameters = make_parameters({"i001": 0.0, "i002": [0.0, 0.5]})
    with pytest.raises(errors.WrongSettings, match="i002"):
        similarity(responses, parameters, abilities_of(responses, [0, 0, 0]), indices=("k",))
    found = similarity(responses, parameters, abilities_of(responses, [0, 0, np.inf]))
    assert np.isfinite(found["gbt"].p).tolist() == [True, False, False]


def test_honest_pairs_are_found_similar_about_as_often_as_said():
    rng = np.random.default_rng(14)
    theta, difficulty = rng.normal(size=300), rng.normal(size=40)
    responses = from_matrix(drawn(rng, theta, difficulty))
    found = similarity(responses, rasch(difficulty), abilities_of(responses, theta))
    for index in ("gbt", "omega"):
        assert 0.025 < np.mean(found[index].p < 0.05) < 0.05
    assert len(found["gbt"].beyond(0.05)) <= 2
