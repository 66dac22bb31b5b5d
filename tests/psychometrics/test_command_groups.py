"""Groups through the command: years of schools, and tests of DIF in a survey."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from merilo_psychometrics.command import main

ITEMS = 20


def write_year(place, seed, *, stronger=None, schools=40, size=30, drop=0):
    """Works of lasting schools in one year; items have the names of the year."""
    lasting = np.random.default_rng(1).normal(0, 0.5, schools)
    rng = np.random.default_rng(seed)
    level = lasting + rng.normal(0, 0.1, schools)
    if stronger is not None:
        level[stronger] += 1.5
    school = np.repeat(np.arange(schools), size)
    theta = level[school] + rng.normal(0, 1, len(school))
    right = rng.random((len(school), ITEMS)) < 1 / (
        1 + np.exp(rng.normal(0, 1, ITEMS) - theta[:, None])
    )
    table = pl.DataFrame(right.astype(np.int8), schema=[f"y{seed}q{n}" for n in range(ITEMS)])
    table = table.with_columns(
        pl.Series("person", np.arange(len(school))),
        pl.Series("school", [f"s{n:02d}" for n in school]),
    )
    table.head(len(table) - drop).write_csv(place)
    return str(place)


@pytest.fixture(scope="module")
def years(tmp_path_factory):
    """Three years of forty schools; s07 is lifted in the last one. Calibrated."""
    folder = tmp_path_factory.mktemp("years")
    tables = {
        year: write_year(folder / f"{year}.csv", year, stronger=7 if year == 2025 else None)
        for year in (2023, 2024, 2025)
    }
    asked = ["calibrate", tables[2025], "--group", "school", "--out", str(folder), "--quiet"]
    assert main(asked) == 0
    return folder, tables


def judged(years, *more):
    folder, tables = years
    return ["forensics", tables[2025], "--parameters", str(folder), "--by", "school", *more]


def others(tables):
    return [
        "--year", "2025", "--other-year", f"2023={tables[2023]}",
        "--other-year", f"2024={tables[2024]}",
    ]  # fmt: skip


def test_a_year_of_a_school_unlike_its_others_is_named(years, tmp_path, capsys):
    asked = judged(years, *others(years[1]), "--out", str(tmp_path))
    assert main([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["indicators"]["over_years"]
    assert (found["tested"], found["found"]) == (120, 1)
    assert found["units"][0]["unit"] == "s07 · 2025"
    assert found["units"][0]["effect"] > 0.5
    assert main(asked) == 0
    shown = capsys.readouterr().out
    assert "Год, который выделяется среди лет группы: проверено 120, выделяются 1." in shown
    assert "О причине это не говорит" in shown
    assert "Уже посчитано" in shown


def test_the_tables_of_the_other_years_decide_the_result(years, tmp_path, capsys):
    moved = tmp_path / "moved.csv"
    moved.write_bytes((years[0] / "2024.csv").read_bytes())
    tables = {**years[1]}
    assert main(judged(years, *others(tables), "--out", str(tmp_path))) == 0
    tables[2024] = str(moved)
    capsys.readouterr()
    assert main(judged(years, *others(tables), "--out", str(tmp_path))) == 0
    assert "Уже посчитано" in capsys.readouterr().out
    write_year(moved, 2024, stronger=3)
    assert main(judged(years, *others(tables), "--out", str(tmp_path))) == 0
    assert "Уже посчитано" not in capsys.readouterr().out


def test_years_are_compared_only_when_all_is_said(years, tmp_path, capsys):
    folder, tables = years
    assert main(judged(years, "--other-year", f"2024={tables[2024]}")) == 2
    assert "--year" in capsys.readouterr().err
    assert main(judged(years, "--year", "2025")) == 2
    assert "--other-year" in capsys.readouterr().err
    assert main(judged(years, "--year", "2024", "--other-year", f"2024={tables[2024]}")) == 2
    assert "2024 назван дважды" in capsys.readouterr().err
    with pytest.raises(SystemExit) as left:
        main(judged(years, "--other-year", tables[2024]))
    assert left.value.code == 2
    assert "ГОД=ДАННЫЕ" in capsys.readouterr().err
    broken = tmp_path / "broken.csv"
    broken.write_text("person,school,q1\n1,s01,1\n2,s01,много\n")
    assert main(judged(years, "--year", "2025", "--other-year", f"2019={broken}")) == 1
    said = capsys.readouterr().err
    assert said.startswith("Год 2019: ")
    assert "q1" in said


def test_few_schools_leave_the_other_indicators(years, tmp_path, capsys):
    write_year(tmp_path / "few.csv", 2024, drop=30 * 25)
    asked = judged(years, "--year", "2025", "--other-year", f"2024={tmp_path / 'few.csv'}")
    assert main(asked) == 0
    shown = capsys.readouterr().out
    assert "Среднее выше общего" in shown
    assert "Не посчитано over_years: Групп, у которых есть хотя бы два года, меньше 20" in shown
