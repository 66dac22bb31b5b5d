"""Many-facet Rasch: severities, their errors and fit, what links raters, severity over time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from merilo_psychometrics import errors
from merilo_psychometrics.parameters import make_parameters
from merilo_psychometrics.raters import (
    ExtremeRater,
    UnlinkedRaters,
    calibrate_facets,
    make_ratings,
    rater_parts,
    severity_drift,
)
from merilo_psychometrics.raters.facets import Marginal
from merilo_psychometrics.raters.layout import lay_out

from .outside import outside, rows
from .published import LSAT6, expanded

GOLDEN = Path(__file__).parent / "golden" / "facets"
THRESHOLDS = np.array([[-1.6, -0.5, 0.3, 1.2], [-1.0, -0.2, 0.7, 1.1]])


def marked(works=500, raters=6, per=2, seed=11, *, severity=None, noisy=None, periods=1,
           control=0, drift=0.0, thresholds=THRESHOLDS):  # fmt: skip
    """Marks of random pairs of raters: (person, rater, score, item, period), and the severities."""
    rng = np.random.default_rng(seed)
    if severity is None:
        severity = np.linspace(-0.8, 0.8, raters)
    theta = rng.normal(0.3, 1.2, works)
    rows = []
    for person in range(works):
        chosen = rng.choice(raters, per, replace=False)
        times = range(periods) if person < control else [person % periods]
        for rater in chosen.tolist():
            for time in times:
                extra = drift * time if rater == 0 else 0.0
                for item, steps in enumerate(thresholds):
                    value = np.r_[0.0, np.cumsum(theta[person] - steps - severity[rater] - extra)]
                    chance = np.exp(value - value.max())
                    score = rng.choice(len(chance), p=chance / chance.sum())
                    if rater == noisy and rng.random() < 0.5:
                        score = rng.integers(0, len(chance))
                    rows.append((person, f"R{rater}", int(score), f"i{item}", time))
    return rows, severity


def as_ratings(rows, *, periods=False):
    person, rater, score, item, time = zip(*rows, strict=True)
    return make_ratings(person, rater, score, items=item, periods=time if periods else None)


@pytest.fixture(scope="module")
def known():
    table, severity = marked()
    ratings = as_ratings(table)
    return ratings, severity, calibrate_facets(ratings)


# --- peers ------------------------------------------------------------------------------------


def test_five_raters_of_one_item_are_the_five_items_of_LSAT6():
    scores = expanded(LSAT6)
    works, raters = scores.shape
    ratings = make_ratings(
        np.repeat(np.arange(works), raters), np.tile([f"Item_{n}" for n in range(1, 6)], works),
        scores.ravel(),
    )  # fmt: skip
    found = calibrate_facets(ratings)
    golden = rows(GOLDEN / "LSAT6_TAM.csv")
    difficulty = np.array([float(row["xsi"]) for row in golden])
    assert np.allclose(found.severity, difficulty - difficulty.mean(), atol=1e-4)
    assert found.population.mean == pytest.approx(-difficulty.mean(), abs=1e-4)
    # TAM 4.3.25 and mirt 1.45.1: log-likelihood and variance.
    assert found.log_likelihood == pytest.approx(-2466.9375996, abs=1e-5)
    assert found.population.sd**2 == pytest.approx(0.57023, abs=1e-4)


def test_one_rater_leaves_the_partial_credit_model():
    table = np.genfromtxt(outside("data/Science.csv"), delimiter=",", skip_header=1)
    scores = (table - table.min()).astype(int)
    works, items = scores.shape
    names = np.array(["Comfort", "Work", "Future", "Benefit"])
    ratings = make_ratings(
        np.repeat(np.arange(works), items), ["one"] * scores.size, scores.ravel(),
        items=np.tile(names, works),
    )  # fmt: skip
    found = calibrate_facets(ratings)
    golden = rows(outside("golden/real/Science__TAM_1pl.csv"))
    theirs = np.array([float(row["xsi"]) for row in golden]).reshape(items, 3)
    ours = found.parameters.only(names).thresholds
    assert np.allclose(ours, theirs - theirs.mean(), atol=2e-4)
    assert found.log_likelihood == pytest.approx(-1619.2740994, abs=1e-4)
    assert found.population.sd**2 == pytest.approx(1.0025, abs=1e-3)
    assert found.separation is None


# --- the likelihood ---------------------------------------------------------------------------


def small():
    return as_ratings(marked(works=40, raters=3, seed=4)[0])


def test_the_likelihood_is_the_integral_over_ability():
    ratings = small()
    layout = lay_out(ratings, "partial credit", None)
    rng = np.random.default_rng(0)
    whole = layout.start + layout.free @ rng.normal(0, 0.3, layout.free.shape[1])
    found = Marginal(layout, 81).posterior(whole)[1]
    mean, sd = whole[:2]
    steps = (layout.thresholds @ whole).reshape(2, 4)
    severity = whole[layout.severities]

    def likelihood(person):
        mine = np.flatnonzero(ratings.person == person)

        def at(theta):
            value = norm.pdf(theta, mean, sd)
            for mark in mine:
                line = theta - steps[ratings.item[mark]] - severity[ratings.rater[mark]]
                chance = np.exp(np.r_[0.0, np.cumsum(line)])
                value *= chance[ratings.score[mark]] / chance.sum()
            return value

        return np.log(quad(at, mean - 8 * sd, mean + 8 * sd, epsabs=1e-14)[0])

    assert found == pytest.approx(
        sum(likelihood(n) for n in range(len(ratings.persons))), abs=1e-6
    )


@pytest.mark.parametrize("model", ["partial credit", "rating scale"])
def test_gradient_and_information_are_the_derivatives_of_the_likelihood(model):
    layout = lay_out(small(), model, None)
    fit = Marginal(layout, 61)
    rng = np.random.default_rng(1)
    size = layout.free.shape[1]
    whole = layout.start + layout.free @ rng.normal(0, 0.2, size)
    gradient, information = fit.derivatives(whole)
    h = 1e-5
    for n, direction in enumerate(layout.free.T):
        up, down = whole + h * direction, whole - h * direction
        rate = (fit.posterior(up)[1] - fit.posterior(down)[1]) / (2 * h)
        assert gradient[n] == pytest.approx(rate, abs=1e-4)
        bend = (fit.derivatives(up)[0] - fit.derivatives(down)[0]) / (2 * h)
        assert np.allclose(-information[n], bend, atol=1e-4)


# --- recovery ---------------------------------------------------------------------------------


def test_severities_thresholds_and_population_are_recovered(known):
    _, severity, found = known
    errors_of = np.array([rater.se for rater in found.raters])
    assert np.abs((found.severity - severity) / errors_of).max() < 3.5
    away = found.parameters.thresholds - (THRESHOLDS - THRESHOLDS.mean())
    assert np.abs(away / found.parameters.standard_error("threshold")).max() < 3.5
    assert found.population.sd == pytest.approx(1.2, abs=4 * found.population.sd_se)
    assert found.severity.sum() == pytest.approx(0.0, abs=1e-10)
    assert np.nansum(found.parameters.thresholds) == pytest.approx(0.0, abs=1e-10)


def test_standard_errors_cover_over_many_markings():
    z = []
    for seed in range(12):
        table, severity = marked(works=150, raters=4, seed=100 + seed)
        found = calibrate_facets(as_ratings(table), model="rating scale")
        z += ((found.severity - severity) / [rater.se for rater in found.raters]).tolist()
    # 48 deviations, three of four free in each marking.
    assert 0.7 < np.std(z) < 1.35


def test_the_order_of_marks_does_not_matter(known):
    ratings, _, found = known
    order = np.random.default_rng(3).permutation(len(ratings))
    names = [ratings.items[n].id for n in ratings.item[order]]
    again = calibrate_facets(make_ratings(
        [ratings.persons[n] for n in ratings.person[order]],
        [ratings.raters[n] for n in ratings.rater[order]],
        ratings.score[order], items=names,
    ))  # fmt: skip
    assert np.allclose(again.severity, found.severity, atol=1e-8)
    assert again.log_likelihood == pytest.approx(found.log_likelihood, abs=1e-8)


def test_persons_are_compared_as_if_one_rater_had_marked_them(known):
    ratings, severity, found = known
    # Two persons with one total, marked by the mildest and by the severest raters.
    totals = np.bincount(ratings.person, ratings.score)
    mean = np.bincount(ratings.person, severity[ratings.rater]) / np.bincount(ratings.person)
    same = np.flatnonzero(totals == 8)
    mild, hard = same[np.argmin(mean[same])], same[np.argmax(mean[same])]
    assert found.ability[hard] > found.ability[mild]
    assert found.fair_score[hard] > found.fair_score[mild]
    assert np.all((found.fair_score > 0) & (found.fair_score < 8))


def test_anchored_items_keep_the_scale(known):
    ratings, _, found = known
    held = found.parameters.rescaled(1.0, 1.5)
    moved = calibrate_facets(ratings, anchors=held)
    assert np.allclose(moved.severity, found.severity, atol=1e-6)
    assert moved.population.mean == pytest.approx(found.population.mean + 1.5, abs=1e-6)
    one = make_parameters({"i0": held.thresholds[0]})
    part = calibrate_facets(ratings, anchors=one)
    assert np.allclose(part.parameters.thresholds[1], held.thresholds[1], atol=1e-5)
    assert np.isnan(part.parameters.standard_error("threshold")[0]).all()


def test_a_rating_scale_shares_its_steps(known):
    ratings, _, found = known
    shared = calibrate_facets(ratings, model="rating scale")
    gaps = np.diff(shared.parameters.thresholds, axis=1)
    assert np.allclose(gaps[0], gaps[1])
    assert shared.free_count == found.free_count - 3
    assert shared.log_likelihood < found.log_likelihood


# --- fit --------------------------------------------------------------------------------------


def test_fit_is_one_for_raters_who_mark_by_the_model(known):
    _, _, found = known
    assert np.mean([rater.infit for rater in found.raters]) == pytest.approx(1.0, abs=0.06)
    assert max(abs(rater.infit_t) for rater in found.raters) < 3.5


def test_a_rater_who_guesses_is_seen_in_the_fit():
    table, _ = marked(noisy=2, seed=12)
    found = calibrate_facets(as_ratings(table))
    worst = max(found.raters, key=lambda rater: rater.infit)
    assert worst.rater == "R2" and worst.infit > 1.25 and worst.infit_t > 3
    assert worst.outfit > 1.25


def test_separation_tells_raters_who_differ_from_raters_who_do_not(known):
    _, _, found = known
    assert found.separation.reliability > 0.95 and found.separation.p < 1e-6
    table, _ = marked(severity=np.zeros(6), seed=21)
    equal = calibrate_facets(as_ratings(table)).separation
    assert equal.reliability < 0.6 and equal.p > 0.01 and equal.df == 5


def test_nodes_grow_with_the_sharpness_of_the_marks():
    table, _ = marked(works=40, raters=6, per=6, seed=5, thresholds=np.tile(THRESHOLDS, (4, 1)))
    few = calibrate_facets(as_ratings(table))
    assert few.nodes > 61
    more = calibrate_facets(as_ratings(table), nodes=2 * few.nodes)
    assert few.log_likelihood == pytest.approx(more.log_likelihood, abs=1e-3)
    assert np.allclose(few.severity, more.severity, atol=1e-5)


# --- what cannot be answered ------------------------------------------------------------------


def test_raters_without_common_works_are_named_by_part(known):
    ratings, _, _ = known
    apart = ratings.where((ratings.rater < 3) == (ratings.person % 2 == 0))
    with pytest.raises(UnlinkedRaters, match="2 части") as caught:
        calibrate_facets(apart)
    assert caught.value.parts == (("R0", "R1", "R2"), ("R3", "R4", "R5"))
    assert caught.value.raters == ("R0", "R1", "R2", "R3", "R4", "R5")


def test_common_works_on_different_items_do_not_link_raters():
    # A marks only the first item and B only the second, of the same works.
    person = np.repeat(np.arange(20), 2)
    ratings = make_ratings(person, ["A", "B"] * 20, [0, 1, 1, 0] * 10, items=["x", "y"] * 20)
    assert rater_parts(ratings) == (("A",), ("B",))
    # With both items known the same marks do link them.
    assert rater_parts(ratings, anchored=["x", "y"]) == (("A", "B"),)


def test_a_rater_of_one_mark_only_is_named(known):
    ratings, _, _ = known
    score = ratings.score.copy()
    score[ratings.rater == 4] = 4
    table = [(ratings.persons[p], ratings.raters[r], s, ratings.items[i].id, 0) for p, r, s, i in
             zip(ratings.person, ratings.rater, score, ratings.item, strict=True)]  # fmt: skip
    with pytest.raises(ExtremeRater, match="R4") as caught:
        calibrate_facets(as_ratings(table))
    assert caught.value.raters == ("R4",)
    calibrate_facets(as_ratings(table).without_raters(["R4"]), nodes=31)


def test_a_score_nobody_gave_and_an_item_nobody_solved_are_named():
    table = [(p, r, (p + n) % 2 * 2, "i", 0) for p in range(30) for n, r in enumerate("AB")]
    with pytest.raises(errors.UnusedCategory) as caught:
        calibrate_facets(as_ratings(table))
    assert caught.value.found == (("i", 1),)
    table += [(p, r, 0, "none", 0) for p in range(30) for r in "AB"]
    with pytest.raises(errors.ExtremeItem, match="none"):
        calibrate_facets(as_ratings(table))


def test_bad_columns_are_refused():
    with pytest.raises(errors.DuplicateResponse, match="дважды"):
        make_ratings([1, 1], ["A", "A"], [0, 1])
    with pytest.raises(errors.ScoreOutsideRule):
        make_ratings([1], ["A"], [5], scales=list(make_parameters({"1": [0.0, 1.0]}).items))
    with pytest.raises(errors.BadData):
        make_ratings([1, 2], ["A"], [0, 1])
    with pytest.raises(errors.WrongSettings, match="partial credit"):
        calibrate_facets(small(), model="rating scale", anchors=make_parameters({"i0": 0.0}))


# --- time -------------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", ["works", "raters"])
def test_a_rater_who_grows_severer_stands_first(reference):
    table, _ = marked(works=450, raters=5, drift=0.9, periods=3, control=45, seed=31)
    found = severity_drift(as_ratings(table, periods=True), reference=reference)
    first = found.raters[0]
    assert first.rater == "R0" and first.q < 0.001 and first.df == 2
    assert first.slope > 5 * first.slope_se
    assert np.all(np.diff(first.severity) > 0)
    assert all(row.q >= row.p for row in found.raters)


def test_steady_raters_are_not_flagged():
    table, _ = marked(works=450, raters=5, periods=3, control=45, seed=32)
    found = severity_drift(as_ratings(table, periods=True))
    assert min(row.q for row in found.raters) > 0.01


def test_without_control_works_absolute_drift_cannot_be_known():
    table, _ = marked(works=200, raters=4, periods=2, seed=33)
    ratings = as_ratings(table, periods=True)
    with pytest.raises(UnlinkedRaters, match="R0 · 0"):
        severity_drift(ratings)
    with pytest.raises(errors.WrongSettings, match="periods"):
        severity_drift(as_ratings(table))
