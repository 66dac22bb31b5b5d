"""Standard setting: panels, data, and what the cuts would mean."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from merilo_psychometrics import errors
from merilo_psychometrics.curves import category_probabilities
from merilo_psychometrics.curves import test_characteristic as characteristic
from merilo_psychometrics.design import Item
from merilo_psychometrics.parameters import make_parameters
from merilo_psychometrics.standards import (
    Cut,
    borderline_group,
    cluster_scores,
    contrast_groups,
    impact_table,
    ordered_booklet,
    set_angoff,
    set_bookmark,
)

ITEMS = tuple(Item(f"i{n}") for n in range(20))
FORM = make_parameters({f"i{n}": float(v) for n, v in enumerate(np.linspace(-2, 2, 20))})


def judged(panelists=12, theta=0.3, severity=0.15, noise=0.08, seed=2):
    """Probabilities a panel gives for a borderline person of ability θ."""
    rng = np.random.default_rng(seed)
    places = np.linspace(-2, 2, 20)
    own = theta + rng.normal(0, severity, panelists)
    chance = 1 / (1 + np.exp(-(own[:, None] - places)))
    return np.clip(chance + rng.normal(0, noise, chance.shape), 0, 1)


# --- Angoff -----------------------------------------------------------------------------------


def test_the_cut_is_the_mean_of_the_sums():
    found = set_angoff([[0.5, 0.8, 0.2], [0.7, 0.6, 0.4]], items=ITEMS[:3])
    assert found.cut.value == pytest.approx((1.5 + 1.7) / 2) and found.cut.unit == "points"
    assert found.cut.se == pytest.approx(0.1)
    one = found.rounds[0]
    assert [p.away for p in one.panelists] == pytest.approx([-0.1, 0.1])
    # Two-way analysis of variance by hand: panelists 0.02/3 over, items, residual.
    table = np.array([[0.5, 0.8, 0.2], [0.7, 0.6, 0.4]])
    rest = table - table.mean(1, keepdims=True) - table.mean(0) + table.mean()
    assert one.residual == pytest.approx((rest**2).sum() / 2)


def test_the_cut_of_a_consistent_panel_lies_where_the_panel_put_it():
    found = set_angoff(judged(60), items=ITEMS, parameters=FORM)
    last = found.rounds[-1]
    assert last.ability.value == pytest.approx(0.3, abs=4 * last.ability.se)
    assert characteristic(FORM, last.ability.value)[0] == pytest.approx(found.cut.value)
    assert all(p.correlation > 0.8 and p.misfit < 0.15 for p in last.panelists)
    assert last.reliability > 0.95
    assert last.se_generalised > last.se_panelists


def test_the_standard_error_is_the_spread_over_panels():
    cuts = [set_angoff(judged(10, seed=s), items=ITEMS).cut for s in range(300)]
    assert np.mean([cut.se for cut in cuts]) == pytest.approx(
        np.std([cut.value for cut in cuts]), rel=0.12
    )


def test_a_panelist_who_judges_against_the_items_is_seen():
    table = judged()
    table[3] = table[3][::-1]
    last = set_angoff(table, items=ITEMS, parameters=FORM).rounds[-1]
    worst = min(last.panelists, key=lambda p: p.correlation)
    assert worst.panelist == "4" and worst.correlation < 0 < worst.misfit
    assert worst.misfit > 3 * np.median([p.misfit for p in last.panelists])


def test_rounds_converge_and_the_last_decides():
    rounds = np.stack([judged(severity=0.5), judged(severity=0.2, seed=3)])
    found = set_angoff(rounds, items=ITEMS)
    assert found.cut == found.rounds[1].cut
    assert found.convergence[0] == 1.0 and found.convergence[1] < 0.7


def test_judgements_outside_the_scale_name_the_item():
    table = judged()
    table[2, 5] = 60  # a percentage
    with pytest.raises(errors.BadData, match="процент") as caught:
        set_angoff(table, items=ITEMS)
    assert caught.value.items == ("i5",)
    with pytest.raises(errors.TooFewPersons):
        set_angoff(table[:1, :5], items=ITEMS[:5])
    with pytest.raises(errors.NotIdentified, match="краю"):
        set_angoff(np.zeros((3, 20)), items=ITEMS, parameters=FORM)


# --- bookmark ---------------------------------------------------------------------------------


def test_a_rasch_item_stands_at_its_difficulty_and_the_odds_of_the_criterion():
    pages = ordered_booklet(FORM, response_probability=2 / 3)
    assert [page.item for page in pages] == [f"i{n}" for n in range(20)]
    places = [page.location for page in pages]
    assert np.allclose(places, np.linspace(-2, 2, 20) + np.log(2))


def test_every_score_of_a_graded_item_has_its_page():
    form = make_parameters({"a": [-1.0, 0.5], "b": 0.2, "c": 0.0}, guessing={"c": 0.25})
    pages = ordered_booklet(form, response_probability=0.6)
    assert {(page.item, page.score) for page in pages} == {("a", 1), ("a", 2), ("b", 1), ("c", 1)}
    graded = [page for page in pages if page.item == "a"]
    for page in graded:
        chance = category_probabilities(form.only(["a"]), page.location)[0, 0]
        assert chance[page.score :].sum() == pytest.approx(0.6)
    guessed = {page.item: page.location for page in pages}["c"]
    assert guessed == pytest.approx(np.log(0.6 / 0.4))
    kept = ordered_booklet(form, response_probability=0.6, without_guessing=False)
    assert {page.item: page.location for page in kept}["c"] < guessed
    with pytest.raises(errors.NotIdentified, match="c"):
        ordered_booklet(form, response_probability=0.2, without_guessing=False)


def test_the_cut_is_the_place_of_the_median_page():
    marks = {"basic": [5, 6, 7, 6, 5], "high": [14, 15, 15, 16, 13]}
    found = set_bookmark(FORM, marks)
    places = [page.location for page in found.pages]
    assert [cut.value for cut in found.cuts] == pytest.approx([places[5], places[14]])
    assert found.points[0] == pytest.approx(characteristic(FORM, places[5])[0])
    own = np.array(places)[np.array(marks["basic"]) - 1]
    assert found.cuts[0].se == pytest.approx(1.2533 * own.std(ddof=1) / np.sqrt(5), rel=1e-3)
    before = set_bookmark(FORM, marks, convention="before", centre="mean")
    between = set_bookmark(FORM, marks, convention="between", centre="mean")
    at = set_bookmark(FORM, marks, centre="mean")
    assert between.cuts[0].value == pytest.approx((before.cuts[0].value + at.cuts[0].value) / 2)


def test_pages_that_do_not_exist_and_levels_that_do_not_rise_are_refused():
    with pytest.raises(errors.BadData, match="21"):
        set_bookmark(FORM, {"basic": [3, 21]})
    with pytest.raises(errors.BadData):
        set_bookmark(FORM, {"basic": [1, 2]}, convention="before")
    with pytest.raises(errors.NotIdentified, match="high"):
        set_bookmark(FORM, {"basic": [9, 9], "high": [4, 5]})
    with pytest.raises(errors.TooFewPersons):
        set_bookmark(FORM, {"basic": [9]})


# --- data -------------------------------------------------------------------------------------


def two_groups(seed=4, size=400, share=0.5):
    rng = np.random.default_rng(seed)
    above = int(size * share)
    scores = np.r_[rng.normal(10, 3, size - above), rng.normal(18, 3, above)]
    return scores, np.arange(size) >= size - above


@pytest.mark.parametrize("method", ["logistic", "normal", "midpoint", "beta"])
def test_equal_groups_are_parted_half_way(method):
    scores, mastered = two_groups(size=4000)
    scores = np.clip(scores, 0.1, 29.9)
    found = contrast_groups(scores, mastered, method=method, highest=30)
    assert found.cut.value == pytest.approx(14.0, abs=max(4 * found.cut.se, 0.3))


@pytest.mark.parametrize("method", ["logistic", "normal", "midpoint", "beta"])
def test_the_standard_error_of_a_contrast_is_its_spread(method):
    found = []
    for seed in range(100):
        scores, mastered = two_groups(seed=seed, size=200)
        scores = np.clip(scores, 0.1, 29.9)
        found.append(contrast_groups(scores, mastered, method=method, highest=30).cut)
    spread = np.std([cut.value for cut in found])
    assert np.mean([cut.se for cut in found]) == pytest.approx(spread, rel=0.25)


def test_rare_masters_move_the_cut_up():
    scores, mastered = two_groups(size=2000)
    for method in ("logistic", "normal"):
        even = contrast_groups(scores, mastered, method=method).cut.value
        rare = contrast_groups(scores, mastered, method=method, share=0.1).cut.value
        # Normal groups of one variance: the shift is σ²·ln(odds) / (μ₂ − μ₁).
        assert rare - even == pytest.approx(9 * np.log(9) / 8, rel=0.2)


def test_groups_that_cannot_be_parted_are_refused():
    scores, mastered = two_groups()
    with pytest.raises(errors.NotIdentified, match="не выше"):
        contrast_groups(scores, ~mastered)
    with pytest.raises(errors.NotConverged, match="midpoint"):
        contrast_groups(np.r_[np.arange(10), np.arange(20, 30)], np.arange(20) >= 10)
    with pytest.raises(errors.TooFewPersons):
        contrast_groups([1, 2, 3, 4], [False, False, True, True])
    with pytest.raises(errors.WrongSettings, match="highest"):
        contrast_groups(scores, mastered, method="beta")


def test_the_borderline_group_is_cut_at_its_middle():
    rng = np.random.default_rng(1)
    found = [borderline_group(rng.normal(12, 3, 80)).cut for _ in range(300)]
    assert np.mean([cut.value for cut in found]) == pytest.approx(12, abs=0.1)
    assert np.mean([cut.se for cut in found]) == pytest.approx(
        np.std([cut.value for cut in found]), rel=0.2
    )
    mean = borderline_group([1, 2, 3, 4, 5, 6, 7], centre="mean").cut
    assert mean.value == 4.0 and mean.se == pytest.approx(2.160247 / np.sqrt(7), abs=1e-6)
    with pytest.raises(errors.TooFewPersons):
        borderline_group([1, 2, 3])


def test_clusters_meet_where_the_mixture_says():
    rng = np.random.default_rng(3)
    scores = np.r_[rng.normal(8, 2, 3000), rng.normal(16, 2, 3000), rng.normal(25, 2, 3000)]
    low, high = cluster_scores(scores, levels=["below", "basic", "high"])
    assert low.cut.value == pytest.approx(12, abs=0.3) and low.cut.level == "basic"
    assert high.cut.value == pytest.approx(20.5, abs=0.3)
    again = cluster_scores(scores[::-1], levels=["below", "basic", "high"])
    assert again[0].cut.value == pytest.approx(low.cut.value, abs=1e-6)
    with pytest.raises(errors.TooFewPersons):
        cluster_scores(scores[:30], levels=["a", "b"])
    with pytest.raises((errors.NotIdentified, errors.NotConverged)):
        cluster_scores(np.repeat([1.0, 5.0], 100), levels=["a", "b", "c"])


# --- impact -----------------------------------------------------------------------------------

CUTS = (Cut("basic", -0.5, 0.1, "logits"), Cut("high", 1.0, 0.15, "logits"))


def sure(cuts):
    return tuple(Cut(cut.level, cut.value, float("nan"), cut.unit) for cut in cuts)


def test_shares_sum_to_one_and_a_value_on_the_cut_reaches_the_level():
    found = impact_table([-1.0, -0.5, 0.0, 1.0, 2.0], sure(CUTS), lowest="below")
    assert [level.share for level in found.levels] == pytest.approx([0.2, 0.4, 0.4])
    assert [level.level for level in found.levels] == ["below", "basic", "high"]
    assert all(level.cut_se == 0 for level in found.levels)


def test_sampling_error_of_plain_persons_is_binomial():
    rng = np.random.default_rng(2)
    values = rng.normal(0, 1, 2000)
    for level in impact_table(values, sure(CUTS), lowest="below").levels:
        binomial = np.sqrt(level.share * (1 - level.share) / 2000)
        assert level.sampling_se == pytest.approx(binomial, rel=1e-3)
        assert level.lower < level.share < level.upper


def test_pupils_of_one_school_are_no_independent_sample():
    rng = np.random.default_rng(5)

    def sample():
        school = np.repeat(np.arange(60), 20)
        return rng.normal(0, 0.6, 60)[school] + rng.normal(0, 0.8, 1200), school

    values, school = sample()
    plain = impact_table(values, sure(CUTS), lowest="below")
    clustered = impact_table(values, sure(CUTS), lowest="below", clusters=school)
    assert clustered.levels[0].se > 1.8 * plain.levels[0].se
    shares = [np.mean(sample()[0] < -0.5) for _ in range(400)]
    assert clustered.levels[0].se == pytest.approx(np.std(shares), rel=0.3)


def test_uncertain_cuts_make_the_shares_uncertain():
    rng = np.random.default_rng(6)
    values = rng.normal(0, 1, 100_000)
    found = impact_table(values, CUTS, lowest="below")
    # One cut: se of the share ≈ density at the cut · se of the cut.
    assert found.levels[0].cut_se == pytest.approx(norm.pdf(-0.5) * 0.1, rel=0.05)
    middle = np.hypot(norm.pdf(-0.5) * 0.1, norm.pdf(1.0) * 0.15)
    assert found.levels[1].cut_se == pytest.approx(middle, rel=0.05)
    level = found.levels[1]
    assert level.se == pytest.approx(np.hypot(level.sampling_se, level.cut_se))


def test_plausible_values_add_the_error_of_measurement():
    rng = np.random.default_rng(7)
    theta = rng.normal(0, 1, 800)
    values = theta[:, None] * 0.8 + rng.normal(0, 0.6, (800, 5))
    several = impact_table(values, sure(CUTS), lowest="below")
    single = impact_table(values[:, 0], sure(CUTS), lowest="below")
    assert several.levels[0].share == pytest.approx(np.mean(values < -0.5))
    assert several.levels[0].se > single.levels[0].se * 0.95
    assert several.provenance.settings["draws"] == 5


def test_weights_count_persons_more_than_once():
    values, weights = np.array([-1.0, 0.0, 2.0]), np.array([2.0, 1.0, 1.0])
    found = impact_table(values, sure(CUTS), lowest="below", weights=weights)
    assert [level.share for level in found.levels] == pytest.approx([0.5, 0.25, 0.25])


def test_cuts_must_rise_in_one_unit():
    with pytest.raises(errors.NotIdentified):
        impact_table([0.0, 1.0], CUTS[::-1], lowest="below")
    with pytest.raises(errors.BadData):
        impact_table([0.0, np.nan], CUTS, lowest="below")
    with pytest.raises(errors.TooFewPersons, match="Школа"):
        impact_table([0.0, 1.0], CUTS, lowest="below", clusters=["s", "s"])
