"""Marginal maximum likelihood: agrees with TAM, mirt and BILOG, refuses what cannot be known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from merilo_psychometrics import errors
from merilo_psychometrics.calibration import calibrate_mml
from merilo_psychometrics.responses import from_matrix

from . import golden_files
from .published import LSAT6, LSAT7, expanded
from .sets import generated

GOLDEN = Path(__file__).parent / "golden" / "mml"
# Printed by TAM 4.3.25: log-likelihood of Rasch and 2PL, variance of ability under Rasch.
LSAT = {
    "LSAT6": (LSAT6, -2466.93759957862, 0.570228445903254, -2466.65337739808),
    "LSAT7": (LSAT7, -2664.90089085434, 1.02266187449821, -2658.80511355202),
}


@pytest.mark.parametrize("name", LSAT)
def test_lsat_is_that_of_tam(name):
    table, rasch, variance, two_pl = LSAT[name]
    responses = from_matrix(expanded(table))
    one = calibrate_mml(responses, model="rasch")
    golden = pl.read_csv(GOLDEN / f"{name}_TAM_1pl.csv")
    assert one.log_likelihood == pytest.approx(rasch, abs=1e-5)
    assert one.parameters.difficulty == pytest.approx(golden["xsi"].to_numpy(), abs=1e-4)
    assert one.populations[0].sd ** 2 == pytest.approx(variance, abs=1e-4)
    two = calibrate_mml(responses, model="2pl")
    golden = pl.read_csv(GOLDEN / f"{name}_TAM_2pl.csv")
    assert two.log_likelihood == pytest.approx(two_pl, abs=1e-5)
    assert two.parameters.slope == pytest.approx(golden["B.Cat1.Dim1"].to_numpy(), abs=1e-4)
    easiness = two.parameters.slope * two.parameters.difficulty
    assert easiness == pytest.approx(golden["xsi.item"].to_numpy(), abs=1e-4)
    assert (two.free_count, one.free_count) == (10, 6)
    assert two.aic == pytest.approx(20 - 2 * two_pl, abs=1e-4)


def test_the_errors_of_lsat6_are_the_published_ones():
    """Bock & Aitkin (1981) table 1 give the slopes and intercepts; the errors are mirt's (Oakes)."""
    found = calibrate_mml(from_matrix(expanded(LSAT6))).parameters
    slopes = [0.8257, 0.7227, 0.8909, 0.6884, 0.6569]
    assert found.slope == pytest.approx(slopes, abs=1e-4)
    assert found.standard_error("slope") == pytest.approx(
        [0.258, 0.187, 0.233, 0.185, 0.210], abs=5e-4
    )


@pytest.mark.parametrize("name", ["a_rasch", "a_2pl", "d_pcm", "d_gpcm"])
def test_generated_sets_are_those_of_tam(name):
    model = {"a_rasch": "rasch", "a_2pl": "2pl", "d_pcm": "pcm", "d_gpcm": "gpcm"}[name]
    found = calibrate_mml(from_matrix(generated(name)), model=model).parameters
    golden = pl.read_csv(GOLDEN / f"{name}_TAM_items.csv")
    if "alpha" in golden.columns:
        steps = golden.select("tau.Cat1", "tau.Cat2", "tau.Cat3").to_numpy()
        slope, thresholds = golden["alpha"].to_numpy(), golden["beta"].to_numpy()[:, None] + steps
    else:
        slope = golden["B"].to_numpy()
        thresholds = (golden["AXsi"].to_numpy() / slope)[:, None]
    # Of the peer, PCM is run less tightly than the rest.
    assert found.slope == pytest.approx(slope, abs=1e-5)
    assert found.thresholds == pytest.approx(thresholds, abs=1e-4)


