"""The scoring specifications: what is shipped, what may be loaded, look-alike letters."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merilo import law
from merilo.law import Form, InvalidLaw, Mode, NoSuchSpecification, Part, SpecStatus
from merilo.law.scoring import specification_path

from .conftest import WriteLaw

DAY = date(2026, 3, 16)
ORAL_CODES = ["Д1", "Д2", "М1", "М2", "М3", "Ч1", "Ч2", "Ч3", "П1", "П2"]


@pytest.mark.parametrize(
    ("grade", "total", "minimum", "written"),
    [(1, 10, 9, 0)]
    + [(grade, 20, 18, 10) for grade in range(2, 6)]
    + [(grade, 22, 20, 12) for grade in range(6, 10)]
    + [(10, 24, 22, 14), (11, 24, 22, 14)],
)
def test_the_thresholds_of_each_grade(grade: int, total: int, minimum: int, written: int) -> None:
    form = Form.ORAL if grade == 1 else Form.ORAL_WRITTEN
    spec = law.specification(grade, form, on=DAY)
    assert (spec.total_max, spec.total_min, spec.written_max) == (total, minimum, written)
    assert (spec.oral_max, spec.oral_min) == (10, 9)
    assert minimum == -(-total * 9 // 10), "90 per cent, rounded up"


def test_grades_1_and_10_are_whole_and_the_others_wait_for_their_written_part() -> None:
    confirmed = set()
    for grade in range(1, 12):
        form = Form.ORAL if grade == 1 else Form.ORAL_WRITTEN
        spec = law.specification(grade, form, on=DAY)
        assert spec.written_by_total is (spec.status == SpecStatus.NEEDS_SPECIFICATION)
        if spec.status == SpecStatus.CONFIRMED:
            confirmed.add(grade)
    assert confirmed == {1, 10}


def test_no_other_grade_is_padded_with_the_written_criteria_of_grade_10() -> None:
    for grade in (2, 5, 6, 9, 11):
        assert law.specification(grade, Form.ORAL_WRITTEN, on=DAY).part(Part.WRITTEN) == ()


def test_grade_1_has_its_own_ten_criteria() -> None:
    codes = [one.code for one in law.specification(1, Form.ORAL, on=DAY).criteria]
    assert codes == ["Д1", "Д2", "Д3", "М1", "М2", "Ч1", "Ч2", "Ч3", "П1", "П2"]


def test_grade_10_has_the_24_criteria_of_the_form() -> None:
    spec = law.specification(10, Form.ORAL_WRITTEN, on=DAY)
    assert [one.code for one in spec.part(Part.ORAL)] == ORAL_CODES
    written = ["З5", "З6", "З7", "З8", "И1", "И2", "И3", "И4"] + [f"З{n}" for n in range(10, 16)]
    assert [one.code for one in spec.part(Part.WRITTEN)] == written
    assert {one.task for one in spec.criteria if one.code.startswith("И")} == {9}


@pytest.mark.parametrize("grade", range(2, 12))
def test_the_literal_form_asks_22_and_9_of_every_grade_from_2(grade: int) -> None:
    spec = law.specification(grade, Form.ORAL_WRITTEN, on=DAY, mode=Mode.LITERAL_ORDER_FORM)
    assert (len(spec.criteria), spec.total_max, spec.total_min, spec.oral_min) == (24, 24, 22, 9)
    assert spec.thresholds["total_min"].source.act.id == "order-23a-566"


def test_the_literal_form_changes_nothing_for_an_oral_test() -> None:
    spec = law.specification(1, Form.ORAL, on=DAY, mode=Mode.LITERAL_ORDER_FORM)
    assert spec.id == "grade-1-oral"


def test_the_oral_only_test_of_grades_2_to_11_begins_with_order_727() -> None:
    spec = law.specification(7, Form.ORAL, on=date(2025, 10, 19))
    assert (spec.total_max, spec.total_min, spec.written_max) == (10, 9, 0)
    assert spec.thresholds["total_min"].certainty == "D"
    assert not spec.written_by_total
    with pytest.raises(NoSuchSpecification, match="7 класса"):
        law.specification(7, Form.ORAL, on=date(2025, 10, 18))


def test_grade_1_is_never_written() -> None:
    with pytest.raises(NoSuchSpecification):
        law.specification(1, Form.ORAL_WRITTEN, on=DAY)


def as_data(**changes: Any) -> dict[str, Any]:
    """A specification for grade 5 as a region would load it, with written criteria."""
    threshold = {"act": "order-510", "paragraph": "спецификация", "certainty": "A"}
    data: dict[str, Any] = {
        "id": "grade-5-loaded",
        "grades": [5],
        "form": "oral_written",
        "status": "confirmed",
        "valid_from": "2026-01-01",
        "oral": {"1": {"Д1": 4}, "2": {"M1": 6}},
        "written": {"5": {"35": 10}},
        "thresholds": {
            name: threshold | {"value": value}
            for name, value in {
                "total_max": 20,
                "total_min": 18,
                "oral_max": 10,
                "oral_min": 9,
                "written_max": 10,
            }.items()
        },
    }
    return data | changes


def test_a_loaded_specification_comes_before_the_shipped_one_from_its_day() -> None:
    loaded = (
        law.specification_from_data(as_data(), "загрузка"),
        law.specification_from_data(as_data(id="newer", valid_from="2026-03-01"), "загрузка"),
    )

    def used(on: date, grade: int = 5) -> str:
        return law.specification(grade, Form.ORAL_WRITTEN, on=on, loaded=loaded).id

    assert used(date(2025, 12, 31)) == "grades-2-5"
    assert used(date(2026, 1, 1)) == "grade-5-loaded"
    assert used(DAY) == "newer"
    assert used(DAY, grade=4) == "grades-2-5"


def test_a_loaded_specification_ends_on_its_last_day() -> None:
    data = as_data(valid_from=date(2026, 1, 1), valid_to=date(2026, 3, 15))
    loaded = (law.specification_from_data(data, "загрузка"),)
    last = law.specification(5, Form.ORAL_WRITTEN, on=date(2026, 3, 15), loaded=loaded)
    after = law.specification(5, Form.ORAL_WRITTEN, on=DAY, loaded=loaded)
    assert (last.id, after.id) == ("grade-5-loaded", "grades-2-5")


def test_codes_are_put_right_when_loaded() -> None:
    spec = law.specification_from_data(as_data(oral={1: {"Д1": 4}, 2: {41: 6}}), "загрузка")
    assert [one.code for one in spec.criteria] == ["Д1", "Ч1", "З5"]


def test_a_specification_survives_being_kept_as_data() -> None:
    for spec in law.shipped_specifications():
        kept = law.specification_as_data(spec)
        assert law.specification_from_data(kept, "хранилище") == spec


def broken(path: str, value: Any) -> dict[str, Any]:
    data = copy.deepcopy(as_data())
    place = data
    *steps, last = path.split(".")
    for step in steps:
        place = place[step]
    place[last] = value
    return data


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (broken("written", {"5": {"З5": 9}}), "сумма письменных критериев 9, а указано 10"),
        (broken("oral", {"1": {"Д1": 4}}), "сумма устных критериев 4, а указано 10"),
        (broken("oral", {"1": {"Д1": 4}, "2": {"Д1": 6}}), "критерии повторяются: Д1"),
        (broken("oral", {"1": {"Д1": 0}}), "максимум критерия"),
        (broken("oral", {"1": {"Д1": True}}), "максимум критерия"),
        (broken("oral", {"1": {"Д1": "4"}}), "максимум критерия"),
        (broken("thresholds.total_max.value", "20"), "пороги должны быть целыми"),
        (broken("thresholds.total_max.value", 21), "не дают 21"),
        (broken("thresholds.total_min.value", 21), "минимум успешности"),
        (broken("thresholds.oral_min.value", 0), "минимум успешности"),
        (broken("thresholds.total_min.act", "nobody"), "cannot be read"),
        (broken("thresholds", {}), "cannot be read"),
        (broken("form", "oral"), "у устной формы не может быть письменных баллов"),
        (broken("form", "spoken"), "cannot be read"),
        (broken("grades", []), "классы — от 1 до 11"),
        (broken("grades", [12]), "классы — от 1 до 11"),
        (broken("written", {}), "должна содержать письменные критерии"),
        (broken("valid_from", "2026-02-30"), "cannot be read"),
        (broken("valid_from", 2026), "cannot be read"),
        (broken("valid_to", "2025-01-01"), "раньше начала"),
        (broken("oral", {"первое": {"Д1": 4}}), "cannot be read"),
        (broken("oral", ["Д1"]), "cannot be read"),
    ],
)
def test_a_specification_that_contradicts_itself_is_refused(
    data: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(InvalidLaw, match="загрузка") as refusal:
        law.specification_from_data(data, "загрузка")
    assert complaint in str(refusal.value)


@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        ("M1", "М1"),
        ("41", "Ч1"),
        ("43", "Ч3"),
        ("35", "З5"),
        ("310", "З10"),
        ("315", "З15"),
        (" д1 ", "Д1"),
        ("И4", "И4"),
        ("П1", "П1"),
        ("5", "5"),
        ("55", "55"),
    ],
)
def test_look_alike_letters_of_a_scanned_form_are_put_right(printed: str, meant: str) -> None:
    assert law.normalise_criterion_code(printed) == meant


@given(st.text(max_size=6))
def test_putting_letters_right_twice_changes_nothing_more(code: str) -> None:
    once = law.normalise_criterion_code(code)
    assert law.normalise_criterion_code(once) == once


def test_thresholds_are_values_by_grade_and_form() -> None:
    profile = law.profile("primorye-2025")
    values = {
        value.name: value
        for value in law.threshold_values(profile, on=DAY, mode=Mode.BY_GRADE_SPEC)
    }
    found = values["scoring.grade_5.oral_written.total_min"]
    assert (found.value, found.certainty, found.profile) == (18, "B", "primorye-2025")
    literal = {
        value.name: value.value
        for value in law.threshold_values(profile, on=DAY, mode=Mode.LITERAL_ORDER_FORM)
    }
    assert literal["scoring.grade_5.oral_written.total_min"] == 22
    assert literal["scoring.grade_1.oral.total_min"] == 9
    early = law.threshold_values(profile, on=date(2025, 4, 1), mode=Mode.LITERAL_ORDER_FORM)
    assert {value.name.split(".")[2] for value in early} == {"oral"}


def test_the_file_of_a_specification_can_be_shown(write_law: WriteLaw) -> None:
    path = specification_path("grade-10")
    assert path is not None and path.name == "grade-10.yaml"
    folder = write_law({"scoring/ours.yaml": "{}"})
    assert specification_path("ours") == folder / "scoring" / "ours.yaml"
    assert specification_path("nobody's") is None
