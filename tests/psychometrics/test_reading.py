"""Reading tables: whatever the format, the same responses; what is wrong is named."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import xlsxwriter

from merilo_psychometrics import errors
from merilo_psychometrics.data import Coding, Long, ScoringRules, Wide, key, read, read_rules
from merilo_psychometrics.responses import NOT_REACHED, OMITTED
from merilo_psychometrics.statistics import sufficient_statistics

ROWS = pl.DataFrame(
    {
        "person": ["p1", "p2", "p3", "p4"],
        "q1": [0, 1, 1, None],
        "q2": [1, 0, 1, 1],
        "q3": [None, None, None, 2],
    }
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path


def long_of(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.unpivot(index="person", variable_name="item", value_name="score").drop_nulls()


def write_sheet(rows: pl.DataFrame, path: Path) -> None:
    book = xlsxwriter.Workbook(path)
    page = book.add_worksheet("Ответы")
    for column, name in enumerate(rows.columns):
        page.write(0, column, name)
        for line, cell in enumerate(rows[name].to_list(), 1):
            page.write(line, column, cell)
    book.close()


def write_database(rows: pl.DataFrame, path: Path) -> None:
    with sqlite3.connect(path) as connection:
        columns = ", ".join(f'"{name}"' for name in rows.columns)
        connection.execute(f"CREATE TABLE answers ({columns})")
        marks = ", ".join("?" * len(rows.columns))
        connection.executemany(f"INSERT INTO answers VALUES ({marks})", rows.rows())
    connection.close()


def write_duckdb(rows: pl.DataFrame, path: Path) -> None:
    import duckdb

    with duckdb.connect(path) as connection:
        connection.register("given", rows.to_arrow())
        connection.execute("CREATE TABLE answers AS SELECT * FROM given")


def sources(folder: Path):
    rows, long = ROWS, long_of(ROWS)
    rows.write_parquet(folder / "wide.parquet")
    long.write_parquet(folder / "long.parquet")
    long.sample(fraction=1, shuffle=True, seed=3).write_parquet(folder / "shuffled.parquet")
    rows.write_csv(folder / "wide.csv")
    rows.write_csv(folder / "wide.tsv", separator="\t")
    long.write_csv(folder / "long.csv", separator=";")
    write_sheet(rows, folder / "wide.xlsx")
    write_database(rows, folder / "wide.sqlite")
    write_duckdb(long, folder / "long.duckdb")
    return [
        Wide(folder / "wide.parquet"),
        Long(folder / "long.parquet"),
        Long(folder / "shuffled.parquet"),
        Wide(folder / "wide.csv"),
        Wide(folder / "wide.tsv"),
        Long(folder / "long.csv"),
        Wide(folder / "wide.xlsx", table="Ответы"),
        Wide(f"sqlite:///{folder}/wide.sqlite", table="answers"),
        Wide(f"sqlite:///{folder}/wide.sqlite", table="SELECT * FROM answers"),
        Long(f"duckdb:///{folder}/long.duckdb", table="answers"),
    ]


def test_every_format_gives_the_same_counts(place):
    counted = [sufficient_statistics(read(source)) for source in sources(place)]
    tables = [
        {
            tuple(
                sorted(s.design.items[n].id for n in booklet.items)
            ): counts.score_counts.tolist()
            for booklet, counts in zip(s.design.booklets, s.booklets, strict=True)
        }
        for s in counted
    ]
    assert all(table == tables[0] for table in tables)
    assert tables[0] == {("q1", "q2"): [0, 2, 1], ("q2", "q3"): [0, 0, 0, 1]}


def test_a_folder_of_files_is_one_table(place):
    ROWS[:2].write_parquet(place / "a.parquet")
    ROWS[2:].write_parquet(place / "b.parquet")
    assert read(Wide(place)).works == 4
    assert read(Wide(place / "*.parquet")).works == 4


def test_an_empty_cell_is_not_given_until_the_booklet_is_known(place):
    rows = ROWS.with_columns(pl.Series("variant", ["A", "A", "A", "B"]))
    rows = rows.with_columns(pl.Series("q2", [1, None, 1, 1]))
    rows.write_csv(place / "t.csv")
    unknown = read(Wide(place / "t.csv", items=("q1", "q2", "q3")))
    assert not unknown.untreated()
    known = read(Wide(place / "t.csv", booklet="variant"))
    assert known.untreated() == ("A",)
    assert known.blocks[0].scores[1].tolist() == [1, OMITTED]
    assert [booklet.id for booklet in known.design.booklets] == ["A", "B"]


def test_a_missing_row_of_a_known_booklet_is_an_omission(place):
    table = pl.DataFrame(
        {
            "person": [1, 1, 2, 3],
            "item": ["q1", "q2", "q1", "q3"],
            "score": [1, 0, 1, 1],
            "variant": ["A", "A", "A", "B"],
        }
    )
    table.write_parquet(place / "t.parquet")
    known = read(Long(place / "t.parquet", booklet="variant"))
    assert known.blocks[0].scores.tolist() == [[1, 0], [1, OMITTED]]
    unknown = read(Long(place / "t.parquet"))
    assert len(unknown.design.booklets) == 3


def test_one_person_may_write_two_booklets(place):
    table = pl.DataFrame(
        {"person": [1, 1], "item": ["q1", "q1"], "score": [1, 0], "variant": ["A", "B"]}
    )
    table.write_parquet(place / "t.parquet")
    assert read(Long(place / "t.parquet", booklet="variant")).works == 2
    with pytest.raises(errors.DuplicateResponse, match="участника 1 задание q1"):
        read(Long(place / "t.parquet"))


def test_codes_of_missing_are_told_apart(place):
    rows = pl.DataFrame({"person": [1, 2], "q1": [9, 1], "q2": [8, 0], "q3": [7, 1]})
    rows.write_csv(place / "t.csv")
    coding = Coding(omitted=("9",), not_reached=("8",), not_administered=("7",))
    responses = read(Wide(place / "t.csv"), coding=coding)
    assert responses.matrix().tolist() == [[OMITTED, NOT_REACHED, -1], [1, 0, 1]]


def test_answers_are_scored_by_the_rule_and_kept(place):
    rows = pl.DataFrame({"person": [1, 2, 3], "q1": ["A", "B", "C"], "q2": ["B", "B", None]})
    rows.write_csv(place / "t.csv")
    rules = key({"q1": "B", "q2": "B"}, options="ABC")
    responses = read(Wide(place / "t.csv"), rules=rules, keep_answers=True)
    assert responses.design.items[0].responses == (("A", 0), ("B", 1), ("C", 0))
    assert responses.matrix().tolist() == [[0, 1], [1, 1], [0, -1]]
    assert responses.blocks[0].chosen.tolist() == [[0, 1], [1, 1]]
    melted = rows.unpivot(index="person", variable_name="item", value_name="score").drop_nulls()
    melted.write_parquet(place / "t.parquet")
    again = read(Long(place / "t.parquet"), rules=rules, keep_answers=True)
    assert again.matrix().tolist() == responses.matrix().tolist()
    assert [b.chosen.tolist() for b in again.blocks] == [
        b.chosen.tolist() for b in responses.blocks
    ]


def test_an_answer_the_rule_does_not_know_is_named(place):
    pl.DataFrame({"person": [1], "q1": ["Z"]}).write_csv(place / "t.csv")
    with pytest.raises(errors.ScoreOutsideRule, match="«Z» на задание q1") as caught:
        read(Wide(place / "t.csv"), rules=ScoringRules({"q1": {"A": 1}}))
    assert caught.value.items == ("q1",)
    open_answers = ScoringRules({"q1": {"A": 1}}, otherwise=0)
    assert read(Wide(place / "t.csv"), rules=open_answers).matrix().tolist() == [[0]]


@pytest.mark.parametrize("cell", ["-1", "2.5", "x", "127"])
def test_a_cell_that_is_no_score_is_named(place, cell):
    pl.DataFrame({"person": [1, 2], "q1": [cell, "1"]}).write_csv(place / "t.csv")
    with pytest.raises(errors.ScoreOutsideRule, match="q1"):
        read(Wide(place / "t.csv"))


def test_rules_are_read_from_a_table(place):
    pl.DataFrame(
        {
            "item": ["q1", "q1", "q2"],
            "response": ["a", "b", "c"],
            "score": [0, 2, 1],
            "domain": ["x", "x", "y"],
        }
    ).write_csv(place / "rules.csv")
    rules = read_rules(place / "rules.csv")
    assert rules.item("q1").scores == (0, 2)
    assert rules.item("q2").domain == "y"
    pl.DataFrame({"item": ["q1"], "key": ["b"]}).write_csv(place / "key.csv")
    assert read_rules(place / "key.csv").item("q1").responses == (("b", 1),)
    with pytest.raises(errors.BadData, match="q9"):
        rules.item("q9")


def test_groups_and_weights_come_along(place):
    rows = ROWS.with_columns(
        pl.Series("school", ["s2", "s1", None, "s1"]), pl.Series("w", [1.0, 2.0, 0.5, 1.0])
    )
    rows.write_parquet(place / "t.parquet")
    responses = read(Wide(place / "t.parquet", groups=("school",), weight="w"))
    assert responses.groups["school"] == ("s1", "s2")
    assert responses.blocks[0].groups["school"].tolist() == [1, 0, -1]
    assert responses.where("school", "s1").works == 2
    assert sufficient_statistics(responses).booklets[0].score_counts.tolist() == [0, 3.0, 0.5]
    with pytest.raises(errors.BadData, match="класс"):
        responses.where("класс", "5А")


def test_a_lost_column_is_named_with_those_that_are_there(place):
    ROWS.write_csv(place / "t.csv")
    with pytest.raises(errors.BadData, match="нет столбцов pupil; есть: person, q1"):
        read(Wide(place / "t.csv", person="pupil"))


def test_a_path_without_files_is_named(place):
    with pytest.raises(errors.BadData, match="Нет файлов"):
        read(Wide(place / "nothing.csv"))


def test_a_group_that_changes_inside_a_work_is_refused(place):
    table = pl.DataFrame(
        {"person": [1, 1], "item": ["a", "b"], "score": [1, 0], "class": ["x", "y"]}
    )
    table.write_parquet(place / "t.parquet")
    with pytest.raises(errors.BadData, match="«class» меняется"):
        read(Long(place / "t.parquet", groups=("class",)))


def test_russian_text_of_an_old_office_is_read(place):
    (place / "t.csv").write_bytes("person;школа;q1\n1;Лицей;1\n".encode("cp1251"))
    responses = read(Wide(place / "t.csv", groups=("школа",)))
    assert responses.groups["школа"] == ("Лицей",)


def test_the_matrix_of_long_and_wide_is_the_same_for_many_booklets(place):
    chance = np.random.default_rng(7)
    scores = chance.integers(0, 4, (300, 12)).astype(np.int64)
    table = pl.DataFrame(
        {"person": np.arange(300)} | {f"i{n:02d}": scores[:, n] for n in range(12)}
    )
    gaps = chance.integers(0, 3, 300)
    table = table.with_columns(
        pl.when(pl.Series(gaps) == n // 4)
        .then(None)
        .otherwise(pl.col(f"i{n:02d}"))
        .alias(f"i{n:02d}")
        for n in range(12)
    )
    table.write_parquet(place / "w.parquet")
    long_of(table).write_parquet(place / "l.parquet")
    wide, long = read(Wide(place / "w.parquet")), read(Long(place / "l.parquet"))
    assert len(wide.design.booklets) == len(long.design.booklets) == 3

    def by_person(responses):
        order = np.argsort(np.concatenate([block.persons for block in responses.blocks]))
        return responses.matrix()[order].tolist()

    assert by_person(wide) == by_person(long)
