"""The command on broken tables, broken disks and impossible settings: a sentence, never a traceback."""

from __future__ import annotations

import errno
import os

import polars as pl
import pytest
import xlsxwriter

from merilo_psychometrics.command import main
from merilo_psychometrics.command.store import Store

GOOD = "person,q1,q2,q3\n1,1,0,1\n2,0,1,1\n3,1,1,0\n4,0,0,1\n5,1,0,0\n"


def refused(asked, status, said, capsys):
    assert main(asked) == status
    told = capsys.readouterr()
    assert not told.out
    for words in said:
        assert words in told.err


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "файл пуст"),
        ("ragged.csv", b"person,q1,q2\n1,1,0\n2,0,1,1,1\n", "клеток 5 из 3"),
        ("binary.csv", b"\x00\x98\x98\xff\n\x98", "не текст в знакомой кодировке"),
        ("utf16.csv", "person,q1\n1,1\n".encode("utf-16"), "UTF-16"),
        ("twice.csv", b"person,q1,q2,q1\n1,1,0,1\n2,0,1,1\n", "q1"),
        ("broken.parquet", b"no parquet", "parquet"),
        ("broken.xlsx", b"no workbook", "Zip"),
        ("unanswered.csv", b"person,q1,q2\n1,,\n2,,\n", "нет ни одного ответа"),
    ],
)
def test_a_file_that_is_no_table_is_named(name, content, said, tmp_path, capsys):
    place = tmp_path / name
    place.write_bytes(content)
    refused(["describe", str(place)], 1, [name, said], capsys)
    out = tmp_path / "out"
    asked = ["fit", str(place), "--out", str(out), "--language", "en"]
    refused(asked, 1, [name], capsys)
    assert not out.exists()


def test_files_of_unlike_columns_are_no_table(tmp_path, capsys):
    (tmp_path / "a.csv").write_text("person,q1,q2\n1,1,0\n")
    (tmp_path / "b.csv").write_text("person,q2,q3\n2,1,0\n")
    refused(["describe", str(tmp_path / "*.csv")], 1, ["столбцы файлов различаются"], capsys)


def test_a_column_named_twice_in_a_workbook_is_not_lost(tmp_path, capsys):
    table = pl.DataFrame({"person": [1, 2], "q1": [1, 0], "q2": [0, 1]})
    place = tmp_path / "twice.xlsx"
    book = xlsxwriter.Workbook(place)
    sheet = book.add_worksheet()
    for row, cells in enumerate([[*table.columns, "q1"], *([*r, 1] for r in table.rows())]):
        sheet.write_row(row, 0, cells)
    book.close()
    refused(["describe", str(place)], 1, ["twice.xlsx", "q1"], capsys)


def test_rules_parameters_and_marks_that_are_no_tables_are_named(tmp_path, capsys):
    (tmp_path / "empty.csv").touch()
    (tmp_path / "data.csv").write_text(GOOD)
    data, empty = str(tmp_path / "data.csv"), str(tmp_path / "empty.csv")
    for asked in (
        ["describe", data, "--rules", empty],
        ["score", data, "--parameters", empty],
        ["calibrate", data, "--anchors", empty],
        ["raters", empty],
        ["standards", empty, "--method", "angoff"],
        ["link", empty, empty],
    ):
        refused(asked, 1, ["empty.csv", "файл пуст"], capsys)


def test_marks_and_judgements_that_are_no_numbers_are_named(tmp_path, capsys):
    marks = tmp_path / "marks.csv"
    marks.write_text("person,rater,score\n1,a,1\n1,b,два\n2,a,0\n2,b,1\n")
    refused(["raters", str(marks)], 1, ["два"], capsys)
    marks.write_text("person,rater,score\n1,a,1\n1,b,1.5\n2,a,0\n2,b,1\n")
    refused(["raters", str(marks)], 1, ["1.5"], capsys)
    marks.write_text("person,rater,score\n1,a,1\n1,b,\n2,a,70000\n2,b,1\n")
    refused(["raters", str(marks)], 1, ["—, 70000"], capsys)
    panel = tmp_path / "panel.csv"
    panel.write_text("panelist,item,judgement\na,q1,0.5\na,q2,много\n")
    refused(["standards", str(panel), "--method", "angoff"], 1, ["много", "q2"], capsys)
    (tmp_path / "bank.csv").write_text("item,threshold\nq1,0\nq2,1\n")
    panel.write_text("panelist,level,page\na,базовый,вторая\n")
    asked = ["standards", str(panel), "--method", "bookmark"]
    refused([*asked, "--parameters", str(tmp_path / "bank.csv")], 1, ["вторая", "базовый"], capsys)


def test_chosen_answers_are_compared_only_where_they_are(tmp_path, capsys):
    (tmp_path / "data.csv").write_text(GOOD)
    (tmp_path / "bank.csv").write_text("item,threshold\nq1,0\nq2,1\nq3,0\n")
    asked = ["forensics", str(tmp_path / "data.csv"), "--parameters", str(tmp_path / "bank.csv")]
    refused([*asked, "--answers", "chosen", "--within", "q1"], 2, ["--rules"], capsys)


