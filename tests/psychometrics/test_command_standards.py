"""Cuts by the command: a panel's judgements and data, each against the library's own answer."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from merilo_psychometrics.command import main
from merilo_psychometrics.parameters import make_parameters
from merilo_psychometrics.standards import ordered_booklet

ITEMS = {"i1": -1.0, "i2": -0.3, "i3": 0.2, "i4": 0.9}


@pytest.fixture
def bank(tmp_path):
    table = pl.DataFrame({"item": list(ITEMS), "threshold": list(ITEMS.values())})
    table.write_csv(tmp_path / "bank.csv")
    return str(tmp_path / "bank.csv")


def told(capsys):
    return json.loads(capsys.readouterr().out)


def asked(folder, rows, *words):
    pl.DataFrame(rows).write_csv(folder / "rows.csv")
    return ["standards", str(folder / "rows.csv"), *words]


def judged(rounds):
    return [
        {"round": n, "panelist": f"эксперт {p}", "item": item, "judgement": value}
        for n, panel in enumerate(rounds, 1)
        for p, row in enumerate(panel, 1)
        for item, value in zip(ITEMS, row, strict=True)
    ]


def test_the_cut_of_a_panel_is_the_mean_of_the_sums_and_rounds_converge(tmp_path, bank, capsys):
    first = [[0.9, 0.7, 0.5, 0.2], [0.6, 0.4, 0.4, 0.1], [0.8, 0.8, 0.6, 0.5]]
    last = [[0.8, 0.7, 0.5, 0.3], [0.7, 0.5, 0.4, 0.2], [0.8, 0.7, 0.5, 0.4]]
    words = asked(tmp_path, judged([first, last]), "--method", "angoff", "--level", "базовый")
    assert main([*words, "--parameters", bank, "--json"]) == 0
    seen = told(capsys)
    points, logits = seen["cuts"]
    assert points["value"] == pytest.approx(np.sum(last, axis=1).mean())
    assert points["se"] == pytest.approx(np.sum(last, axis=1).std(ddof=1) / 3**0.5)
    assert (points["level"], logits["unit"]) == ("базовый", "logits")
    expected = sum(1 / (1 + np.exp(d - logits["value"])) for d in ITEMS.values())
    assert expected == pytest.approx(points["value"])
    assert seen["convergence"][0] == 1 > seen["convergence"][1]
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    assert "эксперт 2" in capsys.readouterr().out
    assert (tmp_path / "out" / "standards" / "panelists.csv").exists()


def test_a_panel_judges_without_parameters_and_a_judgement_stands_once(tmp_path, capsys):
    panel = judged([[[0.8, 0.7, 0.5, 0.3], [0.7, 0.5, 0.4, 0.2]]])
    assert main([*asked(tmp_path, panel, "--method", "angoff"), "--json"]) == 0
    assert [cut["unit"] for cut in told(capsys)["cuts"]] == ["points"]
    assert main(asked(tmp_path, [*panel, panel[0]], "--method", "angoff")) == 1
    assert "дважды" in capsys.readouterr().err
    assert main(asked(tmp_path, panel[1:], "--method", "angoff")) == 1
    assert "i1" in capsys.readouterr().err


def test_items_of_several_points_are_judged_without_parameters(tmp_path, capsys):
    tops = dict(zip(ITEMS, [1, 3, 2, 1], strict=True))
    rows = judged([[[0.9, 2.1, 1.2, 0.2], [0.6, 1.9, 1.4, 0.1], [0.8, 2.5, 1.0, 0.5]]])
    rows = [{**row, "highest": tops[row["item"]]} for row in rows]
    assert main([*asked(tmp_path, rows, "--method", "angoff"), "--json"]) == 0
    (cut,) = told(capsys)["cuts"]
    assert cut["value"] == pytest.approx(np.mean([4.4, 4.0, 4.8]))
    rows[1]["judgement"] = 3.5
    assert main(asked(tmp_path, rows, "--method", "angoff")) == 1
    assert "i2" in capsys.readouterr().err
    rows[1] = {**rows[1], "judgement": 2.0, "highest": 4}
    assert main(asked(tmp_path, rows, "--method", "angoff")) == 1
    assert "highest" in capsys.readouterr().err


def test_an_item_without_parameters_is_named_without_a_remedy_the_verb_has_not(
    tmp_path, bank, capsys
):
    panel = judged([[[0.8, 0.7, 0.5, 0.3], [0.7, 0.5, 0.4, 0.2]]])
    for row in panel:
        row["item"] = row["item"].replace("i4", "i9")
    assert main([*asked(tmp_path, panel, "--method", "angoff"), "--parameters", bank]) == 1
    told_so = capsys.readouterr().err
    assert "i9" in told_so
    assert "--without-items" not in told_so


def test_the_booklet_is_ordered_before_the_panel_meets(bank, capsys):
    assert main(["standards", "--method", "bookmark", "--parameters", bank, "--json"]) == 0
    pages = told(capsys)["pages"]
    assert [page["item"] for page in pages] == ["i1", "i2", "i3", "i4"]
    assert pages[0]["location"] == pytest.approx(-1.0 + np.log(2))
    assert main(["standards", "--method", "bookmark", "--parameters", bank]) == 0
    assert "0,893" in capsys.readouterr().out  # 0.2 + ln 2


def test_bookmarks_are_cuts_in_logits_and_points(tmp_path, bank, capsys):
    marks = [
        {"panelist": p, "level": level, "page": page}
        for level, pages in (("высокий", [4, 4, 3]), ("базовый", [2, 1, 2]))
        for p, page in enumerate(pages)
    ]
    words = asked(tmp_path, marks, "--method", "bookmark", "--parameters", bank)
    assert main([*words, "--json"]) == 0
    low, high = told(capsys)["cuts"]
    places = [page.location for page in ordered_booklet(make_parameters(ITEMS))]
    assert (low["level"], high["level"]) == ("базовый", "высокий")
    assert (low["value"], high["value"]) == pytest.approx((places[1], places[3]))
    assert 0 < low["points"] < high["points"] < 4
    assert main(words) == 0
    assert "Границу утверждают люди" in capsys.readouterr().out
    assert main(asked(tmp_path, marks, "--method", "bookmark")) == 2
    assert "--parameters" in capsys.readouterr().err


@pytest.mark.parametrize("crossing", ["logistic", "normal", "beta", "midpoint"])
def test_groups_known_to_differ_part_in_the_middle(crossing, tmp_path, capsys):
    rng = np.random.default_rng(3)
    scores = np.clip(np.concatenate([rng.normal(14, 4, 400), rng.normal(24, 4, 400)]), 0, 40)
    rows = {"score": scores, "mastered": np.repeat([0, 1], 400)}
    words = asked(tmp_path, rows, "--method", "contrasting", "--crossing", crossing)
    assert main([*words, "--highest", "40", "--json"]) == 0
    (cut,) = told(capsys)["cuts"]
    assert cut["value"] == pytest.approx(19, abs=0.5)
    assert 0.05 < cut["se"] < 0.5


def test_the_border_and_the_clusters_are_found(tmp_path, capsys):
    rng = np.random.default_rng(5)
    words = asked(tmp_path, {"score": rng.normal(17, 2, 60)}, "--method", "borderline")
    assert main([*words, "--json"]) == 0
    assert told(capsys)["cuts"][0]["value"] == pytest.approx(17, abs=1)
    scores = np.concatenate([rng.normal(10, 2, 500), rng.normal(20, 2, 500)])
    words = asked(tmp_path, {"ability": scores}, "--method", "clusters", "--score", "ability")
    assert main([*words, "--levels", "низкий,высокий", "--json"]) == 0
    seen = told(capsys)
    assert seen["cuts"][0]["value"] == pytest.approx(15, abs=0.5)
    assert seen["cuts"][0]["se"] is None  # not known: resample schools
    assert main(words) == 2
    assert "--levels" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"score": [1, 2], "mastered": ["да", "нет"]}, "должны стоять 1"),
        ({"score": ["1", "x"], "mastered": [0, 1]}, "без числа"),
        ({"score": [1, 2]}, "mastered"),
    ],
)
def test_a_table_of_the_wrong_kind_is_refused(rows, said, tmp_path, capsys):
    assert main(asked(tmp_path, rows, "--method", "contrasting")) == 1
    assert said in capsys.readouterr().err


def test_a_method_of_data_needs_data(capsys):
    assert main(["standards", "--method", "clusters", "--levels", "a,b"]) == 2
    assert "таблицу" in capsys.readouterr().err
