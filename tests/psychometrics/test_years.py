"""Groups over the years: planted years are found, honest ones are left alone."""

from __future__ import annotations

import numpy as np
import pytest

from merilo_psychometrics import errors
from merilo_psychometrics.forensics import families, over_years
from merilo_psychometrics.forensics.years import _fitted, _level, _table


def region(seed, *, groups=300, years=4, omega=0.4, tau=0.15, planted=0, size=1.0, missing=0.0):
    """Rows of a region whose truth is known; the planted are (group, year)."""
    rng = np.random.default_rng(seed)
    works = rng.integers(15, 120, (groups, years))
    error = 1.0 / np.sqrt(works)
    means = (
        np.array([0.0, 0.5, -0.3, 0.2, 0.1, 0.0])[:years]
        + rng.normal(0, omega, (groups, 1))
        + rng.normal(0, tau, (groups, years))
        + rng.normal(0, error)
    )
    chosen = rng.choice(groups, planted, replace=False)
    when = rng.integers(0, years, planted)
    means[chosen, when] += size
    group, year = np.nonzero(rng.random((groups, years)) >= missing)
    names = np.array([f"s{g:03d}" for g in group])
    truth = {(f"s{g:03d}", str(2021 + t)) for g, t in zip(chosen, when, strict=True)}
    rows = (names, 2021 + year, means[group, year], error[group, year], works[group, year])
    return rows, truth


def found_in(evidence, rate=0.05):
    return {tuple(map(str, evidence.units[row])) for row in evidence.beyond(rate)}


def test_planted_years_are_found_and_the_rate_of_false_ones_is_kept():
    false, hits, all_planted = [], 0, 0
    for seed in range(30):
        rows, truth = region(seed, planted=15)
        found = found_in(over_years(*rows))
        false.append(len(found - truth) / max(len(found), 1))
        hits, all_planted = hits + len(found & truth), all_planted + len(truth)
    assert np.mean(false) < 0.05
    assert hits / all_planted > 0.7


def test_honest_years_stand_out_as_rarely_as_promised():
    p = [over_years(*region(100 + seed, missing=0.2)[0]).p for seed in range(20)]
    whole = np.concatenate(p)
    whole = whole[np.isfinite(whole)]
    for level in (0.01, 0.05, 0.5):
        assert np.mean(whole < level) == pytest.approx(level, rel=0.15)
    some = [len(found_in(over_years(*region(200 + seed)[0]))) > 0 for seed in range(60)]
    assert np.mean(some) < 0.13  # of a promised 0.05, give or take three standard errors


def test_the_effect_is_what_was_planted_and_its_interval_holds_it():
    covered, effects = [], []
    for seed in range(20):
        rows, truth = region(300 + seed, planted=10, size=0.8)
        evidence = over_years(*rows)
        for row, unit in enumerate(evidence.units):
            if tuple(map(str, unit)) in truth:
                effects.append(evidence.effect[row])
                covered.append(evidence.low[row] < 0.8 < evidence.high[row])
    assert np.mean(effects) == pytest.approx(0.8, abs=0.05)
    assert 0.9 < np.mean(covered) <= 1.0


def test_the_variances_are_recovered():
    found = [_fitted(_table(*region(400 + seed)[0]))[:2] for seed in range(20)]
    assert np.mean(found, axis=0) == pytest.approx([0.4, 0.15], abs=0.01)


def test_the_likelihood_is_that_of_the_whole_covariance():
    table = _table(*region(7, groups=25, years=3, missing=0.15)[0])
    level, value = _level(table, 0.3, 0.2)
    given = table.works > 0
    rows, columns = np.nonzero(given)
    x = np.eye(3)[columns]
    covariance = 0.09 * (rows[:, None] == rows) + np.diag(0.04 + table.errors[given] ** 2)
    inverse = np.linalg.inv(covariance)
    inner = x.T @ inverse @ x
    y = table.means[given]
    wanted = np.linalg.solve(inner, x.T @ inverse @ y)
    away = y - x @ wanted
    whole = 0.5 * (
        away @ inverse @ away + np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(inner)[1]
    )
    assert level == pytest.approx(wanted)
    assert value == pytest.approx(whole)


def test_it_is_evidence_of_a_group_and_of_one_family():
    rows, truth = region(5, planted=3, size=2.0)
    evidence = over_years(*rows)
    said = evidence.sentence(int(evidence.beyond()[0]))
    assert "Год, который выделяется" in said
    assert "О причине это не говорит" in said
    named = families({"over_years": evidence})
    assert {group for group, _ in truth} <= set(named)
    assert set(named.values()) == {("history",)}


def test_what_cannot_be_told_is_refused():
    rows, _ = region(6, groups=30, years=2)
    one = [part[:31] for part in rows]
    with pytest.raises(errors.TooFewPersons, match="20"):
        over_years(*one)
    twice = [np.append(part, part[:1]) for part in rows]
    with pytest.raises(errors.BadData, match="дважды"):
        over_years(*twice)
    wrong = [*rows[:3], np.zeros(len(rows[0])), rows[4]]
    with pytest.raises(errors.BadData, match="ошибка"):
        over_years(*wrong)
    alone = [
        np.append(part, [last]) for part, last in zip(rows, ("z", 2021, 0.0, 0.1, 50), strict=True)
    ]
    evidence = over_years(*alone)
    assert np.isnan(evidence.p[[tuple(u)[0] == "z" for u in evidence.units]]).all()
