"""A table that is not whole, or not a table, is refused by name, whoever reads it: nothing is half read."""

from __future__ import annotations

import polars as pl
import pytest
import xlsxwriter

from merilo_psychometrics import errors
from merilo_psychometrics.calibration import calibrate_cml
from merilo_psychometrics.data import Long, Wide, count, read, tables
from merilo_psychometrics.design import Design
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.statistics import SufficientStatistics

GOOD = "person,q1,q2,q3\n1,1,0,1\n2,0,1,1\n3,1,1,0\n"


def refused(source, *said, engine="local"):
    for verb in (read, lambda data: count(data, engine=engine)):
        with pytest.raises(errors.BadData) as caught:
            verb(source)
        for words in said:
            assert words in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "файл пуст"),
        ("binary.csv", b"\x00\x98\x98\xff\n\x98", "не текст в знакомой кодировке"),
        ("utf16.csv", GOOD.encode("utf-16"), "UTF-16"),
        ("twice.csv", b"person,q1,q2,q1\n1,1,0,1\n", "дважды стоят столбцы q1"),
        ("broken.parquet", b"no parquet", "parquet"),
        ("broken.xlsx", b"no workbook", "Zip"),
        ("unanswered.csv", b"person,q1,q2\n1,,\n2,,\n", "нет ни одного ответа"),
        ("head.csv", b"person,q1,q2\n", "нет строк"),
    ],
)
def test_what_is_no_table_is_refused_by_the_library_itself(name, content, said, tmp_path):
    (tmp_path / name).write_bytes(content)
    refused(Wide(tmp_path / name), name, said)


@pytest.mark.parametrize(
    ("text", "row", "said"),
    [
        (GOOD + "4,1,0\n", 5, "3 из 4"),
        (GOOD + "4,1\n5,1,0,1\n", 5, "2 из 4"),
        (GOOD + "4,1,0,1,1\n", 5, "5 из 4"),
        ("person;q1;q2\r\n1;1;0\r\n\r\n2;1\r\n", 4, "2 из 3"),
        ('person,q1,q2\n"Ы, 1",1,0\n"two\nlines",1\n', 3, "2 из 3"),
    ],
)
def test_a_row_cut_short_or_too_long_is_named_by_its_line(text, row, said, tmp_path):
    place = tmp_path / "torn.csv"
    place.write_bytes(text.encode())
    refused(Wide(place), "torn.csv", f"строке {row}", said)
    refused(Wide(place, items=("q1",)), f"строке {row}")  # the columns beyond are not asked for


def test_cells_in_quotation_marks_and_empty_lines_are_whole_rows(tmp_path):
    place = tmp_path / "whole.csv"
    place.write_text('person,q1,q2\n"a, b",1,0\n\n"two\nlines ""x""",0,1\n"last",1,1')
    assert count(Wide(place)).works == 3


def test_the_columns_of_every_file_and_of_the_sheet_named_are_looked_at(tmp_path):
    (tmp_path / "a.csv").write_text(GOOD)
    (tmp_path / "b.csv").write_text("person,q1,q2,q1\n1,1,0,1\n")
    refused(Wide(f"{tmp_path}/*.csv"), "b.csv", "q1")
    place = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(place) as book:
        book.add_worksheet("first").write_row(0, 0, ["person", "q1"])
        second = book.add_worksheet("second")
        second.write_row(0, 0, ["person", "q1", "q1"])
        second.write_row(1, 0, [1, 1, 0])
    refused(Wide(place, table="second"), "book.xlsx", "q1")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_cell_that_is_no_score_names_its_item_in_a_long_table_too(kind, tmp_path):
    table = pl.DataFrame(
        {"person": [1, 1, 2, 2], "item": ["a", "b", "a", "b"], "score": ["1", "0", "1", "много"]}
    )
    place = tmp_path / f"long.{kind}"
    table.write_csv(place) if kind == "csv" else table.write_parquet(place)
    refused(Long(place), "«много» в задании b")
    numbers = table.with_columns(
        item=pl.Series([7, 8, 7, 8]), score=pl.Series([1, 0, 1, 300], dtype=pl.Int64)
    )
    numbers.write_parquet(tmp_path / "numbers.parquet")
    refused(Long(tmp_path / "numbers.parquet"), "«300» в задании 8")


def test_other_engines_refuse_the_same_tables(tmp_path):
    for name, text, said in (
        ("empty.csv", "", "файл пуст"),
        ("torn.csv", GOOD + "4,1\n", "строке 5"),
        ("twice.csv", "person,q1,q1\n1,1,0\n", "q1"),
        ("unanswered.csv", "person,q1,q2\n1,,\n2,,\n", "нет ни одного ответа"),
    ):
        (tmp_path / name).write_text(text)
        refused(Wide(tmp_path / name), name, said, engine="duckdb")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_long_reading_says_how_far_it_has_come(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "BATCH_ROWS", 100)
    monkeypatch.setattr(tables, "SMALL_BYTES", 0)
    table = pl.DataFrame({"person": range(1000), "q1": [0, 1] * 500, "q2": [1, 0] * 500})
    for part in range(4):
        piece, place = table[part * 250 : part * 250 + 250], tmp_path / f"{part}.{kind}"
        piece.write_csv(place) if kind == "csv" else piece.write_parquet(place)
    for verb in (read, count):
        said = []
        verb(Wide(f"{tmp_path}/*.{kind}"), told=lambda *rows, said=said: said.append(rows))
        assert {total for _, total in said} == {1000}
        assert [done for done, _ in said] == sorted({done for done, _ in said})
        assert said[-1] == (1000, 1000)
        assert len(said) > 1


def test_counts_of_nothing_are_not_calibrated():
    nothing = SufficientStatistics(Design((), ()), (), Provenance("count", ""))
    with pytest.raises(errors.TooFewPersons):
        calibrate_cml(nothing)
