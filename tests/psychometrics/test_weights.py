"""Weights: numbers of equal works are spread where asked for; a test never takes them for works."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from merilo_psychometrics import errors
from merilo_psychometrics.calibration import calibrate_cml, calibrate_mml
from merilo_psychometrics.command import main
from merilo_psychometrics.fit import limited_information, s_x2
from merilo_psychometrics.forensics import (
    easy_hard,
    histograms,
    mean_shift,
    order_fit,
    similarity,
)
from merilo_psychometrics.persons import estimate_abilities
from merilo_psychometrics.responses import from_matrix
from merilo_psychometrics.weights import WeightedWorks, one_by_one

LSAT7 = Path(__file__).resolve().parents[2] / "docs" / "data" / "lsat7.csv"


@pytest.fixture(scope="module")
def patterns():
    """LSAT 7 as printed, and person by person, in two groups."""
    table = pl.read_csv(LSAT7)
    works = table["works"].to_numpy()
    scores = table.drop("works").to_numpy()
    group = np.where(np.arange(len(scores)) % 2 == 0, "A", "B")
    counted = from_matrix(scores, weights=works, groups={"g": group})
    rows = np.repeat(np.arange(len(scores)), works)
    return counted, from_matrix(scores[rows], groups={"g": group[rows]})


def test_a_table_of_patterns_is_spread_into_its_works(patterns):
    counted, whole = patterns
    spread = one_by_one(counted)
    assert spread.works == 1000
    assert (spread.blocks[0].scores == whole.blocks[0].scores).all()
    assert spread.blocks[0].weights is None
    assert one_by_one(whole).blocks[0] is whole.blocks[0]
    ours, theirs = (s_x2(one, calibrate_cml(one)) for one in (spread, whole))
    assert (ours.statistic == theirs.statistic).all()
    assert mean_shift(spread, "g").statistic.tolist() == mean_shift(whole, "g").statistic.tolist()


def test_tests_do_not_take_weights_for_works(patterns):
    counted, _ = patterns
    bank = calibrate_cml(counted)
    with pytest.raises(WeightedWorks, match="one_by_one"):
        s_x2(counted, bank)
    with pytest.raises(WeightedWorks, match="M2"):
        limited_information(counted, calibrate_mml(counted, model="rasch"))


def test_evidence_is_about_the_works_that_are_there(patterns):
    counted, _ = patterns
    bank = calibrate_cml(counted).parameters
    for judge in (
        lambda: mean_shift(counted, "g"),
        lambda: easy_hard(counted, "g"),
        lambda: histograms(counted, "g"),
        lambda: similarity(counted, bank, estimate_abilities(counted, bank), within="g"),
    ):
        with pytest.raises(WeightedWorks) as refusal:
            judge()
        assert refusal.value.english
    assert len(order_fit(counted)["u3"]) == 32  # a work is judged by its own answers


def test_weights_that_are_no_numbers_of_works_are_not_spread():
    matrix = np.array([[1, 0], [0, 1], [1, 1]])
    with pytest.raises(errors.WrongSettings, match="дробные"):
        one_by_one(from_matrix(matrix, weights=[1.0, 0.5, 2.0]))
    with pytest.raises(errors.WrongSettings, match="вес выборки"):
        one_by_one(from_matrix(matrix, weights=[1e9, 1.0, 2.0]))


def test_the_command_counts_works_one_by_one_when_told_to(tmp_path, capsys):
    asked = [str(LSAT7), "--person", "-", "--weight", "works"]
    fit = ["fit", *asked, "--method", "mml", "--model", "2pl", "--json"]
    assert main(fit) == 0
    seen = json.loads(capsys.readouterr().out)
    assert set(seen["skipped"]) == {"S-X²", "M2"}
    assert main([*fit, "--counted"]) == 0
    seen = json.loads(capsys.readouterr().out)
    assert not seen["skipped"]
    # Shares of 5 items and of their 10 pairs, less 10 parameters.
    assert seen["test"]["df"] == 5
    assert main(["calibrate", *asked, "--out", str(tmp_path)]) == 0
    capsys.readouterr()
    assert main(["forensics", *asked, "--out", str(tmp_path)]) == 2
    assert "--counted" in capsys.readouterr().err
    assert main(["forensics", *asked, "--counted", "--out", str(tmp_path)]) == 0
    assert "проверено 1\u202f000" in capsys.readouterr().out


def test_ratings_take_no_weights(tmp_path, capsys):
    table = {"person": [1, 1], "rater": ["a", "b"], "score": [1, 2], "w": [1.0, 2.0]}
    pl.DataFrame(table).write_csv(tmp_path / "marks.csv")
    assert main(["raters", str(tmp_path / "marks.csv"), "--weight", "w"]) == 2
    assert "works.csv" in capsys.readouterr().err