def test_a_2pl_is_that_of_mirt():
    found = calibrate_mml(from_matrix(generated("a_2pl")))
    golden = pl.read_csv(GOLDEN / "a_2pl_mirt_items.csv")
    assert found.parameters.slope == pytest.approx(golden["a1"].to_numpy(), abs=1e-5)
    assert found.parameters.slope * found.parameters.difficulty == pytest.approx(
        -golden["d"].to_numpy(), abs=1e-5
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [("Science", "Science"), ("verbAggr", "verbAggr_scored"), ("verbAggr_dich", "verbAggr_dich"),
     ("data.read", "data.read"), ("irtoys_Scored", "irtoys_Scored")],
)  # fmt: skip
def test_real_data_give_the_likelihood_of_mirt_and_tam(name, data):
    scores = golden_files.scores(data)
    graded = scores.max() > 1
    two = calibrate_mml(from_matrix(scores), model="gpcm" if graded else "2pl")
    peer = golden_files.scalar(name, "MML 2PL/GPCM loglik", "TAM")
    assert two.log_likelihood == pytest.approx(peer, abs=2e-3)
    one = calibrate_mml(from_matrix(scores), model="pcm" if graded else "rasch")
    # The proved maximum is never below what a peer stopped at.
    for program in ("TAM", "mirt"):
        peer = golden_files.scalar(name, "MML 1PL/PCM loglik", program)
        assert one.log_likelihood > peer - 2e-4


def test_three_parameters_are_those_of_bilog():
    """The same priors; BILOG afterwards gives the sample the unit variance, so the unit is moved."""
    found = calibrate_mml(
        from_matrix(golden_files.scores("irtoys_Scored")), model="3pl"
    ).parameters
    golden = golden_files.table("golden/real/irtoys_Scored__BILOG_b3.csv").to_numpy()
    unit = float(np.median(found.slope / golden[:, 0]))
    assert unit == pytest.approx(1.0, abs=0.02)
    moved = found.rescaled(unit, 0.0)
    assert moved.slope == pytest.approx(golden[:, 0], abs=0.01)
    assert moved.difficulty == pytest.approx(golden[:, 1], abs=0.02)
    assert found.guessing == pytest.approx(golden[:, 2], abs=2e-3)


def test_what_cannot_be_known_is_refused_by_name():
    with pytest.raises(errors.UnlinkedBooklets):
        calibrate_mml(
            from_matrix([[1, 0, -1, -1], [0, 1, -1, -1], [-1, -1, 1, 0], [-1, -1, 0, 1]])
        )
    with pytest.raises(errors.ExtremeItem) as caught:
        calibrate_mml(from_matrix([[1, 0, 1, 0], [0, 1, 1, 0]], items=["a", "b", "full", "none"]))
    assert (caught.value.zero, caught.value.full) == (("none",), ("full",))
    with pytest.raises(errors.UnusedCategory, match="g — 2"):
        calibrate_mml(from_matrix([[0, 1], [1, 0], [3, 0]], items=["g", "h"]), model="gpcm")
    with pytest.raises(errors.WrongSettings, match="gpcm"):
        calibrate_mml(from_matrix([[0, 1], [2, 0], [1, 1]], items=["g", "h"]))
    with pytest.raises(errors.WrongSettings):
        calibrate_mml(from_matrix([[0, 1], [1, 0]]), model="4pl")
    with pytest.raises(errors.TooFewPersons):
        calibrate_mml(from_matrix([[0, 1], [1, 0]]))
    with pytest.raises(errors.BadData):
        calibrate_mml(from_matrix([[0, 1], [1, 0]]), grouping="school")


def test_perfect_separation_is_not_taken_for_an_estimate():
    """Every work follows the order of difficulty exactly: slopes grow without end."""
    guttman = np.tril(np.ones((6, 5), int), -1).repeat(30, axis=0)
    with pytest.raises(errors.NotConverged) as caught:
        calibrate_mml(from_matrix(guttman, items=[*"abcde"]))
    assert caught.value.items


def test_too_few_iterations_give_no_half_result():
    with pytest.raises(errors.NotConverged, match="max_iterations"):
        calibrate_mml(from_matrix(generated("a_2pl")[:500]), max_iterations=3)


def test_the_result_says_where_it_comes_from():
    responses = from_matrix(generated("a_2pl")[:500])
    found = calibrate_mml(responses)
    assert found.provenance.data == responses.data_hash
    assert found.provenance.settings["tolerance"] == 1e-7
    assert (found.model, found.method) == ("2pl", "mml")
    assert found.parameters.identification == "population"
