"""Many tests at once."""

from __future__ import annotations

import numpy as np
import pytest

from merilo_psychometrics import errors
from merilo_psychometrics.multiplicity import adjusted, discoveries


def test_bh_i30_only_the_first_of_the_worked_vector():
    found = discoveries([0.001, 0.012, 0.08, 0.2], rate=0.02)
    assert found.tolist() == [True, False, False, False]


def test_a_later_success_carries_the_earlier_ones():
    p = [0.04, 0.03, 0.02, 0.9]
    assert adjusted(p) == pytest.approx([0.16 / 3, 0.16 / 3, 0.16 / 3, 0.9])
    assert discoveries(p, rate=0.06).tolist() == [True, True, True, False]


def test_what_was_not_tested_does_not_count():
    found = adjusted([[0.01, np.nan], [0.02, np.nan]])
    assert found[:, 0].tolist() == [0.02, 0.02] and np.isnan(found[:, 1]).all()
    assert np.isnan(adjusted([np.nan])).all() and not adjusted([]).size
    with pytest.raises(errors.WrongSettings):
        adjusted([1.5])


def test_false_discoveries_stay_under_the_rate():
    rng = np.random.default_rng(1)
    shares = []
    for _ in range(200):
        p = rng.random(1_000)
        p[:100] = rng.beta(0.05, 5, 100)
        found = discoveries(p, rate=0.1)
        shares.append(found[100:].sum() / max(found.sum(), 1))
    assert np.mean(shares) < 0.11