def test_parameters_that_are_no_numbers_name_the_item_and_the_column(tmp_path, capsys):
    (tmp_path / "data.csv").write_text(GOOD)
    bank = tmp_path / "bank.csv"
    for table, said in (
        ("item;threshold\nq1;0,5\nq2;1\nq3;0\n", ["q1", "threshold", "0,5"]),
        ("item,threshold,slope\nq1,0,1\nq2,1,крутой\nq3,0,1\n", ["q2", "slope", "крутой"]),
        ("item,threshold,score\nq1,0,\nq2,1,один\nq3,0,1\n", ["q2", "score", "один"]),
    ):
        bank.write_text(table)
        asked = ["score", str(tmp_path / "data.csv"), "--parameters", str(bank)]
        refused(asked, 1, said, capsys)


def test_items_left_out_must_be_there(tmp_path, capsys):
    (tmp_path / "data.csv").write_text(GOOD)
    asked = ["calibrate", str(tmp_path / "data.csv"), "--without-items", "q2,q9"]
    refused(asked, 2, ["нет заданий q9", "есть: q1, q2, q3"], capsys)


def test_a_folder_that_takes_no_results_is_told_before_anything_is_counted(
    tmp_path, capsys, monkeypatch
):
    (tmp_path / "data.csv").write_text(GOOD)
    (tmp_path / "file").touch()
    data = str(tmp_path / "data.csv")

    def counted(*_, **__):
        raise AssertionError("counted for a folder that takes nothing")

    monkeypatch.setattr("merilo_psychometrics.command.source.count_responses", counted)
    refused(["calibrate", data, "--out", str(tmp_path / "file")], 2, ["file", "--out"], capsys)
    monkeypatch.setattr(os, "access", lambda *_: False)
    refused(["calibrate", data, "--out", str(tmp_path / "new")], 2, ["нет прав"], capsys)


def test_a_full_disk_leaves_the_older_result_and_nothing_beside(tmp_path, capsys, monkeypatch):
    (tmp_path / "data.csv").write_text(GOOD)
    asked = ["calibrate", str(tmp_path / "data.csv"), "--out", str(tmp_path / "out")]
    assert main(asked) == 0
    before = (tmp_path / "out" / "calibrate" / "result.json").read_text()
    capsys.readouterr()

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_csv", full)
    refused([*asked, "--again"], 1, ["нет места", "--out"], capsys)
    assert (tmp_path / "out" / "calibrate" / "result.json").read_text() == before
    assert [path.name for path in (tmp_path / "out").iterdir() if path.is_dir()] == ["calibrate"]
    assert Store(tmp_path / "out").place("calibrate").is_dir()


def test_one_work_makes_no_scale(tmp_path, capsys):
    (tmp_path / "one.csv").write_text("person,q1,q2\n1,1,0\n")
    for verb in (["calibrate"], ["fit"], ["calibrate", "--method", "mml"]):
        asked = [verb[0], str(tmp_path / "one.csv"), *verb[1:]]
        refused(asked, 1, ["одна работа"], capsys)


def test_a_column_that_is_no_item_is_told_by_the_options_that_give_it_a_role(tmp_path, capsys):
    (tmp_path / "b.csv").write_text("person,booklet,q1,q2\n1,A,1,0\n2,B,0,1\n")
    refused(["describe", str(tmp_path / "b.csv")], 1, ["booklet", "--booklet", "--items"], capsys)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--items", "0"], "--items"),
        (["--works", "0"], "--works"),
        (["--booklets", "0"], "--booklets"),
        (["--steps", "0", "--model", "pcm"], "--steps"),
        (["--sd", "-1"], "--sd"),
        (["--sd", "nan"], "--sd"),
        (["--schools", "-1"], "--schools"),
        (["--school-sd", "-1", "--schools", "3"], "--school-sd"),
        (["--raising", "2"], "--schools"),
        (["--raising", "4", "--schools", "3"], "--raising"),
        (["--leaked", "41"], "--leaked"),
        (["--copying", "600", "--works", "1000"], "--copying"),
    ],
)
def test_what_cannot_be_simulated_is_refused(wrong, said, tmp_path, capsys):
    asked = ["simulate", *wrong, "--out", str(tmp_path / "out")]
    try:
        status = main(asked)
    except SystemExit as left:
        status = left.code
    assert status == 2
    assert said in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "out").exists()


def test_a_rate_is_a_share_and_a_prior_has_a_spread(tmp_path, capsys):
    (tmp_path / "data.csv").write_text(GOOD)
    data = str(tmp_path / "data.csv")
    for verb in (["forensics", data], ["dif", data, "--by", "q1"]):
        for rate in ("7", "-1", "nan"):
            with pytest.raises(SystemExit) as left:
                main([*verb, "--rate", rate])
            assert left.value.code == 2
            assert "от 0 до 1" in capsys.readouterr().err
    assert main(["calibrate", data, "--out", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    for spread in ("0", "-1", "nan"):
        asked = ["score", data, "--out", str(tmp_path / "out"), "--method", "eap"]
        refused([*asked, "--prior-sd", spread], 2, ["разброс"], capsys)
