"""The command on whole tests: equated scores, profiles, answers, plausible values of groups."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from merilo_psychometrics.command import main

EQUATING = Path(__file__).parent / "golden" / "equating"


def told(capsys):
    return json.loads(capsys.readouterr().out)


def two_forms(folder, name, x="x", y="y"):
    """A printed table of frequencies as two files: a total score, and how many had it."""
    table = pl.read_csv(EQUATING / name)
    asked = ["link"]
    for form in (x, y):
        table.select("score", works=form).write_csv(folder / f"{form}.csv")
        asked.append(str(folder / f"{form}.csv"))
    return table, [*asked, "--person", "-", "--weight", "works"]


def test_equipercentile_scores_are_those_of_equate(tmp_path, capsys):
    table, asked = two_forms(tmp_path, "act_mathematics.csv")
    for smoothing, column, near in (
        ("none", "equipercentile", 2e-7),
        ("6", "equipercentile_loglinear6", 5e-6),
    ):
        given = [*asked, "--method", "equipercentile", "--presmooth", smoothing, "--json"]
        assert main(given) == 0
        rows = told(capsys)["scores"]
        assert [row["equated"] for row in rows] == pytest.approx(table[column].to_list(), abs=near)


def test_straight_lines_are_those_of_equate(tmp_path, capsys):
    table, asked = two_forms(tmp_path, "act_mathematics.csv")
    assert main([*asked, "--method", "linear", "--presmooth", "none", "--json"]) == 0
    rows = told(capsys)["scores"]
    # equate divides variances by N − 1.
    assert [row["equated"] for row in rows] == pytest.approx(table["linear"].to_list(), abs=2e-4)


def test_kernel_errors_are_those_printed_in_the_kernel_book(tmp_path, capsys):
    # von Davier, Holland & Thayer (2004) tables 7.5 and 7.6: degrees 2 and 3.
    table = pl.read_csv(EQUATING / "mathematics20.csv")
    for form in ("x", "y"):
        table.select("score", works=form).write_csv(tmp_path / f"{form}.csv")
    from merilo_psychometrics.linking import equate_kernel, from_counts, presmooth

    x, y = (from_counts(table[form].to_numpy()) for form in ("x", "y"))
    asked = ["link", str(tmp_path / "x.csv"), str(tmp_path / "y.csv"), "--person", "-",
             "--weight", "works", "--method", "kernel", "--presmooth", "3", "--json"]  # fmt: skip
    assert main(asked) == 0
    seen = told(capsys)
    book = equate_kernel(presmooth(x, degree=3), presmooth(y, degree=3))
    assert [row["se"] for row in seen["scores"]] == pytest.approx(book.se.tolist(), rel=1e-9)
    assert seen["presmooth"] == [[3], [3]]
    assert len(seen["bandwidths"]) == 2
    assert main([*asked[:-1], "--bootstrap", "200", "--seed", "3"]) == 0
    assert "Ширина ядер" in capsys.readouterr().out


def test_groups_of_unequal_ability_are_compared_by_the_anchor(tmp_path, capsys):
    rng = np.random.default_rng(4)
    names = [f"a{n}" for n in range(8)] + [f"q{n}" for n in range(12)]
    for form, mean, harder in (("x", 0.0, 0.0), ("y", 0.5, 0.6)):
        theta = rng.normal(mean, 1, 4000)
        place = np.concatenate([np.linspace(-1, 1, 8), np.linspace(-1.5, 1.5, 12) + harder])
        scores = rng.random((4000, 20)) < 1 / (1 + np.exp(place - theta[:, None]))
        pl.DataFrame(scores.astype(np.int8), schema=names).write_csv(tmp_path / f"{form}.csv")
    asked = ["link", str(tmp_path / "x.csv"), str(tmp_path / "y.csv"), "--person", "-"]
    anchors = ["--anchors", ",".join(names[:8])]
    middle = {}
    for method in ("equipercentile", "kernel", "linear"):
        for anchored in ("post-stratification", "chained"):
            given = [*asked, *anchors, "--method", method, "--anchored", anchored, "--json"]
            assert main(given) == 0
            middle[method, anchored] = told(capsys)["scores"][10]["equated"]
    # Form Y is harder: 10 points of X are worth fewer points there, whatever the way.
    assert all(7.5 < score < 9.7 for score in middle.values())
    assert main([*asked, "--method", "kernel", "--json"]) == 0
    assert told(capsys)["scores"][10]["equated"] > max(middle.values())  # taken as equal groups
    assert main([*asked, *anchors, "--method", "kernel"]) == 2
    assert "--anchored" in capsys.readouterr().err
    assert main([*asked, "--method", "kernel", "--anchored", "chained"]) == 2
    assert "--anchors" in capsys.readouterr().err


def test_a_setting_of_another_method_is_refused(tmp_path, capsys):
    _, asked = two_forms(tmp_path, "act_mathematics.csv")
    assert main([*asked, "--method", "kernel", "--postsmooth", "0.3"]) == 2
    assert "postsmooth" in capsys.readouterr().err


def test_an_equating_is_not_done_again_until_a_table_changes(tmp_path, capsys):
    _, asked = two_forms(tmp_path, "act_mathematics.csv")
    asked += ["--method", "equipercentile", "--out", str(tmp_path / "out")]
    assert main(asked) == 0
    assert main(asked) == 0
    assert "Уже посчитано" in capsys.readouterr().out
    path = tmp_path / "y.csv"
    path.write_text(path.read_text().replace("\n20,", "\n20,1", 1))
    assert main(asked) == 0
    assert "Уже посчитано" not in capsys.readouterr().out


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    """Two schools of equal totals; the second knows geometry better and algebra worse."""
    rng = np.random.default_rng(11)
    out = tmp_path_factory.mktemp("taught")
    theta, school = rng.normal(0, 1, 1200), np.repeat([0, 1], 600)
    place = np.linspace(-1.2, 1.2, 12)
    tilt = np.where(np.arange(12) < 6, 0.6, -0.6)
    logit = theta[:, None] - place + tilt * np.where(school == 1, 1, 0)[:, None]
    scores = (rng.random((1200, 12)) < 1 / (1 + np.exp(-logit))).astype(np.int8)
    names = [f"q{n + 1}" for n in range(12)]
    table = pl.DataFrame(scores, schema=names).with_columns(
        pl.Series("person", np.arange(1200)), pl.Series("school", np.array(["A", "B"])[school])
    )
    table.write_csv(out / "answers.csv")
    pl.DataFrame({"item": names, "domain": ["геометрия"] * 6 + ["алгебра"] * 6}).write_csv(
        out / "domains.csv"
    )
    place = [str(out / "answers.csv"), "--group", "school", "--out", str(out)]
    assert main(["calibrate", *place, "--quiet"]) == 0
    return out, place


def test_a_school_stronger_on_one_part_is_seen_at_equal_totals(taught, capsys):
    out, place = taught
    capsys.readouterr()
    asked = ["profiles", *place, "--domains", str(out / "domains.csv"), "--by", "school"]
    assert main([*asked, "--json"]) == 0
    seen = told(capsys)
    rows = {(row["group"], row["domain"]): row for row in seen["groups"]}
    assert rows["B", "геометрия"]["z"] > 5
    assert rows["B", "алгебра"]["z"] < -5
    for row in ("A", "B"):
        both = [rows[row, part]["difference"] for part in ("геометрия", "алгебра")]
        assert sum(both) == pytest.approx(0, abs=1e-9)  # the total is given
    assert len(pl.read_csv(out / "profiles" / "profiles.csv")) == 1200
    assert main([*asked, "--again"]) == 0
    assert "геометрия" in capsys.readouterr().out


def test_profiles_without_parts_and_a_part_named_twice_are_refused(taught, tmp_path, capsys):
    _, place = taught
    assert main(["profiles", *place]) == 2
    assert "раздел" in capsys.readouterr().err
    twice = pl.DataFrame({"item": ["q1", "q1"], "domain": ["a", "b"]})
    twice.write_csv(tmp_path / "twice.csv")
    assert main(["profiles", *place, "--domains", str(tmp_path / "twice.csv")]) == 1
    assert "q1 назван" in capsys.readouterr().err


def test_plausible_values_tell_the_means_of_groups(taught, capsys):
    _, place = taught
    capsys.readouterr()
    asked = ["score", *place, "--plausible-values", "8", "--population", "school", "--seed", "2"]
    assert main([*asked, "--json"]) == 0
    rows = {row["group"]: row for row in told(capsys)["populations"]}
    assert set(rows) == {"A", "B"}
    for row in rows.values():
        assert row["works"] == 600
        assert 0.7 < row["sd"] < 1.3  # of WLE it would be wider than of the persons
        assert 0.03 < row["se"] < 0.08
    assert main(asked) == 0
    assert "возможные значения" in capsys.readouterr().out
    assert main(["score", *place, "--population", "school"]) == 2
    assert "--plausible-values" in capsys.readouterr().err


def test_a_wrong_key_shows_among_the_distractors(tmp_path, capsys):
    rng = np.random.default_rng(6)
    theta = rng.normal(0, 1, 800)
    right = rng.random((800, 6)) < 1 / (1 + np.exp(np.linspace(-1, 1, 6) - theta[:, None]))
    wrong = rng.choice(["b", "c", "d"], (800, 6))
    answers = np.where(right, "a", wrong)
    names = [f"q{n + 1}" for n in range(6)]
    pl.DataFrame(answers, schema=names).write_csv(tmp_path / "answers.csv")
    keys = ["a", "a", "a", "c", "a", "a"]  # the key of q4 is wrong
    pl.DataFrame(
        [{"item": n, "response": r, "score": int(r == k)}
         for n, k in zip(names, keys, strict=True) for r in "abcd"]
    ).write_csv(tmp_path / "key.csv")  # fmt: skip
    asked = ["distractors", str(tmp_path / "answers.csv"), "--person", "-"]
    assert main([*asked, "--rules", str(tmp_path / "key.csv"), "--json"]) == 0
    seen = told(capsys)
    assert [(row["item"], row["answer"]) for row in seen["suspicious"]] == [("q4", "a")]
    assert len(seen["answers"]) == 24
    given = [*asked, "--rules", str(tmp_path / "key.csv"), "--out", str(tmp_path)]
    assert main(given) == 0
    assert "q4 «a»" in capsys.readouterr().out
    assert "group_5" in pl.read_csv(tmp_path / "distractors" / "answers.csv").columns
    assert main(asked) == 2
    assert "--rules" in capsys.readouterr().err
