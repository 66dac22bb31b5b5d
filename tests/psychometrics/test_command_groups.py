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


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    """Sixty schools drawn whole, villages and cities; item q4 is harder in villages."""
    rng = np.random.default_rng(3)
    school = np.repeat(np.arange(60), 25)
    village = school % 2
    hard = np.linspace(-1.2, 1.2, 12)
    logit = rng.normal(0, 1, len(school))[:, None] - 0.3 * village[:, None] - hard
    logit[:, 4] -= 1.0 * village
    table = pl.DataFrame(
        (rng.random(logit.shape) < 1 / (1 + np.exp(-logit))).astype(np.int8),
        schema=[f"q{n}" for n in range(12)],
    ).with_columns(
        pl.Series("school", [f"s{n}" for n in school]),
        pl.Series("where", np.array(["город", "село"])[village]),
        pl.Series("weight", rng.choice([0.4, 1.0, 3.0], 60)[school]),
    )
    place = tmp_path_factory.mktemp("survey") / "survey.csv"
    table.write_csv(place)
    return ["dif", str(place), "--person", "-", "--by", "where", "--reference", "город",
            "--weight", "weight", "--group", "school"]  # fmt: skip


def test_a_survey_is_compared_by_its_weights_and_its_schools(survey, capsys):
    from merilo_psychometrics.data import Wide, read
    from merilo_psychometrics.fairness import survey_dif

    asked = [*survey, "--method", "survey", "--clusters", "school"]
    assert main([*asked, "--json"]) == 0
    seen = json.loads(capsys.readouterr().out)
    worst = seen["item_table"][0]
    assert (worst["item"], worst["class"], seen["marked"]) == ("q4", "C", 1)
    whole = read(Wide(survey[1], None, weight="weight", groups=("where", "school")))
    found = survey_dif(whole, "where", reference="город", clusters="school")
    at = found.items.index("q4")
    assert worst["effect"] == pytest.approx(found.effect[0, at])
    assert worst["se"] == pytest.approx(found.se[0, at])
    assert main(asked) == 0
    assert "Эффект: разность долей полного балла" in capsys.readouterr().out


def test_weights_of_a_survey_are_refused_by_tests_that_count_works(survey, capsys):
    for method in ("mantel-haenszel", "standardisation", "logistic", "wald"):
        assert main([*survey, "--method", method]) == 2
        said = capsys.readouterr().err
        assert "--method survey" in said
        assert "--counted" in said
    assert main([*survey, "--clusters", "school"]) == 2
    assert "уберите --clusters" in capsys.readouterr().err
    assert main([*survey, "--method", "survey", "--purify"]) == 2
    assert "--purify" in capsys.readouterr().err


def test_the_unit_of_the_effect_is_said_in_the_language_of_the_rest(survey, capsys):
    plain = [*survey[: survey.index("--weight")], "--items", ",".join(f"q{n}" for n in range(12))]
    for method in ("mantel-haenszel", "standardisation", "logistic", "wald"):
        assert main([*plain, "--method", method]) == 0
        unit = capsys.readouterr().out.split("Эффект: ")[1]
        assert "focal" not in unit
        assert "score" not in unit


def test_groups_that_are_not_named_are_counted(years, capsys):
    asked = ["dif", years[1][2025], "--by", "school", "--reference", "s00"]
    assert main(asked) == 0
    assert "s01, s02, s03, s04, s05, s06, s07, s08 (+31)" in capsys.readouterr().out
