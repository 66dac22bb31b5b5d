"""Raters through the command: marks simulated, their agreement beyond chance, discrepancies."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from merilo_psychometrics.command import main
from merilo_psychometrics.raters import (
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    intraclass,
    krippendorff_alpha,
    make_ratings,
)

RATINGS = ("--items", "3", "--model", "pcm", "--steps", "3", "--works", "200", "--seed", "7")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Six raters, two a work, three criteria of 0…3; the first is careless, the second cautious."""
    out = tmp_path_factory.mktemp("rated")
    asked = ["simulate", *RATINGS, "--raters", "6", "--careless", "1", "--central", "1",
             "--severity-sd", "0.8", "--out", str(out), "--quiet"]  # fmt: skip
    assert main(asked) == 0
    return out / "simulate"


@pytest.fixture(scope="module")
def crossed(tmp_path_factory):
    """Three raters mark every work on one criterion."""
    out = tmp_path_factory.mktemp("crossed")
    asked = ["simulate", "--items", "1", "--model", "pcm", "--steps", "4", "--works", "150",
             "--raters", "3", "--marks", "3", "--out", str(out), "--quiet"]  # fmt: skip
    assert main(asked) == 0
    return out / "simulate" / "ratings.csv"


def told(capsys):
    return json.loads(capsys.readouterr().out)


def held(where):
    table = pl.read_csv(where)
    return make_ratings(table["person"], table["rater"], table["score"], items=table["item"])


def test_simulated_raters_are_found_as_severe_as_they_are(made, capsys):
    truth = pl.read_csv(made / "raters.csv")
    assert truth["noise"].to_list()[0] > 0
    assert truth["centrality"].to_list()[1] == 1
    assert main(["raters", str(made / "ratings.csv"), "--item", "item", "--json"]) == 0
    seen = told(capsys)
    assert seen["marks"] == 200 * 2 * 3
    found = {row["rater"]: row for row in seen["raters"]}
    pairs = [(found[row["rater"]]["severity"], row["severity"]) for row in truth.to_dicts()[1:]]
    assert np.corrcoef(np.array(pairs).T)[0, 1] > 0.9
    assert found["r1"]["infit"] == max(row["infit"] for row in found.values())


def test_every_coefficient_of_agreement_is_that_of_the_library(made, tmp_path, capsys):
    where = made / "ratings.csv"
    asked = ["raters", str(where), "--item", "item", "--out", str(tmp_path)]
    assert main([*asked, "--json"]) == 0
    seen = told(capsys)["agreement"]
    ratings = held(where)
    for name in ("i001", "i003"):
        table = ratings.by_rater(name)
        known = {
            ("fleiss", "none"): fleiss_kappa(table),
            ("fleiss", "quadratic"): fleiss_kappa(table, weights="quadratic"),
            ("gwet", "none"): gwet_ac(table),
            ("gwet", "quadratic"): gwet_ac(table, weights="quadratic"),
            ("krippendorff", "ordinal"): krippendorff_alpha(table, scale="ordinal"),
        }
        rows = {(row["coefficient"], row["weights"]): row for row in seen if row["item"] == name}
        for key, right in known.items():
            assert rows[key]["value"] == pytest.approx(right.value)
            assert rows[key]["lower"] == pytest.approx(right.lower)
            assert rows[key]["works"] == right.works
    pairs = pl.read_csv(tmp_path / "raters" / "pairs.csv")
    table = ratings.by_rater("i002")
    row = pairs.filter(
        (pl.col("item") == "i002") & (pl.col("rater_1") == "r3") & (pl.col("rater_2") == "r5")
    ).to_dicts()[0]
    assert row["kappa"] == pytest.approx(cohen_kappa(table[:, 2], table[:, 4]).value)
    weighted = cohen_kappa(table[:, 2], table[:, 4], weights="quadratic")
    assert row["kappa_quadratic"] == pytest.approx(weighted.value)
    assert main(asked) == 0
    shown = capsys.readouterr().out
    assert "каппа Флейса" in shown
    assert "i002" in shown
    assert main(["raters", str(where), "--item", "item", "--language", "en"]) == 0
    assert "Fleiss' kappa" in capsys.readouterr().out


def test_all_six_intraclass_correlations_need_every_rater_on_every_work(crossed, made, capsys):
    assert main(["raters", str(crossed), "--json"]) == 0
    seen = told(capsys)["intraclass"]
    right = intraclass(held(crossed).by_rater())
    assert [row["kind"] for row in seen] == [row.kind for row in right.coefficients]
    for row, known in zip(seen, right.coefficients, strict=True):
        assert (row["value"], row["lower"]) == pytest.approx((known.value, known.lower))
        assert row["works"] == 150
    # Raters changing from work to work: severity cannot be taken apart, only (1, ·) exist.
    assert main(["raters", str(made / "ratings.csv"), "--item", "item", "--json"]) == 0
    rows = told(capsys)["intraclass"]
    assert {row["kind"] for row in rows} == {"ICC(1,1)", "ICC(1,k)"}
    assert {row["item"] for row in rows} == {"i001", "i002", "i003", None}  # None: the sum
    assert {row["works"] for row in rows} == {200}


