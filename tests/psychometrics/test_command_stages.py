"""Multi-stage tests through the command: simulated, calibrated along their paths, refused."""

from __future__ import annotations

import json

import polars as pl
import pytest

from merilo_psychometrics.command import main
from merilo_psychometrics.command.scale import read_parameters


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A test of two stages: five items for all, then one of three parts by the score."""
    out = tmp_path_factory.mktemp("staged")
    asked = ["simulate", "--items", "17", "--routing", "5", "--routing-cuts", "2,4",
             "--works", "6000", "--seed", "2", "--out", str(out), "--quiet"]  # fmt: skip
    assert main(asked) == 0
    return out / "simulate"


@pytest.fixture
def asked(made):
    return ["calibrate", str(made / "responses.csv"), "--booklet", "booklet",
            "--stages", str(made / "stages.csv"), "--quiet"]  # fmt: skip


def changed(made, where, edit):
    """The table of stages after `edit`, beside."""
    edit(pl.read_csv(made / "stages.csv")).write_csv(where)
    return str(where)


def with_table(asked, table):
    return [*asked[: asked.index("--stages")], "--stages", table]


def refused(asked, status, said, capsys):
    assert main(asked) == status
    told = capsys.readouterr().err
    assert all(word in told for word in said), told


def test_the_score_leads_on_and_the_items_are_found_along_the_paths(made, asked, capsys, tmp_path):
    assert main([*asked, "--out", str(tmp_path), "--json"]) == 0
    seen = json.loads(capsys.readouterr().out)
    assert seen["stages"] == {"1": 2, "2": 2, "3": 2}
    assert "with_stages" in {row["verb"] for row in seen["made"]["provenance"]}
    truth = read_parameters(made)
    found = read_parameters(tmp_path).only(item.id for item in truth.items)
    assert abs(found.difficulty - truth.difficulty).max() < 0.25
    # Without the paths the items of the second stage look as if their booklets were linear.
    assert main([*asked[: asked.index("--stages")], "--quiet", "--json"]) == 0
    steps = {
        row["item"]: row["threshold"] for row in json.loads(capsys.readouterr().out)["parameters"]
    }
    away = [abs(steps[item.id] - b) for item, b in zip(truth.items, truth.difficulty, strict=True)]
    assert max(away) > 0.4


def test_booklets_are_known_by_their_items_where_no_column_names_them(
    made, asked, tmp_path, capsys
):
    table = pl.read_csv(made / "responses.csv").drop("booklet")
    table.write_csv(tmp_path / "unnamed.csv")
    found = []
    unnamed = ["calibrate", str(tmp_path / "unnamed.csv"), *asked[asked.index("--stages") :]]
    for given in (asked, unnamed):
        assert main([*given, "--json"]) == 0
        rows = json.loads(capsys.readouterr().out)["parameters"]
        found.append({row["item"]: row["threshold"] for row in rows})
    assert found[0] == pytest.approx(found[1], abs=1e-8)


def test_another_table_of_stages_is_another_step(made, asked, tmp_path, capsys):
    table = changed(made, tmp_path / "s.csv", lambda rows: rows)
    given = [*with_table(asked, table), "--out", str(tmp_path / "out")]
    assert main(given) == 0
    assert "Каждая работа шла по своему пути." in capsys.readouterr().out
    assert main(given) == 0
    assert "Уже посчитано" in capsys.readouterr().out
    changed(made, tmp_path / "s.csv", lambda rows: rows.drop("cumulative"))
    assert main(given) == 0
    assert "Уже посчитано" not in capsys.readouterr().out


def test_a_stage_that_decided_alone_is_told_from_the_sum_of_stages(tmp_path, capsys):
    # Two stages of one path; the second led on by its own score, whatever the first gave.
    rows = [[a, b, c, d, e, f] for a in (0, 1) for b in (0, 1) for c in (0, 1) for d in (0, 1)
            for e in (0, 1) for f in (0, 1) if c + d < 2]  # fmt: skip
    table = pl.DataFrame(rows, schema=[f"q{n}" for n in range(1, 7)], orient="row")
    table.write_csv(tmp_path / "d.csv")
    said = "booklet,stage,item,lowest,highest,cumulative\nA,1,q1,0,2,yes\nA,1,q2,,,\n"
    said += "A,2,q3,0,1,{}\nA,2,q4,,,\nA,3,q5,,,\nA,3,q6,,,\n"
    given = ["calibrate", str(tmp_path / "d.csv"), "--person", "-", "--stages",
             str(tmp_path / "s.csv")]  # fmt: skip
    (tmp_path / "s.csv").write_text(said.format("нет"))
    assert main(given) == 0
    capsys.readouterr()
    (tmp_path / "s.csv").write_text(said.format("да"))
    refused(given, 1, ["этапа 2 вне 0…1", "cumulative"], capsys)


def test_a_table_that_does_not_fit_the_data_names_the_booklet_and_the_items(
    made, asked, tmp_path, capsys
):
    where = tmp_path / "s.csv"
    of_one = pl.col("booklet") == 1
    last = pl.read_csv(made / "stages.csv").filter(of_one)["item"][-1]

    def named(name):
        return lambda rows: rows.with_columns(
            pl.when((pl.col("item") == last) & of_one)
            .then(pl.lit(name)).otherwise(pl.col("item")).alias("item")
        )  # fmt: skip

    table = changed(made, where, named("x99"))
    refused(with_table(asked, table), 1, ["варианта 1", "x99"], capsys)
    table = changed(made, where, lambda rows: rows.filter((pl.col("item") != last) | ~of_one))
    refused(with_table(asked, table), 1, ["варианта 1 не покрывают", last], capsys)
    table = changed(made, where, lambda rows: rows.filter(~of_one))
    refused(with_table(asked, table), 1, ["нет варианта 1"], capsys)
    table = changed(made, where, lambda rows: rows.with_columns(pl.col("highest") + 1))
    assert main(with_table(asked, table)) == 0  # wider ranges are no lie about a work
    capsys.readouterr()
    table = changed(
        made, where, lambda rows: rows.with_columns(pl.when(of_one).then(pl.col("highest") - 1)
                                                    .otherwise(pl.col("highest")).alias("highest"))
    )  # fmt: skip
    refused(with_table(asked, table), 1, ["варианте 1", "вне 0…0", "не могли"], capsys)
    table = changed(made, where, lambda rows: rows.sort("item"))
    refused(with_table(asked, table), 1, ["вразброс"], capsys)
    table = changed(made, where, lambda rows: rows.with_columns(lowest=None, highest=None))
    refused(with_table(asked, table), 1, ["lowest и highest"], capsys)
    table = changed(made, where, lambda rows: rows.with_columns(lowest=pl.lit("мало")))
    refused(with_table(asked, table), 1, ["lowest", "«мало»"], capsys)
    table = changed(made, where, lambda rows: rows.drop("stage"))
    refused(with_table(asked, table), 1, ["нет столбцов stage"], capsys)


def test_a_method_that_needs_no_paths_and_an_item_left_out_are_refused(asked, capsys):
    refused([*asked, "--method", "mml", "--model", "rasch"], 2, ["--stages", "mml"], capsys)
    refused([*asked, "--engine", "duckdb"], 2, ["--engine duckdb"], capsys)
    refused([*asked, "--without-items", "i001"], 2, ["--without-items"], capsys)
    assert main([*asked, "--method", "mml", "--language", "en"]) == 2
    assert "ignorable" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--routing", "5"], "--routing-cuts"),
        (["--routing-cuts", "2"], "--routing"),
        (["--routing", "5", "--routing-cuts", "2", "--booklets", "3"], "--booklets"),
        (["--routing", "5", "--routing-cuts", "2", "--copying", "3"], "--copying"),
        (["--routing", "5", "--routing-cuts", "6"], "--routing-cuts"),
        (["--routing", "5", "--routing-cuts", "4,2"], "--routing-cuts"),
        (["--routing", "5", "--routing-cuts", "0"], "--routing-cuts"),
        (["--routing", "40", "--routing-cuts", "2"], "--items"),
        (["--routing", "5", "--routing-cuts", "2", "--plan"], "многоэтапного"),
    ],
)
def test_stages_that_cannot_be_are_refused(wrong, said, tmp_path, capsys):
    try:
        status = main(["simulate", *wrong, "--out", str(tmp_path / "out")])
    except SystemExit as left:
        status = left.code
    assert status == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
