"""Reliability through the command: every coefficient of a booklet, their mean, errors at a score."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from merilo_psychometrics.classical import reliability
from merilo_psychometrics.command import main
from merilo_psychometrics.data import Wide, read


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Two booklets of five shared items and two of their own, and a third of two works."""
    rng = np.random.default_rng(3)
    level = rng.normal(0, 1, 402)
    right = rng.random((402, 9)) < 1 / (1 + np.exp(rng.normal(0, 1, 9) - level[:, None]))
    scores = pl.DataFrame(right.astype(np.int8), schema=[f"q{n}" for n in range(9)])
    booklet = np.array(["A"] * 150 + ["B"] * 250 + ["C"] * 2)
    table = pl.DataFrame({"person": np.arange(402), "booklet": booklet}).hstack(scores)
    table = table.with_columns(
        pl.when(pl.col("booklet") == "A").then(None).otherwise(pl.col("q7", "q8")).name.keep(),
        pl.when(pl.col("booklet") != "A").then(None).otherwise(pl.col("q5", "q6")).name.keep(),
    )
    where = tmp_path_factory.mktemp("reliability") / "data.csv"
    table.write_csv(where)
    return str(where)


def test_every_coefficient_of_a_booklet_is_that_of_the_library(data, tmp_path, capsys):
    asked = ["describe", data, "--booklet", "booklet", "--out", str(tmp_path)]
    assert main([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    seen = told["reliability"]
    whole = read(Wide(data, "person", booklet="booklet")).only_booklets(["A", "B"])
    known = reliability(whole)
    assert [row["booklet"] for row in seen["booklets"]] == ["A", "B"]
    for row, right in zip(seen["booklets"], known.booklets, strict=True):
        for name in ("alpha", "omega", "lambda_2", "lambda_4", "lambda_6", "glb", "sem"):
            assert row[name] == pytest.approx(getattr(right, name))
        assert (row["alpha_low"], row["alpha_high"]) == pytest.approx(right.alpha_interval)
    for name, mean in seen["pooled"].items():
        assert mean == pytest.approx(known.pooled(name))
    errors = pl.read_csv(tmp_path / "describe" / "conditional_sem.csv")
    of_a = errors.filter(pl.col("booklet") == "A")
    assert of_a["conditional_sem"].to_list() == pytest.approx(known.booklets[0].conditional_sem)
    assert of_a["works"].sum() == 150
    assert len(pl.read_csv(tmp_path / "describe" / "reliability.csv")) == 2
    assert "reliability" in {row["verb"] for row in told["made"]["provenance"]}


def test_a_booklet_of_two_works_does_not_hide_the_others(data, capsys):
    assert main(["describe", data, "--booklet", "booklet"]) == 0
    shown = capsys.readouterr().out
    assert "омега" in shown
    assert "в среднем" in shown
    assert "В варианте C меньше трёх работ" in shown
    assert "only_booklets" not in shown
    assert main(["describe", data, "--booklet", "booklet", "--language", "en"]) == 0
    assert "omega" in capsys.readouterr().out


def test_without_works_of_weight_or_without_decisions_nothing_is_estimated(tmp_path, capsys):
    rows = {"person": [1, 2, 3, 4], "q1": [1, 0, 1, 0], "q2": [1, 0, 0, 0]}
    table = pl.DataFrame(rows)
    table.with_columns(pl.lit("A").alias("b"), pl.Series("w", [0, 0, 0, 0])).vstack(
        table.with_columns(pl.lit("B").alias("b"), pl.Series("w", [1, 1, 1, 1]))
    ).write_csv(tmp_path / "w.csv")
    asked = ["describe", str(tmp_path / "w.csv"), "--booklet", "b", "--weight", "w", "--json"]
    assert main(asked) == 0
    seen = json.loads(capsys.readouterr().out)["reliability"]
    assert [row["booklet"] for row in seen["booklets"]] == ["B"]
    assert seen["booklets"][0]["omega"] is None  # two items know no factor
    assert seen["pooled"]["omega"] is None
    assert list(seen["not_estimated"]) == ["A"]
    pl.DataFrame({**rows, "q2": ["1", "9", "0", "0"]}).write_csv(tmp_path / "gap.csv")
    assert main(["describe", str(tmp_path / "gap.csv"), "--omitted-code", "9", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["reliability"] == {}


def test_many_booklets_without_an_estimate_are_counted(tmp_path, capsys):
    names = [f"b{n}" for n in range(12)]
    rows = [(n, name, n % 2, 1 - n % 2) for n, name in enumerate(names * 2)]
    pl.DataFrame(rows, schema=["person", "b", "q1", "q2"], orient="row").write_csv(
        tmp_path / "m.csv"
    )
    assert main(["describe", str(tmp_path / "m.csv"), "--booklet", "b"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("меньше трёх работ") == 3
    assert "ещё в 9 вариантах" in shown
