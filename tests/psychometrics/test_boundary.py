"""Boundaries of marks: the worked vectors I5 and I6, jumps and mass that are planted or not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from merilo_psychometrics import errors
from merilo_psychometrics.forensics import (
    Histograms,
    boundary_excess,
    boundary_jumps,
    boundary_peaks,
    excess_mass,
    histograms,
    tier,
)
from merilo_psychometrics.responses import from_matrix


def one(counts):
    return Histograms(np.array(["школа"]), np.array([counts]))


WORKED = one([0, 0, 0, 0, 0, 0, 2, 3, 2, 3, 3, 1, 12, 4, 4, 3])


def test_i5_the_peak_of_the_worked_histogram():
    found = boundary_peaks(WORKED, [12])
    assert found.statistic.tolist() == [4.8] and found.labels == ("POSSIBLE_MARKER",)
    assert found.size.tolist() == [37]
    quiet = boundary_peaks(one([0, 3, 3, 3, 3]), [2])
    assert quiet.labels == ("NONE",) and quiet.statistic.tolist() == [1.0]


def test_i5_the_rule_looks_at_the_mean_bin_between_the_lowest_and_highest_score():
    just = one([0, 0, 2, 3, 2, 3, 3, 1, 5, 4, 4, 3])
    assert boundary_peaks(just, [8]).labels == ("POSSIBLE_MARKER",)
    below = one([0, 0, 2, 3, 2, 3, 3, 1, 4, 4, 4, 3])
    assert boundary_peaks(below, [8]).labels == ("NONE",)


def test_i6_the_binomial_of_the_worked_pair():
    found = boundary_excess(WORKED, [12])
    assert found.p[0] == pytest.approx(14 / 8192, abs=1e-15)
    assert found.effect[0] == pytest.approx(12 / 13)


def test_the_tiers_of_a_distribution():
    assert [tier(n) for n in (9, 19, 20, 49, 50)] == [
        "высокая неопределённость", "очень ограниченно", "ограниченно", "ограниченно", "обычно",
    ]  # fmt: skip


def schools(rng, number, works, *, lifted=0.0, boundary=12):
    scores = np.clip(np.rint(rng.normal(13, 5, (number, works))), 0, 28).astype(int)
    below = (scores == boundary - 1) | (scores == boundary - 2)
    scores = np.where(below & (rng.random(scores.shape) < lifted), boundary, scores)
    counts = np.stack([np.bincount(row, minlength=29) for row in scores])
    return Histograms(np.array([f"s{n}" for n in range(number)]), counts)


def test_smooth_distributions_pass_and_lifted_ones_stand_out():
    rng = np.random.default_rng(5)
    honest = schools(rng, 1_000, 100)
    assert np.nanmean(boundary_excess(honest, [12]).p < 0.05) < 0.06
    assert 0.02 < np.nanmean(boundary_jumps(honest, [12]).p < 0.05) < 0.08
    assert np.nanmean(boundary_jumps(honest, [12], method="discrete", bend=0.1).p < 0.05) < 0.06
    lifted = schools(rng, 200, 100, lifted=0.8)
    both = Histograms(
        np.concatenate([honest.groups, lifted.groups]),
        np.concatenate([honest.counts, lifted.counts]),
    )
    found = boundary_excess(both, [12]).beyond(0.05)
    assert (found >= 1_000).sum() > 150 and (found < 1_000).mean() < 0.08


def test_the_jump_is_the_log_ratio_of_the_two_densities():
    scores = np.arange(30)
    curve = 3_000 * norm.pdf(scores, 15, 6)
    counts = np.rint(np.where(scores >= 15, 1.5 * curve, curve)).astype(int)
    found = boundary_jumps(one(counts), [15], window=5)
    assert found.effect[0] == pytest.approx(np.log(1.5), abs=0.05)
    assert found.low[0] < np.log(1.5) < found.high[0] and found.p[0] < 0.001
    assert np.isnan(boundary_jumps(one([0] * 12 + [3, 2]), [6]).p[0])


def test_i8_the_mass_lifted_over_a_boundary_is_measured():
    rng = np.random.default_rng(6)
    honest = schools(rng, 1, 20_000)
    lifted = schools(rng, 1, 20_000, lifted=0.4)
    quiet = excess_mass(honest, [12], rng=rng, degree=5)
    assert quiet.low[0] < 0 < quiet.high[0] and quiet.p[0] > 0.05
    found = excess_mass(lifted, [12], rng=rng, degree=5)
    true = 20_000 * 0.4 * (norm.cdf(11.5, 13, 5) - norm.cdf(9.5, 13, 5))
    usual = 20_000 * (norm.cdf(12.5, 13, 5) - norm.cdf(11.5, 13, 5))
    assert found.effect[0] == pytest.approx(true / usual, rel=0.15)
    assert found.low[0] > 0 and found.p[0] < 0.01
    again = excess_mass(lifted, [12], rng=np.random.default_rng(1), degree=5)
    same = excess_mass(lifted, [12], rng=np.random.default_rng(1), degree=5)
    assert again.p.tolist() == same.p.tolist() and again.low.tolist() == same.low.tolist()


def test_boundaries_are_never_guessed():
    for wrong in ([], [0], [99], [12, 12]):
        with pytest.raises(errors.WrongSettings, match="официальную шкалу"):
            boundary_peaks(WORKED, wrong)
    with pytest.raises(errors.TooFewPersons, match="школа"):
        excess_mass(WORKED, [12], rng=np.random.default_rng(0))
    with pytest.raises(errors.WrongSettings, match="степени"):
        excess_mass(one([50] * 10), [4], rng=np.random.default_rng(0))
    with pytest.raises(errors.WrongSettings):
        boundary_jumps(WORKED, [12], window=1)


def test_histograms_count_the_works_of_every_group():
    responses = from_matrix(
        [[1, 0, 1], [1, 1, 1], [0, 0, 1], [1, 1, -1]], groups={"school": ["a", "a", "b", "b"]}
    )
    found = histograms(responses, "school")
    assert found.groups.tolist() == ["a", "b"]
    assert found.counts.tolist() == [[0, 0, 1, 1], [0, 1, 1, 0]]
    assert found.whole().counts.tolist() == [[0, 1, 2, 1]]
