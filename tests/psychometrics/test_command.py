"""The command as a methodologist meets it: results, the folder, what is not done again, refusals."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from merilo_psychometrics.command import VERBS, main
from merilo_psychometrics.command.outcome import Outcome
from merilo_psychometrics.command.scale import read_parameters
from merilo_psychometrics.command.screen import Screen
from merilo_psychometrics.command.store import Step, Store


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with simulated booklets, schools, and their truth."""
    out = tmp_path_factory.mktemp("made")
    assert main(
        ["simulate", "--items", "14", "--booklets", "3", "--length", "8", "--anchors", "3",
         "--works", "400", "--schools", "8", "--seed", "5", "--out", str(out), "--quiet"]
    ) == 0  # fmt: skip
    return out


@pytest.fixture
def data(made):
    return [str(made / "simulate" / "responses.csv"), "--booklet", "booklet", "--group", "school"]


def told(capsys):
    return json.loads(capsys.readouterr().out)


def test_every_verb_explains_itself(capsys):
    for verb in VERBS:
        with pytest.raises(SystemExit) as left:
            main([verb, "--help"])
        assert left.value.code == 0
        assert "--json" in capsys.readouterr().out


def test_data_are_described_with_booklets_and_what_links_them(data, capsys):
    assert main(["describe", *data, "--json"]) == 0
    seen = told(capsys)
    assert (seen["works"], seen["items"], len(seen["booklets"])) == (1200, 14, 3)
    assert seen["linked"] is True
    assert seen["groups"] == {"school": 8}
    assert main(["describe", *data]) == 0
    assert "Все варианты связаны общими заданиями." in capsys.readouterr().out


def test_calibration_recovers_the_truth_and_is_read_back(made, data, tmp_path, capsys):
    assert main(["calibrate", *data, "--out", str(tmp_path), "--json"]) == 0
    seen = told(capsys)
    assert seen["model"] == "rasch"
    found = read_parameters(tmp_path)
    truth = read_parameters(made / "simulate")
    assert abs(found.difficulty - truth.difficulty).max() < 0.35
    assert found.covariance is not None
    assert found.standard_error("threshold")[0, 0] == pytest.approx(
        seen["parameters"][0]["threshold_se"]
    )


def test_a_finished_step_is_not_done_again_until_something_changes(data, tmp_path, capsys):
    asked = ["calibrate", *data, "--out", str(tmp_path)]
    assert main(asked) == 0
    first = capsys.readouterr().out
    stamp = (tmp_path / "calibrate" / "result.json").stat().st_mtime_ns
    assert main(asked) == 0
    again = capsys.readouterr().out
    assert "Уже посчитано" in again
    assert again.split("\n\n")[:-1] == first.split("\n\n")[:-1]
    assert (tmp_path / "calibrate" / "result.json").stat().st_mtime_ns == stamp
    assert main([*asked, "--without-items", "i002"]) == 0
    assert "Записано" in capsys.readouterr().out
    assert main([*asked, "--without-items", "i002", "--again"]) == 0
    assert "Записано" in capsys.readouterr().out


def test_the_same_data_under_another_name_are_the_same_data(data, tmp_path, capsys):
    copy = tmp_path / "copy.csv"
    copy.write_bytes(Path(data[0]).read_bytes())
    assert main(["calibrate", *data, "--out", str(tmp_path)]) == 0
    assert main(["calibrate", str(copy), *data[1:], "--out", str(tmp_path)]) == 0
    assert "Уже посчитано" in capsys.readouterr().out
    copy.write_bytes(copy.read_bytes().replace(b",1\n", b",0\n", 1))
    assert main(["calibrate", str(copy), *data[1:], "--out", str(tmp_path)]) == 0
    assert "Уже посчитано" not in capsys.readouterr().out


def test_every_result_says_where_it_comes_from(data, tmp_path):
    main(["calibrate", *data, "--out", str(tmp_path), "--quiet"])
    kept = json.loads((tmp_path / "calibrate" / "result.json").read_text())
    assert len(kept["step"]["inputs"]["data"]) == 64
    assert kept["step"]["engine"]
    assert kept["provenance"][0]["verb"] == "calibrate_cml"
    assert len(kept["provenance"][0]["data"]) == 64


def test_json_says_where_the_result_comes_from_with_a_folder_and_without(data, tmp_path, capsys):
    for verb in (["describe", *data], ["calibrate", *data], ["calibrate", *data, "--method", "mml"],
                 ["simulate", "--plan", "--seed", "4"]):  # fmt: skip
        for folder in ([], ["--out", str(tmp_path)], ["--out", str(tmp_path)]):
            assert main([*verb, *folder, "--json"]) == 0
            made = told(capsys)["made"]
            assert made["engine"]
            assert made["seed"] == (4 if verb[0] == "simulate" else None)
            assert made["settings"]["language"] == "ru"
            assert len(made["provenance"][0]["data"]) == 64
            assert data[0] not in json.dumps(made)