def test_the_sum_of_criteria_is_that_of_whole_works(made, capsys):
    assert main(["raters", str(made / "ratings.csv"), "--item", "item", "--json"]) == 0
    rows = [row for row in told(capsys)["intraclass"] if row["item"] is None]
    sums = pl.read_csv(made / "ratings.csv").group_by("person", "rater").agg(pl.col("score").sum())
    two = np.array(sums.sort("person", "rater").group_by("person", maintain_order=True)
                   .agg("score")["score"].to_list())  # fmt: skip
    assert rows[0]["value"] == pytest.approx(intraclass(two).of("ICC(1,1)").value)


def test_several_criteria_without_their_column_are_told_the_option(made, capsys):
    for language in ("ru", "en"):
        assert main(["raters", str(made / "ratings.csv"), "--language", language]) == 1
        assert "(--item)" in capsys.readouterr().err


def test_works_of_a_third_rater_are_counted_as_left_out(made, tmp_path, capsys):
    table = pl.read_csv(made / "ratings.csv").filter(pl.col("item") == "i001")
    third = table.unique("person", keep="first", maintain_order=True).head(12)
    table.vstack(third.with_columns(rater=pl.lit("r0"))).write_csv(tmp_path / "m.csv")
    assert main(["raters", str(tmp_path / "m.csv"), "--json"]) == 0
    rows = told(capsys)["intraclass"]
    assert {(row["works"], row["marks"], row["left_out"]) for row in rows} == {(188, 2, 12)}
    assert main(["raters", str(tmp_path / "m.csv")]) == 0
    assert "не вошли работы с другим числом оценок (до 12)" in capsys.readouterr().out


def test_raters_who_always_agree_have_no_kappa_and_the_rest_is_told(tmp_path, capsys):
    rows = [(p, r, item, int(p > 6) if item == "a" else 1)
            for p in range(12) for r in ("x", "y") for item in ("a", "b")]  # fmt: skip
    rows += [(p, "z", "a", int(p > 4)) for p in range(12)]
    rows += [(p, "z", "b", int(p % 3 > 0)) for p in range(12)]
    where = tmp_path / "m.csv"
    pl.DataFrame(rows, schema=["person", "rater", "item", "score"], orient="row").write_csv(where)
    assert main(["raters", str(where), "--item", "item", "--json"]) == 0
    seen = told(capsys)
    assert seen["agreement"]
    pairs = {(row["item"], row["rater_1"], row["rater_2"]): row for row in seen["pairs"]}
    assert pairs["a", "x", "y"]["kappa"] == 1
    assert pairs["b", "x", "y"]["kappa"] is None
    assert pairs["b", "x", "y"]["exact"] == 1


def test_limits_of_a_discrepancy_are_set_by_criterion(made, tmp_path, capsys):
    asked = ["raters", str(made / "ratings.csv"), "--item", "item"]
    assert main([*asked, "--allowed", "i001=0,i003=1", "--out", str(tmp_path), "--json"]) == 0
    seen = told(capsys)
    found = pl.read_csv(tmp_path / "raters" / "discrepancies.csv")
    assert set(found["item"].unique()) == {"i001", "i003"}
    assert (found["difference"] > found["allowed"]).all()
    assert found["person"].n_unique() == seen["third"]
    assert seen["compared"] == 400
    known = {row["verb"]: row["data"] for row in seen["made"]["provenance"]}
    assert set(known) == {"calibrate_facets", "agreement", "find_discrepancies"}
    assert len(set(known.values())) == 1
    assert main([*asked, "--allowed", "i001=0", "--allowed-total", "3"]) == 0
    assert "нужен третий эксперт" in capsys.readouterr().out
    assert main([*asked, "--allowed", "K9=1"]) == 2
    said = capsys.readouterr().err
    assert "K9" in said
    assert "i002" in said
    for wrong in ("i001=-1", "i001=", "=2", "много"):
        with pytest.raises(SystemExit) as left:
            main([*asked, "--allowed", wrong])
        assert left.value.code == 2
        assert "--allowed" in capsys.readouterr().err


def test_a_rater_with_one_mark_for_all_is_left_out_by_name(made, tmp_path, capsys):
    table = pl.read_csv(made / "ratings.csv").with_columns(
        pl.when(pl.col("rater") == "r4").then(0).otherwise(pl.col("score")).alias("score")
    )
    table.write_csv(tmp_path / "m.csv")
    asked = ["raters", str(tmp_path / "m.csv"), "--item", "item"]
    assert main(asked) == 1
    said = capsys.readouterr().err
    assert "r4" in said
    assert "--without-raters" in said
    assert main([*asked, "--without-raters", "r4", "--json"]) == 0
    assert "r4" not in {row["rater"] for row in told(capsys)["raters"]}
    assert main([*asked, "--without-raters", "r9"]) == 2
    assert "r9" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--careless", "1"], "--raters"),
        (["--marks", "3"], "--raters"),
        (["--raters", "3", "--marks", "4"], "--marks"),
        (["--raters", "3", "--careless", "2", "--central", "2"], "--careless"),
        (["--raters", "3", "--schools", "5"], "--schools"),
        (["--raters", "3", "--booklets", "2"], "--booklets"),
        (["--raters", "3", "--plan"], "--plan"),
        (["--raters", "3", "--severity-sd", "-1"], "--severity-sd"),
    ],
)
def test_raters_that_cannot_be_are_refused(wrong, said, tmp_path, capsys):
    try:
        status = main(["simulate", *wrong, "--out", str(tmp_path / "out")])
    except SystemExit as left:
        status = left.code
    assert status == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
