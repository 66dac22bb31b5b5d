"""A refusal at the command line names options and plain words, never a function of the library."""

from __future__ import annotations

import argparse
import ast
import re
from pathlib import Path

import polars as pl
import pytest

from merilo_psychometrics.command import VERBS, add_arguments, main
from merilo_psychometrics.command.remedies import plain
from merilo_psychometrics.errors import (
    ExtremeItem,
    MeasurementError,
    UntreatedOmissions,
    UnusedCategory,
)

LIBRARY = Path(__file__).resolve().parents[2] / "src" / "merilo_psychometrics"
# A name of Python: with an underscore, called, given a value, or after a dot.
PYTHON = re.compile(r"[A-Za-z]\w*_\w+|\w+\(|\w=(?!\w* \d)|\brescored\b|\((?:where|only|focal)\)")
# Columns of a table and numbers of a statistic are no names of Python.
KNOWN = re.compile(r"l_z\*|conditional_sem\.csv")


def sentences():
    """Every sentence of an error of the library: Russian and English, «…» for what is filled in."""
    found = []
    for path in sorted(LIBRARY.rglob("*.py")):
        if {"command", "report", "bench"} & set(path.relative_to(LIBRARY).parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and len(node.args) > 1:
                said = [text(arg) for arg in node.args[:2]]
                if None not in said and re.search("[а-я]{4}", said[0]):
                    found.append(pytest.param(*said, id=f"{path.stem}-{node.lineno}"))
    return found


def text(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "7" for part in node.values]
        return "".join(parts)
    return None


def options_of(verb):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    given = {"link": ["X", "Y"], "simulate": [], "standards": ["X", "--method", "angoff"],
             "dif": ["X", "--by", "g"]}  # fmt: skip
    return vars(parser.parse_args([verb, *given.get(verb, ["X"])]))


@pytest.fixture(scope="module")
def verbs():
    return {verb: options_of(verb) for verb in VERBS}


@pytest.mark.parametrize(("russian", "english"), sentences())
def test_no_sentence_of_the_library_names_python_at_the_command_line(russian, english, verbs):
    for verb, options in verbs.items():
        for said in plain(MeasurementError(russian, english), options):
            assert not PYTHON.search(KNOWN.sub("", said)), f"{verb}: {said}"
            for option in re.findall(r"--([a-z-]+)", said):
                there = option.replace("-", "_") in options
                assert there or f"--{option}" in russian + english, f"{verb} has no --{option}"


def test_a_sentence_names_the_option_with_the_items_where_the_verb_has_it(verbs):
    extreme = ExtremeItem(["q3", "q4"], [])
    assert "(--without-items q3,q4)" in plain(extreme, verbs["calibrate"])[0]
    assert "(--without-items q3,q4)" in plain(extreme, verbs["calibrate"])[1]
    assert "without" not in plain(extreme, verbs["raters"])[1]
    unused = plain(UnusedCategory([("q1", 2)]), verbs["calibrate"])[0]
    assert "(--drop-unused-scores)" in unused
    assert "(--rules)" in unused
    undecided = plain(UntreatedOmissions("calibrate_cml", ["A"]), verbs["calibrate"])
    assert all("--omitted" in said for said in undecided)
    assert not any("calibrate_cml" in said for said in undecided)


def test_a_name_of_an_item_is_said_as_it_is(verbs):
    strange = ExtremeItem([r"q\1", "rescored"], [])
    said = plain(strange, verbs["calibrate"])[0]
    assert r"(--without-items q\1,rescored)" in said


def test_a_database_without_a_table_is_told_the_option(tmp_path, capsys):
    assert main(["describe", f"sqlite:///{tmp_path}/a.db"]) == 1
    told = capsys.readouterr().err
    assert "(--table)" in told
    assert "table=" not in told


def test_a_refusal_in_json_is_said_in_options_too(tmp_path, capsys):
    table = {"person": [1, 2, 3], "q1": [1, 0, 1], "q2": [0, 0, 0]}
    pl.DataFrame(table).write_csv(tmp_path / "zero.csv")
    assert main(["calibrate", str(tmp_path / "zero.csv"), "--json"]) == 1
    seen = capsys.readouterr()
    assert '"kind": "ExtremeItem"' in seen.out
    assert "without_items" not in seen.out + seen.err
    assert seen.err.count("--without-items") == 1