def test_a_half_written_result_is_never_taken(tmp_path):
    store, step = Store(tmp_path), Step("calibrate", {}, {"data": "x"})
    store.write(step, Outcome("words", {"a": 1}, {"t": pl.DataFrame({"x": [1]})}))
    assert store.finished(step).summary == {"a": 1}
    (tmp_path / "calibrate" / "t.csv").unlink()
    assert store.finished(step) is None
    (tmp_path / ".calibrate.new").mkdir()  # left by a run that was killed
    store.write(step, Outcome("words", {"a": 2}))
    assert store.finished(step).summary == {"a": 2}
    assert [p.name for p in tmp_path.iterdir() if p.is_dir()] == ["calibrate"]


def test_a_failed_step_leaves_the_older_result(data, tmp_path):
    assert main(["calibrate", *data, "--out", str(tmp_path)]) == 0
    before = (tmp_path / "calibrate" / "result.json").read_text()
    wrong = ["calibrate", *data, "--out", str(tmp_path), "--model", "2pl"]
    assert main(wrong) == 2
    assert (tmp_path / "calibrate" / "result.json").read_text() == before


def test_scores_come_by_the_parameters_of_the_folder_with_levels(data, tmp_path, capsys):
    main(["calibrate", *data, "--out", str(tmp_path)])
    capsys.readouterr()
    asked = ["score", *data, "--out", str(tmp_path), "--cuts", "базовый=-0.5,высокий=1"]
    assert main([*asked, "--json"]) == 0
    seen = told(capsys)
    assert [len(table["ability"]) for table in seen["score_tables"]] == [9, 9, 9]
    assert seen["levels"]["names"] == ["ниже", "базовый", "высокий"]
    works = pl.read_csv(tmp_path / "score" / "abilities.csv")
    assert len(works) == 1200
    low = works.filter(pl.col("level") == "ниже")
    assert low["ability"].max() < -0.5


def test_new_parameters_make_new_scores(data, made, tmp_path, capsys):
    main(["calibrate", *data, "--out", str(tmp_path)])
    main(["score", *data, "--out", str(tmp_path)])
    main(["calibrate", *data, "--out", str(tmp_path), "--without-items", "i003"])
    capsys.readouterr()
    assert main(["score", *data, "--out", str(tmp_path)]) == 1
    assert "i003" in capsys.readouterr().err


LSAT7 = Path(__file__).resolve().parents[2] / "docs" / "data" / "lsat7.csv"
COUNTED = [str(LSAT7), "--person", "-", "--weight", "works"]


def test_a_table_of_patterns_with_their_frequencies_is_the_data_it_counts(tmp_path, capsys):
    assert main(["describe", *COUNTED, "--json"]) == 0
    seen = told(capsys)
    assert (seen["works"], seen["rows"]) == (1000, 32)
    assert [row["p"] for row in seen["item_table"]] == [0.828, 0.658, 0.772, 0.606, 0.843]
    table = pl.read_csv(LSAT7)
    persons = table.select(pl.exclude("works").repeat_by("works")).explode(pl.all())
    persons.write_csv(tmp_path / "persons.csv")
    found = []
    for given in (COUNTED, [str(tmp_path / "persons.csv"), "--person", "-"]):
        out = tmp_path / str(len(found))
        assert main(["calibrate", *given, "--out", str(out), "--json"]) == 0
        steps = [row["threshold"] for row in told(capsys)["parameters"]]
        assert main(["score", *given, "--out", str(out), "--json"]) == 0
        scored = told(capsys)
        found.append([*steps, scored["mean"], scored["sd"], scored["reliability"]])
    assert found[0] == pytest.approx(found[1], abs=1e-9)


def test_the_published_two_parameter_solution_of_lsat7_is_found(capsys):
    asked = ["calibrate", *COUNTED, "--method", "mml", "--model", "2pl", "--json"]
    assert main(asked) == 0
    seen = told(capsys)
    slopes = [row["slope"] for row in seen["parameters"]]
    # mirt 1.45.1, mirt(LSAT7, 1): slopes and log-likelihood.
    assert slopes == pytest.approx([0.988, 1.081, 1.707, 0.765, 0.736], abs=2e-3)
    assert seen["log_likelihood"] == pytest.approx(-2658.805, abs=2e-3)


