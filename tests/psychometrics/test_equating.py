"""Equating from score distributions: printed tables, peers, and what must hold of any method."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from merilo_psychometrics import errors
from merilo_psychometrics.linking import (
    Moments,
    bootstrap_errors,
    count_responses,
    count_scores,
    equate_kernel,
    equate_linear,
    equate_percentiles,
    equating_line,
    from_counts,
    presmooth,
)
from merilo_psychometrics.linking.percentiles import rank_at, score_at_rank
from merilo_psychometrics.responses import from_matrix

from .outside import rows

GOLDEN = Path(__file__).parent / "golden" / "equating"


def columns(name):
    table = rows(GOLDEN / name)
    return {key: np.array([float(row[key]) for row in table]) for key in table[0]}


@pytest.fixture(scope="module")
def act():
    table = columns("act_mathematics.csv")
    return table, from_counts(table["x"]), from_counts(table["y"])


@pytest.fixture(scope="module")
def kernel_book():
    """The two tests of von Davier, Holland & Thayer (2004) chapter 7, smoothed as there."""
    table = columns("mathematics20.csv")
    return (
        presmooth(from_counts(table["x"]), degree=2),
        presmooth(from_counts(table["y"]), degree=3),
    )


def with_anchor(seed=1, works=(3000, 3000), shift=0.0, harder=0.0, items=12):
    """Joint distributions of two groups on a test of 2·items with an inner anchor of `items`."""
    rng = np.random.default_rng(seed)
    found = []
    for size, mean, more in ((works[0], 0.0, 0.0), (works[1], shift, harder)):
        theta = rng.normal(mean, 1.0, size)
        anchor = rng.binomial(items, 1 / (1 + np.exp(-theta)))
        own = rng.binomial(items, 1 / (1 + np.exp(-(theta - more))))
        found.append(
            count_scores(anchor + own, highest=2 * items, anchor=anchor, anchor_highest=items)
        )
    return found


# --- printed tables and peers -----------------------------------------------------------------


def test_mean_linear_and_equipercentile_are_those_of_equate(act):
    table, x, y = act
    mean = equate_linear(x, y, slope_free=False)
    assert np.allclose(mean.equated, table["mean"], atol=1e-12)
    # equate divides by N − 1 in the standard deviations.
    assert np.allclose(equate_linear(x, y).equated, table["linear"], atol=2e-4)
    # equate rounds percentile ranks.
    assert np.allclose(equate_percentiles(x, y).equated, table["equipercentile"], atol=2e-7)


def test_loglinear_smoothing_of_degree_6_is_that_of_equate(act):
    table, x, y = act
    smooth = [presmooth(one, degree=6) for one in (x, y)]
    found = equate_percentiles(*smooth).equated
    # R's glm stops at a deviance that moves by 1e-8.
    assert np.allclose(found, table["equipercentile_loglinear6"], atol=5e-6)


def test_smoothing_keeps_as_many_moments_as_its_degree(act):
    _, x, _ = act
    smooth = presmooth(x, degree=4)
    scores = np.arange(41)
    for power in range(1, 5):
        assert smooth.scores @ scores**power == pytest.approx(x.scores @ scores**power)
    assert smooth.scores @ scores**5 != pytest.approx(x.scores @ scores**5, rel=1e-6)


@pytest.mark.parametrize(
    ("criterion", "degrees"), [("aic", (6, 6)), ("likelihood ratio", (6, 6)), ("bic", (4, 6))]
)
def test_the_degree_is_chosen_by_the_criterion_asked_for(act, criterion, degrees):
    # Kolen & Brennan choose 6 for both forms.
    _, x, y = act
    for one, degree in zip((x, y), degrees, strict=True):
        smooth = presmooth(one, criterion=criterion)
        assert smooth.fit.degree == (degree,)
        assert [fit.degree[0] for fit in smooth.compared] == list(range(1, 9))


def test_smoothed_frequencies_are_those_printed_in_the_kernel_book(kernel_book):
    x, y = kernel_book
    ends = [0, 1, 2, 3, 4, 5, 18, 19, 20]
    # Table 7.4.
    printed_x = [3.30, 6.44, 11.77, 20.17, 32.43, 48.89, 28.93, 17.71, 10.16]
    printed_y = [1.71, 3.77, 7.65, 14.24, 24.44, 38.75, 47.73, 34.54, 24.18]
    assert np.allclose(x.scores[ends] * 1453, printed_x, atol=0.005)
    assert np.allclose(y.scores[ends] * 1455, printed_y, atol=0.005)


def test_kernel_errors_are_those_printed_in_the_kernel_book(kernel_book):
    x, y = kernel_book
    there, back = equate_kernel(x, y), equate_kernel(y, x)
    ends = [0, 1, 2, 3, 17, 18, 19, 20]
    # Table 7.6.
    printed = [0.220, 0.289, 0.287, 0.266, 0.199, 0.170, 0.119, 0.070]
    assert np.allclose(there.se[ends], printed, atol=0.0007)
    printed = [0.145, 0.225, 0.275, 0.279, 0.199, 0.210, 0.205, 0.144]
    assert np.allclose(back.se[ends], printed, atol=0.0007)
    # Table 7.5: percent relative error of ten moments.
    printed = [0.01, 0.01, 0.02, 0.04, 0.07, 0.13, 0.22, 0.33, 0.48, 0.67]
    assert np.allclose(there.details["pre"], printed, atol=0.025)
    printed = [-0.01, -0.02, -0.05, -0.11, -0.21, -0.37, -0.58, -0.88, -1.25, -1.71]
    assert np.allclose(back.details["pre"], printed, atol=0.025)


# --- what must hold ---------------------------------------------------------------------------


def test_percentile_ranks_have_an_inverse():
    shares = np.array([0.1, 0.0, 0.4, 0.2, 0.3])
    points = np.array([-0.5, -0.2, 1.7, 2.2, 3.3, 4.5])
    assert np.allclose(score_at_rank(shares, rank_at(shares, points)), points)


@pytest.mark.parametrize(
    "equate", [equate_percentiles, equate_kernel, equate_linear], ids=["rank", "kernel", "line"]
)
def test_a_form_equates_to_itself(act, equate):
    _, x, _ = act
    smooth = presmooth(x, degree=6)
    found = equate(smooth, smooth)
    assert np.allclose(found.equated, found.scores, atol=1e-8)
    assert np.all(found.se > 0)


def test_a_wide_kernel_is_linear_equating(kernel_book):
    x, y = kernel_book
    wide = equate_kernel(x, y, bandwidths=(500.0, 500.0))
    line = equate_linear(x, y)
    assert np.allclose(wide.equated, line.equated, atol=1e-3)
    assert np.allclose(wide.se, line.se, atol=1e-3)


@pytest.mark.parametrize("anchored", ["post-stratification", "chained"])
def test_an_anchor_changes_nothing_when_the_groups_do_not_differ(anchored):
    x, y = with_anchor(harder=0.5)
    # The same margin of the anchor in both groups, to the last person.
    y_like = from_counts(y.probabilities / y.anchor * x.anchor * x.works)
    found = equate_percentiles(x, y_like, anchored=anchored)
    alone = equate_percentiles(
        from_counts(x.scores * x.works), from_counts(y_like.scores * x.works)
    )
    assert np.allclose(found.equated, alone.equated, atol=1e-9)


def test_frequency_estimation_is_the_reweighting_of_persons():
    x, y = with_anchor(shift=0.4, harder=0.3)
    found = equate_percentiles(x, y, anchored="post-stratification", weight=1.0)
    # With the whole weight on group X its scores stay, and those of Y are weighted person by person
    # by the share of their anchor score in group X.
    by_x = x.scores
    weights = x.anchor / np.where(y.anchor > 0, y.anchor, 1.0)
    by_y = (y.probabilities * weights).sum(axis=1)
    assert np.allclose(found.probabilities[0], by_x)
    assert np.allclose(found.probabilities[1], by_y)
    assert np.allclose(found.equated, score_at_rank(by_y, np.cumsum(by_x) - by_x / 2))


def test_a_group_without_some_anchor_score_is_named():
    x, y = with_anchor(works=(3000, 60), shift=1.0)
    with pytest.raises(errors.BadData, match="presmooth"):
        equate_percentiles(x, y, anchored="post-stratification")
    smooth = [presmooth(one, degree=(2, 2, 1)) for one in (x, y)]
    assert np.isfinite(equate_percentiles(*smooth, anchored="post-stratification").equated).all()


def test_methods_with_an_anchor_undo_the_difference_of_the_groups():
    # Both forms are equally hard, group Y is abler: scores must stay what they are.
    x, y = (presmooth(one, degree=(3, 3, 1)) for one in
            with_anchor(shift=0.6, works=(20000, 20000)))  # fmt: skip
    middle = slice(5, 20)
    plain = equate_percentiles(x, y)
    assert np.abs(plain.equated - plain.scores)[middle].max() > 2
    for found in (
        equate_percentiles(x, y, anchored="chained"),
        equate_kernel(x, y, anchored="chained"),
        equate_linear(x, y, method="levine"),
        equate_linear(x, y, method="levine true score"),
        equate_linear(x, y, method="chained"),
    ):
        assert np.abs(found.equated - found.scores)[middle].max() < 0.6, found.method
    for found in (
        equate_percentiles(x, y, anchored="post-stratification"),
        equate_kernel(x, y, anchored="post-stratification"),
        equate_linear(x, y, method="tucker"),
    ):
        # They leave a part of the difference: the anchor is not perfectly reliable.
        assert np.abs(found.equated - found.scores)[middle].max() < 1.5, found.method


def test_tucker_is_regression_on_the_anchor():
    rng = np.random.default_rng(3)
    v1, v2 = rng.normal(5, 2, 500), rng.normal(6, 2.3, 700)
    x, y = 3 * v1 + rng.normal(0, 2, 500), 2 + 3.2 * v2 + rng.normal(0, 2, 700)

    def moments(form, anchor):
        both = np.cov(form, anchor, ddof=0)
        return Moments(form.mean(), both[0, 0], anchor.mean(), both[1, 1], both[0, 1])

    slope, intercept = equating_line(moments(x, v1), moments(y, v2), method="tucker", weight=1.0)
    # All weight on group X: its own moments, and those Y would have there by regression.
    gamma, base = np.polyfit(v2, y, 1)
    mean = base + gamma * v1.mean()
    variance = y.var() + gamma**2 * (v1.var() - v2.var())
    assert slope == pytest.approx(np.sqrt(variance) / x.std())
    assert intercept == pytest.approx(mean - slope * x.mean())


@pytest.mark.parametrize("inside", [True, False])
def test_levine_finds_the_true_line_of_congeneric_forms(inside):
    # Classical congeneric forms: true scores λ·τ + c, error variance λ; the anchor has ν.
    groups = []
    for mean, variance, length, constant in ((0.0, 4.0, 5.0, 1.0), (1.0, 5.0, 6.0, 2.0)):
        nu, shared = 2.0, 2.0 if inside else 0.0
        groups.append(Moments(
            constant + length * mean, length**2 * variance + length, 3 + nu * mean,
            nu**2 * variance + nu, length * nu * variance + shared,
        ))  # fmt: skip
    slope, intercept = equating_line(*groups, method="levine true score", anchor_inside=inside)
    assert slope == pytest.approx(6.0 / 5.0)
    assert intercept == pytest.approx(2.0 - 6.0 / 5.0)


@pytest.mark.parametrize(
    "equate",
    [
        lambda x, y: equate_linear(x, y),
        lambda x, y: equate_linear(x, y, method="tucker", weight=0.5),
        lambda x, y: equate_linear(x, y, method="levine", weight=0.5),
        lambda x, y: equate_linear(x, y, method="chained"),
        lambda x, y: equate_percentiles(
            presmooth(x, degree=(3, 3, 1)), presmooth(y, degree=(3, 3, 1)), anchored="chained"
        ),
        lambda x, y: equate_kernel(
            presmooth(x, degree=(3, 3, 1)), presmooth(y, degree=(3, 3, 1)), weight=0.5,
            anchored="post-stratification", bandwidths=(0.6, 0.6),
        ),
    ],
    ids=["linear", "tucker", "levine", "chained line", "chained ranks", "kernel"],
)  # fmt: skip
def test_the_standard_error_is_that_of_resampled_persons(equate):
    x, y = with_anchor(works=(1500, 1500), shift=0.3)
    analytic = equate(x, y)
    found = bootstrap_errors(equate, x, y, rng=np.random.default_rng(2), replications=150)
    assert np.allclose(found.equated, analytic.equated)
    middle = slice(4, 21)
    # 150 draws know a standard deviation to 6 %.
    ratio = found.se[middle] / analytic.se[middle]
    assert np.all((ratio > 0.75) & (ratio < 1.3))
    assert ratio.mean() == pytest.approx(1.0, abs=0.12)


def test_the_bootstrap_repeats_with_its_seed(act):
    _, x, y = act
    first, second = (
        bootstrap_errors(equate_percentiles, x, y, rng=np.random.default_rng(7), replications=20)
        for _ in range(2)
    )
    assert np.array_equal(first.se, second.se)


def test_splines_after_equating_bend_less_the_more_they_are_allowed_to_miss(act):
    _, x, y = act
    raw = equate_percentiles(x, y)
    assert np.array_equal(equate_percentiles(x, y, postsmooth=0.0).equated, raw.equated)
    bends = [
        np.abs(np.diff(equate_percentiles(x, y, postsmooth=s).equated, 2)[4:-4]).sum()
        for s in (0.01, 0.1, 1.0)
    ]
    assert np.abs(np.diff(raw.equated, 2)[4:-4]).sum() > bends[0] > bends[1] > bends[2]
    smooth = equate_percentiles(x, y, postsmooth=0.1)
    assert np.abs(smooth.equated - raw.equated)[3:38].max() < 0.5
    assert np.isnan(smooth.se).all() and smooth.provenance.settings["postsmooth"] == 0.1


def test_scores_are_rounded_inside_the_scale(act):
    _, x, y = act
    whole = equate_percentiles(x, y).rounded(0, 40)
    assert whole.min() >= 0 and whole.max() <= 40 and np.all(np.diff(whole) >= 0)


def test_a_booklet_is_counted_with_its_anchor():
    responses = from_matrix([[1, 0, 1], [1, 1, 1], [0, 0, 1]], items=["a", "b", "c"])
    found = count_responses(responses, anchors=["b", "c"])
    assert found.probabilities.shape == (4, 3)
    assert found.probabilities[2, 1] == pytest.approx(1 / 3)
    assert count_responses(responses).scores.tolist() == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3])


def test_what_cannot_be_counted_or_equated_is_refused(act):
    _, x, y = act
    with pytest.raises(errors.BadData, match="0…10"):
        count_scores([3, 11], highest=10)
    with pytest.raises(errors.BadData, match="якоря"):
        equate_percentiles(x, y, anchored="chained")
    with pytest.raises(errors.BadData, match="якоря"):
        equate_linear(x, y, method="tucker")
    with pytest.raises(errors.WrongSettings, match="ширин"):
        equate_kernel(x, y, bandwidths=(0.5,))
    with pytest.raises(errors.WrongSettings, match="Степен"):
        presmooth(x, degree=0)
    with pytest.raises(errors.TooFewPersons):
        equate_linear(from_counts([0, 5, 0]), from_counts([1, 2, 3]))
