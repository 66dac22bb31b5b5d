"""The loader refuses what a lawyer could not check, and names the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from merilo import law
from merilo.law import InvalidLaw, files

from .conftest import WriteLaw

VALUE = "{value: 7, act: norm, paragraph: п. 1, certainty: A}"
GOOD = {
    "acts.yaml": "norm: {title: Норма, short: Норма, rank: federal_norm}\n",
    "parameters/group.yaml": (
        "days: {title: Дни, unit: дни, kind: integer}\n"
        "hour: {title: Час, unit: час, kind: time}\n"
        "flag: {title: Да или нет, unit: '', kind: flag}\n"
        "way: {title: Способ, unit: '', kind: choice, choices: {a: первый, b: второй}}\n"
    ),
    "profiles/land/profile.yaml": (
        "title: Земля\nvalid_from: 2025-01-01\ncalendar: ru\ntimezone: Europe/Moscow\n"
    ),
    "profiles/land/group.yaml": f"days:\n  2025-01-01: {VALUE}\n",
}


def read_everything() -> None:
    law.acts()
    law.definitions()
    law.profile("land")


def test_a_well_formed_folder_is_read(write_law: WriteLaw) -> None:
    write_law(GOOD)
    read_everything()
    assert "land" in law.profile_ids()


BAD_ACTS = [
    ("norm: {title: Норма, short: Норма, rank: king}", "'king' is not a valid Rank"),
    ("norm: {title: Норма, short: Норма}", "'rank'"),
    ("norm: {title: Норма, rank: federal_norm}", "short"),
    ("norm: {title: Норма, short: Н, rank: federal_norm, colour: red}", "colour"),
    ("norm: Норма", "act 'norm'"),
    ("norm: {title: Н, short: Н, rank: federal_norm, adopted: soon}", "soon is not a day"),
    ("norm: {rank: federal_norm, rank: federal_norm}", "written twice: rank"),
    ("norm: [", "not YAML"),
    ("- norm", "not a list or a word"),
]
BAD_DEFINITIONS = [
    ("days: {title: Дни, unit: дни}", "missing or unknown: ['kind']"),
    ("days: {title: Дни, unit: дни, kind: integer, color: red}", "['color']"),
    ("days: {title: Дни, unit: дни, kind: week}", "unknown kind 'week'"),
    ("days: {title: Дни, unit: дни, kind: choice}", "a choice lists its choices"),
    ("days: {title: Дни, unit: дни, kind: integer, choices: {a: b}}", "a choice lists"),
    ("days: {title: Дни, unit: дни, kind: integer, stricter: more}", "only a number is stricter"),
    ("days: {title: Дни, unit: дни, kind: flag, stricter: higher}", "only a number is stricter"),
    ("days: дни", "a parameter has title, unit and kind"),
]
BAD_VALUES = [
    ("weeks:\n  2025-01-01: " + VALUE, "group.weeks is not defined in parameters/group.yaml"),
    ("days: 7", "each value stands under the day it begins"),
    ("days:\n  soon: " + VALUE, "from soon: this is not a day"),
    ("days:\n  2025-01-01 10:00:00: " + VALUE, "this is not a day"),
    ("days:\n  2025-01-01: 7", "a value has value, act, paragraph and certainty"),
    ("days:\n  2025-01-01: {value: 7}", "['act', 'certainty', 'paragraph']"),
    ("days:\n  2025-01-01: " + VALUE.replace("A}", "A, why: x}"), "['why']"),
    ("days:\n  2025-01-01: " + VALUE.replace("norm", "law"), "act 'law' is not listed"),
    ("days:\n  2025-01-01: " + VALUE.replace("A}", "E}"), "certainty is A, B, C or D, not 'E'"),
    ("days:\n  2025-01-01: " + VALUE.replace("A}", "A, until: 2024-12-31}"), "cannot end on"),
    ("days:\n  2025-01-01: " + VALUE.replace("A}", "A, until: later}"), "cannot end on later"),
    ("days:\n  2025-01-01: " + VALUE.replace("7", "seven"), "'seven' is not a value of kind"),
    ("days:\n  2025-01-01: " + VALUE.replace("7", "true"), "True is not a value of kind integer"),
    ("flag:\n  2025-01-01: " + VALUE, "7 is not a value of kind flag"),
    ("way:\n  2025-01-01: " + VALUE.replace("7", "c"), "'c' is not a value of kind choice"),
    ("hour:\n  2025-01-01: " + VALUE.replace("7", "'25:00'"), "is not a time of day"),
    ("hour:\n  2025-01-01: " + VALUE.replace("7", "12:00"), "720 is not a value of kind time"),
    (f"days:\n  2025-01-01: {VALUE}\n  2025-01-01: {VALUE}", "written twice: 2025-01-01"),
]
HEAD = GOOD["profiles/land/profile.yaml"]
BAD_PROFILES = [
    (HEAD.replace("title: Земля\n", ""), "['title']"),
    (HEAD + "colour: red\n", "['colour']"),
    (HEAD + "parent: land\n", "its own ancestor"),
    (HEAD + "parent: nowhere\n", "Профиля 'nowhere' нет"),
    (HEAD.replace("calendar: ru\n", ""), "lack ['calendar']"),
    (HEAD.replace("timezone: Europe/Moscow\n", ""), "lack ['timezone']"),
    (HEAD.replace("Europe/Moscow", "Europe/Moskva"), "unknown timezone Europe/Moskva"),
    (HEAD.replace("Europe/Moscow", "3"), "unknown timezone 3"),
    (HEAD.replace("calendar: ru", "calendar: mars"), "no working-day calendar 'mars'"),
    (HEAD.replace("2025-01-01", "2025"), "valid_from is not a day: 2025"),
    (HEAD + "valid_to: never\n", "valid_to is not a day: never"),
]


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [("acts.yaml", *case) for case in BAD_ACTS]
    + [("parameters/group.yaml", *case) for case in BAD_DEFINITIONS]
    + [("profiles/land/group.yaml", *case) for case in BAD_VALUES]
    + [("profiles/land/profile.yaml", *case) for case in BAD_PROFILES],
)
def test_a_malformed_law_file_is_refused(
    write_law: WriteLaw, name: str, text: str, complaint: str
) -> None:
    write_law(GOOD | {name: text})
    with pytest.raises(law.LawError) as refusal:
        read_everything()
    assert complaint in str(refusal.value)
    assert "land" in str(refusal.value) or name in str(refusal.value) or "mars" in complaint


def test_a_folder_that_is_not_there_is_refused(
    monkeypatch: pytest.MonkeyPatch, write_law: Callable[..., Path]
) -> None:
    monkeypatch.setenv("MERILO_LAW_DIR", "/nowhere/at/all")
    with pytest.raises(InvalidLaw, match="/nowhere/at/all"):
        law.acts()


def test_a_file_that_is_not_text_is_refused(write_law: WriteLaw) -> None:
    folder = write_law(GOOD)
    (folder / "acts.yaml").write_bytes(b"\xff\xfe\x00norm")
    with pytest.raises(InvalidLaw, match="not YAML"):
        law.acts()


def test_an_empty_file_is_an_empty_one(tmp_path: Path) -> None:
    empty = tmp_path / "empty.yaml"
    empty.write_text("# nothing yet\n", encoding="utf-8")
    assert files.read_yaml(empty) == {}


def test_a_reading_of_one_value_stands_before_that_of_the_parameter() -> None:
    value = law.profile("federal").value("retest.base", on=law.profile("federal").valid_from)
    assert value.reading == "Три месяца идут со дня неуспешного тестирования."


def test_an_act_can_be_cited_where_no_parameter_stands() -> None:
    source = law.cite("letter-03-608", "п. 18")
    assert str(source) == "Методические рекомендации (письмо N 03-608), п. 18"
    assert str(law.Source(source.act, "")) == source.act.short