def test_the_marginal_rasch_solution_of_lsat7_needs_the_counts_alone(capsys, monkeypatch):
    def refused(*_, **__):
        raise AssertionError("responses were read into memory")

    monkeypatch.setattr("merilo_psychometrics.command.source.read_responses", refused)
    asked = ["calibrate", *COUNTED, "--method", "mml", "--model", "rasch", "--json"]
    assert main(asked) == 0
    # TAM 4.3.25, tam.mml(LSAT7).
    assert told(capsys)["log_likelihood"] == pytest.approx(-2664.90089085434, abs=1e-5)


def test_a_calibration_is_put_on_the_scale_of_another(data, made, tmp_path, capsys):
    main(["calibrate", *data, "--out", str(tmp_path)])
    moved = pl.read_csv(tmp_path / "calibrate" / "parameters.csv").with_columns(
        pl.col("threshold") + 1.5
    )
    moved.write_csv(tmp_path / "moved.csv")
    capsys.readouterr()
    assert main(["link", str(tmp_path), str(tmp_path / "moved.csv"), "--json"]) == 0
    seen = told(capsys)
    assert seen["zero"] == pytest.approx(1.5)
    assert seen["unit"] == 1


def test_raters_are_told_apart(tmp_path, capsys):
    from merilo_psychometrics.parameters import make_parameters
    from merilo_psychometrics.simulation import Rater, simulate_ratings

    rng = np.random.default_rng(1)
    criteria = make_parameters({"text": [-1.0, 0.0, 1.0]})
    raters = [Rater("мягкий", -0.7), Rater("строгий", 0.7), Rater("обычный")]
    marks = simulate_ratings(criteria, raters, rng.normal(0, 1.5, 300), rng=rng)
    names = np.array([rater.name for rater in marks.raters])
    pl.DataFrame(
        {"person": marks.work, "rater": names[marks.rater], "score": marks.score}
    ).write_csv(tmp_path / "marks.csv")
    assert main(["raters", str(tmp_path / "marks.csv"), "--allowed", "1", "--json"]) == 0
    seen = {row["rater"]: row["severity"] for row in told(capsys)["raters"]}
    assert seen["строгий"] > seen["обычный"] > seen["мягкий"]


def test_forensics_says_that_it_is_no_verdict(data, tmp_path, capsys):
    main(["calibrate", *data, "--out", str(tmp_path)])
    capsys.readouterr()
    asked = ["forensics", *data, "--out", str(tmp_path), "--within", "school", "--by", "school"]
    assert main([*asked, "--boundaries", "3,5"]) == 0
    shown = capsys.readouterr().out
    assert "Это сведения, а не выводы" in shown
    assert "Не посчитано variance_collapse" in shown  # eight schools of the ten it needs
    assert (tmp_path / "forensics" / "mean_shift.csv").exists()
    assert (tmp_path / "forensics" / "lz_star.csv").exists()


def test_an_item_that_a_third_knew_beforehand_does_not_fit(made, tmp_path, capsys):
    from merilo_psychometrics.command.simulate import response_table
    from merilo_psychometrics.simulation import (
        Cohort,
        complete_design,
        item_bank,
        leak_items,
        simulate_responses,
    )

    rng = np.random.default_rng(8)
    bank = item_bank(12, rng=rng)
    honest = simulate_responses(bank, complete_design(bank.items), [Cohort("all", 1500)], rng=rng)
    hard = bank.items[int(np.argmax(bank.difficulty))].id
    deed = leak_items(honest.responses, [hard], persons=0.35, chance=1.0, rng=rng)
    response_table(deed.responses).write_csv(tmp_path / "leak.csv")
    assert main(["fit", str(tmp_path / "leak.csv"), "--json"]) == 0
    rows = {row["item"]: row for row in told(capsys)["item_table"]}
    assert rows[hard]["p"] < 0.001
    assert rows[hard]["infit"] == max(row["infit"] for row in rows.values())
    whole = ["fit", str(tmp_path / "leak.csv"), "--method", "mml", "--model", "rasch", "--json"]
    assert main(whole) == 0
    assert told(capsys)["test"]["p"] < 0.001


def test_an_item_harder_for_one_group_of_equal_ability_is_named(tmp_path, capsys):
    rng = np.random.default_rng(9)
    theta, group = rng.normal(0, 1, 3000), np.repeat([0, 1], 1500)
    difficulty = np.linspace(-1.5, 1.5, 10)
    shifted = difficulty[None, :] + np.where(np.arange(10) == 4, 0.9, 0.0) * group[:, None]
    scores = rng.random((3000, 10)) < 1 / (1 + np.exp(shifted - theta[:, None]))
    table = pl.DataFrame(scores.astype(np.int8), schema=[f"q{n}" for n in range(10)])
    table = table.with_columns(pl.Series("language", np.array(["родной", "второй"])[group]))
    table.write_csv(tmp_path / "two.csv")
    asked = ["dif", str(tmp_path / "two.csv"), "--person", "-", "--by", "language",
             "--reference", "родной", "--purify", "--json"]  # fmt: skip
    assert main(asked) == 0
    seen = told(capsys)
    worst = seen["item_table"][0]
    assert (worst["item"], worst["class"], worst["effect"] < 0) == ("q4", "C", True)
    assert seen["marked"] == 1


