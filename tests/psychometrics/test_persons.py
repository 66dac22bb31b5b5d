"""Abilities: agree with dexter and TAM, recover the truth, say how unsure they are."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from merilo_psychometrics import curves, errors
from merilo_psychometrics.calibration import calibrate_cml
from merilo_psychometrics.design import Item
from merilo_psychometrics.parameters import make_parameters
from merilo_psychometrics.persons import (
    Normal,
    classify,
    estimate_abilities,
    profiles,
    score_tables,
)
from merilo_psychometrics.responses import OMITTED, from_matrix

from . import golden_files
from .published import LSAT6, LSAT7, expanded
from .sets import generated

GOLDEN = Path(__file__).parent / "golden"
PEERS = {"wle": "dexter_wle", "ml": "dexter_mle", "eap": "dexter_eap_n01"}


def peer_2pl(name):
    """Item parameters TAM found, so that scoring is compared and not calibration."""
    rows = pl.read_csv(GOLDEN / "mml" / f"{name}_TAM_items.csv")
    if "alpha" in rows.columns:
        steps = rows.select("tau.Cat1", "tau.Cat2", "tau.Cat3").to_numpy()
        thresholds, slope = rows["beta"].to_numpy()[:, None] + steps, rows["alpha"]
    else:
        thresholds, slope = (rows["AXsi"] / rows["B"]).to_numpy()[:, None], rows["B"]
    named = dict(zip(rows["item"], thresholds, strict=True))
    return make_parameters(named, slope=dict(zip(rows["item"], slope, strict=True)))


@pytest.mark.parametrize("method", PEERS)
@pytest.mark.parametrize("name", ["LSAT6", "LSAT7", "d_pcm"])
def test_the_tables_are_those_of_dexter(name, method):
    scores = (
        expanded({"LSAT6": LSAT6, "LSAT7": LSAT7}[name]) if name != "d_pcm" else generated(name)
    )
    responses = from_matrix(scores)
    found = calibrate_cml(responses).parameters
    (table,) = score_tables(found, responses.design, method=method)
    golden = pl.read_csv(GOLDEN / "persons" / f"{name}_{PEERS[method]}.csv", null_values="NA")
    assert table.scores.tolist() == golden["booklet_score"].to_list()
    ability = golden["theta"].cast(float).to_numpy()
    inner = np.isfinite(ability)
    # The peer sums its EAP over a coarser grid.
    close = 2e-6 if method == "eap" else 1e-9
    assert table.ability[inner] == pytest.approx(ability[inner], abs=close)
    assert table.se[inner] == pytest.approx(golden["se"].cast(float).to_numpy()[inner], abs=close)
    assert (table.ability[~inner] == ability[~inner]).all() and np.isnan(table.se[~inner]).all()


@pytest.mark.parametrize("name", ["verbAggr", "Science", "raschdat1", "data.read"])
@pytest.mark.parametrize("method", ["wle", "ml", "eap"])
def test_the_tables_of_real_data_are_those_of_dexter(name, method):
    data = "verbAggr_scored" if name == "verbAggr" else name
    found = calibrate_cml(from_matrix(golden_files.scores(data)))
    (table,) = score_tables(found.parameters, from_matrix(golden_files.scores(data)).design,
                            method=method)  # fmt: skip
    peer = {"wle": "wle", "ml": "mle", "eap": "eap_n01"}[method]
    golden = golden_files.table(f"golden/real/{name}__dexter_{peer}.csv")
    ability = golden["theta"].cast(float).to_numpy()
    inner = np.isfinite(ability)
    assert table.ability[inner] == pytest.approx(ability[inner], abs=1e-6)


@pytest.mark.parametrize(
    ("name", "method", "column"),
    [(n, *m) for n in ("a_2pl", "d_gpcm") for m in (("eap", "EAP"), ("wle", "wle"))],
)
def test_abilities_by_pattern_are_those_of_tam(name, method, column):
    responses = from_matrix(generated(name)[:200])
    found = estimate_abilities(responses, peer_2pl(name), method=method)
    kind = "eap" if method == "eap" else "ability"
    golden = pl.read_csv(GOLDEN / "persons" / f"{name}_TAM_{kind}.csv")
    assert found.ability == pytest.approx(golden[column].to_numpy(), abs=1e-6)
    if method == "eap":
        assert found.se == pytest.approx(golden["SE"].to_numpy(), abs=1e-6)


def test_the_reliability_of_eap_is_that_of_tam():
    """LSAT6, Rasch by MML: difficulties, variance and reliability printed by TAM 4.3.25."""
    names = [f"i{n}" for n in range(5)]
    xsi = [
        -2.73001329464981,
        -0.998605857209578,
        -0.239853892443107,
        -1.3064511969688,
        -2.099404411205,
    ]
    found = estimate_abilities(
        from_matrix(expanded(LSAT6), items=names),
        make_parameters(dict(zip(names, xsi, strict=True))),
        method="eap",
        prior=Normal(0.0, 0.570228445903254**0.5),
    )
    assert found.reliability == pytest.approx(0.294174253775588, abs=1e-3)


def three_pl(count=6):
    names = [f"i{n}" for n in range(count)]
    return make_parameters(
        dict(zip(names, np.linspace(-1.5, 1.5, count), strict=True)),
        slope=dict(zip(names, np.linspace(0.7, 1.9, count), strict=True)),
        guessing=dict(zip(names, [0.0, 0.2] * count, strict=False)),
    )


@pytest.mark.parametrize("method", ["ml", "wle", "map"])
def test_the_maximum_is_the_maximum(method):
    """Against a fine search of the likelihood as it is defined, guessing and all."""
    own, prior = three_pl(), Normal(0.3, 1.2)
    scores = np.array(list(itertools.product([0, 1], repeat=6)), np.int8)
    grid = np.linspace(-6, 6, 2401)
    logs = curves.log_probabilities(own, grid)
    value = sum(logs[item][scores[:, item]] for item in range(6))
    if method == "map":
        value = value - 0.5 * ((grid - prior.mean) / prior.sd) ** 2
    if method == "wle":
        information = curves.test_information(own, grid)
        chance = curves.category_probabilities(own, grid)[:, :, 1]
        first = np.gradient(chance, grid, axis=0)
        second = np.gradient(first, grid, axis=0)
        bias = (first * second / (chance * (1 - chance))).sum(axis=1) / (2 * information)
        value = value + np.concatenate(
            [[0], np.cumsum((bias[1:] + bias[:-1]) / 2 * np.diff(grid))]
        )
    best = value.argmax(axis=1)
    found = estimate_abilities(from_matrix(scores, items=[i.id for i in own.items]), own,
                               method=method, prior=prior)  # fmt: skip
    inner = (best > 5) & (best < 2395) & np.isfinite(found.ability)
    assert inner.sum() > 40
    assert found.ability[inner] == pytest.approx(grid[best[inner]], abs=0.006)
    if method == "ml":
        assert not np.isfinite(found.ability[[0, 63]]).any()


def test_map_is_the_mode_and_eap_the_mean_of_the_same_posterior():
    responses = from_matrix(generated("a_rasch")[:300])
    found = calibrate_cml(from_matrix(generated("a_rasch"))).parameters
    mode = estimate_abilities(responses, found, method="map")
    mean = estimate_abilities(responses, found, method="eap")
    assert np.abs(mode.ability - mean.ability).max() < 0.05
    assert mode.se == pytest.approx(mean.se, abs=0.02)


def test_eap_by_pattern_equals_eap_by_total_when_slopes_are_equal():
    responses = from_matrix(generated("d_pcm")[:100])
    found = calibrate_cml(from_matrix(generated("d_pcm")[:5000])).parameters
    by_total = estimate_abilities(responses, found, method="eap")
    slopes = dict.fromkeys(found.index, 1.0) | {found.items[0].id: 1.0 + 1e-9}
    thresholds = {item.id: row for item, row in zip(found.items, found.thresholds, strict=True)}
    nearly = make_parameters(thresholds, slope=slopes)
    by_pattern = estimate_abilities(responses, nearly, method="eap")
    assert by_pattern.ability == pytest.approx(by_total.ability, abs=1e-6)


def test_warm_estimates_are_nearly_unbiased():
    chance = np.random.default_rng(5)
    truth = make_parameters({f"i{n}": b for n, b in enumerate(np.linspace(-2, 2, 20))})
    for theta in (-1.0, 0.0, 1.5):
        right = curves.category_probabilities(truth, theta)[0, :, 1]
        scores = (chance.random((20_000, 20)) < right).astype(np.int8)
        found = estimate_abilities(from_matrix(scores, items=list(truth.index)), truth)
        assert found.ability.mean() == pytest.approx(theta, abs=0.02)
        assert found.ability.std() == pytest.approx(found.se.mean(), rel=0.06)


def test_small_booklets_are_scored_like_large_ones():
    """Works of many patterns of what was given go one road through the packing, whole ones another."""
    own = peer_2pl("a_2pl")
    whole = generated("a_2pl")[:400].copy()
    chance = np.random.default_rng(8)
    holes = np.where(chance.random(whole.shape) < 0.2, -1, whole).astype(np.int8)
    found = estimate_abilities(from_matrix(holes, items=list(own.index)), own, method="eap")
    row = int(np.flatnonzero(found.persons == 17)[0])
    kept = np.flatnonzero(holes[16] >= 0)
    alone = estimate_abilities(
        from_matrix(holes[16:17, kept], items=[own.items[n].id for n in kept]), own, method="eap"
    )
    assert found.ability[row] == pytest.approx(alone.ability[0], abs=1e-9)


@pytest.mark.parametrize("slope", [1.0, 1.4])
@pytest.mark.parametrize("method", ["map", "eap"])
def test_every_group_has_a_prior_of_its_own(method, slope):
    chance = np.random.default_rng(11)
    names = [f"i{n}" for n in range(9)]
    items = make_parameters(
        dict(zip(names, np.linspace(-1.5, 1.5, 9), strict=True)), slope={names[0]: slope}
    )
    scores = (chance.random((90, 9)) < 0.5).astype(np.int8)
    scores[::4, 7:] = -1
    group = np.where(chance.random(90) < 0.4, "city", "village")
    responses = from_matrix(scores, items=list(items.items), groups={"where": group})
    priors = {"village": Normal(-0.5, 0.8), "city": Normal(0.7, 1.2)}
    both = estimate_abilities(responses, items, method=method, prior=priors, grouping="where")
    for name, prior in priors.items():
        whole = estimate_abilities(responses, items, method=method, prior=prior)
        code = responses.group_names("where").index(name)
        mine = np.concatenate([block.groups["where"] for block in responses.blocks]) == code
        assert both.ability[mine] == pytest.approx(whole.ability[mine], abs=1e-7)
        assert both.se[mine] == pytest.approx(whole.se[mine], abs=1e-7)
    for wrong in ({"prior": priors}, {"prior": {"city": Normal()}, "grouping": "where"},
                  {"grouping": "where"}):  # fmt: skip
        with pytest.raises(errors.WrongSettings):
            estimate_abilities(responses, items, method=method, **wrong)
    with pytest.raises(errors.WrongSettings):
        estimate_abilities(responses, items, method="wle", prior=priors, grouping="where")


def test_tables_of_unequal_slopes_are_refused_except_expected_ones():
    own = peer_2pl("a_2pl")
    design = from_matrix(generated("a_2pl")[:5], items=list(own.index)).design
    with pytest.raises(errors.WrongSettings, match="eap"):
        score_tables(own, design)
    (table,) = score_tables(own, design, method="eap")
    responses = from_matrix(generated("a_2pl"), items=list(own.index))
    by_pattern = estimate_abilities(responses, own, method="eap")
    at_twenty = by_pattern.ability[by_pattern.scores == 20].mean()
    assert table.ability[20] == pytest.approx(at_twenty, abs=0.02)


def test_scores_with_gaps_reach_only_some_totals():
    own = make_parameters({"a": [0.0], "b": [-0.5, 0.5]}, items=[Item("a"), Item("b", (0, 2, 4))])
    (table,) = score_tables(own, from_matrix([[1, 4]], items=own.items).design)
    assert table.scores.tolist() == [0, 1, 2, 3, 4, 5]
    (short,) = score_tables(own, from_matrix([[4]], items=own.items[1:]).design)
    assert short.scores.tolist() == [0, 2, 4]
    assert np.diff(short.ability).min() > 0


def test_the_chance_of_a_wrong_level_is_what_happens():
    chance = np.random.default_rng(13)
    own = make_parameters({f"i{n}": b for n, b in enumerate(np.linspace(-2, 2, 40))})
    theta = chance.normal(0, 1, 40_000)
    right = 1 / (1 + np.exp(-theta[:, None] + own.difficulty))
    responses = from_matrix((chance.random(right.shape) < right).astype(np.int8),
                            items=list(own.index))  # fmt: skip
    found = estimate_abilities(responses, own, method="eap")
    levels = classify(found, {"базовый": -0.5, "высокий": 0.8})
    truth = np.searchsorted(levels.cuts, theta, side="right")
    assert levels.names == ("", "базовый", "высокий")
    assert (levels.level == truth).mean() == pytest.approx(levels.accuracy, abs=0.01)
    near = levels.near(0, least=0.3)
    assert near.sum() > 1000
    wrong = (levels.level > 0) != (truth > 0)
    assert wrong[near].mean() == pytest.approx(levels.wrong_side[near, 0].mean(), abs=0.02)
    assert levels.consistency < levels.accuracy
    assert levels.chances.sum(axis=1) == pytest.approx(1.0)


def test_a_table_is_classified_score_by_score():
    own = make_parameters({f"i{n}": 0.0 for n in range(10)})
    tables = score_tables(own, from_matrix(np.eye(10), items=list(own.index)).design, method="ml")
    levels = classify(tables, [0.0])
    assert levels.level.tolist() == [0] * 5 + [1] * 6
    assert levels.wrong_side[5, 0] == pytest.approx(0.5)
    assert np.isnan(levels.wrong[[0, 10]]).all() and (levels.wrong[1:5] < 0.5).all()
    with pytest.raises(errors.WrongSettings):
        classify(tables, [1.0, 0.0])


def test_profiles_expect_what_all_patterns_of_the_total_give():
    items = [
        Item("a", domain="x"),
        Item("b", (0, 1, 2), domain="x"),
        Item("c", domain="y"),
        Item("d"),
    ]
    own = make_parameters({"a": [0.3], "b": [-0.4, 0.9], "c": [-1.0], "d": [0.5]}, items=items)
    found = profiles(from_matrix([[1, 1, 0, 1], [0, 0, 1, 1]], items=items), own)
    assert found.domains == ("x", "y")
    for row, total in enumerate((3, 2)):
        weights, mine = [], []
        for a, b, c, d in itertools.product((0, 1), (0, 1, 2), (0, 1), (0, 1)):
            if a + b + c + d == total:
                cost = 0.3 * a + [0, -0.4, 0.5][b] - 1.0 * c + 0.5 * d
                weights.append(np.exp(-cost))
                mine.append(a + b)
        mean = np.average(mine, weights=weights)
        sd = np.average((np.array(mine) - mean) ** 2, weights=weights) ** 0.5
        assert found.expected[row, 0] == pytest.approx(mean, abs=1e-9)
        assert found.sd[row, 0] == pytest.approx(sd, abs=1e-9)
    assert found.observed.tolist() == [[2, 0], [0, 1]]
    assert found.deviation[0, 0] == pytest.approx((2 - found.expected[0, 0]) / found.sd[0, 0])
    assert np.isfinite(found.ability).all()


def test_what_cannot_be_scored_is_refused_by_name():
    own = make_parameters({"a": 0.0, "b": 1.0})
    with pytest.raises(errors.UnknownItem):
        estimate_abilities(from_matrix([[1, 0]], items=["a", "z"]), own)
    with pytest.raises(errors.UntreatedOmissions):
        estimate_abilities(from_matrix([[1, OMITTED]], items=["a", "b"]), own)
    with pytest.raises(errors.WrongSettings, match="баллы|Баллы"):
        estimate_abilities(from_matrix([[2, 1]], items=["a", "b"]), own)
    with pytest.raises(errors.WrongSettings, match="наклон"):
        estimate_abilities(from_matrix([[1, 1]], items=["a", "b"]),
                           make_parameters({"a": 0.0, "b": 1.0}, slope={"a": -1.0}))  # fmt: skip
    with pytest.raises(errors.WrongSettings):
        estimate_abilities(from_matrix([[1, 1]], items=["a", "b"]), own, method="best")
    with pytest.raises(errors.WrongSettings, match="domain"):
        profiles(from_matrix([[1, 1]], items=["a", "b"]), own)
