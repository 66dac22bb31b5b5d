"""Indicators over schools and classes: rules put as published, degrees, and no verdict."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from merilo_psychometrics import errors
from merilo_psychometrics.calibration import calibrate_cml
from merilo_psychometrics.forensics import (
    class_clusters,
    classrooms,
    fixed_band,
    integrity,
    mean_shift,
    order_fit,
    overdispersion,
)
from merilo_psychometrics.parameters import make_parameters
from merilo_psychometrics.report import write_report
from merilo_psychometrics.responses import OMITTED, from_matrix

# --- the funnel -------------------------------------------------------------------------------


def test_the_groups_looked_for_do_not_widen_the_limits():
    z = np.array([-9.0, -1.5, -1.0, -0.5, 0.0, 0.0, 0.5, 1.0, 1.5, 2.0, 30.0])
    # Quantiles of 10 and 90 % of eleven values are the second from either end: ±1.5 and 2.
    drawn = np.array([-1.5, -1.5, -1.0, -0.5, 0.0, 0.0, 0.5, 1.0, 1.5, 2.0, 2.0])
    assert overdispersion(z) == pytest.approx(np.mean(drawn**2))
    assert overdispersion(z, drawn_in=0.0) == pytest.approx(np.mean(z**2))
    assert overdispersion([0.1, -0.2, 0.3]) == 1.0  # never narrower than chance
    assert overdispersion([]) == 1.0
    with pytest.raises(errors.WrongSettings):
        overdispersion(z, drawn_in=0.5)


def schools(seed, spread, groups=60, size=25, items=20):
    rng = np.random.default_rng(seed)
    school = np.repeat(np.arange(groups), size)
    theta = rng.normal(0, spread, groups)[school] + rng.normal(0, 1, groups * size)
    scores = rng.random((len(theta), items)) < 1 / (
        1 + np.exp(np.linspace(-1.5, 1.5, items) - theta[:, None])
    )
    return from_matrix(scores, groups={"school": school.astype(str)})


def outside(page):
    """How many groups the caption counts beyond the limits."""
    section = page.split('id="group-school"')[1]
    return int(section.split("за кривыми ")[1].split(".")[0])


def test_schools_that_differ_as_schools_do_stay_within_the_funnel():
    alike, unlike = (schools(3, spread) for spread in (0.0, 0.8))
    page = write_report(unlike, calibrate_cml(unlike), title="t")
    section = page.split('id="group-school"')[1].split("<h2")[0]
    assert "Spiegelhalter, 2005" in section
    assert section.count('class="rule"') >= 2
    assert section.count('class="limit"') == 2
    z = mean_shift(unlike, "school", overdispersed=False).statistic
    assert outside(page) < np.sum(np.abs(z) > 3) / 2
    plain = write_report(alike, calibrate_cml(alike), title="t")
    assert outside(plain) <= 1


# --- fixed bands ------------------------------------------------------------------------------


def test_a_fixed_band_is_the_rule_and_its_chance():
    # 4th class, Russian: at least 15 % of «2», at most 5 % of «5».
    counts = [[3, 10, 6, 1], [1, 10, 8, 1], [3, 10, 5, 2], [0, 0, 10, 15]]
    found = fixed_band(["а", "б", "в", "г"], counts, least_twos=15, most_fives=5)
    assert found.labels == ("INSIDE", "OUTSIDE", "OUTSIDE", "OUTSIDE")
    assert found.effect == pytest.approx([0, 10, 5, 55])
    assert found.p[1] == pytest.approx(2 * binom.cdf(1, 20, 0.15))
    assert found.p[3] == pytest.approx(2 * binom.sf(14, 25, 0.05))
    # A class of 20 with one «2» leaves the band by chance alone in a third of cases.
    assert found.p[1] > 0.3
    assert "сильный класс выходит за них первым" in found.sentence(3)
    with pytest.raises(errors.BadData):
        fixed_band(["а"], [[1, 2, 3]], least_twos=15, most_fives=5)
    with pytest.raises(errors.TooFewPersons):
        fixed_band(["а"], [[0, 0, 0, 0]], least_twos=15, most_fives=5)
    with pytest.raises(errors.WrongSettings):
        fixed_band(["а"], [[1, 1, 1, 1]], least_twos=150, most_fives=5)


# --- two years and answers --------------------------------------------------------------------


def test_gains_that_vanish_and_unusual_answers_are_asked_for_at_once():
    rng = np.random.default_rng(2)
    gain, after = rng.normal(0, 1, 400), rng.normal(0, 1, 400)
    measures = {name: rng.normal(0, 1, 400) for name in ("shared", "order", "spread", "likeness")}
    gain[:8] += 6
    after[:8] -= 6
    for values in measures.values():
        values[4:12] += 6
    found = classrooms(np.arange(400), gain, after, measures)
    # Ranks by hand for one classroom.
    rank = (np.sum(gain < gain[5]) + 0.5) / 400
    next_rank = (np.sum(after < after[5]) + 0.5) / 400
    assert found.score[5] == pytest.approx(rank**2 + (1 - next_rank) ** 2)
    ranks = [(np.sum(v < v[5]) + 0.5) / 400 for v in measures.values()]
    assert found.answers[5] == pytest.approx(np.sum(np.square(ranks)))
    assert np.flatnonzero(found.both)[:4].tolist() == [4, 5, 6, 7]
    assert np.sum(found.both) <= 6  # gains alone and answers alone are not enough
    honest = classrooms(
        np.arange(400), gain[::-1], rng.normal(0, 1, 400), {"x": rng.normal(0, 1, 400)}
    )
    assert honest.both.mean() < 0.02
    with pytest.raises(errors.TooFewPersons):
        classrooms([1], [1.0], [1.0], {"x": [1.0]})
    with pytest.raises(errors.BadData):
        classrooms([1, 2], [1.0, 2.0], [1.0, 2.0], {})


# --- integrity --------------------------------------------------------------------------------


def test_the_index_of_integrity_falls_where_patterns_are_unusual():
    rng = np.random.default_rng(7)
    place = np.linspace(-2, 2, 24)
    theta, school = rng.normal(0, 1, 900), np.repeat(np.arange(30), 30)
    scores = rng.random((900, 24)) < 1 / (1 + np.exp(place - theta[:, None]))
    scores[:30] = rng.random((30, 24)) < 0.5  # a school whose answers know no order
    responses = from_matrix(scores, groups={"school": school.astype(str)})
    bank = make_parameters({item.id: d for item, d in zip(responses.design.items, place,
                                                          strict=True)})  # fmt: skip
    fit = order_fit(responses, parameters=bank)["u3"]
    found = integrity(responses, "school", fit)
    row = found.units.tolist().index("0")
    assert found.beyond().tolist() == [row]
    odd = np.nanmean(fit.p[:30] <= 0.05)
    assert found.statistic[row] == pytest.approx(100 * (1 - odd))
    assert found.statistic[row] < 70 < np.delete(found.statistic, row).min()
    with pytest.raises(errors.BadData):
        integrity(from_matrix(scores[:60], groups={"school": school[:60].astype(str)}), "school",
                  fit)  # fmt: skip
    with pytest.raises(errors.TooFewPersons):
        integrity(responses, "school", fit, least=100)


# --- fuzzy clusters ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def classes():
    """Sixty honest classes, and three in which nearly all write nearly the same high work."""
    rng = np.random.default_rng(12)
    school = np.repeat(np.arange(63), 20)
    theta = rng.normal(0, 0.5, 63)[school] + rng.normal(0, 1, len(school))
    scores = (
        rng.random((len(school), 25)) < 1 / (1 + np.exp(np.linspace(-2, 2, 25) - theta[:, None]))
    ).astype(np.int8)
    scores[rng.random(scores.shape) < 0.04] = OMITTED
    for group in (60, 61, 62):
        one = np.where(np.arange(25) % 9 == 8, 0, 1)
        own = np.tile(one, (20, 1))
        change = rng.random(own.shape) < 0.03
        scores[school == group] = np.where(change, 1 - own, own)
    return from_matrix(scores, groups={"class": school.astype(str)})


def test_classes_high_and_alike_belong_to_the_extreme_cluster(classes):
    found = class_clusters(classes, "class")
    strange = np.isin(found.names, ["60", "61", "62"])
    assert found.degree[strange].min() > 0.8
    assert found.degree[~strange].max() < 0.5
    assert found.weight == pytest.approx(1 - found.degree)
    assert found.membership.sum(axis=1) == pytest.approx(1)
    assert sum(found.explained) > 0.7
    row = int(np.flatnonzero(found.names == "60")[0])
    mean, spread, gaps, unlike = found.traits[row]
    scores = np.maximum(classes.blocks[0].scores[60 * 20 : 61 * 20], 0)
    share = scores.mean(axis=1)
    assert (mean, spread, gaps) == pytest.approx((share.mean(), share.std(ddof=1), 0))
    p = scores.mean(axis=0)
    assert unlike == pytest.approx(np.mean(2 * (1 - p**2 - (1 - p) ** 2)))


def test_memberships_are_those_of_bezdek(classes):
    found = class_clusters(classes, "class", clusters=3, fuzzifier=1.7)
    distance = np.sqrt(((found.factors[:, None] - found.centres) ** 2).sum(axis=2))
    ratio = (distance[:, :, None] / distance[:, None, :]) ** (2 / 0.7)
    assert found.membership == pytest.approx(1 / ratio.sum(axis=2), abs=1e-6)
    mass = found.membership**1.7
    assert found.centres == pytest.approx(
        (mass.T @ found.factors) / mass.sum(0)[:, None], abs=1e-6
    )


def test_the_order_of_the_works_does_not_change_the_degrees(classes):
    block = classes.blocks[0]
    names = np.array(classes.group_names("class"))[block.groups["class"]]
    order = np.random.default_rng(1).permutation(len(block))
    mixed = class_clusters(
        from_matrix(block.scores[order], groups={"class": names[order]}), "class"
    )
    found = class_clusters(classes, "class")
    degrees = dict(zip(found.names, found.degree, strict=True))
    assert [degrees[name] for name in mixed.names] == pytest.approx(mixed.degree, abs=1e-6)


def test_too_few_classes_make_no_clusters(classes):
    with pytest.raises(errors.TooFewPersons):
        class_clusters(classes, "class", clusters=20)
    with pytest.raises(errors.WrongSettings):
        class_clusters(classes, "class", fuzzifier=1.0)
    with pytest.raises(errors.NotConverged):
        class_clusters(classes, "class", max_iterations=1)