def test_a_plan_tells_the_errors_before_anybody_is_tested(capsys):
    asked = ["simulate", "--plan", "--items", "40", "--booklets", "2", "--length", "25",
             "--anchors", "10", "--works", "500", "--json"]  # fmt: skip
    assert main(asked) == 0
    seen = told(capsys)
    assert 0.05 < seen["threshold_se_median"] < 0.2
    assert len(seen["booklets"]) == 2


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        (["describe", "/nowhere.csv"], 1, "Нет файлов по пути /nowhere.csv"),
        (["calibrate", "DATA", "--model", "2pl"], 2, "--method mml"),
        (["score", "DATA"], 2, "Не найдены параметры"),
        (["report", "DATA"], 2, "--out"),
        (["describe", "DATA", "--group", "town"], 1, "нет столбцов town"),
    ],
)
def test_a_refusal_is_a_sentence_with_the_remedy(asked, status, said, data, capsys):
    given = [data[0] if word == "DATA" else word for word in asked]
    assert main(given) == status
    assert said in capsys.readouterr().err


def test_a_refusal_names_the_items_for_a_program(tmp_path, capsys):
    table = {"person": [1, 2, 3, 4], "q1": [1, 0, 1, 0], "q2": [0, 1, 1, 0], "q3": [0, 0, 0, 0]}
    pl.DataFrame(table).write_csv(tmp_path / "zero.csv")
    assert main(["calibrate", str(tmp_path / "zero.csv"), "--json"]) == 1
    error = told(capsys)["error"]
    assert (error["kind"], error["items"]) == ("ExtremeItem", ["q3"])
    assert main(["calibrate", str(tmp_path / "zero.csv"), "--language", "en"]) == 1
    assert "nobody scored on items q3" in capsys.readouterr().err


def test_an_undecided_omission_is_told_in_the_words_of_the_command(tmp_path, capsys):
    pl.DataFrame({"person": [1, 2, 3], "q1": [1, 0, 1], "q2": ["9", "1", "0"]}).write_csv(
        tmp_path / "gap.csv"
    )
    asked = ["calibrate", str(tmp_path / "gap.csv"), "--omitted-code", "9"]
    assert main(asked) == 1
    assert "--omitted wrong" in capsys.readouterr().err
    assert main([*asked, "--omitted", "wrong"]) == 0


def test_long_steps_show_a_bar(tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr(Screen, "bar", lambda _, words, done, total: shown.append((done, total)))
    monkeypatch.setattr("merilo_psychometrics.command.LONG_READING", 10)
    monkeypatch.setattr("merilo_psychometrics.command.store.PART", 32)
    totals = pl.DataFrame({"total": range(10), "works": [20 + n for n in range(10)]})
    totals.write_csv(tmp_path / "x.csv")
    asked = ["link", str(tmp_path / "x.csv"), str(tmp_path / "x.csv"), "--method", "linear",
             "--person", "-", "--weight", "works", "--bootstrap", "30"]  # fmt: skip
    assert main([*asked, "--out", str(tmp_path / "out")]) == 0
    size = (tmp_path / "x.csv").stat().st_size
    read = [done for done, total in shown if total == size]
    assert read == 2 * [32, size]
    assert [done for done, total in shown if total == 30] == list(range(31))


def test_progress_is_shown_only_where_somebody_looks():
    class Terminal(list):
        def write(self, text):
            self.append(text)

        def flush(self):
            pass

        def isatty(self):
            return True

    seen = Terminal()
    screen = Screen(stream=seen)
    screen.bar("Пишу", 1, 4)
    with screen.step("Считаю"):
        pass
    shown = "".join(seen)
    assert "25 %" in shown
    assert re.search(r"Считаю: \d+\.\d с", shown)
    seen.clear()
    for done, total in ((250_000, 1_000_000), (1_000_000, 1_000_000), (250_000, 0)):
        screen.rows("Читаю")(done, total)
    bar, alone = seen  # the end of a table is the end of its step, and is told by it
    assert "Читаю" in bar and "25 %" in bar
    assert "250\u00a0000" in alone
    quiet = Terminal()
    Screen(stream=quiet, live=False).bar("Пишу", 1, 4)
    assert not quiet
